package household

import (
	"cmp"
	"context"
	"io"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/table"
	"wangge/geo"
	"wangge/store"
)

const (
	importChunk = 100  // households in one update
	samePlace   = 50.0 // metres within which two positions of an address are taken for one
)

// Import asks for households from a file.
type Import struct {
	table.Options
	Street   string    // code
	Datum    geo.Datum // of positions in rows that do not say theirs; "" : they must
	DryRun   bool
	Progress table.Progress // of households; may be nil
}

// Import takes households and their members in from a table (see Table for its
// columns): a row is a household, or one of its members; rows of one address
// are one household. Rows without a position lie where another household of
// their building does, in the file or known before. Good rows go in, in chunks
// of 100 households, and bad ones are findings; the same file again changes
// nothing. An empty cell leaves things as they are, and nobody is ever taken
// out. Who is found by ID number, or else by name and phone, or by name at the
// address with another phone, is changed instead of added.
// Errors: ErrNotFound for a street in which the actor imports nothing,
// ErrForbidden, InvalidError for a file that cannot be read at all. What was
// imported before an error stays: importing again goes on.
func (s *Households) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*table.Report, error) {
	im, err := s.begin(ctx, actor, now, file, in)
	if err != nil {
		return nil, err
	}
	if err := im.locate(ctx); err != nil {
		return nil, err
	}
	im.progress = in.Progress
	if err := table.Apply(ctx, im.report, im.read.registers, importChunk, im.areas.Refresh, im.chunk); err != nil {
		return nil, err
	}
	if err := im.warnSharedNumbers(ctx); err != nil {
		return nil, err
	}
	im.report.Findings = append(im.read.Findings, im.report.Findings...)
	im.report.Settle()
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
	t, err := Table.Read(ctx, file, in.Options)
	if err == nil {
		err = t.HeaderErr()
	}
	if err != nil {
		return nil, err
	}
	known := definitions(s.Policies.At(street.ID, policy.Always))
	r := &reading{Table: t, datum: in.Datum, known: known, now: now, byKey: map[string]*register{}}
	for _, row := range t.Rows {
		r.row(row)
	}
	return &importing{Households: s, actor: actor, now: now, read: r, streets: s.areas.Tree().Formerly(street.ID),
		report: &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count}}, nil
}

// importing is an import under way.
type importing struct {
	*Households
	actor   access.Actor
	now     time.Time
	read    *reading
	streets []string  // ids of the street, today's and former
	brought []brought // by the chunks that are in
	through int       // registers of these
	report  *table.Report

	progress table.Progress
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

// chunk is what some registers come to.
func (im *importing) chunk(ctx context.Context, registers []*register) (*table.Plan, error) {
	p, err := im.planChunk(ctx, registers)
	if err != nil {
		return nil, err
	}
	p.Written = func() {
		im.brought, im.through = append(im.brought, p.brought...), im.through+len(registers)
		im.progress.Tell(table.Writing, im.through, len(im.read.registers))
	}
	if len(p.steps) > 0 {
		p.Write = func(ctx context.Context) error { return im.write(ctx, p) }
	}
	return &p.Plan, nil
}

// write writes what a chunk changes, unless something it was planned on has changed.
func (im *importing) write(ctx context.Context, p *importPlan) error {
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
			return cmp.Or(err, table.ErrOvertaken)
		}
		for _, st := range p.steps {
			h := st.h // a copy: this runs several times
			if h.Version == 0 {
				st.spot.Observe(tx)
				err = collection.Insert(tx, &h, h.entry(im.actor, im.now, "import", store.Facts{}))
			} else if c := current[h.ID]; c == nil || c.Version != h.Version {
				err = table.ErrOvertaken
			} else {
				err = collection.Put(tx, &h, h.entry(im.actor, im.now, "import", c.facts()))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
