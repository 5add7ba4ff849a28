package demo

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForm(t *testing.T) {
	storetest.Golden(t, records, &record{
		Meta:  store.Meta{ID: theRecord, Version: 2, Seq: 9, Schema: 1},
		Began: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), Steps: []string{"cells", "people"}, Residents: []string{"r1", "r2"},
	}, filepath.Join("testdata", "demonstrations.golden.json"))
}
