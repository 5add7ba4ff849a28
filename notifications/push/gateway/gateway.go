// Package gateway hands messages to a push gateway of who runs the program, for
// services that the program does not know itself: a cloud function of uni-push,
// say. Each is one POST, signed as Standard Webhooks says.
package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
	"wangge/notifications/signed"
)

// Channel sends to one gateway.
type Channel struct {
	service  *outgoing.Service
	url      string
	secret   string
	now      func() time.Time
	refusals push.Refusals
}

// New sends to the gateway at a URL, signed with a secret; the error says what is wrong with that.
func New(url, secret string) (*Channel, error) {
	if _, err := signed.Header("msg_0", time.Unix(0, 0), nil, []string{secret}); err != nil {
		return nil, err
	}
	return &Channel{service: outgoing.NewService(8), url: url, secret: secret, now: time.Now}, nil
}

// body is what a gateway gets.
type body struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"` // of the notice
	Data      data   `json:"data"`
}

type data struct {
	Notice   string `json:"notice"` // what collapses on a phone
	Address  string `json:"address"`
	Platform string `json:"platform"`
	Kind     string `json:"kind"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Link     string `json:"link"`
	Urgent   bool   `json:"urgent"`
	TTL      int64  `json:"ttlSeconds"`
}

// Send hands a message to the gateway, under an id that is the same each time.
func (c *Channel) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	content, err := json.Marshal(body{"push", m.At.UTC().Format("2006-01-02T15:04:05.000Z"), data{m.ID, m.Address, m.Platform, m.Kind, push.Cut(m.Title, push.TitleMost), push.Cut(m.Text, push.TextMost), m.Link, m.Urgent, int64(max(m.TTL, 0).Seconds())}})
	if err != nil {
		return delivery.Outcome{State: delivery.Never, Code: "text"}
	}
	header, err := signed.Header(messageID(m), c.now(), content, []string{c.secret})
	if err != nil {
		return delivery.Outcome{State: delivery.Broken, Code: "secret"}
	}
	answer, _, err := c.service.Call(ctx, http.MethodPost, c.url, header, content)
	if answer.Status == 0 {
		return push.Unanswered(err)
	}
	return c.outcome(m.Address, answer) // the status has said what counts
}

// messageID is one for each notice and address.
func messageID(m delivery.Message) string {
	sum := sha256.Sum256([]byte(m.ID + " " + m.Address + " " + strconv.FormatInt(m.At.UnixMilli(), 10)))
	return "msg_" + hex.EncodeToString(sum[:16])
}

func (c *Channel) outcome(address string, answer outgoing.Answer) delivery.Outcome {
	code := push.Status(answer.Status)
	if o, failed := push.Failed(answer, c.now()); failed {
		return o
	}
	switch answer.Status {
	case http.StatusGone:
		return c.refusals.Refused(address, code)
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return delivery.Outcome{State: delivery.Broken, Code: code}
	}
	if answer.Status >= 200 && answer.Status < 300 {
		c.refusals.Known()
		return delivery.Outcome{State: delivery.Taken}
	}
	return delivery.Outcome{State: delivery.Never, Code: code}
}
