package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wangge/domain/access"
)

func TestReadAndManage(t *testing.T) {
	w := newWorld(t)
	worker := w.create(NewAccount{Username: "target", Name: "王小明", Grants: []GrantInput{{access.OutreachWorker, community}}})
	handler := w.create(NewAccount{Username: "mender", Name: "李工", Organisation: w.organisation, Grants: []GrantInput{{access.Handler, ""}}})
	boss := w.create(NewAccount{Username: "boss", Name: "周", Grants: []GrantInput{{access.Admin, ""}}})
	mixed := w.create(NewAccount{Username: "mixed", Name: "吴", Grants: []GrantInput{{access.OutreachWorker, community}, {access.OutreachWorker, otherCommunity}}})
	for _, c := range []struct {
		who          string
		target       *Account
		read, manage string
	}{
		{"admin", worker, "ok", "ok"}, {"admin", handler, "ok", "ok"}, {"admin", boss, "ok", "ok"}, {"admin", mixed, "ok", "ok"},
		{"manager", worker, "ok", "ok"}, {"manager", handler, "ok", "ok"}, {"manager", boss, "404", "404"}, {"manager", mixed, "ok", "403"},
		{"dispatcher", worker, "ok", "403"}, {"dispatcher", handler, "ok", "403"},
		{"community", worker, "ok", "403"}, {"community", handler, "404", "404"}, {"community", mixed, "ok", "403"},
		{"lead", worker, "ok", "403"}, {"worker", worker, "404", "404"}, {"handler", handler, "404", "404"},
		{"resident", worker, "404", "404"}, {"nobody", worker, "404", "404"},
		{"other manager", worker, "404", "404"}, {"other manager", handler, "404", "404"}, {"other manager", mixed, "ok", "403"},
	} {
		what := c.who + " of " + c.target.Username
		_, err := w.accounts.Get(t.Context(), w.actor(c.who), c.target.ID)
		expect(t, "read: "+what, err, c.read)
		_, err = w.accounts.Update(t.Context(), w.actor(c.who), morning, c.target.ID, 0, Change{Language: ptr("en")})
		expect(t, "update: "+what, err, c.manage)
		grants := make([]GrantInput, 0)
		for _, g := range c.target.Grants {
			at, _ := g.Today(w.areas.Tree())
			in := GrantInput{Role: g.Role}
			if at != nil {
				in.Area = at.Code
			}
			grants = append(grants, in)
		}
		_, err = w.accounts.SetGrants(t.Context(), w.actor(c.who), morning, c.target.ID, 0, grants)
		expect(t, "grants: "+what, err, c.manage)
		expect(t, "sessions: "+what, w.accounts.EndAll(t.Context(), w.actor(c.who), morning, c.target.ID), c.manage)
	}
	self := access.Actor{Account: worker.ID, Grants: []access.Grant{{Role: access.Resident}}}
	_, err := w.accounts.Get(t.Context(), self, worker.ID)
	expect(t, "oneself", err, "ok")
	_, err = w.accounts.Update(t.Context(), self, morning, worker.ID, 0, Change{Language: ptr("en")})
	expect(t, "oneself, as a manager does", err, "403")
}

func TestUpdateVersions(t *testing.T) {
	w := newWorld(t)
	a := w.create(NewAccount{Username: "target", Name: "王小明", Grants: []GrantInput{{access.OutreachWorker, community}}})
	update := func(who string, version int64) error {
		_, err := w.accounts.Update(t.Context(), w.actor(who), morning, a.ID, version, Change{Name: ptr("王大明")})
		return err
	}
	expect(t, "right version", update("manager", 1), "ok")
	expect(t, "stale version", update("manager", 1), "412")
	expect(t, "stale version, unseen", update("other manager", 1), "404")
	expect(t, "no version", update("manager", 0), "ok")
	_, err := w.accounts.SetGrants(t.Context(), w.actor("manager"), morning, a.ID, 1, []GrantInput{{access.GridLead, community}})
	expect(t, "grants at a stale version", err, "412")
}

func TestOwnAccountStaysInPower(t *testing.T) {
	w := newWorld(t)
	boss := w.create(NewAccount{Username: "boss", Name: "周", Grants: []GrantInput{{access.Admin, ""}}})
	self := access.Actor{Account: boss.ID, Grants: []access.Grant{{Role: access.Admin}}}
	_, err := w.accounts.Update(t.Context(), self, morning, boss.ID, 0, Change{Disabled: ptr(true)})
	expect(t, "disable", err, "own_account")
	_, err = w.accounts.SetGrants(t.Context(), self, morning, boss.ID, 0, []GrantInput{{access.Resident, ""}})
	expect(t, "grants", err, "own_account")
}

func TestGrantsMoveTheName(t *testing.T) {
	w := newWorld(t)
	in, err := w.signInDemo("13800000009")
	if err != nil {
		t.Fatal(err)
	}
	self := access.Actor{Account: in.Account.ID, Session: in.Session.ID}
	if _, err := w.accounts.UpdateMe(t.Context(), self, morning, 0, OwnChange{Name: ptr("欧阳娜")}, home); err != nil {
		t.Fatal(err)
	}
	a, err := w.accounts.Get(t.Context(), w.actor("admin"), in.Account.ID)
	if err != nil || a.Name != "" || a.DisplayName() != "欧*娜" {
		t.Fatalf("a resident: %+v, %v", a, err)
	}
	grants := []GrantInput{{access.Resident, ""}, {access.OutreachWorker, community}}
	if a, err = w.accounts.SetGrants(t.Context(), w.actor("admin"), morning, a.ID, 0, grants); err != nil || a.Name != "欧阳娜" {
		t.Fatalf("hired: %+v, %v", a, err)
	}
	if a, err = w.accounts.SetGrants(t.Context(), w.actor("admin"), morning, a.ID, 0, grants[:1]); err != nil || a.Name != "" || a.DisplayName() != "欧*娜" {
		t.Fatalf("left: %+v, %v", a, err)
	}
	if slices.ContainsFunc(a.Keys, func(k string) bool { return strings.Contains(k, "欧") }) {
		t.Errorf("keys of a resident hold the name: %v", a.Keys)
	}
}

func TestJournalOfAccounts(t *testing.T) {
	w := newWorld(t)
	a := w.create(NewAccount{Username: "target", Name: "王小明", Phone: "13800000009", Grants: []GrantInput{{access.OutreachWorker, community}}})
	must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Password: ptr("correct horse"), Disabled: ptr(true)}))(t)
	must(w.accounts.SetGrants(t.Context(), w.actor("manager"), morning, a.ID, 0, []GrantInput{{access.GridLead, community}}))(t)
	entries, _, err := collection.History(t.Context(), w.st, a.ID, 0, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, strings.Trim(e.Action+" "+e.Dims["role"], " ")+" "+e.Before.State+">"+e.After.State)
	}
	want := []string{
		"account.grant outreach_worker active>active", "account.create >active",
		"account.update active>disabled", "account.password active>disabled", "account.disable active>disabled",
		"account.revoke outreach_worker disabled>disabled", "account.grant grid_lead disabled>disabled", "account.grants disabled>disabled",
	}
	if !slices.Equal(got, want) {
		t.Errorf("journal:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSetGrants(t *testing.T) {
	w := newWorld(t)
	a := w.create(NewAccount{Username: "target", Name: "王小明", Grants: []GrantInput{{access.OutreachWorker, community}}})
	machine := w.create(NewAccount{Username: "platform", Name: "平台", Machine: true, Grants: []GrantInput{{access.Integration, street}}})
	for _, c := range []struct {
		id     string
		grants []GrantInput
		want   string
	}{
		{a.ID, []GrantInput{{access.OutreachWorker, otherCommunity}}, "403"},
		{a.ID, []GrantInput{{access.OutreachWorker, community}, {access.Admin, ""}}, "403"},
		{a.ID, []GrantInput{{access.OutreachWorker, community}, {access.Resident, ""}}, "403"},
		{a.ID, nil, "/grants"},
		{a.ID, []GrantInput{{access.Integration, street}}, "/grants/0/role"},
		{a.ID, []GrantInput{{access.Handler, ""}}, "/organisation"},
		{machine.ID, []GrantInput{{access.GridLead, community}}, "/grants/0/role"},
		{machine.ID, []GrantInput{{access.Integration, community}}, "ok"},
		{a.ID, []GrantInput{{access.GridLead, community}, {access.StreetManager, street}}, "ok"},
	} {
		_, err := w.accounts.SetGrants(t.Context(), w.actor("manager"), morning, c.id, 0, c.grants)
		expect(t, fmt.Sprintf("%+v", c.grants), err, c.want)
	}
	_, err := w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Organisation: &w.otherOrganisation})
	expect(t, "another street's organisation", err, "/organisation")
	_, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Organisation: &w.organisation})
	expect(t, "organisation", err, "ok")
	_, err = w.accounts.SetGrants(t.Context(), w.actor("manager"), morning, a.ID, 0, []GrantInput{{access.Handler, ""}})
	expect(t, "handler", err, "ok")
	_, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Organisation: ptr("")})
	expect(t, "handler of nobody", err, "/organisation")
}
