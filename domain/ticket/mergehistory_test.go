package ticket

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/worldtest"
	"wangge/store"
)

// history is a store on which anything happens, and a plain model of it.
type history struct {
	*world
	rng     *rand.Rand
	lease   store.Lease
	now     time.Time
	ids     []string
	parent  map[string]string          // of what is merged
	before  map[string]Ticket          // what it was, kept
	joined  map[string]time.Time       // since when
	follows map[string]map[string]bool // ticket to those who follow it
	told    map[string]int             // what the model says
}

// However tickets are merged, taken out, worked on, followed and moved by
// redraws, in any order: what is taken out is as it was, there are no circles,
// figures count what the model counts, and everybody is told once.
func TestHistoriesOfMerges(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		h := &history{world: w, rng: rand.New(rand.NewPCG(3, 41)), now: noon, parent: map[string]string{}, before: map[string]Ticket{}, joined: map[string]time.Time{},
			follows: map[string]map[string]bool{}, told: map[string]int{}}
		h.lease = must(w.st.Acquire(t.Context(), clockLease, "node", 24*365*time.Hour))(t)
		w.areas.PlanMoves = w.tickets.PlanMoves
		happened, checked := map[string]int{}, 1
		if w.place.Dir == "" {
			checked = 8 // steps at a time: to ask after each takes long there
		}
		for step := range 160 {
			h.now = h.now.Add(time.Duration(1+h.rng.IntN(20*3600)) * time.Second)
			what := h.step()
			happened[strings.Fields(what)[0]]++
			must(w.tickets.waking().Pass(t.Context(), w.st, h.lease, h.now))(t)
			if (step+1)%checked == 0 {
				h.check()
			}
			if t.Failed() {
				t.Fatalf("step %d: %s", step, what)
			}
		}
		for _, what := range []string{"report", "merge", "unmerge", "act", "follow", "unfollow", "redraw", "withdraw", "refused"} {
			if happened[what] == 0 {
				t.Errorf("no %s in %v", what, happened)
			}
		}
	})
}

// step does one thing, and says what.
func (h *history) step() string {
	h.t.Helper()
	ctx, lead := h.t.Context(), h.people["county admin"]
	if len(h.ids) < 4 || len(h.ids) < 14 && h.rng.IntN(8) == 0 {
		d := draft(pick(h.rng, []string{east, west, other}))
		d.Category = pick(h.rng, []string{"noise", "noise", "pipe_dispute"})
		id := must(h.tickets.Report(ctx, h.people[pick(h.rng, []string{"resident", "neighbour"})], h.now, d))(h.t).ID
		h.ids, h.follows[id] = append(h.ids, id), map[string]bool{}
		return "report " + id
	}
	id, other := pick(h.rng, h.ids), pick(h.rng, h.ids)
	t, into := h.get(id), h.get(other)
	switch n := h.rng.IntN(20); {
	case n < 5:
		_, err := h.tickets.TakeAction(ctx, lead, h.now, id, 0, merge(other))
		allowed := id != other && t.State.Open() && into.State.Open() && t.Partition == into.Partition
		if allowed != (err == nil) {
			h.t.Errorf("merge of %s into %s, %s: %v", t.State, into.State, into.Partition, err)
		}
		if err != nil {
			return "refused " + err.Error()
		}
		h.parent[id], h.before[id], h.joined[id] = other, kept(t), h.now
		h.tell("ticket_merged", t.Public != nil, id)
		return fmt.Sprintf("merge %s of %s", id, t.State)
	case n < 9 && t.State == Merged:
		must(h.tickets.TakeAction(ctx, lead, h.now, id, 0, ActionInput{Action: Unmerge}))(h.t)
		h.restored(id, t)
		return "unmerge " + id
	case n < 11:
		who := pick(h.rng, []string{"resident", "neighbour"})
		known := id
		if t.Reporter != h.people[who].Account {
			known = t.PublicID()
		}
		if known == "" {
			known = ids.New()
		}
		_, err := h.tickets.Follow(ctx, h.people[who], h.now, known, "")
		if err != nil {
			return "refused " + err.Error()
		}
		h.follows[id][who] = true
		return "follow " + who
	case n < 12:
		who := pick(h.rng, slices.Collect(maps.Keys(h.people)))
		must(0, h.tickets.Unfollow(ctx, h.people[who], id))(h.t)
		must(0, h.tickets.Unfollow(ctx, h.people[who], t.everPublicID(h.keys)))(h.t)
		delete(h.follows[id], who)
		return "unfollow " + who
	case n < 13:
		edge := pick(h.rng, []float64{120.605, 120.61})
		worldtest.Draw(h.t, h.areas, h.now, worldtest.Cell{Code: east, Ground: worldtest.Box(120.6, 31.3, edge, 31.31)}, worldtest.Cell{Code: "320508002001001", Ground: worldtest.Box(edge, 31.3, 120.65, 31.31)},
			worldtest.Cell{Code: park, Kind: area.Dedicated, Ground: worldtest.Square(120.602, 31.302, 0.002)})
		return fmt.Sprint("redraw ", edge)
	case n < 14:
		reporter := "resident"
		if t.Reporter != h.people[reporter].Account {
			reporter = "neighbour"
		}
		first := h.children(id)
		_, err := h.tickets.TakeAction(ctx, h.people[reporter], h.now, id, 0, ActionInput{Action: Withdraw})
		if err != nil {
			return "refused " + err.Error()
		}
		if len(first) > 0 {
			was := h.get(first[0])
			delete(h.parent, first[0])
			for _, x := range first[1:] {
				h.parent[x] = first[0]
			}
			h.restored(first[0], was)
		}
		return "withdraw " + id
	}
	return h.act(id, t)
}

// act takes any other step.
func (h *history) act(id string, t *Ticket) string {
	actions := strings.Fields(columns)
	m := complete(Action(pick(h.rng, actions[:len(actions)-3])))
	m.Until, m.Category = h.now.Add(time.Duration(1+h.rng.IntN(100))*time.Hour), pick(h.rng, []string{"noise", "pipe_dispute"})
	m.Assignee = new(h.person("worker"))
	for _, who := range []string{"county admin", "worker", "dispatcher", "other dispatcher"} {
		got, err := h.tickets.TakeAction(h.t.Context(), h.people[who], h.now, id, 0, *m)
		var conflict *domain.ConflictError
		switch {
		case err == nil && (m.Action == Close || m.Action == Reject):
			h.tell("ticket_over", got.Public != nil, h.below(id)...)
			fallthrough
		case err == nil:
			return fmt.Sprintf("act %s on %s", m.Action, t.State)
		case errors.As(err, &conflict):
			return "refused " + err.Error()
		}
	}
	return "refused " + string(m.Action)
}

// restored compares what was taken out with what it was.
func (h *history) restored(id string, merged *Ticket) {
	h.t.Helper()
	want, now := h.before[id], h.get(id)
	if want.State != Suspended {
		want.DueAt = want.DueAt.Add(h.now.Sub(h.joined[id]))
	}
	want.Place, want.Boundary, want.Partition = merged.Place, merged.Boundary, merged.Partition
	delete(h.parent, id)
	want.Merges = len(h.children(id)) // some may have been taken out meanwhile
	if got := kept(now); !reflect.DeepEqual(got, want) {
		h.t.Errorf("was\n%+v\nis\n%+v", want, got)
	}
}

// children are those merged into a ticket, in the order of their reports.
func (h *history) children(id string) (out []string) {
	for _, x := range h.ids {
		if h.parent[x] == id {
			out = append(out, x)
		}
	}
	return out
}

func (h *history) below(id string) []string {
	out := []string{id}
	for i := 0; i < len(out); i++ {
		out = append(out, h.children(out[i])...)
	}
	return out
}

// tell notes that who reported or follows one of the tickets is told once; who
// follows what is not theirs, if the public knows of it.
func (h *history) tell(kind string, public bool, of ...string) {
	whom := map[string]bool{}
	for _, id := range of {
		t := h.get(id)
		for _, who := range []string{"resident", "neighbour"} {
			own := t.Reporter == h.people[who].Account
			if own && (kind == "ticket_merged" || len(of) > 1) || h.follows[id][who] && (own || public) {
				whom[who+" "+kind] = true
			}
		}
	}
	for k := range whom {
		h.told[k]++
	}
}

// check compares the store with the model.
func (h *history) check() {
	h.t.Helper()
	ctx, admin := h.t.Context(), h.people["admin"]
	open, merged := 0, 0
	for _, id := range h.ids {
		t := h.get(id)
		if (t.State == Merged) != (h.parent[id] != "") || t.Joined != nil && t.Joined.Into != h.parent[id] || (t.Joined != nil) != (t.State == Merged) || t.Merges != len(h.children(id)) {
			h.t.Errorf("%s, joined %+v, %d joined it: the model has %q and %v", t.State, t.Joined, t.Merges, h.parent[id], h.children(id))
		}
		if t.State.Open() {
			open++
		}
		if wrong := clocksWrong(t); wrong != "" {
			h.t.Error(wrong)
		}
		if spot := h.spot(h.t, t.Position.At()); (t.State.Open() || t.State == Merged) && t.Place != spot.Place {
			h.t.Errorf("%s lies in %+v, today's map has it in %+v", t.State, t.Place, spot.Place)
		}
		if t.State == Merged {
			merged++
			root := id
			for range len(h.ids) + 1 {
				if h.parent[root] != "" {
					root = h.parent[root]
				}
			}
			if leads, err := Leading(ctx, h.st, t); err != nil || h.parent[root] != "" || leads[id].ID != root {
				h.t.Errorf("led by %+v (%v), the model has %s", leads[id], err, root)
			}
		}
		list, _, err := h.tickets.List(ctx, admin, Filter{Into: id, Limit: 100})
		if err != nil || len(list) != len(h.children(id)) {
			h.t.Errorf("%d are listed as merged into it, %v", len(list), err)
		}
	}
	briefs := must(h.tickets.Open(ctx))(h.t)
	counts := must(h.tickets.Count(ctx, admin, Filter{}, "state"))(h.t)
	public, _, err := h.tickets.Public(ctx, PublicFilter{Limit: 100})
	if len(briefs) != open || counts["merged"] != int64(merged) || err != nil || slices.ContainsFunc(public, func(p *Public) bool { return p.State == Merged }) {
		h.t.Errorf("%d open, want %d; counted %v, want %d merged; %v", len(briefs), open, counts, merged, err)
	}
	if got := h.world.told(h.lease, h.now); !maps.Equal(got, h.told) {
		h.t.Errorf("told %v, the model %v", got, h.told)
	}
}
