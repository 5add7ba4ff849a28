package ogc

import (
	"time"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/ticket"
)

// queryable is a property that features can be asked for by, as the
// recommendation /rec/core/fc-filters has it.
type queryable struct {
	name  string
	words func(s *Features, now time.Time) []string // that it can be; none: any
	about string
}

var queryables = map[string][]queryable{
	cells: {
		{"kind", func(*Features, time.Time) []string { return texts(area.Kinds) }, "kind of cell"},
		{"community", func(*Features, time.Time) []string { return nil }, "code of the community"},
	},
	tickets: {
		{"category", func(s *Features, now time.Time) []string { return domain.CodesOf[string](s.tickets.Categories(now)) }, "category"},
		{"state", func(*Features, time.Time) []string { return texts(ticket.States) }, "state"},
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

func texts[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
