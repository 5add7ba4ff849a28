package household

import (
	"strings"

	"wangge/domain/fold"
	"wangge/store"
)

// refolded brings a household from schema 1 to 2: what it is found by is not in
// it any more, and its address is compared folded. Of those that differed in
// writing only, several may come to have one address: all stay, an import takes
// the first for the one it means, and people merge them.
func refolded(h store.D) (store.D, error) {
	h = store.Without(h, "grams")
	a := addressIn(h)
	for i, f := range h {
		switch v := f.Value.(type) {
		case store.D: // owner, occupant, emergency; and others, which have no such field
			h[i].Value = store.Without(v, "nameGrams")
		case store.A:
			for j := range v {
				v[j] = refoldedPart(v[j])
			}
		}
		switch f.Key {
		case "addressKey":
			h[i].Value = a.key()
		case "building":
			h[i].Value = a.building()
		case "sort":
			h[i].Value = a.sort()
		}
	}
	return h, nil
}

// refoldedPart is a member without what their name was found by, or a merge
// with the folded keys of the addresses that it brought.
func refoldedPart(part any) any {
	d, ok := part.(store.D)
	if !ok {
		return part
	}
	d = store.Without(d, "nameGrams")
	for _, f := range d {
		if keys, ok := f.Value.(store.A); ok && f.Key == "keys" {
			for i, key := range keys {
				if text, ok := key.(string); ok {
					keys[i] = refoldedKey(text)
				}
			}
		}
	}
	return d
}

// refoldedStay brings a stay from schema 1 to 2: its address is compared folded.
func refoldedStay(s store.D) (store.D, error) {
	for i, f := range s {
		if f.Key == "addressKey" {
			s[i].Value = addressIn(s).key()
		}
	}
	return s, nil
}

func addressIn(d store.D) (a Address) {
	for _, f := range d {
		parts, ok := f.Value.(store.D)
		if f.Key != "address" || !ok {
			continue
		}
		into := map[string]*string{"estate": &a.Estate, "building": &a.Building, "unit": &a.Unit, "floor": &a.Floor, "room": &a.Room}
		for _, part := range parts {
			if p, text := into[part.Key], ""; p != nil {
				text, _ = part.Value.(string)
				*p = text
			}
		}
	}
	return a
}

// refoldedKey is the key of schema 1 of an address that is no more known
// otherwise, as it is today. Parts that folding leaves as they are were cut then.
func refoldedKey(key string) string {
	parts := strings.Split(key, "|")
	for i, part := range parts {
		floor, onFloor := strings.CutPrefix(part, "层")
		switch {
		case strings.Join(fold.Words(part), "-") == part:
		case i == 0:
			parts[i] = strings.Join(fold.Words(part), "")
		case onFloor && i == len(parts)-1:
			parts[i] = "层" + core(floor)
		default:
			parts[i] = core(part)
		}
	}
	return strings.Join(parts, "|")
}
