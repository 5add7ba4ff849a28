package mongodb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/x/mongo/driver"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"

	"wangge/store"
)

// Labels that the server and the driver put on errors.
const (
	labelTransient = "TransientTransactionError"
	labelUnknown   = "UnknownTransactionCommitResult"
	labelRetryable = "RetryableWriteError"
)

// passing are the server's codes for what is over when one asks again.
var passing = []int{
	10107, 13435, 13436, 10058, // not the primary, recovering
	189, 91, 11600, 11602, // stepped down, shutting down
	6, 7, 89, 9001, 262, // network between servers, time limit
	112, 251, 246, 24, // write conflict, no such transaction, snapshot gone, lock timeout
	43, 237, // the cursor died with its server
}

// full are the server's codes for a disk without room: asking again does not help until there is some.
var full = []int{14031, 371} // OutOfDiskSpace, UserWritesBlocked

func noRoom(err error) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && slices.ContainsFunc(full, server.HasErrorCode)
}

// away tells errors of a database that is out of reach, changing its
// primary or busy from those that come again however often one asks.
func away(err error) bool {
	var pool driver.RetryablePoolError
	var choice topology.ServerSelectionError
	var connection topology.ConnectionError
	if mongo.IsTimeout(err) || mongo.IsNetworkError(err) || errors.Is(err, context.Canceled) ||
		errors.As(err, &pool) || errors.As(err, &choice) || errors.As(err, &connection) {
		return true
	}
	var server mongo.ServerError
	return errors.As(err, &server) && (labelled(err, labelTransient) || labelled(err, labelRetryable) ||
		slices.ContainsFunc(passing, server.HasErrorCode))
}

func labelled(err error, label string) bool {
	var l mongo.LabeledError
	return errors.As(err, &l) && l.HasErrorLabel(label)
}

// refused tells a commit that the server has turned down for good from one it may have done.
func refused(err error) bool {
	var answer mongo.CommandError
	return errors.As(err, &answer) && answer.Code != 0 && !labelled(err, labelUnknown) && !away(err)
}

// undecided tells a write that the server has done, but not yet with a majority.
func undecided(err error) bool {
	var single mongo.WriteException
	return errors.As(err, &single) && len(single.WriteErrors) == 0 && single.WriteConcernError != nil
}

// readErr is for what no transaction holds: ErrUnavailable while the database is away.
func readErr(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case away(err), noRoom(err):
		return fmt.Errorf("%w: %v", store.ErrUnavailable, err)
	}
	return err
}

// txErr is for what comes before a commit: ErrTransient while the database is away, ErrUnavailable while it is full.
func txErr(err error) error {
	if err != nil && noRoom(err) {
		return fmt.Errorf("%w: %v", store.ErrUnavailable, err)
	}
	if err != nil && away(err) {
		return fmt.Errorf("%w: %v", store.ErrTransient, err)
	}
	return err
}

const duplicateKey = 11000

// brokenIndex finds the index in "E11000 duplicate key error collection: db.things index: code dup key: …".
var brokenIndex = regexp.MustCompile(`^E11000 .*? index: (\S+) `)

// duplicate returns the store's error for a broken unique index, or nil.
func duplicate(spec *store.Spec, err error) *store.DuplicateError {
	var message string
	var bulk mongo.BulkWriteException
	var single mongo.WriteException
	switch {
	case errors.As(err, &bulk) && len(bulk.WriteErrors) > 0 && bulk.WriteErrors[0].Code == duplicateKey:
		message = bulk.WriteErrors[0].Message
	case errors.As(err, &single) && len(single.WriteErrors) > 0 && single.WriteErrors[0].Code == duplicateKey:
		message = single.WriteErrors[0].Message
	default:
		return nil
	}
	index := ""
	if m := brokenIndex.FindStringSubmatch(message); m != nil {
		index = m[1]
	}
	if index == "_id_" {
		index = "_id"
	}
	return &store.DuplicateError{Collection: spec.Name, Index: index}
}
