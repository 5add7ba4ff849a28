package rating

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
)

// thing is what is rated, as it is now; one of the three is not nil.
type thing struct {
	About
	kase   *intake.Case
	visit  *visit.Visit
	ticket *ticket.Ticket

	place     access.Place
	partition string
	owners    []string  // see access.Rated
	at        time.Time // see access.Rated
	staff     []string  // accounts whose work it was
	overAt    time.Time // zero: it cannot be rated now
}

// decided are the states of a case in which there is something to rate: what
// was asked for was decided, or handed out. Who withdraws has had no decision.
var decided = []intake.State{intake.NotAccepted, intake.Done, intake.Refused, intake.Collected}

// loadAll returns what there is of these, by what they are.
func loadAll(ctx context.Context, r store.Reader, about []About) (map[About]*thing, error) {
	ids := map[Kind][]string{}
	for _, a := range about {
		if !slices.Contains(ids[a.Kind], a.ID) {
			ids[a.Kind] = append(ids[a.Kind], a.ID)
		}
	}
	cases, err := intake.LoadMany(ctx, r, ids[Case])
	if err != nil {
		return nil, err
	}
	tickets, err := ticket.Load(ctx, r, ids[Ticket])
	if err != nil {
		return nil, err
	}
	visits, err := visit.LoadVisits(ctx, r, ids[Visit])
	if err != nil {
		return nil, err
	}
	var homes, booked []string
	for _, v := range visits {
		homes = append(homes, v.Household)
		if v.Asked() {
			booked = append(booked, v.Request)
		}
	}
	households, err := household.Current(ctx, r, homes)
	if err != nil {
		return nil, err
	}
	calls, err := homecall.LoadMany(ctx, r, booked)
	if err != nil {
		return nil, err
	}
	out := map[About]*thing{}
	for id, c := range cases {
		out[About{Case, id}] = ofCase(c)
	}
	for id, t := range tickets {
		out[About{Ticket, id}] = ofTicket(t)
	}
	for id, v := range visits {
		out[About{Visit, id}] = ofVisit(v, households[v.Household], calls[v.Request])
	}
	return out, nil
}

// load is loadAll of one; ErrNotFound.
func load(ctx context.Context, r store.Reader, about About) (*thing, error) {
	found, err := loadAll(ctx, r, []About{about})
	if err == nil && found[about] == nil {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[about], nil
}

// own makes it that of a phone and of an account, where they are known.
func (t *thing) own(phone, account string) {
	for _, key := range []string{access.OwnerPhone(phone), access.OwnerAccount(account)} {
		if key != access.OwnerPhone("") && key != access.OwnerAccount("") && !slices.Contains(t.owners, key) {
			t.owners = append(t.owners, key)
		}
	}
}

// ofCase: the applicant's, once it is decided.
func ofCase(c *intake.Case) *thing {
	t := &thing{About: About{Case, c.ID}, kase: c, place: c.Place, partition: c.Partition, at: c.OpenedAt, staff: c.People}
	t.own(c.Applicant.Phone.Index, c.Applicant.Account)
	if slices.Contains(decided, c.State) {
		t.overAt = c.ClosedAt
	}
	return t
}

// ofVisit: of who lives there, once somebody was met, also where the proof of
// that is in doubt: they know best; and of who asked for it. h is the household
// as it is by now, nil where it is no more, and call what was asked for, if it was.
func ofVisit(v *visit.Visit, h *household.Household, call *homecall.Request) *thing {
	t := &thing{About: About{Visit, v.ID}, visit: v, place: v.Place, partition: v.Partition, at: v.DoneAt}
	for _, who := range []string{v.By, v.Assignee} {
		if who != "" && !slices.Contains(t.staff, who) {
			t.staff = append(t.staff, who)
		}
	}
	if h != nil {
		for _, phone := range h.PhoneIndexes() {
			t.own(phone, "")
		}
	}
	if call != nil {
		t.own(call.Phone, call.Account)
	}
	if v.State == visit.Completed && v.Result == visit.Met {
		t.overAt = v.DoneAt
	}
	return t
}

// ofTicket: its reporter's, while it is closed; not of what a patrol found, nor
// of who reported it at work for somebody, nor of who worked on it.
func ofTicket(k *ticket.Ticket) *thing {
	t := &thing{About: About{Ticket, k.ID}, ticket: k, place: k.Place, partition: k.Partition, at: k.CreatedAt, staff: slices.Clone(k.Handled)}
	for _, a := range append([]access.Assignee{k.Assignee}, k.Helpers...) {
		if a.Kind == access.Person && !slices.Contains(t.staff, a.ID) {
			t.staff = append(t.staff, a.ID)
		}
	}
	atWork := k.Source == ticket.FromPatrol || k.Source != ticket.FromApp && k.Reporter == k.ReportedBy
	if k.Reporter != "" && !atWork && !slices.Contains(t.staff, k.Reporter) {
		t.own("", k.Reporter)
	}
	if k.State == ticket.Closed {
		t.overAt = k.ClosedAt
	}
	return t
}

// rateable reports whether somebody could rate it now.
func (t *thing) rateable() bool { return !t.overAt.IsZero() && len(t.owners) > 0 }

// ratingID is the id of the rating of what is over.
func (t *thing) ratingID() string { return idOf(t.About, t.overAt) }

// facts are what the rules of access need to know of it. Who lived there at a
// visit, its rating tells where there is one: others may live there by now.
func (t *thing) facts(a access.Actor, r *Rating) access.Rated {
	out := access.Rated{Place: t.place, Owners: t.owners, At: t.at, Staff: t.staff, Whole: t.whole(a)}
	if r != nil && t.Kind == Visit {
		out.Owners = r.Owners
	}
	return out
}

// whole reports whether the actor sees all of it.
func (t *thing) whole(a access.Actor) bool {
	switch t.Kind {
	case Case:
		return access.CaseView(a, t.kase.Facts()) == access.CaseWhole
	case Visit:
		return access.MaySeeVisit(a, t.visit.Facts())
	}
	return access.TicketView(a, t.ticket.Facts()) == access.Whole
}

// fill writes into its rating what of it the figures go by.
func (t *thing) fill(r *Rating) {
	r.About, r.Of, r.Place = t.About, t.key(), t.place
	r.OverAt, r.Month = t.overAt, string(civil.DateOf(t.overAt))[:len("2006-01")]
	if t.Kind != Visit || r.Version == 0 {
		r.Owners = t.owners
	}
	r.Station, r.Item, r.Category, r.Sensitive = "", "", "", false
	switch {
	case t.Kind == Case && t.kase.Item.Sensitive:
		r.Sensitive = true
	case t.Kind == Case:
		r.Station, r.Item = t.kase.Station, t.kase.Item.Code
	case t.Kind == Ticket:
		r.Category = t.ticket.Category
	}
}

// record puts on its journal that it was rated.
func (t *thing) record(tx *store.Tx, e store.Entry) error {
	switch t.Kind {
	case Case:
		return t.kase.RecordRated(tx, e)
	case Visit:
		return t.visit.RecordRated(tx, e)
	}
	return t.ticket.RecordRated(tx, e)
}
