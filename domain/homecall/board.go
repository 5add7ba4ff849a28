package homecall

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/policy"
	"wangge/store"
)

// board is what is known, as one reader sees it, of who makes home calls at a place and when.
type board struct {
	policy   *policy.Policy
	calendar *calendar.Calendar
	tree     *area.Tree
	now      time.Time
	at       access.Place
	cells    []*area.Cell // of the community; the place's own first
	people   map[string]*account.Account
	days     map[string]*Day // by id; see load
}

// readBoard reads what holds at a place, and the time of its workers on some days.
func (s *Calls) readBoard(ctx context.Context, r store.Reader, at access.Place, now time.Time, dates ...civil.Date) (*board, error) {
	b := &board{tree: s.Areas.Tree(), now: now, at: at, days: map[string]*Day{}}
	var err error
	if tx, ok := r.(*store.Tx); ok {
		b.policy, err = s.Policies.In(ctx, tx, at.Street, now)
	} else {
		b.policy = s.Policies.At(at.Street, now)
	}
	if err == nil {
		b.calendar, err = s.Calendars.At(ctx, r)
	}
	if err == nil {
		err = b.staff(ctx, r, s.Areas.Map())
	}
	if err != nil {
		return nil, err
	}
	return b, b.load(ctx, r, dates...)
}

// staff reads the cells of the place's community and who is posted in them.
func (b *board) staff(ctx context.Context, r store.Reader, m *area.Map) error {
	var ids, people []string
	for _, c := range m.Cells() {
		if c.ID == b.at.Cell || b.at.Community != "" && c.Place.Community == b.at.Community {
			ids = append(ids, c.ID)
		}
	}
	found, err := area.LoadCells(ctx, r, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c := found[id]
		if c == nil || c.Ended != "" {
			continue
		}
		b.cells = append(b.cells, c)
		for _, p := range c.Posts {
			people = append(people, p.Account)
		}
		for _, v := range c.Covers {
			people = append(people, v.Account)
		}
	}
	slices.SortStableFunc(b.cells, func(x, y *area.Cell) int { return cmp.Compare(b.rank(x), b.rank(y)) })
	slices.Sort(people)
	b.people, err = account.LoadMany(ctx, r, slices.Compact(people))
	return err
}

func (b *board) rank(c *area.Cell) int {
	if c.ID == b.at.Cell {
		return 0
	}
	return 1
}

// workers are who makes home calls at the place at a time: the outreach workers
// on duty in its cell, by posts and covers. Where the cell has none then, or the
// place no cell, it is those of the community's other cells.
func (b *board) workers(at time.Time) (out []string) {
	if len(b.cells) > 0 && b.rank(b.cells[0]) == 0 {
		out = b.on(b.cells[0], at)
	}
	if len(out) == 0 {
		for _, c := range b.cells {
			out = append(out, b.on(c, at)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// on are the outreach workers on duty in a cell who may still work there.
func (b *board) on(c *area.Cell, at time.Time) (out []string) {
	for _, s := range c.StaffAt(at) {
		if s.Role == access.OutreachWorker && b.people[s.Account].WorksAt(b.tree, c.Place, access.OutreachWorker) {
			out = append(out, s.Account)
		}
	}
	return out
}

// load reads the time of the workers on some days.
func (b *board) load(ctx context.Context, r store.Reader, dates ...civil.Date) error {
	var ids []string
	for _, date := range dates {
		for _, slot := range b.slotsOf(date) {
			for _, w := range b.workers(slot.From) {
				ids = append(ids, dayID(w, date))
			}
		}
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return b.days[id] != nil })
	return b.read(ctx, r, ids)
}

func (b *board) read(ctx context.Context, r store.Reader, ids []string) error {
	found, err := days.GetMany(ctx, r, ids)
	for _, id := range ids {
		if b.days[id] = found[id]; found[id] == nil {
			b.days[id] = &Day{Meta: store.Meta{ID: id}}
		}
	}
	return err
}

// slotsOf are the slots of a date, whether it may be booked or not, in the order of the day.
func (b *board) slotsOf(date civil.Date) (out []Slot) {
	for _, x := range b.policy.HomeCalls {
		if !x.Retired {
			out = append(out, slotOn(date, x))
		}
	}
	slices.SortFunc(out, func(x, y Slot) int { return x.From.Compare(y.From) })
	return out
}

// slotOn is a policy's slot on a date; its times are well formed, or midnight.
func slotOn(date civil.Date, x policy.HomeCall) Slot {
	at := func(clock string) time.Time {
		t, err := time.Parse("15:04", clock)
		if err != nil {
			return date.Start()
		}
		return date.Start().Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	}
	return Slot{x.Code, date, at(x.From), at(x.To)}
}

// each is how many calls one worker makes in the slot.
func (b *board) each(s Slot) int {
	for _, x := range b.policy.HomeCalls {
		if x.Code == s.Code {
			return x.Each
		}
	}
	return 1 // of a slot that was: nothing is known of it
}

// bookable reports whether a resident may book on the date.
func (b *board) bookable(date civil.Date) bool {
	first, last := b.span()
	return date >= first && date <= last && (b.policy.Limit(policy.HomeCallWorkingDays) == 0 || b.calendar.WorkingDay(date))
}

// span are the first and the last date that may be booked.
func (b *board) span() (first, last civil.Date) {
	today := civil.DateOf(b.now)
	return today.Add(b.policy.Limit(policy.HomeCallDaysLeast)), today.Add(b.policy.Limit(policy.HomeCallDaysMost))
}

// room is how many more calls a worker can make in the slot, beside the bookings there are but for one.
func (b *board) room(worker string, s Slot, except string) int {
	day := b.days[dayID(worker, s.Date)]
	if day == nil {
		return 0
	}
	all, in := 0, 0
	for _, t := range day.Taken {
		if t.Request == except {
			continue
		}
		if all++; t.overlaps(s) {
			in++
		}
	}
	return max(0, min(b.each(s)-in, b.policy.Limit(policy.HomeCallsADay)-all))
}

// pick is who makes a call in the slot: who has it already, if they can, or else
// who has fewest calls that day, the first by id among equals; "" for nobody.
func (b *board) pick(s Slot, has, request string) (who string) {
	fewest := 0
	for _, w := range b.workers(s.From) {
		if b.room(w, s, request) == 0 {
			continue
		}
		if w == has {
			return w
		}
		if n := len(b.days[dayID(w, s.Date)].Taken); who == "" || n < fewest {
			who, fewest = w, n
		}
	}
	return who
}
