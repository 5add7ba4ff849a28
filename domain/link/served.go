package link

import (
	"context"

	"wangge/store"
)

// servedBy is whom the ticket at one end of a link that was removed serves from
// now on; nil where it has none.
func servedBy(ctx context.Context, tx *store.Tx, at map[End]thing, removed *Link) ([]string, error) {
	for _, end := range []End{removed.From, removed.To} {
		if at[end].ticket != nil {
			return served(ctx, tx, end, removed.ID)
		}
	}
	return nil, nil
}

// served are the communities of the cases linked to a ticket, but for one link.
func served(ctx context.Context, r store.Reader, this End, but string) ([]string, error) {
	cases, err := others(ctx, r, this, Case, but)
	if err != nil {
		return nil, err
	}
	return communities(cases), nil
}

// communities are those of cases, each once.
func communities(cases []thing) (out []string) {
	for _, c := range cases {
		out = with(out, c.kase.Place.Community)
	}
	return out
}
