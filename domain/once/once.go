// Package once makes a request that is sent again under the same key have one
// effect and the same answer, whatever crashed in between.
//
// A key is claimed before its request is worked on, by a record. The update
// that carries the request out completes this record in its own transaction
// (store.WithBeforeCommit), with what it made or changed or its report: either both are
// there or neither is, so that nothing has to be found out after a crash. A
// repeated request whose record is complete is answered from it, rendered
// anew, before anything is decided. Each claim has a number that the update
// checks: one that is still under way when its key is claimed again, on
// another node or after its caller gave up, can no longer be committed.
//
// A use case has one such update. Those that prepare it and take no effect by
// themselves run under WithoutFinish. One of several with an effect each (an import in
// chunks) says in each how far it has come (Reached), and a repeated attempt
// goes on from there (Resume). An update that is not journaled finishes
// the record by itself (Finish).
//
// The claim of a Brief request is not written: its record begins with the update
// that carries it out, which costs no commit of its own. Should it arrive on two
// nodes at once, both work on it, and one commits.
package once

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wangge/domain"
	"wangge/store"
)

// record remembers that a request under a key was done, and what it made;
// never the answer itself, which is rendered anew under today's access.
type record struct {
	store.Meta  `store:",inline"`
	Fingerprint string    `store:"fingerprint"` // of the body: a key is for one request
	Done        bool      `store:"done"`
	Claim       int64     `store:"claim"` // counts the attempts
	Since       time.Time `store:"since"` // the running attempt; zero: none runs
	Expires     time.Time `store:"expires"`
	Status      int       `store:"status"`
	Kind        string    `store:"kind,omitempty"` // of the resource it made
	Resource    string    `store:"resource,omitempty"`
	Report      string    `store:"report,omitempty"` // of what made many, or how far it came; it names no person
}

var records = store.Declare[record](store.Declaration{
	Name: "idempotency", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{records} }

const (
	running    = 40 * time.Second // an attempt older than this has died
	retryAfter = 2 * time.Second
)

// Request is one that is to be carried out once.
type Request struct {
	Key         string // of the caller, the operation and what the caller calls it
	Fingerprint string
	Keep        time.Duration // for how long the key is remembered
	Answer                    // as it will be; Resource is the likely one, Report is empty
	Collection  string        // of the resource
	New         bool          // the request makes the resource, rather than changing it
	Brief       bool          // working on it twice costs little
}

// Answer is what a request came to.
type Answer struct {
	Status   int
	Kind     string // of the resource, or of the report
	Resource string // id
	Report   string
}

// Attempt is the work on a request.
type Attempt struct {
	Request
	store    *store.Store
	claim    int64
	since    time.Time
	checked  bool   // what begin saw was relied on; it is read anew from then on
	resumed  string // how far an attempt before came
	report   string // of the update under way
	partial  bool   // it is not the last one
	finished bool
}

func inProgress() error {
	return &domain.ConflictError{Code: "in_progress", RetryAfter: retryAfter, Detail: domain.T("同一请求正在处理", "the same request is being worked on")}
}

// ErrKeyReused: another request was made under the key.
var ErrKeyReused = errors.New("once: another request was made under this key")

// Requests are those that a store remembers.
type Requests struct{ store *store.Store }

// New returns the requests of a store that has Collections.
func New(st *store.Store) Requests { return Requests{st} }

// Claim reserves the key for an attempt; or else returns the answer of the one that was carried out.
// Errors: ErrKeyReused, ConflictError "in_progress".
func (s Requests) Claim(ctx context.Context, now time.Time, req Request) (*Attempt, *Answer, error) {
	a, done := &Attempt{Request: req, store: s.store, since: now}, (*Answer)(nil)
	if req.Brief {
		if begun, err := a.begin(ctx); begun || err != nil {
			return a, nil, err
		}
	}
	err := s.store.Update(ctx, nil, func(tx *store.Tx) error {
		done = nil
		rec, err := records.Get(ctx, tx, req.Key)
		switch {
		case errors.Is(err, store.ErrNotFound):
			a.claim, a.Brief = 1, false
			return records.Insert(tx, a.record())
		case err != nil:
			return err
		case rec.Expires.Before(now):
			rec.Done, rec.Report = false, ""
		case rec.Fingerprint != req.Fingerprint:
			return ErrKeyReused
		case rec.Done:
			done = &Answer{rec.Status, rec.Kind, rec.Resource, rec.Report}
			return nil
		case now.Sub(rec.Since).Abs() < running: // one further ahead died under a wrong clock
			return inProgress()
		}
		rec.Fingerprint, rec.Since, rec.Expires, rec.Claim = req.Fingerprint, now, now.Add(req.Keep), rec.Claim+1
		a.claim, a.resumed = rec.Claim, rec.Report
		return records.Put(tx, rec)
	})
	if twice := (*store.DuplicateError)(nil); errors.As(err, &twice) {
		err = inProgress()
	}
	return a, done, err
}

// record is one that begins with the attempt.
func (a *Attempt) record() *record {
	return &record{Meta: store.Meta{ID: a.Key}, Fingerprint: a.Fingerprint, Claim: a.claim, Since: a.since, Expires: a.since.Add(a.Request.Keep)}
}

// under way on this node, by store and key: brief requests, of which the store knows nothing yet.
var underWay sync.Map

type briefKey struct {
	store *store.Store
	key   string
}

// begin begins a brief attempt where the key has no record. Its claim is a
// number that no other has, so that what it writes is known as its own.
func (a *Attempt) begin(ctx context.Context) (begun bool, err error) {
	if _, running := underWay.LoadOrStore(briefKey{a.store, a.Key}, true); running {
		return false, inProgress()
	}
	if _, err = records.Get(ctx, a.store, a.Key); errors.Is(err, store.ErrNotFound) {
		a.claim = rand.Int64()
		return true, nil
	}
	a.Brief = false
	underWay.Delete(briefKey{a.store, a.Key})
	return false, err
}

// End says that the attempt has ended, whatever came of it.
func (a *Attempt) End() {
	if a.Brief {
		underWay.Delete(briefKey{a.store, a.Key})
	}
}

type attemptKey struct{}

func attemptIn(ctx context.Context) *Attempt {
	a, _ := ctx.Value(attemptKey{}).(*Attempt)
	return a
}

// WithFinish returns the context to carry the request out in: its update runs Finish.
func (a *Attempt) WithFinish(ctx context.Context) context.Context {
	return store.WithBeforeCommit(context.WithValue(ctx, attemptKey{}, a), Finish)
}

// WithoutFinish returns a context for updates that only prepare the one that has the effect: they do not run Finish.
func WithoutFinish(ctx context.Context) context.Context { return store.WithBeforeCommit(ctx, nil) }

// Report gives the answer of an update that is no single resource; it is for the fn of that update.
func Report(ctx context.Context, report any) error { return setReport(ctx, report, false) }

// ReportProgress says how far a use case of several updates has come with this one; it is for the fn of each.
func ReportProgress(ctx context.Context, progress any) error { return setReport(ctx, progress, true) }

func setReport(ctx context.Context, v any, partial bool) error {
	a := attemptIn(ctx)
	if a == nil {
		return nil
	}
	text, err := json.Marshal(v)
	a.report, a.partial = string(text), partial
	return err
}

// Resume reads what an attempt before has reached; false when there is nothing.
func Resume(ctx context.Context, progress any) (bool, error) {
	a := attemptIn(ctx)
	if a == nil || a.resumed == "" {
		return false, nil
	}
	return true, json.Unmarshal([]byte(a.resumed), progress)
}

// Finish completes the record within the update that carries the request out.
// Journaled updates do so by themselves.
func Finish(ctx context.Context, tx *store.Tx) error {
	a := attemptIn(ctx)
	if a == nil {
		return nil
	}
	rec, err := a.own(ctx, tx)
	switch {
	case err != nil:
		return err
	case rec == nil:
		return inProgress() // by a later attempt
	case rec.Done:
		return fmt.Errorf("once: one more update after the one that carried out a %s", a.Kind)
	}
	rec.Report = a.report
	if !a.partial {
		rec.Done, rec.Status, rec.Kind, rec.Resource = true, a.Status, a.Kind, a.resource(tx)
		a.finished = true
	}
	return save(tx, rec)
}

// own reads the attempt's record, nil where another attempt has the key; a brief one's may only begin now.
func (a *Attempt) own(ctx context.Context, tx *store.Tx) (*record, error) {
	if a.Brief && !a.checked {
		a.checked = true
		store.Observe(tx, records, a.Key, 0)
		return a.record(), nil
	}
	rec, err := records.Get(ctx, tx, a.Key)
	switch {
	case errors.Is(err, store.ErrNotFound) && a.Brief:
		return a.record(), nil
	case errors.Is(err, store.ErrNotFound), err == nil && rec.Claim != a.claim:
		return nil, nil
	}
	return rec, err
}

func save(tx *store.Tx, rec *record) error {
	if rec.Version == 0 {
		return records.Insert(tx, rec)
	}
	return records.Put(tx, rec)
}

// resource is the likely one, if the update changed that, or else the first it wrote, new ones first.
func (a *Attempt) resource(tx *store.Tx) string {
	wrote := tx.Wrote(a.Collection)
	if len(wrote) == 0 || !a.New && slices.Contains(wrote, a.Resource) {
		return a.Resource
	}
	return wrote[0]
}

// Keep completes the record of a request that had nothing to write, or nothing left.
func (a *Attempt) Keep(ctx context.Context, answer Answer) error {
	if a.finished {
		return nil
	}
	_, err := a.updateRecord(ctx, func(rec *record) {
		rec.Done, rec.Status, rec.Kind, rec.Report = true, answer.Status, a.Kind, answer.Report
		rec.Resource = cmp.Or(answer.Resource, a.Resource)
	})
	return err
}

// Free gives the key up after an error, so that the request can be tried again
// at once, from where it came to, and returns the error to answer with. What of
// it is still under way is not committed any more; of a brief one, not after the
// next. Where another attempt has the key by now, the error may come of what that
// one did, and is ConflictError "in_progress" instead.
func (a *Attempt) Free(ctx context.Context, now time.Time, cause error) error {
	a.checked = true
	others, err := a.updateRecord(ctx, func(rec *record) {
		rec.Claim, rec.Since = rec.Claim+1, time.Time{}
		if rec.Report == "" {
			rec.Expires = now.Add(-time.Millisecond) // nothing was done: another body may come
		}
	})
	if others && err == nil {
		return inProgress()
	}
	return errors.Join(cause, err)
}

// updateRecord writes the record unless it is done or another attempt's.
func (a *Attempt) updateRecord(ctx context.Context, fn func(*record)) (others bool, err error) {
	err = a.store.Update(ctx, nil, func(tx *store.Tx) error {
		rec, err := a.own(ctx, tx)
		others = rec == nil
		if err != nil || others || rec.Done {
			return err
		}
		fn(rec)
		if rec.Version == 0 && !rec.Done {
			return nil
		}
		return save(tx, rec)
	})
	return others, err
}

// Sweep forgets the keys of requests that have run out.
func (s Requests) Sweep(ctx context.Context, now time.Time) error {
	_, err := records.Expire(ctx, s.store, "expires", now)
	return err
}
