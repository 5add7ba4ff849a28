package schedule

import (
	"path/filepath"
	"testing"

	"wangge/store"
	"wangge/store/jobs"
	"wangge/store/storetest"
)

// The stored form of the bookmarks, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "x", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	storetest.Golden(t, bookmarks, &jobs.Bookmark{Meta: meta, After: 12}, filepath.Join("testdata", "visitBookmarks.golden.json"))
}
