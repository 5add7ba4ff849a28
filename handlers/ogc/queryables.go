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

// Parameters are the names of the query parameters of a collection's items; none of an unknown collection's.
func Parameters(collection string) []string {
	if _, known := queryables[collection]; !known {
		return nil
	}
	names := []string{"limit", "bbox", "datetime", "cursor"}
	for _, p := range queryables[collection] {
		names = append(names, p.name)
	}
	return names
}

// AllParameters are those of any collection.
func AllParameters() []string {
	all := append(Parameters(cells), Parameters(tickets)...)
	slices.Sort(all)
	return slices.Compact(all)
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
