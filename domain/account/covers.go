package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/once"
	"wangge/store"
)

// NewCover is what AddCover needs.
type NewCover struct {
	ID      string // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Absent  string // accounts
	StandIn string
	From    time.Time // zero: from now
	Until   time.Time
	Why     CoverReason
}

// AddCover arranges that somebody stands in for somebody. The same again
// returns what became of it. ErrForbidden; InvalidError for people who are not
// the actor's to name, a time that is over or too long, a second stand-in;
// ErrIDInUse.
func (s *Accounts) AddCover(ctx context.Context, actor access.Actor, now time.Time, in NewCover) (*Cover, error) {
	if !access.ArrangesCovers(actor) {
		return nil, domain.ErrForbidden
	}
	bad := &domain.InvalidError{}
	draft := Cover{Meta: store.Meta{ID: ids.Given(in.ID, "/id", bad), Partition: area.CityPartition}, Absent: in.Absent, StandIn: in.StandIn,
		From: in.From, Until: in.Until, Why: in.Why, By: actor.Account, At: now, Sent: once.Sent(s.keys, "cover", []any{actor.Account, in}), People: []string{in.Absent, in.StandIn}}
	if draft.From.IsZero() {
		draft.From = now
	}
	draft.check(now, bad)
	if in.Absent == in.StandIn {
		bad.Add("/standIn", domain.T("不能为自己顶岗", "nobody stands in for themselves"))
	}
	var made *Cover
	err := s.st.Update(ctx, city, func(tx *store.Tx) (err error) {
		if made, err = covers.Get(ctx, tx, draft.ID); err == nil {
			if made.By != actor.Account || !once.Same(made.Sent, draft.Sent) {
				return domain.ErrIDInUse
			}
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := bad.Err(); err != nil {
			return err
		}
		fresh := draft
		if fresh.Areas, err = s.arrangeable(ctx, tx, actor, &fresh); err != nil {
			return err
		}
		if err := checkClash(ctx, tx, &fresh, now); err != nil {
			return err
		}
		made = &fresh
		return covers.Insert(tx, made, made.entry(actor, now, "create"))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return made, nil
}

// check notes what is wrong with its time and reason.
func (c *Cover) check(now time.Time, bad *domain.InvalidError) {
	switch {
	case !c.Until.After(now) || !c.Until.After(c.From):
		bad.Add("/until", domain.T("结束时间应晚于开始时间和现在", "must be after it begins, and after now"))
	case c.Until.Sub(c.From) > coverLongest:
		bad.Add("/until", domain.T("最长一年", "a year at most"))
	}
	if c.From.Before(civil.DateOf(now).Start()) {
		bad.Add("/from", domain.T("不能早于今天", "must not be before today"))
	}
	if !CoverReasonWords.Has(string(c.Why)) {
		bad.Add("/why", CoverReasonWords.Fault())
	}
}

// noColleague is said of whoever does not fit, and of whoever is not there or not the actor's to name.
var noColleague = domain.T("没有此人，或不能由您安排其顶岗", "no such person, or not yours to arrange this for")

// arrangeable checks that the actor may let the one stand in for the other, who
// works beside them, and returns the areas under which the cover is found.
func (s *Accounts) arrangeable(ctx context.Context, tx *store.Tx, actor access.Actor, c *Cover) ([]string, error) {
	people, err := collection.GetMany(ctx, tx, c.People)
	if err != nil {
		return nil, err
	}
	absent, standIn := people[c.Absent], people[c.StandIn]
	if absent == nil || absent.Disabled {
		return nil, domain.Invalid("/absent", noColleague)
	}
	at, err := s.places(ctx, tx, absent)
	if err != nil {
		return nil, err
	}
	if !access.MayArrangeCover(actor, absent.roles(), at, "") {
		return nil, domain.Invalid("/absent", noColleague)
	}
	if !access.MayArrangeCover(actor, absent.roles(), at, c.StandIn) {
		return nil, domain.Invalid("/standIn", domain.T("不能安排自己顶岗", "nobody names themselves"))
	}
	if standIn == nil || standIn.Disabled || !standIn.Holds(access.Staff...) {
		return nil, domain.Invalid("/standIn", noColleague)
	}
	beside, err := s.places(ctx, tx, standIn)
	if err != nil {
		return nil, err
	}
	if !colleagues(absent, at, standIn, beside) {
		return nil, domain.Invalid("/standIn", noColleague)
	}
	return areasOf(at), nil
}

// colleagues work in one street or, where one of them works for the whole city,
// in one city. Who handles for an organisation has those who handle for it too, and
// who works for the street no one of them.
func colleagues(a *Account, at []access.Place, b *Account, beside []access.Place) bool {
	if a.Holds(access.Handler) && a.Organisation != b.Organisation {
		return false
	}
	for i, p := range at {
		for j, q := range beside {
			one, other := a.Grants[i].Role, b.Grants[j].Role
			if !slices.Contains(access.Staff, one) || !slices.Contains(access.Staff, other) || (one == access.Handler) != (other == access.Handler) {
				continue
			}
			if q == (access.Place{}) || p.City == q.City && (p.Street == q.Street || p.Street == "" || q.Street == "") {
				return true
			}
		}
	}
	return false
}

// areasOf are the ids of places and of what is around them; "" is everywhere.
func areasOf(at []access.Place) []string {
	out := []string{""}
	for _, p := range at {
		for _, l := range []access.Level{access.City, access.County, access.Street, access.Community} {
			if id := p.At(l); id != "" {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func checkClash(ctx context.Context, tx *store.Tx, c *Cover, now time.Time) error {
	bad := &domain.InvalidError{}
	for _, who := range c.People {
		others, err := coversOf(ctx, tx, who, now)
		if err != nil {
			return err
		}
		if c.clash(others, bad); bad.Err() != nil {
			return bad
		}
	}
	return nil
}

// CoverChange is a merge: nil leaves a field as it is.
type CoverChange struct {
	Until *time.Time // now, or a time that is over, ends it now
	Why   *CoverReason
}

// ChangeCover moves the end of a cover, and so ends it early. version is the
// one the caller knows, 0 for any. ErrNotFound, ErrForbidden, ErrStale,
// ConflictError "over" of one that is over, InvalidError.
func (s *Accounts) ChangeCover(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in CoverChange) (c *Cover, err error) {
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		absent, at := (*Account)(nil), []access.Place(nil)
		if c, absent, at, err = s.loadCover(ctx, tx, actor, id); err != nil {
			return err
		}
		if !access.MayArrangeCover(actor, absent.roles(), at, c.StandIn) {
			return domain.ErrForbidden
		}
		if c, err = covers.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		before, what := *c, "update"
		if in.Why != nil {
			c.Why = *in.Why
		}
		if in.Until != nil && !in.Until.Equal(c.Until) {
			if c.Until = *in.Until; !c.Until.After(now) || !c.Until.After(c.From) {
				c.end(now)
				what = "end"
			}
		}
		if c.Until.Equal(before.Until) && c.Why == before.Why {
			return nil
		}
		if !before.Until.After(now) || !before.Until.After(before.From) {
			return &domain.ConflictError{Code: "over", Detail: domain.T("该顶岗已结束", "it is over")}
		}
		bad := &domain.InvalidError{}
		if what == "update" {
			c.checkChange(bad)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if c.Until.After(before.Until) {
			if err := checkClash(ctx, tx, c, now); err != nil {
				return onUntil(err)
			}
		}
		return covers.Put(tx, c, c.entry(actor, now, what))
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Cover) checkChange(bad *domain.InvalidError) {
	if c.Until.Sub(c.From) > coverLongest {
		bad.Add("/until", domain.T("最长一年", "a year at most"))
	}
	if !CoverReasonWords.Has(string(c.Why)) {
		bad.Add("/why", CoverReasonWords.Fault())
	}
}

// onUntil says that what stands against a cover stands against its new end.
func onUntil(err error) error {
	if invalid := (*domain.InvalidError)(nil); errors.As(err, &invalid) {
		return domain.Invalid("/until", invalid.Fields[0].Detail)
	}
	return err
}

// Cover returns a cover that the actor may see: of their own, or of somebody
// whose account they may read. ErrNotFound.
func (s *Accounts) Cover(ctx context.Context, actor access.Actor, id string) (*Cover, error) {
	c, _, _, err := s.loadCover(ctx, s.st, actor, id)
	return c, err
}

func (s *Accounts) loadCover(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Cover, *Account, []access.Place, error) {
	c, err := covers.Get(ctx, r, id)
	if err != nil {
		return nil, nil, nil, err
	}
	absent, err := collection.Get(ctx, r, c.Absent)
	if err != nil {
		return nil, nil, nil, err
	}
	at, err := s.places(ctx, r, absent)
	if err != nil {
		return nil, nil, nil, err
	}
	if !slices.Contains(actor.Persons(), c.StandIn) && !access.MayReadAccount(actor, c.Absent, at) {
		return nil, nil, nil, domain.ErrNotFound
	}
	return c, absent, at, nil
}

// CoverFilter of Covers; what is empty does not filter.
type CoverFilter struct {
	Account string    // on either side
	Area    string    // code: of people with a grant there or below
	At      time.Time // those that run then
	Limit   int
	Cursor  string
}

// Covers returns a page of the covers that the actor may see, what ends last
// first: of who leads those of the people whose accounts they may see, of
// others their own. InvalidError at ?area.
func (s *Accounts) Covers(ctx context.Context, actor access.Actor, f CoverFilter) ([]*Cover, string, error) {
	var asked *area.Area
	if f.Area != "" {
		var ok bool
		if asked, ok = s.areas.Tree().ByCode(f.Area); !ok {
			return nil, "", domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
	}
	query := func(by string, conds ...store.Cond) store.Query {
		if !f.At.IsZero() {
			conds = append(conds, store.Between("until", f.At.Add(time.Millisecond), nil), store.Filter(store.Between("from", nil, f.At.Add(time.Millisecond))))
		}
		return store.Query{Where: store.Driven(conds, by, "until"), Order: []string{"-until"}, Limit: f.Limit, After: f.Cursor}
	}
	who := actor.Persons()
	if f.Account != "" {
		if who = []string{f.Account}; !slices.Contains(actor.Persons(), f.Account) {
			if _, err := s.Get(ctx, actor, f.Account); err != nil {
				return nil, "", err
			}
		}
	}
	var queries []store.Query
	for _, account := range who {
		conds := []store.Cond{store.Eq("people", account)}
		if asked != nil {
			conds = append(conds, store.In("areas", s.areas.Tree().Formerly(asked.ID)...))
		}
		queries = append(queries, query("people", conds...))
	}
	if f.Account == "" && access.MayListAccounts(actor) {
		for _, id := range s.Within(actor, asked) {
			queries = append(queries, query("areas", store.Eq("areas", id)))
		}
	}
	page, next, err := covers.Find(ctx, s.st, queries...)
	if err != nil {
		return nil, "", err
	}
	var seen []*Cover
	for _, c := range page {
		_, _, _, err := s.loadCover(ctx, s.st, actor, c.ID)
		if err == nil {
			seen = append(seen, c)
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, "", err
		}
	}
	return seen, next, nil
}
