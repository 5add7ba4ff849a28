package notice_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/collections"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// inboxes is a store with notices, and who may see what they are about.
type inboxes struct {
	st      *store.Store
	keys    *personal.Keys
	notices *notice.Notices
	now     time.Time
	hidden  map[string]bool // things that nobody sees now
}

func openInboxes(t testing.TB, p enginetest.Place) *inboxes {
	w := &inboxes{keys: worldtest.Keys(t), now: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), hidden: map[string]bool{}}
	var areas *area.Areas
	w.st, areas = worldtest.Open(t, p.Open(t), store.Options{}, collections.All(w.keys)...)
	w.notices = notice.New(w.st, areas, account.New(w.st, areas, w.keys, account.Options{}), nil)
	w.notices.Keys = w.keys
	w.notices.Sights = map[string]todo.Sight{"webhook": func(_ context.Context, _ access.Actor, _ time.Time, ids []string) (map[string]bool, error) {
		seen := map[string]bool{}
		for _, id := range ids {
			seen[id] = !w.hidden[id]
		}
		return seen, nil
	}}
	return w
}

// tell tells somebody of a thing.
func (w *inboxes) tell(t testing.TB, who string, kind notice.Kind, of notice.Importance, about string) *notice.Notice {
	t.Helper()
	n := (&notice.Notice{Kind: kind, Importance: of, About: notice.About{Kind: "webhook", ID: about}, Partition: ids.New(), Number: 1, At: w.now}).To(who, w.now)
	worldtest.Must(0, w.st.Update(t.Context(), nil, func(tx *store.Tx) error {
		_, err := notice.Add(t.Context(), tx, []*notice.Notice{n})
		return err
	}))(t)
	return n
}

// list is all of what somebody's inbox lists.
func (w *inboxes) list(t testing.TB, who string, f notice.Filter) (out []notice.Shown) {
	t.Helper()
	for f.Limit = 7; ; {
		page, next, err := w.notices.List(t.Context(), access.Actor{Account: who}, w.now, f)
		if err != nil {
			t.Fatal(err)
		}
		if out, f.Cursor = append(out, page...), next; next == "" {
			return out
		}
	}
}

// kept is a notice as the test knows it.
type kept struct {
	*notice.Notice
	unread bool
}

// Whatever is told, read, hidden, shown and swept, in any order: the counts are what
// the list lists, and both are what they should be.
func TestCountsAreTheList(t *testing.T) {
	worldtest.Each(t, openInboxes, func(t *testing.T, w *inboxes) {
		rnd := rand.New(rand.NewPCG(7, 16))
		people, things := []string{"ann", "bo"}, []string{"a", "b", "c", "d"}
		kinds := []notice.Kind{notice.WebhookDead, notice.RobotFails, notice.StandingIn}
		importances := []notice.Importance{notice.Urgent, notice.Task, notice.News}
		var all []kept
		marks := map[string]string{}
		marked := map[string]int{} // how many had been told then
		for step := range 250 {
			who := people[rnd.IntN(len(people))]
			actor := access.Actor{Account: who}
			switch rnd.IntN(8) {
			case 0, 1, 2:
				w.now = w.now.Add(time.Duration(rnd.IntN(3)) * time.Millisecond)
				n := w.tell(t, who, kinds[rnd.IntN(len(kinds))], importances[rnd.IntN(len(importances))], things[rnd.IntN(len(things))])
				all = append(all, kept{n, true})
			case 3: // some of their own
				var some []string
				for i := range all {
					if all[i].Recipient == who && rnd.IntN(4) == 0 {
						some, all[i].unread = append(some, all[i].ID), false
					}
				}
				if len(some) > 0 {
					worldtest.Must(0, w.notices.Read(t.Context(), actor, w.now, notice.Reading{IDs: some}))(t)
				}
			case 4:
				marks[who], marked[who] = worldtest.Must(w.notices.Mark(t.Context(), actor))(t), len(all)
			case 5: // all that they had when they looked
				if marks[who] == "" {
					continue
				}
				in := notice.Reading{All: true, Mark: marks[who]}
				if rnd.IntN(2) == 0 {
					in.Kind = kinds[rnd.IntN(len(kinds))]
				}
				worldtest.Must(0, w.notices.Read(t.Context(), actor, w.now, in))(t)
				for i := range all[:marked[who]] {
					if all[i].Recipient == who && (in.Kind == "" || all[i].Kind == in.Kind) {
						all[i].unread = false
					}
				}
			case 6:
				thing := things[rnd.IntN(len(things))]
				w.hidden[thing] = !w.hidden[thing]
			case 7:
				if rnd.IntN(4) == 0 {
					w.now = w.now.Add(30 * 24 * time.Hour)
				}
				worldtest.Must(0, notice.Sweep(t.Context(), w.st, w.now))(t)
				is := func(k kept) bool { return k.Expires.Before(w.now) }
				for _, who := range people {
					marked[who] -= len(slices.DeleteFunc(slices.Clone(all[:marked[who]]), func(k kept) bool { return !is(k) }))
				}
				all = slices.DeleteFunc(all, is)
			}
			for _, who := range people {
				want := notice.Counts{ByKind: map[notice.Kind]int{}, ByImportance: map[notice.Importance]int{}}
				shown := 0
				for _, k := range all {
					if k.Recipient != who || w.hidden[k.About.ID] {
						continue
					}
					if shown++; k.unread {
						want.Unread++
						want.ByKind[k.Kind]++
						want.ByImportance[k.Importance]++
					}
				}
				got := worldtest.Must(w.notices.Counts(t.Context(), access.Actor{Account: who}, w.now))(t)
				if fmt.Sprint(*got) != fmt.Sprint(want) {
					t.Fatalf("step %d, %s: counts %v, want %v", step, who, *got, want)
				}
				yes := true
				if unread := w.list(t, who, notice.Filter{Unread: &yes}); len(unread) != want.Unread {
					t.Fatalf("step %d, %s: %d are listed as unread, want %d", step, who, len(unread), want.Unread)
				}
				if listed := w.list(t, who, notice.Filter{}); len(listed) != shown || !slices.IsSortedFunc(listed, func(a, b notice.Shown) int { return b.At.Compare(a.At) }) {
					t.Fatalf("step %d, %s: %d are listed, want %d", step, who, len(listed), shown)
				}
			}
		}
	})
}

// Notices are kept for 90 days, to the moment.
func TestNoticesAreSwept(t *testing.T) {
	worldtest.Each(t, openInboxes, func(t *testing.T, w *inboxes) {
		n := w.tell(t, "ann", notice.WebhookDead, notice.Task, "a")
		for _, step := range []struct {
			after time.Duration
			left  int
		}{{0, 1}, {notice.Kept, 1}, {notice.Kept + time.Millisecond, 0}} {
			worldtest.Must(0, notice.Sweep(t.Context(), w.st, n.Made().Add(step.after)))(t)
			if left := w.list(t, "ann", notice.Filter{}); len(left) != step.left {
				t.Errorf("after %s there are %d", step.after, len(left))
			}
		}
	})
}

// A mark is for who took it, and opens nothing else.
func TestMarks(t *testing.T) {
	worldtest.One(t, openInboxes, func(t *testing.T, w *inboxes) {
		w.tell(t, "ann", notice.WebhookDead, notice.Task, "a")
		mark := worldtest.Must(w.notices.Mark(t.Context(), access.Actor{Account: "ann"}))(t)
		for _, wrong := range []struct{ who, mark string }{{"bo", mark}, {"ann", mark[:len(mark)-2] + "AA"}, {"ann", ""}, {"ann", "0000000000000001"}, {"ann", "2026-11-23T01:00:00Z"}} {
			err := w.notices.Read(t.Context(), access.Actor{Account: wrong.who}, w.now, notice.Reading{All: true, Mark: wrong.mark})
			if !slices.Equal(worldtest.Pointers(err), []string{"/until"}) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}

// Of more unread notices than are looked through the latest are counted; all of them are read at once.
func TestMoreThanAreCounted(t *testing.T) {
	worldtest.Each(t, openInboxes, func(t *testing.T, w *inboxes) {
		var all []*notice.Notice
		for i := range 5100 {
			all = append(all, (&notice.Notice{Kind: notice.WebhookDead, Importance: notice.Task, About: notice.About{Kind: "webhook", ID: "a"}, Partition: "street", Number: int64(i), At: w.now.Add(time.Duration(i) * time.Millisecond)}).To("ann", w.now))
		}
		for some := range slices.Chunk(all, 1000) {
			worldtest.Must(0, w.st.Update(t.Context(), nil, func(tx *store.Tx) error {
				_, err := notice.Add(t.Context(), tx, some)
				return err
			}))(t)
		}
		ann := access.Actor{Account: "ann"}
		began := time.Now()
		c := worldtest.Must(w.notices.Counts(t.Context(), ann, w.now))(t)
		t.Logf("counted in %s", time.Since(began))
		if c.Unread != 5000 || !c.More {
			t.Errorf("%+v", c)
		}
		began = time.Now()
		worldtest.Must(0, w.notices.Read(t.Context(), ann, w.now, notice.Reading{All: true, Mark: worldtest.Must(w.notices.Mark(t.Context(), ann))(t)}))(t)
		t.Logf("read in %s", time.Since(began))
		if c := worldtest.Must(w.notices.Counts(t.Context(), ann, w.now))(t); c.Unread != 0 || c.More {
			t.Errorf("%+v", c)
		}
	})
}
