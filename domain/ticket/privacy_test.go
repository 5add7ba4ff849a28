package ticket

import (
	"errors"
	"strings"
	"testing"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
)

func TestComments(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.working(east).ID
		say := func(who, text string, internal bool) error {
			_, err := w.tickets.Comment(t.Context(), w.people[who], noon, id, NewComment{ID: ids.New(), Text: text, Internal: internal})
			return err
		}
		for _, c := range []struct {
			who      string
			text     string
			internal bool
			fails    string
		}{
			{"resident", "  还在响 ", false, ""}, {"worker", "已到现场", false, ""}, {"lead", "注意安全", true, ""},
			{"resident", "内部？", true, "forbidden"}, {"neighbour", "我也是", false, "hidden"}, {"other lead", "看看", true, "hidden"},
			{"resident", " ", false, "/text"}, {"resident", strings.Repeat("长", 2001), false, "/text"},
		} {
			err := say(c.who, c.text, c.internal)
			ok := err == nil
			switch c.fails {
			case "forbidden":
				ok = errors.Is(err, domain.ErrForbidden)
			case "hidden":
				ok = errors.Is(err, domain.ErrNotFound)
			case "/text":
				ok = strings.Join(pointers(err), " ") == "/text"
			}
			if !ok {
				t.Errorf("%s says %.10q, internal %v: %v", c.who, c.text, c.internal, err)
			}
		}
		for who, want := range map[string]string{"resident": "还在响 已到现场", "worker": "还在响 已到现场 注意安全"} {
			var read []string
			for cursor := ""; ; {
				page, next, err := w.tickets.Comments(t.Context(), w.people[who], id, 1, cursor)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range page {
					read = append(read, c.Text)
					if mine := c.Author == w.people[who].Account; who == "resident" && c.Author != "" && !mine || c.Author == "" && who == "worker" {
						t.Errorf("%s reads who wrote %s: %q", who, c.Text, c.Author)
					}
					if byID, err := w.tickets.CommentByID(t.Context(), w.people[who], c.ID); err != nil || byID.Text != c.Text || byID.Author != c.Author {
						t.Errorf("%s reads %+v, %v", who, byID, err)
					}
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			if got := strings.Join(read, " "); got != want {
				t.Errorf("%s reads %s", who, got)
			}
		}
		if _, _, err := w.tickets.Comments(t.Context(), w.people["neighbour"], id, 10, ""); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stranger reads: %v", err)
		}
		// By its id a remark is made once.
		version := w.get(id).Version
		first := must(w.tickets.Comment(t.Context(), w.people["lead"], noon, id, NewComment{ID: ids.New(), Text: "催办", Internal: true}))(t)
		again := must(w.tickets.Comment(t.Context(), w.people["lead"], noon, id, NewComment{ID: first.ID, Text: "催办", Internal: true}))(t)
		if got := w.get(id); again.ID != first.ID || got.Comments != 4 || got.Version != version+1 {
			t.Errorf("again: %+v of %d", again, got.Comments)
		}
		for name, try := range map[string]func() error{
			"another text": func() error {
				_, err := w.tickets.Comment(t.Context(), w.people["lead"], noon, id, NewComment{ID: first.ID, Text: "别的", Internal: true})
				return err
			},
			"for everybody": func() error {
				_, err := w.tickets.Comment(t.Context(), w.people["lead"], noon, id, NewComment{ID: first.ID, Text: "催办"})
				return err
			},
			"another author": func() error {
				_, err := w.tickets.Comment(t.Context(), w.people["worker"], noon, id, NewComment{ID: first.ID, Text: "催办", Internal: true})
				return err
			},
			"another ticket": func() error {
				_, err := w.tickets.Comment(t.Context(), w.people["lead"], noon, w.report("resident", east).ID, NewComment{ID: first.ID, Text: "催办", Internal: true})
				return err
			},
		} {
			if err := try(); code(err) != "duplicate" {
				t.Errorf("%s under the id: %v", name, err)
			}
		}
		if _, err := w.tickets.CommentByID(t.Context(), w.people["resident"], first.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the reporter reads an internal remark: %v", err)
		}
	})
}

// The reporter reads what happened and why, but no notes, nothing internal,
// and nobody of the staff; the staff of an anonymous report not who reported.
func TestTimeline(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(east)
		d.Anonymous = true
		id := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t).ID
		w.move("lead", id, ActionInput{Action: Accept, Note: "有前例", Reason: "已核实"})
		w.move("lead", id, ActionInput{Action: Dispatch, Assignee: new(w.person("worker")), Helpers: nil})
		w.move("lead", id, ActionInput{Action: Dispatch, Assignee: new(w.organisation(jia))})
		must(w.tickets.Comment(t.Context(), w.people["lead"], noon, id, NewComment{ID: ids.New(), Text: "内部", Internal: true}))(t)
		must(w.tickets.Comment(t.Context(), w.people["resident"], noon, id, NewComment{ID: ids.New(), Text: "谢谢"}))(t)
		must(w.tickets.AddPhotos(t.Context(), w.people["resident"], noon, id, Before, []string{w.upload("resident")}))(t)
		read := func(who string) []Event {
			t.Helper()
			events, next, err := w.tickets.Timeline(t.Context(), w.people[who], id, 50, "")
			if err != nil || next != "" {
				t.Fatal(err, next)
			}
			return events
		}
		line := func(events []Event) string {
			var out []string
			for _, e := range events {
				out = append(out, string(e.Action)+"/"+e.Role)
			}
			return strings.Join(out, " ")
		}
		own, whole := read("resident"), read("worker")
		if got := line(own); got != "report/reporter accept/staff dispatch/staff dispatch/staff comment/reporter photo/reporter" {
			t.Errorf("the reporter's: %s", got)
		}
		if got := line(whole); got != "report/reporter accept/staff dispatch/staff dispatch/staff comment/staff comment/reporter photo/reporter" {
			t.Errorf("the staff's: %s", got)
		}
		reporter, lead := w.people["resident"].Account, w.people["lead"].Account
		for _, e := range own {
			if e.Note != "" || e.Role == "staff" && e.Actor != "" || e.Role == "reporter" && e.Actor != reporter {
				t.Errorf("the reporter reads %+v", e)
			}
			for _, id := range []string{e.Before.Assignee, e.After.Assignee} {
				if id != "" && id != w.orgs[jia] {
					t.Errorf("the reporter reads whom it is with: %+v", e)
				}
			}
		}
		if own[1].Reason != "已核实" || own[1].From != Reported || own[1].To != Accepted || own[3].After.Assignee != w.orgs[jia] {
			t.Errorf("the reporter reads %+v", own)
		}
		for _, e := range whole {
			if (e.Role == "reporter") != (e.Actor == "") || e.Role == "staff" && e.Actor != lead {
				t.Errorf("the staff read %+v", e)
			}
		}
		if whole[1].Note != "有前例" || whole[2].After.Assignee != w.people["worker"].Account || whole[5].Comment == "" {
			t.Errorf("the staff read %+v", whole)
		}
		open, _, err := w.tickets.Timeline(t.Context(), w.people["worker"], w.report("resident", east).ID, 50, "")
		if err != nil || open[0].Actor != reporter {
			t.Errorf("the staff do not read who reported openly: %+v, %v", open, err)
		}
		if _, _, err := w.tickets.Timeline(t.Context(), w.people["neighbour"], id, 50, ""); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stranger reads: %v", err)
		}
		comments, _, err := w.tickets.Comments(t.Context(), w.people["worker"], id, 10, "")
		if err != nil || len(comments) != 2 || comments[1].Author != "" {
			t.Errorf("the staff read who reported: %+v, %v", comments, err)
		}
	})
}

// Personal data is shown to who works on the ticket, with a reason, and each time is on the journal.
func TestReveal(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		d := draft(east)
		d.For = &Resident{Name: "王秀英", Phone: "139 0000 0009"}
		behalf := must(w.tickets.Report(t.Context(), w.people["worker"], noon, d))(t).ID
		d = draft(east)
		d.Anonymous = true
		anonymous := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t).ID
		own := w.working(east).ID
		for _, c := range []struct {
			who, id string
			fields  []string
			reason  string
			name    string
			phone   string
			fails   string
		}{
			{"lead", behalf, []string{"phone", "name"}, "回访核实", "王秀英", "13900000009", ""},
			{"worker", behalf, []string{"phone", "phone"}, "回访", "", "13900000009", ""},
			{"dispatcher", own, []string{"name", "phone"}, "督办回访", "某resident", "13800000001", ""},
			{"lead", behalf, nil, "回访", "", "", "/fields"},
			{"lead", behalf, []string{"phone", "id"}, " 回 ", "", "", "/reason /fields/1"},
			{"lead", behalf, []string{"phone"}, strings.Repeat("长", 201), "", "", "/reason"},
			{"lead", anonymous, []string{"phone"}, "回访", "", "", "forbidden"},
			{"resident", own, []string{"phone"}, "看看", "", "", "forbidden"},
			{"neighbour", own, []string{"phone"}, "看看", "", "", "hidden"},
			{"other dispatcher", own, []string{"phone"}, "看看", "", "", "hidden"},
		} {
			before, version := len(w.journal(jia)), w.get(c.id).Version
			got, err := w.tickets.Reveal(t.Context(), w.people[c.who], noon, c.id, c.fields, c.reason)
			ok := err == nil
			switch {
			case c.fails == "forbidden":
				ok = errors.Is(err, domain.ErrForbidden)
			case c.fails == "hidden":
				ok = errors.Is(err, domain.ErrNotFound)
			case c.fails != "":
				ok = strings.Join(pointers(err), " ") == c.fails
			}
			if !ok || got != (Revealed{c.name, c.phone}) {
				t.Errorf("%s asks for %v: %+v, %v", c.who, c.fields, got, err)
			}
			journal := w.journal(jia)
			if c.fails != "" {
				if len(journal) != before || w.get(c.id).Version != version {
					t.Errorf("%s was refused, and something was written", c.who)
				}
				continue
			}
			if w.get(c.id).Version != version {
				t.Error("a look made a new version")
			}
			if last := journal[len(journal)-1]; len(journal) != before+2 || last.Action != "ticket.reveal" || last.Actor != w.people[c.who].Account || !strings.Contains(last.Dims["fields"], "phone") {
				t.Errorf("journal: %+v", last)
			}
		}
		events, _, err := w.tickets.Timeline(t.Context(), w.people["lead"], behalf, 50, "")
		if err != nil || len(events) != 3 || events[1].Note != "回访核实" {
			t.Errorf("the staff read %+v, %v", events, err)
		}
		events, _, err = w.tickets.Timeline(t.Context(), w.people["resident"], own, 50, "")
		if err != nil || len(events) != 4 {
			t.Errorf("the reporter reads %d lines, %v", len(events), err)
		}
		if _, view, _ := w.tickets.Get(t.Context(), w.people["resident"], own); view != access.Own {
			t.Errorf("the reporter's view: %v", view)
		}
	})
}
