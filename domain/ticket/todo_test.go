package ticket

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/domain/worldtest"
	"wangge/store"
)

// make writes a ticket as a test has it, whatever led to that.
func (w *world) put(id string, change func(*Ticket)) {
	w.t.Helper()
	err := w.st.Update(w.t.Context(), []string{w.get(id).Partition}, func(tx *store.Tx) error {
		t, err := collection.Get(w.t.Context(), tx, id)
		if err != nil {
			return err
		}
		change(t)
		return put(tx, t, t.entry(program, noon, Correct, t.facts()))
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// todosByWalk are what is waited for of somebody, by looking at every ticket there is.
func (w *world) todosByWalk(who string, now time.Time, all []*Ticket) map[string][]string {
	out := map[string][]string{}
	actor := w.people[who]
	for _, t := range all {
		for _, todo := range w.tickets.todosOf(actor, t, Filter{Now: now}) {
			out[string(todo)] = append(out[string(todo)], t.ID)
		}
	}
	return out
}

// Lists and counts of what is waited for are those of the walk over all tickets
// by what each allows, for everybody, whatever state they are in.
func TestTodosAreThoseOfTheWalk(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		r := rand.New(rand.NewPCG(1, 2))
		var ids []string
		for range 120 {
			ids = append(ids, w.report([]string{"resident", "lead", "worker", "manager"}[r.IntN(4)], []string{east, west, park, north, other}[r.IntN(5)]).ID)
		}
		states := []State{Reported, AwaitingReporter, Accepted, Dispatched, InProgress, Suspended, Resolved, Divided, Closed, Merged, Withdrawn}
		for i, id := range ids {
			w.put(id, func(t *Ticket) {
				r := rand.New(rand.NewPCG(uint64(i), 3))
				somebody := func(names ...string) string { return w.people[names[r.IntN(len(names))]].Account }
				t.State = states[r.IntN(len(states))]
				if t.State == Merged {
					t.Joined = &Joined{Into: ids[0], State: Reported}
				}
				if slices.Contains([]State{Dispatched, InProgress, Suspended, Resolved}, t.State) {
					t.assign([]access.Assignee{w.person("worker"), w.person("lead"), w.organisation(jia), w.organisation(yi)}[r.IntN(4)], nil)
					if r.IntN(3) == 0 {
						t.assign(t.Assignee, []access.Assignee{w.person("dispatcher")})
					}
				}
				if r.IntN(2) == 0 {
					t.Handled = []string{somebody("worker", "lead", "dispatcher", "manager", "handler")}
				}
				if r.IntN(4) == 0 {
					t.Reviewers = []string{somebody("lead", "community", "dispatcher")}
				}
				if r.IntN(4) == 0 {
					t.Filed, t.Dispatchers = []string{somebody("lead", "community", "dispatcher")}, []string{somebody("lead", "manager", "dispatcher")}
				}
				if r.IntN(8) == 0 {
					t.Climbed = &Climbed{t.State, []access.Level{access.Community, access.Street, access.County}[r.IntN(3)], noon}
				}
				if t.State == Suspended {
					t.Backlog = &Backlog{By: "x", At: noon, ReviewAt: noon.Add(time.Duration(r.IntN(4)-1) * time.Hour)}
				}
				if t.Category = "noise"; r.IntN(4) == 0 {
					t.Category = "parking"
				}
				switch r.IntN(12) {
				case 0:
					t.Escalated = t.State == Accepted
				case 1:
					t.Requests = append(t.Requests, Request{Kind: ForReturn, By: somebody("worker"), At: noon, Reason: "x"})
				case 2:
					t.Offer = &Offer{Place: w.spot(w.t, at[other]).Place, By: "x", At: noon}
				case 3:
					t.Convened = []Convened{{Organisation: w.orgs[jia], By: "x", At: noon}}
				case 4:
					t.Served = []string{worldtest.ID(w.t, w.areas, jiaTwo)}
				}
			})
		}
		parking, _ := w.policies.At(w.get(ids[0]).Partition, noon).Category("parking")
		for i := range parking.Conditions {
			parking.Conditions[i].Roles = nil
		}
		compare := func(now time.Time) (found int) {
			t.Helper()
			var all []*Ticket
			for _, id := range ids {
				all = append(all, w.get(id))
			}
			for who := range w.people {
				walked := w.todosByWalk(who, now, all)
				counts := must(w.tickets.CountTodos(t.Context(), w.people[who], Filter{Now: now}))(t)
				for _, todo := range domain.CodesOf[string](TodoWords) {
					var listed []string
					f := Filter{Todo: Todo(todo), Now: now, Limit: 7}
					for {
						page, next, err := w.tickets.List(t.Context(), w.people[who], f)
						if err != nil {
							t.Fatal(err)
						}
						for _, one := range page {
							listed = append(listed, one.ID)
						}
						if f.Cursor = next; next == "" {
							break
						}
					}
					slices.Sort(listed)
					slices.Sort(walked[todo])
					if !slices.Equal(listed, walked[todo]) || int(counts[todo]) != len(walked[todo]) {
						t.Errorf("%s, %s: %d by the walk, %d in the list, %d counted", who, todo, len(walked[todo]), len(listed), counts[todo])
					}
					found += len(listed)
				}
			}
			return found
		}
		if compare(noon) < 100 {
			t.Error("there is too little to do")
		}
		if t.Failed() {
			return
		}
		parking.Roles = []policy.Narrow{{Step: "dispatch", Roles: []access.Role{access.Dispatcher, access.StreetManager, access.Admin}}, {Step: "accept", Roles: []access.Role{access.StreetManager, access.Admin}}}
		parking.Conditions = nil
		w.decide(noon.Add(time.Minute), policy.Content{Categories: []policy.Category{parking}, Steps: []policy.Step{{Code: "close", Roles: []access.Role{access.Dispatcher, access.StreetManager, access.Admin}}}})
		compare(noon.Add(time.Hour))
		if t.Failed() {
			return
		}
		w.decide(noon.Add(2*time.Hour), policy.Content{Limits: []policy.Limit{{Code: policy.Strict, Value: 1}}})
		compare(noon.Add(3 * time.Hour))
	})
}

func TestTodoWithOtherFilters(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.report("resident", east)
		inEast, elsewhere := w.report("resident", east), w.report("resident", west)
		ctx, lead := t.Context(), w.people["lead"]
		for _, f := range []Filter{{States: []State{Reported}}, {Mine: true}, {Text: "噪声"}, {Assignee: "x"}, {Overdue: noon}, {Triage: true}} {
			f.Todo, f.Now = ToAccept, noon
			if _, _, err := w.tickets.List(ctx, lead, f); !slices.Equal(pointers(err), []string{"?todo"}) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		if _, err := w.tickets.Count(ctx, lead, Filter{Todo: ToAccept, Now: noon}, "state"); !slices.Equal(pointers(err), []string{"?todo"}) {
			t.Errorf("by state: %v", err)
		}
		got := must(w.tickets.CountTodos(ctx, lead, Filter{Now: noon, Cell: west}))(t)
		if fmt.Sprint(got) != "map[to_accept:1]" {
			t.Errorf("in one cell: %v, %s and not %s", got, elsewhere.ID, inEast.ID)
		}
		for _, c := range []struct {
			filter Filter
			want   int
		}{{Filter{Sources: []Source{FromApp}}, 3}, {Filter{Sources: []Source{FromPatrol}}, 0}, {Filter{Urgencies: []Urgency{"normal"}}, 3}, {Filter{Urgencies: []Urgency{Urgent}}, 0}} {
			c.filter.Now = noon
			counted := must(w.tickets.CountTodos(ctx, lead, c.filter))(t)[string(ToAccept)]
			c.filter.Todo = ToAccept
			listed, _, err := w.tickets.List(ctx, lead, c.filter)
			if err != nil || len(listed) != c.want || int(counted) != c.want {
				t.Errorf("%+v: %d listed, %d counted, %v, want %d", c.filter, len(listed), counted, err, c.want)
			}
		}
	})
}

// A ticket of before there were marks gets those that it can have.
func TestMarksOfEarlierTickets(t *testing.T) {
	earlier := store.D{{Key: "state", Value: "resolved"}, {Key: "place", Value: store.D{{Key: "street", Value: "s"}}}, {Key: "handled", Value: store.A{"h"}}, {Key: "involved", Value: store.A{"i", "h"}}, {Key: "served", Value: store.A{"c"}}}
	got := must(withNextAt(earlier))(t)
	if last := got[len(got)-2:]; fmt.Sprint(last) != "[{marks [-h -i]} {lookAt s}]" {
		t.Errorf("%v", last)
	}
	again := must(withNextAt(got))(t)
	if len(again) != len(got) {
		t.Errorf("twice: %v", again)
	}
}

// Who sent a ticket for themselves is not among those who sent one for somebody.
func TestSenderOfEarlierTickets(t *testing.T) {
	for _, c := range []struct {
		reporter, by string
		want         any
	}{{"r", "r", nil}, {"r", "s", "s"}, {"", "s", "s"}} {
		ticket := store.D{{Key: "reporter", Value: c.reporter}, {Key: "reportedBy", Value: c.by}}
		for range 2 { // again changes nothing
			ticket = must(withSentBy(ticket))(t)
			var got []any
			for _, f := range ticket {
				if f.Key == "sentBy" {
					got = append(got, f.Value)
				}
			}
			if want := []any{c.want}; c.want == nil && got != nil || c.want != nil && !slices.Equal(got, want) {
				t.Errorf("%s by %s: %v", c.reporter, c.by, got)
			}
		}
	}
}
