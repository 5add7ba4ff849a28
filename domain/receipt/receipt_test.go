package receipt

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"

	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

func free(context.Context, string) (bool, error) { return false, nil }

// Two nodes give each number of two kinds once; kinds are counted apart.
func TestNumbersAreGivenOnce(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		var nodes []*Numbers
		for range 2 {
			nodes = append(nodes, New(enginetest.Store(t, p.Open(t), store.Options{Rehearse: true}, Collections()...), free))
		}
		given := make([]string, 100)
		var wg sync.WaitGroup
		for i := range given {
			wg.Go(func() {
				given[i] = worldtest.Must(nodes[i%2].Next(t.Context(), "320508001", []string{"", "j"}[i/2%2], noon))(t)
			})
		}
		wg.Wait()
		slices.Sort(given)
		if n := len(slices.Compact(slices.Clone(given))); n != len(given) {
			t.Errorf("%d different numbers of %d: %v", n, len(given), given)
		}
		if !slices.Contains(given, "320508001-261123-1") || !slices.Contains(given, "320508001-j261123-1") {
			t.Errorf("given: %v", given)
		}
		n := nodes[0]
		one := worldtest.Must(n.Next(t.Context(), "320508001", "j", noon))(t)
		n.GiveBack(one)
		if again := worldtest.Must(n.Next(t.Context(), "320508001", "j", noon))(t); again != one {
			t.Errorf("%s was given back, and then %s given", one, again)
		}
		for _, c := range []struct{ days, want int }{{6, 2}, {8, 0}} {
			worldtest.Must(0, Sweep(t.Context(), n.store, noon.AddDate(0, 0, c.days)))(t)
			left, _, err := numbers.Find(t.Context(), n.store, store.Query{Where: []store.Cond{store.Between("day", nil, noon.AddDate(1, 0, 0))}})
			if err != nil || len(left) != c.want {
				t.Errorf("%d counters left after %d days: %v", len(left), c.days, err)
			}
		}
	})
}

// Where the counter was lost, it goes on behind what was given, which leaves a gap.
func TestALostCounter(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		st := enginetest.Store(t, p.Open(t), store.Options{}, Collections()...)
		n := New(st, func(_ context.Context, number string) (bool, error) {
			return slices.Contains([]string{"320508001-261123-3", "320508001-261123-25"}, number), nil
		})
		if got := worldtest.Must(n.Next(t.Context(), "320508001", "", noon))(t); got != "320508001-261123-61" {
			t.Errorf("given: %s", got)
		}
	})
}

func TestStoredForm(t *testing.T) {
	storetest.Golden(t, numbers, &dayNumbers{Meta: store.Meta{ID: "t", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}, Last: 20, Day: noon}, "testdata/ticketNumbers.golden.json")
}
