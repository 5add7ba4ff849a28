package handlers

import (
	"time"

	"wangge/domain"
	"wangge/domain/place"
	"wangge/domain/station"
	"wangge/geo"
	"wangge/handlers/web"
)

type modelIn struct {
	Model   station.Model           `json:"model" need:"true"`
	Counter bool                    `json:"counter" need:"true"`
	From    web.Nullable[time.Time] `json:"from"`
	Until   web.Nullable[time.Time] `json:"until"`
}

type servedIn struct {
	Code  string                  `json:"code" need:"true"`
	From  web.Nullable[time.Time] `json:"from"`
	Until web.Nullable[time.Time] `json:"until"`
}

type stationIn struct {
	ID          string               `json:"id"`
	Name        string               `json:"name" need:"true"`
	Street      string               `json:"street" need:"true"`
	Address     web.Nullable[string] `json:"address"`
	Phone       web.Nullable[string] `json:"phone"`
	Position    *web.PositionIn      `json:"position" need:"true"`
	Models      []modelIn            `json:"models" need:"true"`
	Communities []servedIn           `json:"communities" need:"true"`
	Hours       *hoursBody           `json:"hours" need:"true"`
	Items       []string             `json:"serviceItems"`
}

type stationPatch struct {
	Name        *string                `json:"name"`
	Address     web.Nullable[string]   `json:"address"`
	Phone       web.Nullable[string]   `json:"phone"`
	Position    *web.PositionIn        `json:"position"`
	Models      *[]modelIn             `json:"models"`
	Communities *[]servedIn            `json:"communities"`
	Hours       *hoursPatch            `json:"hours"`
	Items       web.Nullable[[]string] `json:"serviceItems"`
}

// hoursPatch is merged with the hours there are.
type hoursPatch struct {
	Weekly         *[]weeklyBody                 `json:"weekly"`
	Seasons        web.Nullable[[]seasonBody]    `json:"seasons"`
	Exceptions     web.Nullable[[]exceptionBody] `json:"exceptions"`
	OpenOnHolidays *bool                         `json:"openOnHolidays"`
	MakeUpDays     *bool                         `json:"makeUpDays"`
}

func (p *hoursPatch) change() (out station.HoursChange) {
	if p == nil {
		return out
	}
	h := hoursBody{given(p.Weekly), given(p.Seasons.Value), given(p.Exceptions.Value), false, false}.hours()
	if p.Weekly != nil {
		out.Weekly = &h.Weekly
	}
	if p.Seasons.Given {
		out.Seasons = &h.Seasons
	}
	if p.Exceptions.Given {
		out.Exceptions = &h.Exceptions
	}
	out.OpenOnHolidays, out.MakeUpDays = p.OpenOnHolidays, p.MakeUpDays
	return out
}

// merged is a list of a merge: nil where nothing was said.
func merged[A, B any](list *[]A, to func(A) B) *[]B {
	if list == nil {
		return nil
	}
	out := each(*list, to)
	return &out
}

func spanIn(from, until web.Nullable[time.Time]) station.Span {
	return station.Span{From: given(from.Value).UTC(), Until: given(until.Value).UTC()}
}

func (m modelIn) input() station.ModelSpan {
	return station.ModelSpan{Model: m.Model, Counter: m.Counter, Span: spanIn(m.From, m.Until)}
}

func (s servedIn) input() station.ServedIn {
	return station.ServedIn{Code: s.Code, Span: spanIn(s.From, s.Until)}
}

// stood is a position that was sent; what is wrong with it is added to bad.
func stood(in *web.PositionIn, bad *domain.InvalidError) place.Position {
	return place.PositionAt(in.Read("/position", bad), geo.Datum(in.Datum), in.AccuracyM.Value)
}

func listStations(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	model := station.Model(r.Query.Get("model"))
	if model != "" && !station.ModelWords.Has(string(model)) {
		return nil, domain.Invalid("?model", station.ModelWords.Fault())
	}
	page, next, err := r.Stations.List(r.Ctx, r.Now, station.Query{Area: r.Query.Get("area"), Model: model, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, err
	}
	views := each(page, func(st *station.Station) *station.View { return r.Stations.View(r.Actor, r.Now, st) })
	items, err := r.stationsOut(views...)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func createStation(r *apiRequest) (*web.Reply, error) {
	var in stationIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	var bad domain.InvalidError
	d := station.Draft{
		Position: stood(in.Position, &bad), ID: in.ID, Name: in.Name, Street: in.Street, Address: given(in.Address.Value), Phone: given(in.Phone.Value),
		Models: each(in.Models, modelIn.input), Communities: each(in.Communities, servedIn.input), Hours: in.Hours.hours(), Items: in.Items,
	}
	d.Wrong = bad
	st, err := r.Stations.Create(r.Ctx, r.Actor, r.Now, d)
	out, err := r.stationReply(st, err)
	if err == nil {
		out.Status = 201
	}
	return out, err
}

func getStation(r *apiRequest) (*web.Reply, error) { return stationByID(r, r.Param("id")) }

func stationByID(r *apiRequest, id string) (*web.Reply, error) {
	v, err := r.Stations.Get(r.Ctx, r.Actor, r.Now, id)
	if err != nil {
		return nil, err
	}
	return r.stationReply(v.Station, nil)
}

// stationReply answers what read, made or changed a station.
func (r *apiRequest) stationReply(st *station.Station, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.stationsOut(r.Stations.View(r.Actor, r.Now, st))
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], st.Version)
	reply.Made = web.Resource{Kind: "station", ID: st.ID}
	return reply, nil
}

func patchStation(r *apiRequest) (*web.Reply, error) {
	var in stationPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	change := station.Change{Name: in.Name, Address: in.Address.Pointer(), Phone: in.Phone.Pointer(), Models: merged(in.Models, modelIn.input),
		Communities: merged(in.Communities, servedIn.input), Hours: in.Hours.change(), Items: in.Items.Pointer()}
	if in.Position != nil {
		at := stood(in.Position, &change.Wrong)
		change.Position = &at
	}
	return r.stationReply(r.Stations.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version, change))
}

type shiftIn struct {
	Name   string                  `json:"name" need:"true"`
	Weekly []weeklyBody            `json:"weekly" need:"true"`
	From   web.Nullable[time.Time] `json:"from"`
	Until  web.Nullable[time.Time] `json:"until"`
}

func putShifts(r *apiRequest) (*web.Reply, error) {
	var in struct {
		Shifts []shiftIn `json:"shifts" need:"true"`
	}
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	shifts := each(in.Shifts, func(s shiftIn) station.Shift {
		return station.Shift{Name: s.Name, Weekly: each(s.Weekly, weeklyBody.weekly), Span: spanIn(s.From, s.Until)}
	})
	return r.stationReply(r.Stations.SetShifts(r.Ctx, r.Actor, r.Now, r.Param("id"), version, shifts))
}

type stationPostIn struct {
	Account string                  `json:"account" need:"true"`
	Part    station.Part            `json:"part" need:"true"`
	Shifts  []string                `json:"shifts" need:"true"`
	StandIn web.Nullable[string]    `json:"standIn"`
	From    web.Nullable[time.Time] `json:"from"`
	Until   web.Nullable[time.Time] `json:"until"`
}

func putStationStaff(r *apiRequest) (*web.Reply, error) {
	var in struct {
		Staff []stationPostIn `json:"staff" need:"true"`
	}
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	staff := each(in.Staff, func(p stationPostIn) station.Post {
		return station.Post{Account: p.Account, Part: p.Part, Shifts: p.Shifts, StandIn: given(p.StandIn.Value), Span: spanIn(p.From, p.Until)}
	})
	return r.stationReply(r.Stations.SetStaff(r.Ctx, r.Actor, r.Now, r.Param("id"), version, staff))
}

type absenceIn struct {
	ID      string                  `json:"id"`
	Account string                  `json:"account" need:"true"`
	Reason  station.AbsenceReason   `json:"reason" need:"true"`
	From    time.Time               `json:"from" need:"true"`
	Until   web.Nullable[time.Time] `json:"until"`
	StandIn web.Nullable[string]    `json:"standIn"`
}

func addAbsence(r *apiRequest) (*web.Reply, error) {
	var in absenceIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	span := station.Span{From: in.From.UTC(), Until: given(in.Until.Value).UTC()}
	return r.stationReply(r.Stations.AddAbsence(r.Ctx, r.Actor, r.Now, r.Param("id"),
		station.AbsenceIn{ID: in.ID, Account: in.Account, Reason: in.Reason, StandIn: given(in.StandIn.Value), Span: span}))
}

func endAbsence(r *apiRequest) (*web.Reply, error) {
	return r.stationReply(r.Stations.EndAbsence(r.Ctx, r.Actor, r.Now, r.Param("id"), r.Param("absence")))
}

func stationCover(r *apiRequest) (*web.Reply, error) {
	from, err := r.Instant("from")
	if err != nil {
		return nil, err
	}
	to, err := r.Instant("to")
	if err != nil {
		return nil, err
	}
	if from.IsZero() {
		from = r.Now
	}
	if to.IsZero() {
		to = from.AddDate(0, 0, 14)
	}
	cover, err := r.Stations.Cover(r.Ctx, r.Actor, r.Now, r.Param("id"), station.Span{From: from, Until: to})
	if err != nil {
		return nil, err
	}
	out, err := r.coverOut(cover)
	return web.OK(out), err
}

func whereItem(r *apiRequest) (*web.Reply, error) {
	q := station.Asked{Item: r.Param("code"), Community: r.Query.Get("area")}
	var err error
	if q.At, err = r.Instant("at"); err != nil {
		return nil, err
	}
	if q.At.IsZero() {
		q.At = r.Now
	}
	q.Place = place.Asked{Household: r.Query.Get("household"), Address: r.Query.Get("address")}
	if q.Community == "" && q.Place == (place.Asked{}) {
		at, d, err := r.positionAsked()
		if err != nil {
			return nil, err
		}
		q.Place.Position, q.Place.Datum = &at, d
	}
	w, err := r.Stations.Where(r.Ctx, r.Actor, r.Now, q)
	if err != nil {
		return nil, onWire(onWire(err, "/position", "?lon"), "/", "?")
	}
	return r.whereReply(w)
}
