package address

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/domain/table"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	noon = worldtest.Noon
	at   = worldtest.At
)

// The city of the tests, by code.
const (
	jia, yi           = worldtest.Jia, worldtest.Yi
	east, west, other = worldtest.East, worldtest.West, worldtest.Other
)

// world is a city with its addresses.
type world struct {
	t          testing.TB
	st         *store.Store
	areas      *area.Areas
	keys       *personal.Keys
	households *household.Households
	addresses  *Addresses
	people     map[string]access.Actor
}

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, worldOn, test) }

func worldOn(t testing.TB, place enginetest.Place) *world {
	w := &world{t: t, keys: worldtest.Keys(t)}
	w.st, w.areas = worldtest.Open(t, place.Open(t), store.Options{Rehearse: true}, slices.Concat(area.Collections(), reveal.Collections(), policy.Collections(), limit.Collections(), household.Collections(w.keys), Collections())...)
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	w.households = household.New(w.st, w.areas, must(policy.New(t.Context(), w.st, w.areas))(t), w.keys)
	w.addresses = New(w.st, w.areas, w.households, w.keys)
	w.people = worldtest.People(t, w.areas)
	return w
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// line is a row of a file of addresses: code, estate, building, unit, room, at.
func line(code, estate, building, unit, room string, at orb.Point) string {
	return fmt.Sprintf("%s,%s,%s,%s,%s,%.7f,%.7f", code, estate, building, unit, room, at[0], at[1])
}

// take imports rows of addresses.
func (w *world) take(who string, rows ...string) *table.Report {
	w.t.Helper()
	return must(w.importing(who, rows...))(w.t)
}

func (w *world) importing(who string, rows ...string) (*table.Report, error) {
	file := "code,estate,building,unit,room,lon,lat\n" + strings.Join(rows, "\n") + "\n"
	return w.addresses.Import(w.t.Context(), w.people[who], noon, strings.NewReader(file), Import{Table: &Table, Scheme: "suzhou", Datum: geo.WGS84})
}

// search is what an address means to somebody.
func (w *world) search(who, text string) *Result {
	w.t.Helper()
	return must(w.addresses.Search(w.t.Context(), w.people[who], noon, Query{Text: text, Limit: Most}))(w.t)
}

// live is a household on record.
func (w *world) live(at orb.Point, a household.Address) *household.Household {
	w.t.Helper()
	name := "王秀英"
	h, _, err := w.households.Create(w.t.Context(), access.Program, noon, household.Draft{Address: a, Position: at, Datum: geo.WGS84,
		Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}}}})
	return must(h, err)(w.t)
}

// beside is a position some metres north of one.
func beside(p orb.Point, metres float64) orb.Point { return orb.Point{p[0], p[1] + metres/111_000} }
