package household

import (
	"context"

	"wangge/store"
)

// What other parts keep of a household, they keep under the id that it had
// then. While it is merged into another they ask for the one that stays by any
// of the ids, and for what is kept under all of them: so nothing has to be
// rewritten when households merge, however often, and it is as before when
// they are taken apart again.

// Current returns, by each of the ids, the household that it is by now: itself,
// or the one that it was merged into at last, perhaps over others. Those that are deleted are missing.
func Current(ctx context.Context, r store.Reader, ids []string) (map[string]*Household, error) {
	out, at := map[string]*Household{}, map[string]string{} // where each id has led so far
	for _, id := range ids {
		at[id] = id
	}
	for len(at) > 0 {
		var ask []string
		for _, now := range at {
			ask = append(ask, now)
		}
		found, err := collection.GetManyEver(ctx, r, ask)
		if err != nil {
			return nil, err
		}
		for id, now := range at {
			h := found[now]
			switch {
			case h == nil || h.Deleted && h.MergedInto == "":
				delete(at, id)
			case h.Deleted:
				at[id] = h.MergedInto
			default:
				out[id] = h
				delete(at, id)
			}
		}
	}
	return out, nil
}

// IDs returns the id of the household and those of what was merged into it, and into that before.
func (h *Household) IDs(ctx context.Context, r store.Reader) ([]string, error) {
	out := []string{h.ID}
	if len(h.Merged) == 0 {
		return out, nil
	}
	merged, err := allMerged(ctx, r, h.ID)
	for _, o := range merged {
		out = append(out, o.ID)
	}
	return out, err
}

// mergeOf is what the household took over of one merged into it; nil for none.
func (h *Household) mergeOf(id string) *Merge {
	for i := range h.Merged {
		if h.Merged[i].Household == id {
			return &h.Merged[i]
		}
	}
	return nil
}
