// Package wechat speaks to WeChat's server for one mini-program: who signs in,
// their phone, and subscription messages. It knows the wire and keeps nothing
// but the token that all calls share. What WeChat answers is 200 whatever came
// of it: errcode says that. No answer, address or code is in an error of it.
package wechat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wangge/notifications/outgoing"
	"wangge/notifications/push"
)

const (
	connections = 16
	patience    = 4 * time.Second // for one call, while somebody waits to be signed in
	early       = 5 * time.Minute // before its end a token is renewed; WeChat gives the next one from then on
	tokenLeast  = 300             // seconds that one is good for
	tokenMost   = 7200
)

// Client calls for one mini-program.
type Client struct {
	service           *outgoing.Service
	base, app, secret string
	patience          time.Duration
	now               func() time.Time
	messages
	turn  chan struct{} // to see to the token, held by who looks at the fields below
	token string
	until time.Time
}

// New calls WeChat at a base URL, for a mini-program by its id and secret, which sends by the templates.
func New(base, app, secret string, templates Templates) *Client {
	return &Client{service: outgoing.NewService(connections), base: strings.TrimSuffix(base, "/"), app: app, secret: secret, patience: patience, now: time.Now,
		messages: messages{templates: templates}, turn: make(chan struct{}, 1)}
}

// Codes of WeChat's.
const (
	fine       = "0"
	busy       = "-1"
	perMinute  = "45011"
	perDay     = "45009"
	badOpenID  = "40003"
	badApp     = "40013"
	badCode    = "40029"
	usedCode   = "40163"
	noCode     = "41008"
	riskyUser  = "40226"
	refused    = "43101" // the message: by its reader, or what they accepted is used up
	atOnce     = "43108" // another message to the same person is on its way
	badData    = "47003"
	unanswered = "answer" // ours: no answer of WeChat's
)

// endedToken are the codes that say that a token is no good any more.
func endedToken(code string) bool { return code == "40001" || code == "40014" || code == "42001" }

// failure is a call that did not succeed: WeChat's code, or ours where there is none.
type failure struct {
	code  string
	asked outgoing.Answer
	err   error // where there was no answer
}

func (f *failure) Error() string { return "wechat: " + f.code }

// call asks WeChat and reads the answer into out, whose fields are those that
// are wanted: what else there is, such as a session_key, is not kept.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, out any) *failure {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return &failure{code: "text", err: err}
		}
	}
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	a, said, err := c.service.Call(ctx, method, address, http.Header{"Content-Type": {"application/json"}}, sent)
	if err != nil {
		return &failure{code: outgoing.Code(err), err: err}
	}
	return answered(a, said, out)
}

// answered reads an answer into out; nil where WeChat did what it was asked.
func answered(a outgoing.Answer, said []byte, out any) *failure {
	var got struct {
		Code *push.Word `json:"errcode"`
	}
	switch {
	case a.Status != http.StatusOK:
		return &failure{code: push.Status(a.Status), asked: a}
	case json.Unmarshal(said, &got) != nil, got.Code != nil && *got.Code == "":
		return &failure{code: unanswered, asked: a}
	case got.Code != nil && *got.Code != fine:
		return &failure{code: got.Code.Code(), asked: a}
	case json.Unmarshal(said, out) != nil:
		return &failure{code: unanswered, asked: a}
	}
	return nil
}

// withToken posts with the token that all calls share. One that WeChat takes
// for ended is renewed once.
func (c *Client) withToken(ctx context.Context, path string, body, out any) *failure {
	before := ""
	for {
		token, failed := c.tokenBut(ctx, before)
		if failed != nil {
			return failed
		}
		failed = c.call(ctx, http.MethodPost, path, url.Values{"access_token": {token}}, body, out)
		if failed == nil || before != "" || !endedToken(failed.code) {
			return failed
		}
		before = token
	}
}

// tokenBut is the token, but for one that was refused. It is asked for by one
// at a time, however many want it: nodes that ask WeChat this way get the same one.
func (c *Client) tokenBut(ctx context.Context, before string) (string, *failure) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return "", &failure{code: outgoing.Code(ctx.Err()), err: ctx.Err()}
	}
	if c.token != "" && c.token != before && c.now().Before(c.until) {
		return c.token, nil
	}
	c.token = ""
	var got struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // s
	}
	failed := c.call(ctx, http.MethodPost, "/cgi-bin/stable_token", nil, object{"grant_type": "client_credential", "appid": c.app, "secret": c.secret}, &got)
	if failed != nil {
		return "", &failure{"token " + failed.code, failed.asked, failed.err}
	}
	if got.Token == "" || strings.ContainsFunc(got.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &failure{code: "token " + unanswered}
	}
	lasts := time.Duration(min(max(got.Expires, tokenLeast), tokenMost)) * time.Second
	c.token, c.until = got.Token, c.now().Add(lasts-min(early, lasts/2))
	return c.token, nil
}

type object = map[string]any
