package ticket

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/limit"
)

// PerHour is how many reports are taken within an hour: from a resident, from
// all the residents of one network, and from one of the staff.
type PerHour struct{ Resident, Network, Staff int }

// count counts a report that came from a network address.
func (s *Tickets) count(ctx context.Context, actor access.Actor, now time.Time, from string) error {
	rule := func(name string, quota int) limit.Rule {
		return limit.Rule{Name: name, Quota: quota, Window: time.Hour}
	}
	switch {
	case from == "":
		return nil
	case actor.IsStaff():
		return s.limits.Take(ctx, now, s.limits.Of(rule("reports-staff", s.PerHour.Staff), actor.Account))
	}
	return s.limits.Take(ctx, now, s.limits.Of(rule("reports", s.PerHour.Resident), actor.Account),
		s.limits.Of(rule("reports-network", s.PerHour.Network), limit.Network(from)))
}
