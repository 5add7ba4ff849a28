package household

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Stay says who lived where until when. It is written when somebody leaves:
// where people live now, the household says.
type Stay struct {
	store.Meta `store:",inline"`
	Household  string       `store:"household"` // id
	Address    Address      `store:"address"`
	AddressKey string       `store:"addressKey"`
	Place      access.Place `store:"place"` // as of then
	Boundary   string       `store:"boundary,omitempty"`
	To         time.Time    `store:"to"`
	Reason     Reason       `store:"reason"`
	Next       string       `store:"next,omitempty"` // id of the household that they went to, where it is another
	People     []Stayed     `store:"people"`
}

// Stayed is somebody who lived there.
type Stayed struct {
	Member     string    `store:"member"`
	NameMasked string    `store:"nameMasked"`
	From       time.Time `store:"from"`
}

// Reason why people leave.
type Reason string

const (
	Moved    Reason = "moved"    // the household lives elsewhere now
	Joined   Reason = "joined"   // they live in another household now
	Left     Reason = "left"     // 迁出: nobody here knows more
	Deceased Reason = "deceased" // 死亡
	Mistaken Reason = "mistaken" // they never were here: nothing is recorded
)

var stays = store.Declare[Stay](store.Declaration{
	Name: "stays", Schema: 2, Upgrades: []store.Upgrade{refoldedStay},
	Indexes: []string{"household: household, to", "person: people.member, to", "address: partition, addressKey, to"},
})

// leave records that members of the household, by position, leave its present address.
func (h *Household) leave(tx *store.Tx, actor access.Actor, now time.Time, id string, why Reason, next string, members ...int) error {
	st := &Stay{Meta: store.Meta{ID: id, Partition: h.Partition}, Household: h.ID, Address: h.Address, AddressKey: h.AddressKey,
		Place: h.Place, Boundary: h.Boundary, To: now, Reason: why, Next: next, People: []Stayed{}}
	for _, i := range members {
		from := h.Since
		if m := h.Members[i]; m.Since.After(from) {
			from = m.Since
		}
		st.People = append(st.People, Stayed{h.Members[i].ID, h.Members[i].NameMasked, from})
	}
	e := h.entry(actor, now, "leave", store.Facts{})
	e.Dims["reason"] = string(why)
	return stays.Insert(tx, st, e)
}

// StayQuery asks for stays of a household, or of a member of it wherever they
// lived, or at its present address whoever lived there.
type StayQuery struct {
	Household string // id
	Member    string // id; "" for all
	Address   bool
	Limit     int
	Cursor    string
}

// Stays returns a page of what the actor asks for, latest first. Who may read
// a household may read where it and its members lived before.
// Errors: ErrNotFound, for no such member too; store.ErrCursor.
func (s *Households) Stays(ctx context.Context, actor access.Actor, q StayQuery) ([]*Stay, string, error) {
	h, err := s.read(ctx, actor, q.Household)
	if err != nil {
		return nil, "", err
	}
	where := []store.Cond{store.Eq("household", h.ID)}
	switch {
	case q.Member != "":
		if h.member(q.Member) < 0 {
			return nil, "", domain.ErrNotFound
		}
		at, err := s.livedAt(ctx, h, q.Member)
		if err != nil {
			return nil, "", err
		}
		where = []store.Cond{store.Eq("people.member", q.Member), store.In("household", at...)}
	case q.Address:
		where = []store.Cond{store.Eq("partition", h.Partition), store.Eq("addressKey", h.AddressKey)}
	}
	return stays.Find(ctx, s.store, store.Query{Where: where, Order: []string{"-to"}, Limit: q.Limit, After: q.Cursor})
}

// livedMost is how many stays of one person are looked at.
const livedMost = 1000

// livedAt lists the households from which a member came to this one, by its
// stays, and this one. Ids of members are their callers' choice: one that
// somebody elsewhere has too does not lead to where they lived.
func (s *Households) livedAt(ctx context.Context, h *Household, member string) ([]string, error) {
	out, err := h.IDs(ctx, s.store)
	if err != nil {
		return nil, err
	}
	all, _, err := stays.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("people.member", member)}, Order: []string{"-to"}, Limit: livedMost})
	if err != nil {
		return nil, err
	}
	for _, st := range all { // the latest first
		if !slices.Contains(out, st.Next) || slices.Contains(out, st.Household) {
			continue
		}
		out = append(out, st.Household)
		merged, err := allMerged(ctx, s.store, st.Household)
		if err != nil {
			return nil, err
		}
		for _, o := range merged {
			out = append(out, o.ID)
		}
	}
	return out, nil
}
