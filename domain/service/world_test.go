package service

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/limit"
	"wangge/domain/photo"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

// node is a process on the store.
type node struct {
	st             *store.Store
	areas          *area.Areas
	accounts       *account.Accounts
	items          *Items
	qualifications *Qualifications
	todos          *todo.Todos
}

// world is a city whose counter workers are ann and bea (of jia) and dan (of yi).
type world struct {
	*node
	t      testing.TB
	join   func() *node
	people map[string]access.Actor
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, newWorld, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, newWorld, test) }

func newWorld(t testing.TB, p enginetest.Place) *world {
	t.Helper()
	keys := worldtest.Keys(t)
	w := &world{t: t, join: func() *node {
		n := &node{}
		n.st, n.areas = worldtest.Open(t, p.Open(t), store.Options{Rehearse: true},
			slices.Concat(area.Collections(), limit.Collections(), account.Collections(), photo.Collections(), todo.Collections(), Collections())...)
		n.accounts, n.todos = account.New(n.st, n.areas, keys, account.Options{DemoCode: "000000"}), todo.New(n.st)
		n.items = must(NewItems(t.Context(), n.st, n.areas))(t)
		n.qualifications = NewQualifications(n.st, n.accounts, n.items)
		return n
	}}
	w.node = w.join()
	file := worldtest.Areas
	for i := range 60 { // and the one of jia: 61 communities that people come from
		file += fmt.Sprintf("community,%s%03d,第%d社区,%s\n", worldtest.Jia, 100+i, i, worldtest.Jia)
	}
	worldtest.Import(t, w.areas, noon, file)
	w.people = worldtest.People(t, w.areas)
	for who, at := range map[string]string{"ann": worldtest.JiaOne, "bea": worldtest.JiaTwo, "dan": worldtest.YiOne} {
		w.hire(who, "", at)
	}
	return w
}

// hire makes a counter worker, by a username or of a resident by the phone that they signed in with.
func (w *world) hire(who, phone, at string) {
	w.t.Helper()
	grants := []account.GrantInput{{Role: access.CounterWorker, Area: at}}
	var a *account.Account
	if phone == "" {
		a = must(w.accounts.Create(w.t.Context(), access.Program, noon, account.NewAccount{Username: who, Name: who, Grants: grants}))(w.t)
	} else {
		signed := must(w.accounts.SignIn(w.t.Context(), noon, account.Credentials{Phone: phone, Code: "000000"}, phone))(w.t)
		a = must(w.accounts.SetGrants(w.t.Context(), access.Program, noon, signed.Account.ID, 0, grants))(w.t)
	}
	w.people[who] = access.Actor{Account: a.ID, Session: "session", Grants: []access.Grant{{Role: access.CounterWorker, Level: access.Community, Area: worldtest.ID(w.t, w.areas, at)}}}
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

func (w *world) id(who string) string { return w.people[who].Account }

// give gives somebody employment for some days.
func (w *world) give(by, who string, from, until civil.Date) (*Qualification, error) {
	return w.qualifications.Give(w.t.Context(), w.people[by], noon, NewQualification{Account: w.id(who), Kind: "employment", From: from, Until: until})
}

// held is what somebody holds, of all that they ever did.
func (n *node) held(t testing.TB, who string) (out []string) {
	all := must(n.qualifications.Held(t.Context(), n.st, []string{who, "nobody"}))(t)
	for _, h := range all[who] {
		out = append(out, fmt.Sprintf("%s %s %s", h.Code, h.From.Format("0102T15"), h.Until.Format("0102T15")))
	}
	return out
}

// asked are the open items of somebody.
func (w *world) asked(who string) (out []string) {
	w.t.Helper()
	open := true
	page, _, err := w.todos.List(w.t.Context(), w.people[who], noon, todo.Filter{Open: &open})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range page {
		out = append(out, string(it.Kind)+" "+it.About.ID)
	}
	return out
}

// actions are those of the city's journal about qualifications, and whose.
func (w *world) actions() (out []string) {
	w.t.Helper()
	for _, e := range worldtest.Journal(w.t, w.st, area.CityPartition) {
		if what, ok := strings.CutPrefix(e.Action, "qualification."); ok {
			out = append(out, what+" "+w.name(e.Dims["account"]))
		}
	}
	return out
}

func (w *world) name(id string) string {
	for who, a := range w.people {
		if a.Account == id {
			return who
		}
	}
	return id
}

func day(n int) time.Time { return noon.AddDate(0, 0, n) }
