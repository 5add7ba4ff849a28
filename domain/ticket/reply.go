package ticket

import (
	"strings"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/todo"
	"wangge/store"
)

// ToldReplied is what the reporter of a consultation is told.
var ToldReplied = todo.Declare("ticket_replied", "您的咨询已答复", "your question is answered")

// Consultation 咨询 is the kind that may be answered directly.
const Consultation Kind = "consultation"

// consultation: only that is answered without being handled, and not by who rejected it.
func consultation(t *Ticket, as access.Relation, o occasion) error {
	if t.Kind != Consultation {
		return &domain.ConflictError{Code: "no_consultation", Detail: domain.T("只有咨询可以直接答复", "only a consultation is answered directly")}
	}
	return otherReviewer(t, as, o)
}

func checkReply(_ *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	needText(bad, "/answer", in.Answer, domain.T("请写明答复内容", "the answer is required"))
}

// doReply closes a consultation with its answer. Nobody has handled it: should
// it be reopened, who answered may verify what others did about it then.
func doReply(t *Ticket, x *taking) {
	x.step.Answer = strings.TrimSpace(x.in.Answer)
	t.Outcome, t.ClosedAt = Answered, x.now
	x.tell(notice{kind: ToldReplied, to: []string{t.Reporter}})
}

// replyAtOnce answers a ticket that is being reported, in the same write. ErrForbidden.
func (t *Ticket) replyAtOnce(answer string, o occasion) (store.Entry, []notice, error) {
	tr, as, err := t.decide(Reply, o)
	if err != nil {
		return store.Entry{}, nil, err
	}
	before := t.facts()
	x := t.apply(tr, as, &ActionInput{Action: Reply, Answer: answer}, o, o.policy)
	return t.taken(o, Reply, before), x.notices, nil
}
