package ticket

import (
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/clocks"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// BenchmarkCalendarChanges reckons 20,000 open tickets of one street anew after
// a day became a holiday, and a working day again, which moves each; beside it
// the store reads and writes the same tickets in the same updates and reckons nothing.
func BenchmarkCalendarChanges(b *testing.B) {
	for name, on := range map[string]func(testing.TB) enginetest.Place{"sqlite": enginetest.SQLite, "mongodb": enginetest.MongoDB} {
		b.Run(name, func(b *testing.B) {
			const tickets = 20_000
			w := worldOn(b, on(b))
			w.node = w.joinAs(store.Options{}) // no rehearsals
			street := w.cell(east).Partition
			o := w.tickets.occasion(program, noon, w.policies.At(street, noon))
			all := make([]*Ticket, tickets)
			for i := range all {
				made := noon.Add(-time.Duration(i) * time.Second)
				t := &Ticket{Meta: store.Meta{ID: ids.New()}, Number: ids.New(), Category: "noise", State: Reported, CreatedAt: made, UpdatedAt: made, Reporter: "r", ReportedBy: "r"}
				t.setPosition(w.spot(b, at[east]), place.Given(at[east], geo.WGS84, nil))
				t.Clocks = []clocks.Clock{clocks.Start(clocks.Accept, 1, made, clocks.Term{Count: 5, Unit: clocks.WorkingDay}, "p"), clocks.Start(clocks.Promise, 1, made, clocks.Term{Count: 5, Unit: clocks.WorkingDay}, "p")}
				t.reckon(o)
				all[i] = t
			}
			w.insert(all)
			lease := must(w.st.Acquire(b.Context(), clockLease, "node", time.Hour))(b)
			year := must(w.calendars.Year(2026))(b)
			days, off := year.Days, false
			b.Run("reckoned", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					year.Days = days
					if off = !off; off {
						year.Days = append(append([]calendar.Day{}, days...), calendar.Day{Date: "2026-11-24", Name: "停工", Kind: calendar.Off})
					}
					must(w.calendars.SetYear(b.Context(), access.Program, noon, -1, year))(b)
					b.StartTimer()
					must(0, w.tickets.reckonAnew(b.Context(), lease, noon, street))(b)
				}
				b.ReportMetric(float64(tickets*b.N)/b.Elapsed().Seconds(), "tickets/s")
			})
			b.Run("store", func(b *testing.B) {
				for b.Loop() {
					for i := 0; i < tickets; i += reckonedAtOnce {
						must(0, w.st.Update(b.Context(), []string{street}, func(tx *store.Tx) error {
							for _, t := range all[i : i+reckonedAtOnce] {
								found, err := collection.Get(b.Context(), tx, t.ID)
								if err != nil {
									return err
								}
								if err := collection.Put(tx, found, found.entry(program, noon, Reckon, found.facts())); err != nil {
									return err
								}
							}
							return nil
						}))(b)
					}
				}
				b.ReportMetric(float64(tickets*b.N)/b.Elapsed().Seconds(), "tickets/s")
			})
		})
	}
}
