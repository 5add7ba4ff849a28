package webhook

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/ids"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/jobs"
)

// answer has what is due of a target end so, once.
func (w *world) answer(t *Target, a Attempt) {
	w.t.Helper()
	lease := must(w.st.Acquire(w.t.Context(), "webhooks", ids.New(), time.Minute))(w.t)
	for _, d := range must(w.deliveries.Due(w.t.Context(), t, w.at, 100))(w.t) {
		a.At = w.at
		_, _, err := w.deliveries.Settle(w.t.Context(), lease, d, a, 0.5)
		must(0, err)(w.t)
	}
	must(0, w.st.Release(w.t.Context(), lease))(w.t)
}

// kill has the messages that are due become dead letters.
func (w *world) kill(t *Target) {
	for range len(schedule) + 1 {
		w.answer(t, Attempt{Status: 500})
		w.at = w.at.Add(25 * time.Hour)
	}
}

func (w *world) states(t *Target, id string) (out []Progress) {
	for _, d := range w.line(t, Case, id) {
		out = append(out, d.State)
	}
	return out
}

// A dead letter holds its own stream and no other, until it is replayed or
// skipped; then the next goes out. Nothing passes one that waits.
func TestDeadLettersHoldTheirStream(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		target := w.target("platform", "", "case.*")
		a := w.upsert("rnd", "a", jiaOne, "GS-01", "accepted", 1)
		w.at = w.at.Add(time.Minute)
		w.upsert("rnd", "a", jiaOne, "GS-01", "in_review", 2)
		w.upsert("rnd", "a", jiaOne, "GS-01", "done", 3)
		must(0, w.enqueue(w.node))(t)
		w.kill(target)
		b := w.upsert("rnd", "b", jiaOne, "GS-01", "accepted", 1)
		must(0, w.enqueue(w.node))(t)
		w.answer(target, Attempt{Status: 200})
		if got := w.states(target, a.ID); !slices.Equal(got, []Progress{Dead, Waiting, Waiting}) {
			t.Errorf("%v", got)
		}
		if got := w.states(target, b.ID); !slices.Equal(got, []Progress{Delivered}) {
			t.Errorf("the other case: %v", got)
		}
		line := w.line(target, Case, a.ID)
		if _, err := w.deliveries.Skip(t.Context(), admin, w.at, target.ID, line[1].ID); worldtest.Conflict(err) != "wrong_state" {
			t.Errorf("a message behind the dead letter: %v", err)
		}
		for range 2 { // sent again, it is skipped still
			must(w.deliveries.Skip(t.Context(), admin, w.at, target.ID, line[0].ID))(t)
		}
		w.kill(target)
		if got := w.states(target, a.ID); !slices.Equal(got, []Progress{Skipped, Dead, Waiting}) {
			t.Errorf("%v", got)
		}
		if done := must(w.deliveries.ReplayAll(t.Context(), admin, w.at, target.ID, w.at))(t); done.Messages != 0 {
			t.Errorf("%d were put in line since", done.Messages)
		}
		if done := must(w.deliveries.ReplayAll(t.Context(), w.people["platform"], w.at, target.ID, noon))(t); done != (Dealt{1, false}) {
			t.Errorf("%+v", done)
		}
		for range 2 {
			w.answer(target, Attempt{Status: 204})
		}
		if got := w.states(target, a.ID); !slices.Equal(got, []Progress{Skipped, Delivered, Delivered}) {
			t.Errorf("%v", got)
		}
		if _, err := w.deliveries.Skip(t.Context(), w.people["other platform"], w.at, target.ID, line[2].ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("of another's: %v", err)
		}

		must(0, Sweep(t.Context(), w.st, w.at.Add(Keep-time.Hour)))(t) // the first was over before
		must(0, Sweep(t.Context(), w.st, w.at.Add(Keep+time.Hour)))(t)
		if left := w.line(target, Case, a.ID); len(left) > 0 {
			t.Errorf("%d are not forgotten", len(left))
		}
		w.upsert("rnd", "a", jiaOne, "GS-01", "collected", 4)
		must(0, w.enqueue(w.node))(t)
		if line := w.line(target, Case, a.ID); len(line) != 1 || line[0].Sequence != 4 {
			t.Errorf("the sequence goes on: %+v", line)
		}
	})
}

// 410 disables a target: it keeps what it has and gets nothing more. A paused
// one gets more, which waits. Neither is sent anything but a test ping.
func TestPausedAndDisabled(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		target := w.target("platform", "", "case.*")
		say := func(version int64) string {
			w.at = w.at.Add(time.Minute)
			c := w.upsert("rnd", "a", jiaOne, "GS-01", "accepted", version)
			must(0, w.enqueue(w.node))(t)
			return c.ID
		}
		to := func(s State) {
			target = must(w.targets.Update(t.Context(), admin, w.at, target.ID, 0, Change{State: &s}))(t)
		}
		id := say(1)
		w.answer(target, Attempt{Status: 410})
		target = must(w.targets.Get(t.Context(), admin, target.ID))(t)
		if say(2); target.State != Disabled || target.Why != Gone || !slices.Equal(w.states(target, id), []Progress{Waiting}) {
			t.Errorf("%+v has %v", target, w.states(target, id))
		}
		to(Paused)
		if say(3); len(w.states(target, id)) != 2 || target.Why != "" {
			t.Errorf("paused: %v", w.states(target, id))
		}
		ping := must(w.deliveries.Test(t.Context(), admin, w.at, target.ID, ids.New()))(t)
		if due := must(w.deliveries.Due(t.Context(), target, w.at, 10))(t); len(due) != 1 || due[0].ID != ping.ID {
			t.Errorf("paused, %d are due", len(due))
		}
		w.answer(target, Attempt{Status: 500})
		to(Active)
		for range 3 {
			w.answer(target, Attempt{Status: 200})
		}
		if got := w.states(target, id); !slices.Equal(got, []Progress{Delivered, Delivered}) {
			t.Errorf("%v", got)
		}
		if d := must(w.deliveries.Get(t.Context(), admin, target.ID, ping.ID))(t); d.State != Failed || d.Tries != 1 {
			t.Errorf("the ping: %+v", d)
		}
	})
}

// Who replays need not wait until a receiver that failed would be tried again;
// as long as it has taken nothing it is tried by one message at a time.
func TestReplayTriesTheReceiver(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		target := w.target("platform", "", "case.*")
		c := w.upsert("rnd", "a", jiaOne, "GS-01", "accepted", 1)
		must(0, w.enqueue(w.node))(t)
		dead := w.line(target, Case, c.ID)[0].ID
		for name, replay := range map[string]func() error{
			"one": func() error { _, err := w.deliveries.Replay(t.Context(), admin, w.at, target.ID, dead); return err },
			"all": func() error {
				_, err := w.deliveries.ReplayAll(t.Context(), admin, w.at, target.ID, time.Time{})
				return err
			},
		} {
			w.kill(target)
			waits := func() (open, waits bool) {
				c := must(w.deliveries.Circuit(t.Context(), target.ID))(t)
				return c.Open(), !c.OpenUntil.IsZero()
			}
			if open, waiting := waits(); !open || !waiting {
				t.Errorf("%s: before, the circuit is open %v and waits %v", name, open, waiting)
			}
			must(0, replay())(t)
			if open, waiting := waits(); !open || waiting {
				t.Errorf("%s: the circuit is open %v and waits %v", name, open, waiting)
			}
		}
	})
}

// While the account of a target is disabled nothing is sent but test pings, also not again; then it goes on.
func TestDisabledAccount(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		target := w.target("platform", "", "case.*")
		c := w.upsert("rnd", "a", jiaOne, "GS-01", "accepted", 1)
		must(0, w.enqueue(w.node))(t)
		w.answer(target, Attempt{Status: 500})
		w.at = w.at.Add(time.Minute)
		change := func(disabled bool) {
			t.Helper()
			must(w.accounts.Update(t.Context(), admin, w.at, target.Account, 0, account.Change{Disabled: &disabled}))(t)
		}
		change(true)
		ping := must(w.deliveries.Test(t.Context(), admin, w.at, target.ID, ids.New()))(t)
		if due := must(w.deliveries.Due(t.Context(), target, w.at, 10))(t); len(due) != 1 || due[0].ID != ping.ID {
			t.Errorf("%d are due while the account is disabled", len(due))
		}
		change(false)
		if due := must(w.deliveries.Due(t.Context(), target, w.at, 10))(t); len(due) != 2 {
			t.Errorf("%d are due", len(due))
		}
		if got := w.states(target, c.ID); !slices.Equal(got, []Progress{Waiting}) {
			t.Errorf("%v", got)
		}
	})
}

// A target that is deleted ends its streams; what waited is not sent, and nothing more is put in line.
func TestDeletedTarget(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		target := w.target("platform", "", "case.*")
		w.at = w.at.Add(time.Minute)
		c := w.upsert("rnd", "a", jiaOne, "GS-01", "accepted", 1)
		idle := w.upsert("rnd", "b", jiaOne, "GS-01", "accepted", 1)
		if lag := must(w.deliveries.Behind(t.Context()))(t); lag.Entries == 0 || lag.Oldest.IsZero() {
			t.Errorf("behind by %+v", lag)
		}
		must(0, w.enqueue(w.node))(t)
		must(w.deliveries.Skip(t.Context(), admin, w.at, target.ID, deliveryID(streamID(target.ID, Case, idle.ID), 1)))(t)
		must(0, w.enqueue(w.node))(t)
		if lag := must(w.deliveries.Behind(t.Context()))(t); lag != (jobs.Lag{}) {
			t.Errorf("behind by %+v", lag)
		}
		if h := must(w.deliveries.Health(t.Context(), target))(t); h.Waiting != 1 || h.Skipped != 1 {
			t.Errorf("%+v", h)
		}
		for range 2 { // sent again, it is deleted still
			must(0, w.targets.Delete(t.Context(), admin, w.at, target.ID, 0))(t)
		}
		w.upsert("rnd", "a", jiaOne, "GS-01", "in_review", 2)
		must(0, w.enqueue(w.node))(t)
		if got := w.states(target, c.ID); !slices.Equal(got, []Progress{Skipped}) {
			t.Errorf("%v", got)
		}
		if st, err := streams.Get(t.Context(), w.st, streamID(target.ID, Case, c.ID)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its stream is there: %+v, %v", st, err)
		}
		if due := must(w.deliveries.Due(t.Context(), target, w.at, 10))(t); len(due) > 0 {
			t.Errorf("%d are due", len(due))
		}
		must(0, w.targets.Refresh(t.Context()))(t)
		if all := w.targets.All(); len(all) > 0 {
			t.Errorf("%d targets are known", len(all))
		}
		must(0, Sweep(t.Context(), w.st, w.at.Add(time.Hour)))(t)
		if left := must(streams.GetManyEver(t.Context(), w.st, []string{streamID(target.ID, Case, c.ID), streamID(target.ID, Case, idle.ID)}))(t); len(left) > 0 {
			t.Errorf("%d streams are left", len(left))
		}
	})
}
