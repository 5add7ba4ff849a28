package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/cmd/wangge/demo"
	"wangge/domain/ticket"
	"wangge/geo"
	"wangge/handlers"
	"wangge/handlers/web"
	"wangge/notifications/outgoing"
)

// setting is one thing that can be configured: by flag, by environment, or
// (a secret) by environment only, so that it never shows in a process list.
type setting struct {
	flag, env, fallback, help string
	commands                  string                      // which take it, separated by spaces; import:cells is import for cells only
	set                       func(*config, string) error // its error says what the value is not: "is not …"
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
	origins   web.Origins
	drain     time.Duration
	// acknowledge is how long an urgent notice waits before it goes to the next.
	acknowledge time.Duration
	datum       geo.Datum
	dryRun      bool
	tolerance   float64
	scheme      string
	full        bool
	ground      string    // file
	validFrom   time.Time // zero: today

	reports ticket.PerHour
	writes  int

	reveals, nameSearches int

	streams, streamsPerAccount int

	baseMap handlers.BaseMap // without tiles: none

	amapURL, amapKey         string
	tiandituURL, tiandituKey string

	sms  smsConfig
	push pushConfig

	wechat wechatConfig

	webhookHosts   []string // none: webhooks are off
	webhookPrivate []netip.Prefix

	adminPassword string
	personalKeys  string
	tokenKeys     string
	errout        io.Writer
}

// settings is every setting; help and the README's table show exactly these.
var settings = slices.Concat([]setting{
	{"listen", "WANGGE_LISTEN", "127.0.0.1:8080", "address to answer on", "serve",
		func(c *config, v string) error { c.listen = v; return nil }},
	{"public-url", "WANGGE_PUBLIC_URL", "", "address that clients reach it at, for links in answers, such as https://grid.example.org; empty: http:// and the address it answers on", "serve",
		func(c *config, v string) (err error) { c.publicURL, err = publicURL(v); return err }},
	{"data", "WANGGE_DATA", "data", "folder of the SQLite file, the photos and the key files", "serve import rotate",
		func(c *config, v string) error { c.data = v; return nil }},
	{"store", "WANGGE_STORE", "", "mongodb:// address of a replica set; empty: SQLite in the data folder", "serve import",
		func(c *config, v string) error {
			if !strings.HasPrefix(v, "mongodb://") && !strings.HasPrefix(v, "mongodb+srv://") {
				return errors.New("is not a mongodb:// address")
			}
			c.store = v
			return nil
		}},
	{"demo", "WANGGE_DEMO", "false", "fill an empty store with Suzhou and allow the demo sign-ins", "serve",
		func(c *config, v string) error { return boolean(v, &c.demo) }},
	{"ground", "WANGGE_GROUND", "", "GeoJSON file with the outlines of buildings, in WGS-84, that maps show under everything; empty: none, or the demonstration's", "serve",
		func(c *config, v string) error { c.ground = v; return nil }},
	{"log-level", "WANGGE_LOG_LEVEL", "info", "debug, info, warn or error", "serve import",
		func(c *config, v string) error {
			return oneOf(v, []string{"debug", "info", "warn", "error"}, []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}, &c.logLevel)
		}},
	{"log-format", "WANGGE_LOG_FORMAT", "text", "text or json", "serve import",
		func(c *config, v string) error {
			return oneOf(v, []string{"text", "json"}, []bool{false, true}, &c.logJSON)
		}},
	{"trusted-proxies", "WANGGE_TRUSTED_PROXIES", "", "addresses or CIDR blocks, comma-separated, whose X-Forwarded-For is believed", "serve",
		func(c *config, v string) (err error) { c.proxies, err = proxies(v); return err }},
	{"cors-origins", "WANGGE_CORS_ORIGINS", "", "origins, comma-separated, whose pages may call the API from a browser, such as https://app.example.org", "serve",
		func(c *config, v string) (err error) { c.origins, err = web.ParseOrigins(split(v)); return err }},
	{"drain", "WANGGE_DRAIN", "20s", "how long running requests may take to end when stopping", "serve",
		func(c *config, v string) (err error) {
			if c.drain, err = time.ParseDuration(v); err != nil || c.drain < 0 {
				return errors.New("is not a duration such as 20s or 1m30s")
			}
			return nil
		}},
	{"reports-per-hour", "WANGGE_REPORTS_PER_HOUR", "20", "tickets that a resident may report in an hour", "serve",
		func(c *config, v string) error { return times(v, &c.reports.Resident) }},
	{"network-reports-per-hour", "WANGGE_NETWORK_REPORTS_PER_HOUR", "300", "tickets that all residents behind one IPv4 address or IPv6 /64 may report in an hour", "serve",
		func(c *config, v string) error { return times(v, &c.reports.Network) }},
	{"staff-reports-per-hour", "WANGGE_STAFF_REPORTS_PER_HOUR", "600", "tickets that one of the staff may report in an hour", "serve",
		func(c *config, v string) error { return times(v, &c.reports.Staff) }},
	{"reveals-per-hour", "WANGGE_REVEALS_PER_HOUR", "60", "times that one of the staff may reveal personal data, or search by phone or ID number, in an hour", "serve",
		func(c *config, v string) error { return times(v, &c.reveals) }},
	{"name-searches-per-hour", "WANGGE_NAME_SEARCHES_PER_HOUR", "300", "searches of households by text, which may be a name, that one of the staff may make in an hour", "serve",
		func(c *config, v string) error { return times(v, &c.nameSearches) }},
	{"writes-per-hour", "WANGGE_WRITES_PER_HOUR", "300", "other things that a resident may write in an hour: comments, photos, changes", "serve",
		func(c *config, v string) error { return times(v, &c.writes) }},
	{"acknowledge-within", "WANGGE_ACKNOWLEDGE_WITHIN", "10m", "how long an urgent notice waits to be acknowledged before the next are told", "serve",
		func(c *config, v string) (err error) {
			if c.acknowledge, err = time.ParseDuration(v); err != nil || c.acknowledge < time.Minute || c.acknowledge > 24*time.Hour {
				return errors.New("is not a duration from 1m to 24h")
			}
			return nil
		}},
	{"streams", "WANGGE_STREAMS", "10000", "clients that may listen for events at once, on this server", "serve",
		func(c *config, v string) error { return times(v, &c.streams) }},
	{"streams-per-account", "WANGGE_STREAMS_PER_ACCOUNT", "5", "of these, those of one account; more end the oldest", "serve",
		func(c *config, v string) error { return times(v, &c.streamsPerAccount) }},
	{"webhook-hosts", "WANGGE_WEBHOOK_HOSTS", "", "hosts, comma-separated, that webhooks may go to, such as hooks.example.org:8443, with http:// before one without encryption; empty: none go out", "serve",
		func(c *config, v string) error {
			c.webhookHosts = split(v)
			if _, err := outgoing.NewGuard(c.webhookHosts, nil); err != nil {
				return errors.New("is not a list of hosts such as hooks.example.org,http://10.0.0.5:8080")
			}
			return nil
		}},
	{"webhook-private", "WANGGE_WEBHOOK_PRIVATE", "", "CIDR blocks, comma-separated, of addresses that webhooks may go to although they are not the internet's, such as 10.0.0.0/8", "serve",
		func(c *config, v string) (err error) { c.webhookPrivate, err = prefixes(v); return err }},
	{"datum", "WANGGE_DATUM", "wgs84", "datum of imported cells or addresses: wgs84, cgcs2000, gcj02 or bd09", "import:cells import:addresses",
		func(c *config, v string) error {
			known := []geo.Datum{geo.WGS84, geo.CGCS2000, geo.GCJ02, geo.BD09}
			return oneOf(v, []string{"wgs84", "cgcs2000", "gcj02", "bd09"}, known, &c.datum)
		}},
	{"dry-run", "WANGGE_DRY_RUN", "false", "check the file and report, but write nothing", "import",
		func(c *config, v string) error { return boolean(v, &c.dryRun) }},
	{"scheme", "WANGGE_SCHEME", "", "scheme of imported addresses that do not say theirs", "import:addresses",
		func(c *config, v string) error { c.scheme = v; return nil }},
	{"tolerance", "WANGGE_TOLERANCE", "1", "square metres that imported cells may overlap", "import:cells",
		func(c *config, v string) (err error) {
			if c.tolerance, err = strconv.ParseFloat(v, 64); err != nil || !(c.tolerance > 0) || math.IsInf(c.tolerance, 0) {
				return errors.New("is not a number of square metres above 0, such as 1 or 0.5")
			}
			return nil
		}},
	{"full", "WANGGE_FULL", "false", "the area file has every area of its cities: end those it leaves out", "import:areas",
		func(c *config, v string) error { return boolean(v, &c.full) }},
	{"valid-from", "WANGGE_VALID_FROM", "", "day from which imported areas hold, YYYY-MM-DD; empty: today", "import:areas",
		func(c *config, v string) (err error) {
			if c.validFrom, err = time.Parse(time.DateOnly, v); err != nil {
				return errors.New("is not a day such as 2023-01-01")
			}
			return nil
		}},
	{"amap-url", "WANGGE_AMAP_URL", "https://restapi.amap.com", "address of AMap's geocoder, which is asked for addresses where there is a key", "serve",
		func(c *config, v string) (err error) { c.amapURL, err = publicURL(v); return err }},
	{"tianditu-url", "WANGGE_TIANDITU_URL", "https://api.tianditu.gov.cn", "address of Tianditu's geocoder, likewise; asked where AMap has no answer", "serve",
		func(c *config, v string) (err error) { c.tiandituURL, err = publicURL(v); return err }},
	{"", "WANGGE_AMAP_KEY", "", "key of AMap's geocoder; empty: it is not asked", "serve",
		func(c *config, v string) error { c.amapKey = v; return nil }},
	{"", "WANGGE_TIANDITU_KEY", "", "key of Tianditu's geocoder; empty: it is not asked", "serve",
		func(c *config, v string) error { c.tiandituKey = v; return nil }},
	{"sms-service", "WANGGE_SMS_SERVICE", "", "service that sends text messages: alibaba; empty: none are sent, and nobody signs in by phone", "serve",
		func(c *config, v string) error { return c.sms.setService(v) }},
	{"sms-url", "WANGGE_SMS_URL", "", "address of that service; empty: its own", "serve",
		func(c *config, v string) (err error) { c.sms.URL, err = publicURL(v); return err }},
	{"sms-signature", "WANGGE_SMS_SIGNATURE", "", "signature of text messages, as it is registered with the service", "serve",
		func(c *config, v string) error { c.sms.Signature = v; return nil }},
	{"sms-templates", "WANGGE_SMS_TEMPLATES", "", "templates as they are registered with the service: code=SMS_1,urgent=SMS_2; that of codes has one variable, code", "serve",
		func(c *config, v string) error { return c.sms.setTemplates(v) }},
	{"sms-budget", "WANGGE_SMS_BUDGET", "100", "yuan that text messages may cost in 24 hours; a tenth is kept for codes of staff, and what is urgent goes out all the same", "serve",
		func(c *config, v string) error { return yuan(v, &c.sms.budget) }},
	{"sms-price", "WANGGE_SMS_PRICE", "0.05", "yuan that one text message costs", "serve",
		func(c *config, v string) error { return yuan(v, &c.sms.price) }},
	{"", "WANGGE_SMS_KEY_ID", "", "id of the key of the text message service", "serve",
		func(c *config, v string) error { c.sms.KeyID = v; return nil }},
	{"", "WANGGE_SMS_KEY_SECRET", "", "secret of that key", "serve",
		func(c *config, v string) error { c.sms.KeySecret = v; return nil }},
	{"", "WANGGE_ADMIN_PASSWORD", "", "password of the first account, admin, of an empty store; empty: made and written to the data folder", "serve",
		func(c *config, v string) error { c.adminPassword = v; return nil }},
	{"", "WANGGE_PERSONAL_KEYS", "", "content of the key file of personal data; empty: personal-keys.json in the data folder", "serve import rotate",
		func(c *config, v string) error { c.personalKeys = v; return nil }},
	{"", "WANGGE_TOKEN_KEYS", "", "content of the key file of access tokens; empty: token-keys.json in the data folder", "serve rotate",
		func(c *config, v string) error { c.tokenKeys = v; return nil }},
}, baseMapSettings, pushSettings, wechatSettings)

func (s setting) flagText() string {
	if s.flag == "" {
		return "(environment only)"
	}
	return "--" + s.flag
}

// takes reports whether a command takes the setting; words are the command and what follows it.
func (s setting) takes(words ...string) bool {
	return slices.ContainsFunc(strings.Fields(s.commands), func(c string) bool {
		name, of, partly := strings.Cut(c, ":")
		return name == words[0] && (!partly || len(words) < 2 || of == words[1])
	})
}

// takers are the commands that take the setting, in words.
func (s setting) takers() string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s.commands), ", "), ":", " ")
}

// errHelp: the command's help is asked for.
var errHelp = errors.New("help is asked for")

// configure reads the settings a command takes: defaults, then environment,
// then flags; the words that are no flags are returned. The error names
// everything that is wrong. errHelp for -h and --help.
func configure(command string, args, environ []string, errout io.Writer) (*config, []string, error) {
	c := &config{errout: errout}
	fs := flag.NewFlagSet("wangge "+command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	env := environment(environ)
	var wrong []error
	given := map[string]bool{} // flags
	for _, s := range settings {
		if s.takes(command) {
			value, from := s.fallback, "default"
			if v := env[s.env]; v != "" {
				value, from = v, s.env
			}
			if value != "" {
				wrong = append(wrong, s.apply(c, from, value))
			}
		}
		if s.flag == "" {
			continue
		}
		set := func(v string) error {
			if given[s.flag] = true; s.takes(command) {
				wrong = append(wrong, s.apply(c, "--"+s.flag, v))
			}
			return nil
		}
		if s.fallback == "false" {
			fs.BoolFunc(s.flag, s.help, set)
		} else {
			fs.Func(s.flag, s.help, set)
		}
	}
	words, err := parseInterspersed(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil, nil, errHelp
	}
	for _, s := range settings {
		if given[s.flag] && !s.takes(append([]string{command}, words...)...) {
			wrong = append(wrong, fmt.Errorf("--%s is no flag of wangge %s, but of %s", s.flag, called(command, words), s.takers()))
		}
	}
	if err != nil {
		wrong = append(wrong, unknownFlag(command, args, err))
	}
	return c, words, errors.Join(wrong...)
}

// called is a command as it was called, with what of several things it does.
func called(command string, words []string) string {
	if command == "import" && len(words) > 0 {
		return command + " " + words[0]
	}
	return command
}

// apply sets a value that comes from somewhere.
func (s setting) apply(c *config, from, value string) error {
	err := s.set(c, value)
	switch {
	case err == nil:
		return nil
	case s.flag == "" || strings.Contains(value, "@"): // a secret, perhaps
		return fmt.Errorf("%s: the value %w", from, err)
	}
	return fmt.Errorf("%s: %q %w", from, value, err)
}

// unknownFlag is the error about a flag that no command has, or that lacks its value.
func unknownFlag(command string, args []string, err error) error {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return fmt.Errorf("%w; see: wangge help %s", err, command)
	}
	var known []string
	for _, s := range settings {
		if s.flag != "" && s.takes(command) {
			known = append(known, s.flag)
		}
	}
	if near := nearest(name, known); near != "" {
		return fmt.Errorf("--%s is no flag; did you mean --%s?", name, near)
	}
	return fmt.Errorf("--%s is no flag; see: wangge help %s", name, command)
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
	if oneOf(v, []string{"true", "1", "false", "0"}, []bool{true, true, false, false}, into) != nil {
		return errors.New("is not true or false")
	}
	return nil
}

// times takes how often something may be done.
func times(v string, into *int) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return errors.New("is not a whole number from 1")
	}
	*into = n
	return nil
}

// oneOf takes one of some words, each of which stands for a value.
func oneOf[T any](v string, words []string, values []T, into *T) error {
	i := slices.Index(words, v)
	if i < 0 {
		last := len(words) - 1
		return fmt.Errorf("is not %s or %s", strings.Join(words[:last], ", "), words[last])
	}
	*into = values[i]
	return nil
}

// proxies takes addresses and CIDR blocks.
func proxies(v string) ([]string, error) {
	parts := split(v)
	for _, p := range parts {
		_, asAddress := netip.ParseAddr(p)
		if _, asBlock := netip.ParsePrefix(p); asAddress != nil && asBlock != nil {
			return nil, errors.New("is not a list of addresses and CIDR blocks such as 10.0.0.5,10.1.0.0/16")
		}
	}
	return parts, nil
}

// prefixes takes CIDR blocks.
func prefixes(v string) (out []netip.Prefix, err error) {
	for _, part := range split(v) {
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, errors.New("is not a list of CIDR blocks such as 10.0.0.0/8,fd00::/8")
		}
		out = append(out, p)
	}
	return out, nil
}

// publicURL takes an address that paths can be put after.
func publicURL(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(v, "?#") {
		return "", errors.New("is not an http:// or https:// address without a user, query or fragment")
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
