package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// counter is a station that serves every community of the street, its workers,
// the items that are taken there, and a platform that upserts its cases.
type counter struct {
	platform    string
	workers     []string
	communities []string
	items       []string
	station     string
	next        atomic.Int64 // number of the platform's next case
}

const (
	counterWorkers = 16
	system         = "bench"
)

// accountID is that of a person or machine of the measurement.
func accountID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// counters sets the station up, and brings in cases.
func (w *world) counters(ctx context.Context, cases int) error {
	c := &w.counter
	first := dispatchers + workers
	c.workers = make([]string, counterWorkers)
	if err := together(ctx, counterWorkers+1, func(client, i int) error {
		role, n := "counter_worker", first+i
		if i == counterWorkers {
			role = "integration"
		}
		name, secret := fmt.Sprintf("bench-%d", n), fmt.Sprintf("wangge-bench-%d", n)
		err := w.do(client, asked{method: "POST", path: "/v1/accounts", token: w.admin, body: map[string]any{
			"id": accountID(n), "username": name, "name": "王芳", "password": secret, "machine": i == counterWorkers, "grants": []map[string]string{{"role": role, "area": street}}}}, nil)
		if err != nil {
			return err
		}
		token, err := w.signIn(client, from(i), map[string]string{"username": name, "password": secret})
		if i == counterWorkers {
			c.platform = token
		} else {
			c.workers[i] = token
		}
		return err
	}); err != nil {
		return err
	}
	var areas, items struct {
		Items []struct {
			Code string `json:"code"`
		} `json:"items"`
	}
	if err := w.do(0, asked{method: "GET", path: "/v1/areas?limit=200&parent=" + street, token: w.admin}, &areas); err != nil {
		return err
	}
	if err := w.do(0, asked{method: "GET", path: "/v1/service-items?limit=200", token: w.admin}, &items); err != nil {
		return err
	}
	served := []map[string]string{}
	for _, a := range areas.Items {
		c.communities = append(c.communities, a.Code)
		served = append(served, map[string]string{"code": a.Code})
	}
	for _, i := range items.Items {
		c.items = append(c.items, i.Code)
	}
	if err := w.station(served); err != nil {
		return err
	}
	err := w.do(0, asked{method: "PUT", path: "/v1/intake-systems/" + system, token: w.admin, match: `"0"`, body: map[string]any{
		"title": "一网通办", "accounts": []string{accountID(first + counterWorkers)}, "states": []map[string]string{{"word": "办理中", "state": "in_review"}, {"word": "已办结", "state": "done"}}}}, nil)
	if err != nil {
		return err
	}
	upsert := w.upsert()
	return together(ctx, cases, func(client, _ int) error { return upsert(client) })
}

// station makes a station open all day in two shifts, with everybody at its counter.
func (w *world) station(served []map[string]string) error {
	weekly := func(from, until string) []map[string]any {
		return []map[string]any{{"days": []int{1, 2, 3, 4, 5, 6, 7}, "spans": []map[string]string{{"from": from, "until": until}}}}
	}
	at := w.cells[0].Centre
	var made struct {
		ID      string `json:"id"`
		Version int64  `json:"version"`
	}
	if err := w.do(0, asked{method: "POST", path: "/v1/stations", token: w.admin, body: map[string]any{
		"name": "平江民众联络所", "street": street, "address": "大儒巷 1 号", "position": map[string]any{"lon": at.Lon, "lat": at.Lat, "datum": "wgs84"},
		"models": []map[string]any{{"model": "one_station_many_communities", "counter": true}}, "communities": served,
		"hours": map[string]any{"weekly": weekly("09:00", "21:00"), "openOnHolidays": true},
	}}, &made); err != nil {
		return err
	}
	w.counter.station = made.ID
	if err := w.do(0, asked{method: "PUT", path: "/v1/stations/" + made.ID + "/shifts", token: w.admin, match: fmt.Sprintf(`"%d"`, made.Version), body: map[string]any{
		"shifts": []map[string]any{{"name": "早班", "weekly": weekly("09:00", "15:00")}, {"name": "晚班", "weekly": weekly("15:00", "21:00")}}}}, &made); err != nil {
		return err
	}
	var staff []map[string]any
	for i := range counterWorkers {
		staff = append(staff, map[string]any{"account": accountID(dispatchers + workers + i), "part": "worker", "shifts": []string{[]string{"早班", "晚班"}[i%2]}})
	}
	return w.do(0, asked{method: "PUT", path: "/v1/stations/" + made.ID + "/staff", token: w.admin, match: fmt.Sprintf(`"%d"`, made.Version), body: map[string]any{"staff": staff}}, nil)
}

// upsert tells of new cases and of what became of known ones, in turn, as platforms do.
func (w *world) upsert() func(int) error {
	began := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	c := &w.counter
	return func(client int) error {
		n, version, state := c.next.Add(1), 1, "received"
		if known := n / 2; n%2 == 0 {
			n, version, state = known, 2, "办理中"
		}
		number, phone := fmt.Sprintf("SZ%09d", n), fmt.Sprintf("139%08d", n)
		if n%2 == 0 {
			phone = residentPhone(int(n/2) % accounts) // who has signed in
		}
		return w.do(client, asked{method: "PUT", path: "/v1/intake-cases/by-source/" + system + "/" + number, token: c.platform, body: map[string]any{
			"item": c.items[int(n)%len(c.items)], "state": state, "version": version, "changedAt": began.Add(time.Duration(version) * time.Minute), "openedAt": began,
			"community": c.communities[int(n)%len(c.communities)], "station": c.station, "address": someAddress(),
			"applicant": map[string]string{"name": "陈建国", "phone": phone},
		}}, nil)
	}
}

// counterDay is what a worker at the counter has on their list today.
func (w *world) counterDay() func(int) error {
	c := &w.counter
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/intake-cases/day?station=" + c.station, token: c.workers[client%counterWorkers]}, nil)
	}
}

// where asks where a matter is taken, for one who lives in the street.
func (w *world) where() func(int) error {
	c := &w.counter
	return func(client int) error {
		at := w.cells[rand.IntN(len(w.cells))].Centre
		return w.do(client, asked{method: "GET", path: fmt.Sprintf("/v1/service-items/%s/where?lon=%.6f&lat=%.6f&datum=wgs84", c.items[rand.IntN(len(c.items))], at.Lon, at.Lat), token: w.residents[client]}, nil)
	}
}
