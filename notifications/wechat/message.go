package wechat

import (
	"context"
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
	failed := c.withToken(ctx, "/cgi-bin/message/subscribe/send", body, &struct{}{})
	if failed == nil {
		c.refusals.Known()
		return delivery.Outcome{State: delivery.Taken}
	}
	return c.outcome(m.Address, failed)
}

// outcome is what a message that was not taken comes to.
func (c *Client) outcome(address string, f *failure) delivery.Outcome {
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
