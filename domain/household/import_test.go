package household

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/table"
	"wangge/geo"
	"wangge/store"
)

const register1 = `小区,楼幢,单元,室,经度,纬度,坐标系,居住情况,姓名,电话,身份证号,与户主关系,标签,产权人,产权人电话
大儒巷小区,8幢,1,301,120.607,31.307,wgs84,自住,王小明,13800000001,,户主,空巢老人;党员,赵主,0512-66661234
大儒巷小区,8,1单元,0301,,,,,李红,13900000002,,妻,,,
大儒巷小区,8,,302,,,,租住,钱一,,,,,,
大儒巷小区,9,,101,120.595,31.305,wgs84,,,,,,,,
`

func (w *world) imported(who, file string, in Import) *table.Report {
	w.t.Helper()
	if in.Street == "" {
		in.Street = jia
	}
	return must(w.households.Import(w.t.Context(), w.people[who], noon, strings.NewReader(file), in))(w.t)
}

// inOneLine is a report in one line.
func inOneLine(r *table.Report) string {
	out := fmt.Sprintf("%d rows, %d refused, %d added, %d changed, %d unchanged", r.Rows, r.Refused, r.Added, r.Changed, r.Unchanged)
	for _, f := range r.Findings {
		out += fmt.Sprintf("; %d/%s %s", f.Line, f.Column, f.Kind)
		if f.Warning {
			out += " (warning)"
		}
	}
	return out
}

func TestImport(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		if got := inOneLine(w.imported("community", register1, Import{DryRun: true})); got != "4 rows, 0 refused, 3 added, 0 changed, 0 unchanged" {
			t.Errorf("dry: %s", got)
		}
		if list, _, err := w.households.List(t.Context(), w.people["admin"], noon, Filter{}); err != nil || len(list) != 0 {
			t.Errorf("a dry run wrote %d, %v", len(list), err)
		}
		if got := w.imported("community", register1, Import{}); inOneLine(got) != "4 rows, 0 refused, 3 added, 0 changed, 0 unchanged" || got.Encoding != table.UTF8 {
			t.Errorf("first: %s in %s", inOneLine(got), got.Encoding)
		}
		list, _, err := w.households.List(t.Context(), w.people["community"], noon, Filter{})
		if err != nil || len(list) != 3 {
			t.Fatal(len(list), err)
		}
		var a, b *Household // 301 and 302
		for _, h := range list {
			switch h.Address.Room {
			case "301":
				a = h
			case "302":
				b = h
			}
		}
		if len(a.Members) != 2 || a.Members[1].NameMasked != "李*" || a.Members[1].Relation != "妻" || a.Owner.PhoneMasked != "0512****1234" ||
			strings.Join(a.Marks, " ") != "occupancy:own tag:empty_nest_elder tag:party_member" {
			t.Errorf("301: %+v", a)
		}
		if b.Occupancy != Rent || b.Position != a.Position || b.Place.Cell != w.id(east) {
			t.Errorf("302 lies elsewhere than its building: %+v", b)
		}
		// The same file again, and with a byte order mark and in GB18030, changes nothing.
		head := w.st.Heads()[w.id(jia)]
		gbk := must(simplifiedchinese.GBK.NewEncoder().String(register1))(t)
		for encoding, file := range map[string]string{table.UTF8: "\ufeff" + register1, table.GB18030: gbk} {
			if got := w.imported("community", file, Import{}); inOneLine(got) != "4 rows, 0 refused, 0 added, 0 changed, 3 unchanged" || got.Encoding != encoding {
				t.Errorf("again: %s in %s", inOneLine(got), got.Encoding)
			}
		}
		// So does the same file by somebody who writes in other characters.
		other := strings.NewReplacer("小区,楼幢", "小 區,樓幢", "大儒巷小区", "大儒巷\u00a0小區", "301", "３０１\u200b室", "王小明", "王　小\u200b明", "李红", "李\u00ad紅", "自住", "自　住").Replace(register1)
		if got := w.imported("community", other, Import{}); inOneLine(got) != "4 rows, 0 refused, 0 added, 0 changed, 3 unchanged" {
			t.Errorf("in other characters: %s", inOneLine(got))
		}
		if now := w.st.Heads()[w.id(jia)]; now != head {
			t.Errorf("the journal went from %d to %d", head, now)
		}
		// Changes go in; empty cells leave things as they are; who is known is changed, who is not is added.
		const later = `estate,building,unit,room,name,phone,id_number,occupancy,tags
大儒巷小区,8,1,301,李红,,` + "%s" + `,,property_owner
大儒巷小区,8,1,301,王孙,,,,
大儒巷小区,8,1,301,王小明,13700000009,,,
大儒巷小区,8,,302,,,,own,
`
		if got := inOneLine(w.imported("manager", fmt.Sprintf(later, citizen(1)), Import{})); got != "4 rows, 0 refused, 0 added, 2 changed, 0 unchanged; 4/phone phone_changed (warning)" {
			t.Errorf("later: %s", got)
		}
		a = w.get(a.ID)
		if len(a.Members) != 3 || a.Members[0].PhoneMasked != "137****0009" || a.Members[1].IDNumberMasked == "" || a.Members[1].PhoneMasked != "139****0002" || len(a.Members[0].Tags) != 2 || w.get(b.ID).Occupancy != Own {
			t.Errorf("301: %+v", a)
		}
		// By the ID number she is known under another name too.
		if got := inOneLine(w.imported("manager", fmt.Sprintf("estate,building,unit,room,name,id_number\n大儒巷小区,8,1,301,李虹,%s\n", citizen(1)), Import{})); got != "1 rows, 0 refused, 0 added, 1 changed, 0 unchanged" {
			t.Errorf("renamed: %s", got)
		}
		if a = w.get(a.ID); len(a.Members) != 3 || a.Members[1].NameMasked != "李*" {
			t.Errorf("renamed: %+v", a.Members)
		}
	})
}

// Who is known at an address by name and comes with another phone is changed,
// never doubled; the same file again changes nothing.
func TestImportMeetsANewPhone(t *testing.T) {
	const head = "estate,building,room,lon,lat,datum,name,phone,id_number\n"
	row := func(name, phone, number string) string {
		return "甲,8,1,120.607,31.307,wgs84," + name + "," + phone + "," + number + "\n"
	}
	for name, c := range map[string]struct {
		known, file string
		want        string // of the report
		again       string
		phones      string // of the members
	}{
		"a new phone": {row("王明", "13800000001", ""), row("王明", "13800000002", ""),
			"1 changed, 0 unchanged; 2/phone phone_changed (warning)", "0 changed, 1 unchanged", "138****0002"},
		"by ID number": {row("王明", "13800000001", citizen(1)), row("王明", "13800000002", citizen(1)),
			"1 changed, 0 unchanged", "0 changed, 1 unchanged", "138****0002"},
		"an ID number that was not known": {row("王明", "13800000001", ""), row("王明", "13800000002", citizen(1)),
			"1 changed, 0 unchanged; 2/phone phone_changed (warning)", "0 changed, 1 unchanged", "138****0002"},
		"another person by ID number": {row("王明", "13800000001", citizen(1)), row("王明", "13800000002", citizen(2)),
			"1 changed, 0 unchanged", "0 changed, 1 unchanged", "138****0001 138****0002"},
		"the known one and another": {row("王明", "13800000001", ""), row("王明", "13800000002", "") + row("王明", "13800000001", ""),
			"1 changed, 0 unchanged", "0 changed, 1 unchanged", "138****0001 138****0002"},
		"two others, the one known without a phone": {row("王明", "", ""), row("王明", "13800000001", "") + row("王明", "13800000002", ""),
			"1 changed, 0 unchanged", "0 changed, 1 unchanged", "138****0001 138****0002"},
		"one of several": {row("王明", "13800000001", "") + row("王明", "13800000002", ""), row("王明", "13800000003", ""),
			"0 changed, 1 unchanged; 2/name namesakes", "0 changed, 1 unchanged; 2/name namesakes", "138****0001 138****0002"},
	} {
		w := onSQLite(t)
		w.imported("manager", head+c.known, Import{})
		for _, want := range []string{c.want, c.again} {
			if got := inOneLine(w.imported("manager", head+c.file, Import{})); !strings.HasSuffix(got, "0 added, "+want) {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
		list, _, err := w.households.List(t.Context(), w.people["manager"], noon, Filter{})
		if err != nil || len(list) != 1 {
			t.Fatal(len(list), err)
		}
		var phones []string
		for _, m := range list[0].Members {
			phones = append(phones, m.PhoneMasked)
		}
		if got := strings.Join(phones, " "); got != c.phones {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Bad rows are told of by line and column; good ones go in.
func TestImportRefusesRows(t *testing.T) {
	w := onSQLite(t)
	head := "estate,building,room,lon,lat,datum,occupancy,name,phone,id_number,tags,owner_phone\n"
	for name, c := range map[string]struct{ row, want string }{
		"no estate":          {`,8,1,120.607,31.307,wgs84,,,,,,`, "2/estate estate"},
		"no building":        {`甲,-,1,120.607,31.307,wgs84,,,,,,`, "2/building building"},
		"no position":        {`甲,8,1,,,,,,,,,`, "2/lon position"},
		"half a position":    {`甲,8,1,120.607,,wgs84,,,,,,`, "2/lat position"},
		"not a number":       {`甲,8,1,NaN,31.307,wgs84,,,,,,`, "2/lon position"},
		"swapped":            {`甲,8,1,31.307,120.607,wgs84,,,,,,`, "2/lon position"},
		"no datum":           {`甲,8,1,120.607,31.307,,,,,,,`, "2/datum datum"},
		"a datum":            {`甲,8,1,120.607,31.307,mars,,,,,,`, "2/datum datum"},
		"another street":     {`甲,8,1,120.645,31.305,wgs84,,,,,,`, "2/lon position"},
		"another community":  {`甲,8,1,120.605,31.315,wgs84,,,,,,`, "2/lon position"},
		"an occupancy":       {`甲,8,1,120.607,31.307,wgs84,蜗居,,,,,`, "2/occupancy occupancy"},
		"a phone":            {`甲,8,1,120.607,31.307,wgs84,,王,12,,,`, "2/phone phone"},
		"an owner's phone":   {`甲,8,1,120.607,31.307,wgs84,,,,,,12`, "2/owner_phone phone"},
		"an ID number":       {`甲,8,1,120.607,31.307,wgs84,,王,,32050819500101001X,,`, "2/id_number id_number"},
		"a phone of nobody":  {`甲,8,1,120.607,31.307,wgs84,,,13800000001,,,`, "2/name name"},
		"a tag":              {`甲,8,1,120.607,31.307,wgs84,,王,,,富豪;党员,`, "2/tags tag"},
		"too many columns":   {`甲,8,1,120.607,31.307,wgs84,,,,,,,`, "2/ csv"},
		"a quote":            {`甲,"8"8,1,120.607,31.307,wgs84,,,,,,`, "2/ csv"},
		"several at a time":  {`,8,1,120.607,31.307,wgs84,蜗居,王,12,,,`, "2/estate estate; 2/occupancy occupancy; 2/phone phone"},
		"a household not of": {`甲,8,1,120.707,31.307,wgs84,,,,,,`, "2/lon position"},
	} {
		got := w.imported("community", head+c.row+"\n乙,1,1,120.607,31.307,wgs84,,,,,,\n", Import{DryRun: true})
		if inOneLine(got) != "2 rows, 1 refused, 1 added, 0 changed, 0 unchanged; "+c.want {
			t.Errorf("%s: %s", name, inOneLine(got))
		}
	}
	// A line may be part of a value; lines are those of the file.
	if got := inOneLine(w.imported("community", head+"\"甲\n\",8,1,120.607,31.307,wgs84,,,,,,\n乙,,1,120.607,31.307,wgs84,,,,,,\n", Import{DryRun: true})); !strings.Contains(got, "1 added") || !strings.Contains(got, "4/building") {
		t.Errorf("over lines: %s", got)
	}
}

func TestImportWarns(t *testing.T) {
	w := onSQLite(t)
	w.create("manager", draft(north, "9")) // of another community, with 13800000001
	w.create("worker", draft(east, "8"))   // the same
	file := `estate,building,unit,room,lon,lat,name,phone,emergency_name,emergency_phone,note,id_number
甲,1,,1,120.607,31.307,王一,13800000001,,,x,
甲,1,,2,120.607,31.307,王二,13800000002,,,x,` + citizen(1) + `
甲,1,,3,120.607,31.307,王三,13800000003,急,13800000002,x,
甲,1,,3,120.595,31.305,王三,13800000003,,,x,
大儒巷小区,8幢,2,8,120.595,31.305,王小明,13800000001,,,x,
甲,1,,4,120.607,31.307,王二,,,,x,` + citizen(1) + `
`
	for _, c := range []struct {
		dry  bool
		held string // what other households have
	}{{true, ""}, {false, "2/phone phone_in_use (warning); "}} {
		want := "6 rows, 0 refused, 4 added, 0 changed, 1 unchanged; 1/ column (warning); " + c.held + "4/emergency_phone phone_in_use (warning); " +
			"5/lon position (warning); 5/name repeated (warning); 6/lon position (warning); 7/id_number id_number_in_use (warning)"
		if got := inOneLine(w.imported("community", file, Import{Datum: geo.WGS84, DryRun: c.dry})); got != want {
			t.Errorf("dry run %v: %s\nwant\n%s", c.dry, got, want)
		}
	}
}

// The first file of a street warns of what is in it twice, the next of what the first brought.
func TestFirstImportWarns(t *testing.T) {
	w := onSQLite(t)
	head := "estate,building,lon,lat,name,phone\n"
	for i, c := range []struct{ file, want string }{
		{"甲,1,120.607,31.307,王一,13800000001\n甲,2,120.607,31.307,王二,13800000001\n甲,3,120.607,31.307,王三,13800000003\n",
			"3 rows, 0 refused, 3 added, 0 changed, 0 unchanged; 3/phone phone_in_use (warning)"},
		{"乙,1,120.607,31.307,王四,13800000003\n", "1 rows, 0 refused, 1 added, 0 changed, 0 unchanged; 2/phone phone_in_use (warning)"},
	} {
		got := w.imported("manager", head+c.file, Import{Datum: geo.WGS84})
		got.Findings = slices.DeleteFunc(got.Findings, func(f table.Finding) bool { return f.Kind != "phone_in_use" })
		if inOneLine(got) != c.want {
			t.Errorf("file %d: %s\nwant %s", i+1, inOneLine(got), c.want)
		}
	}
}

// Numbers that more households share than can be asked for at once are warned of all the same.
func TestImportWarnsOfNumbersOfMany(t *testing.T) {
	w := onSQLite(t)
	must(0, w.st.Update(t.Context(), []string{w.id(jia)}, func(tx *store.Tx) error {
		for i := range store.MaxSorted + 100 {
			h := Household{Meta: store.Meta{ID: fmt.Sprint("h", i), Partition: w.id(jia)}, Place: access.Place{Street: w.id(jia)}, Emergency: &Person{ID: fmt.Sprint("p", i), PhoneIndex: fmt.Sprintf("%016d", i%2)}}
			if err := collection.Insert(tx, &h, entry(program, noon, "create")); err != nil {
				return err
			}
		}
		return nil
	}))(t)
	im := &importing{Households: w.households, actor: program, streets: []string{w.id(jia)}}
	both := []string{phoneGram(fmt.Sprintf("%016d", 0)), phoneGram(fmt.Sprintf("%016d", 1))}
	found, err := im.findByNumbers(t.Context(), both)
	if err != nil || len(found) != store.MaxSorted+100 {
		t.Errorf("%d households, %v", len(found), err)
	}
}

// Who has as many members or tags as a household can have gets no more.
func TestImportIsBounded(t *testing.T) {
	w := onSQLite(t)
	file := "estate,building,lon,lat,datum,name,tags\n"
	for i := range membersMost + 1 {
		file += fmt.Sprintf("甲,1,120.607,31.307,wgs84,客%d,\n", i)
	}
	for i := range tagsMost - 1 {
		must(w.households.DefineTag(t.Context(), w.people["manager"], noon, jia, 0, TagDefinition{Code: fmt.Sprintf("tag_%d", i), Name: domain.T("标签", "tag")}))(t)
		file += fmt.Sprintf("乙,1,120.607,31.307,wgs84,王,tag_%d\n", i)
	}
	file += "乙,1,120.607,31.307,wgs84,王,party_member;property_owner\n"
	got := w.imported("manager", file, Import{})
	got.Findings = slices.DeleteFunc(got.Findings, func(f table.Finding) bool { return f.Kind == "repeated" })
	if inOneLine(got) != "51 rows, 1 refused, 2 added, 0 changed, 0 unchanged; 32/ members; 33/tags tag (warning)" {
		t.Errorf("%s", inOneLine(got))
	}
}

// What was planned on a household that changed meanwhile is planned anew.
func TestImportMeetsAChange(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.create("worker", draft(east, "1"))
		file := "estate,building,unit,room,occupancy\n大儒巷小区,8,2,1,rent\n"
		im := must(w.households.begin(t.Context(), w.people["manager"], noon, strings.NewReader(file), Import{Street: jia}))(t)
		if err := im.locate(t.Context()); err != nil {
			t.Fatal(err)
		}
		planned := must(im.chunk(t.Context(), im.read.registers))(t)
		if _, _, err := w.households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, MemberInput{PersonInput: PersonInput{Name: str("李红")}}); err != nil {
			t.Fatal(err)
		}
		if err := planned.Write(t.Context()); !errors.Is(err, table.ErrOvertaken) {
			t.Errorf("written: %v", err)
		}
		plans := 0
		must(0, table.Apply(t.Context(), im.report, im.read.registers, importChunk, w.households.areas.Refresh, func(ctx context.Context, registers []*register) (*table.Plan, error) {
			if plans++; plans == 1 {
				return planned, nil
			}
			return im.chunk(ctx, registers)
		}))(t)
		if inOneLine(im.report) != "1 rows, 0 refused, 0 added, 1 changed, 0 unchanged" {
			t.Error(inOneLine(im.report))
		}
		if h = w.get(h.ID); h.Occupancy != Rent || len(h.Members) != 2 {
			t.Errorf("%+v", h)
		}
	})
}

// Two imports of one file at once, on two nodes, bring each household once.
func TestImportsAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		file := bigRegister(300)
		ends := make(chan error)
		for _, n := range []*node{w.node, w.join(store.Options{Rehearse: true})} {
			go func() {
				_, err := n.households.Import(t.Context(), w.people["manager"], noon, strings.NewReader(file), Import{Street: jia})
				ends <- err
			}()
		}
		for range 2 {
			if err := <-ends; err != nil && !errors.Is(err, domain.ErrBusy) {
				t.Error(err)
			}
		}
		w.imported("manager", file, Import{}) // whoever lost goes on
		seen := map[string]int{}
		for cursor := ""; ; {
			list, next, err := w.households.List(t.Context(), w.people["manager"], noon, Filter{Limit: 100, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range list {
				seen[h.AddressKey]++
				if len(h.Members) != 2 {
					t.Errorf("%s has %d members", h.AddressKey, len(h.Members))
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(seen) != 150 {
			t.Errorf("%d households", len(seen))
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("%s is there %d times", key, n)
			}
		}
	})
}

// bigRegister has two rows for each household, twelve dwellings to a building, over three cells.
func bigRegister(rows int) string {
	var out strings.Builder
	out.WriteString("estate,building,room,lon,lat,datum,occupancy,name,phone,id_number,relation,tags\n")
	surnames, names := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"), []rune("明红强芳伟静磊洋勇艳杰涛超霞平刚")
	for i := range rows {
		h := i / 2
		p := at[[]string{east, west, north}[h/12%3]]
		fmt.Fprintf(&out, "平江新村,%d,%d,%.6f,%.6f,wgs84,own,%c%c%c,139%08d,,%s,%s\n", h/12+1, 100*(h%12/2+1)+h%2+1, p[0], p[1],
			surnames[i%20], names[i/20%16], names[i/320%16], i, []string{"户主", "配偶"}[i%2], []string{"", "property_owner", "", "empty_nest_elder"}[i%4])
	}
	return out.String()
}

func BenchmarkImport(b *testing.B) { // 10,000 rows, 5,000 households; then the same again
	for b.Loop() {
		b.StopTimer()
		w := benchWorld(b)
		file := bigRegister(10_000)
		b.StartTimer()
		for _, what := range []string{"first", "again"} {
			start := time.Now()
			report, err := w.households.Import(context.Background(), program, noon, strings.NewReader(file), Import{Street: jia})
			if err != nil || report.Refused > 0 || report.Added+report.Unchanged != 5_000 {
				b.Fatal(inOneLine(report), err)
			}
			b.ReportMetric(time.Since(start).Seconds(), what+"-s")
		}
	}
}
