package plan

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	noon, today := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC), civil.Date("2026-03-02")
	meta := store.Meta{ID: "x", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	place := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, plans, &Plan{
		Meta: meta, Title: "关爱空巢老人", Place: place, State: Active, ActiveFrom: today, CreatedBy: "m", CreatedAt: noon, UpdatedAt: noon,
		Versions: []Version{{From: today, Anchor: today, Tag: "empty_nest_elder", Households: []string{"h"}, Rules: []Rule{{"high", "FREQ=WEEKLY;BYDAY=MO"}}, WindowDays: 3, Team: []string{"a"},
			Form: "f", Ladder: []Rung{{"worker", 1}}, WeekLimit: 40, By: "m", At: noon}},
	}, golden("visitPlans"))
	storetest.Golden(t, runs, &run{Meta: meta, Street: "s", NextAt: noon, Asked: 2}, golden("visitRuns"))
}
