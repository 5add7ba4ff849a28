// Package area knows the places that everything else lies in: the tree of
// administrative areas, the cells and their boundary versions, who staffs a
// cell and stands in there, and the organisations that mend things. It answers
// which cell holds a position from an immutable snapshot in memory. It knows
// neither HTTP nor accounts: the people of a cell are account ids here.
package area

import (
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/store"
)

// CityPartition holds what lies in no street: the tree itself, accounts,
// organisations that work everywhere.
const CityPartition = "city"

// Area is a node of the administrative tree. Its id never changes and comes
// from its code, so that importing a file twice meets the same areas. An area
// that is no more stays, ended, with the area that took over from it; one
// whose code comes back is the same area again.
type Area struct {
	store.Meta `store:",inline"`
	Code       string       `store:"code"` // of the statistics office: 4, 6, 9 or 12 digits; its beginning is the parent's
	Name       string       `store:"name"`
	Level      access.Level `store:"level"`
	Parent     string       `store:"parent"` // id; "" for a city
	Place      access.Place `store:"place"`  // the areas around it and itself
	ValidFrom  time.Time    `store:"validFrom"`
	ValidTo    time.Time    `store:"validTo,omitempty"`   // zero: until further notice
	Successor  string       `store:"successor,omitempty"` // id of the area that took over
}

// Valid reports whether the area has not ended.
func (a *Area) Valid() bool { return a.ValidTo.IsZero() }

func (a *Area) facts() store.Facts {
	if a.Valid() {
		return store.Facts{State: "valid"}
	}
	return store.Facts{State: "ended"}
}

// Levels of the tree, from the top.
var Levels = []access.Level{access.City, access.County, access.Street, access.Community}

// digits of an area's code at each level.
var digits = map[access.Level]int{access.City: 4, access.County: 6, access.Street: 9, access.Community: 12}

var areas = store.Declare[Area](store.Declaration{
	Name: "areas", Schema: 1,
	Indexes: []string{"code!: code", "all: partition, code"},
})

// Collections lists what the package stores.
func Collections() []store.Declared {
	return []store.Declared{areas, cells, boundaries, coverages, redraws, organisations}
}

// derived makes the ids of areas and cells: the same code is always the same id.
const derived = ids.Space("6f0d7c52-3b0e-5d2c-9a41-8d5b1e7f2c60")

func areaID(code string) string { return derived.Of("area", code) }
func cellID(code string) string { return derived.Of("cell", code) }

// entry is the journal's line for what an actor did.
func entry(actor access.Actor, now time.Time, action string, before, after store.Facts) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: action, Before: before, After: after}
}
