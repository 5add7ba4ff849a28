// Package domain holds what every part of the domain shares: the errors its
// use cases return and the two languages its texts come in. It knows neither
// HTTP nor storage; handlers/web/problem.go maps these errors to responses.
package domain

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wangge/store"
)

// Sentinels. A use case wraps them with %w when a cause helps the log; the
// text of the wrap never reaches a client.
var (
	// ErrNotFound also answers for what the actor may not see.
	ErrNotFound = store.ErrNotFound
	// ErrForbidden: the actor may read the thing, but their role never may take this action.
	ErrForbidden = errors.New("forbidden")
	// ErrUnauthenticated: no, ended or wrong credentials.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrStale: the caller stated a version that is no longer the current one.
	ErrStale = store.ErrVersion
	// ErrBusy: the change lost against concurrent ones too often; try again.
	ErrBusy = store.ErrConflict
	// ErrCursor: a page was asked for by the cursor of another list.
	ErrCursor = store.ErrCursor
	// ErrTooBroad: more would have to be looked at than any list looks at.
	ErrTooBroad = store.ErrTooBroad
	// ErrPreparing: after an upgrade, what is asked for cannot be looked up yet.
	ErrPreparing = store.ErrBuilding
	// ErrUnavailable: the store does not answer, or takes no writes.
	ErrUnavailable = store.ErrUnavailable
)

// TakenID is ErrIDInUse for the store's error that a document has the id already; other errors are themselves.
func TakenID(err error) error {
	var twice *store.DuplicateError
	if errors.As(err, &twice) && twice.Index == "_id" {
		return ErrIDInUse
	}
	return err
}

// Preparing is what is still being brought about after an upgrade, while the program serves.
type Preparing = store.Preparing

// Text is a sentence for a person, in both languages of the product.
type Text struct {
	ZH string `store:"zh"`
	EN string `store:"en"`
}

// T is short for Text{zh, en}.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }

// Textf is T of two formats for the same arguments; one that has them in
// another order says %[2]d.
func Textf(zh, en string, args ...any) Text {
	return Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// FieldError names one wrong field of the input.
type FieldError struct {
	Pointer string // RFC 6901 pointer into the body, or "?name" for a query parameter
	Detail  Text
}

// InvalidError lists every wrong field found, not only the first.
type InvalidError struct{ Fields []FieldError }

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Pointer + ": " + f.Detail.EN
	}
	return "invalid: " + strings.Join(parts, "; ")
}

// Add notes one more wrong field.
func (e *InvalidError) Add(pointer string, detail Text) {
	e.Fields = append(e.Fields, FieldError{pointer, detail})
}

// Err is e if any field was noted, else nil.
func (e *InvalidError) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Invalid is an InvalidError of one field.
func Invalid(pointer string, detail Text) error {
	return &InvalidError{Fields: []FieldError{{pointer, detail}}}
}

// ConflictError says that the thing is not in a state for this action, or
// that its key is taken. Code is a stable word such as "wrong_state" or "duplicate".
type ConflictError struct {
	Code    string
	Detail  Text
	Allowed []string // for a transition: the actions this actor may take now

	RetryAfter time.Duration // 0: waiting alone changes nothing
}

func (e *ConflictError) Error() string { return e.Code + ": " + e.Detail.EN }

// ErrIDInUse answers whoever chooses an id that anything but the very same
// request of theirs has used, whatever that is and whoever may see it.
var ErrIDInUse = &ConflictError{Code: "duplicate", Detail: T("该编号已被使用，请换一个", "this id is in use: choose another")}

// LimitError says that the caller must wait.
type LimitError struct{ RetryAfter time.Duration }

// Quota is what is left to a caller of what may be done only so often.
type Quota struct {
	Name      string
	Quota     int // how often, within Window
	Window    time.Duration
	Remaining int
	Reset     time.Duration // until there is more again; 0 where nothing was used
}

func (e *LimitError) Error() string { return fmt.Sprintf("limited for %s", e.RetryAfter) }
