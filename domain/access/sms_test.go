package access

import "testing"

func TestSMSRules(t *testing.T) {
	for _, r := range Roles {
		if got := MaySeeTexts(holder(r)); got != (r == Admin) {
			t.Errorf("%s: %v", r, got)
		}
	}
	if MaySeeTexts(Actor{}) || MaySeeTexts(Program) {
		t.Error("nobody or the program sees the figures")
	}
}
