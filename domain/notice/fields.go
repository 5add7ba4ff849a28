package notice

import (
	"strconv"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/clocks"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// field is something that a template may name.
type field struct {
	has  func(n *Notice) bool                   // whether the notice has what the field is made of
	text func(n *Notice, f *found) *domain.Text // nil where that is no more, or not for who reads
}

// fields are all of them. A rule stores, under the name of the field, what is of
// the moment: number, state, date, count, cell. The rest is looked up for who reads.
var fields = map[string]field{
	"word": {func(n *Notice) bool { return KindWords().Has(string(n.Kind)) }, func(n *Notice, _ *found) *domain.Text {
		return ptr(KindWords().Text(string(n.Kind)))
	}},
	"number": {func(n *Notice) bool { return n.Fields["number"] != "" || n.ofTicket() || n.ofCase() }, func(n *Notice, f *found) *domain.Text {
		return same(f.number(n))
	}},
	"category": {(*Notice).ofTicket, func(n *Notice, f *found) *domain.Text {
		if t := f.tickets[n.About.ID]; t != nil {
			return f.category(t)
		}
		return nil
	}},
	"state": {func(n *Notice) bool { return stateWords[n.About.Kind].Has(n.Fields["state"]) }, func(n *Notice, _ *found) *domain.Text {
		return ptr(stateWords[n.About.Kind].Text(n.Fields["state"]))
	}},
	"clock": {func(n *Notice) bool { return clocks.KindWords.Has(n.Fields["clock"]) }, func(n *Notice, _ *found) *domain.Text {
		return ptr(clocks.KindWords.Text(n.Fields["clock"]))
	}},
	"date": {func(n *Notice) bool { return n.date() != "" }, func(n *Notice, _ *found) *domain.Text {
		day := n.date().Start().In(civil.Zone)
		return &domain.Text{ZH: day.Format("1月2日"), EN: day.Format("2 January")}
	}},
	"count": {func(n *Notice) bool { _, err := strconv.Atoi(n.Fields["count"]); return err == nil }, func(n *Notice, _ *found) *domain.Text {
		return same(n.Fields["count"])
	}},
	"cell": {func(n *Notice) bool { return n.cell() != "" || n.Place.Street != "" }, func(n *Notice, f *found) *domain.Text { // or the least area around
		return same(f.cellName(n.cell()), f.area(n.Place.Community), f.area(n.Place.Street))
	}},
	"street":  {func(n *Notice) bool { return n.Place.Street != "" }, func(n *Notice, f *found) *domain.Text { return same(f.area(n.Place.Street)) }},
	"station": {func(n *Notice) bool { return n.About.Kind == "station" }, func(n *Notice, f *found) *domain.Text { return same(f.stationName(n.About.ID)) }},
	"message": {func(n *Notice) bool { return n.About.Kind == cellMessage }, func(n *Notice, f *found) *domain.Text { return same(f.messages[n.About.ID]) }},
	"who":     {func(n *Notice) bool { return n.For != "" }, func(n *Notice, f *found) *domain.Text { return same(f.people[n.For].Name) }},
}

// stateWords are what the states of things are called.
var stateWords = map[string]domain.Enum{
	"ticket": ticket.StateWords, "intake-case": intake.StateWords, ownCase: intake.StateWords,
	homecall.AboutRequest: homecall.StateWords, "visit": visit.StateWords, "stop": visit.ProofStateWords,
}

func (n *Notice) ofTicket() bool { return n.About.Kind == "ticket" }

func (n *Notice) ofCase() bool { return n.About.Kind == "intake-case" || n.About.Kind == ownCase }

// date is the day that a notice names; "" for none.
func (n *Notice) date() civil.Date {
	d, ok := civil.ParseDate(n.Fields["date"])
	if !ok {
		return ""
	}
	return d
}

// cell is the id of the cell that a notice is about, or in which the thing lay; "" for none.
func (n *Notice) cell() string {
	switch {
	case n.Fields["cell"] != "":
		return n.Fields["cell"]
	case n.About.Kind == "cell":
		return n.About.ID
	}
	return n.Place.Cell
}

// same is the first text that is there, in every language; nil for none.
func same(all ...string) *domain.Text {
	for _, text := range all {
		if text != "" {
			return &domain.Text{ZH: text, EN: text}
		}
	}
	return nil
}

func ptr(t domain.Text) *domain.Text { return &t }
