package deployment

import (
	"testing"

	"wangge/domain/access"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of a baseline, each field set.
func TestStoredForms(t *testing.T) {
	said := Said{Day: "2019-05-31", Counter: 108, Staff: 153, Matters: 20.5, Source: "改革方案", By: "manager", At: worldtest.Noon}
	storetest.Golden(t, baselines, &Baseline{
		Meta:  store.Meta{ID: "b", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}},
		Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm"}, Station: "st", Said: said, Earlier: []Said{said},
	}, "testdata/deploymentBaselines.golden.json")
}
