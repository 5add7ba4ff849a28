package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/klauspost/compress/s2"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"

	"wangge/store"
)

// A document lies in its row as BSON, or packed with a dictionary of its
// collection: its S2 block, the number and the checksum of the dictionary, and
// a last byte that BSON never has. Dictionaries are made of documents that were
// written; one that rows were packed with stays for good. The checksum tells it
// from one that was damaged, or that got the number of one that was lost.
const (
	packed  = 2 // the last byte
	trailer = 5 // bytes after the block
)

const (
	dictionariesMost = 16       // of a collection
	sampled          = 64       // documents that a dictionary is made of
	window           = 256      // documents, a sampled one in four, that are looked at together
	worse            = 1.2      // times the bytes that the first window of a dictionary took: then another is made
	sampleMost       = 16 << 10 // bytes of one of them
	inDictionary     = 16       // of these that are in it
	idLength         = 36
	alike            = 4 // documents that a value of a dictionary was in, at least
)

// unpack returns the document of a row.
func (d *dictionaries) unpack(row []byte) (bson.Raw, error) {
	n := len(row) - trailer
	if n < 0 || row[n+trailer-1] != packed {
		return row, nil
	}
	number := binary.LittleEndian.Uint16(row[n:])
	dict, err := d.find(number)
	if err != nil {
		return nil, err
	}
	if dict.sum != binary.LittleEndian.Uint16(row[n+2:]) {
		return nil, fmt.Errorf("%w: %s (dictionary %d is another)", store.ErrDamaged, adviceDamaged, number)
	}
	size, err := s2.DecodedLen(row[:n])
	if err == nil && size > store.MaxDocument {
		err = fmt.Errorf("of %d bytes", size)
	}
	var doc []byte
	if err == nil {
		doc, err = dict.Decode(nil, row[:n])
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errSpoilt, err)
	}
	return doc, nil
}

// errSpoilt: a packed document is damaged; others are not for that.
var errSpoilt = errors.New("sqlite: a packed document is damaged")

// spoilt stands for it, where it is read together with others: nothing but its
// id, in a form that nobody takes for a whole document.
func spoilt(id string) bson.Raw {
	i, doc := bsoncore.AppendDocumentStart(nil)
	doc = append(bsoncore.AppendStringElement(doc, "_id", id), byte(bson.TypeString), 's', 0, 0xff, 0xff, 0xff, 0x7f)
	doc, _ = bsoncore.AppendDocumentEnd(doc, i)
	return doc
}

// makePacking has the documents packed with the last dictionary that was made for them.
func (tx *tx) makePacking(ctx context.Context, t *table) error {
	last, err := tx.number(ctx, "SELECT coalesce(max(id), 0) FROM dictionaries WHERE collection = ?", t.spec.Name)
	if err != nil || last == 0 {
		return err
	}
	made, err := tx.number(ctx, "SELECT count(*) FROM dictionaries WHERE collection = ?", t.spec.Name)
	if err != nil {
		return err
	}
	dict, err := t.dictionaries.find(uint16(last))
	t.packing = packing{dict: dict, made: int(made)}
	return err
}

// packing is how the documents of a table are packed. Whoever has the turn uses it.
type packing struct {
	dict   dictionary // none yet, or the last one
	made   int        // dictionaries of the collection
	buffer []byte

	// The present window.
	written int
	in, out int                 // bytes, of documents and packed
	samples map[string]bson.Raw // by id: one document's own values are not alike in several

	windows int     // since the dictionary was made
	first   float64 // share of the bytes that the first of them took
}

// pack returns what lies in the row of a document, until the next call.
func (t *table) pack(doc bson.Raw) []byte {
	p := &t.packing
	row := p.pack(doc)
	if p.made < dictionariesMost {
		p.look(doc, len(row))
	}
	return row
}

func (p *packing) pack(doc bson.Raw) []byte {
	if p.dict.Dict == nil {
		return doc
	}
	buffer := p.buffer
	if need := s2.MaxEncodedLen(len(doc)) + trailer; cap(buffer) < need {
		if buffer = make([]byte, need); len(doc) <= sampleMost {
			p.buffer = buffer
		}
	}
	out := p.dict.Encode(buffer, doc)
	if len(out)+trailer >= len(doc) {
		return doc
	}
	out = binary.LittleEndian.AppendUint16(out, p.dict.number)
	return append(binary.LittleEndian.AppendUint16(out, p.dict.sum), packed)
}

// look takes a document into the window.
func (p *packing) look(doc bson.Raw, size int) {
	if p.samples == nil {
		p.samples = make(map[string]bson.Raw, sampled)
	}
	if (p.dict.Dict == nil || p.written%(window/sampled) == 0) && len(doc) <= sampleMost {
		p.samples[doc.Lookup("_id").StringValue()] = doc
	}
	p.written, p.in, p.out = p.written+1, p.in+len(doc), p.out+size
}

// due: the first dictionary as soon as there are documents for it, a second
// soon after, and others, the more seldom the more there are, when a window
// turns out worse. A window that was looked at is over.
func (p *packing) due() bool {
	if p.dict.Dict == nil {
		return len(p.samples) >= sampled
	}
	if p.written < window {
		return false
	}
	share := float64(p.out) / float64(p.in)
	if p.windows++; p.windows == 1 {
		p.first = share
	}
	if p.windows >= p.made && (p.made == 1 || share > worse*p.first) {
		return true
	}
	p.written, p.in, p.out, p.samples = 0, 0, 0, nil
	return false
}

// learn makes the next dictionary when it is due.
func (tx *tx) learn(ctx context.Context, t *table) error {
	p := &t.packing
	if p.made >= dictionariesMost || !p.due() {
		return nil
	}
	d := s2.MakeDict(dictionaryOf(p.samples), nil)
	*p = packing{dict: p.dict, made: p.made, buffer: p.buffer}
	if d == nil { // all were too large
		return nil
	}
	number, err := tx.number(ctx, "SELECT coalesce(max(id), 0) + 1 FROM dictionaries")
	if err != nil {
		return err
	}
	content := d.Bytes()
	if err := tx.exec(ctx, "INSERT INTO dictionaries (id, collection, content) VALUES (?, ?, ?)", number, t.spec.Name, content); err != nil {
		return err
	}
	tx.learned = append(tx.learned, learned{t, *p})
	p.dict, p.made = dictionary{d, uint16(number), sumOf(content)}, p.made+1
	return nil
}

// learned is a table that got a dictionary within the transaction, and how it was packed before.
type learned struct {
	table  *table
	before packing
}

// forget has documents packed as before a transaction that was undone.
func (tx *tx) forget() {
	for _, l := range slices.Backward(tx.learned) {
		l.table.packing = l.before
	}
}

// dictionaryOf makes a dictionary of documents: some of them, without the
// values that are their own or could be a person's.
func dictionaryOf(samples map[string]bson.Raw) []byte {
	count := map[string]int{}
	var ids []string
	for id, doc := range samples {
		ids = append(ids, id)
		seen := map[string]bool{}
		values(doc, func(e bson.RawElement) {
			if !seen[string(e)] {
				seen[string(e)] = true
				count[string(e)]++
			}
		})
	}
	var out []byte
	for _, id := range ids[:min(len(ids), inDictionary)] {
		doc := bytes.Clone(samples[id])
		values(doc, func(e bson.RawElement) {
			if v := e.Value(); count[string(e)] < alike || !anybodys(v) {
				blank(v)
			}
		})
		out = append(out, doc...)
	}
	return out
}

// values calls with every value of a document that is not made of others.
func values(doc bson.Raw, call func(bson.RawElement)) {
	elements, _ := doc.Elements() // of a document that was encoded just now
	for _, e := range elements {
		switch v := e.Value(); v.Type {
		case bson.TypeEmbeddedDocument, bson.TypeArray:
			values(v.Value, call)
		default:
			call(e)
		}
	}
}

// anybodys reports whether a value is no person's name, number or secret, by
// its looks: ids, short codes, times and numbers are kept, other texts are not.
func anybodys(v bson.RawValue) bool {
	switch v.Type {
	case bson.TypeBoolean, bson.TypeNull, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime:
		return true
	case bson.TypeString:
		text := v.StringValue()
		return (len(text) == idLength || !manyDigits.MatchString(text)) && !strings.ContainsFunc(text, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_:./", r)
		})
	}
	return false
}

// manyDigits: phones and ID numbers, which people also write into other texts.
var manyDigits = regexp.MustCompile("[0-9]{7}")

// blank overwrites a value, but for its length.
func blank(v bson.RawValue) {
	text := v.Value
	if v.Type == bson.TypeString || v.Type == bson.TypeBinary {
		text = text[4:]
	}
	for i := range text {
		text[i] = '0'
	}
}
