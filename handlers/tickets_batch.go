package handlers

import (
	"encoding/json"
	"errors"
	"strconv"

	"wangge/domain"
	"wangge/domain/ids"
	"wangge/domain/ticket"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// ticketBatchIn is the body of POST /v1/tickets/transitions: a step for each, or one for all.
type ticketBatchIn struct {
	Items      []ticketBatchItemIn `json:"items" need:"tickets transition"`
	Tickets    []string            `json:"tickets" need:"items"`
	Transition *ticketActionIn     `json:"transition" need:"items"`
}

type ticketBatchItemIn struct {
	Ticket     string          `json:"ticket" need:"true"`
	Version    int64           `json:"version"`
	Transition *ticketActionIn `json:"transition" need:"true"`
}

// batchDone is what a batch came to, as its key remembers it.
type batchDone struct {
	Items []itemDone `json:"items"`
}

type itemDone struct {
	Ticket  string          `json:"ticket"`
	Action  string          `json:"action"`
	Status  int             `json:"status"`
	Problem json.RawMessage `json:"problem,omitempty"`
}

// itemDoneOut says what one item came to: the ticket as it is now, or a problem.
type itemDoneOut struct {
	Ticket  string           `json:"ticket"`
	ID      string           `json:"id"` // of the action
	Status  int              `json:"status"`
	Now     *ticketBriefOut  `json:"now"`
	Problem *json.RawMessage `json:"problem"`
}

// ticketBriefOut is what a list of work needs of a ticket that it shows already.
type ticketBriefOut struct {
	Number    string       `json:"number"`
	State     ticket.State `json:"state"`
	Allowed   []string     `json:"allowed"`
	DueAt     *wire.Time   `json:"dueAt"`
	UpdatedAt wire.Time    `json:"updatedAt"`
	Version   int64        `json:"version"`
}

// actionSpace is where the ids of actions come from that a batch under a key does not name.
const actionSpace ids.Space = "0f7f8f0c-9d0e-4d0f-8f4e-0b7a5a3f6c21"

func takeTicketActions(r *apiRequest) (*web.Reply, error) {
	var in ticketBatchIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	pointer, items, err := in.items(r)
	if err != nil {
		return nil, err
	}
	errs, err := r.Tickets.TakeActions(r.Ctx, r.Actor, r.Now, pointer, items)
	if err != nil {
		return nil, err
	}
	done := batchDone{make([]itemDone, len(items))}
	for i, it := range items {
		done.Items[i] = itemDone{Ticket: it.Ticket, Action: it.Input.ID, Status: 200}
		if errs[i] != nil {
			if done.Items[i], err = r.itemRefused(done.Items[i], errs[i]); err != nil {
				return nil, err
			}
		}
	}
	out, err := r.batchOut(done)
	if err == nil {
		out.Report = done
	}
	return out, err
}

// items are what the body asks for, and where it says so. What is wrong with the form of any is refused together.
func (in *ticketBatchIn) items(r *apiRequest) (pointer string, items []ticket.Item, err error) {
	if in.Items != nil && (in.Tickets != nil || in.Transition != nil) {
		return "", nil, domain.Invalid("/items", domain.T("items 与 tickets、transition 不能同时给出", "items, or tickets with a transition: not both"))
	}
	bad := &domain.InvalidError{}
	if in.Items == nil {
		one := in.Transition.keyed(r, "all").within("/transition", r, bad)
		for _, id := range in.Tickets {
			items = append(items, ticket.Item{Ticket: id, Input: one})
		}
		return "/tickets", items, bad.Err()
	}
	for i, it := range in.Items {
		of := strconv.Itoa(i)
		items = append(items, ticket.Item{Ticket: it.Ticket, Version: it.Version, Input: it.Transition.keyed(r, of).within("/items/"+of+"/transition", r, bad)})
	}
	return "/items", items, bad.Err()
}

// keyed is the action with an id of its own under the request's key, where it has none.
func (in *ticketActionIn) keyed(r *apiRequest, place string) *ticketActionIn {
	if key := r.KeyName(); in.ID == "" && key != "" {
		in.ID = actionSpace.Of(key, place)
	}
	return in
}

// within reads the action as a part of a body.
func (in *ticketActionIn) within(pointer string, r *apiRequest, bad *domain.InvalidError) ticket.ActionInput {
	m, err := in.move(r)
	if wrong := (*domain.InvalidError)(nil); errors.As(err, &wrong) {
		for _, f := range wrong.Fields {
			bad.Add(pointer+f.Pointer, f.Detail)
		}
	}
	return m
}

func (r *apiRequest) itemRefused(it itemDone, refusal error) (itemDone, error) {
	status, problem := r.Problem(refusal)
	text, err := json.Marshal(problem)
	it.Status, it.Problem = status, text
	return it, err
}

// batchOut says what a batch came to, each ticket as it is now and as far as the caller sees it.
func (r *apiRequest) batchOut(done batchDone) (*web.Reply, error) {
	var taken []string
	for _, it := range done.Items {
		if it.Status == 200 {
			taken = append(taken, it.Ticket)
		}
	}
	seen, err := r.Tickets.Seen(r.Ctx, r.Actor, taken)
	if err != nil {
		return nil, err
	}
	items := make([]itemDoneOut, len(done.Items))
	for i, it := range done.Items {
		t := seen[it.Ticket]
		if it.Status == 200 && t == nil { // it went out of the caller's sight
			if it, err = r.itemRefused(it, domain.ErrNotFound); err != nil {
				return nil, err
			}
		}
		items[i] = itemDoneOut{Ticket: it.Ticket, ID: it.Action, Status: it.Status}
		if it.Problem != nil {
			items[i].Problem = &it.Problem
			continue
		}
		items[i].Now = &ticketBriefOut{t.Number, t.State, r.Tickets.Allowed(r.Actor, t, r.Now), (*wire.Time)(optional(t.DueAt)), wire.Time(t.ChangedAt(r.Actor)), t.VersionFor(r.Actor)}
	}
	return web.OK(struct {
		Items []itemDoneOut `json:"items"`
	}{items}), nil
}

// batchAsBefore answers from what a key remembers.
func batchAsBefore(r *apiRequest, text string) (*web.Reply, error) {
	var done batchDone
	if err := json.Unmarshal([]byte(text), &done); err != nil {
		return nil, err
	}
	return r.batchOut(done)
}
