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
	Staff       []Post         `store:"staff,omitempty"`
	Absences    []Absence      `store:"absences,omitempty"`

	// Serves and People are what the lists above name, past ones too: what
	// stations are found by.
	Serves []string `store:"serves"`
	People []string `store:"people,omitempty"`
}

// stations is every station.
var stations = store.Declare[Station](store.Declaration{
	Name: "stations", Schema: 1,
	Indexes: []string{"street: place.street, name", "serves: serves, name", "people: people, name"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{stations} }

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
}

// AbsenceReason is why somebody is not there.
type AbsenceReason string

// AbsenceReasonWords are the reasons there are.
var AbsenceReasonWords = domain.NewEnum("AbsenceReason",
	domain.W("leave", "休假", "leave"), domain.W("sick", "病假", "sick leave"), domain.W("training", "培训", "training"),
	domain.W("outreach", "外出走访", "out in the grid"), domain.W("meeting", "会议", "a meeting"), domain.W("other", "其他", "other"))

// Enum makes a reason a word of the contract.
func (AbsenceReason) Enum() domain.Enum { return AbsenceReasonWords }

// Span is the time from From up to, not including, Until. A zero one leaves that end open.
type Span struct {
	From  time.Time `store:"from,omitempty"`
	Until time.Time `store:"until,omitempty"`
}

// Holds reports whether t lies in the span.
func (s Span) Holds(t time.Time) bool {
	return !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until))
}

func (s Span) valid() bool { return s.Until.IsZero() || s.From.Before(s.Until) }

func (s Span) overlaps(o Span) bool {
	return (s.Until.IsZero() || o.From.Before(s.Until)) && (o.Until.IsZero() || s.From.Before(o.Until))
}

// standsIn reports whether the account stands in for somebody who is absent at now.
func (s *Station) standsIn(account string, now time.Time) bool {
	return slices.ContainsFunc(s.Staff, func(p Post) bool {
		return p.Span.Holds(now) && slices.ContainsFunc(s.Absences, func(a Absence) bool {
			return a.Account == p.Account && a.Span.Holds(now) && s.standInFor(p, a) == account
		})
	})
}

// standInFor is who takes the shifts of a post during an absence; "" for nobody.
func (s *Station) standInFor(p Post, a Absence) string {
	if a.StandIn != "" {
		return a.StandIn
	}
	return p.StandIn
}

// worksAt reports whether the account is on the staff at now, or stands in there.
func (s *Station) worksAt(account string, now time.Time) bool {
	return s.standsIn(account, now) || slices.ContainsFunc(s.Staff, func(p Post) bool { return p.Account == account && p.Span.Holds(now) })
}

// served are the places of the communities that the station serves at now,
// under every id that what lies there may have.
func (s *Station) served(tree *area.Tree, now time.Time) (out []access.Place) {
	for _, c := range s.Communities {
		if !c.Span.Holds(now) {
			continue
		}
		heirs := tree.Heirs(c.Community)
		if len(heirs) == 0 {
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
