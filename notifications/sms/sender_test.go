package sms

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/limit"
	"wangge/domain/sms"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
)

// node is one that sends, by a clock that the test moves.
type node struct {
	*sms.Texts
	st     *store.Store
	sender *Sender
	clock  *clock
	log    *logged
	sleeps chan chan time.Time // what it sleeps by
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type logged struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

func newNode(t *testing.T, p enginetest.Place, at string, c *clock) *node {
	t.Helper()
	st := must(store.Open(t.Context(), p.Open(t), store.Options{Now: c.now}, slices.Concat(limit.Collections(), sms.Collections())...))(t)
	t.Cleanup(func() { _ = st.Close(context.WithoutCancel(t.Context())) })
	n := &node{st: st, clock: c, log: &logged{}, sleeps: make(chan chan time.Time, 100)}
	n.Texts = sms.New(st, worldtest.Keys(t), 1000, c.now)
	n.sender = New(n.Texts, alibaba(at))
	n.sender.after = func(time.Duration) <-chan time.Time {
		wake := make(chan time.Time, 1)
		n.sleeps <- wake
		return wake
	}
	return n
}

// run sends until the test, or what it returns, ends it.
func (n *node) run(t *testing.T) func() {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.sender.Run(ctx, jobs.Node{Store: n.st, Now: n.clock.now, Log: slog.New(slog.NewTextHandler(n.log, nil))})
	}()
	end := func() { stop(); <-done }
	t.Cleanup(end)
	return end
}

// until waits, waking the node each time it sleeps, until it is so.
func (n *node) until(t *testing.T, what string, so func() bool) {
	t.Helper()
	bound := time.After(2 * time.Minute)
	for !so() {
		select {
		case wake := <-n.sleeps:
			if len(n.sender.room) == 0 { // what is on its way is not overtaken by the clock
				n.clock.move(time.Second)
			}
			wake <- time.Time{}
		case <-bound:
			t.Fatalf("never: %s; %v; %s; the log says %s", what, n.counts(t), n.clock.now(), n.log)
		}
	}
}

func (n *node) counts(t *testing.T) map[string]int {
	t.Helper()
	return must(n.Days(t.Context(), access.Actor{Account: "a", Grants: []access.Grant{{Role: access.Admin}}}, n.clock.now()))(t)[0].Counts
}

// carrier is a stand-in that remembers what it has sent, and tells of it.
type carrier struct {
	mu   sync.Mutex
	sent map[string]int // by id
	lost int            // how many answers are lost after the message went out
}

func (c *carrier) answer(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Header.Get("X-Acs-Action") == "SendSms" {
		if c.sent[q.Get("OutId")]++; c.lost > 0 {
			c.lost--
			panic(http.ErrAbortHandler)
		}
		says(200, `{"Code":"OK","BizId":"biz"}`)(w, r)
		return
	}
	var details []string
	for id := range c.sent {
		details = append(details, `{"OutId":"`+id+`","SendStatus":3,"ErrCode":"DELIVERED"}`)
	}
	says(200, `{"Code":"OK","SmsSendDetailDTOs":{"SmsSendDetailDTO":[`+strings.Join(details, ",")+`]}}`)(w, r)
}

// Every code goes out once, whichever answers were lost and whichever node was
// stopped, and each comes to be delivered; no log names a number or a code.
func TestEachIsSentOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		c := &carrier{sent: map[string]int{}, lost: 7}
		at, clock := stand(t, c.answer), &clock{at: worldtest.Noon}
		one := newNode(t, p, at.URL, clock)
		stop := one.run(t)
		const total = 20
		for i := range total {
			if err := one.SendCode(t.Context(), fmt.Sprintf("138000000%02d", i), oneTime); err != nil {
				t.Fatal(err)
			}
			if i == total/2 {
				stop()
			}
		}
		stop = one.run(t)
		one.until(t, "all are delivered", func() bool { return one.counts(t)["delivered"] == total })
		stop()
		if len(c.sent) != total {
			t.Errorf("%d went out", len(c.sent))
		}
		for id, n := range c.sent {
			if n != 1 {
				t.Errorf("%s went out %d times", id, n)
			}
		}
		if said := one.log.String(); strings.Contains(said, "13800") || strings.Contains(said, oneTime) || strings.Contains(said, "127.0.0.1") {
			t.Errorf("the log says %s", said)
		}
	})
}

// A service that is broken is told to the operator, and the code goes out when it works again.
func TestABrokenService(t *testing.T) {
	c := stand(t, says(200, `{"Code":"isv.OUT_OF_SERVICE","Message":"余额不足 `+phone+`"}`))
	clock := &clock{at: worldtest.Noon}
	n := newNode(t, enginetest.SQLite(t), c.URL, clock)
	n.run(t)
	if err := n.SendCode(t.Context(), phone, oneTime); err != nil {
		t.Fatal(err)
	}
	n.until(t, "a warning", func() bool { return len(must(n.Warnings(t.Context(), clock.now()))(t)) > 0 })
	c.answers(says(200, `{"Code":"OK","BizId":"biz"}`))
	n.until(t, "it is sent", func() bool { return n.counts(t)["accepted"] == 1 })
	if said := n.log.String(); !strings.Contains(said, "isv.OUT_OF_SERVICE") || strings.Contains(said, phone) || strings.Contains(said, oneTime) {
		t.Errorf("the log says %s", said)
	}
	if got := slices.IndexFunc(c.asked, func(q url.Values) bool { return q.Get("OutId") != c.asked[0].Get("OutId") && q.Get("OutId") != "" }); got >= 0 {
		t.Error("another try has another id")
	}
}
