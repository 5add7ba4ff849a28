package ticket

import (
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// benchTicket is one under way, with what most have and little of the rest.
func benchTicket() *Ticket {
	sealed := personal.Sealed{Key: "3f9c02d1", Data: make([]byte, 44)}
	position := place.Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, Key: 12345, AccuracyM: new(7.5), Datum: geo.GCJ02}
	return &Ticket{
		Meta:   store.Meta{ID: ids.New(), Partition: ids.New(), Version: 3, Seq: 17, Schema: collection.Spec().Schema, Audience: []string{ids.New()}},
		Number: "320508001-261123-7", Kind: "help", Category: "parking", Condition: "blocked_exit", Source: FromWorker, Urgency: "urgent",
		Title: "大儒巷8号消防通道被堵", Description: "小区北门外的消防通道长期停放三辆私家车，救护车昨晚无法进入，居民多次反映没有结果，请尽快派人处理。", Address: "大儒巷8号",
		Sent: ids.New(), Position: &position, Place: access.Place{City: ids.New(), County: ids.New(), Street: ids.New(), Community: ids.New(), Cell: ids.New()}, Boundary: ids.New(), OpenKey: 12345,
		Reporter: ids.New(), ReportedBy: ids.New(), Contact: &Contact{Name: sealed, NameMasked: "王*", Phone: sealed, PhoneMasked: "138****0001"},
		State: InProgress, Assignee: mender, Involved: []string{ids.New()}, Handled: []string{ids.New()}, Photos: []Photo{{ids.New(), Before, ids.New(), noon}, {ids.New(), After, ids.New(), noon}},
		Steps:     []Step{{Version: 2, Note: "已电话联系"}, {Version: 3, Note: "现场处理中"}},
		CreatedAt: noon, UpdatedAt: noon.Add(time.Hour), DueAt: noon.Add(24 * time.Hour), StartedAt: noon.Add(time.Minute), Applied: []string{ids.New(), ids.New(), ids.New()},
	}
}

func BenchmarkDecode(b *testing.B) {
	raw, err := collection.Encode(benchTicket())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := collection.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	raw, err := collection.Encode(benchTicket())
	if err != nil {
		b.Fatal(err)
	}
	doc, err := collection.Decode(raw)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := collection.Encode(doc); err != nil {
			b.Fatal(err)
		}
	}
}
