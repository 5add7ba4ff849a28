package handlers

import (
	"slices"

	"wangge/domain/access"
	"wangge/domain/photo"
	"wangge/domain/visit"
	"wangge/handlers/ogc"
)

// gate is who may call a route at all: everybody, whatever token they send;
// everybody, but known by the token if they send one; or who holds one of the
// roles. What they may see and do behind it the domain decides.
type gate struct {
	roles  []access.Role
	either bool
}

var (
	public   = gate{}
	signedIn = gate{roles: access.Roles}
	either   = gate{either: true}
	people   = gate{roles: append([]access.Role{access.Resident}, access.Staff...)}
	staff    = gate{roles: access.Staff}
)

func only(roles ...access.Role) gate { return gate{roles: roles} }

// route is one operation: everything that is decided before its handler runs.
type route struct {
	method, path string
	also         []string // other paths that it has
	gate         gate
	query        []string // parameters it takes
	takes        []string // media types of its body; none: no body
	limit        int64    // bytes of the body
	plain        bool     // a POST without Idempotency-Key
	memory       bool     // answered from memory, as a rule: a deadline would cost more than the work
	handle       func(*request) (*reply, error)
}

const (
	small   = 64 << 10                 // a JSON body
	sheet   = 256 << 10                // a form, or a plan with its households
	picture = photo.BytesMost + 64<<10 // and what multipart is wrapped in
	drawing = 4 << 20                  // boundaries of a few cells
	bulk    = 64 << 20                 // an import
)

var paging = []string{"limit", "cursor"}

func with(query []string, more ...string) []string { return append(slices.Clone(query), more...) }

// routes is every operation of the program, in the order of openapi.yaml.
func (s *Server) routes() []*route {
	json, merge := []string{asJSON}, []string{asMerge}
	managers := only(access.StreetManager, access.Admin)
	planners := only(access.CommunityManager, access.StreetManager, access.Admin)
	doors := only(access.OutreachWorker, access.GridLead, access.CommunityManager, access.StreetManager, access.Admin)
	homes := only(access.OutreachWorker, access.GridLead, access.CommunityManager, access.Dispatcher, access.StreetManager, access.Admin)
	return []*route{
		{method: "GET", path: "/healthz", gate: public, handle: healthz},
		{method: "GET", path: "/readyz", gate: public, handle: readyz},
		{method: "GET", path: "/.well-known/jwks.json", gate: public, handle: jwks},
		{method: "GET", path: "/openapi.yaml", gate: public, handle: contract},
		{method: "GET", path: "/docs", gate: public, handle: docs},
		{method: "GET", path: "/docs/:file", gate: public, handle: docs},

		{method: "POST", path: "/v1/codes", gate: public, takes: json, limit: small, plain: true, handle: requestCode},
		{method: "POST", path: "/v1/sessions", gate: public, takes: json, limit: small, plain: true, handle: signIn},
		{method: "POST", path: "/v1/sessions/refresh", gate: public, takes: json, limit: small, plain: true, handle: refresh},
		{method: "DELETE", path: "/v1/sessions/current", gate: signedIn, handle: signOut},
		{method: "GET", path: "/v1/me", gate: signedIn, handle: getMe},
		{method: "PATCH", path: "/v1/me", gate: signedIn, takes: merge, limit: small, handle: patchMe},

		{method: "GET", path: "/v1/me/route", gate: doors, query: []string{"date", "lon", "lat", "datum"}, handle: myRoute},
		{method: "GET", path: "/v1/me/calendar", gate: doors, handle: getFeed},
		{method: "POST", path: "/v1/me/calendar", gate: doors, plain: true, handle: makeFeed},
		{method: "DELETE", path: "/v1/me/calendar", gate: doors, handle: endFeed},
		{method: "GET", path: "/calendars/:secret.ics", gate: public, handle: readFeed},

		{method: "GET", path: "/v1/accounts", gate: only(access.GridLead, access.CommunityManager, access.Dispatcher, access.StreetManager, access.Admin),
			query: with(paging, "area", "role", "organisation", "q"), handle: listAccounts},
		{method: "POST", path: "/v1/accounts", gate: managers, takes: json, limit: small, handle: createAccount},
		{method: "GET", path: "/v1/accounts/:id", gate: signedIn, handle: getAccount},
		{method: "PATCH", path: "/v1/accounts/:id", gate: managers, takes: merge, limit: small, handle: patchAccount},
		{method: "PUT", path: "/v1/accounts/:id/grants", gate: managers, takes: json, limit: small, handle: putGrants},

		{method: "GET", path: "/v1/organisations", gate: staff, query: with(paging, "area"), handle: listOrganisations},
		{method: "POST", path: "/v1/organisations", gate: only(access.Dispatcher, access.StreetManager, access.Admin), takes: json, limit: small, handle: createOrganisation},
		{method: "GET", path: "/v1/organisations/:id", gate: staff, handle: getOrganisation},
		{method: "PATCH", path: "/v1/organisations/:id", gate: only(access.Dispatcher, access.StreetManager, access.Admin), takes: merge, limit: small, handle: patchOrganisation},

		{method: "GET", path: "/v1/areas", gate: signedIn, query: with(paging, "parent", "level", "q"), handle: listAreas},
		{method: "POST", path: "/v1/areas/import", gate: only(access.Admin), query: []string{"dryRun", "full", "validFrom"}, takes: []string{asCSV}, limit: bulk, handle: importAreas},
		{method: "GET", path: "/v1/areas/:code", gate: signedIn, handle: getArea},

		{method: "GET", path: "/v1/cells", gate: signedIn, query: with(paging, "area", "bbox", "kind", "datum", "at"), handle: listCells},
		{method: "GET", path: "/v1/cells/at", gate: signedIn, query: []string{"lon", "lat", "datum"}, memory: true, handle: cellAt},
		{method: "POST", path: "/v1/cells/import", gate: managers, query: []string{"dryRun", "datum", "toleranceM2"}, takes: []string{asGeoJSON, asJSON}, limit: bulk, handle: importCells},
		{method: "POST", path: "/v1/cells/merge", gate: managers, query: []string{"dryRun", "toleranceM2"}, takes: json, limit: small, handle: mergeCells},
		{method: "GET", path: "/v1/cells/:code", gate: signedIn, query: []string{"datum", "at"}, handle: getCell},
		{method: "GET", path: "/v1/cells/:code/boundaries", gate: staff, query: with(paging, "datum"), handle: listBoundaries},
		{method: "PUT", path: "/v1/cells/:code/boundary", gate: managers, query: []string{"dryRun", "datum", "toleranceM2", "neighbours"}, takes: []string{asGeoJSON, asJSON}, limit: drawing, handle: putBoundary},
		{method: "POST", path: "/v1/cells/:code/split", gate: managers, query: []string{"dryRun", "datum", "toleranceM2"}, takes: []string{asGeoJSON, asJSON}, limit: drawing, handle: splitCell},
		{method: "POST", path: "/v1/cells/:code/retire", gate: managers, query: []string{"dryRun"}, takes: json, limit: small, handle: retireCell},
		{method: "PUT", path: "/v1/cells/:code/staff", gate: only(access.CommunityManager, access.StreetManager, access.Admin), takes: json, limit: small, handle: putStaff},

		{method: "GET", path: "/v1/redraws", gate: managers, query: with(paging, "area"), handle: listRedraws},
		{method: "POST", path: "/v1/redraws/:id/undo", gate: managers, query: []string{"dryRun"}, handle: undoRedraw},

		{method: "GET", path: "/v1/households", gate: homes, query: with(paging, householdFilters...), handle: listHouseholds},
		{method: "POST", path: "/v1/households", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: createHousehold},
		{method: "POST", path: "/v1/households/search", gate: homes, query: []string{"datum"}, takes: json, limit: small, plain: true, handle: searchHouseholds},
		{method: "POST", path: "/v1/households/import", gate: planners, query: []string{"dryRun", "street", "datum"}, takes: []string{asCSV}, limit: bulk, handle: importHouseholds},
		{method: "GET", path: "/v1/households/:id", gate: homes, query: []string{"datum"}, handle: getHousehold},
		{method: "PATCH", path: "/v1/households/:id", gate: doors, query: []string{"datum"}, takes: merge, limit: small, handle: patchHousehold},
		{method: "DELETE", path: "/v1/households/:id", gate: doors, handle: deleteHousehold},
		{method: "POST", path: "/v1/households/:id/move", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: moveHousehold},
		{method: "POST", path: "/v1/households/:id/merge", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: mergeHouseholds},
		{method: "POST", path: "/v1/households/:id/unmerge", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: unmergeHouseholds},
		{method: "POST", path: "/v1/households/:id/reveal", gate: doors, takes: json, limit: small, plain: true, handle: revealPerson},
		{method: "GET", path: "/v1/households/:id/stays", gate: homes, query: with(paging, "member", "address"), handle: listStays},
		{method: "POST", path: "/v1/households/:id/members", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: addMember},
		{method: "PATCH", path: "/v1/households/:id/members/:member", gate: doors, query: []string{"datum"}, takes: merge, limit: small, handle: patchMember},
		{method: "DELETE", path: "/v1/households/:id/members/:member", gate: doors, query: []string{"datum", "reason"}, handle: removeMember},
		{method: "POST", path: "/v1/households/:id/members/:member/move", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: moveMember},
		{method: "PUT", path: "/v1/households/:id/members/:member/tags/:tag", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: putMemberTag},
		{method: "DELETE", path: "/v1/households/:id/members/:member/tags/:tag", gate: doors, query: []string{"datum"}, handle: deleteMemberTag},
		{method: "GET", path: "/v1/tags", gate: homes, query: []string{"street"}, handle: listTags},
		{method: "PUT", path: "/v1/tags/:code", gate: managers, takes: json, limit: small, handle: putTag},

		{method: "GET", path: "/v1/forms", gate: doors, query: with(paging, "street", "tag"), handle: listForms},
		{method: "POST", path: "/v1/forms", gate: managers, takes: json, limit: sheet, handle: createForm},
		{method: "GET", path: "/v1/forms/:id", gate: doors, handle: getForm},
		{method: "GET", path: "/v1/forms/:id/versions", gate: doors, query: paging, handle: listFormVersions},
		{method: "POST", path: "/v1/forms/:id/versions", gate: managers, takes: json, limit: sheet, handle: createFormVersion},

		{method: "GET", path: "/v1/visit-plans", gate: planners, query: with(paging, "area", "state"), handle: listPlans},
		{method: "POST", path: "/v1/visit-plans", gate: planners, takes: json, limit: sheet, handle: createPlan},
		{method: "GET", path: "/v1/visit-plans/:id", gate: planners, handle: getPlan},
		{method: "GET", path: "/v1/visit-plans/:id/preview", gate: planners, handle: previewPlan},
		{method: "PUT", path: "/v1/visit-plans/:id/terms", gate: planners, takes: json, limit: sheet, handle: changePlan},
		{method: "POST", path: "/v1/visit-plans/:id/transitions", gate: planners, takes: json, limit: small, handle: movePlan},
		{method: "GET", path: "/v1/visit-policies/:street", gate: doors, handle: getPolicy},
		{method: "PUT", path: "/v1/visit-policies/:street", gate: managers, takes: json, limit: small, handle: putPolicy},

		{method: "GET", path: "/v1/visits", gate: doors, query: with(paging, visitFilters...), handle: listVisits},
		{method: "GET", path: "/v1/visits/:id", gate: doors, query: []string{"datum"}, handle: getVisit},
		{method: "POST", path: "/v1/visits/:id/check-in", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: checkInVisit},
		{method: "POST", path: "/v1/visits/:id/complete", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: atStopOf(completeStop)},
		{method: "POST", path: "/v1/visits/:id/review", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: atStopOf(reviewStop)},
		{method: "POST", path: "/v1/visits/:id/reschedule", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: moveVisit(visit.Reschedule)},
		{method: "POST", path: "/v1/visits/:id/reassign", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: moveVisit(visit.Reassign)},
		{method: "POST", path: "/v1/visits/:id/miss", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: moveVisit(visit.Miss)},
		{method: "POST", path: "/v1/visits/:id/cancel", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: moveVisit(visit.Cancel)},

		{method: "GET", path: "/v1/stops", gate: doors, query: with(paging, "queue", "household", "area", "cell", "datum"), handle: listStops},
		{method: "POST", path: "/v1/stops", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: checkIn},
		{method: "GET", path: "/v1/stops/:id", gate: doors, query: []string{"datum"}, handle: onStop(stopByID)},
		{method: "GET", path: "/v1/stops/:id/sheet", gate: doors, query: []string{"datum"}, handle: getSheet},
		{method: "POST", path: "/v1/stops/:id/complete", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: onStop(completeStop)},
		{method: "POST", path: "/v1/stops/:id/abandon", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: onStop(abandonStop)},
		{method: "POST", path: "/v1/stops/:id/review", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: onStop(reviewStop)},
		{method: "POST", path: "/v1/stops/:id/clear-alert", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: onStop(clearAlert)},
		{method: "GET", path: "/v1/promises", gate: doors, query: with(paging, "area", "cell", "until", "datum"), handle: listPromises},
		{method: "POST", path: "/v1/promises/:id/end", gate: doors, query: []string{"datum"}, takes: json, limit: small, handle: endPromise},
		{method: "GET", path: "/v1/works", gate: doors, query: with(paging, "area", "cell", "kind", "by", "from", "to"), handle: listWorks},
		{method: "POST", path: "/v1/works", gate: doors, takes: json, limit: small, handle: holdActivity},

		{method: "GET", path: "/v1/categories", gate: public, handle: listCategories},
		{method: "GET", path: "/v1/tickets", gate: people, query: with(paging, ticketFilters...), handle: listTickets},
		{method: "POST", path: "/v1/tickets", gate: people, query: []string{"datum"}, takes: json, limit: small, handle: reportTicket},
		{method: "GET", path: "/v1/tickets/counts", gate: people, query: with(ticketFilters, "by"), handle: countTickets},
		{method: "GET", path: "/v1/tickets/:id", gate: people, query: []string{"datum"}, handle: getTicket},
		{method: "POST", path: "/v1/tickets/:id/transitions", gate: people, query: []string{"datum"}, takes: json, limit: small, handle: moveTicket},
		{method: "GET", path: "/v1/tickets/:id/timeline", gate: people, query: paging, handle: timeline},
		{method: "GET", path: "/v1/tickets/:id/comments", gate: people, query: paging, handle: listComments},
		{method: "POST", path: "/v1/tickets/:id/comments", gate: people, takes: json, limit: small, handle: addComment},
		{method: "POST", path: "/v1/tickets/:id/photos", gate: people, query: []string{"datum"}, takes: json, limit: small, handle: addTicketPhotos},
		{method: "POST", path: "/v1/tickets/:id/reveal", gate: staff, takes: json, limit: small, plain: true, handle: revealTicket},

		{method: "GET", path: "/ogc", also: []string{"/ogc/"}, gate: either, handle: ogcLanding},
		{method: "GET", path: "/ogc/conformance", gate: either, handle: ogcConformance},
		{method: "GET", path: "/ogc/api", gate: either, handle: ogcAPI},
		{method: "GET", path: "/ogc/collections", gate: either, handle: ogcCollections},
		{method: "GET", path: "/ogc/collections/:collection", gate: either, handle: ogcCollection},
		{method: "GET", path: "/ogc/collections/:collection/items", gate: either, query: ogc.Parameters(), handle: ogcItems},
		{method: "GET", path: "/ogc/collections/:collection/items/:feature", gate: either, handle: ogcItem},

		{method: "GET", path: "/tiles/:layer.json", gate: signedIn, handle: describeTiles},
		{method: "GET", path: "/tiles/:layer/:z/:x/:y.mvt", gate: signedIn, handle: getTile},

		{method: "POST", path: "/v1/photos", gate: people, takes: []string{asMultipart}, limit: picture, handle: uploadPhoto},
		{method: "GET", path: "/v1/photos/:id", gate: people, query: []string{"size"}, handle: getPhoto},
	}
}

// locations are where the resources that POSTs make are found.
var locations = map[string]string{
	"ticket": "/v1/tickets/", "photo": "/v1/photos/", "account": "/v1/accounts/", "organisation": "/v1/organisations/",
	"household": "/v1/households/", "form": "/v1/forms/", "visit-plan": "/v1/visit-plans/", "stop": "/v1/stops/",
}

// renderers answer for the resources that POSTs make, under the caller's access of now.
func (s *Server) renderers() map[string]func(*request, string) (*reply, error) {
	return map[string]func(*request, string) (*reply, error){
		"ticket": ticketByID, "comment": commentByID, "photo": photoByID, "account": accountByID, "organisation": organisationByID,
		"household": householdByID, "form": formByID, "visit-plan": planByID, "visit": visitByID, "stop": stopByID, "promise": promiseByID, "work": workByID,
	}
}
