package household

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// RevealsPerHour is how many times an account may reveal within an hour: more
// than a round of calls needs, fewer than copying a register takes.
const RevealsPerHour = 30

// Revealing is one look at personal data in clear. Why is kept here, not in the
// journal, which is never rewritten.
type Revealing struct {
	store.Meta `store:",inline"`
	Household  string    `store:"household"`
	Person     string    `store:"person"`
	Fields     []string  `store:"fields"`
	Reason     string    `store:"reason"`
	By         string    `store:"by"`
	At         time.Time `store:"at"`
}

var reveals = store.Declare[Revealing](store.Declaration{
	Name: "householdReveals", Schema: 1,
	Indexes: []string{"by: by, at", "household: household, at"},
})

// Revealed is personal data in clear; what was not asked for is empty.
type Revealed struct{ Name, Phone, IDNumber string }

// Reveal shows the name, phone or idNumber of one of the household's people,
// by id, with a reason; each time is on the journal.
// Errors: ErrNotFound (no such person too), ErrForbidden, InvalidError, LimitError.
func (s *Households) Reveal(ctx context.Context, actor access.Actor, now time.Time, id, person string, fields []string, reason string) (Revealed, error) {
	fields, err := revealable(fields, &reason)
	if err != nil {
		return Revealed{}, err
	}
	var out Revealed
	record := newID()
	// The city's partition is named too, so that one account's reveals in several streets are counted one by one.
	prepare := func(*Household) ([]string, error) { return []string{area.CityPartition}, nil }
	err = s.change(ctx, actor, id, 0, prepare, func(tx *store.Tx, h *Household) error {
		if !access.MayRevealPeople(actor, h.Place) {
			return domain.ErrForbidden
		}
		i := slices.IndexFunc(h.people(), func(p *Person) bool { return p.ID == person })
		if i < 0 {
			return domain.ErrNotFound
		}
		if err := withinLimit(ctx, tx, actor, now); err != nil {
			return err
		}
		if out, err = s.open(h.people()[i], fields); err != nil {
			return err
		}
		e := h.entry(actor, now, "reveal", h.facts())
		e.Dims = map[string]string{"person": person, "fields": strings.Join(fields, ","), "record": record}
		if err := collection.Record(tx, h, e); err != nil {
			return err
		}
		return reveals.Insert(tx, &Revealing{Meta: store.Meta{ID: record, Partition: h.Partition}, Household: h.ID, Person: person,
			Fields: fields, Reason: reason, By: actor.Account, At: now}, e)
	})
	if err != nil {
		return Revealed{}, err // nothing is shown that is not on the journal
	}
	return out, nil
}

// revealable checks what is asked for and why.
func revealable(fields []string, reason *string) ([]string, error) {
	bad := &domain.InvalidError{}
	*reason = strings.TrimSpace(*reason)
	if n := utf8.RuneCountInString(*reason); n < 2 || n > 200 {
		bad.Add("/reason", domain.T("请说明查看原因（2 到 200 字）", "say why, in 2 to 200 characters"))
	}
	for i, f := range fields {
		if f != "name" && f != "phone" && f != "idNumber" {
			bad.Add(fmt.Sprintf("/fields/%d", i), FieldWords.Fault())
		}
	}
	if len(fields) == 0 {
		bad.Add("/fields", domain.T("请选择要查看的内容", "name at least one field"))
	}
	return slices.Compact(slices.Sorted(slices.Values(fields))), bad.Err()
}

// withinLimit is a LimitError when the actor has revealed as often as an hour allows.
func withinLimit(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time) error {
	recent, _, err := reveals.Find(ctx, tx, store.Query{
		Where: []store.Cond{store.Eq("by", actor.Account), store.Between("at", now.Add(-time.Hour+time.Millisecond), nil)},
		Order: []string{"at"}, Limit: RevealsPerHour,
	})
	if err == nil && len(recent) == RevealsPerHour {
		err = &domain.LimitError{RetryAfter: recent[0].At.Add(time.Hour).Sub(now)}
	}
	return err
}

// open opens the fields of a person that are asked for.
func (s *Households) open(p *Person, fields []string) (out Revealed, err error) {
	if slices.Contains(fields, "name") {
		out.Name, err = s.keys.Open(p.Name, sealedAt(p.ID, "name"))
	}
	if slices.Contains(fields, "phone") && err == nil {
		out.Phone, err = s.keys.Open(p.Phone, sealedAt(p.ID, "phone"))
	}
	if slices.Contains(fields, "idNumber") && err == nil {
		out.IDNumber, err = s.keys.Open(p.IDNumber, sealedAt(p.ID, "idNumber"))
	}
	return out, err
}
