package homecall

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
)

// Booking is a home call as it is asked for.
type Booking struct {
	ID   string `once:"-"` // a UUID; the same id and content again is the same request
	Item string // code, of a matter that begins with it; or
	Case string // id of one's own matter that is open: it goes on with it
	Date civil.Date
	Slot string // code
	Where
	Name, Phone string // of whom to call; "": the caller's own, as their account has them
	Note        string
	For         string              // id of the household whose members somebody at work books for; "": for oneself
	Wrong       domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Where is the home: a household, a position with what it is called, or an address that is to be found.
type Where struct {
	Household string // id
	Address   household.Address
	Text      string     // an address in one line, to ask for slots by
	Position  *orb.Point // WGS-84
	Datum     geo.Datum  // it came in
	Area      string     // code of an area around an address, as the caller says; "": not said
}

// Book books a home call in one transaction: the household, where nobody is on
// record at the address; the case, unless it is one; the visit, with the worker
// who has least to do; the link between the two; and the worker's time. Of the
// household nothing is told that the caller did not say.
// Errors: ErrForbidden; ErrNotFound for a household in For; InvalidError;
// ConflictError "duplicate", "limit_reached", "slot_taken" with what is free.
func (s *Calls) Book(ctx context.Context, actor access.Actor, now time.Time, in Booking) (made *Request, err error) {
	if in.For == "" && !access.BooksHomeCalls(actor) || in.For != "" && !access.OpensCases(actor) {
		return nil, domain.ErrForbidden
	}
	sent := once.Sent(s.Keys, "home call", in)
	if made, err := again(ctx, s.Store, actor, in.ID, sent); !errors.Is(err, store.ErrNotFound) {
		return made, err
	}
	err = store.RetryMoved(func(moved error) error {
		p, err := s.prepare(ctx, actor, now, in, sent)
		if err != nil {
			return err
		}
		opened := false
		err = p.atHome(ctx, func(tx *store.Tx, spot area.Spot) error {
			opened = false
			if made, err = again(ctx, tx, actor, in.ID, sent); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			made, err = p.book(ctx, tx, spot, moved)
			opened = err == nil && p.opening != nil
			return err
		})
		if p.opening != nil && (!opened || err != nil) {
			p.opening.GiveBack()
		}
		if intake.NumberTaken(err) { // it is passed over
			return moved
		}
		return err
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return made, nil
}

// again returns the request that was made of the same; ErrNotFound where the id
// is free, ConflictError "duplicate" where it is another's.
func again(ctx context.Context, r store.Reader, actor access.Actor, id, sent string) (*Request, error) {
	was, err := requests.Get(ctx, r, id)
	if err == nil && (was.By != actor.Account || was.Sent != sent) {
		err = domain.ErrIDInUse
	}
	if err != nil {
		return nil, err
	}
	return was, nil
}

// booking is one that only wants its update.
type booking struct {
	calls   *Calls
	actor   access.Actor
	now     time.Time
	in      Booking
	request *Request
	found   *place.Found
	home    *household.Household // that was named
	fresh   *household.Prepared  // of an address
	opening *intake.Prepared     // of an item
	of      *intake.Case         // that it goes on with
}

// prepare does what can be done before the update: checks, looking up, sealing.
func (s *Calls) prepare(ctx context.Context, actor access.Actor, now time.Time, in Booking, sent string) (*booking, error) {
	p := &booking{calls: s, actor: actor, now: now, in: in}
	bad := &domain.InvalidError{Fields: in.Wrong.Fields}
	who, err := s.callerOf(ctx, actor, &in, bad)
	if err != nil {
		return nil, err
	}
	domain.CheckText(bad, "/note", in.Note, noteLongest, false)
	if _, ok := civil.ParseDate(string(in.Date)); !ok {
		bad.Add("/date", domain.T("应为日期，如 2026-03-05", "must be a day such as 2026-03-05"))
	}
	if err := noted(bad, p.matter(ctx)); err != nil {
		return nil, err
	}
	if err := noted(bad, p.locate(ctx)); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	p.request = &Request{
		Meta: store.Meta{ID: in.ID}, Named: in.Household, Phone: who.index, Account: who.account, By: actor.Account,
		Note: strings.TrimSpace(in.Note), Masked: personal.MaskPhone(who.contact), Sent: sent, State: Booked, CreatedAt: now,
	}
	if p.request.Contact, err = s.Keys.Seal(who.contact, contactAt(in.ID)); err != nil {
		return nil, err
	}
	if p.home == nil {
		if p.fresh, err = s.Households.Prepare(now, household.Draft{
			ID: space.Of("household", in.ID), Address: in.Address, Position: p.found.Position.At(), Datum: p.found.Position.Datum,
			Occupant: &household.PersonInput{Name: &who.Name, Phone: &who.Phone},
		}); err != nil {
			return nil, err
		}
	}
	if p.of == nil {
		p.opening, err = s.Cases.Prepare(ctx, actor, now, p.found.Street, "", intake.Draft{
			ID: space.Of("case", in.ID), Item: in.Item, Applicant: who.ApplicantInput, Asker: who.account, Note: in.Note, Of: "home-call/" + in.ID,
		})
	}
	return p, err
}

// noted adds the wrong fields of an error; any other is returned.
func noted(bad *domain.InvalidError, err error) error {
	if wrong := (*domain.InvalidError)(nil); errors.As(err, &wrong) {
		bad.Fields = append(bad.Fields, wrong.Fields...)
		return nil
	}
	return err
}

var noCase = domain.T("没有这个受理件，或已办结、已预约上门", "no such matter, or it is over or has a home call already")

// matter checks what it is about.
func (p *booking) matter(ctx context.Context) error {
	s, in := p.calls, p.in
	if in.Case == "" {
		if in.Item == "" {
			return domain.Invalid("/item", domain.Missing)
		}
		_, err := s.callable(ctx, s.Store, "/item", in.Item, p.now)
		return err
	}
	if in.Item != "" {
		return domain.Invalid("/item", domain.T("item 与 case 只能给出一个", "either item or case is given"))
	}
	c, err := intake.Load(ctx, s.Store, in.Case)
	if err == nil {
		err = p.mayGoOn(c)
	}
	if errors.Is(err, domain.ErrNotFound) {
		return domain.Invalid("/case", noCase)
	}
	if err != nil {
		return err
	}
	p.of = c
	_, err = s.callable(ctx, s.Store, "/case", c.Item.Code, p.now)
	return err
}

// mayGoOn: a home call may be booked for the case. ErrNotFound.
func (p *booking) mayGoOn(c *intake.Case) error {
	owns := access.OwnsCase(p.actor, c.Facts())
	if p.in.For != "" {
		owns = access.MayTakeCase(p.actor, c.Facts())
	}
	if !owns || c.Over() || c.Booked() {
		return domain.ErrNotFound
	}
	return nil
}

const (
	ownMost = 5  // home calls that somebody has booked at a time
	dayMost = 10 // that somebody books within a day
)

// book writes everything that the booking makes.
func (p *booking) book(ctx context.Context, tx *store.Tx, spot area.Spot, moved error) (*Request, error) {
	s, actor, now, fresh := p.calls, p.actor, p.now, *p.request
	r := &fresh
	h, err := p.settle(ctx, tx, r, spot, moved)
	if err != nil {
		return nil, err
	}
	if err := r.checkMost(ctx, tx); err != nil {
		return nil, err
	}
	b, err := s.readBoard(ctx, tx, r.Place, now, p.in.Date)
	if err != nil {
		return nil, err
	}
	if r.Slot, err = b.slot(p.in.Date, p.in.Slot); err != nil {
		return nil, err
	}
	if r.Worker = b.pick(r.Slot, "", ""); r.Worker == "" {
		return nil, s.taken(ctx, tx, b)
	}
	v := visit.NewAsked(r.ID, r.Partition, h.ID, h.Place, r.Worker, now)
	v.Visit.PutOff(r.Slot.Date, r.Slot.To)
	if err := v.WriteBy(tx, actor, now); err != nil {
		return nil, err
	}
	c, err := p.theCase(ctx, tx, r, moved)
	if err != nil {
		return nil, err
	}
	r.Visit, r.Case, r.Item = v.Visit.ID, c.ID, c.Item
	if err := c.PutCall(ctx, tx, actor, now, r.call(), nil); err != nil {
		return nil, err
	}
	made := link.NewLink{Kind: link.OriginatedFrom, From: link.End{Thing: link.Visit, ID: r.Visit}, To: link.End{Thing: link.Case, ID: r.Case}}
	if err := link.Make(ctx, tx, actor, now, made); err != nil {
		return nil, err
	}
	if err := b.take(ctx, tx, r.Worker, r.Slot, r.ID); err != nil {
		return nil, err
	}
	r.note("book", now)
	return r, requests.Insert(tx, r, r.entry(actor, now, "book", store.Facts{}))
}

// theCase is the one that is opened, or gone on with.
func (p *booking) theCase(ctx context.Context, tx *store.Tx, r *Request, moved error) (*intake.Case, error) {
	if p.of == nil {
		if _, err := p.calls.callable(ctx, tx, "/item", p.in.Item, p.now); err != nil {
			return nil, err
		}
		at := r.Place
		at.Cell = "" // a case belongs to a community, whatever becomes of its cells
		return p.opening.Open(ctx, tx, p.actor, p.now, intake.Home{Street: r.Partition, Place: at, Position: p.found.Position, Address: r.Address, Household: r.Household})
	}
	c, err := intake.Load(ctx, tx, p.of.ID)
	if err == nil {
		err = p.mayGoOn(c)
	}
	if errors.Is(err, domain.ErrNotFound) {
		err = domain.Invalid("/case", noCase)
	}
	if err == nil && !tx.Covers(c.Partition) {
		err = moved
	}
	return c, err
}

// checkMost refuses one more than somebody may have booked at a time, or may
// book in a day: what was cancelled leaves a case and perhaps a household.
func (r *Request) checkMost(ctx context.Context, tx *store.Tx) error {
	own := func(since time.Time, most int, and ...store.Cond) (full bool, err error) {
		found, _, err := requests.Find(ctx, tx, store.Query{
			Where: append([]store.Cond{store.Eq("phone", r.Phone), store.Within("createdAt", since, time.Time{})}, and...),
			Order: []string{"-createdAt"}, Limit: most,
		})
		return len(found) >= most, err
	}
	full, err := own(r.CreatedAt.AddDate(0, 0, -100), ownMost, store.Filter(store.Eq("state", Booked)))
	if err == nil && full {
		err = &domain.ConflictError{Code: "limit_reached", Detail: domain.Textf("同时最多预约 %d 次上门", "%d home calls at a time", ownMost)}
	}
	if err != nil {
		return err
	}
	full, err = own(r.CreatedAt.AddDate(0, 0, -1), dayMost)
	if err == nil && full {
		err = &domain.ConflictError{Code: "limit_reached", Detail: domain.Textf("一天内最多预约 %d 次上门，含已取消的", "%d home calls may be booked within a day, with those that were cancelled", dayMost)}
	}
	return err
}
