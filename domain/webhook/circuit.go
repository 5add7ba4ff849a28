package webhook

import (
	"wangge/domain/retry"
	"wangge/store"
)

// Circuit keeps a receiver that does not answer from being tried for each of
// its streams. Its id is the target's. It is kept in the store, so that a node
// that starts does not begin from nothing.
type Circuit struct {
	store.Meta    `store:",inline"`
	retry.Circuit `store:",inline"`
}

// After is the circuit after an attempt. jitter is a random number from 0 to 1.
func (c *Circuit) After(a Attempt, jitter float64) {
	if a.OK() {
		c.Close()
	} else {
		c.Fail(a.At, a.RetryAfter, jitter)
	}
}

var circuits = store.Declare[Circuit](store.Declaration{Name: "webhookCircuits", Schema: 1, Unjournaled: true})

// Collections are what this package keeps in the store.
func Collections() []store.Declared {
	return []store.Declared{targets, streams, deliveries, circuits, bookmarks}
}
