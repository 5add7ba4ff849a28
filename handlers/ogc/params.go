package ogc

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
)

// parseBBox reads four numbers (west, south, east, north) or six (with lowest
// and highest height, which are let be, since nothing has a height). A box
// whose west is greater than its east crosses the antimeridian and becomes two.
func parseBBox(text string) ([]orb.Bound, error) {
	wrong := domain.Invalid("?bbox", domain.T("应为 西,南,东,北，经度 -180 到 180，纬度 -90 到 90，南不大于北",
		"must be west,south,east,north: longitudes from -180 to 180, latitudes from -90 to 90, south not above north"))
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, wrong
	}
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, wrong
		}
		numbers[i] = x
	}
	if len(numbers) == 6 {
		if numbers[2] > numbers[5] {
			return nil, wrong
		}
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
	}
	west, south, east, north := numbers[0], numbers[1], numbers[2], numbers[3]
	if math.Abs(west) > 180 || math.Abs(east) > 180 || math.Abs(south) > 90 || math.Abs(north) > 90 || south > north {
		return nil, wrong
	}
	if west <= east {
		return []orb.Bound{{Min: orb.Point{west, south}, Max: orb.Point{east, north}}}, nil
	}
	return []orb.Bound{
		{Min: orb.Point{west, south}, Max: orb.Point{180, north}},
		{Min: orb.Point{-180, south}, Max: orb.Point{east, north}},
	}, nil
}

// period is a closed interval of times; a zero end is open.
type period struct{ from, to time.Time }

// parseDatetime reads an instant, or an interval whose ends are instants, "..",
// nothing, or, one of them, a duration (ISO 8601). A day stands for all of it in UTC.
func parseDatetime(text string) (period, error) {
	wrong := domain.Invalid("?datetime", domain.T("应为 RFC 3339 时间或 起/止 区间", "must be an RFC 3339 time or an interval of two, begin/end"))
	first, second, interval := strings.Cut(text, "/")
	if !interval {
		p, ok := parseInstant(first)
		if !ok {
			return p, wrong
		}
		return p, nil
	}
	begin, beginOK := parseEnd(first)
	end, endOK := parseEnd(second)
	switch {
	case strings.HasPrefix(second, "P") && beginOK && !begin.from.IsZero():
		to, ok := shift(begin.from, second, 1)
		end, endOK = period{to: to}, ok
	case strings.HasPrefix(first, "P") && endOK && !end.to.IsZero():
		from, ok := shift(end.to, first, -1)
		begin, beginOK = period{from: from}, ok
	}
	if !beginOK || !endOK {
		return period{}, wrong
	}
	p := period{begin.from, end.to}
	if !p.from.IsZero() && !p.to.IsZero() && p.to.Before(p.from) {
		return period{}, wrong
	}
	return p, nil
}

func parseEnd(text string) (period, bool) {
	if text == "" || text == ".." {
		return period{}, true
	}
	return parseInstant(text)
}

func parseInstant(text string) (period, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return period{day, day.AddDate(0, 0, 1).Add(-time.Millisecond)}, known(day)
	}
	t, err := time.Parse(time.RFC3339, text)
	return period{t.UTC(), t.UTC()}, err == nil && known(t)
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

const (
	limitDefault = 100
	limitMost    = 500
)

// parseLimit reads how many features a page has; more than the maximum means the maximum.
func parseLimit(text string) (int, error) {
	if text == "" {
		return limitDefault, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if tooMany := strings.Trim(text, "0123456789") == ""; err != nil && tooMany {
		return limitMost, nil
	}
	if err != nil || n < 1 {
		return 0, domain.Invalid("?limit", domain.T("应为不小于 1 的整数", "must be a whole number of 1 or more"))
	}
	return int(min(n, limitMost)), nil
}
