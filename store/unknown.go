package store

import (
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

// keepUnknown adds to doc what old has and its type does not know: in the
// document, in embedded ones, and in those elements of an array that this
// program did not change.
func keepUnknown(doc, old bson.Raw, known *document) bson.Raw {
	was, err := old.Elements()
	if err != nil {
		return doc
	}
	var extra []byte
	replaced := map[string]bson.RawValue{}
	for _, e := range was {
		key := e.Key()
		sub, ok := known.within(key)
		if !ok {
			extra = append(extra, e...)
		} else if now, err := doc.LookupErr(key); err == nil && sub != nil {
			if kept := keepIn(now, e.Value(), sub); len(kept.Value) != len(now.Value) {
				replaced[key] = kept
			}
		}
	}
	if extra == nil && len(replaced) == 0 {
		return doc
	}
	idx, out := bsoncore.AppendDocumentStart(nil)
	elems, _ := doc.Elements()
	for _, e := range elems {
		if v, ok := replaced[e.Key()]; ok {
			out = bsoncore.AppendValueElement(out, e.Key(), bsoncore.Value{Type: v.Type, Data: v.Value})
		} else {
			out = append(out, e...)
		}
	}
	out = append(out, extra...)
	out, _ = bsoncore.AppendDocumentEnd(out, idx)
	return out
}

func keepIn(now, old bson.RawValue, known *document) bson.RawValue {
	switch {
	case now.Type != old.Type:
	case now.Type == bson.TypeEmbeddedDocument:
		now.Value = keepUnknown(now.Document(), old.Document(), known)
	case now.Type == bson.TypeArray:
		now.Value = keepInArray(now.Array(), old.Array(), known)
	}
	return now
}

// keepInArray puts each old element that holds something unknown in the place
// of the new one that is equal to it as far as this program knows it.
func keepInArray(now, old bson.Raw, known *document) bson.Raw {
	before, _ := old.Values()
	before = slices.DeleteFunc(before, func(o bson.RawValue) bool { return !hasUnknown(o, known) })
	if len(before) == 0 {
		return now
	}
	elems, _ := now.Values()
	idx, out := bsoncore.AppendArrayStart(nil)
	for i, e := range elems {
		if j := slices.IndexFunc(before, func(o bson.RawValue) bool { return same(keepIn(e, o, known), o) }); j >= 0 {
			e = before[j]
			before = slices.Delete(before, j, j+1)
		}
		out = bsoncore.AppendValueElement(out, strconv.Itoa(i), bsoncore.Value{Type: e.Type, Data: e.Value})
	}
	out, _ = bsoncore.AppendArrayEnd(out, idx)
	return out
}

func hasUnknown(v bson.RawValue, known *document) bool {
	if v.Type == bson.TypeArray {
		elems, _ := v.Array().Values()
		return slices.ContainsFunc(elems, func(e bson.RawValue) bool { return hasUnknown(e, known) })
	}
	if v.Type != bson.TypeEmbeddedDocument {
		return false
	}
	elems, _ := v.Document().Elements()
	return slices.ContainsFunc(elems, func(e bson.RawElement) bool {
		sub, ok := known.within(e.Key())
		return !ok || sub != nil && hasUnknown(e.Value(), sub)
	})
}

// same compares values; the order of a document's fields does not matter.
func same(a, b bson.RawValue) bool {
	if a.Type != bson.TypeEmbeddedDocument || b.Type != a.Type {
		return a.Equal(b)
	}
	elems, _ := a.Document().Elements()
	return len(a.Value) == len(b.Value) && !slices.ContainsFunc(elems, func(e bson.RawElement) bool {
		return !same(e.Value(), b.Document().Lookup(e.Key()))
	})
}
