package notice

import (
	"strings"

	"wangge/domain/homecall"
	"wangge/domain/rating"
)

// Paths are where the things are found that notices lead to, by their kinds: the
// id takes the place of {id}. Some are found by something else of theirs.
var Paths = map[string]string{
	"ticket":              "/v1/tickets/{id}",
	knownAs:               "/v1/tickets?followed=true",
	"intake-case":         "/v1/intake-cases/{id}",
	ownCase:               "/v1/me/cases/{id}",
	homecall.AboutRequest: "/v1/me/requests/{id}",
	"visit":               "/v1/visits/{id}",
	"stop":                "/v1/stops/{id}",
	"promise":             "/v1/stops/{id}", // at which it was made
	"visit-plan":          "/v1/visit-plans/{id}",
	"household":           "/v1/households/{id}",
	rating.TodoKind:       "/v1/rectifications/{id}",
	"cell":                "/v1/cells/{id}", // its code
	"station":             "/v1/stations/{id}",
	"qualification":       "/v1/qualifications/{id}",
	"cover":               "/v1/covers/{id}",
	"duty":                "/v1/streets/{id}", // 320508001/duty/2026-12: street and month
	"webhook":             "/v1/webhooks/{id}",
	"robot":               "/v1/robots/{id}",
	"account":             "/v1/accounts/{id}",
	todaysDay:             "/v1/me/today",
	cellMessage:           "/v1/me/inbox/{id}", // the notice itself, which has all of it
}

// path is where the notice's thing is found; "" where that is no more.
func (n *Notice) path(f *found) string {
	id := n.About.ID
	switch n.About.Kind {
	case cellMessage:
		id = n.ID
	case "cell":
		c := f.cells[id]
		if c == nil {
			return ""
		}
		id = c.Code
	case "promise":
		p := f.promises[id]
		if p == nil {
			return ""
		}
		id = p.Stop
	}
	return strings.ReplaceAll(Paths[n.About.Kind], "{id}", id)
}
