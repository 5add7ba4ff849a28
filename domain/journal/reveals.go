package journal

import (
	"context"

	"wangge/domain"
	"wangge/domain/reveal"
	"wangge/store"
)

// revealsMost is how many are looked through for one page.
const revealsMost = 5000

// reveals are the lines of what was looked at in clear. They are found by
// their records, which are few among all that happened.
func (r *reader) reveals(ctx context.Context, partitions []string, f Filter, limit int, cursor string) ([]Line, string, error) {
	var page []Line
	for examined := 0; examined < revealsMost; {
		asked := limit - len(page) // so that the last one of a full page is shown: its cursor holds nothing of another
		found, next, err := reveal.Latest(ctx, r.Store, partitions, f.From, f.To, f.Actor, asked, cursor)
		if err != nil {
			return nil, "", err
		}
		lines, err := r.looked(ctx, found, f)
		if err != nil {
			return nil, "", err
		}
		page = append(page, lines...)
		if len(page) >= limit || next == "" {
			return page, next, nil
		}
		cursor = next
		examined += asked
	}
	return nil, "", domain.ErrTooBroad
}

// looked are the lines of these records: of the entry about what was looked at,
// which was written just before the record's own.
func (r *reader) looked(ctx context.Context, records []*reveal.Revealing, f Filter) ([]Line, error) {
	numbers := map[string][]int64{}
	for _, one := range records {
		numbers[one.Partition] = append(numbers[one.Partition], one.Seq-1, one.Seq)
	}
	entries := map[string]map[int64]*store.Entry{}
	for partition, wanted := range numbers {
		var err error
		if entries[partition], err = r.Store.Numbered(ctx, partition, wanted); err != nil {
			return nil, err
		}
	}
	record := map[*store.Entry]*reveal.Revealing{}
	var asked []*store.Entry
	for _, one := range records {
		e := entries[one.Partition][one.Seq]
		if before := entries[one.Partition][one.Seq-1]; before != nil && before.Collection != reveals && before.Dims["record"] == one.ID {
			e = before
		}
		if e != nil && f.has(e) && (e.Collection != reveals || searches(e)) {
			record[e], asked = one, append(asked, e)
		}
	}
	seen, err := r.seen(ctx, asked)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(seen))
	for i, e := range seen {
		lines[i] = r.line(e, record[e])
	}
	return lines, nil
}
