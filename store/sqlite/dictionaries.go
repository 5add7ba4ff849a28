package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/s2"

	"wangge/store"
)

const makeDictionaries = "CREATE TABLE IF NOT EXISTS dictionaries (id INTEGER PRIMARY KEY, collection TEXT NOT NULL, content BLOB NOT NULL)"

// dictionary is what documents of a collection are packed with; the zero one is none.
type dictionary struct {
	*s2.Dict
	number, sum uint16
}

// sumOf is the checksum of what lies in the row of a dictionary.
func sumOf(content []byte) uint16 { return uint16(crc32.ChecksumIEEE(content)) }

// dictionaries are those of a file, by number, from 1 on; zero for one that the
// file has lost. They only grow.
type dictionaries struct {
	all  atomic.Pointer[[]dictionary]
	mu   sync.Mutex // of who makes them grow
	open func() (*sql.DB, error)
}

func (d *dictionaries) list() []dictionary { return *d.all.Load() }

// find returns a dictionary. One that is not known yet has been committed meanwhile.
func (d *dictionaries) find(number uint16) (dictionary, error) {
	if dict := at(d.list(), number); dict.Dict != nil {
		return dict, nil
	}
	db, err := d.open()
	if err != nil {
		return dictionary{}, problem(err)
	}
	defer db.Close()
	if err := d.grow(context.Background(), db); err != nil {
		return dictionary{}, err
	}
	dict := at(d.list(), number)
	if dict.Dict == nil {
		err = fmt.Errorf("%w: %s (dictionary %d is missing)", store.ErrDamaged, adviceDamaged, number)
	}
	return dict, err
}

func at(all []dictionary, number uint16) dictionary {
	if number == 0 || int(number) > len(all) {
		return dictionary{}
	}
	return all[number-1]
}

// grow reads those of the file that are not known yet.
func (d *dictionaries) grow(ctx context.Context, from interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := slices.Clone(d.list())
	rows, err := from.QueryContext(ctx, "SELECT id, content FROM dictionaries WHERE id > ? ORDER BY id", len(all))
	if err != nil {
		return problem(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number int
		var content []byte
		if err := rows.Scan(&number, &content); err != nil {
			return problem(err)
		}
		dict := s2.NewDict(content)
		if dict == nil || number > math.MaxUint16 {
			return fmt.Errorf("%w: %s (dictionary %d)", store.ErrDamaged, adviceDamaged, number)
		}
		all = append(append(all, make([]dictionary, number-1-len(all))...), dictionary{dict, uint16(number), sumOf(content)})
	}
	if err := rows.Err(); err != nil {
		return problem(err)
	}
	d.all.Store(&all)
	return nil
}

// prepareDictionaries reads what the file has.
func (e *Engine) prepareDictionaries(ctx context.Context) error {
	e.dictionaries.all.Store(&[]dictionary{})
	e.dictionaries.open = func() (*sql.DB, error) { return e.open(1, "query_only(1)") }
	if _, err := e.conn.ExecContext(ctx, makeDictionaries); err != nil {
		return problem(err)
	}
	return e.dictionaries.grow(ctx, e.conn)
}
