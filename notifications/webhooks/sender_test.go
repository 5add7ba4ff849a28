package webhooks

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/webhook"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// say has the platform say something new of one of its cases.
func (n *node) say(number string, version int64, state string) {
	n.w.t.Helper()
	in := intake.Upsert{Item: "insurance", State: state, Version: &version, ChangedAt: n.w.clock.now(), OpenedAt: worldtest.Noon.Add(-time.Hour), Community: worldtest.JiaOne}
	if _, _, err := n.cases.Upsert(n.w.t.Context(), n.w.people["platform"], n.w.clock.now(), intake.Key{System: "rnd", Number: number}, in); err != nil {
		n.w.t.Fatal(err)
	}
}

// first is the first message of a target that is not over, wherever its time is.
// journaled counts the city's entries of an action.
func (n *node) journaled(t *testing.T, action string) (count int) {
	for after := int64(0); ; {
		entries := must(n.st.Journal(t.Context(), area.CityPartition, after, 500))(t)
		if len(entries) == 0 {
			return count
		}
		for _, e := range entries {
			if after = e.Number; e.Action == action {
				count++
			}
		}
	}
}

func (n *node) first(t *webhook.Target) *webhook.Delivery {
	n.w.t.Helper()
	found := must(n.deliveries.Due(n.w.t.Context(), t, n.w.clock.now().Add(1000*time.Hour), 1))(n.w.t)
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func (n *node) get(t *webhook.Target) *webhook.Target {
	n.w.t.Helper()
	return must(n.targets.Get(n.w.t.Context(), n.w.people["admin"], t.ID))(n.w.t)
}

// silent listens and never answers; it tells how many calls it has.
func silent(t testing.TB) (url string, calls *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls = &atomic.Int64{}
	var held []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			held = append(held, c)
			calls.Add(1)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		for _, c := range held {
			_ = c.Close()
		}
	})
	return "http://" + l.Addr().String(), calls
}

// While one receiver holds every connection that it is given and never answers,
// another is told of everything.
func TestDeadReceiverCostsOthersNothing(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		dead, calls := silent(t)
		live := newReceiver(t, w.clock)
		w.hosts = []string{dead, live.url}
		w.settle()
		n := w.join()
		hung, _ := w.target(n, "platform", dead, "case.*")
		_, live.secret = w.target(n, "platform", live.url, "case.*")
		for i := range atOnce { // the dead one takes all that it is given
			n.say(fmt.Sprint(i), 1, "accepted")
		}
		n.serve()
		eventually(t, "the dead one holds all of its connections", func() bool { return calls.Load() == atOnce })
		for i := range atOnce {
			for version := range int64(10) {
				n.say(fmt.Sprint(i), version+2, []string{"in_review", "accepted"}[version%2])
			}
		}
		eventually(t, "the live one has everything", func() bool { return live.had() == 11*atOnce })
		if calls.Load() != atOnce {
			t.Errorf("%d connections to one that does not answer", calls.Load())
		}
		if d := n.first(n.get(hung)); d == nil || len(d.Attempts) > 0 {
			t.Errorf("the dead one has answered: %+v", d)
		}
		live.check(t, "live", true)
	})
}

// answers are what receivers answer, and what becomes of the message.
var answers = []struct {
	name   string
	url    string // of none that listens
	answer http.HandlerFunc
	status int
	code   string
	in     [2]time.Duration // when it is tried again, at least and at most
}{
	{name: "taken with any 2xx", answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }, status: 202},
	{name: "a redirect inwards", answer: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
	}, status: 307, in: [2]time.Duration{4 * time.Second, 6 * time.Second}},
	{name: "broken", answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, status: 500, in: [2]time.Duration{4 * time.Second, 6 * time.Second}},
	{name: "busy, for seconds", answer: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "90"); w.WriteHeader(429) }, status: 429, in: [2]time.Duration{90 * time.Second, 90 * time.Second}},
	{name: "busy, until a time", answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", worldtest.Noon.Add(time.Hour).Format(http.TimeFormat))
		w.WriteHeader(503)
	}, status: 503, in: [2]time.Duration{59 * time.Minute, time.Hour}},
	{name: "asks for a century", answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3155760000")
		w.WriteHeader(502)
	}, status: 502, in: [2]time.Duration{24 * time.Hour, 24 * time.Hour}},
	{name: "Retry-After without meaning", answer: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "-5"); w.WriteHeader(504) }, status: 504, in: [2]time.Duration{4 * time.Second, 6 * time.Second}},
	{name: "hangs up", answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, code: "answer", in: [2]time.Duration{4 * time.Second, 6 * time.Second}},
	{name: "no address of the internet", url: "http://169.254.169.254", code: "address", in: [2]time.Duration{4 * time.Second, 6 * time.Second}},
}

// What a receiver answers is on record, and when it is tried again follows from it.
func TestAnswers(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		asked := make([]atomic.Int64, len(answers))
		for i, c := range answers {
			if c.url == "" {
				r := newReceiver(t, w.clock)
				r.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked[i].Add(1); c.answer(w, r) })
				c.url = r.url
			}
			w.hosts = append(w.hosts, c.url)
		}
		w.settle()
		n := w.join()
		var targets []*webhook.Target
		for _, url := range w.hosts {
			target, _ := w.target(n, "platform", url, "case.*")
			targets = append(targets, target)
		}
		n.say("1", 1, "accepted")
		n.say("1", 2, "in_review")
		n.serve()
		for i, c := range answers {
			target := targets[i]
			if c.status == 202 {
				eventually(t, "both messages are taken", func() bool { return asked[i].Load() == 2 && n.first(target) == nil })
				continue
			}
			var d *webhook.Delivery
			eventually(t, "an attempt is on record", func() bool { d = n.first(target); return d != nil && len(d.Attempts) > 0 })
			a := d.Attempts[0]
			if wait := d.DueAt.Sub(a.At); a.Status != c.status || a.Error != c.code || wait < c.in[0] || wait > c.in[1] || d.Sequence != 1 {
				t.Errorf("%s: %+v of message %d, tried again in %s", c.name, a, d.Sequence, wait)
			}
			if want := map[bool]int64{true: 1, false: 0}[c.answer != nil]; asked[i].Load() != want {
				t.Errorf("%s: it was asked %d times", c.name, asked[i].Load())
			}
		}
	})
}

// Who answers 410 is not asked again, until a person says so; nothing is lost.
func TestGone(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		r, gone, asked := newReceiver(t, w.clock), atomic.Bool{}, atomic.Int64{}
		gone.Store(true)
		r.server.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
			if asked.Add(1); gone.Load() {
				out.WriteHeader(410)
				return
			}
			r.ServeHTTP(out, in)
		})
		w.hosts = []string{r.url}
		w.settle()
		n := w.join()
		target, secret := w.target(n, "platform", r.url, "case.*")
		r.secret = secret
		for version := range int64(3) {
			n.say("1", version+1, "accepted")
		}
		n.serve()
		eventually(t, "the target is disabled", func() bool { return n.get(target).State == webhook.Disabled })
		w.clock.pass(100 * time.Hour)
		if got := n.get(target); got.Why != webhook.Gone || asked.Load() != 1 {
			t.Errorf("disabled since %s, asked %d times", got.Why, asked.Load())
		}
		gone.Store(false)
		active := webhook.Active
		must(n.targets.Update(t.Context(), w.people["admin"], w.clock.now(), target.ID, 0, webhook.Change{State: &active}))(t)
		eventually(t, "what waited is sent", func() bool { return r.had() == 3 })
		r.check(t, "back again", true)
	})
}

// While a secret is changed, messages are signed with both.
func TestRotation(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		r := newReceiver(t, w.clock)
		w.hosts = []string{r.url}
		w.settle()
		n := w.join()
		target, old := w.target(n, "platform", r.url, "case.*")
		fresh := webhook.MakeSecret(zeroes{})
		verified := make(chan [2]bool, 10)
		r.server.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, in *http.Request) {
			body := make([]byte, in.ContentLength)
			_, _ = in.Body.Read(body)
			var by [2]bool
			for i, secret := range []string{old, fresh} {
				signer, err := standardwebhooks.NewWebhook(secret)
				by[i] = err == nil && signer.VerifyIgnoringTimestamp(body, in.Header) == nil
			}
			verified <- by
		})
		n.serve()
		next := func(version int64, want [2]bool) {
			t.Helper()
			n.say("1", version, []string{"accepted", "in_review"}[version%2])
			select {
			case by := <-verified:
				if by != want {
					t.Errorf("message %d is signed by the old and the new secret: %v", version, by)
				}
			case <-time.After(5 * time.Minute):
				t.Fatal("no message")
			}
		}
		next(1, [2]bool{true, false})
		must(n.targets.Rotate(t.Context(), w.people["admin"], w.clock.now(), target.ID, 0, webhook.NewSecret{ID: ids.New(), Clear: fresh}, w.clock.now().Add(time.Hour)))(t)
		eventually(t, "the sender knows the new one", func() bool { return len(n.targets.All()) > 0 && len(n.targets.All()[0].Secrets) == 2 })
		next(2, [2]bool{true, true})
		w.clock.pass(2 * time.Hour)
		next(3, [2]bool{false, true})
	})
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A message that is on its way when the node stops does not keep it, and is sent again as it was.
func TestStopsWhileSending(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		r := newReceiver(t, w.clock)
		came, hold := make(chan struct{}, 10), make(chan struct{})
		r.server.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
			r.ServeHTTP(out, in)
			came <- struct{}{}
			select {
			case <-hold:
			case <-in.Context().Done():
			}
		})
		w.hosts = []string{r.url}
		w.settle()
		n := w.join()
		_, r.secret = w.target(n, "platform", r.url, "case.*")
		n.say("1", 1, "accepted")
		n.say("1", 2, "in_review")
		n.serve()
		<-came
		n.leave()
		n = w.join()
		n.serve()
		<-came
		close(hold)
		eventually(t, "the second is sent", func() bool { return r.had() == 2 })
		r.check(t, "after a stop", true) // also that it was the same bytes
	})
}

// The line of a target that was deleted ends by itself, whatever that cuts off: those of others go on.
func TestEndsAlone(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		w.hosts = []string{"http://127.0.0.1:9"}
		w.settle()
		n := w.join()
		target, _ := w.target(n, "platform", w.hosts[0], "case.*")
		l := n.sender.newLine(t.Context(), n.job, store.Lease{}, target)
		l.end()
		if err := l.run(); err != nil {
			t.Errorf("it ends all with %v", err)
		}
	})
}

// A receiver that wants no more is asked again as long as that is not on record.
func TestGoneOnRecord(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		r := newReceiver(t, w.clock)
		r.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) })
		w.hosts = []string{r.url}
		w.settle()
		n := w.join()
		target, _ := w.target(n, "platform", r.url, "case.*")
		l := n.sender.newLine(t.Context(), n.job, store.Lease{Meta: store.Meta{ID: "of nobody"}}, target)
		defer l.end()
		d := &webhook.Delivery{Meta: store.Meta{ID: "msg_1"}, Target: target.ID, Body: []byte("{}"), Thing: webhook.Case}
		if err := l.send(t.Context(), d); err == nil || l.gone.Load() != 0 {
			t.Errorf("what came of it: %v, gone %d", err, l.gone.Load())
		}
	})
}

// A message that is never taken becomes a dead letter, and its case stands
// still while others go on, until a person says so, on whichever node; a test
// ping goes out whatever waits.
func TestDeadLetters(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		w := worldOn(t, p)
		r := newReceiver(t, w.clock)
		r.set(func() mood { return fails })
		w.hosts = []string{r.url}
		w.settle()
		n := w.join()
		target, secret := w.target(n, "platform", r.url, "case.*")
		r.secret = secret
		n.say("1", 1, "accepted")
		n.serve()
		other := n
		if p.Dir == "" { // a file of SQLite is one process's
			other = w.join()
		}
		admin := w.people["admin"]
		states := func() (out []webhook.Progress) {
			found, _, err := other.deliveries.List(t.Context(), admin, target.ID, webhook.Filter{Limit: 50})
			for _, d := range must(found, err)(t) {
				out = append(out, d.State)
			}
			return out
		}
		eventually(t, "the message is a dead letter", func() bool {
			w.clock.pass(time.Hour)
			return slices.Equal(states(), []webhook.Progress{webhook.Dead})
		})
		if tries := r.tries(); tries != 10 {
			t.Errorf("it was sent %d times", tries)
		}
		n.say("3", 1, "accepted")
		eventually(t, "another is one", func() bool {
			w.clock.pass(time.Hour)
			return slices.Equal(states(), []webhook.Progress{webhook.Dead, webhook.Dead})
		})
		if told := n.journaled(t, "webhook.dead"); told != 1 {
			t.Errorf("that letters are dead is journaled %d times", told)
		}
		r.set(func() mood { return takes })
		must(other.deliveries.Test(t.Context(), admin, w.clock.now(), target.ID, ids.New()))(t)
		eventually(t, "the ping is taken", func() bool { return r.had() == 1 })
		n.say("1", 2, "in_review")
		n.say("2", 1, "accepted")
		eventually(t, "the other case goes on", func() bool { w.clock.pass(time.Minute); return r.had() == 2 })
		w.clock.pass(100 * time.Hour)
		if got := states(); !slices.Contains(got, webhook.Waiting) || !slices.Contains(got, webhook.Dead) || r.had() != 2 {
			t.Errorf("before anybody says so: %v, %d taken", got, r.had())
		}
		must(other.deliveries.ReplayAll(t.Context(), admin, w.clock.now(), target.ID, time.Time{}))(t)
		eventually(t, "everything is taken", func() bool { return r.had() == 5 })
		r.check(t, "replayed", true)
	})
}
