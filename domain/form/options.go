package form

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"wangge/domain"
)

// Bounds of an option, in runes.
const (
	optionCodeMax  = 40
	optionLabelMax = 100
)

// Option is one of a choice: what an answer carries, and what people read.
type Option struct {
	Code  string
	Label Title
}

// Options are the options of each question that is a choice, by its name and
// in their order: those of {"oneOf": [{"const": code, "title": Chinese,
// "x-title-en": English}, …]}, of the question or of its items. English falls
// back to the Chinese. Forms saved before options had labels have them under
// "enum": a code is its own label there. A choice that is not of texts has none.
func (f *Form) Options() (map[string][]Option, error) {
	doc, err := decode(f.Schema, schemaLongest)
	if err != nil {
		return nil, err
	}
	root, _ := doc.(map[string]any)
	questions, _ := root["properties"].(map[string]any)
	return (&Schema{questions: questions, defs: root["$defs"]}).options(), nil
}

func (s *Schema) options() map[string][]Option {
	out := map[string][]Option{}
	for name, question := range s.questions {
		s.choices("", question, func(_ string, schema map[string]any) {
			if found := optionsOf(schema); len(out[name]) == 0 && len(found) > 0 {
				out[name] = found
			}
		})
	}
	return out
}

// choices visits where a question may list its options: itself, its items, and
// what they refer to.
func (s *Schema) choices(at string, v any, visit func(at string, schema map[string]any)) {
	schema, _ := v.(map[string]any)
	visit(at, schema)
	if items, ok := schema["items"].(map[string]any); ok {
		s.choices(at+"/items", items, visit)
	}
	ref, _ := schema["$ref"].(string)
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok { // which refers no further
		defs, _ := s.defs.(map[string]any)
		s.choices("/schema/$defs/"+escape(name), defs[name], visit)
	}
}

func optionsOf(schema map[string]any) []Option {
	var out []Option
	add := func(code any, zh, en string) bool {
		text, ok := code.(string)
		out = append(out, Option{text, Title{cmp.Or(zh, text), cmp.Or(en, zh, text)}})
		return ok
	}
	for _, v := range listed(schema) {
		o := v.(map[string]any)
		zh, _ := o["title"].(string)
		en, _ := o["x-title-en"].(string)
		if !add(o["const"], zh, en) {
			return nil
		}
	}
	if codes, ok := schema["enum"].([]any); ok && out == nil {
		for _, code := range codes {
			if !add(code, "", "") {
				return nil
			}
		}
	}
	return out
}

// listed is the "oneOf" of a schema when it lists options: each has a "const".
func listed(schema map[string]any) []any {
	list, _ := schema["oneOf"].([]any)
	for _, v := range list {
		o, _ := v.(map[string]any)
		if _, ok := o["const"]; !ok {
			return nil
		}
	}
	return list
}

// unlabelled is what a form that is saved may not have: options without a
// label, twice, or beyond their bounds. InvalidError with pointers below /schema.
func (s *Schema) unlabelled() error {
	bad := &domain.InvalidError{}
	said := map[string]bool{} // several questions may refer to one choice
	add := func(at string, detail domain.Text) {
		if !said[at] {
			said[at] = true
			bad.Add(at, detail)
		}
	}
	for _, name := range sorted(s.questions) {
		s.choices("/schema/properties/"+escape(name), s.questions[name], func(at string, schema map[string]any) {
			if _, ok := schema["enum"]; ok {
				add(at+"/enum", domain.T("选项请写成 oneOf，每项有 const（代码）、title（中文）和 x-title-en（英文）", `options are listed in oneOf, each with "const" (its code), "title" (Chinese) and "x-title-en" (English)`))
			}
			codes := map[any]bool{}
			for i, v := range listed(schema) {
				below, o := fmt.Sprintf("%s/oneOf/%d", at, i), v.(map[string]any)
				code, ok := o["const"].(string)
				if !ok || !fits(code, optionCodeMax) {
					add(below+"/const", domain.T("选项代码应为 1 到 40 字的文字", "the code of an option is a text of 1 to 40 characters"))
				} else if codes[code] {
					add(below+"/const", domain.T("选项代码重复", "another option has this code"))
				}
				codes[code] = true
				if zh, ok := o["title"].(string); !ok || !fits(zh, optionLabelMax) {
					add(below+"/title", domain.T("请填写选项的中文名称，最多 100 字", "each option needs a title (Chinese) of 1 to 100 characters"))
				}
				if en, ok := o["x-title-en"]; ok {
					if text, ok := en.(string); !ok || !fits(text, optionLabelMax) {
						add(below+"/x-title-en", domain.T("选项的英文名称应为 1 到 100 字的文字", "the English title of an option is a text of 1 to 100 characters"))
					}
				}
			}
		})
	}
	return bad.Err()
}

// fits reports whether a text can be read and is of 1 to so many runes.
func fits(text string, most int) bool {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	return n > 0 && n <= most && domain.TextFault(text, false) == domain.Text{}
}
