// Package robot writes into the groups of WeCom 企业微信 and DingTalk 钉钉, by the
// robots that people add to them.
package robot

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
)

// Services, as addresses of robots name them.
const (
	WeCom    = "wecom"
	DingTalk = "dingtalk"
)

const (
	textMost = 2048 // bytes, of both
	// aMinute is how often a robot may write in one, below the 20 after which
	// one service refuses and the other blocks it for ten minutes.
	aMinute = 18
)

// Channel writes by any robot of the two services.
type Channel struct {
	service         *outgoing.Service
	wecom, dingtalk string // base URLs
	now             func() time.Time

	mu    sync.Mutex
	wrote map[string][]time.Time // by address, within the last minute
}

// New reaches the services at their base URLs.
func New(wecom, dingtalk string) *Channel {
	return &Channel{service: outgoing.NewService(4), wecom: wecom, dingtalk: dingtalk, now: time.Now, wrote: map[string][]time.Time{}}
}

// Address is that of a robot: its service, its key there, and the secret that
// it signs with, if it has one.
func Address(service, key, secret string) string { return service + " " + key + " " + secret }

// Send writes a message into the group. A robot that has written often enough waits by itself.
func (c *Channel) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	at, ok := c.url(m.Address)
	if !ok {
		return delivery.Outcome{State: delivery.Gone, Code: "address"}
	}
	if wait := c.take(m.Address); wait > 0 {
		return delivery.Outcome{State: delivery.Later, Alone: true, After: wait, Code: "rate"}
	}
	text := m.Text
	if m.Title != "" {
		text = m.Title + "\n" + text
	}
	body, err := json.Marshal(map[string]any{"msgtype": "text", "text": map[string]string{"content": push.Cut(text, textMost)}})
	if err != nil {
		return delivery.Outcome{State: delivery.Never, Code: "text"}
	}
	answer, said, err := c.service.Call(ctx, http.MethodPost, at, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return push.Unanswered(err)
	}
	return outcome(answer, said, c.now())
}

// url is where a robot is written to.
func (c *Channel) url(address string) (string, bool) {
	parts := strings.Split(address, " ")
	if len(parts) != 3 || parts[1] == "" {
		return "", false
	}
	switch query := (url.Values{}); parts[0] {
	case WeCom:
		query.Set("key", parts[1])
		return c.wecom + "/cgi-bin/webhook/send?" + query.Encode(), true
	case DingTalk:
		query.Set("access_token", parts[1])
		if secret := parts[2]; secret != "" {
			stamp := strconv.FormatInt(c.now().UnixMilli(), 10)
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(stamp + "\n" + secret))
			query.Set("timestamp", stamp)
			query.Set("sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		}
		return c.dingtalk + "/robot/send?" + query.Encode(), true
	}
	return "", false
}

// take counts that a robot writes, and says how long it has to wait where it has written often enough.
func (c *Channel) take(address string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	for a, times := range c.wrote { // few: of streets and communities
		for len(times) > 0 && now.Sub(times[0]) >= time.Minute {
			times = times[1:]
		}
		if c.wrote[a] = times; len(times) == 0 {
			delete(c.wrote, a)
		}
	}
	if wrote := c.wrote[address]; len(wrote) >= aMinute {
		return wrote[0].Add(time.Minute).Sub(now)
	}
	c.wrote[address] = append(c.wrote[address], now)
	return 0
}

// outcome reads the code in the body: the status is 200 whatever came of it.
func outcome(answer outgoing.Answer, said []byte, now time.Time) delivery.Outcome {
	if o, failed := push.Failed(answer, now); failed {
		return o
	}
	var got struct {
		Code *push.Word `json:"errcode"`
	}
	if json.Unmarshal(said, &got) != nil || got.Code == nil || *got.Code == "" {
		if answer.Status >= 300 {
			return delivery.Outcome{State: delivery.Broken, Code: push.Status(answer.Status)}
		}
		return delivery.Outcome{State: delivery.Later, Code: "answer"}
	}
	switch code := got.Code.Code(); code {
	case "0":
		return delivery.Outcome{State: delivery.Taken}
	case "-1": // busy
		return delivery.Outcome{State: delivery.Later, Code: code}
	case "45009": // WeCom's limit
		return delivery.Outcome{State: delivery.Later, Alone: true, After: time.Minute, Code: code}
	case "130101": // DingTalk's
		return delivery.Outcome{State: delivery.Later, Alone: true, After: 10 * time.Minute, Code: code}
	case "93000", "300001", "310000": // there is no such robot, or it takes nothing: another key, word or address is set there
		return delivery.Outcome{State: delivery.Gone, Code: code}
	default:
		return delivery.Outcome{State: delivery.Never, Code: code}
	}
}
