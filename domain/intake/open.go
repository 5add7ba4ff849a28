package intake

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// Draft is a case that is opened by hand.
type Draft struct {
	ID        string `once:"-"` // a UUID; the client's own or a new one. The same id and content again is the same case
	Fresh     bool   `once:"-"` // the id is new: nothing can have been made under it
	Item      string // code
	Station   string // id; may be ""
	Community string // code of the community it belongs to; "" where a home or a position says it
	Address   string
	Applicant ApplicantInput
	Worker    string // account; may be ""
	StandIn   string
	Wrong     domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Home is where the matter is at home: a place, and whose it is.
type Home struct {
	Street    string // id, its partition
	Place     access.Place
	Position  *place.Position // may be nil
	Address   string
	Household string // id; "" when it is nobody's at home
}

// Prepared is a case that only wants its home.
type Prepared struct {
	cases   *Cases
	c       *Case
	pointer string
}

// Open makes a case by hand: the same draft sent again is the case made of it.
// Errors: InvalidError, ErrForbidden, ConflictError "duplicate".
func (s *Cases) Open(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Case, error) {
	return nil, domain.ErrForbidden
}

// Prepare does what can be done before the update that opens a case for
// something that lies in the street: checks, sealing and the number. Whoever
// calls it has authorised the actor. InvalidError below pointer.
func (s *Cases) Prepare(ctx context.Context, actor access.Actor, now time.Time, street, pointer string, d Draft) (*Prepared, error) {
	return nil, domain.ErrForbidden
}

// Open makes the case in an update of the home's street, and returns it. A
// store.DuplicateError comes of the update when the id is in use, an
// InvalidError when its item is not offered any more.
func (p *Prepared) Open(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, home Home) (*Case, error) {
	return nil, domain.ErrForbidden
}
