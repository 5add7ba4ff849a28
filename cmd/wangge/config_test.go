package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/personal"
	"wangge/geo"
	"wangge/handlers/auth"
)

func TestFlagWinsOverEnvironmentWinsOverDefault(t *testing.T) {
	env := []string{"WANGGE_LISTEN=127.0.0.1:1", "WANGGE_DRAIN=3s", "WANGGE_DEMO=true", "WANGGE_TRUSTED_PROXIES=10.0.0.1, 10.1.0.0/16"}
	c, rest, err := configure("serve", []string{"--listen", "127.0.0.1:2", "--log-format=json", "--public-url", "https://grid.example.org/wangge/"}, env, &bytes.Buffer{})
	if err != nil || len(rest) > 0 {
		t.Fatalf("%v, rest %q", err, rest)
	}
	if c.listen != "127.0.0.1:2" || c.drain != 3*time.Second || !c.demo || !c.logJSON || c.data != "data" || c.publicURL != "https://grid.example.org/wangge" || !slices.Equal(c.proxies, []string{"10.0.0.1", "10.1.0.0/16"}) {
		t.Errorf("%+v", c)
	}
}

func TestFlagsMayFollowWords(t *testing.T) {
	c, rest, err := configure("import", []string{"cells", "--datum", "gcj02", "file.geojson", "--dry-run"}, nil, &bytes.Buffer{})
	if err != nil || !slices.Equal(rest, []string{"cells", "file.geojson"}) || c.datum != geo.GCJ02 || !c.dryRun {
		t.Errorf("%v %q %+v", err, rest, c)
	}
}

// What is wrong is said of the value, by the name it came under; all of it at once.
func TestBadSettingsAreNamed(t *testing.T) {
	for _, c := range []struct {
		command   string
		args, env []string
		want      string // lines of the error
	}{
		{"serve", []string{"--drain", "soon"}, nil, `--drain: "soon" is not a duration such as 20s or 1m30s`},
		{"serve", nil, []string{"WANGGE_LOG_LEVEL=loud"}, `WANGGE_LOG_LEVEL: "loud" is not debug, info, warn or error`},
		{"serve", []string{"--log-format", "xml"}, nil, `--log-format: "xml" is not text or json`},
		{"serve", []string{"--demo=yes"}, nil, `--demo: "yes" is not true or false`},
		{"serve", nil, []string{"WANGGE_DEMO=perhaps"}, `WANGGE_DEMO: "perhaps" is not true or false`},
		{"serve", []string{"--trusted-proxies", "10.0.0.5,proxy"}, nil, `--trusted-proxies: "10.0.0.5,proxy" is not a list of addresses and CIDR blocks such as 10.0.0.5,10.1.0.0/16`},
		{"serve", []string{"--cors-origins", "https://app.example.org/"}, nil, `--cors-origins: "https://app.example.org/" is not a list of origins as browsers send them, such as https://app.example.org,http://localhost:5173`},
		{"serve", []string{"--store", "postgres://user:secret@db/wangge"}, nil, `--store: the value is not a mongodb:// address`},
		{"serve", []string{"--public-url", "grid.example.org"}, nil, `--public-url: "grid.example.org" is not an http:// or https:// address without a user, query or fragment`},
		{"serve", []string{"--public-url", "https://somebody@grid.example.org"}, nil, `--public-url: the value is not an http:// or https:// address without a user, query or fragment`},
		{"serve", []string{"--public-url", "https://grid.example.org/?from=here"}, nil, `--public-url: "https://grid.example.org/?from=here" is not an http:// or https:// address without a user, query or fragment`},
		{"serve", nil, []string{"WANGGE_PUBLIC_URL=file:///srv/www"}, `WANGGE_PUBLIC_URL: "file:///srv/www" is not an http:// or https:// address without a user, query or fragment`},
		{"import", []string{"cells", "f", "--tolerance", "1abc"}, nil, `--tolerance: "1abc" is not a number of square metres above 0, such as 1 or 0.5`},
		{"import", []string{"cells", "f", "--tolerance=-1"}, nil, `--tolerance: "-1" is not a number of square metres above 0, such as 1 or 0.5`},
		{"import", []string{"cells", "f", "--datum", "mars"}, nil, `--datum: "mars" is not wgs84, cgcs2000, gcj02 or bd09`},
		{"import", []string{"areas", "f", "--valid-from", "2023"}, nil, `--valid-from: "2023" is not a day such as 2023-01-01`},
		{"serve", []string{"--webhook-hosts", "hooks.example.org,https://other.example.org/in"}, nil, `--webhook-hosts: "hooks.example.org,https://other.example.org/in" is not a list of hosts such as hooks.example.org,http://10.0.0.5:8080`},
		{"serve", []string{"--webhook-private", "10.0.0.5"}, nil, `--webhook-private: "10.0.0.5" is not a list of CIDR blocks such as 10.0.0.0/8,fd00::/8`},
		// a flag of another command, or of none
		{"serve", []string{"--datum", "wgs84"}, nil, `--datum is no flag of wangge serve, but of import cells, import addresses`},
		{"import", []string{"areas", "f", "--datum", "wgs84"}, nil, `--datum is no flag of wangge import areas, but of import cells, import addresses`},
		{"import", []string{"--full", "cells", "f"}, nil, `--full is no flag of wangge import cells, but of import areas`},
		{"rotate", []string{"tokens", "--listen", ":80"}, nil, `--listen is no flag of wangge rotate, but of serve`},
		{"version", []string{"--demo"}, nil, `--demo is no flag of wangge version, but of serve`},
		{"serve", []string{"--lisen", ":80"}, nil, `--lisen is no flag; did you mean --listen?`},
		{"serve", []string{"--colour"}, nil, `--colour is no flag; see: wangge help serve`},
		{"serve", []string{"--listen"}, nil, `flag needs an argument: -listen; see: wangge help serve`},
		{"serve", []string{"--drain", "soon", "--demo=yes", "--datum", "mars", "--lisen"}, []string{"WANGGE_LOG_LEVEL=loud", "WANGGE_DATUM=mars"},
			`WANGGE_LOG_LEVEL: "loud" is not debug, info, warn or error` + "\n" + `--drain: "soon" is not a duration such as 20s or 1m30s` + "\n" +
				`--demo: "yes" is not true or false` + "\n" + `--datum is no flag of wangge serve, but of import cells, import addresses` + "\n" + `--lisen is no flag; did you mean --listen?`},
	} {
		_, _, err := configure(c.command, c.args, c.env, &bytes.Buffer{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s %q %v:\n got %v\nwant %s", c.command, c.args, c.env, err, c.want)
		}
	}
}

func TestUnknownEnvironmentIsTold(t *testing.T) {
	var out, told bytes.Buffer
	env := []string{"WANGGE_LISTN=x", "WANGGE_PORT_8080_TCP_ADDR=10.0.0.1", "WANGGE_DATA=data", "WANGGE_TEST_MONGODB=m", "PATH=/bin"}
	if err := run(t.Context(), []string{"version"}, env, &out, &told); err != nil {
		t.Fatal(err)
	}
	want := "wangge: WANGGE_LISTN in the environment is no setting and is ignored; did you mean WANGGE_LISTEN?\n" +
		"wangge: WANGGE_PORT_8080_TCP_ADDR in the environment is no setting and is ignored; see: wangge help\n"
	if told.String() != want {
		t.Errorf("%q, want %q", told.String(), want)
	}
}

// TestEverySettingIsDocumented holds help, the README's table and the code together.
func TestEverySettingIsDocumented(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"help"}, nil, &out, &out); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"WANGGE_TEST_MONGODB": true} // of the tests
	for _, s := range settings {
		known[s.env] = true
		for _, c := range strings.Fields(s.commands) {
			name, _, _ := strings.Cut(c, ":")
			if !slices.ContainsFunc(commands(), func(cmd command) bool { return cmd.name == name }) {
				t.Errorf("%s is taken by %q, which is no command", s.env, c)
			}
		}
		if s.commands == "" {
			t.Errorf("%s is taken by no command", s.env)
		}
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
		row := "| " + flag + " | `" + s.env + "` | " + fallback + " | " + s.takers() + " | " + s.help + " |"
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
	keyed := t.TempDir() // a data folder with its key files
	if _, err := personal.LoadKeys(filepath.Join(keyed, personalKeysFile), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.LoadKeys(filepath.Join(keyed, tokenKeysFile), ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string // of the output, or of the error
		fail bool
	}{
		{nil, "wangge serve", false},
		{[]string{"--help"}, "wangge import", false},
		{[]string{"version"}, "wangge", false},
		{[]string{"--version"}, "wangge", false},
		{[]string{"help", "import"}, "--datum", false},
		{[]string{"import", "--help"}, "--datum", false},
		{[]string{"help", "serve"}, "--listen", false},
		{[]string{"help", "fly"}, `no command "fly"`, true},
		{[]string{"fly"}, `unknown command "fly"; see: wangge help`, true},
		{[]string{"serv"}, `unknown command "serv"; did you mean serve?`, true},
		{[]string{"import", "cells"}, "usage:", true},
		{[]string{"import", "cells", "no-such-file"}, "no such file", true},
		{[]string{"rotate", "everything"}, "usage:", true},
		{[]string{"rotate", "tokens", "--data", keyed}, "has a new current key", false},
		{[]string{"rotate", "personal", "--data", keyed}, "has a new current key", false},
		{[]string{"rotate", "tokens", "--data", t.TempDir()}, "nothing to rotate", true},
		{[]string{"rotate", "personal", "--data", t.TempDir()}, "nothing to rotate", true},
		{[]string{"serve", "now"}, "no arguments", true},
	} {
		var out bytes.Buffer
		err := run(t.Context(), c.args, nil, &out, &bytes.Buffer{})
		text := out.String()
		if err != nil {
			text = err.Error()
		}
		if (err != nil) != c.fail || !strings.Contains(text, c.want) {
			t.Errorf("wangge %q: %q (%v)", c.args, text, err)
		}
	}
}
