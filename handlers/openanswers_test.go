package handlers

import (
	"encoding/json"
	"io"
	neturl "net/url"
	"strings"
	"testing"

	"wangge"
	"wangge/handlers/contracttest"
	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// openEnum is the keyword of enums in answers: the words of this version, to which others will come.
const openEnum = "x-extensible-enum"

// contractTree is openapi.yaml as it is published.
func contractTree() object {
	tree, err := contracttest.Parse(wangge.Contract)
	if err != nil {
		panic(err)
	}
	return tree
}

// publishedContract checks against openapi.yaml as an app that was made from it does.
func publishedContract() *contracttest.Contract {
	c := contracttest.New(contractTree())
	c.Open = true
	return c
}

// Whose schemas: those of answers, or those of requests with their parameters.
const (
	ofAnswers  = true
	ofRequests = false
)

// eachSchema calls found with every schema that answers, or requests, lead to.
func eachSchema(doc object, answers bool, found func(at string, schema object)) {
	seen := map[string]bool{}
	var walk func(v any, kind, at string)
	walk = func(v any, kind, at string) {
		switch {
		case strings.HasPrefix(kind, "["):
			list, _ := v.([]any)
			for _, e := range list {
				walk(e, kind[1:len(kind)-1], at)
			}
			return
		case strings.HasPrefix(kind, "{"):
			named, _ := v.(object)
			for name, e := range named {
				walk(e, kind[1:len(kind)-1], web.Below(at, name))
			}
			return
		}
		obj, _ := v.(object)
		if ref, ok := obj["$ref"].(string); ok {
			if at = ref[1:]; seen[at] {
				return
			}
			seen[at] = true
			obj = (&answer{tree: doc}).at(at).(object)
		}
		if obj != nil && kind == "schema" {
			found(at, obj)
		}
		for word, e := range obj {
			if kind == "path" && word == "parameters" && answers || kind == "operation" && (word == "responses") != answers {
				continue
			}
			if inner := words[kind][word]; inner != "" {
				walk(e, inner, web.Below(at, word))
			}
		}
	}
	walk(doc["paths"], "{path}", "/paths")
}

// closeSchema makes what this version answers all that may be answered.
func closeSchema(_ string, s object) {
	if _, said := s["additionalProperties"]; s["properties"] != nil && !said {
		s["additionalProperties"] = false
	}
	if list, ok := s[openEnum].([]any); ok {
		if _, several := s["type"].([]any); several {
			list = append(list, nil)
		}
		s["enum"] = list
	}
}

// Nothing that answers lead to is closed, and all that bodies lead to is; GeoJSON lets members be foreign.
func TestAnswersAreOpenAndBodiesClosed(t *testing.T) {
	doc := contractTree()
	eachSchema(doc, ofAnswers, func(at string, s object) {
		if s["additionalProperties"] == false || s["enum"] != nil {
			t.Errorf("%s is closed in answers", at)
		}
	})
	eachSchema(doc, ofRequests, func(at string, s object) {
		_, said := s["additionalProperties"]
		if s[openEnum] != nil || s["properties"] != nil && !said && !strings.HasPrefix(at, "/components/schemas/CellsIn") {
			t.Errorf("%s is open in requests", at)
		}
	})
}

// An app made from the published document takes fields and words that are yet
// to come; the tests do not, and neither document lets a request have them.
func TestWhatIsYetToComeInAnswers(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	strict, published := contractOf(), publishedContract()
	report := draft(inside(niujia, 1), nil)
	url := "/v1/tickets/" + h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: report}).text("/id")
	ticket := h.must(t, 200, call{method: "GET", url: url, as: "grid_lead"})
	ticket.header.Del("Vary") // HTTP's own
	answered := func(change func(object)) (open, closed bool) {
		body := copied(t, ticket.tree)
		change(body.(object))
		text := must(json.Marshal(body))(t)
		valid := func(c *contracttest.Contract) bool {
			op, _ := c.Of("GET", must(neturl.Parse(url))(t))
			return c.Response(op, 200, ticket.header, text) == nil
		}
		return valid(published), valid(strict)
	}
	sent := func(change func(object)) (open, closed bool) {
		body := copied(t, report).(object)
		change(body)
		valid := func(c *contracttest.Contract) bool {
			req := h.request(t, call{method: "POST", url: "/v1/tickets", as: "resident", body: body})
			op, path := c.Of("POST", req.URL)
			return c.Request(op, path, req, must(io.ReadAll(req.Body))(t)) == nil
		}
		return valid(published), valid(strict)
	}
	for _, row := range []struct {
		name         string
		of           func(func(object)) (bool, bool)
		change       func(object)
		open, closed bool
	}{
		{"an answer of today", answered, func(object) {}, true, true},
		{"an answer with a new field", answered, func(o object) { o["colour"] = "red" }, true, false},
		{"an answer with a new field within", answered, func(o object) { o["place"].(object)["colour"] = "red" }, true, false},
		{"an answer with a new word", answered, func(o object) { o["state"] = "parked" }, true, false},
		{"an answer without a field", answered, func(o object) { delete(o, "state") }, false, false},
		{"a body of today", sent, func(object) {}, true, true},
		{"a body with a new field", sent, func(o object) { o["colour"] = "red" }, false, false},
		{"a body with a new word", sent, func(o object) { o["kind"] = "parking" }, false, false},
	} {
		if open, closed := row.of(row.change); open != row.open || closed != row.closed {
			t.Errorf("%s: published %v, in tests %v; want %v, %v", row.name, open, closed, row.open, row.closed)
		}
	}
}
