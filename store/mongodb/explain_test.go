package mongodb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

type sample struct {
	store.Meta `store:",inline"`
	Name       string    `store:"name"`
	Code       string    `store:"code,omitempty"`
	Due        time.Time `store:"due"`
	Number     int64     `store:"number"`
	Words      []string  `store:"words"`
	Cell       string    `store:"cell"`
	Street     string    `store:"street"`
}

var samples = store.Declare[sample](store.Declaration{
	Name: "samples", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"number: partition, number", "name: partition, number, name", "due: due", "words: partition, words, number", "code!: code",
		"street: street, number, due", "words_due: partition, words, due",
	},
	Texts:      []string{"text: partition, name, cell; number"},
	Predicates: []string{"cell"},
})

// planned keeps the plans that the port makes of queries.
type planned struct {
	*Engine
	plans []*store.Plan
}

func (p *planned) Find(ctx context.Context, spec *store.Spec, plan *store.Plan) ([]bson.Raw, error) {
	kept := *plan
	p.plans = append(p.plans, &kept)
	return p.Engine.Find(ctx, spec, plan)
}

// Every plan scans the hinted index only, in its order, and examines no more
// than it must: no collection scan, no sort in memory, no walk up to a cursor.
func TestPlansStayOnTheirIndex(t *testing.T) {
	ctx := t.Context()
	engine, err := Open(ctx, mongotest.URI(t))
	if err != nil {
		t.Fatal(err)
	}
	p := &planned{Engine: engine}
	s, err := store.Open(ctx, p, store.Options{}, store.Worded(samples, func(x *sample) ([]string, error) { return x.Words, nil }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	fill(t, s)
	in, states := store.Eq("partition", "p"), store.In("number", 1, 3, 5)
	var names []string
	for i := range 98 {
		names = append(names, fmt.Sprint("s", i))
	}
	streets := store.In("street", names...)
	names = nil
	for i := range 40 {
		names = append(names, fmt.Sprint("name-", i))
	}
	for _, q := range []store.Query{
		{Where: []store.Cond{in}, Order: []string{"number"}},
		{Where: []store.Cond{in, store.Between("number", 2, 6)}, Order: []string{"number"}},
		{Where: []store.Cond{in, store.Between("number", nil, nil)}, Order: []string{"number"}},
		{Where: []store.Cond{in}, Order: []string{"number", "name"}},
		{Where: []store.Cond{in, store.Eq("number", 3)}, Order: []string{"name"}},
		{Order: []string{"due"}},
		{Order: []string{"due"}, Deleted: true},
		{Where: []store.Cond{in, store.HasAll("words", "all", "few")}, Order: []string{"number"}},
		{Where: []store.Cond{in, store.Eq("words", "all")}, Order: []string{"number"}, Deleted: true},
		{Where: []store.Cond{in, store.In("cell", "c1", "c2")}, Order: []string{"number"}},
		{Where: []store.Cond{store.Eq("code", "code-7")}},
		{Where: []store.Cond{in, store.Terms("text", "few")}, Order: []string{"number"}},
		{Where: []store.Cond{in, store.Terms("text", "all", "few")}, Order: []string{"number"}},
		{Where: []store.Cond{store.In("name", names...), store.Terms("text", "all", "both")}, Order: []string{"number"}},
		{Where: []store.Cond{in, store.Terms("text", "all"), store.Between("number", 2, 6)}, Order: []string{"number"}},
		{Where: []store.Cond{in, store.In("cell", "c1", "c2"), store.Terms("text", "few"), store.Between("due", nil, time.UnixMilli(300))}, Order: []string{"number"}},
		{Where: []store.Cond{streets, states}, Order: []string{"due"}},
		{Where: []store.Cond{streets, states, store.Eq("cell", "c1")}, Order: []string{"due"}},
		{Where: []store.Cond{streets, states, store.Between("due", time.UnixMilli(20), nil)}, Order: []string{"due"}},
		{Where: []store.Cond{streets}, Order: []string{"number", "due"}},
		{Where: []store.Cond{store.In("partition", "p", "q"), store.HasAll("words", "all", "few")}, Order: []string{"due"}},
	} {
		for _, desc := range []bool{false, true} {
			q := q
			q.Order = slices.Clone(q.Order)
			for i := range q.Order {
				if desc {
					q.Order[i] = "-" + q.Order[i]
				}
			}
			q.Limit = 20
			for page := range 3 {
				_, next, err := samples.Find(ctx, s, q)
				if err != nil {
					t.Fatalf("%+v: %v", q, err)
				}
				plan := p.plans[len(p.plans)-1]
				for _, part := range cut(plan) {
					checkPlan(t, fmt.Sprintf("%+v, page %d", q, page), explain(t, engine, part), part)
				}
				if q.After = next; next == "" {
					break
				}
			}
		}
	}
}

func fill(t *testing.T, s *store.Store) {
	err := s.Update(t.Context(), nil, func(tx *store.Tx) error {
		for i := range 1000 {
			x := &sample{
				Meta: store.Meta{ID: fmt.Sprintf("%04d", i*7%1000), Partition: "p"}, Name: fmt.Sprint("name-", i%50), Number: int64(i % 8),
				Due: time.UnixMilli(int64(i / 3)).UTC(), Words: []string{"all", "both"}, Cell: fmt.Sprint("c", i%3), Code: fmt.Sprint("code-", i),
				Street: fmt.Sprint("s", i%98),
			}
			if i%16 < 8 {
				x.Words = append(x.Words, "few")
			}
			if err := samples.Insert(tx, x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type explained struct {
	stages, indexes []string
	keys            int64
}

// explain asks the server how it runs what the engine sends.
func explain(t *testing.T, e *Engine, plan *store.Plan) (x explained) {
	t.Helper()
	asked := bson.D{{Key: "aggregate", Value: "samples"}, {Key: "pipeline", Value: page(plan, 4*plan.Limit+64)}, {Key: "hint", Value: hint(plan)}, {Key: "cursor", Value: bson.D{}}}
	if len(plan.Residual) == 0 {
		asked = bson.D{{Key: "find", Value: "samples"}, {Key: "filter", Value: indexed(plan)}, {Key: "limit", Value: plan.Limit}, {Key: "hint", Value: hint(plan)}}
		if by := order(plan); by != nil {
			asked = append(asked, bson.E{Key: "sort", Value: by})
		}
	}
	var raw bson.M
	err := e.db.RunCommand(t.Context(), bson.D{
		{Key: "explain", Value: asked},
		{Key: "verbosity", Value: "executionStats"},
	}).Decode(&raw)
	if err != nil {
		t.Fatal(err)
	}
	walk(raw, func(key string, value any) {
		switch key {
		case "stage":
			x.stages = append(x.stages, value.(string))
		case "indexName":
			x.indexes = append(x.indexes, value.(string))
		case "totalKeysExamined":
			switch n := value.(type) {
			case int32:
				x.keys = int64(n)
			case int64:
				x.keys = n
			}
		case "$sort":
			x.stages = append(x.stages, "$sort")
		}
	})
	return x
}

func walk(v any, visit func(key string, value any)) {
	switch v := v.(type) {
	case bson.M:
		for k, sub := range v {
			if k != "command" && k != "rejectedPlans" { // what was asked or looked at, not what is done
				visit(k, sub)
				walk(sub, visit)
			}
		}
	case bson.A:
		for _, sub := range v {
			walk(sub, visit)
		}
	}
}

func checkPlan(t *testing.T, what string, x explained, plan *store.Plan) {
	t.Helper()
	if len(x.stages) == 0 || slices.ContainsFunc(x.stages, func(s string) bool {
		return s == "COLLSCAN" || s == "$sort" || strings.HasPrefix(s, "SORT") && s != "SORT_MERGE"
	}) {
		t.Errorf("%s: stages %v", what, x.stages)
	}
	for _, name := range x.indexes {
		if name != hint(plan) {
			t.Errorf("%s: index %s instead of %s", what, name, hint(plan))
		}
	}
	most := int64(plan.Limit)
	if len(plan.Residual) > 0 {
		most = 4*most + 64
	}
	if len(plan.HasAll) > 1 || len(plan.Terms) > 0 {
		most *= 3 // every second has both words
	}
	for _, c := range plan.Scopes {
		most += int64(len(c.Values)) // which are merged
	}
	if x.keys > most+2*int64(plan.Scans())+5 { // the first of each scan, and a few at the ends
		t.Errorf("%s: %d keys examined for %d documents", what, x.keys, plan.Limit)
	}
}

// A query that the hint does not fit is an error of the server, not a scan.
func TestHintIsBinding(t *testing.T) {
	e, err := Open(t.Context(), mongotest.URI(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	if _, err := e.Setup(t.Context(), []*store.Spec{samples.Spec()}); err != nil {
		t.Fatal(err)
	}
	plan := &store.Plan{Index: &store.Index{Name: "missing"}, Limit: 1}
	if _, err := e.Find(t.Context(), samples.Spec(), plan); err == nil || mongo.IsNetworkError(err) {
		t.Errorf("a plan on an index that is not there: %v", err)
	}
}
