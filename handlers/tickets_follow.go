package handlers

import (
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// publicOut is what anybody may know of a ticket.
type publicOut struct {
	ID       string           `json:"id"` // on the public map
	Category string           `json:"category"`
	State    ticket.State     `json:"state"`
	Position *web.PositionOut `json:"position"` // the middle of its square
	Day      string           `json:"day"`      // of the report
}

func publicTo(p *ticket.Public, d geo.Datum) *publicOut {
	if p == nil {
		return nil
	}
	return &publicOut{p.ID, p.Category, p.State, web.PositionTo(p.At, d, nil), string(p.Day)}
}

// followAt is where a ticket is followed, and followed no more.
func followAt(id string) string { return "/v1/tickets/" + id + "/followers/me" }

// followedOut is a ticket that the caller follows, as far as they see it now.
type followedOut struct {
	Follow     string     `json:"follow"` // where they follow it, by the id by which they know it
	FollowedAt wire.Time  `json:"followedAt"`
	Note       *string    `json:"note"`
	Public     *publicOut `json:"public"`
	Ticket     *ticketOut `json:"ticket"`
}

func (r *apiRequest) followedOut(page []ticket.Followed, d geo.Datum) ([]followedOut, error) {
	seen := make([]*ticket.Ticket, len(page))
	for i, f := range page {
		seen[i] = f.Ticket
	}
	whole, err := r.ticketsSeen(seen, d)
	if err != nil {
		return nil, err
	}
	out := make([]followedOut, len(page))
	for i, f := range page {
		out[i] = followedOut{followAt(f.KnownAs()), wire.Time(f.At), optional(f.Note), publicTo(f.Public, d), whole[i]}
	}
	return out, nil
}

// ticketsSeen renders the tickets of a list in which some places are nil.
func (r *apiRequest) ticketsSeen(list []*ticket.Ticket, d geo.Datum) ([]*ticketOut, error) {
	var there []*ticket.Ticket
	for _, t := range list {
		if t != nil {
			there = append(there, t)
		}
	}
	rendered, err := r.ticketsOut(there, d)
	if err != nil {
		return nil, err
	}
	out := make([]*ticketOut, len(list))
	for i, t := range list {
		if t != nil {
			out[i], rendered = &rendered[0], rendered[1:]
		}
	}
	return out, nil
}

// listFollowed is the list of tickets by followed=true, which takes no other filter.
func listFollowed(r *apiRequest) (*web.Reply, error) {
	for _, name := range append([]string{"sort"}, ticketFilters...) {
		if _, given := r.Query.Find(name); given && name != "datum" {
			return nil, web.BadQuery(name, "不能与 followed 同用", "not together with followed")
		}
	}
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	page, next, err := r.Tickets.Following(r.Ctx, r.Actor, r.Now, limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.followedOut(page, d)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

type followIn struct {
	Note string `json:"note" lines:"true"`
}

func followTicket(r *apiRequest) (*web.Reply, error) {
	var in followIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	f, err := r.Tickets.Follow(r.Ctx, r.Actor, r.Now, r.Param("id"), in.Note)
	if err != nil {
		return nil, err
	}
	out, err := r.followedOut([]ticket.Followed{*f}, d)
	if err != nil {
		return nil, err
	}
	return web.OK(out[0]), nil
}

func unfollowTicket(r *apiRequest) (*web.Reply, error) {
	if err := r.Tickets.Unfollow(r.Ctx, r.Actor, r.Param("id")); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}

// followersOut is how many follow a ticket, and what the last of them say of it.
type followersOut struct {
	Count int64       `json:"count"`
	Notes []sayingOut `json:"notes"`
}

type sayingOut struct {
	Text string    `json:"text"`
	At   wire.Time `json:"at"`
}

func getFollowers(r *apiRequest) (*web.Reply, error) {
	count, said, err := r.Tickets.Followers(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	out := followersOut{Count: count, Notes: make([]sayingOut, len(said))}
	for i, s := range said {
		out.Notes[i] = sayingOut{s.Text, wire.Time(s.At)}
	}
	return web.OK(out), nil
}

// similarOut is an open ticket that is likely about the same; follow is where the caller follows it.
type similarOut struct {
	Public   *publicOut `json:"public"`
	Ticket   *ticketOut `json:"ticket"`
	Followed bool       `json:"followed"`
	Follow   string     `json:"follow"`
}

func similarTickets(r *apiRequest) (*web.Reply, error) {
	in := ticket.Draft{Category: r.Query.Get("category"), Address: r.Query.Get("address"), Area: r.Query.Get("area")}
	if in.Category == "" {
		return nil, web.BadQuery("category", "请给出类别", "a category is required")
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	if in.Address == "" {
		at, datum, err := r.positionAsked()
		if err != nil {
			return nil, err
		}
		in.Position, in.Datum = &at, datum
	}
	found, err := r.Tickets.Similar(r.Ctx, r.Actor, r.Now, in)
	if err != nil {
		return nil, onWire(onWire(err, "/position", "?lon"), "/", "?")
	}
	seen := make([]*ticket.Ticket, len(found))
	for i, f := range found {
		seen[i] = f.Ticket
	}
	whole, err := r.ticketsSeen(seen, d)
	if err != nil {
		return nil, err
	}
	items := make([]similarOut, len(found))
	for i, f := range found {
		items[i] = similarOut{publicTo(f.Public, d), whole[i], f.Followed, followAt(f.KnownAs())}
	}
	return web.Listed(items, ""), nil
}
