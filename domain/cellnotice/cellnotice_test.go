package cellnotice

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/notice"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "m", Partition: "s", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, messages, &Message{Meta: meta, Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}, Title: "停水通知", Text: "周三上午停水。", By: "account", At: noon,
		Until: noon.Add(time.Hour), Told: 12, ToldAt: noon.Add(time.Minute), Withdrawn: noon.Add(2 * time.Minute), Sent: "sent"}, golden("cellNotices"))
	storetest.Golden(t, runs, &run{Meta: meta, Number: 12, Households: "cursor", Told: 3, DueAt: noon}, golden("cellNoticeRuns"))
}

// Who is told: whose phone, which they proved of late, is that of somebody who
// lives in the cell; each once, however many households have the phone.
func TestWhoIsTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.home(east, phone(1), phone(2), phone(3), phone(4), phone(5))
		w.home(east, phone(1))
		w.home(west, phone(6))
		want := map[string]int{w.account(phone(1), noon): 1, w.account(phone(2), noon.AddDate(0, 0, -89)): 1}
		w.account(phone(3), noon, func(a *account.Account) { a.Disabled = true })
		w.account(phone(4), time.Time{})             // never proved
		w.account(phone(5), noon.AddDate(0, 0, -91)) // the number may be somebody else's by now
		w.account(phone(6), noon)
		w.account(phone(7), noon) // lives nowhere
		manager := w.people["manager"]
		if got := must(w.messages.Preview(t.Context(), manager, noon, east))(t); got != (Reach{2, 2}) {
			t.Errorf("preview: %+v", got)
		}
		m := must(w.messages.Send(t.Context(), manager, noon, east, text(nil)))(t)
		must(0, w.tell(t, noon))(t)
		if got := w.inbox(m.ID); !maps.Equal(got, want) {
			t.Errorf("told: %v, want %v", got, want)
		}
		if slices.Sort(w.hooked); !slices.Equal(slices.Compact(w.hooked), slices.Sorted(maps.Keys(want))) {
			t.Errorf("what goes out: %v", w.hooked)
		}
		is := must(w.messages.Get(t.Context(), manager, east, m.ID))(t)
		if is.Told != 2 || is.ToldAt.IsZero() {
			t.Errorf("%+v", is)
		}
		var journal []string
		for _, e := range worldtest.Journal(t, w.st, m.Partition) {
			if strings.HasPrefix(e.Action, "cell_notice.") {
				journal = append(journal, fmt.Sprint(e.Action, " ", e.Actor, " ", e.After.State, " ", e.Dims["residents"]))
			}
			if line := fmt.Sprintf("%+v", *e); strings.Contains(line, "停水") {
				t.Errorf("the journal has the text: %s", line)
			}
		}
		if want := []string{"cell_notice.send " + manager.Account + " telling ", "cell_notice.told system told 2"}; !slices.Equal(journal, want) {
			t.Errorf("%q", journal)
		}
		empty := must(w.messages.Send(t.Context(), manager, noon, worldtest.North, text(nil)))(t)
		must(0, w.tell(t, noon))(t)
		if is := must(w.messages.Get(t.Context(), manager, worldtest.North, empty.ID))(t); is.Told != 0 || is.ToldAt.IsZero() {
			t.Errorf("where nobody lives: %+v", is)
		}
	})
}

// Who manages the street tells its cells, sees what they were told and takes it
// back; to all others there is no such cell.
func TestWhoTells(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		m := must(w.messages.Send(t.Context(), w.people["manager"], noon, east, text(nil)))(t)
		for who, actor := range w.people {
			want := error(domain.ErrNotFound)
			if slices.Contains([]string{"manager", "admin", "county admin"}, who) {
				want = nil
			}
			_, preview := w.messages.Preview(t.Context(), actor, noon, east)
			_, _, list := w.messages.List(t.Context(), actor, east, 10, "")
			_, get := w.messages.Get(t.Context(), actor, east, m.ID)
			_, elsewhere := w.messages.Get(t.Context(), actor, west, m.ID)
			for what, err := range map[string]error{"preview": preview, "list": list, "get": get} {
				if !errors.Is(err, want) {
					t.Errorf("%s, %s: %v", what, who, err)
				}
			}
			if !errors.Is(elsewhere, domain.ErrNotFound) {
				t.Errorf("%s finds it in another cell: %v", who, elsewhere)
			}
			if want != nil {
				_, send := w.messages.Send(t.Context(), actor, noon, east, text(nil))
				if back := w.messages.Withdraw(t.Context(), actor, noon, east, m.ID); !errors.Is(send, want) || !errors.Is(back, want) {
					t.Errorf("%s: %v, %v", who, send, back)
				}
			}
		}
	})
}

// The same again is the message there is, and counts once; a cell is told so often a day, and another cell too.
func TestSentTwiceAndTooOften(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		manager, ctx := w.people["manager"], t.Context()
		first := text(nil)
		for range 2 * PerDay {
			must(w.messages.Send(ctx, manager, noon, east, first))(t)
		}
		changed := first
		changed.Text = "另一条"
		if _, err := w.messages.Send(ctx, manager, noon, east, changed); !errors.Is(err, domain.ErrIDInUse) {
			t.Errorf("another under the id: %v", err)
		}
		if _, err := w.messages.Send(ctx, manager, noon, west, first); !errors.Is(err, domain.ErrIDInUse) {
			t.Errorf("to another cell under the id: %v", err)
		}
		for range PerDay - 1 {
			must(w.messages.Send(ctx, manager, noon, east, text(nil)))(t)
		}
		var wait *domain.LimitError
		if _, err := w.messages.Send(ctx, w.people["admin"], noon.Add(23*time.Hour), east, text(nil)); !errors.As(err, &wait) || wait.RetryAfter != time.Hour {
			t.Errorf("one more: %v", err)
		}
		must(w.messages.Send(ctx, manager, noon, west, text(nil)))(t)
		must(w.messages.Send(ctx, manager, noon.Add(24*time.Hour), east, text(nil)))(t)
		page, next, err := w.messages.List(ctx, manager, east, 3, "")
		rest, end, also := w.messages.List(ctx, manager, east, 3, next)
		if err != nil || also != nil || len(page) != 3 || len(rest) != 1 || end != "" || !page[0].At.Equal(noon.Add(24*time.Hour)) {
			t.Errorf("%d, then %d: %v", len(page), len(rest), errors.Join(err, also))
		}
	})
}

func TestWrongMessages(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			in   NewMessage
			want []string
		}{
			{NewMessage{Until: noon}, []string{"/title", "/text", "/until"}},
			{NewMessage{Title: strings.Repeat("长", TitleMost+1), Text: strings.Repeat("长", TextMost+1), Until: noon.Add(notice.Kept + time.Second)}, []string{"/title", "/text", "/until"}},
			{NewMessage{Title: "两\n行", Text: "a\u0001b"}, []string{"/title", "/text"}},
			{NewMessage{Title: strings.Repeat("长", TitleMost), Text: " " + strings.Repeat("长", TextMost) + " ", Until: noon.Add(time.Millisecond)}, nil},
		} {
			c.in.ID = text(nil).ID
			_, err := w.messages.Send(t.Context(), w.people["manager"], noon, east, c.in)
			var bad *domain.InvalidError
			var got []string
			if errors.As(err, &bad) {
				for _, f := range bad.Fields {
					got = append(got, f.Pointer)
				}
			}
			if !slices.Equal(got, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v: %v", got, err)
			}
		}
	})
}

// What is taken back, or over, is in no inbox, and nobody more is told.
func TestTakenBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		householdsAtOnce = 1
		t.Cleanup(func() { householdsAtOnce = 50 })
		ctx, manager := t.Context(), w.people["manager"]
		var residents []string
		for i := range 3 {
			w.home(east, phone(i))
			residents = append(residents, w.account(phone(i), noon))
		}
		m := must(w.messages.Send(ctx, manager, noon, east, text(nil)))(t)
		lease := must(w.st.Acquire(ctx, "notices", "one", time.Hour))(t)
		if more := must(w.messages.tell(ctx, lease, m.ID, noon))(t); !more {
			t.Fatal("all were told at once")
		}
		if is := must(w.messages.Get(ctx, manager, east, m.ID))(t); is.Told != 1 || !is.ToldAt.IsZero() {
			t.Errorf("on the way: %+v", is)
		}
		shown := func(now time.Time) (n int) {
			for _, who := range residents {
				page, _, err := w.notices.List(ctx, access.Actor{Account: who}, now, notice.Filter{Limit: 10})
				must(0, err)(t)
				n += len(page)
			}
			return n
		}
		if n := shown(noon); n != 1 {
			t.Errorf("%d see it", n)
		}
		for range 2 {
			must(0, w.messages.Withdraw(ctx, manager, noon, east, m.ID))(t)
		}
		must(w.messages.Telling().Pass(ctx, w.st, lease, noon))(t)
		if got := w.inbox(m.ID); len(got) != 1 || shown(noon) != 0 {
			t.Errorf("%d were told, %d see it", len(got), shown(noon))
		}
		if is := must(w.messages.Get(ctx, manager, east, m.ID))(t); is.Told != 1 || is.Withdrawn.IsZero() {
			t.Errorf("%+v", is)
		}
		over := must(w.messages.Send(ctx, manager, noon, east, text(func(in *NewMessage) { in.Until = noon.Add(time.Hour) })))(t)
		must(w.messages.Telling().Pass(ctx, w.st, lease, noon))(t)
		if before, after := shown(noon.Add(59*time.Minute)), shown(noon.Add(time.Hour)); before != 3 || after != 0 || len(w.inbox(over.ID)) != 3 {
			t.Errorf("%d see it, then %d", before, after)
		}
	})
}

// However often a node is killed while a cell is told, and whoever goes on,
// each resident is told once, and the figure is theirs.
func TestToldOnceWhateverCrashes(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		householdsAtOnce = 3
		t.Cleanup(func() { householdsAtOnce = 50 })
		ctx, manager := t.Context(), w.people["manager"]
		const homes = 20
		want := map[string]int{}
		for i := range homes {
			w.home(east, phone(i), phone((i+7)%homes)) // families share phones
			want[w.account(phone(i), noon)] = 1
		}
		random := rand.New(rand.NewPCG(16, 7))
		for round := range 6 {
			m := must(w.messages.Send(ctx, manager, noon.Add(time.Duration(round)*24*time.Hour), east, text(nil)))(t)
			now, kills := m.At, 0
			for {
				n := w.join()
				n.engine.Left.Store(1 + random.Int64N(9))
				n.engine.After = random.IntN(2) == 0
				err := n.tell(t, now)
				if err == nil {
					break
				}
				if kills++; kills > 200 {
					t.Fatalf("it never ends: %v", err)
				}
				// the lease of the killed node runs out: it is taken over
				held := must(w.st.Lease(ctx, "notices"))(t)
				_ = w.st.Release(ctx, held)
			}
			if got := w.inbox(m.ID); !maps.Equal(got, want) {
				t.Fatalf("round %d: %d were told, %v", round, len(got), got)
			}
			if is := must(w.messages.Get(ctx, manager, east, m.ID))(t); is.Told != homes {
				t.Fatalf("round %d, %d kills: told %d", round, kills, is.Told)
			}
		}
	})
}

// Two nodes that both believe that they are to tell a cell tell each resident once.
func TestTwoNodesTellOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		householdsAtOnce = 2
		t.Cleanup(func() { householdsAtOnce = 50 })
		want := map[string]int{}
		for i := range 12 {
			w.home(east, phone(i))
			want[w.account(phone(i), noon)] = 1
		}
		m := must(w.messages.Send(t.Context(), w.people["manager"], noon, east, text(nil)))(t)
		lease := must(w.st.Acquire(t.Context(), "notices", "both", time.Hour))(t)
		nodes := []*node{w.node, w.join()}
		var all sync.WaitGroup
		for _, n := range nodes {
			all.Go(func() {
				for range 50 {
					if more, err := n.messages.tell(t.Context(), lease, m.ID, noon); err == nil && !more {
						if is, err := n.messages.Get(t.Context(), w.people["manager"], east, m.ID); err == nil && !is.ToldAt.IsZero() {
							return
						}
					}
				}
				t.Error("it never ends")
			})
		}
		all.Wait()
		if got := w.inbox(m.ID); !maps.Equal(got, want) {
			t.Errorf("told: %v", got)
		}
		if is := must(w.messages.Get(t.Context(), w.people["manager"], east, m.ID))(t); is.Told != len(want) {
			t.Errorf("%+v", is)
		}
		said := 0
		for _, e := range worldtest.Journal(t, w.st, m.Partition) {
			if e.Action == "cell_notice.told" {
				said++
			}
		}
		if said != 1 {
			t.Errorf("the journal says %d times that all were told", said)
		}
	})
}
