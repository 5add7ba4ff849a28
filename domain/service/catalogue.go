package service

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// catalogue is every version of every item, and every kind of qualification,
// those that are built in too. It never changes.
type catalogue struct {
	items map[string][]*Item // by code; the last one that has begun is in force
	kinds map[string]*Kind
}

// newCatalogue lays what is stored over what is built in.
func newCatalogue(items []*Item, kinds []*Kind) *catalogue {
	c := &catalogue{map[string][]*Item{}, map[string]*Kind{}}
	builtItems, builtKinds := starter()
	for _, it := range slices.Concat(builtItems, items) {
		c.items[it.Code] = append(c.items[it.Code], it)
	}
	for _, k := range slices.Concat(builtKinds, kinds) {
		c.kinds[k.Code] = k
	}
	for _, all := range c.items {
		slices.SortFunc(all, func(a, b *Item) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Number, b.Number)) })
	}
	return c
}

// at is the version of an item in force at a moment; nil.
func (c *catalogue) at(code string, at time.Time) *Item {
	all := c.items[code]
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].begins().After(at) {
			return all[i]
		}
	}
	return nil
}

// all are the items in force at a moment, by code; retired ones on request.
func (c *catalogue) all(at time.Time, retired bool) (out []*Item) {
	for _, code := range slices.Sorted(maps.Keys(c.items)) {
		if it := c.at(code, at); it != nil && (retired || !it.Retired) {
			out = append(out, it)
		}
	}
	return out
}

// last is the latest version of an item that was decided; nil.
func (c *catalogue) last(code string) (last *Item) {
	for _, it := range c.items[code] {
		if last == nil || it.Number > last.Number {
			last = it
		}
	}
	return last
}

// listed are the kinds of qualifications, by code.
func (c *catalogue) listed() []*Kind {
	return slices.SortedFunc(maps.Values(c.kinds), func(a, b *Kind) int { return strings.Compare(a.Code, b.Code) })
}
