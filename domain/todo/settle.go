package todo

import (
	"context"
	"slices"

	"wangge/store"
)

// Settle is Ask and Done at once, for who tells what is asked for now from the
// state of things: of the kind about the thing, the open items of other
// occasions and people end, and who is to be asked is. The askings are of the kind and about
// the thing, whatever they say of these; with none, all end.
func Settle(ctx context.Context, tx *store.Tx, kind Kind, about About, askings []Asking, e store.Entry) error {
	var keep []string
	for _, a := range askings {
		a.Kind, a.About = kind, about
		for _, recipient := range a.To {
			keep = append(keep, a.item(recipient))
		}
	}
	if err := done(ctx, tx, kind, about, e.At, func(it *Item) bool { return slices.Contains(keep, it.ID) }); err != nil {
		return err
	}
	for _, a := range askings {
		a.Kind, a.About = kind, about
		if err := Ask(ctx, tx, a, e); err != nil {
			return err
		}
	}
	return nil
}
