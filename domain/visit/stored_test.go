package visit

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/personal"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// noon of Monday, 2 March 2026, in China.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

const (
	today = civil.Date("2026-03-02")
	day   = 24 * time.Hour
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "x", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	place := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, visits, &Visit{
		Meta: meta, Plan: "p", PlanVersion: 1, Household: "h", Place: place, Period: today, Opens: noon, Closes: noon.Add(day), Moved: true, Assignee: "a", Given: true,
		Form: "f", State: Completed, Cause: TagGained, Stop: "st", By: "b", Channel: Home, Result: Met, Covered: true, EscalateAt: noon.Add(2 * day), Escalated: 1,
		Steps: []Step{{2, "原因"}}, CreatedAt: noon, UpdatedAt: noon, DoneAt: noon, Applied: []string{"action"},
	}, golden("visits"))
	storetest.Golden(t, stops, &Stop{
		Meta: meta, Household: "h", Place: place, Building: "b", Address: &household.Address{Estate: "大儒巷", Building: "8", Room: "101"}, Account: "a", Visits: []string{"v"}, State: Over, Channel: Home, Result: Met, At: noon, LeftAt: noon.Add(time.Hour),
		Position: &Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, AccuracyM: new(7.5), Datum: geo.GCJ02},
		Proof: Proof{Evidence: Evidence{new(3000.0), new(7.5), true, new(90.5), new(59.0), 1, -301, 1.5}, Flags: []Flag{{TooFar, 3000, 200, 60}}, Score: 60, State: Flagged,
			By: "l", At: noon, Note: "备注"},
		Alert: Raised, AlertNote: "已联系", Queue: []string{InReview, InAlert}, Answers: personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}, Forms: []string{"f"},
		Photos: []Photo{{"ph", "digest"}}, Digests: []string{"digest"}, Note: "备注", Needs: []Need{{ID: "n", Category: "noise", Title: "噪声", Note: "说明", Opened: &Link{"ticket", "t"}}, {ID: "c", Kind: "case", Item: "GS-01", Title: "居住证明", Opened: &Link{"case", "c"}}}, Sent: "blind index", Done: "another",
	}, golden("stops"))
	storetest.Golden(t, promises, &Promise{Meta: meta, Household: "h", Place: place, Stop: "st", By: "a", Text: "送药", DueOn: today, State: Kept, Note: "已送",
		CreatedAt: noon, EndedAt: noon}, golden("promises"))
	storetest.Golden(t, works, &Work{Meta: meta, Kind: Aid, Place: place, Household: "h", Stop: "st", By: "a", Title: "米油", Note: "说明", People: 3, HeldAt: noon}, golden("works"))
}
