package account

import (
	"context"
	"time"

	"wangge/domain/limit"
	"wangge/store"
)

// How often somebody may try to sign in, and ask for codes.
var (
	subjectRule = limit.Rule{Name: "sign-in-as", Quota: 5, Window: time.Hour, Doubling: true, Silent: true}
	addressRule = limit.Rule{Name: "sign-in", Quota: 50, Window: time.Hour, Doubling: true} // a whole office may share one
	requestRule = limit.Rule{Name: "codes", Quota: 30, Window: time.Hour, Doubling: true}
	pauseRule   = limit.Rule{Name: "codes-minute", Quota: 1, Window: time.Minute, Silent: true}
	hourRule    = limit.Rule{Name: "codes-hour", Quota: 5, Window: time.Hour, Silent: true}
	dayRule     = limit.Rule{Name: "codes-day", Quota: 10, Window: 24 * time.Hour, Silent: true}
)

// signInLimits are what a sign-in counts against: who somebody says they are,
// and where they come from. At an address where they were signed in before
// they have a counter of their own, which attempts from elsewhere cannot fill.
func (s *Accounts) signInLimits(name, address string, knownThere bool) (subject, from limit.Limit) {
	network := limit.Network(address)
	if knownThere {
		name += "@" + network
	}
	return s.limits.Of(subjectRule, name), s.limits.Of(addressRule, network)
}

// passed takes back what was counted for an attempt that was right: all of
// the subject's, but only this one of the address's.
func (s *Accounts) passed(ctx context.Context, tx *store.Tx, subject, from limit.Limit) error {
	if err := s.limits.Clear(ctx, tx, subject); err != nil {
		return err
	}
	return s.limits.Return(ctx, tx, from)
}
