package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlagWinsOverEnvironmentWinsOverDefault(t *testing.T) {
	env := map[string]string{"WANGGE_LISTEN": "127.0.0.1:1", "WANGGE_DRAIN": "3s", "WANGGE_DEMO": "true", "WANGGE_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16"}
	c, rest, err := configure("serve", []string{"--listen", "127.0.0.1:2", "--log-format=json", "--public-url", "https://grid.example.org/wangge/"}, func(k string) string { return env[k] }, &bytes.Buffer{})
	if err != nil || len(rest) > 0 {
		t.Fatalf("%v, rest %q", err, rest)
	}
	if c.listen != "127.0.0.1:2" || c.drain != 3*time.Second || !c.demo || !c.logJSON || c.data != "data" || c.publicURL != "https://grid.example.org/wangge" || !slices.Equal(c.proxies, []string{"10.0.0.1", "10.1.0.0/16"}) {
		t.Errorf("%+v", c)
	}
}

func TestFlagsMayFollowWords(t *testing.T) {
	c, rest, err := configure("import", []string{"cells", "--datum", "gcj02", "file.geojson", "--dry-run"}, func(string) string { return "" }, &bytes.Buffer{})
	if err != nil || !slices.Equal(rest, []string{"cells", "file.geojson"}) || c.datum != "gcj02" || !c.dryRun {
		t.Errorf("%v %q %+v", err, rest, c)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, c := range []struct {
		command, want string
		args          []string
		env           map[string]string
	}{
		{"serve", "-drain", []string{"--drain", "soon"}, nil},
		{"serve", "WANGGE_LOG_LEVEL", nil, map[string]string{"WANGGE_LOG_LEVEL": "loud"}},
		{"serve", "-datum", []string{"--datum", "wgs84"}, nil}, // belongs to import
		{"import", "-tolerance", []string{"--tolerance", "much"}, nil},
		{"serve", "-public-url", []string{"--public-url", "grid.example.org"}, nil},
		{"serve", "-public-url", []string{"--public-url", "https://somebody@grid.example.org"}, nil},
		{"serve", "-public-url", []string{"--public-url", "https://grid.example.org/?from=here"}, nil},
		{"serve", "WANGGE_PUBLIC_URL", nil, map[string]string{"WANGGE_PUBLIC_URL": "file:///srv/www"}},
		{"serve", "WANGGE_DEMO", nil, map[string]string{"WANGGE_DEMO": "perhaps"}},
	} {
		_, _, err := configure(c.command, c.args, func(k string) string { return c.env[k] }, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q %v: %v, want it to name %s", c.command, c.args, c.env, err, c.want)
		}
	}
}

// TestEverySettingIsDocumented holds help, the README's table and the code together.
func TestEverySettingIsDocumented(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"help"}, func(string) string { return "" }, &out, &out); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"WANGGE_TEST_MONGODB": true} // of the tests
	for _, s := range settings {
		known[s.env] = true
		fallback := s.fallback
		if fallback == "" {
			fallback = "–"
		} else {
			fallback = "`" + fallback + "`"
		}
		flag := "–"
		if s.flag != "" {
			flag = "`--" + s.flag + "`"
		}
		row := "| " + flag + " | `" + s.env + "` | " + fallback + " | " + s.help + " |"
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
		if !strings.Contains(out.String(), s.env) || !strings.Contains(out.String(), s.help) {
			t.Errorf("help does not tell of %s", s.env)
		}
	}
	for _, name := range regexp.MustCompile(`WANGGE_[A-Z_]+`).FindAllString(string(readme)+sources(t), -1) {
		if !known[name] {
			t.Errorf("%s is no setting", name)
		}
	}
}

// sources is the program's own code, tests left out.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			b, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	return all.String()
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // of the output, or of the error
		fail bool
	}{
		{nil, "wangge serve", false},
		{[]string{"--help"}, "wangge import", false},
		{[]string{"version"}, "wangge", false},
		{[]string{"fly"}, `unknown command "fly"`, true},
		{[]string{"import", "cells"}, "usage:", true},
		{[]string{"import", "cells", "no-such-file"}, "no such file", true},
		{[]string{"rotate", "everything"}, "usage:", true},
		{[]string{"rotate", "tokens", "--data", t.TempDir()}, "has a new current key", false},
		{[]string{"rotate", "personal", "--data", t.TempDir()}, "has a new current key", false},
		{[]string{"serve", "now"}, "no arguments", true},
	} {
		var out bytes.Buffer
		err := run(t.Context(), c.args, func(string) string { return "" }, &out, &bytes.Buffer{})
		text := out.String()
		if err != nil {
			text = err.Error()
		}
		if (err != nil) != c.fail || !strings.Contains(text, c.want) {
			t.Errorf("wangge %q: %q (%v)", c.args, text, err)
		}
	}
}
