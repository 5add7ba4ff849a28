package handlers

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/handlers/contracttest"
)

// standard is a city read by the rules of OGC 17-069r4: every answer is held to
// openapi.yaml and to the API document that the server itself gives.
type standard struct {
	*harness
	contract *contracttest.Contract
}

// collections of the server, and how many features the public sees in each.
var ogcCollectionIDs = []string{"cells", "tickets"}

const publicTickets = 9 // of the standard's city

func newStandard(t *testing.T, h *harness) *standard {
	t.Helper()
	s := &standard{harness: h}
	for i := range publicTickets {
		h.report(t, "resident", inside(niujia, 1+i%4), []string{"parking", "noise", "sanitation"}[i%3])
		h.report(t, "resident", inside(jinshi, 1+i%4), "property_fee") // not for the public
		h.clock.move(11 * time.Hour)
	}
	h.report(t, "resident", outside, "parking") // in no cell
	body := h.must(t, 200, call{method: "GET", url: "/ogc/api"}).body
	s.contract = contracttest.New(must(contracttest.Parse(body))(t))
	s.contract.Open = true
	return s
}

// get answers 200.
func (s *standard) get(t *testing.T, url string) *answer {
	t.Helper()
	return s.status(t, 200, call{method: "GET", url: url})
}

func (s *standard) status(t *testing.T, want int, c call) *answer {
	t.Helper()
	a := s.must(t, want, c)
	s.described(t, c, a)
	return a
}

// described: the answer is one of those that the API document has.
func (s *standard) described(t *testing.T, c call, a *answer) {
	t.Helper()
	path, _, _ := strings.Cut(c.url, "?")
	if path == "/ogc" {
		return // the document has it as /ogc/
	}
	req := s.request(t, c)
	req.URL.Host, req.URL.Scheme = "grid.example.org", "https"
	op, _ := s.contract.Of(c.method, req.URL)
	if op == nil {
		t.Fatalf("%s is not in the API document", c.url)
	}
	report(t, "in the API document: "+c.url, s.contract.Response(op, a.status, a.header, a.body))
}

// operation of a path of the API document.
func (s *standard) operation(t *testing.T, path string) operation {
	t.Helper()
	for _, op := range s.contract.Operations() {
		if op.Path == path && op.Method == "GET" {
			return operation{op}
		}
	}
	t.Fatalf("the API document has no GET %s", path)
	return operation{}
}

// parameter of the items of a collection, and its schema.
func (s *standard) parameter(t *testing.T, collection, name string) (p, schema object) {
	t.Helper()
	for _, p := range s.operation(t, "/collections/"+collection+"/items").Parameters {
		if p.Object["name"] == name {
			return p.Object, s.contract.Schema(p).Object
		}
	}
	t.Fatalf("%s: no parameter %s", collection, name)
	return nil, nil
}

// inCommon checks what all parameters of the standard have in common.
func inCommon(t *testing.T, p, schema object, kind string) {
	t.Helper()
	if p["in"] != "query" || p["required"] == true || p["style"] != "form" || p["explode"] != false || schema["type"] != kind {
		t.Errorf("%v, %v", p, schema)
	}
}

// everyItem follows the next links from a page and returns the features by id.
func (s *standard) everyItem(t *testing.T, url string) map[string]object {
	t.Helper()
	out := map[string]object{}
	for pages := 0; url != ""; pages++ {
		if pages > 100 {
			t.Fatalf("%s: no end of pages", url)
		}
		page := s.get(t, url)
		for _, f := range page.items("/features") {
			feature := f.(object)
			id, _ := feature["id"].(string)
			if id == "" || out[id] != nil {
				t.Fatalf("%s: %q again, or without id", url, id)
			}
			out[id] = feature
		}
		url = s.local(t, linkOf(page.items("/links"), "next"))
	}
	return out
}

// ogcLink is a link of a document.
type ogcLink struct{ href, rel, media string }

func links(all []any) []ogcLink {
	var out []ogcLink
	for _, l := range all {
		o, _ := l.(object)
		text := func(name string) string { s, _ := o[name].(string); return s }
		out = append(out, ogcLink{text("href"), text("rel"), text("type")})
	}
	return out
}

func linkOf(all []any, rel string) string {
	for _, l := range links(all) {
		if l.rel == rel {
			return l.href
		}
	}
	return ""
}

// local is the path of an absolute link.
func (s *standard) local(t *testing.T, href string) string {
	t.Helper()
	if href == "" {
		return ""
	}
	path, ours := strings.CutPrefix(href, publicURL)
	if _, err := url.Parse(href); err != nil || !ours {
		t.Fatalf("a link to %s: %v", href, err)
	}
	return path
}

// hasLinks: the document has links of these relations and media types, and
// every link of it has both and leads where there is something of that type.
func (s *standard) hasLinks(t *testing.T, all []any, want map[string]string) {
	t.Helper()
	for rel, media := range want {
		found := false
		for _, l := range links(all) {
			found = found || l.rel == rel && l.media == media
		}
		if !found {
			t.Errorf("no link %s of type %s in %v", rel, media, all)
		}
	}
	for _, l := range links(all) {
		if l.rel == "" || l.media == "" {
			t.Errorf("a link without relation or type: %+v", l)
		}
		if got := s.get(t, s.local(t, l.href)).header.Get("Content-Type"); got != l.media {
			t.Errorf("%s is %s, the link says %s", l.href, got, l.media)
		}
	}
}

// positionsOf are all positions of a feature's geometry.
func positionsOf(t *testing.T, feature object) []orb.Point {
	t.Helper()
	var out []orb.Point
	var walk func(any)
	walk = func(v any) {
		list, _ := v.([]any)
		if len(list) == 2 {
			if x, ok := list[0].(float64); ok {
				out = append(out, orb.Point{x, list[1].(float64)})
				return
			}
		}
		for _, inner := range list {
			walk(inner)
		}
	}
	walk(feature["geometry"].(object)["coordinates"])
	if len(out) == 0 {
		t.Errorf("no positions in %v", feature)
	}
	return out
}

func sevenDecimals(x float64) bool { return math.Abs(x*1e7-math.Round(x*1e7)) < 1e-4 }
