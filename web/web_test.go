package web

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"wangge/handlers/pages"
)

var (
	loads  = regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline = regexp.MustCompile(`<script>|<style|\son[a-z]+=`)
	// What a script or style sheet would fetch by itself; addresses that are
	// only names, or links for readers, are no requests.
	fetched = regexp.MustCompile(`src:"https?://[^"]{1,80}|url\(["']?https?:[^)]{1,80}|fetch\("https?:[^"]{1,80}`)
)

// Pages load only what is served here, from where it is served.
func TestPagesLoadOnlyWhatIsServedHere(t *testing.T) {
	for _, of := range []struct {
		built fs.FS
		below string
		pages []string
		least int // that each loads
	}{{Docs, "/docs/", []string{"index.html"}, 3}, {Console, "/console/", []string{"index.html", "map.html"}, 2}} {
		if _, err := fs.Stat(of.built, "index.html"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("the pages are not built: make console")
			}
			t.Skip("the pages are not built: make console")
		}
		for _, page := range of.pages {
			text := read(t, of.built, page)
			if found := inline.FindString(text); found != "" {
				t.Errorf("%s%s has %q, which its content security policy refuses", of.below, page, found)
			}
			names := loads.FindAllStringSubmatch(text, -1)
			if len(names) < of.least {
				t.Errorf("%s%s loads %q", of.below, page, names)
			}
			for _, name := range names {
				switch file, ours := strings.CutPrefix(name[1], of.below); {
				case name[1] == "data:," || name[1] == "/openapi.yaml":
				case !ours:
					t.Errorf("%s%s loads %s from elsewhere", of.below, page, name[1])
				default:
					if found := fetched.FindAllString(read(t, of.built, file), -1); found != nil {
						t.Errorf("%s fetches %q", name[1], found)
					}
				}
			}
		}
	}
	if console, err := pages.New(Console); err != nil || len(console.Styles) == 0 {
		t.Errorf("styles that the console's scripts write: %+v, %v", console, err)
	}
}

func read(t *testing.T, of fs.FS, name string) string {
	t.Helper()
	content, err := fs.ReadFile(of, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
