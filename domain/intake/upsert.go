package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/once"
	"wangge/store"
)

// Upsert is what a platform says of a case of its own: all of it, each time.
// Of the applicant, what it does not say stays as it is.
type Upsert struct {
	Item       string // code
	State      string // the platform's own word, or one of ours
	Version    *int64 // the platform's; nil: ChangedAt orders what it says
	ChangedAt  time.Time
	OpenedAt   time.Time
	AcceptedAt time.Time  // zero: when it was first told to be accepted
	ClosedAt   time.Time  // zero: when it was first told to be over
	Promised   civil.Date // as the platform promises; "": not said
	Pauses     []Pause    // while materials were wanting; nil: as its states say
	Community  string     // code
	Station    string     // id; may be ""
	Address    string
	Applicant  ApplicantInput
	Reason     string
	Missing    []string
	Trips      []Trip              // the resident made, as the platform knows
	Local      string              // our number of the case that the platform takes over; usually ""
	Wrong      domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// ahead is how much later than ours a platform's clock may be.
const ahead = 5 * time.Minute

// Upsert brings a platform's case up to date: the newer by the platform's
// version, else by ChangedAt, wins, in whatever order they come. It reports
// whether what is said is what is stored now; if not, something newer is.
// Errors: ErrForbidden where the account does not speak for the system,
// InvalidError, ConflictError "same_version" when that version is known with
// another content, "taken_over" when Local is under another key, or the key another case's.
func (s *Cases) Upsert(ctx context.Context, actor access.Actor, now time.Time, key Key, in Upsert) (c *Case, applied bool, err error) {
	if !access.UpsertsCases(actor) {
		return nil, false, domain.ErrForbidden
	}
	may := func(p access.Place) bool { return access.MayUpsertCases(actor, p) }
	said, err := s.prepareSaying(now, key, in, may)
	if err != nil {
		return nil, false, err
	}
	partitions := []string{said.at.Street}
	err = store.RetryMoved(func(moved error) error {
		return s.store.Update(ctx, partitions, func(tx *store.Tx) error {
			system, err := systems.Get(ctx, tx, key.System)
			if errors.Is(err, store.ErrNotFound) || err == nil && !slices.Contains(system.Accounts, actor.Account) {
				return domain.ErrForbidden
			}
			if err != nil {
				return err
			}
			if c, applied, err = s.tell(ctx, tx, actor, system, said); errors.Is(err, errElsewhere) {
				partitions = []string{said.at.Street, c.Partition}
				return moved
			}
			return err
		})
	})
	if err != nil {
		return nil, false, domain.TakenID(err)
	}
	return c, applied, nil
}

// saying is an upsert under way.
type saying struct {
	Upsert
	key       Key
	at        access.Place
	now       time.Time
	may       func(access.Place) bool // upsert what lies there
	sent      string
	applicant Applicant
}

// prepareSaying does what can be done before the update.
func (s *Cases) prepareSaying(now time.Time, key Key, in Upsert, may func(access.Place) bool) (*saying, error) {
	in.truncate()
	key.Number = strings.TrimSpace(key.Number)
	at, err := s.checkUpsert(now, key, &in, may)
	if err != nil {
		return nil, err
	}
	who, err := in.Applicant.seal(s.keys, key.ID())
	return &saying{in, key, at, now, may, once.Sent(s.keys, "case", in), who}, err
}

// truncate leaves whole milliseconds, as they are stored: what is said is
// compared with that.
func (in *Upsert) truncate() {
	for _, at := range []*time.Time{&in.ChangedAt, &in.OpenedAt, &in.AcceptedAt, &in.ClosedAt} {
		*at = at.Truncate(time.Millisecond)
	}
	in.Pauses = slices.Clone(in.Pauses)
	for i, p := range in.Pauses {
		in.Pauses[i] = Pause{p.From.Truncate(time.Millisecond), p.Until.Truncate(time.Millisecond)}
	}
}

// errElsewhere: the case lies in a partition that the update does not cover.
var errElsewhere = errors.New("intake: the case lies elsewhere")

// tell brings the case up to what is said within an update, and reports whether
// that is what is stored now. With errElsewhere the case tells where it lies.
func (s *Cases) tell(ctx context.Context, tx *store.Tx, actor access.Actor, system *System, said *saying) (*Case, bool, error) {
	c, alias, err := s.ofKey(ctx, tx, actor, said)
	if err != nil {
		return nil, false, err
	}
	if newer, err := said.newerThan(c); err != nil || !newer {
		return c, c.Sent == said.sent, err
	}
	if c.Partition != "" && !tx.Covers(c.Partition) {
		return c, false, errElsewhere
	}
	return c, true, s.say(ctx, tx, actor, system, c, alias, said)
}

// ofKey is the case of the key, one that is to be taken over with its alias to be, or a new one.
func (s *Cases) ofKey(ctx context.Context, tx *store.Tx, actor access.Actor, said *saying) (c, alias *Case, err error) {
	c, err = collection.Get(ctx, tx, said.key.ID())
	if err == nil && c.Is != "" {
		c, err = collection.Get(ctx, tx, c.Is)
	}
	switch {
	case err == nil && said.Local != "" && c.Local != said.Local:
		return nil, nil, errTakenOver
	case err == nil && !said.may(c.Place):
		return nil, nil, domain.ErrForbidden
	case !errors.Is(err, store.ErrNotFound):
		return c, nil, err
	case said.Local != "":
		return s.takenOver(ctx, tx, said)
	}
	c = &Case{Meta: store.Meta{ID: said.key.ID()}}
	if access.UpsertsCases(actor) { // who brings a file opens nothing
		c.OpenedBy = actor.Account
	}
	return c, nil, nil
}

var errTakenOver = &domain.ConflictError{Code: "taken_over", Detail: domain.T("该受理件已有另一个平台编号，或该平台编号已有另一个受理件", "the case has another platform's number, or the number another case")}

// takenOver is the case opened by hand that the platform takes over, and what leads to it from the platform's key.
func (s *Cases) takenOver(ctx context.Context, tx *store.Tx, said *saying) (c, alias *Case, err error) {
	if c, err = byLocal(ctx, tx, said.Local); err != nil {
		return nil, nil, err
	}
	if c == nil || !said.may(c.Place) {
		return nil, nil, domain.Invalid("/local", domain.T("没有这个受理件", "no such case"))
	}
	if c.System != "" {
		return nil, nil, errTakenOver
	}
	return c, &Case{Meta: store.Meta{ID: said.key.ID(), Partition: c.Partition}, Is: c.ID, OpenedAt: said.now, UpdatedAt: said.now}, nil
}

// byLocal is the case with our number; nil.
func byLocal(ctx context.Context, r store.Reader, number string) (*Case, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("local", number)}, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

var errSameVersion = &domain.ConflictError{Code: "same_version", Detail: domain.T("同一版本已有不同内容", "this version is known with another content")}

// newerThan reports whether what is said is news: of a case that the platform
// has told of before, what is later; said again, it is none.
func (said *saying) newerThan(c *Case) (bool, error) {
	if c.System == "" {
		return true, nil
	}
	order := said.ChangedAt.Compare(c.ChangedAt)
	if c.SourceVersion != nil {
		if said.Version == nil {
			return false, domain.Invalid("/version", domain.T("该受理件此前带有版本号，须继续提供", "this case came with versions before, and has to go on with them"))
		}
		order = cmp.Compare(*said.Version, *c.SourceVersion)
	}
	if order == 0 && !once.Same(c.Sent, said.sent) {
		return false, errSameVersion
	}
	return order > 0, nil
}

// say writes what is said.
func (s *Cases) say(ctx context.Context, tx *store.Tx, actor access.Actor, system *System, c, alias *Case, said *saying) error {
	before, fresh, what, community := c.facts(), c.Partition == "", "update", c.Place.Community
	item, err := s.item(ctx, tx, said.Item, said.OpenedAt, said.now)
	if err != nil {
		return err
	}
	if err := cmp.Or(opened(actor, c, item), stationThere(ctx, tx, said.Station, c.Station)); err != nil {
		return err
	}
	if alias != nil {
		what = "take_over"
		if err := collection.Insert(tx, alias, alias.entry(actor, said.now, "key", store.Facts{})); err != nil {
			return err
		}
	}
	c.System, c.Number, c.SourceVersion, c.ChangedAt, c.Sent = said.key.System, said.key.Number, said.Version, said.ChangedAt, said.sent
	c.Place, c.Partition, c.Station, c.Item = said.at, said.at.Street, said.Station, item
	c.Applicant = c.Applicant.with(said.applicant)
	if access.UpsertsCases(actor) {
		c.ToldBy = actor.Account
	}
	c.apply(said, system.state(said.State))
	cal, err := s.calendars.At(ctx, tx)
	if err != nil {
		return err
	}
	c.reckon(cal)
	c.settle()
	if err := c.looked(ctx, tx, said.now); err != nil {
		return err
	}
	if fresh {
		return collection.Insert(tx, c, c.entry(actor, said.now, "receive", before))
	}
	e := c.entry(actor, said.now, what, before)
	if community != c.Place.Community {
		e.Dims[Formerly] = community
	}
	return collection.Put(tx, c, e)
}

// opened refuses that a sensitive case becomes one of another item, which would
// show all of it, by who is not shown so much; its platform may say so.
func opened(actor access.Actor, c *Case, item Item) error {
	if c.Item.Sensitive && !item.Sensitive && !access.UpsertsCases(actor) && access.CaseView(actor, c.Facts()) != access.CaseWhole {
		return domain.Invalid("/item", domain.T("敏感受理件的事项只能由所属平台更正", "of a sensitive case only its platform says that it is about something else"))
	}
	return nil
}

// apply is the pure change of what is said.
func (c *Case) apply(said *saying, to State) {
	c.Address, c.Reason, c.Missing, c.Says = said.Address, said.Reason, said.Missing, said.Promised
	c.OpenedAt, c.UpdatedAt, c.SourceState = said.OpenedAt, said.now, said.State
	c.enter(to, said.ChangedAt)
	switch {
	case !said.AcceptedAt.IsZero():
		c.AcceptedAt = said.AcceptedAt
	case to == Received || to == NotAccepted:
		c.AcceptedAt = time.Time{}
	}
	if !said.ClosedAt.IsZero() && !to.Open() {
		c.ClosedAt = said.ClosedAt
	}
	if said.Pauses != nil {
		c.Pauses = said.Pauses
	}
	ours := slices.DeleteFunc(slices.Clone(c.Trips), func(t Trip) bool { return t.By == "" })
	c.Trips = append(ours, said.Trips...)
}
