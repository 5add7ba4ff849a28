// Package robot knows the robots that write into the groups of a street's or a
// community's people, at WeCom or DingTalk: where each is, and of which kinds
// of notices it tells how many there were. It tells of no person, address or
// matter. Who makes one, and reaches the services, is for others.
package robot

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/store"
)

// Service is whose robot it is.
type Service string

const (
	WeCom    Service = "wecom"
	DingTalk Service = "dingtalk"
)

// ServiceWords are the services.
var ServiceWords = domain.NewEnum("RobotService", domain.W(WeCom, "企业微信", "WeCom"), domain.W(DingTalk, "钉钉", "DingTalk"))

// Enum lists the services.
func (Service) Enum() domain.Enum { return ServiceWords }

// Enums of this package.
var Enums = []domain.Enum{ServiceWords}

// Robot writes into one group. By its key anybody could: it is sealed, and never shown again.
type Robot struct {
	store.Meta `store:",inline"`
	Title      string          `store:"title"`
	Service    Service         `store:"service"`
	Place      access.Place    `store:"place"` // of the street or community
	Key        personal.Sealed `store:"key"`
	Masked     string          `store:"masked"`           // the key
	Mark       string          `store:"mark"`             // blind index of the key
	Secret     personal.Sealed `store:"secret,omitempty"` // that it signs with
	Kinds      []notice.Kind   `store:"kinds"`            // none: all
	Language   string          `store:"language"`
	Enabled    bool            `store:"enabled"`
	Refused    string          `store:"refused,omitempty"` // the service's code, of one that it takes nothing of any more
	Sent       string          `store:"sent"`              // blind index of what it was made by
	CreatedAt  time.Time       `store:"createdAt"`
	UpdatedAt  time.Time       `store:"updatedAt"`
}

// Hears reports whether the robot tells of a kind of notices about what lay in
// a community of its street, "" for what lay in none.
func (r *Robot) Hears(k notice.Kind, community string) bool {
	return (len(r.Kinds) == 0 || slices.Contains(r.Kinds, k)) && (r.Place.Community == "" || r.Place.Community == community)
}

func (r *Robot) facts() store.Facts {
	if r.Enabled {
		return store.Facts{State: "enabled"}
	}
	return store.Facts{State: "disabled"}
}

// robots lie in the city's partition, where every node sees them change.
var robots = store.Declare[Robot](store.Declaration{
	Name: "robots", Schema: 1,
	Indexes:    []string{"created: createdAt", "street: place.street, createdAt"},
	Predicates: []string{"place.city", "place.county"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{robots} }

func keyAt(id string) string    { return "robots/" + id + "/key" }
func secretAt(id string) string { return "robots/" + id + "/secret" }

var city = []string{area.CityPartition}

func (r *Robot) entry(actor access.Actor, now time.Time, what string, before store.Facts) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "robot." + what, Before: before, After: r.facts(), Dims: map[string]string{"service": string(r.Service)}}
}
