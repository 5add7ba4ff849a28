package household

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/store"
)

// Asked is whom somebody at a counter looks for: by a phone or by an ID number, whole, and what for.
type Asked struct{ Phone, IDNumber, Purpose string }

// Find returns the one household in the city of which somebody has the phone or
// the ID number, masked and without tags; nil where there is none or more than
// one. It counts like a reveal, and is on the journal whatever it finds.
// Errors: ErrForbidden, InvalidError, LimitError.
func (s *Households) Find(ctx context.Context, actor access.Actor, now time.Time, a Asked) (*Household, error) {
	if !access.FindsPeople(actor) {
		return nil, domain.ErrForbidden
	}
	field, gram, err := s.exactly(now, &a)
	if err != nil {
		return nil, err
	}
	if err := s.Reveals.Count(ctx, actor, now); err != nil {
		return nil, err
	}
	var streets []string
	for _, street := range s.areas.Tree().Streets() {
		if access.MayFind(actor, street.Place) {
			streets = append(streets, street.ID)
		}
	}
	found, _, err := collection.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.In("place.street", streets...), store.Terms("text", gram)}, Order: []string{"sort"}, Limit: 2,
	})
	if err != nil {
		return nil, err
	}
	one, id := (*Household)(nil), ""
	if len(found) == 1 {
		one, id = found[0].without(func(string) bool { return true }), found[0].ID
	}
	if err := s.Reveals.Found(ctx, actor, now, ids.New(), id, []string{field}, a.Purpose); err != nil {
		return nil, err // nothing is shown that is not on the journal
	}
	return one, nil
}

// exactly checks whom is asked for, and returns by which field and by what they are found.
func (s *Households) exactly(now time.Time, a *Asked) (field, gram string, _ error) {
	bad := &domain.InvalidError{}
	if a.Purpose = strings.TrimSpace(a.Purpose); utf8.RuneCountInString(a.Purpose) < 2 || utf8.RuneCountInString(a.Purpose) > 200 {
		bad.Add("/purpose", domain.T("请说明查找的用途（2 到 200 字）", "say what for, in 2 to 200 characters"))
	}
	switch {
	case (a.Phone == "") == (a.IDNumber == ""):
		bad.Add("", domain.T("请给出 phone 或 idNumber 之一", "either phone or idNumber is required"))
	case a.Phone != "":
		phone, err := personal.NormalisePhone(a.Phone)
		if err != nil {
			bad.Add("/phone", personal.ErrPhone.Detail)
		}
		field, gram = "phone", phoneGram(s.keys.Index("phone", phone))
	default:
		number, err := personal.NormaliseIDNumber(a.IDNumber, now)
		if form := (*personal.FormatError)(nil); errors.As(err, &form) {
			bad.Add("/idNumber", form.Detail)
		}
		field, gram = "idNumber", idNumberGram(s.keys.Index("idNumber", number))
	}
	return field, gram, bad.Err()
}

// FoundFor is how long who found a household may say that something is about it.
const FoundFor = time.Hour

// GetFound is Get, also of a household that the actor found within FoundFor:
// without tags, to open a ticket or a case for it.
func (s *Households) GetFound(ctx context.Context, actor access.Actor, now time.Time, id string) (*Household, error) {
	h, err := s.Get(ctx, actor, id)
	if !errors.Is(err, domain.ErrNotFound) || !access.FindsPeople(actor) {
		return h, err
	}
	if h, err = collection.Get(ctx, s.store, id); err != nil {
		return nil, err
	}
	if !access.MayFind(actor, h.Place) {
		return nil, domain.ErrNotFound
	}
	found, err := s.Reveals.HasFound(ctx, actor, now.Add(-FoundFor), now, id)
	if err == nil && !found {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return h.without(func(string) bool { return true }), nil
}
