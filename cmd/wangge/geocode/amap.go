package geocode

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain/address"
	"wangge/domain/place"
	"wangge/geo"
)

// AMap 高德, whose positions are GCJ-02.
type AMap struct{ client }

// NewAMap asks AMap at a base URL with a key.
func NewAMap(base, key string, log *slog.Logger) *AMap {
	return &AMap{newClient(place.FromAMap, base, key, log)}
}

type amapAnswer struct {
	Status   text
	InfoCode text
	Geocodes []struct {
		Location         text
		Level            text
		FormattedAddress text `json:"formatted_address"`
	}
}

// Geocode finds an address in a city.
func (c *AMap) Geocode(ctx context.Context, asked, city string) ([]address.Answer, error) {
	var a amapAnswer
	if err := c.get(ctx, "/v3/geocode/geo", url.Values{"key": {c.key}, "address": {asked}, "city": {city}}, &a); err != nil {
		return nil, err
	}
	switch {
	case a.InfoCode == "10003": // the day's quota
		return nil, c.pause(c.tomorrow(), string(a.InfoCode))
	case a.InfoCode == "10004": // too many in this minute
		return nil, c.pause(c.nextMinute(), string(a.InfoCode))
	case a.InfoCode == "10001", a.InfoCode == "10009": // the key
		return nil, c.misconfigured(string(a.InfoCode))
	case a.Status != "1" || a.InfoCode != "10000":
		return nil, c.failed(refusal(a.InfoCode))
	}
	var out []address.Answer
	for _, g := range a.Geocodes {
		lon, lat, _ := strings.Cut(string(g.Location), ",")
		x, errX := strconv.ParseFloat(lon, 64)
		y, errY := strconv.ParseFloat(lat, 64)
		at := orb.Point{x, y}
		if sure, fine := levels[string(g.Level)]; fine && errX == nil && errY == nil && geo.ValidPoint(at) {
			out = append(out, address.Answer{Text: string(g.FormattedAddress), At: geo.ToWGS84(at, geo.GCJ02), Datum: geo.GCJ02, Confidence: sure})
		}
	}
	return out, nil
}

// refusal is a code that a service answers.
type refusal string

func (r refusal) Error() string { return "refused with " + strconv.Quote(string(r)) }
