package handlers

import (
	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// requestIn is the body of POST /v1/me/requests.
type requestIn struct {
	ID        string                       `json:"id"`
	Item      string                       `json:"item"`
	Case      string                       `json:"case"`
	Date      string                       `json:"date" need:"true"`
	Slot      string                       `json:"slot" need:"true"`
	Household string                       `json:"household" need:"address"`
	Address   web.Nullable[addressIn]      `json:"address"`
	Position  web.Nullable[web.PositionIn] `json:"position"`
	Area      string                       `json:"area"`
	Name      string                       `json:"name"`
	Phone     string                       `json:"phone"`
	Note      string                       `json:"note" lines:"true"`
}

// requestForIn is that of POST /v1/households/{id}/requests.
type requestForIn struct {
	ID    string `json:"id"`
	Item  string `json:"item"`
	Case  string `json:"case"`
	Date  string `json:"date" need:"true"`
	Slot  string `json:"slot" need:"true"`
	Name  string `json:"name"`
	Phone string `json:"phone" need:"true"`
	Note  string `json:"note" lines:"true"`
}

// requestActionIn is that of POST /v1/me/requests/{id}/transitions.
type requestActionIn struct {
	ID     string     `json:"id"`
	Action callAction `json:"action" need:"true"`
	Date   string     `json:"date"`
	Slot   string     `json:"slot"`
}

type callAction string

func (callAction) Enum() domain.Enum { return homecall.ActionWords }

// slotOut is a slot that may be booked.
type slotOut struct {
	slotRef
	Free int `json:"free"`
}

type slotRef struct {
	Date civil.Date `json:"date"`
	Slot string     `json:"slot"`
	From wire.Time  `json:"from"`
	To   wire.Time  `json:"to"`
}

func slotTo(s homecall.Slot) slotRef {
	return slotRef{s.Date, s.Code, wire.Time(s.From), wire.Time(s.To)}
}

// requestOut is a home call as whose it is sees it.
type requestOut struct {
	ID         string          `json:"id"`
	Item       itemNameOut     `json:"item"`
	Case       requestCaseOut  `json:"case"`
	State      homecall.State  `json:"state"`
	Cause      *homecall.Cause `json:"cause"`
	Result     *visit.Result   `json:"result"`
	Slot       slotRef         `json:"slot"`
	Household  *string         `json:"household"`
	Address    string          `json:"address"`
	Phone      string          `json:"phone"` // masked
	Note       string          `json:"note"`
	Materials  []materialOut   `json:"materials"`
	Allowed    []string        `json:"allowed"`
	Changeable *wire.Time      `json:"changeableUntil"`
	Steps      []requestStep   `json:"steps"`
	CreatedAt  wire.Time       `json:"createdAt"`
	UpdatedAt  wire.Time       `json:"updatedAt"`
	Version    int64           `json:"version"`
}

type itemNameOut struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type requestCaseOut struct {
	ID     string       `json:"id"`
	Number string       `json:"number"`
	State  intake.State `json:"state"`
}

type requestStep struct {
	What string    `json:"what"`
	At   wire.Time `json:"at"`
	Slot slotRef   `json:"slot"`
}

// slotsOut are the free slots of the days that may be booked.
type slotsOut struct {
	Items []slotOut `json:"items"`
}

func mySlots(r *apiRequest) (*web.Reply, error) { return r.slots("") }

func slotsFor(r *apiRequest) (*web.Reply, error) { return r.slots(r.Param("id")) }

func (r *apiRequest) slots(household string) (*web.Reply, error) {
	q := homecall.Asked{Item: r.Query.Get("item"), For: household}
	q.Household, q.Text, q.Area = r.Query.Get("household"), r.Query.Get("address"), r.Query.Get("area")
	var err error
	if q.From, err = r.day("from"); err != nil {
		return nil, err
	}
	if q.To, err = r.day("to"); err != nil {
		return nil, err
	}
	if household == "" {
		d, err := r.Datum()
		if err != nil {
			return nil, err
		}
		if q.Position, err = r.lonLat(d); err != nil {
			return nil, err
		}
		q.Datum = d
	}
	found, err := r.HomeCalls.Slots(r.Ctx, r.Actor, r.Now, q)
	if err != nil {
		return nil, onWire(err, "?position", "?lon")
	}
	out := slotsOut{Items: make([]slotOut, len(found))}
	for i, o := range found {
		out.Items[i] = slotOut{slotTo(o.Slot), o.Free}
	}
	return web.OK(out), nil
}

func bookHomeCall(r *apiRequest) (*web.Reply, error) {
	var in requestIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	b := homecall.Booking{Item: in.Item, Case: in.Case, Date: civil.Date(in.Date), Slot: in.Slot, Name: in.Name, Phone: in.Phone, Note: in.Note}
	b.Household, b.Area = in.Household, in.Area
	if a := in.Address.Value; a != nil && in.Household == "" {
		b.Address = a.address()
		if p := in.Position.Value; p != nil {
			at := p.Read("/position", &b.Wrong)
			b.Position, b.Datum = &at, geo.Datum(p.Datum)
		}
	}
	return r.book(in.ID, b, "home-call")
}

func bookHomeCallFor(r *apiRequest) (*web.Reply, error) {
	var in requestForIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	return r.book(in.ID, homecall.Booking{For: r.Param("id"), Item: in.Item, Case: in.Case, Date: civil.Date(in.Date), Slot: in.Slot, Name: in.Name, Phone: in.Phone, Note: in.Note}, "home-call-for")
}

func (r *apiRequest) book(id string, b homecall.Booking, kind string) (*web.Reply, error) {
	var err error
	if b.ID, err = chosen(id); err != nil {
		return nil, err
	}
	out, err := r.requestMade(r.HomeCalls.Book(r.Ctx, r.Actor, r.Now, b))
	if err == nil {
		out.Status, out.Made.Kind = 201, kind
	}
	return out, err
}

func myHomeCalls(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.HomeCalls.List(r.Ctx, r.Actor, limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.requestsOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func getHomeCall(r *apiRequest) (*web.Reply, error) { return homeCallByID(r, r.Param("id")) }

func homeCallByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.requestMade(r.HomeCalls.Get(r.Ctx, r.Actor, id))
}

// homeCallFor is what somebody at work booked for others, told to them when they send it again.
func homeCallFor(r *apiRequest, id string) (*web.Reply, error) {
	return r.requestMade(r.HomeCalls.GetFor(r.Ctx, r.Actor, id))
}

func changeHomeCall(r *apiRequest) (*web.Reply, error) {
	var in requestActionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.requestMade(r.HomeCalls.TakeAction(r.Ctx, r.Actor, r.Now, r.Param("id"), version, homecall.ActionInput{ID: in.ID, Action: string(in.Action), Date: civil.Date(in.Date), Slot: in.Slot}))
}

func (r *apiRequest) requestMade(q *homecall.Request, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.requestsOut([]*homecall.Request{q})
	if err != nil {
		return nil, err
	}
	answer := web.Versioned(out[0], q.Version)
	answer.Made = web.Resource{Kind: "home-call", ID: q.ID}
	return answer, nil
}

func (r *apiRequest) requestsOut(found []*homecall.Request) ([]requestOut, error) {
	var ids []string
	for _, q := range found {
		ids = append(ids, q.Case)
	}
	cases, err := r.HomeCalls.CasesOf(r.Ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]requestOut, len(found))
	for i, q := range found {
		materials, err := r.materialsOf(q)
		if err != nil {
			return nil, err
		}
		o := requestOut{
			ID: q.ID, Item: itemNameOut{q.Item.Code, q.Item.Name}, State: q.State, Cause: optional(q.Cause), Result: optional(q.Result), Slot: slotTo(q.Slot),
			Household: optional(q.Named), Address: q.Address, Phone: q.Masked, Note: q.Note, Materials: materials, Allowed: []string{},
			CreatedAt: wire.Time(q.CreatedAt), UpdatedAt: wire.Time(q.UpdatedAt), Version: q.Version,
		}
		if c := cases[q.Case]; c != nil {
			o.Case = requestCaseOut{c.ID, c.Key().Number, c.State}
		}
		if until := r.HomeCalls.Changeable(q, r.Now); !until.IsZero() {
			o.Changeable = (*wire.Time)(&until)
			if r.Now.Before(until) && access.OwnsHomeCall(r.Actor, q.Facts()) {
				o.Allowed = []string{"move", "cancel"}
			}
		}
		for _, s := range q.Steps {
			o.Steps = append(o.Steps, requestStep{s.What, wire.Time(s.At), slotTo(s.Slot)})
		}
		out[i] = o
	}
	return out, nil
}

// materialsOf are what the item of a request wanted when it was booked.
func (r *apiRequest) materialsOf(q *homecall.Request) ([]materialOut, error) {
	list, err := r.HomeCalls.Materials(r.Ctx, q)
	out := make([]materialOut, len(list))
	for i, m := range list {
		out[i] = materialOut{m.Code, m.Name, m.Form, m.Needed}
	}
	return out, err
}
