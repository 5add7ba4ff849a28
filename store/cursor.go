package store

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// cursor is what a page's cursor holds: the order it belongs to and the
// sort values of its last document, the id at the end.
type cursor struct {
	Order string            `json:"o"`
	Keys  []json.RawMessage `json:"k"`
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
	return append(keys, idOf(doc))
}

func (p *Plan) cursorAfter(doc bson.Raw) string {
	c := cursor{Order: p.orderName()}
	for _, key := range p.sortKey(doc) {
		if at, ok := key.(time.Time); ok {
			key = at.UnixMilli()
		}
		b, err := json.Marshal(key)
		if err != nil {
			panic(err) // only texts, integers, truth values
		}
		c.Keys = append(c.Keys, b)
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text string, p *Plan) ([]any, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Order != p.orderName() || len(c.Keys) != len(p.Order)+1 {
		return nil, ErrCursor
	}
	keys := make([]any, len(c.Keys))
	for i, b := range c.Keys {
		kind := String // of the id
		if i < len(p.Order) {
			kind = p.Order[i].Kind
		}
		if keys[i], err = parseKey(b, kind); err != nil || string(b) == "null" {
			return nil, ErrCursor
		}
	}
	return keys, nil
}

func parseKey(b []byte, kind Kind) (any, error) {
	switch kind {
	case Int, Time:
		var n int64
		err := json.Unmarshal(b, &n)
		if kind == Time {
			return time.UnixMilli(n).UTC(), err
		}
		return n, err
	case Bool:
		var v bool
		err := json.Unmarshal(b, &v)
		return v, err
	}
	var v string
	err := json.Unmarshal(b, &v)
	return v, err
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
