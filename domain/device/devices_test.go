package device

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/delivery"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon  = worldtest.Noon
	admin = access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}
)

const password = "correct horse battery"

type world struct {
	t        testing.TB
	st       *store.Store
	keys     *personal.Keys
	accounts *account.Accounts
	devices  *Devices
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, worldOn, test) }

func worldOn(t testing.TB, place enginetest.Place) *world {
	t.Helper()
	w := &world{t: t, keys: worldtest.Keys(t)}
	var areas *area.Areas
	w.st, areas = worldtest.Open(t, place.Open(t), store.Options{Rehearse: true}, slices.Concat(area.Collections(), limit.Collections(), account.Collections(), Collections())...)
	worldtest.Import(t, areas, noon, worldtest.Areas)
	w.accounts = account.New(w.st, areas, w.keys, account.Options{})
	w.devices = New(w.st, w.accounts, w.keys)
	w.devices.On = []delivery.Way{delivery.FCM, delivery.JPush}
	return w
}

// person makes an account.
func (w *world) person(name string) *account.Account {
	return worldtest.Must(w.accounts.Create(w.t.Context(), admin, noon, account.NewAccount{Username: "at." + name, Name: name, Password: password, Grants: []account.GrantInput{{Role: access.Admin}}}))(w.t)
}

// signIn begins a session of an account.
func (w *world) signIn(name string, now time.Time) (access.Actor, *account.SignedIn) {
	in := worldtest.Must(w.accounts.SignIn(w.t.Context(), now, account.Credentials{Username: "at." + name, Password: password}, "192.0.2.1"))(w.t)
	return worldtest.Must(w.accounts.Actor(w.t.Context(), in.Account.ID, in.Session.ID, now))(w.t), in
}

func registration(address string, at time.Time) Registration {
	return Registration{ID: ids.New(), Way: delivery.FCM, Address: address, Platform: Android, Language: "zh-CN", Model: "Mate 70", At: at}
}

// register must succeed.
func (w *world) register(who access.Actor, now time.Time, in Registration) *Device {
	w.t.Helper()
	return worldtest.Must(w.devices.Register(w.t.Context(), who, now, in))(w.t)
}

// addresses are those at which the person is reached.
func (w *world) addresses(who access.Actor, now time.Time) string {
	w.t.Helper()
	var out []string
	for _, d := range worldtest.Must(w.devices.Own(w.t.Context(), who, now))(w.t) {
		out = append(out, worldtest.Must(w.devices.Open(d))(w.t))
	}
	return strings.Join(out, " ")
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A device, and an address, is one account's: the last one's to register it.
func TestDeviceMoves(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.person("li")
		w.person("wang")
		li, _ := w.signIn("li", noon)
		wang, _ := w.signIn("wang", noon)
		first := registration("token-1", noon)
		w.register(li, noon, first)
		again := w.register(li, noon.Add(time.Second), first)
		if !again.Seen.Equal(noon.Add(time.Second)) || !again.Since.Equal(noon) || again.Address.Key == "" || strings.Contains(string(again.Address.Data), "token-1") {
			t.Errorf("sent again: %+v", again)
		}
		expect(t, "li's", w.addresses(li, noon), "token-1")

		// the same installation, signed in by somebody else
		moved := first
		moved.At = noon.Add(time.Minute)
		if d := w.register(wang, noon.Add(time.Minute), moved); !d.Since.Equal(noon.Add(time.Minute)) {
			t.Errorf("it is wang's since %v", d.Since)
		}
		expect(t, "li's, then", w.addresses(li, noon), "")
		expect(t, "wang's", w.addresses(wang, noon), "token-1")

		// li's request comes late: it takes nothing back
		_, err := w.devices.Register(t.Context(), li, noon.Add(2*time.Minute), first)
		expect(t, "late", worldtest.Conflict(err), "superseded")
		expect(t, "wang's, still", w.addresses(wang, noon), "token-1")

		// the address under another id, and a new address of the device
		other := registration("token-1", noon.Add(3*time.Minute))
		w.register(li, noon.Add(3*time.Minute), other)
		expect(t, "wang's, without the address", w.addresses(wang, noon), "")
		fresh := other
		fresh.Address, fresh.At = "token-2", noon.Add(4*time.Minute)
		w.register(li, noon.Add(4*time.Minute), fresh)
		expect(t, "li's, at last", w.addresses(li, noon), "token-2")
		if other.ID != fresh.ID {
			t.Error("another device")
		}
		// the same address by another way is another one
		byJPush := registration("token-2", noon.Add(5*time.Minute))
		byJPush.Way = delivery.JPush
		w.register(wang, noon.Add(5*time.Minute), byJPush)
		expect(t, "by two ways", w.addresses(li, noon)+" "+w.addresses(wang, noon), "token-2 token-2")
		// a clock that is ahead is taken for the program's
		ahead := registration("token-3", noon.Add(1000*time.Hour))
		if d := w.register(wang, noon.Add(6*time.Minute), ahead); !d.At.Equal(noon.Add(6 * time.Minute)) {
			t.Errorf("at %v", d.At)
		}
	})
}

// A device goes with the sign-in that it came with, however that ends.
func TestDeviceGoesWithItsSession(t *testing.T) {
	for name, end := range map[string]func(w *world, who access.Actor, in *account.SignedIn) error{
		"signed out": func(w *world, who access.Actor, _ *account.SignedIn) error {
			return w.accounts.SignOut(w.t.Context(), who)
		},
		"reuse": func(w *world, _ access.Actor, in *account.SignedIn) error {
			for _, at := range []time.Duration{time.Minute, time.Hour} {
				if _, err := w.accounts.Refresh(w.t.Context(), noon.Add(at), in.RefreshToken); at == time.Hour && !errors.Is(err, account.ErrReused) {
					return fmt.Errorf("reused: %w", err)
				}
			}
			return nil
		},
		"password": func(w *world, who access.Actor, _ *account.SignedIn) error {
			other, _ := w.signIn("li", noon)
			old, fresh := password, "another horse battery"
			_, err := w.accounts.UpdateMe(w.t.Context(), other, noon, 0, account.OwnChange{Password: &fresh, OldPassword: &old}, "192.0.2.1")
			return err
		},
		"disabled": func(w *world, who access.Actor, _ *account.SignedIn) error {
			yes := true
			_, err := w.accounts.Update(w.t.Context(), admin, noon, who.Account, 0, account.Change{Disabled: &yes})
			return err
		},
		"all ended": func(w *world, who access.Actor, _ *account.SignedIn) error {
			return w.accounts.EndAll(w.t.Context(), admin, noon, who.Account)
		},
	} {
		t.Run(name, func(t *testing.T) {
			oneEngine(t, func(t *testing.T, w *world) {
				w.person("li")
				who, in := w.signIn("li", noon)
				d := w.register(who, noon, registration("token-1", noon))
				if err := end(w, who, in); err != nil {
					t.Fatal(err)
				}
				ever := worldtest.Must(devices.GetManyEver(t.Context(), w.st, []string{d.ID}))(t)[d.ID]
				if !ever.Deleted || !ever.Address.IsZero() || ever.Index != "" || ever.Model != "" {
					t.Errorf("what is left of it: %+v", ever)
				}
				if _, err := w.devices.Register(t.Context(), who, noon, registration("token-2", noon)); !errors.Is(err, domain.ErrUnauthenticated) {
					t.Errorf("registered in a session that is over: %v", err)
				}
			})
		})
	}
}

// What ended a session without a word, as time does, is seen when it is sent to; a password kept one's own.
func TestOnlyStandingSessions(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.person("li")
		who, _ := w.signIn("li", noon)
		w.register(who, noon, registration("token-1", noon))
		old, fresh := password, "another horse battery"
		if _, err := w.accounts.UpdateMe(t.Context(), who, noon, 0, account.OwnChange{Password: &fresh, OldPassword: &old}, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		expect(t, "after one's own password", w.addresses(who, noon), "token-1")
		expect(t, "after the session ran out", w.addresses(who, noon.Add(31*24*time.Hour)), "")
		if err := Sweep(t.Context(), w.st, noon.Add(kept+time.Hour)); err != nil {
			t.Fatal(err)
		}
		if left := worldtest.Must(devices.Any(t.Context(), w.st))(t); left != nil {
			t.Errorf("left: %+v", left)
		}
	})
}

// An account that registers device after device keeps the last ones.
func TestDevicesAreBounded(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.person("li")
		who, _ := w.signIn("li", noon)
		for i := range 25 {
			at := noon.Add(time.Duration(i) * time.Second)
			w.register(who, at, registration(fmt.Sprint("token-", i), at))
		}
		expect(t, "the last ones", w.addresses(who, noon.Add(time.Minute)), "token-24 token-23 token-22 token-21 token-20 token-19 token-18 token-17 token-16 token-15")
		all := worldtest.Must(Of(t.Context(), w.st, append(make([]string, 60), who.Account), noon))(t)
		if len(all) != 1 || len(all[who.Account]) != most {
			t.Errorf("%v", all)
		}
	})
}

// Who ends a device ends the sign-in on it, but their own; another's there is not.
func TestEndDevice(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.person("li")
		w.person("wang")
		li, _ := w.signIn("li", noon)
		phone, _ := w.signIn("li", noon)
		wang, _ := w.signIn("wang", noon)
		here, lost := registration("token-1", noon), registration("token-2", noon)
		w.register(li, noon, here)
		w.register(phone, noon, lost)
		for _, id := range []string{here.ID, ids.New()} {
			if err := w.devices.End(t.Context(), wang, id); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("another's: %v", err)
			}
		}
		for range 2 {
			if err := w.devices.End(t.Context(), li, lost.ID); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, "what is left", w.addresses(li, noon), "token-1")
		if _, err := w.accounts.Actor(t.Context(), phone.Account, phone.Session, noon); !errors.Is(err, domain.ErrUnauthenticated) {
			t.Errorf("the lost phone is signed in still: %v", err)
		}
		if err := w.devices.End(t.Context(), li, here.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.accounts.Actor(t.Context(), li.Account, li.Session, noon); err != nil {
			t.Errorf("this device is signed out: %v", err)
		}
		_, err := w.devices.Register(t.Context(), li, noon, here)
		expect(t, "the registration comes once more", worldtest.Conflict(err), "superseded")
		here.At = noon.Add(time.Second)
		w.register(li, noon.Add(time.Second), here)
		expect(t, "registered anew", w.addresses(li, noon.Add(time.Second)), "token-1")
	})
}

// What a service says of an address that was replaced meanwhile is of no device.
func TestForget(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.person("li")
		who, _ := w.signIn("li", noon)
		in := registration("token-1", noon)
		tried := w.register(who, noon, in)
		in.Address, in.At = "token-2", noon.Add(time.Second)
		now := w.register(who, noon.Add(time.Second), in)
		if err := w.devices.Forget(t.Context(), tried.ID, tried.Index, Gone); err != nil {
			t.Fatal(err)
		}
		expect(t, "the new one", w.addresses(who, noon), "token-2")
		for range 2 {
			if err := w.devices.Forget(t.Context(), now.ID, now.Index, Gone); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, "none", w.addresses(who, noon), "")
	})
}

func TestRegistrationsRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.person("li")
		who, _ := w.signIn("li", noon)
		for name, c := range map[string]struct {
			in   Registration
			want []string
		}{
			"nothing":             {Registration{ID: ids.New()}, []string{"/way", "/address", "/platform", "/language"}},
			"another's to choose": {Registration{ID: ids.New(), Way: delivery.WeChat, Address: "openid", Platform: MiniProgram, Language: "zh-CN"}, []string{"/way"}},
			"all wrong":           {Registration{ID: ids.New(), Way: "pigeon", Address: "a b", Platform: "symbian", Language: "tlh", Model: strings.Repeat("长", 61)}, []string{"/way", "/address", "/platform", "/language", "/model"}},
			"controls":            {Registration{ID: ids.New(), Way: delivery.FCM, Address: "token\n", Platform: IOS, Language: "en"}, []string{"/address"}},
			"letters":             {Registration{ID: ids.New(), Way: delivery.FCM, Address: "令牌", Platform: IOS, Language: "en"}, []string{"/address"}},
			"too long":            {Registration{ID: ids.New(), Way: delivery.FCM, Address: strings.Repeat("a", 1025), Platform: IOS, Language: "en"}, []string{"/address"}},
		} {
			if _, err := w.devices.Register(t.Context(), who, noon, c.in); !slices.Equal(worldtest.Pointers(err), c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		off := registration("token", noon)
		off.Way = delivery.Getui
		_, err := w.devices.Register(t.Context(), who, noon, off)
		expect(t, "a way that is off", worldtest.Conflict(err), "way_off")
		expect(t, "nothing is kept", w.addresses(who, noon), "")
	})
}

// Of many that register one address at the same moment, one has it.
func TestRacingForAnAddress(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var people []access.Actor
		for i := range 4 {
			w.person(fmt.Sprint("person-", i))
			who, _ := w.signIn(fmt.Sprint("person-", i), noon)
			people = append(people, who)
		}
		var all sync.WaitGroup
		for _, who := range people {
			for range 3 {
				all.Go(func() {
					_, err := w.devices.Register(t.Context(), who, noon, registration("token", noon))
					if err != nil && !errors.Is(err, domain.ErrBusy) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		var have int
		for _, who := range people {
			have += len(strings.Fields(w.addresses(who, noon)))
		}
		if have != 1 {
			t.Errorf("%d have it", have)
		}
	})
}
