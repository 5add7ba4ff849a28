package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/ids"
	"wangge/domain/table"
	"wangge/domain/worldtest"
)

// What somebody is given counts from the first minute of its first day to the
// last of its last, or until it is taken away; given again it is the same.
func TestHeld(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		q := must(w.give("manager", "ann", "2026-11-01", "2026-12-31"))(t)
		again := must(w.give("manager", "ann", "2026-11-01", "2026-12-31"))(t)
		good := must(w.qualifications.Give(t.Context(), w.people["admin"], noon, NewQualification{Account: w.id("ann"), Kind: "civil_affairs"}))(t)
		if again.ID != q.ID || again.Version != q.Version || good.From != "2026-11-23" {
			t.Errorf("%+v, then %+v", q, again)
		}
		if got, want := w.held(t, w.id("ann")), []string{"employment 1031T16 1231T16", "civil_affairs 1122T16 0101T00"}; !slices.Equal(got, want) {
			t.Errorf("ann holds %q", got)
		}
		for at, want := range map[string]bool{"2026-10-31T15:59:59Z": false, "2026-10-31T16:00:00Z": true, "2026-12-31T15:59:59Z": true, "2026-12-31T16:00:00Z": false} {
			if got := q.InForce(must(time.Parse(time.RFC3339, at))(t)); got != want {
				t.Errorf("at %s: %v", at, got)
			}
		}
		if _, err := w.qualifications.Revoke(t.Context(), w.people["manager"], noon, q.ID, q.Version+1, "考核不合格"); !errors.Is(err, domain.ErrStale) {
			t.Errorf("at another version: %v", err)
		}
		for range 2 {
			gone := must(w.qualifications.Revoke(t.Context(), w.people["manager"], noon.Add(time.Hour), q.ID, 0, "考核不合格"))(t)
			if gone.Version != 2 || gone.Revoked.Reason != "考核不合格" || !gone.InForce(noon) || gone.InForce(noon.Add(time.Hour)) {
				t.Errorf("revoked: %+v", gone)
			}
		}
		if got := w.held(t, w.id("ann")); got[0] != "employment 1031T16 1123T05" {
			t.Errorf("in the end %q", got)
		}
		if _, err := w.give("manager", "ann", "2026-11-01", "2026-12-31"); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("given again: %v", err)
		}
		before := must(w.give("manager", "bea", "2027-01-01", ""))(t)
		must(w.qualifications.Revoke(t.Context(), w.people["manager"], noon, before.ID, 0, "误录"))(t)
		if got := w.held(t, w.id("bea")); len(got) != 0 {
			t.Errorf("revoked before it began: %q", got)
		}
		if got, want := w.actions(), []string{"give ann", "give ann", "revoke ann", "give bea", "revoke bea"}; !slices.Equal(got, want) {
			t.Errorf("the journal has %q", got)
		}
	})
}

// Street managers give in their street; everything wrong is named.
func TestGiveRefused(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for _, who := range []string{"community", "counter", "ann", "resident", "dispatcher"} {
			if _, err := w.give(who, "ann", "", ""); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s gives: %v", who, err)
			}
		}
		q := must(w.give("manager", "ann", "", ""))(t)
		for who, want := range map[string]error{"other manager": domain.ErrNotFound, "dan": domain.ErrNotFound, "community": domain.ErrForbidden, "ann": domain.ErrForbidden} {
			if _, err := w.qualifications.Revoke(t.Context(), w.people[who], noon, q.ID, 0, ""); !errors.Is(err, want) {
				t.Errorf("%s takes it away: %v", who, err)
			}
		}
		if _, err := w.qualifications.Revoke(t.Context(), w.people["manager"], noon, q.ID, 0, " "); len(worldtest.Pointers(err)) != 1 {
			t.Errorf("without a reason: %v", err)
		}
		for want, in := range map[string]NewQualification{
			"/account /kind /until":       {Account: w.id("dan"), Kind: "juggling", From: "2026-11-02", Until: "2026-11-01"},
			"/from":                       {Account: w.id("ann"), Kind: "employment", From: "2026-02-30"},
			"/from ":                      {Account: w.id("ann"), Kind: "employment", From: "2036-02-01"},
			"/from  ":                     {Account: w.id("ann"), Kind: "employment", From: "1900-02-01"},
			"/until":                      {Account: w.id("ann"), Kind: "employment", Until: "tomorrow"},
			"/until ":                     {Account: w.id("ann"), Kind: "employment", Until: "9999-12-31"},
			"/account":                    {Account: "nobody", Kind: "employment"},
			"/account ":                   {Account: w.id("resident"), Kind: "employment"},
			"/evidence/0":                 {Account: w.id("bea"), Kind: "employment", Evidence: []string{ids.New()}},
			"/evidence":                   {Account: w.id("ann"), Kind: "employment", Evidence: make([]string, 10)},
			"/account /kind /from /until": {From: "x", Until: "y"},
		} {
			_, err := w.qualifications.Give(t.Context(), w.people["manager"], noon, in)
			if got := strings.Join(worldtest.Pointers(err), " "); got != strings.TrimRight(want, " ") {
				t.Errorf("%+v: %q, %v", in, got, err)
			}
		}
	})
}

// One's own; those of one's place for who leads it; an area, a training and a kind narrow it down.
func TestListed(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		must(w.give("manager", "ann", "", "2028-01-01"))(t)
		must(w.give("manager", "bea", "", "2027-01-01"))(t)
		must(w.give("other manager", "dan", "", ""))(t)
		must(w.qualifications.Give(t.Context(), w.people["admin"], noon, NewQualification{Account: w.id("ann"), Kind: "civil_affairs"}))(t)
		listed := func(who string, f Filter) string {
			t.Helper()
			f.Limit = 1
			var out []string
			for {
				page, next, err := w.qualifications.List(t.Context(), w.people[who], f)
				if err != nil {
					return err.Error()
				}
				for _, q := range page {
					out = append(out, w.name(q.Account)+" "+q.Kind[:3])
				}
				if f.Cursor = next; next == "" {
					return strings.Join(out, ", ")
				}
			}
		}
		for _, c := range []struct {
			who  string
			f    Filter
			want string
		}{
			{"ann", Filter{}, "ann emp, ann civ"}, {"dan", Filter{}, "dan emp"}, {"resident", Filter{}, domain.ErrNotFound.Error()},
			{"manager", Filter{}, "bea emp, ann emp, ann civ"}, {"community", Filter{}, "ann emp, ann civ"}, {"other manager", Filter{}, "dan emp"},
			{"admin", Filter{Kind: "employment"}, "bea emp, ann emp, dan emp"}, {"admin", Filter{Area: worldtest.JiaTwo}, "bea emp"}, {"county admin", Filter{Area: worldtest.Yi}, "dan emp"},
			{"manager", Filter{Area: worldtest.Yi}, ""}, {"manager", Filter{Account: w.id("ann"), Kind: "civil_affairs"}, "ann civ"}, {"manager", Filter{Account: w.id("dan")}, domain.ErrNotFound.Error()},
			{"manager", Filter{Account: w.id("ann"), Area: worldtest.JiaTwo}, ""}, {"ann", Filter{Account: w.id("bea")}, domain.ErrNotFound.Error()}, {"ann", Filter{Batch: "x"}, domain.ErrNotFound.Error()},
		} {
			if got := listed(c.who, c.f); got != c.want && !(strings.Contains(got, c.want) && strings.Contains(c.want, "not found")) {
				t.Errorf("%s, %+v: %q, want %q", c.who, c.f, got, c.want)
			}
		}
	})
}

// Nobody's file gives what it names twice, whoever sends it again at once, and
// each row that names nobody of theirs is told: 125 workers of 61 communities in one go.
func TestTraining(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, manager := t.Context(), w.people["manager"]
		var file strings.Builder
		file.WriteString("序号,用户名,手机号\n")
		for i := range 125 {
			at := worldtest.JiaOne
			if n := i % 61; n < 60 {
				at = fmt.Sprintf("%s%03d", worldtest.Jia, 100+n)
			}
			name, phone := fmt.Sprintf("worker%d", i), fmt.Sprintf("138%08d", i)
			if i%2 == 0 {
				w.hire(name, "", at)
				fmt.Fprintf(&file, "%d,%s,\n", i, strings.ToUpper(name))
			} else {
				w.hire(name, phone, at)
				fmt.Fprintf(&file, "%d,,+86 %s\n", i, phone)
			}
		}
		b := must(w.qualifications.MakeBatch(ctx, manager, noon, NewBatch{ID: ids.New(), Title: " 上岗培训 ", Organiser: "民政局", HeldOn: "2026-11-20", Kind: "general_practice", Until: "2027-11-19"}))(t)
		nodes := []*node{w.node, w.join()}
		send := func(n *node, rows string, dry bool) *table.Report {
			r, err := n.qualifications.ImportParticipants(ctx, manager, noon, b.ID, strings.NewReader(rows), Participants{DryRun: dry})
			if err != nil {
				t.Error(err)
				return &table.Report{}
			}
			return r
		}
		if r := send(w.node, file.String(), true); r.Added != 125 || r.Rows != 125 || len(w.actions()) != 0 {
			t.Errorf("a dry run: %+v", r.Counts)
		}
		var working sync.WaitGroup
		for i := range 4 {
			working.Go(func() {
				if r := send(nodes[i%2], file.String(), false); r.Added+r.Unchanged != 125 || r.Refused != 0 {
					t.Errorf("at once: %+v, %v", r.Counts, r.Findings)
				}
			})
		}
		working.Wait()
		if got := w.actions(); len(got) != 125 {
			t.Errorf("%d were given", len(got))
		}
		r := send(w.node, "username,phone\n,13800000001\ndan,\nnobody,\n,+8613800000001\n,abc\n,\nresident,\n", false)
		var found []string
		for _, f := range r.Findings {
			found = append(found, f.Pointer+" "+f.Kind)
		}
		if want := []string{"/3/username unknown", "/4/username unknown", "/5/phone repeated", "/6/phone unknown", "/8/username unknown"}; r.Unchanged != 1 || !slices.Equal(found, want) {
			t.Errorf("%+v, %q", r.Counts, found)
		}
		page, next, err := w.qualifications.List(ctx, manager, Filter{Batch: b.ID, Limit: 200})
		if err != nil || len(page) != 125 || next != "" || page[0].From != "2026-11-20" || page[0].Until != "2027-11-19" {
			t.Errorf("%d took part, %v", len(page), err)
		}
		if page, _, err := w.qualifications.List(ctx, w.people["other manager"], Filter{Batch: b.ID, Limit: 200}); err != nil || len(page) != 0 {
			t.Errorf("another street sees %d, %v", len(page), err)
		}
		if _, err := w.qualifications.ImportParticipants(ctx, manager, noon, "none", strings.NewReader("username\n"), Participants{}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("of no training: %v", err)
		}
		if _, err := w.qualifications.MakeBatch(ctx, manager, noon, NewBatch{ID: b.ID, Title: "另一期", Organiser: "民政局", HeldOn: "2026-11-20", Kind: "general_practice"}); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("another under the id: %v", err)
		}
		if again := must(w.qualifications.MakeBatch(ctx, manager, noon.Add(time.Hour), NewBatch{ID: b.ID, Title: "上岗培训", Organiser: "民政局", HeldOn: "2026-11-20", Kind: "general_practice", Until: "2027-11-19"}))(t); again.Version != b.Version || !again.At.Equal(b.At) {
			t.Errorf("made again: %+v", again)
		}
		_, err = w.qualifications.MakeBatch(ctx, manager, noon, NewBatch{ID: ids.New(), HeldOn: "2026-11-20", Until: "2026-11-19"})
		if got := worldtest.Pointers(err); !slices.Equal(got, []string{"/title", "/organiser", "/until", "/kind"}) {
			t.Errorf("everything wrong: %v", err)
		}
	})
}

// A month before its end its holder is told, once and whichever node comes to
// it; what has run out is on the journal; who is given one for longer, or has it
// taken away, is asked no more.
func TestExpiry(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		lease := must(w.st.Acquire(ctx, "test", "test", time.Hour))(t)
		pass := func(n *node, at time.Time, want int) {
			t.Helper()
			if got, err := n.qualifications.due().Pass(ctx, n.st, lease, at); got != want || err != nil {
				t.Errorf("at %s: %d came due, %v", at, got, err)
			}
		}
		ann := must(w.give("manager", "ann", "2026-11-01", "2027-01-31"))(t)
		bea := must(w.give("manager", "bea", "2026-11-01", "2027-01-31"))(t)
		must(w.give("manager", "bea", "2026-11-01", "2028-01-31"))(t) // holds it for longer
		must(w.give("manager", "ann", "2020-01-01", "2021-01-01"))(t) // long over
		end := time.Date(2027, 1, 31, 16, 0, 0, 0, time.UTC)
		warn := end.Add(-warned)
		pass(w.node, warn.Add(-time.Millisecond), 0)
		pass(w.node, warn, 2)
		pass(w.join(), warn, 0)
		if got := w.asked("ann"); !slices.Equal(got, []string{"qualification_expiring " + ann.ID}) {
			t.Errorf("ann is asked %q", got)
		}
		if got := w.asked("bea"); len(got) != 0 {
			t.Errorf("bea is asked %q", got)
		}
		next := must(w.qualifications.Give(ctx, w.people["manager"], warn, NewQualification{Account: w.id("ann"), Kind: "employment", From: "2027-01-01", Until: "2027-02-01"}))(t)
		if got := w.asked("ann"); len(got) != 0 {
			t.Errorf("after a training ann is asked %q", got)
		}
		pass(w.node, warn.Add(24*time.Hour), 1) // it ends within a month, too
		if got := w.asked("ann"); !slices.Equal(got, []string{"qualification_expiring " + next.ID}) {
			t.Errorf("ann is asked %q", got)
		}
		must(w.qualifications.Revoke(ctx, w.people["manager"], warn, next.ID, 0, "误录"))(t)
		if got := w.asked("ann"); len(got) != 0 {
			t.Errorf("of what was taken away ann is asked %q", got)
		}
		pass(w.node, end.Add(-time.Millisecond), 0)
		pass(w.node, end, 2)
		pass(w.node, end.AddDate(0, 6, 0), 0)
		want := map[string]int{"near-end": 3, "expire": 2}
		for _, action := range w.actions() {
			what, _, _ := strings.Cut(action, " ")
			if _, counts := want[what]; counts {
				want[what]--
			}
		}
		if want["near-end"] != 0 || want["expire"] != 0 || must(w.qualifications.Get(ctx, w.people["bea"], bea.ID))(t).InForce(end) {
			t.Errorf("the journal has %q", w.actions())
		}
		lost := must(w.st.Acquire(ctx, "another", "slow", time.Hour))(t)
		must(0, w.st.Release(ctx, lost))(t)
		must(w.st.Acquire(ctx, "another", "quick", time.Hour))(t)
		if n, err := w.qualifications.due().Pass(ctx, w.st, lost, end.AddDate(1, 0, 0)); n != 0 || err == nil {
			t.Errorf("by a lost lease: %d, %v", n, err)
		}
	})
}

// Who goes to another street is found there, and not in the old one any more.
func TestFollowsPeople(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		must(w.give("manager", "ann", "", ""))(t)
		lease := must(w.st.Acquire(ctx, "test", "test", time.Hour))(t)
		follower := w.qualifications.follower(func() time.Time { return noon })
		must(0, follower.CatchUp(ctx, w.st, lease))(t)
		must(w.accounts.SetGrants(ctx, access.Program, noon, w.id("ann"), 0, []account.GrantInput{{Role: access.CounterWorker, Area: worldtest.YiOne}}))(t)
		see := func(who string) int {
			page, _, err := w.qualifications.List(context.Background(), w.people[who], Filter{})
			if err != nil {
				t.Error(err)
			}
			return len(page)
		}
		if see("manager") != 0 {
			t.Error("the old street still sees it")
		}
		for range 2 {
			must(0, follower.CatchUp(ctx, w.st, lease))(t)
		}
		if see("manager") != 0 || see("other manager") != 1 || see("ann") != 1 {
			t.Errorf("the old street sees %d, the new one %d, ann %d", see("manager"), see("other manager"), see("ann"))
		}
		if got := w.actions(); !slices.Equal(got, []string{"give ann", "place ann"}) {
			t.Errorf("the journal has %q", got)
		}
	})
}
