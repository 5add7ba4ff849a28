package cellnotice

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/household"
	"wangge/domain/notice"
	"wangge/store"
	"wangge/store/jobs"
)

// householdsAtOnce are told by one update.
var householdsAtOnce = 50 // tests set it lower

// Reach is how many residents a message to a cell would reach now, and of how many households.
type Reach struct{ Residents, Households int }

// Preview says whom a message to a cell would reach now, in numbers; ErrNotFound.
func (s *Messages) Preview(ctx context.Context, actor access.Actor, now time.Time, cell string) (out Reach, err error) {
	c, err := s.cell(ctx, s.store, actor, cell)
	if err != nil {
		return out, err
	}
	all := map[string]bool{}
	for cursor := ""; ; {
		page, next, err := s.households.InCell(ctx, s.store, c.Place, 500, cursor)
		if err != nil {
			return out, err
		}
		out.Households += len(page)
		some, err := s.residents(ctx, s.store, now, page)
		if err != nil {
			return out, err
		}
		for _, id := range some {
			all[id] = true
		}
		if cursor = next; cursor == "" {
			out.Residents = len(all)
			return out, nil
		}
	}
}

// residents are the accounts, in order, of who lives in the households: whose
// phone, which they proved of late, is on record as that of a member or of who lives there.
func (s *Messages) residents(ctx context.Context, r store.Reader, now time.Time, homes []*household.Household) ([]string, error) {
	phones := map[string]bool{}
	for _, h := range homes {
		for _, index := range h.PhoneIndexes() {
			phones[index] = true
		}
	}
	found, err := account.OfPhones(ctx, r, slices.Sorted(maps.Keys(phones)))
	var out []string
	for _, a := range found {
		if a.HoldsPhone(now) {
			out = append(out, a.ID)
		}
	}
	slices.Sort(out)
	return out, err
}

// Telling tells those who were not told yet, whatever crashed before.
func (s *Messages) Telling() *jobs.Due[run, *run] {
	return &jobs.Due[run, *run]{Collection: runs, Field: "dueAt", At: func(r *run) time.Time { return r.DueAt },
		Do: func(ctx context.Context, lease store.Lease, r *run, now time.Time) error {
			for more := true; more; {
				var err error
				if more, err = s.tell(ctx, lease, r.ID, now); err != nil {
					return err
				}
			}
			return nil
		}}
}

// tell tells some households more, and reports whether there are others. What
// one update tells and how far it came are written together: each resident is
// told once, however often it is begun anew.
func (s *Messages) tell(ctx context.Context, lease store.Lease, id string, now time.Time) (more bool, err error) {
	r, err := runs.Get(ctx, s.store, id)
	if err != nil || r.DueAt.IsZero() {
		return false, err
	}
	m, err := messages.Get(ctx, s.store, id)
	if err != nil {
		return false, err
	}
	homes, next, err := s.households.InCell(ctx, s.store, m.Place, householdsAtOnce, r.Households)
	if err != nil {
		return false, err
	}
	people, err := s.residents(ctx, s.store, now, homes)
	if err != nil {
		return false, err
	}
	var partitions []string
	if next == "" { // all are told then, which is journaled
		partitions = []string{m.Partition}
	}
	var fresh []*notice.Notice
	err = s.store.Update(ctx, partitions, func(tx *store.Tx) error {
		fresh, more = nil, false
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		is, err := runs.Get(ctx, tx, id)
		if err != nil || is.Version != r.Version {
			return err
		}
		if m, err = messages.Get(ctx, tx, id); err != nil {
			return err
		}
		if !m.Shown(now) {
			is.DueAt = time.Time{}
			return runs.Put(tx, is)
		}
		if is.Number == 0 {
			is.Number = m.Seq
		}
		if fresh, err = s.add(ctx, tx, m.first(is.Number), people, now); err != nil {
			return err
		}
		is.Told, is.Households, more = is.Told+len(fresh), next, next != ""
		if !more {
			is.DueAt = time.Time{}
			if err := finish(tx, m, is.Told, now); err != nil {
				return err
			}
		}
		return runs.Put(tx, is)
	})
	if err == nil && len(fresh) > 0 {
		s.notices.Written(fresh)
	}
	return more, err
}

// add writes the notices of some people who have none yet, and what goes out of them.
func (s *Messages) add(ctx context.Context, tx *store.Tx, first *notice.Notice, people []string, now time.Time) ([]*notice.Notice, error) {
	all := make([]*notice.Notice, len(people))
	for i, who := range people {
		all[i] = first.To(who, now)
	}
	fresh, err := notice.Add(ctx, tx, all)
	if err != nil || len(fresh) == 0 {
		return nil, err
	}
	return fresh, s.notices.Hook(ctx, tx, now, []notice.Told{{Kind: first.Kind, About: first.About, Place: first.Place, Notices: fresh}})
}

// finish puts on the journal how many were told.
func finish(tx *store.Tx, m *Message, told int, now time.Time) error {
	before := m.facts()
	m.Told, m.ToldAt = told, now
	e := m.entry(access.Program, now, "told", before)
	e.Dims["residents"] = strconv.Itoa(told)
	return messages.Put(tx, m, e)
}
