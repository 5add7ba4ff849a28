package station

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Hole is a time for which nobody is there who has a qualification that some
// item needs, though others are; of the qualification "", nobody at all.
// What absences open is one hole until somebody has it again. What would be
// missing if all were there lasts: it is one hole as long as there is any ahead.
type Hole struct {
	Qualification string    `store:"qualification,omitempty"`
	Lasting       bool      `store:"lasting,omitempty"`
	From          time.Time `store:"from"`
	Until         time.Time `store:"until"` // or as far as is looked ahead
	Found         time.Time `store:"found"` // when it was: one that was closed and opens again is another
}

// Ahead is how far holes are looked for.
const Ahead = 14 * 24 * time.Hour

// holes are those of a station, whose roster is its duty without absences.
func (k *known) holes(roster duty) (out []Hole) {
	nobody := without(k.open, k.whoHas("", k.held))
	out = append(out, holesOf("", nobody, without(k.open, roster.whoHas("", k.held)), k.whoHas("", k.held))...)
	times := map[string][]Span{}
	for _, n := range k.needs {
		times[n.qualification] = append(times[n.qualification], n.within(k.open)...)
	}
	delete(times, "")
	for _, q := range slices.Sorted(maps.Keys(times)) {
		needed, has := joined(times[q]), k.whoHas(q, k.held)
		out = append(out, holesOf(q, without(without(needed, has), nobody), without(needed, roster.whoHas(q, k.held)), has)...)
	}
	return out
}

// holesOf are the holes of the times that a qualification is missing, of which some last; has are those when it is there.
func holesOf(q string, missing, lasting, has []Span) (out []Hole) {
	if last := both(missing, lasting); len(last) > 0 {
		out = append(out, Hole{Qualification: q, Lasting: true, From: last[0].From, Until: last[len(last)-1].Until})
	}
	begun := len(out)
	for _, gap := range without(missing, lasting) {
		if last := len(out) - 1; last >= begun && len(both([]Span{{out[last].Until, gap.From}}, has)) == 0 {
			out[last].Until = gap.Until
			continue
		}
		out = append(out, Hole{Qualification: q, From: gap.From, Until: gap.Until})
	}
	return out
}

// continued are holes found at now, each under the beginning by which it is
// known already. A known one goes on in the first that it overlaps; where it
// was closed in its midst, what comes after is another.
func continued(known, found []Hole, now time.Time) []Hole {
	out := slices.Clone(found)
	for i := range out {
		out[i].Found = now
	}
	for _, k := range known {
		i := slices.IndexFunc(found, func(h Hole) bool {
			return h.Qualification == k.Qualification && h.Lasting == k.Lasting && !k.Until.Before(h.From) && k.From.Before(h.Until)
		})
		if i >= 0 && (out[i].Found.Equal(now) || k.From.Before(out[i].From)) {
			out[i].From, out[i].Found = k.From, k.Found
		}
	}
	return out
}

// key names a hole among those of its station.
func (h Hole) key() string {
	return fmt.Sprint(h.Qualification, "@", h.From.UnixMilli(), "/", h.Found.UnixMilli(), "/", h.Lasting)
}
