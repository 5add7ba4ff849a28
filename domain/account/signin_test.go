package account

import (
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
		{"", right, "/username"}, {"wang", "", "/password"},
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
	_, err = w.signIn(now.Add(15*time.Minute), "wang", right, elsewhere)
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
	got, err := collection.Get(t.Context(), w.st, a.ID)
	if err != nil || got.Password == old {
		t.Errorf("hash kept: %v", err)
	}
	if ok, outdated := CheckPassword(got.Password, right); !ok || outdated {
		t.Error("the new hash", ok, outdated)
	}
}

func TestChangedWhileSigningIn(t *testing.T) {
	w := newWorld(t)
	a, _ := w.worker()
	w.prove(a, "13800000007")
	for name, c := range map[string]Change{
		"disabled": {Disabled: ptr(true)}, "enabled, in another epoch": {Disabled: ptr(false)}, "password": {Password: ptr("another horse")},
		"phone": {Phone: ptr("13800000006")}, "nothing": {},
	} {
		before, err := collection.Get(t.Context(), w.st, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		before.Disabled = false // as it was when the password was checked
		if name == "enabled, in another epoch" {
			before.Epoch--
		}
		must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, c))(t)
		subject, from := w.accounts.signInLimits("wang", home, true)
		_, err = w.accounts.open(t.Context(), morning, before, false, home, subject, from)
		want := "401"
		if name == "nothing" {
			want = "ok"
		}
		expect(t, name, err, want)
		must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Disabled: ptr(false)}))(t)
	}
}
