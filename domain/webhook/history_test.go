package webhook

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// history is a random one, of cases and tickets that move between streets.
type history struct {
	*world
	rng     *rand.Rand
	nodes   []*node
	frail   *node // its engine dies
	dying   enginetest.Dying
	keys    []intake.Key
	version map[intake.Key]int64
	tickets []string
	linked  map[string][2]string // links that hold: ticket and case
}

func newHistory(w *world, seed uint64) *history {
	h := &history{world: w, rng: rand.New(rand.NewPCG(seed, 5)), nodes: []*node{w.node, w.join(w.t, store.Options{Rehearse: true})}, version: map[intake.Key]int64{}, linked: map[string][2]string{}}
	for _, system := range []string{"rnd", "hotline"} {
		for _, number := range []string{"1", "2"} {
			h.keys = append(h.keys, intake.Key{System: system, Number: number})
		}
	}
	for range 4 {
		h.tickets = append(h.tickets, w.report(worldtest.East).ID)
	}
	w.at = w.at.Add(time.Minute)
	return h
}

// step does one thing, which how things are may refuse.
func (h *history) step() {
	t := h.t
	h.at = h.at.Add(time.Minute)
	n, k, id := h.nodes[h.rng.IntN(len(h.nodes))], h.keys[h.rng.IntN(len(h.keys))], h.tickets[h.rng.IntN(len(h.tickets))]
	take := func(actor access.Actor, m ticket.ActionInput) {
		_, err := n.tickets.TakeAction(t.Context(), actor, h.at, id, 0, m)
		refused := errors.Is(err, domain.ErrForbidden) || errors.Is(err, domain.ErrNotFound) || len(worldtest.Pointers(err)) > 0
		if err != nil && worldtest.Conflict(err) == "" && !refused {
			t.Fatal(err)
		}
	}
	switch h.rng.IntN(10) {
	case 0, 1, 2:
		h.version[k]++
		item := "GS-01"
		if k.Number == "2" {
			item = "MZ-01" // which is sensitive
		}
		h.upsert(k.System, k.Number, []string{jiaOne, worldtest.JiaTwo, yiOne}[h.rng.IntN(3)], item, []string{"accepted", "in_review", "refused", "done"}[h.rng.IntN(4)], h.version[k])
	case 3:
		if h.version[k] > 0 {
			made, err := n.links.Make(t.Context(), admin, h.at, link.End{Thing: link.Ticket, ID: id}, link.Making{Kind: link.SameMatter, Other: link.End{Thing: link.Case, ID: k.ID()}, Reason: "同一事项"})
			if errors.Is(err, domain.ErrForbidden) { // it is sensitive
				return
			}
			h.linked[must(made, err)(t).ID] = [2]string{id, k.ID()}
		}
	case 4:
		for made, ends := range h.linked {
			must(0, n.links.Remove(t.Context(), admin, h.at, link.End{Thing: link.Ticket, ID: ends[0]}, made, "有误"))(t)
			delete(h.linked, made)
			return
		}
	case 5, 6:
		at := worldtest.At[[]string{worldtest.East, worldtest.West, worldtest.Other}[h.rng.IntN(3)]]
		take(admin, ticket.ActionInput{Action: ticket.Correct, Position: &at, Datum: geo.WGS84})
	case 7:
		take(admin, ticket.ActionInput{Action: ticket.Accept})
		take(admin, ticket.ActionInput{Action: ticket.Dispatch, Assignee: &h.mender})
		take(h.people["handler"], ticket.ActionInput{Action: ticket.Start})
		take(h.people["handler"], ticket.ActionInput{Action: ticket.Resolve, Outcome: "answered"})
		take(admin, ticket.ActionInput{Action: ticket.Reopen, Reason: "又坏了"})
	case 8:
		take(admin, ticket.ActionInput{Action: ticket.Merge, Into: h.tickets[h.rng.IntN(len(h.tickets))], Reason: "同一件事"})
	case 9:
		take(admin, ticket.ActionInput{Action: ticket.Unmerge, Reason: "不是一件事"})
	}
}

// enqueueAndDie reads the journals on a node that dies meanwhile, perhaps.
func (h *history) enqueueAndDie() {
	if h.frail == nil {
		broken := *h.world
		broken.open = func(t testing.TB) store.Engine { h.dying.Engine = h.open(t); return &h.dying }
		h.frail = broken.join(h.t, store.Options{})
	}
	n, engine := h.frail, &h.dying
	engine.After = h.rng.IntN(2) == 0
	lease := must(n.st.Acquire(h.t.Context(), "webhooks", ids.New(), time.Minute))(h.t)
	engine.Left.Store(int64(1 + h.rng.IntN(4)))
	err := n.deliveries.Consumer(func() time.Time { return h.at }).CatchUp(h.t.Context(), n.st, lease)
	if err != nil && !errors.Is(err, store.ErrUnavailable) {
		h.t.Fatal(err)
	}
	engine.Left.Store(0)
	must(0, n.st.Release(h.t.Context(), lease))(h.t)
}

// journal is every entry of every street, by the document it is about.
func (h *history) journal() map[string][]*store.Entry {
	out := map[string][]*store.Entry{}
	for partition := range h.st.Heads() {
		for _, e := range worldtest.Journal(h.t, h.st, partition) {
			out[e.Doc] = append(out[e.Doc], e)
		}
	}
	for _, entries := range out {
		slices.SortStableFunc(entries, func(a, b *store.Entry) int {
			if a.DocVersion != b.DocVersion {
				return int(a.DocVersion - b.DocVersion)
			}
			return int(a.Number - b.Number) // those of one version lie in one partition
		})
	}
	return out
}

// Whatever happens, wherever it moves, on whatever node and whoever dies
// meanwhile: each entry is told once in each stream it belongs to, those of a
// thing in the order of its versions, in sequences without a gap. The store keeps
// the same on both engines: on MongoDB one of the histories is enough.
func TestEachEntryOnceAndInOrder(t *testing.T) {
	for seed := range uint64(3) {
		engines := oneEngine
		if seed == 0 {
			engines = eachEngine
		}
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			engines(t, func(t *testing.T, w *world) {
				all := w.target("platform", "", "case.*", "ticket.*")
				own := w.target("other platform", "hotline", "case.*")
				street := w.target("street platform", "", "case.*", "ticket.*")
				w.at = w.at.Add(time.Minute)
				h := newHistory(w, seed)
				for range 120 {
					h.step()
					if h.rng.IntN(8) == 0 {
						h.enqueueAndDie()
					}
				}
				for range 2 { // the second finds nothing to do
					must(0, w.enqueue(w.join(t, store.Options{Rehearse: true})))(t)
				}
				journal := h.journal()
				for _, k := range h.keys {
					h.checkLine(all, Case, k.ID(), h.expected(journal[k.ID()], k.System == "rnd", ""))
					if k.System == "hotline" {
						h.checkLine(own, Case, k.ID(), h.expected(journal[k.ID()], true, ""))
					} else if n := len(h.line(own, Case, k.ID())); n > 0 {
						t.Errorf("%d messages of another platform's case", n)
					}
					h.checkLine(street, Case, k.ID(), h.expected(journal[k.ID()], false, worldtest.ID(t, w.areas, jia)))
				}
				for _, id := range h.tickets {
					h.checkLine(all, Ticket, id, h.expected(journal[id], true, ""))
					h.checkLine(street, Ticket, id, h.expected(journal[id], true, worldtest.ID(t, w.areas, jia)))
				}
				h.checkTickets(all, journal)
				h.checkLeads(all, journal)
			})
		})
	}
}

// expected are the entries of a thing that are told: where only a street is
// heard, those of when it lay there, and the one by which it left.
func (h *history) expected(entries []*store.Entry, own bool, street string) (out []string) {
	heard := false
	for _, e := range entries {
		event := eventOf(e)
		if !told(e) {
			continue
		}
		if c := h.sensitive(e); c && !own && !slices.Contains(bare, event) {
			continue
		}
		here := street == "" || e.Partition == street
		if here || heard {
			out = append(out, fmt.Sprint(e.Partition, " ", e.Number))
		}
		heard = here
	}
	return out
}

// sensitive reports whether the case of an entry is.
func (h *history) sensitive(e *store.Entry) bool {
	c, err := intake.Load(h.t.Context(), h.st, e.Doc)
	return err == nil && c.Item.Sensitive
}

// checkLine holds the stream of a thing to the entries that it should have.
func (h *history) checkLine(target *Target, thing Thing, id string, want []string) {
	h.t.Helper()
	var got []string
	line := h.line(target, thing, id)
	for i, d := range line {
		if d.Sequence != int64(i+1) {
			h.t.Errorf("%s: number %d comes as %d", d.ID, d.Sequence, i+1)
		}
		if d.Event != CaseTicket {
			got = append(got, fmt.Sprint(d.Step.Partition, " ", d.Step.Number))
		}
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("%s hears of %s %s\n%v, want\n%v", target.Title, thing, id, got, want)
	}
	st, err := streams.Get(h.t.Context(), h.st, streamID(target.ID, thing, id))
	if len(line) > 0 && (err != nil || st.Last != int64(len(line)) || st.Next != 1 || st.DueAt.IsZero()) {
		h.t.Errorf("the stream of %d messages: %+v, %v", len(line), st, err)
	}
}

// checkLeads holds what is told of tickets that lead others in the streams of
// the cases linked to those: no step twice, each ticket's in order, and each
// since the one joined that is merged still.
func (h *history) checkLeads(target *Target, journal map[string][]*store.Entry) {
	tickets := must(ticket.Load(h.t.Context(), h.st, h.tickets))(h.t)
	for _, k := range h.keys {
		seen, version := map[string]bool{}, map[string]int64{}
		for _, d := range h.line(target, Case, k.ID()) {
			at := fmt.Sprint(d.Step.Partition, " ", d.Step.Number)
			if seen[at] || d.Step.Version < version[d.Step.Doc] {
				h.t.Errorf("case %v hears of %s %s twice, or out of order", k, d.Step.Doc, at)
			}
			seen[at], version[d.Step.Doc] = true, d.Step.Version
		}
		if k.System != "rnd" && h.sensitive(&store.Entry{Doc: k.ID()}) {
			continue
		}
		for _, id := range h.tickets {
			links := must(link.OfThing(h.t.Context(), h.st, link.End{Thing: link.Ticket, ID: id}))(h.t)
			var since time.Time
			for x := tickets[id]; x.Joined != nil; {
				if x.Joined.At.After(since) {
					since = x.Joined.At
				}
				x = tickets[x.Joined.Into]
				for _, e := range journal[x.ID] {
					held := slices.ContainsFunc(links, func(l *link.Link) bool {
						return l.Other(link.End{Thing: link.Ticket, ID: id}).ID == k.ID() && l.HeldAt(e.At)
					})
					if at := fmt.Sprint(e.Partition, " ", e.Number); eventOf(e) != "" && held && e.At.After(since) && !seen[at] {
						h.t.Errorf("case %v does not hear of %s, %s, which leads %s", k, at, e.Action, id)
					}
				}
			}
		}
	}
}

// checkTickets holds what is told of tickets in the streams of cases to the
// links that held: each step once, in the order of the ticket's versions.
func (h *history) checkTickets(target *Target, journal map[string][]*store.Entry) {
	for _, k := range h.keys {
		got := map[string][]string{}
		for _, d := range h.line(target, Case, k.ID()) {
			if d.Event == CaseTicket && d.Step.Linked == "" {
				got[d.Step.Doc] = append(got[d.Step.Doc], fmt.Sprint(d.Step.Partition, " ", d.Step.Number))
			}
		}
		for _, id := range h.tickets {
			links := must(link.OfThing(h.t.Context(), h.st, link.End{Thing: link.Ticket, ID: id}))(h.t)
			var want []string
			for _, e := range journal[id] {
				held := slices.ContainsFunc(links, func(l *link.Link) bool {
					return l.Other(link.End{Thing: link.Ticket, ID: id}).ID == k.ID() && l.HeldAt(e.At)
				})
				if told(e) && held && (k.System == "rnd" || !h.sensitive(&store.Entry{Doc: k.ID()})) {
					want = append(want, fmt.Sprint(e.Partition, " ", e.Number))
				}
			}
			if !slices.Equal(got[id], want) {
				h.t.Errorf("of ticket %s case %v hears %v, want %v", id, k, got[id], want)
			}
		}
	}
}
