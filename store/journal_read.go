package store

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// readMost is how many entries are looked through for one page.
const readMost = 20_000

// readChunk is how many of them are read at once.
const readChunk = 250

// Keep says which of some entries are for the reader, in their order.
type Keep func([]*Entry) ([]*Entry, error)

// Latest returns one page of the entries of these partitions, from <= at < to
// (zero times leave an end open), the latest first: those that keep says are
// for the reader, and the next page's cursor, which holds nothing of the
// others. ErrTooBroad when so many are not that no page comes together.
func (s *Store) Latest(ctx context.Context, partitions []string, from, to time.Time, limit int, cursor string, keep Keep) ([]*Entry, string, error) {
	where := []Cond{In("partition", partitions...)}
	if !from.IsZero() || !to.IsZero() {
		where = append(where, Within("at", from, to))
	}
	return s.latest(ctx, Query{Where: where, Order: []string{"-at"}, Limit: limit, After: cursor}, keep)
}

// LatestOf is Latest of a document's entries, whatever partitions it lay in.
func (s *Store) LatestOf(ctx context.Context, collection, doc string, limit int, cursor string, keep Keep) ([]*Entry, string, error) {
	return s.latest(ctx, Query{Where: []Cond{Eq("collection", collection), Eq("doc", doc)}, Order: []string{"-docVersion"}, Limit: limit, After: cursor}, keep)
}

func (s *Store) latest(ctx context.Context, q Query, keep Keep) ([]*Entry, string, error) {
	plan, err := s.plan(journal.spec, q)
	if err != nil {
		return nil, "", err
	}
	limit := plan.Limit
	q.Limit = readChunk
	var page []*Entry
	last := ""
	for examined := 0; examined < readMost; examined += readChunk {
		raws, next, err := s.find(ctx, journal.spec, []Query{q})
		if err != nil {
			return nil, "", err
		}
		entries, of, err := s.readable(raws)
		if err != nil {
			return nil, "", err
		}
		kept, err := keep(entries)
		if err != nil {
			return nil, "", err
		}
		for _, e := range kept {
			if len(page) == limit {
				return page, last, nil
			}
			page, last = append(page, e), plan.cursorAfter(of[e])
		}
		if next == "" {
			return page, "", nil
		}
		q.After = next
	}
	if len(page) == 0 {
		return nil, "", ErrTooBroad
	}
	return page, last, nil
}

// readable decodes entries, but for those that are damaged, with what each was made of.
func (s *Store) readable(raws []bson.Raw) ([]*Entry, map[*Entry]bson.Raw, error) {
	entries, of := make([]*Entry, 0, len(raws)), make(map[*Entry]bson.Raw, len(raws))
	for _, raw := range raws {
		e, err := journal.Decode(raw)
		if err != nil {
			if err = s.unread(journal.spec, raw, err); err != nil {
				return nil, nil, err
			}
			continue
		}
		entries, of[e] = append(entries, e), raw
	}
	return entries, of, nil
}

// Numbered returns the entries of a partition that have these numbers, by them.
func (s *Store) Numbered(ctx context.Context, partition string, numbers []int64) (map[int64]*Entry, error) {
	out := make(map[int64]*Entry, len(numbers))
	for some := range slices.Chunk(numbers, readChunk) {
		found, _, err := journal.Find(ctx, s, Query{Where: []Cond{Eq("partition", partition), In("n", some...)}, Order: []string{"n"}, Limit: len(some)})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			out[e.Number] = e
		}
	}
	return out, nil
}

// Standing is where a document lies now.
type Standing struct {
	Partition string
	Deleted   bool
}

// Standings tells of documents of a collection, deleted ones too, where they
// lie; what is not there, or damaged, is left out.
func (s *Store) Standings(ctx context.Context, collection string, ids []string) (map[string]Standing, error) {
	spec := s.specs[collection]
	if spec == nil {
		return nil, nil
	}
	found, err := s.getNow(ctx, spec, ids)
	out := make(map[string]Standing, len(found))
	for id, raw := range found {
		partition, named := raw.Lookup("partition").StringValueOK()
		if deleted, said := raw.Lookup("deleted").BooleanOK(); named && said {
			out[id] = Standing{partition, deleted}
		}
	}
	return out, err
}
