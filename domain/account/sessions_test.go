package account

import (
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
)

func (w *world) worker() (*Account, *SignedIn) {
	w.t.Helper()
	a := w.create(NewAccount{Username: "wang", Name: "王", Password: right, Phone: "13800000007", Grants: []GrantInput{{access.OutreachWorker, community}}})
	in, err := w.signIn(morning, "wang", right, home)
	if err != nil {
		w.t.Fatal(err)
	}
	return a, in
}

func (w *world) refresh(now time.Time, token string) (string, string) {
	in, err := w.accounts.Refresh(w.t.Context(), now, token)
	if err != nil {
		return "", outcome(err)
	}
	return in.RefreshToken, "ok"
}

func (w *world) stands(in *SignedIn, now time.Time) string {
	_, err := w.accounts.Actor(w.t.Context(), in.Account.ID, in.Session.ID, now)
	return outcome(err)
}

func TestRefreshRotates(t *testing.T) {
	w := newWorld(t)
	_, in := w.worker()
	now, token := morning, in.RefreshToken
	used := map[string]bool{}
	for range 5 {
		now = now.Add(15 * time.Minute)
		next, got := w.refresh(now, token)
		if got != "ok" || used[next] {
			t.Fatalf("%s, %q", got, next)
		}
		used[token], token = true, next
	}
	for old := range used {
		if _, got := w.refresh(now, old); got != "401" {
			t.Errorf("a used token: %s", got)
		}
		break
	}
	if _, got := w.refresh(now, token); got != "401" {
		t.Errorf("the good token of a family that ended: %s", got)
	}
	if got := w.stands(in, now); got != "401" {
		t.Errorf("the session of a family that ended: %s", got)
	}
}

func TestForgedTokensEndNothing(t *testing.T) {
	w := newWorld(t)
	_, in := w.worker()
	second := w.again("wang")
	parts, others := strings.Split(in.RefreshToken, "."), strings.Split(second.RefreshToken, ".")
	for _, forged := range []string{
		"", "x", "..", parts[0], parts[0] + "..", parts[0] + "." + others[1] + "." + others[2], parts[0] + "." + parts[2] + "." + parts[1],
		others[0] + "." + parts[1] + "." + parts[2], in.RefreshToken + ".x", "nobody." + parts[1] + "." + parts[2],
	} {
		if _, got := w.refresh(morning, forged); got != "401" {
			t.Errorf("%q: %s", forged, got)
		}
	}
	for _, token := range []string{in.RefreshToken, second.RefreshToken} {
		if _, got := w.refresh(morning, token); got != "ok" {
			t.Errorf("a real token afterwards: %s", got)
		}
	}
}

func (w *world) again(username string) *SignedIn {
	in, err := w.signIn(morning, username, right, home)
	if err != nil {
		w.t.Fatal(err)
	}
	return in
}

func TestRacingRefreshes(t *testing.T) {
	w := newWorld(t)
	_, in := w.worker()
	other := w.node()
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[string]int{}
	for i := range 8 {
		node := []*Accounts{w.accounts, other}[i%2]
		wg.Go(func() {
			_, err := node.Refresh(t.Context(), morning, in.RefreshToken)
			mu.Lock()
			defer mu.Unlock()
			count[outcome(err)]++
		})
	}
	wg.Wait()
	if count["ok"] != 1 || count["401"] != 7 {
		t.Errorf("%v", count)
	}
	if got := w.stands(in, morning); got != "401" {
		t.Errorf("the family after the race: %s", got)
	}
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	a, in := w.worker()
	second := w.again("wang")
	self := access.Actor{Account: a.ID, Session: in.Session.ID}
	stranger := access.Actor{Account: "stranger", Session: "s"}
	expect(t, "a stranger's", w.accounts.EndSession(t.Context(), stranger, in.Session.ID), "404")
	own, err := w.accounts.OwnSessions(t.Context(), self, morning)
	if err != nil || len(own) != 2 {
		t.Fatalf("%d sessions, %v", len(own), err)
	}
	expect(t, "sign out", w.accounts.SignOut(t.Context(), self), "ok")
	expect(t, "sign out twice", w.accounts.SignOut(t.Context(), self), "404")
	if w.stands(in, morning) != "401" || w.stands(second, morning) != "ok" {
		t.Error("not the one that was signed out")
	}
	if own, err = w.accounts.OwnSessions(t.Context(), self, morning); err != nil || len(own) != 1 || own[0].ID != second.Session.ID {
		t.Errorf("%v, %v", own, err)
	}
	expect(t, "all", w.accounts.EndAll(t.Context(), self, morning, a.ID), "ok")
	if got := w.stands(second, morning); got != "401" {
		t.Errorf("after all were ended: %s", got)
	}
	if _, got := w.refresh(morning, second.RefreshToken); got != "401" {
		t.Errorf("refreshed after all were ended: %s", got)
	}
	third := w.again("wang")
	if got := w.stands(third, morning.Add(idle)); got != "401" {
		t.Errorf("idle for 30 days: %s", got)
	}
	if got := w.stands(third, morning); got != "ok" {
		t.Errorf("after signing in again: %s", got)
	}
	if _, err := w.accounts.Actor(t.Context(), "another", third.Session.ID, morning); outcome(err) != "401" {
		t.Errorf("a session of somebody else: %v", err)
	}
}

func TestChangesThatEndSessions(t *testing.T) {
	for name, c := range map[string]struct {
		change Change
		after  string
	}{
		"password": {Change{Password: ptr("another horse")}, "401"},
		"disabled": {Change{Disabled: ptr(true)}, "401"},
		"phone":    {Change{Phone: ptr("13800000006")}, "ok"}, // of staff: they sign in by password
		"name":     {Change{Name: ptr("王二")}, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, in := w.worker()
			must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, c.change))(t)
			if got := w.stands(in, morning); got != c.after {
				t.Errorf("session: %s", got)
			}
			must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Disabled: ptr(false)}))(t)
			if got := w.stands(in, morning); got != c.after {
				t.Errorf("session, when enabled again: %s", got)
			}
		})
	}
	w := newWorld(t)
	in, err := w.signInDemo("13800000001")
	if err != nil {
		t.Fatal(err)
	}
	must(w.accounts.Update(t.Context(), w.actor("admin"), morning, in.Account.ID, 0, Change{Phone: ptr("13800000002")}))(t)
	if got := w.stands(in, morning); got != "401" {
		t.Errorf("a resident's session after their phone was changed: %s", got)
	}
}

func TestUpdateMe(t *testing.T) {
	w := newWorld(t)
	a, in := w.worker()
	second := w.again("wang")
	self := access.Actor{Account: a.ID, Session: in.Session.ID}
	change := func(version int64, c OwnChange) error {
		_, err := w.accounts.UpdateMe(t.Context(), self, morning, version, c, home)
		return err
	}
	expect(t, "stale", change(7, OwnChange{Language: ptr("en")}), "412")
	expect(t, "bad", change(1, OwnChange{Language: ptr("fr"), Name: ptr("")}), "/name /language")
	expect(t, "name", change(1, OwnChange{Name: ptr("王二"), Language: ptr("en")}), "ok")
	expect(t, "no old password", change(0, OwnChange{Password: ptr("another horse")}), "/oldPassword")
	expect(t, "wrong old password", change(0, OwnChange{Password: ptr("another horse"), OldPassword: ptr("wrong")}), "/oldPassword")
	expect(t, "weak password", change(0, OwnChange{Password: ptr("12345678"), OldPassword: ptr(right)}), "/password")
	expect(t, "password", change(0, OwnChange{Password: ptr("another horse"), OldPassword: ptr(right)}), "ok")
	if w.stands(in, morning) != "ok" || w.stands(second, morning) != "401" {
		t.Error("not all others, and only others, ended")
	}
	if _, got := w.refresh(morning, in.RefreshToken); got != "ok" {
		t.Errorf("refresh of the one that was kept: %s", got)
	}
	_, err := w.signIn(morning, "wang", right, home)
	expect(t, "the old password", err, "401")

	expect(t, "phone without code", change(0, OwnChange{Phone: ptr("13800000006")}), "/code")
	if err := w.accounts.RequestCode(t.Context(), morning, "13800000006", home); err != nil {
		t.Fatal(err)
	}
	expect(t, "phone with the code of another", change(0, OwnChange{Phone: ptr("13800000005"), Code: ptr(w.sent.last(t))}), "/code")
	expect(t, "phone", change(0, OwnChange{Phone: ptr("13800000006"), Code: ptr(w.sent.last(t))}), "ok")
	me, err := w.accounts.Me(t.Context(), self)
	if err != nil || me.FullName != "王二" || me.FullPhone != "13800000006" || me.Language != "en" {
		t.Errorf("%+v, %v", me, err)
	}
	_, err = w.accounts.Me(t.Context(), access.Actor{Account: "nobody"})
	expect(t, "nobody", err, "404")
}

func TestOldPasswordGuesses(t *testing.T) {
	w := newWorld(t)
	a, in := w.worker()
	self := access.Actor{Account: a.ID, Session: in.Session.ID}
	for _, want := range []string{"/oldPassword", "/oldPassword", "/oldPassword", "/oldPassword", "/oldPassword", "wait 1s"} {
		_, err := w.accounts.UpdateMe(t.Context(), self, morning, 0, OwnChange{Password: ptr("another horse"), OldPassword: ptr("wrong")}, home)
		expect(t, "guess", err, want)
	}
}

func TestSweep(t *testing.T) {
	w := newWorld(t)
	_, in := w.worker()
	if err := w.accounts.RequestCode(t.Context(), morning, "13800000009", home); err != nil {
		t.Fatal(err)
	}
	code := w.sent.last(t)
	expect(t, "sweep", w.accounts.Sweep(t.Context(), morning), "ok")
	if _, err := w.byCode(morning, "13800000009", code); err != nil || w.stands(in, morning) != "ok" {
		t.Error("swept what was good")
	}
	expect(t, "sweep", w.accounts.Sweep(t.Context(), morning.Add(longest)), "ok")
	for name, left := range w.stored() {
		if name == "sessions" || name == "codes" {
			t.Errorf("%s: %d left", name, len(left))
		}
	}
}
