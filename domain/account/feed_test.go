package account

import (
	"crypto/rand"
	"errors"
	"testing"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/secret"
)

// One address a person; it ends with the next, when it is closed, and with the account.
func TestFeed(t *testing.T) {
	w := newWorld(t)
	a, in := w.worker()
	worker := must(w.accounts.Actor(t.Context(), a.ID, in.Session.ID, morning))(t)
	feed := func(secret string) error {
		_, err := w.accounts.FeedActor(t.Context(), secret, morning)
		return err
	}
	if _, err := w.accounts.OpenFeed(t.Context(), access.Actor{Account: "x", Grants: []access.Grant{{Role: access.Dispatcher}}}, morning, "s"); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("who has no visits: %v", err)
	}
	one, two := secret.New(rand.Reader), secret.New(rand.Reader)
	for _, secret := range []string{one, two} {
		must(w.accounts.OpenFeed(t.Context(), worker, morning, secret))(t)
		if err := feed(secret); err != nil {
			t.Errorf("%s: %v", secret, err)
		}
	}
	if err := feed(one); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("the one before: %v", err)
	}
	if got := must(w.accounts.FeedActor(t.Context(), two, morning))(t); got.Account != a.ID || got.Session != "" {
		t.Errorf("it stands for %+v", got)
	}
	must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Disabled: ptr(true)}))(t)
	if err := feed(two); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("of a disabled account: %v", err)
	}
	must(w.accounts.Update(t.Context(), w.actor("manager"), morning, a.ID, 0, Change{Disabled: ptr(false)}))(t)
	for range 2 {
		if err := w.accounts.CloseFeed(t.Context(), worker); err != nil {
			t.Fatal(err)
		}
	}
	if err := feed(two); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("closed: %v", err)
	}
	if _, err := w.accounts.MyFeed(t.Context(), worker, morning); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("closed: %v", err)
	}
}
