package ticket

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/limit"
	"wangge/store"
)

// PerHour is how many reports are taken within an hour: from a resident, from
// all the residents of one network, and from one of the staff.
type PerHour struct{ Resident, Network, Staff int }

// counted runs do for a report that came from a network address; do's update calls what it is given, which counts.
func (s *Tickets) counted(ctx context.Context, actor access.Actor, now time.Time, from string, do limit.Attempted) error {
	rule := func(name string, quota int) limit.Rule {
		return limit.Rule{Name: name, Quota: quota, Window: time.Hour}
	}
	var limits []limit.Limit
	switch {
	case from == "":
	case actor.IsStaff():
		limits = []limit.Limit{s.limits.Of(rule("reports-staff", s.PerHour.Staff), actor.Account)}
	default:
		limits = []limit.Limit{s.limits.Of(rule("reports", s.PerHour.Resident), actor.Account), s.limits.Of(rule("reports-network", s.PerHour.Network), limit.Network(from))}
	}
	if limits == nil {
		_, err := do(func(*store.Tx) error { return nil })
		return err
	}
	return s.limits.Around(ctx, now, limits, do)
}
