package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/fold"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// OnBehalf is what somebody asked for at their door, to be opened on their behalf 代办.
type OnBehalf struct {
	ID          string // of the ticket to be, a UUID
	Category    string
	Title       string
	Description string
	For         Resident // whom to call back; either may be ""
	Links       []Link
	Clock       *domain.Clock // one that tells nothing is for the caller to refuse
}

// Home is where they live: a place of a cell at a boundary version, and its street's id.
type Home struct {
	Street   string
	Place    access.Place
	Boundary string
	At       orb.Point // WGS-84
	Datum    geo.Datum // it came in
	Address  string
}

// Prepared is a ticket that only wants its place.
type Prepared struct {
	tickets *Tickets
	ticket  *Ticket
	pointer string
}

// PrepareOnBehalf does what can be done before the update that opens a ticket
// on somebody's behalf: checks, sealing and the receipt number. Whoever calls it
// has authorised the actor to speak for them. InvalidError below pointer.
func (s *Tickets) PrepareOnBehalf(ctx context.Context, actor access.Actor, now time.Time, home Home, pointer string, n OnBehalf) (*Prepared, error) {
	p, err := s.policyOffering(ctx, home.Street, now, n.Category)
	if err != nil {
		return nil, err
	}
	if _, ok := p.Offered(n.Category); !ok {
		return nil, domain.Invalid(pointer+"/category", p.CategoryWords().Fault())
	}
	street, ok := s.areas.Tree().ByID(home.Street)
	if !ok {
		return nil, fmt.Errorf("ticket: a home in the unknown street %s", home.Street)
	}
	d := Draft{ID: n.ID, Category: n.Category, Title: n.Title, Description: n.Description, Address: home.Address, Clock: n.Clock}
	d.fill(actor)
	d.Source = FromWorker
	number, err := s.receiptNumber(ctx, street, now)
	if err != nil {
		return nil, err
	}
	t := d.ticket(actor, now)
	t.Number, t.Links, t.Sent = number, n.Links, once.Sent(s.keys, "need", d)
	if t.Contact, t.Reporter, err = s.callBack(ctx, t.ID, n.For); err != nil {
		return nil, err
	}
	return &Prepared{s, t, pointer}, nil
}

// callBack seals whom to call back, and finds their account.
func (s *Tickets) callBack(ctx context.Context, id string, who Resident) (c *Contact, reporter string, err error) {
	c = &Contact{}
	if who.Name != "" {
		c.NameMasked = personal.MaskName(who.Name)
		if c.Name, err = s.keys.Seal(who.Name, sealedAt(id, "name")); err != nil {
			return nil, "", err
		}
	}
	if who.Phone == "" {
		return c, "", nil
	}
	c.PhoneMasked = personal.MaskPhone(who.Phone)
	if phone, err := personal.NormalisePhone(who.Phone); err == nil {
		c.Index = s.callerIndex(phone)
	}
	if c.Phone, err = s.keys.Seal(who.Phone, sealedAt(id, "phone")); err != nil {
		return nil, "", err
	}
	resident, err := s.accounts.ByPhone(ctx, who.Phone)
	if errors.Is(err, domain.ErrNotFound) {
		return c, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return c, resident.ID, nil
}

// Open makes the ticket in the update, at home as it is then. A
// store.DuplicateError comes of the update when the id is in use, an
// InvalidError when its category is not offered any more.
func (p *Prepared) Open(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, home Home) error {
	t := *p.ticket
	under, err := p.tickets.policies.In(ctx, tx, home.Street, now)
	if err != nil {
		return err
	}
	if _, ok := under.Offered(t.Category); !ok {
		return domain.Invalid(p.pointer+"/category", under.CategoryWords().Fault())
	}
	o, err := p.tickets.occasionIn(ctx, tx, actor, now, under)
	if err != nil {
		return err
	}
	t.begin(o)
	t.Place, t.Partition, t.Boundary = home.Place, home.Street, home.Boundary
	t.Position = new(place.PositionAt(home.At, home.Datum, nil))
	t.publish(p.tickets.keys, under)
	return insert(tx, &t, t.entry(actor, now, Report, store.Facts{}))
}

// Caller is whom a ticket belongs to, in clear, for the update of something that
// is made of it; nobody of an anonymous one.
func (s *Tickets) Caller(ctx context.Context, t *Ticket) (Resident, error) {
	if t.Anonymous || t.Contact == nil && t.Reporter == "" {
		return Resident{}, nil
	}
	who, err := s.open(ctx, s.store, t)
	return Resident(who), ignoreNotFound(err)
}

// Proposed is the category that the words suggest in a street: the one whose
// name has most of them, "" where none has any.
func (s *Tickets) Proposed(street string, now time.Time, words ...string) (code string) {
	has, best := fold.Grams(words...), 0
	for _, c := range s.policies.At(street, now).Categories {
		if c.Retired {
			continue
		}
		n := 0
		for _, gram := range fold.Grams(c.Name.ZH) {
			if slices.Contains(has, gram) {
				n++
			}
		}
		if n > best {
			code, best = c.Code, n
		}
	}
	return code
}
