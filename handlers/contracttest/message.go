package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pb33f/jsonschema/v6"
)

// Headers that HTTP itself has everywhere: the document need not name them.
var ofHTTP = strings.Fields("accept authorization cache-control connection content-length content-type date host ratelimit ratelimit-policy " +
	"referrer-policy user-agent x-content-type-options x-forwarded-for")

// Response lists what is wrong with an answer.
func (c *Contract) Response(o *Operation, status int, header http.Header, body []byte) (wrong []string) {
	response := c.Responses(o)[strconv.Itoa(status)]
	if response.Object == nil {
		return []string{fmt.Sprintf("%d is no status of %s %s", status, o.Method, o.Path)}
	}
	declared := c.Headers(response)
	for name, h := range declared {
		values := header.Values(name)
		if len(values) == 0 && h.Object["required"] == true {
			wrong = append(wrong, "no header "+name)
		}
		for _, value := range values {
			wrong = append(wrong, about("header "+name, c.Value(c.Schema(h), c.typed(c.Schema(h), value)))...)
		}
	}
	wrong = append(wrong, c.undeclared("header", header, func(name string) bool {
		for d := range declared {
			if strings.EqualFold(d, name) {
				return true
			}
		}
		return slices.Contains(ofHTTP, strings.ToLower(name))
	})...)
	content := c.Content(response)
	if len(body) == 0 && len(content) == 0 {
		return wrong
	}
	return append(wrong, c.body(content, header.Get("Content-Type"), body)...)
}

// Request lists what is wrong with a request that has these values in its path.
func (c *Contract) Request(o *Operation, path map[string]string, r *http.Request, body []byte) (wrong []string) {
	query := r.URL.Query()
	for _, p := range o.Parameters {
		name, _ := p.Object["name"].(string)
		var values []string
		switch p.Object["in"] {
		case "path":
			values = []string{path[name]}
		case "query":
			values = query[name]
		case "header":
			values = r.Header.Values(name)
		}
		what := fmt.Sprintf("%s parameter %s", p.Object["in"], name)
		if len(values) == 0 {
			if p.Object["required"] == true {
				wrong = append(wrong, "no "+what)
			}
			continue
		}
		wrong = append(wrong, about(what, c.parameter(p, values))...)
	}
	has := func(in string) func(string) bool {
		return func(name string) bool {
			return slices.ContainsFunc(o.Parameters, func(p Part) bool {
				declared, _ := p.Object["name"].(string)
				return p.Object["in"] == in && (declared == name || in == "header" && strings.EqualFold(declared, name))
			})
		}
	}
	wrong = append(wrong, c.undeclared("query parameter", query, has("query"))...)
	wrong = append(wrong, c.undeclared("header", r.Header, func(name string) bool {
		return slices.Contains(ofHTTP, strings.ToLower(name)) || has("header")(name)
	})...)
	if !c.signedIn(o, r, query) {
		wrong = append(wrong, "not signed in as the operation asks for")
	}
	form := c.Body(o)
	if len(body) == 0 && form.Object["required"] != true {
		return wrong
	}
	return append(wrong, c.body(c.Content(form), r.Header.Get("Content-Type"), body)...)
}

func (c *Contract) undeclared(what string, sent map[string][]string, declared func(string) bool) (wrong []string) {
	for name := range sent {
		if !c.Open && !declared(name) {
			wrong = append(wrong, what+" "+name+" is not declared")
		}
	}
	return wrong
}

// body checks JSON; of what is no JSON the document says that it is there.
func (c *Contract) body(content map[string]Part, mediaType string, body []byte) []string {
	media, ok := content[mediaType]
	if !ok {
		kind, _, _ := strings.Cut(mediaType, ";")
		media, ok = content[strings.TrimSpace(kind)]
	}
	if !ok {
		return []string{fmt.Sprintf("a body of %q is not declared", mediaType)}
	}
	schema := c.Schema(media)
	if schema.Object == nil || !strings.Contains(mediaType, "json") {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return []string{fmt.Sprintf("no JSON: %v in %q", err, body)}
	}
	return about("body", c.Value(schema, value))
}

// parameter checks the values that were sent under a name.
func (c *Contract) parameter(p Part, values []string) []string {
	schema := c.Schema(p)
	if !slices.Contains(c.kinds(schema), "array") {
		if len(values) > 1 {
			return []string{"several times"}
		}
		return c.Value(schema, c.typed(schema, values[0]))
	}
	if explode, said := p.Object["explode"].(bool); said && !explode || p.Object["in"] != "query" {
		values = strings.Split(strings.Join(values, ","), ",")
	}
	list := []any{}
	for _, v := range values {
		list = append(list, c.typed(c.at(schema.Pointer+"/items"), v))
	}
	return c.Value(schema, list)
}

// typed is a text as the value that its schema means.
func (c *Contract) typed(schema Part, text string) any {
	for _, kind := range c.kinds(schema) {
		switch kind {
		case "integer", "number":
			if json.Valid([]byte(text)) && text[0] != '"' && text[0] != '[' && text[0] != '{' {
				if v, err := jsonschema.UnmarshalJSON(strings.NewReader(text)); err == nil {
					return v
				}
			}
		case "boolean":
			if v, err := strconv.ParseBool(text); err == nil && strconv.FormatBool(v) == text {
				return v
			}
		}
	}
	return text
}

// Kinds are the types that a schema names itself.
func (p Part) Kinds() (kinds []string) {
	if one, ok := p.Object["type"].(string); ok {
		kinds = append(kinds, one)
	}
	several, _ := p.Object["type"].([]any)
	for _, one := range several {
		kinds = append(kinds, one.(string))
	}
	return kinds
}

// kinds are the types that a schema names, itself or by its parts.
func (c *Contract) kinds(schema Part) []string {
	kinds := schema.Kinds()
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		parts, _ := schema.Object[word].([]any)
		for i := range parts {
			kinds = append(kinds, c.kinds(c.at(fmt.Sprintf("%s/%s/%d", schema.Pointer, word, i)))...)
		}
	}
	return kinds
}

// signedIn: one of the ways that the operation names is taken.
func (c *Contract) signedIn(o *Operation, r *http.Request, query url.Values) bool {
	ways, said := o.Object["security"].([]any)
	if !said {
		ways, said = c.tree["security"].([]any)
	}
	return !said || len(ways) == 0 || slices.ContainsFunc(ways, func(way any) bool {
		for name := range way.(Object) {
			scheme := c.at("/components/securitySchemes" + below(name)).Object
			switch key, _ := scheme["name"].(string); {
			case scheme["type"] == "http":
				kind, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
				if !strings.EqualFold(kind, fmt.Sprint(scheme["scheme"])) {
					return false
				}
			case scheme["in"] == "query" && !query.Has(key), scheme["in"] == "header" && r.Header.Get(key) == "":
				return false
			}
		}
		return true
	})
}

func about(what string, wrong []string) (out []string) {
	for _, w := range wrong {
		out = append(out, what+": "+w)
	}
	return out
}
