package ticket

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
)

// Item is one action of a batch.
type Item struct {
	Ticket  string
	Version int64 // that the caller read; 0: any
	Input   ActionInput
}

const (
	ItemsMost   = 500 // of a batch
	itemsOfOne  = 20  // of them with one ticket, which remembers appliedRecent of the last actions, of everybody
	itemsAtOnce = 32  // tickets that are worked on at once: the store commits together what waits together
)

// TakeActions takes each of the actions as TakeAction does, and says for each
// what it came to: nil, or an error that is of this one alone. Those that
// bear upon one another are taken in the order given: with one ticket, and with
// tickets that joined one another, or are to, or were split from one. Each is a transaction of its own, so
// that a batch that was broken off and is sent again under the same ids of
// actions does each once.
// Errors: InvalidError at pointer, of too many or none; those of a store that does not answer, after which some may be done.
func (s *Tickets) TakeActions(ctx context.Context, actor access.Actor, now time.Time, pointer string, items []Item) ([]error, error) {
	if err := checkItems(pointer, items); err != nil {
		return nil, err
	}
	chains, err := s.chains(ctx, items)
	if err != nil {
		return nil, err
	}
	out, queue := make([]error, len(items)), make(chan []int)
	var workers sync.WaitGroup
	for range min(itemsAtOnce, len(chains)) {
		workers.Go(func() {
			for chain := range queue {
				for _, i := range chain {
					_, out[i] = s.TakeAction(once.WithoutFinish(ctx), actor, now, items[i].Ticket, items[i].Version, items[i].Input)
				}
			}
		})
	}
	for _, chain := range chains {
		queue <- chain
	}
	close(queue)
	workers.Wait()
	for _, err := range out {
		if errors.Is(err, domain.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return nil, err
		}
	}
	return out, nil
}

func checkItems(pointer string, items []Item) error {
	if len(items) == 0 || len(items) > ItemsMost {
		return domain.Invalid(pointer, domain.Textf("应为 1 至 %d 项", "must be 1 to %d items", ItemsMost))
	}
	of := map[string]int{}
	for _, it := range items {
		if of[it.Ticket]++; of[it.Ticket] > itemsOfOne {
			return domain.Invalid(pointer, domain.Textf("同一工单最多 %d 项", "%d items of one ticket at most", itemsOfOne))
		}
	}
	return nil
}

// Seen are those of the tickets, by id, of which the actor sees anything.
func (s *Tickets) Seen(ctx context.Context, actor access.Actor, ids []string) (map[string]*Ticket, error) {
	found, err := collection.GetMany(ctx, s.store, slices.Compact(slices.Sorted(slices.Values(ids))))
	maps.DeleteFunc(found, func(_ string, t *Ticket) bool { return access.TicketView(actor, t.Facts()) == access.Hidden })
	return found, err
}

// chains are the places of those items that may bear upon one another, each in the order given.
func (s *Tickets) chains(ctx context.Context, items []Item) ([][]int, error) {
	var ids []string
	for _, it := range items {
		ids = append(ids, it.Ticket)
	}
	slices.Sort(ids)
	found, err := collection.GetMany(ctx, s.store, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	leads, err := Leading(ctx, s.store, slices.Collect(maps.Values(found))...)
	if err != nil {
		return nil, err
	}
	tied := ties{}
	for id, lead := range leads {
		tied.tie(id, lead.ID)
	}
	for id, t := range found {
		if t.Parent != "" {
			tied.tie(id, t.Parent)
		}
	}
	for _, it := range items {
		for _, other := range append([]string{it.Input.Into}, it.Input.Photos...) {
			if other != "" {
				tied.tie(it.Ticket, other)
			}
		}
	}
	var out [][]int
	at := map[string]int{}
	for i, it := range items {
		of := tied.of(it.Ticket)
		n, known := at[of]
		if !known {
			n = len(out)
			at[of], out = n, append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out, nil
}

// ties say what belongs together: each leads towards the one that stands for all.
type ties map[string]string

func (t ties) of(id string) string {
	for t[id] != "" {
		id = t[id]
	}
	return id
}

func (t ties) tie(a, b string) {
	if a, b = t.of(a), t.of(b); a != b {
		t[a] = b
	}
}
