package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/wechat"
	"wangge/notifications/push/pushtest"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

const (
	app       = "wx0123456789abcdef"
	appSecret = "the app's secret"
)

// weChat stands in for WeChat's server: tokens run out, each code is good once,
// and each message takes one that its reader accepted.
type weChat struct {
	*httptest.Server
	mu       sync.Mutex
	token    int // number of the one that is good
	asked    map[string]int
	logins   map[string]string // code → openid
	phones   map[string]string // code → number
	accepted map[string]int    // openid
	sent     []map[string]any
	hold     chan struct{} // where set, the token is given once it is closed
}

func newWeChat(t *testing.T) *weChat {
	t.Helper()
	w := &weChat{asked: map[string]int{}, logins: map[string]string{}, phones: map[string]string{}, accepted: map[string]int{}}
	w.Server = httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(w.Close)
	return w
}

func (w *weChat) answer(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	w.asked[r.Method+" "+r.URL.Path]++
	hold := w.hold
	w.mu.Unlock()
	if hold != nil && r.URL.Path == "/cgi-bin/stable_token" {
		<-hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	said := func(code int, more map[string]any) {
		answer := map[string]any{}
		if code != 0 || r.URL.Path != "/sns/jscode2session" && r.URL.Path != "/cgi-bin/stable_token" {
			answer["errcode"], answer["errmsg"] = code, "in words"
		}
		for k, v := range more {
			answer[k] = v
		}
		_ = json.NewEncoder(out).Encode(answer)
	}
	var in map[string]any
	_ = json.Unmarshal(body, &in)
	query := r.URL.Query()
	switch r.Method + " " + r.URL.Path {
	case "POST /cgi-bin/stable_token":
		if in["appid"] != app || in["secret"] != appSecret || in["grant_type"] != "client_credential" {
			said(40125, nil)
			return
		}
		said(0, map[string]any{"access_token": fmt.Sprint("token-", w.token), "expires_in": 7200})
		return
	case "GET /sns/jscode2session":
		id, ok := w.logins[query.Get("js_code")]
		if query.Get("appid") != app || query.Get("secret") != appSecret || query.Get("grant_type") != "authorization_code" {
			said(40013, nil)
			return
		}
		if !ok {
			said(40029, nil)
			return
		}
		delete(w.logins, query.Get("js_code"))
		said(0, map[string]any{"openid": id, "session_key": "a-key-for-nobody", "unionid": "u"})
		return
	}
	if query.Get("access_token") != fmt.Sprint("token-", w.token) {
		said(40001, nil)
		return
	}
	switch r.URL.Path {
	case "/wxa/business/getuserphonenumber":
		code, _ := in["code"].(string)
		number, ok := w.phones[code]
		if !ok {
			said(40029, nil)
			return
		}
		delete(w.phones, code)
		said(0, map[string]any{"phone_info": map[string]any{"phoneNumber": "+86" + number, "purePhoneNumber": number, "countryCode": 86, "watermark": map[string]any{"appid": app, "timestamp": 1}}})
	case "/cgi-bin/message/subscribe/send":
		to, _ := in["touser"].(string)
		if w.accepted[to] == 0 {
			said(43101, nil)
			return
		}
		w.accepted[to]--
		w.sent = append(w.sent, in)
		said(0, nil)
	}
}

func (w *weChat) count(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[what]
}

func client(base string) *Client {
	c := New(base, app, appSecret, Templates{List: []Template{{ID: "template-1", Page: "pages/inbox?notice={id}", Fields: map[string]string{"thing1": theText, "time2": theTime, "phrase3": "待查看"}}}})
	c.now = func() time.Time { return noon }
	return c
}

// Each code is good once.
func TestSignIn(t *testing.T) {
	w := newWeChat(t)
	w.logins["login-1"], w.phones["phone-1"] = "openid-1", "13800000001"
	c := client(w.URL)
	if id, err := c.OpenID(t.Context(), "login-1"); id != "openid-1" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	if id, err := c.OpenID(t.Context(), "login-1"); id != "" || !errors.Is(err, wechat.ErrLoginCode) {
		t.Errorf("a second time: %q, %v", id, err)
	}
	if p, err := c.Phone(t.Context(), "phone-1"); p != (wechat.Phone{Country: "86", Number: "13800000001"}) || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := c.Phone(t.Context(), "phone-1"); p != (wechat.Phone{}) || !errors.Is(err, wechat.ErrPhoneCode) {
		t.Errorf("a second time: %+v, %v", p, err)
	}
	if n := w.count("POST /cgi-bin/stable_token"); n != 1 {
		t.Errorf("asked for %d tokens", n)
	}
}

// A token that ran out at WeChat's is renewed once, however many find it so.
func TestTokenIsRenewed(t *testing.T) {
	w := newWeChat(t)
	c := client(w.URL)
	w.phones["a"], w.phones["b"] = "13800000001", "13800000002"
	if _, err := c.Phone(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	w.token++
	w.mu.Unlock()
	if p, err := c.Phone(t.Context(), "b"); p.Number != "13800000002" || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	if n := w.count("POST /cgi-bin/stable_token"); n != 2 {
		t.Errorf("asked for %d tokens", n)
	}
	// Before its end too.
	later := noon.Add(7200*time.Second - early)
	c.now = func() time.Time { return later }
	_, _ = c.Phone(t.Context(), "none")
	if n := w.count("POST /cgi-bin/stable_token"); n != 3 {
		t.Errorf("asked for %d tokens", n)
	}
	for _, code := range []string{"40001", "40014", "42001"} { // with a new one that is refused too, something else is wrong
		s := pushtest.New(t, pushtest.Say(200, `{"access_token":"t","expires_in":7200}`), pushtest.Say(200, `{"errcode":`+code+`}`), pushtest.Say(200, `{"access_token":"t","expires_in":7200}`), pushtest.Say(200, `{"errcode":`+code+`}`))
		if _, err := client(s.URL).Phone(t.Context(), "x"); !errors.Is(err, wechat.ErrDown) || len(s.Asked()) != 4 {
			t.Errorf("%s: %v after %d requests", code, err, len(s.Asked()))
		}
	}
}

// Many who want the token at once ask for it once.
func TestTokenIsAskedForByOne(t *testing.T) {
	w := newWeChat(t)
	w.hold = make(chan struct{})
	c := client(w.URL)
	var all, waiting sync.WaitGroup
	for i := range 20 {
		w.phones[fmt.Sprint(i)] = fmt.Sprintf("138000000%02d", i)
		waiting.Add(1)
		all.Go(func() {
			waiting.Done()
			if p, err := c.Phone(t.Context(), fmt.Sprint(i)); err != nil || p.Number != fmt.Sprintf("138000000%02d", i) {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
	waiting.Wait()
	close(w.hold)
	all.Wait()
	if n := w.count("POST /cgi-bin/stable_token"); n != 1 {
		t.Errorf("asked for %d tokens", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.turn <- struct{}{} // somebody asks, and has no answer
	cancel()
	if _, err := c.Phone(ctx, "x"); !errors.Is(err, wechat.ErrDown) {
		t.Error(err)
	}
}

// What WeChat says has one meaning each, and no error says who or what was asked.
func TestSignInAnswers(t *testing.T) {
	const token = `{"access_token":"t","expires_in":7200}`
	phone := func(info string) string { return `{"errcode":0,"phone_info":` + info + `}` }
	for name, c := range map[string]struct {
		said  string
		login error // of OpenID; nil: not asked
		phone error
	}{
		"a bad code":              {`{"errcode":40029,"errmsg":"invalid code openid-1"}`, wechat.ErrLoginCode, wechat.ErrPhoneCode},
		"a used one, as a text":   {`{"errcode":"40163"}`, wechat.ErrLoginCode, wechat.ErrPhoneCode},
		"another program's":       {`{"errcode":40013}`, wechat.ErrDown, wechat.ErrPhoneCode},
		"a risk":                  {`{"errcode":40226}`, wechat.ErrRisky, wechat.ErrRisky},
		"too many":                {`{"errcode":45011}`, wechat.ErrBusy, wechat.ErrBusy},
		"busy":                    {`{"errcode":-1}`, wechat.ErrDown, wechat.ErrDown},
		"a wrong secret":          {`{"errcode":40125}`, wechat.ErrDown, wechat.ErrDown},
		"nothing":                 {``, wechat.ErrDown, wechat.ErrDown},
		"null":                    {`null`, wechat.ErrDown, wechat.ErrDown},
		"a list":                  {`[]`, wechat.ErrDown, wechat.ErrDown},
		"a page":                  {`<html>`, wechat.ErrDown, wechat.ErrDown},
		"a code that is none":     {`{"errcode":{},"openid":"openid-1"}`, wechat.ErrDown, wechat.ErrDown},
		"an openid of no form":    {`{"openid":"a b"}`, wechat.ErrDown, wechat.ErrDown},
		"an openid that is none":  {`{"openid":7}`, wechat.ErrDown, wechat.ErrDown},
		"a phone for another app": {phone(`{"purePhoneNumber":"13800000001","countryCode":"86","watermark":{"appid":"another"}}`), nil, wechat.ErrPhoneCode},
		"a phone for no app":      {phone(`{"purePhoneNumber":"13800000001","countryCode":"86"}`), nil, wechat.ErrPhoneCode},
		"half a phone":            {phone(`{"countryCode":"86","watermark":{"appid":"` + app + `"}}`), nil, wechat.ErrDown},
		"too much":                {strings.Repeat("[", 3<<20), wechat.ErrDown, wechat.ErrDown},
	} {
		check := func(what string, err, want error) {
			if !errors.Is(err, want) || strings.Contains(err.Error(), "openid-1") || strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "13800000001") {
				t.Errorf("%s, %s: %v, want %v", name, what, err, want)
			}
		}
		if c.login != nil {
			id, err := client(pushtest.New(t, pushtest.Say(200, c.said)).URL).OpenID(t.Context(), "x")
			if check("signing in", err, c.login); id != "" {
				t.Errorf("%s: %q", name, id)
			}
		}
		p, err := client(pushtest.New(t, pushtest.Say(200, token), pushtest.Say(200, c.said)).URL).Phone(t.Context(), "x")
		if check("the phone", err, c.phone); p != (wechat.Phone{}) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for status, want := range map[int]error{429: wechat.ErrBusy, 500: wechat.ErrDown, 302: wechat.ErrDown} {
		if _, err := client(pushtest.New(t, pushtest.Say(status, "", "Location", "http://127.0.0.1:1/")).URL).OpenID(t.Context(), "x"); !errors.Is(err, want) {
			t.Errorf("%d: %v", status, err)
		}
	}
	if _, err := client("http://127.0.0.1:1").OpenID(t.Context(), "x"); !errors.Is(err, wechat.ErrDown) || strings.Contains(err.Error(), appSecret) || strings.Contains(err.Error(), "js_code") {
		t.Errorf("nobody is there: %v", err)
	}
	p, err := client(pushtest.New(t, pushtest.Say(200, token), pushtest.Say(200, phone(`{"purePhoneNumber":"51234567","countryCode":"+852","watermark":{"appid":"`+app+`"}}`))).URL).Phone(t.Context(), "x")
	if p != (wechat.Phone{Country: "852", Number: "51234567"}) || err != nil {
		t.Errorf("of elsewhere: %+v, %v", p, err)
	}
}

// One that never answers is given up.
func TestHangs(t *testing.T) {
	stop := make(chan struct{})
	s := pushtest.New(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	})
	defer close(stop)
	c := client(s.URL)
	c.patience = time.Millisecond
	if _, err := c.OpenID(t.Context(), "x"); !errors.Is(err, wechat.ErrDown) {
		t.Error(err)
	}
	if _, err := c.Phone(t.Context(), "x"); !errors.Is(err, wechat.ErrDown) {
		t.Error(err)
	}
}
