package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// measure takes every kind of request on one engine.
func measure(ctx context.Context, o settings, engine, dir string) (all []result, notes []string, err error) {
	p := &program{path: o.program, data: filepath.Join(dir, engine), address: free()}
	if p.receiver, err = newReceiver(); err != nil {
		return nil, nil, err
	}
	defer p.receiver.server.Close()
	size := sqliteSize(p.data)
	var m *mongod
	if engine == "mongodb" {
		if m, err = startMongod(ctx, filepath.Join(dir, "mongod")); err != nil {
			return nil, nil, err
		}
		defer m.stop()
		p.store, size = m.uri, m.size
	}
	say("%s: filling", engine)
	w, err := fill(ctx, o, p, size)
	defer w.stop()
	if err != nil {
		return nil, nil, err
	}
	for _, text := range w.onDisk {
		notes = append(notes, engine+": "+text)
	}
	beside, err := startPeers(ctx, o, engine, dir, w)
	defer beside.stop()
	if err != nil {
		return nil, nil, err
	}
	if beside.perRecord > 0 {
		notes = append(notes, fmt.Sprintf("PocketBase's record takes %.1f KB with its indexes.", float64(beside.perRecord)/1024))
	}
	if m != nil {
		if beside.raw, err = newHandwritten(ctx, m.client, w.tickets[0]); err != nil {
			return nil, nil, fmt.Errorf("the driver alone: %w", err)
		}
	}
	if o.wants("upsert", "counter-day", "where", "me-cases", "deployment") {
		if err := w.counters(ctx, o.tickets); err != nil {
			return nil, nil, err
		}
	}
	if o.wants("address") {
		say("%s: importing %d addresses", engine, o.doors)
		if err := w.importAddresses(ctx, dir, o.doors); err != nil {
			return nil, nil, err
		}
		if m != nil {
			beside.text, err = driverAlone(ctx, m.client)
		} else {
			beside.text, err = indexAlone(ctx, filepath.Join(dir, "index.db"), o.doors)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("the index alone: %w", err)
		}
	}
	for _, k := range kinds {
		if !o.wants(k.name) {
			continue
		}
		if k.whole != nil {
			say("%s: %s", engine, k.name)
			found, said, err := k.whole(w, ctx, o, engine, filepath.Join(dir, engine+"-"+k.name))
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", k.name, err)
			}
			for _, r := range found {
				say("%s", r.line())
			}
			all, notes = append(all, found...), append(notes, said...)
			continue
		}
		if k.name == "complete" && len(w.open) == 0 {
			continue // it completes what check-in began
		}
		for _, clients := range o.clients {
			who := append([]contender{{name: "wangge", do: k.ours(w), cpu: func() time.Duration { return w.program.running.cpu() }}}, beside.of(k, w)...)
			if k.told {
				who[0].before, who[1].before = w.tell(true), w.tell(false)
			}
			found, err := turns(ctx, o, engine, k.name, clients, who)
			if err != nil {
				return nil, nil, fmt.Errorf("%s with %d clients: %w", k.name, clients, err)
			}
			for _, r := range found {
				say("%s", r.line())
			}
			all = append(all, found...)
		}
	}
	return all, notes, nil
}

// wants reports whether one of these kinds is to be measured.
func (o settings) wants(names ...string) bool {
	return len(o.requests) == 0 || slices.ContainsFunc(names, func(name string) bool { return slices.Contains(o.requests, name) })
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// beside is who takes turns with the program.
type beside struct {
	pocketbases []*base // FULL, then NORMAL
	bare        *site
	bareRunning *process
	raw         *handwritten
	text        func(client int) error // the text index of addresses alone
	perRecord   int64
	running     []*process
}

func (b *beside) stop() {
	for _, p := range b.running {
		p.stop()
	}
}

// of lists who else does this kind of request.
func (b *beside) of(k kind, w *world) (who []contender) {
	for _, pb := range b.pocketbases {
		if k.pocketbase != nil && (pb.sync == "FULL" || k.name == "report") {
			who = append(who, contender{name: "PocketBase " + pb.sync, do: k.pocketbase(pb), cpu: pb.running.cpu})
		}
	}
	if k.bare && b.bare != nil {
		who = append(who, contender{name: "bare Fiber", do: w.cellAtOf(b.bare), cpu: b.bareRunning.cpu})
	}
	if k.raw && b.raw != nil {
		who = append(who, contender{name: "driver alone", do: b.raw.report})
	}
	if k.report {
		who = append(who, contender{name: "a report", do: w.report(false), cpu: func() time.Duration { return w.program.running.cpu() }})
	}
	if k.text && b.text != nil {
		who = append(who, contender{name: "index alone", do: b.text})
	}
	return who
}

// startPeers starts those that belong to the engine, filled like the program.
func startPeers(ctx context.Context, o settings, engine, dir string, w *world) (*beside, error) {
	b := &beside{}
	if engine != "sqlite" {
		return b, nil
	}
	self, err := os.Executable()
	if err != nil {
		return b, err
	}
	run := func(address string, args ...string) (*process, error) {
		p, err := start(exec.Command(self, append(args, "--listen", address)...))
		if err != nil {
			return nil, err
		}
		b.running = append(b.running, p)
		return p, p.answers(ctx, address)
	}
	var body []byte
	at := w.cells[0].Centre
	if err := w.do(0, asked{method: "GET", path: fmt.Sprintf("/v1/cells/at?lon=%.6f&lat=%.6f&datum=wgs84", at.Lon, at.Lat), token: w.admin}, &body); err != nil {
		return b, err
	}
	file := filepath.Join(dir, "cell.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return b, err
	}
	address := free()
	if b.bareRunning, err = run(address, "bare", "--file", file); err != nil {
		return b, err
	}
	b.bare = newSite(address)
	for _, sync := range []string{"FULL", "NORMAL"} {
		data, address := filepath.Join(dir, "pocketbase-"+sync), free()
		args := []string{"pocketbase", "--dir", data, "--sync", sync}
		p, err := run(address, args...)
		if err != nil {
			return b, err
		}
		pb := &base{site: newSite(address), sync: sync}
		if pb.tokens, err = readTokens(data); err != nil {
			return b, err
		}
		b.pocketbases = append(b.pocketbases, pb)
		create := pb.create()
		p.stop()
		before := size(filepath.Join(data, "data.db"))
		if p, err = run(address, args...); err != nil {
			return b, err
		}
		if err := together(ctx, o.tickets, func(client, _ int) error { return create(client) }); err != nil {
			return b, err
		}
		p.stop()
		pb.forget()
		b.perRecord = (size(filepath.Join(data, "data.db")) - before) / int64(o.tickets)
		if pb.running, err = run(address, args...); err != nil {
			return b, err
		}
	}
	return b, nil
}

// base is a PocketBase.
type base struct {
	*site
	sync    string
	running *process
	tokens  []string
	made    atomic.Int64
	ids     [500]atomic.Pointer[string]
}

func (b *base) create() func(int) error {
	return func(client int) error {
		n := b.made.Add(1)
		at := fmt.Sprintf("2026-11-28 %02d:%02d:%02d.%03dZ", n/3600%24, n/60%60, n%60, n%1000)
		number := fmt.Sprintf("%s-261128-%d-%d", street, n, rand.IntN(1<<30))
		id := func(name string) string { return fmt.Sprintf("01a22196-4f79-731a-b890-%012d", len(name)) }
		record := map[string]any{
			"number": number, "kind": "help", "category": "parking", "source": "app", "urgency": "normal", "title": someTitle(), "description": "请尽快处理，已经持续一个多月，附近居民都有意见。",
			"address": someAddress(), "sent": "3d9b1f6e52a75c1e9f1064b0c6a4d2e73d9b1f6e52a75c1e", "datum": "wgs84", "publicId": "20261128-" + number, "publicSpot": "0000000030d4-20261128-" + number,
			"city": id("city"), "county": id("county"), "street": id("street"), "community": id("community"), "cell": id("cell") + fmt.Sprint(n%88), "boundary": id("boundary"),
			"reporter": id("reporter") + fmt.Sprint(client), "reportedBy": id("reporter") + fmt.Sprint(client), "state": "reported",
			"lon": 120.624971, "lat": 31.3112541, "key": 123456789, "accuracyM": 12, "publicLon": 120.62475, "publicLat": 31.31125, "openKey": 123456789,
			"createdAt": at, "updatedAt": at, "dueAt": at, "audience": []string{}, "links": []string{}, "helpers": []string{}, "involved": []string{}, "handled": []string{}, "reviewers": []string{}, "photos": []string{}, "steps": []string{},
		}
		var out struct {
			ID string `json:"id"`
		}
		err := b.do(client, asked{method: "POST", path: "/api/collections/tickets/records", token: b.tokens[client], body: record}, &out)
		if err == nil {
			b.ids[int(n)%len(b.ids)].Store(&out.ID)
		}
		return err
	}
}

func (b *base) view() func(int) error {
	return func(client int) error {
		id := b.ids[rand.IntN(len(b.ids))].Load()
		if id == nil {
			return errNoMore
		}
		return b.do(client, asked{method: "GET", path: "/api/collections/tickets/records/" + *id, token: b.tokens[client]}, nil)
	}
}

// list does not have the whole counted: the program's lists do not either.
func (b *base) list() func(int) error {
	query := url.Values{"perPage": {"20"}, "sort": {"-createdAt"}, "skipTotal": {"1"}, "filter": {fmt.Sprintf("street='01a22196-4f79-731a-b890-%012d'", len("street"))}}.Encode()
	return func(client int) error {
		return b.do(client, asked{method: "GET", path: "/api/collections/tickets/records?" + query, token: b.tokens[client]}, nil)
	}
}
