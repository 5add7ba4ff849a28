package limit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/personal"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Partition: "city", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	storetest.Golden(t, counters, &counter{
		Meta: meta, Count: 6, Last: morning, Until: morning.Add(time.Second), Slots: []slot{{morning, morning.Add(time.Minute), 3}}, Expires: morning.Add(time.Hour),
	}, filepath.Join("testdata", "attempts.golden.json"))
}

func TestDoublingWaits(t *testing.T) {
	r := Rule{Quota: 3, Window: time.Hour, Doubling: true}
	c, now := &counter{}, morning
	for i, want := range []time.Duration{0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
		c.add(r, now)
		if got := c.wait(r, now); got != want*time.Second {
			t.Fatalf("after attempt %d: wait %s, want %ds", i+1, got, want)
		}
		if c.Expires.Before(c.Until) {
			t.Fatalf("after attempt %d: forgotten before the wait is over", i+1)
		}
		now = now.Add(max(c.wait(r, now), time.Second))
	}
	for range 100 { // no overflow however long it goes on
		c.add(r, now)
	}
	if got := c.wait(r, now); got != longestWait {
		t.Errorf("in the end: wait %s", got)
	}
	if c.forget(r, now.Add(r.Window)); c.Count != 0 || c.wait(r, now.Add(r.Window)) != 0 {
		t.Errorf("after a quiet hour: %+v", c)
	}
}

// No window has more than the quota, wherever it begins, and who waits as told gets on.
func TestBudgetHoldsInEveryWindow(t *testing.T) {
	for _, quota := range []int{1, 10, slotsMost, 60, 300} {
		rng := rand.New(rand.NewPCG(7, uint64(quota)))
		r := Rule{Quota: quota, Window: time.Hour}
		c, now := &counter{}, morning
		var passed []time.Time
		for range quota * 6 {
			now = now.Add(time.Duration(rng.Int64N(int64(2 * time.Hour / time.Duration(quota)))))
			c.forget(r, now)
			if wait := c.wait(r, now); wait > 0 {
				if wait > r.Window {
					t.Fatalf("quota %d: wait %s", quota, wait)
				}
				if rng.IntN(3) > 0 {
					continue
				}
				now = now.Add(wait)
				if c.forget(r, now); c.wait(r, now) > 0 {
					t.Fatalf("quota %d: waited %s in vain", quota, wait)
				}
			}
			c.add(r, now)
			passed = append(passed, now)
			if len(c.Slots) > slotsMost+1 {
				t.Fatalf("quota %d: %d slots", quota, len(c.Slots))
			}
		}
		for i := quota; i < len(passed); i++ {
			if passed[i].Sub(passed[i-quota]) < r.Window {
				t.Fatalf("quota %d: more within %s", quota, passed[i].Sub(passed[i-quota]))
			}
		}
	}
}

// What a node counted while its clock was days ahead keeps nobody out until then; what counted before still does.
func TestClockThatWasAhead(t *testing.T) {
	for _, r := range []Rule{{Quota: 2, Window: time.Hour, Doubling: true}, {Quota: 2, Window: time.Hour}, {Quota: 60, Window: time.Hour}} {
		c := &counter{}
		for range r.Quota + 3 {
			c.add(r, morning.AddDate(0, 0, 3))
		}
		if c.forget(r, morning); c.wait(r, morning) != 0 || c.used(r) != 0 {
			t.Errorf("%+v: wait %s, %d used", r, c.wait(r, morning), c.used(r))
		}
		near := morning.Add(skew / 2)
		for range r.Quota + 1 {
			c.add(r, near)
		}
		if c.forget(r, morning); c.wait(r, morning) == 0 {
			t.Errorf("%+v: what another node counted just now is forgotten", r)
		}
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":                     "192.0.2.7",
		"::ffff:192.0.2.7":              "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":          "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1":          "2001:db8:1:2::/64",
		"fe80::1%eth0":                  "fe80::/64",
		"":                              "",
		"not an address of any network": "not an address of any network",
	} {
		if got := Network(address); got != want {
			t.Errorf("Network(%q) = %q, want %q", address, got, want)
		}
	}
}

// TestClocksApart: attempts that are counted out of the order of their times,
// as many at once or two nodes make them, wait no longer than a window, and
// what is kept for them lasts until they no longer count.
func TestClocksApart(t *testing.T) {
	for _, r := range []Rule{{Quota: 3, Window: time.Hour}, {Quota: 60, Window: time.Hour}, {Quota: 3, Window: time.Hour, Doubling: true}} {
		c := &counter{}
		for i := range 200 {
			came := morning.Add(-time.Duration(i%7) * time.Second)
			c.forget(r, came)
			now := c.clock(came)
			if wait := c.wait(r, now); wait > r.Window || r.Doubling && wait > longestWait {
				t.Fatalf("%+v, %d: wait %s", r, i, wait)
			} else if q := c.quota(r, now); q.Reset > r.Window {
				t.Fatalf("%+v, %d: reset after %s", r, i, q.Reset)
			} else if wait == 0 {
				c.add(r, now)
			}
			if c.Expires.Before(c.Last.Add(r.Window)) {
				t.Fatalf("%+v, %d: forgotten at %s", r, i, c.Expires)
			}
		}
	}
}

// eachEngine runs a test with two nodes on one store of each engine.
func eachEngine(t *testing.T, test func(t *testing.T, st *store.Store, nodes []*Limits)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		st := enginetest.Store(t, p.Open(t), store.Options{Rehearse: true}, Collections()...)
		keys, err := personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), "")
		if err != nil {
			t.Fatal(err)
		}
		test(t, st, []*Limits{New(st, keys), New(st, keys)})
	})
}

func TestManyAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store, nodes []*Limits) {
		mine, all := Rule{Name: "mine", Quota: 5, Window: time.Hour}, Rule{Name: "all", Quota: 12, Window: time.Hour}
		var wg sync.WaitGroup
		var mu sync.Mutex
		passed := map[string]int{}
		for i := range 60 {
			who, node := fmt.Sprint(i%3), nodes[i%2]
			wg.Go(func() {
				err := node.Take(t.Context(), morning, node.Of(mine, who), node.Of(all, "office"))
				var limited *domain.LimitError
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					passed[who]++
				} else if !errors.As(err, &limited) || limited.RetryAfter != time.Hour {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		total := 0
		for who, n := range passed {
			if total += n; n > 5 {
				t.Errorf("%s passed %d times", who, n)
			}
		}
		if total != 12 {
			t.Errorf("%v passed, not 12", passed)
		}
		if err := Sweep(t.Context(), st, morning.Add(time.Hour-1)); err != nil {
			t.Fatal(err)
		}
		if err := nodes[0].Take(t.Context(), morning, nodes[0].Of(all, "office")); err == nil {
			t.Error("swept what still counts")
		}
		if err := Sweep(t.Context(), st, morning.Add(time.Hour+time.Hour/slotsMost+time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if left, _, err := counters.Find(t.Context(), st, store.Query{Where: []store.Cond{store.Between("expires", nil, morning.AddDate(1, 0, 0))}}); err != nil || len(left) > 0 {
			t.Error("not swept:", left, err)
		}
	})
}

func TestWhatIsTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, _ *store.Store, nodes []*Limits) {
		l := nodes[0]
		budget, doubling := Rule{Name: "budget", Quota: 2, Window: time.Hour}, Rule{Name: "doubling", Quota: 3, Window: time.Hour, Doubling: true}
		silent := Rule{Name: "silent", Quota: 9, Window: time.Hour, Silent: true}
		told := func(left, more int, budgetReset, doublingReset time.Duration) []domain.Quota {
			return []domain.Quota{{Name: "budget", Quota: 2, Window: time.Hour, Remaining: left, Reset: budgetReset}, {Name: "doubling", Quota: 3, Window: time.Hour, Remaining: more, Reset: doublingReset}}
		}
		for i, want := range [][]domain.Quota{
			told(1, 2, time.Hour, time.Hour), told(0, 1, 50*time.Minute, time.Hour), told(0, 1, 40*time.Minute, 50*time.Minute), // the third is not counted
		} {
			ctx, quotas := Watch(t.Context())
			err := l.Take(ctx, morning.Add(time.Duration(i)*10*time.Minute), l.Of(budget, "a"), l.Of(silent, "a"), l.Of(doubling, "a"))
			if got := quotas(); !slices.Equal(got, want) {
				t.Errorf("%d: %+v, want %+v", i, got, want)
			}
			var limited *domain.LimitError
			if refused := errors.As(err, &limited); refused != (i == 2) || refused && limited.RetryAfter != 40*time.Minute {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

// One caller's end does not undo what is counted for others.
func TestCallersThatGiveUp(t *testing.T) {
	eachEngine(t, func(t *testing.T, _ *store.Store, nodes []*Limits) {
		l, rule := nodes[0], Rule{Name: "r", Quota: 1000, Window: time.Hour}
		gone, give := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 20 {
			ctx := t.Context()
			if i%2 == 0 {
				ctx = gone
			}
			wg.Go(func() {
				if err := l.Take(ctx, morning, l.Of(rule, "a")); err != nil && (ctx != gone || !errors.Is(err, context.Canceled)) {
					t.Error(err)
				}
			})
		}
		give()
		wg.Wait()
		ctx, quotas := Watch(t.Context())
		if err := l.Take(ctx, morning, l.Of(rule, "a")); err != nil || quotas()[0].Remaining > 1000-11 {
			t.Errorf("%v, %+v", err, quotas())
		}
	})
}

// An attempt is counted by the update that carries it out: exactly as often as
// that commits, also where many meet, by updates of their own and by Take.
func TestCountedByTheUpdate(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store, nodes []*Limits) {
		mine, all := Rule{Name: "mine", Quota: 5, Window: time.Hour}, Rule{Name: "all", Quota: 12, Window: time.Hour}
		failed := errors.New("not carried out")
		around := func(ctx context.Context, l *Limits, who string, outcome error) error {
			return l.Around(ctx, morning, []Limit{l.Of(mine, who), l.Of(all, "office")}, func(count func(*store.Tx) error) (bool, error) {
				return true, st.Update(ctx, nil, func(tx *store.Tx) error {
					if err := count(tx); err != nil {
						return err
					}
					return outcome
				})
			})
		}
		for range 3 {
			if err := around(t.Context(), nodes[0], "0", failed); !errors.Is(err, failed) {
				t.Error(err)
			}
		}
		ctx, quotas := Watch(t.Context())
		if err := around(ctx, nodes[0], "0", nil); err != nil || quotas()[0].Remaining != 4 || quotas()[1].Remaining != 11 {
			t.Errorf("what failed was counted: %v, %+v", err, quotas())
		}
		repeated := []Limit{nodes[0].Of(mine, "repeats"), nodes[0].Of(Rule{Name: "many", Quota: 100, Window: time.Hour}, "repeats")}
		if err := nodes[0].Take(t.Context(), morning, repeated...); err != nil {
			t.Fatal(err)
		}
		ctx, quotas = Watch(t.Context())
		err := nodes[0].Around(ctx, morning, repeated, func(count func(*store.Tx) error) (bool, error) {
			for i := range 3 {
				at := morning.Add(time.Duration(i-1) * time.Millisecond)
				err := nodes[0].Around(t.Context(), at, repeated, func(func(*store.Tx) error) (bool, error) { return false, nil })
				if err != nil {
					t.Error(err)
				}
			}
			return true, st.Update(ctx, nil, count)
		})
		if err != nil || quotas()[0].Remaining != 3 || quotas()[1].Remaining != 98 {
			t.Errorf("what was sent again meanwhile: %v, %+v", err, quotas())
		}
		refused := []Limit{nodes[0].Of(mine, "refused")}
		err = nodes[0].Around(t.Context(), morning, refused, func(count func(*store.Tx) error) (bool, error) {
			other := nodes[0].Around(t.Context(), morning, refused, func(func(*store.Tx) error) (bool, error) { return false, failed }) // which meets this one
			if !errors.Is(other, failed) {
				t.Error(other)
			}
			return true, st.Update(t.Context(), nil, count)
		})
		ctx, quotas = Watch(t.Context())
		if takes := nodes[0].Take(ctx, morning, refused...); err != nil || takes != nil || quotas()[0].Remaining != 3 {
			t.Errorf("what was refused where others met was counted: %v, %v, %+v", err, takes, quotas())
		}
		spent, tries := []Limit{nodes[0].Of(Rule{Name: "one", Quota: 1, Window: time.Hour}, "spent")}, 0
		err = nodes[0].Around(t.Context(), morning, spent, func(count func(*store.Tx) error) (bool, error) {
			if err := nodes[1].Take(t.Context(), morning, spent...); err != nil {
				t.Error(err)
			}
			again := nodes[0].Around(t.Context(), morning, spent, func(func(*store.Tx) error) (bool, error) { return false, nil })
			fresh := nodes[0].Around(t.Context(), morning, spent, func(count func(*store.Tx) error) (bool, error) {
				tries++
				return true, st.Update(t.Context(), nil, count)
			})
			if _, refused := errors.AsType[*domain.LimitError](fresh); again != nil || !refused || tries != 1 {
				t.Errorf("with nothing left, what was there already: %v; what is new: %v", again, fresh)
			}
			return false, nil
		})
		if err != nil {
			t.Error(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		passed := map[string]int{"0": 1}
		for i := range 60 {
			who, node := fmt.Sprint(i%3), nodes[i%2]
			wg.Go(func() {
				var err error
				if i%5 == 0 {
					err = node.Take(t.Context(), morning, node.Of(mine, who), node.Of(all, "office"))
				} else {
					err = around(t.Context(), node, who, nil)
				}
				var limited *domain.LimitError
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					passed[who]++
				} else if !errors.As(err, &limited) || limited.RetryAfter != time.Hour {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		total := 0
		for who, n := range passed {
			if total += n; n > 5 {
				t.Errorf("%s passed %d times", who, n)
			}
		}
		if total != 12 {
			t.Errorf("%v passed, not 12", passed)
		}
		for _, l := range nodes {
			if len(l.alone) > 0 {
				t.Errorf("still counting: %v", l.alone)
			}
		}
	})
}
