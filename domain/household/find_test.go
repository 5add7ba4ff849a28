package household

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/worldtest"
)

// Who is at a counter finds one household by a whole number, wherever in the
// city it is; none and several are told alike, and each try counts and is recorded.
func TestFind(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		with := func(d Draft, phone, number string) *Household {
			d.Members[0].Phone, d.Members[0].IDNumber = str(phone), nil
			d.Members[0].Tags = []TagInput{{Code: "empty_nest_elder"}}
			if number != "" {
				d.Members[0].IDNumber = str(number)
			}
			return w.create("admin", d)
		}
		home, abroad := with(draft(east, "101"), "13900000001", citizen(1)), with(draft(far, "102"), "13900000002", citizen(2))
		with(draft(east, "103"), "13900000003", citizen(3))
		with(draft(other, "104"), "13900000003", "") // two homes with one phone
		counter := w.people["counter"]
		find := func(a Asked) (*Household, error) { return w.households.Find(ctx, counter, noon, a) }
		for name, c := range map[string]struct {
			asked Asked
			want  string
		}{
			"by phone":             {Asked{Phone: "139 0000 0001", Purpose: " 窗口办件 "}, home.ID},
			"by number":            {Asked{IDNumber: strings.ToLower(citizen(2)), Purpose: "窗口办件"}, abroad.ID},
			"of another place":     {Asked{Phone: "13900000002", Purpose: "窗口办件"}, abroad.ID},
			"of two":               {Asked{Phone: "13900000003", Purpose: "窗口办件"}, ""},
			"of two, by the other": {Asked{IDNumber: citizen(3), Purpose: "窗口办件"}, "?"},
			"of nobody":            {Asked{Phone: "13900000009", Purpose: "窗口办件"}, ""},
		} {
			got, err := find(c.asked)
			if err != nil || (got == nil) != (c.want == "") || got != nil && c.want != "?" && got.ID != c.want {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if got != nil && (len(got.Members[0].Tags)+len(got.Marks) > 0 || got.Members[0].NameMasked == "") {
				t.Errorf("%s: shows %+v", name, got.Members[0])
			}
		}
		for name, c := range map[string]struct {
			who      string
			asked    Asked
			pointers string
		}{
			"nothing":     {"counter", Asked{}, " /purpose"},
			"both":        {"counter", Asked{Phone: "13900000001", IDNumber: citizen(1), Purpose: "办件"}, ""},
			"no phone":    {"counter", Asked{Phone: "1390000", Purpose: "办件"}, "/phone"},
			"no number":   {"counter", Asked{IDNumber: "1", Purpose: "办"}, "/idNumber /purpose"},
			"a long tale": {"counter", Asked{Phone: "13900000001", Purpose: strings.Repeat("长", 201)}, "/purpose"},
		} {
			_, err := w.households.Find(ctx, w.people[c.who], noon, c.asked)
			var bad *domain.InvalidError
			if !errors.As(err, &bad) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, want := range strings.Fields(c.pointers) {
				if !slices.ContainsFunc(bad.Fields, func(f domain.FieldError) bool { return f.Pointer == want }) {
					t.Errorf("%s: %v", name, bad.Fields)
				}
			}
		}
		former := counter
		former.Grants, former.Cities = nil, nil
		for name, actor := range map[string]access.Actor{"at no counter": former, "a lead": w.people["lead"], "an admin": w.people["admin"], "nobody": {}} {
			if _, err := w.households.Find(ctx, actor, noon, Asked{Phone: "13900000001", Purpose: "办件"}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		elsewhere := counter
		elsewhere.Account, elsewhere.Cities = "elsewhere", []string{"another"}
		if got, err := w.households.Find(ctx, elsewhere, noon, Asked{Phone: "13900000001", Purpose: "办件"}); got != nil || err != nil {
			t.Errorf("from another city: %+v, %v", got, err)
		}

		// Each of the six counts, and is on the journal by its field, whatever was found.
		var fields []string
		for _, e := range worldtest.Journal(t, w.st, area.CityPartition) {
			if e.Action != "household.find" || e.Actor != counter.Account {
				continue
			}
			fields = append(fields, e.Dims["fields"])
			if line := fmt.Sprintf("%+v", e); strings.Contains(line, "窗口办件") || strings.Contains(line, "13900000001") {
				t.Errorf("the journal has %s", line)
			}
		}
		if slices.Sort(fields); strings.Join(fields, " ") != "idNumber idNumber phone phone phone phone" {
			t.Errorf("recorded %v", fields)
		}
		w.households.Reveals.PerHour = 6
		if _, err := find(Asked{Phone: "13900000001", Purpose: "办件"}); !errors.As(err, new(*domain.LimitError)) {
			t.Errorf("a seventh of six: %v", err)
		}
	})
}

// Who found a household may say for an hour that something is about it; nobody else.
func TestGetFound(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		counter, home, another := w.people["counter"], w.create("admin", draft(far, "101")), w.create("admin", draft(other, "102"))
		get := func(actor access.Actor, now time.Time, id string) error {
			_, err := w.households.GetFound(ctx, actor, now, id)
			return err
		}
		if err := get(counter, noon, home.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("before: %v", err)
		}
		// The phone of two homes finds neither.
		if got, err := w.households.Find(ctx, counter, noon, Asked{Phone: "13800000001", Purpose: "办件"}); got != nil || err != nil {
			t.Fatalf("two: %+v, %v", got, err)
		}
		if err := get(counter, noon, home.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("after none: %v", err)
		}
		if err := w.households.Delete(ctx, w.people["admin"], noon, another.ID, 0); err != nil {
			t.Fatal(err)
		}
		if got, err := w.households.Find(ctx, counter, noon, Asked{Phone: "13800000001", Purpose: "办件"}); got == nil || err != nil {
			t.Fatalf("one: %+v, %v", got, err)
		}
		stranger := worldtest.AtCounter(t, w.areas, access.Actor{Account: "stranger"}, worldtest.BingOne)
		former := access.Actor{Account: counter.Account, Posting: counter.Posting}
		for name, c := range map[string]struct {
			actor access.Actor
			now   time.Time
			sees  bool
		}{
			"at once": {counter, noon, true}, "within the hour": {counter, noon.Add(time.Hour), true}, "after it": {counter, noon.Add(time.Hour + time.Millisecond), false},
			"another counter": {stranger, noon, false}, "at no counter any more": {former, noon, false}, "who reads it anyway": {w.people["admin"], noon, true},
		} {
			err := get(c.actor, c.now, home.ID)
			if c.sees != (err == nil) || err != nil && !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.households.Get(ctx, counter, home.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("reads it: %v", err)
		}
	})
}
