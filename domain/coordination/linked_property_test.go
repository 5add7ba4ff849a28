package coordination

import (
	"context"
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
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// history is a random one, and what it comes to.
type history struct {
	*counters
	rng     *rand.Rand
	nodes   []*node
	frail   *node // its engine dies
	dying   enginetest.Dying
	tickets []string
	keys    []intake.Key
	at      map[intake.Key]int64 // version that a platform's case has come to
	linked  map[string][2]string // ids of links that hold: ticket and case
}

// content is what a platform says of a case in a version: always the same.
func content(k intake.Key, version int64) (community, state string) {
	rng := rand.New(rand.NewPCG(uint64(version), uint64(len(k.System)*10+len(k.Number))))
	return []string{jiaOne, jiaTwo, yiOne}[rng.IntN(3)], []string{"accepted", "in_review", "in_review", "refused", "not_accepted", "done"}[rng.IntN(6)]
}

func (h *history) node() *node { return h.nodes[h.rng.IntN(len(h.nodes))] }

// said lets a platform say something new, something again, or something late.
func (h *history) said(t *testing.T) {
	k := h.keys[h.rng.IntN(len(h.keys))]
	version := h.at[k] + int64(h.rng.IntN(4)-2)
	if version < 1 {
		version = 1
	}
	who := map[string]string{"rnd": "platform", "hotline": "other platform"}[k.System]
	community, state := content(k, version)
	said := noon.Add(time.Duration(version) * time.Second)
	_, applied, err := h.node().cases.Upsert(t.Context(), h.people[who], h.counters.at, k, intake.Upsert{Item: "GS-01", State: state, Version: &version, ChangedAt: said, OpenedAt: noon.Add(-time.Hour), Community: community})
	if err != nil || applied != (version >= h.at[k]) {
		t.Fatalf("%v version %d at %d: applied %v, %v", k, version, h.at[k], applied, err)
	}
	h.at[k] = max(h.at[k], version)
}

// step does one thing, which how things are may refuse.
func (h *history) step(t *testing.T) {
	h.counters.at = h.counters.at.Add(time.Minute)
	id, k := h.tickets[h.rng.IntN(len(h.tickets))], h.keys[h.rng.IntN(len(h.keys))]
	n, now := h.node(), h.counters.at
	take := func(actor access.Actor, m ticket.ActionInput) {
		_, err := n.tickets.TakeAction(t.Context(), actor, now, id, 0, m)
		refused := errors.Is(err, domain.ErrForbidden) || errors.Is(err, domain.ErrNotFound) || slices.Equal(worldtest.Pointers(err), []string{"/assignee/id"}) // who mends does so in one street
		if err != nil && worldtest.Conflict(err) == "" && !refused {
			t.Fatal(err)
		}
	}
	switch h.rng.IntN(7) {
	case 0, 1:
		h.said(t)
	case 2, 3:
		in := link.Making{Kind: []link.Kind{link.OriginatedFrom, link.FollowUp, link.SameMatter}[h.rng.IntN(3)], Other: link.End{Thing: link.Case, ID: k.ID()}, Reason: "同一事项"}
		made, err := n.links.Make(t.Context(), admin, now, link.End{Thing: link.Ticket, ID: id}, in)
		if h.at[k] == 0 && len(worldtest.Pointers(err)) == 1 {
			return // there is no such case yet
		}
		h.linked[must(made, err)(t).ID] = [2]string{id, k.ID()}
	case 4:
		for made, ends := range h.linked {
			end := link.End{Thing: link.Ticket, ID: ends[0]}
			if h.rng.IntN(2) == 0 {
				end = link.End{Thing: link.Case, ID: ends[1]}
			}
			must(0, n.links.Remove(t.Context(), admin, now, end, made, "有误"))(t)
			delete(h.linked, made)
			return
		}
	case 5:
		at := spot(h.rng.Float64()*4, 0.5)
		take(admin, ticket.ActionInput{Action: ticket.Correct, Position: &at, Datum: geo.WGS84})
	case 6:
		was := h.get(t, id)
		switch {
		case was.State == ticket.Closed:
			take(admin, ticket.ActionInput{Action: ticket.Reopen, Reason: "又坏了"})
		case was.State == ticket.Reported && h.rng.IntN(4) == 0:
			take(resident, ticket.ActionInput{Action: ticket.Withdraw})
		default:
			take(admin, ticket.ActionInput{Action: ticket.Accept})
			take(admin, ticket.ActionInput{Action: ticket.Dispatch, Assignee: &h.mender})
			take(h.handler, ticket.ActionInput{Action: ticket.Start})
			take(h.handler, ticket.ActionInput{Action: ticket.Resolve, Outcome: "answered"})
			take(admin, ticket.ActionInput{Action: ticket.Close, Verification: "phone"})
		}
	}
}

// followAndDie follows the journals on a node that dies meanwhile, perhaps.
func (h *history) followAndDie(t *testing.T) {
	if h.frail == nil {
		broken := *h.world
		broken.open = func(t testing.TB) store.Engine { h.dying.Engine = h.open(t); return &h.dying }
		h.frail = broken.join(t, store.Options{})
	}
	n, engine := h.frail, &h.dying
	engine.After = h.rng.IntN(2) == 0
	lease := must(n.st.Acquire(t.Context(), "links", ids.New(), time.Minute))(t)
	f := &link.Follower{Store: n.st, Areas: n.areas, Accounts: n.accounts}
	engine.Left.Store(int64(1 + h.rng.IntN(6)))
	err := f.Consumer(func() time.Time { return h.counters.at }).CatchUp(t.Context(), n.st, lease)
	if err != nil && !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	engine.Left.Store(0)
	must(0, n.st.Release(t.Context(), lease))(t) // another takes over
}

// Whatever comes, again, late and in whatever order, on whatever node, and
// whoever dies meanwhile: both ends of every link tell the same, tickets serve
// the communities of their cases, and people are asked and told what follows
// from how things are, once. On MongoDB one of the histories is enough.
func TestLinksAgree(t *testing.T) {
	for seed := range uint64(2) {
		engines := oneEngine
		if seed == 0 {
			engines = eachEngine
		}
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			engines(t, func(t *testing.T, w *world) { newHistory(t, w, seed).live(t) })
		})
	}
}

func newHistory(t *testing.T, w *world, seed uint64) *history {
	h := &history{counters: withCases(t, w), rng: rand.New(rand.NewPCG(seed, 13)), nodes: []*node{w.node, w.join(t, store.Options{Rehearse: true})},
		at: map[intake.Key]int64{}, linked: map[string][2]string{}}
	h.add(t, "dispatcher", access.Dispatcher, jia)
	h.add(t, "other dispatcher", access.Dispatcher, worldtest.Yi)
	for range 4 {
		h.tickets = append(h.tickets, must(w.report(t.Context(), spot(h.rng.Float64()*4, 0.5)))(t).ID)
	}
	for _, system := range []string{"rnd", "hotline"} {
		for _, number := range []string{"1", "12"} { // two platforms have each number
			h.keys = append(h.keys, intake.Key{System: system, Number: number})
		}
	}
	return h
}

func (h *history) live(t *testing.T) {
	worker := h.people["counter"].Account
	for i := range 45 {
		h.step(t)
		if i == 10 { // of those that are there: the others are nobody's
			for _, k := range h.keys {
				if h.at[k] > 0 {
					must(h.cases.Update(t.Context(), admin, h.counters.at, k.ID(), 0, intake.Change{Worker: &worker}))(t)
				}
			}
		}
		if h.rng.IntN(7) == 0 {
			h.followAndDie(t)
		}
	}
	for range 2 { // the second finds nothing to do
		h.follow(t, h.join(t, store.Options{Rehearse: true}))
	}
	h.check(t)
}

// check compares what is there with what it should come to.
func (h *history) check(t *testing.T) {
	n := h.join(t, store.Options{Rehearse: true})
	asked := map[string][]string{} // by kind, thing and recipient: occasions of all, and of open items
	todos := todo.New(n.st)
	for _, kind := range []string{"ticket", "intake-case"} {
		todos.Sights[kind] = todo.Each(func(context.Context, access.Actor, time.Time, string) error { return nil })
	}
	for _, who := range []string{"counter", "dispatcher", "other dispatcher"} {
		found, _, err := todos.List(t.Context(), h.people[who], h.counters.at, todo.Filter{Limit: 500})
		must(0, err)(t)
		for _, it := range found {
			key := string(it.Kind) + " " + it.About.ID + " " + h.people[who].Account
			if slices.Contains(asked[key], it.Occasion) {
				t.Errorf("twice: %s %s", key, it.Occasion)
			}
			asked[key] = append(asked[key], it.Occasion)
			if it.Open {
				asked[key+" open"] = append(asked[key+" open"], it.Occasion)
			}
		}
	}
	expect := func(key string, want []string) {
		t.Helper()
		for _, occasion := range want {
			if !slices.Contains(asked[key], occasion) {
				t.Errorf("%s is not asked: %s", key, occasion)
			}
		}
		for _, occasion := range asked[key+" open"] {
			if !slices.Contains(want, occasion) {
				t.Errorf("%s is asked still: %s, want %v", key, occasion, want)
			}
		}
	}
	cases := map[string]*intake.Case{}
	for _, k := range h.keys {
		if h.at[k] == 0 {
			continue
		}
		c := must(intake.Load(t.Context(), n.st, k.ID()))(t)
		community, state := content(k, h.at[k])
		if c.Place.Community != worldtest.ID(t, n.areas, community) || string(c.State) != state {
			t.Errorf("%v at version %d: %s in %s", k, h.at[k], c.State, c.Place.Community)
		}
		cases[c.ID] = c
	}
	ends := map[string]int{} // by link: at how many of its ends it is shown
	show := func(thing link.Thing, id string) {
		for _, l := range must(n.links.Of(t.Context(), admin, link.End{Thing: thing, ID: id}, false))(t) {
			if pair, holds := h.linked[l.ID]; !holds || pair[0] != id && pair[1] != id || l.Other.ID != pair[0] && l.Other.ID != pair[1] {
				t.Errorf("%s shows %+v, which is %v", id, l.Other, pair)
			}
			ends[l.ID]++
		}
	}
	for _, id := range h.tickets {
		show(link.Ticket, id)
		x := h.getOn(t, n, id)
		var served, told []string
		for _, pair := range h.linked {
			c := cases[pair[1]]
			if pair[0] != id {
				continue
			}
			served = append(served, c.Place.Community)
			if x.State.Open() && (c.State == intake.Refused || c.State == intake.NotAccepted) {
				told = append(told, fmt.Sprintf("%s.%s.%d", c.ID, c.State, c.Since.UnixMilli()))
			}
		}
		slices.Sort(served)
		if served = slices.Compact(served); !slices.Equal(served, x.Served) {
			t.Errorf("%s serves %v, want %v", id, x.Served, served)
		}
		for _, who := range []string{"dispatcher", "other dispatcher"} {
			theirs := told
			if h.people[who].Grants[0].Area != x.Place.Street {
				theirs = nil
			}
			expect(string(link.CaseRefused)+" "+id+" "+h.people[who].Account, theirs)
		}
	}
	for id, c := range cases {
		show(link.Case, id)
		var last *ticket.Ticket
		over := true
		for _, pair := range h.linked {
			if pair[1] != id {
				continue
			}
			x := h.getOn(t, n, pair[0])
			over = over && !x.State.Open()
			if last == nil || x.EndedAt().After(last.EndedAt()) {
				last = x
			}
		}
		var want []string
		if over && last != nil && c.State.Open() && c.Worker != "" {
			want = []string{fmt.Sprintf("%s.%d", last.ID, last.EndedAt().UnixMilli())}
		}
		expect(string(link.TicketsOver)+" "+id+" "+h.people["counter"].Account, want)
	}
	for made := range h.linked {
		if ends[made] != 2 {
			t.Errorf("link %s is shown at %d ends", made, ends[made])
		}
	}
}

func (h *history) getOn(t *testing.T, n *node, id string) *ticket.Ticket {
	t.Helper()
	x, _, err := n.tickets.Get(t.Context(), admin, id)
	return must(x, err)(t)
}
