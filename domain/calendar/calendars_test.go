package calendar

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
	"wangge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

type world struct {
	st        *store.Store
	calendars *Calendars
	place     enginetest.Place
}

func newWorld(t testing.TB, place enginetest.Place) *world {
	w := &world{place: place}
	w.st, w.calendars = w.join(t)
	return w
}

// join opens the store as one more node.
func (w *world) join(t testing.TB) (*store.Store, *Calendars) {
	st, _ := worldtest.Open(t, w.place.Open(t), store.Options{Rehearse: true}, append(area.Collections(), Collections()...)...)
	return st, must(New(t.Context(), st))(t)
}

func (w *world) journal(t testing.TB) (out []*store.Entry) {
	for _, e := range must(w.st.Journal(t.Context(), area.CityPartition, 0, 1000))(t) {
		if e.Action == ActionYear {
			out = append(out, e)
		}
	}
	return out
}

var (
	noon  = worldtest.Noon
	admin = access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Admin}}}
	may   = Year{Year: 2027, Source: "通知", Days: []Day{{"2027-05-03", "劳动节", Off, ""}, {"2027-05-08", "劳动节", MakeUp, ""}}}
)

// A year that comes is in the journal once, and every node has it; who decided
// without it decides again.
func TestAYearComes(t *testing.T) {
	worldtest.Each(t, newWorld, func(t *testing.T, w *world) {
		ctx := t.Context()
		st, others := w.join(t)
		must(0, w.calendars.Begin(ctx, noon))(t)
		must(0, others.Begin(ctx, noon))(t)
		if y := must(w.calendars.Year(2027))(t); len(y.Days) > 0 || must(w.calendars.At(ctx, w.st))(t).Known("2027-05-03") {
			t.Errorf("before it is decided: %+v", y)
		}
		first := must(w.calendars.SetYear(ctx, admin, noon, -1, may))(t)
		again := must(w.calendars.SetYear(ctx, admin, noon.Add(time.Hour), 0, may))(t)
		if first.Version != 1 || again.Version != 1 || first.Days[1].For != "2027-05-03" {
			t.Errorf("%+v, then %+v", first, again)
		}
		for version, want := range map[int64]error{-1: domain.ErrStale, 2: domain.ErrStale} {
			if _, err := w.calendars.SetYear(ctx, admin, noon, version, may); !errors.Is(err, want) {
				t.Errorf("at %d: %v", version, err)
			}
		}
		if made := w.journal(t); len(made) != 1 || made[0].Dims["year"] != "2027" || made[0].Actor != "admin" {
			t.Errorf("the journal: %+v", made)
		}
		var runs []bool
		must(0, st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error { // on the node that has not heard
			c, err := others.At(ctx, tx)
			if err != nil {
				return err
			}
			runs = append(runs, c.WorkingDay("2027-05-03"))
			d := must(holidays.Get(ctx, tx, theOne))(t)
			return holidays.Put(tx, d, store.Entry{At: noon, Actor: "admin", Action: "calendar.look"})
		}))(t)
		if runs[0] != true || runs[len(runs)-1] != false {
			t.Errorf("it was decided by %v", runs)
		}
		if c := must(others.At(ctx, st))(t); c.WorkingDay("2027-05-03") || !c.WorkingDay("2027-05-08") || c.WorkingDay("2026-10-01") {
			t.Error("the other node has not heard")
		}
		fresh := must(New(ctx, w.st))(t)
		if y := must(fresh.Year(2027))(t); !y.same(first) || y.Version != 1 {
			t.Errorf("read anew: %+v", y)
		}
		changed := Year{Year: 2026, Source: "通知", Days: []Day{{"2026-12-31", "元旦", Off, ""}}}
		if y := must(w.calendars.SetYear(ctx, admin, noon, -1, changed))(t); y.Version != 1 {
			t.Errorf("in place of what is built in: %+v", y)
		}
		if c := must(w.calendars.At(ctx, w.st))(t); c.WorkingDay("2026-12-31") || !c.WorkingDay("2026-10-01") || c.WorkingDay("2027-05-03") {
			t.Error("it does not hold in place of what is built in")
		}
		if _, err := w.calendars.SetYear(ctx, access.Actor{Account: "x"}, noon, 0, may); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("by somebody else: %v", err)
		}
		if _, err := w.calendars.Year(1999); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("of 1999: %v", err)
		}
	})
}

// The stored form, each field set.
func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: theOne, Partition: area.CityPartition, Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	storetest.Golden(t, holidays, &decided{Meta: meta, Years: []Year{{Year: 2027, Version: 2, Source: "通知", Days: []Day{
		{"2027-05-03", "劳动节", Off, ""}, {"2027-05-08", "劳动节", MakeUp, "2027-05-03"}}}}}, filepath.Join("testdata", "holidays.golden.json"))
}
