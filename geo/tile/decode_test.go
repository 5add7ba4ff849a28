package tile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// What decode reads of a tile.
type (
	decodedLayer struct {
		name     string
		features []decodedFeature
	}
	decodedFeature struct {
		id         uint64
		properties map[string]any
		kind       uint64
		rings      [][]point // of a polygon: shells, each with its holes behind
		points     []point
	}
	// field is one of a protocol buffers message.
	field struct {
		number uint64
		value  uint64
		bytes  []byte
	}
)

// decode reads a tile and is strict: everything that the specification 2.1
// says a tile must or should be is an error when it is not, and so is what it
// leaves open but Builder promises.
func decode(data []byte) (layers []decodedLayer, err error) {
	fields, err := message(data)
	names := map[string]bool{}
	for _, f := range fields {
		if f.number != 3 || f.bytes == nil {
			return nil, fmt.Errorf("field %d in the tile", f.number)
		}
		l, err := decodeLayer(f.bytes)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", l.name, err)
		}
		if names[l.name] {
			return nil, fmt.Errorf("two layers %q", l.name)
		}
		names[l.name] = true
		layers = append(layers, l)
	}
	return layers, err
}

func message(data []byte) (fields []field, err error) {
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, errors.New("no key")
		}
		data = data[n:]
		f := field{number: key >> 3}
		switch key & 7 {
		case 0:
			if f.value, n = binary.Uvarint(data); n <= 0 {
				return nil, errors.New("a broken varint")
			}
		case 1:
			if n = 8; len(data) < n {
				return nil, errors.New("a broken number of 64 bits")
			}
			f.value = binary.LittleEndian.Uint64(data)
		case 2:
			size, m := binary.Uvarint(data)
			if m <= 0 || size > uint64(len(data)-m) {
				return nil, errors.New("a message longer than what holds it")
			}
			n = m + int(size)
			f.bytes = data[m:n:n]
		default:
			return nil, fmt.Errorf("wire type %d", key&7)
		}
		data = data[n:]
		fields = append(fields, f)
	}
	return fields, nil
}

func decodeLayer(data []byte) (l decodedLayer, err error) {
	fields, err := message(data)
	if err != nil {
		return l, err
	}
	var keys []string
	var values []any
	var version, extent uint64
	var used struct{ keys, values map[uint64]bool }
	used.keys, used.values = map[uint64]bool{}, map[uint64]bool{}
	known, seen := map[any]bool{}, map[uint64]bool{}
	for _, f := range fields {
		switch f.number {
		case 15:
			version = f.value
		case 5:
			extent = f.value
		case 1:
			l.name = string(f.bytes)
		case 3:
			key := "key " + string(f.bytes)
			if known[key] || !utf8.Valid(f.bytes) {
				return l, fmt.Errorf("%q twice or not UTF-8", key)
			}
			known[key] = true
			keys = append(keys, string(f.bytes))
		case 4:
			v, err := decodeValue(f.bytes)
			if err != nil {
				return l, err
			}
			same := v
			if x, ok := v.(float64); ok {
				same = fmt.Sprintf("bits %x", math.Float64bits(x))
			} else if s, ok := v.(string); ok {
				same = "string " + s
			}
			if known[same] {
				return l, fmt.Errorf("value %v twice", v)
			}
			known[same] = true
			values = append(values, v)
		case 2:
		default:
			return l, fmt.Errorf("field %d", f.number)
		}
	}
	if version != 2 || extent != 4096 || l.name == "" || !utf8.ValidString(l.name) {
		return l, fmt.Errorf("version %d, extent %d, name %q", version, extent, l.name)
	}
	for _, f := range fields {
		if f.number != 2 {
			continue
		}
		feature, tags, err := decodeFeature(f.bytes)
		if err != nil {
			return l, fmt.Errorf("feature %d: %w", feature.id, err)
		}
		if feature.id != 0 && seen[feature.id] {
			return l, fmt.Errorf("two features %d", feature.id)
		}
		seen[feature.id] = true
		for ; len(tags) > 1; tags = tags[2:] {
			if tags[0] >= uint64(len(keys)) || tags[1] >= uint64(len(values)) {
				return l, fmt.Errorf("tags %v of %d keys and %d values", tags[:2], len(keys), len(values))
			}
			if _, twice := feature.properties[keys[tags[0]]]; twice {
				return l, fmt.Errorf("%q twice", keys[tags[0]])
			}
			feature.properties[keys[tags[0]]] = values[tags[1]]
			used.keys[tags[0]], used.values[tags[1]] = true, true
		}
		if len(tags) != 0 {
			return l, errors.New("a key without a value")
		}
		l.features = append(l.features, feature)
	}
	if len(l.features) == 0 || len(used.keys) != len(keys) || len(used.values) != len(values) {
		return l, fmt.Errorf("%d features use %d of %d keys, %d of %d values", len(l.features), len(used.keys), len(keys), len(used.values), len(values))
	}
	return l, nil
}

func decodeValue(data []byte) (any, error) {
	fields, err := message(data)
	if err != nil || len(fields) != 1 {
		return nil, fmt.Errorf("%d fields in a value: %w", len(fields), err)
	}
	switch f := fields[0]; f.number {
	case 1:
		if !utf8.Valid(f.bytes) {
			return nil, errors.New("a value not in UTF-8")
		}
		return string(f.bytes), nil
	case 3:
		return math.Float64frombits(f.value), nil
	case 5:
		return int64(f.value), nil
	case 6:
		if v := int64(f.value>>1) ^ -int64(f.value&1); v < 0 {
			return v, nil
		}
		return nil, errors.New("a natural number written as if it had a sign")
	case 7:
		return f.value == 1, nil
	default:
		return nil, fmt.Errorf("field %d in a value", f.number)
	}
}

func decodeFeature(data []byte) (f decodedFeature, tags []uint64, err error) {
	fields, err := message(data)
	f.properties = map[string]any{}
	var geometry []uint64
	for _, x := range fields {
		switch x.number {
		case 1:
			f.id = x.value
		case 2:
			tags, err = packed(x.bytes)
		case 3:
			f.kind = x.value
		case 4:
			geometry, err = packed(x.bytes)
		default:
			err = fmt.Errorf("field %d", x.number)
		}
		if err != nil {
			return f, nil, err
		}
	}
	switch f.kind {
	case 1:
		f.points, err = decodePoints(geometry)
	case 3:
		f.rings, err = decodePolygons(geometry)
	default:
		err = fmt.Errorf("geometry type %d", f.kind)
	}
	return f, tags, err
}

func packed(data []byte) (out []uint64, err error) {
	for len(data) > 0 {
		v, n := binary.Uvarint(data)
		if n <= 0 || v > math.MaxUint32 {
			return nil, errors.New("not integers of 32 bits")
		}
		out, data = append(out, v), data[n:]
	}
	return out, nil
}

func decodePoints(geometry []uint64) ([]point, error) {
	if len(geometry) != 3 || geometry[0] != 9 {
		return nil, fmt.Errorf("%v is not one point", geometry)
	}
	at := point{parameter(geometry[1]), parameter(geometry[2])}
	if min(at.x, at.y) < 0 || max(at.x, at.y) >= 4096 {
		return nil, fmt.Errorf("%v is outside its tile", at)
	}
	return []point{at}, nil
}

func parameter(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func decodePolygons(geometry []uint64) (rings [][]point, err error) {
	var cursor point
	for len(geometry) > 0 {
		if len(geometry) < 9 || geometry[0] != 9 {
			return nil, fmt.Errorf("%v does not begin a ring", geometry)
		}
		lines := geometry[3] >> 3
		if geometry[3]&7 != 2 || lines < 2 || uint64(len(geometry)) < 5+2*lines || geometry[4+2*lines] != 15 {
			return nil, fmt.Errorf("%v is not a ring", geometry)
		}
		var ring []point
		for k := uint64(0); k <= lines; k++ {
			at := 2 + 2*k // of the coordinates
			if k == 0 {
				at = 1
			}
			step := point{parameter(geometry[at]), parameter(geometry[at+1])}
			if k > 0 && step == (point{}) {
				return nil, errors.New("a point twice in a row")
			}
			cursor = point{cursor.x + step.x, cursor.y + step.y}
			ring = append(ring, cursor)
		}
		if ring[0] == cursor {
			return nil, errors.New("a ring that ends where it began before it is closed")
		}
		rings, geometry = append(rings, ring), geometry[5+2*lines:]
	}
	return rings, checkRings(rings)
}
