package getui

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
	"wangge/notifications/push/pushtest"
)

const (
	cid   = "3f9c02d18f1c4d1c9a41f3f8a0e7d121"
	ended = `{"code":10001,"msg":"token expired"}`
	auth  = `{"code":0,"msg":"success","data":{"expire_time":"1795492800000","token":"token-1"}}` // a day after noon
	taken = `{"code":0,"msg":"success","data":{"RASS_0101_task":{"3f9c02d18f1c4d1c9a41f3f8a0e7d121":"successed_online"}}}`
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func channel(base string) *Channel {
	c := New(base, "app-1", "key", "master", push.Vendors{Xiaomi: "109", OPPO: "todo"})
	c.now = func() time.Time { return noon }
	return c
}

// Messages share a token for a day, and each try of one has the same request id.
func TestMessage(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, auth), pushtest.Say(200, taken))
	c := channel(s.URL)
	now := noon
	c.now = func() time.Time { return now }
	m := pushtest.Message(cid)
	for range 2 {
		if got := c.Send(t.Context(), m); got != (delivery.Outcome{State: delivery.Taken}) {
			t.Fatalf("%+v", got)
		}
	}
	asked := s.Asked()
	sum := sha256.Sum256([]byte("key1795406400000master"))
	pushtest.SameJSON(t, asked[0].Content, `{"sign":"`+hex.EncodeToString(sum[:])+`","timestamp":"1795406400000","appkey":"key"}`)
	if len(asked) != 3 || asked[0].URL.Path != "/v2/app-1/auth" || asked[1].URL.Path != "/v2/app-1/push/single/cid" || asked[1].Header.Get("Token") != "token-1" {
		t.Errorf("%d requests, %s, %s", len(asked), asked[0].URL, asked[1].URL)
	}
	if string(asked[1].Content) != string(asked[2].Content) {
		t.Errorf("the second try differs:\n%s\n%s", asked[1].Content, asked[2].Content)
	}
	var sent struct {
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(asked[1].Content, &sent); err != nil || len(sent.RequestID) < 10 || len(sent.RequestID) > 32 {
		t.Errorf("request id %q", sent.RequestID)
	}
	const link = `{\"id\":\"0190a5b0-0000-7000-8000-000000000001\",\"kind\":\"ticket_assigned\",\"link\":\"wangge://inbox/0190a5b0-0000-7000-8000-000000000001\"}`
	pushtest.SameJSON(t, asked[1].Content, `{"request_id":"`+sent.RequestID+`","settings":{"ttl":3600000},"audience":{"cid":["`+cid+`"]},
		"push_message":{"notification":{"title":"网格","body":"您有新的待办事项","click_type":"payload","payload":"`+link+`","channel_id":"notice","channel_level":3,"notify_id":`+notifyID(t, asked[1].Content)+`}},
		"push_channel":{"android":{"ups":{"notification":{"title":"网格","body":"您有新的待办事项","click_type":"payload","payload":"`+link+`"},
			"options":{"HW":{"/message/android/category":"WORK","/message/android/notification/importance":"NORMAL"},"HO":{"/android/notification/importance":"NORMAL"},"VV":{"/category":"TODO"},"OP":{"/category":"TODO","/notify_level":2,"/channel_id":"todo"},"XM":{"/extra.channel_id":"109"}}}},
			"ios":{"type":"notify","payload":"`+link+`","apns-collapse-id":"0190a5b0-0000-7000-8000-000000000001","aps":{"alert":{"title":"网格","body":"您有新的待办事项"},"thread-id":"ticket_assigned"}}}}`)
	for _, other := range []func(*delivery.Message){func(m *delivery.Message) { m.ID = "x" }, func(m *delivery.Message) { m.Address = "x" }, func(m *delivery.Message) { m.At = noon.Add(time.Hour) }} {
		changed := m
		if other(&changed); requestID(changed) == requestID(m) {
			t.Errorf("%+v has the request id of another", changed)
		}
	}
	now = noon.Add(24*time.Hour - early)
	s.Then(pushtest.Say(200, auth), pushtest.Say(200, taken))
	c.Send(t.Context(), m)
	if asked := s.Asked(); asked[3].URL.Path != "/v2/app-1/auth" {
		t.Errorf("a day later: %s", asked[3].URL)
	}
}

func notifyID(t *testing.T, body []byte) string {
	var sent struct {
		Message struct {
			Notification struct {
				ID json.Number `json:"notify_id"`
			} `json:"notification"`
		} `json:"push_message"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	return sent.Message.Notification.ID.String()
}

// A token that has ended is renewed once: with a new one that is refused too, something else is wrong.
func TestTokenIsRenewedOnce(t *testing.T) {
	fresh := strings.Replace(auth, "token-1", "token-2", 1)
	s := pushtest.New(t, pushtest.Say(200, auth), pushtest.Say(401, ended), pushtest.Say(200, fresh), pushtest.Say(200, taken))
	c := channel(s.URL)
	if got := c.Send(t.Context(), pushtest.Message(cid)); got.State != delivery.Taken || s.Asked()[3].Header.Get("Token") != "token-2" {
		t.Errorf("%+v", got)
	}
	s.Then(pushtest.Say(401, ended), pushtest.Say(200, auth), pushtest.Say(401, ended))
	if got := c.Send(t.Context(), pushtest.Message(cid)); got.State != delivery.Broken || got.Code != "10001" || len(s.Asked()) != 7 {
		t.Errorf("%+v after %d requests", got, len(s.Asked()))
	}
}

// Many messages at once ask for one token.
func TestTokenIsShared(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, auth), pushtest.Say(200, taken))
	c := channel(s.URL)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got := c.Send(t.Context(), pushtest.Message(cid)); got.State != delivery.Taken {
				t.Errorf("%+v", got)
			}
		})
	}
	all.Wait()
	if n := len(s.Asked()); n != 21 {
		t.Errorf("%d requests", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.turn <- struct{}{} // somebody asks for one, and has no answer
	cancel()
	if got := c.Send(ctx, pushtest.Message(cid)); got.State != delivery.Later {
		t.Errorf("%+v", got)
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   delivery.Outcome
	}{
		"offline":         {200, strings.Replace(taken, "online", "offline", 1), delivery.Outcome{State: delivery.Taken}},
		"dormant":         {200, strings.Replace(taken, "online", "ignore", 1), delivery.Outcome{State: delivery.Never, Code: "successed_ignore"}},
		"another word":    {200, strings.Replace(taken, "successed_online", "failed", 1), delivery.Outcome{State: delivery.Never, Code: "failed"}},
		"no word":         {200, `{"code":0,"data":{}}`, delivery.Outcome{State: delivery.Later, Code: "answer"}},
		"too many":        {401, `{"code":10003,"msg":"api call frequency limit"}`, delivery.Outcome{State: delivery.Later, After: time.Minute, Code: "10003"}},
		"too many a day":  {401, `{"code":"10005"}`, delivery.Outcome{State: delivery.Later, After: time.Minute, Code: "10005"}},
		"another right":   {401, `{"code":10002}`, delivery.Outcome{State: delivery.Broken, Code: "10002"}},
		"no such address": {400, `{"code":20001,"msg":"target user is invalid"}`, delivery.Outcome{State: delivery.Later, Alone: true, Code: "20001"}}, // none is known yet
		"a parameter":     {400, `{"code":20001,"msg":"request_id is invalid"}`, delivery.Outcome{State: delivery.Never, Code: "20001"}},
		"out of order":    {500, `{"code":50000}`, delivery.Outcome{State: delivery.Later, Code: "http_500"}},
		"a wrong path":    {404, "not found", delivery.Outcome{State: delivery.Broken, Code: "http_404"}},
	} {
		s := pushtest.New(t, pushtest.Say(200, auth), pushtest.Say(c.status, c.body))
		if got := channel(s.URL).Send(t.Context(), pushtest.Message(cid)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   delivery.State
	}{
		"a wrong key":  {400, `{"code":20001,"msg":"sign is invalid"}`, delivery.Broken},
		"too many":     {401, `{"code":10003}`, delivery.Later},
		"no token":     {200, `{"code":0,"data":{}}`, delivery.Later},
		"a bad token":  {200, `{"code":0,"data":{"token":"a\nb"}}`, delivery.Later},
		"another form": {200, `{"code":0,"data":[1]}`, delivery.Later},
	} {
		s := pushtest.New(t, pushtest.Say(c.status, c.body))
		if got := channel(s.URL).Send(t.Context(), pushtest.Message(cid)); got.State != c.want || len(s.Asked()) != 1 {
			t.Errorf("signing in, %s: %+v", name, got)
		}
	}
}

// An address is forgotten where the service knows others.
func TestGone(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, auth), pushtest.Say(200, taken), pushtest.Say(400, `{"code":20001,"msg":"target user is invalid"}`))
	c := channel(s.URL)
	c.Send(t.Context(), pushtest.Message(cid))
	if got := c.Send(t.Context(), pushtest.Message("another")); got.State != delivery.Gone {
		t.Errorf("%+v", got)
	}
}

func TestGarbage(t *testing.T) {
	pushtest.Garbage(t, pushtest.Message(cid), func(base string) delivery.Channel { return channel(base) })
	pushtest.Garbage(t, pushtest.Message(cid), func(base string) delivery.Channel {
		c := channel(base)
		c.token, c.until = "token-1", noon.Add(time.Hour)
		return c
	})
}

func FuzzOutcome(f *testing.F) {
	for _, body := range []string{taken, auth, ended, `{"code":0,"data":{"a":7}}`, `{"code":"0","data":{"a":{"b":[]}}}`, "", "null"} {
		f.Add(200, body)
		f.Add(401, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if o := channel("").outcome(cid, outgoing.Answer{Status: status}, []byte(body)); o.State == delivery.Gone || o.State == "" || len(o.Code) > 40 {
			t.Errorf("%d %q: %+v", status, body, o)
		}
	})
}
