package notice

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	storetest.Golden(t, notices, &Notice{Meta: meta, Recipient: "account", For: "absent", Kind: TicketAssigned, Importance: Task, About: About{"ticket", "one"},
		Place: access.Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell"}, Fields: map[string]string{"number": "320508001-261123-1"},
		Partition: "street", Number: 12, Arrived: 7, At: at, Unread: true, ReadAt: at.Add(time.Hour), Acked: at.Add(2 * time.Hour), Escalations: []Escalation{{1, at.Add(time.Hour)}}, Expires: at.Add(Kept)}, filepath.Join("testdata", "notices.golden.json"))
	storetest.Golden(t, starts, &start{Meta: meta, At: at}, filepath.Join("testdata", "noticeStarts.golden.json"))
	storetest.Golden(t, arrivals, &Arrivals{Meta: meta, Notices: []Arrival{{"one", "account", TicketAssigned, Task, About{"ticket", "one"}, at}}, Read: "account", At: at, Expires: at}, filepath.Join("testdata", "noticeArrivals.golden.json"))
	storetest.Golden(t, mornings, &morning{Meta: meta, At: at}, filepath.Join("testdata", "noticeMornings.golden.json"))
	storetest.Golden(t, heads, &arrived{Meta: meta, Last: 7}, filepath.Join("testdata", "noticeArrived.golden.json"))
}
