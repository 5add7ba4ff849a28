package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wangge/domain/access"
	"wangge/domain/fold"
)

// usernames lists what the actor sees, page by page.
func (w *world) usernames(who string, f Filter) (string, error) {
	var out []string
	for {
		page, next, err := w.accounts.List(w.t.Context(), w.actor(who), f)
		if err != nil {
			return "", err
		}
		for _, a := range page {
			out = append(out, a.Username)
		}
		if next == "" {
			return strings.Join(out, " "), nil
		}
		f.After = next
	}
}

func TestList(t *testing.T) {
	w := newWorld(t)
	for _, in := range []NewAccount{
		{Username: "a-manager", Name: "王小明", Grants: []GrantInput{{access.StreetManager, street}}},
		{Username: "b-worker", Name: "Wang Lí", Grants: []GrantInput{{access.OutreachWorker, community}}},
		{Username: "c-worker", Name: "李四", Grants: []GrantInput{{access.OutreachWorker, community}, {access.GridLead, community}}},
		{Username: "d-handler", Name: "王\u200b小五", Organisation: w.organisation, Grants: []GrantInput{{access.Handler, ""}}},
		{Username: "e-worker", Name: "王　小六", Grants: []GrantInput{{access.OutreachWorker, otherCommunity}}},
		{Username: "f-both", Name: "周", Grants: []GrantInput{{access.OutreachWorker, otherCommunity}, {access.GridLead, community}}},
		{Username: "g-admin", Name: "吴", Grants: []GrantInput{{access.Admin, ""}}},
	} {
		w.create(in)
	}
	for _, c := range []struct {
		who  string
		f    Filter
		want string
	}{
		{"admin", Filter{}, "a-manager b-worker c-worker d-handler e-worker f-both g-admin"},
		{"manager", Filter{}, "a-manager b-worker c-worker d-handler f-both"},
		{"other manager", Filter{}, "e-worker f-both"},
		{"community", Filter{}, "b-worker c-worker f-both"},
		{"both managers", Filter{}, "a-manager b-worker c-worker d-handler e-worker f-both"},
		{"lead", Filter{}, "b-worker c-worker f-both"}, // whom they may dispatch to
		{"admin", Filter{Role: access.OutreachWorker}, "b-worker c-worker e-worker f-both"},
		{"manager", Filter{Role: access.OutreachWorker}, "b-worker c-worker"},
		{"manager", Filter{Role: access.OutreachWorker, Area: community}, "b-worker c-worker"},
		{"manager", Filter{Area: community}, "b-worker c-worker f-both"},
		{"manager", Filter{Area: county}, "a-manager b-worker c-worker d-handler f-both"},
		{"manager", Filter{Area: otherStreet}, ""},
		{"both managers", Filter{Area: otherStreet}, "e-worker f-both"},
		{"admin", Filter{Area: county, Role: access.Admin}, ""},
		{"admin", Filter{Organisation: w.organisation}, "d-handler"},
		{"manager", Filter{Organisation: w.organisation}, "d-handler"},
		{"other manager", Filter{Organisation: w.organisation}, ""},
		{"admin", Filter{Text: "王小"}, "a-manager d-handler e-worker"},
		{"admin", Filter{Text: "王　小"}, "a-manager d-handler e-worker"},
		{"admin", Filter{Text: "wang li"}, "b-worker"},
		{"admin", Filter{Text: "B-W"}, "b-worker"},
		{"admin", Filter{Text: "wang"}, "b-worker"},
		{"admin", Filter{Text: "WANG L"}, "b-worker"},
		{"admin", Filter{Text: "li"}, ""},
		{"manager", Filter{Text: "王小", Role: access.Handler}, "d-handler"},
		{"manager", Filter{Text: "王小", Role: access.Handler, Organisation: w.organisation, Area: street}, "d-handler"},
	} {
		for _, limit := range []int{0, 1, 2} {
			c.f.Limit = limit
			got, err := w.usernames(c.who, c.f)
			if err != nil || got != c.want {
				t.Errorf("%s lists %+v: %q, %v, want %q", c.who, c.f, got, err, c.want)
			}
		}
	}
	for _, who := range []string{"worker", "handler", "resident", "nobody"} {
		_, err := w.usernames(who, Filter{})
		expect(t, who, err, "403")
	}
	_, err := w.usernames("admin", Filter{Area: "999999", Role: "king", Text: strings.Repeat("x", 65)})
	expect(t, "bad filters", err, "?role ?q ?area")
	_, err = w.usernames("admin", Filter{Text: "！"})
	expect(t, "nothing to look for", err, "?q")
	for _, short := range []string{"王", "a", " Ａ."} {
		if _, err := w.usernames("admin", Filter{Text: short}); !errors.Is(err, fold.ErrTooShort) {
			t.Errorf("%q alone: %v", short, err)
		}
	}
	_, err = w.usernames("admin", Filter{After: "x"})
	if err == nil {
		t.Error("a made-up cursor is taken")
	}
}

func TestListAgreesWithGet(t *testing.T) {
	w := newWorld(t)
	var all []*Account
	for i, role := range []access.Role{access.OutreachWorker, access.GridLead, access.CounterWorker, access.Dispatcher, access.StreetManager} {
		for j, area := range []string{street, community, otherStreet, otherCommunity, county} {
			all = append(all, w.create(NewAccount{Username: fmt.Sprintf("p-%d-%d", i, j), Name: "王", Grants: []GrantInput{{role, area}}}))
		}
	}
	for _, who := range []string{"admin", "manager", "other manager", "both managers", "dispatcher", "community", "lead"} {
		listed, err := w.usernames(who, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			_, err := w.accounts.Get(t.Context(), w.actor(who), a.ID)
			if readable := err == nil; readable != slices.Contains(strings.Fields(listed), a.Username) {
				t.Errorf("%s may read %s: %v, and lists %q", who, a.Username, readable, listed)
			}
		}
	}
}
