package webhook

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/jobs"
)

func lineOf(ds []*Delivery) (out []string) {
	for i, d := range ds {
		out = append(out, fmt.Sprintf("%d %s", d.Sequence, d.Event))
		if d.Sequence != int64(i+1) {
			out = append(out, "gap")
		}
	}
	return out
}

// A step is told in the streams it belongs to, as the targets hear of it.
func TestStepsAreTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		before := w.upsert("rnd", "0", jiaOne, "GS-01", "accepted", 1)
		w.at = w.at.Add(time.Minute)
		all := w.target("platform", "", "case.*", "ticket.*")
		own := w.target("other platform", "hotline", "case.state", "case.ticket")
		w.at = w.at.Add(time.Minute)
		c := w.upsert("rnd", "1", jiaOne, "GS-01", "accepted", 1)
		h := w.upsert("hotline", "1", jiaOne, "GS-01", "accepted", 1)
		w.at = w.at.Add(time.Minute)
		w.upsert("hotline", "1", yiOne, "GS-01", "in_review", 2) // moves to another street
		tk := w.report(worldtest.Other)
		w.at = w.at.Add(time.Minute)
		must(w.links.Make(t.Context(), admin, w.at, link.End{Thing: link.Ticket, ID: tk.ID}, link.Making{Kind: link.FollowUp, Other: link.End{Thing: link.Case, ID: h.ID}, Reason: "同一事项"}))(t)
		w.at = w.at.Add(time.Minute)
		must(w.tickets.TakeAction(t.Context(), admin, w.at, tk.ID, 0, ticket.ActionInput{Action: ticket.Accept}))(t)
		must(0, w.enqueue(w.node))(t)
		must(0, w.enqueue(w.join(t, store.Options{Rehearse: true})))(t)
		for _, x := range []struct {
			target *Target
			thing  Thing
			id     string
			want   []string
		}{
			{all, Case, before.ID, nil},
			{all, Case, c.ID, []string{"1 case.opened"}},
			{all, Case, h.ID, []string{"1 case.opened", "2 case.state", "3 case.linked", "4 case.ticket"}},
			{all, Ticket, tk.ID, []string{"1 ticket.reported", "2 ticket.state"}},
			{own, Case, c.ID, nil},
			{own, Case, h.ID, []string{"1 case.state", "2 case.ticket"}},
			{own, Ticket, tk.ID, nil},
		} {
			if got := lineOf(w.line(x.target, x.thing, x.id)); !slices.Equal(got, x.want) {
				t.Errorf("%s of %s: %v, want %v", x.target.Title, x.thing, got, x.want)
			}
		}
		due := must(w.deliveries.Due(t.Context(), all, w.at, 10))(t)
		if len(due) != 3 {
			t.Errorf("%d are due, the first of each stream", len(due))
		}
	})
}

// What happened before there was a target is passed over, however much it is.
func TestWhatWasBeforeAllTargetsCostsNothing(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		tk := w.report(worldtest.East)
		must(w.tickets.TakeAction(t.Context(), admin, w.at, tk.ID, 0, ticket.ActionInput{Action: ticket.Accept}))(t)
		w.at = w.at.Add(time.Hour)
		w.target("platform", "", "ticket.*")
		batch := jobs.Batch{Partition: tk.Partition, Entries: worldtest.Journal(t, w.st, tk.Partition)} // without Read: nothing is asked about it
		if out, err := w.deliveries.handle(t.Context(), batch, w.at); err != nil || !out.Unwanted || out.Write != nil {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
