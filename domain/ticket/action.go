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
	Into         string // merge; id
	Clock        *domain.Clock
	Question     string           // ask
	Answer       string           // answer, reply
	Request      RequestKind      // request, grant, refuse, recall
	Facts        string           // request: what is new, of one asked later
	Departments  []string         // convene, rule; ids of organisations
	Measures     string           // shelve
	ReviewAt     time.Time        // shelve
	Children     []Child          // split
	Helper       *access.Assignee // help_release, by who leads
	Ticked       []string         // close; codes of the closing conditions that were seen to
	Street       string           // allot; code

	numbers   []string      // of the children
	found     *place.Found  // where it is to lie, of an action by which it is routed anew
	charged   string        // dispatch: whom the handling is laid to, the assignee or the organisation whose own they are
	offers    *access.Place // where a correction offers it to
	offeredAt time.Time     // when the offer was made whose place was found
	allotted  string        // id of Street
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
	if tr.Needs&NeedUntil != 0 {
		t.checkUntil(in, o, bad)
	}
	if tr.Needs&NeedOutcome != 0 {
		switch {
		case !slices.Contains(Outcomes, in.Outcome):
			bad.Add("/outcome", OutcomeWords.Fault())
		case in.Outcome == NotFixed && strings.TrimSpace(in.Reason) == "":
			bad.Add("/reason", domain.T("未解决须说明原因", "say why it is not fixed"))
		case o.policy.Handling(t.Category, t.Condition).AfterPhoto && t.State != Divided && in.Outcome != NotFixed && len(in.Photos) == 0 && !t.hasPhoto(After, t.StartedAt):
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
	if tr.Needs&NeedInto != 0 && in.Into == "" {
		bad.Add("/into", domain.T("请选择并入的工单", "the ticket to merge it into is required"))
	}
	if tr.check != nil {
		tr.check(t, in, o, bad)
	}
	if (tr.Action == Take || tr.Action == Allot) && in.found != nil {
		checkTake(there, t, in, bad)
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
func (t *Ticket) apply(tr Transition, r access.Relation, in *ActionInput, o occasion, there *policy.Policy) *taking {
	now, was := o.now, t.State
	t.adopt()
	if t.Days == 0 { // stored before it had them, and policies were
		t.Days = t.term(policy.Default())
	}
	if tr.To != "" {
		t.State = tr.To
	}
	t.UpdatedAt = now
	step := Step{Version: t.Version + 1, Note: strings.TrimSpace(in.Note), Reason: strings.TrimSpace(in.Reason), Happened: in.Clock.Read(now)}
	t.Policy = there.ID
	x := &taking{occasion: o, in: in, as: r, was: was, there: there, step: &step}
	if tr.do != nil {
		tr.do(t, x)
	}
	t.share(now)
	t.follow(tr.Action, was, in.charged, o.under(there))
	if in.ID != "" {
		t.Applied = append(t.Applied, in.ID)
		if len(t.Applied) > appliedRecent {
			t.Applied = t.Applied[len(t.Applied)-appliedRecent:]
		}
	}
	if step != (Step{Version: step.Version}) {
		t.Steps = append(t.Steps, step)
	}
	return x
}

// appendNew is the list with those of the new ones that are not in it.
func appendNew(list []string, those ...string) []string {
	for _, s := range those {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
