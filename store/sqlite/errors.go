package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"wangge/store"
)

// What to do, for the log: the file is the one in the data folder.
const (
	adviceFull    = "no room is left for " + fileName + ": free some on its disk"
	adviceDisk    = fileName + " cannot be read or written: look at its disk and its permissions"
	adviceDamaged = fileName + " is damaged: stop wangge, set the data folder aside, and put back the last good copy (or what `sqlite3 " + fileName + " .recover` still reads)"
)

// problem is an error of the database as the port knows them. A lock of
// another process is worth another try. A disk that is full or does not answer
// is not: the transaction is undone, as the whole log of it is on a COMMIT that
// failed, and the caller hears that nothing is known to be written.
func problem(err error) error {
	var se *driver.Error
	if err == nil || !errors.As(err, &se) {
		return err
	}
	switch se.Code() & 0xff {
	case codes.SQLITE_BUSY:
		return fmt.Errorf("%w: %v", store.ErrTransient, err)
	case codes.SQLITE_FULL:
		return fmt.Errorf("%w: %s (%v)", store.ErrUnavailable, adviceFull, err)
	case codes.SQLITE_IOERR, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY:
		return fmt.Errorf("%w: %s (%v)", store.ErrUnavailable, adviceDisk, err)
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s (%v)", store.ErrDamaged, adviceDamaged, err)
	}
	return err
}

// onDisk is an error of the file system as the port knows them: it names the file.
func onDisk(err error) error {
	var file *fs.PathError
	var link *os.LinkError
	if errors.As(err, &file) || errors.As(err, &link) {
		return fmt.Errorf("%w: %v", store.ErrUnavailable, err)
	}
	return err
}

// duplicate names the unique index that an error speaks of.
func (t *table) duplicate(err error) error {
	var se *driver.Error
	if !errors.As(err, &se) || se.Code() != codes.SQLITE_CONSTRAINT_UNIQUE {
		return problem(err)
	}
	_, list, _ := strings.Cut(se.Error(), "UNIQUE constraint failed: ")
	list, _, _ = strings.Cut(list, " (")
	table := "c_" + t.spec.Name + "."
	if list == table+"id" {
		return &store.DuplicateError{Collection: t.spec.Name, Index: "_id"}
	}
	for _, ix := range t.spec.Indexes {
		var cols []string
		for _, f := range ix.Fields {
			cols = append(cols, table+"f."+f.Path)
		}
		if ix.Unique && strings.Join(cols, ", ") == list {
			return &store.DuplicateError{Collection: t.spec.Name, Index: ix.Name}
		}
	}
	return fmt.Errorf("sqlite: a unique index that this program does not declare: %w", err)
}
