package ticket

import (
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/geo"
)

// Move is the input of an action on a ticket.
type Move struct {
	ID           string // of this action: applied once, however often it is sent
	Action       Action
	Note         string // for those who work on it
	Reason       string // for the reporter too
	Assignee     *access.Assignee
	Helpers      []access.Assignee
	Until        time.Time
	Outcome      Outcome
	Verification Verification
	Condition    string
	Photos       []string
	Category     string     // correct
	Position     *orb.Point // correct; WGS-84
	Datum        geo.Datum
	AccuracyM    *float64
}

// apply is the pure change that an action makes. Photos, and the place of a
// corrected position, are the use case's.
func (t *Ticket) apply(tr Transition, r access.Relation, a access.Actor, in *Move, now time.Time) {
	if tr.To != "" {
		t.State = tr.To
	}
	t.UpdatedAt = now
	switch tr.Action {
	case Accept:
		cat, _ := CategoryOf(t.Category)
		c, _ := cat.condition(in.Condition)
		t.Condition = c.Code
		if slices.Index(Urgencies, c.Urgency) > slices.Index(Urgencies, t.Urgency) {
			t.Urgency = c.Urgency
		}
	case Reject:
		t.Reviewers = appendNew(t.Reviewers, a.Account)
	case Correct:
		if in.Category != "" && in.Category != t.Category {
			t.Category, t.Condition = in.Category, ""
		}
	case Dispatch:
		t.assign(*in.Assignee, in.Helpers)
		t.ResumeAt = time.Time{}
	case Start:
		t.StartedAt = now
		t.Handled = appendNew(t.Handled, a.Account)
	case Suspend:
		t.ResumeAt = in.Until
	case Resume:
		t.ResumeAt = time.Time{}
	case Resolve:
		t.Outcome = in.Outcome
		t.Handled = appendNew(t.Handled, a.Account)
	case Rework:
		t.StartedAt, t.Outcome = now, ""
	case Close:
		t.Verified, t.ClosedAt = in.Verification, now
	case Reopen:
		if r == access.Reporter {
			t.Reopened++
		}
		t.ClosedAt, t.Outcome, t.Verified = time.Time{}, "", ""
		t.assign(access.Assignee{}, nil)
	}
	if in.ID != "" {
		t.Applied = append(t.Applied, in.ID)
		if len(t.Applied) > appliedRecent {
			t.Applied = t.Applied[len(t.Applied)-appliedRecent:]
		}
	}
	if note, reason := strings.TrimSpace(in.Note), strings.TrimSpace(in.Reason); note != "" || reason != "" {
		t.Steps = append(t.Steps, Step{Version: t.Version + 1, Note: note, Reason: reason})
	}
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
