package address

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/table"
	"wangge/geo"
	"wangge/store"
)

// Table is what a file of standard addresses has.
var Table = table.Declaration{
	Bytes: 32 << 20, Rows: 20_000,
	Columns: []table.Column{
		{Name: "scheme", Also: []string{"编码体系", "地址库"}},
		{Name: "code", Also: []string{"地址编码", "标准地址编码", "编码"}, Needed: true, Digits: true},
		{Name: "estate", Also: []string{"小区", "小区名称", "道路"}, Needed: true},
		{Name: "building", Also: []string{"幢", "楼幢", "楼栋", "门牌号"}},
		{Name: "unit", Also: []string{"单元"}},
		{Name: "floor", Also: []string{"层", "楼层"}},
		{Name: "room", Also: []string{"室", "房号", "室号"}},
		{Name: "area", Also: []string{"区划代码", "社区代码", "街道代码"}, Digits: true},
		{Name: "lon", Also: []string{"经度", "longitude"}, Needed: true},
		{Name: "lat", Also: []string{"纬度", "latitude"}, Needed: true},
		{Name: "datum", Also: []string{"坐标系"}},
	},
}

// Whole is Table for a file that the program reads by itself: a city's in one go.
func Whole() *table.Declaration {
	d := Table
	d.Bytes, d.Rows = 1<<30, 2_000_000
	return &d
}

const (
	importChunk = 500   // addresses in one update, for which others who write wait a moment
	wholeChunk  = 5_000 // of a file that the program reads by itself
	codeLongest = 64    // bytes
	partLongest = 50    // runes
	schemeMost  = 32
)

// Import asks for standard addresses from a file.
type Import struct {
	table.Options
	Table    *table.Declaration // Table or Whole
	Scheme   string             // of rows that do not say theirs; "": they must
	Datum    geo.Datum          // likewise of positions
	DryRun   bool
	Progress table.Progress
}

var space = ids.Space("8f0e3a52-6a0e-5c0b-9a43-1c7a7b0f6a11")

// idOf is the id of the address with a code in a scheme.
func idOf(scheme, code string) string { return space.Of(scheme, code) }

// Import takes standard addresses in from a table. Good rows go in, in chunks and
// in the order of doors, and bad ones are findings; what has the same scheme and code is the same
// address, so that the same file again changes nothing, unless its ground has
// come to another street or community since. Nothing is taken out.
// Errors: ErrForbidden, InvalidError for a file that cannot be read at all. What
// was imported before an error stays: importing again goes on.
func (s *Addresses) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*table.Report, error) {
	if !access.ImportsAddresses(actor) {
		return nil, domain.ErrForbidden
	}
	t, err := in.Table.Read(ctx, file, in.Options)
	if err == nil {
		err = t.HeaderErr()
	}
	if err != nil {
		return nil, err
	}
	in.Progress.Tell(table.Reading, t.Count, t.Count)
	im := &importing{s, actor, now, in, map[string]int{}, &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count, Findings: t.Findings}, 0}
	rows := make([]*row, 0, len(t.Rows))
	for _, r := range t.Rows {
		if got := im.read(r); got != nil {
			rows = append(rows, got)
		}
	}
	t.Rows = nil
	// In the order that the store keeps them in, a chunk lies together there.
	slices.SortStableFunc(rows, func(a, b *row) int { return cmp.Compare(a.walk, b.walk) })
	size := importChunk
	if in.Table.Rows > Table.Rows {
		size = wholeChunk
	}
	in.Progress.Tell(table.Checking, len(rows), len(rows))
	plan := func(ctx context.Context, chunk []*row) (*table.Plan, error) { return im.plan(ctx, chunk, len(rows)) }
	if err := table.Apply(ctx, im.report, rows, size, s.areas.Refresh, plan); err != nil {
		return nil, err
	}
	im.report.Settle()
	return im.report, nil
}

// importing is an import under way.
type importing struct {
	*Addresses
	actor  access.Actor
	now    time.Time
	in     Import
	lines  map[string]int // of the ids in the file
	report *table.Report
	done   int
}

// row is an address as a row has it.
type row struct {
	line         int
	id           string
	scheme, code string
	address      household.Address
	at           orb.Point
	datum        geo.Datum
	area         string // code
	walk         int64  // as of a Standard
}

func (im *importing) fault(line int, column, kind string, detail domain.Text) {
	im.report.Findings = append(im.report.Findings, table.Fault(line, column, kind, detail))
}

// read checks a row by itself; nil with a fault.
func (im *importing) read(r table.Row) *row {
	before := len(im.report.Findings)
	out := &row{line: r.Line, scheme: or(r.Get("scheme"), im.in.Scheme), code: r.Get("code"), area: r.Get("area"),
		address: household.Address{Estate: r.Get("estate"), Building: r.Get("building"), Unit: r.Get("unit"), Floor: r.Get("floor"), Room: r.Get("room")}}
	for _, needed := range [][2]string{{"scheme", out.scheme}, {"code", out.code}, {"estate", out.address.Estate}} {
		if needed[1] == "" {
			im.fault(r.Line, needed[0], "missing", domain.Missing)
		}
	}
	if len(out.code) > codeLongest {
		im.fault(r.Line, "code", "length", domain.Textf("最多 %d 字节", "%d bytes at most", codeLongest))
	}
	if len(out.scheme) > schemeMost || strings.Contains(out.scheme, ":") {
		im.fault(r.Line, "scheme", "scheme", domain.Textf("最多 %d 字节，不含冒号", "%d bytes at most, without a colon", schemeMost))
	}
	if fault := domain.TextFault(out.scheme, false); fault != (domain.Text{}) {
		im.fault(r.Line, "scheme", "text", fault)
	}
	for _, column := range []string{"code", "estate", "building", "unit", "floor", "room"} {
		text := r.Get(column)
		if fault := domain.TextFault(text, false); fault != (domain.Text{}) {
			im.fault(r.Line, column, "text", fault)
		} else if column != "code" && utf8.RuneCountInString(text) > partLongest {
			im.fault(r.Line, column, "length", domain.Textf("最多 %d 字", "%d characters at most", partLongest))
		}
	}
	im.position(r, out)
	if len(im.report.Findings) > before {
		return nil
	}
	out.id = idOf(out.scheme, out.code)
	if first, twice := im.lines[out.id]; twice {
		im.fault(r.Line, "code", "duplicate", domain.Textf("与第%d行编码相同", "the same code as in line %d", first))
		return nil
	}
	im.lines[out.id] = r.Line
	out.walk = walk(out.address.Plain())
	return out
}

// position reads the position of a row.
func (im *importing) position(r table.Row, out *row) {
	datum, known := geo.ParseDatum(or(r.Get("datum"), string(im.in.Datum)))
	if !known {
		im.fault(r.Line, "datum", "datum", domain.T("请说明坐标系：wgs84、cgcs2000、gcj02 或 bd09", "say the datum: wgs84, cgcs2000, gcj02 or bd09"))
	}
	for i, column := range []string{"lon", "lat"} {
		n, err := strconv.ParseFloat(r.Get(column), 64)
		if err != nil {
			im.fault(r.Line, column, "number", domain.T("应为数字", "must be a number"))
			return
		}
		out.at[i] = n
	}
	switch {
	case geo.LooksSwapped(out.at):
		im.fault(r.Line, "lon", "position", domain.T("经纬度疑似颠倒", "longitude and latitude look swapped"))
	case !geo.ValidPoint(out.at):
		im.fault(r.Line, "lon", "position", domain.T("坐标超出范围", "the coordinates are out of range"))
	case known:
		out.at, out.datum = geo.ToWGS84(out.at, datum), datum
	}
}

// plan is what a chunk comes to: what is new or other than what is known.
func (im *importing) plan(ctx context.Context, chunk []*row, total int) (*table.Plan, error) {
	p := &table.Plan{}
	var keys []string
	for _, r := range chunk {
		keys = append(keys, r.id)
	}
	known, err := standards.GetMany(ctx, im.store, keys)
	if err != nil {
		return nil, err
	}
	var changed []*Standard
	for _, r := range chunk {
		spot, ok := place.Spot(im.areas.Map(), r.at)
		if finding, refused := im.misplaced(r, spot, ok); refused {
			p.Findings = append(p.Findings, finding)
			continue
		}
		a, old := im.address(r, spot), known[r.id]
		if old != nil && !access.MayImportAddresses(im.actor, old.Place) {
			p.Findings = append(p.Findings, table.Fault(r.line, "code", "position", domain.T("该编码的地址在其他街道", "the address of this code lies in another street")))
			continue
		}
		switch {
		case old == nil:
			p.Added++
		case old.Address == a.Address && old.Position == a.Position && old.Place == a.Place:
			p.Unchanged++
			continue
		default:
			p.Changed++
			a.Meta = old.Meta
			a.settle()
		}
		changed = append(changed, a)
	}
	p.Written = func() {
		im.done += len(chunk)
		im.in.Progress.Tell(table.Writing, im.done, total)
	}
	if len(changed) > 0 {
		p.Write = func(ctx context.Context) error { return im.write(ctx, changed) }
	}
	return p, nil
}

// misplaced refuses a row whose position is outside what is served, what it says itself, or what the actor imports into.
func (im *importing) misplaced(r *row, spot area.Spot, served bool) (table.Finding, bool) {
	refuse := func(column string, detail domain.Text) (table.Finding, bool) {
		return table.Fault(r.line, column, "position", detail), true
	}
	if !served {
		return refuse("lon", place.Outside)
	}
	if r.area != "" {
		a, ok := im.areas.Tree().ByCode(r.area)
		if !ok {
			return refuse("area", domain.T("没有这个区划", "no such area"))
		}
		if a.Place.Street != "" && a.Place.Street != spot.Place.Street {
			return refuse("lon", domain.T("位置不在该街道", "the position is outside the street"))
		}
	}
	if !access.MayImportAddresses(im.actor, spot.Place) {
		return refuse("lon", domain.T("位置不在您的街道", "the position is outside your street"))
	}
	return table.Finding{}, false
}

func (im *importing) address(r *row, spot area.Spot) *Standard {
	a := &Standard{Meta: store.Meta{ID: r.id}, Scheme: r.scheme, Code: r.code, Address: r.address,
		Position: place.PositionAt(r.at, r.datum, nil), Place: spot.Place, UpdatedAt: im.now}
	a.Place.Cell = ""
	a.settle()
	return a
}

// write writes the addresses of a chunk, and one entry for each scheme among
// them, unless one that it was planned on has changed.
func (im *importing) write(ctx context.Context, changed []*Standard) error {
	var keys []string // of those that are there; what is not there need not be looked for again
	for _, a := range changed {
		if a.Version > 0 {
			keys = append(keys, a.ID)
		}
	}
	err := im.store.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		current, err := standards.GetMany(ctx, tx, keys)
		if err != nil {
			return err
		}
		for _, a := range changed {
			doc, known := *a, current[a.ID] // a copy: this runs several times
			switch {
			case doc.Version == 0:
				err = standards.Insert(tx, &doc)
			case known == nil || known.Version != doc.Version:
				err = table.ErrOvertaken
			default:
				err = standards.Put(tx, &doc)
			}
			if err != nil {
				return err
			}
		}
		return im.record(ctx, tx, changed)
	})
	if taken := (*store.DuplicateError)(nil); errors.As(err, &taken) { // somebody else brought it in since
		return table.ErrOvertaken
	}
	return err
}

// record says on the journal that addresses of these schemes came in.
func (im *importing) record(ctx context.Context, tx *store.Tx, changed []*Standard) error {
	counts := map[string]int{}
	var schemes []string
	for _, a := range changed {
		if counts[a.Scheme]++; counts[a.Scheme] == 1 {
			schemes = append(schemes, a.Scheme)
		}
	}
	for _, scheme := range schemes {
		e := store.Entry{At: im.now, Actor: im.actor.Name(), From: im.actor.Session, Action: "address.import", Dims: map[string]string{"addresses": strconv.Itoa(counts[scheme])}}
		l, err := lists.Get(ctx, tx, space.Of("list", scheme))
		switch {
		case errors.Is(err, store.ErrNotFound):
			l = &list{Meta: store.Meta{ID: space.Of("list", scheme), Partition: area.CityPartition}, Scheme: scheme, UpdatedAt: im.now}
			err = lists.Insert(tx, l, e)
		case err == nil:
			l.UpdatedAt = im.now
			err = lists.Put(tx, l, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
