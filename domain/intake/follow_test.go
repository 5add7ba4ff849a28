package intake

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/service"
	"wangge/domain/worldtest"
)

// catchUp does what follows from the journal by now.
func (w *world) catchUp() {
	w.t.Helper()
	lease := must(w.st.Acquire(w.t.Context(), "test", "node", time.Hour))(w.t)
	must(0, w.cases.changes(func() time.Time { return noon }).CatchUp(w.t.Context(), w.st, lease))(w.t)
	must(0, w.st.Release(w.t.Context(), lease))(w.t)
}

// A word that is mapped gives its state to the cases that are in it, once.
func TestMappedWords(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.upsert("A", w.told("转省厅审核", noon))
		other := w.upsert("B", w.told("挂起", noon))
		twin, _, err := w.cases.Upsert(ctx, w.people["other platform"], noon, Key{"hotline", "A"}, w.told("转省厅审核", noon))
		if err != nil || c.State != Other || twin.State != Other {
			t.Fatalf("%v, %+v", err, c)
		}
		w.catchUp()
		in := SystemInput{Title: "平台", Accounts: []string{w.people["platform"].Account}, States: []Word{{"转省厅审核", InReview}}}
		must(w.cases.PutSystem(ctx, w.people["admin"], noon, rnd, 0, in))(t)
		for range 2 {
			w.catchUp()
		}
		mapped := must(Load(ctx, w.st, c.ID))(t)
		if mapped.State != InReview || mapped.SourceState != "转省厅审核" || mapped.DueAt.IsZero() || mapped.Version != c.Version+1 {
			t.Errorf("mapped: %+v", mapped)
		}
		for _, same := range []*Case{other, twin} {
			if now := must(Load(ctx, w.st, same.ID))(t); now.Version != same.Version {
				t.Errorf("in another word, or of another platform: %+v", now)
			}
		}
		if again := w.upsert("A", w.told("转省厅审核", noon)); again.Version != mapped.Version {
			t.Errorf("said again: %+v", again)
		}
	})
}

// A promise that was provisional is reckoned anew when the year's holidays come.
func TestPromiseReckonedAnew(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		late := time.Date(2027, 4, 29, 4, 0, 0, 0, time.UTC) // a Thursday
		said := w.told("accepted", late)
		said.OpenedAt = late
		c, _, err := w.cases.Upsert(ctx, w.people["platform"], late, Key{rnd, "Y"}, said)
		if err != nil || !c.Provisional || c.Promised() != "2027-05-06" {
			t.Fatalf("%v, promised on %s, provisional %v", err, c.Promised(), c.Provisional)
		}
		known := w.upsert("Z", w.told("accepted", noon))
		must(w.cases.calendars.SetYear(ctx, w.people["admin"], noon, 0, calendar.Year{Year: 2027, Source: "通知", Days: []calendar.Day{
			{Date: "2027-05-03", Name: "劳动节", Kind: calendar.Off}, {Date: "2027-05-04", Name: "劳动节", Kind: calendar.Off}}}))(t)
		for range 2 {
			w.catchUp()
		}
		if now := must(Load(ctx, w.st, c.ID))(t); now.Promised() != "2027-05-10" || now.Version != c.Version+1 {
			t.Errorf("promised on %s, version %d", now.Promised(), now.Version)
		}
		if now := must(Load(ctx, w.st, known.ID))(t); now.Version != known.Version {
			t.Error("one that was not provisional changed")
		}
		must(w.cases.calendars.SetYear(ctx, w.people["admin"], noon, 0, calendar.Year{Year: 2027, Source: "更正", Days: []calendar.Day{{Date: "2027-05-03", Name: "劳动节", Kind: calendar.Off}}}))(t)
		for range 2 {
			w.catchUp()
		}
		if now := must(Load(ctx, w.st, c.ID))(t); now.Promised() != "2027-05-07" || now.Provisional || now.Version != c.Version+2 {
			t.Errorf("by the year corrected, promised on %s, version %d", now.Promised(), now.Version)
		}
		entries := worldtest.Journal(t, w.st, c.Partition)
		if last := entries[len(entries)-1]; last.Action != "case.promise" || last.Actor != access.Program.Name() {
			t.Errorf("the journal: %+v", last)
		}
	})
}

// Cases of an item that becomes sensitive are hidden from the grid's side.
func TestItemBecomesSensitive(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		c := w.upsert("S", w.told("done", noon))
		content := catalogue["insurance"]
		content.Sensitive = true
		must(w.cases.items.Put(t.Context(), w.people["admin"], noon, "insurance", 0, service.Decision{From: "2026-12-01", Content: content}))(t)
		for range 2 {
			w.catchUp()
		}
		if _, shown, err := w.cases.Get(t.Context(), w.people["manager"], c.ID); err != nil || shown != access.CaseLinked {
			t.Errorf("a manager is shown %v, %v", shown, err)
		}
		if now := must(Load(t.Context(), w.st, c.ID))(t); now.Version != c.Version+1 {
			t.Errorf("version %d, then %d", c.Version, now.Version)
		}
	})
}

// The promised day is that of a walk day by day, on which those of waiting for materials do not count.
func TestPromise(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		cal := must(w.cases.calendars.At(t.Context(), w.st))(t)
		at := func(day string) time.Time { return must(time.Parse(time.DateOnly, day))(t).Add(2 * time.Hour) }
		for _, c := range []struct {
			days   int
			says   string
			pauses string
			want   string
		}{
			{5, "", "", "2026-11-27"}, {5, "2026-12-24", "", "2026-11-27"}, {0, "2026-12-24", "", "2026-12-24"}, {0, "", "", ""},
			{5, "", "2026-11-23 2026-11-25", "2026-12-01"}, {5, "", "2026-11-24 2026-11-24", "2026-11-27"}, {5, "", "2026-11-27 2026-11-30", "2026-11-30"},
			{5, "", "2026-11-28 2026-12-02", "2026-11-27"}, {5, "", "2026-11-24 2026-11-25 2026-11-27 2026-12-01", "2026-12-02"}, {5, "", "2026-11-20 2026-11-24", "2026-12-01"},
		} {
			one := &Case{Item: Item{WorkingDays: c.days}, AcceptedAt: at("2026-11-20"), Says: civil.Date(c.says)}
			for i, p := 0, strings.Fields(c.pauses); i < len(p); i += 2 {
				one.Pauses = append(one.Pauses, Pause{at(p[i]), at(p[i+1])})
			}
			if one.reckon(cal); string(one.Promised()) != c.want {
				t.Errorf("%+v: promised on %s", c, one.Promised())
			}
		}
	})
}
