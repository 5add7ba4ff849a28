package handlers

import (
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// betweenOut is a time whose ends may be open.
type betweenOut struct {
	From  *wire.Time `json:"from"`
	Until *wire.Time `json:"until"`
}

func betweenTo(s station.Span) betweenOut {
	return betweenOut{(*wire.Time)(optional(s.From)), (*wire.Time)(optional(s.Until))}
}

// stationOut is a station; Staffing is null to who may read its public part only.
type stationOut struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Street      *namedOut        `json:"street"`
	Address     *string          `json:"address"`
	Phone       *string          `json:"phone"`
	Position    *web.PositionOut `json:"position"`
	Models      []modelOut       `json:"models"`
	Communities []servedOut      `json:"communities"`
	Hours       hoursBody        `json:"hours"`
	Items       []string         `json:"serviceItems"`
	Staffing    *staffingOut     `json:"staffing"`
	Version     int64            `json:"version"`
}

type modelOut struct {
	Model   station.Model `json:"model"`
	Counter bool          `json:"counter"`
	betweenOut
}

type servedOut struct {
	Code string `json:"code"`
	Name string `json:"name"`
	betweenOut
}

type staffingOut struct {
	Shifts   []shiftOut       `json:"shifts"`
	Staff    []stationPostOut `json:"staff"`
	Absences []absenceOut     `json:"absences"`
}

type shiftOut struct {
	Name   string       `json:"name"`
	Weekly []weeklyBody `json:"weekly"`
	betweenOut
}

type stationPostOut struct {
	Person  *personOut   `json:"person"`
	Part    station.Part `json:"part"`
	Shifts  []string     `json:"shifts"`
	StandIn *personOut   `json:"standIn"`
	betweenOut
}

// absenceOut is without its reason to who neither keeps the station nor is absent.
type absenceOut struct {
	ID      string                 `json:"id"`
	Person  *personOut             `json:"person"`
	Reason  *station.AbsenceReason `json:"reason"`
	StandIn *personOut             `json:"standIn"`
	betweenOut
}

// stationsOut are stations as their reader sees them.
func (r *apiRequest) stationsOut(views ...*station.View) ([]stationOut, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	who := map[string]bool{}
	for _, v := range views {
		if v.Whole {
			for _, p := range v.Staff {
				who[p.Account], who[p.StandIn] = true, true
			}
			for _, a := range v.Absences {
				who[a.Account], who[a.StandIn] = true, true
			}
		}
	}
	people, err := r.peopleOf(who)
	if err != nil {
		return nil, err
	}
	return each(views, func(v *station.View) stationOut {
		out := stationOut{
			ID: v.ID, Name: v.Name, Street: r.placeOut(v.Place).Street, Address: optional(v.Address), Phone: optional(v.Phone),
			Position: web.PositionTo(v.Position.At(), d, v.Position.AccuracyM), Hours: hoursTo(v.Hours), Items: append([]string{}, v.Items...), Version: v.Version,
			Models: each(v.Models, func(m station.ModelSpan) modelOut { return modelOut{m.Model, m.Counter, betweenTo(m.Span)} }),
			Communities: each(v.Communities, func(c station.Served) servedOut {
				a, ok := r.Areas.Tree().ByID(c.Community)
				if !ok {
					return servedOut{}
				}
				return servedOut{a.Code, a.Name, betweenTo(c.Span)}
			}),
		}
		if v.Whole {
			out.Staffing = r.staffingOut(v, people)
		}
		return out
	}), nil
}

func (r *apiRequest) staffingOut(v *station.View, people names) *staffingOut {
	out := &staffingOut{
		Shifts: each(v.Shifts, func(s station.Shift) shiftOut { return shiftOut{s.Name, each(s.Weekly, weeklyTo), betweenTo(s.Span)} }),
		Staff: each(v.Staff, func(p station.Post) stationPostOut {
			return stationPostOut{people.person(p.Account), p.Part, append([]string{}, p.Shifts...), people.person(p.StandIn), betweenTo(p.Span)}
		}),
		Absences: []absenceOut{},
	}
	for _, a := range v.Absences {
		if a.Ended {
			continue
		}
		absent := absenceOut{a.ID, people.person(a.Account), nil, people.person(a.StandIn), betweenTo(a.Span)}
		if v.Keeps || a.Account == r.Actor.Account {
			absent.Reason = &a.Reason
		}
		out.Absences = append(out.Absences, absent)
	}
	return out
}

// coveredOut is one shift, for a time without a break.
type coveredOut struct {
	Shift   *string      `json:"shift"`
	From    wire.Time    `json:"from"`
	Until   wire.Time    `json:"until"`
	There   []thereOut   `json:"there"`
	Missing []missingOut `json:"missing"`
}

type thereOut struct {
	Person *personOut `json:"person"`
	For    *personOut `json:"for"`
	Shift  string     `json:"shift"`
	From   wire.Time  `json:"from"`
	Until  wire.Time  `json:"until"`
}

type missingOut struct {
	Qualification *string   `json:"qualification"`
	Items         []string  `json:"items"`
	From          wire.Time `json:"from"`
	Until         wire.Time `json:"until"`
}

func (r *apiRequest) coverOut(cover []station.Covered) (any, error) {
	who := map[string]bool{}
	for _, c := range cover {
		for _, p := range c.There {
			who[p.Account], who[p.For] = true, true
		}
	}
	people, err := r.peopleOf(who)
	if err != nil {
		return nil, err
	}
	items := each(cover, func(c station.Covered) coveredOut {
		return coveredOut{
			optional(c.Shift), wire.Time(c.From), wire.Time(c.Until),
			each(c.There, func(p station.Presence) thereOut {
				return thereOut{people.person(p.Account), people.person(p.For), p.Shift, wire.Time(p.From), wire.Time(p.Until)}
			}),
			each(c.Missing, func(m station.Missing) missingOut {
				return missingOut{optional(m.Qualification), m.Items, wire.Time(m.From), wire.Time(m.Until)}
			}),
		}
	})
	return struct {
		Shifts []coveredOut `json:"shifts"`
	}{items}, nil
}

// whereOut is where and when a resident is not sent for nothing.
type whereOut struct {
	Item      whereItemOut `json:"item"`
	Community namedOut     `json:"community"`
	At        wire.Time    `json:"at"`
	Stations  []counterOut `json:"stations"`
}

type whereItemOut struct {
	Code        string       `json:"code"`
	Name        string       `json:"name"`
	Category    string       `json:"category"`
	Department  string       `json:"department"`
	WorkingDays int          `json:"workingDays"`
	HomeCall    bool         `json:"homeCall"`
	Materials   []toBringOut `json:"materials"`
}

type toBringOut struct {
	Name   string       `json:"name"`
	Form   service.Form `json:"form"`
	Needed bool         `json:"needed"`
}

type counterOut struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Address  *string          `json:"address"`
	Phone    *string          `json:"phone"`
	Position *web.PositionOut `json:"position"`
	Open     bool             `json:"open"`
	Opening  *betweenOut      `json:"opening"`
	Served   bool             `json:"served"`
	Serving  *betweenOut      `json:"serving"`
}

func (r *apiRequest) whereReply(w *station.Where) (*web.Reply, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	span := func(s *station.Span) *betweenOut {
		if s == nil {
			return nil
		}
		out := betweenTo(*s)
		return &out
	}
	it := w.Item
	return web.OK(whereOut{
		Item: whereItemOut{it.Code, it.Name, it.Category, it.Department, it.WorkingDays, it.HomeCall,
			each(it.Materials, func(m service.Material) toBringOut { return toBringOut{m.Name, m.Form, m.Needed} })},
		Community: namedOut{w.Community.Code, w.Community.Name}, At: wire.Time(w.At),
		Stations: each(w.Counters, func(c station.Counter) counterOut {
			return counterOut{c.ID, c.Name, optional(c.Address), optional(c.Phone), web.PositionTo(c.Position.At(), d, nil), c.Open != nil, span(c.Opens), c.Now, span(c.Next)}
		}),
	}), nil
}
