package household

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

const (
	importChunk = 100  // households in one update
	samePlace   = 50.0 // metres within which two positions of an address are taken for one
)

// Import asks for households from a file.
type Import struct {
	Street string    // code
	Datum  geo.Datum // of positions in rows that do not say theirs; "" : they must
	DryRun bool
}

// Report says what an import did, or would do.
type Report struct {
	DryRun    bool
	Encoding  string // UTF8 or GB18030
	Rows      int
	Refused   int // rows with a fault
	Added     int // households
	Changed   int
	Unchanged int
	Findings  []Finding // by line
}

// Import takes households and their members in from a CSV file (see readTable
// for its columns): a row is a household, or one of its members; rows of one
// address are one household. Rows without a position lie where another
// household of their building does, in the file or known before. Good rows go
// in, in chunks of 100 households, and bad ones are findings; the same file
// again changes nothing. An empty cell leaves things as they are, and nobody
// is ever taken out. Who is found by ID number, or else by name and phone, is
// changed instead of added.
// Errors: ErrForbidden, ErrNotFound for a street in which the actor imports
// nothing, InvalidError for a file that cannot be read at all. What was
// imported before an error stays: importing again goes on.
func (s *Households) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*Report, error) {
	im, err := s.begin(ctx, actor, now, file, in)
	if err != nil {
		return nil, err
	}
	if err := im.locate(ctx); err != nil {
		return nil, err
	}
	if _, err := once.Resume(ctx, &im.reached); err != nil {
		return nil, err
	}
	for chunk := range slices.Chunk(im.read.registers, importChunk) {
		if err := im.chunk(ctx, chunk); err != nil {
			return nil, err
		}
	}
	findings := im.read.findings
	slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	im.report.Findings, im.report.Refused = findings, refused(findings)
	return im.report, nil
}

// begin authorises an import and reads its file.
func (s *Households) begin(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*importing, error) {
	if !access.ImportsHouseholds(actor) {
		return nil, domain.ErrForbidden
	}
	street, err := s.street(in.Street)
	if err != nil {
		return nil, err
	}
	if places, err := place.Reach(s.areas, access.ImportScopes(actor), in.Street, ""); err != nil || len(places) == 0 {
		return nil, cmp.Or(err, domain.ErrNotFound)
	}
	t, err := readTable(file)
	if err != nil {
		return nil, err
	}
	known, err := s.definitionsOf(ctx, s.store, street.ID)
	if err != nil {
		return nil, err
	}
	r := &reading{table: t, datum: in.Datum, known: known, now: now, byKey: map[string]*register{}}
	for _, rec := range t.records {
		r.row(rec)
	}
	return &importing{Households: s, actor: actor, now: now, read: r, streets: s.areas.Tree().Formerly(street.ID), brought: map[string][]*register{},
		report: &Report{DryRun: in.DryRun, Encoding: t.encoding, Rows: t.rows}}, nil
}

// refused counts the lines with a fault.
func refused(sorted []Finding) (n int) {
	last := 0
	for _, f := range sorted {
		if !f.Warning && f.Line != last {
			n, last = n+1, f.Line
		}
	}
	return n
}

// importing is an import under way.
type importing struct {
	*Households
	actor   access.Actor
	now     time.Time
	read    *reading
	streets []string               // ids of the street, today's and former
	brought map[string][]*register // by the gram of a phone or ID number
	report  *Report
	done    progress // with the chunk at hand
	reached progress // by an attempt before this one
}

// progress is how far an import has come.
type progress struct{ Chunks, Added, Changed, Unchanged int }

func (p progress) and(q *plan) progress {
	return progress{p.Chunks + 1, p.Added + q.added, p.Changed + len(q.steps) - q.added, p.Unchanged + q.unchanged}
}

// locate gives registers without a position that of their building.
func (im *importing) locate(ctx context.Context) error {
	type known struct {
		at    *orb.Point
		datum geo.Datum
	}
	buildings := map[string]known{}
	for _, reg := range im.read.registers {
		if b := reg.address.building(); reg.position != nil && buildings[b].at == nil {
			buildings[b] = known{reg.position, reg.datum}
		}
	}
	for _, reg := range im.read.registers {
		if reg.position != nil {
			continue
		}
		b := reg.address.building()
		if _, asked := buildings[b]; !asked {
			var queries []store.Query
			for _, street := range im.streets {
				queries = append(queries, store.Query{Where: []store.Cond{store.Eq("partition", street), store.Eq("building", b)}, Limit: 1})
			}
			found, _, err := collection.Find(ctx, im.store, queries...)
			if err != nil {
				return err
			}
			if buildings[b] = (known{}); len(found) > 0 {
				at := found[0].Position.At()
				buildings[b] = known{&at, found[0].Position.Datum}
			}
		}
		reg.position, reg.datum = buildings[b].at, buildings[b].datum
	}
	return nil
}

// chunk imports some registers in one update; when they or the cells changed
// while it was planned, it is planned anew.
func (im *importing) chunk(ctx context.Context, registers []*register) error {
	for try := 0; ; try++ {
		p, err := im.plan(ctx, registers)
		if err != nil {
			return err
		}
		done := im.done.and(p)
		if done.Chunks <= im.reached.Chunks { // it was written; what is found in it is still to be told
			done = progress{Chunks: done.Chunks}
			if done.Chunks == im.reached.Chunks {
				done = im.reached
			}
		} else if !im.report.DryRun {
			err = im.write(ctx, p, done)
		}
		if again := errors.Is(err, errUnprepared) || errors.Is(err, domain.ErrBusy); again && try < 3 {
			if err := im.areas.Refresh(ctx); err != nil {
				return err
			}
			continue
		}
		if errors.Is(err, errUnprepared) {
			return domain.ErrBusy
		}
		if err != nil {
			return err
		}
		im.done = done
		im.report.Added, im.report.Changed, im.report.Unchanged = done.Added, done.Changed, done.Unchanged
		im.read.findings = append(im.read.findings, p.findings...)
		return im.shared(ctx, p)
	}
}

// write writes what a chunk changes, unless something it was planned on has changed.
func (im *importing) write(ctx context.Context, p *plan, done progress) error {
	if len(p.steps) == 0 {
		return nil
	}
	var partitions, ids []string
	var taken []store.Query // by somebody else meanwhile
	for _, st := range p.steps {
		partitions = append(partitions, st.h.Partition)
		if st.h.Version > 0 {
			ids = append(ids, st.h.ID)
		} else {
			taken = append(taken, dwelling(st.h.Partition, 1, st.h.AddressKey))
		}
	}
	return im.store.Update(ctx, partitions, func(tx *store.Tx) error {
		current, err := collection.GetMany(ctx, tx, ids)
		if err != nil {
			return err
		}
		if there, _, err := collection.Find(ctx, tx, taken...); err != nil || len(there) > 0 {
			return cmp.Or(err, errUnprepared)
		}
		for _, st := range p.steps {
			h := st.h // a copy: this runs several times
			if h.Version == 0 {
				st.spot.Observe(tx)
				err = collection.Insert(tx, &h, h.entry(im.actor, im.now, "import", store.Facts{}))
			} else if c := current[h.ID]; c == nil || c.Version != h.Version {
				err = errUnprepared
			} else {
				err = collection.Put(tx, &h, h.entry(im.actor, im.now, "import", c.facts()))
			}
			if err != nil {
				return err
			}
		}
		return once.Reached(ctx, done)
	})
}
