package main

import (
	"fmt"
	"math/rand/v2"
)

// similar asks, before a report, what is open already near a point where many have reported.
func (w *world) similar() func(int) error {
	return func(client int) error {
		at := w.cells[rand.IntN(len(w.cells))].Centre
		return w.do(client, asked{method: "GET", path: fmt.Sprintf("/v1/tickets/similar?category=parking&lon=%.6f&lat=%.6f&datum=wgs84", at.Lon, at.Lat), token: w.residents[client]}, nil)
	}
}

// merge joins one of two tickets that were reported with the other.
func (w *world) merge() func(int) error {
	return func(client int) error {
		var ids [2]string
		for i := range ids {
			select {
			case ids[i] = <-w.reported:
			default:
				return errNoMore
			}
		}
		return w.do(client, asked{method: "POST", path: "/v1/tickets/" + ids[1] + "/transitions", token: w.dispatchers[client%dispatchers], body: map[string]string{"action": "merge", "into": ids[0], "reason": "同一件事"}}, nil)
	}
}

// ownCases are the cases under a resident's phone.
func (w *world) ownCases() func(int) error {
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/me/cases", token: w.residents[client]}, nil)
	}
}

// deployment are the figures of the street, from its postings and what was done there.
func (w *world) deployment() func(int) error {
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/stats/deployment?area=" + street, token: w.admin}, nil)
	}
}
