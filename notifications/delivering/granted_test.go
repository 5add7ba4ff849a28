package delivering

import (
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/notice"
)

// A message that was accepted beforehand is used up when it is taken, not by a
// try that failed; without one nothing is tried, and a refusal leaves none.
func TestGrantedMessages(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		n := w.join()
		who := w.person(n, "one", delivery.JPush) // whichever way
		const device = "device of one"
		w.granted = map[string]int{device: 2}
		tries, outcome := 0, delivery.Later
		w.answer = func(push) delivery.Outcome {
			tries++
			return delivery.Outcome{State: outcome}
		}
		expect := func(what string, left, tried int) {
			t.Helper()
			if w.granted[device] != left || tries != tried {
				t.Errorf("%s: %d left after %d tries, want %d after %d", what, w.granted[device], tries, left, tried)
			}
		}
		w.tell(n, notice.Urgent, "a", who)
		n.settle()
		expect("a failed try", 2, 1)
		outcome = delivery.Taken
		w.clock.pass(5 * time.Second)
		n.settle()
		expect("taken", 1, 2)
		w.tell(n, notice.Urgent, "b", who)
		n.settle()
		expect("taken again", 0, 3)
		w.tell(n, notice.Urgent, "c", who)
		n.settle()
		expect("none left", 0, 3)
		w.granted[device], outcome = 5, delivery.Spent
		w.tell(n, notice.Urgent, "d", who)
		n.settle()
		expect("refused", 0, 4)
		w.clock.pass(time.Minute)
		n.settle()
		expect("and not tried again", 0, 4)
	})
}
