package coordination

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
)

// atDoor is a household in a cell of its own, and who visits there.
func (w *world) atDoor(t *testing.T, room string, at orb.Point) (*household.Household, access.Actor) {
	t.Helper()
	name, phone := "王秀英", "13900001111"
	h, _, err := w.households.Create(t.Context(), admin, noon, household.Draft{
		Address: household.Address{Estate: "枫津新村", Building: "3", Room: room}, Position: at, Datum: geo.WGS84,
		Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}}, {PersonInput: household.PersonInput{Name: &name, Phone: &phone}}},
	})
	must(h, err)(t)
	return h, access.Actor{Account: "worker", Session: "s", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: h.Place.Cell}}}
}

func (n *node) knock(t *testing.T, worker access.Actor, h *household.Household) *visit.Stop {
	t.Helper()
	return must(n.doors.Stops.CheckIn(t.Context(), worker, noon, visit.Arrival{ID: ids.New(), Household: h.ID, Channel: visit.Phone, OnTheSpot: true}))(t)
}

// What is asked for at a door is a ticket where the household lives, linked both ways; or nothing happened at all.
func TestNeedsBecomeTickets(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.draw(t, noon, cell(code(jiaOne, 1), area.Basic, box(0, 0, 1, 1)), cell(code(yiOne, 1), area.Basic, box(3, 0, 4, 1)))
		h, worker := w.atDoor(t, "101", spot(0.5, 0.5))
		stop := w.knock(t, worker, h)
		complete := func(n *node, needs ...visit.Need) (*visit.Stop, error) {
			return n.doors.Complete(t.Context(), worker, noon.Add(time.Minute), stop.ID, 0, visit.Completion{Result: visit.Met, Needs: needs})
		}
		taken := must(w.report(t.Context(), spot(0.2, 0.2)))(t).ID
		var conflict *domain.ConflictError
		leak := visit.Need{ID: ids.New(), Category: "pipe_dispute", Title: "漏水", Note: "厨房"}
		if _, err := complete(w.node, leak, visit.Need{ID: taken, Category: "noise", Title: "噪声"}); !errors.As(err, &conflict) || conflict.Code != "duplicate" {
			t.Errorf("an id that is in use: %v", err)
		}
		var bad *domain.InvalidError
		if _, err := complete(w.node, leak, visit.Need{ID: ids.New(), Category: "love", Title: "x"}); !errors.As(err, &bad) || bad.Fields[0].Pointer != "/needs/1/category" {
			t.Errorf("no such category: %v", err)
		}
		if _, _, err := w.tickets.Get(t.Context(), admin, leak.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("half of it was written: %v", err)
		}
		if got := must(w.doors.Stops.Get(t.Context(), worker, stop.ID))(t); got.State != visit.AtTheDoor {
			t.Errorf("the stop is %s", got.State)
		}
		// The household moves to the other street before the stop is over: the ticket is there.
		must(w.households.Move(t.Context(), admin, noon, h.ID, 0, household.Relocation{Address: household.Address{Estate: "新居", Building: "1"}, Position: spot(3.5, 0.5), Datum: geo.WGS84}))(t)
		nodes := []*node{w.node, w.join(t, store.Options{Rehearse: true})}
		var wg sync.WaitGroup
		for i := range 6 { // sent again and again
			wg.Go(func() {
				if _, err := complete(nodes[i%len(nodes)], leak); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got := w.get(t, leak.ID)
		if got.Title != "漏水" || got.Description != "厨房" || got.Address != "新居1幢" || w.code(t, got.Place.Cell) != code(yiOne, 1) || got.Source != ticket.FromWorker ||
			got.ReportedBy != "worker" || got.Contact.NameMasked != "王*英" || got.Contact.PhoneMasked != "139****1111" || len(got.Links) != 2 || got.Links[0] != (ticket.Link{Kind: "stop", ID: stop.ID}) {
			t.Errorf("opened %+v", got)
		}
		stop = must(w.doors.Stops.Get(t.Context(), worker, stop.ID))(t)
		if stop.State != visit.Over || *stop.Needs[0].Opened != (visit.Link{Kind: "ticket", ID: leak.ID}) {
			t.Errorf("the stop: %+v", stop)
		}
	})
}

// full is an engine that has no room to commit what writes one document.
type full struct {
	store.Engine
	of atomic.Value // string: the document's id; "" while there is room
}

type fullTx struct {
	store.EngineTx
	engine *full
	fails  bool
}

var errFull = errors.New("no room")

func (f *full) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	tx, err := f.Engine.Begin(ctx, partitions, reserve)
	return &fullTx{EngineTx: tx, engine: f}, err
}

func (tx *fullTx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	of := tx.engine.of.Load()
	tx.fails = slices.ContainsFunc(writes, func(w store.Write) bool { return w.ID == of })
	return tx.EngineTx.Write(ctx, writes, used)
}

func (tx *fullTx) Commit(ctx context.Context) error {
	if tx.fails {
		return errFull
	}
	return tx.EngineTx.Commit(ctx)
}

// A commit that fails leaves neither ticket nor completed stop; tried again, there is one of each.
func TestACommitThatFailsOpensNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.draw(t, noon, cell(code(jiaOne, 1), area.Basic, box(0, 0, 1, 1)))
		h, worker := w.atDoor(t, "101", spot(0.5, 0.5))
		stop := w.knock(t, worker, h)
		engine := &full{}
		broken := *w
		broken.open = func(t testing.TB) store.Engine { engine.Engine = w.open(t); return engine }
		node := broken.join(t, store.Options{})
		in := visit.Completion{Result: visit.Met, Needs: []visit.Need{{ID: ids.New(), Category: "noise", Title: "噪声"}}, Promises: []visit.NewPromise{{ID: ids.New(), Text: "回访", DueOn: "2026-11-25"}}}
		complete := func() error {
			_, err := node.doors.Complete(t.Context(), worker, noon.Add(time.Minute), stop.ID, 0, in)
			return err
		}
		engine.of.Store(stop.ID)
		if err := complete(); !errors.Is(err, errFull) {
			t.Fatalf("no room: %v", err)
		}
		if _, _, err := w.tickets.Get(t.Context(), admin, in.Needs[0].ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the ticket: %v", err)
		}
		got := must(w.doors.Stops.Get(t.Context(), worker, stop.ID))(t)
		if got.State != visit.AtTheDoor || len(got.Needs) != 0 {
			t.Errorf("the stop: %+v", got)
		}
		got.State = visit.Over // of one that is not, nothing is looked for
		if made, _, err := w.doors.Stops.LeftBehind(t.Context(), worker, got); err != nil || len(made) != 0 {
			t.Errorf("promised %v, %v", made, err)
		}
		engine.of.Store("")
		must(0, complete())(t)
		must(0, complete())(t)
		if got := w.get(t, in.Needs[0].ID); got.Title != "噪声" {
			t.Errorf("opened %+v", got)
		}
		if made, _, err := w.doors.Stops.LeftBehind(t.Context(), worker, must(w.doors.Stops.Get(t.Context(), worker, stop.ID))(t)); err != nil || len(made) != 1 {
			t.Errorf("promised %v, %v", made, err)
		}
	})
}
