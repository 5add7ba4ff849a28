package reveal

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForm(t *testing.T) {
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	meta := store.Meta{ID: "h", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	storetest.Golden(t, collection, &Revealing{Meta: meta, Household: "h", Ticket: "t", Case: "c", Person: "p", Fields: []string{"phone"}, Found: true, Reason: "回访", By: "worker", At: at},
		filepath.Join("testdata", "householdReveals.golden.json"))
}
