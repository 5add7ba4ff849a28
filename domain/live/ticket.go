package live

import (
	"context"
	"errors"
	"io"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/secret"
	"wangge/store"
)

// pass lets somebody who cannot send a header, such as a browser's EventSource,
// listen once. It is stored by its hash.
type pass struct {
	store.Meta `store:",inline"`
	Account    string    `store:"account"`
	Session    string    `store:"session"`
	TokenEnds  time.Time `store:"tokenEnds"` // of the token that it was made with
	Expires    time.Time `store:"expires"`
}

var tickets = store.Declare[pass](store.Declaration{Name: "liveTickets", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"}})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{tickets} }

// Sweep forgets tickets that were not used.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := tickets.Expire(ctx, st, "expires", now)
	return err
}

// TicketLasts is how long a ticket is good for.
const TicketLasts = 30 * time.Second

// MakeTicket makes a ticket that is good once, for as long as TicketLasts.
// Errors: ErrForbidden.
func (h *Hub) MakeTicket(ctx context.Context, actor access.Actor, now, tokenEnds time.Time, random io.Reader) (string, time.Time, error) {
	if !access.HearsEvents(actor) {
		return "", time.Time{}, domain.ErrForbidden
	}
	ticket := secret.New(random)
	p := &pass{Meta: store.Meta{ID: secret.Hash(ticket)}, Account: actor.Account, Session: actor.Session, TokenEnds: tokenEnds, Expires: now.Add(TicketLasts)}
	err := h.store.Update(ctx, nil, func(tx *store.Tx) error {
		fresh := *p
		return tickets.Insert(tx, &fresh)
	})
	return ticket, p.Expires, err
}

// TakeTicket is who a ticket was made for, as of now, and when the token ends
// with which they made it; each is taken once. ErrUnauthenticated.
func (h *Hub) TakeTicket(ctx context.Context, ticket string, now time.Time) (access.Actor, time.Time, error) {
	var p *pass
	err := h.store.Update(ctx, nil, func(tx *store.Tx) (err error) {
		if p, err = tickets.Get(ctx, tx, secret.Hash(ticket)); err != nil {
			return err
		}
		return tickets.Delete(tx, p)
	})
	if errors.Is(err, domain.ErrNotFound) || err == nil && !now.Before(p.Expires) {
		err = domain.ErrUnauthenticated
	}
	if err != nil {
		return access.Actor{}, time.Time{}, err
	}
	actor, err := h.accounts.Actor(ctx, p.Account, p.Session, now)
	return actor, p.TokenEnds, err
}
