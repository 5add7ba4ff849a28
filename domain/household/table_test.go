package household

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wangge/domain"
	"wangge/domain/table"
)

func TestImportRefusesFiles(t *testing.T) {
	w := onSQLite(t)
	gbk := must(simplifiedchinese.GBK.NewEncoder().String(register1))(t)
	lines := strings.SplitAfter(register1, "\n")
	for name, c := range map[string]struct{ file, want string }{
		"nothing":                 {"", "/1"},
		"no header":               {"甲,乙,丙\n", "/1/estate /1/building"},
		"a column twice":          {"estate,小区,building\n", "/1/estate"},
		"broken UTF-8":            {lines[0] + lines[1] + "大儒\xff巷,8,,,,,,,,,,,,,\n" + lines[2], "/3"},
		"broken UTF-8, marked":    {"\ufeff" + lines[0] + "\xc4\xe3,8,,,,,,,,,,,,,\n", "/2"},
		"broken GBK":              {gbk + "\xc4\xe3\xff,8,,,,,,,,,,,,,\n", "/6"},
		"neither, in two lines":   {gbk + "\xff\xff\n" + gbk + "\xff\n", "/6 /12"},
		"more rows than it takes": {"estate,building\n" + strings.Repeat("甲,1\n", Table.Rows+1), ""},
	} {
		_, err := w.households.Import(t.Context(), w.people["manager"], noon, strings.NewReader(c.file), Import{Street: jia})
		if bad := (*domain.InvalidError)(nil); !errors.As(err, &bad) || pointers(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for who, want := range map[string]error{"worker": domain.ErrForbidden, "lead": domain.ErrForbidden, "dispatcher": domain.ErrForbidden, "resident": domain.ErrForbidden, "other manager": domain.ErrNotFound} {
		if _, err := w.households.Import(t.Context(), w.people[who], noon, strings.NewReader(register1), Import{Street: jia}); !errors.Is(err, want) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, err := w.households.Import(t.Context(), w.people["admin"], noon, strings.NewReader(register1), Import{Street: "999"}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("no street: %v", err)
	}
}

// No file makes the reader panic, and what it says of lines is within the file.
func FuzzReadTable(f *testing.F) {
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String(register1)
	for _, seed := range []string{register1, gbk, "\ufeff" + register1, "estate,building\n\"a\n", "小区,楼幢\r\n,\r\n", "\xff\xfe", "estate,building,lon,lat,datum\na,b,1e999,-0,bd09\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := Table.Read(t.Context(), strings.NewReader(string(file)), table.Options{})
		if bad := (*domain.InvalidError)(nil); err != nil {
			if !errors.As(err, &bad) {
				t.Fatal(err)
			}
			return
		}
		lines := strings.Count(string(file), "\n") + strings.Count(string(file), "\r") + 1
		r := &reading{Table: read, known: BuiltIn, now: noon, byKey: map[string]*register{}}
		for _, rec := range read.Rows {
			r.row(rec)
		}
		for _, x := range r.Findings {
			if x.Line < 1 || x.Line > lines || x.Detail == (domain.Text{}) {
				t.Fatalf("%+v in %d lines", x, lines)
			}
		}
		keys := map[string]bool{}
		for _, reg := range r.registers {
			if keys[reg.address.key()] || slices.ContainsFunc(reg.members, func(m registered) bool { return m.name == nil }) {
				t.Fatalf("%+v", reg)
			}
			keys[reg.address.key()] = true
		}
	})
}
