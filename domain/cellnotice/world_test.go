package cellnotice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

const (
	east = worldtest.East
	west = worldtest.West
)

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// world is the city, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]access.Actor
	rooms  int
}

// node is a process on the store.
type node struct {
	engine     *enginetest.Dying
	st         *store.Store
	areas      *area.Areas
	households *household.Households
	notices    *notice.Notices
	messages   *Messages
	hooked     []string // recipients of what the hook was given, by each run of an update
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, settle, test) }

// join opens the store as one more node.
func (w *world) join() *node {
	w.t.Helper()
	n := &node{engine: &enginetest.Dying{Engine: w.place.Open(w.t)}}
	n.st, n.areas = worldtest.Open(w.t, n.engine, store.Options{Rehearse: true}, slices.Concat(area.Collections(), reveal.Collections(), policy.Collections(), limit.Collections(), once.Collections(), account.Collections(), household.Collections(w.keys), ticket.Collections(), intake.Collections(), station.Collections(), visit.Collections(), notice.Collections(), Collections())...)
	n.households = household.New(n.st, n.areas, must(policy.New(w.t.Context(), n.st, n.areas))(w.t), w.keys)
	n.notices = notice.New(n.st, n.areas, account.New(n.st, n.areas, w.keys, account.Options{}), nil)
	n.notices.Hook = func(_ context.Context, _ *store.Tx, _ time.Time, told []notice.Told) error {
		for _, t := range told {
			if len(t.Notices) == 0 {
				w.t.Error("the hook is given a message that nobody is told: groups would be")
			}
			for _, x := range t.Notices {
				n.hooked = append(n.hooked, x.Recipient)
			}
		}
		return nil
	}
	n.messages = New(n.st, w.keys, n.areas, n.households, n.notices, limit.New(n.st, w.keys))
	n.notices.Sights, n.notices.Messages = map[string]todo.Sight{About: n.messages.Seen}, n.messages.Texts
	return n
}

func settle(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, place: place, keys: worldtest.Keys(t)}
	w.node = w.join()
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	w.people = worldtest.People(t, w.areas)
	return w
}

// home makes a household in a cell, of people with these phones.
func (w *world) home(cell string, phones ...string) string {
	w.t.Helper()
	w.rooms++
	d := household.Draft{Address: household.Address{Estate: "大儒巷", Building: "8", Room: fmt.Sprint(100 + w.rooms)}, Position: worldtest.At[cell], Datum: geo.WGS84}
	for i, phone := range phones {
		d.Members = append(d.Members, household.MemberInput{PersonInput: household.PersonInput{Name: new(fmt.Sprintf("某%d", i)), Phone: new(phone)}})
	}
	h, _, err := w.households.Create(w.t.Context(), w.people["admin"], noon, d)
	return must(h, err)(w.t).ID
}

// account makes one whose phone was proved, and returns its id.
func (w *world) account(phone string, proved time.Time, change ...func(*account.Account)) string {
	w.t.Helper()
	a := &account.Account{PhoneIndex: w.keys.Index("phone", phone), PhoneProved: proved, Language: "zh-CN", Grants: []account.Grant{{Role: access.Resident}}}
	a.ID, a.Partition = ids.New(), area.CityPartition
	a.Sort = a.ID
	for _, c := range change {
		c(a)
	}
	must(0, w.st.Update(w.t.Context(), []string{area.CityPartition}, func(tx *store.Tx) error {
		return storetest.Of[account.Account](account.Collections()).Insert(tx, a, store.Entry{At: noon, Actor: "test", Action: "account.create"})
	}))(w.t)
	return a.ID
}

func phone(i int) string { return fmt.Sprintf("138%08d", i) }

// tell tells all that are not told yet.
func (n *node) tell(t testing.TB, now time.Time) error {
	lease, err := n.st.Acquire(t.Context(), "notices", ids.New(), time.Hour)
	if err != nil {
		return err
	}
	_, err = n.messages.Telling().Pass(t.Context(), n.st, lease, now)
	return errors.Join(err, n.st.Release(t.Context(), lease))
}

// inbox is who has notices of a message, and how many.
func (w *world) inbox(id string) map[string]int {
	w.t.Helper()
	out := map[string]int{}
	found := must(w.notices.Since(w.t.Context(), time.Time{}, 1000))(w.t)
	for _, n := range found {
		if n.About.ID == id {
			out[n.Recipient]++
		}
	}
	return out
}

func text(change func(*NewMessage)) NewMessage {
	in := NewMessage{ID: ids.New(), Title: "停水通知", Text: "周三上午停水，请提前储水。\n恢复时间另行通知。"}
	if change != nil {
		change(&in)
	}
	return in
}
