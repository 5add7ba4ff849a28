package area

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/domain/table"
)

const head = "level,code,name,parent_code\n"

func told(findings []table.Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, f.Pointer+" "+f.Kind)
	}
	return out
}

func TestReadAreasFaults(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("级别,代码,名称,上级代码\n\n,,,\ncounty,320505,虎丘区,3205\n")
	must(t, err)
	for _, c := range []struct {
		name, file string
		rows       int
		want       []string
	}{
		{"empty", "", 0, []string{"/1 header"}},
		{"no header", "county,320505,虎丘区,3205\n", 0, []string{"/1 header", "/1 header", "/1 header", "/1 header",
			"/1/level header", "/1/code header", "/1/name header", "/1/parent_code header"}},
		{"unknown column", "level,code,name,parent_code,colour\n", 0, []string{"/1 header"}},
		{"column twice", "level,code,name,parent_code,code\n", 0, []string{"/1/code header"}},
		{"mark, spaces, other order, capitals", "\ufeffName, CODE ,level,parent_code\n虎丘区, 320505 ,county,3205\n", 1, nil},
		{"every bad row, each fault of it", head +
			"county,320505,虎丘区,3205\n" + // 2
			"town,320505001,横塘,320505\n" + // 3
			"street,32050500,,320506\n" + // 4
			"street,320505001,横塘街道,320506\n" + // 5
			"county,32O506,吴中区,3205\n" + // 6: a letter O
			"city,3205,苏州市,32\n" + // 7
			"street,320505003\n" + // 8
			"street,320505004,\"枫桥\" 街道,320505\n" + // 9
			"street,320505005,\u202e枫桥,320505\n" + // 10
			"street,320505006,枫桥街道,\n" + // 11
			"street,320505007," + strings.Repeat("长", 101) + ",320505\n", // 12
			1, []string{"/3/level level", "/4/code code", "/4/name name", "/5/parent_code parent", "/6/code code", "/7/parent_code parent",
				"/8 csv", "/9 csv", "/10/name name", "/11/parent_code code", "/12/name name"}},
		{"Chinese names, in GBK, blank rows between", gbk, 1, nil},
		{"successor", "level,code,name,parent_code,successor_code\n,320571,,,320576\n,320571400,,,320576\n,3205710,,,3205760\n,320505,x,3205,\n",
			1, []string{"/3/successor_code code", "/4/code code", "/5/level level"}},
		{"a quoted name over two lines", head + "county,320505,\"虎\n丘\",3205\ncounty,1,x,3205\n", 0, []string{"/2/name name", "/4/code code"}},
		{"a quote that never ends", head + "county,320505,虎丘区,3205\ncounty,320506,\"吴中区,3205\n", 1, []string{"/3 csv"}},
	} {
		rows, read, err := readAreas(t.Context(), strings.NewReader(c.file), table.Options{})
		must(t, err)
		report := table.Report{Findings: read.Findings}
		report.Settle()
		if got := told(report.Findings); len(rows) != c.rows || !slices.Equal(got, c.want) {
			t.Errorf("%s: %d rows, findings\n got %q\nwant %q", c.name, len(rows), got, c.want)
		}
	}
}

func TestReadAreasRowLimit(t *testing.T) {
	var file bytes.Buffer
	file.WriteString(head)
	for i := range AreaTable.Rows + 1 {
		fmt.Fprintf(&file, "community,320505003%03d,x,320505003\n", i%1000)
	}
	rows, _, err := readAreas(t.Context(), &file, table.Options{})
	if fields := invalid(t, err); rows != nil || len(fields) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
}

func FuzzReadAreas(f *testing.F) {
	f.Add([]byte(town))
	f.Add([]byte("\ufeff" + head + "street,32050500,,320506\n\"\n"))
	f.Add([]byte("level,code,name,parent_code,successor_code\n,320571,,,320576\n"))
	f.Add(suzhou(f, 2023)[:2000])
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, read, err := readAreas(t.Context(), bytes.NewReader(data), table.Options{})
		if err != nil {
			invalid(t, err)
			return
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 1
		for _, r := range rows {
			known := len(r.code) == 4 || len(r.code) == 6 || len(r.code) == 9 || len(r.code) == 12
			if !known || strings.Trim(r.code, "0123456789") != "" || r.line < 2 || r.line > lines {
				t.Fatalf("%+v", r)
			}
			if r.successor == "" && (digits[r.level] != len(r.code) || nameFault(r.name).EN != "" || !strings.HasPrefix(r.code, r.parent)) {
				t.Fatalf("%+v", r)
			}
		}
		for _, n := range read.Findings {
			if n.Line < 0 || n.Line > lines || n.Kind == "" || n.Detail.ZH == "" || n.Detail.EN == "" {
				t.Fatalf("%+v", n)
			}
		}
		// What was read can be decided about, whatever it says.
		planAreas(newTree(nil, 0, noon), rows, noon, true)
	})
}
