package storetest

import (
	"maps"
	"reflect"
	"testing"

	"wangge/store"
)

type oldForm struct {
	store.Meta `store:",inline"`
	Title      string            `store:"title"`
	Place      oldPlace          `store:"place"`
	Lines      []oldLine         `store:"lines,omitempty"`
	Labels     map[string]string `store:"labels,omitempty"`
}

type oldPlace struct {
	Street string `store:"street"`
}

type oldLine struct {
	SKU string `store:"sku"`
}

var (
	evolving = store.Declaration{Name: "evolving", Schema: 1, Indexes: []string{"title: partition, title"}}
	oldForms = store.Declare[oldForm](evolving)
	newForms = store.Declare[thing](evolving)
)

func unknownFields(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	newer, older := start(t, engines[0], newForms), start(t, engines[1], oldForms)
	x := newThing("a", here)
	x.Code, x.Number, x.Tags, x.Labels = "K", 7, []string{"t"}, map[string]string{"k": "v"}
	x.Place, x.Other = place{Street: "s", Cell: "c"}, &place{Street: "o"}
	x.Lines = []line{{"x", 1}, {"y", 2}, {"z", 3}}
	must(t, newer.Update(ctx, []string{here}, func(tx *store.Tx) error { return newForms.Insert(tx, x, entry("add")) }))
	rewrite := func(how func(*oldForm)) {
		must(t, older.Update(ctx, []string{here}, func(tx *store.Tx) error {
			o, err := oldForms.Get(ctx, tx, "a")
			must(t, err)
			how(o)
			return oldForms.Put(tx, o, entry("rewrite"))
		}))
	}
	rewrite(func(o *oldForm) {
		o.Title, o.Place.Street = "rewritten", "s2"
		o.Lines = append([]oldLine{{"new"}}, o.Lines[1:]...) // x leaves, new comes first
	})
	rewrite(func(o *oldForm) { maps.DeleteFunc(o.Labels, func(string, string) bool { return true }) })
	got, err := newForms.Get(ctx, newer, "a")
	must(t, err)
	want := *x
	want.Meta, want.Title, want.Place.Street, want.Labels = got.Meta, "rewritten", "s2", nil
	want.Lines = []line{{"new", 0}, {"y", 2}, {"z", 3}}
	if !reflect.DeepEqual(*got, want) || got.Version != 3 {
		t.Fatalf("after two rewrites by the older form:\n got %+v\nwant %+v", *got, want)
	}
}
