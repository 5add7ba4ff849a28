package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"wangge/domain/civil"
	"wangge/domain/delivery"
	"wangge/notifications/push"
)

// messages are what is sent by subscription.
type messages struct {
	templates Templates
	refusals  push.Refusals
}

const minute = time.Minute

// Send sends a subscription message, which takes one of those that its reader
// has accepted. What WeChat would refuse for its form is not sent.
func (c *Client) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	t := c.templates.of(m.Kind)
	if t == nil {
		return delivery.Outcome{State: delivery.Never, Code: "no_template"}
	}
	data, wrong := t.data(m)
	if wrong != "" {
		return delivery.Outcome{State: delivery.Never, Code: "field"}
	}
	body := object{"touser": m.Address, "template_id": t.ID, "miniprogram_state": c.templates.state(), "lang": language(m.Language), "data": data}
	if t.Page != "" {
		body["page"] = strings.ReplaceAll(t.Page, "{id}", m.ID)
	}
	return c.outcome(m.Address, c.withToken(ctx, "/cgi-bin/message/subscribe/send", body, &sent{}))
}

// sent is the answer to a message, which has to say that it is fine: no other of WeChat's does.
type sent struct{}

// UnmarshalJSON refuses an answer without a code.
func (*sent) UnmarshalJSON(said []byte) error {
	var got struct {
		Code *push.Word `json:"errcode"`
	}
	if err := json.Unmarshal(said, &got); err != nil {
		return err
	}
	if got.Code == nil {
		return errors.New("no errcode")
	}
	return nil
}

// outcome is what a message comes to; f is nil for one that was taken.
func (c *Client) outcome(address string, f *failure) delivery.Outcome {
	if f == nil {
		c.refusals.Known()
		return delivery.Outcome{State: delivery.Taken}
	}
	now := c.now()
	code, ofToken := strings.CutPrefix(f.code, "token ")
	o := delivery.Outcome{State: delivery.Never, Code: code}
	switch {
	case f.err != nil:
		return push.Unanswered(f.err)
	case f.asked.Status != 0 && f.asked.Status != http.StatusOK:
		if failed, ok := push.Failed(f.asked, now); ok {
			return failed
		}
		o.State = delivery.Broken // it is not WeChat that answers
	case code == busy || code == unanswered:
		o.State = delivery.Later
	case code == perMinute:
		o.State, o.After = delivery.Later, minute
	case code == perDay:
		o.State, o.After = delivery.Later, untilTomorrow(now)
	case ofToken, endedToken(code), code == badApp, strings.HasPrefix(code, "48"), code == "43107", code == "61024": // keys and rights
		o.State, o.After = delivery.Broken, minute
	case code == atOnce:
		o.State, o.Alone = delivery.Later, true
	case code == refused:
		o.State = delivery.Spent
	case code == badOpenID:
		return c.refusals.Refused(address, code)
	}
	if o.State == delivery.Never || o.State == delivery.Spent { // WeChat knew who it is for
		c.refusals.Known()
	}
	return o
}

// untilTomorrow is how long this day in China still lasts.
func untilTomorrow(now time.Time) time.Duration {
	return civil.DateOf(now).Start().AddDate(0, 0, 1).Sub(now)
}

func language(of string) string {
	if of == "en" {
		return "en_US"
	}
	return "zh_CN"
}
