package policy

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
)

// Want of people for a step: where, and how many there are who could take it.
type Want struct {
	Step   string
	Areas  []string // codes of cells, communities or the street; the first of Places
	Places int
	People int // the least number at one of them
	Needed int // so many, that one is left when others are away or left out
}

const areasTold = 20

// leftOut are those who may not take a step for what they did before, beside
// one who is away: who reviewed a ticket does not accept or reject it again,
// who handled it does not verify it, and in strict mode who dispatched it does neither.
func leftOut(step string, strict bool) int {
	n := 1
	switch step {
	case "accept", "reject", "rework", "close":
		n++
		if strict {
			n++
		}
	case "dispatch", "reply":
		if strict {
			n++
		}
	}
	return n
}

// crew are the people of a street who lead: the absent and their stand-in are one.
type crew struct {
	holds map[[2]string][]holder // by level and id of the area of a grant
}

type holder struct {
	role   access.Role
	person string
}

func newCrew(people []access.Actor) *crew {
	one := map[string]string{} // of an account, another that is the same person
	var person func(string) string
	person = func(account string) string {
		if other, ok := one[account]; ok {
			return person(other)
		}
		return account
	}
	for _, a := range people {
		for _, other := range slices.Concat(a.StandsFor, a.StandIns) {
			if x, y := person(a.Account), person(other); x != y {
				one[x] = y
			}
		}
	}
	c := &crew{map[[2]string][]holder{}}
	for _, a := range people {
		for _, g := range a.Grants {
			if slices.Contains(access.Leads, g.Role) && (g.Area != "" || g.Role == access.Admin) {
				at := [2]string{string(g.Level), g.Area}
				c.holds[at] = append(c.holds[at], holder{g.Role, person(a.Account)})
			}
		}
	}
	return c
}

// able counts the people at a place who hold one of the roles.
func (c *crew) able(p access.Place, roles []access.Role) int {
	who := map[string]bool{}
	for _, level := range []access.Level{"", access.City, access.County, access.Street, access.Community, access.Cell} {
		if id := p.At(level); id != "" || level == "" {
			for _, h := range c.holds[[2]string{string(level), id}] {
				if slices.Contains(roles, h.role) {
					who[h.person] = true
				}
			}
		}
	}
	return len(who)
}

// given is a step with roles that a policy gives it to.
type given struct {
	step    string
	roles   []access.Role
	pointer string // to where the content says so
}

// gives are all the sets of roles that a policy gives its steps to: by itself,
// and narrowed by a category or condition that is in use.
func (in *inspection) gives(p *Policy) (out []given) {
	add := func(g given) {
		same := func(x given) bool { return x.step == g.step && slices.Equal(x.roles, g.roles) }
		if len(g.roles) > 0 && !slices.ContainsFunc(out, same) { // one without roles is found elsewhere
			out = append(out, g)
		}
	}
	for _, s := range p.Steps {
		add(given{s.Code, s.Roles, in.entry("/steps", index[Step, *Step](in.own.Steps, s.Code), "roles")})
	}
	for _, c := range p.Categories {
		if c.Retired {
			continue
		}
		for _, n := range c.Roles {
			add(given{n.Step, narrowed(p.MayTake(n.Step), n.Step, c.Roles), in.entry("/categories", index[Category, *Category](in.own.Categories, c.Code), "roles")})
		}
		for _, x := range c.Conditions {
			if x.Retired {
				continue
			}
			for _, n := range x.Roles {
				add(given{n.Step, narrowed(p.MayTake(n.Step), n.Step, c.Roles, x.Roles), in.entry("/conditions", index[Condition, *Condition](in.own.Conditions, x.key()), "roles")})
			}
		}
	}
	return out
}

// spot is a place where steps are taken.
type spot struct {
	code  string
	place access.Place
}

// spots are the cells of a street, its communities and the street itself, for what lies in no cell.
func (s *Policies) spots(street *area.Area) []spot {
	out := []spot{{street.Code, street.Place}}
	for _, c := range s.areas.Tree().Children(street.ID) {
		out = append(out, spot{c.Code, c.Place})
	}
	for _, c := range s.areas.Map().Cells() {
		if c.Place.Street == street.ID {
			out = append(out, spot{c.Code, c.Place})
		}
	}
	return out
}

// people looks whether a policy leaves each step to somebody everywhere in a
// street, with one away and others left out for what they did. What the change
// makes worse is found; of what is thin as it was one is warned. A city looks
// at those of its streets only where it changes who may take a step.
func (s *Policies) people(ctx context.Context, in *inspection, now time.Time, street *area.Area, was, then *Policy, warn bool) error {
	if s.People == nil {
		return nil
	}
	before, after := (&inspection{}).gives(was), in.gives(then)
	if same := func(a, b given) bool { return a.step == b.step && slices.Equal(a.roles, b.roles) }; !warn && was.Strict() == then.Strict() && slices.EqualFunc(before, after, same) {
		return nil
	}
	c := in.crews[street.ID]
	if c == nil {
		people, err := s.People(ctx, street, now)
		if err != nil {
			return err
		}
		c = newCrew(people)
		in.crews[street.ID] = c
	}
	spots := s.spots(street)
	least := func(gives []given, strict bool) map[string]map[string]int { // by step and code of the place, who is left
		out := map[string]map[string]int{}
		for _, g := range gives {
			if out[g.step] == nil {
				out[g.step] = map[string]int{}
			}
			for _, at := range spots {
				left := c.able(at.place, g.roles) - leftOut(g.step, strict)
				if known, ok := out[g.step][at.code]; !ok || left < known {
					out[g.step][at.code] = left
				}
			}
		}
		return out
	}
	wasLeft := least(before, was.Strict())
	found := map[string]*Finding{}
	for _, g := range after {
		for _, at := range spots {
			n, out := c.able(at.place, g.roles), leftOut(g.step, then.Strict())
			former, knew := wasLeft[g.step][at.code]
			warning := knew && n-out >= former
			if n > out || warning && !warn {
				continue
			}
			key := fmt.Sprint(g.step, g.pointer, warning)
			f := found[key]
			if f == nil {
				f = &Finding{Code: stepUnmanned, Pointer: in.cause(g, was, then), Warning: warning, Want: &Want{Step: g.step, People: n, Needed: out + 1}}
				found[key] = f
			}
			f.Want.Places++
			f.Want.People = min(f.Want.People, n)
			if len(f.Want.Areas) < areasTold {
				f.Want.Areas = append(f.Want.Areas, at.code)
			}
		}
	}
	for _, f := range slices.SortedFunc(maps.Values(found), func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.Want.Step, b.Want.Step), cmp.Compare(a.Pointer, b.Pointer))
	}) {
		w := f.Want
		f.Detail = domain.T(
			fmt.Sprintf("环节 %s 在 %s 等 %d 处可办理者最少仅 %d 人，须有 %d 人，以便有人请假并按规定回避后仍有人可办", w.Step, w.Areas[0], w.Places, w.People, w.Needed),
			fmt.Sprintf("the step %s has %d people at the least in %d places such as %s; %d are needed, so that one is left when one is away and others are left out", w.Step, w.People, w.Places, w.Areas[0], w.Needed))
		in.found = append(in.found, *f)
	}
	return nil
}

// cause points to what leaves a step to too few: the roles it is given to, or
// the strict mode where that is what changed.
func (in *inspection) cause(g given, was, then *Policy) string {
	if i := index[Limit, *Limit](in.own.Limits, Strict); i >= 0 && then.Strict() && !was.Strict() {
		return fmt.Sprintf("/limits/%d/value", i)
	}
	return g.pointer
}
