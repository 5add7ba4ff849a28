package store

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// cursor is what a page's cursor holds: the order it belongs to and the
// sort values of its last document, the id at the end.
type cursor struct {
	Order string `bson:"o"`
	Keys  bson.A `bson:"k"`
}

func (p *Plan) orderName() string {
	var b strings.Builder
	for _, f := range p.Order {
		b.WriteString(f.Path + ",")
	}
	return fmt.Sprint(b.String(), p.Desc)
}

// sortKey returns the values of Order and the id.
func (p *Plan) sortKey(doc bson.Raw) []any {
	keys := make([]any, 0, len(p.Order)+1)
	for _, f := range p.Order {
		keys = append(keys, f.Value(doc))
	}
	return append(keys, doc.Lookup("_id").StringValue())
}

func (p *Plan) cursorAfter(doc bson.Raw) string {
	b, err := bson.Marshal(cursor{p.orderName(), p.sortKey(doc)})
	if err != nil {
		panic(err) // only strings, numbers, times
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text string, p *Plan) ([]any, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrCursor
	}
	var c cursor
	if bson.Raw(b).Validate() != nil || bson.Unmarshal(b, &c) != nil || c.Order != p.orderName() || len(c.Keys) != len(p.Order)+1 {
		return nil, ErrCursor
	}
	keys := make([]any, len(c.Keys))
	for i, k := range c.Keys {
		f := Field{Kind: String}
		if i < len(p.Order) {
			f = p.Order[i]
		}
		if d, ok := k.(interface{ Time() time.Time }); ok {
			k = d.Time()
		}
		if keys[i] = f.normal(k); keys[i] == nil {
			return nil, ErrCursor
		}
	}
	return keys, nil
}

// compareKeys compares sort keys; an absent value (a document older than the field) comes first.
func compareKeys(a, b []any) int {
	for i := range a {
		if c := compareValues(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func compareValues(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(rank(a), rank(b))
	}
	switch x := a.(type) {
	case string:
		return strings.Compare(x, b.(string))
	case int64:
		return cmp.Compare(x, b.(int64))
	case time.Time:
		return x.Compare(b.(time.Time))
	}
	return cmp.Compare(rank(a), rank(b))
}

// rank orders what has no order of its own: absent, false, true.
func rank(v any) int {
	switch v {
	case nil:
		return 0
	case false:
		return 1
	}
	return 2
}
