package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
)

// staffed is a street's people, by name, as the tests have them: "dispatcher a" with "b for a" a stand-in.
func (w *world) staffed(people ...string) {
	w.t.Helper()
	street := w.street(jia)
	w.policies.People = func(_ context.Context, at *area.Area, _ time.Time) (out []access.Actor, err error) {
		if at.ID != street {
			return nil, nil
		}
		for _, line := range people {
			f := strings.Fields(line)
			a := access.Actor{Account: f[1], Grants: []access.Grant{{Role: access.Role(f[0]), Level: access.Street, Area: street}}}
			if f[0] == "community_manager" {
				a.Grants[0].Level, a.Grants[0].Area = access.Community, w.street(jia+"001")
			}
			if len(f) == 4 { // stands in
				a.StandsFor = f[3:]
			}
			out = append(out, a)
		}
		return out, nil
	}
}

// counted are the findings about people: step, whether it is a warning, places, least and needed.
func counted(found []Finding) (out []string) {
	for _, f := range found {
		if f.Code == stepUnmanned && slices.Contains([]string{"close", "accept", "dispatch"}, f.Want.Step) {
			kind := "refused"
			if f.Warning {
				kind = "warned"
			}
			out = append(out, fmt.Sprintf("%s %s %s %d/%d", f.Want.Step, kind, f.Pointer, f.Want.People, f.Want.Needed))
		}
	}
	return out
}

// A step needs somebody with one away and those left out for what they did; the
// absent and their stand-in are one. What the change makes worse is refused, what was so before is warned of.
func TestPolicyCountsPeople(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		only := func(step string, roles ...access.Role) Content {
			return Content{Steps: []Step{{Code: step, Roles: roles}}}
		}
		strict := Content{Limits: []Limit{{Code: Strict, Value: 1}}}
		narrowed := Content{Conditions: []Condition{{Category: "parking", Code: "blocked_exit", Name: dogs.Categories[0].Name, Urgency: "urgent", Days: 1, Rules: Rules{Roles: []Narrow{{"close", []access.Role{access.StreetManager}}}}}}}
		five := []string{"dispatcher a", "dispatcher b", "dispatcher c", "street_manager d", "grid_lead e"}
		for name, c := range map[string]struct {
			people  []string
			content Content
			want    []string
		}{
			"enough":                   {five, only("close", access.Dispatcher), nil},
			"enough, strictly":         {five, strict, nil},
			"two of three":             {five[1:], only("close", access.Dispatcher), []string{"close refused /steps/0/roles 2/3"}},
			"one is a stand-in":        {[]string{"dispatcher a", "dispatcher b", "dispatcher c for a", "street_manager d", "grid_lead e"}, only("close", access.Dispatcher), []string{"close refused /steps/0/roles 2/3"}},
			"strict with three":        {five[:3], strict, []string{"accept refused /limits/0/value 3/4", "close refused /limits/0/value 3/4"}},
			"thin before":              {five[3:], Content{}, []string{"accept warned /steps 2/3", "close warned /steps 2/3"}},
			"thinner than before":      {five[3:], only("dispatch", access.GridLead), []string{"accept warned /steps 2/3", "close warned /steps 2/3", "dispatch refused /steps/0/roles 1/2"}},
			"by a condition":           {five, narrowed, []string{"close refused /conditions/0/roles 1/3"}},
			"nobody outside one place": {append(slices.Clone(five), "community_manager f", "community_manager g", "community_manager h"), only("close", access.CommunityManager), []string{"close refused /steps/0/roles 0/3"}},
		} {
			w.staffed(c.people...)
			found := must(w.policies.Check(t.Context(), w.people["manager"], noon, jia, c.content))(t)
			if got := counted(found); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
			refused := slices.ContainsFunc(c.want, func(s string) bool { return strings.Contains(s, "refused") })
			if _, err := w.publish("manager", jia, noon, "2026-11-24", c.content); (err != nil) != refused {
				t.Errorf("%s: %v", name, err)
			}
			w.withdrawn()
		}
		w.staffed(five[:3]...)
		if _, err := w.publish("admin", city, noon, "2026-11-23", strict); len(pointers(err)) == 0 {
			t.Error("a city leaves a street's step to nobody")
		}
		if _, err := w.publish("admin", city, noon, "2026-11-23", Content{Limits: []Limit{{Code: SuspendDays, Value: 20}}}); err != nil {
			t.Errorf("a city that changes something else: %v", err)
		}
	})
}

// withdrawn puts a policy in force again that decides nothing, and throws the draft away.
func (w *world) withdrawn() {
	w.t.Helper()
	w.policies.People = nil
	w.published("manager", jia, noon, "2026-11-24", Content{})
}
