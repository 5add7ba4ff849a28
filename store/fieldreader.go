package store

import (
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

// FieldReader reads the values of several fields, none of them multi-valued,
// looking at a document once: engines keep dozens of them beside it.
type FieldReader struct {
	fields []Field
	root   branch
}

// branch is what fields have below a part of their paths.
type branch struct {
	at    int // which of the fields ends here; -1: none
	below []int
	next  map[string]*branch
}

// NewFieldReader returns the reader of the fields.
func NewFieldReader(fields []Field) *FieldReader {
	r := &FieldReader{fields, branch{at: -1}}
	for i, f := range fields {
		b := &r.root
		for _, part := range f.Parts {
			if b.next == nil {
				b.next = map[string]*branch{}
			}
			if b.next[part] == nil {
				b.next[part] = &branch{at: -1}
			}
			b = b.next[part]
			b.below = append(b.below, i)
		}
		b.at = i
	}
	return r
}

// Values returns for each of the fields what its Value is.
func (r *FieldReader) Values(doc bson.Raw) []any {
	out := make([]any, len(r.fields))
	r.read(&r.root, doc, doc, out)
	return out
}

func (r *FieldReader) read(b *branch, part, doc bson.Raw, out []any) {
	_, rest, ok := bsoncore.ReadLength(part)
	for ok && len(rest) > 1 {
		var e bsoncore.Element
		if e, rest, ok = bsoncore.ReadElement(rest); !ok {
			return
		}
		next := b.next[string(e.KeyBytes())]
		if next == nil {
			continue
		}
		switch v := e.Value(); v.Type {
		case bson.TypeArray: // through which only Value walks
			for _, i := range next.below {
				out[i] = r.fields[i].Value(doc)
			}
		case bson.TypeEmbeddedDocument:
			r.read(next, v.Data, doc, out)
		default:
			if next.at >= 0 {
				out[next.at] = r.fields[next.at].scalar(bson.RawValue{Type: v.Type, Value: v.Data})
			}
		}
	}
}
