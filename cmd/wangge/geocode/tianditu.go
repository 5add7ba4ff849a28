package geocode

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain/address"
	"wangge/domain/place"
	"wangge/geo"
)

// Tianditu 天地图, whose positions are CGCS2000.
type Tianditu struct{ client }

// NewTianditu asks Tianditu at a base URL with a key.
func NewTianditu(base, key string, log *slog.Logger) *Tianditu {
	return &Tianditu{newClient(place.FromTianditu, base, key, log)}
}

type tiandituAnswer struct {
	Status   text
	Location *struct {
		Lon, Lat number
		Level    text
	}
}

// Geocode finds an address in a city.
func (c *Tianditu) Geocode(ctx context.Context, where, city string) ([]address.Answer, error) {
	whole := city + strings.TrimPrefix(where, city)
	asked, err := json.Marshal(map[string]string{"keyWord": whole})
	if err != nil {
		return nil, err
	}
	var a tiandituAnswer
	if err := c.get(ctx, "/geocoder", url.Values{"ds": {string(asked)}, "tk": {c.key}}, &a); err != nil {
		return nil, err
	}
	if a.Status == "101" || a.Status == "0" && a.Location == nil { // nothing is there
		return nil, nil
	}
	if a.Status != "0" {
		return nil, c.failed(refusal(a.Status))
	}
	at := orb.Point{float64(a.Location.Lon), float64(a.Location.Lat)}
	sure, fine := levels[string(a.Location.Level)]
	if !fine || !geo.ValidPoint(at) {
		return nil, nil
	}
	return []address.Answer{{Text: whole, At: geo.ToWGS84(at, geo.CGCS2000), Datum: geo.CGCS2000, Confidence: sure}}, nil
}
