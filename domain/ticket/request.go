package ticket

import (
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
)

// RequestKind is what who has a ticket may ask for.
type RequestKind string

const (
	ForReturn    RequestKind = "return"    // 退回
	ForExtension RequestKind = "extension" // 延期
)

// RequestState is what has become of a request.
type RequestState string

const (
	RequestOpen     RequestState = "open"
	RequestGranted  RequestState = "granted"
	RequestRefused  RequestState = "refused"
	RequestRecalled RequestState = "recalled"
	RequestLapsed   RequestState = "lapsed" // an extension on which nobody decided in time
	RequestClosed   RequestState = "closed" // by itself: see RequestEnd
)

// RequestEnd is why a request closed by itself.
type RequestEnd string

const (
	EndOver     RequestEnd = "over"     // the ticket ended
	EndState    RequestEnd = "state"    // it is not being worked on any more
	EndAssignee RequestEnd = "assignee" // another has it
	EndStreet   RequestEnd = "street"   // it came to another street
)

// Request 申请 is what the assignee asks for. It is decided on at a level, by
// its clock: a return on which nobody decides climbs to the next, an extension lapses.
type Request struct {
	Kind    RequestKind      `store:"kind"`
	By      string           `store:"by"` // account
	At      time.Time        `store:"at"`
	Reason  string           `store:"reason"`
	Facts   string           `store:"facts,omitempty"` // what is new, of a return that is asked for late
	Until   time.Time        `store:"until,omitempty"` // of an extension; granted, the handling clock has it
	Of      access.Assignee  `store:"of"`              // who had the ticket
	Street  string           `store:"street"`          // that it lay in
	State   RequestState     `store:"state"`
	Level   policy.Recipient `store:"level"`             // who decides, or decided
	Endorse bool             `store:"endorse,omitempty"` // the next step is the first of two
	DueAt   time.Time        `store:"dueAt,omitempty"`   // of the next step; zero: nobody is above who has it
	Steps   []Decision       `store:"steps,omitempty"`
	Persons []string         `store:"persons,omitempty"` // who asked or took a step, and for whom: none of them takes the next
	Why     RequestEnd       `store:"why,omitempty"`     // it closed by itself
	Charged []string         `store:"charged,omitempty"` // of one that lapsed: the accounts to which the lateness is laid
}

// Decision is a step of a request.
type Decision struct {
	By       string       `store:"by,omitempty"` // account; none where the time was over
	At       time.Time    `store:"at"`
	Decision DecisionKind `store:"decision"`
	Reason   string       `store:"reason,omitempty"`
}

// DecisionKind is what a step of a request came to.
type DecisionKind string

const (
	Endorsed         DecisionKind = "endorsed" // the first step of two
	GrantedIt        DecisionKind = "granted"
	RefusedIt        DecisionKind = "refused"
	ClimbedUndecided DecisionKind = "climbed" // undecided: the next level's
	LapsedUndecided  DecisionKind = "lapsed"
)

// relationsAt are who decides at a level.
var relationsAt = map[policy.Recipient]access.Relation{
	policy.ToLead: access.LeadOf, policy.ToDispatcher: access.DispatchOf, policy.ToStreetManager: access.ManagerOf, policy.ToCounty: access.CountyOf,
}

// levelsOf are those of a request, the nearest first.
var levelsOf = []policy.Recipient{policy.ToLead, policy.ToDispatcher, policy.ToStreetManager, policy.ToCounty}

// request returns the open one of a kind; of the only kind that is open where
// none is named.
func (t *Ticket) request(kind RequestKind) *Request {
	var found *Request
	for i := range t.Requests {
		if r := &t.Requests[i]; r.State == RequestOpen && (kind == "" || r.Kind == kind) {
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}

// decides reports whether the actor, whom the table lets decide, may take the next step of a request.
func (t *Ticket) decides(r *Request, o occasion) bool {
	facts := t.Facts()
	return r.State == RequestOpen && !o.actor.Among(r.Persons...) && !o.actor.HasRelation(access.AssigneeOf, facts) &&
		(r.Level == policy.ToLead || o.actor.HasRelation(relationsAt[r.Level], facts))
}

// mayDecide: one of the open requests is theirs to decide.
func mayDecide(t *Ticket, _ access.Relation, o occasion) error {
	if !slices.ContainsFunc(t.Requests, func(r Request) bool { return r.State == RequestOpen }) {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("没有待决定的申请", "no request waits for a decision")}
	}
	if !slices.ContainsFunc(t.Requests, func(r Request) bool { return t.decides(&r, o) }) {
		return domain.ErrForbidden
	}
	return nil
}

// hasRequest: something is asked for.
func hasRequest(t *Ticket, _ access.Relation, _ occasion) error {
	if !slices.ContainsFunc(t.Requests, func(r Request) bool { return r.State == RequestOpen }) {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("没有可撤回的申请", "nothing is asked for")}
	}
	return nil
}

// returnedTwice: two have given it back in this round; who it is with is then the street's to say, and stays.
func (t *Ticket) returnedTwice() bool {
	var since time.Time
	if i := t.last(clocks.Promise); i >= 0 {
		since = t.Clocks[i].StartedAt
	}
	var by []access.Assignee
	for _, r := range t.Requests {
		if r.Kind == ForReturn && r.State == RequestGranted && !r.At.Before(since) && !slices.Contains(by, r.Of) {
			by = append(by, r.Of)
		}
	}
	return len(by) > 1
}

// notReturnedTwice: what came back twice only the street dispatches.
func notReturnedTwice(t *Ticket, _ access.Relation, o occasion) error {
	if t.returnedTwice() && !o.actor.HasRelation(access.DispatchOf, t.Facts()) {
		return domain.ErrForbidden
	}
	return nil
}

func checkRequest(t *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	longText(bad, "/facts", in.Facts, noteLongest)
	switch {
	case in.Request != ForReturn && in.Request != ForExtension:
		bad.Add("/request", RequestWords.Fault())
	case t.request(in.Request) != nil:
		bad.Add("/request", domain.T("已有同类申请待决定", "the same is asked for already"))
	case in.Request == ForReturn:
		t.checkReturn(in, o, bad)
	default:
		t.checkExtension(in, o, bad)
	}
}

func (t *Ticket) checkReturn(in *ActionInput, o occasion, bad *domain.InvalidError) {
	if t.returnedTwice() {
		bad.Add("/request", domain.T("街道已指定承办，不能再申请退回", "the street has decided who has it: it cannot be given back any more"))
		return
	}
	var end time.Time
	hours := o.policy.Limit(policy.ReturnHours)
	if c := t.Clock(clocks.Handle); c != nil {
		end, _ = o.reckon.Add(c.StartedAt, clocks.Term{Count: hours, Unit: clocks.WorkingHour})
	}
	if o.now.After(end) && strings.TrimSpace(in.Facts) == "" {
		bad.Add("/facts", domain.Textf("派遣超过 %d 个工作时，须说明新情况", "more than %d working hours after the dispatch: say what is new", hours))
	}
}

func (t *Ticket) checkExtension(in *ActionInput, o occasion, bad *domain.InvalidError) {
	c := t.Clock(clocks.Handle)
	if c == nil || c.DueAt.IsZero() {
		bad.Add("/request", domain.T("没有处置时限，不必延期", "the handling has no deadline"))
		return
	}
	longest, _ := o.reckon.Add(c.DueAt, c.Term)
	switch most := o.policy.Limit(policy.ExtendTimes); {
	case c.Due().IsZero():
		bad.Add("/request", domain.T("挂起期间停计时限，不能申请延期", "no time runs while it is suspended"))
	case o.now.After(c.DueAt):
		bad.Add("/request", domain.T("已过时限，不能申请延期", "its deadline has passed"))
	case len(c.Extensions()) >= most:
		bad.Add("/request", domain.Textf("已延期 %d 次", "it was extended %d times already", most))
	case !in.Until.After(c.DueAt) || in.Until.After(longest):
		bad.Add("/until", domain.T("应在现时限之后，延长不超过原时限", "must be after the deadline, by no more than the term that it had"))
	}
}

// checkDecision: which of the open requests is meant, and that it is theirs.
func checkDecision(t *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	r := t.request(in.Request)
	switch {
	case r == nil && in.Request == "":
		bad.Add("/request", domain.T("有两项申请，请指明", "there are two: say which"))
	case r == nil || in.Action != Recall && !t.decides(r, o):
		bad.Add("/request", domain.T("没有待您决定的此类申请", "none of the kind waits for you"))
	case in.Action == Grant && r.Kind == ForExtension && !r.Until.After(o.now):
		bad.Add("/request", domain.T("所申请的时间已过", "the time asked for has passed"))
	}
}

func doRequest(t *Ticket, x *taking) {
	r := Request{Kind: x.in.Request, By: x.actor.Account, At: x.now, Reason: strings.TrimSpace(x.in.Reason), Facts: strings.TrimSpace(x.in.Facts),
		Of: t.Assignee, Street: t.Place.Street, State: RequestOpen, Level: policy.ToLead, Persons: x.actor.Persons()}
	if r.Kind == ForExtension {
		r.Until = x.in.Until
	}
	r.Endorse = t.Assignee.Kind == access.Organisation || x.actor.Organisation != "" && x.actor.Is(access.Handler)
	r.DueAt = x.decideBy()
	t.Requests = append(t.Requests, r)
	x.request = r.Kind
}

// decideBy is when a step of a request that begins now is due.
func (o occasion) decideBy() time.Time {
	due, _ := o.reckon.Add(o.now, clocks.Term{Count: o.policy.Limit(policy.DecideHours), Unit: clocks.WorkingHour})
	return due
}

func doGrant(t *Ticket, x *taking) {
	r := t.request(x.in.Request)
	x.request = r.Kind
	r.Persons = appendNew(r.Persons, x.actor.Persons()...)
	if r.Endorse {
		r.Steps = append(r.Steps, Decision{x.actor.Account, x.now, Endorsed, strings.TrimSpace(x.in.Reason)})
		r.Endorse, r.DueAt = false, x.decideBy()
		if r.Level == policy.ToLead {
			r.Level = policy.ToDispatcher
		}
		return
	}
	x.tell(notice{kind: ToldDecided, to: []string{r.By}})
	r.end(RequestGranted, Decision{x.actor.Account, x.now, GrantedIt, strings.TrimSpace(x.in.Reason)})
	if c := t.Clock(clocks.Handle); c != nil && r.Kind == ForExtension {
		c.Extend(x.now, r.Until, x.actor.Account)
	}
	if r.Kind == ForReturn {
		by, why := r.By, r.Reason
		t.giveBack(Requested, x.occasion)
		t.Returned.By, t.Returned.Reason = by, why
	}
}

func doRefuse(t *Ticket, x *taking) {
	r := t.request(x.in.Request)
	x.request = r.Kind
	x.tell(notice{kind: ToldDecided, to: []string{r.By}})
	r.Persons = appendNew(r.Persons, x.actor.Persons()...)
	r.end(RequestRefused, Decision{x.actor.Account, x.now, RefusedIt, strings.TrimSpace(x.in.Reason)})
}

func doRecall(t *Ticket, x *taking) {
	r := t.request(x.in.Request)
	x.request = r.Kind
	r.State, r.DueAt = RequestRecalled, time.Time{}
}

// end is its last step.
func (r *Request) end(as RequestState, d Decision) {
	r.State, r.DueAt, r.Steps = as, time.Time{}, append(r.Steps, d)
}

// closeRequests closes those of which nothing can come any more.
func (t *Ticket) closeRequests() {
	for i := range t.Requests {
		r := &t.Requests[i]
		switch {
		case r.State != RequestOpen || t.State == Merged:
			continue
		case !t.State.Open():
			r.Why = EndOver
		case r.Street != t.Place.Street:
			r.Why = EndStreet
		case !slices.Contains(handling, t.State):
			r.Why = EndState
		case r.Of != t.Assignee:
			r.Why = EndAssignee
		default:
			continue
		}
		r.State, r.DueAt = RequestClosed, time.Time{}
	}
}

// requestDue is when the first of the steps of its requests is due.
func (t *Ticket) requestDue() (first time.Time) {
	for _, r := range t.Requests {
		if r.State == RequestOpen && !r.DueAt.IsZero() && t.State != Merged && (first.IsZero() || r.DueAt.Before(first)) {
			first = r.DueAt
		}
	}
	return first
}
