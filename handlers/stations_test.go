package handlers

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"wangge/domain/ids"
)

// newStation is one in Pingjiang that serves Niujia, open from 9 to 21 every day.
func newStation(more object) object {
	return joined(object{
		"name": "平江民众联络所", "street": pingjiang, "address": "钮家巷 1 号", "phone": "0512-62880000", "position": there,
		"models": []object{{"model": "one_station_many_communities", "counter": true}}, "communities": []object{{"code": niujia}, {"code": chayuan}},
		"hours": object{"weekly": everyDay("09:00", "21:00"), "openOnHolidays": true},
	}, more)
}

func everyDay(from, until string) []object {
	return []object{{"days": []int{1, 2, 3, 4, 5, 6, 7}, "spans": []object{{"from": from, "until": until}}}}
}

var twoShifts = object{"shifts": []object{{"name": "早班", "weekly": everyDay("09:00", "15:00")}, {"name": "晚班", "weekly": everyDay("15:00", "21:00")}}}

// staffed is a station that the counter worker directs, on its early shift.
func (h *harness) staffed(t *testing.T) string {
	t.Helper()
	station := "/v1/stations/" + h.must(t, 201, call{method: "POST", url: "/v1/stations", as: "street_manager", body: newStation(nil)}).text("/id")
	h.must(t, 200, matched(call{method: "PUT", url: station + "/shifts", as: "street_manager", body: twoShifts}))
	h.must(t, 200, matched(call{method: "PUT", url: station + "/staff", as: "street_manager", body: h.directed()}))
	return station
}

func (h *harness) directed() object {
	return object{"staff": []object{{"account": h.people["counter_worker"].id, "part": "director", "shifts": []string{"早班"}}}}
}

// prepareStation makes the station of the walk.
func (h *harness) prepareStation(t *testing.T) {
	t.Helper()
	h.walked["{station}"] = h.staffed(t)
}

// absent is a call that enters an absence of a day that nobody else of the walk enters.
func absent(t *testing.T, h *harness, _ string) call {
	h.walkedDays++
	from := morning.AddDate(0, 0, h.walkedDays)
	return unmatched(theirs("POST", "{station}/absences", object{"account": h.people["counter_worker"].id, "reason": "leave", "from": from, "until": from.Add(time.Hour)}))(t, h, "")
}

// unmatched is a call that states no version.
func unmatched(of func(*testing.T, *harness, string) call) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, who string) call {
		c := of(t, h, who)
		c.header = nil
		return c
	}
}

// walkStations is the part of the walk that is about stations.
var walkStations = []walked{
	{"GET /v1/stations", someone, someone, get("/v1/stations?area=" + pingjiang)},
	{"POST /v1/stations",
		"401 403 403 403 403 403 403 403 403 201 201", "401 403 403 403 403 403 403 403 403 403 403", same("POST", "/v1/stations", newStation(nil))},
	{"GET /v1/stations/:id", someone, someone, theirs("GET", "{station}", nil)},
	{"PATCH /v1/stations/:id",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 403 403", theirs("PATCH", "{station}", object{"phone": nil})},
	{"PUT /v1/stations/:id/shifts",
		"401 403 403 403 403 200 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 403 403", theirs("PUT", "{station}/shifts", twoShifts)},
	{"PUT /v1/stations/:id/staff",
		"401 403 403 403 403 200 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 403 403",
		func(t *testing.T, h *harness, who string) call {
			return theirs("PUT", "{station}/staff", h.directed())(t, h, who)
		}},
	{"POST /v1/stations/:id/absences",
		"401 403 403 403 403 200 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 403 403", absent},
	{"DELETE /v1/stations/:id/absences/:absence",
		"401 403 403 403 403 404 403 403 403 404 404", "401 403 403 403 403 403 403 403 403 403 403", unmatched(theirs("DELETE", "{station}/absences/01931f0a-7c1e-7b3a-9a55-1f2e3d4c5a01", nil))},
	{"GET /v1/stations/:id/cover",
		"401 403 403 403 403 200 200 200 200 200 200", "401 403 403 403 403 403 403 403 403 403 403", theirs("GET", "{station}/cover", nil)},
	{"GET /v1/service-items/:code/where",
		someone, someone, get("/v1/service-items/MZ13-01/where?area=" + niujia)},
}

// stationCrashes are the routes of stations that take a key.
var stationCrashes = []crash{
	{"POST /v1/stations", to("street_manager", "POST", "/v1/stations", newStation(nil))},
	{"PATCH /v1/stations/:id", to("street_manager", "PATCH", "{station}", object{"address": nil})},
	{"PUT /v1/stations/:id/shifts", to("street_manager", "PUT", "{station}/shifts", object{"shifts": append(twoShifts["shifts"].([]object), object{"name": "中班", "weekly": everyDay("12:00", "18:00")})})},
	{"PUT /v1/stations/:id/staff", func(t *testing.T, h *harness) call {
		staff := object{"staff": []object{{"account": h.people["counter_worker"].id, "part": "director", "shifts": []string{"晚班"}}}}
		return theirs("PUT", "{station}/staff", staff)(t, h, "").by("counter_worker")
	}},
	{"POST /v1/stations/:id/absences", func(t *testing.T, h *harness) call {
		h.walked["{absence}"] = ids.New()
		c := absent(t, h, "").by("counter_worker")
		c.body = joined(c.body.(object), object{"id": h.walked["{absence}"]})
		return c
	}},
	{"DELETE /v1/stations/:id/absences/:absence", func(t *testing.T, h *harness) call {
		return unmatched(theirs("DELETE", "{station}/absences/{absence}", nil))(t, h, "").by("counter_worker")
	}},
}

// What a station is, to who reads its public part and to who reads it all.
func TestStationAsItIsRead(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		station := h.staffed(t)
		absence := h.must(t, 200, call{method: "POST", url: station + "/absences", as: "counter_worker",
			body: object{"account": h.people["counter_worker"].id, "reason": "sick", "from": "2026-11-24T01:00:00Z", "until": "2026-11-24T05:00:00Z"}})
		if absence.text("/name") != "平江民众联络所" || absence.text("/communities/0/code") != niujia || absence.text("/staffing/staff/0/part") != "director" || absence.text("/hours/weekly/0/spans/0/until") != "21:00" {
			t.Errorf("the station: %s", absence.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: station, as: "resident"}); a.at("/staffing") != nil || a.text("/phone") == "" {
			t.Errorf("a resident reads %s", a.body)
		}
		cover := h.must(t, 200, call{method: "GET", url: station + "/cover?from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z", as: "grid_lead"})
		if shifts := cover.items("/shifts"); len(shifts) != 2 || cover.text("/shifts/0/shift") != "早班" || cover.text("/shifts/0/there/0/from") != "2026-11-24T05:00:00.000Z" || cover.text("/shifts/0/there/0/until") != "2026-11-24T07:00:00.000Z" || len(cover.items("/shifts/1/there")) != 0 {
			t.Errorf("the cover: %s", cover.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: station, as: "grid_lead"}); a.at("/staffing/absences/0/reason") != nil || a.text("/staffing/absences/0/person/id") == "" {
			t.Errorf("a grid lead reads why somebody is absent: %s", a.body)
		}
		for _, as := range []string{"counter_worker", "street_manager"} {
			if a := h.must(t, 200, call{method: "GET", url: station, as: as}); a.text("/staffing/absences/0/reason") != "sick" {
				t.Errorf("%s does not read why somebody is absent: %s", as, a.body)
			}
		}
		asked := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=true", as: "counter_worker"})
		if asked.text("/items/0/kind") != "station_hole" || "/v1/stations/"+asked.text("/items/0/about/id") != station {
			t.Errorf("the director is asked of %s", asked.body)
		}
	})
}

// Where an item is taken, for a place however it is said.
func TestWhereAnItemIsTaken(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		station := h.staffed(t)
		home := h.home(t, niujia, 1, "301")
		at := inside(niujia, 1)
		where := "/v1/service-items/MZ13-01/where?"
		h.play(t, []scenario{
			{name: "a community", call: call{method: "GET", url: where + "area=" + niujia, as: "resident"}, status: 200, fields: object{
				"/community/code": niujia, "/stations/0/open": true, "/stations/0/opening/until": "2026-11-23T13:00:00.000Z", "/stations/0/served": false, "/stations/0/serving": nil, "/item/materials/0/form": "both"}},
			{name: "a position", call: call{method: "GET", url: fmt.Sprintf("%slon=%v&lat=%v&datum=wgs84", where, at[0], at[1]), as: "resident"}, status: 200, fields: object{"/community/code": niujia}},
			{name: "a household of one's own", call: call{method: "GET", url: where + "household=" + home, as: "outreach_worker"}, status: 200, fields: object{"/community/code": niujia}},
			{name: "a household that is not the reader's", call: call{method: "GET", url: where + "household=" + home, as: "resident"}, status: 400, pointers: []string{"?household"}},
			{name: "an address that nobody knows", call: call{method: "GET", url: where + "address=" + url.QueryEscape("月球大道 1 号"), as: "resident"}, status: 400, pointers: []string{"?address"}},
			{name: "a street", call: call{method: "GET", url: where + "area=" + pingjiang, as: "resident"}, status: 400, pointers: []string{"?area"}},
			{name: "nowhere", call: call{method: "GET", url: where, as: "resident"}, status: 400, pointers: []string{"?lon", "?lat"}},
			{name: "at sea", call: call{method: "GET", url: where + "lon=122.5&lat=31&datum=wgs84", as: "resident"}, status: 400, pointers: []string{"?lon"}},
			{name: "in two years", call: call{method: "GET", url: where + "at=2028-11-23T01:00:00Z&area=" + niujia, as: "resident"}, status: 400, pointers: []string{"?at"}},
			{name: "an item that is none", call: call{method: "GET", url: "/v1/service-items/none/where?area=" + niujia, as: "resident"}, status: 404},
			{name: "a cover of a hundred days", call: call{method: "GET", url: station + "/cover?from=2026-11-23T00:00:00Z&to=2027-03-03T00:00:00Z", as: "street_manager"}, status: 400, pointers: []string{"?to"}},
			{name: "a cover of the last day there is", call: call{method: "GET", url: station + "/cover?from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z", as: "street_manager"}, status: 400, pointers: []string{"?to"}},
			{name: "a station without hours", call: call{method: "POST", url: "/v1/stations", as: "street_manager", body: newStation(object{"hours": nil})}, status: 422, pointers: []string{"/hours"}},
			{name: "a station that never opens", call: call{method: "POST", url: "/v1/stations", as: "street_manager", body: newStation(object{"hours": object{"weekly": []object{}}})}, status: 422, pointers: []string{"/hours/weekly"}},
			{name: "hours that are merged", call: matched(call{method: "PATCH", url: station, as: "street_manager", body: object{"hours": object{"exceptions": []object{{"date": "2026-11-23", "spans": []object{}}}}}}), status: 200,
				fields: object{"/hours/weekly/0/spans/0/from": "09:00", "/hours/exceptions/0/date": "2026-11-23", "/hours/openOnHolidays": true}},
			{name: "closed by an exception", call: call{method: "GET", url: where + "area=" + niujia, as: "resident"}, status: 200, fields: object{"/stations/0/open": false, "/stations/0/opening/from": "2026-11-24T01:00:00.000Z"}},
			{name: "stations of a model that is none", call: call{method: "GET", url: "/v1/stations?model=big", as: "resident"}, status: 400, pointers: []string{"?model"}},
		})
	})
}
