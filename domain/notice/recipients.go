package notice

import (
	"context"
	"slices"
	"strconv"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/homecall"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/store"
)

// who are those that a word stands for.
func (b *batch) who(ctx context.Context, w word, e *store.Entry, t *thing) ([]recipient, error) {
	switch w {
	case toNamed:
		return b.named(e, t), nil
	case toLoneReporter:
		if t.ticket.Merges > 0 {
			return nil, nil
		}
		fallthrough
	case toReporter:
		return []recipient{{t.ticket.Reporter, t.about, true, t.heard(e)}}, nil
	case toFollowers:
		return b.follow(e, t), nil
	case toOwner:
		return b.owner(ctx, t)
	}
	ids, err := b.working(ctx, w, e, t)
	about, sees := t.about, t.sees
	if w == toStandIn { // whom it is about
		sees = func(access.Actor) bool { return true }
	}
	if t.call != nil { // who makes it knows it as their visit
		about, sees = About{aboutVisit, t.call.Visit}, func(a access.Actor) bool {
			return access.MaySeeVisit(a, access.Visit{Place: t.call.Place, Assignee: t.call.Worker, By: e.Before.Assignee})
		}
	}
	out := make([]recipient, 0, len(ids))
	for _, id := range ids {
		out = append(out, recipient{id, about, false, sees})
	}
	return out, err
}

// working are the accounts of people who are told because of their work.
func (b *batch) working(ctx context.Context, w word, e *store.Entry, t *thing) (ids []string, err error) {
	switch w {
	case toAssignee: // as the entry left it, however late it is told
		return b.tickets.WhoHas(ctx, access.Assignee{Kind: e.Dims["assigneeKind"], ID: e.After.Assignee})
	case toHelpers:
		for _, h := range t.ticket.Helpers {
			who, err := b.tickets.WhoHas(ctx, h)
			if ids = append(ids, who...); err != nil {
				return nil, err
			}
		}
	case toPrevious:
		return b.previous(ctx, e, t)
	case toNext:
		then := *t.ticket
		then.State = ticket.State(e.After.State)
		return b.nearest.Take(ctx, &then, e.Actor)
	case toLead:
		return b.holders(ctx, t.place, e.Actor, policy.ToLead, policy.ToCommunityManager, policy.ToStreetManager)
	case toManagers:
		managers, err := b.tickets.Holders(ctx, t.place, b.now, policy.ToCommunityManager)
		if err != nil {
			return nil, err
		}
		keepers, err := b.tickets.Holders(ctx, t.place, b.now, policy.ToStreetManager)
		return append(managers, keepers...), err
	case toKeepers:
		return b.tickets.Holders(ctx, t.place, b.now, policy.ToStreetManager)
	case toStaff:
		if c, ok := b.areas.Map().EverByID(t.place.Cell); ok {
			ids = staffOf(c, b)
		}
	case toWorker:
		return b.worker(ctx, t)
	case toStandIn:
		ids = []string{e.Dims["standIn"], e.Dims["absent"]}
	case toOnDuty:
		ids = t.roster.People
	case toAdmins:
		all, err := b.accounts.All(ctx, account.Filter{Role: access.Admin})
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		return ids, err
	}
	return ids, nil
}

// holders are those of the first of the words for which somebody else than one account stands.
func (b *batch) holders(ctx context.Context, p access.Place, but string, words ...policy.Recipient) ([]string, error) {
	for _, word := range words {
		who, err := b.tickets.Holders(ctx, p, b.now, word)
		who = slices.DeleteFunc(who, func(id string) bool { return id == but })
		if err != nil || len(who) > 0 {
			return who, err
		}
	}
	return nil, nil
}

func staffOf(c *area.Cell, b *batch) (ids []string) {
	for _, s := range c.StaffAt(b.now) {
		ids = append(ids, s.Account)
	}
	return ids
}

// previous are those who had the thing before the entry and do not any more.
func (b *batch) previous(ctx context.Context, e *store.Entry, t *thing) ([]string, error) {
	had := e.Before.Assignee
	if had == "" || had == e.After.Assignee {
		return nil, nil
	}
	if t.ticket != nil { // the entry does not say which of both it is
		if handlers, err := b.tickets.WhoHas(ctx, access.Assignee{Kind: access.Organisation, ID: had}); err != nil || len(handlers) > 0 {
			return handlers, err
		}
	}
	return []string{had}, nil
}

// worker are who sees a case through, makes a home call or visit, or was at the door.
func (b *batch) worker(ctx context.Context, t *thing) ([]string, error) {
	switch {
	case t.kase != nil:
		return t.kase.SeenThroughBy(ctx, b.store, b.now)
	case t.call != nil && t.call.Worker != "":
		return []string{t.call.Worker}, nil
	case t.worker != "":
		return []string{t.worker}, nil
	}
	if c, ok := b.areas.Map().ByID(t.place.Cell); ok { // whoever staffs the cell
		return staffOf(c, b), nil
	}
	return nil, nil
}

// heard reports who is shown the entry on the ticket's timeline.
func (t *thing) heard(e *store.Entry) func(access.Actor) bool {
	return func(a access.Actor) bool {
		_, _, ok := t.ticket.Heard(a, e)
		return ok
	}
}

// follow are who follows the ticket, as they know it.
func (b *batch) follow(e *store.Entry, t *thing) (out []recipient) {
	public, _, _, shown := t.ticket.HeardInPublic(e)
	for _, f := range b.followers[t.ticket.ID] {
		switch {
		case f.Public == "":
			out = append(out, recipient{f.Account, t.about, true, t.heard(e)})
		case shown && f.Public == public:
			out = append(out, recipient{f.Account, About{ticket.FollowedTicket, public}, true, func(access.Actor) bool { return true }})
		}
	}
	return out
}

// owner is the resident whose case or home call it is: who asked for it by their
// account, or whose account has the phone, once its code was given there.
func (b *batch) owner(ctx context.Context, t *thing) ([]recipient, error) {
	id, phone := "", ""
	about, sees := t.about, t.sees
	if t.kase != nil {
		id, phone = t.kase.Applicant.Account, t.kase.Applicant.Phone.Index
		about, sees = About{ownCase, t.kase.ID}, func(a access.Actor) bool { return access.OwnsCase(a, t.kase.Facts()) }
	} else if t.call != nil {
		id, phone = t.call.Account, t.call.Phone
	}
	if id == "" && phone != "" {
		a, err := account.OfPhone(ctx, b.store, phone)
		if err != nil || a == nil {
			return nil, err
		}
		id = a.ID
	}
	return []recipient{{id, about, true, sees}}, nil
}

// theirs are kinds of things of which people are told for themselves.
var theirs = []string{ticket.FollowedTicket, homecall.AboutRequest, "qualification"}

// named are those whom an asking names. What is theirs as residents is not for who stands in.
func (b *batch) named(e *store.Entry, t *thing) (out []recipient) {
	for i := 1; ; i++ {
		id := e.Dims["to"+strconv.Itoa(i)]
		if id == "" {
			return out
		}
		alone := slices.Contains(theirs, t.about.Kind) || t.ticket != nil && t.ticket.Reporter == id
		out = append(out, recipient{id, t.about, alone, t.sees})
	}
}
