package access

import (
	"slices"
	"strings"
	"testing"
)

// TestRobotRules is the policy on robots of groups as a table, like TestRules.
func TestRobotRules(t *testing.T) {
	const managers = "street_manager admin"
	for at, p := range places {
		for _, r := range Roles {
			want := slices.Contains(strings.Fields(managers), string(r)) && (at != "outside" || r == Admin)
			if got := ManagesRobots(holder(r), p); got != want {
				t.Errorf("manage, %s, at %s: %v, want %v", r, at, got, want)
			}
			if got, want := HasRobots(holder(r)), slices.Contains(strings.Fields(managers), string(r)); got != want {
				t.Errorf("have a part in them, %s: %v", r, got)
			}
		}
		if ManagesRobots(Actor{}, p) || ManagesRobots(Program, p) {
			t.Errorf("at %s, nobody and the program: pass", at)
		}
	}
}
