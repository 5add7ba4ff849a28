package delivering

import (
	"fmt"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/delivery"
	"wangge/domain/notice"
	"wangge/store"
)

// What was read meanwhile, may not be seen any more, is not wanted any more or
// has nowhere to go is not pushed, whatever it waited for.
func TestWhatWaitedIsLookedAtAgain(t *testing.T) {
	meanwhile := map[string]func(*world, *node, *notice.Notice){
		"nothing": func(*world, *node, *notice.Notice) {},
		"read": func(w *world, n *node, x *notice.Notice) {
			must(0, n.st.Update(w.t.Context(), nil, func(tx *store.Tx) error {
				found, err := notice.Load(w.t.Context(), tx, []string{x.ID})
				if err != nil {
					return err
				}
				found[x.ID].Unread = false
				return notice.Put(tx, found[x.ID])
			}))(w.t)
		},
		"hidden": func(w *world, _ *node, x *notice.Notice) { w.hidden[x.About.ID] = true },
		"unwanted": func(w *world, n *node, x *notice.Notice) {
			change := delivery.PreferenceChange{Switch: map[delivery.Choice]bool{{Group: delivery.Tickets, Medium: delivery.Push}: false}}
			must(n.deliveries.ChangePreferences(w.t.Context(), access.Actor{Account: x.Recipient}, 0, change))(w.t)
		},
		"nowhere": func(w *world, _ *node, x *notice.Notice) { delete(w.devices, x.Recipient) },
	}
	waits := map[string]func(*world, *node, string, string) *notice.Notice{
		"the window of another": func(w *world, n *node, who, about string) *notice.Notice {
			w.tell(n, notice.Task, about, who)
			n.settle()
			return w.tell(n, notice.Task, about, who)[0]
		},
		"the channel": func(w *world, n *node, who, about string) *notice.Notice {
			w.answer = func(push) delivery.Outcome { return delivery.Outcome{State: delivery.Later, Code: "busy", Alone: true} }
			x := w.tell(n, notice.Task, about, who)[0]
			n.settle()
			w.answer = nil
			return x
		},
		"the morning": func(w *world, n *node, who, about string) *notice.Notice {
			w.clock.pass(untilHour(w.clock.now(), 23))
			x := w.tell(n, notice.Task, about, who)[0]
			n.settle()
			return x
		},
	}
	eachEngine(t, func(t *testing.T, w *world) {
		n := w.join()
		i := 0
		for why, wait := range waits {
			for what, change := range meanwhile {
				i++
				w.clock.pass(untilHour(w.clock.now(), 12))
				who := w.person(n, fmt.Sprint("person", i), delivery.FCM)
				x := wait(w, n, who, fmt.Sprint("ticket", i))
				change(w, n, x)
				before := len(w.had())
				w.clock.pass(untilHour(w.clock.now(), 7))
				n.settle()
				w.clock.pass(time.Hour)
				n.settle()
				want := 0
				if what == "nothing" {
					want = 1
				}
				if got := len(w.had()) - before; got != want {
					t.Errorf("it waits for %s, meanwhile %s: pushed %d times", why, what, got)
				}
			}
		}
	})
}
