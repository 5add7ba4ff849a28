package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/once"
	"wangge/domain/place"
	"wangge/store"
)

// Draft is a case that is opened by hand.
type Draft struct {
	ID        string `once:"-"` // a UUID; the client's own or a new one. The same id and content again is the same case
	Fresh     bool   `once:"-"` // the id is new: nothing can have been made under it
	Item      string // code
	Station   string // id; may be ""
	Community string // code of the community it belongs to; of a Prepared one its home says it
	Address   string
	Household string // id; where it is at home, unless Community says so
	Applicant ApplicantInput
	Worker    string // account; "": who opens it, if they work at a counter
	StandIn   string
	Note      string              // what was said of it beside the item
	Asker     string              // account of the resident who asked for it themselves; then nobody has it yet
	Of        string              // what else it is opened of, as its maker tells it; "" for nothing
	Said      string              `once:"-"` // what Cases.Said made of it before something was filled in; "" where nothing was
	Wrong     domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Home is where the matter is at home: a place, and whose it is.
type Home struct {
	Street    string // id, its partition
	Place     access.Place
	Position  *place.Position // may be nil
	Address   string
	Household string // id; "" when it is nobody's at home
}

// Prepared is a case that only wants its home.
type Prepared struct {
	cases   *Cases
	c       *Case
	pointer string
}

// Open makes a case by hand: the same draft sent again is the case made of it.
// Errors: InvalidError, ErrForbidden, ConflictError "duplicate".
func (s *Cases) Open(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Case, error) {
	if !access.OpensCases(actor) {
		return nil, domain.ErrForbidden
	}
	sent := s.Said(d)
	if c, err := d.again(ctx, s.store, actor, sent); !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	home, err := s.homeOf(ctx, actor, now, &d)
	if err != nil {
		return nil, err
	}
	p, err := s.prepare(ctx, actor, now, home.Street, "", sent, d)
	if err != nil {
		return nil, err
	}
	var c *Case
	err = s.store.Update(ctx, []string{home.Street}, func(tx *store.Tx) error {
		c, err = d.again(ctx, tx, actor, sent)
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		c, err = p.Open(ctx, tx, actor, now, *home)
		return err
	})
	if taken(err) { // a number out of a block from before its counter was lost: it is passed over
		return s.Open(ctx, actor, now, d)
	}
	if err != nil {
		return nil, domain.TakenID(err)
	}
	if c.Local != p.c.Local { // sent again meanwhile
		s.numbers.GiveBack(p.c.Local)
	}
	return c, nil
}

// taken: another node gave the number out of a block from before its counter was lost.
func taken(err error) bool {
	var twice *store.DuplicateError
	return errors.As(err, &twice) && twice.Collection == collection.Spec().Name && twice.Index == "local"
}

// again returns the case that was made of the same draft; ErrNotFound where
// the id is free, ConflictError "duplicate" where it is another's.
func (d *Draft) again(ctx context.Context, r store.Reader, actor access.Actor, sent string) (*Case, error) {
	if d.Fresh {
		return nil, store.ErrNotFound
	}
	c, err := collection.Get(ctx, r, d.ID)
	if err == nil && (c.Draft != sent || c.OpenedBy != actor.Account) {
		err = domain.ErrIDInUse
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Said tells what was sent from anything else, for who fills in what a draft leaves out.
func (s *Cases) Said(d Draft) string {
	if d.Said != "" {
		return d.Said
	}
	return once.Sent(s.keys, "case draft", d)
}

// Again returns the case that was made of the same draft; ErrNotFound where
// the id is free, ConflictError "duplicate" where it is another's.
func (s *Cases) Again(ctx context.Context, r store.Reader, actor access.Actor, d Draft) (*Case, error) {
	return d.again(ctx, r, actor, s.Said(d))
}

// GiveBack gives back the number of a case that was prepared and not opened.
func (p *Prepared) GiveBack() { p.cases.numbers.GiveBack(p.c.Local) }

// Prepare does what can be done before the update that opens a case for
// something that lies in the street: checks, sealing and the number. Whoever
// calls it has authorised the actor. InvalidError below pointer.
func (s *Cases) Prepare(ctx context.Context, actor access.Actor, now time.Time, street, pointer string, d Draft) (*Prepared, error) {
	return s.prepare(ctx, actor, now, street, pointer, s.Said(d), d)
}

func (s *Cases) prepare(ctx context.Context, actor access.Actor, now time.Time, street, pointer, sent string, d Draft) (*Prepared, error) {
	bad := &domain.InvalidError{}
	d.Address, d.Note = strings.TrimSpace(d.Address), strings.TrimSpace(d.Note)
	required(bad, "/item", d.Item)
	if _, err := s.offered(ctx, s.store, d.Item, now); d.Item != "" && err != nil {
		if wrong := (*domain.InvalidError)(nil); !errors.As(err, &wrong) {
			return nil, err
		}
		bad.Fields = append(bad.Fields, err.(*domain.InvalidError).Fields...)
	}
	short(bad, "/address", d.Address, addressLong)
	short(bad, "/note", d.Note, 1200)
	d.Applicant.check("/applicant", now, bad)
	out := &domain.InvalidError{Fields: d.Wrong.Fields}
	for _, f := range bad.Fields {
		out.Add(pointer+f.Pointer, f.Detail)
	}
	if err := out.Err(); err != nil {
		return nil, err
	}
	c := &Case{
		Meta: store.Meta{ID: d.ID}, Draft: sent, Station: d.Station, Item: Item{Code: d.Item}, Address: d.Address, State: Received,
		Worker: d.Worker, StandIn: d.StandIn, OpenedBy: actor.Account, OpenedAt: now, UpdatedAt: now,
	}
	if d.Note != "" {
		c.Steps = []Step{{Version: 1, Note: d.Note}}
	}
	if c.Worker == "" && d.Asker == "" && actor.Is(access.CounterWorker) {
		c.Worker = actor.Account
	}
	var err error
	if c.Applicant, err = d.Applicant.seal(s.keys, d.ID); err != nil {
		return nil, err
	}
	c.Applicant.Account = d.Asker
	spot, ok := place.StreetOf(s.areas, street)
	if !ok {
		return nil, fmt.Errorf("intake: a case in the unknown street %s", street)
	}
	today, _ := s.areas.Tree().ByID(spot.Street)
	if c.Local, err = s.numbers.Next(ctx, today.Code, "j", now); err != nil {
		return nil, err
	}
	return &Prepared{s, c, pointer}, nil
}

// offered is an item that a case may be opened of. InvalidError at /item.
func (s *Cases) offered(ctx context.Context, r store.Reader, code string, now time.Time) (Item, error) {
	it, err := s.items.At(ctx, r, code, now)
	if errors.Is(err, domain.ErrNotFound) || err == nil && it.Retired {
		return Item{}, domain.Invalid("/item", noItem)
	}
	if err != nil {
		return Item{}, err
	}
	return itemOf(it), nil
}

// Open makes the case in an update of the home's street, and returns it. A
// store.DuplicateError comes of the update when the id is in use, an
// InvalidError when its item is not offered any more, or what else it names is not there.
func (p *Prepared) Open(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, home Home) (*Case, error) {
	c, s := *p.c, p.cases
	item, err := s.offered(ctx, tx, c.Item.Code, now)
	if err == nil {
		err = stationThere(ctx, tx, c.Station, "")
	}
	if err == nil {
		err = atCounters(ctx, tx, map[string]string{"/worker": c.Worker, "/standIn": c.StandIn})
	}
	if wrong := (*domain.InvalidError)(nil); errors.As(err, &wrong) {
		return nil, domain.Invalid(p.pointer+wrong.Fields[0].Pointer, wrong.Fields[0].Detail)
	}
	if err != nil {
		return nil, err
	}
	c.Item, c.Place, c.Partition, c.Position, c.Household = item, home.Place, home.Street, home.Position, home.Household
	if c.Address == "" {
		c.Address = home.Address
	}
	c.settle()
	return &c, collection.Insert(tx, &c, c.entry(actor, now, "open", store.Facts{}))
}

// atCounters refuses accounts, by pointer, that do not work at a counter; "" is nobody.
func atCounters(ctx context.Context, r store.Reader, who map[string]string) error {
	var ids []string
	for _, id := range who {
		if id != "" {
			ids = append(ids, id)
		}
	}
	found, err := account.LoadMany(ctx, r, ids)
	if err != nil {
		return err
	}
	bad := &domain.InvalidError{}
	for _, pointer := range []string{"/worker", "/standIn"} {
		if id := who[pointer]; id != "" && (found[id] == nil || found[id].Disabled || !found[id].Holds(access.CounterWorker)) {
			bad.Add(pointer, domain.T("没有这位窗口人员", "no such counter worker"))
		}
	}
	return bad.Err()
}
