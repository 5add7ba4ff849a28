package fcm

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/delivery"
)

// service stands in for Google: it gives tokens, and answers messages as the test says.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(http.ResponseWriter, *http.Request)
	token  func(http.ResponseWriter)
	asked  []*http.Request
	bodies [][]byte
	tokens int
}

func stand(t *testing.T) *service {
	t.Helper()
	g := &service{answer: say(200, `{"name":"projects/p/messages/1"}`)}
	g.token = func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"a-token","token_type":"Bearer","expires_in":3600}`)
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		g.mu.Lock()
		answer, token := g.answer, g.token
		if r.URL.Path == "/token" {
			g.tokens++
			answer = func(w http.ResponseWriter, _ *http.Request) { token(w) }
		} else {
			g.asked, g.bodies = append(g.asked, r), append(g.bodies, body)
		}
		g.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(func() { g.CloseClientConnections(); g.Close() })
	return g
}

func say(status int, body string, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// refusal is an answer of the service's with a code of messaging's own.
func refusal(status int, word, code string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"token-1 is bad","status":%q,"details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":%q}]}}`, status, word, code)
}

var pemKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})

func keyFile(at string, change map[string]string) []byte {
	file := map[string]string{"type": "service_account", "project_id": "p", "client_email": "push@p.iam.gserviceaccount.com", "private_key_id": "1", "private_key": pemKey(), "token_uri": at + "/token"}
	for k, v := range change {
		file[k] = v
	}
	out, _ := json.Marshal(file)
	return out
}

func channel(t *testing.T, g *service) *Channel {
	t.Helper()
	c, err := New(t.Context(), keyFile(g.URL, nil), g.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var at = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func to(address string) delivery.Message {
	return delivery.Message{ID: "0190a5b0-0000-7000-8000-000000000001", Address: address, Platform: "android", Kind: "ticket_assigned", Title: "网格", Text: "您有新的待办事项", Link: "wangge://inbox/0190a5b0-0000-7000-8000-000000000001", At: at, TTL: time.Hour}
}

// What is sent is held to the service's own form, and signed in once for all messages.
func TestMessage(t *testing.T) {
	g := stand(t)
	c := channel(t, g)
	urgent := to("token-2")
	urgent.Urgent, urgent.TTL, urgent.Text = true, 1000*time.Hour, strings.Repeat("长", 5000)
	for _, m := range []delivery.Message{to("token-1"), urgent} {
		if got := c.Send(t.Context(), m); got != (delivery.Outcome{State: delivery.Taken}) {
			t.Fatalf("%+v", got)
		}
	}
	if g.tokens != 1 || g.asked[0].Method != "POST" || g.asked[0].URL.Path != "/v1/projects/p/messages:send" || g.asked[0].Header.Get("Authorization") != "Bearer a-token" {
		t.Errorf("%d tokens, %s %s", g.tokens, g.asked[0].Method, g.asked[0].URL)
	}
	const want = `{"message":{"token":"token-1","notification":{"title":"网格","body":"您有新的待办事项"},
		"data":{"id":"0190a5b0-0000-7000-8000-000000000001","kind":"ticket_assigned","link":"wangge://inbox/0190a5b0-0000-7000-8000-000000000001"},
		"android":{"collapse_key":"notice","priority":"normal","ttl":"3600s","notification":{"tag":"0190a5b0-0000-7000-8000-000000000001","channel_id":"notice"}},
		"apns":{"headers":{"apns-collapse-id":"0190a5b0-0000-7000-8000-000000000001","apns-priority":"5","apns-expiration":"1795410000"},"payload":{"aps":{"thread-id":"ticket_assigned"}}}}}`
	same(t, g.bodies[0], want)
	for _, part := range []string{`"priority":"high"`, `"collapse_key":"urgent"`, `"ttl":"2419200s"`, `"apns-priority":"10"`, `"sound":"default"`} {
		if !bytes.Contains(g.bodies[1], []byte(part)) {
			t.Errorf("an urgent one lacks %s: %s", part, g.bodies[1])
		}
	}
	if len(g.bodies[1]) > 4096 {
		t.Errorf("%d bytes", len(g.bodies[1]))
	}
}

func same(t *testing.T, got []byte, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) {
		t.Errorf("\n%s, want\n%s", x, y)
	}
}

// Each answer of the service, and of what stands in its place, comes to what is done about it.
func TestAnswers(t *testing.T) {
	const never, later, broken, gone = delivery.Never, delivery.Later, delivery.Broken, delivery.Gone
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   delivery.Outcome
		tries  int
	}{
		"unregistered":         {say(404, refusal(404, "NOT_FOUND", "UNREGISTERED")), delivery.Outcome{State: gone, Code: "UNREGISTERED"}, 1},
		"a wrong path":         {say(404, "404 page not found"), delivery.Outcome{State: broken, Code: "http_404"}, 1},
		"not found, no code":   {say(404, `{"error":{"status":"NOT_FOUND"}}`), delivery.Outcome{State: broken, Code: "http_404"}, 1},
		"invalid":              {say(400, refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")), delivery.Outcome{State: never, Code: "INVALID_ARGUMENT"}, 1},
		"a bad request":        {say(400, `{"error":{"status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest"}]}}`), delivery.Outcome{State: never, Code: "INVALID_ARGUMENT"}, 1},
		"the key of APNs":      {say(401, refusal(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")), delivery.Outcome{State: broken, Code: "THIRD_PARTY_AUTH_ERROR"}, 1},
		"not allowed":          {say(403, `{"error":{"status":"PERMISSION_DENIED"}}`), delivery.Outcome{State: broken, Code: "http_403"}, 1},
		"too many":             {say(429, refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), "Retry-After", "600"), delivery.Outcome{State: later, After: 10 * time.Minute, Code: "QUOTA_EXCEEDED"}, 1},
		"too many, by a proxy": {say(429, "slow down", "Retry-After", "600"), delivery.Outcome{State: later, After: 10 * time.Minute, Code: "http_429"}, 1},
		"an error within":      {say(500, refusal(500, "INTERNAL", "INTERNAL"), "Retry-After", "600"), delivery.Outcome{State: later, After: 10 * time.Minute, Code: "http_500"}, 1},
		"not there":            {say(503, refusal(503, "UNAVAILABLE", "UNAVAILABLE"), "Retry-After", "600"), delivery.Outcome{State: later, After: 10 * time.Minute, Code: "http_503"}, 1},
		"a redirect":           {say(302, "", "Location", "http://127.0.0.1:1/"), delivery.Outcome{State: later, Code: "answer"}, 1},
		"a page":               {say(200, "<html>"), delivery.Outcome{State: later, Code: "answer"}, 1},
		"nothing":              {say(200, ""), delivery.Outcome{State: later, Code: "answer"}, 1},
		"a page of an error":   {say(400, "<html>"), delivery.Outcome{State: never, Code: "INVALID_ARGUMENT"}, 1},
	} {
		g, logged := stand(t), &bytes.Buffer{}
		log.SetOutput(logged)
		g.answer = c.answer
		if got := channel(t, g).Send(t.Context(), to("token-1")); got != c.want || len(g.asked) != c.tries {
			t.Errorf("%s: %+v after %d tries, want %+v", name, got, len(g.asked), c.want)
		}
		log.SetOutput(os.Stderr)
		if logged.Len() > 0 {
			t.Errorf("%s: the log says %s", name, logged)
		}
	}
}

// An address of another project is forgotten, unless all are.
func TestAnotherProject(t *testing.T) {
	g := stand(t)
	c := channel(t, g)
	mismatch := say(403, refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"))
	g.answer = mismatch
	var states []string
	send := func(address string) { states = append(states, string(c.Send(t.Context(), to(address)).State)) }
	for _, address := range []string{"a", "a", "b", "c"} { // none is known: is it the project?
		send(address)
	}
	g.answer = say(200, `{"name":"1"}`)
	send("d")
	g.answer = mismatch
	send("a")
	if got := strings.Join(states, " "); got != "later later later broken taken gone" {
		t.Error(got)
	}
	for i := range 30 {
		send(fmt.Sprint("e", i))
	}
	if last := states[len(states)-1]; last != "broken" {
		t.Errorf("all are refused, and the last is %s", last)
	}
}

// A service that never answers, or never ends, is not waited for longer than who asks waits.
func TestSilence(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	wait := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}
	for name, set := range map[string]func(*service){
		"no answer": func(g *service) { g.answer = wait },
		"no end": func(g *service) {
			g.answer = func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, `{"name":"`)
				_ = http.NewResponseController(w).Flush()
				wait(w, r)
			}
		},
		"no token":          func(g *service) { g.token = func(http.ResponseWriter) { <-stop } },
		"not there":         func(g *service) { g.answer = say(503, "") }, // the client tries again by itself
		"a long answer":     func(g *service) { g.answer = say(200, strings.Repeat("a", 2<<20)) },
		"connection is cut": func(g *service) { g.answer = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) } },
	} {
		g := stand(t)
		set(g)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if got := channel(t, g).Send(ctx, to("token-1")); got.State != delivery.Later {
			t.Errorf("%s: %+v", name, got)
		}
		cancel()
	}
	gone := stand(t)
	c := channel(t, gone)
	gone.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got := c.Send(ctx, to("token-1")); got.State != delivery.Later {
		t.Errorf("refused: %+v", got)
	}
}

// A key that was withdrawn is the channel's fault, and asked about once for a message.
func TestWithdrawnKey(t *testing.T) {
	g := stand(t)
	g.token = func(w http.ResponseWriter) { say(400, `{"error":"invalid_grant"}`)(w, nil) }
	if got := channel(t, g).Send(t.Context(), to("token-1")); got.State != delivery.Broken || got.Code != "http_401" || g.tokens != 1 {
		t.Errorf("%+v, asked %d times", got, g.tokens)
	}
}

// What is wrong with a key file is said at once, without a word of the key.
func TestKeyFiles(t *testing.T) {
	secret := strings.Split(pemKey(), "\n")[1]
	for says, key := range map[string][]byte{
		"not JSON":        []byte("-----BEGIN"),
		"service account": keyFile("http://x", map[string]string{"type": "authorized_user"}),
		"project_id":      keyFile("http://x", map[string]string{"project_id": ""}),
		"not in PEM":      keyFile("http://x", map[string]string{"private_key": secret}),
		"PKCS #8":         keyFile("http://x", map[string]string{"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}),
	} {
		if _, err := New(t.Context(), key, ""); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
