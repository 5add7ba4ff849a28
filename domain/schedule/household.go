package schedule

import (
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/store"
)

// takenBack are the causes for which the program cancels; when they are over, it restores.
var takenBack = []visit.Cause{visit.TagLost, visit.LevelChanged, visit.LeftArea, visit.HouseholdGone, visit.MovingAway, visit.MetAlready, visit.PlanChanged, visit.PlanPaused, visit.PlanEnded}

// isTakenBack reports whether the program took the visit back, and may restore it.
func isTakenBack(v *visit.Visit) bool {
	return v.State == visit.Cancelled && slices.Contains(takenBack, v.Cause)
}

// over reports whether people have done with the visit; the program may restore what it took back.
func over(v *visit.Visit) bool {
	return v.State == visit.Completed || v.State == visit.Missed || v.State == visit.Cancelled && !isTakenBack(v)
}

// settling is what the visits of a plan are brought in line with, as of now.
type settling struct {
	*plan.Calendar
	now     time.Time
	loads   loads
	working map[string]bool // accounts that may have visits
}

// atHome is what is known of the plan's visits at one household.
type atHome struct {
	ids    []string                    // under which it may be listed: see household.Ids
	visits map[string]*visit.Visit     // planned, and those of the periods in the calendar, by id
	done   map[civil.Date]*visit.Visit // of a period, at a household merged into it: what counts most
}

// settle brings the plan's visits at one household in line with the plan and
// the household, nil when it is gone. It changes what is known of it, and
// returns what is to be written. What began before the plan was paused or ended
// stays to be done, and what is over stays as it is: also where it was another
// household then. Met there, nobody is visited twice in a period.
func (s *settling) settle(h *household.Household, at *atHome) []visit.Change {
	known := at.visits
	var out []visit.Change
	wanted := map[string]bool{}
	if h != nil && s.Plan.State == plan.Active {
		for _, o := range s.Of(h, at.ids, s.now) {
			v, done := s.draft(h, o), at.done[o.Day]
			if o.Day < s.Plan.ActiveFrom || !v.Closes.After(s.now) || done != nil && done.Covered {
				continue
			}
			wanted[v.ID] = true
			switch was := known[v.ID]; {
			case was == nil && done == nil:
				out = append(out, s.make(v, h, at.ids))
			case was == nil:
			case isTakenBack(was):
				out = append(out, s.restore(was, v))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(known)) {
		v := known[id]
		if v.State != visit.Planned || slices.ContainsFunc(out, func(c visit.Change) bool { return c.Visit == v }) {
			continue
		}
		if cause := s.unwanted(h, at, v); !wanted[id] && cause != visit.ByPlan {
			out = append(out, v.Take(visit.Cancel, s.now))
			v.Cause = cause
		} else if h != nil {
			if c := v.Take(visit.Follow, s.now); s.follow(v, h) {
				out = append(out, c)
			}
		}
	}
	return out
}

// draft is the visit of a period as the plan has it, with nobody assigned.
func (s *settling) draft(h *household.Household, o plan.Period) *visit.Visit {
	version := &s.Plan.Versions[o.Version]
	v := &visit.Visit{
		Meta: store.Meta{ID: visit.ID(s.Plan.ID, h.ID, o.Day), Partition: s.Plan.Partition}, Plan: s.Plan.ID, PlanVersion: o.Version,
		Household: h.ID, Place: h.Place, Period: o.Day, Form: version.Form, State: visit.Planned, CreatedAt: s.now, UpdatedAt: s.now,
	}
	open(v, o.Day, version)
	return v
}

// open says on which days the visit may be done.
func open(v *visit.Visit, first civil.Date, version *plan.Version) {
	v.Opens, v.Closes = first.Start(), first.Add(version.WindowDays).Start()
	v.Escalated = 0
	v.SetEscalateAt(version.Ladder)
}

func (s *settling) make(v *visit.Visit, h *household.Household, ids []string) visit.Change {
	version := s.Plan.On(v.Period)
	if _, tag, _ := version.Level(h, ids, domain.Later(s.now, v.Opens)); tag.Since.After(v.Opens) {
		v.Cause = visit.TagGained
	}
	v.Assignee = s.loads.next(version.Team, s.working, v.Opens)
	return visit.Change{Visit: v, Action: visit.Make}
}

func (s *settling) restore(was, v *visit.Visit) visit.Change {
	c := was.Take(visit.Restore, s.now)
	was.Cause, was.PlanVersion, was.Form, was.Place = visit.ByPlan, v.PlanVersion, v.Form, v.Place
	if !was.Moved {
		open(was, was.Period, s.Plan.On(was.Period))
	}
	was.SetEscalateAt(s.Plan.On(was.Period).Ladder)
	s.hand(was)
	return c
}

// unwanted says why a planned visit is not to be done any more; ByPlan when it is.
func (s *settling) unwanted(h *household.Household, at *atHome, v *visit.Visit) visit.Cause {
	i, today := s.Plan.InForce(v.Period), civil.DateOf(s.now)
	switch {
	case h == nil:
		return visit.HouseholdGone
	case at.done[v.Period] != nil && at.done[v.Period].Covered:
		return visit.MetAlready
	case !s.Plan.Holds(h.Place):
		return visit.LeftArea
	case h.MovedAway():
		return visit.MovingAway
	case i < 0:
		return visit.PlanChanged
	}
	level, _, selected := s.Plan.Versions[i].Level(h, at.ids, domain.Later(s.now, v.Opens))
	switch {
	case !selected && s.Plan.Versions[i].Tag == "":
		return visit.PlanChanged
	case !selected:
		return visit.TagLost
	case s.Plan.State != plan.Active && v.Period <= today:
		return visit.ByPlan
	case s.Plan.State == plan.Paused:
		return visit.PlanPaused
	case s.Plan.State == plan.Ended:
		return visit.PlanEnded
	case v.Moved || !v.Closes.After(s.now):
		return visit.ByPlan
	}
	period := plan.Period{Day: v.Period, Version: i}
	if slices.Contains(s.Periods[level], period) {
		return visit.ByPlan
	}
	for _, dates := range s.Periods {
		if slices.Contains(dates, period) {
			return visit.LevelChanged
		}
	}
	return visit.PlanChanged
}

// follow brings a planned visit up to date with its plan and household, and reports whether anything changed.
func (s *settling) follow(v *visit.Visit, h *household.Household) bool {
	place, version, form, opens, closes, assignee, given := v.Place, v.PlanVersion, v.Form, v.Opens, v.Closes, v.Assignee, v.Given
	v.Place = h.Place
	if i := s.Plan.InForce(v.Period); i >= 0 && v.Closes.After(s.now) {
		in := &s.Plan.Versions[i]
		v.PlanVersion, v.Form = i, in.Form
		if days := in.WindowDays; !v.Moved && !v.Closes.Equal(v.Period.Add(days).Start()) {
			open(v, v.Period, in)
		} else if version != i {
			v.SetEscalateAt(in.Ladder)
		}
	}
	s.hand(v)
	return place != v.Place || version != v.PlanVersion || form != v.Form || !opens.Equal(v.Opens) || !closes.Equal(v.Closes) ||
		assignee != v.Assignee || given != v.Given
}
