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
		if first.Policy != "1/3205.0/320508001.0" || first.Days != 7 {
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
		if got.Policy != "1/3205.0/320508001.1" || got.Days != 3 || !got.DueAt.Equal(noon.Add(3*day)) {
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
