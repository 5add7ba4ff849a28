package intake

import (
	"context"
	"maps"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/domain/access"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// planned notes by which indexes it is asked for cases.
type planned struct {
	store.Engine
	indexes map[string]bool
}

func (a *planned) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	if spec == collection.Spec() && p.Index != nil {
		a.indexes[p.Index.Name] = true
	}
	return a.Engine.Find(ctx, spec, p)
}

// Every index is there for a screen or a job that asks for it.
func TestEveryIndexIsAskedFor(t *testing.T) {
	w := &world{t: t, place: enginetest.SQLite(t), keys: worldtest.Keys(t), asked: &planned{indexes: map[string]bool{}}}
	w.settle()
	for _, f := range []Filter{{}, {Overdue: noon}, {Since: noon}, {Station: "s"}, {Mine: true}, {ClosedFrom: noon}} {
		if _, _, err := w.cases.List(t.Context(), w.people["counter"], f); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, _, err := w.cases.ListOwn(t.Context(), access.Actor{Account: "a", Phone: "p"}, OwnFilter{Open: new(true)}); err != nil {
		t.Error(err)
	}
	must(w.cases.Find(t.Context(), w.people["counter"], Key{Local, "320508001-j261123-1"}))(t)
	lease := must(w.st.Acquire(t.Context(), "test", "node", time.Hour))(t)
	must(0, w.cases.reckonAnew(t.Context(), turn{lease, noon}, "2027"))(t)
	for _, ix := range collection.Spec().Indexes {
		if !w.asked.indexes[ix.Name] {
			t.Errorf("nothing asks for index %s", ix.Name)
		}
	}
}

// Who waits at a station is not looked for among all that it ever had.
func TestStatesOfAStationAreIndexed(t *testing.T) {
	w := &world{t: t, place: enginetest.SQLite(t), keys: worldtest.Keys(t), asked: &planned{indexes: map[string]bool{}}}
	w.settle()
	clear(w.asked.indexes)
	if _, _, err := w.cases.List(t.Context(), w.people["counter"], Filter{Station: "s", States: []State{Received, NeedsMaterial}, To: noon, Sort: "createdAt"}); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(w.asked.indexes, map[string]bool{"state": true}) {
		t.Errorf("asked by %v", w.asked.indexes)
	}
}
