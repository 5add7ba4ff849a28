package web

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"wangge/domain/access"
)

// Handler answers a call of a route. Errors become problems (problem.go).
type Handler func(*Request) (*Reply, error)

// Route is one operation: everything that is decided before its handler runs.
type Route struct {
	Method, Path string
	Also         []string // other paths that it has
	Gate         Gate
	Query        []string // parameters it takes
	Page         bool     // what a browser shows: the query of its address is its own, and is not looked at here
	Takes        []string // media types of its body; none: no body
	Limit        int64    // bytes of the body
	ByPhotoKey   bool     // a photo key may stand in for the header
	Counts       bool     // its use case counts calls itself, or they need no bound
	Done         Outcome  // of what takes an Idempotency-Key
	Secret       bool     // its answer holds tokens
	PerMinute    int      // calls that it takes from one network in a minute, on this node; 0: as many as come
	Memory       bool     // answered from memory, as a rule: a deadline would cost more than the work
	// Patience is for the use case, and for the making of each part of a streamed
	// answer; 20 s when 0. With a key, an attempt of 40 s counts as dead (once).
	Patience time.Duration
	Taking   time.Duration // for the client to take each part of a streamed answer; a minute when 0
	Handle   Handler
}

// Gate is who may call a route at all: everybody, whatever token they send;
// everybody, but known by the token if they send one; or who holds one of the
// roles. What they may see and do behind it the domain decides.
type Gate struct {
	Roles  []access.Role
	Either bool
}

// Sizes of bodies, in bytes.
const (
	Small = 64 << 10  // what is entered on a screen; what its key remembers is small too
	Sheet = 256 << 10 // a form, or a plan with its households; what is larger is counted (bodies.go)
)

// Media types of bodies and answers.
const (
	JSON       = "application/json"
	MergePatch = "application/merge-patch+json"
	GeoJSON    = "application/geo+json"
	CSV        = "text/csv"
	XLSX       = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	Multipart  = "multipart/form-data"
)

// Outcome is what a route answers when it has done its work.
type Outcome struct {
	Kind   string // of the resource, or of the report; "" for nothing
	Status int
}

// Made is the outcome of a route that makes a resource of the kind.
func Made(kind string) Outcome { return Outcome{kind, fiber.StatusCreated} }

// Changed is the outcome of a route that changes one, or reports.
func Changed(kind string) Outcome { return Outcome{kind, fiber.StatusOK} }

// Kind is what answers are about.
type Kind struct {
	Location   string // the path that one is found below; "" for what has none
	Collection string // where it is kept; "" for a report
	// Render answers for one that was made or changed before, given its id or
	// the text of the report, under the caller's access of now.
	Render func(r *Request, of string) (*Reply, error)
}

// Keyed reports whether the route takes an Idempotency-Key.
func (rt *Route) Keyed() bool { return rt.Done != Outcome{} }

// AnswersDatum: its datum is that of positions in the answer, not that of a file.
func (rt *Route) AnswersDatum() bool {
	return slices.Contains(rt.Query, "datum") && !slices.Contains(rt.Takes, GeoJSON) && !slices.Contains(rt.Takes, CSV)
}
