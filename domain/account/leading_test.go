package account

import (
	"maps"
	"slices"
	"testing"

	"wangge/domain/access"
)

// Who leads in a street is found with their posts and covers, those above it
// too; who is disabled, works elsewhere or leads nothing is not.
func TestLeading(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := newCovering(w)
		c.ids["left"] = w.create(NewAccount{Username: "left", Name: "left", Password: right, Grants: []GrantInput{{access.Dispatcher, street}}}).ID
		w.edit(c.ids["left"], func(a *Account) { a.Disabled = true })
		must(c.arrange("manager-1", "dispatcher", "lead-1", 0, 3))(t)
		for code, want := range map[string][]string{
			street:      {"boss", "city-wide", "dispatcher", "head", "lead-1", "manager-1"},
			otherStreet: {"boss", "city-wide"},
		} {
			at, _ := w.areas.Tree().ByCode(code)
			found := map[string]access.Actor{}
			for _, a := range must(w.accounts.Leading(t.Context(), at, morning))(t) {
				for username, id := range c.ids {
					if id == a.Account {
						found[username] = a
					}
				}
			}
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", code, got, want)
			}
			if code == street && (!slices.Equal(found["lead-1"].StandsFor, []string{c.ids["dispatcher"]}) || !slices.ContainsFunc(found["lead-1"].Grants, func(g access.Grant) bool { return g.Role == access.GridLead && g.Level == access.Cell })) {
				t.Errorf("the lead: %+v", found["lead-1"])
			}
		}
	})
}
