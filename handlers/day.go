package handlers

import (
	"strconv"

	"github.com/paulmach/orb"

	"wangge/domain/civil"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// roundOut is the day of somebody who visits, in walking order.
type roundOut struct {
	Date     civil.Date       `json:"date"`
	Start    *web.PositionOut `json:"start"`
	Metres   int              `json:"metres"`
	Stops    []callOut        `json:"stops"`
	Promises []promiseOut     `json:"promises"` // at households with no visit that day
}

// callOut is a household to knock at; its visits and promises do not say again where that is.
type callOut struct {
	Household *householdBrief `json:"household"`
	Place     placeOut        `json:"place"`
	Tags      []tagOut        `json:"tags"`
	Visits    []visitOwn      `json:"visits"`
	Promises  []promiseOwn    `json:"promises"`
	Last      *lastOut        `json:"last"`
	Metres    int             `json:"metres"` // from the stop before
	Walked    int             `json:"walked"` // from the start
}

// lastOut is how it went last time.
type lastOut struct {
	Stop    string        `json:"stop"`
	At      wire.Time     `json:"at"`
	Channel visit.Channel `json:"channel"`
	Result  visit.Result  `json:"result"`
}

func myRoute(r *apiRequest) (*web.Reply, error) {
	on, err := r.day("date")
	if err != nil {
		return nil, err
	}
	if today := civil.DateOf(r.Now); on == "" {
		on = today
	} else if on < today || on > today.Add(plan.Horizon) {
		return nil, web.BadQuery("date", "应为今天起 35 天之内", "must be a day from today to 35 days from now")
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	start, err := r.lonLat(d)
	if err != nil {
		return nil, err
	}
	round, err := r.Days.Round(r.Ctx, r.Actor, r.Now, on, start)
	if err != nil {
		return nil, err
	}
	out, err := r.roundOut(round, d)
	if err != nil {
		return nil, err
	}
	return web.OK(out), nil
}

// lonLat reads a position from lon and lat in a datum; nil when neither is given.
func (r *apiRequest) lonLat(d geo.Datum) (*orb.Point, error) {
	lonText, hasLon := r.Query.Find("lon")
	latText, hasLat := r.Query.Find("lat")
	if !hasLon && !hasLat {
		return nil, nil
	}
	var at orb.Point
	for i, p := range []struct{ name, text string }{{"lon", lonText}, {"lat", latText}} {
		v, err := strconv.ParseFloat(p.text, 64)
		if err != nil {
			return nil, web.BadQuery(p.name, "应为经纬度", "must be degrees, lon and lat both")
		}
		at[i] = v
	}
	if !geo.ValidPoint(at) {
		return nil, web.BadQuery("lon", "坐标超出范围", "the coordinates are out of range")
	}
	at = geo.ToWGS84(at, d)
	return &at, nil
}

func (r *apiRequest) roundOut(round *visit.Round, d geo.Datum) (out roundOut, err error) {
	out = roundOut{Date: round.On, Metres: int(round.Metres + 0.5), Stops: []callOut{}}
	if round.Start != nil {
		out.Start = web.PositionTo(*round.Start, d, nil)
	}
	if out.Promises, err = r.promisesOut(round.Promises); err != nil {
		return out, err
	}
	var visits []*visit.Visit
	var promises []*visit.Promise
	for _, c := range round.Calls {
		visits, promises = append(visits, c.Visits...), append(promises, c.Promises...)
	}
	visitsOut, err := r.visitsOut(visits)
	if err != nil {
		return out, err
	}
	promisesOut, err := r.promisesOut(promises)
	if err != nil {
		return out, err
	}
	walked := 0.0
	for _, c := range round.Calls {
		walked += c.Metres
		stop := callOut{Household: briefOf(c.Household, d), Place: r.placeOut(c.Household.Place), Tags: tagsTo(c.Household.Tags(r.Now)), Visits: []visitOwn{}, Promises: []promiseOwn{},
			Metres: int(c.Metres + 0.5), Walked: int(walked + 0.5)}
		for _, v := range visitsOut[:len(c.Visits)] {
			stop.Visits = append(stop.Visits, v.visitOwn)
		}
		for _, p := range promisesOut[:len(c.Promises)] {
			stop.Promises = append(stop.Promises, p.promiseOwn)
		}
		visitsOut, promisesOut = visitsOut[len(c.Visits):], promisesOut[len(c.Promises):]
		if c.Last != nil {
			stop.Last = &lastOut{c.Last.ID, wire.Time(c.Last.At), c.Last.Channel, c.Last.Result}
		}
		out.Stops = append(out.Stops, stop)
	}
	return out, nil
}
