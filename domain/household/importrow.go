package household

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/fold"
	"wangge/domain/table"
	"wangge/geo"
)

// register is what a file says of one household: the rows with its address.
type register struct {
	line      int
	address   Address
	position  *orb.Point // WGS-84; nil: of its building
	datum     geo.Datum
	occupancy Occupancy // "": not said
	contacts  map[string]normal
	members   []registered
}

// registered is somebody of a register.
type registered struct {
	line int
	normal
	tags []string
}

// reading takes rows to registers.
type reading struct {
	*table.Table
	datum     geo.Datum // of rows that say none; "" : they must
	known     []TagDefinition
	now       time.Time
	registers []*register
	byKey     map[string]*register
}

func (r *reading) fault(line int, column, kind string, detail domain.Text) {
	r.Findings = append(r.Findings, table.Fault(line, column, kind, detail))
}

func (r *reading) warn(line int, column, kind string, detail domain.Text) {
	r.Findings = append(r.Findings, table.Warning(line, column, kind, detail))
}

// row adds a row to the register of its address; what is wrong with it is
// noted, and then nothing of it is added.
func (r *reading) row(rec table.Row) {
	before := len(r.Findings)
	reg, get := &register{line: rec.Line, contacts: map[string]normal{}}, rec.Get
	reg.address = Address{get("estate"), get("building"), get("unit"), get("floor"), get("room")}
	r.columns(rec.Line, "", func(bad *domain.InvalidError) { reg.address.check(bad, "") })
	r.position(rec, reg)
	if text := get("occupancy"); text != "" {
		if reg.occupancy = occupancyOf(text); reg.occupancy == "" {
			r.fault(rec.Line, "occupancy", "occupancy", domain.T("居住情况应为自住、租住、空挂或空置", "the occupancy is own, rent, empty_registered or vacant"))
		}
	}
	for _, as := range contacts {
		in := PersonInput{Name: said(get(as + "_name")), Phone: said(get(as + "_phone"))}
		if in.Name != nil || in.Phone != nil {
			r.columns(rec.Line, as+"_", func(bad *domain.InvalidError) { reg.contacts[as] = in.normal("", r.now, bad) })
		}
	}
	r.member(rec, reg)
	if slices.ContainsFunc(r.Findings[before:], func(f table.Finding) bool { return !f.Warning }) {
		return
	}
	key := reg.address.key()
	if first := r.byKey[key]; first != nil {
		r.join(first, reg)
		return
	}
	r.byKey[key] = reg
	r.registers = append(r.registers, reg)
}

// said is a cell's text; nil for an empty one, which leaves things as they are.
func said(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// columns turns what a check notes at "/name" into findings in the column prefix+name.
func (r *reading) columns(line int, prefix string, check func(*domain.InvalidError)) {
	bad := &domain.InvalidError{}
	check(bad)
	for _, f := range bad.Fields {
		column := strings.TrimPrefix(f.Pointer, "/")
		if column == "idNumber" {
			column = "id_number"
		}
		r.fault(line, prefix+column, column, f.Detail)
	}
}

func (r *reading) position(rec table.Row, reg *register) {
	lon, lat := rec.Get("lon"), rec.Get("lat")
	if lon == "" && lat == "" {
		return
	}
	reg.datum = r.datum
	if name := rec.Get("datum"); name != "" {
		d, ok := geo.ParseDatum(fold.Text(name))
		if !ok {
			r.fault(rec.Line, "datum", "datum", domain.T("坐标系应为 wgs84、cgcs2000、gcj02 或 bd09", "the datum is wgs84, cgcs2000, gcj02 or bd09"))
			return
		}
		reg.datum = d
	}
	if reg.datum == "" {
		r.fault(rec.Line, "datum", "datum", domain.T("请说明坐标系", "say which datum the position is in"))
		return
	}
	var p orb.Point
	for i, c := range []struct{ name, text string }{{"lon", lon}, {"lat", lat}} {
		degrees, err := strconv.ParseFloat(c.text, 64)
		if err != nil || math.IsNaN(degrees) || math.IsInf(degrees, 0) {
			r.fault(rec.Line, c.name, "position", domain.T("不是度数", "not a number of degrees"))
			return
		}
		p[i] = degrees
	}
	switch {
	case geo.LooksSwapped(p):
		r.fault(rec.Line, "lon", "position", domain.T("经纬度疑似颠倒", "longitude and latitude look swapped"))
	case !geo.ValidPoint(p):
		r.fault(rec.Line, "lon", "position", domain.T("经纬度超出范围", "no such position"))
	default:
		at := geo.ToWGS84(p, reg.datum)
		reg.position = &at
	}
}

// occupancyOf reads a code or the Chinese word; "" for neither.
func occupancyOf(text string) Occupancy {
	for i, word := range []string{"自住", "租住", "空挂", "空置"} {
		if fold.Name(text) == fold.Name(word) || Occupancy(text) == Occupancies[i] {
			return Occupancies[i]
		}
	}
	return ""
}

func (r *reading) member(rec table.Row, reg *register) {
	m := registered{line: rec.Line}
	in := PersonInput{Name: said(rec.Get("name")), Phone: said(rec.Get("phone")), IDNumber: said(rec.Get("id_number")), Relation: said(rec.Get("relation"))}
	tags := strings.FieldsFunc(rec.Get("tags"), func(c rune) bool { return strings.ContainsRune(";；、,，|", c) })
	if in == (PersonInput{}) && len(tags) == 0 {
		return
	}
	if in.Name == nil {
		r.fault(rec.Line, "name", "name", domain.T("请填写姓名", "a name is required"))
		return
	}
	r.columns(rec.Line, "", func(bad *domain.InvalidError) { m.normal = in.normal("", r.now, bad) })
	for _, tag := range tags {
		tag = strings.TrimSpace(tag)
		i := slices.IndexFunc(r.known, func(d TagDefinition) bool {
			return !d.Retired && (d.Code == tag || fold.Name(d.Name.ZH) == fold.Name(tag))
		})
		if i < 0 {
			r.fault(rec.Line, "tags", "tag", domain.T("未知的标签", "unknown tag"))
			continue
		}
		m.tags = append(m.tags, r.known[i].Code)
	}
	reg.members = append(reg.members, m)
}

// join adds a later row of the same address: what it says replaces what was said before.
func (r *reading) join(first, later *register) {
	switch {
	case later.position == nil:
	case first.position == nil:
		first.position, first.datum = later.position, later.datum
	case geo.Distance(*first.position, *later.position) > samePlace:
		r.warn(later.line, "lon", "position", domain.T("与同一地址前面的行位置不同，以前面的为准", "another position than in an earlier row of the address, which counts"))
	}
	if later.occupancy != "" {
		first.occupancy = later.occupancy
	}
	for as, n := range later.contacts {
		first.contacts[as] = first.contacts[as].overlaidBy(n)
	}
	for _, m := range later.members {
		i := slices.IndexFunc(first.members, func(x registered) bool { return x.same(m.normal) })
		if i < 0 {
			first.members = append(first.members, m)
			continue
		}
		r.warn(m.line, "name", "repeated", domain.T("与前面的行是同一人", "the same person as in an earlier row"))
		first.members[i].normal = first.members[i].overlaidBy(m.normal)
		first.members[i].tags = append(first.members[i].tags, m.tags...)
	}
}

// same reports whether two rows of an address are about one person.
func (n normal) same(m normal) bool {
	if n.idNumber != nil && m.idNumber != nil {
		return *n.idNumber == *m.idNumber
	}
	return fold.Name(*n.name) == fold.Name(*m.name) && (n.phone == nil || m.phone == nil || *n.phone == *m.phone)
}

// overlaidBy is n with what m says in its place.
func (n normal) overlaidBy(m normal) normal {
	for _, f := range []struct{ old, new **string }{{&n.name, &m.name}, {&n.phone, &m.phone}, {&n.idNumber, &m.idNumber}, {&n.relation, &m.relation}} {
		if *f.new != nil {
			*f.old = *f.new
		}
	}
	return n
}
