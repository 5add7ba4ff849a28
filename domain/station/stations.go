package station

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Stations is what people do with stations.
type Stations struct {
	st    *store.Store
	areas *area.Areas
}

// New makes the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas) *Stations { return &Stations{st, areas} }

// stationsMost that somebody works at, or that serve one community.
const stationsMost = 100

// Serving returns the communities served now by the stations on whose staff
// the account is now or where it stands in, also under the ids of what they
// took over from.
func (s *Stations) Serving(ctx context.Context, r store.Reader, account string, now time.Time) ([]access.Place, error) {
	found, _, err := stations.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("people", account)}, Order: []string{"name"}, Limit: stationsMost})
	if err != nil {
		return nil, err
	}
	var out []access.Place
	for _, st := range found {
		if st.worksAt(account, now) {
			out = append(out, st.served(s.areas.Tree(), now)...)
		}
	}
	return out, nil
}

// Load returns a station, for other parts of the domain; ErrNotFound.
func Load(ctx context.Context, r store.Reader, id string) (*Station, error) {
	return stations.Get(ctx, r, id)
}
