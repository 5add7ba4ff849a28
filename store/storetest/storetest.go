// Package storetest is the contract of the store: what every engine promises
// through the port, one named subtest a sentence. An engine's own test calls
// Test with a way to open fresh databases; nothing else about it is known here.
package storetest

import (
	"context"
	"testing"
	"time"

	"wangge/store"
)

// Caps says where an engine promises more or less than another.
type Caps struct {
	// WatchAcrossNodes: a node is woken by what another node commits.
	WatchAcrossNodes bool
}

// Open gives the engines of so many nodes on one fresh database, and sees to
// it that the database goes away with the test. The suite closes the engines.
type Open func(t *testing.T, nodes int) []store.Engine

// Test runs the contract.
func Test(t *testing.T, open Open, caps Caps) {
	for _, s := range sentences {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel() // many wait for something
			s.test(t, &bed{open: open, caps: caps})
		})
	}
}

var sentences = []struct {
	name string
	test func(*testing.T, *bed)
}{
	{"what is not there is not found", notFound},
	{"reads by id that come together see what was committed", getsTogether},
	{"an id is taken once", duplicateID},
	{"a unique index ignores absent values and tombstones", uniqueIndex},
	{"a deleted document stays as a tombstone", softDelete},
	{"empty and nil stay what they are", emptyAndNil},
	{"times are UTC milliseconds", times},
	{"unknown stored fields survive a rewrite by an older node", unknownFields},
	{"a document of an earlier form reads as today's", earlierForm},
	{"documents are upgraded while others write them", upgradeWhileServing},
	{"an upgrade that was stopped goes on where it was", upgradeGoesOn},
	{"an upgrade ends with its lease", upgradeFenced},
	{"what cannot be upgraded holds up nobody else", upgradeOfTheRest},
	{"what cannot be read hides nothing else", unreadable},
	{"what could not be upgraded is told of after a stop too", upgradeGoesOnToTheRest},
	{"a changed index is built while the store serves", reindexing},
	{"a unique index is whole before anybody is served", uniqueAtOnce},
	{"a store of a newer program is refused", newerStore},
	{"a refused opening changes nothing", refusedOpening},
	{"an older node writes nothing beside a newer program", olderNode},
	{"a node learns what another has built", learning},
	{"a rewriting leaves alone what is no longer as it was", rewriting},
	{"a stated version holds at commit", statedVersion},
	{"versions and numbers are stamped", stamps},

	{"pages follow each other through ties, both ways", paging},
	{"merged scopes are one list", mergedScopes},
	{"what is sorted by another order than the index's pages alike, a thousand at most", sortedPages},
	{"lists of values at any place of an index are one list", joinedValues},
	{"the cap counts over all combinations of values together", joinedCap},
	{"residual predicates come before the limit, within the cap", residual},
	{"tombstones do not count against the cap", tombstonesAndCap},
	{"text is ordered byte by byte", collation},
	{"ranges are half open and leave absent values out", ranges},
	{"multi-valued fields are found by each value", multiValued},
	{"has-all finds what has every value", hasAll},
	{"counts come by group", countByGroup},
	{"a query without a declared index is refused", noIndex},
	{"a cursor belongs to its query", foreignCursor},
	{"text that cannot be stored matches nothing", brokenText},
	{"long lists of ids are answered", longLists},
	{"expired documents go for good", expire},

	{"text is found as a look at all finds it", textLikeALook},
	{"text of one moment is in the order of ids", textOfOneMoment},
	{"text without an order is sorted, a thousand at most", textSorted},
	{"filters and counts of text are within the cap", textFilters},
	{"terms have limits", textLimits},
	{"a text query without a declared index, scope or order is refused", textRefused},
	{"a text query's result changed meanwhile makes fn run again", textStale},
	{"text of what is removed for good is gone", textGone},
	{"a collection with text is opened with its terms", unworded},
	{"a text index declared later finds what is older, once it is filled", textDeclaredLater},

	{"twenty racing writers that state the version have one winner", racingStated},
	{"twenty racing writers that do not are all applied or told", racingUnstated},
	{"a document changed meanwhile makes fn run again", staleDocument},
	{"a miss filled meanwhile makes fn run again", staleMiss},
	{"a query result changed meanwhile makes fn run again", staleQuery},
	{"an error from a stale read is not reported", staleError},
	{"an update that loses goes on until nobody else can commit, or its time is over", alwaysStale},
	{"a long update that insists gets through", insisting},
	{"write skew over two partitions is refused", writeSkew},
	{"a thing is changed where it has moved to", follows},
	{"a thing that moves to and fro is changed once", followsWhileMoving},
	{"nothing slips in between check and commit", lastMoment},
	{"a compare-and-set that loses makes fn run again", lostSwap},
	{"what was observed counts as read", observe},
	{"an update sees its own writes", ownWrites},
	{"a request reads a document once, and decides by today's", recalling},
	{"a partition that is not named is not written", unnamedPartition},
	{"a collection that was not opened is refused", unopened},
	{"a query after a write to its collection is refused", queryAfterWrite},
	{"an update without purity is refused in rehearsal", impure},
	{"only what was read here is put", foreignPut},
	{"free text stays out of the journal", freeText},

	{"who gives up before grouping writes nothing", cancelBefore},
	{"who gives up after grouping has written", cancelAfter},
	{"a write set that fails leaves nothing and spares its neighbours", failingSet},
	{"what cannot be stored fails alone", unstorable},
	{"an unknown outcome is found by its write set", unknownOutcome},
	{"an unknown outcome without a journal is found by its documents", unknownWithoutJournal},
	{"closing waits for what was begun", closeWaits},

	{"entries tell who did what", entries},
	{"a history is of one collection, and in order across partitions", sameID},
	{"the journal is read back from the latest, by time", latest},
	{"a page of the journal holds what is for the reader", latestKept},
	{"a document's standing is that of now", standings},
	{"numbers have no gap and are never late", numbers},
	{"an update of two partitions numbers both", twoPartitions},
	{"collections without a journal write without one", withoutJournal},
	{"twenty racing writers without a journal lose nothing", racingWithoutJournal},
	{"a consumer's cursor and its output commit together", consumer},
	{"watch misses no wake-up", watch},
	{"watch sees other nodes", watchAcrossNodes},

	{"a lease has one holder", leaseHolder},
	{"a lease from a clock that is ahead has run out", leaseAstray},
	{"a lease that is renewed or given up tells", leaseRenewed},
	{"racing for a lease has one winner", leaseRace},
	{"a paused holder's commit is refused", fencing},
	{"many write under one lease", underOneLease},
	{"a lease is not lost between check and commit", fencedAtCommit},
	{"blobs are kept as written", blobs},
	{"orphaned blobs are swept, referenced ones kept", sweep},

	{"random operations answer like a model", model},
}

// bed is what a subtest makes its stores from.
type bed struct {
	open Open
	caps Caps
}

var declared = []store.Declared{things, notes}

// one opens the store of a single node on a fresh database.
func (b *bed) one(t *testing.T) *store.Store { return b.nodes(t, 1)[0] }

func (b *bed) nodes(t *testing.T, n int) []*store.Store {
	var out []*store.Store
	for _, e := range b.open(t, n) {
		out = append(out, start(t, e, declared...))
	}
	return out
}

// faulty opens a store whose engine misbehaves as told.
func (b *bed) faulty(t *testing.T) (*store.Store, *faults) {
	f := &faults{Engine: b.open(t, 1)[0]}
	return start(t, f, declared...), f
}

// faultyPair opens two nodes, of which the first misbehaves as told.
func (b *bed) faultyPair(t *testing.T) (*store.Store, *store.Store, *faults) {
	engines := b.open(t, 2)
	f := &faults{Engine: engines[0]}
	return start(t, f, declared...), start(t, engines[1], declared...), f
}

func start(t *testing.T, e store.Engine, collections ...store.Declared) *store.Store {
	t.Helper()
	return startWith(t, e, store.Options{Rehearse: true}, collections...)
}

func startWith(t *testing.T, e store.Engine, o store.Options, collections ...store.Declared) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), e, o, collections...)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}
