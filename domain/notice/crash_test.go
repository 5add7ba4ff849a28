package notice_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/domain/notice"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/store"
)

// mortal is an engine that is gone from one of its calls on; when that is a
// commit, it may have been done.
type mortal struct {
	store.Engine
	left atomic.Int64 // calls until then; 0: it lives
	done bool
	dead atomic.Bool
}

var errDied = fmt.Errorf("%w: the node was killed", store.ErrUnavailable)

func (e *mortal) call() error {
	if e.left.Add(-1) == 0 {
		e.dead.Store(true)
	}
	if e.dead.Load() {
		return errDied
	}
	return nil
}

func (e *mortal) Get(ctx context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	if err := e.call(); err != nil {
		return nil, err
	}
	return e.Engine.Get(ctx, spec, ids)
}

func (e *mortal) Find(ctx context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	if err := e.call(); err != nil {
		return nil, err
	}
	return e.Engine.Find(ctx, spec, p)
}

func (e *mortal) Begin(ctx context.Context, partitions []string, reserve []int64) (store.EngineTx, error) {
	if err := e.call(); err != nil {
		return nil, err
	}
	tx, err := e.Engine.Begin(ctx, partitions, reserve)
	return &mortalTx{tx, e}, err
}

type mortalTx struct {
	store.EngineTx
	e *mortal
}

func (tx *mortalTx) Commit(ctx context.Context) error {
	was := tx.e.dead.Load()
	err := tx.e.call()
	if err != nil && (was || !tx.e.done) {
		return err
	}
	return errors.Join(tx.EngineTx.Commit(ctx), err)
}

// Wherever nodes are killed that take turns at it, and whoever goes on: of every
// step each is told once, and everything that came is listed once.
func TestKilledAnywhereRepeatsAndLosesNothing(t *testing.T) {
	worldtest.Each(t, settle, func(t *testing.T, c *city) {
		rnd := rand.New(rand.NewPCG(9, 26))
		want := map[string]int{} // by recipient, kind and thing
		var open []string
		step := func() {
			c.now = c.now.Add(time.Second)
			if len(open) == 0 || rnd.IntN(3) == 0 {
				id := c.report()
				open = append(open, id)
				want["lead ticket_in_street "+id]++
				return
			}
			i := rnd.IntN(len(open))
			id := open[i]
			is, _, err := c.tickets.Get(t.Context(), c.as("lead"), id)
			must(is, err)(t)
			want["resident ticket_changed "+id]++
			switch is.State {
			case ticket.Reported:
				c.take("lead", id, ticket.ActionInput{Action: ticket.Accept})
			case ticket.Accepted:
				c.dispatch(id, "worker")
				want["worker ticket_assigned "+id]++
			case ticket.Dispatched:
				c.take("worker", id, ticket.ActionInput{Action: ticket.Start})
			default:
				c.take("worker", id, ticket.ActionInput{Action: ticket.Resolve, Outcome: "fixed"})
				want["lead ticket_to_check "+id]++
				open = slices.Delete(open, i, i+1)
			}
		}
		killed, lived := 0, 0
		for range 25 {
			for range 1 + rnd.IntN(6) {
				step()
			}
			engine := &mortal{Engine: c.place.Open(t), done: rnd.IntN(2) == 0}
			n := c.join(engine) // another node each time
			lease := must(c.st.Acquire(t.Context(), "notices", fmt.Sprint(killed+lived), time.Hour))(t)
			engine.left.Store(1 + rnd.Int64N(60))
			if err := n.notices.Consumer(func() time.Time { return c.now }).CatchUp(t.Context(), n.st, lease); err != nil {
				killed++
			} else {
				lived++
			}
			must(0, c.st.Release(t.Context(), lease))(t)
		}
		if killed == 0 || lived == 0 {
			t.Errorf("%d nodes were killed, and %d were not", killed, lived)
		}
		c.told() // to the end
		got := map[string]int{}
		all := map[string]bool{}
		for _, who := range []string{"lead", "worker", "resident"} {
			for f := (notice.Filter{Limit: 100}); ; {
				page, next, err := c.notices.List(t.Context(), c.as(who), c.now, f)
				for _, n := range must(page, err)(t) {
					if n.About.Kind == "ticket" {
						got[who+" "+string(n.Kind)+" "+n.About.ID]++
						all[n.ID] = true
					}
				}
				if f.Cursor = next; next == "" {
					break
				}
			}
		}
		for what := range want {
			if got[what] != want[what] {
				t.Errorf("%s: %d times, of %d", what, got[what], want[what])
			}
			delete(got, what)
		}
		for what := range got {
			t.Errorf("%s, of which nothing happened", what)
		}
		last := must(notice.LastArrived(t.Context(), c.st))(t)
		for _, list := range must(notice.ArrivedSince(t.Context(), c.st, 0, last))(t) {
			for _, a := range list.Notices {
				if a.About.Kind == "ticket" && !all[a.ID] {
					t.Errorf("%s came twice, or is in no inbox", a.Kind)
				}
				delete(all, a.ID)
			}
		}
		if len(all) > 0 {
			t.Errorf("%d notices are in no list of what came", len(all))
		}
	})
}
