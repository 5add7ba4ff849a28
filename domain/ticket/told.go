package ticket

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/todo"
	"wangge/store"
)

// What those who reported or follow a ticket are told.
var (
	ToldMerged = todo.Declare("ticket_merged", "您上报或关注的诉求已与另一件合并办理", "a ticket that you reported or follow is seen to together with another now")
	ToldOver   = todo.Declare("ticket_over", "您上报或关注的诉求已办结", "a ticket that you reported or follow is closed")
)

// FollowedTicket is the kind of thing that followers are told about, by the id
// by which they know it.
const FollowedTicket = "followed-ticket"

const toldAtOnce = 200

// tells reports whether an entry is a step that people are told of.
func tells(e *store.Entry) bool {
	if !AboutTicket(e) {
		return false
	}
	switch Action(strings.TrimPrefix(e.Action, "ticket.")) {
	case Merge:
		return e.Before.State != string(Merged)
	case Unmerge, Close, Reject, Reply:
		return true
	}
	return false
}

// tell tells who reported or follows a ticket of a step, once each whatever else
// they follow and however often it runs. It looks at how the ticket is: what was undone meanwhile is not told.
func (s *Tickets) tell(ctx context.Context, lease store.Lease, now time.Time, e *store.Entry) error {
	t, err := collection.Get(ctx, s.store, e.Doc)
	if err != nil {
		return ignoreNotFound(err)
	}
	occasion := fmt.Sprintf("%s.%d", e.Doc, e.DocVersion)
	switch {
	case e.After.State == string(Merged) && t.Joined != nil && t.Joined.At.Equal(e.At):
		return s.tellOf(ctx, lease, now, t, ToldMerged, occasion, true)
	case e.Before.State == string(Merged):
		return s.unsay(ctx, lease, now, t)
	case (t.State == Closed || t.State == Rejected) && t.EndedAt().Equal(e.At):
		all, err := below(ctx, s.store, t)
		for _, x := range all {
			if err == nil {
				err = s.tellOf(ctx, lease, now, x, ToldOver, occasion, len(all) > 1)
			}
		}
		return err
	}
	return nil
}

// tellOf tells the followers of one ticket, and its reporter where they are to be told.
func (s *Tickets) tellOf(ctx context.Context, lease store.Lease, now time.Time, t *Ticket, kind todo.Kind, occasion string, reporter bool) error {
	if reporter && t.Reporter != "" {
		if err := s.ask(ctx, lease, now, t, todo.Asking{Kind: kind, About: todo.About{Kind: "ticket", ID: t.ID}, Occasion: occasion, To: []string{t.Reporter}}); err != nil {
			return err
		}
	}
	public, err := s.publicOf(ctx, now, t, kind)
	if err != nil {
		return err
	}
	q := store.Query{Where: []store.Cond{store.Eq("ticket", t.ID)}, Order: []string{"at"}, Limit: toldAtOnce}
	for {
		page, next, err := followers.Find(ctx, s.store, q)
		if err != nil {
			return err
		}
		to := map[string][]string{} // by the id by which they know it
		for _, f := range page {
			sees, err := s.stillSees(ctx, now, f, t)
			if err != nil {
				return err
			}
			if sees || public && f.Public != "" {
				to[f.KnownAs()] = append(to[f.KnownAs()], f.Account)
			}
		}
		for id, accounts := range to {
			if err := s.ask(ctx, lease, now, t, todo.Asking{Kind: kind, About: todo.About{Kind: FollowedTicket, ID: id}, Occasion: occasion, To: accounts}); err != nil {
				return err
			}
		}
		if q.After = next; next == "" {
			return nil
		}
	}
}

// stillSees reports whether a follower sees more of the ticket than the public.
func (s *Tickets) stillSees(ctx context.Context, now time.Time, f *Follower, t *Ticket) (bool, error) {
	if f.Account == t.Reporter {
		return true, nil
	}
	if f.Public != "" {
		return false, nil
	}
	actor, err := s.accounts.AsOf(ctx, f.Account, now)
	return err == nil && access.TicketView(actor, t.Facts()) != access.Hidden, ignoreNotFound(err)
}

// publicOf reports whether the public may know what is told: of one that was
// merged, that it was there until then; of one that is over, that what leads it is, too.
func (s *Tickets) publicOf(ctx context.Context, now time.Time, t *Ticket, kind todo.Kind) (bool, error) {
	if t.Joined == nil || kind == ToldMerged {
		return t.Public != nil || t.Joined != nil && s.shownBefore(now, t), nil
	}
	leads, err := Leading(ctx, s.store, t)
	return err == nil && leads[t.ID].Public != nil && s.shownBefore(now, t), err
}

// shownBefore reports whether the public would see a merged ticket had it not joined another.
func (s *Tickets) shownBefore(now time.Time, t *Ticket) bool {
	before := *t
	before.State = t.Joined.State
	before.publish(s.keys, s.policies.At(t.Partition, now))
	return before.Public != nil
}

func (s *Tickets) ask(ctx context.Context, lease store.Lease, now time.Time, t *Ticket, a todo.Asking) error {
	return s.updateSeen(ctx, access.Program, t.ID, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		a.Once, a.About.Place = true, t.Place
		return todo.Ask(ctx, tx, a, store.Entry{At: now, Actor: access.Program.Name()})
	})
}

// unsay ends what is still open of having told that a ticket is merged.
func (s *Tickets) unsay(ctx context.Context, lease store.Lease, now time.Time, t *Ticket) error {
	abouts := []todo.About{{Kind: "ticket", ID: t.ID}, {Kind: FollowedTicket, ID: t.ID}, {Kind: FollowedTicket, ID: t.everPublicID(s.keys)}}
	return s.updateSeen(ctx, access.Program, t.ID, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		for _, about := range abouts {
			if err := todo.Done(ctx, tx, ToldMerged, about, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// below is a ticket and all that joined it or one that did.
func below(ctx context.Context, r store.Reader, t *Ticket) ([]*Ticket, error) {
	all := []*Ticket{t}
	for i := 0; i < len(all); i++ {
		joined, err := joinedTo(ctx, r, all[i].ID)
		if err != nil {
			return nil, err
		}
		all = append(all, joined...)
	}
	return all, nil
}

// Below are the ids of all tickets that joined one, or one that did.
func Below(ctx context.Context, r store.Reader, id string) ([]string, error) {
	all, err := below(ctx, r, &Ticket{Meta: store.Meta{ID: id}})
	var out []string
	for _, t := range all[min(1, len(all)):] {
		out = append(out, t.ID)
	}
	return out, err
}

// changes handles what the journal says of one document: people and organisations that change, and steps to be told of.
func (s *Tickets) changes(ctx context.Context, lease store.Lease, now time.Time, entries []*store.Entry) error {
	for _, e := range slices.DeleteFunc(slices.Clone(entries), func(e *store.Entry) bool { return !tells(e) }) {
		if err := s.tell(ctx, lease, now, e); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(entries, changesTerms); i >= 0 { // once for all of the batch that are about one thing
		return s.termsChanged(ctx, lease, now, entries[i])
	}
	who := entries[0]
	if !account.About(who) && !area.AboutOrganisation(who) {
		return nil
	}
	err := s.review(ctx, lease, now, who.Doc)
	if err == nil && area.AboutOrganisation(who) {
		err = s.reviewHandlers(ctx, lease, now, who.Doc)
	}
	return err
}
