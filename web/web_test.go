package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

var (
	loads  = regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline = regexp.MustCompile(`<script>|<style|\son[a-z]+=`)
	// What a script or style sheet would fetch by itself; addresses that are
	// only names, or links for readers, are no requests.
	fetched = regexp.MustCompile(`src:"https?://[^"]{1,80}|url\(["']?https?:[^)]{1,80}|fetch\("https?:[^"]{1,80}`)
)

func TestDocsLoadOnlyWhatIsServedHere(t *testing.T) {
	page := read(t, "index.html")
	if found := inline.FindString(page); found != "" {
		t.Errorf("index.html has %q, which its content security policy refuses", found)
	}
	names := loads.FindAllStringSubmatch(page, -1)
	if len(names) < 3 {
		t.Fatalf("index.html loads %q", names)
	}
	for _, name := range names {
		switch file, ours := strings.CutPrefix(name[1], "/docs/"); {
		case name[1] == "data:," || name[1] == "/openapi.yaml":
		case !ours:
			t.Errorf("index.html loads %s from elsewhere", name[1])
		default:
			if found := fetched.FindAllString(read(t, file), -1); found != nil {
				t.Errorf("%s fetches %q", file, found)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := fs.ReadFile(Docs, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
