package ticket

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "t", Partition: "s", Version: 3, Seq: 17, Schema: 3, Audience: []string{"key"}}
	at := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	position := place.Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, Key: 12345, AccuracyM: new(7.5), Datum: geo.GCJ02}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	whole := &Ticket{
		Meta: meta, Number: "320508001-261123-7", Kind: "help", Category: "parking", Condition: "blocked_exit", Source: FromWorker, Urgency: "urgent",
		Title: "通道被堵", Description: "说明", Address: "大儒巷8号", Sent: "blind index", Position: &position, Place: at, Boundary: "b", OpenKey: 12345,
		Public:   &published{ID: "20261123-hash", Spot: "0000000030d4-20261123-hash", GridPoint: geo.GridPoint{Lon: 1_206_002_500, Lat: 312_997_500}},
		Reporter: "resident", ReportedBy: "worker", Anonymous: true, Contact: &Contact{Name: sealed, NameMasked: "王*", Phone: sealed, PhoneMasked: "138****0001"}, Links: []Link{{"stop", "st"}},
		State: Closed, Assignee: mender, Helpers: []access.Assignee{org}, Involved: []string{"assignee", "org"}, Handled: []string{"assignee"}, Reviewers: []string{"lead"},
		Outcome: "fixed", Verified: "phone", Reopened: 1, Photos: []Photo{{"p", After, "assignee", noon}}, Comments: 2, Internal: 1,
		Steps:     []Step{{Version: 2, Note: "备注", Reason: "原因", Was: &Replaced{"noise", &position, at}, Happened: &domain.Happened{At: noon, SkewS: -1.5, DelayH: 2}}},
		CreatedAt: noon, Happened: &domain.Happened{At: noon.Add(-time.Hour), SkewS: 1.5, DelayH: 1}, UpdatedAt: noon.Add(time.Hour), ShownAt: noon.Add(time.Hour), DueAt: noon.Add(24 * time.Hour), StartedAt: noon.Add(time.Minute), ResumeAt: noon.Add(2 * time.Hour), ClosedAt: noon.Add(3 * time.Hour),
		RejectedAt: noon.Add(4 * time.Hour), Returned: &Returned{noon, Gone, mender}, Applied: []string{"action"},
	}
	for _, earlier := range []string{"tickets.schema1.json", "tickets.schema2.json"} {
		storetest.GoldenOf(t, collection, filepath.Join("testdata", earlier), golden("tickets"))
	}
	whole.Days, whole.Policy, whole.Served, whole.Unshown = 7, "1/3205.0/320508001.2", []string{"community"}, []int64{2} // which earlier programs did not keep
	storetest.Golden(t, collection, whole, golden("ticketsDecided"))
	whole.Candidates = []place.Candidate{{ID: "suzhou:3205", Source: place.FromStandard, Text: "大儒巷8幢", Position: position, Place: at, Confidence: 0.5}}
	storetest.Golden(t, collection, whole, golden("ticketsSought"))
	meta.Schema = 1
	storetest.Golden(t, comments, &Comment{Meta: meta, Ticket: "t", Author: "worker", Staff: true, Text: "已到现场", Internal: true, At: noon, Happened: &domain.Happened{At: noon, SkewS: 2.5, DelayH: 3}}, golden("comments"))
}
