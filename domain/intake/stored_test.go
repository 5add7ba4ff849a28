package intake

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "c", Partition: "s", Version: 3, Seq: 17, Schema: 2, Audience: []string{"key"}}
	sealed := func(masked string) Sealed {
		return Sealed{personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}, "for", masked, "blind index"}
	}
	later := noon.Add(time.Hour)
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, collection, &Case{
		Meta: meta, Local: "320508001-j261123-7", System: rnd, Number: "SZ-7", Is: "other", Place: access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"},
		Position: &place.Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, Key: 12345, Datum: geo.GCJ02}, Address: "大儒巷8号", Station: "st", Item: Item{"insurance", 2, "参保登记", "社保", 5, true},
		Household: "h", Applicant: Applicant{sealed("王*"), sealed("138****0001"), sealed("3205**********0011"), "account"}, State: Refused, Since: later, SourceState: "不予办理", Reason: "原因", Missing: []string{"身份证"},
		Pauses: []Pause{{noon, later}}, Trips: []Trip{{"t", "2026-11-23", true, "材料不齐", "worker"}}, Materials: []Material{{"m", "户口簿", []string{"p"}, "worker", noon, true}}, HomeCall: &HomeCall{"2026-11-25", "卧床", "worker", noon, &Call{"request", "not_met", noon, later, "no_answer"}},
		Worker: "worker", StandIn: "stand-in", OpenedBy: "opener", ToldBy: "teller", People: []string{"worker"}, OpenedAt: noon, AcceptedAt: later, ClosedAt: later, Decided: Late, Came: 1, Says: "2026-12-01", DueAt: later, Provisional: true,
		SourceVersion: new(int64(9)), ChangedAt: noon, Sent: "said", Draft: "draft", Applied: []string{"action"}, Steps: []Step{{3, "原因", "备注", []string{"身份证"}}}, UpdatedAt: later,
	}, golden("intakeCases"))
	storetest.GoldenOf(t, collection, filepath.Join("testdata", "intakeCases.schema1.json"), golden("intakeCases"))
	meta.Schema = 1
	storetest.Golden(t, systems, &System{Meta: meta, Title: "一网通办", Accounts: []string{"machine"}, States: []Word{{"办理中", InReview}}}, golden("intakeSystems"))
}
