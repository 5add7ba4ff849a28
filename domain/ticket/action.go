package ticket

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/geo"
)

// ActionInput is the input of an action on a ticket.
type ActionInput struct {
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
	Candidate    string // correct; id or code of one of the ticket's, in place of a position
	Clock        *domain.Clock

	found *place.Found // where it is to lie, of an action by which it is routed anew
}

// moves reports whether the ticket is to lie elsewhere.
func (in *ActionInput) moves() bool { return in.Position != nil || in.Candidate != "" }

// check lists what the action needs and the input lacks.
// there is the policy of the street that the ticket comes to lie in.
func (in *ActionInput) check(tr Transition, t *Ticket, o occasion, there *policy.Policy) error {
	bad := &domain.InvalidError{}
	cat, known := o.policy.Category(t.Category)
	if tr.Needs&NeedReason != 0 && strings.TrimSpace(in.Reason) == "" {
		bad.Add("/reason", domain.T("请说明原因", "a reason is required"))
	}
	if tr.Needs&NeedAssignee != 0 && (in.Assignee == nil || in.Assignee.ID == "") {
		bad.Add("/assignee", domain.T("请选择处置人员或单位", "an assignee is required"))
	}
	in.checkHelpers(bad)
	if most := o.policy.Limit(policy.SuspendDays); tr.Needs&NeedUntil != 0 && (!in.Until.After(o.now) || in.Until.Sub(o.now) > inDays(most)) {
		bad.Add("/until", domain.Textf("挂起截止时间应在今后 %d 天内", "must be within the next %d days", most))
	}
	if tr.Needs&NeedOutcome != 0 {
		switch {
		case !slices.Contains(Outcomes, in.Outcome):
			bad.Add("/outcome", OutcomeWords.Fault())
		case in.Outcome == NotFixed && strings.TrimSpace(in.Reason) == "":
			bad.Add("/reason", domain.T("未解决须说明原因", "say why it is not fixed"))
		case cat.AfterPhoto && in.Outcome != NotFixed && len(in.Photos) == 0 && !t.hasPhoto(After, t.StartedAt):
			bad.Add("/photos", domain.T("此类问题须上传处置后照片", "this category asks for an after-photo"))
		}
	}
	if tr.Needs&NeedVerification != 0 && !slices.Contains(Verifications, in.Verification) {
		bad.Add("/verification", VerificationWords.Fault())
	}
	if tr.Needs&NeedChange != 0 {
		_, kept := there.Category(t.Category)
		if _, ok := there.Offered(in.Category); in.Category != "" && !ok {
			bad.Add("/category", there.CategoryWords().Fault())
		} else if in.Category == "" && !kept && in.moves() {
			bad.Add("/category", domain.T("该位置所在街道没有这个类别，请另选", "the street of the position has no such category: choose one"))
		} else if !in.moves() && (in.Category == "" || in.Category == t.Category) {
			bad.Add("/category", domain.T("请给出新的类别或位置", "a new category or position is required"))
		}
	}
	if _, ok := cat.Condition(in.Condition); tr.Action == Accept && !ok && (known || in.Condition != "") {
		bad.Add("/condition", cat.ConditionWords().Fault())
	}
	longText(bad, "/note", in.Note, noteLongest)
	longText(bad, "/reason", in.Reason, noteLongest)
	in.Clock.Check(o.now, bad)
	return bad.Err()
}

func (in *ActionInput) checkHelpers(bad *domain.InvalidError) {
	if len(in.Helpers) > helpersMost {
		bad.Add("/helpers", domain.T("协办最多 10 个", "ten helpers at most"))
		return
	}
	for i, h := range in.Helpers {
		if slices.Contains(in.Helpers[:i], h) || in.Assignee != nil && h == *in.Assignee {
			bad.Add(fmt.Sprintf("/helpers/%d", i), domain.T("主办、协办重复", "named twice"))
		}
	}
}

func longText(bad *domain.InvalidError, pointer, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		bad.Add(pointer, domain.T("内容过长", "too long"))
	}
}

// apply is the pure change that an action makes. Photos, and where a corrected
// position lies, are the use case's.
func (t *Ticket) apply(tr Transition, r access.Relation, in *ActionInput, o occasion, there *policy.Policy) {
	a, now := o.actor, o.now
	if t.Days == 0 { // stored before it had them, and policies were
		t.Days = t.term(policy.Default())
	}
	if tr.To != "" {
		t.State = tr.To
	}
	t.UpdatedAt = now
	step := Step{Version: t.Version + 1, Note: strings.TrimSpace(in.Note), Reason: strings.TrimSpace(in.Reason), Happened: in.Clock.Read(now)}
	t.Policy = there.ID
	switch tr.Action {
	case Accept:
		cat, _ := o.policy.Category(t.Category)
		c, _ := cat.Condition(in.Condition)
		t.Condition = c.Code
		if slices.Index(Urgencies, c.Urgency) > slices.Index(Urgencies, t.Urgency) {
			t.Urgency = c.Urgency
		}
		t.setDays(there)
	case Reject:
		t.Reviewers, t.RejectedAt = appendNew(t.Reviewers, a.Account), now
	case Correct:
		step.Was = &Replaced{t.Category, t.Position, t.Place}
		if in.Category != "" && in.Category != t.Category {
			t.Category, t.Condition = in.Category, ""
			t.setDays(there)
		}
	case Dispatch:
		t.assign(*in.Assignee, in.Helpers)
		t.Returned = nil
		t.resume(now)
	case Start:
		t.StartedAt = now
		t.Handled = appendNew(t.Handled, a.Account)
	case Suspend:
		t.suspend(now, in.Until)
	case Resume:
		t.resume(now)
	case Resolve:
		t.Outcome = in.Outcome
		t.Handled = appendNew(t.Handled, a.Account)
	case Rework:
		t.StartedAt, t.Outcome = now, ""
	case Close:
		t.Verified, t.ClosedAt = in.Verification, now
	case Withdraw:
		t.WithdrawnAt = now
	case Reopen:
		if r == access.Reporter {
			t.Reopened++
		}
		t.ClosedAt, t.RejectedAt, t.Outcome, t.Verified = time.Time{}, time.Time{}, "", ""
		t.Days = t.term(there)
		t.DueAt = now.Add(inDays(t.Days))
		t.assign(access.Assignee{}, nil)
	}
	if in.ID != "" {
		t.Applied = append(t.Applied, in.ID)
		if len(t.Applied) > appliedRecent {
			t.Applied = t.Applied[len(t.Applied)-appliedRecent:]
		}
	}
	if step != (Step{Version: step.Version}) {
		t.Steps = append(t.Steps, step)
	}
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
