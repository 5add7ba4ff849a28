package store

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

type ref struct {
	spec *Spec
	id   string
}

// asked is a query that fn made and what it saw.
type asked struct {
	spec   *Spec
	plan   *Plan
	stamps []Stamp
}

// Tx is what the fn of an Update works with: reads of committed documents,
// which it remembers, and buffered writes. It is used by one goroutine.
type Tx struct {
	store      *Store
	set        string
	partitions []string
	read       map[ref]int64 // version seen; 0: was not there
	stated     map[ref]bool
	asked      []asked
	writes     []Write
	wrote      map[ref]int // index in writes
	drafts     []draft
	observed   bool   // something that a cache answered from
	again      bool   // fn ran before in this update
	lease      string // under which it writes, if any
	inTurn     bool   // no other update of this node writes under it
}

// Again reports whether fn runs since something that it had read was stale:
// what it knows from a cache is then better read anew.
func (tx *Tx) Again() bool { return tx.again }

func (s *Store) begin(set string, partitions []string) *Tx {
	return &Tx{store: s, set: set, partitions: partitions,
		read: map[ref]int64{}, stated: map[ref]bool{}, wrote: map[ref]int{}}
}

func (tx *Tx) get(ctx context.Context, spec *Spec, ids []string) (map[string]bson.Raw, error) {
	out := make(map[string]bson.Raw, len(ids))
	var ask []string
	for _, id := range ids {
		if i, ok := tx.wrote[ref{spec, id}]; ok {
			out[id] = slices.Clone(tx.writes[i].Doc)
		} else {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return out, nil
	}
	get := tx.store.get
	if tx.again {
		get = tx.store.getNow
	}
	found, err := get(ctx, spec, ask)
	if err != nil {
		return nil, err
	}
	for _, id := range ask {
		raw, ok := found[id]
		if !ok {
			tx.note(ref{spec, id}, 0)
			continue
		}
		tx.note(ref{spec, id}, version(raw))
		out[id] = raw
	}
	return out, nil
}

func (tx *Tx) find(ctx context.Context, spec *Spec, queries []Query) ([]bson.Raw, string, error) {
	for r := range tx.wrote {
		if r.spec == spec {
			return nil, "", fmt.Errorf("store: query on %s after a write to it in the same update", spec.Name)
		}
	}
	return tx.store.merge(spec, queries, func(p *Plan) ([]bson.Raw, error) {
		if p.found != nil {
			return nil, fmt.Errorf("store: sorted query on %s in an update", spec.Name)
		}
		raws, err := tx.store.ask(ctx, spec, p)
		if err != nil {
			return nil, err
		}
		made := *p
		tx.asked = append(tx.asked, asked{spec, &made, StampsOf(raws)})
		for _, raw := range raws {
			tx.note(ref{spec, idOf(raw)}, version(raw))
		}
		return raws, nil
	})
}

// note remembers the first version seen: a later, different one makes the set stale.
func (tx *Tx) note(r ref, v int64) {
	if _, ok := tx.read[r]; !ok {
		tx.read[r] = v
	}
}

// Observe counts a document that a cache answered from as read at this
// version (0: that it did not exist), so that the update reruns if the cache was behind.
func Observe[T any, P Doc[T]](tx *Tx, c *Collection[T, P], id string, version int64) {
	tx.observed = true
	tx.note(ref{c.spec, id}, version)
}

// Insert buffers a new document. An id that is taken, by a tombstone too, is
// a *DuplicateError by index "_id", at once or at commit: where a deleted
// document may come again under its id, it is read with GetManyEver and Put
// with Deleted unset, so that its versions go on. A journaled
// collection needs at least one entry.
func (c *Collection[T, P]) Insert(tx *Tx, doc P, entries ...Entry) error {
	m := doc.meta()
	if m.read {
		return fmt.Errorf("store: insert of a document read from %s", c.spec.Name)
	}
	r := ref{c.spec, m.ID}
	if _, ok := tx.wrote[r]; ok || tx.read[r] != 0 {
		return &DuplicateError{c.spec.Name, "_id"}
	}
	return c.write(tx, doc, 0, entries)
}

// Put buffers the new content of a document that this fn has read. The
// document must be the one read (or written before) here: putting one from
// elsewhere, at another version, would undo what happened in between.
func (c *Collection[T, P]) Put(tx *Tx, doc P, entries ...Entry) error {
	m := doc.meta()
	r := ref{c.spec, m.ID}
	old, current := tx.read[r], tx.read[r]
	if i, ok := tx.wrote[r]; ok {
		old, current = tx.writes[i].Old, tx.writes[i].Old+1
	}
	if current == 0 {
		return fmt.Errorf("store: put of a document of %s that this update has not read", c.spec.Name)
	}
	if m.Version != current {
		return fmt.Errorf("store: put of a document of %s at version %d, this update knows version %d", c.spec.Name, m.Version, current)
	}
	return c.write(tx, doc, old, entries)
}

// Delete buffers a soft delete: the document stays as a tombstone.
func (c *Collection[T, P]) Delete(tx *Tx, doc P, entries ...Entry) error {
	doc.meta().Deleted = true
	return c.Put(tx, doc, entries...)
}

// Record buffers an entry about a document that this update only reads (a reveal, say).
func (c *Collection[T, P]) Record(tx *Tx, doc P, e Entry) error {
	if err := tx.covers(c.spec, doc.meta().Partition); err != nil {
		return err
	}
	return tx.addDraft(c.spec, doc.meta(), e)
}

func (c *Collection[T, P]) write(tx *Tx, doc P, old int64, entries []Entry) error {
	if err := tx.store.knows(c.spec); err != nil {
		return err
	}
	if own := tx.store.collections[c.spec.Name]; own != nil && own.newer.Load() {
		return fmt.Errorf("%w (collection %s)", ErrNewer, c.spec.Name)
	}
	m := doc.meta()
	if m.ID == "" {
		return fmt.Errorf("store: document of %s without id", c.spec.Name)
	}
	if c.spec.Journaled == (len(entries) == 0) {
		return fmt.Errorf("store: %s: journaled is %v, and %d entries were given", c.spec.Name, c.spec.Journaled, len(entries))
	}
	if c.spec.Journaled {
		if err := tx.covers(c.spec, m.Partition); err != nil {
			return err
		}
		if m.read {
			if err := tx.covers(c.spec, m.from); err != nil {
				return err
			}
		}
	}
	was := m.Version
	m.Version, m.Schema = old+1, c.spec.Schema
	raw, err := c.Encode(doc)
	var terms []string
	if err == nil {
		terms, err = tx.store.termsOf(c.spec, doc, m.Deleted)
	}
	before := len(tx.drafts)
	for i := 0; i < len(entries) && err == nil; i++ {
		err = tx.addDraft(c.spec, m, entries[i])
	}
	if err != nil {
		m.Version, tx.drafts = was, tx.drafts[:before] // no entry without its document
		return err
	}
	r, w := ref{c.spec, m.ID}, Write{Spec: c.spec, ID: m.ID, Old: old, Doc: raw, Terms: terms}
	if i, ok := tx.wrote[r]; ok {
		tx.writes[i] = w
		return nil
	}
	tx.wrote[r] = len(tx.writes)
	tx.writes = append(tx.writes, w)
	return nil
}

// Covers reports whether the update may write what lies in a partition.
func (tx *Tx) Covers(partition string) bool { return slices.Contains(tx.partitions, partition) }

func (tx *Tx) covers(spec *Spec, partition string) error {
	if partition == "" || !tx.Covers(partition) {
		return fmt.Errorf("store: %s of partition %q written by an update of %v", spec.Name, partition, tx.partitions)
	}
	return nil
}

// idOf is "" for a damaged document without one.
func idOf(raw bson.Raw) string {
	id, _ := raw.Lookup("_id").StringValueOK()
	return id
}

// sound reports whether a document has an id and is not damaged by its form.
func sound(raw bson.Raw) bool { return idOf(raw) != "" && raw.Validate() == nil }

// lastSound is the place of the last sound document, -1 when there is none.
func lastSound[T any](rows []T, raw func(T) bson.Raw) int {
	last := len(rows) - 1
	for last >= 0 && !sound(raw(rows[last])) {
		last--
	}
	return last
}

func version(raw bson.Raw) int64 {
	v, _ := raw.Lookup("version").AsInt64OK()
	return v
}

// StampsOf returns the ids and versions of documents.
func StampsOf(raws []bson.Raw) []Stamp {
	out := make([]Stamp, len(raws))
	for i, raw := range raws {
		out[i] = Stamp{idOf(raw), version(raw)}
	}
	return out
}
