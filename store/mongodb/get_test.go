package mongodb

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

// TestGetsOfAGroup: where the question of a group is refused, each is asked by
// itself; of a database that is away, all are told.
func TestGetsOfAGroup(t *testing.T) {
	ctx := t.Context()
	engine, err := Open(ctx, mongotest.URI(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, engine, store.Options{}, accounts, figures)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	increase(t, s, false, "a")
	increase(t, s, false, "b")
	t.Cleanup(func() { failCommand(t, engine, "off", nil) })
	for _, c := range []struct {
		name        string
		code, times int
		want        error
	}{{"refused", 2, 1, nil}, {"away, and so when it is asked again", 11600, 2, store.ErrUnavailable}} {
		t.Run(c.name, func(t *testing.T) {
			failCommand(t, engine, d("times", c.times), bson.D{{Key: "failCommands", Value: bson.A{"find"}},
				{Key: "namespace", Value: engine.db.Name() + "." + figures.Spec().Name}, {Key: "errorCode", Value: c.code}})
			group := []*get{{ids: []string{"a"}}, {ids: []string{"b", "none", "a"}}}
			engine.answer(figures.Spec(), group)
			for i, want := range []int{1, 2} {
				if c.want != nil {
					want = 0
				}
				if g := group[i]; !errors.Is(g.err, c.want) || len(g.docs) != want {
					t.Errorf("%v: %d documents, %v", g.ids, len(g.docs), g.err)
				}
			}
		})
	}
}
