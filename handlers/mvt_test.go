package handlers

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"math"
	"testing"
)

// feature of a vector tile, as far as tests of the answers need it.
type feature struct {
	id         uint64
	kind       uint64 // 1 point, 3 polygon
	properties object
}

// tileFeatures reads the features of a tile's only layer, plain or compressed.
func tileFeatures(t *testing.T, layer string, a *answer) []feature {
	t.Helper()
	body := a.body
	if a.header.Get("Content-Encoding") == "gzip" {
		body = must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(body)))(t)))(t)
	}
	layers := 0
	var out []feature
	for _, l := range protobuf(t, body) {
		layers++
		var keys []string
		var values []any
		parts := protobuf(t, l.bytes)
		for _, p := range parts {
			switch p.number {
			case 1:
				if string(p.bytes) != layer {
					t.Errorf("layer %s, want %s", p.bytes, layer)
				}
			case 3:
				keys = append(keys, string(p.bytes))
			case 4:
				values = append(values, tileValue(t, protobuf(t, p.bytes)[0]))
			}
		}
		for _, p := range parts {
			if p.number == 2 {
				out = append(out, tileFeature(t, p.bytes, keys, values))
			}
		}
	}
	if layers > 1 {
		t.Errorf("%d layers", layers)
	}
	return out
}

func tileFeature(t *testing.T, message []byte, keys []string, values []any) feature {
	t.Helper()
	f := feature{properties: object{}}
	for _, p := range protobuf(t, message) {
		switch p.number {
		case 1:
			f.id = p.varint
		case 2:
			for tags := p.bytes; len(tags) > 0; {
				k, n := binary.Uvarint(tags)
				v, m := binary.Uvarint(tags[n:])
				f.properties[keys[k]], tags = values[v], tags[n+m:]
			}
		case 3:
			f.kind = p.varint
		}
	}
	return f
}

// tileValue is a string, a number as float64, or a truth value.
func tileValue(t *testing.T, p field) any {
	t.Helper()
	switch p.number {
	case 1:
		return string(p.bytes)
	case 3:
		return math.Float64frombits(p.varint)
	case 5:
		return float64(p.varint)
	case 7:
		return p.varint == 1
	}
	t.Fatalf("a value of kind %d", p.number)
	return nil
}

// field of a protocol buffer.
type field struct {
	number uint64
	varint uint64 // also eight bytes
	bytes  []byte
}

func protobuf(t *testing.T, b []byte) (out []field) {
	t.Helper()
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		f := field{number: tag >> 3}
		b = b[n:]
		switch tag & 7 {
		case 0:
			f.varint, n = binary.Uvarint(b)
		case 1:
			f.varint, n = binary.LittleEndian.Uint64(b), 8
		case 2:
			length, m := binary.Uvarint(b)
			f.bytes, n = b[m:m+int(length)], m+int(length)
		default:
			t.Fatalf("wire type %d", tag&7)
		}
		out, b = append(out, f), b[n:]
	}
	return out
}
