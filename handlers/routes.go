package handlers

import (
	"encoding/json"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/photo"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/service"
	"wangge/domain/visit"
	"wangge/handlers/ogc"
	"wangge/handlers/tiles"
	"wangge/handlers/web"
)

// Who may call a route at all.
var (
	public   = web.Gate{}
	signedIn = web.Gate{Roles: access.Roles}
	either   = web.Gate{Either: true}
	people   = web.Gate{Roles: append([]access.Role{access.Resident}, access.Staff...)}
	staff    = web.Gate{Roles: access.Staff}
)

func only(roles ...access.Role) web.Gate { return web.Gate{Roles: roles} }

const (
	picture = photo.BytesMost + 64<<10 // and what multipart is wrapped in
	drawing = 4 << 20                  // boundaries of a few cells
	bulk    = 64 << 20                 // an import of cells
)

var paging = []string{"limit", "cursor"}

func with(query []string, more ...string) []string { return append(slices.Clone(query), more...) }

// routes is every operation of the program.
func (s *Server) routes() []*web.Route {
	on := s.on
	json, merge := []string{web.JSON}, []string{web.MergePatch}
	managers := only(access.StreetManager, access.Admin)
	leads := only(access.Leads...)
	planners := only(access.CommunityManager, access.StreetManager, access.Admin)
	counters := only(access.CounterWorker, access.StreetManager, access.Admin)
	doors := only(access.OutreachWorker, access.GridLead, access.CommunityManager, access.StreetManager, access.Admin)
	linkFilters := []string{"removed"}
	homes := only(access.OutreachWorker, access.GridLead, access.CommunityManager, access.Dispatcher, access.StreetManager, access.Admin)
	openers := only(access.OutreachWorker, access.CounterWorker, access.GridLead, access.CommunityManager, access.StreetManager, access.Admin)
	hooks := only(access.Integration, access.Admin)
	matters := web.Gate{Roles: append([]access.Role{access.Integration}, openers.Roles...)}
	return []*web.Route{
		{Method: "GET", Path: "/healthz", Gate: public, Handle: on(healthz)},
		{Method: "GET", Path: "/readyz", Gate: public, Patience: 5 * time.Second, Handle: on(readyz)},
		{Method: "GET", Path: "/.well-known/jwks.json", Gate: public, Handle: on(jwks)},
		{Method: "GET", Path: "/openapi.yaml", Gate: public, Handle: on(contract)},
		{Method: "GET", Path: "/", Gate: public, Page: true, Memory: true, Handle: on(toConsole)},
		{Method: "GET", Path: "/docs", Gate: public, Page: true, Memory: true, Handle: on(docsPage)},
		{Method: "GET", Path: "/docs/:file", Gate: public, Page: true, Memory: true, Handle: on(docsFile)},
		{Method: "GET", Path: "/console", Gate: public, Page: true, Memory: true, Handle: on(consolePage)},
		{Method: "GET", Path: "/console/*", Gate: public, Page: true, Memory: true, Handle: on(consoleFile)},
		{Method: "GET", Path: "/map", Gate: public, Page: true, Memory: true, Handle: on(mapPage)},

		{Method: "GET", Path: "/v1/meta", Gate: public, Memory: true, Handle: on(getMeta)},
		{Method: "POST", Path: "/v1/codes", Gate: public, Takes: json, Limit: web.Small, Handle: on(requestCode)},
		{Method: "POST", Path: "/v1/sessions", Gate: public, Takes: json, Limit: web.Small, Secret: true, Handle: on(signIn)},
		{Method: "POST", Path: "/v1/sessions/refresh", Gate: public, Takes: json, Limit: web.Small, Secret: true, Handle: on(refresh)},
		{Method: "POST", Path: browserSessions, Gate: public, Takes: json, Limit: web.Small, Secret: true, Handle: on(signInBrowser)},
		{Method: "POST", Path: browserSessions + "/refresh", Gate: public, Takes: json, Limit: web.Small, Secret: true, Handle: on(refreshBrowser)},
		{Method: "DELETE", Path: browserSessions, Gate: public, Query: []string{"account"}, Handle: on(signOutBrowser)},
		{Method: "DELETE", Path: "/v1/sessions/current", Gate: signedIn, Counts: true, Handle: on(signOut)},
		{Method: "GET", Path: "/v1/me", Gate: signedIn, Handle: on(getMe)},
		{Method: "PATCH", Path: "/v1/me", Gate: signedIn, Takes: merge, Limit: web.Small, Done: web.Changed("me"), Handle: on(patchMe)},

		{Method: "GET", Path: "/v1/me/todo", Gate: signedIn, Query: with(paging, "open"), Handle: on(listTodos)},
		{Method: "GET", Path: "/v1/me/inbox", Gate: signedIn, Query: with(paging, "kind", "unread", "importance"), Handle: on(listInbox)},
		{Method: "GET", Path: "/v1/me/inbox/counts", Gate: signedIn, Handle: on(countInbox)},
		{Method: "POST", Path: "/v1/me/inbox/read", Gate: signedIn, Takes: json, Limit: web.Small, Counts: true, Done: web.Changed("inbox"), Handle: on(readInbox)},
		{Method: "GET", Path: "/v1/me/inbox/:id", Gate: signedIn, Handle: on(getNotice)},
		{Method: "POST", Path: "/v1/me/inbox/:id/acknowledge", Gate: signedIn, Counts: true, Done: web.Changed("notice"), Handle: on(acknowledge)},
		{Method: "GET", Path: "/v1/me/preferences", Gate: signedIn, Handle: on(getPreferences)},
		{Method: "PATCH", Path: "/v1/me/preferences", Gate: signedIn, Takes: merge, Limit: web.Small, Done: web.Changed("preferences"), Handle: on(patchPreferences)},
		{Method: "GET", Path: "/v1/channels", Gate: only(access.Admin), Handle: on(listChannels)},
		{Method: "GET", Path: "/v1/me/devices", Gate: signedIn, Handle: on(listDevices)},
		{Method: "PUT", Path: "/v1/me/devices/:id", Gate: signedIn, Takes: json, Limit: web.Small, Handle: on(putDevice)},
		{Method: "DELETE", Path: "/v1/me/devices/:id", Gate: signedIn, Counts: true, Handle: on(endDevice)},
		{Method: "GET", Path: "/v1/me/wechat", Gate: signedIn, Handle: on(getWeChat)},
		{Method: "DELETE", Path: "/v1/me/wechat", Gate: signedIn, Counts: true, Handle: on(unbindWeChat)},
		{Method: "POST", Path: "/v1/me/wechat/grants", Gate: signedIn, Takes: json, Limit: web.Small, Counts: true, Done: web.Changed("wechat"), Handle: on(reportGrants)},
		{Method: "GET", Path: "/v1/me/today", Gate: people, Handle: on(getToday)},
		{Method: "POST", Path: "/v1/me/todo/:id/done", Gate: signedIn, Counts: true, Done: web.Changed("todo"), Handle: on(finishTodo)},
		{Method: "GET", Path: "/v1/me/cases", Gate: people, Query: with(paging, "open", "datum"), Handle: on(listOwnCases)},
		{Method: "GET", Path: "/v1/me/cases/:id", Gate: people, Query: []string{"datum"}, Handle: on(getOwnCase)},
		{Method: "POST", Path: "/v1/me/cases/:id/materials", Gate: people, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("own-case"), Handle: on(attachOwnMaterial)},
		{Method: "GET", Path: "/v1/me/requests", Gate: people, Query: paging, Handle: on(myHomeCalls)},
		{Method: "POST", Path: "/v1/me/requests", Gate: people, Takes: json, Limit: web.Small, Done: web.Made("home-call"), Counts: true, Handle: on(bookHomeCall)},
		{Method: "GET", Path: "/v1/me/requests/slots", Gate: people, Query: []string{"item", "household", "address", "area", "lon", "lat", "datum", "from", "to"}, Handle: on(mySlots)},
		{Method: "GET", Path: "/v1/me/requests/:id", Gate: people, Handle: on(getHomeCall)},
		{Method: "POST", Path: "/v1/me/requests/:id/transitions", Gate: people, Takes: json, Limit: web.Small, Done: web.Changed("home-call"), Counts: true, Handle: on(changeHomeCall)},
		{Method: "GET", Path: "/v1/me/route", Gate: doors, Query: []string{"date", "lon", "lat", "datum"}, Handle: on(myRoute)},
		{Method: "GET", Path: "/v1/me/calendar", Gate: doors, Secret: true, Handle: on(getFeed)},
		{Method: "POST", Path: "/v1/me/calendar", Gate: doors, Secret: true, Handle: on(makeFeed)},
		{Method: "DELETE", Path: "/v1/me/calendar", Gate: doors, Handle: on(endFeed)},
		{Method: "GET", Path: "/calendars/:secret.ics", Gate: public, Handle: on(readFeed)},

		{Method: "GET", Path: "/v1/events", Gate: either, Query: []string{"after", "wait", "ticket"}, Patience: 45 * time.Second, Handle: on(getEvents)},
		{Method: "POST", Path: "/v1/events/tickets", Gate: people, Secret: true, Handle: on(makeEventTicket)},

		{Method: "GET", Path: "/v1/accounts", Gate: only(access.GridLead, access.CommunityManager, access.Dispatcher, access.StreetManager, access.Admin),
			Query: with(paging, "area", "role", "organisation", "q"), Handle: on(listAccounts)},
		{Method: "POST", Path: "/v1/accounts", Gate: managers, Takes: json, Limit: web.Small, Secret: true, Done: web.Made("account"), Handle: on(createAccount)},
		{Method: "GET", Path: "/v1/accounts/:id", Gate: signedIn, Handle: on(getAccount)},
		{Method: "PATCH", Path: "/v1/accounts/:id", Gate: managers, Takes: merge, Limit: web.Small, Done: web.Changed("account"), Handle: on(patchAccount)},
		{Method: "PUT", Path: "/v1/accounts/:id/grants", Gate: managers, Takes: json, Limit: web.Small, Done: web.Changed("account"), Handle: on(putGrants)},

		{Method: "GET", Path: "/v1/sms", Gate: only(access.Admin), Handle: on(getSMS)},

		{Method: "GET", Path: "/v1/covers", Gate: staff, Query: with(paging, "account", "area", "at"), Handle: on(listCovers)},
		{Method: "POST", Path: "/v1/covers", Gate: planners, Takes: json, Limit: web.Small, Done: web.Made("cover"), Handle: on(createCover)},
		{Method: "GET", Path: "/v1/covers/:id", Gate: staff, Handle: on(getCover)},
		{Method: "PATCH", Path: "/v1/covers/:id", Gate: planners, Takes: merge, Limit: web.Small, Done: web.Changed("cover"), Handle: on(patchCover)},

		{Method: "GET", Path: "/v1/streets/:street/duty/:month", Gate: staff, Handle: on(getDuty)},
		{Method: "PUT", Path: "/v1/streets/:street/duty/:month", Gate: managers, Takes: json, Limit: web.Small, Done: web.Changed("duty"), Handle: on(putDuty)},

		{Method: "GET", Path: "/v1/addresses", Gate: people, Query: []string{"q", "area", "limit", "datum"}, Handle: on(findAddresses)},
		{Method: "POST", Path: "/v1/addresses/import", Gate: managers, Query: with(tableQuery, "scheme", "datum"), Takes: tables, Limit: int64(address.Table.Bytes), Done: web.Changed("address-import"), Handle: on(importAddresses)},

		{Method: "GET", Path: "/v1/organisations", Gate: staff, Query: with(paging, "area"), Handle: on(listOrganisations)},
		{Method: "POST", Path: "/v1/organisations", Gate: only(access.Dispatcher, access.StreetManager, access.Admin), Takes: json, Limit: web.Small, Done: web.Made("organisation"), Handle: on(createOrganisation)},
		{Method: "GET", Path: "/v1/organisations/:id", Gate: staff, Handle: on(getOrganisation)},
		{Method: "PATCH", Path: "/v1/organisations/:id", Gate: only(access.Dispatcher, access.StreetManager, access.Admin), Takes: merge, Limit: web.Small, Done: web.Changed("organisation"), Handle: on(patchOrganisation)},

		{Method: "GET", Path: "/v1/areas", Gate: signedIn, Query: with(paging, "parent", "level", "q"), Handle: on(listAreas)},
		{Method: "POST", Path: "/v1/areas/import", Gate: only(access.Admin), Query: with(tableQuery, "full", "validFrom"), Takes: tables, Limit: int64(area.AreaTable.Bytes), Done: web.Changed("area-import"), Handle: on(importAreas)},
		{Method: "GET", Path: "/v1/areas/:code", Gate: signedIn, Handle: on(getArea)},

		{Method: "GET", Path: "/v1/find", Gate: staff, Query: []string{"q", "datum"}, Handle: on(seekAll)},

		{Method: "GET", Path: "/v1/cells", Gate: signedIn, Query: with(paging, "area", "bbox", "kind", "datum", "at"), Handle: on(listCells)},
		{Method: "GET", Path: "/v1/cells/at", Gate: signedIn, Query: []string{"lon", "lat", "datum"}, Memory: true, Handle: on(cellAt)},
		{Method: "POST", Path: "/v1/cells/import", Gate: managers, Query: []string{"dryRun", "datum", "toleranceM2"}, Takes: []string{web.GeoJSON, web.JSON}, Limit: bulk, Done: web.Changed("cell-import"), Handle: on(importCells)},
		{Method: "POST", Path: "/v1/cells/merge", Gate: managers, Query: []string{"dryRun", "toleranceM2"}, Takes: json, Limit: web.Small, Done: web.Changed("redraw"), Handle: on(mergeCells)},
		{Method: "GET", Path: "/v1/cells/:code", Gate: signedIn, Query: []string{"datum", "at"}, Handle: on(getCell)},
		{Method: "GET", Path: "/v1/cells/:code/boundaries", Gate: staff, Query: with(paging, "datum"), Handle: on(listBoundaries)},
		{Method: "PUT", Path: "/v1/cells/:code/boundary", Gate: managers, Query: []string{"dryRun", "datum", "toleranceM2", "neighbours"}, Takes: []string{web.GeoJSON, web.JSON}, Limit: drawing, Done: web.Changed("redraw"), Handle: on(putBoundary)},
		{Method: "POST", Path: "/v1/cells/:code/split", Gate: managers, Query: []string{"dryRun", "datum", "toleranceM2"}, Takes: []string{web.GeoJSON, web.JSON}, Limit: drawing, Done: web.Changed("redraw"), Handle: on(splitCell)},
		{Method: "POST", Path: "/v1/cells/:code/retire", Gate: managers, Query: []string{"dryRun"}, Takes: json, Limit: web.Small, Done: web.Changed("redraw"), Handle: on(retireCell)},
		{Method: "GET", Path: "/v1/cells/:code/notices", Gate: managers, Query: paging, Handle: on(listCellNotices)},
		{Method: "GET", Path: "/v1/cells/:code/notices/preview", Gate: managers, Handle: on(previewCellNotice)},
		{Method: "POST", Path: "/v1/cells/:code/notices", Gate: managers, Takes: json, Limit: web.Small, Done: web.Made("cell-notice"), Handle: on(sendCellNotice)},
		{Method: "DELETE", Path: "/v1/cells/:code/notices/:id", Gate: managers, Done: web.Outcome{Status: 204}, Handle: on(withdrawCellNotice)},
		{Method: "PUT", Path: "/v1/cells/:code/staff", Gate: only(access.CommunityManager, access.StreetManager, access.Admin), Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("cell"), Handle: on(putStaff)},

		{Method: "GET", Path: "/v1/journal", Gate: planners, Query: with(paging, journalFilters...), Handle: on(listJournal)},
		{Method: "GET", Path: "/v1/redraws", Gate: managers, Query: with(paging, "area"), Handle: on(listRedraws)},
		{Method: "GET", Path: "/v1/redraws/days", Gate: staff, Query: []string{"area"}, Handle: on(listDaysDrawn)},
		{Method: "POST", Path: "/v1/redraws/:id/undo", Gate: managers, Query: []string{"dryRun"}, Done: web.Changed("redraw"), Handle: on(undoRedraw)},

		{Method: "GET", Path: "/v1/households", Gate: homes, Query: with(paging, householdFilters...), Handle: on(listHouseholds)},
		{Method: "POST", Path: "/v1/households", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("household"), Handle: on(createHousehold)},
		{Method: "POST", Path: "/v1/households/search", Gate: homes, Query: []string{"datum"}, Takes: json, Limit: web.Small, Handle: on(searchHouseholds)},
		{Method: "POST", Path: "/v1/households/find", Gate: only(access.CounterWorker), Takes: json, Limit: web.Small, Handle: on(findHousehold)},
		{Method: "POST", Path: "/v1/households/import", Gate: planners, Query: with(tableQuery, "street", "datum"), Takes: tables, Limit: int64(household.Table.Bytes), Done: web.Changed("household-import"), Handle: on(importHouseholds)},
		{Method: "GET", Path: "/v1/households/:id", Gate: homes, Query: []string{"datum"}, Handle: on(getHousehold)},
		{Method: "PATCH", Path: "/v1/households/:id", Gate: doors, Query: []string{"datum"}, Takes: merge, Limit: web.Small, Done: web.Changed("household"), Handle: on(patchHousehold)},
		{Method: "DELETE", Path: "/v1/households/:id", Gate: doors, Done: web.Outcome{Status: 204}, Handle: on(deleteHousehold)},
		{Method: "POST", Path: "/v1/households/:id/move", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("household"), Handle: on(moveHousehold)},
		{Method: "POST", Path: "/v1/households/:id/merge", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("household"), Handle: on(mergeHouseholds)},
		{Method: "POST", Path: "/v1/households/:id/unmerge", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("household"), Handle: on(unmergeHouseholds)},
		{Method: "POST", Path: "/v1/households/:id/moved-away", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("household"), Handle: on(decideAway)},
		{Method: "POST", Path: "/v1/households/:id/requests", Gate: openers, Takes: json, Limit: web.Small, Done: web.Made("home-call-for"), Handle: on(bookHomeCallFor)},
		{Method: "GET", Path: "/v1/households/:id/requests/slots", Gate: openers, Query: []string{"item", "from", "to"}, Handle: on(slotsFor)},
		{Method: "POST", Path: "/v1/households/:id/reveal", Gate: doors, Takes: json, Limit: web.Small, Handle: on(revealPerson)},
		{Method: "GET", Path: "/v1/households/:id/stays", Gate: homes, Query: with(paging, "member", "address"), Handle: on(listStays)},
		{Method: "POST", Path: "/v1/households/:id/members", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("household"), Handle: on(addMember)},
		{Method: "PATCH", Path: "/v1/households/:id/members/:member", Gate: doors, Query: []string{"datum"}, Takes: merge, Limit: web.Small, Done: web.Changed("household"), Handle: on(patchMember)},
		{Method: "DELETE", Path: "/v1/households/:id/members/:member", Gate: doors, Query: []string{"datum", "reason"}, Done: web.Changed("household"), Handle: on(removeMember)},
		{Method: "POST", Path: "/v1/households/:id/members/:member/move", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("household"), Handle: on(moveMember)},
		{Method: "PUT", Path: "/v1/households/:id/members/:member/tags/:tag", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("household"), Handle: on(putMemberTag)},
		{Method: "DELETE", Path: "/v1/households/:id/members/:member/tags/:tag", Gate: doors, Query: []string{"datum"}, Done: web.Changed("household"), Handle: on(deleteMemberTag)},
		{Method: "GET", Path: "/v1/tags", Gate: homes, Query: []string{"street"}, Handle: on(listTags)},
		{Method: "GET", Path: "/v1/tags/:code", Gate: homes, Query: []string{"street"}, Handle: on(getTag)},
		{Method: "PUT", Path: "/v1/tags/:code", Gate: managers, Takes: json, Limit: web.Small, Done: web.Changed("tag"), Handle: on(putTag)},

		{Method: "GET", Path: "/v1/forms", Gate: doors, Query: with(paging, "street", "tag"), Handle: on(listForms)},
		{Method: "POST", Path: "/v1/forms", Gate: managers, Takes: json, Limit: web.Sheet, Done: web.Made("form"), Handle: on(createForm)},
		{Method: "GET", Path: "/v1/forms/:id", Gate: doors, Handle: on(getForm)},
		{Method: "GET", Path: "/v1/forms/:id/versions", Gate: doors, Query: paging, Handle: on(listFormVersions)},
		{Method: "POST", Path: "/v1/forms/:id/versions", Gate: managers, Takes: json, Limit: web.Sheet, Done: web.Made("form"), Handle: on(createFormVersion)},

		{Method: "GET", Path: "/v1/visit-plans", Gate: planners, Query: with(paging, "area", "state"), Handle: on(listPlans)},
		{Method: "POST", Path: "/v1/visit-plans", Gate: planners, Takes: json, Limit: web.Sheet, Done: web.Made("visit-plan"), Handle: on(createPlan)},
		{Method: "GET", Path: "/v1/visit-plans/:id", Gate: planners, Handle: on(getPlan)},
		{Method: "GET", Path: "/v1/visit-plans/:id/preview", Gate: planners, Handle: on(previewPlan)},
		{Method: "PUT", Path: "/v1/visit-plans/:id/terms", Gate: planners, Takes: json, Limit: web.Sheet, Done: web.Changed("visit-plan"), Handle: on(changePlanTerms)},
		{Method: "POST", Path: "/v1/visit-plans/:id/transitions", Gate: planners, Takes: json, Limit: web.Small, Done: web.Changed("visit-plan"), Handle: on(takePlanAction)},
		{Method: "GET", Path: "/v1/visit-policies/:street", Gate: doors, Handle: on(getPolicy)},
		{Method: "PUT", Path: "/v1/visit-policies/:street", Gate: managers, Takes: json, Limit: web.Small, Done: web.Changed("visit-policy"), Handle: on(putPolicy)},

		{Method: "GET", Path: "/v1/policies/:area", Gate: staff, Query: []string{"at"}, Handle: on(getHeldPolicy)},
		{Method: "GET", Path: "/v1/policies/:area/versions", Gate: staff, Query: paging, Handle: on(listPolicyVersions)},
		{Method: "GET", Path: "/v1/policies/:area/draft", Gate: staff, Handle: on(getPolicyDraft)},
		{Method: "PUT", Path: "/v1/policies/:area/draft", Gate: managers, Takes: json, Limit: web.Sheet, Done: web.Changed("policy-draft"), Handle: on(putPolicyDraft)},
		{Method: "DELETE", Path: "/v1/policies/:area/draft", Gate: managers, Done: web.Outcome{Status: 204}, Handle: on(deletePolicyDraft)},
		{Method: "POST", Path: "/v1/policies/:area/draft/import", Gate: managers, Query: tableQuery, Takes: tables, Limit: int64(policy.Table.Bytes), Done: web.Changed("policy-import"), Handle: on(importPolicy)},
		{Method: "POST", Path: "/v1/policies/:area/check", Gate: managers, Takes: json, Limit: web.Sheet, Handle: on(checkPolicy)},
		{Method: "GET", Path: "/v1/service-items", Gate: signedIn, Query: with(paging, "category", "department", "q", "homeCall", "retired", "at"), Handle: on(listServiceItems)},
		{Method: "POST", Path: "/v1/service-items/import", Gate: only(access.Admin), Query: with(tableQuery, "full", "from"), Takes: tables, Limit: int64(service.ItemTable.Bytes), Done: web.Changed("service-item-import"), Handle: on(importServiceItems)},
		{Method: "GET", Path: "/v1/service-items/:code", Gate: signedIn, Query: []string{"at"}, Handle: on(getServiceItem)},
		{Method: "PUT", Path: "/v1/service-items/:code", Gate: only(access.Admin), Takes: json, Limit: web.Small, Done: web.Changed("service-item"), Handle: on(putServiceItem)},
		{Method: "GET", Path: "/v1/service-items/:code/versions", Gate: signedIn, Query: paging, Handle: on(listServiceItemVersions)},
		{Method: "GET", Path: "/v1/qualification-kinds", Gate: staff, Handle: on(listQualificationKinds)},
		{Method: "PUT", Path: "/v1/qualification-kinds/:code", Gate: only(access.Admin), Takes: json, Limit: web.Small, Done: web.Changed("qualification-kind"), Handle: on(putQualificationKind)},
		{Method: "GET", Path: "/v1/qualifications", Gate: staff, Query: with(paging, "account", "area", "batch", "kind"), Handle: on(listQualifications)},
		{Method: "POST", Path: "/v1/qualifications", Gate: managers, Takes: json, Limit: web.Small, Done: web.Made("qualification"), Handle: on(giveQualification)},
		{Method: "GET", Path: "/v1/qualifications/:id", Gate: staff, Handle: on(getQualification)},
		{Method: "POST", Path: "/v1/qualifications/:id/revoke", Gate: managers, Takes: json, Limit: web.Small, Done: web.Changed("qualification"), Handle: on(revokeQualification)},
		{Method: "GET", Path: "/v1/training-batches", Gate: managers, Query: paging, Handle: on(listTrainingBatches)},
		{Method: "POST", Path: "/v1/training-batches", Gate: managers, Takes: json, Limit: web.Small, Done: web.Made("training-batch"), Handle: on(createTrainingBatch)},
		{Method: "GET", Path: "/v1/training-batches/:id", Gate: managers, Handle: on(getTrainingBatch)},
		{Method: "POST", Path: "/v1/training-batches/:id/import", Gate: managers, Query: tableQuery, Takes: tables, Limit: int64(service.ParticipantTable.Bytes), Done: web.Changed("participant-import"), Handle: on(importParticipants)},

		{Method: "GET", Path: "/v1/holidays", Gate: signedIn, Query: []string{"year"}, Handle: on(getHolidays)},
		{Method: "PUT", Path: "/v1/holidays/:year", Gate: only(access.Admin), Takes: json, Limit: web.Sheet, Done: web.Changed("holidays"), Handle: on(putHolidays)},
		{Method: "POST", Path: "/v1/holidays/import", Gate: only(access.Admin), Query: with(tableQuery, "source"), Takes: tables, Limit: int64(calendar.Table.Bytes), Done: web.Changed("holiday-import"), Handle: on(importHolidays)},

		{Method: "POST", Path: "/v1/policies/:area/publish", Gate: managers, Takes: json, Limit: web.Small, Done: web.Changed("policy-version"), Handle: on(publishPolicy)},

		{Method: "GET", Path: "/v1/visits", Gate: doors, Query: with(paging, visitFilters...), Handle: on(listVisits)},
		{Method: "GET", Path: "/v1/visits/:id", Gate: doors, Query: []string{"datum"}, Handle: on(getVisit)},
		{Method: "POST", Path: "/v1/visits/:id/check-in", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("stop"), Handle: on(checkInVisit)},
		{Method: "POST", Path: "/v1/visits/:id/complete", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("stop"), Handle: on(atStopOf(completeStop))},
		{Method: "POST", Path: "/v1/visits/:id/review", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("stop"), Handle: on(atStopOf(reviewStop))},
		{Method: "POST", Path: "/v1/visits/:id/reschedule", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("visit"), Handle: on(takeVisitAction(visit.Reschedule))},
		{Method: "POST", Path: "/v1/visits/:id/reassign", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("visit"), Handle: on(takeVisitAction(visit.Reassign))},
		{Method: "POST", Path: "/v1/visits/:id/miss", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("visit"), Handle: on(takeVisitAction(visit.Miss))},
		{Method: "POST", Path: "/v1/visits/:id/cancel", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("visit"), Handle: on(takeVisitAction(visit.Cancel))},

		{Method: "GET", Path: "/v1/visits/:id/links", Gate: doors, Query: linkFilters, Handle: on(listLinks(link.Visit))},
		{Method: "POST", Path: "/v1/visits/:id/reveal-caller", Gate: doors, Takes: json, Limit: web.Small, Handle: on(revealCaller)},
		{Method: "POST", Path: "/v1/visits/:id/links", Gate: doors, Takes: json, Limit: web.Small, Done: web.Made("visit-link"), Handle: on(makeLink(link.Visit))},
		{Method: "DELETE", Path: "/v1/visits/:id/links/:link", Gate: doors, Query: []string{"reason"}, Done: web.Outcome{Status: 204}, Handle: on(removeLink(link.Visit))},
		{Method: "POST", Path: "/v1/visits/:id/links/:link/reveal", Gate: doors, Takes: json, Limit: web.Small, Handle: on(revealLinked(link.Visit))},

		{Method: "GET", Path: "/v1/stops", Gate: doors, Query: with(paging, "queue", "household", "area", "cell", "datum"), Handle: on(listStops)},
		{Method: "POST", Path: "/v1/stops", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("stop"), Handle: on(checkIn)},
		{Method: "GET", Path: "/v1/stops/:id", Gate: doors, Query: []string{"datum"}, Handle: on(onStop(stopByID))},
		{Method: "GET", Path: "/v1/stops/:id/sheet", Gate: doors, Query: []string{"datum"}, Handle: on(getSheet)},
		{Method: "POST", Path: "/v1/stops/:id/complete", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("stop"), Handle: on(onStop(completeStop))},
		{Method: "POST", Path: "/v1/stops/:id/abandon", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("stop"), Handle: on(onStop(abandonStop))},
		{Method: "POST", Path: "/v1/stops/:id/review", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("stop"), Handle: on(onStop(reviewStop))},
		{Method: "POST", Path: "/v1/stops/:id/clear-alert", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("stop"), Handle: on(onStop(clearAlert))},
		{Method: "GET", Path: "/v1/promises", Gate: doors, Query: with(paging, "area", "cell", "until", "datum"), Handle: on(listPromises)},
		{Method: "POST", Path: "/v1/promises/:id/end", Gate: doors, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("promise"), Handle: on(endPromise)},
		{Method: "GET", Path: "/v1/works", Gate: doors, Query: with(paging, "area", "cell", "kind", "by", "from", "to"), Handle: on(listWorks)},
		{Method: "POST", Path: "/v1/works", Gate: doors, Takes: json, Limit: web.Small, Done: web.Made("work"), Handle: on(holdActivity)},

		{Method: "GET", Path: "/v1/stations", Gate: signedIn, Query: with(paging, "area", "model", "datum"), Handle: on(listStations)},
		{Method: "POST", Path: "/v1/stations", Gate: managers, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("station"), Handle: on(createStation)},
		{Method: "GET", Path: "/v1/stations/:id", Gate: signedIn, Query: []string{"datum"}, Handle: on(getStation)},
		{Method: "PATCH", Path: "/v1/stations/:id", Gate: managers, Query: []string{"datum"}, Takes: merge, Limit: web.Small, Done: web.Changed("station"), Handle: on(patchStation)},
		{Method: "PUT", Path: "/v1/stations/:id/shifts", Gate: counters, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("station"), Handle: on(putShifts)},
		{Method: "PUT", Path: "/v1/stations/:id/staff", Gate: counters, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("station"), Handle: on(putStationStaff)},
		{Method: "POST", Path: "/v1/stations/:id/absences", Gate: counters, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("station"), Handle: on(addAbsence)},
		{Method: "DELETE", Path: "/v1/stations/:id/absences/:absence", Gate: counters, Query: []string{"datum"}, Done: web.Changed("station"), Handle: on(endAbsence)},
		{Method: "GET", Path: "/v1/stations/:id/cover", Gate: staff, Query: []string{"from", "to"}, Handle: on(stationCover)},
		{Method: "GET", Path: "/v1/service-items/:code/where", Gate: signedIn, Query: []string{"at", "area", "household", "address", "lon", "lat", "datum"}, Handle: on(whereItem)},

		{Method: "GET", Path: "/v1/postings", Gate: planners, Query: with(paging, postingFilters...), Handle: on(listPostings)},
		{Method: "POST", Path: "/v1/postings", Gate: planners, Takes: json, Limit: web.Small, Done: web.Made("posting"), Handle: on(createPosting)},
		{Method: "POST", Path: "/v1/postings/import", Gate: planners, Query: with(tableQuery, "street"), Takes: tables, Limit: int64(posting.Table.Bytes), Done: web.Changed("posting-import"), Handle: on(importPostings)},
		{Method: "GET", Path: "/v1/postings/:id", Gate: planners, Handle: on(getPosting)},
		{Method: "PATCH", Path: "/v1/postings/:id", Gate: planners, Takes: merge, Limit: web.Small, Done: web.Changed("posting"), Handle: on(patchPosting)},
		{Method: "DELETE", Path: "/v1/postings/:id", Gate: planners, Done: web.Outcome{Status: 204}, Handle: on(deletePosting)},
		{Method: "GET", Path: "/v1/deployment/baselines/:of", Gate: planners, Handle: on(getBaseline)},
		{Method: "PUT", Path: "/v1/deployment/baselines/:of", Gate: planners, Takes: json, Limit: web.Small, Done: web.Changed("deployment-baseline"), Handle: on(putBaseline)},
		{Method: "GET", Path: "/v1/stats/deployment", Gate: only(access.CommunityManager, access.Dispatcher, access.StreetManager, access.Admin), Query: []string{"area", "by", "from", "to"}, Handle: on(getDeployment)},

		{Method: "GET", Path: "/v1/categories", Gate: public, Query: []string{"area", "retired"}, Handle: on(listCategories)},
		{Method: "GET", Path: "/v1/tickets", Gate: people, Query: with(with(paging, ticketFilters...), "sort", "followed"), Handle: on(listTickets)},
		{Method: "POST", Path: "/v1/tickets", Gate: people, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("ticket"), Counts: true, Handle: on(reportTicket)},
		{Method: "GET", Path: "/v1/tickets/counts", Gate: people, Query: with(ticketFilters, "by"), Handle: on(countTickets)},
		{Method: "GET", Path: "/v1/tickets/similar", Gate: people, Query: []string{"category", "lon", "lat", "datum", "address", "area"}, Handle: on(similarTickets)},
		{Method: "GET", Path: "/v1/tickets/:id", Gate: people, Query: []string{"datum"}, Handle: on(getTicket)},
		{Method: "GET", Path: "/v1/ledgers/tickets", Gate: leads, Query: []string{"area", "date", "format"}, Patience: 5 * time.Minute, Handle: on(getLedger)},
		{Method: "POST", Path: "/v1/tickets/transitions", Gate: staff, Takes: json, Limit: web.Sheet, Done: web.Changed("ticket-batch"), Patience: 35 * time.Second, Handle: on(takeTicketActions)},
		{Method: "POST", Path: "/v1/tickets/:id/transitions", Gate: people, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("ticket"), Handle: on(takeTicketAction)},
		{Method: "GET", Path: "/v1/tickets/:id/timeline", Gate: people, Query: paging, Handle: on(timeline)},
		{Method: "GET", Path: "/v1/tickets/:id/comments", Gate: people, Query: paging, Handle: on(listComments)},
		{Method: "POST", Path: "/v1/tickets/:id/comments", Gate: people, Takes: json, Limit: web.Small, Done: web.Made("comment"), Handle: on(addComment)},
		{Method: "POST", Path: "/v1/tickets/:id/photos", Gate: people, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Changed("ticket"), Handle: on(addTicketPhotos)},
		{Method: "GET", Path: "/v1/tickets/:id/reporter-context", Gate: staff, Handle: on(getTicketContext)},
		{Method: "GET", Path: "/v1/tickets/:id/followers", Gate: staff, Handle: on(getFollowers)},
		{Method: "PUT", Path: "/v1/tickets/:id/followers/me", Gate: people, Query: []string{"datum"}, Takes: json, Limit: web.Small, Handle: on(followTicket)},
		{Method: "DELETE", Path: "/v1/tickets/:id/followers/me", Gate: people, Counts: true, Handle: on(unfollowTicket)},
		{Method: "POST", Path: "/v1/tickets/:id/reveal", Gate: staff, Takes: json, Limit: web.Small, Handle: on(revealTicket)},

		{Method: "GET", Path: "/v1/tickets/:id/links", Gate: staff, Query: linkFilters, Handle: on(listLinks(link.Ticket))},
		{Method: "POST", Path: "/v1/tickets/:id/links", Gate: staff, Takes: json, Limit: web.Small, Done: web.Made("ticket-link"), Handle: on(makeLink(link.Ticket))},
		{Method: "DELETE", Path: "/v1/tickets/:id/links/:link", Gate: staff, Query: []string{"reason"}, Done: web.Outcome{Status: 204}, Handle: on(removeLink(link.Ticket))},
		{Method: "POST", Path: "/v1/tickets/:id/links/:link/reveal", Gate: openers, Takes: json, Limit: web.Small, Handle: on(revealLinked(link.Ticket))},

		{Method: "GET", Path: "/v1/robots", Gate: managers, Query: paging, Handle: on(listRobots)},
		{Method: "POST", Path: "/v1/robots", Gate: managers, Takes: json, Limit: web.Small, Done: web.Made("robot"), Handle: on(createRobot)},
		{Method: "GET", Path: "/v1/robots/:id", Gate: managers, Handle: on(getRobot)},
		{Method: "PATCH", Path: "/v1/robots/:id", Gate: managers, Takes: merge, Limit: web.Small, Done: web.Changed("robot"), Handle: on(patchRobot)},
		{Method: "DELETE", Path: "/v1/robots/:id", Gate: managers, Done: web.Outcome{Status: 204}, Handle: on(deleteRobot)},
		{Method: "POST", Path: "/v1/robots/:id/test", Gate: managers, Counts: true, Handle: on(testRobot)},
		{Method: "GET", Path: "/v1/webhooks", Gate: hooks, Query: paging, Handle: on(listWebhooks)},
		{Method: "POST", Path: "/v1/webhooks", Gate: only(access.Admin), Takes: json, Limit: web.Small, Secret: true, Done: web.Made("webhook"), Handle: on(createWebhook)},
		{Method: "GET", Path: "/v1/webhooks/:id", Gate: hooks, Handle: on(getWebhook)},
		{Method: "PATCH", Path: "/v1/webhooks/:id", Gate: only(access.Admin), Takes: merge, Limit: web.Small, Done: web.Changed("webhook-now"), Handle: on(patchWebhook)},
		{Method: "DELETE", Path: "/v1/webhooks/:id", Gate: only(access.Admin), Done: web.Outcome{Status: 204}, Handle: on(deleteWebhook)},
		{Method: "POST", Path: "/v1/webhooks/:id/secrets", Gate: hooks, Takes: json, Limit: web.Small, Secret: true, Done: web.Made("webhook-secret"), Handle: on(rotateWebhook)},
		{Method: "DELETE", Path: "/v1/webhooks/:id/secrets/:secret", Gate: hooks, Done: web.Outcome{Status: 204}, Handle: on(endWebhookSecret)},
		{Method: "POST", Path: "/v1/webhooks/:id/ping", Gate: hooks, Takes: json, Limit: web.Small, Done: web.Made("webhook-delivery"), Handle: on(pingWebhook)},
		{Method: "POST", Path: "/v1/webhooks/:id/replay", Gate: hooks, Takes: json, Limit: web.Small, Done: web.Changed("webhook-dead"), Handle: on(replayDead)},
		{Method: "POST", Path: "/v1/webhooks/:id/skip", Gate: hooks, Takes: json, Limit: web.Small, Done: web.Changed("webhook-dead"), Handle: on(skipDead)},
		{Method: "GET", Path: "/v1/webhooks/:id/deliveries", Gate: hooks, Query: with(paging, deliveryFilters...), Handle: on(listDeliveries)},
		{Method: "GET", Path: "/v1/webhooks/:id/deliveries/:delivery", Gate: hooks, Handle: on(getDelivery)},
		{Method: "POST", Path: "/v1/webhooks/:id/deliveries/:delivery/replay", Gate: hooks, Done: web.Changed("webhook-delivery"), Handle: on(replayDelivery)},
		{Method: "POST", Path: "/v1/webhooks/:id/deliveries/:delivery/skip", Gate: hooks, Done: web.Changed("webhook-delivery"), Handle: on(skipDelivery)},

		{Method: "GET", Path: "/v1/intake-systems", Gate: only(access.Admin), Handle: on(listCaseSystems)},
		{Method: "GET", Path: "/v1/intake-systems/:system", Gate: only(access.Admin), Handle: on(getCaseSystem)},
		{Method: "PUT", Path: "/v1/intake-systems/:system", Gate: only(access.Admin), Takes: json, Limit: web.Small, Done: web.Changed("intake-system"), Handle: on(putCaseSystem)},
		{Method: "GET", Path: "/v1/intake-cases", Gate: matters, Query: with(with(paging, caseFilters...), "number", "sort"), Handle: on(listCases)},
		{Method: "POST", Path: "/v1/intake-cases", Gate: openers, Takes: json, Limit: web.Small, Done: web.Made("intake-case"), Handle: on(openCase)},
		{Method: "GET", Path: "/v1/intake-cases/counts", Gate: openers, Query: with(caseFilters, "by"), Handle: on(countCases)},
		{Method: "GET", Path: "/v1/intake-cases/day", Gate: openers, Query: []string{"station", "date"}, Handle: on(caseDay)},
		{Method: "POST", Path: "/v1/intake-cases/import", Gate: planners, Query: with(tableQuery, "system"), Takes: tables, Limit: int64(intake.Table.Bytes), Done: web.Changed("intake-import"), Handle: on(importCases)},
		{Method: "PUT", Path: "/v1/intake-cases/by-source/:system/:number", Gate: only(access.Integration), Takes: json, Limit: web.Small, Counts: true, Handle: on(upsertCase)},
		{Method: "GET", Path: "/v1/intake-cases/:id", Gate: matters, Handle: on(getCase)},
		{Method: "PATCH", Path: "/v1/intake-cases/:id", Gate: openers, Takes: merge, Limit: web.Small, Done: web.Changed("intake-case"), Handle: on(patchCase)},
		{Method: "POST", Path: "/v1/intake-cases/:id/transitions", Gate: openers, Takes: json, Limit: web.Small, Done: web.Changed("intake-case"), Handle: on(takeCaseAction)},
		{Method: "POST", Path: "/v1/intake-cases/:id/trips", Gate: openers, Takes: json, Limit: web.Small, Done: web.Changed("intake-case"), Handle: on(addCaseTrip)},
		{Method: "POST", Path: "/v1/intake-cases/:id/materials", Gate: openers, Takes: json, Limit: web.Small, Done: web.Changed("intake-case"), Handle: on(addCaseMaterial)},
		{Method: "GET", Path: "/v1/intake-cases/:id/materials/:material/photos/:photo", Gate: only(access.Integration), Handle: on(fetchMaterialPhoto)},
		{Method: "GET", Path: "/v1/intake-cases/:id/timeline", Gate: matters, Query: paging, Handle: on(caseTimeline)},
		{Method: "POST", Path: "/v1/intake-cases/:id/reveal", Gate: openers, Takes: json, Limit: web.Small, Handle: on(revealCase)},
		{Method: "POST", Path: "/v1/intake-cases/:id/reveal-matter", Gate: openers, Takes: json, Limit: web.Small, Handle: on(revealMatter)},

		{Method: "POST", Path: "/v1/tickets/:id/cases", Gate: openers, Takes: json, Limit: web.Small, Done: web.Made("intake-case"), Handle: on(openCaseOfTicket)},
		{Method: "POST", Path: "/v1/intake-cases/:id/tickets", Gate: openers, Query: []string{"datum"}, Takes: json, Limit: web.Small, Done: web.Made("ticket"), Counts: true, Handle: on(openTicketOfCase)},
		{Method: "GET", Path: "/v1/intake-cases/:id/links", Gate: openers, Query: linkFilters, Handle: on(listLinks(link.Case))},
		{Method: "POST", Path: "/v1/intake-cases/:id/links", Gate: openers, Takes: json, Limit: web.Small, Done: web.Made("intake-case-link"), Handle: on(makeLink(link.Case))},
		{Method: "DELETE", Path: "/v1/intake-cases/:id/links/:link", Gate: openers, Query: []string{"reason"}, Done: web.Outcome{Status: 204}, Handle: on(removeLink(link.Case))},

		{Method: "GET", Path: "/ogc", Also: []string{"/ogc/"}, Gate: either, Handle: on(ogcLanding)},
		{Method: "GET", Path: "/ogc/conformance", Gate: either, Handle: on(ogcConformance)},
		{Method: "GET", Path: "/ogc/api", Gate: either, Handle: on(ogcAPI)},
		{Method: "GET", Path: "/ogc/collections", Gate: either, Handle: on(ogcCollections)},
		{Method: "GET", Path: "/ogc/collections/:collection", Gate: either, Handle: on(ogcCollection)},
		{Method: "GET", Path: "/ogc/collections/:collection/items", Gate: either, Query: ogc.Parameters(), Handle: on(ogcItems)},
		{Method: "GET", Path: "/ogc/collections/:collection/items/:feature", Gate: either, Handle: on(ogcItem)},

		{Method: "GET", Path: "/tiles/:layer.json", Gate: signedIn, Query: tiles.Parameters(), Handle: on(describeTiles)},
		{Method: "GET", Path: "/tiles/:layer/:z/:x/:y.mvt", Gate: signedIn, Query: tiles.Parameters(), Handle: on(getTile)},

		{Method: "GET", Path: "/public/my-cell", Gate: public, Query: []string{"lon", "lat", "datum"}, PerMinute: placesPerMinute, Handle: on(myCell)},
		{Method: "GET", Path: "/public/map/:layer.json", Gate: public, PerMinute: tilesPerMinute, Handle: on(describePublicTiles)},
		{Method: "GET", Path: "/public/map/:layer/:z/:x/:y.mvt", Gate: public, PerMinute: tilesPerMinute, Handle: on(getPublicTile)},

		{Method: "GET", Path: "/v1/me/ratings", Gate: people, Query: with(paging, "open"), Handle: on(listOwnRatings)},
		{Method: "GET", Path: "/v1/me/cases/:id/rating", Gate: people, Handle: on(ownRating(rating.Case))},
		{Method: "POST", Path: "/v1/me/cases/:id/rating", Gate: people, Takes: json, Limit: web.Small, Done: web.Made("case-rating"), Handle: on(rate(rating.Case))},
		{Method: "GET", Path: "/v1/me/visits/:id/rating", Gate: people, Handle: on(ownRating(rating.Visit))},
		{Method: "POST", Path: "/v1/me/visits/:id/rating", Gate: people, Takes: json, Limit: web.Small, Done: web.Made("visit-rating"), Handle: on(rate(rating.Visit))},
		{Method: "GET", Path: "/v1/tickets/:id/rating", Gate: people, Handle: on(ownRating(rating.Ticket))},
		{Method: "POST", Path: "/v1/tickets/:id/rating", Gate: people, Takes: json, Limit: web.Small, Done: web.Made("ticket-rating"), Handle: on(rate(rating.Ticket))},
		{Method: "GET", Path: "/v1/ratings", Gate: planners, Query: with(paging, ratingFilters...), Handle: on(listRatings)},
		{Method: "GET", Path: "/v1/ratings/counts", Gate: planners, Query: with(ratingFilters[:len(ratingFilters)-1], "by"), Handle: on(countRatings)},
		{Method: "GET", Path: "/v1/rectifications", Gate: staff, Query: with(paging, rectificationFilters...), Handle: on(listRectifications)},
		{Method: "GET", Path: "/v1/rectifications/:id", Gate: staff, Handle: on(getRectification)},
		{Method: "POST", Path: "/v1/rectifications/:id/transitions", Gate: staff, Takes: json, Limit: web.Small, Done: web.Changed("rectification"), Handle: on(takeRectificationAction)},
		{Method: "POST", Path: "/v1/photos", Gate: people, Takes: []string{web.Multipart}, Limit: picture, Done: web.Made("photo"), Handle: on(uploadPhoto)},
		{Method: "GET", Path: "/v1/photos/:id", Gate: people, Query: []string{"size", "key"}, ByPhotoKey: true, Handle: on(getPhoto)},
	}
}

// kinds are what routes make, change and report.
func (s *Server) kinds() map[string]web.Kind {
	made := func(location, collection string, render func(*apiRequest, string) (*web.Reply, error)) web.Kind {
		return web.Kind{Location: location, Collection: collection, Render: func(r *web.Request, of string) (*web.Reply, error) { return render(&apiRequest{r, s}, of) }}
	}
	return map[string]web.Kind{
		"ticket":           made("/v1/tickets/", "tickets", ticketByID),
		"comment":          made("", "comments", commentByID),
		"photo":            made("/v1/photos/", "photos", photoByID),
		"account":          made("/v1/accounts/", "accounts", accountByID),
		"station":          made("/v1/stations/", "stations", stationByID),
		"organisation":     made("/v1/organisations/", "organisations", organisationByID),
		"household":        made("/v1/households/", "households", householdByID),
		"form":             made("/v1/forms/", "forms", formByID),
		"visit-plan":       made("/v1/visit-plans/", "visitPlans", planByID),
		"visit":            made("", "visits", visitByID),
		"stop":             made("/v1/stops/", "stops", stopByID),
		"home-call":        made("/v1/me/requests/", "homeCalls", homeCallByID),
		"home-call-for":    made("", "homeCalls", homeCallFor),
		"promise":          made("", "promises", promiseByID),
		"ticket-link":      made("", "links", linkAt(link.Ticket)),
		"intake-case-link": made("", "links", linkAt(link.Case)),
		"visit-link":       made("", "links", linkAt(link.Visit)),
		"work":             made("", "works", workByID),
		"case-rating":      made("", "ratings", asBefore(ownRating(rating.Case))),
		"visit-rating":     made("", "ratings", asBefore(ownRating(rating.Visit))),
		"ticket-rating":    made("", "ratings", asBefore(ownRating(rating.Ticket))),
		"rectification":    made("", "rectifications", rectificationByID),
		"intake-case":      made("/v1/intake-cases/", "intakeCases", caseByID),
		"own-case":         made("", "intakeCases", ownCaseByID),
		"intake-system":    made("", "", asBefore(getCaseSystem)),
		"tag":              made("", "policyVersions", tagByID),
		"policy-version":   made("", "policyVersions", policyVersionByID),
		"policy-draft":     made("", "", asBefore(getPolicyDraft)),
		"todo":             made("", "todos", todoByID),
		"cell-notice":      made("", "cellNotices", cellNoticeByID),
		"notice":           made("", "notices", noticeByID),
		"inbox":            made("", "", asBefore(countInbox)),
		"preferences":      made("", "", asBefore(getPreferences)),
		"me":               made("", "", asBefore(getMe)),
		"wechat":           made("", "", asBefore(getWeChat)),
		"cell":             made("", "", asBefore(getCell)),
		"visit-policy":     made("", "", asBefore(getPolicy)),
		"holidays":         made("", "", asBefore(holidaysPut)),
		"robot":            made("/v1/robots/", "robots", robotByID),
		"webhook":          made("/v1/webhooks/", "webhookTargets", webhookMadeByID),
		"webhook-now":      made("", "", asBefore(getWebhook)),
		"webhook-secret":   made("", "", secretByID),
		"webhook-delivery": made("", "webhookDeliveries", deliveryByID),
		// Reports are kept with their keys.
		"ticket-batch":     made("", "", batchAsBefore),
		"webhook-dead":     made("", "", reported(deadDealt)),
		"redraw":           made("", "", reported(redrawReported)),
		"cell-import":      made("", "", reported(cellsImported)),
		"area-import":      made("", "", reported(areasImported)),
		"holiday-import":   made("", "", reported(holidaysImported)),
		"household-import": made("", "", reported(householdsImported)),
		"address-import":   made("", "", reported(addressesImported)),
		"intake-import":    made("", "", reported(rowsImported)),
		"policy-import":    made("", "", reported(rowsImported)),
		// Of counters.
		"cover":               made("/v1/covers/", "covers", coverByID),
		"duty":                made("", "", asBefore(getDuty)),
		"posting":             made("/v1/postings/", "postings", postingByID),
		"posting-import":      made("", "", reported(rowsImported)),
		"deployment-baseline": made("", "", asBefore(getBaseline)),
		"service-item":        made("", "serviceItems", serviceItemByID),
		"service-item-import": made("", "", reported(rowsImported)),
		"qualification-kind":  made("", "qualificationKinds", qualificationKindByID),
		"qualification":       made("/v1/qualifications/", "qualifications", qualificationByID),
		"training-batch":      made("/v1/training-batches/", "trainingBatches", trainingBatchByID),
		"participant-import":  made("", "", reported(rowsImported)),
	}
}

// asBefore renders what has the address of the request itself.
func asBefore(get func(*apiRequest) (*web.Reply, error)) func(*apiRequest, string) (*web.Reply, error) {
	return func(r *apiRequest, _ string) (*web.Reply, error) { return get(r) }
}

// reported renders the report of a kind that a key remembers.
func reported[T any](render func(*apiRequest, T) *web.Reply) func(*apiRequest, string) (*web.Reply, error) {
	return func(r *apiRequest, text string) (*web.Reply, error) {
		var report T
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			return nil, err
		}
		return render(r, report), nil
	}
}
