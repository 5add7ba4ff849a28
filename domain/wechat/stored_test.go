package wechat

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of each collection, each field set.
func TestStoredForms(t *testing.T) {
	noon := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	meta := store.Meta{ID: "0190a5b0-0000-5000-8000-000000000001", Partition: "city", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, bindings, &Binding{Meta: meta, Account: "account-id", Epoch: 2, Since: noon}, golden("wechatBindings"))
	storetest.Golden(t, proofs, &proof{Meta: meta, Account: "account-id", Phone: "index of the phone", At: noon, Expires: noon.Add(proofLasts)}, golden("wechatProofs"))
	storetest.Golden(t, codes, &used{Meta: meta, Session: "session-id", Phone: "index of the phone's code", At: noon, Expires: noon.Add(codesKept)}, golden("wechatCodes"))
	storetest.Golden(t, grants, &granted{Meta: meta, Account: "account-id", Counts: []Count{{"template-1", 3}}, At: noon}, golden("wechatGrants"))
}
