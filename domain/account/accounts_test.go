package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
)

// outcome names an error of a use case, for tables.
func outcome(err error) string {
	var invalid *domain.InvalidError
	var conflict *domain.ConflictError
	var limit *domain.LimitError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &invalid):
		var at []string
		for _, f := range invalid.Fields {
			at = append(at, f.Pointer)
		}
		return strings.Join(at, " ")
	case errors.As(err, &conflict):
		return conflict.Code
	case errors.As(err, &limit):
		return "wait " + limit.RetryAfter.String()
	case errors.Is(err, domain.ErrNotFound):
		return "404"
	case errors.Is(err, domain.ErrForbidden):
		return "403"
	case errors.Is(err, domain.ErrUnauthenticated):
		return "401"
	case errors.Is(err, domain.ErrStale):
		return "412"
	}
	return err.Error()
}

func expect(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := outcome(err); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestCreateRules(t *testing.T) {
	w := newWorld(t)
	grant := func(r access.Role, code string) []GrantInput { return []GrantInput{{r, code}} }
	for i, c := range []struct {
		who  string
		in   NewAccount
		want string
	}{
		{"admin", NewAccount{Grants: grant(access.Admin, "")}, "ok"},
		{"admin", NewAccount{Grants: grant(access.Admin, county)}, "ok"},
		{"admin", NewAccount{Grants: grant(access.StreetManager, otherStreet)}, "ok"},
		{"admin", NewAccount{Grants: grant(access.Integration, cityArea), Machine: true}, "ok"},
		{"manager", NewAccount{Grants: grant(access.StreetManager, street)}, "ok"},
		{"manager", NewAccount{Grants: grant(access.OutreachWorker, community)}, "ok"},
		{"manager", NewAccount{Grants: grant(access.Integration, street), Machine: true}, "ok"},
		{"manager", NewAccount{Grants: grant(access.Handler, ""), Organisation: w.organisation}, "ok"},
		{"manager", NewAccount{Grants: []GrantInput{{access.GridLead, community}, {access.CounterWorker, street}}}, "ok"},
		{"manager", NewAccount{Grants: grant(access.Admin, "")}, "403"},
		{"manager", NewAccount{Grants: grant(access.Resident, "")}, "403"},
		{"manager", NewAccount{Grants: grant(access.OutreachWorker, otherCommunity)}, "403"},
		{"manager", NewAccount{Grants: grant(access.OutreachWorker, county)}, "403"},
		{"manager", NewAccount{Grants: []GrantInput{{access.GridLead, community}, {access.GridLead, otherCommunity}}}, "403"},
		{"manager", NewAccount{Grants: grant(access.Handler, "")}, "/organisation"},
		{"manager", NewAccount{Grants: grant(access.Handler, ""), Organisation: w.otherOrganisation}, "/organisation"},
		{"manager", NewAccount{Grants: grant(access.Handler, ""), Organisation: "none"}, "/organisation"},
		{"dispatcher", NewAccount{Grants: grant(access.OutreachWorker, community)}, "403"},
		{"community", NewAccount{Grants: grant(access.OutreachWorker, community)}, "403"},
		{"lead", NewAccount{Grants: grant(access.OutreachWorker, community)}, "403"},
		{"worker", NewAccount{Grants: grant(access.OutreachWorker, community)}, "403"},
		{"resident", NewAccount{Grants: grant(access.Resident, "")}, "403"},
		{"nobody", NewAccount{Grants: grant(access.Resident, "")}, "403"},
		{"admin", NewAccount{}, "/grants"},
		{"admin", NewAccount{Grants: grant("king", "")}, "/grants/0/role"},
		{"admin", NewAccount{Grants: grant(access.GridLead, "")}, "/grants/0/area"},
		{"admin", NewAccount{Grants: grant(access.GridLead, "999999")}, "/grants/0/area"},
		{"admin", NewAccount{Grants: grant(access.Resident, street)}, "/grants/0/area"},
		{"admin", NewAccount{Grants: append(grant(access.GridLead, street), grant(access.GridLead, street)...)}, "/grants/1"},
		{"admin", NewAccount{Grants: grant(access.Integration, street)}, "/grants/0/role"},
		{"admin", NewAccount{Grants: grant(access.GridLead, street), Machine: true}, "/grants/0/role"},
		{"admin", NewAccount{Username: "x", Grants: grant(access.Admin, "")}, "/username"},
		{"admin", NewAccount{Username: "王小明", Grants: grant(access.Admin, "")}, "/username"},
		{"admin", NewAccount{Username: strings.Repeat("x", 65), Grants: grant(access.Admin, "")}, "/username"},
		{"admin", NewAccount{Name: "\t", Phone: "12", Password: "short", Language: "fr", ID: "7", Grants: grant(access.Admin, "")},
			"/id /language /name /phone /password"},
		{"admin", NewAccount{Name: "a\x00b", Grants: grant(access.Admin, "")}, "/name"},
		{"admin", NewAccount{Name: strings.Repeat("名", 65), Grants: grant(access.Admin, "")}, "/name"},
		{"admin", NewAccount{Username: "somebody1", Password: "Somebody1", Grants: grant(access.Admin, "")}, "/password"},
	} {
		if c.in.Username == "" {
			c.in.Username = fmt.Sprintf("person-%d", i)
		}
		if c.in.Name == "" {
			c.in.Name = "王小明"
		}
		a, err := w.accounts.Create(t.Context(), w.actor(c.who), morning, c.in)
		expect(t, fmt.Sprintf("%s creates %+v", c.who, c.in), err, c.want)
		if (a != nil) != (err == nil) {
			t.Errorf("account %v with error %v", a, err)
		}
	}
}

func TestCreateNormalises(t *testing.T) {
	w := newWorld(t)
	a := w.create(NewAccount{Username: " Wang.Xiaoming ", Name: " 王小明 ", Phone: "+86 138-0000-0009", Grants: []GrantInput{{access.GridLead, community}}})
	if a.Username != "wang.xiaoming" || a.Name != "王小明" || a.DisplayName() != "王小明" || a.PhoneMasked != "138****0009" || a.Language != "zh-CN" {
		t.Errorf("%+v", a)
	}
	got, err := All.Get(t.Context(), w.st, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	name, phone, err := w.accounts.Open(got)
	if err != nil || name != "王小明" || phone != "13800000009" {
		t.Errorf("opened: %q %q %v", name, phone, err)
	}
	if found, err := w.accounts.ByPhone(t.Context(), "13800000009"); err != nil || found.ID != a.ID {
		t.Errorf("by phone: %v %v", found, err)
	}
}

func TestDuplicates(t *testing.T) {
	w := newWorld(t)
	lead := []GrantInput{{access.GridLead, community}}
	first := w.create(NewAccount{Username: "first", Name: "甲", Phone: "13800000009", Grants: lead})
	second := w.create(NewAccount{Username: "second", Name: "乙", Grants: lead})
	w.create(NewAccount{Username: "third", Name: "丙", Grants: lead}) // no phone, as the second: absent values do not collide
	for _, in := range []NewAccount{
		{Username: "FIRST", Name: "丁", Grants: lead},
		{Username: "fourth", Name: "丁", Phone: "013800000009"[1:], Grants: lead},
	} {
		_, err := w.accounts.Create(t.Context(), w.actor("manager"), morning, in)
		expect(t, in.Username, err, "duplicate")
	}
	_, err := w.accounts.Update(t.Context(), w.actor("manager"), morning, second.ID, 0, Change{Username: ptr("first")})
	expect(t, "rename", err, "duplicate")
	_, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, second.ID, 0, Change{Phone: ptr("13800000009")})
	expect(t, "phone", err, "duplicate")
	_, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, first.ID, 0, Change{Phone: ptr("")})
	expect(t, "no phone", err, "ok")
	_, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, second.ID, 0, Change{Phone: ptr("13800000009")})
	expect(t, "freed phone", err, "ok")
}

func TestCreateTwice(t *testing.T) {
	w := newWorld(t)
	in := NewAccount{
		ID: uuid.NewString(), Username: "worker9", Name: "王小明", Phone: "13800000009", Password: "correct horse",
		Grants: []GrantInput{{access.OutreachWorker, community}},
	}
	first, err := w.accounts.Create(t.Context(), w.actor("manager"), morning, in)
	expect(t, "first", err, "ok")
	again, err := w.accounts.Create(t.Context(), w.actor("manager"), morning.Add(time.Hour), in)
	expect(t, "again", err, "ok")
	if again.ID != first.ID || again.Version != 1 || !again.Created.Equal(morning) {
		t.Errorf("again: %+v", again)
	}
	for name, change := range map[string]func(*NewAccount){
		"name":     func(n *NewAccount) { n.Name = "王大明" },
		"phone":    func(n *NewAccount) { n.Phone = "" },
		"password": func(n *NewAccount) { n.Password = "wrong horse" },
		"grants":   func(n *NewAccount) { n.Grants = []GrantInput{{access.GridLead, community}} },
	} {
		other := in
		change(&other)
		_, err = w.accounts.Create(t.Context(), w.actor("manager"), morning, other)
		expect(t, "another "+name, err, "duplicate")
	}
	other := in
	other.Grants = []GrantInput{{access.OutreachWorker, otherCommunity}}
	_, err = w.accounts.Create(t.Context(), w.actor("other manager"), morning, other)
	expect(t, "from another street", err, "404")
}

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
		{"lead", worker, "404", "404"}, {"worker", worker, "404", "404"}, {"handler", handler, "404", "404"},
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

func TestEnsureAdmin(t *testing.T) {
	w := newWorld(t)
	made, err := w.accounts.EnsureAdmin(t.Context(), morning, "root", "wangge-first")
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if made, err = w.accounts.EnsureAdmin(t.Context(), morning, "root2", "wangge-first"); err != nil || made {
		t.Error("a second one:", made, err)
	}
	in, err := w.accounts.SignIn(t.Context(), morning, Credentials{Username: "root", Password: "wangge-first"}, home)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := w.accounts.Actor(t.Context(), in.Account.ID, in.Session.ID, morning)
	if err != nil || !actor.In(access.Place{}, access.Admin) {
		t.Errorf("%+v, %v", actor, err)
	}
}

func TestJournalOfAccounts(t *testing.T) {
	w := newWorld(t)
	a := w.create(NewAccount{Username: "target", Name: "王小明", Phone: "13800000009", Grants: []GrantInput{{access.OutreachWorker, community}}})
	must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Password: ptr("correct horse"), Disabled: ptr(true)}))(t)
	must(w.accounts.SetGrants(t.Context(), w.actor("manager"), morning, a.ID, 0, []GrantInput{{access.GridLead, community}}))(t)
	entries, _, err := w.st.History(t.Context(), a.ID, 0, "")
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
