package live

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/notice"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// ear keeps what it hears.
type ear struct{ lines []*Line }

func (e *ear) Hear(lines []*Line) { e.lines = append(e.lines, lines...) }
func (e *ear) Reset(string)       {}
func (e *ear) Beat(string)        {}
func (e *ear) End(Reason)         {}

func (e *ear) ids() (out []string) {
	for _, l := range e.lines {
		out = append(out, l.Event.ID)
	}
	return out
}

// inboxes is a hub that reads nothing by itself, on a store that has only notices.
type inboxes struct {
	*Hub
	t   *testing.T
	now time.Time
}

func newInboxes(t *testing.T, at enginetest.Place) *inboxes {
	st := enginetest.Store(t, at.Open(t), store.Options{}, append(append(notice.Collections(), account.Collections()...), Collections()...)...)
	h := &inboxes{New(st, nil, worldtest.Keys(t), Options{Most: 10, PerAccount: 5, Beat: time.Hour}), t, worldtest.Noon}
	h.Render = func(ev Event) []byte { return []byte(ev.ID) }
	h.sight(func(string) {})
	worldtest.Must(0, h.CatchUp(t.Context(), h.now, map[string]int64{"street": 0}))(t)
	return h
}

// sight has everybody see everything, and something be done when somebody is asked.
func (h *inboxes) sight(then func(account string)) {
	h.Sights = map[string]todo.Sight{"ticket": func(_ context.Context, a access.Actor, _ time.Time, ids []string) (map[string]bool, error) {
		then(a.Account)
		return map[string]bool{ids[0]: true}, nil
	}}
}

// comes writes one list of notices, given as "account id".
func (h *inboxes) comes(all ...string) {
	h.t.Helper()
	worldtest.Must(0, h.store.Update(h.t.Context(), nil, func(tx *store.Tx) error {
		var some []*notice.Notice
		for _, one := range all {
			n := &notice.Notice{Kind: notice.TicketChanged, Importance: notice.Task, About: notice.About{Kind: "ticket", ID: one}, At: h.now, Expires: h.now.Add(notice.Kept)}
			_, _ = fmt.Sscan(one, &n.Recipient, &n.ID)
			some = append(some, n)
		}
		_, err := notice.Add(h.t.Context(), tx, some)
		return err
	}))(h.t)
}

func (h *inboxes) sits(who string) (*Listener, *ear, place) {
	h.t.Helper()
	e := &ear{}
	l := &Listener{hub: h.Hub, ear: e, account: who, actor: access.Actor{Account: who}}
	at := worldtest.Must(h.seat(l, h.now))(h.t)
	return l, e, at
}

// TestWhoIsCutOffWithinAList: several notices that came to somebody at once are
// several lines, and whoever has only some of them is told of the others.
func TestWhoIsCutOffWithinAList(t *testing.T) {
	enginetest.One(t, func(t *testing.T, at enginetest.Place) {
		h := newInboxes(t, at)
		_, heard, _ := h.sits("ann")
		h.comes("ann 1", "bob x", "ann 2", "ann 3")
		h.comes("bob y")
		h.comes("ann 4", "ann 5")
		worldtest.Must(0, h.hearInboxes(t.Context(), h.now))(t)
		all := []string{"1", "2", "3", "4", "5"}
		if !slices.Equal(heard.ids(), all) {
			t.Fatalf("heard %v", heard.ids())
		}
		_, _, now := h.sits("ann")
		for i, line := range heard.lines {
			from, ok := h.cursors.open(line.Cursor+".mark", ".mark", now)
			if !ok || !from.reached(now) {
				t.Fatalf("after %d: %v", i+1, from)
			}
			missed := worldtest.Must(h.missed(t.Context(), Joining{Actor: access.Actor{Account: "ann"}, Now: h.now}, from, now))(t)
			if again := (&ear{missed}).ids(); !slices.Equal(again, all[i+1:]) {
				t.Errorf("after %d: %v", i+1, again)
			}
			for k, again := range missed { // who is cut off while they are told of what they missed
				from, _ = h.cursors.open(again.Cursor+".mark", ".mark", now)
				rest := worldtest.Must(h.missed(t.Context(), Joining{Actor: access.Actor{Account: "ann"}, Now: h.now}, from, now))(t)
				if got := (&ear{rest}).ids(); !slices.Equal(got, all[i+k+2:]) {
					t.Errorf("after %d, and then %d: %v", i+1, k+1, got)
				}
			}
		}
		if first, _ := h.cursors.open(heard.lines[0].Cursor+".mark", ".mark", now); first.reached(place{journals: now.journals}) {
			t.Error("a node that has not read a list goes on in the middle of it")
		}
	})
}

// TestWhoComesWhileAListIsTold: who begins to listen before a list was told hears of it, whoever was asked what they see.
func TestWhoComesWhileAListIsTold(t *testing.T) {
	enginetest.One(t, func(t *testing.T, at enginetest.Place) {
		h := newInboxes(t, at)
		_, ann, _ := h.sits("ann")
		var bob, eve *ear
		h.sight(func(account string) {
			switch {
			case account == "ann" && bob == nil:
				_, bob, _ = h.sits("bob")
			case account == "bob" && eve == nil:
				_, eve, _ = h.sits("eve")
			}
		})
		h.comes("eve 1", "ann 2", "bob 3", "eve 4")
		worldtest.Must(0, h.hearInboxes(t.Context(), h.now))(t)
		for who, want := range map[*ear][]string{ann: {"2"}, bob: {"3"}, eve: {"1", "4"}} {
			if !slices.Equal(who.ids(), want) {
				t.Errorf("heard %v, want %v", who.ids(), want)
			}
		}
	})
}
