package ticket

import (
	"errors"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/store"
)

// What residents are not shown changes neither the time nor the version that
// they are told, nor what they find by it; they act on the version they know.
func TestResidentsAreNotToldOfWhatIsInternal(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		resident, worker := w.people["resident"], w.people["worker"]
		id := w.working(east).ID
		other := w.report("resident", east).ID
		before := w.get(id)
		say := func(text string, internal bool, after time.Duration) {
			t.Helper()
			must(w.tickets.Comment(ctx, worker, noon.Add(after), id, NewComment{ID: ids.New(), Text: text, Internal: internal}))(t)
		}
		w.serve(id, jiaTwo)
		say("内部一", true, time.Hour)
		say("内部二", true, 2*time.Hour)
		is := w.get(id)
		if is.Version != before.Version+3 || !is.UpdatedAt.After(before.UpdatedAt) || is.VersionFor(worker) != is.Version || !is.ChangedAt(worker).Equal(is.UpdatedAt) {
			t.Errorf("the worker is told %d at %s", is.VersionFor(worker), is.ChangedAt(worker))
		}
		if is.VersionFor(resident) != before.Version || !is.ChangedAt(resident).Equal(before.UpdatedAt) {
			t.Errorf("the resident is told %d at %s, was %d at %s", is.VersionFor(resident), is.ChangedAt(resident), before.Version, before.UpdatedAt)
		}
		finds := func(f Filter) (out []string) {
			t.Helper()
			list, _, err := w.tickets.List(ctx, resident, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range list {
				out = append(out, found.ID)
			}
			counts, err := w.tickets.Count(ctx, resident, f, "state")
			n := 0
			for _, c := range counts {
				n += int(c)
			}
			if err != nil || n != len(out) {
				t.Errorf("counts %v of %d, %v", counts, len(out), err)
			}
			return out
		}
		if got := finds(Filter{Since: noon.Add(time.Minute)}); len(got) != 0 {
			t.Errorf("finds %v as changed", got)
		}
		must(w.tickets.Comment(ctx, resident, noon.Add(time.Minute), other, NewComment{ID: ids.New(), Text: "补充"}))(t)
		if got := finds(Filter{Sort: "-updatedAt"}); len(got) != 2 || got[0] != other {
			t.Errorf("in the order of change: %v", got)
		}
		events, _, err := w.tickets.Timeline(ctx, resident, id, 50, "")
		if err != nil || events[len(events)-1].Version != before.Version {
			t.Errorf("the timeline ends with %+v, %v", events[len(events)-1], err)
		}
		say("已联系", false, 3*time.Hour)
		events, _, err = w.tickets.Timeline(ctx, resident, id, 50, "")
		if err != nil || events[len(events)-1].Version != before.Version+1 {
			t.Errorf("the timeline ends with %+v, %v", events[len(events)-1], err)
		}
		if got := finds(Filter{Since: noon.Add(2 * time.Hour)}); len(got) != 1 || got[0] != id {
			t.Errorf("finds %v as changed by what they are shown", got)
		}

		// They state the version that they were shown: no other, not even the one there is.
		is = w.get(other)
		must(w.tickets.Comment(ctx, w.people["manager"], noon, other, NewComment{ID: ids.New(), Text: "内部", Internal: true}))(t)
		for _, stated := range []int64{is.Version + 1, is.Version - 1, -1} {
			if _, err := w.tickets.TakeAction(ctx, resident, noon, other, stated, ActionInput{Action: Withdraw}); !errors.Is(err, store.ErrVersion) {
				t.Errorf("by version %d: %v", stated, err)
			}
		}
		if got, err := w.tickets.TakeAction(ctx, resident, noon, other, is.Version, ActionInput{Action: Withdraw}); err != nil || got.State != Withdrawn || got.VersionFor(resident) != is.Version+1 {
			t.Errorf("by the version they know: %+v, %v", got, err)
		}
	})
}
