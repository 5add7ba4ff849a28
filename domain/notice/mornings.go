package notice

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// Each morning who works at doors is told how many households wait for them, and
// of each promise that has come due where they work, once. No journal has an entry
// for it: the day comes by the clock.

// morning is when people are told next.
type morning struct {
	store.Meta `store:",inline"`
	At         time.Time `store:"at"`
}

var mornings = store.Declare[morning](store.Declaration{Name: "noticeMornings", Schema: 1, Unjournaled: true, Indexes: []string{"at: at"}})

const (
	morningID    = "city"
	morningFrom  = 7*time.Hour + 30*time.Minute // of the city's day
	morningUntil = 12 * time.Hour               // who could not be told by then is not told any more
	mornAtOnce   = 20                           // people
)

// Mornings tell of the day.
type Mornings struct {
	*Notices
	Days *visit.Days
}

// morningOf is when the people of a day are told.
func morningOf(d civil.Date) time.Time { return d.Start().Add(morningFrom) }

// nextMorning is the first morning after a moment.
func nextMorning(now time.Time) time.Time {
	at := morningOf(civil.DateOf(now))
	if !at.After(now) {
		at = morningOf(civil.DateOf(now).Add(1))
	}
	return at.UTC()
}

// Run is the work of it.
func (s *Mornings) Run(n jobs.Node) jobs.Work {
	return func(ctx context.Context, lease store.Lease) error {
		if err := s.Begin(ctx, lease, n.Now().UTC()); err != nil {
			return err
		}
		return s.Due().Run(n)(ctx, lease)
	}
}

// Begin has the first morning be the next.
func (s *Mornings) Begin(ctx context.Context, lease store.Lease, now time.Time) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		_, err := mornings.Get(ctx, tx, morningID)
		if !errors.Is(err, domain.ErrNotFound) {
			return err
		}
		if err := mornings.Insert(tx, &morning{Meta: store.Meta{ID: morningID}, At: nextMorning(now)}); err != nil {
			return err
		}
		return tx.Hold(ctx, lease)
	})
}

// Due does what is due of a morning.
func (s *Mornings) Due() *jobs.Due[morning, *morning] {
	return &jobs.Due[morning, *morning]{Collection: mornings, Field: "at", At: func(m *morning) time.Time { return m.At }, Do: s.tell}
}

// tell tells everybody of the day and sets the next morning. One who was told
// before a crash is not told again: a notice's id follows from the day.
func (s *Mornings) tell(ctx context.Context, lease store.Lease, m *morning, now time.Time) error {
	today := civil.DateOf(now)
	if since := now.Sub(morningOf(today)); since >= 0 && since < morningUntil-morningFrom {
		who, err := s.workers(ctx)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(who, mornAtOnce) {
			if err := s.tellSome(ctx, lease, some, today, now); err != nil {
				return err
			}
		}
	}
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		fresh, err := mornings.Get(ctx, tx, m.ID)
		if err != nil || fresh.At.After(now) {
			return err
		}
		fresh.At = nextMorning(now)
		if err := mornings.Put(tx, fresh); err != nil {
			return err
		}
		return tx.Hold(ctx, lease)
	})
}

// workers are the accounts of who works at doors, each once.
func (s *Mornings) workers(ctx context.Context) (ids []string, err error) {
	for _, role := range []access.Role{access.OutreachWorker, access.GridLead} {
		all, err := s.accounts.All(ctx, account.Filter{Role: role})
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			ids = append(ids, a.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func (s *Mornings) tellSome(ctx context.Context, lease store.Lease, who []string, today civil.Date, now time.Time) error {
	var all []*Notice
	for _, id := range who {
		actor, err := s.accounts.AsOf(ctx, id, now)
		if errors.Is(err, domain.ErrNotFound) {
			continue // disabled since
		}
		if err == nil {
			var own []*Notice
			own, err = s.dayOf(ctx, actor, today, now)
			all = append(all, own...)
		}
		if err != nil {
			return err
		}
	}
	var fresh []*Notice
	err := s.store.Update(ctx, nil, func(tx *store.Tx) (err error) {
		if fresh, err = Add(ctx, tx, all); err != nil || len(fresh) == 0 {
			return err
		}
		told := make([]Told, len(fresh))
		for i, n := range fresh { // in no place: nothing has happened there that groups are to hear of
			told[i] = Told{Kind: n.Kind, About: n.About, Notices: []*Notice{n}}
		}
		if err := s.Hook(ctx, tx, now, told); err != nil {
			return err
		}
		return tx.Hold(ctx, lease)
	})
	if err == nil && len(fresh) > 0 {
		s.Written(fresh)
	}
	return err
}

// dayOf is what somebody is told of a day: nothing where nothing waits.
func (s *Mornings) dayOf(ctx context.Context, actor access.Actor, today civil.Date, now time.Time) (out []*Notice, err error) {
	if !access.ListsVisits(actor) {
		return nil, nil
	}
	day, err := s.Days.Of(ctx, actor, now, today)
	if err != nil {
		return nil, err
	}
	add := func(kind Kind, occasion string, about About, place access.Place, fields map[string]string) {
		out = append(out, &Notice{Meta: store.Meta{ID: space.Of("mornings", "0", string(kind), occasion, actor.Account)}, Recipient: actor.Account, Kind: kind, Importance: kind.importance(),
			About: about, Place: place, Fields: fields, Partition: "mornings/" + occasion, At: now, Unread: true, Expires: now.Add(Kept)})
	}
	homes := map[string]bool{}
	for _, v := range day.Visits {
		homes[v.Household] = true
	}
	if len(homes) > 0 {
		add(VisitsOfToday, string(today), About{todaysDay, string(today)}, access.Place{}, map[string]string{"date": string(today), "count": strconv.Itoa(len(homes))})
	}
	for _, p := range day.Promises {
		add(PromiseDue, p.ID+"/"+string(p.DueOn), About{"promise", p.ID}, p.Place, map[string]string{"date": string(p.DueOn)})
	}
	return out, nil
}
