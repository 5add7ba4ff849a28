package link

import (
	"context"
	"slices"

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
	found, err := ofEnd(ctx, r, this)
	if err != nil {
		return nil, err
	}
	var cases []End
	for _, l := range found {
		if other := l.Other(this); other.Thing == Case && l.Holds() && l.ID != but {
			cases = append(cases, other)
		}
	}
	there, err := load(ctx, r, cases...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range there {
		out = with(out, c.kase.Place.Community)
	}
	return slices.Clip(out), nil
}
