package schedule

import (
	"slices"
	"time"

	"wangge/domain/civil"
	"wangge/domain/visit"
)

// hand gives the visit to somebody of the team, unless it is with one of them,
// or was given to somebody who still works.
func (s *settling) hand(v *visit.Visit) {
	team := s.Plan.On(v.Period).Team
	if s.working[v.Assignee] && (v.Given || slices.Contains(team, v.Assignee)) || v.Assignee == "" && len(team) == 0 {
		return
	}
	v.Given = false
	v.Assignee = s.loads.next(team, s.working, v.Opens)
}

// loads counts the visits that accounts have in a week, by its Monday.
type loads map[string]map[civil.Date]int

// next is whose turn it is: who has least in that week, the first of the team
// among equals; "" when nobody of the team works. It counts the visit as theirs.
func (l loads) next(team []string, working map[string]bool, opens time.Time) string {
	week, who := civil.DateOf(opens).Monday(), ""
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

func (l loads) add(account string, week civil.Date, n int) {
	if l[account] == nil {
		l[account] = map[civil.Date]int{}
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
