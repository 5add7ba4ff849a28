package ticket

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// parts says how far whoever helped or helps is.
func parts(t *Ticket) (out []string) {
	for _, p := range t.Parts {
		out = append(out, fmt.Sprintf("%s %s", p.Helper.ID, p.State))
	}
	return out
}

// A helper's part goes from waiting to done, by their own steps; a new dispatch
// keeps those who stay, and releases who does not.
func TestHelpersParts(t *testing.T) {
	ticket, other := in(Accepted), access.Assignee{Kind: access.Person, ID: "worker"}
	now := noon
	for i, s := range []struct {
		who  string
		in   ActionInput
		code string // "" where it is taken
		want []string
	}{
		{"lead", ActionInput{Action: Dispatch, Assignee: &mender, Helpers: []access.Assignee{org, other}}, "", []string{"org waiting", "worker waiting"}},
		{"handler", ActionInput{Action: HelpDone}, "wrong_part", []string{"org waiting", "worker waiting"}},
		{"handler", ActionInput{Action: HelpStart, Helper: &other}, "/helper", []string{"org waiting", "worker waiting"}},
		{"handler", ActionInput{Action: HelpStart}, "", []string{"org doing", "worker waiting"}},
		{"handler", ActionInput{Action: HelpStart}, "wrong_part", []string{"org doing", "worker waiting"}},
		{"handler", ActionInput{Action: Start}, "forbidden", []string{"org doing", "worker waiting"}},
		{"assignee", ActionInput{Action: HelpStart}, "forbidden", []string{"org doing", "worker waiting"}},
		{"assignee", ActionInput{Action: Start}, "", []string{"org doing", "worker waiting"}},
		{"handler", ActionInput{Action: Resolve, Outcome: "fixed"}, "forbidden", []string{"org doing", "worker waiting"}},
		{"handler", ActionInput{Action: HelpDone, Note: "管道已通"}, "", []string{"org done", "worker waiting"}},
		{"worker", ActionInput{Action: HelpRelease}, "/reason", []string{"org done", "worker waiting"}},
		{"worker", ActionInput{Action: HelpRelease, Reason: "调走", Helper: &org}, "/helper", []string{"org done", "worker waiting"}},
		{"worker", ActionInput{Action: HelpRelease, Reason: "调走"}, "", []string{"org done", "worker released"}},
		{"worker", ActionInput{Action: HelpStart}, "forbidden", []string{"org done", "worker released"}},
		{"lead", ActionInput{Action: Dispatch, Assignee: &mender, Helpers: []access.Assignee{other, org}}, "", []string{"org done", "worker waiting"}},
		{"worker", ActionInput{Action: HelpStart}, "", []string{"org done", "worker doing"}},
		{"lead", ActionInput{Action: HelpRelease, Reason: "够了"}, "/helper", []string{"org done", "worker doing"}},
		{"lead", ActionInput{Action: HelpRelease, Reason: "够了", Helper: &mender}, "/helper", []string{"org done", "worker doing"}},
		{"lead", ActionInput{Action: HelpRelease, Reason: "够了", Helper: &other}, "", []string{"org done", "worker released"}},
		{"lead", ActionInput{Action: HelpRelease, Reason: "已完成", Helper: &org}, "", []string{"org done", "worker released"}},
		{"lead", ActionInput{Action: HelpRelease, Reason: "够了", Helper: &org}, "wrong_part", []string{"org done", "worker released"}},
		{"lead", ActionInput{Action: Dispatch, Assignee: &mender, Helpers: []access.Assignee{org}}, "", []string{"org done", "worker released"}},
		{"lead", ActionInput{Action: Dispatch, Assignee: &mender}, "", []string{"org done", "worker released"}},
		{"lead", ActionInput{Action: Dispatch, Assignee: &mender, Helpers: []access.Assignee{other}}, "", []string{"org done", "worker waiting"}},
		{"lead", ActionInput{Action: Dispatch, Assignee: &mender}, "", []string{"org done", "worker released"}},
	} {
		now = now.Add(time.Minute)
		_, err := act(ticket, relations[s.who], &s.in, now)
		if got := told(err); got != s.code || !slices.Equal(parts(ticket), s.want) {
			t.Fatalf("step %d, %s by %s: %q (%v), want %q; parts %v, want %v", i, s.in.Action, s.who, got, err, s.code, parts(ticket), s.want)
		}
	}
	if since := ticket.PartOf(other).At; !since.Equal(now) {
		t.Errorf("since %v, now %v", since, now)
	}
	if at := slices.IndexFunc(ticket.Steps, func(s Step) bool { return s.Note == "管道已通" }); at < 0 || *ticket.Steps[at].Helper != org {
		t.Errorf("steps: %+v", ticket.Steps)
	}
}

// told is the code, or the field, of an error.
func told(err error) string {
	var conflict *domain.ConflictError
	var bad *domain.InvalidError
	switch {
	case errors.As(err, &conflict):
		return conflict.Code
	case errors.As(err, &bad):
		return bad.Fields[0].Pointer
	case err != nil:
		return err.Error()
	}
	return ""
}

// An open part hinders nobody; what was helped with is verified by others, even
// when the helper is released; a ticket that begins anew is nobody's part.
func TestPartsToTheEnd(t *testing.T) {
	ticket, helper := in(InProgress), access.Assignee{Kind: access.Person, ID: "lead"}
	ticket.assign(mender, []access.Assignee{org, helper})
	for i, s := range []struct{ who, action, want string }{
		{"lead", "help_start", "in_progress"}, {"lead", "help_done", "in_progress"}, {"lead", "help_release", "in_progress"}, {"assignee", "resolve", "resolved"},
		{"lead", "close", "x"}, {"dispatcher", "close", "closed"}, {"reporter", "reopen", "accepted"},
	} {
		m := complete(Action(s.action))
		if Action(s.action) != HelpRelease {
			m.Helper = nil
		} else {
			m.Helper = &helper
		}
		if got, err := act(ticket, relations[s.who], m, noon); got != s.want {
			t.Fatalf("step %d, %s by %s: %s (%v), want %s", i, s.action, s.who, got, err, s.want)
		}
		if s.action == "resolve" && (ticket.PartOf(org).State != PartWaiting || len(ticket.Helpers) != 1) {
			t.Errorf("who verifies sees %v", ticket.Parts)
		}
	}
	if got := parts(ticket); !slices.Equal(got, []string{"lead done", "org released"}) {
		t.Errorf("begun anew: %v", got)
	}
}
