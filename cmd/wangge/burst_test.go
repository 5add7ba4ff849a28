package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/store/mongodb/mongotest"
)

// Whoever is killed in the middle of a thousand transitions, each inbox has each
// notice once, each stream hears of everything once, and each phone has a push
// of every ticket, which are one by the id of the notice.
func TestBurstWithKills(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		b := newBurst(t, 1)
		for range 4 { // wherever it is: among the transitions, or among the pushes
			b.killing(0, 1+rand.IntN(burstOf*len(burstSteps)+burstOf), 0)
		}
		b.run()
	})
	t.Run("mongodb", func(t *testing.T) {
		mongotest.Impatient(t)
		b := newBurst(t, 2, "--store", mongotest.URI(t))
		b.killing(0, 1+rand.IntN(burstOf*3), 100)
		b.run()
	})
}

const (
	burstOf    = 250 // tickets, each of which takes every step
	burstGroup = 50  // tickets in one batch
	gatewayKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

var burstSteps = []string{"accept", "dispatch", "start", "resolve"}

// kill is when a node is killed, and started again: as so many things have happened.
type kill struct{ node, at, back int }

type burst struct {
	*cluster
	tokens   map[string]string
	workerID string
	position any
	ears     map[string][]*ear
	control  string // a ticket that took every step while nobody was killed: what is told of it is told of each
	kills    []kill
	happened chan bool // a transition was acknowledged, or a push came

	mu     sync.Mutex
	pushed map[string]map[string]bool // addresses, by notice
	sent   map[string]string          // id of the message, by "notice address"
}

// phones are the addresses of devices, by whose they are.
var phones = map[string]string{"resident": "the-residents-phone", "worker": "the-workers-phone"}

func newBurst(t *testing.T, nodes int, args ...string) *burst {
	b := &burst{tokens: map[string]string{}, ears: map[string][]*ear{}, happened: make(chan bool, 1<<16), pushed: map[string]map[string]bool{}, sent: map[string]string{}}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.push(t, r); w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(gateway.Close)
	const many = "1000000"
	args = append([]string{"--demo", "--data", t.TempDir(), "--push-gateway", gateway.URL, "--reports-per-hour", many, "--network-reports-per-hour", many, "--writes-per-hour", many}, args...)
	b.cluster = newCluster(t, nodes, []string{"WANGGE_PUSH_GATEWAY_SECRET=" + gatewayKey}, args...)
	for who, with := range map[string]any{
		"resident": map[string]string{"phone": "13800000001", "code": "000000"},
		"lead":     map[string]string{"username": "grid_lead", "password": "wangge-demo"},
		"worker":   map[string]string{"username": "outreach_worker", "password": "wangge-demo"},
	} {
		b.tokens[who], _ = b.ask(0, "POST", "/v1/sessions", "", "", with)["accessToken"].(string)
	}
	me := b.ask(0, "GET", "/v1/me", b.tokens["worker"], "", nil)
	if t.Failed() {
		t.FailNow()
	}
	b.workerID = fmt.Sprint(me["id"])
	cell := me["posts"].([]any)[0].(map[string]any)["cell"].(map[string]any)["code"].(string)
	b.position = b.ask(0, "GET", "/v1/cells/"+cell+"?datum=gcj02", b.tokens["lead"], "", nil)["centre"]
	for who, address := range phones {
		b.ask(0, "PUT", "/v1/me/devices/"+ids.New(), b.tokens[who], "", map[string]any{"way": "gateway", "address": address, "platform": "harmony", "language": "zh-CN", "at": time.Now().UTC()})
		atAnyHour(t, b.nodes[0].base, b.tokens[who])
	}
	for who, token := range b.tokens {
		for i := range 2 {
			b.ears[who] = append(b.ears[who], b.listen(i%nodes, token))
		}
	}
	b.control = b.report(0)
	b.take(0, []string{b.control})
	return b
}

// push is one that comes to the gateway.
func (b *burst) push(t *testing.T, r *http.Request) {
	var body struct {
		Data struct{ Notice, Address string }
	}
	content, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(content, &body) != nil {
		return // of a node that was killed as it sent
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	notice, address, id := body.Data.Notice, body.Data.Address, r.Header.Get("webhook-id")
	if b.pushed[notice] == nil {
		b.pushed[notice] = map[string]bool{}
	}
	b.pushed[notice][address] = true
	if was, again := b.sent[notice+" "+address]; again && was != id || id == "" {
		t.Errorf("one notice was pushed under %q and %q", was, id)
	}
	b.sent[notice+" "+address] = id
	b.happened <- true
}

// killing has a node killed once so many things have happened, and started again after some more.
func (b *burst) killing(node, at, back int) { b.kills = append(b.kills, kill{node, at, at + back}) }

func (b *burst) report(i int) string {
	key := ids.New()
	made := b.ask(i, "POST", "/v1/tickets", b.tokens["resident"], key, map[string]any{"category": "noise", "title": "夜间施工", "position": b.position})
	return fmt.Sprint(made["id"])
}

// take takes every step with some tickets: what the lead does in batches, what the worker does one by one.
func (b *burst) take(i int, tickets []string) {
	for _, step := range burstSteps {
		switch step {
		case "accept", "dispatch":
			var items []any
			for _, id := range tickets {
				transition := map[string]any{"id": ids.New(), "action": step}
				if step == "dispatch" {
					transition["assignee"] = map[string]string{"kind": "person", "id": b.workerID}
				}
				items = append(items, map[string]any{"ticket": id, "transition": transition})
			}
			out := b.ask(i, "POST", "/v1/tickets/transitions", b.tokens["lead"], "", map[string]any{"items": items})
			done, _ := out["items"].([]any)
			for _, it := range done {
				if it.(map[string]any)["status"] != 200.0 {
					b.t.Errorf("%s: %v", step, it)
				}
				b.happened <- true
			}
		default:
			for _, id := range tickets {
				transition := map[string]any{"action": step}
				if step == "resolve" {
					transition["outcome"] = "fixed"
				}
				b.ask(i, "POST", "/v1/tickets/"+id+"/transitions", b.tokens["worker"], ids.New(), transition)
				b.happened <- true
			}
		}
	}
}

func (b *burst) run() {
	tickets := make([]string, burstOf)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := i; n < burstOf; n += 8 {
				tickets[n] = b.report(i % len(b.nodes))
			}
		})
	}
	all.Wait()
	b.eventually("the pushes of the ticket before", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.pushed) > 1 })
	for len(b.happened) > 0 {
		<-b.happened
	}
	var killing sync.WaitGroup
	over := make(chan struct{})
	killing.Go(func() { b.killAll(over) })
	for g := range burstOf / burstGroup {
		all.Go(func() { b.take(g%len(b.nodes), tickets[g*burstGroup:(g+1)*burstGroup]) })
	}
	all.Wait()
	last := b.report(0) // what comes after it was not told again
	b.take(0, []string{last})
	b.check(append(tickets, last))
	close(over)
	killing.Wait()
}

// killAll kills when that is due.
func (b *burst) killAll(over chan struct{}) {
	slices.SortFunc(b.kills, func(a, c kill) int { return a.at - c.at })
	b.t.Logf("kills: %v", b.kills)
	n := 0
	until := func(at int) bool {
		for ; n < at; n++ {
			select {
			case <-b.happened:
			case <-over:
				return false
			}
		}
		return true
	}
	for _, k := range b.kills {
		if !until(k.at) {
			b.t.Errorf("nothing was killed at %d of %d", k.at, n)
			return
		}
		b.kill(k.node)
		until(k.back)
		b.start(k.node)
	}
}

// inbox is what somebody was told of each ticket: kinds, and the tickets of notices by their ids.
func (b *burst) inbox(who string) (kinds map[string][]string, tickets map[string]string) {
	kinds, tickets = map[string][]string{}, map[string]string{}
	for cursor := ""; ; {
		page := b.ask(0, "GET", "/v1/me/inbox?limit=100"+cursor, b.tokens[who], "", nil)
		items, _ := page["items"].([]any)
		for _, it := range items {
			n := it.(map[string]any)
			id, about := fmt.Sprint(n["id"]), fmt.Sprint(n["about"].(map[string]any)["id"])
			if tickets[id] != "" {
				b.t.Errorf("%s has %s twice", who, id)
			}
			tickets[id] = about
			kinds[about] = append(kinds[about], fmt.Sprint(n["kind"]))
		}
		next, more := page["next"].(string)
		if !more {
			break
		}
		cursor = "&cursor=" + next
	}
	for _, k := range kinds {
		slices.Sort(k)
	}
	return kinds, tickets
}

// check waits until everybody was told of the last ticket, and compares what is told of all with what is told of the control.
func (b *burst) check(tickets []string) {
	t, last := b.t, tickets[len(tickets)-1]
	for who, ears := range b.ears {
		kinds, of := map[string][]string{}, map[string]string{}
		b.eventually("the inbox of the "+who+" at the end", func() bool {
			kinds, of = b.inbox(who)
			return len(kinds[last]) >= len(kinds[b.control]) && len(kinds[b.control]) >= len(leastTold[who])
		})
		for _, want := range leastTold[who] {
			if !slices.Contains(kinds[b.control], want) {
				t.Errorf("%s was told %v, and not %s", who, kinds[b.control], want)
			}
		}
		for _, id := range tickets {
			if !slices.Equal(kinds[id], kinds[b.control]) {
				t.Errorf("%s was told %v of a ticket, and of another %v", who, kinds[id], kinds[b.control])
			}
		}
		for i, e := range ears {
			b.checkEar(who, fmt.Sprintf("stream %d of the %s", i, who), e, tickets, of)
		}
		if address := phones[who]; address != "" {
			b.checkPhone(who, address, tickets, of)
		}
	}
}

// leastTold are kinds of notices that each gets of a ticket, whatever else.
var leastTold = map[string][]string{"resident": {"ticket_changed"}, "worker": {"ticket_assigned"}}

func (b *burst) checkEar(who, name string, e *ear, tickets []string, notices map[string]string) {
	t, last := b.t, tickets[len(tickets)-1]
	own := map[string]bool{} // notices about these tickets: there may be others from before somebody listened
	for id, about := range notices {
		if about == b.control || slices.Contains(tickets, about) {
			own[id] = true
		}
	}
	b.eventually(name+" at the end", func() bool {
		heard := e.of(last)
		e.mu.Lock()
		defer e.mu.Unlock()
		for id := range own {
			if e.notices[id] == 0 {
				return false
			}
		}
		return len(heard) >= len(burstSteps)
	})
	want := e.of(b.control)
	for i, from := range []string{"reported accepted", "accepted dispatched", "dispatched in_progress", "in_progress resolved"} {
		if !slices.ContainsFunc(want, func(heard string) bool { return strings.HasSuffix(heard, " "+from) }) {
			t.Errorf("%s heard %v, and no step %d", name, want, i)
		}
	}
	for _, id := range tickets {
		if heard := e.of(id); !slices.Equal(heard, want) {
			t.Errorf("%s heard %v of a ticket, and of another %v", name, heard, want)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, now := b.inbox(who) // also what else came since it was read: the city has other tickets, whose time runs out
	for _, heard := range []map[string]int{e.changes, e.notices} {
		for what, n := range heard {
			if n != 1 {
				t.Errorf("%s heard %s %d times", name, what, n)
			}
		}
	}
	for id := range e.notices {
		if now[id] == "" {
			t.Errorf("%s heard of notice %s, which the inbox has not", name, id)
		}
	}
	if e.resets != 1 || e.ended != "" {
		t.Errorf("%s was to load everything anew %d times; ended: %s", name, e.resets, e.ended)
	}
	t.Logf("%s: %d events, %d notices, %d breaks", name, len(e.changes), len(e.notices), e.breaks)
}

// checkPhone waits for a push of every ticket: there is one in ten minutes, which is one by the id of its notice.
func (b *burst) checkPhone(who, address string, tickets []string, notices map[string]string) {
	of := map[string][]string{}
	b.eventually("the phone of the "+who, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		clear(of)
		for notice, to := range b.pushed {
			if to[address] {
				of[notices[notice]] = append(of[notices[notice]], notice)
			}
		}
		return !slices.ContainsFunc(tickets, func(id string) bool { return len(of[id]) == 0 })
	})
	for _, id := range append(tickets, b.control) {
		if len(of[id]) != 1 {
			b.t.Errorf("%s had pushes of %d notices about one ticket", who, len(of[id]))
		}
	}
	if len(of[""]) > 0 {
		b.t.Errorf("%s had pushes of %d notices that the inbox has not", who, len(of[""]))
	}
}
