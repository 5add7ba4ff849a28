package ticket

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// Part is a helper's of the work 协办: waiting → doing → done | released. It hinders
// nobody: who has the ticket may resolve it while parts are open, which those who
// verify see. What is sent back for rework leaves parts as they are; a part that
// is done may be taken up again. A helper who is dispatched again, or stays when
// the ticket goes to somebody else, keeps theirs.
type Part struct {
	Helper access.Assignee `store:"helper"`
	State  PartState       `store:"state"`
	At     time.Time       `store:"at"` // since when it is in that state
}

// PartState is how far a helper is.
type PartState string

const (
	PartWaiting  PartState = "waiting"
	PartDoing    PartState = "doing"
	PartDone     PartState = "done"
	PartReleased PartState = "released" // before it was done
)

// PartOf is a helper's part; of one who helps since before parts were kept, a waiting one.
func (t *Ticket) PartOf(helper access.Assignee) Part {
	for _, p := range t.Parts {
		if p.Helper == helper {
			return p
		}
	}
	return Part{Helper: helper, State: PartWaiting}
}

// setPart changes a helper's part.
func (t *Ticket) setPart(helper access.Assignee, state PartState, now time.Time) {
	part := Part{helper, state, now}
	t.Parts = slices.Clone(t.Parts)
	if i := slices.IndexFunc(t.Parts, func(p Part) bool { return p.Helper == helper }); i >= 0 {
		t.Parts[i] = part
	} else {
		t.Parts = append(t.Parts, part)
	}
}

// share makes parts what they are now that these help: a waiting one for who is
// new, and none open of who helps no more.
func (t *Ticket) share(now time.Time) {
	for _, h := range t.Helpers {
		if p := t.PartOf(h); p.State == PartReleased || p.At.IsZero() {
			t.setPart(h, PartWaiting, now)
		}
	}
	for _, p := range t.Parts {
		if !slices.Contains(t.Helpers, p.Helper) && (p.State == PartWaiting || p.State == PartDoing) {
			t.setPart(p.Helper, PartReleased, now)
		}
	}
}

// partsFrom are the states of a part in which its helper takes a step.
var partsFrom = map[Action][]PartState{HelpStart: {PartWaiting, PartDone}, HelpDone: {PartDoing}, HelpRelease: {PartWaiting, PartDoing, PartDone}}

// partFor is the part that a step is about: one of the actor's own, or, where who
// leads releases a helper, that helper's.
func (t *Ticket) partFor(action Action, named *access.Assignee, o occasion) (access.Assignee, bool) {
	leads := action == HelpRelease && o.actor.MayTake(access.LeadOf, t.Facts(), o.policy.MayTakeFor(string(action), t.Category, t.Condition))
	for _, h := range t.Helpers {
		own := o.actor.HasRelation(access.HelperOf, access.Ticket{Helpers: []access.Assignee{h}})
		mine := own && named == nil || named != nil && *named == h && (own || leads)
		if mine && slices.Contains(partsFrom[action], t.PartOf(h).State) {
			return h, true
		}
	}
	return access.Assignee{}, false
}

// hasPart: the actor's part is so that they may take the step.
func hasPart(action Action) func(*Ticket, access.Relation, occasion) error {
	return func(t *Ticket, as access.Relation, o occasion) error {
		if _, ok := t.partFor(action, nil, o); ok || as == access.LeadOf && len(t.Helpers) > 0 {
			return nil
		}
		return &domain.ConflictError{Code: "wrong_part", Detail: domain.T("没有可进行此操作的协办", "no part in the work is so that this can be done")}
	}
}

// checkPart: the input names nobody else's part.
func checkPart(t *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	if _, ok := t.partFor(in.Action, in.Helper, o); !ok {
		bad.Add("/helper", domain.T("请选择此工单的协办人员或单位", "one who helps with this ticket is required"))
	}
}

func doHelpStart(t *Ticket, x *taking) { t.help(x, PartDoing) }

func doHelpDone(t *Ticket, x *taking) { t.help(x, PartDone) }

// help is work: who did some verifies nothing of it.
func (t *Ticket) help(x *taking, state PartState) {
	h, _ := t.partFor(x.in.Action, x.in.Helper, x.occasion)
	t.setPart(h, state, x.now)
	t.Handled = appendNew(t.Handled, x.actor.Persons()...)
	x.step.Helper = &h
}

func doHelpRelease(t *Ticket, x *taking) {
	h, _ := t.partFor(x.in.Action, x.in.Helper, x.occasion)
	if t.PartOf(h).State != PartDone {
		t.setPart(h, PartReleased, x.now)
	}
	t.assign(t.Assignee, slices.DeleteFunc(slices.Clone(t.Helpers), func(x access.Assignee) bool { return x == h }))
	x.step.Helper = &h
}
