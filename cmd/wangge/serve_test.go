package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/cmd/wangge/demo"
	"wangge/domain/personal"
	"wangge/domain/personal/keyfile"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) {
	if os.Getenv(asNode) != "" {
		os.Exit(beNode())
	}
	code := mongotest.Main(m)
	_ = os.RemoveAll(filling.dir)
	os.Exit(code)
}

// output is a buffer that one goroutine writes and another reads.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// running is a server of a test's own.
type running struct {
	base string
	out  *output
	stop func() error
}

var servedAt = regexp.MustCompile(`http://[0-9.:]+`)

// start serves until the test ends; a demonstration is the small one.
func start(t *testing.T, args ...string) *running { t.Helper(); return startIn(t, nil, args...) }

// startIn is start in an environment.
func startIn(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{out: &output{}}
	var result error // once ended is closed
	ended := make(chan struct{})
	c, _, err := configure("serve", append([]string{"--listen", "127.0.0.1:0"}, args...), environ, r.out)
	if err != nil {
		t.Fatal(err)
	}
	c.demoSize = demo.Small
	go func() { defer close(ended); result = serve(ctx, c, nil, r.out) }()
	r.stop = func() error { cancel(); <-ended; return result }
	t.Cleanup(func() {
		_ = r.stop()
		if t.Failed() {
			t.Logf("its log:\n%s", r.out)
		}
	})
	for ; ; time.Sleep(10 * time.Millisecond) { // until it answers or ends; a hang is for go test's own limit
		if r.base = servedAt.FindString(r.out.String()); r.base != "" {
			return r
		}
		select {
		case <-ended:
			t.Fatalf("serve ended: %v\n%s", result, r.out)
		default:
		}
	}
}

var filling struct {
	sync.Once
	dir string
}

// filled is a data folder of the test's own with the demonstration in it, which a server has filled once for all of them.
func filled(t *testing.T) string {
	t.Helper()
	filling.Do(func() {
		var err error
		if filling.dir, err = os.MkdirTemp("", "wangge-filled-"); err != nil {
			t.Fatal(err)
		}
		if err := start(t, "--demo", "--data", filling.dir).stop(); err != nil {
			t.Fatal(err)
		}
	})
	dir := t.TempDir()
	if out, err := exec.Command("cp", "-Rp", filling.dir+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

func (r *running) call(t *testing.T, method, path, token, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if len(content) > 0 {
		if err := json.Unmarshal(content, &out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, content)
		}
	}
	return res.StatusCode, out
}

func TestFirstStartMakesAnAdminAndKeyFiles(t *testing.T) {
	dir := t.TempDir()
	r := start(t, "--data", dir)
	if status, _ := r.call(t, "GET", "/readyz", "", ""); status != 200 {
		t.Errorf("readyz: %d", status)
	}
	for _, name := range []string{"admin-password", "personal-keys.json", "token-keys.json"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	password, err := os.ReadFile(filepath.Join(dir, "admin-password"))
	if err != nil {
		t.Fatal(err)
	}
	credentials, _ := json.Marshal(map[string]string{"username": "admin", "password": strings.TrimSpace(string(password))})
	status, in := r.call(t, "POST", "/v1/sessions", "", string(credentials))
	if status != 201 {
		t.Fatalf("sign-in: %d %v", status, in)
	}
	token, _ := in["accessToken"].(string)
	if status, me := r.call(t, "GET", "/v1/me", token, ""); status != 200 || me["username"] != "admin" {
		t.Errorf("me: %d %v", status, me)
	}
	if status, _ := r.call(t, "POST", "/v1/codes", "", `{"phone":"13800000001"}`); status < 400 {
		t.Errorf("a code was sent without a sender: %d", status)
	}
	if status, _ := r.call(t, "POST", "/v1/sessions", "", `{"phone":"13800000001","code":"000000"}`); status != 401 {
		t.Errorf("the demo code outside the demonstration: %d", status)
	}

	if err := run(t.Context(), []string{"import", "areas", "demo/data/areas_2023.csv", "--data", dir}, nil, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "another wangge runs") {
		t.Errorf("a second process on the data folder: %v", err)
	}
	if err := r.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	again := start(t, "--data", dir)
	if status, _ := again.call(t, "GET", "/v1/me", token, ""); status != 200 {
		t.Errorf("the session did not survive a restart: %d", status)
	}
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, personalKeysFile)); err != nil {
		t.Fatal(err)
	}
	serveAgain := func() error {
		return run(t.Context(), []string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, nil, io.Discard, io.Discard)
	}
	if err := serveAgain(); !errors.Is(err, keyfile.ErrMissing) || !strings.Contains(err.Error(), "restore "+personalKeysFile) {
		t.Errorf("without a key file: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, personalKeysFile)); err == nil {
		t.Error("a new key was made for a store that has one")
	}
	if _, err := personal.LoadKeys(filepath.Join(dir, personalKeysFile), ""); err != nil {
		t.Fatal(err)
	}
	if err := serveAgain(); !errors.Is(err, errOtherKeys) {
		t.Errorf("with another key file: %v", err)
	}
}

func TestImportOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	importing := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"import", "--data", dir, "--log-level", "error"}, args...), nil, &out, &out)
		return out.String(), err
	}
	file := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	areas := file("areas.csv", "level,code,name,parent_code\ncounty,320508,姑苏区,3205\nstreet,320508018,平江街道,320508\ncommunity,320508018001,北园社区,320508018\n")
	square := func(code string, ring string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"` + code + `","name":"一"},"geometry":{"type":"Polygon","coordinates":[[` + ring + `]]}}]}`
	}
	two := func(a, b string) string {
		return strings.Replace(square(a, "[120.64,31.31],[120.65,31.31],[120.65,31.32],[120.64,31.32],[120.64,31.31]"), `"features":[`,
			`"features":[{"type":"Feature","properties":{"code":"`+b+`","name":"二"},"geometry":{"type":"Polygon","coordinates":[[[120.66,31.31],[120.67,31.31],[120.67,31.32],[120.66,31.32],[120.66,31.31]]]}},`, 1)
	}
	good := square("320508018001001", "[120.62,31.31],[120.63,31.31],[120.63,31.32],[120.62,31.32],[120.62,31.31]")
	for _, c := range []struct {
		name, want string
		args       []string
		fail       bool
	}{
		{"areas, dry", "would import: 4 added", []string{"areas", areas, "--dry-run"}, false},
		{"areas", "imported: 4 added", []string{"areas", areas}, false},
		{"areas again", "0 added, 0 changed, 0 ended, 3 unchanged", []string{"areas", areas}, false},
		{"areas from when", "YYYY", []string{"areas", areas, "--valid-from", "YYYY"}, true},
		{"cells", "imported: 1 added", []string{"cells", file("c", good)}, false},
		{"cells again in another datum", "1 changed", []string{"cells", file("c", good), "--datum", "gcj02"}, false},
		{"how far it is", "writing: 1 of 1 cells", []string{"cells", file("c", good)}, false},
		{"one line a kind", " m², near 120.627500,31.315000 (and 1 more: cells 320508018001003)", []string{"cells", file("c", strings.Replace(strings.Replace(two("320508018001002", "320508018001003"), "120.64,", "120.625,", -1), "120.65,", "120.665,", -1)), "--dry-run"}, true},
		{"what would fail, dry", "/features/0/geometry/coordinates/0 ", []string{"cells", file("c", square("320508018001002", "[120.64,31.31],[120.65,31.32],[120.65,31.31],[120.64,31.32],[120.64,31.31]")), "--dry-run"}, true},
		{"what would fail, dry, says so", "nothing would be imported", []string{"cells", file("c", square("320508018001002", "[120.64,31.31],[120.65,31.32],[120.65,31.31],[120.64,31.32],[120.64,31.31]")), "--dry-run"}, true},
		{"areas that would fail, dry", "nothing would be imported", []string{"areas", file("a", "level,code,name,parent_code\nstreet,320599001,无,320599\n"), "--dry-run"}, true},
		{"missing communities", "there is no community 320508099001, 320508099002 that is yours (of 2 cells): import the areas first", []string{"cells", file("c", two("320508099001001", "320508099002001")), "--dry-run"}, true},
		{"unknown datum", "mars", []string{"cells", file("c", good), "--datum", "mars"}, true},
		{"unclosed ring", "/features/0/geometry/coordinates/0", []string{"cells", file("c", square("320508018001002", "[120.64,31.31],[120.65,31.31],[120.65,31.32],[120.64,31.32]"))}, true},
		{"swapped", "swapped", []string{"cells", file("c", square("320508018001002", "[31.31,120.64],[31.31,120.65],[31.32,120.65],[31.31,120.64]"))}, true},
	} {
		out, err := importing(c.args...)
		if err != nil {
			out += err.Error()
		}
		if (err != nil) != c.fail || !strings.Contains(out, c.want) {
			t.Errorf("%s: %q, want %q", c.name, out, c.want)
		}
	}
}

// TestDemoOnBothEngines takes tickets through their lives on the demonstration, as the README's tour does, several at once.
func TestDemoOnBothEngines(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		dir := filled(t)
		r := start(t, "--demo", "--data", dir)
		r.tours(t)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), []string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, nil, io.Discard, io.Discard); err != errIsDemo {
			t.Errorf("the demonstration served to people: %v", err)
		}
	})
	t.Run("mongodb", func(t *testing.T) {
		uri := mongotest.URI(t)
		start(t, "--demo", "--data", t.TempDir(), "--store", uri).tours(t)
	})
}

// tours are four at once.
func (r *running) tours(t *testing.T) {
	t.Helper()
	t.Run("tours", func(t *testing.T) { // which ends when all have
		for i := range 4 {
			t.Run(strconv.Itoa(i), func(t *testing.T) { t.Parallel(); r.tour(t) })
		}
	})
}

// atAnyHour has someone pushed to whenever it is that the test runs: usually the night is quiet.
func atAnyHour(t *testing.T, base, token string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", base+"/v1/me/preferences", strings.NewReader(`{"quiet":null}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/merge-patch+json"}, "If-Match": {"*"}, "Authorization": {"Bearer " + token}}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("no quiet hours: %s", res.Status)
	}
}

func (r *running) signIn(t *testing.T, body string) string {
	t.Helper()
	status, in := r.call(t, "POST", "/v1/sessions", "", body)
	if status != 201 {
		t.Fatalf("sign-in %s: %d %v", body, status, in)
	}
	return in["accessToken"].(string)
}

func (r *running) tour(t *testing.T) {
	t.Helper()
	resident := r.signIn(t, `{"phone":"13800000001","code":"000000"}`)
	lead := r.signIn(t, `{"username":"grid_lead","password":"wangge-demo"}`)
	worker := r.signIn(t, `{"username":"outreach_worker","password":"wangge-demo"}`)
	_, me := r.call(t, "GET", "/v1/me", worker, "")
	cell := me["posts"].([]any)[0].(map[string]any)["cell"].(map[string]any)["code"].(string)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(`/v1/cells/at\?[^"]+`).FindString(string(readme))
	if _, found := r.call(t, "GET", at, resident, ""); !strings.Contains(string(readme), fmt.Sprintf(`# {"code":%q,"name":%q`, found["code"], found["name"])) || !strings.HasPrefix(fmt.Sprint(found["code"]), cell[:12]) {
		t.Errorf("the README's position lies in %v %v, the worker's cell is %s", found["code"], found["name"], cell)
	}
	_, c := r.call(t, "GET", "/v1/cells/"+cell+"?datum=gcj02", lead, "")
	position, _ := json.Marshal(c["centre"])
	status, made := r.call(t, "POST", "/v1/tickets", resident, `{"category":"noise","title":"夜间施工","position":`+string(position)+`}`)
	if status != 201 {
		t.Fatalf("report: %d %v", status, made)
	}
	id := made["id"].(string)
	for _, step := range []struct{ as, body, state string }{
		{lead, `{"action":"accept"}`, "accepted"},
		{lead, `{"action":"dispatch","assignee":{"kind":"person","id":"` + me["id"].(string) + `"}}`, "dispatched"},
		{worker, `{"action":"start"}`, "in_progress"},
		{worker, `{"action":"resolve","outcome":"fixed"}`, "resolved"},
		{lead, `{"action":"close","verification":"phone"}`, "closed"},
	} {
		status, got := r.call(t, "POST", "/v1/tickets/"+id+"/transitions", step.as, step.body)
		if status != 200 || got["state"] != step.state {
			t.Fatalf("%s: %d %v", step.body, status, got)
		}
	}
	_, timeline := r.call(t, "GET", "/v1/tickets/"+id+"/timeline", resident, "")
	if n := len(timeline["items"].([]any)); n != 6 {
		t.Errorf("%d events in the timeline: %v", n, timeline)
	}
}
