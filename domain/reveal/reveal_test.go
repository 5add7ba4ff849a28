package reveal

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/storetest"
)

// What was kept of households' reveals before those of tickets is read as it was.
func TestStoredForm(t *testing.T) {
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	meta := store.Meta{ID: "h", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	for name, r := range map[string]*Revealing{
		"householdReveals": {Meta: meta, Household: "h", Person: "p", Fields: []string{"phone"}, Reason: "回访", By: "worker", At: at},
		"ticketReveals":    {Meta: meta, Ticket: "t", Fields: []string{"phone"}, Reason: "回访", By: "worker", At: at},
	} {
		storetest.Golden(t, collection, r, filepath.Join("testdata", name+".golden.json"))
	}
}
