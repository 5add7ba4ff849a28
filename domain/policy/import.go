package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/clocks"
	"wangge/domain/fold"
	"wangge/domain/once"
	"wangge/domain/table"
	"wangge/store"
)

// Table is the catalogue as the trade writes it: a row is a condition of a
// category; a blank cell is as that above it.
var Table = table.Declaration{
	Bytes: 2 << 20, Rows: 1_000,
	Columns: []table.Column{
		{Name: "group_code", Also: []string{"大类代码", "大类编码"}, Needed: true, Digits: true},
		{Name: "group_name", Also: []string{"大类名称"}, Needed: true},
		{Name: "code", Also: []string{"小类代码", "小类编码"}, Needed: true, Digits: true},
		{Name: "name", Also: []string{"小类名称"}, Needed: true},
		{Name: "assignee", Also: []string{"处置单位"}},
		{Name: "department", Also: []string{"主管部门"}},
		{Name: "condition", Also: []string{"立案条件", "立案标准"}, Needed: true},
		{Name: "closing", Also: []string{"结案条件", "结案标准"}},
		{Name: "term", Also: []string{"处置时限"}, Needed: true},
	},
}

// Import asks for a catalogue to be taken into the draft.
type Import struct {
	table.Options
	DryRun bool
}

// Import takes a catalogue into the draft of an area, which is begun from what
// was decided last where there is none. What the file does not name stays as it
// is; of what it names, all that it does not say. With a fault nothing is
// done, and unless it is a dry run the error is the InvalidError of all findings.
// The report counts groups, categories and conditions; the same file again changes
// nothing. Errors: those of Draft but for the draft's, InvalidError, ConflictError
// "outdated_draft" when something was decided since the draft was written.
func (s *Policies) Import(ctx context.Context, actor access.Actor, now time.Time, code string, file io.Reader, in Import) (*table.Report, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	t, err := Table.Read(ctx, file, in.Options)
	if err != nil {
		return nil, err
	}
	report := &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count, Findings: t.Findings}
	if err := t.HeaderErr(); err != nil {
		return report, err
	}
	organisations, err := s.organisationsByName(ctx, actor, a)
	if err != nil {
		return nil, err
	}
	rows := readRows(t, report, organisations)
	if err := report.Conclude(); err != nil || report.Failed() {
		return report, err
	}
	take := func(r store.Reader) (*taken, error) {
		im, err := s.begun(ctx, r, now, a)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			im.take(row)
		}
		report.Counts = im.counts()
		return im, im.content.readable()
	}
	if in.DryRun {
		_, err := take(s.st)
		return report, err
	}
	return report, s.st.Update(ctx, []string{partition(a)}, func(tx *store.Tx) error {
		im, err := take(tx)
		if err != nil {
			return err
		}
		if err := once.Report(ctx, *report); err != nil || report.Added+report.Changed == 0 {
			return err
		}
		d, err := draftAt(ctx, tx, a, 0)
		if err != nil {
			return err
		}
		d.Base, d.By, d.At, d.Content = im.base, actor.Name(), now, im.content
		if e := entry(actor, now, "draft"); d.Version == 0 {
			return drafts.Insert(tx, d, e)
		} else {
			return drafts.Put(tx, d, e)
		}
	})
}

// taken is a draft that a file is taken into.
type taken struct {
	base    int64
	below   Content // of all parts, the draft's too, before the file
	content Content // of the draft
	fate    map[string]fate
}

// fate of an entry that a file names.
type fate int

const (
	unchanged fate = iota
	changed
	added
)

// begun is the draft of an area, or what it decided last, over what lies below.
func (s *Policies) begun(ctx context.Context, r store.Reader, now time.Time, a *area.Area) (*taken, error) {
	own, err := s.decisions(ctx, r, a)
	if err != nil {
		return nil, err
	}
	im := &taken{base: last(own), fate: map[string]fate{}}
	d, err := drafts.Get(ctx, r, a.ID)
	switch {
	case err == nil && d.Base != im.base:
		return nil, errOutdated
	case err == nil:
		im.content = d.Content.clone()
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	case len(own) > 0:
		im.content = latest(own).Content.clone()
	}
	below := []part{basis()}
	if a.Level != access.City {
		city, err := s.history(ctx, r, a.Place.City)
		if err != nil {
			return nil, err
		}
		below = append(below, inForce(city, now).part(FromCity, ""))
	}
	im.below = merge(append(below, part{FromStreet, a.Code, 0, im.content})...).Content
	for i := range im.below.Categories {
		im.below.Categories[i].Conditions = nil
	}
	return im, nil
}

// organisationsByName are those in use that work in the area; several of one name are none.
func (s *Policies) organisationsByName(ctx context.Context, actor access.Actor, a *area.Area) (map[string]string, error) {
	active, out := true, map[string]string{}
	q := area.OrganisationQuery{Active: &active, Limit: 200}
	if a.Level == access.Street {
		q.Street = a.Code
	}
	for {
		page, next, err := s.areas.ListOrganisations(ctx, actor, q)
		if err != nil {
			return nil, err
		}
		for _, o := range page {
			name := fold.Name(o.Name)
			if _, twice := out[name]; twice {
				out[name] = ""
			} else if a.Level == access.Street || o.Place.Street == "" {
				out[name] = o.ID
			}
		}
		if q.Cursor = next; next == "" {
			return out, nil
		}
	}
}

// change changes an entry that the file names, as all parts have it, and puts
// it into the draft; one that stays as it is only where it is there already.
func change[E any, P item[E]](im *taken, list *[]E, below []E, fresh E, fn func(e *E, fresh bool)) {
	e, had := fresh, false
	for _, known := range [][]E{below, *list} {
		if i := index[E, P](known, P(&fresh).key()); i >= 0 {
			e, had = known[i], true
		}
	}
	P(&e).mark().Origin = ""
	was, key := e, fmt.Sprintf("%T %s", fresh, P(&fresh).key())
	fn(&e, !had || im.fate[key] == added)
	switch {
	case !had:
		im.fate[key] = added
	case reflect.DeepEqual(was, e):
		im.fate[key] = max(im.fate[key], unchanged)
		return
	default:
		im.fate[key] = max(im.fate[key], changed)
	}
	set[E, P](list, e)
}

func (im *taken) counts() (c table.Counts) {
	for _, f := range im.fate {
		switch f {
		case added:
			c.Added++
		case changed:
			c.Changed++
		case unchanged:
			c.Unchanged++
		}
	}
	return c
}

// take takes a row: what it says of its group, its category and its condition.
func (im *taken) take(row catalogueRow) {
	change(im, &im.content.Groups, im.below.Groups, Group{Code: row.group}, func(g *Group, _ bool) { rename(&g.Name, row.groupName) })
	change(im, &im.content.Categories, im.below.Categories, Category{Code: row.category}, func(c *Category, fresh bool) {
		rename(&c.Name, row.name)
		c.Parent = row.group
		if fresh {
			c.Days = max(c.Days, promised(row.term))
		}
	})
	code, first := im.conditionCode(row)
	change(im, &im.content.Conditions, im.below.Conditions, Condition{Category: row.category, Code: code}, func(x *Condition, fresh bool) {
		if fresh {
			x.Urgency, x.Default, x.Days = "normal", first, promised(row.term)
		}
		rename(&x.Name, row.condition)
		x.Retired, x.Heir = false, ""
		if timed(x.Terms, clocks.Handle) != row.term {
			x.Terms = append(slices.DeleteFunc(slices.Clone(x.Terms), func(t Timed) bool { return t.Clock == clocks.Handle }), Timed{clocks.Handle, row.term})
		}
		x.Assignee, x.Department = cmp.Or(row.assignee, x.Assignee), cmp.Or(row.department, x.Department)
		x.Closing = closings(x.Closing, row.closing)
	})
}

// conditionCode is the code of the condition of that name, or else a new one;
// first tells that its category has no default in use yet.
func (im *taken) conditionCode(row catalogueRow) (code string, first bool) {
	first, used, name := true, map[string]bool{}, fold.Name(row.condition)
	for _, list := range [][]Condition{im.content.Conditions, im.below.Conditions} {
		for _, x := range list {
			if x.Category != row.category {
				continue
			}
			used[x.Code] = true
			first = first && (!x.Default || x.Retired)
			if code == "" && fold.Name(x.Name.ZH) == name {
				code = x.Code
			}
		}
	}
	for n := 1; code == ""; n++ {
		if next := fmt.Sprintf("c%d", n); !used[next] {
			code = next
		}
	}
	return code, first
}

// closings are the items of these names, with the codes that they have; of no names those there are.
func closings(were []Item, names []string) []Item {
	if len(names) == 0 {
		return were
	}
	var out []Item
	for _, name := range names {
		i := slices.IndexFunc(were, func(x Item) bool { return fold.Name(x.Name.ZH) == fold.Name(name) })
		if i >= 0 {
			out = append(out, were[i])
			continue
		}
		n, code := 1, "k1"
		for has := func(x Item) bool { return x.Code == code }; slices.ContainsFunc(were, has) || slices.ContainsFunc(out, has); n++ {
			code = fmt.Sprintf("k%d", n)
		}
		out = append(out, Item{code, domain.T(name, name)})
	}
	return out
}

// rename gives an entry the name of the file, which is the trade's Chinese; one that has it keeps its English.
func rename(t *domain.Text, name string) {
	if t.ZH != name {
		*t = domain.T(name, name)
	}
}

// promised are the days of the promise for a term of handling: as many days of
// the calendar, and some for accepting, dispatching and verifying.
func promised(t clocks.Term) int {
	up := func(n, of int) int { return (n + of - 1) / of }
	n := t.Count
	switch t.Unit {
	case clocks.Minute:
		return min(up(n, 60*24)+1, daysMost)
	case clocks.Hour:
		return min(up(n, 24)+1, daysMost)
	case clocks.WorkingHour:
		n = up(n, 7)
		n += 2 * up(n, 5)
	case clocks.WorkingDay:
		n += 2 * up(n, 5)
	}
	return min(n+3, daysMost)
}
