package wechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/device"
	"wangge/domain/limit"
	"wangge/domain/notice"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

const (
	home  = "192.0.2.1"
	phone = "13800000001"
)

var noon = worldtest.Noon

// world is a store with WeChat beside it, that takes any code, as often as it
// comes: what is good once here is so by ourselves.
type world struct {
	*WeChat
	t      testing.TB
	dying  *enginetest.Dying
	wrote  *written
	number int
}

// OpenID is what follows the number of a code.
func (w *world) OpenID(_ context.Context, code string) (string, error) {
	_, id, _ := bytes.Cut([]byte(code), []byte("/"))
	return string(id), nil
}

func (w *world) Phone(_ context.Context, code string) (Phone, error) { return Phone{"86", code}, nil }

// written keeps every document that is written.
type written struct {
	store.Engine
	mu   sync.Mutex
	docs [][]byte
}

type writtenTx struct {
	store.EngineTx
	of *written
}

func (e *written) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	tx, err := e.Engine.Begin(ctx, partitions, reserve)
	return writtenTx{tx, e}, err
}

func (tx writtenTx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	tx.of.mu.Lock()
	for _, w := range writes {
		tx.of.docs = append(tx.of.docs, w.Doc)
	}
	tx.of.mu.Unlock()
	return tx.EngineTx.Write(ctx, writes, used)
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func worldOn(t testing.TB, place enginetest.Place) *world {
	t.Helper()
	w := &world{t: t, wrote: &written{Engine: place.Open(t)}}
	w.dying = &enginetest.Dying{Engine: w.wrote}
	keys := worldtest.Keys(t)
	st, areas := worldtest.Open(t, w.dying, store.Options{}, slices.Concat(area.Collections(), limit.Collections(), account.Collections(), device.Collections(), Collections())...)
	worldtest.Import(t, areas, noon, worldtest.Areas)
	accounts := account.New(st, areas, keys, account.Options{})
	w.WeChat = New(st, accounts, device.New(st, accounts, keys), keys)
	w.Service, w.Templates = w, []Template{{ID: "template-1"}}
	return w
}

// login is a code that nobody has used.
func (w *world) login(openID string) string {
	w.number++
	return fmt.Sprintf("%d/%s", w.number, openID)
}

func (w *world) signIn(in Credentials) (*account.SignedIn, error) {
	return w.SignIn(w.t.Context(), noon, in, home)
}

func (w *world) actor(in *account.SignedIn) access.Actor {
	w.t.Helper()
	return worldtest.Must(w.accounts.Actor(w.t.Context(), in.Account.ID, in.Session.ID, noon))(w.t)
}

// Codes that arrive many times at once begin one session.
func TestCodesAreGoodOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		in := Credentials{LoginCode: w.login("openid-1"), PhoneCode: phone}
		var mu sync.Mutex
		began := map[string]int{}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				out, err := w.SignIn(t.Context(), noon, in, home)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					began[out.RefreshToken]++
				case !errors.Is(err, domain.ErrBusy):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(began) != 1 {
			t.Errorf("%v", began)
		}
		if _, err := w.signIn(Credentials{LoginCode: in.LoginCode}); !errors.Is(err, ErrLoginCode) {
			t.Errorf("with another phone code: %v", err)
		}
		first := worldtest.Must(w.signIn(in))(t)
		worldtest.Must(w.accounts.Refresh(t.Context(), noon, first.RefreshToken))(t)
		if _, err := w.signIn(in); !errors.Is(err, ErrLoginCode) {
			t.Errorf("after its token was used: %v", err)
		}
		other := Credentials{LoginCode: w.login("openid-1")}
		worldtest.Must(w.signIn(other))(t)
		if _, err := w.SignIn(t.Context(), noon.Add(sameFor), other, home); !errors.Is(err, ErrLoginCode) {
			t.Errorf("a minute later: %v", err)
		}
	})
}

// Many who share one phone at the same moment leave one account with one WeChat, that of the last.
func TestOnePhoneAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		accounts, tokens := map[string]bool{}, map[string]string{} // tokens by openid
		var all sync.WaitGroup
		for i := range 8 {
			openID := fmt.Sprintf("openid-%d", i)
			in := Credentials{LoginCode: w.login(openID), PhoneCode: phone}
			all.Go(func() {
				out, err := w.SignIn(t.Context(), noon, in, home)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					accounts[out.Account.ID], tokens[openID] = true, out.RefreshToken
				case !errors.Is(err, domain.ErrBusy) && !errors.Is(err, domain.ErrUnauthenticated): // another took its place meanwhile
					t.Error(err)
				}
			})
		}
		all.Wait()
		of := worldtest.Must(w.accounts.ByPhone(t.Context(), phone))(t)
		b := worldtest.Must(w.ofAccount(t.Context(), w.store, of.ID))(t)
		if len(accounts) != 1 || !accounts[of.ID] || b == nil {
			t.Fatalf("%v, %+v", accounts, b)
		}
		for openID, token := range tokens {
			if _, err := w.accounts.Refresh(t.Context(), noon, token); (err == nil) != (w.idOf(openID) == b.ID) {
				t.Errorf("%s, bound %v: %v", openID, w.idOf(openID) == b.ID, err)
			}
		}
	})
}

// A node that dies anywhere leaves nothing that a further sign-in does not set right.
func TestKilledAnywhere(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		deaths := int64(0)
		for n, died := int64(1), true; died; n++ {
			deaths = n
			for _, after := range []bool{false, true} {
				openID, number := fmt.Sprintf("openid-%d-%v", n, after), fmt.Sprintf("1380000%02d%02d", n, map[bool]int{true: 1}[after])
				w.dying.After = after
				w.dying.Left.Store(n)
				in := Credentials{LoginCode: w.login(openID), PhoneCode: number}
				first, err := w.signIn(in)
				if died = w.dying.Left.Swap(0) <= 0; died == (err == nil) {
					t.Errorf("died at commit %d %v, and %v", n, died, err)
				}
				again, err2 := w.signIn(in)
				if err == nil && (err2 != nil || again.RefreshToken != first.RefreshToken) {
					t.Errorf("death %d, sent again: %v", n, err2)
				}
				if err2 != nil {
					t.Errorf("death %d, %v: %v", n, after, err2)
					continue
				}
				last := worldtest.Must(w.signIn(Credentials{LoginCode: w.login(openID)}))(t)
				of := worldtest.Must(w.accounts.ByPhone(t.Context(), number))(t)
				b := worldtest.Must(w.ofAccount(t.Context(), w.store, of.ID))(t)
				if last.Account.ID != of.ID || again.Account.ID != of.ID || b == nil || b.ID != w.idOf(openID) {
					t.Errorf("death %d: %+v", n, b)
				}
			}
		}
		if deaths < 6 { // of the count, the account, the binding, the session
			t.Errorf("died at %d commits", deaths)
		}
	})
}

// The phone counts as proved in the sign-in that it was shared in, of residents.
func TestPhoneIsProved(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		if a := w.actor(worldtest.Must(w.signIn(Credentials{LoginCode: w.login("openid-1"), PhoneCode: phone}))(t)); a.Phone == "" || a.PhoneSince.IsZero() {
			t.Errorf("%+v", a)
		}
		if a := w.actor(worldtest.Must(w.signIn(Credentials{LoginCode: w.login("openid-1")}))(t)); a.Phone != "" {
			t.Errorf("by WeChat alone: %+v", a)
		}
		if a := w.actor(worldtest.Must(w.signIn(Credentials{LoginCode: w.login("openid-1"), PhoneCode: phone}))(t)); a.Phone == "" {
			t.Errorf("shared again: %+v", a)
		}
	})
}

// Nothing that WeChat or who signs in said lies open in the store.
func TestNothingLiesOpen(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		in := Credentials{LoginCode: w.login("openid-of-somebody"), PhoneCode: phone, Password: "correct horse battery"}
		who := w.actor(worldtest.Must(w.signIn(in))(t))
		worldtest.Must(0, w.Report(t.Context(), who, noon, []Count{{"template-1", 3}}))(t)
		worldtest.Must(0, w.Taken(t.Context(), "openid-of-somebody", "ticket_assigned"))(t)
		worldtest.Must(0, w.Unbind(t.Context(), who, noon))(t)
		w.wrote.mu.Lock()
		defer w.wrote.mu.Unlock()
		if len(w.wrote.docs) < 8 {
			t.Fatalf("%d documents", len(w.wrote.docs))
		}
		for _, secret := range []string{"openid-of-somebody", in.LoginCode, phone, "correct horse battery"} {
			for _, doc := range w.wrote.docs {
				if bytes.Contains(doc, []byte(secret)) {
					t.Errorf("%s: %s", secret, doc)
				}
			}
		}
	})
}

// Messages taken by several at once count once each; a refusal leaves none, also of what was counted meanwhile.
func TestCountingDown(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		who := w.actor(worldtest.Must(w.signIn(Credentials{LoginCode: w.login("openid-1"), PhoneCode: phone}))(t))
		left := func() int { return worldtest.Must(w.Own(t.Context(), who))(t).Counts[0].Left }
		worldtest.Must(0, w.Report(t.Context(), who, noon, []Count{{"template-1", 8}}))(t)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { worldtest.Must(0, w.Taken(t.Context(), "openid-1", "ticket_assigned"))(t) })
		}
		all.Wait()
		if n := left(); n != 3 {
			t.Errorf("%d left", n)
		}
		if ok, err := w.Allowed(t.Context(), "openid-1", ""); !ok || err != nil { // a digest, of no kind
			t.Errorf("%v %v", ok, err)
		}
		worldtest.Must(0, w.Spent(t.Context(), "openid-1", "ticket_assigned"))(t)
		for range 2 {
			worldtest.Must(0, w.Taken(t.Context(), "openid-1", "ticket_assigned"))(t)
		}
		if ok, err := w.Allowed(t.Context(), "openid-1", "ticket_assigned"); ok || err != nil || left() != 0 {
			t.Errorf("%v %v, %d left", ok, err, left())
		}
		w.Templates = []Template{{ID: "template-1", Kinds: nil}, {ID: "template-2", Kinds: []notice.Kind{"ticket_assigned"}}}
		worldtest.Must(0, w.Report(t.Context(), who, noon, []Count{{"template-1", 1}}))(t)
		if ok, _ := w.Allowed(t.Context(), "openid-1", "ticket_assigned"); ok {
			t.Error("by another template's")
		}
		if ok, _ := w.Allowed(t.Context(), "of nobody", "x"); ok {
			t.Error("of nobody")
		}
		worldtest.Must(0, w.Unbind(t.Context(), who, noon))(t)
		if ok, _ := w.Allowed(t.Context(), "openid-1", "x"); ok {
			t.Error("unbound")
		}
	})
}

// A binding that does not hold any more has nothing sent by it.
func TestLapsed(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		who := w.actor(worldtest.Must(w.signIn(Credentials{LoginCode: w.login("openid-1"), PhoneCode: phone}))(t))
		worldtest.Must(0, w.Report(t.Context(), who, noon, []Count{{"template-1", 1}}))(t)
		other := "13800000002"
		worldtest.Must(w.accounts.Update(t.Context(), access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}, noon, who.Account, 0, account.Change{Phone: &other}))(t)
		own := worldtest.Must(w.Own(t.Context(), who))(t)
		if !own.Since.IsZero() || own.Counts[0].Left != 0 {
			t.Errorf("%+v", own)
		}
		if err := w.Report(t.Context(), who, noon, []Count{{"template-1", 1}}); !errors.Is(err, ErrUnbound) {
			t.Error(err)
		}
		if devices := worldtest.Must(w.devices.Own(t.Context(), who, noon))(t); len(devices) != 0 {
			t.Errorf("%+v", devices)
		}
	})
}

// What has run out is removed.
func TestSweep(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		in := Credentials{LoginCode: w.login("openid-1"), PhoneCode: phone}
		worldtest.Must(w.signIn(in))(t)
		worldtest.Must(0, Sweep(t.Context(), w.store, noon.Add(codesKept-time.Second)))(t)
		if _, err := codes.Get(t.Context(), w.store, w.codeID(in.LoginCode)); err != nil {
			t.Error(err)
		}
		worldtest.Must(0, Sweep(t.Context(), w.store, noon.Add(codesKept+time.Second)))(t)
		if _, err := codes.Get(t.Context(), w.store, w.codeID(in.LoginCode)); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	})
}
