package visit

import (
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/plan/recurrence"
	"wangge/store"
)

// change is a visit to write, and what became of it.
type change struct {
	visit  *Visit
	action Action
	before store.Facts
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
	ids    []string                   // under which it may be listed: see household.Ids
	visits map[string]*Visit          // planned, and those of the periods in the calendar, by id
	done   map[recurrence.Date]*Visit // of a period, at a household merged into it: what counts most
}

// settle brings the plan's visits at one household in line with the plan and
// the household, nil when it is gone. It changes what is known of it, and
// returns what is to be written. What began before the plan was paused or ended
// stays to be done, and what is over stays as it is: also where it was another
// household then. Met there, nobody is visited twice in a period.
func (s *settling) settle(h *household.Household, at *atHome) []change {
	known := at.visits
	var out []change
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
			case was.State == Cancelled && slices.Contains(takenBack, was.Cause):
				out = append(out, s.restore(was, v))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(known)) {
		v := known[id]
		if v.State != Planned || slices.ContainsFunc(out, func(c change) bool { return c.visit == v }) {
			continue
		}
		before := v.facts()
		if cause := s.unwanted(h, at, v); !wanted[id] && cause != ByPlan {
			v.apply(transitionOf(Cancel), s.now)
			v.Cause = cause
			out = append(out, change{v, Cancel, before})
		} else if h != nil && s.follow(v, h) {
			v.apply(transitionOf(Follow), s.now)
			out = append(out, change{v, Follow, before})
		}
	}
	return out
}

// draft is the visit of a period as the plan has it, with nobody assigned.
func (s *settling) draft(h *household.Household, o plan.Period) *Visit {
	version := &s.Plan.Versions[o.Version]
	v := &Visit{
		Meta: store.Meta{ID: visitID(s.Plan.ID, h.ID, o.Day), Partition: s.Plan.Partition}, Plan: s.Plan.ID, PlanVersion: o.Version,
		Household: h.ID, Place: h.Place, Period: o.Day, Form: version.Form, State: Planned, CreatedAt: s.now, UpdatedAt: s.now,
	}
	v.open(o.Day, version)
	return v
}

// open says on which days the visit may be done.
func (v *Visit) open(first recurrence.Date, version *plan.Version) {
	v.Opens, v.Closes = first.Start(), first.Add(version.WindowDays).Start()
	v.Escalated = 0
	v.climb(version.Ladder)
}

// climb sets when the next rung of the ladder is due.
func (v *Visit) climb(ladder []plan.Rung) {
	v.EscalateAt = time.Time{}
	if v.State == Planned && v.Escalated < len(ladder) {
		v.EscalateAt = v.Closes.AddDate(0, 0, ladder[v.Escalated].Days)
	}
}

func (s *settling) make(v *Visit, h *household.Household, ids []string) change {
	version := s.Plan.On(v.Period)
	if _, tag, _ := version.Level(h, ids, domain.Later(s.now, v.Opens)); tag.Since.After(v.Opens) {
		v.Cause = TagGained
	}
	v.Assignee = s.loads.next(version.Team, s.working, v.Opens)
	return change{v, Make, store.Facts{}}
}

func (s *settling) restore(was, v *Visit) change {
	before := was.facts()
	was.apply(transitionOf(Restore), s.now)
	was.Cause, was.PlanVersion, was.Form, was.Place = ByPlan, v.PlanVersion, v.Form, v.Place
	if !was.Moved {
		was.open(was.Period, s.Plan.On(was.Period))
	}
	was.climb(s.Plan.On(was.Period).Ladder)
	s.hand(was)
	return change{was, Restore, before}
}

// unwanted says why a planned visit is not to be done any more; ByPlan when it is.
func (s *settling) unwanted(h *household.Household, at *atHome, v *Visit) Cause {
	i, today := s.Plan.InForce(v.Period), recurrence.DateOf(s.now)
	switch {
	case h == nil:
		return HouseholdGone
	case at.done[v.Period] != nil && at.done[v.Period].Covered:
		return MetAlready
	case !s.Plan.Holds(h.Place):
		return LeftArea
	case h.MovedAway():
		return MovingAway
	case i < 0:
		return PlanChanged
	}
	level, _, selected := s.Plan.Versions[i].Level(h, at.ids, domain.Later(s.now, v.Opens))
	switch {
	case !selected && s.Plan.Versions[i].Tag == "":
		return PlanChanged
	case !selected:
		return TagLost
	case s.Plan.State != plan.Active && v.Period <= today:
		return ByPlan
	case s.Plan.State == plan.Paused:
		return PlanPaused
	case s.Plan.State == plan.Ended:
		return PlanEnded
	case v.Moved || !v.Closes.After(s.now):
		return ByPlan
	}
	period := plan.Period{Day: v.Period, Version: i}
	if slices.Contains(s.Periods[level], period) {
		return ByPlan
	}
	for _, dates := range s.Periods {
		if slices.Contains(dates, period) {
			return LevelChanged
		}
	}
	return PlanChanged
}

// follow brings a planned visit up to date with its plan and household, and reports whether anything changed.
func (s *settling) follow(v *Visit, h *household.Household) bool {
	place, version, form, opens, closes, assignee, given := v.Place, v.PlanVersion, v.Form, v.Opens, v.Closes, v.Assignee, v.Given
	v.Place = h.Place
	if i := s.Plan.InForce(v.Period); i >= 0 && v.Closes.After(s.now) {
		in := &s.Plan.Versions[i]
		v.PlanVersion, v.Form = i, in.Form
		if days := in.WindowDays; !v.Moved && !v.Closes.Equal(v.Period.Add(days).Start()) {
			v.open(v.Period, in)
		} else if version != i {
			v.climb(in.Ladder)
		}
	}
	s.hand(v)
	return place != v.Place || version != v.PlanVersion || form != v.Form || !opens.Equal(v.Opens) || !closes.Equal(v.Closes) ||
		assignee != v.Assignee || given != v.Given
}

// hand gives the visit to somebody of the team, unless it is with one of them,
// or was given to somebody who still works.
func (s *settling) hand(v *Visit) {
	team := s.Plan.On(v.Period).Team
	if s.working[v.Assignee] && (v.Given || slices.Contains(team, v.Assignee)) || v.Assignee == "" && len(team) == 0 {
		return
	}
	v.Given = false
	v.Assignee = s.loads.next(team, s.working, v.Opens)
}

// loads counts the visits that accounts have in a week, by its Monday.
type loads map[string]map[recurrence.Date]int

// next is whose turn it is: who has least in that week, the first of the team
// among equals; "" when nobody of the team works. It counts the visit as theirs.
func (l loads) next(team []string, working map[string]bool, opens time.Time) string {
	week, who := recurrence.DateOf(opens).Monday(), ""
	for _, a := range team {
		if working[a] && (who == "" || l[a][week] < l[who][week]) {
			who = a
		}
	}
	if who != "" {
		l.add(who, week, 1)
	}
	return who
}

func (l loads) add(account string, week recurrence.Date, n int) {
	if l[account] == nil {
		l[account] = map[recurrence.Date]int{}
	}
	l[account][week] += n
}

func (l loads) clone() loads {
	out := loads{}
	for account, weeks := range l {
		for week, n := range weeks {
			out.add(account, week, n)
		}
	}
	return out
}
