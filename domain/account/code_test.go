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

func (o *outbox) last(t testing.TB) string {
	t.Helper()
	if len(o.sent) == 0 {
		t.Fatal("no code was sent")
	}
	_, code, _ := strings.Cut(o.sent[len(o.sent)-1], " ")
	return code
}

// code asks for a code and returns it.
func (w *world) code(now time.Time, phone string) string {
	w.t.Helper()
	if err := w.accounts.RequestCode(w.t.Context(), now, phone, home); err != nil {
		w.t.Fatal(err)
	}
	return w.sent.last(w.t)
}

// prove makes the phone the account's own, by its code.
func (w *world) prove(a *Account, phone string) {
	w.t.Helper()
	before := morning.Add(-time.Hour)
	_, err := w.accounts.UpdateMe(w.t.Context(), access.Actor{Account: a.ID}, before, 0, OwnChange{Phone: &phone, Code: ptr(w.code(before, phone))}, home)
	if err != nil {
		w.t.Fatal(err)
	}
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

	w.prove(w.create(NewAccount{Username: "wang", Name: "王", Grants: []GrantInput{{access.GridLead, community}}}), "13800000007")
	code = w.code(later, "13800000007")
	_, err = w.byCode(later, "13800000007", other(code))
	expect(t, "staff, wrong code", err, "401")
	_, err = w.byCode(later, "13800000007", code)
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
		got := []string{ask(morning, phone, home), ask(morning.Add(20*time.Second), phone, home), ask(morning.Add(time.Minute), phone, home)}
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
	for range 5 { // a newcomer on as many devices at once as need not wait is one account
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

// A phone gets a code a minute, five in any hour, and ten in any 24 hours.
func TestCodesOfADay(t *testing.T) {
	w := newWorld(t)
	ask := func(after time.Duration) string {
		return outcome(w.accounts.RequestCode(t.Context(), morning.Add(after), "13800000009", home))
	}
	for i := range 10 {
		after := time.Duration(i/5)*time.Hour + time.Duration(i%5)*time.Minute
		if got := ask(after); got != "ok" {
			t.Fatalf("code %d: %s", i+1, got)
		}
		if got := ask(after + 20*time.Second); got != "wait 40s" && i%5 < 4 {
			t.Fatalf("20 s after code %d: %s", i+1, got)
		}
		if i == 4 {
			if got := ask(after + time.Minute); got != "wait 55m0s" {
				t.Errorf("the sixth in an hour: %s", got)
			}
		}
	}
	for after, want := range map[time.Duration]string{
		3 * time.Hour: "wait 21h0m0s", 24*time.Hour - time.Second: "wait 1s",
	} {
		if got := ask(after); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
	}
	if got := ask(24 * time.Hour); got != "ok" {
		t.Errorf("the day after: %s", got)
	}
}
