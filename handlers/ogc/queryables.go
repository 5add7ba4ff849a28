package ogc

import (
	"slices"

	"wangge/domain/area"
	"wangge/domain/ticket"
)

// queryable is a property that features can be asked for by, as the
// recommendation /rec/core/fc-filters has it.
type queryable struct {
	name  string
	words func() []string // that it can be; none: any
	about string
}

func (q queryable) takes(word string) bool {
	return len(q.words()) == 0 || slices.Contains(q.words(), word)
}

var queryables = map[string][]queryable{
	cells: {
		{"kind", func() []string { return texts(area.Kinds) }, "kind of cell"},
		{"community", func() []string { return nil }, "code of the community"},
	},
	tickets: {
		{"category", categories, "category"},
		{"state", func() []string { return texts(ticket.States) }, "state"},
	},
}

// Parameters are the names of all query parameters that the items of some collection take.
func Parameters() []string {
	names := []string{"limit", "bbox", "datetime", "cursor"}
	for _, qs := range queryables {
		for _, q := range qs {
			names = append(names, q.name)
		}
	}
	return names
}

func categories() []string {
	out := make([]string, len(ticket.Categories))
	for i, c := range ticket.Categories {
		out[i] = c.Code
	}
	return out
}

func texts[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
