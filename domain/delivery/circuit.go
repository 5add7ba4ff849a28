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
