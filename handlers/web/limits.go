package web

import (
	"fmt"
	"math"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/limit"
)

// bounded is a handler whose calls by a resident are counted, unless the
// route's use case counts them itself: whatever a resident may write has a bound.
func (s *Server) bounded(handle Handler) Handler {
	return func(r *Request) (*Reply, error) {
		if r.Actor.SignedIn() && !r.Actor.IsStaff() {
			rule := limit.Rule{Name: "writes", Quota: s.options.WritesPerHour, Window: time.Hour}
			if err := s.options.Limits.Take(r.Ctx, r.Now, s.options.Limits.Of(rule, r.Actor.Account)); err != nil {
				return nil, err
			}
		}
		return handle(r)
	}
}

// watchLimits collects what the request counts against, and the function it
// returns tells it in the answer, whatever that is.
func (r *Request) watchLimits() func() {
	ctx, quotas := limit.Watch(r.Ctx)
	r.Ctx = ctx
	return func() {
		if counted := quotas(); len(counted) > 0 {
			policies, left := rateLimit(counted)
			r.SetHeader("RateLimit-Policy", policies)
			r.SetHeader("RateLimit", left)
		}
	}
}

// rateLimit is what is left as the structured fields of the IETF's draft "RateLimit header fields for HTTP".
func rateLimit(quotas []domain.Quota) (policies, left string) {
	var ps, ls []string
	for _, q := range quotas {
		ps = append(ps, fmt.Sprintf("%q;q=%d;w=%d", q.Name, q.Quota, wholeSeconds(q.Window)))
		ls = append(ls, fmt.Sprintf("%q;r=%d;t=%d", q.Name, q.Remaining, wholeSeconds(q.Reset)))
	}
	return strings.Join(ps, ", "), strings.Join(ls, ", ")
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
