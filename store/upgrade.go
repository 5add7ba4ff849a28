package store

import (
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// A stored document as upgrades see it: fields in their order, and lists.
type (
	D = bson.D
	E = bson.E
	A = bson.A
)

// Without is a stored document without some of its fields.
func Without(doc D, fields ...string) D {
	return slices.DeleteFunc(doc, func(e E) bool { return slices.Contains(fields, e.Key) })
}

// Moment is a time in a stored document; false for what is none.
func Moment(v any) (time.Time, bool) {
	at, ok := v.(primitive.DateTime)
	return at.Time().UTC(), ok
}

// Upgrade brings a document of one schema to the next. It may change any field
// but those of the envelope; what it does not name it leaves, fields that this
// program does not know among them. It may see a document any number of times.
type Upgrade = func(D) (D, error)

// Upgraded returns a stored document in today's schema: as it is, or through
// the chain. One of a newer schema is ErrNewer.
func (s *Spec) Upgraded(raw bson.Raw) (bson.Raw, error) {
	from := schemaOf(raw)
	switch {
	case from == s.Schema || from <= 0: // 0: one that was never stored; less: a damaged one
		return raw, nil
	case from > s.Schema:
		return nil, fmt.Errorf("%w (a document of %s has schema %d, this program knows %d)", ErrNewer, s.Name, from, s.Schema)
	}
	var doc bson.D
	if err := bson.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("store: upgrade %s: %w", s.Name, err)
	}
	for i, up := range s.upgrades[from-1:] {
		var err error
		if doc, err = up(doc); err != nil {
			return nil, fmt.Errorf("store: upgrade %s from schema %d: %w", s.Name, int(from)+i, err)
		}
	}
	if i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == "schema" }); i >= 0 {
		doc[i].Value = s.Schema
	} else if hidden(raw) { // the upgrade gave the field another name
		doc = append(doc, bson.E{Key: "schema", Value: s.Schema})
	}
	out, err := bson.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("store: upgrade %s: %w", s.Name, err)
	}
	for _, name := range []string{"_id", "partition", "version", "seq", "deleted"} {
		if !bson.Raw(out).Lookup(name).Equal(raw.Lookup(name)) {
			return nil, fmt.Errorf("store: upgrade %s from schema %d changed %s", s.Name, from, name)
		}
	}
	if schemaOf(out) != s.Schema {
		return nil, fmt.Errorf("store: upgrade %s from schema %d took the schema away", s.Name, from)
	}
	return out, nil
}

func schemaOf(raw bson.Raw) int32 {
	if hidden(raw) {
		return 1
	}
	n, _ := raw.Lookup("schema").AsInt64OK()
	return int32(n)
}

// hidden: a field of the type's own had the name of the envelope's, which
// Declare allowed once in collections without upgrades: the document is of their first schema.
func hidden(raw bson.Raw) bool {
	own, err := raw.LookupErr("schema")
	_, number := own.AsInt64OK()
	return err == nil && !number
}
