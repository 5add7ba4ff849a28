package robot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push/pushtest"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

const ok = `{"errcode":0,"errmsg":"ok"}`

func channel(base string) *Channel {
	c := New(base, base)
	c.now = func() time.Time { return noon }
	return c
}

func to(address, text string) delivery.Message {
	return delivery.Message{ID: "robot/1", Address: address, Kind: "groups", Title: "网格", Text: text, At: noon, TTL: time.Hour}
}

// Both services get the text, cut between two characters; DingTalk a signature.
func TestMessage(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, ok))
	c := channel(s.URL)
	for _, m := range []delivery.Message{to(Address(WeCom, "693a-key", ""), "本街道有 3 件工单超时"), to(Address(DingTalk, "token", "SEC00"), "本街道有 3 件工单超时"), to(Address(DingTalk, "token", ""), strings.Repeat("长", 3000))} {
		if got := c.Send(t.Context(), m); got != (delivery.Outcome{State: delivery.Taken}) {
			t.Fatalf("%+v", got)
		}
	}
	asked := s.Asked()
	if got := asked[0].URL.String(); got != "/cgi-bin/webhook/send?key=693a-key" {
		t.Error(got)
	}
	pushtest.SameJSON(t, asked[0].Content, `{"msgtype":"text","text":{"content":"网格\n本街道有 3 件工单超时"}}`)
	mac := hmac.New(sha256.New, []byte("SEC00"))
	mac.Write([]byte("1795406400000\nSEC00"))
	if q := asked[1].URL.Query(); asked[1].URL.Path != "/robot/send" || q.Get("access_token") != "token" || q.Get("timestamp") != "1795406400000" || q.Get("sign") != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		t.Error(asked[1].URL)
	}
	if q := asked[2].URL.Query(); q.Has("sign") || q.Has("timestamp") {
		t.Error(asked[2].URL)
	}
	var sent struct {
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	if err := json.Unmarshal(asked[2].Content, &sent); err != nil || len(sent.Text.Content) > 2048 || len(sent.Text.Content) < 2040 || !utf8.ValidString(sent.Text.Content) {
		t.Errorf("%d bytes, %v", len(sent.Text.Content), err)
	}
	for _, address := range []string{"", "wecom", "wecom  ", "slack key ", "wecom a b c"} {
		if got := c.Send(t.Context(), to(address, "x")); got.State != delivery.Gone || len(s.Asked()) != 3 {
			t.Errorf("%q: %+v", address, got)
		}
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   delivery.Outcome
	}{
		"busy":                {200, `{"errcode":-1}`, delivery.Outcome{State: delivery.Later, Code: "-1"}},
		"WeCom's limit":       {200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, delivery.Outcome{State: delivery.Later, Alone: true, After: time.Minute, Code: "45009"}},
		"no such robot":       {200, `{"errcode":93000,"errmsg":"invalid webhook url"}`, delivery.Outcome{State: delivery.Gone, Code: "93000"}},
		"DingTalk's limit":    {200, `{"errcode":130101,"errmsg":"send too fast"}`, delivery.Outcome{State: delivery.Later, Alone: true, After: 10 * time.Minute, Code: "130101"}},
		"no such token":       {200, `{"errcode":"300001"}`, delivery.Outcome{State: delivery.Gone, Code: "300001"}},
		"another secret":      {200, `{"errcode":310000,"errmsg":"sign not match"}`, delivery.Outcome{State: delivery.Gone, Code: "310000"}},
		"a wrong message":     {200, `{"errcode":40058}`, delivery.Outcome{State: delivery.Never, Code: "40058"}},
		"an error of a proxy": {502, "", delivery.Outcome{State: delivery.Later, Code: "http_502"}},
		"a wrong path":        {404, "", delivery.Outcome{State: delivery.Broken, Code: "http_404"}},
		"no code":             {200, `{"errmsg":"ok"}`, delivery.Outcome{State: delivery.Later, Code: "answer"}},
	} {
		s := pushtest.New(t, pushtest.Say(c.status, c.body))
		if got := channel(s.URL).Send(t.Context(), to(Address(WeCom, "key", ""), "x")); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// A robot that has written often enough waits; others do not.
func TestPace(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, ok))
	c, now := channel(s.URL), noon
	c.now = func() time.Time { return now }
	one, other := to(Address(WeCom, "one", ""), "x"), to(Address(WeCom, "other", ""), "x")
	for i := range 30 {
		got := c.Send(t.Context(), one)
		if want := i < aMinute; (got.State == delivery.Taken) != want || !want && (!got.Alone || got.After <= 0 || got.After > time.Minute) {
			t.Fatalf("%d: %+v", i, got)
		}
		now = now.Add(time.Second)
	}
	if got := c.Send(t.Context(), other); got.State != delivery.Taken {
		t.Errorf("another: %+v", got)
	}
	now = noon.Add(time.Minute)
	if got := c.Send(t.Context(), one); got.State != delivery.Taken || len(s.Asked()) != aMinute+2 {
		t.Errorf("a minute later: %+v, %d requests", got, len(s.Asked()))
	}
	now = now.Add(time.Hour)
	c.Send(t.Context(), other)
	if len(c.wrote) != 1 {
		t.Errorf("%d robots are kept count of", len(c.wrote))
	}
}

func TestGarbage(t *testing.T) {
	pushtest.Garbage(t, to(Address(DingTalk, "token", "SEC00"), "x"), func(base string) delivery.Channel { return channel(base) })
}

func FuzzOutcome(f *testing.F) {
	for _, body := range []string{ok, `{"errcode":"0"}`, `{"errcode":[]}`, `{"errcode":1e9}`, "", "null"} {
		f.Add(200, body)
		f.Add(500, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		o := outcome(outgoing.Answer{Status: status, Header: http.Header{}}, []byte(body), noon)
		if o.State == "" || len(o.Code) > 40 || o.State == delivery.Gone && !strings.Contains(body, "errcode") && !strings.Contains(strings.ToLower(body), "errcode") {
			t.Errorf("%d %q: %+v", status, body, o)
		}
	})
}
