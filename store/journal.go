package store

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/bson"
)

// Entry is one line of the journal: who did what to which document. It holds
// ids and enums, never names, phones or free text (Record refuses anything
// but short plain ASCII), so that erasing a person never rewrites it.
type Entry struct {
	Meta   `store:",inline"`
	Number int64     `store:"n"`   // 1, 2, 3 … in the partition, in commit order
	Set    string    `store:"set"` // id of the write set: entries committed together share it
	At     time.Time `store:"at"`
	Actor  string    `store:"actor"`          // account id, or "system"
	From   string    `store:"from,omitempty"` // session id or tool it came from
	Action string    `store:"action"`

	Collection string            `store:"collection"`
	Doc        string            `store:"doc"`
	DocVersion int64             `store:"docVersion"`
	Before     Facts             `store:"before"`
	After      Facts             `store:"after"`
	Dims       map[string]string `store:"dims,omitempty"` // dimensions that KPIs count by
}

// Facts are what of a document readers of the journal need without reading the document.
type Facts struct {
	State    string `store:"state,omitempty"`
	Cell     string `store:"cell,omitempty"`
	Assignee string `store:"assignee,omitempty"`
}

var journal = Declare[Entry](Declaration{
	Name: "journal", Schema: 1, Unjournaled: true,
	Indexes: []string{"number: partition, n", "doc: collection, doc, docVersion", "set: set", "time: partition, at"},
})

// Journal returns up to limit entries of a partition with numbers above after,
// in order. One that cannot be read is an error: whoever follows must not pass it over.
func (s *Store) Journal(ctx context.Context, partition string, after int64, limit int) ([]*Entry, error) {
	if after == math.MaxInt64 {
		return nil, nil // and not those above its successor, which is negative
	}
	raws, _, err := s.find(ctx, journal.spec, []Query{{
		Where: []Cond{Eq("partition", partition), Between("n", after+1, nil)}, Order: []string{"n"}, Limit: limit,
	}})
	if err != nil {
		return nil, err
	}
	entries := make([]*Entry, len(raws))
	for i, raw := range raws {
		if entries[i], err = journal.Decode(raw); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// History returns one page of those of a document's entries that shown says
// are for the reader (all, when it is nil), oldest first whatever partitions it
// lay in, and the next page's cursor, which holds nothing of the others.
// Documents of other collections may have the same id; theirs are not among them.
func (c *Collection[T, P]) History(ctx context.Context, s *Store, doc string, limit int, cursor string, shown func(*Entry) bool) ([]*Entry, string, error) {
	q := Query{Where: []Cond{Eq("collection", c.spec.Name), Eq("doc", doc)}, Order: []string{"docVersion"}, Limit: limit, After: cursor}
	plan, err := s.plan(journal.spec, q)
	if err != nil {
		return nil, "", err
	}
	var page []*Entry
	last := ""
	for {
		raws, next, err := s.find(ctx, journal.spec, []Query{q})
		if err != nil {
			return nil, "", err
		}
		for _, raw := range raws {
			e, err := journal.Decode(raw)
			if err != nil {
				if err = s.unread(journal.spec, raw, err); err != nil {
					return nil, "", err
				}
				continue
			}
			if shown != nil && !shown(e) {
				continue
			}
			if len(page) == plan.Limit {
				return page, last, nil
			}
			page, last = append(page, e), plan.cursorAfter(raw)
		}
		if next == "" {
			return page, "", nil
		}
		q.After = next
	}
}

// draft is an entry encoded before its number is known.
type draft struct {
	partition string
	spec      *Spec
	doc       string
	raw       bson.Raw
}

const numberWidth = 10 // digits of the number in an entry's id, to the base of 36

// Forerunners returns up to limit entries of the same document below the version of
// this one, the latest first, whatever partitions it lay in.
func (s *Store) Forerunners(ctx context.Context, e *Entry, limit int) ([]*Entry, error) {
	entries, _, err := journal.Find(ctx, s, Query{
		Where: []Cond{Eq("collection", e.Collection), Eq("doc", e.Doc), Between("docVersion", nil, e.DocVersion)}, Order: []string{"-docVersion"}, Limit: limit,
	})
	return entries, err
}

// entryID is short, since every index of the journal has it. Entries of before
// have the partition as it is, a slash, and 16 decimal digits.
func entryID(partition string, n int64) string {
	short := partition
	if id, err := uuid.Parse(partition); err == nil && id.String() == partition {
		short = base64.RawURLEncoding.EncodeToString(id[:])
	}
	return short + "." + digits(n)
}

func digits(n int64) string {
	text := strconv.FormatInt(n, 36)
	return strings.Repeat("0", numberWidth-len(text)) + text
}

// number writes the number into the encoded entry, in place.
func (d *draft) number(n int64) {
	setInt64(d.raw, "n", n)
	id := d.raw.Lookup("_id").Value // int32 length, bytes, NUL
	size := int(binary.LittleEndian.Uint32(id))
	copy(id[4+size-1-numberWidth:], digits(n))
}

func (tx *Tx) addDraft(spec *Spec, m *Meta, e Entry) error {
	if e.Action == "" || e.At.IsZero() || e.Actor == "" {
		return fmt.Errorf("store: entry for %s without action, time or actor", spec.Name)
	}
	for _, v := range []string{e.Actor, e.From, e.Action, e.Before.State, e.Before.Cell, e.Before.Assignee, e.After.State, e.After.Cell, e.After.Assignee} {
		if !plain(v) {
			return fmt.Errorf("store: entry %s of %s holds free text", e.Action, spec.Name)
		}
	}
	for k, v := range e.Dims {
		if !plain(k) || !plain(v) {
			return fmt.Errorf("store: dimension %s of entry %s holds free text", k, e.Action)
		}
	}
	e.Meta = Meta{ID: entryID(m.Partition, 0), Partition: m.Partition, Version: 1, Schema: journal.spec.Schema}
	e.Set, e.Collection, e.Doc, e.DocVersion = tx.set, spec.Name, m.ID, m.Version
	raw, err := journal.Encode(&e)
	if err != nil {
		return err
	}
	tx.drafts = append(tx.drafts, draft{m.Partition, spec, m.ID, raw})
	return nil
}

// plain: an id, a code, an enum or a list of these.
func plain(s string) bool {
	if len(s) > 200 {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// IDsIn are the ids that entries have in a dimension.
func IDsIn(entries []*Entry, dim string) (ids []string) {
	for _, e := range entries {
		if id := e.Dims[dim]; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}
