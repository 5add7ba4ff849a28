// Package jpush sends by JPush 极光, which passes messages on to the push
// services of the makers of phones.
package jpush

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
)

const (
	ttlMost = 10 * 24 * time.Hour
	// lostAfter is how often in a row there has to be nobody at an address before it is forgotten.
	lostAfter = 3
	lostMost  = 10_000 // addresses that are kept count of
)

// Channel sends to registration ids of one app.
type Channel struct {
	service  *outgoing.Service
	base     string
	header   http.Header
	vendors  push.Vendors
	now      func() time.Time
	refusals push.Refusals

	mu     sync.Mutex
	paused time.Time      // nothing is sent before: the minute's pushes are used up
	lost   map[string]int // times in a row that nobody was at an address
}

// New sends for an app with its key and master secret, by the service at a base URL.
func New(base, key, secret string, vendors push.Vendors) *Channel {
	return &Channel{
		service: outgoing.NewService(8), base: base, vendors: vendors, now: time.Now, lost: map[string]int{},
		header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"+secret))}, "Content-Type": {"application/json"}},
	}
}

// Send fetches an id by which the service knows the message, on the first try,
// and hands the message over on the next: sent again under the id it is sent once.
func (c *Channel) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	if wait := c.wait(); wait > 0 {
		return delivery.Outcome{State: delivery.Later, After: wait, Code: "rate"}
	}
	if m.Key == "" {
		return c.fetch(ctx)
	}
	body, err := json.Marshal(c.body(m))
	if err != nil {
		return delivery.Outcome{State: delivery.Never, Code: "text"}
	}
	answer, said, err := c.service.Call(ctx, http.MethodPost, c.base+"/v3/push", c.header.Clone(), body)
	if err != nil {
		return push.Unanswered(err)
	}
	c.pace(answer.Header)
	return c.outcome(m.Address, answer, said)
}

func (c *Channel) fetch(ctx context.Context) delivery.Outcome {
	answer, said, err := c.service.Call(ctx, http.MethodGet, c.base+"/v3/push/cid?count=1", c.header.Clone(), nil)
	if err != nil {
		return push.Unanswered(err)
	}
	var list struct {
		CIDs []string `json:"cidlist"`
	}
	if answer.Status == http.StatusOK && json.Unmarshal(said, &list) == nil && len(list.CIDs) > 0 && list.CIDs[0] != "" && len(list.CIDs[0]) <= 100 {
		return delivery.Outcome{State: delivery.Later, Key: list.CIDs[0], Code: "cid"}
	}
	o := c.refused("", answer, said)
	if o.State == delivery.Gone { // of no address
		o.State = delivery.Broken
	}
	return o
}

type object = map[string]any

func (c *Channel) body(m delivery.Message) object {
	title, text := push.Cut(m.Title, push.TitleMost), push.Cut(m.Text, push.TextMost)
	priority := 0
	android := object{"alert": text, "title": title, "channel_id": push.Channel(m.Urgent), "extras": push.Link(m)}
	ios := object{"alert": object{"title": title, "body": text}, "thread-id": m.Kind, "extras": push.Link(m)}
	if m.Urgent {
		priority, ios["sound"] = 1, "default"
	}
	android["priority"] = priority
	vendors := object{
		"huawei": object{"importance": "NORMAL", "category": push.Work},
		"honor":  object{"importance": "NORMAL"},
		"vivo":   object{"category": push.Todo},
	}
	oppo := object{"category": push.Todo, "notify_level": 2}
	if c.vendors.OPPO != "" {
		oppo["channel_id"] = c.vendors.OPPO
	}
	vendors["oppo"] = oppo
	if c.vendors.Xiaomi != "" {
		vendors["xiaomi"] = object{"channel_id": c.vendors.Xiaomi}
	}
	platforms, shown := []string{"android", "ios"}, object{"android": android, "ios": ios}
	if m.Platform == "harmony" {
		platforms, shown = []string{"hmos"}, object{"hmos": object{"alert": text, "title": title, "category": push.Work, "intent": object{"url": m.Link}, "extras": push.Link(m)}}
	}
	return object{
		"cid": m.Key, "platform": platforms, "audience": object{"registration_id": []string{m.Address}},
		"notification": shown,
		"options": object{
			"time_to_live": int(min(max(m.TTL, 0), ttlMost).Seconds()), "apns_production": true, "apns_collapse_id": push.Cut(m.ID, 64),
			"classification": 1, "third_party_channel": vendors,
		},
	}
}

// outcome is what an answer to a message comes to.
func (c *Channel) outcome(address string, answer outgoing.Answer, said []byte) delivery.Outcome {
	var done struct {
		ID    push.Word `json:"msg_id"`
		Error any       `json:"error"`
	}
	if answer.Status == http.StatusOK && json.Unmarshal(said, &done) == nil && done.ID != "" && done.Error == nil {
		c.refusals.Known()
		c.found(address)
		return delivery.Outcome{State: delivery.Taken}
	}
	return c.refused(address, answer, said)
}

// refused is what an answer comes to that is not the one hoped for.
func (c *Channel) refused(address string, answer outgoing.Answer, said []byte) delivery.Outcome {
	var refusal struct {
		Error struct {
			Code    push.Word `json:"code"`
			Message push.Word `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(said, &refusal) // what cannot be read has no code
	code := refusal.Error.Code.Code()
	switch code {
	case "1003":
		if text := string(refusal.Error.Message); strings.Contains(text, "registration_id") && strings.Contains(text, "invalid") {
			return c.refusals.Refused(address, code)
		}
		return delivery.Outcome{State: delivery.Never, Code: code}
	case "1002", "1005", "1008", "1009", "1020":
		return delivery.Outcome{State: delivery.Never, Code: code}
	case "1011":
		return c.missing(address)
	case "1004", "2003", "2004", "2006", "2007":
		return delivery.Outcome{State: delivery.Broken, Code: code}
	case "1000", "1030":
		return delivery.Outcome{State: delivery.Later, After: answer.RetryAfter(c.now()), Code: code}
	case "2002":
		return delivery.Outcome{State: delivery.Later, After: max(c.wait(), time.Second), Code: code}
	}
	if o, failed := push.Failed(answer, c.now()); failed {
		return o
	}
	switch {
	case answer.Status < 300:
		return delivery.Outcome{State: delivery.Later, Code: "answer"}
	case code != "":
		return delivery.Outcome{State: delivery.Never, Code: code}
	}
	return delivery.Outcome{State: delivery.Broken, Code: push.Status(answer.Status)} // it is not this service that answers
}

// pace keeps to what the service says of its limit.
func (c *Channel) pace(h http.Header) {
	left, err := strconv.Atoi(h.Get("X-Rate-Limit-Remaining"))
	reset, resetErr := strconv.Atoi(h.Get("X-Rate-Limit-Reset"))
	if err != nil || resetErr != nil || left > 0 || reset <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = c.now().Add(time.Duration(min(reset, 60)) * time.Second)
}

func (c *Channel) wait() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paused.Sub(c.now())
}

// missing counts that nobody was at an address: a phone that was just installed is not known yet.
func (c *Channel) missing(address string) delivery.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lost) >= lostMost {
		clear(c.lost)
	}
	if c.lost[address]++; c.lost[address] < lostAfter {
		return delivery.Outcome{State: delivery.Later, Alone: true, Code: "1011"}
	}
	delete(c.lost, address)
	return delivery.Outcome{State: delivery.Gone, Code: "1011"}
}

func (c *Channel) found(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.lost, address)
}
