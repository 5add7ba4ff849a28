package household

import (
	"context"
	"slices"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// plan is what a chunk of an import changes.
type plan struct {
	steps     []step
	added     int
	unchanged int
	findings  []Finding
	phones    []phoneAt
}

// step is a household to write: a new one, or at the version it was planned on.
type step struct {
	h    Household
	spot area.Spot // of a new one
}

// phoneAt is a phone that the chunk brings into a household.
type phoneAt struct {
	index string
	line  int
	reg   *register
}

// plan looks up what is known of the registers and decides what to write.
// Everything is sealed here, outside of the update.
func (im *importing) plan(ctx context.Context, registers []*register) (*plan, error) {
	p := &plan{}
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
		st, changed, err := im.step(p, reg, old, spot)
		switch {
		case err != nil:
			return nil, err
		case !changed:
			p.unchanged++
			continue
		case old == nil:
			p.added++
		}
		p.steps = append(p.steps, st)
	}
	return p, nil
}

// atAddresses are the households at the registers' addresses, by key.
func (im *importing) atAddresses(ctx context.Context, registers []*register) (map[string]*Household, error) {
	var queries []store.Query
	for _, reg := range registers {
		for _, street := range im.streets {
			queries = append(queries, store.Query{Where: []store.Cond{store.Eq("partition", street), store.Eq("addressKey", reg.address.key())}, Limit: len(registers) * len(im.streets)})
		}
	}
	found, _, err := collection.Find(ctx, im.store, queries...)
	out := map[string]*Household{}
	for _, h := range found {
		out[h.AddressKey] = h
	}
	return out, err
}

// refuse notes a fault in every row of a register.
func (p *plan) refuse(reg *register, column, kind string, detail domain.Text) {
	lines := []int{reg.line}
	for _, m := range reg.members {
		lines = append(lines, m.line)
	}
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		p.findings = append(p.findings, Finding{line, column, kind, false, detail})
	}
}

// step is the household of a register as it will be, and whether that is a change.
func (im *importing) step(p *plan, reg *register, old *Household, spot area.Spot) (st step, changed bool, err error) {
	st.spot = spot
	h := &st.h
	if old == nil {
		changed = true
		*h = Household{Meta: store.Meta{ID: newID()}, Address: reg.address, Occupancy: Own, Since: im.now, CreatedAt: im.now, Members: []Member{}, Merged: []Merge{}}
		h.lay(spot, *reg.position, reg.datum)
	} else {
		*h = *old
		h.Members = slices.Clone(old.Members)
		im.elsewhere(p, reg, h.Position.At())
	}
	if reg.occupancy != "" && reg.occupancy != h.Occupancy {
		h.Occupancy, changed = reg.occupancy, true
	}
	for as, n := range reg.contacts {
		id := newID()
		if c := *h.contact(as); c != nil {
			id = c.ID
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
			p.phones = append(p.phones, phoneAt{in.phone.index, reg.line, reg})
		}
	}
	for _, m := range reg.members {
		differs, err := im.register(p, reg, h, m)
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

// elsewhere warns of a position that is not where the household is.
func (im *importing) elsewhere(p *plan, reg *register, at orb.Point) {
	if geo.Distance(at, *reg.position) > samePlace {
		p.findings = append(p.findings, Finding{reg.line, "lon", "position", true,
			domain.T("与已登记的位置相差超过50米，未更改位置", "more than 50 m from where the household is, which stays as it is")})
	}
}

// register adds a row's person to the household's members, or changes the one they are.
func (im *importing) register(p *plan, reg *register, h *Household, row registered) (changed bool, err error) {
	i, err := im.find(h.Members, im.identified(row.normal))
	if err != nil {
		return false, err
	}
	if i < 0 {
		if len(h.Members) >= membersMost {
			p.findings = append(p.findings, Finding{row.line, "", "members", false, tooManyMembers})
			return false, nil
		}
		i, changed = len(h.Members), true
		h.Members = append(h.Members, Member{Person: Person{ID: newID(), NameGrams: []string{}}, Since: im.now, Tags: []Tag{}})
	}
	m := &h.Members[i]
	in, err := im.seal(m.ID, row.normal)
	if err != nil {
		return false, err
	}
	phone := m.PhoneIndex
	differs, err := m.apply(im.keys, in)
	if err != nil {
		return false, err
	}
	if m.PhoneIndex != phone {
		p.phones = append(p.phones, phoneAt{m.PhoneIndex, row.line, reg})
	}
	tags := slices.Clone(m.Tags)
	for _, code := range row.tags {
		if !slices.ContainsFunc(tags, func(t Tag) bool { return t.Code == code && t.InForce(im.now) }) && len(tags) < tagsMost {
			tags, differs = append(tags, Tag{Code: code, Since: im.now, Source: "import"}), true
		}
	}
	m.Tags = tags
	return changed || differs, nil
}

// sharedPhones warns of phones that a chunk brings into a household and that
// another one has too: one earlier in the file, or one that had it before.
func (im *importing) sharedPhones(ctx context.Context, p *plan) error {
	var queries []store.Query
	p.phones = slices.DeleteFunc(p.phones, func(x phoneAt) bool { return x.index == "" })
	for _, x := range p.phones {
		for _, street := range im.streets {
			queries = append(queries, store.Query{Where: []store.Cond{store.Eq("place.street", street), store.HasAll("grams", phoneGram(x.index))},
				Order: []string{"sort"}, Limit: 10 * len(p.phones)})
		}
	}
	found, _, err := collection.Find(ctx, im.store, queries...)
	if err != nil {
		return err
	}
	for _, x := range p.phones {
		im.phones[x.index] = append(im.phones[x.index], x.reg)
	}
	for _, x := range p.phones {
		brought := im.phones[x.index]
		shared := brought[0] != x.reg || slices.ContainsFunc(found, func(h *Household) bool {
			return !slices.Contains(brought, im.read.byKey[h.AddressKey]) && access.MayReadHousehold(im.actor, h.Place) &&
				slices.ContainsFunc(h.people(), func(o *Person) bool { return o.PhoneIndex == x.index })
		})
		if shared {
			im.read.warn(x.line, "phone", "phone_in_use", domain.T("其他住户也登记了该电话", "another household has this phone too"))
		}
	}
	return nil
}
