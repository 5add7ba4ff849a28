package delivering

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/delivery"
	"wangge/domain/notice"
	"wangge/store"
)

// The inbox keeps each of what one push tells.
func TestTheInboxKeepsEach(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		n := w.join()
		who := w.person(n, "one", delivery.FCM)
		var all []string
		for range 5 {
			all = append(all, w.tell(n, notice.Task, "ticket", who)[0].ID)
			n.settle()
			w.clock.pass(time.Minute)
		}
		w.clock.pass(delivery.Window)
		n.settle()
		if had := w.ids(); !slices.Equal(had, []string{all[0], all[4]}) {
			t.Errorf("pushed %v of %v", had, all)
		}
		found := must(notice.Load(t.Context(), n.st, all))(t)
		for _, id := range all {
			if found[id] == nil || !found[id].Unread {
				t.Errorf("the inbox has not %s", id)
			}
		}
	})
}

// ids are the notices that the channels took, in order.
func (w *world) ids() (out []string) {
	for _, p := range w.had() {
		out = append(out, p.ID)
	}
	return out
}

// What a person wants, by how much is asked of them and what time it is: now,
// when their quiet hours end, or never. What is urgent heeds nothing.
func TestPreferencesInEveryHour(t *testing.T) {
	const now, morning, never = "now", "in the morning", "never"
	type row struct {
		quiet, off bool
		hour       int // of the day, in China
		of         notice.Importance
		want       string
	}
	var rows []row
	for _, of := range []notice.Importance{notice.Urgent, notice.Task, notice.News} {
		for _, quiet := range []bool{true, false} {
			for _, off := range []bool{true, false} {
				for _, hour := range []int{12, 23, 3} {
					want := now
					switch {
					case of == notice.Urgent:
					case off:
						want = never
					case quiet && hour != 12:
						want = morning
					}
					rows = append(rows, row{quiet, off, hour, of, want})
				}
			}
		}
	}
	eachEngine(t, func(t *testing.T, w *world) {
		n := w.join()
		for i, r := range rows {
			who := w.person(n, fmt.Sprint("person", i), delivery.FCM)
			change := delivery.PreferenceChange{Never: !r.quiet, Switch: map[delivery.Choice]bool{{Group: delivery.Tickets, Medium: delivery.Push}: !r.off}}
			must(n.deliveries.ChangePreferences(t.Context(), access.Actor{Account: who}, 0, change))(t)
			w.clock.pass(untilHour(w.clock.now(), r.hour))
			before := len(w.had())
			id := w.tell(n, r.of, fmt.Sprint("ticket", i), who)[0].ID
			n.settle()
			got := never
			if slices.Contains(w.ids()[before:], id) {
				got = now
			}
			w.clock.pass(untilHour(w.clock.now(), 6) + 59*time.Minute)
			n.settle()
			if r.want != now && len(w.had()) != before {
				t.Errorf("%+v: pushed in quiet hours", r)
			}
			w.clock.pass(time.Minute)
			n.settle()
			if got == never && slices.Contains(w.ids()[before:], id) {
				got = morning
			}
			if got != r.want {
				t.Errorf("%+v: %s", r, got)
			}
			must(n.deliveries.Acknowledge(t.Context(), access.Actor{Account: who}, w.clock.now(), id))
		}
	})
}

// untilHour is how long it is until an hour of the day in China.
func untilHour(now time.Time, hour int) time.Duration {
	day := now.UTC().Add(8 * time.Hour).Truncate(24 * time.Hour).Add(time.Duration(hour-8) * time.Hour)
	for !day.After(now) {
		day = day.Add(24 * time.Hour)
	}
	return day.Sub(now)
}

// What is urgent goes on to the next rung on which there is somebody, until one
// of those who were told says that they have it; at last to all of them by text message, once.
func TestLadder(t *testing.T) {
	for _, c := range []struct {
		name string
		ack  int // after so many steps whoever was told last has it; -1: nobody
		over int // after so many the matter is over; -1: never
		push []string
		sms  string
	}{
		{"nobody has it", -1, -1, []string{"first", "second third", "fourth", "", ""}, "first fourth second third"},
		{"the first has it", 0, -1, []string{"first", "", "", "", ""}, ""},
		{"the second has it", 1, -1, []string{"first", "second third", "", "", ""}, ""},
		{"the last has it", 2, -1, []string{"first", "second third", "fourth", "", ""}, ""},
		{"it is over", -1, 1, []string{"first", "second third", "", "", ""}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, w *world) {
				n := w.join()
				names, people := map[string]string{}, map[string]string{}
				for _, name := range []string{"first", "second", "third", "fourth"} {
					who := w.person(n, name, delivery.FCM)
					names["token of "+name], names["phone of "+who], people[name] = name, name, who
				}
				w.rungs = map[int][]string{1: {people["first"], people["second"], people["third"]}, 3: {people["fourth"]}} // and nobody on the second
				told := map[string]*notice.Notice{people["first"]: w.tell(n, notice.Urgent, "alert", people["first"])[0]}
				n.deliveries.Told = func(all []*notice.Notice) {
					for _, x := range all {
						told[x.Recipient] = x
					}
				}
				var pushed, texts []string
				for step := range c.push {
					before := len(w.had())
					n.settle()
					var push []string
					for _, p := range w.had()[before:] {
						if p.way == delivery.SMS {
							texts = append(texts, names[p.Address])
						} else {
							push = append(push, names[p.Address])
						}
					}
					slices.Sort(push)
					pushed = append(pushed, strings.Join(push, " "))
					if step == c.ack {
						w.acknowledged(t, n, told, people, push[len(push)-1])
					}
					w.over["alert"] = w.over["alert"] || step == c.over
					w.clock.pass(10 * time.Minute)
				}
				slices.Sort(texts)
				if !slices.Equal(pushed, c.push) || strings.Join(texts, " ") != c.sms {
					t.Errorf("pushed to %q, texts to %q", pushed, texts)
				}
			})
		})
	}
}

// acknowledged has somebody acknowledge theirs, after others tried to with what is not theirs.
func (w *world) acknowledged(t *testing.T, n *node, told map[string]*notice.Notice, people map[string]string, name string) {
	t.Helper()
	own := told[people[name]]
	for other, who := range people {
		if other == name {
			continue
		}
		if _, err := n.deliveries.Acknowledge(t.Context(), access.Actor{Account: who}, w.clock.now(), own.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s acknowledges what is %s's: %v", other, name, err)
		}
	}
	first := must(n.deliveries.Acknowledge(t.Context(), access.Actor{Account: people[name]}, w.clock.now(), own.ID))(t)
	again := must(n.deliveries.Acknowledge(t.Context(), access.Actor{Account: people[name]}, w.clock.now().Add(time.Minute), own.ID))(t)
	if !again.Acked.Equal(first.Acked) || again.Unread {
		t.Errorf("acknowledged at %s, then at %s", first.Acked, again.Acked)
	}
}

// However often nodes are killed between any two of their calls to the store,
// and though two of them work at once now and then, nobody misses the last of
// what there is about a thing, and nothing is pushed that was not told.
func TestKilledAnywhere(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		const people, things, rounds = 4, 3, 12
		random := rand.New(rand.NewPCG(16, 2026))
		n := w.join()
		var who []string
		for i := range people {
			who = append(who, w.person(n, fmt.Sprint("person", i), delivery.FCM))
		}
		last, told := map[string]string{}, map[string]string{} // by person and thing; of each notice
		urgent := map[string]bool{}
		for range rounds {
			for range 1 + random.IntN(4) {
				of, thing := notice.Task, fmt.Sprint("thing", random.IntN(things))
				if random.IntN(5) == 0 {
					of = notice.Urgent
				}
				for _, x := range w.tell(n, of, thing, who[random.IntN(people)]) {
					told[x.ID] = x.Recipient + x.About.ID
					if urgent[x.ID] = of == notice.Urgent; of != notice.Urgent {
						last[x.Recipient+x.About.ID] = x.ID
					}
				}
			}
			w.kill(t, random)
			w.clock.pass(time.Duration(1+random.IntN(5)) * time.Minute)
		}
		for range 4 { // whoever lives on
			n.settle()
			w.clock.pass(delivery.Window)
		}
		pushed := map[string]bool{}
		for _, p := range w.had() {
			if p.way == delivery.FCM {
				if pushed[p.ID] = true; told[p.ID] == "" {
					t.Errorf("pushed %s, which nobody was told", p.ID)
				}
			}
		}
		for at, id := range last {
			if !pushed[id] {
				t.Errorf("the last about %s was not pushed", at)
			}
		}
		for id, is := range urgent {
			if is && !pushed[id] {
				t.Errorf("%s is urgent, and was not pushed", id)
			}
		}
	})
}

// kill has two nodes that both have the lease do what is due until both are dead or nothing is.
func (w *world) kill(t *testing.T, random *rand.Rand) {
	t.Helper()
	nodes := []*node{w.join(), w.join()}
	lease := must(nodes[0].st.Acquire(t.Context(), "notices", "both", time.Hour))(t)
	var all sync.WaitGroup
	for _, n := range nodes {
		n.engine.After = random.IntN(2) == 0
		n.engine.Left.Store(1 + random.Int64N(25))
		all.Go(func() { n.until(lease) })
	}
	all.Wait()
	for _, n := range nodes { // of which nothing is heard any more, but their stores look around
		n.engine.Left.Store(0)
		n.engine.Dead.Store(false)
	}
	fresh := w.join()
	held := must(fresh.st.Lease(t.Context(), "notices"))(t)
	must(0, fresh.st.Release(t.Context(), held))(t)
}

// until does what is due, and fails when its store does.
func (n *node) until(lease store.Lease) {
	ctx := n.w.t.Context()
	now := n.w.clock.now()
	for range 20 {
		if n.engine.Dead.Load() {
			return
		}
		due, _, err := n.deliveries.Waiting(ctx, now, 100)
		for _, d := range due {
			err = errors.Join(err, n.deliveries.Split(ctx, lease, d, now))
		}
		l := n.channel(lease, delivery.FCM)
		ready, _, also := l.look(ctx, map[string]bool{})
		for _, h := range ready {
			also = errors.Join(also, l.send(ctx, h))
		}
		if err == nil && also == nil && len(due)+len(ready) == 0 {
			return
		}
	}
}
