package address

import (
	"cmp"
	"slices"
	"strings"

	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain/household"
	"wangge/domain/place"
)

// How sure a match is: each part that was asked for and is not there, or the
// other way round, takes something off.
const (
	exact     = 0.95
	longer    = 0.9  // the text says more of the estate than the list
	shorter   = 0.7  // or less
	scattered = 0.5  // its letters are there, but not in one piece
	noEstate  = 0.5  // of any estate
	noRoom    = 0.92 // the list does not have the door, but its building
	noUnit    = 0.97
	noHouse   = 0.3  // nor the building
	noted     = 0.7  // something behind the house was not understood, as 旁 and 对面
	unasked   = 0.45 // an estate without a building
	oneSpot   = 100  // metres within which two matches are of one place
)

// group is the addresses of one match.
type group struct {
	entries []entry
	level   string
}

// rank makes matches of the addresses that have the parts asked for.
func (l *lookup) rank(entries []entry) *Result {
	out := &Result{}
	groups, doors := map[string]*group{}, 0
	var order []string
	for _, e := range entries {
		doors += e.doors
		key, level := l.groupOf(e)
		if groups[key] == nil {
			groups[key] = &group{level: level}
			order = append(order, key)
		}
		groups[key].entries = append(groups[key].entries, e)
	}
	if l.asked.Building == "" && len(groups) > 1 && !l.oneEstate(entries) {
		groups, order = byEstate(entries)
	}
	for _, key := range order {
		out.Matches = append(out.Matches, l.match(groups[key]))
	}
	slices.SortStableFunc(out.Matches, func(a, b Match) int { return cmp.Compare(b.Confidence, a.Confidence) })
	doubt(out.Matches)
	out.More = doors > 1 && (len(out.Matches) > 1 || l.asked.Building == "")
	return out
}

// groupOf is which match an address belongs to: a door that was asked for, or its building.
func (l *lookup) groupOf(e entry) (key, level string) {
	building := buildingOf(e.plain, e.Place.Street)
	if l.asked.Room != "" || l.asked.Floor != "" {
		return building + "|" + e.plain.Unit + "|" + door(e.plain), Door
	}
	return building, Building
}

func (l *lookup) oneEstate(entries []entry) bool {
	return !slices.ContainsFunc(entries, func(e entry) bool {
		return e.plain.Estate != entries[0].plain.Estate || e.Place.Street != entries[0].Place.Street
	})
}

// byEstate groups addresses of several estates.
func byEstate(entries []entry) (map[string]*group, []string) {
	out, order := map[string]*group{}, []string(nil)
	for _, e := range entries {
		key := e.plain.Estate + "|" + e.Place.Street
		if out[key] == nil {
			out[key] = &group{level: Estate}
			order = append(order, key)
		}
		out[key].entries = append(out[key].entries, e)
	}
	return out, order
}

// match is what a group comes to; the address that says least stands for it, of a list before a household.
func (l *lookup) match(g *group) Match {
	best := slices.MinFunc(g.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(parts(a.plain), parts(b.plain)), cmp.Compare(len(a.home), len(b.home)))
	})
	m := Match{Candidate: best.Candidate, Scheme: best.scheme, Code: best.code, Address: best.address, Level: g.level}
	for _, e := range g.entries {
		m.Doors += e.doors
		if g.level == Door && e.home != "" && m.Household == "" {
			m.Household = e.home
		}
	}
	switch g.level {
	case Building:
		m.Address = household.Address{Estate: best.address.Estate, Building: best.address.Building}
	case Estate:
		m.Address = household.Address{Estate: best.address.Estate}
	}
	m.Text, m.Confidence = m.Address.String(), l.confidence(best.plain)
	return m
}

// parts is how many parts an address has.
func parts(plain household.Address) (n int) {
	for _, text := range []string{plain.Building, plain.Unit, plain.Floor, plain.Room} {
		if text != "" {
			n++
		}
	}
	return n
}

// confidence is how sure an address with the parts asked for is what was meant.
func (l *lookup) confidence(plain household.Address) float64 {
	meant, out := l.reading.Plain(), exact
	switch {
	case meant.Estate == "":
		out *= noEstate
	case meant.Estate == plain.Estate:
	case strings.Contains(meant.Estate, plain.Estate):
		out *= longer
	case strings.Contains(plain.Estate, meant.Estate):
		out *= shorter
	default:
		out *= scattered
	}
	switch {
	case meant.Building == "":
		out *= unasked
	case l.asked.Building == "":
		out *= noHouse
	}
	if door(meant) != "" && door(l.asked) == "" {
		out *= noRoom
	}
	if meant.Unit != "" && l.asked.Unit == "" || meant.Unit == "" && plain.Unit != "" && l.asked.Room != "" {
		out *= noUnit
	}
	if l.rest != "" {
		out *= noted
	}
	return out
}

// doubt takes confidence off matches beside which others, elsewhere, are nearly as good.
func doubt(matches []Match) {
	if len(matches) == 0 {
		return
	}
	best, rivals := matches[0], 1
	for _, m := range matches[1:] {
		if m.Confidence > 0.9*best.Confidence && apart(m.Position, best.Position) {
			rivals++
		}
	}
	for i := range matches {
		if rivals > 1 {
			matches[i].Confidence /= float64(min(rivals, 5))
		}
		matches[i].Confidence = float64(int(matches[i].Confidence*1000+0.5)) / 1000
	}
}

func apart(a, b place.Position) bool { return orbgeo.Distance(a.At(), b.At()) > oneSpot }

// add puts the matches of geocoders in their place.
func (r *Result) add(more []Match) {
	r.Matches = append(r.Matches, more...)
	slices.SortStableFunc(r.Matches, func(a, b Match) int { return cmp.Compare(b.Confidence, a.Confidence) })
}
