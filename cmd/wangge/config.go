package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"wangge/cmd/wangge/demo"
)

// setting is one thing that can be configured: by flag, by environment, or
// (a secret) by environment only, so that it never shows in a process list.
type setting struct {
	flag, env, fallback, help string
	commands                  string // which take it, separated by spaces; "" for all
	set                       func(*config, string) error
}

// config is what the settings say.
type config struct {
	listen    string
	publicURL string
	data      string
	store     string
	demo      bool
	demoSize  demo.Size // whole, but for tests
	logLevel  slog.Level
	logJSON   bool
	proxies   []string
	drain     time.Duration
	datum     string
	dryRun    bool
	tolerance float64
	full      bool
	validFrom string

	adminPassword string
	personalKeys  string
	tokenKeys     string
	errout        io.Writer
}

// settings is every setting; help and the README's table show exactly these.
var settings = []setting{
	{"listen", "WANGGE_LISTEN", "127.0.0.1:8080", "address to answer on", "serve",
		func(c *config, v string) error { c.listen = v; return nil }},
	{"public-url", "WANGGE_PUBLIC_URL", "", "address that clients reach it at, for links in answers, such as https://grid.example.org; empty: http:// and the address it answers on", "serve",
		func(c *config, v string) (err error) { c.publicURL, err = publicURL(v); return err }},
	{"data", "WANGGE_DATA", "data", "folder of the SQLite file, the photos and the key files", "",
		func(c *config, v string) error { c.data = v; return nil }},
	{"store", "WANGGE_STORE", "", "mongodb:// address of a replica set; empty: SQLite in the data folder", "",
		func(c *config, v string) error { c.store = v; return nil }},
	{"demo", "WANGGE_DEMO", "false", "fill an empty store with Suzhou and allow the demo sign-ins", "serve",
		func(c *config, v string) error { return boolean(v, &c.demo) }},
	{"log-level", "WANGGE_LOG_LEVEL", "info", "debug, info, warn or error", "",
		func(c *config, v string) error { return c.logLevel.UnmarshalText([]byte(v)) }},
	{"log-format", "WANGGE_LOG_FORMAT", "text", "text or json", "",
		func(c *config, v string) error {
			return oneOf(v, map[string]bool{"text": false, "json": true}, &c.logJSON)
		}},
	{"trusted-proxies", "WANGGE_TRUSTED_PROXIES", "", "addresses or CIDR blocks, comma-separated, whose X-Forwarded-For is believed", "serve",
		func(c *config, v string) error { c.proxies = split(v); return nil }},
	{"drain", "WANGGE_DRAIN", "20s", "how long running requests may take to end when stopping", "serve",
		func(c *config, v string) (err error) { c.drain, err = time.ParseDuration(v); return err }},
	{"datum", "WANGGE_DATUM", "wgs84", "datum of imported cells: wgs84, cgcs2000, gcj02 or bd09", "import",
		func(c *config, v string) error { c.datum = v; return nil }},
	{"dry-run", "WANGGE_DRY_RUN", "false", "check the file and report, but write nothing", "import",
		func(c *config, v string) error { return boolean(v, &c.dryRun) }},
	{"tolerance", "WANGGE_TOLERANCE", "1", "square metres that imported cells may overlap", "import",
		func(c *config, v string) error { _, err := fmt.Sscanf(v, "%g", &c.tolerance); return err }},
	{"full", "WANGGE_FULL", "false", "the area file has every area of its cities: end those it leaves out", "import",
		func(c *config, v string) error { return boolean(v, &c.full) }},
	{"valid-from", "WANGGE_VALID_FROM", "", "day from which imported areas hold, YYYY-MM-DD; empty: today", "import",
		func(c *config, v string) error { c.validFrom = v; return nil }},
	{"", "WANGGE_ADMIN_PASSWORD", "", "password of the first account, admin, of an empty store; empty: made and written to the data folder", "serve",
		func(c *config, v string) error { c.adminPassword = v; return nil }},
	{"", "WANGGE_PERSONAL_KEYS", "", "content of the key file of personal data; empty: personal-keys.json in the data folder", "serve import rotate",
		func(c *config, v string) error { c.personalKeys = v; return nil }},
	{"", "WANGGE_TOKEN_KEYS", "", "content of the key file of access tokens; empty: token-keys.json in the data folder", "serve rotate",
		func(c *config, v string) error { c.tokenKeys = v; return nil }},
}

func (s setting) flagText() string {
	if s.flag == "" {
		return "(environment only)"
	}
	return "--" + s.flag
}

// configure reads the settings a command takes: defaults, then environment, then flags.
func configure(command string, args []string, getenv func(string) string, errout io.Writer) (*config, []string, error) {
	c := &config{errout: errout}
	fs := flag.NewFlagSet("wangge "+command, flag.ContinueOnError)
	fs.SetOutput(errout)
	for _, s := range settings {
		if s.commands != "" && !slices.Contains(strings.Fields(s.commands), command) || command == "help" || command == "version" {
			continue
		}
		value, from := s.fallback, "default"
		if v := getenv(s.env); v != "" {
			value, from = v, s.env
		}
		if value != "" {
			if err := s.set(c, value); err != nil {
				return nil, nil, fmt.Errorf("%s: %q is not %s", from, value, s.help)
			}
		}
		if s.flag == "" {
			continue
		}
		set := func(v string) error {
			if err := s.set(c, v); err != nil {
				return fmt.Errorf("not %s", s.help)
			}
			return nil
		}
		if s.fallback == "false" {
			fs.BoolFunc(s.flag, s.help, set)
		} else {
			fs.Func(s.flag, s.help, set)
		}
	}
	rest, err := parseInterspersed(fs, args)
	return c, rest, err
}

// parseInterspersed lets flags stand before and after the words of a command.
func parseInterspersed(fs *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return words, nil
		}
		words = append(words, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func (c *config) logger() *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.logLevel}
	if c.logJSON {
		return slog.New(slog.NewJSONHandler(c.errout, opts))
	}
	return slog.New(slog.NewTextHandler(c.errout, opts))
}

func boolean(v string, into *bool) error {
	return oneOf(v, map[string]bool{"true": true, "1": true, "false": false, "0": false}, into)
}

func oneOf(v string, known map[string]bool, into *bool) error {
	b, ok := known[v]
	if !ok {
		return fmt.Errorf("unknown value")
	}
	*into = b
	return nil
}

// publicURL takes an address that paths can be put after.
func publicURL(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(v, "?#") {
		return "", fmt.Errorf("not an address")
	}
	return strings.TrimRight(v, "/"), nil
}

func split(v string) []string {
	var out []string
	for _, part := range strings.Split(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
