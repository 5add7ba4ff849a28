package homecall

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/personal"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForms(t *testing.T) {
	at := time.UnixMilli(1795420800000).UTC()
	meta := store.Meta{ID: "r", Partition: "s", Version: 2, Seq: 17, Schema: 1, Audience: []string{"key"}}
	slot := Slot{"morning", "2026-11-25", at, at.Add(time.Hour)}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, requests, &Request{
		Meta: meta, Item: intake.Item{Code: "MZ01", Version: 2, Name: "尊老金申请", Category: "高龄津贴", WorkingDays: 5, Sensitive: true}, Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"},
		Household: "h", Dwelling: "d", Named: "d", Address: "大儒巷8号", Case: "c", Visit: "v", Slot: slot, Chosen: true, Worker: "worker", State: NotMet, Cause: ByStaff, Result: visit.NoAnswer,
		Account: "resident", Phone: "blind index", Contact: personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}, Masked: "138****0001", Note: "卧床", By: "resident", Sent: "sent", Applied: []string{"action"},
		Steps: []Step{{"book", at, slot}}, CreatedAt: at, UpdatedAt: at, EndedAt: at,
	}, golden("homeCalls"))
	storetest.Golden(t, days, &Day{Meta: meta, Worker: "worker", Date: "2026-11-25", Taken: []Taken{{"r", at, at.Add(time.Hour)}}}, golden("homeCallDays"))
}
