package gateway

import (
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wangge/domain/delivery"
	"wangge/notifications/push/pushtest"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func channel(t *testing.T, base string) *Channel {
	t.Helper()
	c, err := New(base+"/push", secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A gateway verifies what it gets, and knows a repeated try by its id.
func TestMessage(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(204, ""))
	c, m := channel(t, s.URL), pushtest.Message("unipush-cid")
	for range 2 {
		if got := c.Send(t.Context(), m); got != (delivery.Outcome{State: delivery.Taken}) {
			t.Fatalf("%+v", got)
		}
	}
	other := m
	other.Address = "another"
	c.Send(t.Context(), other)
	asked := s.Asked()
	if a, b, o := asked[0].Header.Get("webhook-id"), asked[1].Header.Get("webhook-id"), asked[2].Header.Get("webhook-id"); a != b || a == o {
		t.Errorf("ids %s, %s, of another %s", a, b, o)
	}
	receiver, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Verify(asked[0].Content, asked[0].Header); err != nil {
		t.Error(err)
	}
	pushtest.SameJSON(t, asked[0].Content, `{"type":"push","timestamp":"2026-11-23T04:00:00.000Z","data":{"notice":"0190a5b0-0000-7000-8000-000000000001","address":"unipush-cid","platform":"android","kind":"ticket_assigned",
		"title":"网格","text":"您有新的待办事项","link":"wangge://inbox/0190a5b0-0000-7000-8000-000000000001","urgent":false,"ttlSeconds":3600}}`)
}

func TestAnswers(t *testing.T) {
	for status, want := range map[int]delivery.Outcome{
		200: {State: delivery.Taken}, 202: {State: delivery.Taken},
		400: {State: delivery.Never, Code: "http_400"}, 422: {State: delivery.Never, Code: "http_422"},
		401: {State: delivery.Broken, Code: "http_401"}, 403: {State: delivery.Broken, Code: "http_403"}, 404: {State: delivery.Broken, Code: "http_404"},
		301: {State: delivery.Broken, Code: "http_301"},
		410: {State: delivery.Later, Alone: true, Code: "http_410"}, // none is known yet
		429: {State: delivery.Later, After: 7 * time.Second, Code: "http_429"}, 503: {State: delivery.Later, After: 7 * time.Second, Code: "http_503"},
	} {
		s := pushtest.New(t, pushtest.Say(status, "", "Retry-After", "7"))
		if got := channel(t, s.URL).Send(t.Context(), pushtest.Message("a")); got != want {
			t.Errorf("%d: %+v, want %+v", status, got, want)
		}
	}
	s := pushtest.New(t, pushtest.Say(200, ""), pushtest.Say(410, ""))
	c := channel(t, s.URL)
	c.Send(t.Context(), pushtest.Message("a"))
	if got := c.Send(t.Context(), pushtest.Message("b")); got.State != delivery.Gone {
		t.Errorf("an address that is gone: %+v", got)
	}
}

// What a gateway says beside its status does not count, however long it is; one that says nothing is tried again.
func TestSilence(t *testing.T) {
	s := pushtest.New(t, pushtest.Say(200, string(make([]byte, 3<<20))))
	if got := channel(t, s.URL).Send(t.Context(), pushtest.Message("a")); got.State != delivery.Taken {
		t.Errorf("a long answer: %+v", got)
	}
	if got := channel(t, "http://127.0.0.1:1").Send(t.Context(), pushtest.Message("a")); got.State != delivery.Later || got.Code != "connect" {
		t.Errorf("nobody is there: %+v", got)
	}
}

func TestSecret(t *testing.T) {
	if _, err := New("https://push.example.org", "whsec_!"); err == nil {
		t.Error("signed without a secret")
	}
}
