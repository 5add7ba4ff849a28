package station

import (
	"testing"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/service"
	"wangge/domain/worldtest"
	"wangge/store/enginetest"
)

// Where of a community that three stations serve, each with eight people in two shifts.
func BenchmarkWhere(b *testing.B) {
	w := newWorld(b, enginetest.SQLite(b))
	ctx, manager := b.Context(), w.people["manager"]
	for range 3 {
		st := must(w.stations.Create(ctx, manager, morning, draft()))(b)
		must(w.stations.SetShifts(ctx, manager, morning, st.ID, 0, []Shift{early, late}))(b)
		var staff []Post
		for i := range 8 {
			a := must(w.accounts.Create(ctx, access.Program, morning, account.NewAccount{Username: st.ID[24:] + string(rune('a'+i)), Name: "x", Grants: []account.GrantInput{{Role: access.CounterWorker, Area: worldtest.Jia}}}))(b)
			staff = append(staff, Post{Account: a.ID, Part: Worker, Shifts: []string{[]string{early.Name, late.Name}[i%2]}})
		}
		must(w.stations.SetStaff(ctx, manager, morning, st.ID, 0, staff))(b)
	}
	community, _ := w.areas.Tree().ByCode(worldtest.JiaOne)
	for name, it := range map[string]*service.Item{"anybody may": {}, "nobody may": {Content: service.Content{Qualification: "none"}}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(w.stations.countersOf(ctx, community, it, morning))(b)
			}
		})
	}
}
