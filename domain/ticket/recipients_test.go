package ticket

import (
	"slices"
	"testing"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/policy"
)

// Words of the policy stand for people of a place; where nobody is, for those of the next word up.
func TestWhoIsToldAtAPlace(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.add("second dispatcher", access.Dispatcher, jia, account.NewAccount{})
		must(w.accounts.Update(t.Context(), program, noon, w.people["second dispatcher"].Account, 0, account.Change{Disabled: new(true)}))(t)
		for _, c := range []struct {
			place string
			to    policy.Recipient
			want  []string
		}{
			{east, policy.ToLead, []string{"community"}}, // the cell has posts in no staff list
			{east, policy.ToDispatcher, []string{"dispatcher"}},
			{east, policy.ToStreetManager, []string{"manager"}},
			{east, policy.ToCounty, []string{"county admin"}},
			{other, policy.ToLead, []string{"other dispatcher"}},
			{other, policy.ToStreetManager, []string{"county admin"}},
		} {
			var want []string
			for _, who := range c.want {
				want = append(want, w.people[who].Account)
			}
			got, err := w.tickets.WhoAt(t.Context(), w.cell(c.place).Place, noon, c.to)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s at %s: %v, %v", c.to, c.place, got, err)
			}
		}
		for to, want := range map[access.Assignee]string{w.person("worker"): "worker", w.organisation(jia): "handler"} {
			if got, err := w.tickets.WhoHas(t.Context(), to); err != nil || !slices.Equal(got, []string{w.people[want].Account}) {
				t.Errorf("%v: %v, %v", to, got, err)
			}
		}
	})
}
