package household

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/store"
)

// Households are the use cases on households.
type Households struct {
	store *store.Store
	areas *area.Areas
	keys  *personal.Keys

	Policies *policy.Policies // what streets decide, tags among it; not to be changed
	Reveals  *reveal.Reveals  // may be set before use: one budget for all
}

// New returns the use cases on a store that has Collections and those of packages limit and reveal.
func New(st *store.Store, areas *area.Areas, policies *policy.Policies, keys *personal.Keys) *Households {
	return &Households{Policies: policies, store: st, areas: areas, keys: keys, Reveals: reveal.New(st, keys)}
}

// Get returns the household as the actor may see it, masked; ErrNotFound when not at all.
func (s *Households) Get(ctx context.Context, actor access.Actor, id string) (*Household, error) {
	h, err := s.read(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	out, err := s.shown(ctx, actor, []*Household{h})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// read is Get with everything that is stored.
func (s *Households) read(ctx context.Context, actor access.Actor, id string) (*Household, error) {
	h, err := collection.Get(ctx, s.store, id)
	if err != nil {
		return nil, err
	}
	if !access.MayReadHousehold(actor, h.Place) {
		return nil, domain.ErrNotFound
	}
	return h, nil
}

// shown takes off what the actor may not see: the sensitive tags of households they do not keep.
func (s *Households) shown(ctx context.Context, actor access.Actor, list []*Household) ([]*Household, error) {
	hidden := map[string]func(code string) bool{} // by street
	for i, h := range list {
		if access.MayKeepHousehold(actor, h.Place) {
			continue
		}
		if hidden[h.Partition] == nil {
			hidden[h.Partition] = s.sensitiveIn(h.Partition)
		}
		list[i] = h.without(hidden[h.Partition])
	}
	return list, nil
}

// without returns the household without some tags.
func (h *Household) without(tag func(code string) bool) *Household {
	out := *h
	out.Members = slices.Clone(h.Members)
	for i := range out.Members {
		out.Members[i].Tags = slices.DeleteFunc(slices.Clone(out.Members[i].Tags), func(t Tag) bool { return tag(t.Code) })
	}
	out.Marks = nil
	return &out
}

// updateKept runs fn in an update of the household's street, on the household as
// it is then, if the actor may keep it: ErrNotFound if they may not see it,
// ErrForbidden if they may not keep it. version, when not 0, is the one the
// caller read. prepare, when not nil, sees the household before each try,
// outside of the update, and names the other partitions that fn needs.
func (s *Households) updateKept(ctx context.Context, actor access.Actor, id string, version int64, prepare func(*Household) (others []string, err error), fn func(*store.Tx, *Household) error) error {
	return domainError(store.RetryMoved(func(moved error) error {
		was, err := s.read(ctx, actor, id)
		if err != nil {
			return err
		}
		partitions := []string{was.Partition}
		if prepare != nil {
			others, err := prepare(was)
			if err != nil {
				return err
			}
			partitions = append(partitions, others...)
		}
		return s.store.Update(ctx, partitions, func(tx *store.Tx) error {
			h, err := s.load(ctx, tx, actor, id, version)
			if err != nil {
				return err
			}
			if h.Partition != was.Partition {
				return moved
			}
			if err := fn(tx, h); !errors.Is(err, errUnprepared) {
				return err
			}
			return moved
		})
	}))
}

// updateKeptPair is updateKept for two households; InvalidError at
// pointer for the other one.
func (s *Households) updateKeptPair(ctx context.Context, actor access.Actor, id string, version int64, other, pointer string, fn func(tx *store.Tx, h, other *Household) error) error {
	none := domain.Invalid(pointer, domain.T("没有这个住户", "no such household"))
	if id == other {
		return domain.Invalid(pointer, domain.T("是同一户", "it is the same household"))
	}
	var was *Household
	prepare := func(*Household) (partitions []string, err error) {
		if was, err = s.read(ctx, actor, other); errors.Is(err, domain.ErrNotFound) {
			return nil, none
		} else if err != nil {
			return nil, err
		}
		return []string{was.Partition}, nil
	}
	return s.updateKept(ctx, actor, id, version, prepare, func(tx *store.Tx, h *Household) error {
		o, err := s.load(ctx, tx, actor, other, 0)
		if errors.Is(err, domain.ErrNotFound) {
			return none
		}
		if err == nil && o.Partition != was.Partition {
			err = errUnprepared
		}
		if err != nil {
			return err
		}
		return fn(tx, h, o)
	})
}

// load reads a household for a change by the actor, who may state its version.
func (s *Households) load(ctx context.Context, tx *store.Tx, actor access.Actor, id string, version int64) (*Household, error) {
	h, err := collection.Get(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !access.MayReadHousehold(actor, h.Place) {
		return nil, domain.ErrNotFound
	}
	if !access.MayKeepHousehold(actor, h.Place) {
		return nil, domain.ErrForbidden
	}
	return collection.GetAt(ctx, tx, id, version)
}

// checkAddressFree fails when the household's address is of another one, or of one
// that was merged into another than from, out of which it comes. Whoever gives
// a household an address asks first: what the update read holds until it commits.
func (h *Household) checkAddressFree(ctx context.Context, tx *store.Tx, from string) error {
	key := h.Address.key()
	found, _, err := collection.Find(ctx, tx, dwelling(h.Partition, 3, key), alias(h.Partition, key, 3))
	if err == nil && slices.ContainsFunc(found, func(o *Household) bool { return o.ID != h.ID && (o.ID != from || o.AddressKey == key) }) {
		err = takenAddress
	}
	return err
}

// dwelling asks for the households at addresses. Stored ones may share one: those
// that were told apart by how their address was written, before that was folded.
func dwelling(street string, limit int, keys ...string) store.Query {
	return store.Query{Where: []store.Cond{store.Eq("partition", street), store.In("addressKey", keys...)}, Limit: limit}
}

// alias asks for the household that took in the one at an address.
func alias(street, key string, limit int) store.Query {
	return store.Query{Where: []store.Cond{store.Eq("partition", street), store.HasAll("merged.keys", key)}, Limit: limit}
}

// save settles the household and writes it, with what the change is called.
func (h *Household) save(tx *store.Tx, actor access.Actor, now time.Time, action string, before store.Facts) error {
	h.settle(now)
	return collection.Put(tx, h, h.entry(actor, now, action, before))
}

// errUnprepared: the household is in another street, or its people are others, than when the change was prepared.
var errUnprepared = errors.New("household: not as it was when the change was prepared")

// takenAddress: another household of the street has the address.
var takenAddress = &domain.ConflictError{Code: "duplicate_address", Detail: domain.T("该地址已有住户", "a household is at this address already")}

// domainError turns the store's errors into the domain's.
func domainError(err error) error {
	var twice *store.DuplicateError
	if !errors.As(err, &twice) {
		return err
	}
	return domain.ErrIDInUse
}
