package handlers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/live"
	"wangge/domain/notice"
	"wangge/domain/ticket"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
)

// hearing is a client of the stream.
type hearing struct {
	t      testing.TB
	resp   *http.Response
	in     *bufio.Reader
	cursor string
}

// message is one of the stream; a comment has no name.
type message struct {
	name, data string
	body       object
}

// tune opens the stream and reads the first bytes, which come at once.
func tune(t testing.TB, address, token, after string) *hearing {
	t.Helper()
	req := must(http.NewRequestWithContext(t.Context(), "GET", address+"/v1/events", nil))(t)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	l := &hearing{t: t, resp: must(http.DefaultTransport.RoundTrip(req))(t), cursor: after}
	t.Cleanup(func() { _ = l.resp.Body.Close() })
	if l.in = bufio.NewReader(l.resp.Body); l.resp.StatusCode != 200 {
		t.Fatalf("%d %s", l.resp.StatusCode, must(io.ReadAll(l.resp.Body))(t))
	}
	if got := must(l.in.ReadString('\n'))(t) + must(l.in.ReadString('\n'))(t); got != streamBegin || l.resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream begins with %q, %v", got, l.resp.Header)
	}
	return l
}

// hear waits for the next message; false at the end of the stream.
func (l *hearing) hear() (m message, ok bool) {
	for {
		line, err := l.in.ReadString('\n')
		if err != nil {
			return m, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "":
			if m.name != "" {
				must(0, json.Unmarshal([]byte(m.data), &m.body))(l.t)
			}
			return m, true
		case "id":
			l.cursor = value
		case "event":
			m.name = value
		case "data":
			m.data = value
		}
	}
}

// next waits for the next message that is not a comment.
func (l *hearing) next() message {
	l.t.Helper()
	for {
		m, ok := l.hear()
		if !ok {
			l.t.Fatal("the stream has ended")
		}
		if m.name != "" {
			return m
		}
	}
}

// is waits for the next message and says what it should be.
func (l *hearing) is(name, data string) {
	l.t.Helper()
	if m := l.next(); m.name != name || m.data != data {
		l.t.Fatalf("heard %s %s, want %s %s", m.name, m.data, name, data)
	}
}

// until collects what was done with a ticket until it was.
func (l *hearing) until(last string) (out []string) {
	l.t.Helper()
	for {
		m := l.next()
		out = append(out, fmt.Sprint(m.body["action"]))
		if m.body["action"] == last {
			return out
		}
	}
}

// onAir is a node of the harness that is followed and listened to.
func (h *harness) onAir(t *testing.T) string {
	t.Helper()
	h.follow(t)
	return h.listen(t)
}

// What each hears of a ticket is what its timeline has for them, and nobody hears of one that they do not see.
func TestEventsAreThoseOfTheTimeline(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		ears := map[string]*hearing{}
		for _, who := range []string{"resident", "grid_lead", "outreach_worker", "dispatcher", "handler", "admin", "other grid_lead", "other resident", "counter_worker"} {
			ears[who] = tune(t, address, h.token(t, who), "")
			ears[who].is("reset", "{}")
		}
		id := h.report(t, "resident", inside(niujia, 1), "parking").ID
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "grid_lead", body: object{"text": "内部", "internal": true}})
		h.must(t, 200, call{method: "POST", url: "/v1/tickets/" + id + "/reveal", as: "grid_lead", body: object{"fields": []string{"phone"}, "reason": "回访"}})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		h.move(t, 200, id, "outreach_worker", object{"action": "request", "request": "return", "reason": "不归我管"})
		h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "resident", body: object{"text": "还在堵"}})
		far := h.report(t, "other resident", inside(jinshi, 1), "noise").ID // of which those outside of its street hear nothing
		for who, l := range ears {
			var want, got []string
			for _, one := range []string{id, far} {
				a := h.do(t, call{method: "GET", url: "/v1/tickets/" + one + "/timeline", as: who})
				for _, e := range a.items("/items") {
					want = append(want, fmt.Sprintf("%s %v %v %v %v", one, e.(object)["action"], e.(object)["from"], e.(object)["to"], e.(object)["version"]))
				}
			}
			for len(got) < len(want) {
				if m := l.next(); m.body["what"] == "ticket" {
					got = append(got, fmt.Sprintf("%v %v %v %v %v", m.body["id"], m.body["action"], m.body["from"], m.body["to"], m.body["version"]))
				}
			}
			slices.Sort(got) // streets have no order between them
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s heard\n%s\nwant\n%s", who, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		h.Live.Stop()
		for who, l := range ears {
			for m, ok := l.hear(); ok; m, ok = l.hear() {
				if m.name != "" && m.data != `{"reason":"stopping"}` {
					t.Errorf("%s heard more: %+v", who, m)
				}
			}
		}
	})
}

// A break is made good by the cursor, on the stream as by polls, and nothing is told twice.
func TestEventsGoOn(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		token := h.token(t, "grid_lead")
		l := tune(t, address, token, "")
		l.is("reset", "{}")
		first := l.cursor
		id := h.report(t, "resident", inside(niujia, 1), "parking").ID
		for _, action := range []string{"accept"} {
			h.move(t, 200, id, "grid_lead", object{"action": action})
		}
		if got := l.until("accept"); !slices.Equal(got, []string{"report", "accept"}) {
			t.Fatalf("heard %v", got)
		}
		_ = l.resp.Body.Close()
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		again := tune(t, address, token, l.cursor)
		if got := again.until("start"); !slices.Equal(got, []string{"dispatch", "start"}) {
			t.Errorf("after the break: %v", got)
		}
		poll := func(who, after, wait string) *answer {
			return h.must(t, 200, call{method: "GET", url: "/v1/events?after=" + after + "&wait=" + wait, as: who})
		}
		a := poll("grid_lead", first, "25")
		if got := len(a.items("/events")); got != 4 || a.at("/reset") != false {
			t.Errorf("from the beginning: %s", a.body)
		}
		a = poll("grid_lead", a.text("/cursor"), "0")
		if len(a.items("/events")) != 0 || a.at("/reset") != false {
			t.Errorf("after all: %s", a.body)
		}
		var waiting sync.WaitGroup
		waiting.Go(func() {
			b := poll("grid_lead", a.text("/cursor"), "30")
			if got := fmt.Sprint(b.at("/events/0/action")); got != "resolve" {
				t.Errorf("a poll that waited: %s", b.body)
			}
		})
		for h.Live.Count() < 2 { // the stream and the poll
			time.Sleep(time.Millisecond)
		}
		h.move(t, 200, id, "outreach_worker", object{"action": "resolve", "outcome": "fixed", "reason": "好了", "photos": []string{h.photo(t, "outreach_worker")}})
		waiting.Wait()
		for what, c := range map[string]string{"another's": first, "no cursor": "x.y", "one cut": first[:len(first)-9], "of another key": strings.Repeat("A", 80)} {
			if b := poll("dispatcher", c, "0"); b.at("/reset") != true || len(b.items("/events")) != 0 || b.text("/cursor") == c {
				t.Errorf("%s: %s", what, b.body)
			}
		}
		for _, bad := range []string{"-1", "31", "x", ""} {
			h.must(t, 400, call{method: "GET", url: "/v1/events?wait=" + bad, as: "grid_lead"})
		}
	})
}

// Whose session or token ends hears so with the next look after them, and nothing more.
func TestEventsEndWithTheSession(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		open := func(who string) *hearing {
			l := tune(t, address, h.token(t, who), "")
			l.is("reset", "{}")
			return l
		}
		out, off, changed, expired := open("grid_lead"), open("handler"), open("dispatcher"), open("outreach_worker")
		h.must(t, 204, call{method: "DELETE", url: "/v1/sessions/current", as: "grid_lead"})
		out.is("end", `{"reason":"session_ended"}`)
		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/accounts/" + h.people["handler"].id, as: "admin", body: object{"disabled": true}}))
		off.is("end", `{"reason":"session_ended"}`)
		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/accounts/" + h.people["dispatcher"].id, as: "admin", body: object{"password": "another-long-password"}}))
		changed.is("end", `{"reason":"session_ended"}`) // by the account's epoch
		h.clock.move(15 * time.Minute)
		expired.is("end", `{"reason":"token_expired"}`)
		for _, l := range []*hearing{out, off, changed, expired} {
			if m, ok := l.hear(); ok {
				t.Errorf("after the end: %+v", m)
			}
		}
	})
}

// Who ended it elsewhere is found at the next look, and a sign of life comes before that.
func TestEventsBeat(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		l := tune(t, h.onAir(t), h.token(t, "resident"), "")
		l.is("reset", "{}")
		begun := l.cursor
		h.clock.move(16 * time.Second)
		if m, ok := l.hear(); !ok || m.name != "" || l.cursor == begun { // though nothing happened
			t.Errorf("a sign of life: %+v, %s", m, l.cursor)
		}
		must(0, h.Accounts.EndSession(t.Context(), h.actor(t, "resident"), h.people["resident"].session))(t)
		h.clock.move(16 * time.Second)
		l.is("end", `{"reason":"session_ended"}`)
	})
}

// What a ticket brings is good once, for half a minute; it is the caller's who made it.
func TestEventTickets(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		open := func(ticket string) *http.Response {
			return must(http.Get(address + "/v1/events?ticket=" + ticket))(t)
		}
		ticket := func() string {
			return h.must(t, 201, call{method: "POST", url: "/v1/events/tickets", as: "grid_lead"}).text("/ticket")
		}
		one := ticket()
		first := open(one)
		defer first.Body.Close()
		if first.StatusCode != 200 {
			t.Fatalf("%d", first.StatusCode)
		}
		late := ticket()
		h.clock.move(live.TicketLasts)
		for _, bad := range []string{one, late, "x", ""} {
			resp := open(bad)
			if resp.StatusCode != 401 {
				t.Errorf("ticket %q: %d", bad, resp.StatusCode)
			}
			_ = resp.Body.Close()
		}
		l := &hearing{t: t, in: bufio.NewReader(first.Body)}
		for m := l.next(); m.name != "reset"; m = l.next() {
		}
		h.clock.move(15 * time.Minute)
		l.is("end", `{"reason":"token_expired"}`) // that of the token with which it was made
		must(0, live.Sweep(t.Context(), h.Store, h.Now()))(t)
	})
}

// Of a hundred streams of one account the last five stay, and the others are told.
func TestManyStreamsOfOneAccount(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		address, token := h.onAir(t), h.token(t, "grid_lead")
		var all []*hearing
		for range 100 {
			all = append(all, tune(t, address, token, ""))
		}
		for _, l := range all[:95] {
			l.is("reset", "{}")
			l.is("end", `{"reason":"replaced"}`)
		}
		h.report(t, "resident", inside(niujia, 1), "parking")
		for _, l := range all[95:] {
			l.is("reset", "{}")
			if got := l.next(); got.body["action"] != "report" {
				t.Errorf("heard %+v", got)
			}
		}
		if n := h.Live.Count(); n != 5 {
			t.Errorf("%d listen", n)
		}
	})
}

// A node takes so many, and says so to the next.
func TestStreamsOfANode(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		h.Live.Most = 2
		for _, who := range []string{"grid_lead", "resident"} {
			tune(t, address, h.token(t, who), "").is("reset", "{}")
		}
		a := h.must(t, 503, call{method: "GET", url: "/v1/events?wait=0", as: "dispatcher"})
		if a.text("/code") != "too_many_streams" || a.header.Get("Retry-After") == "" {
			t.Errorf("%v %s", a.header, a.body)
		}
	})
}

// Who takes nothing holds nobody up, and is dropped; what they missed they get by their cursor.
func TestSlowReaders(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.streams.taking = time.Hour
		render := h.Live.Render
		h.Live.Render = func(e live.Event) []byte { return append(render(e), bytes.Repeat([]byte(" "), 16<<10)...) }
		address := h.onAir(t)
		token := h.token(t, "grid_lead")
		conn := must(net.Dial("tcp", strings.TrimPrefix(address, "http://")))(t)
		defer conn.Close()
		must(fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token))(t)
		for h.Live.Count() == 0 {
			time.Sleep(time.Millisecond)
		}
		id := h.report(t, "resident", inside(niujia, 1), "parking").ID
		quick := tune(t, address, h.token(t, "dispatcher"), "")
		quick.is("reset", "{}")
		partition := must(ticket.Load(t.Context(), h.Store, []string{id}))(t)[id].Partition
		for rounds := 0; h.Live.Count() == 2; rounds++ {
			if rounds == 100 {
				t.Fatal("a slow reader is never dropped")
			}
			must(0, h.Store.Update(t.Context(), []string{partition}, func(tx *store.Tx) error {
				found, err := ticket.Load(t.Context(), tx, []string{id})
				for range 200 {
					if err == nil {
						err = found[id].RecordLinked(tx, store.Entry{At: h.clock.read(), Actor: "system", Action: "photo"})
					}
				}
				return err
			}))(t)
			for range 200 {
				m := quick.next()
				if m.body["action"] == "report" { // the hub had not come to it when the quick one began
					m = quick.next()
				}
				if m.body["action"] != "photo" {
					t.Fatalf("the quick one heard %+v", m)
				}
			}
		}
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		if got := quick.until("accept"); len(got) != 1 {
			t.Errorf("the quick one heard %v", got)
		}
		text := string(must(io.ReadAll(conn))(t)) // now that it is taken, with its end
		if !strings.HasSuffix(text, "event: end\ndata: {\"reason\":\"too_slow\"}\n\n") {
			t.Errorf("a slow reader ends with %.300q", text[max(0, len(text)-300):])
		}
	})
}

// Streams end within the time that a server takes to stop, and are told so; polls are answered.
func TestEventsWhenTheServerStops(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.follow(t)
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		served := make(chan error, 1)
		go func() { served <- h.App().Listener(l) }()
		address := "http://" + l.Addr().String()
		var ears []*hearing
		for _, who := range []string{"grid_lead", "resident", "handler", "dispatcher"} {
			ears = append(ears, tune(t, address, h.token(t, who), ""))
			ears[len(ears)-1].is("reset", "{}")
		}
		cursor := ears[0].cursor
		var polled sync.WaitGroup
		polled.Go(func() {
			req := must(http.NewRequestWithContext(t.Context(), "GET", address+"/v1/events?wait=30&after="+cursor, nil))(t)
			req.Header.Set("Authorization", "Bearer "+h.token(t, "grid_lead"))
			resp := must(http.DefaultTransport.RoundTrip(req))(t)
			defer resp.Body.Close()
			if body := must(io.ReadAll(resp.Body))(t); resp.StatusCode != 200 || !strings.Contains(string(body), `"events":[]`) {
				t.Errorf("the poll: %d %s", resp.StatusCode, body)
			}
		})
		for h.Live.Count() < 5 {
			time.Sleep(time.Millisecond)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		must(0, h.Shutdown(ctx))(t)
		must(0, <-served)(t)
		polled.Wait()
		for _, l := range ears {
			l.is("end", `{"reason":"stopping"}`)
			if m, ok := l.hear(); ok {
				t.Errorf("after the end: %+v", m)
			}
		}
	})
}

// A ticket that moves into another street is heard of there, and no more where it was.
func TestEventsOfAMovedTicket(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		here, manager := tune(t, address, h.token(t, "outreach_worker"), ""), tune(t, address, h.token(t, "street_manager"), "")
		here.is("reset", "{}")
		manager.is("reset", "{}")
		id := h.report(t, "resident", inside(niujia, 1), "parking").ID
		if m := here.next(); m.body["id"] != id || m.body["cell"] != cellCode(niujia, 1) {
			t.Fatalf("heard %+v", m)
		}
		outside := inside(chayuan, 1)
		h.move(t, 200, id, "street_manager", object{"action": "correct", "position": object{"lon": outside[0], "lat": outside[1], "datum": "wgs84"}})
		second := h.report(t, "resident", inside(niujia, 1), "noise").ID
		if m := here.next(); m.body["id"] != second {
			t.Errorf("heard of what has left: %+v", m)
		}
		if got := manager.until("correct"); !slices.Equal(got, []string{"report", "correct"}) {
			t.Errorf("who sees both heard %v", got)
		}
	})
}

// Who is granted something else is to load everything anew, and from then on hears by that.
func TestEventsByTheGrantsOfNow(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		l := tune(t, address, h.token(t, "dispatcher"), "")
		l.is("reset", "{}")
		h.must(t, 200, matched(call{method: "PUT", url: "/v1/accounts/" + h.people["dispatcher"].id + "/grants", as: "admin", body: object{"grants": []object{{"role": "dispatcher", "area": canglang}}}}))
		l.is("reset", "{}")
		h.report(t, "resident", inside(niujia, 1), "parking")
		there := h.report(t, "other resident", inside(jinshi, 1), "parking").ID
		if m := l.next(); m.body["id"] != there {
			t.Errorf("heard %+v", m)
		}
	})
}

// Who comes back and was granted something else meanwhile is to load everything anew, by stream and by poll.
func TestEventsAfterOtherGrants(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.onAir(t)
		poll := func(after string) *answer {
			return h.must(t, 200, call{method: "GET", url: "/v1/events?wait=0&after=" + after, as: "dispatcher"})
		}
		before := poll("").text("/cursor")
		h.report(t, "resident", inside(niujia, 1), "parking")
		h.must(t, 200, matched(call{method: "PUT", url: "/v1/accounts/" + h.people["dispatcher"].id + "/grants", as: "admin", body: object{"grants": []object{{"role": "dispatcher", "area": canglang}}}}))
		h.clock.move(time.Second)
		a := poll(before)
		if a.body == nil || a.at("/reset") != true || len(a.items("/events")) > 0 {
			t.Errorf("with other grants: %s", a.body)
		}
		if a = poll(a.text("/cursor")); a.at("/reset") != false {
			t.Errorf("with the same: %s", a.body)
		}
	})
}

// A change that was heard of just before somebody came holds for them, though the server believed them to be who they were.
func TestEventsOfWhoComesWithAChange(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		witness := tune(t, address, h.token(t, "dispatcher"), "")
		witness.is("reset", "{}")
		known := h.actor(t, "dispatcher") // as a server knows them for a moment
		h.must(t, 200, matched(call{method: "PUT", url: "/v1/accounts/" + h.people["dispatcher"].id + "/grants", as: "admin", body: object{"grants": []object{{"role": "dispatcher", "area": canglang}}}}))
		witness.is("reset", "{}") // the hub has heard
		w := &waiter{rang: make(chan struct{})}
		l := must(h.Live.Join(t.Context(), live.Joining{Actor: known, Now: h.Now(), Ear: w}))(t)
		l.Start()
		h.report(t, "resident", inside(niujia, 1), "parking")
		there := h.report(t, "other resident", inside(jinshi, 1), "parking").ID
		if m := witness.next(); m.body["id"] != there {
			t.Fatalf("heard %+v", m)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.lines) != 1 || w.lines[0].Event.ID != there {
			t.Errorf("%d lines", len(w.lines))
		}
	})
}

// Standing in for somebody ends by the clock, and with it, soon, what is heard of it.
func TestEventsOfAStandIn(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address, until := h.onAir(t), h.clock.read().Add(10*time.Minute)
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.must(t, 201, call{method: "POST", url: "/v1/covers", as: "community_manager", body: object{"absent": h.people["grid_lead"].id, "standIn": h.people["reviewer"].id, "until": until.Format(time.RFC3339), "why": "sick"}})
		h.clock.move(time.Second)
		l := tune(t, address, h.token(t, "reviewer"), "")
		l.is("reset", "{}")
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": access.Person, "id": h.people["outreach_worker"].id}})
		l.until("dispatch")
		h.clock.move(until.Sub(h.clock.read()) - time.Second)
		if m, ok := l.hear(); !ok || m.name != "" { // a sign of life: they were looked after, and stand in still
			t.Errorf("heard %+v", m)
		}
		h.clock.move(6 * time.Second)
		l.is("reset", "{}")
	})
}

// Who asks for the head of a stream listens to nothing: no stream ends for it, and no ticket is taken.
func TestHeadOfEvents(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.onAir(t)
		ticket := h.must(t, 201, call{method: "POST", url: "/v1/events/tickets", as: "grid_lead"}).text("/ticket")
		a := h.must(t, 200, call{method: "HEAD", url: "/v1/events", as: "grid_lead"})
		if n := h.Live.Count(); n != 0 || a.header.Get("Content-Type") != eventStream {
			t.Errorf("%d listen, %v", n, a.header)
		}
		h.must(t, 401, call{method: "HEAD", url: "/v1/events?ticket=" + ticket})
		h.must(t, 200, call{method: "GET", url: "/v1/events?wait=0&ticket=" + ticket})
	})
}

// Notices are heard of by whose they are, on each node, whoever wrote them; also by who comes back.
func TestEventsOfNotices(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		address := h.onAir(t)
		second := live.New(h.Store, h.Accounts, h.keys, h.Live.Options) // another node's
		second.Render, second.Sights = h.Live.Render, h.Live.Sights
		ctx, stop := context.WithCancel(t.Context())
		var following sync.WaitGroup
		following.Go(func() { _ = second.Follow(ctx, jobs.Node{Store: h.Store, Now: h.Now, Log: h.Log}) })
		defer following.Wait()
		defer stop()
		l := tune(t, address, h.token(t, "grid_lead"), "")
		l.is("reset", "{}")
		before := l.cursor
		also := &waiter{rang: make(chan struct{})}
		there := must(second.Join(t.Context(), live.Joining{Actor: h.actor(t, "grid_lead"), Now: h.Now(), After: before, Ear: also}))(t)
		there.Start()
		seen, hidden := h.report(t, "resident", inside(niujia, 1), "parking").ID, h.report(t, "other resident", inside(jinshi, 1), "parking").ID
		write := func(id, who, ticket string) {
			n := &notice.Notice{Meta: store.Meta{ID: id}, Recipient: h.people[who].id, Kind: "ticket_assigned", Importance: notice.Task, About: notice.About{Kind: "ticket", ID: ticket}, At: h.Now(), Expires: h.Now().Add(notice.Kept)}
			must(0, h.Store.Update(t.Context(), nil, func(tx *store.Tx) error {
				fresh := *n
				_, err := notice.Add(t.Context(), tx, []*notice.Notice{&fresh})
				return err
			}))(t)
		}
		write("one", "grid_lead", hidden) // who may not see it
		write("two", "resident", seen)    // another's
		write("three", "grid_lead", seen)
		for _, name := range []string{"change", "notice"} {
			m := l.next()
			if m.name == "change" && name == "notice" {
				m = l.next()
			}
			if m.name != name || name == "notice" && (m.body["id"] != "three" || m.body["kind"] != "ticket_assigned") {
				t.Errorf("heard %+v", m)
			}
		}
		for ids := []any{}; !slices.Contains(ids, any("three")); {
			time.Sleep(time.Millisecond)
			also.mu.Lock()
			ids = ids[:0]
			for _, line := range also.lines {
				ids = append(ids, any(line.Event.ID))
			}
			also.mu.Unlock()
			if len(ids) > 2 {
				t.Fatalf("heard on the other node: %v", ids)
			}
		}
		a := h.must(t, 200, call{method: "GET", url: "/v1/events?wait=0&after=" + before, as: "grid_lead"})
		if got := a.items("/events"); len(got) != 2 || a.text("/events/1/id") != "three" {
			t.Errorf("who comes back: %s", a.body)
		}
	})
}

// Two nodes of one MongoDB: each hears everything, and a break may end on the other.
func TestEventsOfTwoNodes(t *testing.T) {
	t.Parallel()
	t.Run("mongodb", func(t *testing.T) {
		at, dir := enginetest.MongoDB(t), t.TempDir()
		h := startHarness(t, at.Open(t), dir)
		h.closed(t)
		h.city = buildCity(t, h.Store, h.Server, h.codes)
		second := startHarness(t, at.Open(t), dir)
		second.closed(t)
		second.city = h.city
		one, two := h.onAir(t), second.onAir(t)
		token := h.token(t, "grid_lead")
		a, b := tune(t, one, token, ""), tune(t, two, token, "")
		a.is("reset", "{}")
		b.is("reset", "{}")
		id := h.report(t, "resident", inside(niujia, 1), "parking").ID
		second.move(t, 200, id, "grid_lead", object{"action": "accept"})
		for _, l := range []*hearing{a, b} {
			if got := l.until("accept"); !slices.Equal(got, []string{"report", "accept"}) {
				t.Errorf("heard %v", got)
			}
		}
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": access.Person, "id": h.people["outreach_worker"].id}})
		if got := a.until("dispatch"); len(got) != 1 {
			t.Errorf("heard %v", got)
		}
		_ = a.resp.Body.Close()
		again := tune(t, two, token, a.cursor) // at once, when that node may not have read as far
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		if got := again.until("start"); !slices.Equal(got, []string{"start"}) {
			t.Errorf("on the other node: %v", got)
		}
	})
}
