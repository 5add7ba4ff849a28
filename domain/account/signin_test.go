package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
)

const (
	home      = "192.0.2.1"
	elsewhere = "198.51.100.7"
	right     = "correct horse"
)

func (w *world) signIn(now time.Time, username, password, address string) (*SignedIn, error) {
	return w.accounts.SignIn(w.t.Context(), now, Credentials{Username: username, Password: password}, address)
}

func TestSignInByPassword(t *testing.T) {
	w := newWorld(t)
	lead := []GrantInput{{access.GridLead, community}}
	a := w.create(NewAccount{Username: "wang", Name: "王", Password: right, Grants: lead})
	w.create(NewAccount{Username: "unset", Name: "李", Grants: lead})
	off := w.create(NewAccount{Username: "off", Name: "周", Password: right, Grants: lead})
	must(w.accounts.Update(t.Context(), w.actor("manager"), morning, off.ID, 0, Change{Disabled: ptr(true)}))(t)
	for _, c := range []struct{ username, password, want string }{
		{"wang", right, "ok"}, {" WANG ", right, "ok"},
		{"wang", "wrong", "401"}, {"nobody", right, "401"}, {"unset", right, "401"}, {"off", right, "401"}, {"王", right, "401"},
		{"", right, ""}, {"wang", "", ""},
	} {
		in, err := w.signIn(morning, c.username, c.password, home)
		expect(t, c.username+"/"+c.password, err, c.want)
		if err == nil && (in.Account.ID != a.ID || in.Session.Account != a.ID || in.RefreshToken == "") {
			t.Errorf("signed in as %+v", in)
		}
	}
	_, err := w.accounts.SignIn(t.Context(), morning, Credentials{Username: "wang", Password: right, Phone: "13800000001", Code: "1"}, home)
	expect(t, "both", err, "")
}

func TestPasswordGuesses(t *testing.T) {
	w := newWorld(t)
	w.create(NewAccount{Username: "wang", Name: "王", Password: right, Grants: []GrantInput{{access.GridLead, community}}})
	for _, username := range []string{"wang", "nobody"} { // there or not, the limits are the same
		var got []string
		for range 6 {
			_, err := w.signIn(morning, username, "wrong", elsewhere)
			got = append(got, outcome(err))
		}
		if want := []string{"401", "401", "401", "401", "401", "wait 1s"}; !slices.Equal(got, want) {
			t.Errorf("%s: %v", username, got)
		}
	}
	_, err := w.signIn(morning, "wang", right, elsewhere)
	expect(t, "the right one while waiting", err, "wait 1s")
	_, err = w.signIn(morning.Add(time.Second), "wang", right, elsewhere)
	expect(t, "the right one after it", err, "ok")
	for range 5 {
		_, err = w.signIn(morning.Add(2*time.Second), "wang", "wrong", elsewhere)
		expect(t, "counted anew after it", err, "401")
	}
}

func TestNobodyIsLockedOutFromWhereTheyAreKnown(t *testing.T) {
	w := newWorld(t)
	w.create(NewAccount{Username: "wang", Name: "王", Password: right, Grants: []GrantInput{{access.GridLead, community}}})
	if _, err := w.signIn(morning, "wang", right, home); err != nil {
		t.Fatal(err)
	}
	now := morning
	for i := range 40 { // from ever new addresses, as soon as each wait is over
		_, err := w.signIn(now, "wang", "wrong", fmt.Sprintf("203.0.113.%d", i))
		if err == nil {
			t.Fatal("guessed")
		}
		now = now.Add(time.Second)
	}
	_, err := w.signIn(now, "wang", right, elsewhere)
	if !strings.HasPrefix(outcome(err), "wait ") {
		t.Errorf("from a new address: %v", err)
	}
	_, err = w.signIn(now, "wang", right, home)
	expect(t, "from home", err, "ok")
	_, err = w.signIn(now.Add(longestWait), "wang", right, elsewhere)
	expect(t, "from a new address, in the end", err, "ok")
}

func TestAddressLimit(t *testing.T) {
	w := newWorld(t)
	w.create(NewAccount{Username: "wang", Name: "王", Password: right, Grants: []GrantInput{{access.GridLead, community}}})
	for i := range 60 { // an office: as many as come are let in
		if _, err := w.signIn(morning.Add(time.Duration(i)*time.Second), "wang", right, home); err != nil {
			t.Fatal(err)
		}
	}
	now := morning
	for i := range 50 {
		_, err := w.signIn(now, fmt.Sprintf("guess-%d", i), "12345678", elsewhere)
		expect(t, "guess", err, "401")
	}
	_, err := w.signIn(now, "guess-50", "12345678", elsewhere)
	expect(t, "one more", err, "wait 1s")
	_, err = w.signIn(now.Add(time.Second), "wang", right, elsewhere)
	expect(t, "a right one from there", err, "ok")
	for _, want := range []string{"401", "wait 2s"} { // which did not clear the address
		_, err = w.signIn(now.Add(2*time.Second), "guess-51", "12345678", elsewhere)
		expect(t, "and again", err, want)
	}
}

func TestParallelGuessesAreAllCounted(t *testing.T) {
	w := newWorld(t)
	w.create(NewAccount{Username: "wang", Name: "王", Password: right, Grants: []GrantInput{{access.GridLead, community}}})
	other := w.node()
	var mu sync.Mutex
	count := map[string]int{}
	var wg sync.WaitGroup
	for i := range 24 {
		node := []*Accounts{w.accounts, other}[i%2]
		wg.Go(func() {
			_, err := node.SignIn(t.Context(), morning, Credentials{Username: "wang", Password: "wrong"}, fmt.Sprintf("203.0.113.%d", i))
			mu.Lock()
			defer mu.Unlock()
			count[outcome(err)]++
		})
	}
	wg.Wait()
	if count["401"] != 5 || count["wait 1s"] != 19 {
		t.Errorf("%v", count)
	}
}

// outbox is a sender that keeps what it is given.
type outbox struct {
	mu   sync.Mutex
	sent []string // phone code
}

func (o *outbox) SendCode(_ context.Context, phone, code string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, phone+" "+code)
	return nil
}

func (o *outbox) last(t *testing.T) string {
	t.Helper()
	if len(o.sent) == 0 {
		t.Fatal("no code was sent")
	}
	_, code, _ := strings.Cut(o.sent[len(o.sent)-1], " ")
	return code
}

func (w *world) byCode(now time.Time, phone, code string) (*SignedIn, error) {
	return w.accounts.SignIn(w.t.Context(), now, Credentials{Phone: phone, Code: code}, home)
}

func other(code string) string {
	if code == "000001" {
		return "000002"
	}
	return "000001"
}

func TestSignInByCode(t *testing.T) {
	w := newWorld(t)
	request := func(now time.Time) string {
		t.Helper()
		if err := w.accounts.RequestCode(t.Context(), now, "138 0000 0009", home); err != nil {
			t.Fatal(err)
		}
		return w.sent.last(t)
	}
	code := request(morning)
	_, err := w.byCode(morning, "13800000009", other(code))
	expect(t, "wrong code", err, "401")
	_, err = w.byCode(morning, "13800000008", code)
	expect(t, "another phone", err, "401")
	_, err = w.byCode(morning.Add(codeLasts), "13800000009", code)
	expect(t, "too late", err, "401")
	in, err := w.byCode(morning.Add(codeLasts-1), "+8613800000009", code)
	expect(t, "first sign-in", err, "ok")
	a := in.Account
	if a.Username != "" || a.PhoneMasked != "138****0009" || !slices.Equal(a.Grants, []Grant{{Role: access.Resident}}) {
		t.Errorf("account of a newcomer: %+v", a)
	}
	_, err = w.byCode(morning.Add(codeLasts-1), "13800000009", code)
	expect(t, "used code", err, "401")

	later := morning.Add(time.Hour)
	if in, err = w.byCode(later, "13800000009", request(later)); err != nil || in.Account.ID != a.ID {
		t.Errorf("second sign-in: %+v, %v", in, err)
	}
	must(w.accounts.Update(t.Context(), w.actor("admin"), later, a.ID, 0, Change{Disabled: ptr(true)}))(t)
	later = later.Add(time.Hour)
	_, err = w.byCode(later, "13800000009", request(later))
	expect(t, "disabled", err, "401")

	w.create(NewAccount{Username: "wang", Name: "王", Phone: "13800000007", Grants: []GrantInput{{access.GridLead, community}}})
	if err := w.accounts.RequestCode(t.Context(), later, "13800000007", home); err != nil {
		t.Fatal(err)
	}
	_, err = w.byCode(later, "13800000007", other(w.sent.last(t)))
	expect(t, "staff, wrong code", err, "401")
	_, err = w.byCode(later, "13800000007", w.sent.last(t))
	expect(t, "staff", err, "password_required")
}

func TestCodeTries(t *testing.T) {
	w := newWorld(t)
	if err := w.accounts.RequestCode(t.Context(), morning, "13800000009", home); err != nil {
		t.Fatal(err)
	}
	code := w.sent.last(t)
	for range codeTries {
		_, err := w.byCode(morning, "13800000009", other(code))
		expect(t, "guess", err, "401")
	}
	_, err := w.byCode(morning.Add(time.Minute), "13800000009", code)
	expect(t, "the right one, too late", err, "401")
}

func TestRequestCode(t *testing.T) {
	w := newWorld(t)
	w.create(NewAccount{Username: "wang", Name: "王", Phone: "13800000007", Grants: []GrantInput{{access.GridLead, community}}})
	ask := func(now time.Time, phone, address string) string {
		return outcome(w.accounts.RequestCode(t.Context(), now, phone, address))
	}
	for _, phone := range []string{"13800000007", "13800000009"} { // known or not
		got := []string{ask(morning, phone, home), ask(morning.Add(20*time.Second), phone, home), ask(morning.Add(codePause), phone, home)}
		if want := []string{"ok", "wait 40s", "ok"}; !slices.Equal(got, want) {
			t.Errorf("%s: %v", phone, got)
		}
	}
	for _, phone := range []string{"", "12345", "051212345678"} {
		if got := ask(morning, phone, home); got != "/phone" {
			t.Errorf("%q: %s", phone, got)
		}
	}
	for i := range 30 {
		if got := ask(morning, fmt.Sprintf("139%08d", i), elsewhere); got != "ok" {
			t.Fatalf("phone %d of an address: %s", i, got)
		}
	}
	if got := ask(morning, "13900001000", elsewhere); got != "wait 1s" {
		t.Errorf("phone 31 of an address: %s", got)
	}
	silent := New(w.st, w.areas, w.keys, Options{})
	expect(t, "no sender", silent.RequestCode(t.Context(), morning, "13900002000", home), "no_sms_sender")
}

func TestOneCodeOfManyRequests(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			err := w.accounts.RequestCode(t.Context(), morning, "13800000009", fmt.Sprintf("203.0.113.%d", i))
			if got := outcome(err); got != "ok" && got != "wait 1m0s" {
				t.Error(got)
			}
		})
	}
	wg.Wait()
	if len(w.sent.sent) != 1 {
		t.Errorf("%d codes sent", len(w.sent.sent))
	}
	code := w.sent.last(t)
	var mu sync.Mutex
	signedIn := 0
	for range 4 {
		wg.Go(func() {
			if _, err := w.byCode(morning, "13800000009", code); err == nil {
				mu.Lock()
				defer mu.Unlock()
				signedIn++
			}
		})
	}
	wg.Wait()
	if signedIn != 1 {
		t.Errorf("one code signed in %d times", signedIn)
	}
}

func (w *world) signInDemo(phone string) (*SignedIn, error) {
	demo := New(w.st, w.areas, w.keys, Options{DemoCode: "000000"})
	return demo.SignIn(w.t.Context(), morning, Credentials{Phone: phone, Code: "000000"}, home)
}

func TestDemoCode(t *testing.T) {
	w := newWorld(t)
	_, err := w.byCode(morning, "13800000001", "000000")
	expect(t, "not for demonstration", err, "401")
	in, err := w.signInDemo("13800000001")
	expect(t, "demonstration", err, "ok")
	var wg sync.WaitGroup
	for range 8 { // a newcomer on many devices at once is one account
		wg.Go(func() {
			if again, err := w.signInDemo("13800000002"); err != nil || again.Account.ID == in.Account.ID {
				t.Error(again, err)
			}
		})
	}
	wg.Wait()
	if _, err := w.accounts.ByPhone(t.Context(), "13800000002"); err != nil {
		t.Error(err)
	}
}

func TestOutdatedPasswordIsHashedAnew(t *testing.T) {
	w := newWorld(t)
	a := w.create(NewAccount{Username: "wang", Name: "王", Password: right, Grants: []GrantInput{{access.GridLead, community}}})
	old := phc(argon{64, 1, 1}, make([]byte, saltSize), argon{64, 1, 1}.hash(right, make([]byte, saltSize)))
	w.edit(a.ID, func(a *Account) { a.Password = old })
	if _, err := w.signIn(morning, "wang", "wrong", home); err == nil {
		t.Error("signed in by a wrong password")
	}
	if _, err := w.signIn(morning, "wang", right, home); err != nil {
		t.Fatal(err)
	}
	got, err := All.Get(t.Context(), w.st, a.ID)
	if err != nil || got.Password == old {
		t.Errorf("hash kept: %v", err)
	}
	if ok, outdated := CheckPassword(got.Password, right); !ok || outdated {
		t.Error("the new hash", ok, outdated)
	}
}
