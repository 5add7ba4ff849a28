package form

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
)

// q is a question's schema with titles and more.
func q(more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"title":"问题","x-title-en":"Question"` + more + `}`
}

func schemaOf(more string, questions ...string) string {
	if more != "" {
		more = "," + more
	}
	return `{"type":"object","properties":{` + strings.Join(questions, ",") + `}` + more + `}`
}

const dialectSaid = `"$schema":"https://json-schema.org/draft/2020-12/schema"`

func pointersOf(err error) []string {
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		return nil
	}
	var out []string
	for _, f := range bad.Fields {
		if f.Detail.ZH == "" || f.Detail.EN == "" {
			out = append(out, "untranslated")
		}
		out = append(out, f.Pointer)
	}
	slices.Sort(out)
	return out
}

func TestSchemasThatAreForms(t *testing.T) {
	for _, text := range []string{
		schemaOf("", `"health":`+q(`"enum":["good","poor"]`)),
		schemaOf(dialectSaid+`,"required":["a"]`, `"a":`+q(`"type":"string","maxLength":50`), `"b":`+q(`"type":"integer","minimum":0`)),
		schemaOf(`"$defs":{"yesNo":{"enum":["yes","no"]}},"if":{"properties":{"a":{"const":"no"}}},"then":{"required":["b"]}`,
			`"a":`+q(`"$ref":"#/$defs/yesNo"`), `"b":`+q(`"type":"array","items":{"type":"string","pattern":"^[a-z]+$"}`)),
		schemaOf(`"x-note":{"anything":["at","all"]}`, `"a":`+q(`"format":"date","x-widget":"calendar"`)),
	} {
		if _, err := Read(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHostileSchemas(t *testing.T) {
	doubling := ""
	for i := range 30 {
		doubling += fmt.Sprintf(`"d%02d":{"allOf":[{"$ref":"#/$defs/d%02d"},{"$ref":"#/$defs/d%02d"}]},`, i, i+1, i+1)
	}
	fanned := `"$defs":{"d":{"anyOf":[` + strings.TrimSuffix(strings.Repeat(`{"const":1},`, 1000), ",") + `]}}`
	deep := strings.Repeat(`{"items":`, 60) + `{}` + strings.Repeat(`}`, 60)
	for name, c := range map[string]struct{ text, at string }{
		"a file":                  {schemaOf("", `"a":`+q(`"$ref":"file:///etc/passwd"`)), "/schema/properties/a/$ref"},
		"an address":              {schemaOf("", `"a":`+q(`"$ref":"http://169.254.169.254/latest"`)), "/schema/properties/a/$ref"},
		"a relative file":         {schemaOf("", `"a":`+q(`"$ref":"../other.json#/a"`)), "/schema/properties/a/$ref"},
		"the library's own":       {schemaOf("", `"a":`+q(`"$ref":"https://json-schema.org/draft/2020-12/schema"`)), "/schema/properties/a/$ref"},
		"itself":                  {schemaOf("", `"a":`+q(`"$ref":"#"`)), "/schema/properties/a/$ref"},
		"a cycle":                 {schemaOf(`"$defs":{"a":{"$ref":"#/$defs/a"}}`, `"a":`+q("")), "/schema/$defs/a/$ref"},
		"doubling":                {schemaOf(`"$defs":{`+doubling+`"d30":{}}`, `"a":`+q(`"$ref":"#/$defs/d00"`)), "/schema/$defs/d00/allOf/0/$ref"},
		"fanning out":             {schemaOf(fanned, `"a":`+q(`"allOf":[`+strings.TrimSuffix(strings.Repeat(`{"$ref":"#/$defs/d"},`, 6), ",")+`]`)), "/schema"},
		"a new base":              {schemaOf(`"$id":"http://example.org/x"`, `"a":`+q("")), "/schema/$id"},
		"a dynamic reference":     {schemaOf("", `"a":`+q(`"$dynamicRef":"#x"`)), "/schema/properties/a/$dynamicRef"},
		"another dialect":         {schemaOf(`"$schema":"http://json-schema.org/draft-07/schema#"`, `"a":`+q("")), "/schema/$schema"},
		"a dialect from afar":     {schemaOf(`"$schema":"http://example.org/meta"`, `"a":`+q("")), "/schema/$schema"},
		"a misspelt keyword":      {schemaOf("", `"a":`+q(`"requierd":["b"]`)), "/schema/properties/a/requierd"},
		"a long pattern":          {schemaOf("", `"a":`+q(`"pattern":"`+strings.Repeat("a?", 101)+`"`)), "/schema/properties/a/pattern"},
		"a pattern of repeats":    {schemaOf("", `"a":`+q(`"pattern":"((a{100}){100}){100}"`)), "/schema/properties/a/pattern"},
		"a pattern no RE2 has":    {schemaOf("", `"a":`+q(`"pattern":"(?=a)b"`)), "/schema/properties/a/pattern"},
		"a pattern as a name":     {schemaOf(`"patternProperties":{"(":{}}`, `"a":`+q("")), "/schema/patternProperties/("},
		"nested deeply":           {schemaOf("", `"a":`+q(`"items":`+deep)), "/schema"},
		"a number like a library": {schemaOf("", `"a":`+q(`"maximum":1e999999`)), "/schema"},
		"too long":                {schemaOf(`"title":"`+strings.Repeat("长", 30_000)+`"`, `"a":`+q("")), "/schema"},
		"no JSON":                 {`{"type":"object"`, "/schema"},
		"two values":              {`{} {}`, "/schema"},
		"no object":               {`[]`, "/schema/type"},
		"a list":                  {`{"type":"array","items":{}}`, "/schema/type"},
		"no questions":            {schemaOf(""), "/schema/properties"},
		"no English":              {`{"type":"object","properties":{"a":{"title":"问题"}}}`, "/schema/properties/a/x-title-en"},
		"a boolean question":      {`{"type":"object","properties":{"a":true}}`, "/schema/properties/a/title"},
		"a name of its own":       {schemaOf("", `"a.b":`+q("")), "/schema/properties/a.b"},
		"no such type":            {schemaOf("", `"a":`+q(`"type":"text"`)), "/schema/properties/a/type"},
		"a minimum in words":      {schemaOf("", `"a":`+q(`"minimum":"3"`)), "/schema/properties/a/minimum"},
		"a list for a schema":     {schemaOf("", `"a":`+q(`"items":[]`)), "/schema/properties/a/items"},
		"a schema for a list":     {schemaOf("", `"a":`+q(`"allOf":{}`)), "/schema/properties/a/allOf"},
	} {
		began := time.Now()
		_, err := Read(c.text)
		if got := pointersOf(err); !slices.Contains(got, c.at) || slices.Contains(got, "untranslated") {
			t.Errorf("%s: at %v (%v), want %s", name, got, err, c.at)
		}
		if spent := time.Since(began); spent > time.Minute {
			t.Errorf("%s took %s", name, spent)
		}
	}
}

// Whatever is read as a form checks whatever is read as answers, in little time.
func FuzzForm(f *testing.F) {
	f.Add(schemaOf(`"required":["a"]`, `"a":`+q(`"type":"string","pattern":"^(a+)+$"`)), `{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}`)
	f.Add(schemaOf(`"$defs":{"d":{"enum":[1,2]}}`, `"b":`+q(`"$ref":"#/$defs/d"`)), `{"b":2,"c":[1e3,{"x":null}]}`)
	f.Add(schemaOf(`"unevaluatedProperties":false,"minProperties":2`, `"a":`+q(`"uniqueItems":true`)), `{"a":[1,1.0,"1"]}`)
	f.Fuzz(func(t *testing.T, schema, text string) {
		began := time.Now()
		sheet, err := Merge([]*Form{{Code: "one", Number: 1, Schema: schema}})
		answers, other := ReadAnswers(text)
		if err == nil && other == nil {
			if split, err := sheet.Check(answers); err == nil && split[""].Text() != answers.Text() {
				t.Errorf("%s became %s", answers.Text(), split[""].Text())
			}
			again, err := ReadAnswers(answers.Text())
			if err != nil || again.Text() != answers.Text() {
				t.Errorf("%s read again: %s, %v", answers.Text(), again.Text(), err)
			}
		}
		if spent := time.Since(began); spent > time.Minute {
			t.Errorf("took %s", spent)
		}
	})
}
