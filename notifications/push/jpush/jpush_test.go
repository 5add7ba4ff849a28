package jpush

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
	"wangge/notifications/push/pushtest"
)

const cids = `{"cidlist":["8103a4c628a0b98974ec1949-711261d4-5f17-4d2f-a855-5e5a8909b26e"]}`

func made(m delivery.Message) delivery.Message {
	m.Key = "8103a4c628a0b98974ec1949-711261d4-5f17-4d2f-a855-5e5a8909b26e"
	return m
}

// The id of the service's comes first, and every try is under it.
func TestMessage(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, cids), pushtest.Say(200, `{"sendno":"0","msg_id":"18100287008546897"}`), pushtest.Say(200, `{"sendno":0,"msg_id":18100287008546897}`))
	c := New(s.URL, "key", "secret", push.Vendors{Xiaomi: "109", OPPO: "todo"})
	m := pushtest.Message("1a0018970a8ec3c2f3d")
	first := c.Send(t.Context(), m)
	if first.State != delivery.Later || first.Key != made(m).Key || first.After != 0 {
		t.Fatalf("%+v", first)
	}
	m.Key = first.Key
	for range 2 { // ids are texts or numbers
		if got := c.Send(t.Context(), m); got.State != delivery.Taken {
			t.Fatalf("%+v", got)
		}
	}
	asked := s.Asked()
	if asked[0].URL.String() != "/v3/push/cid?count=1" || asked[1].URL.Path != "/v3/push" || asked[1].Header.Get("Authorization") != "Basic a2V5OnNlY3JldA==" {
		t.Errorf("%s, %s", asked[0].URL, asked[1].URL)
	}
	pushtest.SameJSON(t, asked[1].Content, `{"cid":"8103a4c628a0b98974ec1949-711261d4-5f17-4d2f-a855-5e5a8909b26e","platform":["android","ios"],"audience":{"registration_id":["1a0018970a8ec3c2f3d"]},
		"notification":{
			"android":{"alert":"您有新的待办事项","title":"网格","channel_id":"notice","priority":0,"extras":{"id":"0190a5b0-0000-7000-8000-000000000001","kind":"ticket_assigned","link":"wangge://inbox/0190a5b0-0000-7000-8000-000000000001"}},
			"ios":{"alert":{"title":"网格","body":"您有新的待办事项"},"thread-id":"ticket_assigned","extras":{"id":"0190a5b0-0000-7000-8000-000000000001","kind":"ticket_assigned","link":"wangge://inbox/0190a5b0-0000-7000-8000-000000000001"}}},
		"options":{"time_to_live":3600,"apns_production":true,"apns_collapse_id":"0190a5b0-0000-7000-8000-000000000001","classification":1,
			"third_party_channel":{"huawei":{"importance":"NORMAL","category":"WORK"},"honor":{"importance":"NORMAL"},"vivo":{"category":"TODO"},"oppo":{"category":"TODO","notify_level":2,"channel_id":"todo"},"xiaomi":{"channel_id":"109"}}}}`)
	m.Urgent, m.Platform, m.TTL = true, "harmony", 10_000*time.Hour
	c.Send(t.Context(), m)
	last := string(s.Asked()[3].Content)
	for _, part := range []string{`"platform":["hmos"]`, `"category":"WORK"`, `"time_to_live":864000`} {
		if !strings.Contains(last, part) {
			t.Errorf("lacks %s: %s", part, last)
		}
	}
}

func TestAnswers(t *testing.T) {
	refusal := func(code, message string) string {
		return `{"error":{"code":` + code + `,"message":"` + message + `"}}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   delivery.State
		code   string
	}{
		"an error within":       {500, refusal("1000", "Server Error"), delivery.Later, "1000"},
		"a timeout within":      {500, refusal("1030", "Internal service timeout"), delivery.Later, "1030"},
		"too many":              {429, refusal("2002", "Rate limit exceeded"), delivery.Later, "2002"},
		"a bad gateway":         {502, "", delivery.Later, "http_502"},
		"a gateway's time":      {504, "", delivery.Later, "http_504"},
		"no parameter":          {400, refusal("1002", "Missing parameter"), delivery.Never, "1002"},
		"a wrong parameter":     {400, refusal("1003", "Parameter value is invalid"), delivery.Never, "1003"},
		"too long":              {400, refusal("1005", "Message too long"), delivery.Never, "1005"},
		"app key":               {400, refusal("1008", "app_key is invalid"), delivery.Never, "1008"},
		"an option":             {400, refusal(`"1009"`, "Only support"), delivery.Never, "1009"},
		"https":                 {400, refusal("1020", "Only support https"), delivery.Never, "1020"},
		"a wrong secret":        {401, refusal("1004", "Authen failed"), delivery.Broken, "1004"},
		"not allowed":           {403, refusal("2003", "IP denied"), delivery.Broken, "2003"},
		"another code":          {400, refusal("1999", "x"), delivery.Never, "1999"},
		"nobody knows the path": {404, "not found", delivery.Broken, "http_404"},
		"an address of another": {400, refusal("1003", "The registration_id 1a0018970a8ec3c2f3d is invalid"), delivery.Later, "1003"}, // none is known yet
	} {
		s := pushtest.New(t, pushtest.Say(c.status, c.body))
		got := New(s.URL, "key", "secret", push.Vendors{}).Send(t.Context(), made(pushtest.Message("1a0018970a8ec3c2f3d")))
		if got.State != c.want || got.Code != c.code {
			t.Errorf("%s: %+v", name, got)
		}
		if got := New(s.URL, "key", "secret", push.Vendors{}).Send(t.Context(), pushtest.Message("a")); got.State == delivery.Gone || got.Key != "" {
			t.Errorf("%s, asked for an id: %+v", name, got)
		}
	}
}

// Nobody at an address is believed when it is said again; an address that is invalid, where others are known.
func TestGone(t *testing.T) {
	good := pushtest.Say(200, `{"sendno":"0","msg_id":"1"}`)
	lost := pushtest.Say(400, `{"error":{"code":1011,"message":"cannot find user by this audience"}}`)
	s := pushtest.New(t, lost, lost, good, lost, lost, lost)
	c := New(s.URL, "key", "secret", push.Vendors{})
	var states []string
	for range 6 {
		states = append(states, string(c.Send(t.Context(), made(pushtest.Message("a"))).State))
	}
	if got := strings.Join(states, " "); got != "later later taken later later gone" {
		t.Error(got)
	}
	s.Then(pushtest.Say(400, `{"error":{"code":1003,"message":"The registration_id b is invalid"}}`))
	if got := c.Send(t.Context(), made(pushtest.Message("b"))); got.State != delivery.Gone {
		t.Errorf("%+v", got)
	}
}

// What the service says of its limit is kept to before it refuses.
func TestPace(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, `{"sendno":"0","msg_id":"1"}`, "X-Rate-Limit-Limit", "600", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "25"))
	c, now := New(s.URL, "key", "secret", push.Vendors{}), time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	c.now = func() time.Time { return now }
	m := made(pushtest.Message("a"))
	if got := c.Send(t.Context(), m); got.State != delivery.Taken {
		t.Fatalf("%+v", got)
	}
	if got := c.Send(t.Context(), m); got.State != delivery.Later || got.After != 25*time.Second || len(s.Asked()) != 1 {
		t.Errorf("%+v", got)
	}
	now = now.Add(25 * time.Second)
	if got := c.Send(t.Context(), m); got.State != delivery.Taken {
		t.Errorf("%+v", got)
	}
}

func TestGarbage(t *testing.T) {
	for _, m := range []delivery.Message{pushtest.Message("1a0018970a8ec3c2f3d"), made(pushtest.Message("1a0018970a8ec3c2f3d"))} {
		pushtest.Garbage(t, m, func(base string) delivery.Channel { return New(base, "key", "secret", push.Vendors{}) })
	}
}

func FuzzOutcome(f *testing.F) {
	for _, body := range []string{`{"sendno":"0","msg_id":"1"}`, `{"error":{"code":1003,"message":"registration_id a is invalid"}}`, `{"error":null,"msg_id":1}`, `{"error":[]}`, "", "null"} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := New("", "key", "secret", push.Vendors{})
		o := c.outcome("1a0018970a8ec3c2f3d", outgoing.Answer{Status: status}, []byte(body))
		if o.State == delivery.Gone || o.State == "" || strings.Contains(o.Code, "1a0018970a8ec3c2f3d") && !strings.Contains(body, `"code"`) {
			t.Errorf("%d %q: %+v", status, body, o)
		}
	})
}
