package policy

import (
	"slices"
	"strings"
	"testing"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/clocks"
	"wangge/domain/table"
	"wangge/domain/table/xlsx/xlsxtest"
)

// header is that of the trade's tables.
const header = "大类代码,大类名称,小类代码,小类名称,处置单位,主管部门,立案条件,结案条件,处置时限\n"

// specimen is a table as cities publish it: what is the same as above is blank.
const specimen = header + `02,公共设施,0201,井盖,市政养护所,城管委,井盖缺失或破损,"1.井盖复位完好
2.周边无安全隐患",2紧急工作时
,,,,,,井盖有异响,异响消除,2工作日
,,02,路灯,,,路灯不亮,路灯恢复照明,15天
01,市容环境,parking,停车,,,占用消防通道,通道畅通,4小时
`

func (w *world) take(who, code, file string, dry bool) (*table.Report, error) {
	w.t.Helper()
	return w.policies.Import(w.t.Context(), w.people[who], noon, code, strings.NewReader(file), Import{DryRun: dry})
}

// found are the findings of a report: line, column and kind.
func found(r *table.Report, faults bool) (out []string) {
	for _, f := range r.Findings {
		if f.Warning != faults {
			out = append(out, strings.TrimPrefix(f.Pointer, "/")+" "+f.Kind)
		}
	}
	return out
}

// The trade's table goes into the draft: blank cells are as above, several
// conditions of a category are several rows, terms are read by their units, the same again changes nothing.
func TestImportOfACatalogue(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, manager := t.Context(), w.people["manager"]
		care := must(w.areas.CreateOrganisation(ctx, access.Program, noon, area.NewOrganisation{Name: "市政养护所", Kind: area.OrganisationKinds[0], Street: jia}))(t)
		dry := must(w.take("manager", jia, specimen, true))(t)
		if _, err := w.policies.Draft(ctx, manager, jia); err == nil || dry.Added != 8 || dry.Changed != 1 || dry.Rows != 4 || !slices.Equal(found(dry, false), []string{"2/department organisation"}) {
			t.Errorf("a dry run: %+v, %v", dry, err)
		}
		must(w.take("manager", jia, specimen, false))(t)
		d := must(w.policies.Draft(ctx, manager, jia))(t)
		if left := must(w.policies.Check(ctx, manager, noon, jia, d.Content))(t); len(left) > 0 {
			t.Errorf("findings %v", left)
		}
		again := must(w.take("manager", jia, specimen, false))(t)
		if now := must(w.policies.Draft(ctx, manager, jia))(t); now.Version != d.Version || again.Unchanged != 9 || again.Added+again.Changed != 0 {
			t.Errorf("again: %+v, version %d after %d", again, now.Version, d.Version)
		}
		must(w.policies.Publish(ctx, manager, noon, jia, d.Version, Publishing{From: "2026-11-23", Why: "会议决定"}))(t)
		p := w.policies.At(w.street(jia), noon)
		for _, c := range []struct {
			category, condition string
			want                clocks.Term
			closing             int
		}{
			{"c0201", "c1", clocks.Term{Count: 2, Unit: clocks.Hour}, 2}, {"c0201", "c2", clocks.Term{Count: 2, Unit: clocks.WorkingDay}, 1},
			{"c0202", "c1", clocks.Term{Count: 15, Unit: clocks.Day}, 1}, {"parking", "c1", clocks.Term{Count: 4, Unit: clocks.WorkingHour}, 1}, {"parking", "general", clocks.Term{Count: 7, Unit: clocks.Day}, 0},
		} {
			h := p.Handling(c.category, c.condition)
			if got := p.TermOf(clocks.Handle, c.category, c.condition); got != c.want || len(h.Closing) != c.closing || strings.HasPrefix(c.category, "c02") && h.Assignee != care.ID {
				t.Errorf("%s/%s: %+v, %+v", c.category, c.condition, got, h)
			}
		}
		covers, _ := p.Category("c0201")
		if g, _ := p.GroupOf(covers); g.Name.ZH != "公共设施" || covers.Days != 7 || len(covers.Conditions) != 2 || !covers.Conditions[0].Default || covers.Conditions[0].Closing[0].Name.ZH != "井盖复位完好" {
			t.Errorf("%+v", covers)
		}
		if parking, _ := p.Category("parking"); parking.Parent != "c01" || parking.Days != 7 || parking.Name != domain.T("停车", "Parking") {
			t.Errorf("%+v", parking)
		}
		edited := strings.Replace(specimen, "路灯恢复照明", "照明恢复", 1)
		if r := must(w.take("manager", jia, edited, false))(t); r.Changed != 1 || r.Unchanged != 8 {
			t.Errorf("edited: %+v", r)
		}
	})
}

// What cannot be read is listed by row and column, and nothing is taken in.
func TestImportOfABadCatalogue(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		first := "02,公共设施,0201,井盖,,,缺失,复位,2紧急工作时\n"
		for want, rows := range map[string]string{
			"3/term term":            first + ",,,,,,异响,,尽快\n",
			"2/term missing":         "02,公共设施,0201,井盖,,,缺失,复位,\n",
			"2/term term":            "02,公共设施,0201,井盖,,,缺失,复位,2\n",
			"3/name missing":         first + ",,0202,,,,不亮,,1天\n",
			"3/code missing":         first + "03,其他,,,,,不亮,,1天\n",
			"3/condition duplicate":  first + ",,,,,,缺失,,3天\n",
			"3/code duplicate":       first + ",,0201,井,,,异响,,3天\n",
			"3/group_name duplicate": first + "02,别的,0202,灯,,,异响,,3天\n",
			"2/code code":            "02,公共设施,井-1,井盖,,,缺失,复位,1天\n",
			"2/name length":          "02,公共设施,0201," + strings.Repeat("井", 41) + ",,,缺失,复位,1天\n",
			"2/condition missing":    "02,公共设施,0201,井盖,,,,复位,1天\n",
		} {
			r, err := w.take("manager", jia, header+rows, true)
			if err != nil || !slices.Equal(found(r, true), []string{want}) {
				t.Errorf("%s: %v, %v", want, found(r, true), err)
				continue
			}
			if _, err := w.take("manager", jia, header+rows, false); !slices.Equal(pointers(err), []string{"/" + strings.Fields(want)[0]}) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if _, err := w.take("manager", jia, "小类代码,小类名称\n0201,井盖\n", false); len(pointers(err)) != 4 {
			t.Errorf("without the other columns: %v", err)
		}
		if _, err := w.policies.Draft(t.Context(), w.people["manager"], jia); err == nil {
			t.Error("something was taken in")
		}
		for who, want := range map[string]error{"counter": domain.ErrForbidden, "other manager": domain.ErrNotFound} {
			if _, err := w.take(who, jia, specimen, true); err != want {
				t.Errorf("%s: %v", who, err)
			}
		}
		w.published("manager", jia, noon, "2026-11-23", dogs)
		must(w.policies.SetDraft(t.Context(), w.people["manager"], noon, jia, 0, dogs))(t)
		w.publishedTag()
		if _, err := w.take("manager", jia, specimen, false); conflict(err) != "outdated_draft" {
			t.Errorf("a draft that something was decided after: %v", err)
		}
	})
}

// publishedTag decides something beside the draft.
func (w *world) publishedTag() {
	w.t.Helper()
	street := must(w.policies.decided(w.t.Context(), w.people["manager"], jia))(w.t)
	must(w.policies.Amend(w.t.Context(), w.people["manager"], noon, street, "tag", func(*Policy) error { return nil }, func(_ *Policy, c *Content) {
		c.SetTag(Tag{Code: "lives_alone", Name: domain.T("独居", "Alone")})
	}))(w.t)
}

// A workbook is taken as the text is; one that unpacks to more than it may is refused.
func TestImportOfACatalogueAsAWorkbook(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		names := strings.Split(strings.TrimSpace(header), ",")
		row := `<row r="2"><c r="A2" t="str"><v>02</v></c><c r="B2" t="str"><v>公共设施</v></c><c r="C2" t="str"><v>0201</v></c><c r="D2" t="str"><v>井盖</v></c><c r="G2" t="str"><v>缺失</v></c><c r="I2" t="str"><v>2紧急工作时</v></c></row>` +
			`<row r="3"><c r="G3" t="str"><v>异响</v></c><c r="I3" t="str"><v>2工作日</v></c></row>`
		r := must(w.take("manager", jia, string(xlsxtest.Book{Rows: xlsxtest.Header(names...) + row}.File(t)), false))(t)
		if r.Encoding != table.XLSX || r.Added != 4 || r.Rows != 2 {
			t.Errorf("%+v", r)
		}
		bomb := xlsxtest.Book{Rows: xlsxtest.Header(names...) + "<x>" + strings.Repeat(" ", 65<<20) + "</x>"}.File(t)
		if _, err := w.take("manager", jia, string(bomb), false); len(pointers(err)) != 1 || len(bomb) > Table.Bytes {
			t.Errorf("%d bytes that unpack to 65 MB: %v", len(bomb), err)
		}
	})
}
