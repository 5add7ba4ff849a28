package visit

import (
	"wangge/domain"
	"wangge/store/jobs"
)

// What the tests of visits look at from within.

var Each = eachVisit

func (f Filter) SortBy() domain.Sort { return f.sort() }

func (s *Visits) Rungs() *jobs.Due[Visit, *Visit] { return s.rungs() }
