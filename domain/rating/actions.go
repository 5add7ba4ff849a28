package rating

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/todo"
	"wangge/store"
)

// Action is a step people take with a rectification.
type Action string

const (
	Assign       Action = "assign"        // 指定整改责任人
	AssignCaller Action = "assign_caller" // 指定回访人
	StateResult  Action = "state_result"  // 填报整改结果
	CallBack     Action = "call_back"     // 回访
	Again        Action = "again"         // 重新整改
	End          Action = "close"         // 结束
)

// transition is one row of a rectification's life. Where to is "", it stays or
// the step itself tells.
type transition struct {
	action Action
	from   []State
	to     State
	may    func(access.Actor, access.Rectification) bool
	guard  func(*Rectification) bool // nil: always
}

// transitions is the life of a rectification: who was called back and is
// satisfied closes it; who is not leaves it to whoever manages there, to have
// it put right again or to close it as it is.
var transitions = []transition{
	{Assign, []State{Open, CalledBack}, "", access.MayAssignRectification, nil},
	{AssignCaller, []State{Open, Stated}, "", access.MayRectify, nil},
	{StateResult, []State{Open}, Stated, access.MayRectify, nil},
	{CallBack, []State{Stated}, "", access.MayCallBack, nil},
	{Again, []State{CalledBack}, Open, access.MayAssignRectification, nil},
	{End, []State{CalledBack}, Closed, access.MayEndRectification, nil},
	{End, []State{Stated}, Closed, access.MayEndRectification, func(r *Rectification) bool { return r.Tries >= triesEnough }},
}

// ActionInput is the input of a step.
type ActionInput struct {
	ID       string // of this step: taken once, however often it is sent
	Action   Action
	Assignee string // account, of Assign and AssignCaller
	Text     string // what was done, of StateResult
	Reached  *bool  // of CallBack; the rest of who was reached
	Grade    int
	Words    string
	Wrong    domain.InvalidError // what is wrong with it beforehand
}

func (in *ActionInput) check() error {
	bad := &domain.InvalidError{Fields: in.Wrong.Fields}
	if !has(domain.CodesOf[Action](ActionWords), in.Action) {
		bad.Add("/action", ActionWords.Fault())
	}
	only := func(pointer string, given bool, of ...Action) {
		switch {
		case has(of, in.Action) && !given:
			bad.Add(pointer, domain.Missing)
		case !has(of, in.Action) && given:
			bad.Add(pointer, domain.T("此操作不需要该字段", "not a field of this action"))
		}
	}
	only("/assignee", in.Assignee != "", Assign, AssignCaller)
	only("/text", strings.TrimSpace(in.Text) != "", StateResult)
	only("/reached", in.Reached != nil, CallBack)
	reached := in.Reached != nil && *in.Reached
	switch {
	case reached && (in.Grade < 1 || in.Grade > Best):
		bad.Add("/grade", domain.Textf("应为 1 到 %d", "must be from 1 to %d", Best))
	case !reached && in.Grade != 0:
		bad.Add("/grade", domain.T("联系到本人才有评价", "only of who was reached"))
	}
	if !reached && strings.TrimSpace(in.Words) != "" {
		bad.Add("/words", domain.T("联系到本人才有评价", "only of who was reached"))
	}
	domain.CheckText(bad, "/text", in.Text, resultLongest, false)
	domain.CheckText(bad, "/words", in.Words, WordsLongest, false)
	return bad.Err()
}

// Allowed lists the steps that the actor may take now, in their order.
func (r *Rectification) Allowed(actor access.Actor) []string {
	out := []string{}
	for _, tr := range transitions {
		if has(tr.from, r.State) && tr.may(actor, r.Facts()) && (tr.guard == nil || tr.guard(r)) && !has(out, string(tr.action)) {
			out = append(out, string(tr.action))
		}
	}
	return out
}

// decide finds the row for an action: ErrForbidden when the actor never may
// take it, a ConflictError with what is allowed when the state is wrong.
func (r *Rectification) decide(actor access.Actor, action Action) (transition, error) {
	may := false
	for _, tr := range transitions {
		if tr.action != action || !tr.may(actor, r.Facts()) {
			continue
		}
		may = true
		if has(tr.from, r.State) && (tr.guard == nil || tr.guard(r)) {
			return tr, nil
		}
	}
	if !may {
		return transition{}, domain.ErrForbidden
	}
	return transition{}, &domain.ConflictError{Code: "wrong_state", Allowed: r.Allowed(actor), Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the rectification's present state")}
}

// TakeAction takes one step with a rectification. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ConflictError "wrong_state" with what is allowed, ErrStale.
func (s *Ratings) TakeAction(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Rectification, error) {
	invalid := in.check()
	words, err := sealed(s.keys, in.Words, callAt(id, in.ID))
	if err != nil {
		return nil, err
	}
	var r *Rectification
	was, err := s.rectification(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	t, err := load(ctx, s.store, was.About)
	if err != nil {
		return nil, err
	}
	up, err := s.ladder(ctx, t, now)
	if err != nil {
		return nil, err
	}
	in.Assignee = strings.TrimSpace(in.Assignee)
	write := []string{was.Partition}
	if in.Assignee != "" {
		write = append(write, area.CityPartition) // somebody whose account is disabled meanwhile is not given it
	}
	err = s.store.Update(ctx, write, func(tx *store.Tx) error {
		if r, err = rectifications.Get(ctx, tx, id); err != nil {
			return err
		}
		if !access.MaySeeRectification(actor, r.Facts()) {
			return domain.ErrNotFound
		}
		if has(r.Applied, in.ID) {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := rectifications.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if invalid != nil {
			return invalid
		}
		tr, err := r.decide(actor, in.Action)
		if err != nil {
			return err
		}
		if err := s.fits(ctx, tx, r, &in); err != nil {
			return err
		}
		before := r.facts()
		r.take(tr, actor, now, &in, Call{ID: in.ID, By: actor.Account, At: now, Reached: in.Reached != nil && *in.Reached, Grade: in.Grade, Words: words})
		if in.Action == Again {
			cal, err := s.calendars.At(ctx, tx)
			if err != nil {
				return err
			}
			r.DueAt, r.Provisional = cal.AddWorkingDays(r.From, r.Days)
		}
		return s.put(ctx, tx, r, r.entry(actor, now, string(in.Action), before), up)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// fits notes an assignee who is nobody that may have it.
func (s *Ratings) fits(ctx context.Context, tx *store.Tx, r *Rectification, in *ActionInput) error {
	if in.Action != Assign && in.Action != AssignCaller {
		return nil
	}
	found, err := account.LoadMany(ctx, tx, []string{in.Assignee})
	if err != nil {
		return err
	}
	works := found[in.Assignee].WorksWithin(s.areas.Tree(), access.Place{City: r.Place.City, County: r.Place.County, Street: r.Place.Street}, rectifiers...)
	switch {
	case !works:
		return domain.Invalid("/assignee", domain.T("没有此人，或其不在本街道任职", "no such person, or they do not work in the street"))
	case has(r.Rated, in.Assignee):
		return domain.Invalid("/assignee", domain.T("不能由被评价人经办", "it is about their own work"))
	case in.Action == AssignCaller && r.Result != nil && r.Result.By == in.Assignee:
		return domain.Invalid("/assignee", domain.T("回访须由整改人以外的人进行", "the callback is made by somebody else than who put it right"))
	}
	return nil
}

// rectifiers are the roles of who may be made to put something right, or to call back.
var rectifiers = []access.Role{access.OutreachWorker, access.CounterWorker, access.GridLead, access.CommunityManager, access.StreetManager}

// take is the pure change that a step makes. call is the callback that it is, if it is one.
func (r *Rectification) take(tr transition, actor access.Actor, now time.Time, in *ActionInput, call Call) {
	if tr.to != "" {
		r.State = tr.to
	}
	r.UpdatedAt = now
	switch tr.action {
	case Assign:
		r.Responsible, r.Level = in.Assignee, ""
	case AssignCaller:
		r.Caller = in.Assignee
	case StateResult:
		r.Result, r.Tries = &Result{By: actor.Account, At: now, Text: strings.TrimSpace(in.Text)}, 0
	case CallBack:
		r.Calls = append(r.Calls, call)
		r.Calls = r.Calls[max(0, len(r.Calls)-callsMost):]
		switch {
		case !call.Reached:
			r.Tries++
		case call.Grade >= good:
			r.State = Closed
		default:
			r.State = CalledBack
		}
	case Again:
		r.From, r.Result, r.Caller, r.EscalatedAt, r.EscalatedTo = now, nil, "", time.Time{}, nil
	}
	if r.State == Closed {
		r.ClosedAt = now
	}
	if in.ID != "" {
		r.Applied = append(r.Applied, in.ID)
		r.Applied = r.Applied[max(0, len(r.Applied)-appliedRecent):]
	}
}

// put writes a rectification that the update has read, tells its rating, and
// asks for now whom it waits for: who is to put it right, or to call back.
func (s *Ratings) put(ctx context.Context, tx *store.Tx, r *Rectification, e store.Entry, up []rung) error {
	r.settle()
	if err := rectifications.Put(tx, r, e); err != nil {
		return err
	}
	of, err := ratings.Get(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if of.Rectification != r.State || of.After != r.After() {
		of.Rectification, of.After = r.State, r.After()
		if err := ratings.Put(tx, of); err != nil {
			return err
		}
	}
	return r.ask(ctx, tx, e, up)
}

// ask brings what people are asked up to what the rectification waits for.
func (r *Rectification) ask(ctx context.Context, tx *store.Tx, e store.Entry, up []rung) error {
	asked := map[todo.Kind][]todo.Asking{}
	switch {
	case r.State == Open:
		asked[ToPutRight] = []todo.Asking{r.asking(ToPutRight, r.Responsible)}
		if !r.EscalatedAt.IsZero() {
			asked[Overdue] = []todo.Asking{r.asking(Overdue, r.EscalatedTo...)}
		}
	case r.State == Stated && r.Caller != "" && r.Caller != r.Result.By:
		asked[ToCallBack] = []todo.Asking{r.asking(ToCallBack, r.Caller)}
	case r.State == Stated:
		asked[ToCallBack] = []todo.Asking{r.asking(ToCallBack, callers(up, r.Result.By)...)}
	}
	for _, kind := range []todo.Kind{ToPutRight, ToCallBack, Overdue} {
		if err := todo.Settle(ctx, tx, kind, r.about(), asked[kind], e); err != nil {
			return err
		}
	}
	return nil
}

// asking asks somebody of the present turn: once, and anew when it is to be put right again.
func (r *Rectification) asking(kind todo.Kind, to ...string) todo.Asking {
	return todo.Asking{Kind: kind, About: r.about(), Occasion: r.From.UTC().Format("20060102T150405.000"), To: slices.Clone(to)}
}

// callAt is the place that a callback's words are sealed for.
func callAt(rectification, call string) string {
	return "rectifications/" + rectification + "/calls/" + call
}
