package handlers

import (
	"encoding/json"
	"time"

	"wangge/domain/webhook"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// deliveryOut is a message on its way.
type deliveryOut struct {
	ID       string           `json:"id"`
	Event    webhook.Event    `json:"event"`
	Thing    webhook.Thing    `json:"thing"`
	Of       string           `json:"of"`
	Sequence int64            `json:"sequence"`
	State    webhook.Progress `json:"state"`
	Tries    int              `json:"tries"`
	QueuedAt wire.Time        `json:"queuedAt"`
	DueAt    *wire.Time       `json:"dueAt"`
	EndedAt  *wire.Time       `json:"endedAt"`
	Attempts []attemptOut     `json:"attempts"`
}

type attemptOut struct {
	At         wire.Time `json:"at"`
	Status     *int      `json:"status"`
	Error      *string   `json:"error"`
	TookMs     int64     `json:"tookMs"`
	RetryAfter *int64    `json:"retryAfter"` // seconds
}

// deliveryWholeOut is one with what is sent, once that is decided.
type deliveryWholeOut struct {
	deliveryOut
	Body json.RawMessage `json:"body"`
}

func deliveryTo(d *webhook.Delivery) deliveryOut {
	out := deliveryOut{d.ID, d.Event, d.Thing, d.Of, d.Sequence, d.State, d.Tries, wire.Time(d.At), (*wire.Time)(optional(d.DueAt)), (*wire.Time)(optional(d.EndedAt)), []attemptOut{}}
	for _, a := range d.Attempts {
		out.Attempts = append(out.Attempts, attemptOut{wire.Time(a.At), optional(a.Status), optional(a.Error), a.Took.Milliseconds(), optional(int64(a.RetryAfter / time.Second))})
	}
	return out
}

var deliveryFilters = []string{"state", "thing", "of", "from"}

func listDeliveries(r *apiRequest) (*web.Reply, error) {
	f := webhook.Filter{Of: r.Query.Get("of")}
	var err error
	if f.Limit, f.After, err = r.Page(); err != nil {
		return nil, err
	}
	if f.States, err = oneOf[webhook.Progress](r, "state", webhook.ProgressWords); err != nil {
		return nil, err
	}
	if thing, given := r.Query.Find("thing"); given {
		if f.Thing = webhook.Thing(thing); !webhook.ThingWords.Has(thing) {
			return nil, web.BadWord("thing", webhook.ThingWords)
		}
	}
	if (f.Of == "") != (f.Thing == "") {
		return nil, web.BadQuery("of", "thing 与 of 须一起给出", "thing and of go together")
	}
	if f.From, err = r.Instant("from"); err != nil {
		return nil, err
	}
	found, next, err := r.Deliveries.List(r.Ctx, r.Actor, r.Param("id"), f)
	if err != nil {
		return nil, err
	}
	return web.Listed(each(found, deliveryTo), next), nil
}

func getDelivery(r *apiRequest) (*web.Reply, error) { return deliveryByID(r, r.Param("delivery")) }

// deliveryByID answers with a message of the receiver that the request's address names.
func deliveryByID(r *apiRequest, id string) (*web.Reply, error) {
	d, err := r.Deliveries.Get(r.Ctx, r.Actor, r.Param("id"), id)
	if err != nil {
		return nil, err
	}
	return deliveryAnswer(d), nil
}

func deliveryAnswer(d *webhook.Delivery) *web.Reply {
	out := deliveryWholeOut{deliveryTo(d), json.RawMessage("null")}
	if len(d.Body) > 0 {
		out.Body = d.Body
	}
	answer := web.OK(out)
	answer.Made = web.Resource{Kind: "webhook-delivery", ID: d.ID}
	return answer
}

type pingIn struct {
	ID string `json:"id"`
}

func pingWebhook(r *apiRequest) (*web.Reply, error) {
	var in pingIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	d, err := r.Deliveries.Test(r.Ctx, r.Actor, r.Now, r.Param("id"), id)
	if err != nil {
		return nil, err
	}
	out := deliveryAnswer(d)
	out.Status = 201
	return out, nil
}

func replayDelivery(r *apiRequest) (*web.Reply, error) {
	d, err := r.Deliveries.Replay(r.Ctx, r.Actor, r.Now, r.Param("id"), r.Param("delivery"))
	if err != nil {
		return nil, err
	}
	return deliveryAnswer(d), nil
}

func skipDelivery(r *apiRequest) (*web.Reply, error) {
	d, err := r.Deliveries.Skip(r.Ctx, r.Actor, r.Now, r.Param("id"), r.Param("delivery"))
	if err != nil {
		return nil, err
	}
	return deliveryAnswer(d), nil
}

type deadIn struct {
	From web.Nullable[time.Time] `json:"from"`
}

type dealtOut struct {
	Messages int  `json:"messages"`
	More     bool `json:"more"`
}

func replayDead(r *apiRequest) (*web.Reply, error) { return r.dealDead(r.Deliveries.ReplayAll) }

func skipDead(r *apiRequest) (*web.Reply, error) { return r.dealDead(r.Deliveries.SkipAll) }

func (r *apiRequest) dealDead(deal webhook.Deal) (*web.Reply, error) {
	var in deadIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	dealt, err := deal(r.Ctx, r.Actor, r.Now, r.Param("id"), given(in.From.Value))
	if err != nil {
		return nil, err
	}
	return deadDealt(r, dealt), nil
}

func deadDealt(_ *apiRequest, dealt webhook.Dealt) *web.Reply {
	answer := web.OK(dealtOut{dealt.Messages, dealt.More})
	answer.Report = dealt
	return answer
}
