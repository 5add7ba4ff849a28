package link

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ticket"
	"wangge/store"
)

// Making is a link as one end asks for it.
type Making struct {
	Kind      Kind
	Other     End
	Direction Direction // "": Out, or Both for the same matter
	Reason    string
}

func (in *Making) check(this End) error {
	bad := &domain.InvalidError{}
	if !KindWords.Has(string(in.Kind)) {
		bad.Add("/kind", KindWords.Fault())
	}
	in.Reason = strings.TrimSpace(in.Reason)
	domain.CheckText(bad, "/reason", in.Reason, reasonLongest, true)
	if in.Direction == "" {
		if in.Direction = Out; in.Kind == SameMatter {
			in.Direction = Both
		}
	}
	switch {
	case !DirectionWords.Has(string(in.Direction)):
		bad.Add("/direction", DirectionWords.Fault())
	case (in.Direction == Both) != (in.Kind == SameMatter):
		bad.Add("/direction", domain.T("与关联类型不符：同一事项为 both，其余为 out 或 in", "does not go with the kind: both for the same matter, out or in for the others"))
	}
	if !ThingWords.Has(string(in.Other.Thing)) {
		bad.Add("/other/thing", ThingWords.Fault())
	} else if in.Other.Thing == this.Thing || in.Other.Thing == Stop {
		bad.Add("/other/thing", domain.T("只能在工单、受理件、走访之间关联两种不同的事", "a link is between two of a ticket, an intake case and a visit"))
	}
	return bad.Err()
}

func (in *Making) asked(this End) NewLink {
	n := NewLink{Kind: in.Kind, From: this, To: in.Other, Reason: in.Reason}
	if in.Direction == In {
		n.From, n.To = n.To, n.From
	}
	return n
}

// Make links a thing with another. The same again is the link there is.
// Errors: ErrNotFound, InvalidError (at /other/id also for what the actor does
// not see), ErrForbidden, ConflictError "linked", "limit_reached".
func (s *Links) Make(ctx context.Context, actor access.Actor, now time.Time, this End, in Making) (made *Link, err error) {
	invalid := in.check(this)
	err = s.update(ctx, []End{this, in.Other}, "", func(tx *store.Tx, at map[End]thing) error {
		if at[this].seen(actor) == nothing {
			return domain.ErrNotFound
		}
		if invalid != nil {
			return invalid
		}
		if at[in.Other].seen(actor) == nothing {
			return domain.Invalid("/other/id", domain.T("没有这个对象", "there is no such thing"))
		}
		if !at[this].mayLink(actor) || !at[in.Other].mayLink(actor) {
			return domain.ErrForbidden
		}
		for _, end := range []End{this, in.Other} {
			if err := room(ctx, tx, end, idOf(in.Kind, this, in.Other)); err != nil {
				return err
			}
		}
		made, err = makeIn(ctx, tx, actor, now, in.asked(this), at)
		return err
	})
	return made, err
}

// room refuses one more link than a thing may have. ConflictError "limit_reached".
func room(ctx context.Context, r store.Reader, end End, id string) error {
	has, err := ofEnd(ctx, r, end)
	if err == nil && len(has) == most && !slices.ContainsFunc(has, func(l *Link) bool { return l.ID == id }) {
		err = &domain.ConflictError{Code: "limit_reached", Detail: domain.Textf("最多 %d 条关联", "%d links at most", most)}
	}
	return err
}

// Make links what was made within this update with what it was made of; the
// caller has authorised the actor. It writes the streets of both. ConflictError
// "limit_reached" when To has no room for more; a stop has as many as it has needs.
func Make(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, n NewLink) error {
	if n.To.Thing != Stop {
		if err := room(ctx, tx, n.To, idOf(n.Kind, n.From, n.To)); err != nil {
			return err
		}
	}
	at, err := load(ctx, tx, n.From, n.To)
	if err != nil {
		return err
	}
	_, err = makeIn(ctx, tx, actor, now, n, at)
	return err
}

func makeIn(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, n NewLink, at map[End]thing) (*Link, error) {
	said := Said{By: actor.Name(), At: now, Reason: n.Reason}
	l := n.link(said)
	ever, err := collection.GetMany(ctx, tx, []string{l.ID})
	if err != nil {
		return nil, err
	}
	was := ever[l.ID]
	switch {
	case was == nil:
		l.Partition = at[n.From].partition()
	case was.Holds() && (was.From != l.From || was.last().Made.By != said.By || was.last().Made.Reason != said.Reason):
		return nil, &domain.ConflictError{Code: "linked", Detail: domain.T("两者已有这类关联", "they are linked like this already")}
	case was.Holds():
		return was, nil
	case len(was.Spells) == spellsMost:
		return nil, &domain.ConflictError{Code: "limit_reached", Detail: domain.T("同一关联反复次数过多", "this link was made and removed too often")}
	default:
		was.From, was.To, was.Ends = l.From, l.To, l.Ends // which may go the other way now
		was.Spells = append(was.Spells, Spell{Made: said})
		l = was
	}
	if !tx.Covers(l.Partition) {
		return nil, elsewhereError{l.Partition}
	}
	e := l.entry(actor, now, "make")
	if was == nil {
		err = collection.Insert(tx, l, e)
	} else {
		err = collection.Put(tx, l, e)
	}
	if err != nil {
		return nil, err
	}
	serves := func(t *ticket.Ticket, c string) []string { return with(t.Served, c) }
	return l, l.tell(tx, actor, now, ticket.Linked, at, serves)
}

// Remove ends a link of the thing. Sent again, it is removed still.
// Errors: ErrNotFound, ErrForbidden, InvalidError at ?reason.
func (s *Links) Remove(ctx context.Context, actor access.Actor, now time.Time, this End, id, reason string) error {
	found, err := collection.Get(ctx, s.store, id)
	if errors.Is(err, store.ErrNotFound) {
		return s.removeKept(ctx, actor, this, id)
	}
	if err != nil {
		return err
	}
	return s.update(ctx, []End{this, found.From, found.To}, found.Partition, func(tx *store.Tx, at map[End]thing) error {
		l, err := collection.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		side := this
		if v := at[this].visit; v != nil && !slices.Contains(l.Ends, this.key()) {
			side = End{Stop, v.Stop}
		}
		from := at[this].seen(actor)
		if from == nothing || !slices.Contains(l.Ends, side.key()) || at[l.Other(side)].seenFrom(actor, from) == nothing {
			return domain.ErrNotFound
		}
		if !at[l.From].mayLink(actor) || !at[l.To].mayLink(actor) {
			return domain.ErrForbidden
		}
		if !l.Holds() {
			return nil
		}
		bad := &domain.InvalidError{}
		reason = strings.TrimSpace(reason)
		domain.CheckText(bad, "?reason", reason, reasonLongest, true)
		if err := bad.Err(); err != nil {
			return err
		}
		l.last().Removed = &Said{By: actor.Name(), At: now, Reason: reason}
		served, err := servedBy(ctx, tx, at, l)
		if err != nil {
			return err
		}
		if err := collection.Put(tx, l, l.entry(actor, now, "remove")); err != nil {
			return err
		}
		return l.tell(tx, actor, now, ticket.Unlinked, at, func(*ticket.Ticket, string) []string { return served })
	})
}

// removeKept refuses for a link that the thing itself keeps; ErrNotFound for any other.
func (s *Links) removeKept(ctx context.Context, actor access.Actor, this End, id string) error {
	seen, err := s.Of(ctx, actor, this, false)
	if err == nil && slices.ContainsFunc(seen, func(l Seen) bool { return l.ID == id }) {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("这条来源是登记时记下的，不能解除", "this is where it came from, as it was noted then: it cannot be removed")}
	}
	return cmp.Or(err, error(domain.ErrNotFound))
}

// tell puts on the journals of both ends what became of the link. served is
// whom the ticket of a ticket and a case serves from now on.
func (l *Link) tell(tx *store.Tx, actor access.Actor, now time.Time, action ticket.Action, at map[End]thing, served func(*ticket.Ticket, string) []string) error {
	e := store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: string(action), Dims: map[string]string{"link": l.ID, "kind": string(l.Kind)}}
	for _, end := range []End{l.From, l.To} {
		t, other := at[end], at[l.Other(end)]
		if t.ticket != nil && other.kase != nil {
			if after := served(t.ticket, other.kase.Place.Community); !slices.Equal(after, t.ticket.Served) {
				if err := t.ticket.PutServed(tx, after, e); err != nil {
					return err
				}
				continue
			}
		}
		if err := t.record(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// entry is the journal's line of the link itself.
func (l *Link) entry(actor access.Actor, now time.Time, what string) store.Entry {
	state := "removed"
	if l.Holds() {
		state = "holds"
	}
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "link." + what, After: store.Facts{State: state},
		Dims: map[string]string{"kind": string(l.Kind), "from": l.From.key(), "to": l.To.key()}}
}
