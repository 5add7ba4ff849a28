package webhook

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/domain/link"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
)

// Who hears of a case whose ticket was merged hears what becomes of the ticket
// that leads it, until they are apart again; and of a case linked to both each step once.
func TestLeadsAreTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		own := w.target("platform", "rnd", "case.ticket")
		far := w.target("street platform", "", "case.ticket") // the tickets lie in another street
		w.at = w.at.Add(time.Minute)
		one, both := w.upsert("rnd", "1", jiaOne, "GS-01", "accepted", 1), w.upsert("rnd", "2", jiaOne, "GS-01", "accepted", 1)
		leaf, middle, lead := w.report(worldtest.Other), w.report(worldtest.Other), w.report(worldtest.Other)
		linkTo := func(tk *ticket.Ticket, id string) {
			w.at = w.at.Add(time.Minute)
			must(w.links.Make(t.Context(), admin, w.at, link.End{Thing: link.Ticket, ID: tk.ID}, link.Making{Kind: link.SameMatter, Other: link.End{Thing: link.Case, ID: id}, Reason: "同一事项"}))(t)
		}
		linkTo(leaf, one.ID)
		linkTo(leaf, both.ID)
		linkTo(lead, both.ID)
		take := func(tk *ticket.Ticket, m ticket.ActionInput) {
			w.at = w.at.Add(time.Minute)
			must(w.tickets.TakeAction(t.Context(), admin, w.at, tk.ID, 0, m))(t)
		}
		take(leaf, ticket.ActionInput{Action: ticket.Merge, Into: middle.ID, Reason: "同一件事"})
		take(middle, ticket.ActionInput{Action: ticket.Merge, Into: lead.ID, Reason: "同一件事"})
		take(lead, ticket.ActionInput{Action: ticket.Reject, Reason: "不属实"})
		must(0, w.enqueue(w.node))(t)
		take(leaf, ticket.ActionInput{Action: ticket.Unmerge, Reason: "不是一件事"})
		take(lead, ticket.ActionInput{Action: ticket.Reopen, Reason: "属实"})
		must(0, w.enqueue(w.node))(t)

		for _, x := range []struct {
			of   string
			want []string
		}{
			{one.ID, []string{"leaf ticket.merge", "middle of leaf ticket.merge", "lead of leaf ticket.reject", "leaf ticket.unmerge"}},
			{both.ID, []string{"leaf ticket.merge", "middle of leaf ticket.merge", "lead ticket.reject", "leaf ticket.unmerge", "lead ticket.reopen"}},
		} {
			var got []string
			name := map[string]string{leaf.ID: "leaf", middle.ID: "middle", lead.ID: "lead"}
			for _, d := range w.line(own, Case, x.of) {
				what := name[d.Step.Doc]
				if d.Step.Linked != "" {
					what += " of " + name[d.Step.Linked]
				}
				got = append(got, what+" "+d.Step.Action)
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("%v, want %v", got, x.want)
			}
		}
		take(leaf, ticket.ActionInput{Action: ticket.Merge, Into: lead.ID, Reason: "同一件事"})
		for target, id := range map[*Target]string{own: lead.ID, far: ""} {
			m := must(w.deliveries.Message(t.Context(), w.line(target, Case, one.ID)[2], w.at))(t)
			want := fmt.Sprint(&LeadView{ID: id, State: "reported"})
			if got := m.Ticket; got.ID != leaf.ID || got.State != "merged" || (got.MergedInto != "") != (id != "") || fmt.Sprint(got.Lead) != want || fmt.Sprint(m.Case.Tickets[0].Lead) != want {
				t.Errorf("%s: %+v, %+v and %+v, want %s", target.Title, got, got.Lead, m.Case.Tickets[0].Lead, want)
			}
		}
	})
}
