package ticket

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/policy"
)

// decide puts a content in force in the street at once.
func (w *world) decide(now time.Time, c policy.Content) {
	w.t.Helper()
	d := must(w.policies.SetDraft(w.t.Context(), w.people["manager"], now, jia, 0, c))(w.t)
	must(w.policies.Publish(w.t.Context(), w.people["manager"], now, jia, d.Version, policy.Publishing{From: string(civil.DateOf(now)), Why: "会议决定"}))(w.t)
}

// A ticket is taken on by the policy of that time, and names it; its deadline follows once.
func TestPolicyChangesBetweenReportAndAccept(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		first := w.report("resident", east) // noise, 7 days
		if first.Policy != "3/3205.0/320508001.0" || first.Days != 7 {
			t.Errorf("reported under %s, %d days", first.Policy, first.Days)
		}
		noise, _ := w.policies.At(first.Partition, noon).Category("noise")
		noise.Days, noise.Conditions = 3, nil
		w.decide(noon.Add(time.Hour), policy.Content{Categories: []policy.Category{noise}, Steps: []policy.Step{{Code: "accept", Roles: []access.Role{access.Dispatcher}}}})
		now := noon.Add(2 * time.Hour)
		if got := w.tickets.Allowed(w.people["lead"], first, now); slices.Contains(got, "accept") || !slices.Contains(got, "reject") {
			t.Errorf("a lead is told %v", got)
		}
		if _, err := w.tickets.TakeAction(ctx, w.people["lead"], now, first.ID, 0, ActionInput{Action: Accept}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a lead accepts: %v", err)
		}
		got := must(w.tickets.TakeAction(ctx, w.people["dispatcher"], now, first.ID, 0, ActionInput{Action: Accept}))(t)
		if got.Policy != "3/3205.0/320508001.1" || got.Days != 3 || !got.DueAt.Equal(noon.Add(3*day)) {
			t.Errorf("accepted under %s, %d days, due %s", got.Policy, got.Days, got.DueAt.Sub(noon))
		}
	})
}

// A category is retired while a ticket has it: that one goes on, nothing new gets it.
func TestRetiredCategory(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, now := t.Context(), noon.Add(time.Hour)
		first := w.report("resident", east)
		noise, _ := w.policies.At(first.Partition, noon).Category("noise")
		noise.Retired, noise.Conditions = true, nil
		found := must(w.policies.Check(ctx, w.people["manager"], now, jia, policy.Content{Categories: []policy.Category{noise}}))(t)
		if len(found) != 1 || found[0].Pointer != "/categories/0/heir" {
			t.Errorf("without a heir: %v", found)
		}
		noise.Heir = "other"
		w.decide(now, policy.Content{Categories: []policy.Category{noise}})
		if got := must(w.tickets.TakeAction(ctx, w.people["lead"], now, first.ID, 0, ActionInput{Action: Accept}))(t); got.Condition != "general" || got.Category != "noise" || got.Days != 7 {
			t.Errorf("%+v", got)
		}
		if _, err := w.tickets.Report(ctx, w.people["resident"], now, draft(east)); !slices.Equal(pointers(err), []string{"/category"}) {
			t.Errorf("reported anew: %v", err)
		}
		if _, err := w.tickets.Report(ctx, w.people["resident"], now, draft(other)); err != nil {
			t.Errorf("in the other street: %v", err)
		}
		if !w.tickets.Categories(now).Has("noise") {
			t.Error("lists cannot ask for it any more")
		}
	})
}

// What a condition asks for is needed: photos at report and acceptance, an
// after-photo, its closing conditions ticked, its roles; and it is not shown.
func TestConditionOfAStreet(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		name := domain.T("名", "name")
		noise, _ := policy.Default().Category("noise")
		noise.Photos, noise.Conditions = 1, nil
		night := policy.Condition{Category: "noise", Code: "at_night", Name: name, Urgency: "normal", AfterPhoto: true, Private: true, Closing: []policy.Item{{Code: "quiet", Name: name}, {Code: "told", Name: name}},
			Rules: policy.Rules{Photos: 2, Roles: []policy.Narrow{{Step: "close", Roles: []access.Role{access.Dispatcher}}}}}
		w.decide(noon, policy.Content{Categories: []policy.Category{noise}, Conditions: []policy.Condition{night}})
		take := func(who string, id string, in ActionInput, want ...string) {
			t.Helper()
			in.Clock = nil
			if _, err := w.tickets.TakeAction(t.Context(), w.people[who], noon.Add(time.Hour), id, 0, in); !slices.Equal(pointers(err), want) || err != nil && len(want) == 0 {
				t.Errorf("%s: %v, want %v", in.Action, err, want)
			}
		}
		d := draft(east)
		if _, err := w.tickets.Report(t.Context(), w.people["resident"], noon.Add(time.Minute), d); !slices.Equal(pointers(err), []string{"/photos"}) {
			t.Errorf("without a photo: %v", err)
		}
		d.Photos = []string{w.upload("resident")}
		made := must(w.tickets.Report(t.Context(), w.people["resident"], noon.Add(time.Minute), d))(t)
		take("lead", made.ID, ActionInput{Action: Accept, Condition: "at_night"}, "/photos")
		take("lead", made.ID, ActionInput{Action: Accept, Condition: "at_night", Photos: []string{w.upload("lead")}})
		if got := w.get(made.ID); got.Public != nil || made.Public == nil {
			t.Errorf("shown %v, then %v", made.Public, got.Public)
		}
		worker := w.person("worker")
		take("lead", made.ID, ActionInput{Action: Dispatch, Assignee: &worker})
		take("worker", made.ID, ActionInput{Action: Start})
		take("worker", made.ID, ActionInput{Action: Resolve, Outcome: "fixed"}, "/photos")
		take("worker", made.ID, ActionInput{Action: Resolve, Outcome: "fixed", Photos: []string{w.upload("worker")}})
		if _, err := w.tickets.TakeAction(t.Context(), w.people["lead"], noon.Add(time.Hour), made.ID, 0, ActionInput{Action: Close, Verification: "on_site"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a lead closes: %v", err)
		}
		take("dispatcher", made.ID, ActionInput{Action: Close, Verification: "on_site", Ticked: []string{"quiet", "loud"}}, "/ticked", "/ticked/1")
		take("dispatcher", made.ID, ActionInput{Action: Close, Verification: "on_site", Ticked: []string{"told", "quiet"}})
	})
}
