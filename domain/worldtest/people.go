package worldtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
)

// Actor is somebody who has a role in areas and cells, by code; without them, everywhere.
func Actor(tb testing.TB, areas *area.Areas, who string, role access.Role, codes ...string) access.Actor {
	tb.Helper()
	actor := access.Actor{Account: strings.ReplaceAll(who, " ", "-"), Session: "session"}
	if len(codes) == 0 {
		actor.Grants = []access.Grant{{Role: role}}
	}
	for _, code := range codes {
		at := scope(tb, areas, code)
		if role == access.CounterWorker { // whose station serves what lies there
			actor = AtCounter(tb, areas, actor, code)
			continue
		}
		actor.Grants = append(actor.Grants, access.Grant{Role: role, Level: at.Level, Area: at.ID})
	}
	return actor
}

// AtCounter is the actor on the staff of a station that serves these communities now.
func AtCounter(tb testing.TB, areas *area.Areas, actor access.Actor, communities ...string) access.Actor {
	tb.Helper()
	for _, code := range communities {
		at, ok := areas.Tree().ByCode(code)
		if !ok || at.Level != access.Community {
			tb.Fatalf("%s is no community", code)
		}
		if posting := (access.Grant{Role: access.CounterWorker, Level: access.Street, Area: at.Place.Street}); !slices.Contains(actor.Posting, posting) {
			actor.Posting = append(actor.Posting, posting)
		}
		actor = actor.AtCounter(at.Place, "")
	}
	return actor
}

// People are those whose roles are in areas, and who need none.
func People(tb testing.TB, areas *area.Areas) map[string]access.Actor {
	tb.Helper()
	people := map[string]access.Actor{}
	for who, role := range map[string]access.Role{"admin": access.Admin, "resident": access.Resident, "handler": access.Handler} {
		people[who] = Actor(tb, areas, who, role)
	}
	for who, in := range map[string]struct {
		role access.Role
		area string
	}{
		"county admin": {access.Admin, County}, "manager": {access.StreetManager, Jia}, "other manager": {access.StreetManager, Yi},
		"dispatcher": {access.Dispatcher, Jia}, "community": {access.CommunityManager, JiaOne}, "counter": {access.CounterWorker, JiaOne},
	} {
		people[who] = Actor(tb, areas, who, in.role, in.area)
	}
	return people
}

// Handlers are an organisation that things are assigned to, and who handles them there.
func Handlers(tb testing.TB, areas *area.Areas, now time.Time, in area.NewOrganisation) (access.Assignee, access.Actor) {
	tb.Helper()
	organisation := Must(areas.CreateOrganisation(tb.Context(), access.Program, now, in))(tb)
	handler := Actor(tb, areas, "handler", access.Handler)
	handler.Organisation = organisation.ID
	return access.Assignee{Kind: access.Organisation, ID: organisation.ID}, handler
}
