package ticket

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/store"
)

// Follower is somebody who wants to know what becomes of a ticket 关注: of their
// own, of one they work on, or of one that the public sees, which they see no
// more of for it. Who follows is personal: staff are told how many do, and what
// these say; nothing of it stands in the journal but whom the program told of something.
type Follower struct {
	store.Meta `store:",inline"`
	Ticket     string    `store:"ticket"`
	Account    string    `store:"account"`
	Public     string    `store:"public,omitempty"` // id by which they know it, of who saw no more than the public; else ""
	Note       string    `store:"note,omitempty"`   // what they say of it themselves, to who works on it
	At         time.Time `store:"at"`
}

var followers = store.Declare[Follower](store.Declaration{
	Name: "followers", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"ticket: ticket, at",   // how many follow, and what they say; who is told
		"account: account, at", // what somebody follows
	},
	Predicates: []string{"note"},
})

const (
	followsMost   = 200  // tickets that one follows
	followersMost = 2000 // of one ticket, about
	sayingLongest = 500  // runes of a note
	notesShown    = 50
)

const followerSpace ids.Space = "b7c1f2c4-0d5e-4f0a-9a51-63f3a2f6a0d1"

// KnownAs is the id by which the follower knows the ticket.
func (f *Follower) KnownAs() string {
	if f.Public != "" {
		return f.Public
	}
	return f.Ticket
}

// Followed is a ticket that somebody follows, as far as they see it now.
type Followed struct {
	*Follower
	Ticket *Ticket // nil where they see no more of it than the public
	Public *Public // as the public sees it, or, once it joined another while the public saw it, that which leads; nil where the public sees neither
}

// Follow has the actor follow a ticket, named by its id or by the one that the
// public knows, and keeps what they say of it: another note takes the place of the one before.
// Errors: ErrNotFound, InvalidError, ConflictError "follows_too_many", "too_many_followers".
func (s *Tickets) Follow(ctx context.Context, actor access.Actor, now time.Time, id, note string) (*Followed, error) {
	bad := &domain.InvalidError{}
	note = strings.TrimSpace(note)
	longText(bad, "/note", note, sayingLongest)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	known, err := s.seenOrPublic(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	count, err := s.followersOf(ctx, known.ID)
	if err != nil {
		return nil, err
	}
	var f *Follower
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		t, err := s.seenOrPublic(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		own, err := follows(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		of := followerSpace.Of(t.ID, actor.Account)
		ever, err := followers.GetManyEver(ctx, tx, []string{of})
		if err != nil {
			return err
		}
		f = ever[of]
		switch {
		case f != nil && !f.Deleted && f.Note == note:
			return nil // sent again
		case f != nil && !f.Deleted:
			f.Note = note
			return followers.Put(tx, f)
		case len(own) >= followsMost:
			return &domain.ConflictError{Code: "follows_too_many", Detail: domain.Textf("最多关注 %d 件", "%d tickets can be followed at most", followsMost)}
		case count >= followersMost:
			return &domain.ConflictError{Code: "too_many_followers", Detail: domain.T("关注人数已满，不影响办理", "no more can follow it; it is seen to all the same")}
		case f == nil:
			f = &Follower{Meta: store.Meta{ID: of}}
		}
		f.Deleted, f.Ticket, f.Account, f.Note, f.At, f.Public = false, t.ID, actor.Account, note, now, ""
		if access.TicketView(actor, t.Facts()) == access.Hidden {
			f.Public = t.PublicID()
		}
		if f.Version > 0 {
			return followers.Put(tx, f)
		}
		return followers.Insert(tx, f)
	})
	if err != nil {
		return nil, err
	}
	out, err := s.asFollowed(ctx, actor, now, []*Follower{f})
	if err != nil {
		return nil, err
	}
	return &out[0], nil
}

// seenOrPublic is the ticket of an id, or of the one that the public knows, if
// the actor may follow it; ErrNotFound.
func (s *Tickets) seenOrPublic(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Ticket, error) {
	public := publicID.MatchString(id)
	q := store.Query{Where: []store.Cond{store.Eq("public.id", id)}, Limit: 1}
	var t *Ticket
	if public {
		found, _, err := collection.Find(ctx, r, q)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, domain.ErrNotFound
		}
		t = found[0]
	} else {
		var err error
		if t, err = collection.Get(ctx, r, id); err != nil {
			return nil, err
		}
	}
	if !access.MayFollow(access.TicketView(actor, t.Facts()), public) {
		return nil, domain.ErrNotFound
	}
	return t, nil
}

// Unfollow ends it, by either id; what they do not follow they do not follow
// then, whatever it is and whether or not it is there.
func (s *Tickets) Unfollow(ctx context.Context, actor access.Actor, id string) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		own, err := follows(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		for _, f := range own {
			if f.Ticket != id && f.Public != id {
				continue
			}
			f.Note = ""
			if err := followers.Delete(tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// follows is all that an account follows, the latest first.
func follows(ctx context.Context, r store.Reader, account string) ([]*Follower, error) {
	found, _, err := followers.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("account", account)}, Order: []string{"-at"}, Limit: followsMost})
	return found, err
}

// Following returns a page of what the actor follows, the latest first.
func (s *Tickets) Following(ctx context.Context, actor access.Actor, now time.Time, limit int, cursor string) ([]Followed, string, error) {
	page, next, err := followers.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("account", actor.Account)}, Order: []string{"-at"}, Limit: limit, After: cursor})
	if err != nil {
		return nil, "", err
	}
	out, err := s.asFollowed(ctx, actor, now, page)
	return out, next, err
}

// Follows says which of the ids are of tickets that the actor follows, as they know them.
func (s *Tickets) Follows(ctx context.Context, actor access.Actor, _ time.Time, ids []string) (map[string]bool, error) {
	own, err := follows(ctx, s.store, actor.Account)
	out := make(map[string]bool, len(ids))
	for _, f := range own {
		out[f.KnownAs()] = slices.Contains(ids, f.KnownAs())
	}
	return out, err
}

func (s *Tickets) asFollowed(ctx context.Context, actor access.Actor, now time.Time, all []*Follower) ([]Followed, error) {
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.Ticket
	}
	found, err := collection.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	tickets := make([]*Ticket, 0, len(found))
	for _, t := range found {
		tickets = append(tickets, t)
	}
	leads, err := Leading(ctx, s.store, tickets...)
	if err != nil {
		return nil, err
	}
	out := make([]Followed, len(all))
	for i, f := range all {
		out[i].Follower = f
		t := found[f.Ticket]
		if t == nil {
			continue
		}
		if access.TicketView(actor, t.Facts()) != access.Hidden {
			out[i].Ticket = t
		}
		if lead := leads[t.ID]; lead != nil {
			if !s.shownBefore(now, t) {
				continue
			}
			t = lead
		}
		if t.Public != nil {
			out[i].Public = t.public()
		}
	}
	return out, nil
}

// Saying is what a follower says of a ticket; who that is nobody is told.
type Saying struct {
	Text string
	At   time.Time
}

// Followers is how many follow a ticket, and what the last of them say, for who
// sees all of it. Errors: ErrNotFound, ErrForbidden.
func (s *Tickets) Followers(ctx context.Context, actor access.Actor, id string) (int64, []Saying, error) {
	_, view, err := s.Get(ctx, actor, id)
	if err != nil {
		return 0, nil, err
	}
	if !access.SeesFollowers(view) {
		return 0, nil, domain.ErrForbidden
	}
	said, _, err := followers.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Eq("ticket", id), store.Filter(store.Between("note", "", nil))}, Order: []string{"-at"}, Limit: notesShown})
	if err != nil {
		return 0, nil, err
	}
	out := make([]Saying, len(said))
	for i, f := range said {
		out[i] = Saying{f.Note, f.At}
	}
	count, err := s.followersOf(ctx, id)
	return count, out, err
}

func (s *Tickets) followersOf(ctx context.Context, id string) (int64, error) {
	counts, err := followers.Count(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("ticket", id)}}, "ticket")
	return counts[id], err
}

// FollowersOf are those who follow these tickets and see no more of them than the public, by ticket.
func FollowersOf(ctx context.Context, r store.Reader, tickets []string) (map[string][]*Follower, error) {
	all, err := AllFollowersOf(ctx, r, tickets)
	for id := range all {
		all[id] = slices.DeleteFunc(all[id], func(f *Follower) bool { return f.Public == "" })
	}
	return all, err
}

// AllFollowersOf are those who follow these tickets, whatever they see of them, by ticket.
func AllFollowersOf(ctx context.Context, r store.Reader, tickets []string) (map[string][]*Follower, error) {
	out := map[string][]*Follower{}
	if len(tickets) == 0 {
		return out, nil
	}
	q := store.Query{Where: []store.Cond{store.In("ticket", tickets...)}, Order: []string{"at"}, Limit: toldAtOnce}
	for {
		page, next, err := followers.Find(ctx, r, q)
		if err != nil {
			return nil, err
		}
		for _, f := range page {
			out[f.Ticket] = append(out[f.Ticket], f)
		}
		if q.After = next; next == "" {
			return out, nil
		}
	}
}

// FollowedBy is what an account follows as the public sees it, by ticket.
func FollowedBy(ctx context.Context, r store.Reader, account string) (map[string]*Follower, error) {
	found, _, err := followers.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("account", account)}, Order: []string{"at"}, Limit: followsMost})
	out := make(map[string]*Follower, len(found))
	for _, f := range found {
		if f.Public != "" {
			out[f.Ticket] = f
		}
	}
	return out, err
}

// HeardInPublic is what the public may hear of an entry about the ticket: the id
// by which it knows it, and the states, of a step that changed the state.
func (t *Ticket) HeardInPublic(e *store.Entry) (id string, from, to State, ok bool) {
	if t.Public == nil || e.Before.State == e.After.State {
		return "", "", "", false
	}
	for _, s := range []string{e.Before.State, e.After.State} {
		if !slices.Contains(PublicStates, State(s)) {
			return "", "", "", false
		}
	}
	return t.Public.ID, State(e.Before.State), State(e.After.State), true
}
