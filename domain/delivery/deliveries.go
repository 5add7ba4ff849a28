package delivery

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/notice"
	"wangge/store"
)

// Address is where something can be sent.
type Address struct {
	ID       string // of the device or robot; "" of a phone
	Way      Way
	Text     string // the address itself, in clear: for the channel only
	Mark     string // tells it from another that the device has later
	Platform string
	Language string // "": the account's
	// Hears reports, of a robot, whether it tells of a kind of what happened in a community; nil: of all.
	Hears func(kind notice.Kind, community string) bool
}

// Ports are what delivery asks of other parts; all are to be set before use.
type Ports struct {
	// Seen are those of the notices whose recipients may see, as of now, what they are about.
	Seen func(ctx context.Context, now time.Time, all []*notice.Notice) ([]*notice.Notice, error)
	// Devices are the addresses of an account's devices whose session stands.
	Devices func(ctx context.Context, account string, now time.Time) ([]Address, error)
	// Phone is the number of an account, if it has one.
	Phone func(ctx context.Context, account string) (Address, bool, error)
	// Robots are those of a street's groups.
	Robots func(ctx context.Context, street string) ([]Address, error)
	// Groups reports from memory whether a street may have any.
	Groups func(street string) bool
	// Allowed reports whether there is what a way needs to send one message to
	// an address: a mini-program's grant. Taken is told of a message that used one.
	Allowed func(ctx context.Context, a Address, kind notice.Kind) (bool, error)
	Taken   func(ctx context.Context, a Address, kind notice.Kind) error
	// Forget is told of an address that is no more, and Spent, of one to which nothing may be sent for now.
	Forget func(ctx context.Context, a Address, code string) error
	Spent  func(ctx context.Context, a Address, kind notice.Kind) error
	// Over reports whether nothing is to be done about a thing any more.
	Over func(ctx context.Context, kind notice.Kind, about notice.About) (bool, error)
	// Next are the accounts of a rung of the ladder at a place, of those below Rungs.
	Next func(ctx context.Context, place access.Place, rung int, now time.Time) ([]string, error)
	// Told hears of notices that a rung of the ladder gave rise to, once they are written.
	Told func([]*notice.Notice)
	// Word is what people call a kind of notice.
	Word func(notice.Kind) domain.Text
}

// Deliveries are the use cases.
type Deliveries struct {
	Ports
	store *store.Store
	ways  []Way         // that have a channel
	ack   time.Duration // after which an urgent notice goes to the next
	parts together
	// Due is called when something may be due, on the node that put it in line.
	// To be set before use by who sends.
	Due func()
}

// New returns the use cases on a store that has Collections, for the ways that have a channel.
func New(st *store.Store, ways []Way, ack time.Duration, ports Ports) *Deliveries {
	return &Deliveries{Ports: ports, store: st, ways: ways, ack: ack, Due: func() {}}
}

// Collections lists what the package stores.
func Collections() []store.Declared {
	return []store.Declared{waiting, handoffs, circuits, preferences, alarms}
}

// Sweep removes what is over and kept no longer.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	if _, err := waiting.Expire(ctx, st, "expires", now); err != nil {
		return err
	}
	if _, err := handoffs.Expire(ctx, st, "expires", now); err != nil {
		return err
	}
	_, err := alarms.Expire(ctx, st, "expires", now)
	return err
}
