package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"
)

// Limits of text indexes.
const (
	MaxTerm  = 64    // bytes of a term
	MaxTerms = 2_000 // different terms of a document
	MaxAsked = 250   // different terms of a query
	// MaxSorted is how many matches are sorted at most where no index has the order.
	MaxSorted = 1_000
)

// Text is an index of documents by terms: any UTF-8 strings that the
// collection's function (see Worded) makes of a document and that are not
// part of it. A term twice counts once.
//
// A query has one Terms condition, a match has all of its terms, whole; or one
// AnyTerm condition, a match has at least one of them. And it has conditions Eq or In on at least one of the scope fields, of which In is
// a union: a match has one of its values. Deleted documents are not in the
// index, and a query for tombstones is refused.
//
// Where the declaration names an order, and the query's order is that field, up
// or down, or none, which is up, pages follow each other by keyset, and equal
// values are in the order of ids. Any other order is of declared fields with
// one value that every match has, and the matches are sorted: ErrTooBroad when
// more than MaxSorted pass. A range of the field that the index is in the order
// of is served by the index.
//
// Further conditions on declared fields are filters: ErrTooBroad when more
// than the query's Cap of what has terms and scope would have to be examined.
// So it is with counts.
type Text struct {
	Name   string
	Scopes []Field
	Order  *Field // nil for none
}

// textOf reads "name: scope, scope; order".
func textOf(decl string, field func(path string) Field) Text {
	name, list, _ := strings.Cut(decl, ":")
	scopes, order, ordered := strings.Cut(list, ";")
	t := Text{Name: name}
	for _, path := range strings.Split(scopes, ",") {
		f := field(path)
		if f.Kind != String || f.Multi {
			panic("store: a scope of a text index is one text: " + decl)
		}
		t.Scopes = append(t.Scopes, f)
	}
	if ordered {
		f := field(order)
		if f.Multi || f.Optional || f.Kind != Int && f.Kind != Time {
			panic("store: the order of a text index is one integer or time: " + decl)
		}
		t.Order = &f
	}
	return t
}

// addText checks one declared text index against the others.
func (s *Spec) addText(t Text) {
	if slices.ContainsFunc(s.Indexes, func(ix Index) bool { return ix.Name == t.Name }) || s.text(t.Name) != nil {
		panic("store: two indexes of one name: " + t.Name)
	}
	for _, other := range s.Texts {
		if (t.Order == nil) == (other.Order == nil) {
			panic("store: a collection has one text index with an order and one without at most: " + t.Name)
		}
	}
	s.Texts = append(s.Texts, t)
}

func (s *Spec) text(name string) *Text {
	for i := range s.Texts {
		if s.Texts[i].Name == name {
			return &s.Texts[i]
		}
	}
	return nil
}

// wording is a declared collection with the function of its terms.
type wording interface {
	Declared
	terms(doc any) ([]string, error)
	read(raw bson.Raw) (doc any, deleted bool, err error)
}

type worded[T any, P Doc[T]] struct {
	*Collection[T, P]
	words func(P) ([]string, error)
}

func (w worded[T, P]) terms(doc any) ([]string, error) { return w.words(doc.(P)) }

func (w worded[T, P]) read(raw bson.Raw) (any, bool, error) {
	doc, err := w.Decode(raw)
	if err != nil {
		return nil, false, err
	}
	return doc, doc.meta().Deleted, nil
}

// Worded is a collection with text indexes as Open takes it: words are the
// terms of a document, the same whenever it is asked for the same document.
// It is not asked about deleted ones. A document whose terms are an error is not written.
func Worded[T any, P Doc[T]](c *Collection[T, P], words func(P) ([]string, error)) Declared {
	return worded[T, P]{c, words}
}

// bindTexts keeps what makes the terms of the collections that have text indexes.
func (s *Store) bindTexts(collections []Declared) error {
	s.words = map[*Spec]wording{}
	for _, c := range collections {
		w, ok := c.(wording)
		if has := len(c.Spec().Texts) > 0; has != ok {
			return fmt.Errorf("store: collection %s: has text indexes is %v, and was opened with its terms is %v", c.Spec().Name, has, ok)
		}
		if ok {
			s.words[c.Spec()] = w
		}
	}
	return nil
}

// termsOf returns the terms of a document, each once, in order.
func (s *Store) termsOf(spec *Spec, doc any, deleted bool) ([]string, error) {
	w := s.words[spec]
	if w == nil || deleted {
		return nil, nil
	}
	words, err := w.terms(doc)
	if err != nil {
		return nil, err
	}
	terms := slices.Compact(slices.Sorted(slices.Values(words)))
	if len(terms) > MaxTerms {
		return nil, fmt.Errorf("store: document of %s with %d terms", spec.Name, len(terms))
	}
	for _, term := range terms {
		if !utf8.ValidString(term) {
			return nil, errNotUTF8
		}
		if term == "" || len(term) > MaxTerm {
			return nil, fmt.Errorf("store: document of %s with a term of %d bytes", spec.Name, len(term))
		}
	}
	return terms, nil
}

// termsIn is termsOf of a document as it is stored.
func (s *Store) termsIn(spec *Spec, raw bson.Raw) ([]string, error) {
	w := s.words[spec]
	if w == nil {
		return nil, nil
	}
	doc, deleted, err := w.read(raw)
	if err != nil {
		return nil, err
	}
	return s.termsOf(spec, doc, deleted)
}

// terms reports whether the condition is on the terms of a text index.
func (c Cond) terms() bool { return c.Op == OpTerms || c.Op == OpAnyTerm }

// planText resolves the query whose condition at this place is on terms.
func (s *Spec) planText(q Query, at int) (*Plan, error) {
	c, text := q.Where[at], s.text(q.Where[at].Field)
	if text == nil {
		return nil, fmt.Errorf("%w: %s has no text index %s", ErrNoIndex, s.Name, c.Field)
	}
	p := &Plan{Text: text, AnyTerm: c.Op == OpAnyTerm}
	for _, v := range c.Values {
		p.Terms = append(p.Terms, strings.ToValidUTF8(v.(string), "\ufffd"))
	}
	slices.Sort(p.Terms)
	p.Terms = slices.Compact(p.Terms)
	if len(p.Terms) == 0 || p.Terms[0] == "" || len(p.Terms) > MaxAsked {
		return nil, fmt.Errorf("store: %d terms are asked of text index %s of %s, or an empty one", len(p.Terms), text.Name, s.Name)
	}
	conds, err := s.normalise(slices.Delete(slices.Clone(q.Where), at, at+1))
	if err != nil {
		return nil, err
	}
	for _, c := range conds {
		scope := slices.ContainsFunc(text.Scopes, func(f Field) bool { return f.Path == c.Field })
		switch {
		case c.filter:
			p.Residual = append(p.Residual, c)
		case scope && (c.Op == OpEq || c.Op == OpIn):
			p.Scopes = append(p.Scopes, c)
		case text.Order != nil && c.Field == text.Order.Path && c.Op == OpRange && !p.Ranged:
			p.Ranged, p.From, p.To = true, c.Values[0], c.Values[1]
		default:
			p.Residual = append(p.Residual, c)
		}
	}
	if len(p.Scopes) == 0 || q.Deleted || slices.ContainsFunc(conds, func(c Cond) bool { return c.terms() }) {
		return nil, fmt.Errorf("%w: text of %s where %s, tombstones %v", ErrNoIndex, s.Name, describe(q.Where), q.Deleted)
	}
	if err := s.orderText(p, q); err != nil {
		return nil, err
	}
	return s.paged(p, q)
}

// orderText fits the order to what the text index has, or can be sorted by.
func (s *Spec) orderText(p *Plan, q Query) error {
	order, desc, err := s.order(q.Order)
	if err != nil {
		return err
	}
	p.Desc = desc
	if own := p.Text.Order; own != nil {
		if len(order) == 0 || len(order) == 1 && order[0] == own.Path {
			p.Order = []Field{*own}
			return nil
		}
	}
	p.Sorted = true
	return s.sortBy(p, order)
}

// Page sorts documents as the plan's order says and returns those of its page:
// after the cursor, no more than the limit.
func (p *Plan) Page(docs []bson.Raw) []bson.Raw {
	type row struct {
		doc  bson.Raw
		keys []any
	}
	compare := func(a, b []any) int {
		if p.Desc {
			a, b = b, a
		}
		return compareKeys(a, b)
	}
	rows := make([]row, 0, len(docs))
	for _, doc := range docs {
		if keys := p.sortKey(doc); p.After == nil || compare(keys, p.After) > 0 {
			rows = append(rows, row{doc, keys})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return compare(a.keys, b.keys) })
	out := make([]bson.Raw, 0, min(len(rows), p.Limit))
	for _, r := range rows[:min(len(rows), p.Limit)] {
		out = append(out, r.doc)
	}
	return out
}
