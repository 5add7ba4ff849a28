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
}

func (a *planned) note(spec *store.Spec, p *store.Plan) {
	if a.mu.Lock(); spec.Name == Journaled && p.Index != nil {
		a.indexes[p.Index.Name] = true
	}
	a.mu.Unlock()
}

func (a *planned) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	a.note(spec, p)
	return a.Engine.Find(ctx, spec, p)
}

// Every index is there for a screen or a job that asks for it.
func TestEveryIndexIsAskedFor(t *testing.T) {
	w := &world{t: t, place: enginetest.SQLite(t), keys: worldtest.Keys(t), asked: &planned{indexes: map[string]bool{}}}
	w.settle()
	ctx := t.Context()
	around := []orb.Bound{{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}
	for _, f := range []Filter{
		{}, {States: []State{Closed}}, {Categories: []string{"noise"}}, {Cell: east}, {Overdue: noon}, {Sort: "-updatedAt"}, {Boxes: around}, {Assignee: w.orgs[jia]}, {Mine: true},
	} {
		for _, who := range []string{"manager", "resident", "counter"} {
			if who != "manager" {
				f.Assignee = ""
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
	must(w.tickets.Open(ctx))(t)
	must(w.tickets.resumes().Pass(ctx, w.st, store.Lease{}, noon))(t)
	must(taken(w.st)(ctx, "x"))(t)
	for _, ix := range collection.Spec().Indexes {
		if !w.asked.indexes[ix.Name] {
			t.Errorf("nothing asks for index %s", ix.Name)
		}
	}
}
