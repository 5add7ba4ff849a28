package ogc

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/geo"
)

// Parsers return what is wrong with the text, if anything is.

const (
	limitDefault = 100
	limitMost    = 500
)

var digits = regexp.MustCompile(`^[0-9]+$`)

// parseLimit reads how many features a page has; more than the maximum means the maximum.
func parseLimit(text string) (int, domain.Text) {
	n, err := strconv.Atoi(text)
	if err != nil {
		n = limitMost // no number at all, or a greater one than fits
	}
	if !digits.MatchString(text) || n < 1 {
		return 0, domain.T("应为不小于 1 的整数", "must be a whole number of 1 or more")
	}
	return min(n, limitMost), domain.Text{}
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)

// parseBBox reads four numbers (west, south, east, north) or six (with lowest
// and highest height, which are let be, since nothing has a height). A box
// whose west is greater than its east crosses the antimeridian and becomes two.
func parseBBox(text string) ([]orb.Bound, domain.Text) {
	wrong := domain.T("应为 西,南,东,北，经度 -180 到 180，纬度 -90 到 90，南不大于北",
		"must be west,south,east,north: longitudes from -180 to 180, latitudes from -90 to 90, south not above north")
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, wrong
	}
	var v []float64
	for _, part := range parts {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil || !decimal.MatchString(part) { // which the language's numbers go beyond
			return nil, wrong
		}
		v = append(v, x)
	}
	if len(v) == 6 {
		if v[2] > v[5] {
			return nil, wrong
		}
		v = []float64{v[0], v[1], v[3], v[4]}
	}
	low, high := orb.Point{v[0], v[1]}, orb.Point{v[2], v[3]}
	switch {
	case !geo.ValidPoint(low) || !geo.ValidPoint(high) || low[1] > high[1]:
		return nil, wrong
	case low[0] <= high[0]:
		return []orb.Bound{{Min: low, Max: high}}, domain.Text{}
	}
	return []orb.Bound{{Min: low, Max: orb.Point{180, high[1]}}, {Min: orb.Point{-180, low[1]}, Max: high}}, domain.Text{}
}

// period is a closed interval of times in whole milliseconds; a zero end is open.
type period struct{ from, to time.Time }

func (p period) holds(t time.Time) bool {
	return !t.Before(p.from) && (p.to.IsZero() || !t.After(p.to))
}

// parseDatetime reads an instant, or an interval: both ends, or one and ".." or
// nothing for the other, or one and a duration (ISO 8601). A day stands for all of it in UTC.
func parseDatetime(text string) (period, domain.Text) {
	wrong := domain.T("应为 RFC 3339 时间或 起/止 区间", "must be an RFC 3339 time or an interval of two, begin/end")
	first, second, interval := strings.Cut(text, "/")
	begin, ok := parseInstant(first)
	if !interval {
		if !ok {
			return period{}, wrong
		}
		return begin, domain.Text{}
	}
	end, endOK := parseInstant(second)
	p, fits := period{begin.from, end.to}, true
	switch {
	case ok && endOK:
	case ok && open(second):
		p.to = time.Time{}
	case endOK && open(first):
		p.from = time.Time{}
	case ok:
		p.to, fits = shift(p.from, second, 1)
	case endOK:
		p.from, fits = shift(p.to, first, -1)
	default:
		fits = false
	}
	if !fits || !p.to.IsZero() && p.to.Before(p.from) {
		return period{}, wrong
	}
	return p, domain.Text{}
}

func open(text string) bool { return text == "" || text == ".." }

// parseInstant reads a time, or all of a day.
func parseInstant(text string) (period, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return period{day, day.AddDate(0, 0, 1).Add(-time.Millisecond)}, known(day)
	}
	t, err := time.Parse(time.RFC3339, text)
	t = t.UTC()
	return period{t.Add(time.Millisecond - 1).Truncate(time.Millisecond), t.Truncate(time.Millisecond)}, err == nil && known(t)
}

// known keeps times within what every store can hold.
func known(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 && !t.IsZero() }

var duration = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$`)

// shift moves a time by a duration, forwards or backwards.
func shift(t time.Time, text string, sign int) (time.Time, bool) {
	parts := duration.FindStringSubmatch(text)
	if parts == nil || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return t, false
	}
	n := func(i int) int {
		x, _ := strconv.Atoi(parts[i]) // digits, or nothing for 0
		return sign * x
	}
	t = t.AddDate(n(1), n(2), 7*n(3)+n(4)).Add(time.Duration(n(5))*time.Hour + time.Duration(n(6))*time.Minute + time.Duration(n(7))*time.Second)
	return t, known(t)
}
