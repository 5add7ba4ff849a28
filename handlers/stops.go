package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/ids"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/handlers/web"
)

// doorIn is a check-in.
type doorIn struct {
	ID       string                       `json:"id"`
	Channel  visit.Channel                `json:"channel" need:"true"`
	Position web.Nullable[web.PositionIn] `json:"position"`
	Mock     bool                         `json:"mock"`
	Clock    web.Nullable[web.ClockIn]    `json:"clock"`
}

type stopIn struct {
	ID        string                       `json:"id"`
	Household string                       `json:"household" need:"true"`
	Channel   visit.Channel                `json:"channel" need:"true"`
	Position  web.Nullable[web.PositionIn] `json:"position"`
	Mock      bool                         `json:"mock"`
	Clock     web.Nullable[web.ClockIn]    `json:"clock"`
	AdHoc     bool                         `json:"adHoc"`
	Form      string                       `json:"form"`
}

func checkIn(r *apiRequest) (*web.Reply, error) {
	var in stopIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	return r.arrive(in.Household, doorIn{in.ID, in.Channel, in.Position, in.Mock, in.Clock}, in.AdHoc, in.Form)
}

func (r *apiRequest) arrive(home string, in doorIn, adHoc bool, formID string) (*web.Reply, error) {
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	a := visit.Arrival{ID: id, Household: home, Channel: in.Channel, Mock: in.Mock, Clock: in.Clock.Value.Clock(), OnTheSpot: adHoc, Form: formID}
	if p := in.Position.Value; p != nil {
		bad := &domain.InvalidError{}
		var at orb.Point
		if at = p.Read("/position", bad); bad.Err() != nil {
			return nil, bad
		}
		a.Position, a.Datum, a.AccuracyM = &at, geo.Datum(p.Datum), p.AccuracyM.Value
	}
	out, err := r.stopMade(r.Stops.CheckIn(r.Ctx, r.Actor, r.Now, a))
	if err == nil {
		out.Status = 201
	}
	return out, err
}

func stopByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.stopMade(r.Stops.Get(r.Ctx, r.Actor, id))
}

func listStops(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	var found []*visit.Stop
	var next string
	switch queue := r.Query.Get("queue"); {
	case r.Query.Get("household") != "":
		found, next, err = r.Stops.At(r.Ctx, r.Actor, r.Query.Get("household"), limit, cursor)
	case queue == visit.InReview || queue == visit.InAlert:
		found, next, err = r.Reviews.Queue(r.Ctx, r.Actor, queue, r.Query.Get("area"), r.Query.Get("cell"), limit, cursor)
	default:
		err = web.BadQuery("queue", "请给出 queue（review 或 alert）或 household", "a queue, review or alert, or a household is required")
	}
	if err != nil {
		return nil, err
	}
	items, err := r.stopsOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

// sheetOut is what somebody at the door needs.
type sheetOut struct {
	Questions []questionOut   `json:"questions"`
	Offered   json.RawMessage `json:"offered"`
	Promises  []promiseOut    `json:"promises"`
	HomeCalls []callAtDoorOut `json:"homeCalls"` // that are made at this stop, with what to bring and collect
}

type questionOut struct {
	Key     string          `json:"key"`
	Forms   []string        `json:"forms"`
	Schema  json.RawMessage `json:"schema"`
	Options []word          `json:"options"`
}

func getSheet(r *apiRequest) (*web.Reply, error) {
	s, err := r.Stops.Sheet(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	out := sheetOut{Questions: []questionOut{}, HomeCalls: []callAtDoorOut{}, Offered: json.RawMessage(s.Offered.Text())}
	for _, q := range s.Questions {
		out.Questions = append(out.Questions, questionOut{q.Key, q.Forms, json.RawMessage(q.Schema), optionsOut(q.Options)})
	}
	if out.Promises, err = r.promisesOut(s.Promises); err != nil {
		return nil, err
	}
	calls, err := r.callsAtDoors(s.Asked)
	if err != nil {
		return nil, err
	}
	for _, v := range s.Asked {
		if calls[v.ID] != nil {
			out.HomeCalls = append(out.HomeCalls, *calls[v.ID])
		}
	}
	return web.OK(out), nil
}

// completionIn is what is sent when a stop is over.
type completionIn struct {
	Result   visit.Result                  `json:"result" need:"true"`
	Answers  web.Nullable[json.RawMessage] `json:"answers"`
	Note     string                        `json:"note" lines:"true"`
	Photos   []string                      `json:"photos"`
	Promises []struct {
		ID    string `json:"id"`
		Text  string `json:"text" need:"true" lines:"true"`
		DueOn string `json:"dueOn" need:"true"`
	} `json:"promises"`
	Needs []struct {
		ID       string   `json:"id"`
		Kind     needKind `json:"kind"`
		Category string   `json:"category"`
		Item     string   `json:"item"`
		Title    string   `json:"title" need:"true"`
		Note     string   `json:"note" lines:"true"`
	} `json:"needs"`
	Aids []struct {
		ID    string `json:"id"`
		Title string `json:"title" need:"true"`
		Note  string `json:"note" lines:"true"`
	} `json:"aids"`
	Materials []struct {
		ID     string   `json:"id"`
		Visit  string   `json:"visit"`
		Name   string   `json:"name" need:"true"`
		Photos []string `json:"photos" need:"true"`
	} `json:"materials"`
	Clock web.Nullable[web.ClockIn] `json:"clock"`
}

func completeStop(r *apiRequest, id string) (*web.Reply, error) {
	r.About(id)
	var in completionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	done, err := in.completion(id)
	if err != nil {
		return nil, err
	}
	return r.stopMade(r.Doors.Complete(r.Ctx, r.Actor, r.Now, id, version, done))
}

// listed makes the ids of what a completion lists without any.
const listed = ids.Space("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

// completion gives what has no id one that follows from the stop, so that the
// same body sent again is the same.
func (in *completionIn) completion(stop string) (out visit.Completion, err error) {
	out = visit.Completion{Result: in.Result, Note: in.Note, Photos: in.Photos, Clock: in.Clock.Value.Clock()}
	if in.Answers.Value != nil {
		if out.Answers, err = form.ReadAnswers(string(*in.Answers.Value)); err != nil {
			return out, err
		}
	}
	bad := &domain.InvalidError{}
	chosen := func(id, list string, i int) string {
		if id == "" {
			return listed.Of("stops", stop, list, strconv.Itoa(i))
		}
		return ids.Given(id, fmt.Sprintf("/%s/%d/id", list, i), bad)
	}
	for i, p := range in.Promises {
		out.Promises = append(out.Promises, visit.NewPromise{ID: chosen(p.ID, "promises", i), Text: p.Text, DueOn: civil.Date(p.DueOn)})
	}
	for i, n := range in.Needs {
		if n.Kind == "ticket" {
			n.Kind = "" // which is what a need becomes where nothing is said
		}
		out.Needs = append(out.Needs, visit.Need{ID: chosen(n.ID, "needs", i), Kind: string(n.Kind), Category: n.Category, Item: n.Item, Title: n.Title, Note: n.Note})
	}
	for i, a := range in.Aids {
		out.Aids = append(out.Aids, visit.NewAid{ID: chosen(a.ID, "aids", i), Title: a.Title, Note: a.Note})
	}
	for i, m := range in.Materials {
		out.Materials = append(out.Materials, visit.NewMaterial{ID: chosen(m.ID, "materials", i), Visit: m.Visit, Name: m.Name, Photos: m.Photos})
	}
	return out, bad.Err()
}

type stopReviewIn struct {
	Accept bool   `json:"accept" need:"true"`
	Note   string `json:"note" need:"true" lines:"true"`
}

func reviewStop(r *apiRequest, id string) (*web.Reply, error) {
	r.About(id)
	var in stopReviewIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.stopMade(r.Reviews.Review(r.Ctx, r.Actor, r.Now, id, version, in.Accept, in.Note))
}

func abandonStop(r *apiRequest, id string) (*web.Reply, error) {
	var in reasonIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.stopMade(r.Stops.Abandon(r.Ctx, r.Actor, r.Now, id, version, in.Reason))
}

type noteIn struct {
	Note string `json:"note" need:"true" lines:"true"`
}

func clearAlert(r *apiRequest, id string) (*web.Reply, error) {
	var in noteIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(false)
	if err != nil {
		return nil, err
	}
	return r.stopMade(r.Reviews.ClearAlert(r.Ctx, r.Actor, r.Now, id, version, in.Note))
}

type activityIn struct {
	ID     string    `json:"id"`
	Area   string    `json:"area" need:"true"`
	Title  string    `json:"title" need:"true"`
	Note   string    `json:"note" lines:"true"`
	People int       `json:"people"`
	HeldAt time.Time `json:"heldAt" need:"true"`
}

func holdActivity(r *apiRequest) (*web.Reply, error) {
	var in activityIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	out, err := r.workMade(r.Works.Hold(r.Ctx, r.Actor, r.Now, visit.NewActivity{ID: id, Area: in.Area, Title: in.Title, Note: in.Note, People: in.People, HeldAt: in.HeldAt}))
	if err == nil {
		out.Status = 201
	}
	return out, err
}

func workByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.workMade(r.Works.Get(r.Ctx, r.Actor, id))
}

func (r *apiRequest) workMade(w *visit.Work, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.worksOut([]*visit.Work{w})
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 200, Body: out[0], Made: web.Resource{Kind: "work", ID: w.ID}}, nil
}
