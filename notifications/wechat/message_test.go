package wechat

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push/pushtest"
)

const token = `{"access_token":"t","expires_in":7200}`

// A message is as WeChat wants it, and takes one of those that were accepted.
func TestMessage(t *testing.T) {
	w := newWeChat(t)
	w.accepted["openid-1"] = 1
	c := client(w.URL)
	m := pushtest.Message("openid-1")
	m.Language = "zh-CN"
	if got := c.Send(t.Context(), m); got != (delivery.Outcome{State: delivery.Taken}) {
		t.Fatalf("%+v", got)
	}
	sent, err := json.Marshal(w.sent[0])
	if err != nil {
		t.Fatal(err)
	}
	pushtest.SameJSON(t, sent, `{"touser":"openid-1","template_id":"template-1","page":"pages/inbox?notice=0190a5b0-0000-7000-8000-000000000001","miniprogram_state":"formal","lang":"zh_CN",
		"data":{"thing1":{"value":"您有新的待办事项"},"time2":{"value":"2026年11月23日 12:00"},"phrase3":{"value":"待查看"}}}`)
	if got := c.Send(t.Context(), m); got != (delivery.Outcome{State: delivery.Spent, Code: "43101"}) {
		t.Errorf("used up: %+v", got)
	}
	w.mu.Lock()
	w.accepted["openid-1"], w.token = 1, w.token+1 // and the token is another
	w.mu.Unlock()
	m.Language, m.Text = "en", "There is something for you to do"
	if got := c.Send(t.Context(), m); got.State != delivery.Taken {
		t.Errorf("%+v", got)
	}
	thing, _ := w.sent[1]["data"].(map[string]any)["thing1"].(map[string]any)
	if w.sent[1]["lang"] != "en_US" || thing["value"] != "There is something…" {
		t.Errorf("%v", w.sent[1])
	}
}

// The template of a kind is the one that names it, or the one that names none.
func TestTemplateOfKind(t *testing.T) {
	fields := map[string]string{"thing1": "有新消息"}
	named := []Template{{ID: "of-tickets", Kinds: []string{"ticket_assigned"}, Fields: fields}}
	for _, c := range []struct {
		templates  []Template
		kind, want string
	}{
		{named, "ticket_assigned", "of-tickets"}, {named, "digest", ""},
		{append([]Template{{ID: "rest", Fields: fields}}, named...), "ticket_assigned", "of-tickets"},
		{append([]Template{{ID: "rest", Fields: fields}}, named...), "digest", "rest"},
	} {
		got := ""
		if one := (Templates{List: c.templates}).of(c.kind); one != nil {
			got = one.ID
		}
		if got != c.want {
			t.Errorf("%s of %d: %q, want %q", c.kind, len(c.templates), got, c.want)
		}
	}
	m := pushtest.Message("openid-1")
	m.Kind = "digest"
	if got := New("http://127.0.0.1:1", app, appSecret, Templates{List: named}).Send(t.Context(), m); got.State != delivery.Never || got.Code != "no_template" {
		t.Errorf("%+v", got)
	}
}

func TestMessageAnswers(t *testing.T) {
	for said, want := range map[string]delivery.Outcome{
		`{"errcode":0}`:                  {State: delivery.Taken},
		`{"errcode":"0"}`:                {State: delivery.Taken},
		`{}`:                             {State: delivery.Later, Code: "answer"},
		`{"errcode":-1}`:                 {State: delivery.Later, Code: "-1"},
		`{"errcode":45011}`:              {State: delivery.Later, After: time.Minute, Code: "45011"},
		`{"errcode":45009}`:              {State: delivery.Later, After: 12 * time.Hour, Code: "45009"}, // until midnight in China
		`{"errcode":43101}`:              {State: delivery.Spent, Code: "43101"},
		`{"errcode":43108}`:              {State: delivery.Later, Alone: true, Code: "43108"},
		`{"errcode":47003}`:              {State: delivery.Never, Code: "47003"},
		`{"errcode":40037}`:              {State: delivery.Never, Code: "40037"},
		`{"errcode":41030}`:              {State: delivery.Never, Code: "41030"},
		`{"errcode":40003}`:              {State: delivery.Later, Alone: true, Code: "40003"}, // none is known yet
		`{"errcode":48001}`:              {State: delivery.Broken, After: time.Minute, Code: "48001"},
		`{"errcode":"openid-1 unknown"}`: {State: delivery.Never, Code: "garbage"},
	} {
		s := pushtest.New(t, pushtest.Say(200, token), pushtest.Say(200, said))
		if got := client(s.URL).Send(t.Context(), pushtest.Message("openid-1")); got != want {
			t.Errorf("%s: %+v, want %+v", said, got, want)
		}
	}
	for said, want := range map[string]delivery.Outcome{
		`{"errcode":40125}`: {State: delivery.Broken, After: time.Minute, Code: "40125"}, // a wrong secret is no message's fault
		`{"errcode":40164}`: {State: delivery.Broken, After: time.Minute, Code: "40164"}, // our address is not on the list
		`{"errcode":-1}`:    {State: delivery.Later, Code: "-1"},
		`{"errcode":0}`:     {State: delivery.Later, Code: "answer"},
	} {
		s := pushtest.New(t, pushtest.Say(200, said))
		if got := client(s.URL).Send(t.Context(), pushtest.Message("openid-1")); got != want || len(s.Asked()) != 1 {
			t.Errorf("asking for a token, %s: %+v, want %+v", said, got, want)
		}
	}
}

// An openid is forgotten where WeChat knows others.
func TestGone(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, token), pushtest.Say(200, `{"errcode":0}`), pushtest.Say(200, `{"errcode":40003}`))
	c := client(s.URL)
	c.Send(t.Context(), pushtest.Message("openid-1"))
	if got := c.Send(t.Context(), pushtest.Message("another")); got.State != delivery.Gone {
		t.Errorf("%+v", got)
	}
}

func TestGarbage(t *testing.T) {
	pushtest.Garbage(t, pushtest.Message("openid-1"), func(base string) delivery.Channel { return client(base) })
	pushtest.Garbage(t, pushtest.Message("openid-1"), func(base string) delivery.Channel {
		c := client(base)
		c.token, c.until = "t", noon.Add(time.Hour)
		return c
	})
}

// Whatever WeChat says, no address is forgotten, no code is a text, and nothing is taken that was not said to be.
func FuzzOutcome(f *testing.F) {
	for _, said := range []string{`{"errcode":0}`, `{"errcode":40003}`, `{"errcode":[]}`, `{"errcode":"40001"}`, "", "null", `{"errcode":null}`} {
		f.Add(200, said)
		f.Add(500, said)
	}
	f.Fuzz(func(t *testing.T, status int, said string) {
		c := client("")
		o := c.outcome("openid-1", answered(outgoing.Answer{Status: status}, []byte(said), &sent{}))
		if o.State == delivery.Gone || o.State == "" || len(o.Code) > 40 {
			t.Errorf("%d %q: %+v", status, said, o)
		}
	})
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, value string
		fine        bool
	}{
		{"thing1", "{text}", true}, {"thing1", "{title}", true}, {"thing1", "{time}", false}, {"thing1", "请打开小程序查看", true}, {"thing12", strings.Repeat("长", 20), true}, {"thing1", strings.Repeat("长", 21), false}, {"thing1", "", false}, {"thing1", "一\n二", false},
		{"phrase3", "待查看", true}, {"phrase3", "待您查看吧", true}, {"phrase3", "待您来查看吧", false}, {"phrase3", "new", false}, {"phrase3", "{text}", false},
		{"letter4", "Open", true}, {"letter4", "a b", false}, {"letter4", strings.Repeat("a", 33), false},
		{"number5", "1", true}, {"number5", "-1.5", true}, {"number5", "1,5", false}, {"number5", strings.Repeat("1", 33), false},
		{"symbol6", "!!", true}, {"symbol6", "a!", false}, {"symbol6", "!!!!!!", false},
		{"character_string7", "A-1", true}, {"character_string7", "号", false}, {"character_string7", strings.Repeat("a", 33), false},
		{"time8", "{time}", true}, {"time8", "2019年10月1日 15:01", true}, {"time8", "15:01", true}, {"time8", "2019年10月1日", false}, {"time8", "2019年13月1日 15:01", false}, {"time8", "{text}", false},
		{"date9", "{time}", true}, {"date9", "2019年10月1日", true}, {"date9", "2019-10-01", false},
		{"name1", "王小明", false}, {"phone_number1", "13800000001", false}, // nothing here names anybody
		{"thing", "x", false}, {"thing0", "x", false}, {"Thing1", "x", false}, {"", "x", false},
	} {
		if err := checkField(c.name, c.value); (err == nil) != c.fine {
			t.Errorf("%s %q: %v", c.name, c.value, err)
		}
	}
}

func TestFit(t *testing.T) {
	for text, want := range map[string]string{
		"您有新的待办事项":                   "您有新的待办事项",
		"有紧急事项，请立即打开查看并确认":           "有紧急事项，请立即打开查看并确认",
		strings.Repeat("长", 21):      strings.Repeat("长", 19) + "…",
		"There is news of something": "There is news of…",
		"Something urgent: open it":  "Something urgent…",
		"abcdefghijklmnopqrstuvwxyz": "abcdefghijklmnopqrs…",
		"12345678901234567890":       "12345678901234567890",
	} {
		if got := fit(text, thingMost); got != want || utf8.RuneCountInString(got) > thingMost {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestReadTemplates(t *testing.T) {
	const good = `{"state":"trial","templates":[{"id":"a","kinds":["ticket_assigned"],"page":"pages/inbox/index?notice={id}","fields":{"thing1":"{text}"}},{"id":"b","fields":{"time2":"{time}"}}]}`
	got, err := ReadTemplates([]byte(good))
	if err != nil || got.state() != "trial" || len(got.Named()) != 2 || got.Named()[0].Kinds[0] != "ticket_assigned" {
		t.Errorf("%+v, %v", got, err)
	}
	for file, words := range map[string][]string{
		``:                 {"is not templates"},
		`[]`:               {"is not templates"},
		good + good:        {"something follows"},
		`{"templats":[]}`:  {"templats"},
		`{"templates":[]}`: {"0 templates"},
		`{"state":"x","templates":[{"id":"a b","kinds":["x"],"page":"http://x/","fields":{}}]}`: {`state "x"`, "its id", `page "http://x/"`, `"x" is no kind`, "has no fields"},
		`{"templates":[{"id":"a","fields":{"thing1":"{text}"}},{"id":"a","fields":{"thing1":"{time}","name2":"x"}}]}`: {
			`"a" is there twice`, "names no kinds", `field "name2"`, `field "thing1" is not for a time`},
		`{"templates":[{"id":"a","kinds":["digest2"],"fields":{"thing1":"{text}"}}]}`: {"digest2"},
	} {
		_, err := ReadTemplates([]byte(file))
		for _, word := range words {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, which does not say %q", file, err, word)
			}
		}
	}
	if all := slices.Sorted(maps.Keys(fieldKinds)); len(all) != 8 {
		t.Errorf("%v", all)
	}
}
