// Package getui sends by Getui 个推, on which uni-push stands.
package getui

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
)

const (
	ttlMost = 72 * time.Hour
	early   = 10 * time.Minute // before its end a token is renewed
	pause   = time.Minute      // after too many
)

// Channel sends to client ids of one app.
type Channel struct {
	service           *outgoing.Service
	base, key, secret string
	vendors           push.Vendors
	now               func() time.Time
	refusals          push.Refusals
	turn              chan struct{} // to see to the token, held by who looks at the fields below
	token             string
	until             time.Time
}

// New sends for an app, by its id, key and master secret, by the service at a base URL.
func New(base, app, key, secret string, vendors push.Vendors) *Channel {
	return &Channel{service: outgoing.NewService(8), base: base + "/v2/" + url.PathEscape(app), key: key, secret: secret, vendors: vendors, now: time.Now, turn: make(chan struct{}, 1)}
}

// answer is what the service says of anything.
type answer struct {
	Code push.Word       `json:"code"`
	Msg  push.Word       `json:"msg"`
	Data json.RawMessage `json:"data"`
}

// Codes of the service's.
const (
	expired = "10001" // the token
	wrong   = "20001" // a parameter, whichever
)

// Send hands a message to the service. A token that it takes for ended is
// renewed once.
func (c *Channel) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	body, err := json.Marshal(c.body(m))
	if err != nil {
		return delivery.Outcome{State: delivery.Never, Code: "text"}
	}
	refused := ""
	for {
		token, failed := c.tokenBut(ctx, refused)
		if token == "" {
			return failed
		}
		a, said, err := c.service.Call(ctx, http.MethodPost, c.base+"/push/single/cid", http.Header{"Content-Type": {"application/json"}, "Token": {token}}, body)
		if err != nil {
			return push.Unanswered(err)
		}
		if refused == "" && parse(said).Code == expired {
			refused = token
			continue
		}
		return c.outcome(m.Address, a, said)
	}
}

// tokenBut is the token that all messages share, but for one that was refused;
// "" and what came of it where there is none.
func (c *Channel) tokenBut(ctx context.Context, refused string) (string, delivery.Outcome) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return "", push.Unanswered(ctx.Err())
	}
	if c.token != "" && c.token != refused && c.now().Before(c.until) {
		return c.token, delivery.Outcome{}
	}
	c.token = ""
	stamp := strconv.FormatInt(c.now().UnixMilli(), 10)
	sum := sha256.Sum256([]byte(c.key + stamp + c.secret))
	body, err := json.Marshal(object{"sign": hex.EncodeToString(sum[:]), "timestamp": stamp, "appkey": c.key})
	if err != nil {
		return "", delivery.Outcome{State: delivery.Broken, Code: "settings"}
	}
	a, said, err := c.service.Call(ctx, http.MethodPost, c.base+"/auth", http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return "", push.Unanswered(err)
	}
	var got struct {
		Token   string    `json:"token"`
		Expires push.Word `json:"expire_time"` // ms
	}
	answered := parse(said)
	_ = json.Unmarshal(answered.Data, &got) // of another form: no token
	if answered.Code != "0" || got.Token == "" || strings.ContainsFunc(got.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		o := general(answered, a, c.now())
		if o.State == delivery.Never {
			o.State = delivery.Broken // no message is at fault
		}
		return "", o
	}
	c.token, c.until = got.Token, c.now().Add(24*time.Hour-early)
	if ms, err := strconv.ParseInt(string(got.Expires), 10, 64); err == nil && ms > 0 {
		c.until = time.UnixMilli(ms).Add(-early)
	}
	return c.token, delivery.Outcome{}
}

func parse(said []byte) (a answer) {
	_ = json.Unmarshal(said, &a) // of another form: nothing is known of it
	return a
}

// outcome is what an answer to a message comes to.
func (c *Channel) outcome(address string, a outgoing.Answer, said []byte) delivery.Outcome {
	got := parse(said)
	if got.Code == "0" {
		return c.taken(got)
	}
	if got.Code == wrong && strings.Contains(string(got.Msg), "target user is invalid") {
		return c.refusals.Refused(address, wrong)
	}
	return general(got, a, c.now())
}

// taken looks at what became of the one client id.
func (c *Channel) taken(got answer) delivery.Outcome {
	var tasks map[string]map[string]push.Word
	_ = json.Unmarshal(got.Data, &tasks) // of another form: there is none
	for _, task := range tasks {
		for _, status := range task {
			switch status {
			case "successed_ignore": // the phone was not seen for a season: nothing is sent there
				c.refusals.Known()
				return delivery.Outcome{State: delivery.Never, Code: string(status)}
			case "successed_online", "successed_offline":
				c.refusals.Known()
				return delivery.Outcome{State: delivery.Taken}
			default:
				return delivery.Outcome{State: delivery.Never, Code: status.Code()}
			}
		}
	}
	return delivery.Outcome{State: delivery.Later, Code: "answer"}
}

// general is what an answer comes to that says no more than that it was refused.
func general(got answer, a outgoing.Answer, now time.Time) delivery.Outcome {
	code := got.Code.Code()
	switch {
	case code == "10003" || code == "10005":
		return delivery.Outcome{State: delivery.Later, After: max(pause, a.RetryAfter(now)), Code: code}
	case strings.HasPrefix(code, "100") && len(code) == 5: // of signing in: keys and rights
		return delivery.Outcome{State: delivery.Broken, Code: code}
	}
	if o, failed := push.Failed(a, now); failed {
		return o
	}
	switch {
	case code != "" && code != "0":
		return delivery.Outcome{State: delivery.Never, Code: code}
	case a.Status < 300:
		return delivery.Outcome{State: delivery.Later, Code: "answer"}
	}
	return delivery.Outcome{State: delivery.Broken, Code: push.Status(a.Status)} // it is not this service that answers
}

type object = map[string]any

// requestID is what the service knows a repeated try by: one for each notice
// and address, 32 characters.
func requestID(m delivery.Message) string {
	sum := sha256.Sum256([]byte(m.ID + " " + m.Address + " " + strconv.FormatInt(m.At.UnixMilli(), 10)))
	return hex.EncodeToString(sum[:16])
}

func (c *Channel) body(m delivery.Message) object {
	title, text := push.Cut(m.Title, push.TitleMost), push.Cut(m.Text, push.TextMost)
	payload, _ := json.Marshal(push.Link(m)) // texts only
	sum := sha256.Sum256([]byte(m.ID))
	level := 3
	aps := object{"alert": object{"title": title, "body": text}, "thread-id": m.Kind}
	if m.Urgent {
		level, aps["sound"] = 4, "default"
	}
	options := object{
		"HW": object{"/message/android/category": push.Work, "/message/android/notification/importance": "NORMAL"},
		"HO": object{"/android/notification/importance": "NORMAL"},
		"VV": object{"/category": push.Todo},
	}
	oppo := object{"/category": push.Todo, "/notify_level": 2}
	if c.vendors.OPPO != "" {
		oppo["/channel_id"] = c.vendors.OPPO
	}
	options["OP"] = oppo
	if c.vendors.Xiaomi != "" {
		options["XM"] = object{"/extra.channel_id": c.vendors.Xiaomi}
	}
	shown := object{"title": title, "body": text, "click_type": "payload", "payload": string(payload)}
	return object{
		"request_id": requestID(m), "settings": object{"ttl": min(max(m.TTL, time.Minute), ttlMost).Milliseconds()}, "audience": object{"cid": []string{m.Address}},
		"push_message": object{"notification": object{
			"title": title, "body": text, "click_type": "payload", "payload": string(payload),
			"channel_id": push.Channel(m.Urgent), "channel_level": level, "notify_id": binary.BigEndian.Uint32(sum[:4]) >> 1,
		}},
		"push_channel": object{
			"android": object{"ups": object{"notification": shown, "options": options}},
			"ios":     object{"type": "notify", "payload": string(payload), "apns-collapse-id": push.Cut(m.ID, 64), "aps": aps},
		},
	}
}
