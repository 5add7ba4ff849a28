package handlers

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"wangge"
	"wangge/handlers/contracttest"
	"wangge/handlers/web"
)

// words are the keywords of OpenAPI 3.1 and of JSON Schema 2020-12, by the kind
// of object they stand in. A keyword leads to a kind: "" is a value of any
// form, "[kind]" a list, "{kind}" a map with names of the document's own.
var words = map[string]map[string]string{
	"document": spoken("openapi jsonSchemaDialect info:info servers:[server] paths:{path} webhooks:{path} components:components security:[{}] tags:[tag] externalDocs:link"),
	"info":     spoken("title summary description termsOfService contact:contact license:license version"),
	"contact":  spoken("name url email"),
	"license":  spoken("name identifier url"),
	"server":   spoken("url description variables:{variable}"),
	"variable": spoken("enum default description"),
	"tag":      spoken("name description externalDocs:link"),
	"link":     spoken("description url"),
	"components": spoken("schemas:{schema} responses:{response} parameters:{parameter} examples:{example} requestBodies:{body} headers:{header} " +
		"securitySchemes:{scheme} links:{reference} callbacks:{reference} pathItems:{path}"),
	"path": spoken("$ref summary description get:operation put:operation post:operation delete:operation options:operation head:operation " +
		"patch:operation trace:operation servers:[server] parameters:[parameter]"),
	"operation": spoken("tags summary description externalDocs:link operationId parameters:[parameter] requestBody:body responses:{response} " +
		"callbacks:{reference} deprecated security:[{}] servers:[server]"),
	"parameter": spoken("$ref name in description required deprecated allowEmptyValue style explode allowReserved schema:schema example examples:{example} content:{media}"),
	"header":    spoken("$ref description required deprecated style explode schema:schema example examples:{example} content:{media}"),
	"body":      spoken("$ref description content:{media} required"),
	"media":     spoken("schema:schema example examples:{example} encoding:{encoding}"),
	"encoding":  spoken("contentType headers:{header} style explode allowReserved"),
	"response":  spoken("$ref description headers:{header} content:{media} links:{reference}"),
	"example":   spoken("$ref summary description value externalValue"),
	"reference": spoken("$ref summary description"),
	"scheme":    spoken("$ref type description name in scheme bearerFormat flows openIdConnectUrl"),
	"schema": spoken("$id $schema $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment $defs:{schema} allOf:[schema] anyOf:[schema] oneOf:[schema] " +
		"not:schema if:schema then:schema else:schema dependentSchemas:{schema} prefixItems:[schema] items:schema contains:schema properties:{schema} " +
		"patternProperties:{schema} additionalProperties:schema propertyNames:schema unevaluatedItems:schema unevaluatedProperties:schema " +
		"type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems " +
		"maxContains minContains maxProperties minProperties required dependentRequired title description default deprecated readOnly writeOnly " +
		"examples format contentEncoding contentMediaType contentSchema:schema discriminator xml externalDocs:link"),
}

// spoken reads "word word:kind …".
func spoken(text string) map[string]string {
	out := map[string]string{}
	for _, w := range strings.Fields(text) {
		word, kind, _ := strings.Cut(w, ":")
		out[word] = kind
	}
	return out
}

// unspoken lists the keywords that no object of this kind has.
func unspoken(v any, kind, at string) (out []string) {
	switch {
	case strings.HasPrefix(kind, "["):
		list, _ := v.([]any)
		for i, e := range list {
			out = append(out, unspoken(e, kind[1:len(kind)-1], fmt.Sprintf("%s/%d", at, i))...)
		}
		return out
	case strings.HasPrefix(kind, "{"):
		named, _ := v.(map[string]any)
		for name, e := range named {
			out = append(out, unspoken(e, kind[1:len(kind)-1], web.Below(at, name))...)
		}
		return out
	}
	obj, _ := v.(map[string]any) // a schema may be true or false
	for word, e := range obj {
		inner, known := words[kind][word]
		if !known && !strings.HasPrefix(word, "x-") && kind != "" {
			out = append(out, web.Below(at, word))
		}
		if inner != "" {
			out = append(out, unspoken(e, inner, web.Below(at, word))...)
		}
	}
	return out
}

// A comma in a description that is not quoted makes keywords of its rest.
func TestContractHasNoWordsOfItsOwn(t *testing.T) {
	found := func(spec []byte) []string {
		return unspoken(must(contracttest.Parse(spec))(t), "document", "")
	}
	if got := found([]byte("openapi: 3.1.1\ncomponents: {schemas: {A: {properties: {b: {type: string, description: met, and liked}}}}}")); len(got) != 1 || got[0] != "/components/schemas/A/properties/b/and liked" {
		t.Errorf("a description with a comma: %q", got)
	}
	for _, at := range found(wangge.Contract) {
		t.Errorf("%s is no keyword", at)
	}
}

var toTheSecond = regexp.MustCompile(`'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'`)

// The examples have times as answers have them.
func TestContractShowsTimesAsAnswered(t *testing.T) {
	for i, line := range strings.Split(string(wangge.Contract), "\n") {
		if at := toTheSecond.FindString(line); at != "" {
			t.Errorf("line %d: %s without milliseconds", i+1, at)
		}
	}
}
