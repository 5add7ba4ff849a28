package posting

import (
	"testing"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of a posting, each field set.
func TestStoredForms(t *testing.T) {
	storetest.Golden(t, postings, &Posting{
		Meta: store.Meta{ID: "p", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}},
		Who:  "who", Account: "account", Name: personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}, Number: "A017",
		Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm"}, Kind: VisitingTeam, Unit: "党员走访队", From: "2019-06-01", Until: "2026-11-30", Sent: "1.sent", UpdatedAt: worldtest.Noon,
	}, "testdata/postings.golden.json")
}
