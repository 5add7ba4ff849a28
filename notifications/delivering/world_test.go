package delivering

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/collections"
	"wangge/domain/delivery"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/jobs"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// clock is the test's: nothing waits for time.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	timers map[chan time.Time]time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := make(chan time.Time, 1)
	if d <= 0 {
		timer <- c.at
	} else {
		c.timers[timer] = c.at.Add(d)
	}
	return timer
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	for timer, at := range c.timers {
		if !at.After(c.at) {
			timer <- c.at
			delete(c.timers, timer)
		}
	}
}

// push is what a channel was handed.
type push struct {
	delivery.Message
	way  delivery.Way
	time time.Time
}

// world is a store, people with devices on stand-in channels, and what those were handed.
type world struct {
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	clock  *clock
	answer func(push) delivery.Outcome // of every channel; Taken where it is nil

	mu      sync.Mutex
	pushes  []push
	devices map[string][]delivery.Address // by account
	hidden  map[string]bool               // things
	over    map[string]bool
	rungs   map[int][]string
	granted map[string]int // messages by id of the device; nil: none are counted
	robots  map[string][]delivery.Address
	number  int64
	people  []string
}

func worldOn(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, place: place, keys: worldtest.Keys(t), clock: &clock{at: worldtest.Noon, timers: map[chan time.Time]time.Time{}},
		devices: map[string][]delivery.Address{}, hidden: map[string]bool{}, over: map[string]bool{}, rungs: map[int][]string{}, robots: map[string][]delivery.Address{}}
	return w
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) { test(t, worldOn(t, p)) })
}

// node is a process.
type node struct {
	w          *world
	engine     *enginetest.Mortal
	st         *store.Store
	accounts   *account.Accounts
	deliveries *delivery.Deliveries
	sender     *Sender
	job        jobs.Node
}

var ways = []delivery.Way{delivery.FCM, delivery.JPush, delivery.Robot, delivery.SMS}

// join opens the store as one more node, which sends nothing yet.
func (w *world) join() *node {
	n := &node{w: w, engine: &enginetest.Mortal{Engine: w.place.Open(w.t)}}
	st, areas := worldtest.Open(w.t, n.engine, store.Options{}, collections.All(w.keys)...)
	n.st, n.accounts = st, account.New(st, areas, w.keys, account.Options{})
	n.deliveries = delivery.New(st, ways, 10*time.Minute, delivery.Ports{
		Seen: func(_ context.Context, _ time.Time, all []*notice.Notice) (out []*notice.Notice, _ error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, x := range all {
				if !w.hidden[x.About.ID] {
					out = append(out, x)
				}
			}
			return out, nil
		},
		Devices: func(_ context.Context, who string, _ time.Time) ([]delivery.Address, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return slices.Clone(w.devices[who]), nil
		},
		Phone: func(_ context.Context, who string) (delivery.Address, bool, error) {
			return delivery.Address{Way: delivery.SMS, Text: "phone of " + who}, true, nil
		},
		Robots: func(_ context.Context, street string) ([]delivery.Address, error) { return w.robots[street], nil },
		Groups: func(street string) bool { return len(w.robots[street]) > 0 },
		Allowed: func(_ context.Context, a delivery.Address, _ notice.Kind) (bool, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.granted == nil || w.granted[a.ID] > 0, nil
		},
		Forget: func(_ context.Context, a delivery.Address, _ string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			for who, all := range w.devices {
				w.devices[who] = slices.DeleteFunc(slices.Clone(all), func(b delivery.Address) bool { return b.ID == a.ID })
			}
			return nil
		},
		Spent: func(_ context.Context, a delivery.Address, _ notice.Kind) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.granted[a.ID] = 0
			return nil
		},
		Taken: func(_ context.Context, a delivery.Address, _ notice.Kind) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.granted != nil {
				w.granted[a.ID]--
			}
			return nil
		},
		Over: func(_ context.Context, _ notice.Kind, about notice.About) (bool, error) { return w.over[about.ID], nil },
		Next: func(_ context.Context, _ access.Place, rung int, _ time.Time) ([]string, error) {
			return w.rungs[rung], nil
		},
		Told: func([]*notice.Notice) {},
		Word: func(k notice.Kind) domain.Text { return domain.T(string(k), string(k)) },
	})
	channels := map[delivery.Way]Channel{}
	for _, way := range ways {
		channels[way] = Channel{Channel: &standIn{w, way}, AtOnce: 2}
	}
	n.sender = New(n.deliveries, channels)
	n.sender.after = w.clock.after
	n.job = jobs.Node{Store: st, Name: fmt.Sprint("node-", len(w.people), "-", time.Now().UnixNano()), Now: w.clock.now, Log: slog.New(slog.DiscardHandler)}
	return n
}

type standIn struct {
	w   *world
	way delivery.Way
}

func (c *standIn) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	p := push{m, c.way, c.w.clock.now()}
	c.w.mu.Lock()
	answer := c.w.answer
	c.w.mu.Unlock()
	o := delivery.Outcome{State: delivery.Taken}
	if answer != nil {
		o = answer(p)
	}
	if o.State == "hangs" {
		<-ctx.Done()
		return delivery.Outcome{State: delivery.Later, Code: "timeout"}
	}
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if o.State == delivery.Taken {
		c.w.pushes = append(c.w.pushes, p)
	}
	return o
}

// person makes an account with a device.
func (w *world) person(n *node, name string, way delivery.Way) string {
	w.t.Helper()
	admin := access.Actor{Account: "admin", Session: "s", Grants: []access.Grant{{Role: access.Admin}}}
	a := must(n.accounts.Create(w.t.Context(), admin, worldtest.Noon, account.NewAccount{Username: "at." + name, Name: name, Password: "correct horse battery", Grants: []account.GrantInput{{Role: access.Admin}}}))(w.t)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.devices[a.ID] = []delivery.Address{{ID: "device of " + name, Way: way, Text: "token of " + name}}
	w.people = append(w.people, a.ID)
	return a.ID
}

// tell writes notices as the consumer does, of one entry, and returns them.
func (w *world) tell(n *node, of notice.Importance, about string, to ...string) []*notice.Notice {
	w.t.Helper()
	w.number++
	now := w.clock.now()
	told := notice.Told{Kind: "ticket_assigned", About: notice.About{Kind: "ticket", ID: about}, Place: access.Place{Street: "street"}}
	first := &notice.Notice{Kind: told.Kind, Importance: of, About: told.About, Place: told.Place, Partition: "street", Number: w.number, At: now}
	for _, who := range to {
		told.Notices = append(told.Notices, first.To(who, now))
	}
	must(0, n.st.Update(w.t.Context(), nil, func(tx *store.Tx) error {
		fresh, err := notice.Add(w.t.Context(), tx, told.Notices)
		if err != nil || len(fresh) == 0 {
			return err
		}
		return n.deliveries.Plan(w.t.Context(), tx, now, []notice.Told{told})
	}))(w.t)
	return told.Notices
}

// settle hands off all that is due, without the lines: everything that is
// waiting, then each hand-off by itself, until nothing is due.
func (n *node) settle() {
	n.w.t.Helper()
	lease := must(n.st.Acquire(n.w.t.Context(), "notices", n.job.Name, time.Hour))(n.w.t)
	defer func() { must(0, n.st.Release(n.w.t.Context(), lease))(n.w.t) }()
	n.turn(lease)
}

func (n *node) turn(lease store.Lease) {
	t, ctx := n.w.t, n.w.t.Context()
	t.Helper()
	for busy := true; busy; {
		busy = false
		now := n.w.clock.now()
		if did := must(n.deliveries.Ladder().Pass(ctx, n.st, lease, now))(t); did > 0 {
			busy = true
		}
		due, _, err := n.deliveries.Waiting(ctx, now, 100)
		must(0, err)(t)
		for _, d := range due {
			busy = true
			must(0, n.deliveries.Split(ctx, lease, d, now))(t)
		}
		for _, way := range ways {
			l := n.channel(lease, way)
			due, _, err := l.look(ctx, map[string]bool{})
			must(0, err)(t)
			for _, h := range due {
				busy = true
				must(0, l.send(ctx, h))(t)
			}
		}
	}
}

func (n *node) channel(lease store.Lease, way delivery.Way) *channelLine {
	return &channelLine{Channel: n.sender.channels[way], s: n.sender, n: n.job, lease: lease, way: way, log: n.job.Log}
}

// had are what the channels took.
func (w *world) had() []push {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.pushes)
}
