package rating

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/personal"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForm(t *testing.T) {
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Partition: "street", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	where := access.Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell"}
	words := personal.Sealed{Key: "k", Data: []byte("sealed")}
	about := About{Case, "0190a5b0-0000-7000-8000-000000000002"}
	storetest.Golden(t, ratings, &Rating{Meta: meta, About: about, Of: about.key(), Place: where, Station: "station", Item: "insurance", Category: "noise", Month: "2026-11", Sensitive: true, Owners: []string{"phone:index", "account:id"},
		OverAt: at(0), Grade: 2, Words: words, By: "resident", RatedAt: at(1), Request: "request", Sent: "1.sent", Rectification: CalledBack, After: 4}, filepath.Join("testdata", "ratings.golden.json"))
	storetest.Golden(t, rectifications, &Rectification{Meta: meta, About: about, Place: where, Sensitive: true, Grade: 2, Rated: []string{"worker"}, State: CalledBack, Responsible: "director", Level: ByStation, Caller: "caller", People: []string{"director", "caller"},
		OpenedAt: at(0), From: at(1), Days: 5, DueAt: at(2), Provisional: true, EscalateAt: at(2), EscalatedAt: at(3), EscalatedTo: []string{"manager"}, Result: &Result{"director", at(4), "已上门致歉"},
		Calls: []Call{{"one", "caller", at(5), false, 0, personal.Sealed{}}, {"two", "caller", at(6), true, 2, words}}, Tries: 1, ClosedAt: at(7), UpdatedAt: at(7), Applied: []string{"action"}}, filepath.Join("testdata", "rectifications.golden.json"))
}

// Once for a case, a visit and a closing of a ticket, by whose it is, within the days.
func TestRatedOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		about := map[string]About{"case": w.done("insurance", noon), "visit": w.met(noon)}
		id := w.reported(noon)
		if _, err := w.rate("resident", noon, About{Ticket, id}, 5); worldtest.Conflict(err) != "not_over" {
			t.Errorf("a ticket that is not closed: %v", err)
		}
		about["ticket"] = w.closes(id, noon)
		nodes := []*node{w.node, w.join()}
		for name, a := range about {
			for who, want := range map[string]error{"neighbour": domain.ErrNotFound, "counter": domain.ErrNotFound, "community": domain.ErrNotFound} {
				if a.Kind == Ticket && who == "community" {
					want = domain.ErrForbidden
				}
				if _, err := w.rate(who, noon, a, 5); !errors.Is(err, want) {
					t.Errorf("%s of %s: %v, want %v", name, who, err, want)
				}
			}
			if _, err := w.ratings.Rate(t.Context(), w.people["resident"], noon, a, Input{Grade: 6, Words: string(make([]rune, WordsLongest+1))}); len(worldtest.Pointers(err)) == 0 {
				t.Errorf("%s, six: %v", name, err)
			}
			if _, err := w.rate("resident", day(OpenDays), a, 5); worldtest.Conflict(err) != "too_late" {
				t.Errorf("%s, too late: %v", name, err)
			}
			in := Input{ID: ids.New(), Grade: 2, Words: " 等了很久 "}
			var wg sync.WaitGroup
			for i := range 6 { // sent again and again
				wg.Go(func() {
					own, err := nodes[i%2].ratings.Rate(t.Context(), w.people["resident"], noon.Add(time.Hour), a, in)
					if err != nil || own.Grade != 2 || own.Words != "等了很久" || !own.Mine {
						t.Errorf("%s: %+v, %v", name, own, err)
					}
				})
			}
			wg.Wait()
			var rated *RatedError
			if _, err := w.rate("resident", noon, a, 5); !errors.As(err, &rated) || rated.First.Grade != 2 || worldtest.Conflict(err) != "rated" {
				t.Errorf("%s, again: %v", name, err)
			}
			in.Grade = 3
			if _, err := w.ratings.Rate(t.Context(), w.people["resident"], noon, a, in); worldtest.Conflict(err) != "duplicate" {
				t.Errorf("%s, something else under the same id: %v", name, err)
			}
			entries := slices.DeleteFunc(worldtest.Journal(t, w.st, worldtest.ID(t, w.areas, worldtest.Jia)), func(e *store.Entry) bool { return e.Doc != a.ID || e.Action != name+".rated" })
			if len(entries) != 1 || entries[0].Dims["grade"] != "2" {
				t.Errorf("%s: the journal has %+v", name, entries)
			}
			opened, err := w.ratings.Rectification(t.Context(), w.people["manager"], idOf(a, noon))
			if name == "ticket" {
				if !errors.Is(err, domain.ErrNotFound) {
					t.Errorf("a ticket has %+v, %v", opened, err)
				}
			} else if err != nil || opened.State != Open || opened.Grade != 2 || opened.Words != "等了很久" {
				t.Errorf("%s: %+v, %v", name, opened, err)
			}
		}
	})
}

// Two at once: one is kept, and the other learns of it.
func TestTwoAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		a := w.met(noon)
		nodes := []*node{w.node, w.join()}
		var mu sync.Mutex
		var kept, told int
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				_, err := nodes[i%2].ratings.Rate(t.Context(), w.people["resident"], noon, a, Input{ID: ids.New(), Grade: 1})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					kept++
				case worldtest.Conflict(err) == "rated":
					told++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if kept != 1 || told != 7 {
			t.Errorf("%d kept, %d told", kept, told)
		}
	})
}

// Who is dissatisfied with a ticket is told until when it may be reopened; once
// it was, and is closed again, that can be rated by itself.
func TestATicketReopened(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.reported(noon)
		a := w.closes(id, noon)
		own := must(w.rate("resident", day(1), a, 1))(t)
		if !own.ReopenUntil.Equal(day(15)) {
			t.Errorf("until %v", own.ReopenUntil)
		}
		must(w.tickets.TakeAction(t.Context(), w.people["resident"], day(2), id, 0, ticket.ActionInput{Action: ticket.Reopen, Reason: "仍有噪声"}))(t)
		if last := must(w.ratings.Get(t.Context(), w.people["resident"], day(2), a))(t); last.Grade != 1 || !last.ReopenUntil.IsZero() || last.Open {
			t.Errorf("while it is open: %+v", last)
		}
		if _, err := w.rate("resident", day(2), a, 4); worldtest.Conflict(err) != "not_over" {
			t.Errorf("while it is open: %v", err)
		}
		w.closes(id, day(3))
		if now := must(w.ratings.Get(t.Context(), w.people["resident"], day(3), a))(t); now.Grade != 0 || !now.Open {
			t.Errorf("closed again: %+v", now)
		}
		if own := must(w.rate("resident", day(3), a, 4))(t); !own.ReopenUntil.IsZero() {
			t.Errorf("satisfied: %+v", own)
		}
	})
}

// What can be rated is listed from the journal, to whose it is; what is not over any more is not.
func TestWhatCanBeRated(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		done, met, secret := w.done("insurance", noon), w.met(day(1)), w.done("allowance", day(2))
		id := w.reported(noon)
		closed := w.closes(id, day(3))
		w.opened("insurance")
		old := w.done("insurance", noon.AddDate(0, 0, -40))
		list := func(who string, open bool) (out []About) {
			t.Helper()
			for cursor := ""; ; {
				page, next, err := w.ratings.ListOwn(t.Context(), w.people[who], day(4), OwnFilter{Open: &open, Limit: 2, Cursor: cursor})
				for _, o := range must(page, err)(t) {
					if o.Open != open || o.Title == "" && o.About.Kind != Visit {
						t.Errorf("%+v", o)
					}
					out = append(out, o.About)
				}
				if cursor = next; cursor == "" {
					return out
				}
			}
		}
		w.follow(day(4))
		if got, want := list("resident", true), []About{closed, secret, met, done}; !slices.Equal(got, want) {
			t.Errorf("open: %v, want %v", got, want)
		}
		must(w.rate("resident", day(4), met, 1))(t)
		must(w.tickets.TakeAction(t.Context(), w.people["lead"], day(4), id, 0, ticket.ActionInput{Action: ticket.Reopen, Reason: "未解决"}))(t)
		must(w.cases.TakeAction(t.Context(), w.people["counter"], day(4), done.ID, 0, intake.ActionInput{Action: intake.Collect}))(t)
		for range 2 {
			w.follow(day(4))
			if got, want := list("resident", true), []About{secret, done}; !slices.Equal(got, want) {
				t.Errorf("open: %v, want %v", got, want)
			}
			if got, want := list("resident", false), []About{met}; !slices.Equal(got, want) {
				t.Errorf("rated: %v, want %v", got, want)
			}
		}
		if got := list("neighbour", true); got != nil {
			t.Errorf("of somebody else: %v", got)
		}
		w.closes(id, day(4))
		w.follow(day(5))
		if got, want := list("resident", true), []About{closed, secret, done}; !slices.Equal(got, want) {
			t.Errorf("closed again: %v, want %v", got, want)
		}
		if _, err := w.rate("resident", day(4), old, 5); worldtest.Conflict(err) != "too_late" {
			t.Errorf("over for long: %v", err)
		}
		since := w.people["resident"]
		since.PhoneSince = day(2)
		if own, _, err := w.ratings.ListOwn(t.Context(), since, day(4), OwnFilter{}); err != nil || slices.ContainsFunc(own, func(o *Own) bool { return o.About == met || o.About == done }) {
			t.Errorf("who had the number later: %v, %v", own, err)
		}
		if _, err := w.ratings.Rate(t.Context(), since, day(4), done, Input{Grade: 5}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("who had the number later: %v", err)
		}
	})
}
