package ticket

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/geo"
	"wangge/store"
)

func TestDispatch(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.add("gone", access.OutreachWorker, jiaOne, account.NewAccount{})
		must(w.accounts.Update(t.Context(), program, noon, w.people["gone"].Account, 0, account.Change{Disabled: new(true)}))(t)
		closed := must(w.areas.CreateOrganisation(t.Context(), program, noon, area.NewOrganisation{Name: "旧物业", Kind: "property_company", Street: jia}))(t)
		must(w.areas.UpdateOrganisation(t.Context(), program, noon, closed.ID, 0, area.OrganisationChange{Active: new(false)}))(t)
		citywide := must(w.areas.CreateOrganisation(t.Context(), program, noon, area.NewOrganisation{Name: "市供水", Kind: "water"}))(t)
		person := func(id string) access.Assignee { return access.Assignee{Kind: access.Person, ID: id} }
		organisation := func(id string) access.Assignee { return access.Assignee{Kind: access.Organisation, ID: id} }
		id := w.report("resident", east).ID
		w.move("lead", id, ActionInput{Action: Accept})
		for name, c := range map[string]struct {
			to       access.Assignee
			helpers  []access.Assignee
			pointers string
		}{
			"the worker":                     {w.person("worker"), nil, ""},
			"oneself":                        {w.person("lead"), nil, ""},
			"an admin":                       {w.person("admin"), nil, ""},
			"a handler of the street":        {w.person("handler"), nil, ""},
			"the street's organisation":      {w.organisation(jia), nil, ""},
			"one that works everywhere":      {organisation(citywide.ID), nil, ""},
			"with helpers":                   {w.organisation(jia), []access.Assignee{w.person("worker"), organisation(citywide.ID)}, ""},
			"nobody known":                   {person(ids.New()), nil, "/assignee/id"},
			"a resident":                     {w.person("neighbour"), nil, "/assignee/id"},
			"somebody gone":                  {w.person("gone"), nil, "/assignee/id"},
			"another street's lead":          {w.person("other lead"), nil, "/assignee/id"},
			"another street's handler":       {w.person("other handler"), nil, "/assignee/id"},
			"another community's worker":     {w.person("counter"), nil, "/assignee/id"},
			"no organisation known":          {organisation(ids.New()), nil, "/assignee/id"},
			"another street's organisation":  {w.organisation(yi), nil, "/assignee/id"},
			"an organisation that is closed": {organisation(closed.ID), nil, "/assignee/id"},
			"a person as organisation":       {organisation(w.people["worker"].Account), nil, "/assignee/id"},
			"no kind":                        {access.Assignee{ID: w.orgs[jia]}, nil, "/assignee/kind"},
			"helpers of other places":        {w.person("worker"), []access.Assignee{w.organisation(jia), w.organisation(yi), {Kind: "ghost", ID: "x"}}, "/helpers/1/id /helpers/2/kind"},
		} {
			to := c.to
			got, err := w.tickets.TakeAction(t.Context(), w.people["lead"], noon, id, 0, ActionInput{Action: Dispatch, Assignee: &to, Helpers: c.helpers})
			if strings.Join(pointers(err), " ") != c.pointers || (err == nil) != (c.pointers == "") {
				t.Errorf("to %s: %v, want it at %s", name, err, c.pointers)
			}
			if err == nil && (got.Assignee != to || !slices.Equal(got.Helpers, c.helpers) || len(got.Involved) != 1+len(c.helpers)) {
				t.Errorf("to %s: %+v", name, got)
			}
		}
		// What is with somebody they see, wherever it lies, and no longer once it is with others.
		w.move("lead", id, ActionInput{Action: Dispatch, Assignee: new(w.organisation(jia)), Helpers: []access.Assignee{w.person("lead")}})
		if _, view, err := w.tickets.Get(t.Context(), w.people["handler"], id); view != access.Whole {
			t.Errorf("the handler sees %v, %v", view, err)
		}
		w.move("lead", id, ActionInput{Action: Dispatch, Assignee: new(w.person("worker"))})
		if _, _, err := w.tickets.Get(t.Context(), w.people["handler"], id); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the handler of before: %v", err)
		}
	})
}

func TestVersionsAndRepetitions(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		made := w.report("resident", east)
		lead := w.people["lead"]
		accept := ActionInput{ID: ids.New(), Action: Accept}
		if _, err := w.tickets.TakeAction(t.Context(), lead, noon, made.ID, made.Version+1, accept); !errors.Is(err, domain.ErrStale) {
			t.Errorf("a version that is none: %v", err)
		}
		first := must(w.tickets.TakeAction(t.Context(), lead, noon, made.ID, made.Version, accept))(t)
		// The answer was lost: the phone sends the same again, with the version it knows.
		again, err := w.tickets.TakeAction(t.Context(), lead, noon, made.ID, made.Version, accept)
		if err != nil || again.Version != first.Version || again.State != Accepted {
			t.Errorf("sent again: %+v, %v", again, err)
		}
		if _, err := w.tickets.TakeAction(t.Context(), lead, noon, made.ID, made.Version, ActionInput{ID: ids.New(), Action: Correct, Category: "parking"}); !errors.Is(err, domain.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		if _, err := w.tickets.TakeAction(t.Context(), lead, noon, made.ID, 0, ActionInput{ID: ids.New(), Action: Accept}); code(err) != "wrong_state" {
			t.Errorf("accepted twice: %v", err)
		}
		for range appliedRecent + 5 {
			w.move("lead", made.ID, ActionInput{ID: ids.New(), Action: Correct, Position: new(at[east])})
		}
		if n := len(w.get(made.ID).Applied); n != appliedRecent {
			t.Errorf("%d actions remembered", n)
		}
		// Of many at once, one is taken.
		racer := w.report("resident", east).ID
		nodes := []*Tickets{w.tickets, w.join().tickets}
		won := make(chan string, 20)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				m := ActionInput{ID: ids.New(), Action: Accept}
				if i%2 == 1 {
					m = ActionInput{ID: ids.New(), Action: Reject, Reason: "重复"}
				}
				_, err := nodes[i%2].TakeAction(t.Context(), lead, noon, racer, 0, m)
				switch {
				case err == nil:
					won <- string(m.Action)
				case code(err) != "wrong_state" && !errors.Is(err, domain.ErrForbidden):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		close(won)
		if len(won) != 1 {
			t.Errorf("%d of 20 were taken", len(won))
		}
		if s := w.get(racer).State; string(s) != map[string]string{"accept": "accepted", "reject": "rejected"}[<-won] {
			t.Errorf("%s", s)
		}
	})
}

// A corrected position takes the ticket to another street, with its history and its remarks.
func TestCorrectIntoAnotherStreet(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.working(east).ID
		must(w.tickets.Comment(t.Context(), w.people["worker"], noon, id, NewComment{ID: ids.New(), Text: "在乙街道"}))(t)
		before, version := len(w.journal(yi)), w.get(id).Version
		moved := w.move("admin", id, ActionInput{Action: Correct, Position: new(at[other]), Datum: geo.WGS84, Reason: "位置有误"})
		street, _ := w.areas.Tree().ByCode(yi)
		if moved.Partition != street.ID || moved.Place != w.cell(other).Place || moved.Boundary != w.cell(other).Boundary || moved.State != InProgress || moved.Version != version+1 {
			t.Errorf("moved: %+v", moved)
		}
		if was := moved.Steps[len(moved.Steps)-1].Was; was == nil || was.Position.At() != at[east] || was.Place.Cell != w.cell(east).ID || was.Category != "noise" {
			t.Errorf("what it was: %+v", was)
		}
		journal := w.journal(yi)
		if last := journal[len(journal)-1]; len(journal) != before+1 || last.Action != "ticket.correct" || last.Doc != id || last.Before.Cell != w.cell(east).ID || last.After.Cell != w.cell(other).ID {
			t.Errorf("the new street's journal: %+v", last)
		}
		if _, _, err := w.tickets.Get(t.Context(), w.people["lead"], id); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the lead of before: %v", err)
		}
		for who, want := range map[string]int{"dispatcher": 0, "other dispatcher": 1, "other lead": 1, "admin": 1} {
			list, _, err := w.tickets.List(t.Context(), w.people[who], Filter{States: []State{InProgress}})
			if err != nil || len(list) != want {
				t.Errorf("%s lists %d, %v", who, len(list), err)
			}
		}
		w.move("other lead", id, ActionInput{Action: Dispatch, Assignee: new(w.organisation(yi))})
		must(w.tickets.Comment(t.Context(), w.people["other lead"], noon, id, NewComment{ID: ids.New(), Text: "收到"}))(t)
		told, _, err := w.tickets.Comments(t.Context(), w.people["other lead"], id, 10, "")
		if err != nil || len(told) != 2 {
			t.Errorf("%d remarks, %v", len(told), err)
		}
		var line []string
		for cursor := ""; ; {
			events, next, err := w.tickets.Timeline(t.Context(), w.people["other lead"], id, 2, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				line = append(line, string(e.Action))
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if got := strings.Join(line, " "); got != "report accept dispatch start comment correct dispatch comment" {
			t.Errorf("timeline: %s", got)
		}
	})
}

// While a ticket goes from street to street, what others do to it either
// happens or finds it gone, and nothing is lost.
func TestActingOnATicketThatMoves(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.report("resident", east).ID
		nodes := []*Tickets{w.tickets, w.join().tickets}
		var mu sync.Mutex
		written := 0
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for range 8 {
					_, err := nodes[i%2].Comment(t.Context(), w.people["resident"], noon, id, NewComment{ID: ids.New(), Text: "催"})
					switch {
					case err == nil:
						mu.Lock()
						written++
						mu.Unlock()
					case !errors.Is(err, domain.ErrBusy):
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			for i := range 8 {
				to := []string{other, east}[i%2]
				if _, err := nodes[0].TakeAction(t.Context(), w.people["admin"], noon, id, 0, ActionInput{ID: ids.New(), Action: Correct, Position: new(at[to])}); err != nil && !errors.Is(err, domain.ErrBusy) {
					t.Error(err)
				}
			}
		})
		wg.Wait()
		listed, _, err := w.tickets.Comments(t.Context(), w.people["resident"], id, 500, "")
		if n := w.get(id).Comments; err != nil || n != written || len(listed) != written || written == 0 {
			t.Errorf("%d remarks made, %d counted, %d listed, %v", written, n, len(listed), err)
		}
	})
}

// On a store too, what people are told they may do is what is accepted.
func TestMoveKeepsToTheTable(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(3, 5))
		actions, people := strings.Fields(columns), []string{"resident", "worker", "lead", "dispatcher", "handler", "neighbour"}
		now, other := noon, w.report("neighbour", east).ID
		for range 2 {
			id := must(w.tickets.Report(t.Context(), w.people["resident"], now, draft(east)))(t).ID
			for range 60 {
				now = now.Add(time.Hour)
				who := w.people[people[rng.IntN(len(people))]]
				m := complete(Action(actions[rng.IntN(len(actions))]))
				m.ID, m.Until, m.Category = ids.New(), now.Add(time.Hour), []string{"noise", "pipe_dispute"}[rng.IntN(2)]
				m.Assignee, m.Helpers = new(w.person("worker")), []access.Assignee{w.organisation(jia)}
				m.Position = new(at[[]string{east, park}[rng.IntN(2)]])
				if m.Into != "" {
					m.Into = other
				}
				was := w.get(id)
				hidden := access.TicketView(who, was.Facts()) == access.Hidden
				told := w.tickets.Allowed(who, was, now)
				got, err := w.tickets.TakeAction(t.Context(), who, now, id, was.Version, *m)
				if (err == nil) != (!hidden && slices.Contains(told, string(m.Action))) || hidden != errors.Is(err, domain.ErrNotFound) {
					t.Fatalf("%s in %s: %v, told %v", m.Action, was.State, err, told)
				}
				if err == nil && !slices.Contains(steps[was.State], got.State) {
					t.Fatalf("%s led from %s to %s", m.Action, was.State, got.State)
				}
				if now := w.get(id); err != nil && now.Version != was.Version {
					t.Fatalf("%s was refused (%v) and written", m.Action, err)
				}
			}
		}
	})
}

// The journal has every step, in order, with what it changed and who took it.
func TestEveryStepIsOnTheJournal(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.working(east).ID
		w.move("worker", id, ActionInput{Action: Resolve, Outcome: "fixed", Note: "已劝阻"})
		w.move("dispatcher", id, ActionInput{Action: Close, Verification: "phone"})
		var got []string
		for _, e := range w.journal(jia) {
			if e.Doc == id {
				got = append(got, fmt.Sprintf("%s %s>%s v%d", strings.TrimPrefix(e.Action, "ticket."), e.Before.State, e.After.State, e.DocVersion))
			}
		}
		want := []string{"report >reported v1", "accept reported>accepted v2", "dispatch accepted>dispatched v3", "start dispatched>in_progress v4", "resolve in_progress>resolved v5", "close resolved>closed v6"}
		if !slices.Equal(got, want) {
			t.Errorf("journal: %v", got)
		}
		journal := w.journal(jia)
		last := journal[len(journal)-1]
		if last.Actor != w.people["dispatcher"].Account || last.Dims["outcome"] != "fixed" || last.Dims["assigneeKind"] != "person" || last.After.Assignee != w.people["worker"].Account || !last.At.Equal(noon) {
			t.Errorf("the last line: %+v", last)
		}
		if n := slices.IndexFunc(journal, func(e *store.Entry) bool { return e.Doc == id && e.Action == "ticket.start" }); journal[n].Actor != w.people["worker"].Account {
			t.Errorf("who started: %+v", journal[n])
		}
	})
}
