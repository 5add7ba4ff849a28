package delivery

import (
	"context"
	"errors"
	"time"

	"wangge/domain/retry"
	"wangge/store"
)

// Circuit keeps a channel that does not answer, or is wrong, from being tried
// for each message. Its id is the way. It is kept in the store, so that a node
// that starts does not begin from nothing.
type Circuit struct {
	store.Meta    `store:",inline"`
	retry.Circuit `store:",inline"`
	Code          string    `store:"code,omitempty"`   // what the service said last, while it takes nothing
	Since         time.Time `store:"since,omitempty"`  // it takes nothing
	Broken        bool      `store:"broken,omitempty"` // somebody has to see to it
}

var circuits = store.Declare[Circuit](store.Declaration{Name: "deliveryCircuits", Schema: 1, Unjournaled: true})

// Circuit is how a way's channel answered of late.
func (s *Deliveries) Circuit(ctx context.Context, w Way) (*Circuit, error) {
	return circuitOf(ctx, s.store, w)
}

func circuitOf(ctx context.Context, r store.Reader, w Way) (*Circuit, error) {
	c, err := circuits.Get(ctx, r, string(w))
	if errors.Is(err, store.ErrNotFound) {
		return &Circuit{Meta: store.Meta{ID: string(w)}}, nil
	}
	return c, err
}

// after is the circuit after an outcome, and reports whether it is another than
// before. What is wrong with one message or address says that the channel works.
func (c *Circuit) after(o Outcome, at time.Time, jitter float64) bool {
	switch {
	case o.State == Broken:
		c.Break(at, o.After, jitter)
	case o.State == Later && o.Key == "" && !o.Alone:
		c.Fail(at, o.After, jitter)
	case c.Failures == 0 && c.OpenUntil.IsZero():
		return false
	default:
		c.Close()
		c.Code, c.Since, c.Broken = "", time.Time{}, false
		return true
	}
	if c.Since.IsZero() {
		c.Since = at
	}
	c.Code, c.Broken = o.Code, o.State == Broken
	return true
}

// Health is how a way does.
type Health struct {
	Way     Way
	Waiting int64     // to be handed off
	Oldest  time.Time // the first of them was due; zero for none
	Circuit *Circuit
}

// Health is how the ways do that have a channel.
func (s *Deliveries) Health(ctx context.Context) ([]Health, error) {
	out := make([]Health, len(s.ways))
	for i, w := range s.ways {
		c, err := s.Circuit(ctx, w)
		if err != nil {
			return nil, err
		}
		due := store.Query{Where: []store.Cond{store.Eq("way", w), store.Between("dueAt", time.Time{}, nil)}, Order: []string{"dueAt"}, Limit: 1}
		first, _, err := handoffs.Find(ctx, s.store, due)
		if err != nil {
			return nil, err
		}
		counts, err := handoffs.Count(ctx, s.store, store.Query{Where: due.Where}, "way")
		if err != nil {
			return nil, err
		}
		out[i] = Health{Way: w, Waiting: counts[string(w)], Circuit: c}
		if len(first) > 0 {
			out[i].Oldest = first[0].DueAt
		}
	}
	return out, nil
}
