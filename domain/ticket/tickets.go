package ticket

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/geo"
	"wangge/store"
)

// Tickets are the use cases on tickets.
type Tickets struct {
	store    *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	keys     *personal.Keys
	receipts receipts
}

// New returns the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas, accounts *account.Accounts, keys *personal.Keys) *Tickets {
	return &Tickets{store: st, areas: areas, accounts: accounts, keys: keys}
}

// Draft is what a reporter sends.
type Draft struct {
	ID          string // a UUID; the client's own or a new one. The same id and content again is the same ticket
	Kind        Kind
	Category    string
	Source      Source // "" : app for residents, worker for staff
	Urgency     Urgency
	Title       string
	Description string
	Address     string
	Position    orb.Point // WGS-84
	Datum       geo.Datum // it came in
	AccuracyM   *float64
	Photos      []string // uploaded before
	Anonymous   bool
	For         *Resident // reported on this resident's behalf
}

// Resident is whom a worker reports for.
type Resident struct{ Name, Phone string }

// farOut is how far outside every cell a position still belongs to the nearest street, in metres.
const farOut = 20_000

func (d *Draft) check(actor access.Actor) error {
	bad := &domain.InvalidError{}
	if !slices.Contains(Kinds, d.Kind) {
		bad.Add("/kind", domain.T("未知的诉求类型", "unknown kind"))
	}
	if _, ok := CategoryOf(d.Category); !ok {
		bad.Add("/category", domain.T("未知的类别", "unknown category"))
	}
	if !slices.Contains(Sources, d.Source) {
		bad.Add("/source", domain.T("未知的来源", "unknown source"))
	} else if d.Source != FromApp && !actor.IsStaff() {
		bad.Add("/source", domain.T("居民上报的来源只能是 app", "a resident's source is app"))
	}
	if !slices.Contains(Urgencies, d.Urgency) {
		bad.Add("/urgency", domain.T("未知的紧急程度", "unknown urgency"))
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(d.Title)); {
	case n == 0:
		bad.Add("/title", domain.T("请填写标题", "a title is required"))
	case n > 100:
		bad.Add("/title", domain.T("标题最多 100 字", "100 characters at most"))
	}
	longText(bad, "/description", d.Description, 4000)
	longText(bad, "/address", d.Address, 200)
	if len(d.Photos) > photosMost {
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
	return bad.Err()
}

// Report 上报 makes a ticket and routes it to the cell that holds its position,
// or to the street's triage list when none does.
// Errors: InvalidError, ErrForbidden, ErrNotFound (on behalf, outside the worker's place), ConflictError "duplicate".
func (s *Tickets) Report(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Ticket, error) {
	if !access.MayReport(actor) {
		return nil, domain.ErrForbidden
	}
	d.fill(actor)
	if err := d.check(actor); err != nil {
		return nil, err
	}
	contact, reporter, err := s.contact(ctx, actor, &d)
	if err != nil {
		return nil, err
	}
	var t *Ticket
	err = s.routed(ctx, d.Position, func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error {
		number, err := s.receipts.next(ctx, s.store, street, now)
		if err != nil {
			return err
		}
		return s.store.Update(ctx, []string{street.ID}, func(tx *store.Tx) error {
			if was, err := collection.Get(ctx, tx, d.ID); err == nil {
				t = was
				return sameReport(was, &d, actor)
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			spot, err := route(tx)
			if err != nil {
				return err
			}
			if d.For != nil && !access.MayReportFor(actor, spot.Place) {
				return domain.Invalid("/position", domain.T("位置不在您的网格内", "the position is outside your cells"))
			}
			t = d.ticket(actor, now)
			t.Number, t.Contact, t.Reporter = number, contact, reporter
			t.lay(spot, d.Position, d.Datum, d.AccuracyM)
			if err := s.attach(ctx, tx, actor, t, d.Photos, Before, now); err != nil {
				return err
			}
			return collection.Insert(tx, t, t.entry(actor, now, Report, store.Facts{}))
		})
	})
	return t, s.explain(err)
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
}

func (d *Draft) ticket(actor access.Actor, now time.Time) *Ticket {
	return &Ticket{
		Meta: store.Meta{ID: d.ID}, Kind: d.Kind, Category: d.Category, Source: d.Source, Urgency: d.Urgency,
		Title: strings.TrimSpace(d.Title), Description: strings.TrimSpace(d.Description), Address: strings.TrimSpace(d.Address),
		ReportedBy: actor.Account, Anonymous: d.Anonymous, State: Reported, CreatedAt: now, UpdatedAt: now,
	}
}

// lay puts the ticket at a position and the place found for it.
func (t *Ticket) lay(spot area.Spot, at orb.Point, d geo.Datum, accuracy *float64) {
	p := e7(at)
	t.Position = Position{Lon: p[0], Lat: p[1], Key: geo.Key(at), AccuracyM: accuracy, Datum: d}
	t.Place, t.Partition, t.Boundary = spot.Place, spot.Street, ""
	if spot.Cell != nil {
		t.Boundary = spot.Cell.Boundary
	}
	t.Grams = grams(t.Number, t.Title, t.Address)
}

// e7 is a point in 1e-7 degrees.
func e7(p orb.Point) [2]int64 {
	return [2]int64{int64(math.Round(p[0] * 1e7)), int64(math.Round(p[1] * 1e7))}
}

// At is the position in WGS-84 degrees.
func (p Position) At() orb.Point { return orb.Point{float64(p.Lon) / 1e7, float64(p.Lat) / 1e7} }

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
	c := &Contact{NameMasked: personal.MaskName(d.For.Name), PhoneMasked: personal.MaskPhone(phone), PhoneIndex: s.keys.Index("phone", phone)}
	if c.Name, err = s.keys.Seal(d.For.Name, "tickets/"+d.ID+"/name"); err != nil {
		return nil, "", err
	}
	if c.Phone, err = s.keys.Seal(phone, "tickets/"+d.ID+"/phone"); err != nil {
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

// sameReport: a phone that sends its report again gets its ticket; another content under the same id is a conflict.
func sameReport(t *Ticket, d *Draft, actor access.Actor) error {
	if t.ReportedBy == actor.Account && t.Title == strings.TrimSpace(d.Title) && t.Description == strings.TrimSpace(d.Description) && t.Category == d.Category {
		return nil
	}
	return &domain.ConflictError{Code: "duplicate", Detail: domain.T("该编号已被使用", "this id is in use")}
}

var errMoved = errors.New("the position is in another street now")

// routed finds the street of a position and runs change for it; change calls
// route inside its update. When the map was behind, it is refreshed and change runs again.
func (s *Tickets) routed(ctx context.Context, at orb.Point, change func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error) error {
	for try := 0; ; try++ {
		first, err := s.spot(at)
		if err != nil {
			return err
		}
		street, ok := s.areas.Tree().ByID(first.Street)
		if !ok {
			return domain.Invalid("/position", outside)
		}
		err = change(street, func(tx *store.Tx) (area.Spot, error) {
			spot, err := s.spot(at)
			if err != nil {
				return spot, err
			}
			spot.Observe(tx)
			if spot.Street != first.Street {
				return spot, errMoved
			}
			return spot, nil
		})
		if try == 3 || !errors.Is(err, errMoved) && !errors.Is(err, store.ErrConflict) {
			return err
		}
		if err := s.areas.Refresh(ctx); err != nil {
			return err
		}
	}
}

var outside = domain.T("位置不在服务范围内", "the position is outside the area served")

// spot is the cell at a position, or the nearest street without a cell.
func (s *Tickets) spot(at orb.Point) (area.Spot, error) {
	m := s.areas.Map()
	if spot, ok := m.Locate(at); ok {
		return spot, nil
	}
	spot, metres := m.Nearest(at)
	if spot.Street == "" || metres > farOut {
		return spot, domain.Invalid("/position", outside)
	}
	spot.Cell, spot.Place.Community, spot.Place.Cell = nil, "", ""
	return spot, nil
}

// attach adds photos that the actor uploaded.
func (s *Tickets) attach(ctx context.Context, tx *store.Tx, actor access.Actor, t *Ticket, ids []string, when string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if len(t.Photos)+len(ids) > photosMost {
		return domain.Invalid("/photos", domain.T("照片最多 20 张", "20 photos at most"))
	}
	if err := photo.Attach(ctx, tx, actor, ids, photo.Owner{Kind: "ticket", ID: t.ID}); err != nil {
		return err
	}
	for _, id := range ids {
		t.Photos = append(t.Photos, Photo{ID: id, When: when, By: actor.Account, At: now})
	}
	return nil
}

// entry is the journal's line for an action on the ticket as it is now.
func (t *Ticket) entry(actor access.Actor, now time.Time, action Action, before store.Facts) store.Entry {
	who := actor.Account
	if actor.System {
		who = "system"
	}
	return store.Entry{At: now, Actor: who, From: actor.Session, Action: "ticket." + string(action), Before: before, After: t.facts(), Dims: t.dims()}
}

// explain turns the store's errors into the domain's.
func (s *Tickets) explain(err error) error {
	var twice *store.DuplicateError
	if errors.As(err, &twice) {
		return &domain.ConflictError{Code: "duplicate", Detail: domain.T("该编号已被使用", "this id is in use")}
	}
	if errors.Is(err, errMoved) {
		return domain.ErrBusy
	}
	return err
}
