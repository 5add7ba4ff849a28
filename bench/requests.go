package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
)

// kind is one kind of request: how the program is asked, and its peers.
type kind struct {
	name string
	ours func(w *world) func(client int) error
	// peers are who else does it; nil for none.
	pocketbase func(b *base) func(client int) error
	bare, raw  bool
	report     bool // a report takes turns with it
	text       bool // so does the text index alone
	// whole measures by itself, where no rate is what counts; nil: contenders take turns.
	whole func(w *world, ctx context.Context, o settings, engine, dir string) ([]result, []string, error)
	told  bool // another system is told of it by webhooks, and of a report that takes turns with it is not
}

// kinds are what is measured, in this order: reading first, for writing makes more to read.
var kinds = []kind{
	{name: "cells-at", ours: (*world).cellAt, bare: true},
	{name: "tile", ours: (*world).tile},
	{name: "get", ours: (*world).get, pocketbase: (*base).view},
	{name: "list", ours: (*world).list, pocketbase: (*base).list},
	{name: "similar", ours: (*world).similar, report: true},
	{name: "day", ours: (*world).dayList},
	{name: "report", ours: func(w *world) func(int) error { return w.report(false) }, pocketbase: (*base).create, raw: true},
	{name: "report-keyed", ours: func(w *world) func(int) error { return w.report(true) }},
	{name: "report-told", ours: func(w *world) func(int) error { return w.report(false) }, report: true, told: true},
	{name: "transition", ours: (*world).transition},
	{name: "merge", ours: (*world).merge, report: true},
	{name: "batch", ours: (*world).batch, report: true},
	{name: "check-in", ours: (*world).checkIn},
	{name: "complete", ours: (*world).complete},
	{name: "upsert", ours: (*world).upsert, report: true},
	{name: "counter-day", ours: (*world).counterDay},
	{name: "where", ours: (*world).where},
	{name: "me-cases", ours: (*world).ownCases},
	{name: "deployment", ours: (*world).deployment},
	{name: "todo-counts", ours: (*world).todoCounts},
	{name: "me-today", ours: (*world).today},
	{name: "address", ours: (*world).findAddress, text: true},
	{name: "notices", whole: (*world).noticesOf},
	{name: "streams", whole: (*world).streamsOf},
}

func requestNames() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

var titles = []string{"消防通道长期停车，救护车进不来", "楼道堆放杂物发臭，老人出入不便", "电动车在楼道充电，屡劝不听", "楼上漏水泡了天花板，物业推诿", "夜里十一点还在装修，影响休息", "垃圾房几天没清运，气味很大", "公共绿化带搭了鸡棚", "外墙瓷砖脱落，下面是人行道", "窨井盖破损，已有人绊倒", "车库改成快递点，噪声大"}

var lanes = []string{"平江路", "大儒巷", "钮家巷", "曹胡徐巷", "狮林寺巷", "胡厢使巷", "丁香巷", "传芳巷", "悬桥巷", "菉葭巷"}

func someTitle() string { return titles[rand.IntN(len(titles))] }
func someAddress() string {
	return fmt.Sprintf("苏州市姑苏区平江街道%s %d 号 %d 幢 %d0%d 室", lanes[rand.IntN(len(lanes))], 1+rand.IntN(200), 1+rand.IntN(12), 1+rand.IntN(6), 1+rand.IntN(4))
}

func (w *world) report(keyed bool) func(int) error {
	var n atomic.Int64
	return func(client int) error {
		at := w.cells[rand.IntN(len(w.cells))].Centre
		a := asked{method: "POST", path: "/v1/tickets", token: w.residents[client], from: from(client), body: map[string]any{
			"category": "parking", "title": someTitle(), "address": someAddress(), "description": "请尽快处理，已经持续一个多月，附近居民都有意见。",
			"position": map[string]any{"lon": at.Lon, "lat": at.Lat, "datum": "wgs84", "accuracyM": 12},
		}}
		if keyed {
			a.key = fmt.Sprintf("%d-%d", client, n.Add(1)+rand.Int64N(1<<40)<<20)
		}
		var made struct {
			ID string `json:"id"`
		}
		if err := w.do(client, a, &made); err != nil {
			return err
		}
		w.mu.Lock()
		if len(w.tickets) < 100_000 {
			w.tickets = append(w.tickets, made.ID)
		}
		w.mu.Unlock()
		w.reported <- made.ID
		return nil
	}
}

func (w *world) transition() func(int) error {
	return func(client int) error {
		select {
		case id := <-w.reported:
			return w.do(client, asked{method: "POST", path: "/v1/tickets/" + id + "/transitions", token: w.dispatchers[client%dispatchers], body: map[string]string{"action": "accept", "condition": "blocked_exit"}}, nil)
		default:
			return errNoMore
		}
	}
}

func (w *world) get() func(int) error {
	ids := w.tickets
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/tickets/" + ids[rand.IntN(len(ids))], token: w.dispatchers[client%dispatchers]}, nil)
	}
}

func (w *world) list() func(int) error {
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/tickets?limit=20&area=" + street, token: w.dispatchers[client%dispatchers]}, nil)
	}
}

// dayReader sees the visits of the whole street.
func (w *world) dayReader() string { return w.admin }

func (w *world) dayList() func(int) error {
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: "/v1/visits?" + w.day, token: w.dayReader()}, nil)
	}
}

func (w *world) checkIn() func(int) error {
	return func(client int) error {
		n := client % workers
		worker := w.workers[n]
		h := worker.homes[int(worker.next.Add(1))%len(worker.homes)]
		var made struct {
			ID string `json:"id"`
		}
		err := w.do(client, asked{method: "POST", path: "/v1/stops", token: worker.token, body: map[string]any{
			"household": h.ID, "channel": "home", "adHoc": true,
			"position": map[string]any{"lon": h.Position.Lon, "lat": h.Position.Lat, "datum": h.Position.Datum, "accuracyM": 10},
		}}, &made)
		if err == nil {
			w.open <- openStop{made.ID, n}
		}
		return err
	}
}

func (w *world) complete() func(int) error {
	return func(client int) error {
		select {
		case stop := <-w.open:
			return w.do(client, asked{method: "POST", path: "/v1/stops/" + stop.id + "/complete", token: w.workers[stop.worker].token, body: map[string]any{"result": "no_answer"}}, nil)
		default:
			return errNoMore
		}
	}
}

func (w *world) cellAt() func(int) error { return w.cellAtOf(w.site) }

func (w *world) cellAtOf(s *site) func(int) error {
	return func(client int) error {
		at := w.cells[rand.IntN(len(w.cells))].Centre
		return s.do(client, asked{method: "GET", path: fmt.Sprintf("/v1/cells/at?lon=%.6f&lat=%.6f&datum=wgs84", at.Lon, at.Lat), token: w.residents[client]}, nil)
	}
}

var tilePaths = []string{"/tiles/cells/12/3421/1672.mvt", "/tiles/cells/13/6842/3344.mvt", "/tiles/cells/13/6843/3345.mvt", "/tiles/cells/14/13684/6689.mvt", "/tiles/cells/14/13685/6689.mvt"}

func (w *world) tile() func(int) error {
	return func(client int) error {
		return w.do(client, asked{method: "GET", path: tilePaths[rand.IntN(len(tilePaths))], token: w.dispatchers[client%dispatchers]}, nil)
	}
}
