package account

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/worldtest"
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
		return strings.Join(worldtest.Pointers(err), " ")
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
	got, err := collection.Get(t.Context(), w.st, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	name, phone, err := w.accounts.Open(got)
	if err != nil || name != "王小明" || phone != "13800000009" {
		t.Errorf("opened: %q %q %v", name, phone, err)
	}
	_, err = w.accounts.ByPhone(t.Context(), "13800000009")
	expect(t, "by a phone that nobody proved", err, "404")
	w.prove(a, "+86 138-0000-0009")
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
		{Username: "second", Name: "丁", Phone: "13800000009", Grants: lead},
	} {
		_, err := w.accounts.Create(t.Context(), w.actor("manager"), morning, in)
		expect(t, in.Username, err, "duplicate")
	}
	_, err := w.accounts.Update(t.Context(), w.actor("manager"), morning, second.ID, 0, Change{Username: ptr("first")})
	expect(t, "rename", err, "duplicate")
	w.prove(first, "13800000009")
	resident := must(w.accounts.register(t.Context(), morning, "13800000008"))(t)
	_, err = w.accounts.Update(t.Context(), w.actor("admin"), morning, resident.ID, 0, Change{Phone: ptr("13800000009")})
	expect(t, "the phone of another, to sign in by", err, "duplicate")
	_, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, first.ID, 0, Change{Phone: ptr("")})
	expect(t, "no phone", err, "ok")
	_, err = w.accounts.Update(t.Context(), w.actor("admin"), morning, resident.ID, 0, Change{Phone: ptr("13800000009")})
	expect(t, "freed phone", err, "ok")
}

// A phone that a manager notes for a member of staff tells nothing of whose it is, and takes it from nobody.
func TestPhonesOfStaff(t *testing.T) {
	w := newWorld(t)
	lead := []GrantInput{{access.GridLead, community}}
	resident := must(w.accounts.register(t.Context(), morning, "13800000008"))(t)
	w.prove(w.create(NewAccount{Username: "proved", Name: "甲", Grants: lead}), "13800000007")
	for i, phone := range []string{"13800000006", "13800000007", "13800000008"} { // nobody's, a colleague's, a resident's
		a, err := w.accounts.Create(t.Context(), w.actor("manager"), morning, NewAccount{Username: fmt.Sprintf("worker-%d", i), Name: "乙", Phone: phone, Grants: lead})
		expect(t, "made with "+phone, err, "ok")
		for _, phone := range []string{"", phone} {
			if a, err = w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Phone: &phone}); err != nil || (a.PhoneMasked == "") != (phone == "") {
				t.Errorf("given %q: %v", phone, err)
			}
		}
		if in, err := w.byCode(morning, phone, w.code(morning, phone)); i == 1 {
			expect(t, "a colleague's own", err, "password_required")
		} else if err != nil || in.Account.ID == a.ID || (i == 2 && in.Account.ID != resident.ID) {
			t.Errorf("who signs in by %s: %+v, %v", phone, in, err)
		}
	}
}

func TestCreateTwice(t *testing.T) {
	w := newWorld(t)
	in := NewAccount{
		ID: uuid.NewString(), Username: "worker9", Name: "王小明", Phone: "13800000009", Password: "correct horse",
		Grants: []GrantInput{{access.OutreachWorker, community}},
	}
	first, err := w.accounts.Create(t.Context(), w.actor("manager"), morning, in)
	expect(t, "first", err, "ok")
	w.prove(first, in.Phone)
	again, err := w.accounts.Create(t.Context(), w.actor("manager"), morning.Add(time.Hour), in)
	expect(t, "again", err, "ok")
	if again.ID != first.ID || again.Version != 2 || !again.Created.Equal(morning) {
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
	expect(t, "from another street", err, "duplicate")
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
