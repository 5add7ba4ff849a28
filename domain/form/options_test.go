package form

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wangge/domain/access"
	"wangge/store"
)

const fairOrPoor = `"oneOf":[{"const":"fair","title":"一般","x-title-en":"Fair"},{"const":"poor","title":"较差"}]`

func TestOptionsAreShownWithLabels(t *testing.T) {
	labelled := []Option{{"fair", Title{"一般", "Fair"}}, {"poor", Title{"较差", "较差"}}}
	bare := []Option{{"fair", Title{"fair", "fair"}}, {"poor", Title{"poor", "poor"}}}
	for question, want := range map[string][]Option{
		fairOrPoor: labelled, `"type":"array","items":{` + fairOrPoor + `}`: labelled,
		`"$ref":"#/$defs/how"`: labelled, `"type":"array","items":{"$ref":"#/$defs/how"}`: labelled, `"$ref":"#/$defs/several"`: labelled,
		`"enum":["fair","poor"]`: bare, `"items":{"enum":["fair","poor"]}`: bare, `"oneOf":[{"const":"fair"},{"const":"poor"}]`: bare,
		`"enum":[1,2]`: nil, `"oneOf":[{"const":"fair"},{"const":null}]`: nil, `"oneOf":[{"const":"none"},{"minLength":5}]`: nil, `"type":"string"`: nil,
	} {
		f := version("elder", 1, schemaOf(`"$defs":{"how":{`+fairOrPoor+`},"several":{"items":{`+fairOrPoor+`}}}`, `"a":`+q(question)))
		if got, err := f.Options(); err != nil || !reflect.DeepEqual(got["a"], want) || len(got) > 0 != (want != nil) {
			t.Errorf("%s: %v, %v", question, got, err)
		}
		if sheet, err := Merge([]*Form{f}); err != nil || !reflect.DeepEqual(sheet.Questions[0].Options, want) {
			t.Errorf("%s on a sheet: %v, %v", question, sheet, err)
		}
	}
}

func TestOptionsThatAreSavedHaveLabels(t *testing.T) {
	for question, want := range map[string]string{
		fairOrPoor: "", `"type":"array","items":{` + fairOrPoor + `}`: "", `"oneOf":[{"const":"none"},{"minLength":5}]`: "", `"type":"string"`: "",
		`"enum":["fair"]`: "/enum", `"items":{"enum":[1]}`: "/items/enum",
		`"oneOf":[{"const":"fair","title":"一般"},{"const":"poor"}]`:               "/oneOf/1/title",
		`"oneOf":[{"const":"fair","title":" "}]`:                                 "/oneOf/0/title",
		`"oneOf":[{"const":"fair","title":"一\u0007般"}]`:                          "/oneOf/0/title",
		`"oneOf":[{"const":"fair","title":"` + strings.Repeat("长", 101) + `"}]`:  "/oneOf/0/title",
		`"oneOf":[{"const":"fair","title":"一般","x-title-en":""}]`:                "/oneOf/0/x-title-en",
		`"oneOf":[{"const":"fair","title":"一般","x-title-en":{"en":"x"}}]`:        "/oneOf/0/x-title-en",
		`"oneOf":[{"const":"fair","title":"一般"},{"const":"fair","title":"也一般"}]`: "/oneOf/1/const",
		`"oneOf":[{"const":1,"title":"一"}]`:                                      "/oneOf/0/const",
		`"oneOf":[{"const":"` + strings.Repeat("a", 41) + `","title":"一"}]`:      "/oneOf/0/const",
	} {
		for at, text := range map[string]string{
			"/schema/properties/a": schemaOf("", `"a":`+q(question)),
			"/schema/$defs/d":      schemaOf(`"$defs":{"d":{`+question+`}}`, `"a":`+q(`"$ref":"#/$defs/d"`), `"b":`+q(`"$ref":"#/$defs/d"`)),
		} {
			d := draft("elder", "", text)
			var pointers []string
			if want != "" {
				pointers = []string{at + want}
			}
			if err := d.check(); !slices.Equal(pointersOf(err), pointers) {
				t.Errorf("%s: %v at %v, want %v", text, err, pointersOf(err), pointers)
			}
		}
	}
}

// An answer is one of the codes; what is wrong with it is said once.
func TestAnswersToAChoice(t *testing.T) {
	sheet, err := Merge([]*Form{version("elder", 1, schemaOf("", `"a":`+q(fairOrPoor)))})
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string][]string{`"fair"`: nil, `"一般"`: {"/answers/a"}, `1`: {"/answers/a"}} {
		answers, err := ReadAnswers(`{"a":` + answer + `}`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sheet.Check(answers); !slices.Equal(pointersOf(err), want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// A form that was stored before options had labels is read, and its next version has them.
func TestStoredFormsWithoutLabels(t *testing.T) {
	oneEngine(t, func(t *testing.T, s *Forms) {
		program := access.Program
		a, _ := s.areas.Tree().ByCode(street)
		old := &Form{Meta: store.Meta{ID: versionID(a.ID, "elder", 1), Partition: a.ID}, Code: "elder", Number: 1, Newest: true, Place: a.Place,
			Title: Title{"走访表", "Form"}, Schema: schemaOf("", `"a":`+q(`"enum":["fair"]`)), At: noon}
		if err := s.store.Update(t.Context(), []string{a.ID}, func(tx *store.Tx) error { return forms.Insert(tx, old, old.entry(program, noon, "saved")) }); err != nil {
			t.Fatal(err)
		}
		found, err := Load(t.Context(), s.store, []string{old.ID})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := found[old.ID].Options(); err != nil || fmt.Sprint(got) != "map[a:[{fair {fair fair}}]]" {
			t.Errorf("read as %v, %v", got, err)
		}
		if _, err := s.Save(t.Context(), program, noon, 1, draft("elder", "", old.Schema)); !slices.Equal(pointersOf(err), []string{"/schema/properties/a/enum"}) {
			t.Errorf("the same again: %v", err)
		}
		next, err := s.Save(t.Context(), program, noon, 1, draft("elder", "", schemaOf("", `"a":`+q(fairOrPoor))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := next.Options(); err != nil || len(got["a"]) != 2 || got["a"][0].Label != (Title{"一般", "Fair"}) {
			t.Errorf("the next version: %v, %v", got, err)
		}
	})
}
