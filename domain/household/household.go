// Package household is who lives where: households with their addresses,
// people and tags, how they move, merge and come in from files, and who may
// read them. Personal data is sealed here and leaves masked, or revealed with
// a reason. It knows areas, and nothing of visits, tickets or HTTP.
package household

import (
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// Occupancy is how the dwelling is lived in.
type Occupancy string

const (
	Own             Occupancy = "own"              // 自住
	Rent            Occupancy = "rent"             // 租住
	EmptyRegistered Occupancy = "empty_registered" // 空挂: registered here, lives elsewhere
	Vacant          Occupancy = "vacant"           // 空置
)

// Occupancies lists them all.
var Occupancies = domain.CodesOf[Occupancy](OccupancyWords)

// Household 户 is the people of one dwelling.
type Household struct {
	store.Meta `store:",inline"`
	Address    Address        `store:"address"`
	AddressKey string         `store:"addressKey"` // no other household of the street has it; see free
	Building   string         `store:"building"`   // the part of the key that neighbours share
	Sort       string         `store:"sort"`       // what lists are ordered by
	Position   place.Position `store:"position"`
	Place      access.Place   `store:"place"`
	Boundary   string         `store:"boundary,omitempty"` // boundary version the cell was found by
	Occupancy  Occupancy      `store:"occupancy"`
	Since      time.Time      `store:"since"` // it lives at this address

	Owner     *Person  `store:"owner,omitempty"`     // 产权人, wherever they live
	Occupant  *Person  `store:"occupant,omitempty"`  // 实际居住人: who to talk to at the door
	Emergency *Person  `store:"emergency,omitempty"` // 紧急联系人
	Members   []Member `store:"members"`

	Marks  []string  `store:"marks"`            // tags in force and occupancy, as lists ask for them; see marks
	RollAt time.Time `store:"rollAt,omitempty"` // when the clock changes the tags in force

	VisitedAt     time.Time `store:"visitedAt"`     // somebody was met here; zero: never
	LastVisitedAt time.Time `store:"lastVisitedAt"` // the same, with what households merged into this one had

	Away *Away `store:"away,omitempty"` // found to have moved away

	Merged     []Merge `store:"merged"`               // households that this one took in
	MergedInto string  `store:"mergedInto,omitempty"` // id; of a deleted one that another took in

	Sent      string    `store:"sent"` // blind index of what it was made from: tells it from another under the same id
	CreatedAt time.Time `store:"createdAt"`
	UpdatedAt time.Time `store:"updatedAt"`
}

// Person is somebody of a household. Name, phone and ID number are sealed for
// the person's id, so that they stay readable when the person moves.
type Person struct {
	ID             string          `store:"id"`
	Relation       string          `store:"relation,omitempty"` // to the head of the household, or of a contact to it
	Name           personal.Sealed `store:"name"`
	NameMasked     string          `store:"nameMasked,omitempty"`
	Phone          personal.Sealed `store:"phone"`
	PhoneMasked    string          `store:"phoneMasked,omitempty"`
	PhoneIndex     string          `store:"phoneIndex,omitempty"`
	IDNumber       personal.Sealed `store:"idNumber"`
	IDNumberMasked string          `store:"idNumberMasked,omitempty"`
	IDNumberIndex  string          `store:"idNumberIndex,omitempty"`
}

// Member lives in the household.
type Member struct {
	Person `store:",inline"`
	Since  time.Time `store:"since"` // in this household
	Tags   []Tag     `store:"tags"`
}

// Households are journaled in their street's partition. Of two indexes that
// serve a query equally well the first is taken: those that leave less come first.
var collection = store.Declare[Household](store.Declaration{
	Name: "households", Schema: 2,
	Indexes: []string{
		"dwelling: partition, addressKey",                       // who lives at an address
		"building: partition, building",                         // an import warns of buildings that are new
		"cell: place.street, place.cell, sort",                  // lists of cells and communities; what no cell holds
		"cell_visited: place.street, place.cell, lastVisitedAt", // the same, who was not visited for longest
		"marks: place.street, marks, sort",                      // lists by tag and occupancy
		"marks_visited: place.street, marks, lastVisitedAt",     // the same, who was not visited for longest
		"street: place.street, sort",                            // lists
		"visited: place.street, lastVisitedAt",                  // lists, who was not visited for longest
		"key: position.key",                                     // what a redraw of cells moves
		"roll: rollAt",                                          // the clock of tags
		"merged: mergedInto",                                    // what became of households that were merged
		"alias: partition, merged.keys",                         // addresses of households that were merged
	},
	Texts:    []string{"text: place.street, place.cell"},
	Upgrades: []store.Upgrade{refolded},
})

// Collections are what this package keeps in a store. The names in it are found by these keys.
func Collections(keys *personal.Keys) []store.Declared {
	return []store.Declared{store.Worded(collection, func(h *Household) ([]string, error) { return h.terms(keys) }), stays}
}

// facts is what the journal keeps of it.
func (h *Household) facts() store.Facts {
	return store.Facts{State: string(h.Occupancy), Cell: h.Place.Cell}
}

// entry is the journal's line for what an actor did.
func entry(actor access.Actor, now time.Time, action string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "household." + action}
}

// entry is that to the household as it is now. Tags are not in it: the journal
// is never rewritten, and they are sensitive.
func (h *Household) entry(actor access.Actor, now time.Time, action string, before store.Facts) store.Entry {
	e := entry(actor, now, action)
	e.Before, e.After, e.Dims = before, h.facts(), map[string]string{"community": h.Place.Community}
	actor.NameBoth(e.Dims, func(a access.Actor) bool { return access.MayReadHousehold(a, h.Place) })
	return e
}

// settle brings what is derived from the other fields up to date.
func (h *Household) settle(now time.Time) {
	h.AddressKey, h.Building, h.Sort = h.Address.key(), h.Address.building(), h.Address.sort()
	h.Marks, h.RollAt = marks(h.Occupancy, h.Members, now)
	if h.Away != nil && h.Away.State == AwayWaits {
		h.Marks = append([]string{awayMark}, h.Marks...) // they are in order
	}
	h.LastVisitedAt = h.VisitedAt
	for _, m := range h.Merged {
		if m.VisitedAt.After(h.LastVisitedAt) {
			h.LastVisitedAt = m.VisitedAt
		}
	}
	h.UpdatedAt = now
}

// setPosition sets the position of the household and the place found for it.
func (h *Household) setPosition(spot area.Spot, at orb.Point, d geo.Datum) {
	h.Position = place.PositionAt(at, d, nil)
	h.setPlace(spot)
}

// setPlace puts the household in the place found for its position.
func (h *Household) setPlace(spot area.Spot) {
	h.Place, h.Partition, h.Boundary = spot.Place, spot.Street, spot.Boundary()
}

// contact is one of the people who are not members, by what they are to the household.
func (h *Household) contact(as string) **Person {
	switch as {
	case "owner":
		return &h.Owner
	case "occupant":
		return &h.Occupant
	case "emergency":
		return &h.Emergency
	}
	return nil
}

// contacts are what people who are not members can be to a household.
var contacts = []string{"owner", "occupant", "emergency"}

// people are all of the household's, contacts first.
func (h *Household) people() []*Person {
	var out []*Person
	for _, as := range contacts {
		if p := *h.contact(as); p != nil {
			out = append(out, p)
		}
	}
	return append(out, h.living()...)
}

// member returns the position of a member; -1.
func (h *Household) member(id string) int {
	return slices.IndexFunc(h.Members, func(m Member) bool { return m.ID == id })
}
