package delivery

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/notice"
	"wangge/domain/retry"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/storetest"
)

var noon = worldtest.Noon

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "t", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	later := noon.Add(time.Hour)
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	about, counts := notice.About{Kind: "ticket", ID: "one"}, []Count{{"ticket_assigned", "community", 2}}
	storetest.Golden(t, waiting, &Waiting{Meta: meta, Recipient: "account", About: about, Notice: "notice", Kind: "ticket_assigned", Importance: notice.Task, At: noon, DueAt: later, Out: noon,
		Held: []Held{{"thing", "notice"}}, Street: "street", Counts: counts, Expires: later}, golden("deliveryWaiting"))
	storetest.Golden(t, handoffs, &Handoff{Meta: meta, Way: JPush, Address: "device", Recipient: "account", Thing: "thing", Notice: "notice", Kind: "ticket_assigned", Importance: notice.Task, At: noon, Since: noon, Held: 3,
		Street: "street", Counts: counts, Key: "cid", Tries: 2, State: Due, Code: "1000", DueAt: later, Taken: noon, Expires: later}, golden("deliveryHandoffs"))
	storetest.Golden(t, circuits, &Circuit{meta, retry.Circuit{Failures: 6, OpenUntil: later}, "2003", noon, true}, golden("deliveryCircuits"))
	storetest.Golden(t, preferences, &Preferences{Meta: meta, Quiet: &Quiet{22 * 60, 7 * 60}, Off: []Choice{{Tickets, Push}}}, golden("deliveryPreferences"))
	storetest.Golden(t, alarms, &Alarm{Meta: meta, Kind: "visit_alert", About: about, Place: access.Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell"}, Notices: []string{"notice"},
		Rung: 2, DueAt: later, EndedAt: later, EndedBy: "account", Expires: later}, golden("deliveryAlarms"))
}
