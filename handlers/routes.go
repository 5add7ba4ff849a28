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
	byPhotoKey   bool     // a photo key may stand in for the header
	counts       bool     // its use case counts calls itself, or they need no bound
	done         outcome  // of what takes an Idempotency-Key
	secret       bool     // its answer holds tokens
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

// routes is every operation of the program.
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

		{method: "GET", path: "/v1/meta", gate: public, memory: true, handle: getMeta},
		{method: "POST", path: "/v1/codes", gate: public, takes: json, limit: small, handle: requestCode},
		{method: "POST", path: "/v1/sessions", gate: public, takes: json, limit: small, secret: true, handle: signIn},
		{method: "POST", path: "/v1/sessions/refresh", gate: public, takes: json, limit: small, secret: true, handle: refresh},
		{method: "DELETE", path: "/v1/sessions/current", gate: signedIn, counts: true, handle: signOut},
		{method: "GET", path: "/v1/me", gate: signedIn, handle: getMe},
		{method: "PATCH", path: "/v1/me", gate: signedIn, takes: merge, limit: small, done: changed("me"), handle: patchMe},

		{method: "GET", path: "/v1/me/route", gate: doors, query: []string{"date", "lon", "lat", "datum"}, handle: myRoute},
		{method: "GET", path: "/v1/me/calendar", gate: doors, secret: true, handle: getFeed},
		{method: "POST", path: "/v1/me/calendar", gate: doors, secret: true, handle: makeFeed},
		{method: "DELETE", path: "/v1/me/calendar", gate: doors, handle: endFeed},
		{method: "GET", path: "/calendars/:secret.ics", gate: public, handle: readFeed},

		{method: "GET", path: "/v1/accounts", gate: only(access.GridLead, access.CommunityManager, access.Dispatcher, access.StreetManager, access.Admin),
			query: with(paging, "area", "role", "organisation", "q"), handle: listAccounts},
		{method: "POST", path: "/v1/accounts", gate: managers, takes: json, limit: small, secret: true, done: made("account"), handle: createAccount},
		{method: "GET", path: "/v1/accounts/:id", gate: signedIn, handle: getAccount},
		{method: "PATCH", path: "/v1/accounts/:id", gate: managers, takes: merge, limit: small, done: changed("account"), handle: patchAccount},
		{method: "PUT", path: "/v1/accounts/:id/grants", gate: managers, takes: json, limit: small, done: changed("account"), handle: putGrants},

		{method: "GET", path: "/v1/organisations", gate: staff, query: with(paging, "area"), handle: listOrganisations},
		{method: "POST", path: "/v1/organisations", gate: only(access.Dispatcher, access.StreetManager, access.Admin), takes: json, limit: small, done: made("organisation"), handle: createOrganisation},
		{method: "GET", path: "/v1/organisations/:id", gate: staff, handle: getOrganisation},
		{method: "PATCH", path: "/v1/organisations/:id", gate: only(access.Dispatcher, access.StreetManager, access.Admin), takes: merge, limit: small, done: changed("organisation"), handle: patchOrganisation},

		{method: "GET", path: "/v1/areas", gate: signedIn, query: with(paging, "parent", "level", "q"), handle: listAreas},
		{method: "POST", path: "/v1/areas/import", gate: only(access.Admin), query: []string{"dryRun", "full", "validFrom"}, takes: []string{asCSV}, limit: bulk, done: changed("area-import"), handle: importAreas},
		{method: "GET", path: "/v1/areas/:code", gate: signedIn, handle: getArea},

		{method: "GET", path: "/v1/cells", gate: signedIn, query: with(paging, "area", "bbox", "kind", "datum", "at"), handle: listCells},
		{method: "GET", path: "/v1/cells/at", gate: signedIn, query: []string{"lon", "lat", "datum"}, memory: true, handle: cellAt},
		{method: "POST", path: "/v1/cells/import", gate: managers, query: []string{"dryRun", "datum", "toleranceM2"}, takes: []string{asGeoJSON, asJSON}, limit: bulk, done: changed("cell-import"), handle: importCells},
		{method: "POST", path: "/v1/cells/merge", gate: managers, query: []string{"dryRun", "toleranceM2"}, takes: json, limit: small, done: changed("redraw"), handle: mergeCells},
		{method: "GET", path: "/v1/cells/:code", gate: signedIn, query: []string{"datum", "at"}, handle: getCell},
		{method: "GET", path: "/v1/cells/:code/boundaries", gate: staff, query: with(paging, "datum"), handle: listBoundaries},
		{method: "PUT", path: "/v1/cells/:code/boundary", gate: managers, query: []string{"dryRun", "datum", "toleranceM2", "neighbours"}, takes: []string{asGeoJSON, asJSON}, limit: drawing, done: changed("redraw"), handle: putBoundary},
		{method: "POST", path: "/v1/cells/:code/split", gate: managers, query: []string{"dryRun", "datum", "toleranceM2"}, takes: []string{asGeoJSON, asJSON}, limit: drawing, done: changed("redraw"), handle: splitCell},
		{method: "POST", path: "/v1/cells/:code/retire", gate: managers, query: []string{"dryRun"}, takes: json, limit: small, done: changed("redraw"), handle: retireCell},
		{method: "PUT", path: "/v1/cells/:code/staff", gate: only(access.CommunityManager, access.StreetManager, access.Admin), query: []string{"datum"}, takes: json, limit: small, done: changed("cell"), handle: putStaff},

		{method: "GET", path: "/v1/redraws", gate: managers, query: with(paging, "area"), handle: listRedraws},
		{method: "POST", path: "/v1/redraws/:id/undo", gate: managers, query: []string{"dryRun"}, done: changed("redraw"), handle: undoRedraw},

		{method: "GET", path: "/v1/households", gate: homes, query: with(paging, householdFilters...), handle: listHouseholds},
		{method: "POST", path: "/v1/households", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: made("household"), handle: createHousehold},
		{method: "POST", path: "/v1/households/search", gate: homes, query: []string{"datum"}, takes: json, limit: small, handle: searchHouseholds},
		{method: "POST", path: "/v1/households/import", gate: planners, query: []string{"dryRun", "street", "datum"}, takes: []string{asCSV}, limit: bulk, done: changed("household-import"), handle: importHouseholds},
		{method: "GET", path: "/v1/households/:id", gate: homes, query: []string{"datum"}, handle: getHousehold},
		{method: "PATCH", path: "/v1/households/:id", gate: doors, query: []string{"datum"}, takes: merge, limit: small, done: changed("household"), handle: patchHousehold},
		{method: "DELETE", path: "/v1/households/:id", gate: doors, done: outcome{status: 204}, handle: deleteHousehold},
		{method: "POST", path: "/v1/households/:id/move", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("household"), handle: moveHousehold},
		{method: "POST", path: "/v1/households/:id/merge", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("household"), handle: mergeHouseholds},
		{method: "POST", path: "/v1/households/:id/unmerge", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("household"), handle: unmergeHouseholds},
		{method: "POST", path: "/v1/households/:id/moved-away", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("household"), handle: decideAway},
		{method: "POST", path: "/v1/households/:id/reveal", gate: doors, takes: json, limit: small, handle: revealPerson},
		{method: "GET", path: "/v1/households/:id/stays", gate: homes, query: with(paging, "member", "address"), handle: listStays},
		{method: "POST", path: "/v1/households/:id/members", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: made("household"), handle: addMember},
		{method: "PATCH", path: "/v1/households/:id/members/:member", gate: doors, query: []string{"datum"}, takes: merge, limit: small, done: changed("household"), handle: patchMember},
		{method: "DELETE", path: "/v1/households/:id/members/:member", gate: doors, query: []string{"datum", "reason"}, done: changed("household"), handle: removeMember},
		{method: "POST", path: "/v1/households/:id/members/:member/move", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("household"), handle: moveMember},
		{method: "PUT", path: "/v1/households/:id/members/:member/tags/:tag", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("household"), handle: putMemberTag},
		{method: "DELETE", path: "/v1/households/:id/members/:member/tags/:tag", gate: doors, query: []string{"datum"}, done: changed("household"), handle: deleteMemberTag},
		{method: "GET", path: "/v1/tags", gate: homes, query: []string{"street"}, handle: listTags},
		{method: "GET", path: "/v1/tags/:code", gate: homes, query: []string{"street"}, handle: getTag},
		{method: "PUT", path: "/v1/tags/:code", gate: managers, takes: json, limit: small, done: changed("tag"), handle: putTag},

		{method: "GET", path: "/v1/forms", gate: doors, query: with(paging, "street", "tag"), handle: listForms},
		{method: "POST", path: "/v1/forms", gate: managers, takes: json, limit: sheet, done: made("form"), handle: createForm},
		{method: "GET", path: "/v1/forms/:id", gate: doors, handle: getForm},
		{method: "GET", path: "/v1/forms/:id/versions", gate: doors, query: paging, handle: listFormVersions},
		{method: "POST", path: "/v1/forms/:id/versions", gate: managers, takes: json, limit: sheet, done: made("form"), handle: createFormVersion},

		{method: "GET", path: "/v1/visit-plans", gate: planners, query: with(paging, "area", "state"), handle: listPlans},
		{method: "POST", path: "/v1/visit-plans", gate: planners, takes: json, limit: sheet, done: made("visit-plan"), handle: createPlan},
		{method: "GET", path: "/v1/visit-plans/:id", gate: planners, handle: getPlan},
		{method: "GET", path: "/v1/visit-plans/:id/preview", gate: planners, handle: previewPlan},
		{method: "PUT", path: "/v1/visit-plans/:id/terms", gate: planners, takes: json, limit: sheet, done: changed("visit-plan"), handle: changePlan},
		{method: "POST", path: "/v1/visit-plans/:id/transitions", gate: planners, takes: json, limit: small, done: changed("visit-plan"), handle: movePlan},
		{method: "GET", path: "/v1/visit-policies/:street", gate: doors, handle: getPolicy},
		{method: "PUT", path: "/v1/visit-policies/:street", gate: managers, takes: json, limit: small, done: changed("visit-policy"), handle: putPolicy},

		{method: "GET", path: "/v1/visits", gate: doors, query: with(paging, visitFilters...), handle: listVisits},
		{method: "GET", path: "/v1/visits/:id", gate: doors, query: []string{"datum"}, handle: getVisit},
		{method: "POST", path: "/v1/visits/:id/check-in", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: made("stop"), handle: checkInVisit},
		{method: "POST", path: "/v1/visits/:id/complete", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("stop"), handle: atStopOf(completeStop)},
		{method: "POST", path: "/v1/visits/:id/review", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("stop"), handle: atStopOf(reviewStop)},
		{method: "POST", path: "/v1/visits/:id/reschedule", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("visit"), handle: moveVisit(visit.Reschedule)},
		{method: "POST", path: "/v1/visits/:id/reassign", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("visit"), handle: moveVisit(visit.Reassign)},
		{method: "POST", path: "/v1/visits/:id/miss", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("visit"), handle: moveVisit(visit.Miss)},
		{method: "POST", path: "/v1/visits/:id/cancel", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("visit"), handle: moveVisit(visit.Cancel)},

		{method: "GET", path: "/v1/stops", gate: doors, query: with(paging, "queue", "household", "area", "cell", "datum"), handle: listStops},
		{method: "POST", path: "/v1/stops", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: made("stop"), handle: checkIn},
		{method: "GET", path: "/v1/stops/:id", gate: doors, query: []string{"datum"}, handle: onStop(stopByID)},
		{method: "GET", path: "/v1/stops/:id/sheet", gate: doors, query: []string{"datum"}, handle: getSheet},
		{method: "POST", path: "/v1/stops/:id/complete", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("stop"), handle: onStop(completeStop)},
		{method: "POST", path: "/v1/stops/:id/abandon", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("stop"), handle: onStop(abandonStop)},
		{method: "POST", path: "/v1/stops/:id/review", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("stop"), handle: onStop(reviewStop)},
		{method: "POST", path: "/v1/stops/:id/clear-alert", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("stop"), handle: onStop(clearAlert)},
		{method: "GET", path: "/v1/promises", gate: doors, query: with(paging, "area", "cell", "until", "datum"), handle: listPromises},
		{method: "POST", path: "/v1/promises/:id/end", gate: doors, query: []string{"datum"}, takes: json, limit: small, done: changed("promise"), handle: endPromise},
		{method: "GET", path: "/v1/works", gate: doors, query: with(paging, "area", "cell", "kind", "by", "from", "to"), handle: listWorks},
		{method: "POST", path: "/v1/works", gate: doors, takes: json, limit: small, done: made("work"), handle: holdActivity},

		{method: "GET", path: "/v1/categories", gate: public, handle: listCategories},
		{method: "GET", path: "/v1/tickets", gate: people, query: with(paging, ticketFilters...), handle: listTickets},
		{method: "POST", path: "/v1/tickets", gate: people, query: []string{"datum"}, takes: json, limit: small, done: made("ticket"), counts: true, handle: reportTicket},
		{method: "GET", path: "/v1/tickets/counts", gate: people, query: with(ticketFilters, "by"), handle: countTickets},
		{method: "GET", path: "/v1/tickets/:id", gate: people, query: []string{"datum"}, handle: getTicket},
		{method: "POST", path: "/v1/tickets/:id/transitions", gate: people, query: []string{"datum"}, takes: json, limit: small, done: changed("ticket"), handle: moveTicket},
		{method: "GET", path: "/v1/tickets/:id/timeline", gate: people, query: paging, handle: timeline},
		{method: "GET", path: "/v1/tickets/:id/comments", gate: people, query: paging, handle: listComments},
		{method: "POST", path: "/v1/tickets/:id/comments", gate: people, takes: json, limit: small, done: made("comment"), handle: addComment},
		{method: "POST", path: "/v1/tickets/:id/photos", gate: people, query: []string{"datum"}, takes: json, limit: small, done: changed("ticket"), handle: addTicketPhotos},
		{method: "POST", path: "/v1/tickets/:id/reveal", gate: staff, takes: json, limit: small, handle: revealTicket},

		{method: "GET", path: "/ogc", also: []string{"/ogc/"}, gate: either, handle: ogcLanding},
		{method: "GET", path: "/ogc/conformance", gate: either, handle: ogcConformance},
		{method: "GET", path: "/ogc/api", gate: either, handle: ogcAPI},
		{method: "GET", path: "/ogc/collections", gate: either, handle: ogcCollections},
		{method: "GET", path: "/ogc/collections/:collection", gate: either, handle: ogcCollection},
		{method: "GET", path: "/ogc/collections/:collection/items", gate: either, query: ogc.Parameters(), handle: ogcItems},
		{method: "GET", path: "/ogc/collections/:collection/items/:feature", gate: either, handle: ogcItem},

		{method: "GET", path: "/tiles/:layer.json", gate: signedIn, handle: describeTiles},
		{method: "GET", path: "/tiles/:layer/:z/:x/:y.mvt", gate: signedIn, handle: getTile},

		{method: "POST", path: "/v1/photos", gate: people, takes: []string{asMultipart}, limit: picture, done: made("photo"), handle: uploadPhoto},
		{method: "GET", path: "/v1/photos/:id", gate: people, query: []string{"size", "key"}, byPhotoKey: true, handle: getPhoto},
	}
}

// locations are where the resources that POSTs make are found.
var locations = map[string]string{
	"ticket": "/v1/tickets/", "photo": "/v1/photos/", "account": "/v1/accounts/", "organisation": "/v1/organisations/",
	"household": "/v1/households/", "form": "/v1/forms/", "visit-plan": "/v1/visit-plans/", "stop": "/v1/stops/",
}

// collections are where resources are kept.
var collections = map[string]string{
	"ticket": "tickets", "comment": "comments", "photo": "photos", "account": "accounts", "organisation": "organisations", "household": "households",
	"form": "forms", "visit-plan": "visitPlans", "visit": "visits", "stop": "stops", "promise": "promises", "work": "works", "tag": "tagDefinitions",
}

// renderers answer for the resources and reports of requests, under the caller's access of now.
func (s *Server) renderers() map[string]func(*request, string) (*reply, error) {
	return map[string]func(*request, string) (*reply, error){
		"ticket": ticketByID, "comment": commentByID, "photo": photoByID, "account": accountByID, "organisation": organisationByID,
		"household": householdByID, "form": formByID, "visit-plan": planByID, "visit": visitByID, "stop": stopByID, "promise": promiseByID, "work": workByID,
		"me": asBefore(getMe), "cell": asBefore(getCell), "visit-policy": asBefore(getPolicy), "tag": tagByID,
		"redraw": reported(redrawReported), "cell-import": reported(cellsImported), "area-import": reported(areasImported), "household-import": reported(householdsImported),
	}
}

// asBefore renders what has the address of the request itself.
func asBefore(get func(*request) (*reply, error)) func(*request, string) (*reply, error) {
	return func(r *request, _ string) (*reply, error) { return get(r) }
}
