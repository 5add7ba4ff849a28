package live

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/notice"
)

// hearInboxes tells of what came to the inboxes, if anybody listens.
func (h *Hub) hearInboxes(ctx context.Context, now time.Time) error {
	h.inboxes.Lock()
	defer h.inboxes.Unlock()
	h.mu.Lock()
	after, anybody := h.at.inboxes, len(h.listeners) > 0
	h.mu.Unlock()
	if !anybody {
		return nil
	}
	last, err := notice.LastArrived(ctx, h.store)
	if err != nil || last <= after {
		return err
	}
	lists, err := notice.ArrivedSince(ctx, h.store, after, min(last, after+arrivalsBehind))
	if err != nil {
		return err
	}
	for i, list := range lists {
		if err := h.tell(ctx, now, after+int64(i)+1, list); err != nil {
			return err
		}
	}
	return nil
}

// tell tells of the list of a number. Those who begin to listen while others are
// asked what they may see hear of it too.
func (h *Hub) tell(ctx context.Context, now time.Time, number int64, list *notice.Arrivals) error {
	var came []notice.Arrival
	asked := map[string]bool{}
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		some := list.To(func(account string) bool { return len(h.byAccount[account]) > 0 && !asked[account] })
		if len(some) == 0 {
			break
		}
		actors := map[string]access.Actor{}
		for _, a := range some {
			of := h.byAccount[a.Recipient]
			asked[a.Recipient], actors[a.Recipient] = true, of[len(of)-1].actor
		}
		h.mu.Unlock()
		seen, err := h.seen(ctx, now, some, actors)
		h.mu.Lock()
		if err != nil {
			return err
		}
		came = append(came, seen...)
	}
	slices.SortFunc(came, func(a, b notice.Arrival) int { return cmp.Compare(a.Nth, b.Nth) })
	round := h.begin()
	for _, a := range came {
		h.at.within = a.Nth
		round.tellAccount(a.Recipient, arrival(a))
	}
	h.at.inboxes, h.at.within = number, 0
	if list.Read != "" {
		round.tellAccount(list.Read, wasRead(list))
	}
	h.move()
	round.deliver()
	return nil
}

// passInboxes brings a hub to whom nobody listens to where the inboxes are.
func (h *Hub) passInboxes(ctx context.Context) error {
	h.inboxes.Lock()
	defer h.inboxes.Unlock()
	h.mu.Lock()
	anybody := len(h.listeners) > 0
	h.mu.Unlock()
	if anybody {
		return nil
	}
	last, err := notice.LastArrived(ctx, h.store)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) == 0 && last > h.at.inboxes {
		h.at.inboxes = last
		h.move()
	}
	return nil
}

// seen are those of the notices that their recipients may see.
func (h *Hub) seen(ctx context.Context, now time.Time, came []notice.Arrival, actors map[string]access.Actor) (out []notice.Arrival, err error) {
	for _, a := range came {
		seen, err := h.sees(ctx, actors[a.Recipient], now, a)
		if err != nil {
			return nil, err
		}
		if seen {
			out = append(out, a)
		}
	}
	return out, nil
}

func (h *Hub) sees(ctx context.Context, actor access.Actor, now time.Time, a notice.Arrival) (bool, error) {
	sight := h.Sights[a.About.Kind]
	if sight == nil {
		return false, nil
	}
	seen, err := sight(ctx, actor, now, []string{a.About.ID})
	return seen[a.About.ID], err
}
