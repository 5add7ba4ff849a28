package household

import (
	"context"
	"errors"
	"slices"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/table"
	"wangge/geo"
	"wangge/store"
)

// importPlan is what a chunk of an import changes.
type importPlan struct {
	table.Plan
	steps   []importStep
	brought []brought
}

func (p *importPlan) fault(line int, column, kind string, detail domain.Text) {
	p.Findings = append(p.Findings, table.Fault(line, column, kind, detail))
}

func (p *importPlan) warn(line int, column, kind string, detail domain.Text) {
	p.Findings = append(p.Findings, table.Warning(line, column, kind, detail))
}

// importStep is a household to write: a new one, or at the version it was planned on.
type importStep struct {
	h    Household
	spot area.Spot // of a new one
}

// brought is a phone or ID number that the chunk brings into a household.
type brought struct {
	gram   string
	column string
	line   int
	reg    *register
}

// planChunk looks up what is known of the registers and decides what to write.
// Everything is sealed here, outside of the update.
func (im *importing) planChunk(ctx context.Context, registers []*register) (*importPlan, error) {
	p := &importPlan{}
	known, err := im.atAddresses(ctx, registers)
	if err != nil {
		return nil, err
	}
	for _, reg := range registers {
		if reg.position == nil {
			p.refuse(reg, "lon", "position", domain.T("没有经纬度，且该楼幢没有已知位置", "no position, and none known of the building"))
			continue
		}
		old := known[reg.address.key()]
		spot, ok := place.Spot(im.areas.Map(), *reg.position)
		if old != nil {
			spot.Place = old.Place // imports move nobody
		}
		switch {
		case old == nil && (!ok || !slices.Contains(im.streets, spot.Street)):
			p.refuse(reg, "lon", "position", domain.T("位置不在该街道", "the position is outside the street"))
			continue
		case !access.MayImportHouseholds(im.actor, spot.Place):
			p.refuse(reg, "lon", "position", domain.T("位置不在您的社区", "the position is outside your community"))
			continue
		}
		st, changed, err := im.planRegister(p, reg, old, spot)
		switch {
		case err != nil:
			return nil, err
		case !changed:
			p.Unchanged++
			continue
		case old == nil:
			p.Added++
		default:
			p.Changed++
		}
		p.steps = append(p.steps, st)
	}
	return p, nil
}

// atAddresses are the households at the registers' addresses, by key; those
// that took in the one at an address too.
func (im *importing) atAddresses(ctx context.Context, registers []*register) (map[string]*Household, error) {
	var queries, aliases []store.Query
	var keys []string
	for _, reg := range registers {
		keys = append(keys, reg.address.key())
	}
	most := 10 * len(registers) * len(im.streets)
	for _, street := range im.streets {
		queries = append(queries, dwelling(street, most, keys...))
		for _, key := range keys {
			aliases = append(aliases, alias(street, key, most))
		}
	}
	out := map[string]*Household{}
	found, _, err := collection.Find(ctx, im.store, aliases...)
	for _, h := range found {
		for _, m := range h.Merged {
			for _, key := range m.Keys {
				out[key] = h
			}
		}
	}
	if err == nil {
		found, _, err = collection.Find(ctx, im.store, queries...)
	}
	for _, h := range slices.Backward(found) { // of several at an address the first
		out[h.AddressKey] = h
	}
	return out, err
}

// refuse notes a fault in every row of a register.
func (p *importPlan) refuse(reg *register, column, kind string, detail domain.Text) {
	lines := []int{reg.line}
	for _, m := range reg.members {
		lines = append(lines, m.line)
	}
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		p.fault(line, column, kind, detail)
	}
}

// planRegister is the household of a register as it will be, and whether that is a change.
func (im *importing) planRegister(p *importPlan, reg *register, old *Household, spot area.Spot) (st importStep, changed bool, err error) {
	st.spot = spot
	h := &st.h
	if old == nil {
		changed = true
		*h = Household{Meta: store.Meta{ID: ids.New()}, Address: reg.address, Occupancy: Own, Since: im.now, CreatedAt: im.now, Members: []Member{}, Merged: []Merge{}}
		h.setPosition(spot, *reg.position, reg.datum)
	} else {
		*h = *old
		h.Members = slices.Clone(old.Members)
		im.warnPosition(p, reg, h.Position.At())
	}
	if reg.occupancy != "" && reg.occupancy != h.Occupancy {
		h.Occupancy, changed = reg.occupancy, true
	}
	for as, n := range reg.contacts {
		id := ids.New()
		if c := *h.contact(as); c != nil {
			id = c.ID
			if n, err = im.withoutKnownName(c, n); err != nil {
				return st, false, err
			}
		}
		in, err := im.seal(id, n)
		if err != nil {
			return st, false, err
		}
		differs, err := h.setContact(im.keys, as, in)
		if err != nil {
			return st, false, err
		}
		if differs {
			changed = true
			p.brought = append(p.brought, brought{phoneGram(in.phone.index), as + "_phone", reg.line, reg})
		}
	}
	named, err := im.recognise(p, h.Members, reg.members)
	if err != nil {
		return st, false, err
	}
	for i, m := range reg.members {
		if named[i] == unclear {
			continue
		}
		differs, err := im.planMember(p, reg, h, m, named[i])
		if err != nil {
			return st, false, err
		}
		changed = changed || differs
	}
	if changed {
		h.settle(im.now)
	}
	return st, changed, nil
}

// warnPosition warns of a position that is not where the household is.
func (im *importing) warnPosition(p *importPlan, reg *register, at orb.Point) {
	if geo.Distance(at, *reg.position) > samePlace {
		p.warn(reg.line, "lon", "position", domain.T("与已登记的位置相差超过50米，未更改位置", "more than 50 m from where the household is, which stays as it is"))
	}
}

// planMember adds a row's person to the household's members, or changes the one they are.
// i is which of them it is, as far as recognised.
func (im *importing) planMember(p *importPlan, reg *register, h *Household, row registered, i int) (changed bool, err error) {
	if i < 0 { // or one that a row before brought in
		if i, err = im.find(h.Members, im.identified(row.normal)); err != nil {
			return false, err
		}
	}
	if i < 0 {
		if len(h.Members) >= membersMost {
			p.fault(row.line, "", "members", tooManyMembers)
			return false, nil
		}
		i, changed = len(h.Members), true
		h.Members = append(h.Members, Member{Person: Person{ID: ids.New()}, Since: im.now, Tags: []Tag{}})
	}
	m := &h.Members[i]
	n, err := im.withoutKnownName(&m.Person, row.normal)
	if err != nil {
		return false, err
	}
	in, err := im.seal(m.ID, n)
	if err != nil {
		return false, err
	}
	was := m.Person
	differs, err := m.apply(im.keys, in)
	if err != nil {
		return false, err
	}
	if m.PhoneIndex != was.PhoneIndex {
		p.brought = append(p.brought, brought{phoneGram(m.PhoneIndex), "phone", row.line, reg})
	}
	if m.IDNumberIndex != was.IDNumberIndex {
		p.brought = append(p.brought, brought{idNumberGram(m.IDNumberIndex), "id_number", row.line, reg})
	}
	tags := slices.Clone(m.Tags)
	for _, code := range row.tags {
		switch {
		case slices.ContainsFunc(tags, func(t Tag) bool { return t.Code == code && t.InForce(im.now) }):
		case len(tags) >= tagsMost:
			p.warn(row.line, "tags", "tag", tooManyTags)
		default:
			tags, differs = append(tags, Tag{Code: code, Since: im.now, Source: "import"}), true
		}
	}
	m.Tags = tags
	return changed || differs, nil
}

// warnSharedNumbers warns of phones and ID numbers that the import brings into a household
// and that another one has too: one earlier in the file, or one that had it before.
// A person's dry run looks in the file only: it leaves no trace, and would tell
// everybody's numbers to who tries thousands.
func (im *importing) warnSharedNumbers(ctx context.Context) error {
	brings, grams := map[string][]*register{}, []string{}
	for _, x := range im.brought {
		if x.gram == "" {
			continue
		}
		brings[x.gram] = append(brings[x.gram], x.reg)
		if !im.report.DryRun || im.actor.System {
			grams = append(grams, x.gram)
		}
	}
	if first, err := im.first(ctx); err != nil {
		return err
	} else if first {
		grams = nil
	}
	held := map[string]bool{} // grams of households that the file says nothing of, and that the actor may read
	for some := range slices.Chunk(grams, store.MaxAsked) {
		found, err := im.findByNumbers(ctx, some)
		if err != nil {
			return err
		}
		for _, h := range found {
			reg := im.read.byKey[h.AddressKey]
			for _, gram := range h.numbers() {
				if access.MayReadHousehold(im.actor, h.Place) && !slices.Contains(brings[gram], reg) {
					held[gram] = true
				}
			}
		}
	}
	for _, x := range im.brought {
		if x.gram == "" || brings[x.gram][0] == x.reg && !held[x.gram] {
			continue
		}
		kind, what := "phone_in_use", domain.T("其他住户也登记了该电话", "another household has this phone too")
		if x.column == "id_number" {
			kind, what = "id_number_in_use", domain.T("其他住户也登记了该身份证号码", "another household has this ID number too")
		}
		im.read.warn(x.line, x.column, kind, what)
	}
	return nil
}

// first reports whether the street has the households that this import added
// and no others: whatever numbers they have, the file says.
func (im *importing) first(ctx context.Context) (bool, error) {
	if im.report.DryRun || im.report.Added == 0 {
		return false, nil
	}
	all, err := collection.Count(ctx, im.store, store.Query{Where: []store.Cond{store.In("place.street", im.streets...)}, Cap: im.report.Added}, "")
	if errors.Is(err, store.ErrTooBroad) || errors.Is(err, store.ErrBuilding) {
		return false, nil
	}
	return all[""] == int64(im.report.Added), err
}

// findByNumbers returns the households of the street with one of these phones and ID
// numbers; where they are more than can be asked for at once, by halves.
func (im *importing) findByNumbers(ctx context.Context, grams []string) ([]*Household, error) {
	found, _, err := collection.Find(ctx, im.store, store.Query{
		Where: []store.Cond{store.In("place.street", im.streets...), store.AnyTerm("text", grams...)}, Order: []string{"sort"}, Limit: store.MaxSorted,
	})
	if !errors.Is(err, store.ErrTooBroad) || len(grams) == 1 {
		return found, err
	}
	half := len(grams) / 2
	found, err = im.findByNumbers(ctx, grams[:half])
	if err != nil {
		return nil, err
	}
	others, err := im.findByNumbers(ctx, grams[half:])
	return append(found, others...), err
}
