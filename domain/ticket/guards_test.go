package ticket

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// Nobody closes what they handled, in whatever way.
func TestNobodyClosesTheirOwn(t *testing.T) {
	lead := access.Assignee{Kind: access.Person, ID: "lead"}
	chief := relations["dispatcher"]
	chief.Organisation, chief.Grants = "org", append(slices.Clone(chief.Grants), access.Grant{Role: access.Handler})
	for name, c := range map[string]struct {
		actor  access.Actor
		change func(*Ticket)
		want   string
	}{
		"who had no part":               {relations["lead"], func(*Ticket) {}, "closed"},
		"who handled it before":         {relations["lead"], func(t *Ticket) { t.Handled = append(t.Handled, "lead") }, "x"},
		"who has it":                    {relations["lead"], func(t *Ticket) { t.assign(lead, nil) }, "x"},
		"who helps":                     {relations["lead"], func(t *Ticket) { t.assign(mender, []access.Assignee{lead}) }, "x"},
		"a dispatcher of the handlers":  {chief, func(t *Ticket) { t.assign(org, nil) }, "x"},
		"a dispatcher of other handler": {chief, func(t *Ticket) { t.assign(mender, nil) }, "closed"},
	} {
		ticket := in(Resolved)
		c.change(ticket)
		may := slices.Contains(ticket.allowed(occasion{actor: c.actor, now: noon, policy: usual}), string(Close))
		if got, err := act(ticket, c.actor, complete(Close), noon); got != c.want || may != (c.want == "closed") {
			t.Errorf("%s: %s (%v), told %v, want %s", name, got, err, may, c.want)
		}
	}
}

// A rejection that was reopened is reviewed by another.
func TestAnotherReviews(t *testing.T) {
	ticket := in(Reported)
	for i, s := range []struct {
		who    string
		action Action
		want   string
	}{
		{"lead", Reject, "rejected"}, {"reporter", Reopen, "reported"}, {"lead", Accept, "x"}, {"lead", Reject, "x"}, {"lead", Correct, "reported"},
		{"dispatcher", Reject, "rejected"}, {"lead", Reopen, "reported"}, {"lead", Accept, "x"}, {"dispatcher", Accept, "x"},
	} {
		if got, err := act(ticket, relations[s.who], complete(s.action), noon); got != s.want {
			t.Fatalf("step %d, %s by %s: %s (%v), want %s", i, s.action, s.who, got, err, s.want)
		}
	}
	other := access.Actor{Account: "manager", Grants: []access.Grant{{Role: access.CommunityManager, Level: access.Community, Area: "community"}}}
	if got, err := act(ticket, other, complete(Accept), noon); got != "accepted" {
		t.Errorf("another lead: %s (%v)", got, err)
	}
}

func TestReopeningHasLimits(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name     string
		state    State
		who      string
		after    time.Duration // of closing or rejecting
		reopened int
		code     string
	}{
		{"on the last day", Closed, "reporter", 15 * day, 0, ""},
		{"too late", Closed, "reporter", 15*day + time.Millisecond, 0, "too_late"},
		{"a rejection on the last day", Rejected, "reporter", 15 * day, 1, ""},
		{"a rejection too late", Rejected, "reporter", 15*day + time.Millisecond, 1, "too_late"},
		{"a third time", Closed, "reporter", day, 2, "reopened_twice"},
		{"a rejection a third time", Rejected, "reporter", day, 2, "reopened_twice"},
		{"by a lead, any time", Closed, "lead", 500 * day, 2, ""},
		{"a rejection by a lead, any time", Rejected, "lead", 500 * day, 7, ""},
	} {
		ticket := in(c.state)
		over := noon.Add(-c.after)
		if c.state == Closed {
			ticket.ClosedAt = over
		} else {
			ticket.RejectedAt = over
		}
		ticket.UpdatedAt, ticket.Reopened = noon, c.reopened // a remark does not make it younger
		may := slices.Contains(ticket.allowed(occasion{actor: relations[c.who], now: noon, policy: usual}), string(Reopen))
		_, err := act(ticket, relations[c.who], complete(Reopen), noon)
		code := ""
		var conflict *domain.ConflictError
		if errors.As(err, &conflict) {
			code = conflict.Code
		}
		counted := ticket.Reopened - c.reopened
		if code != c.code || may != (c.code == "") || (err == nil && (counted == 1) != (c.who == "reporter")) {
			t.Errorf("%s: %v, told %v, counted %d", c.name, err, may, counted)
		}
	}
}

func TestTheClockDoesNotResumeEarly(t *testing.T) {
	ticket := in(Suspended)
	ticket.ResumeAt = noon.Add(time.Millisecond)
	if got, err := act(ticket, relations["program"], complete(Resume), noon); got != "-" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := act(ticket, relations["program"], complete(Resume), noon.Add(time.Millisecond)); got != "in_progress" || !ticket.ResumeAt.IsZero() {
		t.Errorf("%s, %v, resumes at %v", got, err, ticket.ResumeAt)
	}
}
