package notice

import (
	"path/filepath"
	"slices"
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
	storetest.Golden(t, mornings, &morning{Meta: meta, At: at}, filepath.Join("testdata", "noticeMornings.golden.json"))
	storetest.Golden(t, heads, &arrived{Meta: meta, Last: 7}, filepath.Join("testdata", "noticeArrived.golden.json"))
	meta.Schema = 2
	storetest.Golden(t, arrivals, &Arrivals{Meta: meta, Accounts: []string{"another", "account"}, Told: []alike{{"street", 12, TicketAssigned, Task, About{"ticket", "one"}, at, []int{1}, []string{"one"}}}, Read: "account", At: at, Expires: at}, filepath.Join("testdata", "noticeArrivals.golden.json"))
	storetest.GoldenOf(t, arrivals, filepath.Join("testdata", "noticeArrivals.schema1.json"), filepath.Join("testdata", "noticeArrivals.upgraded.golden.json"))
}

// TestArrivalsTellWhatCame: whoever is told what, and by whichever ids, everybody's
// notices come out of a list as they went in.
func TestArrivalsTellWhatCame(t *testing.T) {
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	var all []*Notice
	of := func(number int64, kind Kind, about string, who ...string) {
		for _, w := range who {
			n := &Notice{Recipient: w, Kind: kind, Importance: kind.importance(), About: About{"ticket", about}, Partition: "street", Number: number, At: at.Add(time.Duration(number) * time.Second)}
			if n.ID = n.follows(w); kind == PromiseDue {
				n.ID = space.Of(n.name(w)...)
			}
			all = append(all, n)
		}
	}
	of(1, TicketInStreet, "one", "ann", "bob", "eve")
	of(2, TicketInStreet, "two", "bob", "ann")
	of(2, TicketChanged, "two", "bob")
	of(3, PromiseDue, "three", "eve", "bob")
	of(3, TicketChanged, "three", "eve")
	of(4, TicketChanged, "four", "bob")
	of(4, TicketChanged, "as the public knows it", "ann")
	all[2].Importance = Urgent
	list := &Arrivals{Meta: store.Meta{ID: "1"}}
	list.list(all)
	raw, err := arrivals.Encode(list)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := arrivals.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, some := range [][]string{{"ann"}, {"bob"}, {"eve"}, {"ann", "eve"}, {"ann", "bob", "eve"}, {"nobody"}} {
		var want []Arrival
		for i, n := range all {
			if slices.Contains(some, n.Recipient) {
				want = append(want, Arrival{n.ID, n.Recipient, n.Kind, n.Importance, n.About, n.At, int64(i + 1)})
			}
		}
		if got := stored.To(func(account string) bool { return slices.Contains(some, account) }); !slices.Equal(got, want) {
			t.Errorf("to %v came %v, not %v", some, got, want)
		}
	}
	if len(stored.Accounts) != 3 || len(stored.Told) != 8 {
		t.Errorf("%d accounts and %d times the same were listed", len(stored.Accounts), len(stored.Told))
	}
}
