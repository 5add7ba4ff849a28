package account

import (
	"testing"
	"time"

	"wangge/domain/access"
)

// proof signs in by a code that is sent to the phone.
func (w *world) proof(now time.Time, phone string) *SignedIn {
	w.t.Helper()
	must(0, w.accounts.RequestCode(w.t.Context(), now, phone, home))(w.t)
	return must(w.byCode(now, phone, w.sent.last(w.t)))(w.t)
}

func (w *world) as(in *SignedIn, now time.Time) access.Actor {
	w.t.Helper()
	return must(w.accounts.Actor(w.t.Context(), in.Account.ID, in.Session.ID, now))(w.t)
}

// A phone is an account's in the sessions that gave its code, from a
// quarantine before the first of proofs that follow each other closely.
func TestProvedPhone(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		const phone = "13800000009"
		index, day := w.accounts.phoneIndex(phone), 24*time.Hour
		first := w.proof(morning, phone)
		a := w.as(first, morning)
		if a.Phone != index || !a.PhoneSince.Equal(morning.Add(-quarantine)) || !a.Since.IsZero() {
			t.Errorf("newly registered: %+v", a)
		}
		w.proof(morning.Add(time.Hour), phone) // not noted again
		if stored := must(collection.Get(t.Context(), w.st, first.Account.ID))(t); stored.Version != 1 {
			t.Errorf("version %d after a second sign-in", stored.Version)
		}
		now := morning.Add(80 * day)
		w.proof(now, phone)
		now = now.Add(quarantine) // just not longer
		again := w.proof(now, phone)
		if a := w.as(again, now); a.Phone != index || !a.PhoneSince.Equal(morning.Add(-quarantine)) || !a.Since.IsZero() {
			t.Errorf("proved again and again: %+v", a)
		}
		now = now.Add(quarantine + time.Minute)
		other := w.proof(now, phone)
		if a := w.as(other, now); a.Phone != index || !a.PhoneSince.Equal(now.Add(-quarantine)) || !a.Since.Equal(a.PhoneSince) || a.Account != first.Account.ID {
			t.Errorf("it may be another's by now: %+v", a)
		}
		if _, err := w.accounts.Actor(t.Context(), again.Account.ID, again.Session.ID, now); outcome(err) != "401" {
			t.Errorf("a session outlasts the quarantine: %v", err)
		}
	})
}

// A phone that was changed is not proved until its code was given.
func TestChangedPhone(t *testing.T) {
	w := newWorld(t)
	const old, fresh = "13800000008", "13800000009"
	in := w.proof(morning, old)
	self := w.as(in, morning)
	must(0, w.accounts.RequestCode(t.Context(), morning.Add(time.Hour), fresh, home))(t)
	must(w.accounts.UpdateMe(t.Context(), self, morning.Add(time.Hour), 0, OwnChange{Phone: ptr(fresh), Code: ptr(w.sent.last(t))}, home))(t)
	if a := w.as(in, morning.Add(time.Hour)); a.Phone != w.accounts.phoneIndex(fresh) || !a.PhoneSince.Equal(morning.Add(time.Hour-quarantine)) || !a.Since.IsZero() {
		t.Errorf("changed by its code: %+v", a)
	}
	must(w.accounts.Update(t.Context(), w.actor("admin"), morning, in.Account.ID, 0, Change{Phone: ptr(old), Username: ptr("resident"), Password: ptr(right)}))(t)
	if _, err := w.accounts.Actor(t.Context(), in.Account.ID, in.Session.ID, morning); outcome(err) != "401" {
		t.Errorf("a session outlasts the phone: %v", err)
	}
	byPassword := must(w.signIn(morning, "resident", right, home))(t)
	if a := w.as(byPassword, morning); a.Phone != "" {
		t.Errorf("a phone that a manager noted is proved: %+v", a)
	}
	if a := w.as(w.proof(morning.Add(2*time.Hour), old), morning.Add(2*time.Hour)); a.Phone != w.accounts.phoneIndex(old) {
		t.Errorf("not proved by its code: %+v", a)
	}
}

// Staff sign in by a password, and prove their phone beside it.
func TestStaffProveTheirPhone(t *testing.T) {
	w := newWorld(t)
	a, in := w.worker()
	self := w.as(in, morning)
	if self.Phone != "" {
		t.Errorf("proved by a password: %+v", self)
	}
	phone := must(w.accounts.Me(t.Context(), self))(t).FullPhone
	must(0, w.accounts.RequestCode(t.Context(), morning, phone, home))(t)
	must(w.accounts.UpdateMe(t.Context(), self, morning, 0, OwnChange{Phone: ptr(phone), Code: ptr(w.sent.last(t))}, home))(t)
	if self = w.as(in, morning); self.Phone != w.accounts.phoneIndex(phone) {
		t.Errorf("not proved: %+v", self)
	}
	must(0, w.accounts.RequestCode(t.Context(), morning.Add(time.Hour), phone, home))(t)
	must(w.accounts.UpdateMe(t.Context(), self, morning.Add(time.Hour), 0, OwnChange{Phone: ptr(phone), Code: ptr(w.sent.last(t))}, home))(t)
	must(w.accounts.Update(t.Context(), w.actor("admin"), morning, a.ID, 0, Change{Phone: ptr("13800000077")}))(t)
	if self = w.as(in, morning); self.Phone != "" {
		t.Errorf("still proved after a manager noted another: %+v", self)
	}
}
