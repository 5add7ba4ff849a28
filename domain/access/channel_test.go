package access

import "testing"

func TestChannelRules(t *testing.T) {
	for _, r := range Roles {
		if got := MaySeeChannels(holder(r)); got != (r == Admin) {
			t.Errorf("%s: %v", r, got)
		}
	}
	street := Actor{Account: "a", Grants: []Grant{{Role: Admin, Level: Street, Area: "s"}}}
	if MaySeeChannels(Actor{}) || MaySeeChannels(Program) || MaySeeChannels(street) {
		t.Error("nobody, the program or the admin of a street sees how channels do")
	}
}
