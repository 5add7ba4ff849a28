// Package access decides who may do what: actors, roles, grants, scopes, and
// every "may this person…" rule as a pure function. It reads no store and no
// clock; whoever loads an Actor has already resolved grants and posts as of
// now. What is refused here the use case turns into 404 (may not see it) or
// 403 (may see it, but the role never may do this).
package access

import (
	"slices"
	"time"

	"wangge/domain"
)

// Role is what a grant lets a person be. The names are those of the domain.
type Role string

const (
	Resident         Role = "resident"          // 居民
	OutreachWorker   Role = "outreach_worker"   // 网格员
	Handler          Role = "handler"           // 处置人员
	CounterWorker    Role = "counter_worker"    // 全科社工
	GridLead         Role = "grid_lead"         // 网格长
	CommunityManager Role = "community_manager" // 社区负责人
	Dispatcher       Role = "dispatcher"        // 街道指挥员
	StreetManager    Role = "street_manager"    // 街道管理员
	Admin            Role = "admin"             // 平台管理员
	Integration      Role = "integration"       // 系统接入
)

// Roles lists every role, from the least to the most reach.
var Roles = domain.CodesOf[Role](RoleWords)

// Known reports whether the role is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles, r) }

// Level is a level of the administrative tree, or the cell below it.
type Level string

const (
	City      Level = "city"
	County    Level = "county"
	Street    Level = "street"
	Community Level = "community"
	Cell      Level = "cell"
)

// Place says where a thing lies, by the immutable ids of the areas around it
// and of its cell. Below what is known the ids are empty: a thing outside
// every cell has a street and no more.
type Place struct {
	City      string `store:"city"`
	County    string `store:"county"`
	Street    string `store:"street"`
	Community string `store:"community"`
	Cell      string `store:"cell"`
}

// At returns the id of the place at a level.
func (p Place) At(l Level) string {
	switch l {
	case City:
		return p.City
	case County:
		return p.County
	case Street:
		return p.Street
	case Community:
		return p.Community
	case Cell:
		return p.Cell
	}
	return ""
}

// Grant is a role over an area and all below it.
type Grant struct {
	Role  Role
	Level Level  // of the area; a cell for a post
	Area  string // id; "" only for roles without area (resident, handler, and admin of everything)
	For   string // account of the absent person whose grant it is, of who stands in for them; "" one's own
}

// Covers reports whether the place lies in the grant's area.
func (g Grant) Covers(p Place) bool {
	if g.Area == "" {
		return g.Role == Admin
	}
	return p.At(g.Level) == g.Area
}

// Actor is who acts, as of now: the zero Actor is somebody not signed in.
type Actor struct {
	Account      string
	Session      string
	Organisation string // of a handler
	// Grants are resolved: a grid lead's and an outreach worker's are the
	// cells they staff or cover today (Level Cell), a counter worker's the
	// communities of their station, not the area in which they may be posted;
	// that one is in Posting.
	Grants  []Grant
	Posting []Grant
	Cities  []string // ids, of those at a counter today
	// StandsFor are the accounts for which they stand in now 顶岗, whose grants
	// are among theirs, marked For; StandIns those that stand in for them.
	StandsFor, StandIns []string
	// Phone is the blind index of the account's phone, if its code was given in
	// this session; "" where none was, and since the phone was changed. Before
	// PhoneSince somebody else may have had the number, and before Since the
	// account: what is older is not known to be theirs.
	Phone             string
	PhoneSince, Since time.Time
	System            bool // the program itself: clocks, import on the command line; see Program
}

// Program is the program itself.
var Program = Actor{System: true}

// Name is who acts, as journals and records name them.
func (a Actor) Name() string {
	if a.System {
		return "system"
	}
	return a.Account
}

// AtCounter is the actor at the counter that serves the community, too; for
// somebody whom they stand in for there, if one is named.
func (a Actor) AtCounter(community Place, absent string) Actor {
	g := Grant{CounterWorker, Community, community.Community, absent}
	if !slices.Contains(a.Grants, g) {
		a.Grants = append(slices.Clone(a.Grants), g)
	}
	if !slices.Contains(a.Cities, community.City) {
		a.Cities = append(slices.Clone(a.Cities), community.City)
	}
	return a
}

// SignedIn reports whether somebody acts at all.
func (a Actor) SignedIn() bool { return a.Account != "" || a.System }

// Is reports whether the actor holds one of the roles, anywhere.
func (a Actor) Is(roles ...Role) bool {
	if a.System {
		return true
	}
	has := func(g Grant) bool { return slices.Contains(roles, g.Role) }
	return slices.ContainsFunc(a.Grants, has) || slices.ContainsFunc(a.Posting, has)
}

// In reports whether the actor holds one of the roles over the place.
func (a Actor) In(p Place, roles ...Role) bool {
	if a.System {
		return true
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return slices.Contains(roles, g.Role) && g.Covers(p) })
}

// Staff are the roles of people who work in the streets.
var Staff = []Role{Handler, OutreachWorker, CounterWorker, GridLead, CommunityManager, Dispatcher, StreetManager, Admin}

// IsStaff reports whether the actor works in the streets.
func (a Actor) IsStaff() bool { return a.Is(Staff...) }

// Leads may lead the work on what lies in their grant ("lead+").
var Leads = []Role{GridLead, CommunityManager, Dispatcher, StreetManager, Admin}

// watchers may read every ticket in their grant.
var watchers = append([]Role{OutreachWorker}, Leads...)

// Scope is a set of things a reader may list: those with ID at Level.
type Scope struct {
	Level Level
	ID    string // "" with Level "": everything
}

// Scopes returns the areas over which the actor holds one of the roles, wider
// ones first and none inside another of the same level twice.
func (a Actor) Scopes(roles ...Role) []Scope {
	var out []Scope
	for _, level := range []Level{"", City, County, Street, Community, Cell} {
		for _, g := range a.Grants {
			s := Scope{g.Level, g.Area}
			if g.Area == "" {
				s.Level = ""
			}
			if s.Level != level || !slices.Contains(roles, g.Role) || (g.Area == "" && g.Role != Admin) || slices.Contains(out, s) {
				continue
			}
			out = append(out, s)
		}
	}
	if a.System || (len(out) > 0 && out[0].Level == "") {
		return []Scope{{}}
	}
	return out
}
