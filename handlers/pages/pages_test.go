package pages

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func built(files map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestFormsOfAFile(t *testing.T) {
	plain := strings.Repeat("a", 100)
	b, err := New(built(map[string]string{"assets/a.js": plain, "assets/a.js.br": "br", "assets/a.js.gz": "gzip", "b.css": "short", "b.css.gz": "longer than that", "index.html": plain}))
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]bool{}
	for _, row := range []struct {
		name  string
		takes []string
		want  string
	}{
		{"assets/a.js", nil, ""}, {"assets/a.js", []string{"gzip"}, "gzip"}, {"assets/a.js", []string{"gzip", "br"}, "br"},
		{"b.css", []string{"gzip", "br"}, ""}, {"index.html", []string{"gzip", "br"}, ""},
	} {
		form := b.File(row.name).Form(func(coding string) bool { return slices.Contains(row.takes, coding) })
		want := row.want
		if want == "" {
			want = plain
			if row.name == "b.css" {
				want = "short"
			}
		}
		if form.Coding != row.want || string(form.Body) != want {
			t.Errorf("%s for who takes %v: %q, %q", row.name, row.takes, form.Coding, form.Body)
		}
		tags[row.name+" "+form.Tag] = true
	}
	if len(tags) != 5 {
		t.Errorf("entity tags: %v", tags)
	}
	if a, c := b.File("assets/a.js").Form(func(string) bool { return false }), b.File("b.css").Form(func(string) bool { return false }); a.Tag == c.Tag {
		t.Error("different files with one tag")
	}
	for _, name := range []string{"assets/a.js.br", "csp.json", "", "assets", "../pages.go"} {
		if b.File(name) != nil {
			t.Errorf("%q is served", name)
		}
	}
}

func TestNothingBuilt(t *testing.T) {
	nothing, err := fs.Sub(fstest.MapFS{".gitignore": {}}, "console")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := New(nothing); err != nil || b.File("index.html") != nil {
		t.Errorf("%v, %v", b, err)
	}
	page := string(Unbuilt)
	for _, want := range []string{"make run", "Node 20", `href="/openapi.yaml"`, "尚未构建", "Not built"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	if !strings.Contains(UnbuiltPolicy, HashOf(style)) || strings.Contains(page, "<script") {
		t.Errorf("%s does not allow what the page has", UnbuiltPolicy)
	}
}

func TestPolicy(t *testing.T) {
	const own = `'sha256-ChghIamXUQ3k5FEOOJC7n7/FmqZtX7X24C4FGHU2wno='`
	b, err := New(built(map[string]string{"csp.json": `{"style":["` + own + `"]}`}))
	if err != nil {
		t.Fatal(err)
	}
	const rest = "; font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	if got, want := Policy(b.Styles, nil), "default-src 'none'; script-src 'self'; style-src 'self' "+own+"; worker-src 'self'; connect-src 'self'; img-src 'self' data: blob:"+rest; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got, want := Policy(nil, []string{"https://t.example:8443"}), "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self' https://t.example:8443; img-src 'self' data: blob: https://t.example:8443"+rest; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, bad := range []string{`'unsafe-inline'`, `*`, `'sha256-a'; script-src *`, `sha256-abc=`, ``} {
		if _, err := New(built(map[string]string{"csp.json": `{"style":["` + bad + `"]}`})); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if _, err := New(built(map[string]string{"csp.json": `{`})); err == nil {
		t.Error("half a file is taken")
	}
}
