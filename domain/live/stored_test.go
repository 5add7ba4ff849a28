package live

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Version: 3, Schema: 1}
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	storetest.Golden(t, tickets, &pass{Meta: meta, Account: "a", Session: "s", TokenEnds: at.Add(time.Minute), Expires: at}, filepath.Join("testdata", "liveTickets.golden.json"))
}
