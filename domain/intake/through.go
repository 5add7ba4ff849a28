package intake

import (
	"context"
	"time"

	"wangge/domain/station"
	"wangge/store"
)

// SeenThroughBy are the accounts that see the case through: its worker and who
// stands in, or else who directs its station, or else who opened it here for
// somebody else, or else who directs the stations that serve its community.
func (c *Case) SeenThroughBy(ctx context.Context, r store.Reader, now time.Time) ([]string, error) {
	if c.Worker != "" || c.StandIn != "" {
		return []string{c.Worker, c.StandIn}, nil
	}
	directors, err := station.DirectorsOf(ctx, r, c.Station, now)
	if err != nil || len(directors) > 0 {
		return directors, err
	}
	if opener := c.opener(); opener != "" {
		return []string{opener}, nil
	}
	if c.Local == "" || c.Place.Community == "" {
		return nil, nil
	}
	return station.DirectorsIn(ctx, r, c.Place.Community, now)
}
