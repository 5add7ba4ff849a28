package webhooks

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store/enginetest"
)

// history is a random one.
type history struct {
	*world
	t       *testing.T
	rng     *rand.Rand
	nodes   []*node
	tickets []string
	cases   []intake.Key
	version map[intake.Key]int64
	linked  map[string][2]string // links that hold: ticket and case
}

// step does one thing, which how things are may refuse.
func (h *history) step() {
	t, n, now := h.t, h.nodes[h.rng.IntN(len(h.nodes))], h.clock.now()
	admin := h.people["admin"]
	take := func(who, id string, m ticket.ActionInput) {
		m.ID = ids.New()
		_, err := n.tickets.TakeAction(t.Context(), h.people[who], now, id, 0, m)
		refused := errors.Is(err, domain.ErrForbidden) || errors.Is(err, domain.ErrNotFound) || len(worldtest.Pointers(err)) > 0
		if err != nil && worldtest.Conflict(err) == "" && !refused {
			t.Fatal(err)
		}
	}
	somewhere := func() *orb.Point {
		at := worldtest.At[[]string{worldtest.East, worldtest.West, worldtest.North, worldtest.Other}[h.rng.IntN(4)]]
		return &at
	}
	k := h.cases[h.rng.IntN(len(h.cases))]
	if len(h.tickets) == 0 || len(h.tickets) < 4 && h.rng.IntN(4) == 0 {
		d := ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Position: somewhere(), Datum: geo.WGS84}
		h.tickets = append(h.tickets, must(n.tickets.Report(t.Context(), h.people["resident"], now, d))(t).ID)
	}
	id := h.tickets[h.rng.IntN(len(h.tickets))]
	switch h.rng.IntN(10) {
	case 0, 1, 2:
		h.version[k]++
		version := h.version[k]
		in := intake.Upsert{Item: "insurance", State: []string{"accepted", "in_review", "needs_material", "done"}[h.rng.IntN(4)], Version: &version, ChangedAt: now, OpenedAt: worldtest.Noon.Add(-time.Hour),
			Community: []string{worldtest.JiaOne, worldtest.JiaTwo, worldtest.YiOne}[h.rng.IntN(3)]}
		if in.State == "needs_material" {
			in.Missing = []string{fmt.Sprint("材料", version)}
		}
		if _, applied, err := n.cases.Upsert(t.Context(), h.people["platform"], now, k, in); err != nil || !applied {
			t.Fatalf("%v: applied %v, %v", k, applied, err)
		}
	case 3:
		if h.version[k] == 0 {
			return
		}
		made := must(n.links.Make(t.Context(), admin, now, link.End{Thing: link.Ticket, ID: id}, link.Making{Kind: link.SameMatter, Other: link.End{Thing: link.Case, ID: k.ID()}, Reason: "同一事项"}))(t)
		h.linked[made.ID] = [2]string{id, k.ID()}
	case 4:
		for made, ends := range h.linked {
			must(0, n.links.Remove(t.Context(), admin, now, link.End{Thing: link.Ticket, ID: ends[0]}, made, "有误"))(t)
			delete(h.linked, made)
			return
		}
	case 8:
		take("admin", id, ticket.ActionInput{Action: ticket.Merge, Into: h.tickets[h.rng.IntN(len(h.tickets))], Reason: "同一件事"})
	case 9:
		take("admin", id, ticket.ActionInput{Action: ticket.Unmerge, Reason: "不是一件事"})
	case 5:
		take("admin", id, ticket.ActionInput{Action: ticket.Correct, Position: somewhere(), Datum: geo.WGS84})
	default:
		for _, m := range []struct {
			who string
			do  ticket.ActionInput
		}{
			{"admin", ticket.ActionInput{Action: ticket.Accept}}, {"admin", ticket.ActionInput{Action: ticket.Dispatch, Assignee: &h.mender}}, {"handler", ticket.ActionInput{Action: ticket.Start}},
			{"handler", ticket.ActionInput{Action: ticket.Resolve, Outcome: "answered"}}, {"admin", ticket.ActionInput{Action: ticket.Close, Verification: "phone"}}, {"admin", ticket.ActionInput{Action: ticket.Reopen, Reason: "又坏了"}},
		}[:1+h.rng.IntN(6)] {
			take(m.who, id, m.do)
		}
	}
}

// replace kills a node and has another begin.
func (h *history) replace() {
	i := h.rng.IntN(len(h.nodes))
	h.nodes[i].kill(h.rng.Int64N(40)+1, h.rng.IntN(2) == 0)
	h.nodes[i] = h.join()
	h.nodes[i].serve()
}

// Whatever happens, however the receivers answer and the nodes end: each is
// told each step once by its id, in order, without a gap, and in the end knows
// how everything stands.
func TestReceiversKnowHowThingsStand(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		for seed := range uint64(2) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				if seed > 0 { // one more store
					p = map[bool]func(testing.TB) enginetest.Place{true: enginetest.SQLite, false: enginetest.MongoDB}[p.Dir != ""](t)
				}
				receiversKnow(t, p, seed)
			})
		}
	})
}

func receiversKnow(t *testing.T, p enginetest.Place, seed uint64) {
	w := worldOn(t, p)
	rng := rand.New(rand.NewPCG(seed, 14))
	whole, street := newReceiver(t, w.clock), newReceiver(t, w.clock)
	w.hosts = []string{whole.url, street.url}
	w.settle()
	h := &history{world: w, t: t, rng: rng, cases: []intake.Key{{System: "rnd", Number: "1"}, {System: "rnd", Number: "2"}, {System: "rnd", Number: "3"}}, version: map[intake.Key]int64{}, linked: map[string][2]string{}}
	for range map[bool]int{true: 1, false: 2}[p.Dir != ""] { // a file of SQLite is one process's
		n := w.join()
		n.serve()
		h.nodes = append(h.nodes, n)
	}
	_, whole.secret = w.target(h.nodes[0], "platform", whole.url, "case.*", "ticket.*")
	_, street.secret = w.target(h.nodes[0], "street platform", street.url, "ticket.*")
	both := []*receiver{whole, street}
	for range 40 {
		h.step()
		switch rng.IntN(8) {
		case 0:
			seed := rng.Uint64()
			moody := rand.New(rand.NewPCG(seed, seed))
			both[rng.IntN(2)].set(func() mood { return mood(moody.IntN(int(moods))) }) // under its lock
		case 1:
			both[rng.IntN(2)].set(func() mood { return takes })
		case 2:
			h.replace()
		case 3:
			w.clock.pass(time.Duration(rng.IntN(600)) * time.Second)
		case 4:
			if rng.IntN(4) == 0 { // a receiver is not there for a day
				r := both[rng.IntN(2)]
				r.set(func() mood { return isDown })
				for range 24 {
					h.step()
					w.clock.pass(time.Hour)
				}
				r.set(func() mood { return takes })
			}
		}
	}
	for _, r := range both {
		r.set(func() mood { return takes })
	}
	eventually(t, "all receivers know how everything stands", func() bool {
		w.clock.pass(20 * time.Minute)
		return len(h.unknown(whole, street)) == 0
	})
	whole.check(t, "all", true)
	street.check(t, "of one street", false)
}

// unknown is what receivers do not know as it is.
func (h *history) unknown(all, street *receiver) (out []string) {
	t, st := h.t, h.nodes[0].st
	tickets := must(ticket.Load(t.Context(), st, h.tickets))(t)
	jia := h.people["street platform"].Grants[0].Area
	for id, tk := range tickets {
		m, _ := all.last("ticket " + id)
		if m == nil || m.Data.Ticket.Whole == nil || m.Data.Ticket.Whole.State != string(tk.State) {
			out = append(out, "ticket "+id)
		}
		m, n := street.last("ticket " + id)
		switch inside := tk.Place.Street == jia; {
		case inside && (m == nil || m.Data.Ticket.Whole == nil || m.Data.Ticket.Whole.State != string(tk.State)), !inside && n > 0 && m.Data.Ticket.Shown != none:
			out = append(out, "ticket of a street "+id)
		}
	}
	leads := must(ticket.Leading(t.Context(), st, slices.Collect(maps.Values(tickets))...))(t)
	var keys []string
	for _, k := range h.cases {
		keys = append(keys, k.ID())
	}
	for id, c := range must(intake.LoadMany(t.Context(), st, keys))(t) {
		m, _ := all.last("case " + id)
		if m == nil || m.Data.Case.Whole == nil || m.Data.Case.State != string(c.State) || !slices.Equal(m.Data.Case.Whole.Missing, c.Missing) {
			out = append(out, "case "+id)
			continue
		}
		told := map[string]ticketRef{}
		for _, ref := range m.Data.Case.Whole.Tickets {
			told[ref.ID] = ref
		}
		held := 0
		for _, ends := range h.linked {
			if ends[1] != id {
				continue
			}
			ref, lead := told[ends[0]], leads[ends[0]]
			asItLeads := (lead == nil) == (ref.MergedLead == nil)
			if lead != nil && ref.MergedLead != nil {
				asItLeads = ref.MergedLead.State == string(lead.State) && ref.MergedLead.ID != nil && *ref.MergedLead.ID == lead.ID && (ref.MergedLead.ClosedAt == nil) == lead.EndedAt().IsZero()
			}
			if held++; ref.State != string(tickets[ends[0]].State) || !asItLeads {
				out = append(out, "ticket of case "+id)
			}
		}
		if held != len(told) {
			out = append(out, "tickets of case "+id)
		}
	}
	return out
}
