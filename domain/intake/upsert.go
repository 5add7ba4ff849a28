package intake

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// Upsert is what a platform says of a case of its own: all of it, each time.
type Upsert struct {
	Item      string
	State     string // the platform's own word, or one of ours
	Version   *int64 // of the platform; nil: ChangedAt orders what it says
	ChangedAt time.Time
	OpenedAt  time.Time
	Accepted  time.Time // zero: when it was first told to be accepted
	ClosedAt  time.Time
	Promised  time.Time // as the platform promises; zero: not said
	Community string    // code
	Station   string    // id; may be ""
	Address   string
	Applicant ApplicantInput
	Reason    string
	Missing   []string
	Trips     []TripInput
	Local     string              // our number of the case that the platform takes over; usually ""
	Wrong     domain.InvalidError `once:"-"`
}

// TripInput is a trip that the resident made.
type TripInput struct {
	ID     string
	On     time.Time
	InVain bool
	Reason string
}

// Upsert brings a platform's case up to date: the newer by the platform's
// version, else by ChangedAt, wins, in whatever order they come. It reports
// whether it was applied, or is what is stored already.
// Errors: ErrForbidden, InvalidError, ConflictError "same_version" when the
// version is known with another content.
func (s *Cases) Upsert(ctx context.Context, actor access.Actor, now time.Time, key Key, in Upsert) (c *Case, applied bool, err error) {
	return nil, false, domain.ErrForbidden
}
