package ticket

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/clocks"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// OfferState is how an offer stands.
type OfferState string

const (
	Offered   OfferState = "offered"
	GivenBack OfferState = "given_back" // once: the sender has it, and may offer it again
	Disputed  OfferState = "disputed"   // 推诿: given back twice, the county decides
)

// Offer is a correction into another street, by who does not lead there: that
// takes the ticket or gives it back. Meanwhile the ticket stays where it is.
type Offer struct {
	State     OfferState        `store:"state"`
	Place     access.Place      `store:"place"` // where it is to lie
	Position  *place.Position   `store:"position,omitempty"`
	Found     []place.Candidate `store:"candidates,omitempty"`
	Category  string            `store:"category,omitempty"` // that it is to have there; "" the one it has
	By        string            `store:"by"`                 // account
	At        time.Time         `store:"at"`
	Reason    string            `store:"reason,omitempty"`
	DueAt     time.Time         `store:"dueAt,omitempty"` // until it is taken, given back or allotted, or late
	Late      bool              `store:"late,omitempty"`
	Refusal   string            `store:"refusal,omitempty"`
	RefusedBy string            `store:"refusedBy,omitempty"` // account
	RefusedAt time.Time         `store:"refusedAt,omitempty"`
}

// What is written of offers beside the steps that people take; no transitions.
const (
	MakeOffer Action = "offer"   // 转其他街道，待接收: a correction that waits
	Untaken   Action = "untaken" // 逾期未接收
)

// offered is where the ticket is, or was last, offered to: who gave it back sees what comes of it.
func (t *Ticket) offered() access.Place {
	if t.Offer == nil {
		return access.Place{}
	}
	return t.Offer.Place
}

func (t *Ticket) offer(states ...OfferState) bool {
	return t.Offer != nil && slices.Contains(states, t.Offer.State) && t.State.Open()
}

// isOffered: the street to which it is offered has it to decide, not the county.
func isOffered(t *Ticket, _ access.Relation, _ occasion) error {
	if !t.offer(Offered) {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("现由区县裁定", "it is with the county")}
	}
	return nil
}

func isDisputed(t *Ticket, _ access.Relation, _ occasion) error {
	if !t.offer(Disputed) {
		return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("没有待区县指定的转办", "nothing waits for the county to allot")}
	}
	return nil
}

// offers reports whether a correction to a spot is an offer: it lies in another street, where the actor does not lead.
func (t *Ticket) offers(actor access.Actor, spot area.Spot) bool {
	return spot.Street != t.Partition && !actor.HasRelation(access.LeadOf, access.Ticket{Place: spot.Place})
}

// checkMove: what the county decides, or has decided, no street does.
func (t *Ticket) checkMove(spot area.Spot, actor access.Actor) error {
	switch {
	case t.offer(Disputed) && !actor.HasRelation(access.CountyOf, t.Facts()):
		return domain.Invalid("/position", domain.T("区县正在裁定归属，不能改位置", "the county is deciding where it belongs"))
	case t.offers(actor, spot) && !t.AllottedAt.IsZero():
		return domain.Invalid("/position", domain.T("区县已指定街道，不能再转", "the county has decided which street it belongs to"))
	}
	return nil
}

// takeBy is when an offer that is made now has to be taken.
func (o occasion) takeBy() time.Time {
	due, _ := o.reckon.Add(o.now, clocks.Term{Count: o.policy.Limit(policy.TakeHours), Unit: clocks.WorkingHour})
	return due
}

// doOffer offers the ticket to the street in which it is to lie.
func doOffer(t *Ticket, x *taking) {
	t.Offer = &Offer{State: Offered, Place: *x.in.offers, Position: x.in.found.Position, Found: x.in.found.Candidates, By: x.actor.Account, At: x.now, Reason: strings.TrimSpace(x.in.Reason), DueAt: x.takeBy()}
	if x.in.Category != t.Category {
		t.Offer.Category = x.in.Category
	}
}

// sameOffer: it is still the one whose place was looked up.
func (t *Ticket) sameOffer(in *ActionInput) error {
	if t.Offer.At.Equal(in.offeredAt) {
		return nil
	}
	return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("转办已变更，请重试", "the offer was changed meanwhile: try again")}
}

// takeOffered takes what is offered, or has the county allot it.
func (s *Tickets) takeOffered(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Ticket, error) {
	was, _, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	street, _ := s.areas.Tree().ByCode(in.Street)
	if street != nil {
		in.allotted = street.ID
	}
	if f := was.Offer; f != nil && (in.Action == Take || in.allotted == f.Place.Street) && (in.ID == "" || !slices.Contains(was.Applied, in.ID)) {
		in.found, in.offeredAt = &place.Found{Street: f.Place.Street, Position: f.Position, Candidates: f.Found}, f.At
		return s.takeRerouting(ctx, actor, now, id, version, in)
	}
	var moved *Ticket
	err = s.updateSeen(ctx, actor, id, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
		moved = t
		return s.takeAction(ctx, tx, actor, now, t, version, &in, nil)
	})
	return moved, err
}

// checkAllot: one of the two streets.
func checkAllot(t *Ticket, in *ActionInput, _ occasion, bad *domain.InvalidError) {
	if in.allotted == "" || in.allotted != t.Place.Street && in.allotted != t.Offer.Place.Street {
		bad.Add("/street", domain.T("应为两个街道之一", "must be one of the two streets"))
	}
}

// checkTake: the street has the category that the ticket is to have.
func checkTake(there *policy.Policy, t *Ticket, in *ActionInput, bad *domain.InvalidError) {
	category := t.Category
	if t.Offer.Category != "" {
		category = t.Offer.Category
	}
	_, kept := there.Category(category)
	if _, ok := there.Offered(in.Category); in.Category != "" && !ok {
		bad.Add("/category", there.CategoryWords().Fault())
	} else if in.Category == "" && !kept {
		bad.Add("/category", domain.T("本街道没有这个类别，请另选", "the street has no such category: choose one"))
	}
}

// doTake is the correction that was offered.
func doTake(t *Ticket, x *taking) {
	x.step.Was = &Replaced{t.Category, t.Position, t.Place}
	for _, category := range []string{t.Offer.Category, x.in.Category} {
		if category != "" && category != t.Category {
			t.Category, t.Condition = category, ""
			t.setTerms(x.there, x.reckon)
		}
	}
	t.Offer = nil
}

func doGiveBack(t *Ticket, x *taking) {
	t.Bounces++
	f := t.Offer
	f.State, f.DueAt, f.Late = GivenBack, time.Time{}, false
	f.Refusal, f.RefusedBy, f.RefusedAt = strings.TrimSpace(x.in.Reason), x.actor.Account, x.now
	if t.Bounces > 1 {
		f.State, f.DueAt = Disputed, x.takeBy()
	}
}

// doAllot: the county decides, and that stands. Where it is to move, it does as if taken.
func doAllot(t *Ticket, x *taking) {
	t.AllottedAt = x.now
	if x.in.found != nil {
		doTake(t, x)
		return
	}
	t.Offer = nil
}

// offerDue is when an offer has to be taken, or allotted.
func (t *Ticket) offerDue() time.Time {
	if !t.offer(Offered, Disputed) {
		return time.Time{}
	}
	return t.Offer.DueAt
}

var (
	ToTake      = todo.Declare("ticket_offered", "其他街道转来工单，待接收或退回", "another street offers a ticket: take it or give it back")
	ToldBounced = todo.Declare("ticket_given_back", "您转出的工单被退回", "a ticket that you offered to another street was given back")
	ToAllot     = todo.Declare("ticket_disputed", "工单归属有争议，待区县指定", "two streets dispute a ticket: the county decides")
	ToldUntaken = todo.Declare("ticket_untaken", "转办的工单逾期未定", "a ticket between two streets was not decided on in time")
)

func askOffer(ctx context.Context, s *Tickets, t *Ticket, now time.Time) ([]todo.Asking, error) {
	to, err := s.WhoAt(ctx, t.Offer.Place, now, policy.ToDispatcher)
	return []todo.Asking{{Occasion: stamp(t.Offer.At), To: to}}, err
}

func askBounced(_ context.Context, _ *Tickets, t *Ticket, _ time.Time) ([]todo.Asking, error) {
	return []todo.Asking{{Occasion: stamp(t.Offer.RefusedAt), To: []string{t.Offer.By}}}, nil
}

func askAllot(ctx context.Context, s *Tickets, t *Ticket, now time.Time) ([]todo.Asking, error) {
	to, err := s.WhoAt(ctx, t.Place, now, policy.ToCounty)
	return []todo.Asking{{Occasion: stamp(t.Offer.RefusedAt), To: to}}, err
}

// ringOffer tells both streets and the county of an offer on which nobody decided in time.
func ringOffer(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
	return s.ringing(ctx, tx, t, now, Untaken, func() error {
		t.Offer.DueAt, t.Offer.Late = time.Time{}, true
		var to []string
		for _, who := range []struct {
			at access.Place
			to policy.Recipient
		}{{t.Place, policy.ToDispatcher}, {t.Offer.Place, policy.ToDispatcher}, {t.Place, policy.ToCounty}} {
			more, err := s.WhoAt(ctx, who.at, now, who.to)
			if err != nil {
				return err
			}
			to = append(to, more...)
		}
		return todo.Ask(ctx, tx, todo.Asking{Kind: ToldUntaken, About: t.about(), Occasion: stamp(now), To: to}, store.Entry{At: now, Actor: access.Program.Name()})
	})
}

// offered asks for what is offered to places; nobody has any of their own.
func (f Filter) offered(t place.Subset, own bool, more []store.Cond) []store.Query {
	if own {
		return nil
	}
	conds := append(slices.Clone(more), store.In("offer.state", Offered, Disputed))
	for _, c := range t.Places {
		c.Field = "offer." + c.Field
		conds = append(conds, c)
	}
	return []store.Query{f.ordered(store.Driven(conds, "offer.place.street", "createdAt"), string(f.order(own)), false)}
}
