package device

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/personal"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of the collection, each field set.
func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "d", Partition: "city", Version: 3, Seq: 0, Schema: 1, Audience: []string{"key"}}
	storetest.Golden(t, devices, &Device{Meta: meta, Account: "account", Session: "session", Way: delivery.FCM, Address: personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}, Index: "index",
		Platform: Android, Language: "zh-CN", Model: "Mate 70", At: noon, Since: noon.Add(-time.Hour), Seen: noon.Add(time.Second), Forgotten: Gone, Expires: noon.Add(kept)}, filepath.Join("testdata", "devices.golden.json"))
}
