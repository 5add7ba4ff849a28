// Package address finds where an address lies 标准地址: in imported lists of
// standard addresses, in households on record as far as the reader may know of
// them, and, where these are not sure, by a geocoder. It tells places and doors,
// never who lives there, and knows nothing of tickets, cases or HTTP.
package address

import (
	"hash/fnv"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/fold"
	"wangge/domain/household"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/store"
)

// Sure is the confidence from which a thing lies where its address was found.
const Sure = 0.8

// Standard is an address of an imported list.
type Standard struct {
	store.Meta `store:",inline"`
	Scheme     string            `store:"scheme"`
	Code       string            `store:"code"` // opaque; of a scheme's addresses no other has it
	Address    household.Address `store:"address"`
	Building   string            `store:"building"` // what the doors of one building share; see buildingOf
	Walk       int64             `store:"walk"`     // the order of doors: what is less said goes first, 2幢 before 10幢
	Position   place.Position    `store:"position"`
	Place      access.Place      `store:"place"` // without a cell, which the map knows
	UpdatedAt  time.Time         `store:"updatedAt"`
}

// A list has a million addresses: they are not journaled one by one, but by the chunks that they come in; see list.
var standards = store.Declare[Standard](store.Declaration{
	Name: "addresses", Schema: 1, Unjournaled: true,
	Texts:      []string{"text: place.city, place.county, place.street, place.community; walk"},
	Predicates: []string{"building"},
})

// list is a scheme, whose entries in the journal say who imported what and when.
type list struct {
	store.Meta `store:",inline"`
	Scheme     string    `store:"scheme"`
	UpdatedAt  time.Time `store:"updatedAt"`
}

var lists = store.Declare[list](store.Declaration{Name: "addressLists", Schema: 1})

// Collections are what this package keeps in a store.
func Collections() []store.Declared {
	return []store.Declared{store.Worded(standards, (*Standard).terms), lists}
}

// Addresses are the use cases on addresses.
type Addresses struct {
	store      *store.Store
	areas      *area.Areas
	households *household.Households
	limits     *limit.Limits
	geocoders  []Geocoder
	cache      cache
	named      atomic.Pointer[namesAt]
}

// New returns the use cases on a store that has Collections and those of package
// limit. The geocoders are asked in their order.
func New(st *store.Store, areas *area.Areas, households *household.Households, keys *personal.Keys, geocoders ...Geocoder) *Addresses {
	return &Addresses{store: st, areas: areas, households: households, limits: limit.New(st, keys), geocoders: geocoders, cache: cache{known: map[string]answered{}}}
}

// terms are what a standard address is found by: the grams of its estate, its
// other parts as wholes, and, so that a whole address is found at once, its
// building and its door in their estate.
func (s *Standard) terms() ([]string, error) {
	plain := s.Address.Plain()
	out := append(most(fold.Grams(plain.Estate), estateTermsMost), partTerms(plain)...)
	if out = append(out, buildingTerm(plain)); door(plain) != "" {
		out = append(out, doorTerm(plain))
	}
	return out, nil
}

func buildingTerm(plain household.Address) string { return "B=" + hashed(plain.Estate, plain.Building) }

func doorTerm(plain household.Address) string {
	return "D=" + hashed(plain.Estate, plain.Building, door(plain))
}

// wholeTerms are what an address of an estate by its whole name has that has these parts.
func wholeTerms(plain household.Address) []string {
	first := buildingTerm(plain)
	if door(plain) != "" {
		first = doorTerm(plain)
	}
	if plain.Unit == "" {
		return []string{first}
	}
	return []string{first, "u=" + shortened(plain.Unit)}
}

func hashed(parts ...string) string {
	h := fnv.New64a()
	h.Write([]byte(strings.Join(parts, "|")))
	return strconv.FormatUint(h.Sum64(), 36)
}

const estateTermsMost = 60

func most(terms []string, n int) []string { return terms[:min(len(terms), n)] }

// partTerms are the terms of the parts below the estate of a plain address.
func partTerms(plain household.Address) []string {
	var out []string
	for _, p := range []struct{ kind, text string }{{"b", plain.Building}, {"u", plain.Unit}, {"r", door(plain)}} {
		if p.text != "" {
			out = append(out, p.kind+"="+shortened(p.text))
		}
	}
	return out
}

// door is the room of a plain address, or, where none is given, its floor.
func door(plain household.Address) string {
	if plain.Room == "" && plain.Floor != "" {
		return "层" + plain.Floor
	}
	return plain.Room
}

// shortened is a part that fits into a term: a long one by its hash.
func shortened(part string) string {
	if len(part) <= 40 {
		return part
	}
	return "#" + hashed(part)
}

// buildingOf is what the addresses of a building in a street share.
func buildingOf(plain household.Address, street string) string {
	return plain.Estate + "|" + plain.Building + "|" + street
}

// settle brings what is derived from the other fields up to date.
func (s *Standard) settle() {
	plain := s.Address.Plain()
	s.Building, s.Partition = buildingOf(plain, s.Place.Street), s.Place.Street
	s.Walk = walk(plain)
}

// walk orders the addresses of an estate by the numbers of their parts.
func walk(plain household.Address) int64 {
	out := int64(0)
	for _, p := range []struct {
		text string
		room int64
	}{{plain.Building, 100_000}, {plain.Unit, 1_000}, {door(plain), 1_000_000}} {
		out = out*p.room + min(firstNumber(p.text)+1, p.room-1)*int64(min(len(p.text), 1))
	}
	return out
}

// firstNumber is the first number in a text; 0 for none.
func firstNumber(text string) int64 {
	from := strings.IndexAny(text, "0123456789")
	if from < 0 {
		return 0
	}
	n := int64(0)
	for _, c := range []byte(text[from:]) {
		if c < '0' || c > '9' || n > 1_000_000 {
			break
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// scope are the areas of a search, as the text index is asked for them: one with a
// code and what it took over from, or everything. False where there is none.
func (s *Addresses) scope(code string) (store.Cond, bool) {
	tree := s.areas.Tree()
	if code == "" {
		var cities []string
		for _, c := range tree.Roots() {
			cities = append(cities, c.ID)
		}
		return store.In("place.city", cities...), true
	}
	a, ok := tree.ByCode(code)
	if !ok {
		return store.Cond{}, false
	}
	level, _ := place.Finest(a.Place)
	return store.In("place."+string(level), tree.Formerly(a.ID)...), true
}
