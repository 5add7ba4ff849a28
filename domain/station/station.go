// Package station knows the counters 便民服务站: which communities each serves,
// when it is open, who is there on which shift, and who stands in for whom.
// From that, from the qualifications of its people and from what the service
// items need it tells what nobody present may take (Cover), and where and when
// a resident is not sent for nothing (Where). It knows no cases.
package station

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/place"
	"wangge/store"
)

// Model 服务站模式 is how a station and its communities go together.
type Model string

const (
	OneForMany Model = "one_station_many_communities" // 一站多居
	Centre     Model = "centre_and_communities"       // 中心+社区
	OneForOne  Model = "one_station_one_community"    // 一站一居
)

// ModelWords are the models there are.
var ModelWords = domain.NewEnum("StationModel",
	domain.W(OneForMany, "一站多居", "one station, many communities"), domain.W(Centre, "中心+社区", "centre and communities"), domain.W(OneForOne, "一站一居", "one station, one community"))

// Enum makes a model a word of the contract.
func (Model) Enum() domain.Enum { return ModelWords }

// Part is what somebody is at a station.
type Part string

const (
	Director Part = "director" // 站长
	Worker   Part = "worker"   // 全科社工
)

// PartWords are the parts there are.
var PartWords = domain.NewEnum("StationPart", domain.W(Director, "站长", "director"), domain.W(Worker, "全科社工", "counter worker"))

// Enum makes a part a word of the contract.
func (Part) Enum() domain.Enum { return PartWords }

// Enums of this package.
var Enums = []domain.Enum{ModelWords, PartWords, AbsenceReasonWords}

// Station 服务站 is a counter. It lies in the partition of its street, and may
// serve communities of others.
type Station struct {
	store.Meta  `store:",inline" once:"-"`
	Name        string         `store:"name"`
	Models      []ModelSpan    `store:"models"` // one after the other
	Place       access.Place   `store:"place"`  // of its street
	Position    place.Position `store:"position"`
	Address     string         `store:"address,omitempty"`
	Phone       string         `store:"phone,omitempty"` // a public number, in clear
	Communities []Served       `store:"communities"`
	Hours       calendar.Hours `store:"hours"`
	Items       []string       `store:"items,omitempty"` // codes of the service items it takes; none: all there are
	Shifts      []Shift        `store:"shifts,omitempty"`
	Staff       []Post         `store:"staff,omitempty"`
	Absences    []Absence      `store:"absences,omitempty"`
	Sent        string         `store:"sent"` // blind index of the station as it was sent first

	// What stations are found by, of the lists above, past entries too.
	Serves []string `store:"serves"`           // communities
	People []string `store:"people,omitempty"` // accounts
}

// stations is every station.
var stations = store.Declare[Station](store.Declaration{
	Name: "stations", Schema: 1,
	Indexes:    []string{"name: name", "street: place.street, name", "serves: serves, name", "people: people, name"},
	Predicates: []string{"models.model"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{stations, holes, bookmarks} }

// ModelSpan is the model of a station for a time.
type ModelSpan struct {
	Model   Model `store:"model"`
	Counter bool  `store:"counter"` // whether it has one: of OneForOne, some have none
	Span    `store:",inline"`
}

// Served is a community that a station serves for a time.
type Served struct {
	Community string `store:"community"` // id
	Span      `store:",inline"`
}

// Shift 班次 is a time of the week that people of the station work together.
type Shift struct {
	Name   string            `store:"name"`
	Weekly []calendar.Weekly `store:"weekly"`
	Span   `store:",inline"`
}

// Post is somebody's place at a station.
type Post struct {
	Account string   `store:"account"`
	Part    Part     `store:"part"`
	Shifts  []string `store:"shifts,omitempty"`  // names of those they work
	StandIn string   `store:"standIn,omitempty"` // B角: account of who takes their shifts while they are absent
	Span    `store:",inline"`
}

// Absence is a time when somebody of the station is not there.
type Absence struct {
	ID      string        `store:"id"`
	Account string        `store:"account"`
	Reason  AbsenceReason `store:"reason"`
	StandIn string        `store:"standIn,omitempty"` // account; "" for whoever stands in anyway
	Span    `store:",inline"`
	Ended   bool `store:"ended,omitempty"` // taken back: nothing came of it, and nothing comes of sending it again
}

// AbsenceReason is why somebody is not there.
type AbsenceReason string

// AbsenceReasonWords are the reasons there are.
var AbsenceReasonWords = domain.NewEnum("AbsenceReason",
	domain.W("leave", "休假", "leave"), domain.W("sick", "病假", "sick leave"), domain.W("training", "培训", "training"),
	domain.W("outreach", "外出走访", "out in the grid"), domain.W("meeting", "会议", "a meeting"), domain.W("other", "其他", "other"))

// Enum makes a reason a word of the contract.
func (AbsenceReason) Enum() domain.Enum { return AbsenceReasonWords }

// standInFor is who takes the shifts of a post during an absence; "" for nobody.
func (s *Station) standInFor(p Post, a Absence) string {
	if a.StandIn != "" {
		return a.StandIn
	}
	return p.StandIn
}

// partOf is what the account is at the station at now: by a post, or by
// standing in for one. A director's part comes first.
func (s *Station) partOf(account string, now time.Time) (part Part, works bool) {
	for _, p := range s.Staff {
		if p.Holds(now) && (p.Account == account || s.standsIn(account, p, now)) && part != Director {
			part, works = p.Part, true
		}
	}
	return part, works
}

// standsIn reports whether the account stands in for a post at now.
func (s *Station) standsIn(account string, p Post, now time.Time) bool {
	return slices.ContainsFunc(s.Absences, func(a Absence) bool {
		return !a.Ended && a.Account == p.Account && a.Holds(now) && s.standInFor(p, a) == account
	})
}

// Directors are the accounts that direct the station at now, or stand in for who does.
func (s *Station) Directors(now time.Time) []string {
	return slices.DeleteFunc(slices.Clone(s.People), func(account string) bool {
		part, _ := s.partOf(account, now)
		return part != Director
	})
}

// ModelAt is the model at a moment; false while it has none.
func (s *Station) ModelAt(now time.Time) (ModelSpan, bool) {
	for _, m := range s.Models {
		if m.Holds(now) {
			return m, true
		}
	}
	return ModelSpan{}, false
}

// Served are the places of the communities that the station serves at now,
// under every id that what lies there may have.
func (s *Station) Served(tree *area.Tree, now time.Time) (out []access.Place) {
	for _, c := range s.Communities {
		heirs := tree.Heirs(c.Community)
		if len(heirs) == 0 || !c.Holds(now) {
			continue
		}
		for _, id := range tree.Formerly(heirs[len(heirs)-1]) {
			if a, ok := tree.ByID(id); ok && !slices.Contains(out, a.Place) {
				out = append(out, a.Place)
			}
		}
	}
	return out
}

// facts are what the rules of access need to know of the station.
func (s *Station) facts(tree *area.Tree, now time.Time) access.Station {
	f := access.Station{Place: s.Place, Communities: s.Served(tree, now)}
	for _, account := range s.People {
		part, works := s.partOf(account, now)
		if works {
			f.Staff = append(f.Staff, account)
		}
		if part == Director {
			f.Directors = append(f.Directors, account)
		}
	}
	for _, p := range s.Staff {
		if p.Until.IsZero() || p.Until.After(now) {
			f.Posted = append(f.Posted, p.Account, p.StandIn)
		}
	}
	return f
}

// index brings what the station is found by up to date.
func (s *Station) index() {
	s.Serves, s.People = nil, nil
	for _, c := range s.Communities {
		s.Serves = append(s.Serves, c.Community)
	}
	for _, p := range s.Staff {
		s.People = append(s.People, p.Account, p.StandIn)
	}
	for _, a := range s.Absences {
		s.People = append(s.People, a.StandIn)
	}
	for _, list := range []*[]string{&s.Serves, &s.People} {
		slices.Sort(*list)
		*list = slices.DeleteFunc(slices.Compact(*list), func(id string) bool { return id == "" })
	}
}
