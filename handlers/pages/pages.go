// Package pages holds what a build has made for browsers, pages and the files
// that they load, ready to be sent: typed, compressed ahead, each with its
// entity tag. It knows no request; package handlers serves it.
package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Built is what a build made; it does not change.
type Built struct {
	// Styles are the hashes of style elements that its scripts write, as a content security policy has them.
	Styles []string

	files map[string]*File
}

// File is one of its files.
type File struct {
	Type  string // media type
	forms []Form // the shortest first, the plain one last
}

// Form is a file in one coding.
type Form struct {
	Coding string // "" for the plain one
	Body   []byte // not to be changed
	Tag    string // its entity tag, without quotes
}

// policy is the file in which a build says what the content security policy has to allow.
const policy = "csp.json"

// codings are what files lie compressed in beside the plain ones, the shortest first.
var codings = []struct{ name, suffix, tag string }{{"br", ".br", "-br"}, {"gzip", ".gz", "-gz"}, {"", "", ""}}

var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".txt": "text/plain; charset=utf-8", ".json": "application/json", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml",
	".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon", ".woff2": "font/woff2", ".pbf": "application/x-protobuf",
}

// New reads what was built: all of it, for it is small and asked for often. A file of a kind that no page loads is not served.
func New(built fs.FS) (*Built, error) {
	b := &Built{files: map[string]*File{}}
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		kind, known := types[path.Ext(name)]
		if err != nil || entry.IsDir() || !known || name == policy {
			if errors.Is(err, fs.ErrNotExist) { // nothing was built
				return nil
			}
			return err
		}
		b.files[name] = &File{Type: kind}
		return b.files[name].read(built, name)
	})
	if err != nil {
		return nil, err
	}
	return b, b.readPolicy(built)
}

// read takes the forms that there are.
func (f *File) read(built fs.FS, name string) error {
	plain, err := fs.ReadFile(built, name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(plain)
	for _, c := range codings {
		body, err := plain, error(nil)
		if c.suffix != "" {
			body, err = fs.ReadFile(built, name+c.suffix)
		}
		if errors.Is(err, fs.ErrNotExist) || len(body) > len(plain) {
			continue
		}
		if err != nil {
			return err
		}
		f.forms = append(f.forms, Form{c.name, body, hex.EncodeToString(sum[:8]) + c.tag})
	}
	return nil
}

var hash = regexp.MustCompile(`^'sha(256|384|512)-[A-Za-z0-9+/]+={0,2}'$`)

// readPolicy takes the hashes of styles; whatever else stands there would loosen the policy.
func (b *Built) readPolicy(built fs.FS) error {
	text, err := fs.ReadFile(built, policy)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var said struct{ Style []string }
	if err := json.Unmarshal(text, &said); err != nil {
		return fmt.Errorf("%s: %w", policy, err)
	}
	for _, one := range said.Style {
		if !hash.MatchString(one) {
			return fmt.Errorf("%s: %q is no hash of a style", policy, one)
		}
	}
	b.Styles = said.Style
	return nil
}

// File is one of the build, by its name; nil for none.
func (b *Built) File(name string) *File { return b.files[name] }

// Form is the shortest form that the caller takes.
func (f *File) Form(takes func(coding string) bool) Form {
	for _, form := range f.forms {
		if form.Coding == "" || takes(form.Coding) {
			return form
		}
	}
	panic("a file without its plain form") // read takes it always
}

// HashOf is the hash of a style element's text, as a content security policy has it.
func HashOf(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Policy is a content security policy that lets a page of ours load what is
// ours, styles of these hashes, and pictures from these other origins.
func Policy(styles, pictures []string) string {
	more := func(list []string) string { return strings.Join(append([]string{"'self'"}, list...), " ") }
	return "default-src 'none'; script-src 'self'; style-src " + more(styles) + "; worker-src 'self'; connect-src " + more(pictures) +
		"; img-src " + more(append([]string{"data:", "blob:"}, pictures...)) + "; font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}
