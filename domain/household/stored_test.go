package household

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
	meta := store.Meta{ID: "h", Partition: "s", Version: 3, Seq: 17, Schema: 2, Audience: []string{"key"}}
	at := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	person := Person{ID: "p", Relation: "户主", Name: sealed, NameMasked: "王*明", Phone: sealed, PhoneMasked: "138****0001",
		PhoneIndex: "phone index", IDNumber: sealed, IDNumberMasked: "3205**********0011", IDNumberIndex: "number index"}
	tag := Tag{Code: "empty_nest_elder", Level: "high", Since: noon, Until: noon.Add(time.Hour), Source: "visit"}
	address := Address{Estate: "大儒巷小区", Building: "8", Unit: "2", Floor: "3", Room: "301"}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, collection, &Household{
		Meta: meta, Address: address, AddressKey: "大儒巷小区|8|2|301", Building: "大儒巷小区|8", Sort: "大儒巷小区 00008 00002 00301",
		Position: place.Position{GridPoint: geo.GridPoint{Lon: 1_206_000_001, Lat: 313_000_002}, Key: 12345, Datum: geo.GCJ02}, Place: at, Boundary: "b", Occupancy: Rent, Since: noon,
		Owner: &person, Occupant: &person, Emergency: &person, Members: []Member{{Person: person, Since: noon, Tags: []Tag{tag}}},
		Marks: []string{"tag:empty_nest_elder"}, RollAt: noon.Add(time.Hour), VisitedAt: noon, LastVisitedAt: noon.Add(time.Minute),
		Merged: []Merge{{Household: "o", At: noon, By: "lead", Keys: []string{"key"}, Members: []string{"p"}, Contacts: []string{"owner"}, Tags: []Given{{"p", tag}}, VisitedAt: noon}},
		Away:   &Away{State: AwayConfirmed, At: noon, Stop: "st", By: "worker", DecidedBy: "lead", DecidedAt: noon}, MergedInto: "another", Sent: "blind index", CreatedAt: noon, UpdatedAt: noon,
	}, golden("households"))
	storetest.Golden(t, stays, &Stay{Meta: meta, Household: "h", Address: address, AddressKey: "大儒巷小区|8|2|301", Place: at, Boundary: "b", To: noon, Reason: Joined, Next: "o",
		People: []Stayed{{"p", "王*明", noon}}}, golden("stays"))
	storetest.GoldenOf(t, collection, filepath.Join("testdata", "households.schema1.json"), golden("households"))
	storetest.GoldenOf(t, stays, filepath.Join("testdata", "stays.schema1.json"), golden("stays"))
	meta.Schema = 1
}

// A key of schema 1 that no address is known of any more becomes the key that the address has today.
func TestKeysAreRefolded(t *testing.T) {
	for was, want := range map[string]string{
		"大儒巷小区|8|2|301": "大儒巷小区|8|2|301", "觀前街|8號樓||301": "观前街|8||301", "山塘街|3-2||": "山塘街|3-2||", "甲|1||层二樓": "甲|1||层2", "甲|8号楼||": "甲|8号楼||", "key": "key", "": "",
	} {
		if got := refoldedKey(was); got != want {
			t.Errorf("%s becomes %s, want %s", was, got, want)
		}
	}
	a := Address{Estate: "觀前街", Building: "8號樓", Room: "301"}
	if a.key() != refoldedKey("觀前街|8號樓||301") {
		t.Errorf("an address has the key %s", a.key())
	}
}

// Households that were told apart by how their address was written have one
// address after the upgrade: both stay, both can be changed and merged, no third
// one is made there, and a file finds the first.
func TestAddressesThatFoldingMakesEqual(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		a, b := w.create("worker", draft(east, "1")), w.create("worker", draft(east, "2"))
		if err := w.st.Update(t.Context(), []string{b.Partition}, func(tx *store.Tx) error {
			h, err := collection.Get(t.Context(), tx, b.ID)
			if err != nil {
				return err
			}
			h.Address.Room = "１室" // as the upgrade leaves it, which asks nobody
			return h.save(tx, program, noon, "upgrade", h.facts())
		}); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{a.ID, b.ID} {
			if _, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, id, 0, MemberInput{PersonInput: PersonInput{Name: str("李红")}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := w.households.Create(t.Context(), w.people["worker"], noon, draft(east, "1")); code(err) != "duplicate_address" {
			t.Errorf("a third one: %v", err)
		}
		if got := inOneLine(w.imported("manager", "estate,building,unit,room,occupancy\n大儒巷小区,8,2,1,rent\n", Import{})); got != "1 rows, 0 refused, 0 added, 1 changed, 0 unchanged" {
			t.Errorf("imported: %s", got)
		}
		if w.get(a.ID).Occupancy != Rent || w.get(b.ID).Occupancy == Rent {
			t.Error("the file changed another than the first one")
		}
		merged := must(w.households.Merge(t.Context(), w.people["lead"], noon, a.ID, 0, b.ID))(t)
		if len(merged.Members) != 2 {
			t.Errorf("%d members when merged", len(merged.Members))
		}
	})
}
