package delivering

import (
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/notice"
)

// The first goes out at once, what comes within ten minutes as one, with the latest.
func TestOnePushInTenMinutes(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		n := w.join()
		who := w.person(n, "one", delivery.FCM)
		first := w.tell(n, notice.Task, "ticket", who)[0]
		n.settle()
		var last *notice.Notice
		for range 4 {
			w.clock.pass(2 * time.Minute)
			last = w.tell(n, notice.Task, "ticket", who)[0]
			n.settle()
		}
		if had := w.had(); len(had) != 1 || had[0].ID != first.ID {
			t.Fatalf("%+v", had)
		}
		w.clock.pass(2 * time.Minute)
		n.settle()
		if had := w.had(); len(had) != 2 || had[1].ID != last.ID || had[1].time.Sub(had[0].time) != delivery.Window {
			t.Errorf("%+v", had)
		}
		other := w.tell(n, notice.Task, "another ticket", who)[0]
		n.settle()
		if had := w.had(); len(had) != 3 || had[2].ID != other.ID {
			t.Errorf("of another thing: %+v", had)
		}
	})
}
