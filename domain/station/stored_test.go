package station

import (
	"testing"

	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/place"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/jobs"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "i", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	at := Span{morning, morning.Add(day)}
	weekly := week(calendar.Span{From: "09:00", Until: "21:00"})
	accuracy := 12.5
	storetest.Golden(t, stations, &Station{
		Meta: meta, Name: "景城民众联络所", Models: []ModelSpan{{OneForMany, true, at}}, Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"},
		Position: place.PositionAt(worldtest.At[worldtest.East], geo.GCJ02, &accuracy), Address: "景城路 1 号", Phone: "0512-62880000",
		Communities: []Served{{"cm", at}}, Items: []string{"MZ-01"}, Shifts: []Shift{{"早班", weekly, at}},
		Hours: calendar.Hours{Weekly: weekly, Seasons: []calendar.Season{{From: "06-15", Until: "09-15", Weekly: weekly}},
			Exceptions: []calendar.Exception{{Date: "2026-12-31", Spans: weekly[0].Spans}}, OpenOnHolidays: true, MakeUpDays: true},
		Staff:    []Post{{"a", Director, []string{"早班"}, "b", at}},
		Absences: []Absence{{"x", "a", "leave", "b", at, true}},
		Sent:     "1.sent", Serves: []string{"cm"}, People: []string{"a", "b"},
	}, "testdata/station.golden.json")
	storetest.Golden(t, holes, &Holes{Meta: meta, Known: []Hole{{"medical", true, morning, morning.Add(day), morning}}, LookAt: morning}, "testdata/stationHoles.golden.json")
	storetest.Golden(t, bookmarks, &jobs.Bookmark{Meta: meta, After: 12}, "testdata/stationBookmarks.golden.json")
}
