package sms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/delivery"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

const phone, oneTime = "13800000009", "482915"

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

type world struct {
	*testing.T
	*Texts
	st  *store.Store
	at  time.Time
	key *personal.Keys
}

func newWorld(t *testing.T, p enginetest.Place, budget int) *world {
	w := &world{T: t, at: noon, key: worldtest.Keys(t)}
	w.st = must(store.Open(t.Context(), p.Open(t), store.Options{Rehearse: true}, slices.Concat(limit.Collections(), Collections())...))(t)
	t.Cleanup(func() { _ = w.st.Close(t.Context()) })
	w.Texts = New(w.st, w.key, budget, func() time.Time { return w.at })
	return w
}

func each(t *testing.T, budget int, test func(*world)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) { test(newWorld(t, p, budget)) })
}

// one is the one message that is due now.
func (w *world) one() *Text {
	w.Helper()
	due := must(w.Due(w.Context(), w.at, 10))(w)
	if len(due) != 1 {
		w.Fatalf("%d are due", len(due))
	}
	return due[0]
}

// hold takes the one message that is due.
func (w *world) hold() *Held {
	w.Helper()
	return must(w.Hold(w.Context(), w.one().ID, w.at))(w)
}

func (w *world) sent(id string, o delivery.Outcome) {
	w.Helper()
	if err := w.Sent(w.Context(), id, o, w.at); err != nil {
		w.Fatal(err)
	}
}

func (w *world) heard(id string, r Receipt, failed error) *Text {
	w.Helper()
	if err := w.Heard(w.Context(), id, r, failed, w.at); err != nil {
		w.Fatal(err)
	}
	return must(texts.Get(w.Context(), w.st, id))(w)
}

// counts are those of today.
func (w *world) counts() string {
	w.Helper()
	d := must(w.Days(w.Context(), access.Actor{Account: "a", Grants: []access.Grant{{Role: access.Admin}}}, w.at))(w)[0]
	return fmt.Sprint(d.Counts, d.Reasons)
}

func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Version: 3, Seq: 7, Schema: 1}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	storetest.Golden(t, texts, &Text{
		Meta: meta, Template: Code, Phone: sealed, Code: sealed, State: Sending, Reason: "timeout", Receipt: "900619^0", Tries: 1, Asked: 2,
		At: noon, Until: noon.Add(codeGood), Tried: noon, DueAt: noon.Add(heldFor), Expires: noon.Add(kept),
	}, filepath.Join("testdata", "texts.golden.json"))
	storetest.Golden(t, days, &Day{
		Meta: meta, Counts: map[string]int{"accepted": 3, "failed": 1}, Reasons: map[string]int{"UNDELIV": 1}, Spent: noon, Broken: noon, Expires: noon.Add(kept),
	}, filepath.Join("testdata", "textDays.golden.json"))
}

// A code goes out once, by one of the nodes that look, and is forgotten when the service has it.
func TestACodeIsSent(t *testing.T) {
	each(t, 100, func(w *world) {
		woken := 0
		w.Enqueued = func() { woken++ }
		if err := w.SendCode(w.Context(), phone, oneTime); err != nil || woken != 1 {
			w.Fatal(err, woken)
		}
		id := w.one().ID
		var all sync.WaitGroup
		got := make(chan *Held, 8)
		for range cap(got) {
			all.Go(func() {
				h, err := w.Hold(w.Context(), id, w.at)
				if err != nil {
					w.Error(err)
				}
				got <- h
			})
		}
		all.Wait()
		close(got)
		held := slices.DeleteFunc(slices.Collect(func(yield func(*Held) bool) {
			for h := range got {
				yield(h)
			}
		}), func(h *Held) bool { return h == nil })
		if len(held) != 1 || held[0].Ask || held[0].Phone != phone || held[0].Code != oneTime {
			w.Fatalf("held by %d: %+v", len(held), held)
		}
		w.sent(id, delivery.Outcome{State: delivery.Taken, Key: "900619^0"})
		if text := must(texts.Get(w.Context(), w.st, id))(w); text.State != Accepted || !text.Code.IsZero() || text.Receipt != "900619^0" {
			w.Errorf("%+v", text)
		}
		w.at = w.at.Add(receiptsAfter[0])
		if h := w.hold(); !h.Ask || h.Receipt != "900619^0" || h.Phone != phone {
			w.Fatalf("%+v", h)
		}
		if text := w.heard(id, Receipt{State: Accepted}, nil); text.State != Accepted {
			w.Errorf("%+v", text)
		}
		w.at = w.at.Add(receiptsAfter[1])
		w.hold()
		if text := w.heard(id, Receipt{State: Delivered}, nil); text.State != Delivered || !text.DueAt.IsZero() || !text.Phone.IsZero() {
			w.Errorf("%+v", text)
		}
		if got := w.counts(); got != "map[accepted:1 delivered:1] map[]" {
			w.Error(got)
		}
	})
}

// Where a try has no end on record, whether its answer did not come or its node
// was killed, the receipt is asked for, and only what the service does not know is sent again.
func TestAskedBeforeAnotherTry(t *testing.T) {
	each(t, 100, func(w *world) {
		for _, killed := range []bool{false, true} {
			for _, known := range []bool{false, true} {
				w.at = w.at.Add(time.Hour)
				if err := w.SendCode(w.Context(), phone, oneTime); err != nil {
					w.Fatal(err)
				}
				h := w.hold()
				w.at = w.at.Add(heldFor)
				if !killed {
					w.sent(h.ID, delivery.Outcome{State: Unsure, Code: "timeout"})
					w.at = w.at.Add(receiptsAfter[0])
				}
				if again := w.hold(); !again.Ask || again.Tried.IsZero() {
					w.Fatalf("killed %v: sent again at once: %+v", killed, again)
				}
				if due := must(w.Due(w.Context(), w.at, 10))(w); len(due) != 0 {
					w.Fatal("due while it is asked for")
				}
				w.heard(h.ID, Receipt{}, errors.New("no answer")) // which says nothing of whether it was sent
				w.at = w.at.Add(againAfter)
				if known {
					w.hold()
					if text := w.heard(h.ID, Receipt{State: Delivered}, nil); text.State != Delivered || text.Tries != 1 {
						w.Errorf("%+v", text)
					}
					continue
				}
				for range missesMost {
					if again := w.hold(); !again.Ask {
						w.Fatal("sent before the service said that it does not know it")
					}
					w.heard(h.ID, Receipt{}, nil)
					w.at = w.at.Add(time.Minute)
				}
				if text := must(texts.Get(w.Context(), w.st, h.ID))(w); text.State != Failed || text.Reason == "" || !text.Phone.IsZero() {
					w.Errorf("a code that comes too late: %+v", text)
				}
			}
		}
	})
}

// What is urgent is worth another try for longer than a code.
func TestUrgentIsTriedAgain(t *testing.T) {
	each(t, 100, func(w *world) {
		m := delivery.Message{ID: "notice", Address: phone, Title: "张三", Text: "大儒巷8号"}
		if o := w.Send(w.Context(), m); o.State != delivery.Taken {
			w.Fatalf("%+v", o)
		}
		h := w.hold()
		if h.Template != Urgent || h.Code != "" {
			w.Errorf("%+v", h)
		}
		w.sent(h.ID, delivery.Outcome{State: Unsure, Code: "timeout"})
		for range missesMost {
			w.at = w.at.Add(time.Minute)
			w.hold()
			w.heard(h.ID, Receipt{}, nil)
		}
		w.at = w.at.Add(time.Second)
		if again := w.hold(); again.Ask || again.ID != h.ID {
			w.Fatalf("%+v", again)
		}
		for i := range triesMost - 1 {
			w.sent(h.ID, delivery.Outcome{State: delivery.Later, Code: "busy"})
			if w.at = w.at.Add(5 * time.Minute); i < triesMost-2 {
				w.hold()
			}
		}
		if text := must(texts.Get(w.Context(), w.st, h.ID))(w); text.State != Failed || text.Reason != "busy" {
			w.Errorf("%+v", text)
		}
		if o := w.Send(w.Context(), m); o.State != delivery.Taken { // sent again by its channel: the same message
			w.Errorf("%+v", o)
		}
		if due := must(w.Due(w.Context(), w.at, 10))(w); len(due) != 0 {
			w.Error("one notice is two messages")
		}
		for _, bad := range []string{"", "12345", "051212345678"} {
			if o := w.Send(w.Context(), delivery.Message{ID: "notice", Address: bad}); o.State != delivery.Never {
				w.Errorf("%q: %+v", bad, o)
			}
		}
		for i := range urgentHour.Quota { // the first was before
			o := w.Send(w.Context(), delivery.Message{ID: fmt.Sprint(i), Address: phone})
			if late := i == urgentHour.Quota-1; (o.State == delivery.Later) != late || late && (o.After <= 0 || !o.Alone) {
				w.Errorf("message %d to a phone: %+v", i, o)
			}
		}
	})
}

// The budget keeps codes back, those of who works last, and nothing that is urgent; the operator hears of it.
func TestBudget(t *testing.T) {
	each(t, 10, func(w *world) {
		const worker = "13800000007"
		w.Staff = func(_ context.Context, phone string) (bool, error) { return phone == worker, nil }
		send := func(phone string) *Held {
			w.Helper()
			if err := w.SendCode(w.Context(), phone, oneTime); err != nil {
				w.Fatal(err)
			}
			h := w.hold()
			if h != nil {
				w.sent(h.ID, delivery.Outcome{State: delivery.Taken})
				w.heard(h.ID, Receipt{State: Delivered}, nil)
			}
			return h
		}
		for i := range 9 {
			if send(phone) == nil {
				w.Fatalf("message %d is kept back", i)
			}
		}
		if warned := must(w.Warnings(w.Context(), w.at))(w); len(warned) != 0 {
			w.Errorf("warned of %v", warned)
		}
		if send(phone) != nil || send(worker) == nil || send(worker) != nil {
			w.Error("the last is for who works, and there is one")
		}
		if warned := must(w.Warnings(w.Context(), w.at))(w); !slices.Equal(warned, []Warning{BudgetSpent}) {
			w.Errorf("warned of %v", warned)
		}
		if o := w.Send(w.Context(), delivery.Message{ID: "notice", Address: phone}); o.State != delivery.Taken {
			w.Errorf("%+v", o)
		}
		if h := w.hold(); h == nil {
			w.Error("what is urgent is kept back")
		} else {
			w.sent(h.ID, delivery.Outcome{State: delivery.Never, Code: "no"})
		}
		if got := w.counts(); got != "map[accepted:10 delivered:10 dropped:2 failed:1] map[budget:2 no:1]" {
			w.Error(got)
		}
		w.at = w.at.Add(24 * time.Hour)
		if send(phone) == nil {
			w.Error("kept back a day later")
		}
	})
}

// However often a service that takes nothing is tried, that is no message of the day's.
func TestWhatIsNotTakenCostsNothing(t *testing.T) {
	each(t, 2, func(w *world) {
		for range 5 {
			if err := w.SendCode(w.Context(), phone, oneTime); err != nil {
				w.Fatal(err)
			}
			text := w.one()
			for tries := 0; !text.DueAt.IsZero(); tries++ {
				w.at = text.DueAt
				h := w.hold()
				if h == nil {
					w.Fatalf("kept back at try %d", tries)
				}
				w.sent(h.ID, delivery.Outcome{State: delivery.Broken, Code: "isv.OUT_OF_SERVICE"})
				text = must(texts.Get(w.Context(), w.st, h.ID))(w)
			}
			if text.State != Failed || text.Tries < 2 {
				w.Errorf("%s after %d tries", text.State, text.Tries)
			}
		}
	})
}

func TestBrokenServiceIsTold(t *testing.T) {
	w := newWorld(t, enginetest.SQLite(t), 10)
	_ = w.SendCode(w.Context(), phone, oneTime)
	h := w.hold()
	w.sent(h.ID, delivery.Outcome{State: delivery.Broken, Code: "isv.OUT_OF_SERVICE", After: time.Minute})
	if warned := must(w.Warnings(w.Context(), w.at))(w); !slices.Equal(warned, []Warning{ServiceBroken}) {
		w.Errorf("warned of %v", warned)
	}
	w.at = w.at.Add(time.Minute)
	w.hold()
	w.sent(h.ID, delivery.Outcome{State: delivery.Taken})
	if warned := must(w.Warnings(w.Context(), w.at))(w); len(warned) != 0 {
		w.Errorf("it took one, and still: %v", warned)
	}
	if _, err := w.Days(w.Context(), access.Actor{Account: "a", Grants: []access.Grant{{Role: access.StreetManager}}}, w.at); !errors.Is(err, domain.ErrForbidden) {
		w.Error(err)
	}
}

// Too late, a code is not sent; nothing of a phone or a code lies open, or for longer than it is needed.
func TestNothingIsKeptForLong(t *testing.T) {
	w := newWorld(t, enginetest.SQLite(t), 10)
	_ = w.SendCode(w.Context(), phone, oneTime)
	text := w.one()
	raw := must(texts.Encode(text))(t)
	if bytes.Contains(raw, []byte(phone)) || bytes.Contains(raw, []byte(oneTime)) {
		w.Errorf("in clear: %s", raw)
	}
	w.at = text.Until.Add(time.Second)
	if h := w.hold(); h != nil {
		w.Errorf("sent too late: %+v", h)
	}
	if text = must(texts.Get(w.Context(), w.st, text.ID))(t); text.State != Dropped || !text.Phone.IsZero() || !text.Code.IsZero() {
		w.Errorf("%+v", text)
	}
	if err := Sweep(w.Context(), w.st, noon.Add(kept+25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := texts.Get(w.Context(), w.st, text.ID); !errors.Is(err, store.ErrNotFound) {
		w.Error(err)
	}
}

// A service may make up words without end.
func TestReasonsAreBounded(t *testing.T) {
	d := &Day{}
	for i := range 3 * reasonsMost {
		d.count(&Text{State: Failed, Reason: fmt.Sprint("word ", i)})
	}
	if len(d.Reasons) > reasonsMost+1 || d.Counts["failed"] != 3*reasonsMost || d.Why()[0] != (Reason{"other", 2 * reasonsMost}) {
		t.Errorf("%d words, %v", len(d.Reasons), d.Why()[0])
	}
}
