package ticket

import (
	"errors"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/ids"
)

// toOther corrects a ticket to where the other street lies.
func toOther() ActionInput {
	return ActionInput{Action: Correct, Position: new(at[other]), Reason: "在乙街道"}
}

// What is corrected into another street stays where it is until that takes it.
func TestOffer(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.working(east).ID
		before := w.get(id)
		m := toOther()
		m.ID = ids.New()
		for range 2 {
			if got := w.act("lead", id, noon, m); got != "" {
				t.Fatal(got)
			}
		}
		now := w.get(id)
		if now.Place != before.Place || now.State != InProgress || now.Version != before.Version+1 || now.Offer.Place != w.cell(other).Place || now.Category != before.Category {
			t.Errorf("offered: %+v", now)
		}
		if now.VersionFor(w.people["resident"]) != before.VersionFor(w.people["resident"]) {
			t.Error("the resident is shown that it is offered")
		}
		for who, want := range map[string]int{"other dispatcher": 1, "other lead": 1, "dispatcher": 0, "resident": 0, "admin": 1} {
			list, _, err := w.tickets.List(t.Context(), w.people[who], Filter{Offered: true})
			counts, fault := w.tickets.Count(t.Context(), w.people[who], Filter{Offered: true}, "state")
			if err != nil || fault != nil || len(list) != want || counts["in_progress"] != int64(want) {
				t.Errorf("%s is offered %d, %v, counts %v, %v", who, len(list), err, counts, fault)
			}
		}
		if got := w.todos("other dispatcher", id); got != "ticket_offered" {
			t.Errorf("the other street is asked %q", got)
		}
		for _, c := range []struct {
			who  string
			m    ActionInput
			want string
		}{
			{"dispatcher", ActionInput{Action: Take}, "forbidden"}, {"worker", ActionInput{Action: Take}, "forbidden"}, {"other lead", ActionInput{Action: Dispatch, Assignee: new(w.person("other lead"))}, "forbidden"},
			{"other lead", ActionInput{Action: GiveBack}, "/reason"}, {"county admin", ActionInput{Action: Allot, Reason: "x", Street: yi}, "wrong_state"}, {"worker", ActionInput{Action: Resolve, Outcome: "fixed"}, ""},
			{"other lead", ActionInput{Action: Take, Category: "ghost"}, "/category"},
		} {
			if got := w.act(c.who, id, noon, c.m); got != c.want {
				t.Errorf("%s by %s: %q", c.m.Action, c.who, got)
			}
		}
		m = ActionInput{ID: ids.New(), Action: Take}
		for range 2 {
			if got := w.act("other lead", id, noon, m); got != "" {
				t.Fatal(got)
			}
		}
		now = w.get(id)
		if now.Place != w.cell(other).Place || now.Position.At() != at[other] || now.State != Resolved || now.Offer != nil || now.Partition != w.cell(other).Place.Street {
			t.Errorf("taken: %+v", now)
		}
		if got := w.todos("other dispatcher", id); got != "" {
			t.Errorf("still asked %q", got)
		}
		for who, want := range map[string]string{"resident": "report accept dispatch start resolve correct", "other lead": "report accept dispatch start offer resolve take"} {
			if got := w.timeline(who, id); got != want {
				t.Errorf("%s reads %s", who, got)
			}
		}
		if _, _, err := w.tickets.Get(t.Context(), w.people["lead"], id); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the lead of before: %v", err)
		}
	})
}

// Given back once it is the sender's again; twice, the county decides, and that stands.
func TestBounces(t *testing.T) {
	for _, allotted := range []string{jia, yi} {
		eachEngine(t, func(t *testing.T, w *world) {
			w.add("yi admin", access.StreetManager, yi, account.NewAccount{})
			id := w.report("resident", east).ID
			back := ActionInput{Action: GiveBack, Reason: "实为甲街道地面"}
			allot := func(street string) ActionInput {
				return ActionInput{Action: Allot, Reason: "按门牌", Street: street}
			}
			for i, c := range []requestStep{
				{"lead", 0, toOther(), ""}, {"other lead", 0, back, ""}, {"other lead", 0, ActionInput{Action: Take}, "wrong_state"},
				{"lead", 0, toOther(), ""}, {"other dispatcher", 0, back, ""}, {"other lead", 0, ActionInput{Action: Take}, "wrong_state"}, {"lead", 0, toOther(), "/position"},
				{"lead", 0, ActionInput{Action: Correct, Category: "parking"}, ""}, {"dispatcher", 0, allot(yi), "forbidden"}, {"county admin", 0, allot(bing), "/street"}, {"county admin", 0, ActionInput{Action: Allot, Street: yi}, "/reason"},
			} {
				if got := w.act(c.who, id, noon, c.m); got != c.want {
					t.Fatalf("step %d, %s by %s: %q", i, c.m.Action, c.who, got)
				}
				if i == 1 && (w.todos("lead", id) != "ticket_given_back" || w.get(id).Offer.State != GivenBack) {
					t.Errorf("the sender is told %q", w.todos("lead", id))
				}
			}
			if got := w.todos("county admin", id); got != "ticket_disputed" || w.todos("lead", id) != "" {
				t.Errorf("the county is asked %q, the sender %q", got, w.todos("lead", id))
			}
			if got := w.act("county admin", id, noon, allot(allotted)); got != "" {
				t.Fatal(got)
			}
			street, _ := w.areas.Tree().ByCode(allotted)
			if now := w.get(id); now.Place.Street != street.ID || now.Offer != nil || !now.AllottedAt.Equal(noon) {
				t.Errorf("allotted: %+v", now)
			}
			want := map[string]string{jia: "report correct", yi: "report correct correct"}[allotted]
			if got := w.timeline("resident", id); got != want {
				t.Errorf("the resident reads %s", got)
			}
			if got := w.act(map[string]string{jia: "lead", yi: "yi admin"}[allotted], id, noon, ActionInput{Action: Correct, Position: new(at[map[string]string{jia: other, yi: east}[allotted]])}); got != "/position" {
				t.Errorf("offered again: %q", got)
			}
		})
	}
}

// An offer that nobody decides on is told to both streets and the county, once; another
// correction replaces it, and it ends with the ticket.
func TestOffersEnd(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.report("resident", east).ID
		w.move("lead", id, toOther())
		due := w.get(id).offerDue()
		w.ring(due.Add(-time.Millisecond))
		for range 2 {
			w.ring(due)
		}
		for who, want := range map[string]string{"dispatcher": "ticket_untaken", "other dispatcher": "ticket_offered ticket_untaken", "county admin": "ticket_untaken", "lead": ""} {
			if got := w.todos(who, id); got != want {
				t.Errorf("%s is told %q", who, got)
			}
		}
		if f := w.get(id).Offer; !f.Late || !w.get(id).offerDue().IsZero() {
			t.Errorf("%+v, rings at %s", f, w.get(id).NextAt)
		}
		w.move("lead", id, ActionInput{Action: Correct, Position: new(at[park])})
		if w.get(id).Offer != nil || w.todos("other dispatcher", id) != "ticket_untaken" {
			t.Errorf("replaced: %+v, asked %q", w.get(id).Offer, w.todos("other dispatcher", id))
		}
		w.move("community", id, toOther())
		w.move("resident", id, ActionInput{Action: Withdraw})
		if now := w.get(id); now.Offer != nil || !now.offerDue().IsZero() {
			t.Errorf("withdrawn, and offered: %+v", now.Offer)
		}
		if got := w.act("other lead", id, noon, ActionInput{Action: Take}); got != "store: not found" {
			t.Errorf("taken after its end: %q", got)
		}
	})
}

// departments are two of the county's, with a handler each, and one that is not.
func (w *world) departments() (water, fire, foreign string) {
	w.t.Helper()
	made := func(name string, street string) string {
		o := must(w.areas.CreateOrganisation(w.t.Context(), program, noon, area.NewOrganisation{Name: name, Kind: "department", Street: street}))(w.t)
		return o.ID
	}
	water, fire, foreign = made("区水务局", ""), made("区消防", ""), w.orgs[yi]
	w.add("water", access.Handler, "", account.NewAccount{Organisation: water})
	w.add("fire", access.Handler, "", account.NewAccount{Organisation: fire})
	return water, fire, foreign
}

// Departments that are called in attend, or the county rules whether they have to.
func TestConvene(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		water, fire, foreign := w.departments()
		id := w.working(east).ID
		call := func(ids ...string) ActionInput {
			return ActionInput{Action: Convene, Reason: "管网改造", Departments: ids}
		}
		attend, decline := ActionInput{Action: Attend}, ActionInput{Action: Decline, Reason: "不属本局职责"}
		states := func() string {
			out := ""
			for _, c := range w.get(id).Convened {
				out += string(c.State) + " "
			}
			return out
		}
		for i, c := range []struct {
			who  string
			m    ActionInput
			want string
			then string // how the departments stand
		}{
			{"lead", call(water), "forbidden", ""}, {"dispatcher", call(), "/departments", ""}, {"dispatcher", call(water, foreign, ids.New(), water), "/departments/3", ""}, {"dispatcher", call(water, foreign, ids.New()), "/departments/1 /departments/2", ""},
			{"dispatcher", call(water, fire), "", "called called "}, {"dispatcher", call(water), "/departments/0", "called called "},
			{"handler", attend, "store: not found", "called called "}, {"water", ActionInput{Action: Suspend, Reason: "x", Until: noon.Add(day)}, "forbidden", "called called "},
			{"water", attend, "", "attended called "}, {"water", attend, "wrong_state", "attended called "}, {"water", decline, "wrong_state", "attended called "},
			{"county admin", ActionInput{Action: Rule, Reason: "x"}, "wrong_state", "attended called "},
			{"fire", ActionInput{Action: Decline}, "/reason", "attended called "}, {"fire", decline, "", "attended declined "}, {"fire", attend, "wrong_state", "attended declined "},
			{"dispatcher", ActionInput{Action: Rule, Reason: "x"}, "forbidden", "attended declined "}, {"county admin", ActionInput{Action: Rule, Reason: "x", Departments: []string{water}}, "/departments/0", "attended declined "},
			{"county admin", ActionInput{Action: Rule, Reason: "须到场", Departments: []string{fire}}, "", "attended upheld "}, {"fire", decline, "wrong_state", "attended upheld "}, {"fire", attend, "", "attended attended "},
		} {
			if got := w.act(c.who, id, noon, c.m); got != c.want || states() != c.then {
				t.Fatalf("step %d, %s by %s: %q, %s", i, c.m.Action, c.who, got, states())
			}
			switch i {
			case 4:
				if got := w.todos("water", id); got != "ticket_convened" {
					t.Errorf("a department is asked %q", got)
				}
			case 13:
				if got := w.todos("county admin", id); got != "ticket_declined" || w.todos("fire", id) != "" {
					t.Errorf("the county is asked %q", got)
				}
			}
		}
		if got := w.todos("county admin", id) + w.todos("fire", id) + w.todos("water", id); got != "" {
			t.Errorf("still asked %q", got)
		}
		if _, view, err := w.tickets.Get(t.Context(), w.people["water"], id); view != access.Whole {
			t.Errorf("a department sees %v, %v", view, err)
		}
		must(w.tickets.Comment(t.Context(), w.people["water"], noon, id, NewComment{ID: ids.New(), Text: "已到场"}))(t)
		if got := w.timeline("resident", id); got != "report accept dispatch start comment" {
			t.Errorf("the resident reads %s", got)
		}
		w.move("worker", id, ActionInput{Action: Resolve, Outcome: "fixed"})
		w.move("dispatcher", id, ActionInput{Action: Close, Verification: "phone"})
		if _, _, err := w.tickets.Get(t.Context(), w.people["water"], id); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("after its end: %v", err)
		}
	})
}

// Who does not attend in time is marked, and the county is told, once; who need not does not see it any more.
func TestUnattended(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		water, fire, _ := w.departments()
		id := w.working(east).ID
		w.move("dispatcher", id, ActionInput{Action: Convene, Reason: "管网改造", Departments: []string{water, fire}})
		w.move("fire", id, ActionInput{Action: Decline, Reason: "不属本局职责"})
		due := w.get(id).attendDue()
		for range 2 {
			w.ring(due)
		}
		if c := w.get(id).Convened; !c[0].Late || c[1].Late || w.todos("county admin", id) != "ticket_declined ticket_unattended" {
			t.Errorf("%+v, the county is told %q", c, w.todos("county admin", id))
		}
		w.move("county admin", id, ActionInput{Action: Rule, Reason: "免予报到"})
		if got := w.act("fire", id, noon, ActionInput{Action: Attend}); got != "store: not found" {
			t.Errorf("released: %q", got)
		}
		w.move("water", id, ActionInput{Action: Attend}) // late, and there
		if got := w.get(id); got.Convened[0].State != Attended || !got.Convened[0].Late || !got.attendDue().IsZero() {
			t.Errorf("%+v", got.Convened)
		}
	})
}
