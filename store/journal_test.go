package store

import "testing"

// TestEntryIDs: entries of a street have short ids, none has that of another,
// and the number comes into an encoded entry as it is in the id.
func TestEntryIDs(t *testing.T) {
	const street, other = "ae6dcc90-d9c4-54b0-b2b3-285f9226e4e1", "AE6DCC90-d9c4-54b0-b2b3-285f9226e4e1" // which is no id as they are written
	for _, c := range []struct {
		partition string
		n         int64
		want      string
	}{
		{street, 1, "rm3MkNnEVLCysyhfkibk4Q.0000000001"}, {street, 33_226, "rm3MkNnEVLCysyhfkibk4Q.0000000pmy"}, {street, 1 << 50, "rm3MkNnEVLCysyhfkibk4Q.b33j9ynrb4"},
		{other, 1, other + ".0000000001"}, {"city", 35, "city.000000000z"}, {"city", 36, "city.0000000010"},
	} {
		if got := entryID(c.partition, c.n); got != c.want {
			t.Errorf("entry %d of %s is %s, want %s", c.n, c.partition, got, c.want)
		}
		raw, err := journal.Encode(&Entry{Meta: Meta{ID: entryID(c.partition, 0), Partition: c.partition}})
		if err != nil {
			t.Fatal(err)
		}
		d := draft{raw: raw}
		d.number(c.n)
		if e, err := journal.Decode(d.raw); err != nil || e.ID != c.want || e.Number != c.n {
			t.Errorf("entry %d of %s is encoded as %s %d (%v)", c.n, c.partition, e.ID, e.Number, err)
		}
	}
}
