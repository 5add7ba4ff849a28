package homecall

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/place"
	"wangge/store"
)

// Offer is a slot and how many calls may still be booked in it.
type Offer struct {
	Slot
	Free int
}

// text names the slot to programs.
func (s Slot) text() string { return string(s.Date) + "/" + s.Code }

// offers are the slots of a date that may be booked, those that are full too.
func (b *board) offers(date civil.Date) (out []Offer) {
	if !b.bookable(date) {
		return nil
	}
	for _, slot := range b.slotsOf(date) {
		if !slot.From.After(b.now) {
			continue
		}
		o := Offer{Slot: slot}
		for _, w := range b.workers(slot.From) {
			o.Free += b.room(w, slot, "")
		}
		out = append(out, o)
	}
	return out
}

// slot is one that a resident may book. InvalidError at /date or /slot.
func (b *board) slot(date civil.Date, code string) (Slot, error) {
	if !b.bookable(date) {
		first, last := b.span()
		return Slot{}, domain.Invalid("/date", domain.Textf("该日不可预约；可预约 %s 至 %s（按街道规定可能仅限工作日）", "cannot be booked: days from %s to %s can, where the street says so working days only", first, last))
	}
	for _, s := range b.slotsOf(date) {
		if s.Code == code && s.From.After(b.now) {
			return s, nil
		}
	}
	return Slot{}, domain.Invalid("/slot", domain.T("没有这个时段", "no such slot"))
}

// Asked is what slots are asked for.
type Asked struct {
	Item string // code
	Where
	For      string     // as in Booking
	From, To civil.Date // both "": every day that may be booked
}

// Slots returns the slots that may be booked where the caller says, by day, with
// how many calls there is room for: of whom, is not told.
// Errors: ErrForbidden; ErrNotFound for a household in For; InvalidError with query parameters.
func (s *Calls) Slots(ctx context.Context, actor access.Actor, now time.Time, a Asked) ([]Offer, error) {
	if a.For == "" && !access.BooksHomeCalls(actor) {
		return nil, domain.ErrForbidden
	}
	at, err := s.asked(ctx, actor, now, a)
	if err != nil {
		return nil, err
	}
	b, err := s.readBoard(ctx, s.Store, at, now)
	if err != nil {
		return nil, err
	}
	first, last := b.span()
	if a.From > first {
		first = a.From
	}
	if a.To != "" && a.To < last {
		last = a.To
	}
	var dates []civil.Date
	for date := first; date <= last; date = date.Add(1) {
		if b.bookable(date) {
			dates = append(dates, date)
		}
	}
	if err := b.load(ctx, s.Store, dates...); err != nil {
		return nil, err
	}
	var out []Offer
	for _, date := range dates {
		out = append(out, b.offers(date)...)
	}
	return out, nil
}

// asked checks what slots are asked for, and says where that is.
func (s *Calls) asked(ctx context.Context, actor access.Actor, now time.Time, a Asked) (at access.Place, err error) {
	bad := &domain.InvalidError{}
	if a.For != "" || a.Household != "" {
		h, err := s.household(ctx, actor, now, a.For, a.Household)
		if err := noted(bad, err); err != nil {
			return at, err
		}
		if err == nil {
			at = h.Place
		}
	} else {
		found, err := s.find(ctx, actor, now, a.Where)
		if err := noted(bad, err); err != nil {
			return at, err
		}
		if err == nil {
			spot, _ := place.Spot(s.Areas.Map(), found.Position.At())
			at = spot.Place
		}
	}
	if a.Item == "" {
		bad.Add("/item", domain.Missing)
	} else if _, err := s.callable(ctx, s.Store, "/item", a.Item, now); err != nil {
		if err := noted(bad, err); err != nil {
			return at, err
		}
	}
	for i, f := range bad.Fields { // of a query
		bad.Fields[i].Pointer = "?" + f.Pointer[1:]
	}
	return at, bad.Err()
}

// nextMost is how many free slots a refusal names.
const nextMost = 10

// taken is the ConflictError "slot_taken"; it names the next free slots, as date/slot.
func (s *Calls) taken(ctx context.Context, r store.Reader, b *board) error {
	free := []string{}
	first, last := b.span()
	var all []civil.Date
	for date := first; date <= last; date = date.Add(1) {
		all = append(all, date)
	}
	if err := b.load(ctx, r, all...); err != nil {
		return err
	}
	for _, date := range all {
		for _, o := range b.offers(date) {
			if o.Free > 0 && len(free) < nextMost {
				free = append(free, o.text())
			}
		}
	}
	detail := domain.T("该时段已约满，请选择其他时段", "the slot is full: choose another")
	if len(free) == 0 {
		detail = domain.T("近期时段均已约满", "every slot is full for now")
	}
	return &domain.ConflictError{Code: "slot_taken", Allowed: free, Detail: detail}
}
