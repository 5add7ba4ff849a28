package household

import (
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/geo"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "h", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	place := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	sealed := personal.Sealed{Key: "3f9c02d1", Data: []byte{1, 2, 3}}
	person := Person{ID: "p", Relation: "户主", Name: sealed, NameMasked: "王*明", NameGrams: []string{"name:abcdefgh"}, Phone: sealed, PhoneMasked: "138****0001",
		PhoneIndex: "phone index", IDNumber: sealed, IDNumberMasked: "3205**********0011", IDNumberIndex: "number index"}
	tag := Tag{Code: "empty_nest_elder", Level: "high", Since: noon, Until: noon.Add(time.Hour), Source: "visit"}
	address := Address{Estate: "大儒巷小区", Building: "8", Unit: "2", Floor: "3", Room: "301"}
	golden := func(name string) string { return filepath.Join("testdata", name+".golden.json") }
	storetest.Golden(t, collection, &Household{
		Meta: meta, Address: address, AddressKey: "key", Building: "building", Sort: "sort",
		Position: Position{Lon: 1_206_000_001, Lat: 313_000_002, Key: 12345, Datum: geo.GCJ02}, Place: place, Boundary: "b", Occupancy: Rent, Since: noon,
		Owner: &person, Occupant: &person, Emergency: &person, Members: []Member{{Person: person, Since: noon, Tags: []Tag{tag}}},
		Marks: []string{"tag:empty_nest_elder"}, RollAt: noon.Add(time.Hour), Grams: []string{"大儒"}, VisitedAt: noon, LastVisitedAt: noon.Add(time.Minute),
		Merged: []Merge{{Household: "o", At: noon, By: "lead", Keys: []string{"key"}, Members: []string{"p"}, Contacts: []string{"owner"}, Tags: []Given{{"p", tag}}, VisitedAt: noon}},
		Away:   &Away{State: AwayConfirmed, At: noon, Stop: "st", By: "worker", DecidedBy: "lead", DecidedAt: noon}, MergedInto: "another", Sent: "blind index", CreatedAt: noon, UpdatedAt: noon,
	}, golden("households"))
	storetest.Golden(t, stays, &Stay{Meta: meta, Household: "h", Address: address, AddressKey: "key", Place: place, Boundary: "b", To: noon, Reason: Joined, Next: "o",
		People: []Stayed{{"p", "王*明", noon}}}, golden("stays"))
	storetest.Golden(t, definitions, &TagDefinition{Meta: meta, Code: "living_alone", NameZH: "独居老人", NameEN: "Lives alone", Sensitive: true, Retired: true}, golden("tagDefinitions"))
}
