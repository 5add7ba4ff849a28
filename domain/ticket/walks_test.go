package ticket

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/clocks"
	"wangge/domain/ids"
	"wangge/domain/todo"
)

// walker drives tickets through random histories in the store.
type walker struct {
	*world
	rng   *rand.Rand
	now   time.Time
	who   []string
	ids   []string
	water string
	open  map[string][]string // by ticket and kind, who is asked
}

// look reads what everybody is asked.
func (w *walker) look() {
	w.open = map[string][]string{}
	lists := todo.New(w.st)
	for who, actor := range w.people {
		items, _, err := lists.List(w.t.Context(), actor, noon, todo.Filter{Open: new(true), Limit: 1000})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, it := range items {
			key := it.About.ID + string(it.Kind)
			w.open[key] = append(w.open[key], who+" "+string(it.Kind))
		}
	}
}

func (w *walker) askedOf(ticket string, kinds ...todo.Kind) (out []string) {
	for _, k := range kinds {
		out = append(out, w.open[ticket+string(k)]...)
	}
	return out
}

// input is an action with what it needs, as the ticket is.
func (w *walker) input(who string, t *Ticket, action Action) ActionInput {
	m := *complete(action)
	m.ID = ids.New()
	pick := func(n int) int { return w.rng.IntN(n) }
	switch action {
	case Correct:
		m.Category, m.Reason = "", "不在这里"
		if pick(3) == 0 {
			m.Category = []string{"noise", "parking"}[pick(2)]
		} else {
			m.Position = new(at[[]string{east, west, other}[pick(3)]])
		}
	case Dispatch:
		who := []access.Assignee{w.person("worker"), w.organisation(jia), w.organisation(yi), w.person("other lead"), w.person("lead")}
		m.Assignee = &who[pick(len(who))]
		if h := who[pick(len(who))]; h != *m.Assignee && pick(2) == 0 {
			m.Helpers = []access.Assignee{h}
		}
	case Suspend:
		m.Until = w.now.Add(time.Duration(1+pick(29*24)) * time.Hour)
	case Shelve:
		m.ReviewAt = w.now.Add(time.Duration(1+pick(40*24)) * time.Hour)
	case Resolve:
		m.Outcome, m.Reason = []Outcome{"fixed", NotFixed}[pick(2)], "说明"
		m.Photos = []string{w.upload(who)}
	case Apply:
		m.Request = []RequestKind{ForReturn, ForExtension}[pick(2)]
		if c := t.Clock(clocks.Handle); c != nil {
			m.Until = c.DueAt.Add(time.Duration(1+pick(24)) * time.Hour)
		}
	case Grant, Refuse, Recall:
		for _, r := range t.Requests {
			if r.State == RequestOpen {
				m.Request = r.Kind
			}
		}
	case Convene:
		m.Departments = []string{w.water}
	case Rule:
		if pick(2) == 0 {
			m.Departments = t.declined()
		}
	case Allot:
		m.Street = []string{jia, yi}[pick(2)]
	case Split:
		m.Children = []Child{{ID: ids.New(), Category: "noise", Title: "噪声"}, {ID: ids.New(), Category: "parking", Title: "停车"}}
	case Merge:
		m.Into = w.ids[pick(len(w.ids))]
	case HelpRelease:
		m.Helper = nil
		if len(t.Helpers) > 0 {
			m.Helper = &t.Helpers[0]
		}
	}
	return m
}

// matterKinds are asked for only while there is something to do.
var matterKinds = []todo.Kind{RequestToDecide, ToTakeUp, ToAttend, ToRule, ToTake, ToldBounced, ToAllot, AskedToAnswer, RemindedToAnswer, AskedToDecide, ClockWarns, ClockOver, ToldUrged, ToldSupervised}

func (w *walker) check(id string) (faults []string) {
	t := w.get(id)
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if !t.State.Open() && !c.Over() {
			fault("clock %s runs on in %s", c.Kind, t.State)
		}
		if c.Over() && c.EndedAs == "" {
			fault("clock %s ended as nothing", c.Kind)
		}
		for j := range t.Clocks[:i] {
			if d := &t.Clocks[j]; d.Kind == c.Kind && !d.Over() && !c.Over() {
				fault("two clocks %s", c.Kind)
			}
		}
	}
	runs := map[State]clocks.Kind{Reported: clocks.Accept, Accepted: clocks.Dispatch, Dispatched: clocks.Handle, InProgress: clocks.Handle, Suspended: clocks.Handle, Resolved: clocks.Verify}
	if kind := runs[t.State]; kind != "" && t.Clock(kind) == nil {
		fault("no clock %s in %s", kind, t.State)
	}
	if t.State.Open() && t.Parent == "" && t.Clock(clocks.Promise) == nil {
		fault("no promise in %s", t.State)
	}
	for _, c := range t.Clocks {
		if c.Over() {
			continue
		}
		still := !c.StillSince().IsZero()
		waits := t.State == AwaitingReporter && t.Question.Stops
		switch {
		case c.Kind == clocks.Accept && t.State == AwaitingReporter && t.Question.From != Reported, c.Kind == clocks.Dispatch && t.State == AwaitingReporter && t.Question.From != Accepted:
			fault("clock %s in %s from %s", c.Kind, t.State, t.Question.From)
		case waits && !still, t.State == Suspended && c.Kind != clocks.Imposed && !still:
			fault("clock %s runs in %s", c.Kind, t.State)
		case !waits && t.State != Suspended && still && c.Kind != clocks.Handle:
			fault("clock %s stands still in %s", c.Kind, t.State)
		}
	}
	if !t.State.Open() {
		for _, r := range t.Requests {
			if r.State == RequestOpen && t.State != Merged {
				fault("request for %s open in %s", r.Kind, t.State)
			}
		}
		if t.State != Merged && (t.Offer != nil || len(t.called()) > 0 || t.Escalated || t.Question != nil || t.Backlog != nil || !t.ResumeAt.IsZero()) {
			fault("offer, call, escalation, question or backlog in %s", t.State)
		}
		if !t.NextAt.IsZero() {
			fault("wakes in %s at %s", t.State, t.NextAt)
		}
		if open := w.askedOf(id, matterKinds...); len(open) > 0 {
			fault("asked in %s: %v", t.State, open)
		}
	}
	if t.State != Suspended && t.State != Merged && (t.Backlog != nil || !t.ResumeAt.IsZero() || !t.SuspendedAt.IsZero()) {
		fault("suspended in %s", t.State)
	}
	for _, m := range matters {
		if !m.open(t) {
			if open := w.askedOf(id, m.kind); len(open) > 0 {
				fault("asked %v, and not open in %s", open, t.State)
			}
			continue
		}
		if m.asking == nil { // a step of its own told
			continue
		}
		asking, err := m.asking(w.t.Context(), w.tickets, t, w.now)
		if err != nil {
			w.t.Fatal(err)
		}
		asked := len(w.askedOf(id, m.kind))
		for _, a := range asking {
			if len(a.To) > 0 && a.To[0] != "" && asked == 0 {
				fault("%s is open, and nobody is asked", m.kind)
			}
		}
	}
	if t.State.Open() || t.State == Merged {
		moves := false
		for _, who := range w.who {
			for _, a := range w.tickets.Allowed(w.people[who], t, w.now) {
				moves = moves || slices.ContainsFunc(Transitions, func(tr Transition) bool {
					return string(tr.Action) == a && slices.Contains(tr.From, t.State) && (tr.To != "" && tr.To != t.State || tr.Action == Unmerge || tr.Action == Unask)
				})
			}
		}
		openChildren := slices.ContainsFunc(t.Children, func(c Offspring) bool { return c.State.Open() })
		if !moves && !(t.State == Divided && openChildren) {
			fault("nobody can move on from %s (climbed %v)", t.State, t.Climbed)
		}
	}
	return faults
}

// However people act and time passes, with all that rings: what is over has no
// clock, request, offer or call and asks nobody, what is asked for is asked of
// somebody, clocks are those of the state, alarms come to an end, and somebody can move on.
func TestWalksInTheStore(t *testing.T) {
	oneEngine(t, func(t *testing.T, base *world) {
		w := &walker{world: base, rng: rand.New(rand.NewPCG(1, 5)), now: noon}
		w.water, _, _ = base.departments()
		w.add("county manager", access.StreetManager, county, account.NewAccount{})
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", 24*3650*time.Hour))(t)
		w.who = slices.Sorted(maps.Keys(w.people))
		for n := range 320 {
			if n%40 == 0 {
				w.ids = nil
				for _, place := range []string{east, west, other} {
					w.ids = append(w.ids, must(w.tickets.Report(t.Context(), w.people["resident"], w.now, draft(place)))(t).ID)
				}
			}
			w.now = w.now.Add(time.Duration(w.rng.Int64N(int64([]time.Duration{time.Hour, 20 * time.Hour, 10 * 24 * time.Hour}[w.rng.IntN(3)]))))
			for i := 0; must(w.tickets.waking().Pass(t.Context(), w.st, lease, w.now))(t) > 0; i++ {
				if i > 60 {
					t.Fatal("it wakes without end")
				}
			}
			step := w.step()
			w.look()
			for _, id := range w.ids {
				for _, fault := range w.check(id) {
					t.Errorf("step %d, %s, ticket %d: %s", n, step, slices.Index(w.ids, id), fault)
				}
			}
			if t.Failed() {
				return
			}
		}
	})
}

// step has somebody take an action that they may, with one of the tickets.
func (w *walker) step() string {
	t := w.get(w.ids[w.rng.IntN(len(w.ids))])
	may := map[Action][]string{}
	for _, who := range w.who {
		for _, a := range w.tickets.Allowed(w.people[who], t, w.now) {
			may[Action(a)] = append(may[Action(a)], who)
		}
	}
	actions := slices.Sorted(maps.Keys(may))
	if len(actions) == 0 {
		return "nothing"
	}
	action := actions[w.rng.IntN(len(actions))]
	if slices.Contains([]Action{Withdraw, Reject, Supervise, Urge, Merge, Correct, Ask, Escalate}, action) {
		action = actions[w.rng.IntN(len(actions))]
	}
	who := may[action][w.rng.IntN(len(may[action]))]
	m := w.input(who, t, action)
	_, err := w.tickets.TakeAction(w.t.Context(), w.people[who], w.now, t.ID, 0, m)
	if err == nil && action == Split {
		w.ids = append(w.ids, m.Children[0].ID, m.Children[1].ID)
	}
	return fmt.Sprintf("%s by %s in %s: %s", action, who, t.State, told(err))
}
