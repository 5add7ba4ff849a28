package store

import (
	"fmt"
	"testing"
	"time"
)

// A declaration of text that engines could not keep is a panic at start.
func TestTextDeclarations(t *testing.T) {
	for _, bad := range [][]string{
		{"text: missing"}, {"text: number"}, {"text: tags"}, {"text: name; name"}, {"text: name; maybe"}, {"text: name; many.count"},
		{"text: name; far.count"}, {"text: name", "text: partition; at"}, {"one: name", "two: partition"}, {"one: name; at", "two: name; number"}, {"name: name"},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("declared %q", bad)
				}
			}()
			Declare[sample](Declaration{Name: "bad", Schema: 1, Indexes: []string{"name: name"}, Texts: bad})
		}()
	}
}

// What a text query becomes: each term once, scopes, and filters.
func TestTextPlan(t *testing.T) {
	spec := Declare[sample](Declaration{Name: "texts", Schema: 1, Texts: []string{"text: partition, name; at"}, Predicates: []string{"number"}}).Spec()
	p, err := spec.plan(Query{Where: []Cond{Eq("number", 3), Terms("text", "b", "a", "b", "\xff"), In("name", "x", "y"), Eq("partition", "p"), Between("at", nil, time.Unix(0, 0))}})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%q %s | %s | range %v, sorted %v", p.Terms, describe(p.Scopes), describe(p.Residual), p.Ranged, p.Sorted)
	if want := `["a" "b" "�"] name in, partition= | number= | range true, sorted false`; got != want || p.Limit != 50 || p.Cap != 10_000 || p.Order[0].Path != "at" || p.Desc {
		t.Errorf("%s, limit %d, cap %d, by %v down %v", got, p.Limit, p.Cap, p.Order, p.Desc)
	}
}
