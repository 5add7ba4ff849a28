package ticket

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/geo"
	"wangge/store"
)

// Draft is what a reporter sends.
type Draft struct {
	ID          string `once:"-"` // a UUID; the client's own or a new one. The same id and content again is the same ticket
	Fresh       bool   `once:"-"` // the id is new: nothing can have been made under it
	Kind        Kind
	Category    string
	Source      Source // "" : app for residents, worker for staff
	Urgency     Urgency
	Title       string
	Description string
	Address     string     // beside a position a text for people; without one it is to be found
	Position    *orb.Point // WGS-84; nil: not known
	Datum       geo.Datum  // it came in
	AccuracyM   *float64
	Household   string   // id; where it lives is where the ticket lies, without a position
	Area        string   // code of an area that it lies in; which street, where nothing else tells
	Photos      []string // uploaded before
	Anonymous   bool
	For         *Resident           // reported on this resident's behalf
	Answer      string              // of a consultation that is answered at once; "" for none
	Of          string              // what else it is made of, as its maker tells it; "" for nothing
	Said        string              `once:"-"` // what Tickets.Said made of it before something was filled in; "" where nothing was
	Also        *Also               `once:"-"` // nil for nothing
	Clock       *domain.Clock       `once:"-"` // a phone that sends again says anew when it does
	From        string              `once:"-"` // network address it came from; "" for one that came by no network, which is not limited
	Wrong       domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Also is what the update that makes a ticket does beside it.
type Also struct {
	Streets []string // that it writes
	Do      func(*store.Tx, *Ticket) error
}

// addressLongest is how long a text for an address is at most.
const addressLongest = 200

// Resident is whom a worker reports for.
type Resident struct{ Name, Phone string }

// Report 上报 makes a ticket and routes it to the cell that holds its position,
// or to the street's triage list when none does. The same report sent again
// is the ticket made of it.
// Errors: InvalidError (on behalf also at /position, outside the worker's
// place), ErrForbidden, ConflictError "duplicate", LimitError.
func (s *Tickets) Report(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Ticket, error) {
	if !access.MayReport(actor) {
		return nil, domain.ErrForbidden
	}
	d.fill(actor)
	sent := s.sentAs(&d)
	t, err := d.again(ctx, s.store, actor, sent)
	if !errors.Is(err, store.ErrNotFound) {
		return t, err // sent again, and neither judged nor counted again
	}
	found, err := s.checkDraft(ctx, actor, now, &d)
	if err != nil {
		return nil, err
	}
	contact, reporter, err := s.contact(ctx, actor, &d)
	if err != nil {
		return nil, err
	}
	if d.Also == nil {
		d.Also = &Also{Do: func(*store.Tx, *Ticket) error { return nil }}
	}
	var count func(*store.Tx) error
	used := false // the number, and what is counted
	file := func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error {
		number, err := s.receiptNumber(ctx, street, now)
		if err != nil {
			return err
		}
		used = false
		err = s.store.Update(ctx, append([]string{street.ID}, d.Also.Streets...), func(tx *store.Tx) error {
			used = false
			t, err = d.again(ctx, tx, actor, sent)
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err := count(tx); err != nil {
				return err
			}
			spot, err := route(tx)
			if err != nil {
				return err
			}
			p, err := s.policies.In(ctx, tx, spot.Street, now)
			if err != nil {
				return err
			}
			if _, ok := p.Offered(d.Category); !ok {
				return domain.Invalid("/category", p.CategoryWords().Fault())
			}
			if d.For != nil && !access.MayReportFor(actor, spot.Place) {
				return d.outside()
			}
			t = d.ticket(actor, now)
			o, err := s.occasionIn(ctx, tx, actor, now, p)
			if err != nil {
				return err
			}
			t.begin(o)
			t.Number, t.Sent, t.Contact, t.Reporter = number, sent, contact, reporter
			t.setPosition(spot, found)
			if t.Address == "" {
				t.Address = found.Text
			}
			lines, notices := []store.Entry{t.entry(actor, now, Report, store.Facts{})}, []notice(nil)
			if d.Answer != "" {
				o, err := s.occasionIn(ctx, tx, actor, now, p)
				if err != nil {
					return err
				}
				reply, told, err := t.replyAtOnce(d.Answer, o)
				if err != nil {
					return err
				}
				lines, notices = append(lines, reply), told
			}
			t.publish(s.keys, p)
			if err := attach(ctx, tx, actor, t, d.Photos, Before, now); err != nil {
				return err
			}
			if err := insert(tx, t, lines...); err != nil {
				return err
			}
			if err := s.announce(ctx, tx, t, actor, now, notices...); err != nil {
				return err
			}
			used = true
			return d.Also.Do(tx, t)
		})
		if !used {
			s.receipts.GiveBack(number)
		}
		return err
	}
	err = s.counted(ctx, actor, now, d.From, func(by func(*store.Tx) error) (bool, error) {
		count = by
		err := s.routed(ctx, found, file)
		for numberTaken(err) { // it is passed over
			err = s.routed(ctx, found, file)
		}
		return used, err
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return t, nil
}

// checkDraft is check under the policy of the street that the draft lies in, as
// this node knows it, and what was found of where that is; what it says of the
// category the update settles.
func (s *Tickets) checkDraft(ctx context.Context, actor access.Actor, now time.Time, d *Draft) (*place.Found, error) {
	found, err := s.find(ctx, actor, now, d)
	if err != nil {
		return nil, err
	}
	p, err := s.policyOffering(ctx, found.Street, now, d.Category)
	if err != nil {
		return nil, err
	}
	return found, d.check(actor, now, p)
}

// find finds where the draft lies. What is wrong with that is added to the draft's faults.
func (s *Tickets) find(ctx context.Context, actor access.Actor, now time.Time, d *Draft) (*place.Found, error) {
	bad := &domain.InvalidError{}
	switch {
	case d.Position != nil:
		found := place.Given(*d.Position, d.Datum, d.AccuracyM)
		if spot, ok := place.Spot(s.areas.Map(), *d.Position); ok {
			found.Street = spot.Street
		}
		return found, nil
	case d.Household == "" && d.Address == "":
		bad.Add("/position", domain.T("请给出位置、地址或住户", "a position, an address or a household is required"))
	default:
		longText(bad, "/address", d.Address, addressLongest)
	}
	if err := bad.Err(); err != nil {
		d.Wrong.Fields = append(d.Wrong.Fields, bad.Fields...)
		return &place.Found{}, nil
	}
	found, err := s.Locate(ctx, actor, now, place.Asked{Household: d.Household, Address: d.Address, Area: d.Area})
	if errors.As(err, &bad) {
		d.Wrong.Fields = append(d.Wrong.Fields, bad.Fields...)
		return &place.Found{}, nil
	}
	return found, err
}

// outside says that a worker does not report for residents there.
func (d *Draft) outside() error {
	switch {
	case d.Position != nil:
		return domain.Invalid("/position", domain.T("位置不在您的网格内", "the position is outside your cells"))
	case d.Household != "":
		return domain.Invalid("/household", domain.T("住户不在您的网格内", "the household is outside your cells"))
	}
	return domain.Invalid("/address", domain.T("不能确定该地址在您的网格内，请给出位置", "the address is not known to lie in your cells: give a position"))
}

// policyOffering is the policy of a street; where this node knows none that offers
// the category, it looks again whether another has.
func (s *Tickets) policyOffering(ctx context.Context, street string, now time.Time, category string) (*policy.Policy, error) {
	p := s.policies.At(street, now)
	if _, ok := p.Offered(category); ok {
		return p, nil
	}
	if err := s.policies.RefreshOf(ctx, street); err != nil {
		return nil, err
	}
	return s.policies.At(street, now), nil
}

// again returns the ticket that was made of the same report; ErrNotFound where
// the id is free, ConflictError "duplicate" where it is another's.
func (d *Draft) again(ctx context.Context, r store.Reader, actor access.Actor, sent string) (*Ticket, error) {
	if d.Fresh {
		return nil, store.ErrNotFound
	}
	t, err := collection.Get(ctx, r, d.ID)
	if err == nil && (!once.Same(t.Sent, sent) || t.ReportedBy != actor.Account) {
		err = domain.ErrIDInUse
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Said tells what was sent from anything else, for who fills in what a draft leaves out.
func (s *Tickets) Said(actor access.Actor, d Draft) string {
	d.fill(actor)
	return s.sentAs(&d)
}

// Again returns the ticket that was made of the same draft; ErrNotFound where
// the id is free, ConflictError "duplicate" where it is another's.
func (s *Tickets) Again(ctx context.Context, actor access.Actor, d Draft) (*Ticket, error) {
	return d.again(ctx, s.store, actor, d.Said)
}

func (s *Tickets) sentAs(d *Draft) string {
	if d.Said != "" {
		return d.Said
	}
	return once.Sent(s.keys, "report", *d)
}

func (d *Draft) fill(actor access.Actor) {
	if d.Kind == "" {
		d.Kind = "help"
	}
	if d.Source == "" {
		d.Source = FromApp
		if actor.IsStaff() {
			d.Source = FromWorker
		}
	}
	if d.Urgency == "" {
		d.Urgency = Urgencies[0]
	}
	d.Answer = strings.TrimSpace(d.Answer)
	d.Title, d.Description, d.Address = strings.TrimSpace(d.Title), strings.TrimSpace(d.Description), strings.TrimSpace(d.Address)
}

func (d *Draft) check(actor access.Actor, now time.Time, p *policy.Policy) error {
	bad := &domain.InvalidError{Fields: slices.Clone(d.Wrong.Fields)}
	if !slices.Contains(Kinds, d.Kind) {
		bad.Add("/kind", KindWords.Fault())
	}
	if _, ok := p.Offered(d.Category); !ok {
		bad.Add("/category", p.CategoryWords().Fault())
	}
	if !slices.Contains(Sources, d.Source) {
		bad.Add("/source", SourceWords.Fault())
	} else if d.Source != FromApp && !actor.IsStaff() {
		bad.Add("/source", domain.T("居民上报的来源只能是 app", "a resident's source is app"))
	}
	if !slices.Contains(Urgencies, d.Urgency) {
		bad.Add("/urgency", policy.UrgencyWords.Fault())
	}
	switch n := utf8.RuneCountInString(d.Title); {
	case n == 0:
		bad.Add("/title", domain.T("请填写标题", "a title is required"))
	case n > 100:
		bad.Add("/title", domain.T("标题最多 100 字", "100 characters at most"))
	}
	longText(bad, "/description", d.Description, 4000)
	if d.Position != nil { // else it was looked at to be found
		longText(bad, "/address", d.Address, addressLongest)
	}
	longText(bad, "/answer", d.Answer, noteLongest)
	if d.Answer != "" && d.Kind != Consultation {
		bad.Add("/answer", domain.T("只有咨询可以直接答复", "only a consultation is answered directly"))
	}
	if need := p.Handling(d.Category, "").Photos; len(d.Photos) < need {
		bad.Add("/photos", domain.Textf("此类问题上报须有 %d 张照片", "a report of this category needs %d photos", need))
	} else if len(d.Photos) > photosMost {
		bad.Add("/photos", domain.T("照片最多 20 张", "20 photos at most"))
	}
	if d.For != nil {
		if _, err := personal.NormalisePhone(d.For.Phone); err != nil {
			bad.Add("/onBehalfOf/phone", domain.T("电话号码有误", "not a phone number"))
		}
		longText(bad, "/onBehalfOf/name", d.For.Name, 50)
		if d.Anonymous {
			bad.Add("/anonymous", domain.T("代报不能匿名", "a report on somebody's behalf cannot be anonymous"))
		}
	}
	d.Clock.Check(now, bad)
	return bad.Err()
}

func (d *Draft) ticket(actor access.Actor, now time.Time) *Ticket {
	return &Ticket{
		Meta: store.Meta{ID: d.ID}, Kind: d.Kind, Category: d.Category, Source: d.Source, Urgency: d.Urgency,
		Title: d.Title, Description: d.Description, Address: d.Address,
		ReportedBy: actor.Account, Anonymous: d.Anonymous, State: Reported, CreatedAt: now, UpdatedAt: now, Happened: d.Clock.Read(now),
	}
}

// begin gives a new ticket its terms, and starts its clocks.
func (t *Ticket) begin(o occasion) {
	t.Policy, t.Days, o.now = o.policy.ID, t.term(o.policy), t.CreatedAt
	t.follow(Report, "", "", o)
}

// contact seals the resident a worker reports for, and finds their account.
func (s *Tickets) contact(ctx context.Context, actor access.Actor, d *Draft) (*Contact, string, error) {
	if d.For == nil {
		return nil, actor.Account, nil
	}
	if !access.ReportsFor(actor) {
		return nil, "", domain.ErrForbidden
	}
	phone, err := personal.NormalisePhone(d.For.Phone)
	if err != nil {
		return nil, "", err
	}
	c := &Contact{NameMasked: personal.MaskName(d.For.Name), PhoneMasked: personal.MaskPhone(phone), Index: s.callerIndex(phone)}
	if c.Name, err = s.keys.Seal(d.For.Name, sealedAt(d.ID, "name")); err != nil {
		return nil, "", err
	}
	if c.Phone, err = s.keys.Seal(phone, sealedAt(d.ID, "phone")); err != nil {
		return nil, "", err
	}
	resident, err := s.accounts.ByPhone(ctx, phone)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return nil, "", err
	}
	if resident == nil {
		return c, "", nil
	}
	return c, resident.ID, nil
}

// sealedAt is the place that a field of a ticket's contact is sealed for.
func sealedAt(id, field string) string { return "tickets/" + id + "/" + field }
