package account

import (
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/secret"
	"wangge/store"
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
	if _, got := w.refresh(now, in.RefreshToken); got != "401" {
		t.Errorf("a used token: %s", got)
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
		others[0] + "." + parts[1] + "." + parts[2], in.RefreshToken + ".x",
		parts[0] + "." + parts[1] + ".x", parts[0] + "." + parts[1] + ".0-" + parts[2][2:], parts[0] + "." + parts[1] + ".2-" + parts[2][2:],
		parts[0] + "." + parts[1] + ".-1-" + parts[2][2:], parts[0] + "." + parts[1] + "." + secret.New(crand.Reader), "nobody." + parts[1] + "." + parts[2],
	} {
		if _, err := w.accounts.Refresh(t.Context(), morning, forged); !errors.Is(err, domain.ErrUnauthenticated) || errors.Is(err, ErrReused) {
			t.Errorf("%q: %v", forged, err)
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

// However many ask at once, on two nodes, all get the one token that follows.
func TestRacingRefreshes(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		_, in := w.worker()
		other := w.node()
		var wg sync.WaitGroup
		var mu sync.Mutex
		count := map[string]int{}
		for i := range 8 {
			node := []*Accounts{w.accounts, other}[i%2]
			wg.Go(func() {
				next, err := node.Refresh(t.Context(), morning, in.RefreshToken)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				count[next.RefreshToken]++
			})
		}
		wg.Wait()
		if len(count) != 1 || count[in.RefreshToken] > 0 {
			t.Errorf("%v", count)
		}
		for next := range count {
			if _, got := w.refresh(morning, next); got != "ok" {
				t.Errorf("the next one: %s", got)
			}
		}
	})
}

// Whatever tokens come, in any order and at any time, each is answered as a
// model of the family says.
func TestRefreshesFollowTheModel(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.worker()
		for seed := range uint64(12) {
			rng := rand.New(rand.NewPCG(seed, 1))
			in := w.again("wang")
			family, now, used := []string{in.RefreshToken}, morning, morning
			for range 12 {
				now = now.Add(time.Duration(rng.IntN(50)) * time.Second)
				i := len(family) - 1 - min(rng.IntN(5)/2, len(family)-1)
				node := []*Accounts{w.accounts, w.node()}[rng.IntN(2)]
				out, err := node.Refresh(t.Context(), now, family[i])
				switch {
				case i == len(family)-1:
					if err != nil || slices.Contains(family, out.RefreshToken) {
						t.Fatalf("seed %d: the present one: %v", seed, err)
					}
					family, used = append(family, out.RefreshToken), now
					continue
				case i == len(family)-2 && now.Sub(used) < repeatFor:
					if err != nil || out.RefreshToken != family[i+1] || !out.Session.Expires.Equal(used.Add(idle)) {
						t.Fatalf("seed %d: the one before, %s later: %v", seed, now.Sub(used), err)
					}
					continue
				}
				if !errors.Is(err, ErrReused) || w.stands(in, now) != "401" {
					t.Fatalf("seed %d: an older one, or later: %v", seed, err)
				}
				if _, err := node.Refresh(t.Context(), now, family[len(family)-1]); !errors.Is(err, domain.ErrUnauthenticated) || errors.Is(err, ErrReused) {
					t.Fatalf("seed %d: of a family that ended: %v", seed, err)
				}
				break
			}
		}
	})
}

// A session that was stored before tokens were derived goes on, and its used tokens end it as ever.
func TestSessionsOfBeforeTokensWereDerived(t *testing.T) {
	w := newWorld(t)
	w.worker()
	old := func() (*SignedIn, string) {
		in := w.again("wang")
		given, _ := parseRefreshToken(in.RefreshToken)
		given.secret = secret.New(crand.Reader)
		err := w.st.Update(t.Context(), nil, func(tx *store.Tx) error {
			se, err := sessions.Get(t.Context(), tx, in.Session.ID)
			if err != nil {
				return err
			}
			se.Token, se.Number, se.Derived = secret.Hash(given.secret), 0, false
			return sessions.Put(tx, se)
		})
		if err != nil {
			t.Fatal(err)
		}
		return in, given.String()
	}
	in, token := old()
	next, got := w.refresh(morning, token)
	if again, _ := w.refresh(morning.Add(59*time.Second), token); got != "ok" || again != next {
		t.Errorf("%s, %q, %q", got, next, again)
	}
	if _, got := w.refresh(morning.Add(59*time.Second), next); got != "ok" {
		t.Errorf("the next one: %s", got)
	}
	if _, err := w.accounts.Refresh(t.Context(), morning.Add(59*time.Second), token); !errors.Is(err, ErrReused) || w.stands(in, morning) != "401" {
		t.Errorf("a used one: %v", err)
	}
	in, token = old()
	given, _ := parseRefreshToken(token)
	given.secret = secret.New(crand.Reader) // as one from before the token was renewed the last time
	if _, err := w.accounts.Refresh(t.Context(), morning, given.String()); !errors.Is(err, ErrReused) || w.stands(in, morning) != "401" {
		t.Errorf("an older one: %v", err)
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
	expect(t, "sweep", w.accounts.Sweep(t.Context(), morning.Add(LongestSession)), "ok")
	for name, left := range w.stored() {
		if name == "sessions" || name == "codes" {
			t.Errorf("%s: %d left", name, len(left))
		}
	}
}
