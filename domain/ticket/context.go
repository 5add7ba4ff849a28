package ticket

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/store"
)

// Context is what was reported before and bears upon a ticket, as far as who
// handles it may see that: nothing is counted that they may not.
type Context struct {
	Caller    *Complainant // nil where it is not known who reported, and of an anonymous report
	Household *Complainant // nil where it is of no household that they see
	Near      []Earlier    // within NearM, the last first; of those of the caller and the household too
	NearMore  bool
	Group     *Group // 群体诉求; nil for none
}

// Complainant is what came from one phone, or one household, beside the ticket.
type Complainant struct {
	Tickets  int // all of the last ContextDays, at most 500
	States   map[State]int
	Outcomes map[Outcome]int
	Repeats  int
	Last     []Earlier // the last first
}

// Earlier is a ticket of before.
type Earlier struct {
	*Ticket
	Metres *float64 // from the ticket; nil where one of them has no position
	Alike  bool     // of its category
	Repeat bool     // 重复诉求: alike, of the same caller or household, open or of the last repeatDays
}

// Group is how many complain of the same.
type Group struct{ Tickets, Reporters int }

const (
	NearM       = 50
	ContextDays = 365
	repeatDays  = 90
	groupDays   = 30
	groupLeast  = 3  // reporters
	contextMost = 20 // of each list
)

// Context returns what bears upon a ticket; homes are those of its households that the
// actor sees. Errors: ErrNotFound, ErrForbidden.
func (s *Tickets) Context(ctx context.Context, actor access.Actor, now time.Time, id string, homes []string) (*Context, error) {
	t, view, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := access.MaySeeContext(view); err != nil {
		return nil, err
	}
	out := &Context{}
	since := now.AddDate(0, 0, -ContextDays)
	at := func(field, value string) store.Query {
		return store.Query{Where: []store.Cond{store.Eq(field, value), store.Between("createdAt", since, nil)}, Order: []string{"-createdAt"}, Limit: looked}
	}
	if !t.Anonymous {
		var queries []store.Query
		who, err := s.open(ctx, s.store, t)
		if ignoreNotFound(err) != nil {
			return nil, err
		}
		account := t.Reporter
		if phone, err := personal.NormalisePhone(who.Phone); err == nil {
			queries = append(queries, at("contact.index", s.callerIndex(phone)))
			if a, err := s.accounts.ByPhone(ctx, phone); err == nil {
				account = a.ID
			} else if ignoreNotFound(err) != nil {
				return nil, err
			}
		}
		if account != "" {
			queries = append(queries, at("reporter", account))
		}
		if out.Caller, err = s.complainant(ctx, actor, now, t, queries); err != nil {
			return nil, err
		}
		queries = nil
		for _, home := range homes {
			queries = append(queries, at("household", home))
		}
		if out.Household, err = s.complainant(ctx, actor, now, t, queries); err != nil {
			return nil, err
		}
	}
	return out, s.near(ctx, actor, now, t, since, out)
}

func (s *Tickets) callerIndex(phone string) string { return s.keys.Index("ticket caller", phone) }

// complainant is what the queries find, of what the actor sees all of and nobody reported anonymously; nil without queries.
func (s *Tickets) complainant(ctx context.Context, actor access.Actor, now time.Time, t *Ticket, queries []store.Query) (*Complainant, error) {
	if len(queries) == 0 {
		return nil, nil
	}
	found, _, err := collection.Find(ctx, s.store, queries...)
	if err != nil {
		return nil, err
	}
	out := &Complainant{States: map[State]int{}, Outcomes: map[Outcome]int{}}
	for _, x := range found {
		if x.ID == t.ID || x.Anonymous || access.TicketView(actor, x.Facts()) != access.Whole {
			continue
		}
		e := t.earlier(x)
		e.Repeat = e.Alike && (x.State.Open() || now.Sub(x.CreatedAt) < inDays(repeatDays))
		if e.Repeat {
			out.Repeats++
		}
		out.Tickets++
		out.States[x.State]++
		if x.Outcome != "" {
			out.Outcomes[x.Outcome]++
		}
		if len(out.Last) < contextMost {
			out.Last = append(out.Last, e)
		}
	}
	return out, nil
}

func (t *Ticket) earlier(x *Ticket) Earlier {
	e := Earlier{Ticket: x, Alike: x.Category == t.Category}
	if t.Position != nil && x.Position != nil {
		e.Metres = new(orbgeo.Distance(t.Position.At(), x.Position.At()))
	}
	return e
}

// near finds what lies around the ticket, and whether many complain of the same there.
func (s *Tickets) near(ctx context.Context, actor access.Actor, now time.Time, t *Ticket, since time.Time, out *Context) error {
	if t.Position == nil {
		return nil
	}
	f := Filter{Boxes: []orb.Bound{orbgeo.NewBoundAroundPoint(t.Position.At(), NearM)}, From: since, Limit: looked}
	found, _, err := s.List(ctx, actor, f)
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b *Ticket) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	group, who := Group{Tickets: 1}, map[string]bool{t.complains(): true}
	for _, x := range found {
		e := t.earlier(x)
		if x.ID == t.ID || e.Metres == nil || *e.Metres > NearM {
			continue
		}
		if e.Alike && now.Sub(x.CreatedAt) < inDays(groupDays) && access.TicketView(actor, x.Facts()) == access.Whole {
			group.Tickets++
			who[x.complains()] = true
		}
		if len(out.Near) == contextMost {
			out.NearMore = true
			continue
		}
		out.Near = append(out.Near, e)
	}
	if group.Reporters = len(who); group.Reporters >= groupLeast {
		out.Group = &group
	}
	return nil
}

// complains tells who complains from others; each anonymous report is somebody's of their own.
func (t *Ticket) complains() string {
	switch {
	case t.Anonymous:
		return t.ID
	case t.Reporter != "":
		return t.Reporter
	case t.Contact != nil && t.Contact.Index != "":
		return t.Contact.Index
	}
	return t.ID
}

// household is that for which it was opened; "" for none.
func (t *Ticket) household() string {
	for _, l := range t.Links {
		if l.Kind == "household" {
			return l.ID
		}
	}
	return ""
}
