package main

import (
	"fmt"
	"sync"
)

const (
	batchOf    = 500
	thingsOpen = 300 // of the worker whose day is asked for
)

// batch accepts 500 reported tickets at once, or as many as there are.
func (w *world) batch() func(int) error {
	return func(client int) error {
		ids := w.takeReported(batchOf)
		if len(ids) == 0 {
			return errNoMore
		}
		return w.accept(client, ids)
	}
}

// takeReported are tickets that wait to be accepted, n at most.
func (w *world) takeReported(n int) (ids []string) {
	for len(ids) < n {
		select {
		case id := <-w.reported:
			ids = append(ids, id)
		default:
			return ids
		}
	}
	return ids
}

func (w *world) accept(client int, ids []string) error {
	return w.takeAll(client, ids, map[string]any{"action": "accept", "condition": "blocked_exit"})
}

// takeAll takes one step with many tickets; one that is refused is an error.
func (w *world) takeAll(client int, ids []string, transition map[string]any) error {
	var out struct {
		Items []struct {
			Status int `json:"status"`
		} `json:"items"`
	}
	a := asked{method: "POST", path: "/v1/tickets/transitions", token: w.dispatchers[client%dispatchers], body: map[string]any{"tickets": ids, "transition": transition}}
	if err := w.do(client, a, &out); err != nil {
		return err
	}
	for _, it := range out.Items {
		if it.Status != 200 {
			return fmt.Errorf("a step of a batch: %d", it.Status)
		}
	}
	return nil
}

// today is what waits for a worker with 300 open tickets beside their visits.
func (w *world) today() func(int) error {
	busy := sync.OnceValue(func() error {
		report := w.report(false)
		for range thingsOpen {
			if err := report(0); err != nil {
				return err
			}
		}
		ids := w.takeReported(thingsOpen)
		err := w.accept(0, ids)
		if err == nil {
			err = w.takeAll(0, ids, map[string]any{"action": "dispatch", "assignee": map[string]string{"kind": "person", "id": accountID(dispatchers)}})
		}
		return err
	})
	return func(client int) error {
		if err := busy(); err != nil {
			return err
		}
		return w.do(client, asked{method: "GET", path: "/v1/me/today", token: w.workers[0].token}, nil)
	}
}

// todoCounts is how much of the street waits for a dispatcher, by what is to be done.
func (w *world) todoCounts() func(int) error {
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/tickets/counts?by=todo&area=" + street, token: w.dispatchers[client%dispatchers]}, nil)
	}
}
