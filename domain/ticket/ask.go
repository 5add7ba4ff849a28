package ticket

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// What the reporter and who asked them are told.
var (
	AskedToAnswer    = todo.Declare("ticket_asked", "请补充材料", "please answer what you were asked of a ticket")
	RemindedToAnswer = todo.Declare("ticket_asked_reminder", "请尽快补充材料，逾期将按现有材料办理", "please answer soon: a ticket will go on without it")
	ToldAnswered     = todo.Declare("ticket_answered", "上报人已补充材料", "the reporter has answered")
	ToldUnanswered   = todo.Declare("ticket_unanswered", "上报人逾期未补充材料", "the reporter has not answered in time")
)

// Remind is on a ticket's journal when half of the time to answer has passed. It is no transition.
const Remind Action = "remind" // 提醒补充

// stopping is how many questions stop the clocks, so that a ticket is not kept waiting by asking.
const stopping = 2

// Question is what the reporter was asked, while the ticket waits for an answer.
// What waits and is merged keeps it, with its times, until it is taken out again.
type Question struct {
	Text     string    `store:"text"`
	By       string    `store:"by"` // account
	At       time.Time `store:"at"`
	From     State     `store:"from"` // it goes back to
	RemindAt time.Time `store:"remindAt,omitempty"`
	LapsesAt time.Time `store:"lapsesAt,omitempty"`
	Stops    bool      `store:"stops,omitempty"` // the clocks
}

// reachable: only a reporter is asked who has an account or a phone.
func reachable(t *Ticket, _ access.Relation, _ occasion) error {
	if t.Reporter == "" && (t.Contact == nil || t.Contact.PhoneMasked == "") {
		return &domain.ConflictError{Code: "unreachable", Detail: domain.T("联系不到上报人，不能要求补充材料", "the reporter cannot be reached")}
	}
	return nil
}

// lapsed: the program goes on without an answer only when its time is over.
func lapsed(t *Ticket, _ access.Relation, o occasion) error {
	if at := t.Question.LapsesAt; at.IsZero() || at.After(o.now) {
		return &domain.ConflictError{Code: "not_due", Detail: domain.T("未到补充期限", "the time to answer is not over")}
	}
	return nil
}

func checkQuestion(_ *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	needText(bad, "/question", in.Question, domain.T("请写明需要补充什么", "say what the reporter is asked"))
}

func checkAnswer(_ *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	if len(in.Photos) > 0 {
		longText(bad, "/answer", in.Answer, noteLongest)
		return
	}
	needText(bad, "/answer", in.Answer, domain.T("请补充文字或照片", "an answer in words or photos is required"))
}

// needText notes that a text is missing or too long.
func needText(bad *domain.InvalidError, pointer, text string, missing domain.Text) {
	if strings.TrimSpace(text) == "" {
		bad.Add(pointer, missing)
	}
	longText(bad, pointer, text, noteLongest)
}

func doAsk(t *Ticket, x *taking) {
	q := &Question{Text: strings.TrimSpace(x.in.Question), By: x.actor.Account, At: x.now, From: x.was, Stops: t.Asked < stopping}
	q.LapsesAt, _ = x.reckon.Add(x.now, clocks.Term{Count: x.policy.Limit(policy.AnswerDays), Unit: clocks.WorkingDay})
	q.RemindAt = x.reckon.Middle(x.now, q.LapsesAt)
	t.Question, t.Unanswered = q, false
	t.Asked++
	x.step.Question = q.Text
}

func doAnswer(t *Ticket, x *taking) {
	x.step.Answer = strings.TrimSpace(x.in.Answer)
	x.tell(notice{kind: ToldAnswered, to: []string{t.Question.By}})
	t.goBack()
}

func doUnask(t *Ticket, _ *taking) { t.goBack() }

func doUnanswered(t *Ticket, x *taking) {
	x.tell(notice{kind: ToldUnanswered, to: []string{t.Question.By}})
	t.Unanswered = true
	t.goBack()
}

// askedTooOften reports whether it waits for an answer while its clocks run.
func (t *Ticket) askedTooOften() bool {
	return t.awaits() && !t.Question.Stops
}

// awaits reports whether it waits for its reporter.
func (t *Ticket) awaits() bool { return t.State == AwaitingReporter && t.Question != nil }

func askReporter(_ context.Context, _ *Tickets, t *Ticket, _ time.Time) ([]todo.Asking, error) {
	return []todo.Asking{{Occasion: stamp(t.Question.At), To: []string{t.Reporter}}}, nil
}

// goBack returns what waits no longer for its reporter to where it was.
func (t *Ticket) goBack() { t.State, t.Question = t.Question.From, nil }

// remindAt and lapsesAt are when the reporter is reminded, and when the ticket goes on without an answer.
func remindAt(t *Ticket) time.Time {
	if !t.awaits() {
		return time.Time{}
	}
	return t.Question.RemindAt
}

func lapsesAt(t *Ticket) time.Time {
	if !t.awaits() {
		return time.Time{}
	}
	return t.Question.LapsesAt
}

func ringRemind(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
	t.Question.RemindAt, t.UpdatedAt = time.Time{}, now
	if err := put(tx, t, t.entry(access.Program, now, Remind, t.facts())); err != nil {
		return err
	}
	return s.announce(ctx, tx, t, access.Program, now, notice{kind: RemindedToAnswer, to: []string{t.Reporter}})
}
