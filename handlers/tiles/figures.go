package tiles

import (
	"encoding/binary"
	"math"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/stats"
	"wangge/geo/tile"
)

// said is the figures of a cell or area, and which of them a reader is told.
type said struct {
	tickets bool // how many are open
	visits  bool // how many are due
	figures stats.Figures
}

// fewestHouseholds is from how many on they are told, and figures by them:
// that there are fewer points at somebody, and a rate of few is an accident.
const fewestHouseholds = 10

// saidTo says what the actor is told of a place.
func saidTo(a access.Actor, p access.Place) said {
	return said{tickets: access.SeesFigures(a, p), visits: access.SeesVisitsDue(a, p)}
}

func (s *said) any() bool { return s.tickets || s.visits }

// numbers goes over the figures that are told, by name.
func (s *said) numbers(each func(name string, n int)) {
	f := &s.figures
	if s.tickets {
		each("open", f.Open)
		each("overdue", f.Overdue)
		each("recent", f.Recent)
	}
	if s.visits {
		each("visitsDue", f.VisitsDue)
		each("visitsOverdue", f.VisitsOverdue)
		each("alerts", f.Alerts)
	}
	if s.any() && f.Households >= fewestHouseholds {
		each("households", f.Households)
	}
}

// stamp adds to what a tile is known by.
func (s *said) stamp(content []byte) []byte {
	s.numbers(func(name string, n int) {
		content = binary.AppendUvarint(append(content, name[0], byte(len(name))), uint64(n))
	})
	return append(content, 0)
}

// append adds the properties of a feature.
func (s *said) append(to []tile.Property) []tile.Property {
	s.numbers(func(name string, n int) { to = append(to, tile.Property{Key: name, Value: int64(n)}) })
	if f := &s.figures; s.tickets && f.Households >= fewestHouseholds {
		to = append(to, tile.Property{Key: "openPer1000", Value: per1000(f.Open, f.Households)}, tile.Property{Key: "recentPer1000", Value: per1000(f.Recent, f.Households)})
	}
	return to
}

// per1000 is how many there are by a thousand households, to one decimal.
func per1000(n, households int) float64 {
	return math.Round(float64(n)*10_000/float64(households)) / 10
}

// figureFields describe the figures to map programs.
func figureFields(fields map[string]domain.Text) map[string]domain.Text {
	for name, text := range map[string]domain.Text{
		"open":          domain.T("Number: 在办诉求数，有权查看时给出", "Number: open tickets, where the caller may list them"),
		"overdue":       domain.T("Number: 其中超期的", "Number: those of them past their deadline"),
		"recent":        domain.T("Number: 近 30 天（含今天）上报的诉求数", "Number: tickets reported today or in the 29 days before"),
		"visitsDue":     domain.T("Number: 待走访数，含逾期，有权查看时给出", "Number: visits due now, overdue ones too, where the caller may list them"),
		"visitsOverdue": domain.T("Number: 其中逾期的", "Number: those of them that are overdue"),
		"alerts":        domain.T("Number: 需关注的走访", "Number: stops with an alert"),
		"households":    domain.T("Number: 户数，少于 10 户不给出", "Number: households, unless there are fewer than 10"),
		"openPer1000":   domain.T("Number: 每千户在办诉求数，一位小数", "Number: open tickets by 1,000 households, to one decimal"),
		"recentPer1000": domain.T("Number: 每千户近 30 天诉求数，一位小数", "Number: the recent ones by 1,000 households, to one decimal"),
	} {
		fields[name] = text
	}
	return fields
}
