package handlers

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"wangge/domain/notice"
	"wangge/store"
)

// Each morning who has somebody to visit is told how many, and of what was
// promised, once: whatever fails or is run again, and not after noon.
func TestMornings(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.home(t, niujia, 1, "601", "empty_nest_elder")
		second := h.home(t, niujia, 1, "602", "empty_nest_elder")
		h.active(t, "street_manager", elderPlan(pingjiang, nil))
		h.clock.move(time.Minute)
		h.schedule(t)
		at := door(niujia, 1, 5)
		at["household"] = second
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: at}).text("/id")
		h.clock.move(10 * time.Minute)
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "met", "promises": []object{{"text": "送药", "dueOn": "2026-11-25"}}}})

		nodes := []*notice.Mornings{{Notices: h.Notices, Days: h.Days}, {Notices: h.Notices, Days: h.Days}}
		lease := must(h.Store.Acquire(t.Context(), "notices", "node", time.Hour))(t)
		must(0, nodes[0].Begin(t.Context(), lease, h.Now()))(t)
		must(0, nodes[1].Begin(t.Context(), lease, h.Now()))(t)
		told := func(who string, kind notice.Kind) (texts []string) {
			t.Helper()
			for _, item := range h.must(t, 200, call{method: "GET", url: "/v1/me/inbox?limit=100&kind=" + string(kind), as: who, header: map[string]string{"Accept-Language": "en"}}).items("/items") {
				n := item.(map[string]any)
				texts = append(texts, fmt.Sprint(n["text"], " ", n["path"]))
			}
			return texts
		}
		run := func(day, hour string, visits, promises int) {
			t.Helper()
			now := must(time.Parse("2006-01-02 15:04 -0700", day+" "+hour+" +0800"))(t)
			for range 2 {
				for _, node := range nodes {
					must(node.Due().Pass(t.Context(), h.Store, lease, now.UTC()))(t)
				}
			}
			for _, who := range []string{"outreach_worker", "grid_lead"} {
				if got := told(who, notice.VisitsOfToday); len(got) != visits {
					t.Errorf("%s %s: %s is told %q", day, hour, who, got)
				}
				if got := told(who, notice.PromiseDue); len(got) != promises {
					t.Errorf("%s %s: %s is told %q", day, hour, who, got)
				}
			}
			for _, who := range []string{"other outreach_worker", "community_manager", "resident"} {
				if got := append(told(who, notice.VisitsOfToday), told(who, notice.PromiseDue)...); len(got) != 0 {
					t.Errorf("%s %s: %s is told %q", day, hour, who, got)
				}
			}
		}
		run("2026-11-23", "11:00", 0, 0) // of the day on which it was begun nobody is told
		run("2026-11-24", "07:29", 0, 0)

		broken := errors.New("broken")
		h.Notices.Hook = func(context.Context, *store.Tx, time.Time, []notice.Told) error { return broken }
		if _, err := nodes[0].Due().Pass(t.Context(), h.Store, lease, time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		out := map[string]int{}
		h.Notices.Hook = func(context.Context, *store.Tx, time.Time, []notice.Told) error { return nil }
		h.Notices.Written = func(all []*notice.Notice) {
			for _, n := range all {
				out[n.ID]++
			}
		}
		run("2026-11-24", "07:30", 1, 0)
		if got := told("outreach_worker", notice.VisitsOfToday); len(got) != 1 || got[0] != "Households to visit on 24 November: 1 /v1/me/today" {
			t.Errorf("%q", got)
		}
		run("2026-11-24", "09:00", 1, 0)
		run("2026-11-25", "11:59", 2, 1) // late
		if got := told("grid_lead", notice.PromiseDue); len(got) != 1 || got[0] != "A promise in 第1网格 falls due on 25 November /v1/stops/"+stop {
			t.Errorf("%q", got)
		}
		run("2026-11-26", "12:00", 2, 1) // too late
		run("2026-11-26", "23:00", 2, 1)
		run("2026-11-27", "07:30", 3, 1)
		for id, times := range out {
			if times != 1 {
				t.Errorf("%s went out %d times", id, times)
			}
		}
		if len(out) != 8 {
			t.Errorf("%d went out", len(out))
		}
	})
}
