package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

// The log is brought into the file beside the commits, by a connection of its
// own: in a commit it would take as long as ten others, which all writers wait
// for. What was committed meanwhile, which is little, is brought while nobody
// writes, and the log then begins anew. A commit brings it only where it has
// grown to logMost: the disk does not keep up.
const (
	logPages = 4000 // when it is brought: readers find a page of up to 4,062 by one part of its index
	logMost  = 4 * logPages
	logLooks = 20 * time.Millisecond // between two looks at how long it is
)

// keeper brings the log into the file.
type keeper struct {
	e       *Engine
	db      *sql.DB
	grew    chan struct{}
	held    atomic.Bool // it waits: see Bulk
	stopped chan struct{}
	once    sync.Once
	done    sync.WaitGroup
}

func (e *Engine) keepLog() (*keeper, error) {
	db, err := e.open(1, "synchronous("+syncing+")", "wal_autocheckpoint(0)")
	if err != nil {
		return nil, err
	}
	k := &keeper{e: e, db: db, grew: make(chan struct{}, 1), stopped: make(chan struct{})}
	k.done.Go(k.keep)
	return k, nil
}

// commits says that there was a commit.
func (k *keeper) commits() {
	select {
	case k.grew <- struct{}{}:
	default:
	}
}

func (k *keeper) keep() {
	for {
		select {
		case <-k.stopped:
			return
		case <-k.grew:
		}
		k.look()
		select {
		case <-k.stopped:
			return
		case <-time.After(logLooks):
		}
	}
}

func (k *keeper) look() {
	if n, _ := k.log("NOOP"); n >= logPages && !k.held.Load() {
		k.bring()
	}
}

// bring brings what is there, and then, in the writers' turn, the rest. What
// fails is found by whoever commits next, and done by whoever closes the file.
func (k *keeper) bring() {
	if _, err := k.log("PASSIVE"); err != nil {
		return
	}
	select {
	case k.e.turn <- struct{}{}:
		_, _ = k.log("PASSIVE")
		<-k.e.turn
	case <-k.stopped:
	}
}

// log brings the log into the file, or looks only, and returns how many pages it has that are not there.
func (k *keeper) log(mode string) (left int, err error) {
	var busy, all, brought int
	err = k.db.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &all, &brought)
	return all - brought, problem(err)
}

func (k *keeper) stop() error {
	k.once.Do(func() { close(k.stopped) })
	k.done.Wait()
	return k.db.Close()
}
