package intake

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	program = access.Program
	noon    = worldtest.Noon
	rnd     = "rnd" // the platform of the tests
)

const (
	jia, yi               = worldtest.Jia, worldtest.Yi
	jiaOne, jiaTwo, yiOne = worldtest.JiaOne, worldtest.JiaTwo, worldtest.YiOne
)

// catalogue is what is taken at the counters.
var catalogue = map[string]service.Content{
	"insurance": {Category: "社保", Name: "灵活就业参保登记", Department: "人社局", WorkingDays: 5},
	"allowance": {Category: "民政", Name: "最低生活保障申请", Department: "民政局", WorkingDays: 20, Sensitive: true},
	"advice":    {Category: "其他", Name: "政策咨询", Department: "社区", WorkingDays: 1},
}

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]access.Actor
	asked  *planned // what the store asked its engine for, when not nil
}

// node is a process on the store.
type node struct {
	st       *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	cases    *Cases
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, worldOn, test) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

var founded worldtest.Founded[*world]

func worldOn(t testing.TB, place enginetest.Place) *world {
	w := *founded.Copy(t, place, func(t testing.TB, place enginetest.Place) *world {
		w := &world{t: t, place: place, keys: worldtest.Keys(t)}
		w.settle()
		return w
	})
	w.t, w.place, w.people = t, place, maps.Clone(w.people)
	w.node = w.join()
	return &w
}

// join opens the store as one more node.
func (w *world) join() *node {
	w.t.Helper()
	t, n := w.t, &node{}
	engine := w.place.Open(t)
	if w.asked != nil {
		w.asked.Engine, engine = engine, w.asked
	}
	n.st, n.areas = worldtest.Open(t, engine, store.Options{Rehearse: true}, slices.Concat(area.Collections(), reveal.Collections(), account.Collections(),
		limit.Collections(), calendar.Collections(), photo.Collections(), receipt.Collections(), service.Collections(), station.Collections(), todo.Collections(), Collections())...)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	items := must(service.NewItems(t.Context(), n.st, n.areas))(t)
	n.cases = New(n.st, n.areas, n.accounts, items, must(calendar.New(t.Context(), n.st))(t), w.keys)
	return n
}

func (w *world) settle() {
	t := w.t
	w.node = w.join()
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	w.people = map[string]access.Actor{}
	w.add("admin", access.Admin, "")
	w.add("manager", access.StreetManager, jia)
	w.add("community", access.CommunityManager, jiaOne)
	w.add("counter", access.CounterWorker, jiaOne)
	w.add("stand-in", access.CounterWorker, jiaTwo)
	w.add("other counter", access.CounterWorker, yiOne)
	w.add("platform", access.Integration, "3205")
	w.add("other platform", access.Integration, "3205")
	w.add("street platform", access.Integration, yi)
	for code, content := range catalogue {
		must(w.cases.items.Put(t.Context(), w.people["admin"], noon, code, 0, service.Decision{From: "2026-01-01", Content: content}))(t)
	}
	w.system(rnd, "platform", "street platform")
	w.system("hotline", "other platform")
}

// add makes an account with one grant, and the actor it signs in as.
func (w *world) add(who string, role access.Role, code string) {
	w.t.Helper()
	in := account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "某" + who, Machine: role == access.Integration, Grants: []account.GrantInput{{Role: role, Area: code}}}
	a := must(w.accounts.Create(w.t.Context(), program, noon, in))(w.t)
	actor := access.Actor{Account: a.ID, Session: "session"}
	for _, g := range a.Grants {
		actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
	}
	w.people[who] = actor
}

// system makes a platform that these machine accounts speak for.
func (w *world) system(name string, who ...string) {
	w.t.Helper()
	in := SystemInput{Title: "平台" + name, States: []Word{{"办理中", InReview}, {"已办结", Done}}}
	for _, one := range who {
		in.Accounts = append(in.Accounts, w.people[one].Account)
	}
	must(w.cases.PutSystem(w.t.Context(), w.people["admin"], noon, name, 0, in))(w.t)
}

// told is what a platform says at a time.
func (w *world) told(state string, at time.Time) Upsert {
	return Upsert{Item: "insurance", State: state, ChangedAt: at, OpenedAt: noon.AddDate(0, 0, -3), Community: jiaOne, Address: "大儒巷8号",
		Applicant: ApplicantInput{Name: "王小明", Phone: "13812345678", IDNumber: "110101199003070011"}}
}

// upsert is one of the platform that must be taken.
func (w *world) upsert(number string, in Upsert) *Case {
	w.t.Helper()
	c, applied, err := w.cases.Upsert(w.t.Context(), w.people["platform"], noon, Key{rnd, number}, in)
	if err != nil || !applied {
		w.t.Fatalf("%s: applied %v, %v", number, applied, err)
	}
	return c
}
