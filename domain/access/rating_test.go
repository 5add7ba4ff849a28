package access

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRatingRules is the policy on ratings and rectifications as a table, like TestRules.
func TestRatingRules(t *testing.T) {
	in := func(cell, community, street, outside string) map[string]string {
		return map[string]string{"cell": cell, "community": community, "street": street, "triage": street, "outside": outside}
	}
	managers := in("community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")
	staff := "handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin"
	whose := func(rule func(Actor, Rectification) bool, set func(*Rectification, string)) func(Actor, Place) bool {
		return func(a Actor, p Place) bool {
			r := Rectification{Place: p, Rated: []string{"y"}, Responsible: "y", Caller: "z"}
			set(&r, a.Account)
			return a.Account != "" && rule(a, r)
		}
	}
	nobody, responsible, caller := func(*Rectification, string) {}, func(r *Rectification, who string) { r.Responsible = who }, func(r *Rectification, who string) { r.Caller = who }
	rated := func(r *Rectification, who string) { r.Rated, r.Responsible, r.Caller = []string{"y", who}, who, who }
	own := func(r *Rectification, who string) { r.Rectifier, r.Caller = who, who }
	with := func(managed map[string]string, also string) map[string]string {
		out := map[string]string{}
		for at, roles := range managed {
			out[at] = roles + " " + also
		}
		return out
	}
	words := func(whole bool, who string) func(Actor, Place) bool {
		return func(a Actor, p Place) bool {
			return SeesRatingWords(a, Rated{Place: p, Staff: []string{strings.ReplaceAll(who, "self", a.Account)}, Whole: whole}) && a.Account != ""
		}
	}
	seesWords := func(whole bool) func(Actor, Rectification) bool {
		return func(a Actor, r Rectification) bool { return SeesRectificationWords(a, r, whole) }
	}
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"count them", func(a Actor, _ Place) bool { return CountsRatings(a) }, same("community_manager street_manager admin")},
		{"read the words of what they see all of", words(true, "y"), managers},
		{"read the words of what they do not see all of", words(false, "y"), same("")},
		{"read the words about their own work", words(true, "self"), same("")},
		{"see a rectification", whose(MaySeeRectification, nobody), managers},
		{"see one that they put right", whose(MaySeeRectification, responsible), same(staff)},
		{"see one of which they call back", whose(MaySeeRectification, caller), same(staff)},
		{"see one of their own work", whose(MaySeeRectification, rated), same("")},
		{"read its words", whose(seesWords(true), nobody), managers},
		{"read its words where they put it right", whose(seesWords(true), responsible), same(staff)},
		{"read its words of what they do not see all of", whose(seesWords(false), responsible), same("")},
		{"give it to somebody", whose(MayAssignRectification, nobody), managers},
		{"give away what they put right", whose(MayAssignRectification, responsible), managers},
		{"state a result", whose(MayRectify, nobody), managers},
		{"state a result of what they put right", whose(MayRectify, responsible), same(staff)},
		{"state a result of their own work", whose(MayRectify, rated), same("")},
		{"call back", whose(MayCallBack, nobody), managers},
		{"call back as they were asked to", whose(MayCallBack, caller), with(managers, staff)},
		{"call back where they put it right", whose(MayCallBack, own), same("")},
		{"call back about their own work", whose(MayCallBack, rated), same("")},
		{"end it", whose(MayEndRectification, nobody), managers},
		{"end what they put right", whose(MayEndRectification, own), same("")},
	} {
		for at, p := range places {
			for _, r := range Roles {
				want := slices.Contains(strings.Fields(rule.pass[at]), string(r))
				if got := rule.rule(holder(r), p); got != want {
					t.Errorf("%s, %s, at %s: %v, want %v", rule.name, r, at, got, want)
				}
			}
			if rule.rule(Actor{}, p) {
				t.Errorf("%s, not signed in, at %s: passes", rule.name, at)
			}
		}
	}
	for name, may := range map[string]bool{"assign": MayAssignRectification(Program, Rectification{}), "rectify": MayRectify(Program, Rectification{}), "call back": MayCallBack(Program, Rectification{}), "end": MayEndRectification(Program, Rectification{}),
		"rate": MayRate(Program, Rated{Owners: []string{OwnerAccount("")}})} {
		if may {
			t.Errorf("the program may %s", name)
		}
	}
}

// Whose something is to rate, as a table.
func TestMayRate(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 8, 0, 0, 0, time.UTC) }
	a := Actor{Account: "a", Phone: "p", PhoneSince: day(10), Since: day(5)}
	for _, c := range []struct {
		name string
		a    Actor
		r    Rated
		want bool
	}{
		{"by their account", a, Rated{Owners: []string{OwnerAccount("a")}, At: day(5)}, true},
		{"by the account of who had it before", a, Rated{Owners: []string{OwnerAccount("a")}, At: day(4)}, false},
		{"by their phone", a, Rated{Owners: []string{OwnerAccount("x"), OwnerPhone("p")}, At: day(10)}, true},
		{"by the phone of who had the number before", a, Rated{Owners: []string{OwnerPhone("p")}, At: day(9)}, false},
		{"their own work", a, Rated{Owners: []string{OwnerPhone("p")}, At: day(10), Staff: []string{"a"}}, false},
		{"somebody else's", a, Rated{Owners: []string{OwnerAccount("b"), OwnerPhone("q")}, At: day(20)}, false},
		{"a phone named like their account", Actor{Account: "p"}, Rated{Owners: []string{OwnerPhone("p")}}, false},
		{"nobody's", Actor{}, Rated{Owners: []string{OwnerAccount(""), OwnerPhone("")}}, false},
	} {
		if got := MayRate(c.a, c.r); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if keys := OwnerKeys(a); !slices.Equal(keys, []string{"account:a", "phone:p"}) || OwnerKeys(Program) != nil || OwnerKeys(Actor{}) != nil {
		t.Errorf("%v", keys)
	}
}
