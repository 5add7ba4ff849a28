package ticket

import (
	"context"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"go.mongodb.org/mongo-driver/bson"

	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// planned is an engine that notes the indexes that queries of tickets use.
type planned struct {
	store.Engine
	mu      sync.Mutex
	indexes map[string]bool
	times   int // that anything was asked for
}

// since are the questions of the engine that do brings about.
func (a *planned) since(do func()) int {
	was := a.times
	do()
	return a.times - was
}

func (a *planned) note(spec *store.Spec, p *store.Plan) {
	a.mu.Lock()
	if a.times++; spec.Name == Journaled && p.Index != nil {
		a.indexes[p.Index.Name] = true
	}
	a.mu.Unlock()
}

func (a *planned) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	a.note(spec, p)
	return a.Engine.Find(ctx, spec, p)
}

func (a *planned) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	a.mu.Lock()
	a.times++
	a.mu.Unlock()
	return a.Engine.Get(ctx, spec, ids)
}

// Every index is there for a screen or a job that asks for it.
func TestEveryIndexIsAskedFor(t *testing.T) {
	w := &world{t: t, place: enginetest.SQLite(t), keys: worldtest.Keys(t), asked: &planned{indexes: map[string]bool{}}}
	w.settle()
	ctx := t.Context()
	around := []orb.Bound{{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}
	for _, f := range []Filter{
		{}, {States: []State{Closed}}, {Categories: []string{"noise"}}, {Cell: east}, {Overdue: noon}, {Sort: "-updatedAt"}, {Handled: Handled{From: noon}}, {Boxes: around}, {Assignee: w.orgs[jia]}, {Mine: true}, {Offered: true}, {Into: w.report("resident", east).ID}, {Parent: w.report("resident", east).ID}, {Todo: ToDecide, Now: noon},
	} {
		for _, who := range []string{"manager", "resident", "counter", "handler"} {
			if who != "manager" {
				f.Assignee, f.Handled = "", Handled{}
			}
			if _, _, err := w.tickets.List(ctx, w.people[who], f); err != nil {
				t.Errorf("%s by %+v: %v", who, f, err)
			}
		}
	}
	for _, f := range []PublicFilter{{Limit: 1}, {Limit: 1, Boxes: around}} {
		if _, _, err := w.tickets.Public(ctx, f); err != nil {
			t.Error(err)
		}
	}
	behalf := draft(east)
	behalf.For = &Resident{Name: "王小明", Phone: "13900001111"}
	must(w.tickets.Context(ctx, w.people["lead"], noon, must(w.tickets.Report(ctx, w.people["worker"], noon, behalf))(t).ID, []string{"home"}))(t)
	must(w.tickets.Open(ctx))(t)
	must(w.tickets.waking().Pass(ctx, w.st, store.Lease{}, noon))(t)
	must(taken(w.st)(ctx, "x"))(t)
	for _, ix := range collection.Spec().Indexes {
		if !w.asked.indexes[ix.Name] {
			t.Errorf("nothing asks for index %s", ix.Name)
		}
	}
}

// Before reporting everybody asks what is similar: what is over, most of what
// lies somewhere after some years, is not looked at for it.
func TestSimilarLooksAtOpenTickets(t *testing.T) {
	w := &world{t: t, place: enginetest.SQLite(t), keys: worldtest.Keys(t), asked: &planned{indexes: map[string]bool{}}}
	w.settle()
	w.report("resident", east)
	clear(w.asked.indexes)
	for _, who := range []string{"manager", "resident", "neighbour", "counter"} {
		if found := w.similar(t, who, "noise", at[east]); len(found) != 1 {
			t.Errorf("%s: %d", who, len(found))
		}
	}
	if !w.asked.indexes["open"] || len(w.asked.indexes) != 1 {
		t.Errorf("by indexes %v", w.asked.indexes)
	}
}
