package tile

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Property is an attribute of a feature.
type Property struct {
	Key   string
	Value any // a string, int64, float64 or bool; with nil the feature goes without
}

// Builder makes one tile. Layers come in the order they were first named in,
// features in the order they were added in; adding to a layer again continues it.
type Builder struct {
	tile     ID
	layers   []*layer
	geometry []byte // of the feature being added
	cutter   cutter
}

// NewBuilder begins an empty tile.
func NewBuilder(t ID) *Builder { return &Builder{tile: t} }

// Polygons adds the shapes of a drawing that meet the tile. For each, by its
// index in what was drawn, properties says whether it is shown, and with what;
// what it returns is read before it is called again.
func (b *Builder) Polygons(layer string, d *Drawing, properties func(shape int) (properties []Property, show bool)) {
	l := b.layer(layer)
	view := d.view(b.tile)
	for i := range d.boxes {
		side := view.sideOf(d.boxes[i])
		if side == apart {
			continue
		}
		p, show := properties(i)
		if !show {
			continue
		}
		if b.geometry = view.append(b.geometry[:0], i, side, &b.cutter); len(b.geometry) > 0 {
			l.add(d.ids[i], p, typePolygon, b.geometry)
		}
	}
}

// Points adds a point for every cluster. For each, by its index, properties
// gives the feature's id, 0 for none, and its properties; what it returns is
// read before it is called again.
func (b *Builder) Points(layer string, clusters []Cluster, properties func(cluster int) (id uint64, properties []Property)) {
	l := b.layer(layer)
	for i, c := range clusters {
		id, p := properties(i)
		b.geometry = appendPoint(append(b.geometry[:0], moveToOne), c.at)
		l.add(id, p, typePoint, b.geometry)
	}
}

func (b *Builder) layer(name string) *layer {
	for _, l := range b.layers {
		if l.name == name {
			return l
		}
	}
	l := &layer{name: name, strings: map[string]uint32{}, numbers: map[number]uint32{}}
	b.layers = append(b.layers, l)
	return l
}

// Bytes is the tile, nil when no layer has a feature.
func (b *Builder) Bytes() []byte {
	var out []byte
	for _, l := range b.layers {
		if len(l.features) > 0 {
			out = appendMessage(out, tagTileLayer, l.bytes())
		}
	}
	return out
}

// Tags of the fields in the protocol buffers of a tile: number<<3 | wire type.
const (
	varint  = 0
	fixed64 = 1
	counted = 2

	tagTileLayer = 3<<3 | counted

	tagLayerName     = 1<<3 | counted
	tagLayerFeatures = 2<<3 | counted
	tagLayerKeys     = 3<<3 | counted
	tagLayerValues   = 4<<3 | counted
	tagLayerExtent   = 5<<3 | varint
	tagLayerVersion  = 15<<3 | varint

	tagFeatureID       = 1<<3 | varint
	tagFeatureTags     = 2<<3 | counted
	tagFeatureType     = 3<<3 | varint
	tagFeatureGeometry = 4<<3 | counted

	tagValueString = 1<<3 | counted
	tagValueDouble = 3<<3 | fixed64
	tagValueUint   = 5<<3 | varint
	tagValueSint   = 6<<3 | varint
	tagValueBool   = 7<<3 | varint

	typePoint   = 1
	typePolygon = 3
)

// layer is a layer as far as it is encoded.
type layer struct {
	name     string
	features []byte
	keys     []string
	values   []byte
	strings  map[string]uint32 // the index of a value
	numbers  map[number]uint32
	tags     []byte // of the feature being added
	feature  []byte
}

// number is a value other than a string.
type number struct {
	tag  byte
	bits uint64
}

func (l *layer) add(id uint64, properties []Property, kind byte, geometry []byte) {
	l.tags = l.tags[:0]
	for i, p := range properties {
		if p.Value != nil {
			l.tags = binary.AppendUvarint(l.tags, uint64(l.key(i, p.Key)))
			l.tags = binary.AppendUvarint(l.tags, uint64(l.value(p.Value)))
		}
	}
	f := l.feature[:0]
	if id != 0 {
		f = binary.AppendUvarint(append(f, tagFeatureID), id)
	}
	if len(l.tags) > 0 {
		f = appendMessage(f, tagFeatureTags, l.tags)
	}
	f = appendMessage(append(f, tagFeatureType, kind), tagFeatureGeometry, geometry)
	l.features = appendMessage(l.features, tagLayerFeatures, f)
	l.feature = f
}

// key gives the index of a key, which is at guess when all features have the
// same keys.
func (l *layer) key(guess int, key string) int {
	if guess < len(l.keys) && l.keys[guess] == key {
		return guess
	}
	for i, k := range l.keys {
		if k == key {
			return i
		}
	}
	l.keys = append(l.keys, key)
	return len(l.keys) - 1
}

// value gives the index of a value.
func (l *layer) value(v any) uint32 {
	next := uint32(len(l.strings) + len(l.numbers))
	if s, ok := v.(string); ok {
		s = strings.ToValidUTF8(s, "\ufffd")
		index, known := l.strings[s]
		if !known {
			l.strings[s], index = next, next
			var room [binary.MaxVarintLen64 + 1]byte
			head := binary.AppendUvarint(append(room[:0], tagValueString), uint64(len(s)))
			l.values = binary.AppendUvarint(append(l.values, tagLayerValues), uint64(len(head)+len(s)))
			l.values = append(append(l.values, head...), s...)
		}
		return index
	}
	n := numberOf(v)
	index, known := l.numbers[n]
	if !known {
		l.numbers[n], index = next, next
		l.values = appendMessage(l.values, tagLayerValues, n.bytes())
	}
	return index
}

func numberOf(v any) number {
	switch v := v.(type) {
	case int64:
		if v < 0 {
			return number{tagValueSint, zigzag(v)}
		}
		return number{tagValueUint, uint64(v)}
	case float64:
		return number{tagValueDouble, math.Float64bits(v)}
	case bool:
		if v {
			return number{tagValueBool, 1}
		}
		return number{tagValueBool, 0}
	}
	panic(fmt.Sprintf("tile: a property cannot be a %T", v))
}

func (n number) bytes() []byte {
	if n.tag == tagValueDouble {
		return binary.LittleEndian.AppendUint64([]byte{n.tag}, n.bits)
	}
	return binary.AppendUvarint([]byte{n.tag}, n.bits)
}

func (l *layer) bytes() []byte {
	out := appendMessage([]byte{tagLayerVersion, 2}, tagLayerName, l.name)
	out = binary.AppendUvarint(append(out, tagLayerExtent), Extent)
	out = append(out, l.features...)
	for _, k := range l.keys {
		out = appendMessage(out, tagLayerKeys, k)
	}
	return append(out, l.values...)
}

func appendMessage[T string | []byte](to []byte, tag byte, message T) []byte {
	return append(binary.AppendUvarint(append(to, tag), uint64(len(message))), message...)
}
