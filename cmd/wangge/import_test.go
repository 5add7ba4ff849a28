package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/domain/worldtest"
)

// A city comes in by the command line: its areas, its cells, and its addresses, which again change nothing.
func TestImportOfAddresses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bring := func(what, path string, flags ...string) (string, string) {
		t.Helper()
		var out, errout bytes.Buffer
		args := append([]string{"import", what, path, "--data", filepath.Join(dir, "data")}, flags...)
		if err := run(t.Context(), args, nil, &out, &errout); err != nil {
			t.Fatalf("%s: %v\n%s%s", what, err, out.String(), errout.String())
		}
		return out.String(), errout.String()
	}
	bring("areas", write("areas.csv", worldtest.Areas))
	bring("cells", write("cells.geojson", string(worldtest.CellFile(worldtest.Cells...))))
	doors := write("doors.csv", "code,estate,building,lon,lat\nA1,大儒巷,8,120.607,31.307\nA2,大儒巷,9,122.5,31\n")
	for _, c := range []struct{ flag, want string }{
		{"--dry-run", "would import: 1 added, 0 changed, 0 unchanged, 1 rows refused\n"}, {"--log-level=info", "imported: 1 added, 0 changed, 0 unchanged, 1 rows refused\n"},
		{"--log-level=info", "imported: 0 added, 0 changed, 1 unchanged, 1 rows refused\n"},
	} {
		out, told := bring("addresses", doors, "--scheme", "suzhou", c.flag)
		if !strings.HasSuffix(out, c.want) || !strings.Contains(out, "/3/lon") || !strings.Contains(told, "writing: 2 of 2 addresses") {
			t.Errorf("%s: %s%s", c.flag, out, told)
		}
	}
}
