package access

import (
	"slices"
	"testing"
)

// TestCellNoticeRules is the policy on notices to the residents of a cell as a table, like TestRules.
func TestCellNoticeRules(t *testing.T) {
	pass := map[string][]Role{"cell": {StreetManager, Admin}, "community": {StreetManager, Admin}, "street": {StreetManager, Admin}, "outside": {Admin}}
	for at, roles := range pass {
		for _, r := range Roles {
			if got, want := TellsCell(holder(r), places[at]), slices.Contains(roles, r); got != want {
				t.Errorf("%s, a cell at %s: %v, want %v", r, at, got, want)
			}
		}
		if TellsCell(Actor{}, places[at]) || TellsCell(Program, places[at]) {
			t.Errorf("at %s, nobody and the program: pass", at)
		}
	}
}
