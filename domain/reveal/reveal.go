// Package reveal is where personal data is looked at in clear: what may be
// asked for, how often, and what is kept of it. Why somebody looked is kept
// here, not in the journal, which is never rewritten. Whose data it is and who
// may look is for the packages that hold it.
package reveal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/store"
)

// Revealing is one look at personal data in clear, or one search by it, which
// tells as much. What was searched for is not kept.
type Revealing struct {
	store.Meta `store:",inline"`
	Household  string    `store:"household,omitempty"`
	Ticket     string    `store:"ticket,omitempty"`
	Case       string    `store:"case,omitempty"`
	Person     string    `store:"person,omitempty"` // of the household
	Fields     []string  `store:"fields"`
	Found      bool      `store:"found,omitempty"`  // Household is the only one that somebody with such a number has
	Reason     string    `store:"reason,omitempty"` // none for a search
	By         string    `store:"by"`
	At         time.Time `store:"at"`
}

// The collection is called after what it held first.
var collection = store.Declare[Revealing](store.Declaration{
	Name: "householdReveals", Schema: 1,
	Indexes: []string{"by: by, at", "household: household, at", "ticket: ticket, at", "street: partition, at"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{collection} }

// Reveals counts reveals and searches, by account.
type Reveals struct {
	store  *store.Store
	limits *limit.Limits

	// How many an account may make within an hour: PerHour of reveals and
	// searches by phone or ID number together, which is more than a round of
	// calls needs and fewer than copying a register takes; NamesPerHour of
	// searches by name. May be set before use.
	PerHour, NamesPerHour int
	// FetchesPerHour is how many photos of materials a platform's program may
	// fetch within an hour. May be set before use.
	FetchesPerHour int
}

// New returns the reveals on a store that has Collections and those of package limit.
func New(st *store.Store, keys *personal.Keys) *Reveals {
	return &Reveals{store: st, limits: limit.New(st, keys), PerHour: 60, NamesPerHour: 300, FetchesPerHour: 600}
}

// Count counts a reveal, before anything is shown; LimitError.
func (s *Reveals) Count(ctx context.Context, actor access.Actor, now time.Time) error {
	return s.limits.Take(ctx, now, s.limits.Of(limit.Rule{Name: "reveals", Quota: s.PerHour, Window: time.Hour}, actor.Account))
}

// Fetch counts a photo of a material that a platform's program fetches, before it is given; LimitError.
func (s *Reveals) Fetch(ctx context.Context, actor access.Actor, now time.Time) error {
	return s.limits.Take(ctx, now, s.limits.Of(limit.Rule{Name: "material-photos", Quota: s.FetchesPerHour, Window: time.Hour}, actor.Account))
}

// SearchByName counts a search by name; LimitError.
func (s *Reveals) SearchByName(ctx context.Context, actor access.Actor, now time.Time) error {
	return s.limits.Take(ctx, now, s.limits.Of(limit.Rule{Name: "name-searches", Quota: s.NamesPerHour, Window: time.Hour}, actor.Account))
}

// Compare counts a number that is written, and compared with everybody's, and
// reports whether it may be: a warning tells as much as a search, and who
// writes many numbers would find one by trying. There are as many in an hour as searches by name.
func (s *Reveals) Compare(ctx context.Context, actor access.Actor, now time.Time) (bool, error) {
	err := s.limits.Take(ctx, now, s.limits.Of(limit.Rule{Name: "number-warnings", Quota: s.NamesPerHour, Window: time.Hour, Silent: true}, actor.Account))
	if over := (*domain.LimitError)(nil); errors.As(err, &over) {
		return false, nil
	}
	return err == nil, err
}

// Search counts a search for people by these fields like a reveal, and puts
// it on the journal, before it is made; LimitError. record is a new id.
func (s *Reveals) Search(ctx context.Context, actor access.Actor, now time.Time, record string, fields []string) error {
	if err := s.Count(ctx, actor, now); err != nil {
		return err
	}
	return s.store.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		return collection.Insert(tx, &Revealing{Meta: store.Meta{ID: record, Partition: area.CityPartition}, Fields: fields, By: actor.Account, At: now},
			store.Entry{At: now, Actor: actor.Account, From: actor.Session, Action: "household.search", Dims: map[string]string{"fields": strings.Join(fields, ",")}})
	})
}

// Found keeps that somebody was looked for by these fields, what for, and the
// id of the only household found; "" for none. Count goes before it. record is a new id.
func (s *Reveals) Found(ctx context.Context, actor access.Actor, now time.Time, record, household string, fields []string, purpose string) error {
	return s.store.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		return collection.Insert(tx, &Revealing{Meta: store.Meta{ID: record, Partition: area.CityPartition}, Household: household, Found: true, Fields: fields, Reason: purpose, By: actor.Account, At: now},
			store.Entry{At: now, Actor: actor.Account, From: actor.Session, Action: "household.find", Dims: map[string]string{"fields": strings.Join(fields, ","), "record": record}})
	})
}

// HasFound reports whether the actor found the household in this time, as the only one: from <= t <= to.
func (s *Reveals) HasFound(ctx context.Context, actor access.Actor, from, to time.Time, household string) (bool, error) {
	for after := ""; ; {
		page, next, err := collection.Find(ctx, s.store, store.Query{Order: []string{"at"}, After: after,
			Where: []store.Cond{store.Eq("household", household), store.Filter(store.Eq("by", actor.Account)), store.Between("at", from, to.Add(time.Millisecond))}})
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(page, func(r *Revealing) bool { return r.Found }) {
			return true, nil
		}
		if after = next; next == "" {
			return false, nil
		}
	}
}

// Check returns the fields that are asked for, sorted and each once, and the
// reason without space around it. InvalidError at /fields and /reason.
func Check(fields []string, known domain.Enum, reason string) ([]string, string, error) {
	bad := &domain.InvalidError{}
	reason = CheckReason(reason, bad)
	for i, f := range fields {
		if !slices.Contains(domain.CodesOf[string](known), f) {
			bad.Add(fmt.Sprintf("/fields/%d", i), known.Fault())
		}
	}
	if len(fields) == 0 {
		bad.Add("/fields", domain.T("请选择要查看的内容", "name at least one field"))
	}
	return slices.Compact(slices.Sorted(slices.Values(fields))), reason, bad.Err()
}

// CheckReason returns the reason without space around it, and notes at /reason when it says nothing.
func CheckReason(reason string, bad *domain.InvalidError) string {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 2 || n > 200 {
		bad.Add("/reason", domain.T("请说明查看原因（2 到 200 字）", "say why, in 2 to 200 characters"))
	}
	return reason
}

// Record keeps the reveal in the update that is about what it shows, under an
// entry of its own; e is what the journal has of it there.
func Record(tx *store.Tx, r *Revealing, e store.Entry) error { return collection.Insert(tx, r, e) }

// Latest returns one page of what was looked at and searched for in these
// partitions, from <= at < to (zero times leave an end open), by one account
// where it is named, the latest first, and the cursor of the next.
func Latest(ctx context.Context, r store.Reader, partitions []string, from, to time.Time, by string, limit int, cursor string) ([]*Revealing, string, error) {
	where := []store.Cond{store.In("partition", partitions...)}
	if !from.IsZero() || !to.IsZero() {
		where = append(where, store.Within("at", from, to))
	}
	if by != "" {
		where = append(where, store.Filter(store.Eq("by", by)))
	}
	return collection.Find(ctx, r, store.Query{Where: where, Order: []string{"-at"}, Limit: limit, After: cursor})
}

// Of are the revealings with these ids.
func Of(ctx context.Context, r store.Reader, ids []string) (map[string]*Revealing, error) {
	return collection.GetMany(ctx, r, ids)
}

// Reasons returns why the reveals were made, by id.
func Reasons(ctx context.Context, r store.Reader, ids []string) (map[string]string, error) {
	found, err := collection.GetMany(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(found))
	for id, record := range found {
		out[id] = record.Reason
	}
	return out, nil
}
