package intake

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/worldtest"
)

// saidOf is one word of a platform in a random history.
type saidOf struct {
	key Key
	in  Upsert
	at  int // its place in the platform's own order
}

// histories are those of two platforms that use the same numbers: one orders by
// versions, whose times say nothing, the other by times.
func (w *world) histories(rng *rand.Rand) (all []saidOf) {
	words := []string{"received", "accepted", "办理中", "needs_material", "已办结", "转省厅", "withdrawn"}
	for _, system := range []string{rnd, "hotline"} {
		for number := range 4 {
			for i := range 6 {
				in := w.told(words[rng.IntN(len(words))], noon.Add(time.Duration(i-10)*time.Hour))
				in.Community = []string{jiaOne, jiaTwo, yiOne}[rng.IntN(3)]
				in.Reason = fmt.Sprintf("第%d次", i)
				if system == rnd {
					version := int64(i)
					in.Version, in.ChangedAt = &version, noon.Add(-time.Duration(rng.IntN(600))*time.Minute)
				}
				all = append(all, saidOf{Key{system, fmt.Sprintf("N-%d", number)}, in, i})
			}
		}
	}
	return all
}

func (w *world) teller(key Key) string {
	if key.System == rnd {
		return "platform"
	}
	return "other platform"
}

// Words that come in any order, some again and again, by one node: each is
// applied, unchanged or old as a simple model says.
func TestUpsertsInAnyOrder(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(7, 11))
		all := w.histories(rng)
		sent := append(slices.Clone(all), all[:len(all)/2]...)
		rng.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		latest := map[Key]saidOf{}
		for _, said := range sent {
			was, known := latest[said.key]
			c, applied, err := w.cases.Upsert(t.Context(), w.people[w.teller(said.key)], noon, said.key, said.in)
			if err != nil || applied != (!known || said.at >= was.at) {
				t.Fatalf("%v, word %d after %d: applied %v, %v", said.key, said.at, was.at, applied, err)
			}
			if applied {
				latest[said.key] = said
			}
			if c.Reason != latest[said.key].in.Reason {
				t.Fatalf("%v: shows %s, want %s", said.key, c.Reason, latest[said.key].in.Reason)
			}
		}
		w.asTold(latest)
	})
}

// The same, by two nodes at once.
func TestUpsertsOfTwoNodes(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(13, 17))
		all := w.histories(rng)
		latest := map[Key]saidOf{}
		for _, said := range all {
			latest[said.key] = said
		}
		sent := append(slices.Clone(all), all...)
		rng.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		nodes := []*Cases{w.cases, w.join().cases}
		queue := make(chan saidOf)
		var working sync.WaitGroup
		for i := range 8 {
			working.Go(func() {
				for said := range queue {
					for {
						_, _, err := nodes[i%2].Upsert(t.Context(), w.people[w.teller(said.key)], noon, said.key, said.in)
						if err == nil {
							break
						}
						if err != nil && !busy(err) {
							t.Errorf("%v: %v", said.key, err)
							break
						}
					}
				}
			})
		}
		for _, said := range sent {
			queue <- said
		}
		close(queue)
		working.Wait()
		w.asTold(latest)
	})
}

// asTold holds what is stored to the latest words: nothing doubled, nothing lost.
func (w *world) asTold(latest map[Key]saidOf) {
	w.t.Helper()
	for key, said := range latest {
		c := must(Load(w.t.Context(), w.st, key.ID()))(w.t)
		at, _ := communityOf(w.areas.Tree(), said.in.Community)
		if c.Key() != key || c.Reason != said.in.Reason || c.SourceState != said.in.State || c.Place != at || c.Partition != at.Street || !c.ChangedAt.Equal(said.in.ChangedAt) {
			w.t.Errorf("%v: %+v, want %+v", key, c, said.in)
		}
	}
	found, _, err := w.cases.List(w.t.Context(), w.people["admin"], Filter{Limit: 500})
	if err != nil || len(found) != len(latest) {
		w.t.Errorf("%d cases of %d: %v", len(found), len(latest), err)
	}
	made := map[string]int{}
	for _, street := range []string{jia, yi} {
		for _, e := range worldtest.Journal(w.t, w.st, worldtest.ID(w.t, w.areas, street)) {
			if e.Action == "case.receive" {
				made[e.Doc]++
			}
		}
	}
	for id, times := range made {
		if times != 1 {
			w.t.Errorf("%s was received %d times", id, times)
		}
	}
}

// busy: it lost against others too often, and is to be sent again.
func busy(err error) bool { return errors.Is(err, domain.ErrBusy) }
