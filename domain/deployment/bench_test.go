package deployment

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// BenchmarkFigures reads the figures of a street of 200 people, with 4,000
// cases, 20,000 tickets and 10,000 visits of two years, on SQLite: of the
// last month, of a year, and of all of it.
func BenchmarkFigures(b *testing.B) {
	keys := worldtest.Keys(b)
	st, areas := worldtest.Open(b, enginetest.SQLite(b).Open(b), store.Options{}, slices.Concat(area.Collections(), limit.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), calendar.Collections(), photo.Collections(),
		household.Collections(keys), form.Collections(), plan.Collections(), visit.Collections(), receipt.Collections(), ticket.Collections(), service.Collections(), station.Collections(), posting.Collections(), intake.Collections(), Collections())...)
	worldtest.Import(b, areas, worldtest.Noon, worldtest.Areas)
	accounts := account.New(st, areas, keys, account.Options{})
	policies := worldtest.Must(policy.New(b.Context(), st, areas))(b)
	households := household.New(st, areas, policies, keys)
	calendars := worldtest.Must(calendar.New(b.Context(), st))(b)
	items := worldtest.Must(service.NewItems(b.Context(), st, areas))(b)
	postings, cases, visits := posting.New(st, areas, accounts, keys), intake.New(st, areas, accounts, items, calendars, keys), visit.New(st, areas, keys, households)
	figuring := New(st, areas, postings, cases, visits.Visits, ticket.New(st, areas, accounts, policies, calendars, keys))
	admin := access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Admin}}}
	fill(b, st, areas)
	for n := range 200 {
		d := posting.Draft{Name: "某", Number: fmt.Sprint(n), Area: worldtest.JiaOne, Kind: posting.Kinds[n%len(posting.Kinds)], From: "2024-01-01"}
		worldtest.Must(postings.Create(b.Context(), access.Program, worldtest.Noon, d))(b)
	}
	for name, from := range map[string]Month{"a month": "2026-11", "a year": "2025-12", "two years": "2024-12"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f, err := figuring.Figures(b.Context(), admin, worldtest.Noon, Query{Area: worldtest.Jia, From: from, To: "2026-11"})
				if err != nil || f.Total.Cases.Opened.N == 0 || f.Total.Cases.Trips == 0 {
					b.Fatal(f, err)
				}
			}
		})
	}
}

// fill puts the street's work of two years in the store.
func fill(b *testing.B, st *store.Store, areas *area.Areas) {
	r := rand.New(rand.NewPCG(1, 1))
	var at []access.Place
	for _, code := range []string{worldtest.JiaOne, worldtest.JiaTwo} {
		a, _ := areas.Tree().ByCode(code)
		at = append(at, a.Place)
	}
	sometime := func() time.Time { return worldtest.Noon.Add(-time.Duration(r.IntN(2*365*24*60)) * time.Minute) }
	who := func() string { return fmt.Sprint("worker-", r.IntN(40)) }
	caseOf, ticketOf, visitOf := inserts[intake.Case](intake.Collections()), inserts[ticket.Ticket](ticket.Collections()), inserts[visit.Visit](visit.Collections())
	made := store.Entry{At: worldtest.Noon, Actor: "system", Action: "made"}
	insert(b, st, at[0].Street, 4_000, func(tx *store.Tx) error {
		p, t := at[r.IntN(2)], sometime()
		return caseOf.Insert(tx, &intake.Case{Meta: store.Meta{ID: ids.New(), Partition: p.Street}, Place: p, Station: who(), Item: intake.Item{Code: "x", Name: "x", Category: "x"}, State: intake.Done, Decided: intake.InTime, Came: 1 + r.IntN(3),
			OpenedAt: t, ClosedAt: t.Add(72 * time.Hour), DueAt: t.Add(120 * time.Hour), UpdatedAt: t}, made)
	})
	insert(b, st, at[0].Street, 20_000, func(tx *store.Tx) error {
		p, t := at[r.IntN(2)], sometime()
		return ticketOf.Insert(tx, &ticket.Ticket{Meta: store.Meta{ID: ids.New(), Partition: p.Street}, Number: ids.New(), Place: p, State: ticket.Closed, Category: "noise", Resolved: &ticket.Resolution{By: who(), At: t}, CreatedAt: t, UpdatedAt: t}, made)
	})
	insert(b, st, at[0].Street, 10_000, func(tx *store.Tx) error {
		p, t := at[r.IntN(2)], sometime()
		return visitOf.Insert(tx, &visit.Visit{Meta: store.Meta{ID: ids.New(), Partition: p.Street}, Place: p, State: visit.Completed, Covered: r.IntN(3) > 0, By: who(), Opens: t, Closes: t, DoneAt: t, CreatedAt: t, UpdatedAt: t}, made)
	})
}

func insert(b *testing.B, st *store.Store, street string, n int, one func(*store.Tx) error) {
	b.Helper()
	for ; n > 0; n -= 2000 {
		err := st.Update(b.Context(), []string{street}, func(tx *store.Tx) error {
			for range min(n, 2000) {
				if err := one(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// inserter writes documents of a type behind the back of use cases.
type inserter[T any] interface {
	Insert(*store.Tx, *T, ...store.Entry) error
}

func inserts[T any](all []store.Declared) inserter[T] {
	for _, d := range all {
		if c, ok := d.(inserter[T]); ok {
			return c
		}
	}
	panic("no collection holds it")
}
