package handlers

import (
	"io/fs"
	"net/url"
	"strings"

	"wangge/domain"
	"wangge/handlers/pages"
	"wangge/handlers/web"
)

// site is a build with what its pages may load.
type site struct {
	*pages.Built
	policy string
}

// BaseMap is a map that lies below ours: tiles of somebody else.
type BaseMap struct {
	Tiles       string // address with {z}, {x} and {y}
	Datum       string // that its streets are drawn in: wgs84 or gcj02
	Attribution string // whose it is, as it has to be said beside it
}

// Redoc writes style elements as it goes.
const docsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func (s *Server) readPages() error {
	read := func(of fs.FS) (*site, error) {
		built, err := pages.New(of)
		return &site{Built: built}, err
	}
	var err error
	if s.docs, err = read(s.Docs); err != nil {
		return err
	}
	if s.console, err = read(s.Console); err != nil {
		return err
	}
	var elsewhere []string
	if s.BaseMap != nil {
		u, err := url.Parse(s.BaseMap.Tiles)
		if err != nil {
			return err
		}
		elsewhere = []string{u.Scheme + "://" + u.Host}
	}
	s.docs.policy, s.console.policy = docsPolicy, pages.Policy(s.console.Styles, elsewhere)
	return nil
}

// What may be kept, and how.
const (
	fresh = "no-cache"                            // asked for anew each time, with the entity tag of before
	kept  = "public, max-age=31536000, immutable" // named by its content
)

// built answers with a file of a site, in the shortest form that the caller takes.
func (r *apiRequest) built(of *site, name, cache string) (*web.Reply, error) {
	f := of.File(name)
	if f == nil {
		return nil, domain.ErrNotFound
	}
	r.guard(of.policy)
	r.Vary("Accept-Encoding")
	form := f.Form(r.TakesCoding)
	if form.Coding != "" {
		r.SetHeader("Content-Encoding", form.Coding)
	}
	return &web.Reply{Status: 200, Raw: form.Body, ContentType: f.Type, Tag: form.Tag, Cache: cache}, nil
}

// page answers with a page of a site; where it was not built, with one that says how.
func (r *apiRequest) page(of *site, name string) (*web.Reply, error) {
	if of.File(name) == nil {
		r.guard(pages.UnbuiltPolicy)
		return &web.Reply{Status: 200, Raw: pages.Unbuilt, ContentType: "text/html; charset=utf-8"}, nil
	}
	return r.built(of, name, fresh)
}

// guard says what the browser may do for a page. Servers of tiles ask which
// site shows them; which page of it, and so what one looks at, is nobody's business.
func (r *apiRequest) guard(policy string) {
	r.SetHeader("Content-Security-Policy", policy)
	r.SetHeader("Referrer-Policy", "strict-origin")
	r.SetHeader("Cross-Origin-Opener-Policy", "same-origin")
	r.SetHeader("Cross-Origin-Resource-Policy", "same-origin")
}

func docsPage(r *apiRequest) (*web.Reply, error) { return r.page(r.docs, "index.html") }

func docsFile(r *apiRequest) (*web.Reply, error) { return r.built(r.docs, r.Param("file"), fresh) }

func consolePage(r *apiRequest) (*web.Reply, error) { return r.page(r.console, "index.html") }

func mapPage(r *apiRequest) (*web.Reply, error) { return r.page(r.console, "map.html") }

// consoleFile is what the page loads, or what lies beside it, such as its icon;
// anything else is the page itself, which shows what its address says.
func consoleFile(r *apiRequest) (*web.Reply, error) {
	switch name := r.Param("*"); {
	case strings.HasPrefix(name, "assets/"):
		return r.built(r.console, name, kept)
	case r.console.File(name) != nil:
		return r.built(r.console, name, fresh)
	}
	return consolePage(r)
}

// toConsole sends who asks for nothing to the console.
func toConsole(r *apiRequest) (*web.Reply, error) {
	r.SetHeader("Location", "console")
	return &web.Reply{Status: 302}, nil
}
