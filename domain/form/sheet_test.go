package form

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"wangge/store"
)

func version(code string, number int, schema string) *Form {
	return &Form{Meta: store.Meta{ID: fmt.Sprintf("%s-%d", code, number)}, Code: code, Number: number, Schema: schema}
}

var (
	elder = version("elder", 1, schemaOf(`"required":["health"],"dependentRequired":{"falls":["floor"]},"$defs":{"how":{"enum":["good","fair","poor"]}}`,
		`"health":`+q(`"$ref":"#/$defs/how"`), `"falls":`+q(`"type":"integer","minimum":0`), `"floor":`+q(`"type":"integer"`), `"phone":`+q(`"type":"string","pattern":"^1[0-9]{10}$"`)))
	poor = version("poor", 1, schemaOf(`"required":["income"]`,
		`"income":`+q(`"type":"number"`), `"phone":`+q(`"type":"string","pattern":"^1[0-9]{10}$"`), `"health":`+q(`"type":"string","minLength":2`)))
)

func TestFormsOnOneSheet(t *testing.T) {
	sheet, err := Merge([]*Form{elder, poor, elder})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, question := range sheet.Questions {
		got = append(got, question.Key+" "+strings.Join(question.Forms, "+"))
		if strings.Contains(question.Schema, "$ref") != strings.Contains(question.Schema, `"$defs"`) {
			t.Errorf("%s does not stand alone: %s", question.Key, question.Schema)
		}
	}
	want := []string{"falls elder-1", "floor elder-1", "health elder-1", "income poor-1", "phone elder-1+poor-1", "poor.1.health poor-1"}
	if !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	answers, err := ReadAnswers(`{"health":"fair","poor.1.health":"一般","phone":"13800000001","income":1200.50}`)
	if err != nil {
		t.Fatal(err)
	}
	split, err := sheet.Check(answers)
	if err != nil || len(split) != 2 {
		t.Fatalf("%v, %v", split, err)
	}
	if a := split["elder-1"].Text(); a != `{"health":"fair","phone":"13800000001"}` {
		t.Errorf("the elder's form has %s", a)
	}
	if a := split["poor-1"].Text(); a != `{"health":"一般","income":1200.50,"phone":"13800000001"}` {
		t.Errorf("the poor's form has %s", a)
	}
	offered := sheet.Offer(map[string]Answers{"elder": split["elder-1"], "poor": {"income": "much", "health": "差异", "gone": true}, "other": {"phone": "1"}})
	if got := offered.Text(); got != `{"health":"fair","phone":"13800000001","poor.1.health":"差异"}` {
		t.Errorf("offered %s", got)
	}
}

func TestAnswersThatDoNotFit(t *testing.T) {
	sheet, err := Merge([]*Form{elder, poor})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		answers string
		at      []string
	}{
		{`{}`, []string{"/answers/health", "/answers/income"}},
		{`{"health":"dead","income":1}`, []string{"/answers/health"}},
		{`{"health":"good","income":"1"}`, []string{"/answers/income"}},
		{`{"health":"good","income":1,"falls":-1,"floor":1}`, []string{"/answers/falls"}},
		{`{"health":"good","income":1,"falls":1}`, []string{"/answers/floor"}},
		{`{"health":"good","income":1,"phone":"call me"}`, []string{"/answers/phone"}}, // asked by both, said once
		{`{"health":"good","income":1,"poor.1.health":"x"}`, []string{"/answers/poor.1.health"}},
		{`{"health":"good","income":1,"a/b~c":1}`, []string{"/answers/a~1b~0c"}},
	} {
		answers, err := ReadAnswers(c.answers)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = sheet.Check(answers); !slices.Equal(pointersOf(err), c.at) {
			t.Errorf("%s: at %v, want %v", c.answers, pointersOf(err), c.at)
		}
	}
	for _, text := range []string{`[]`, `"x"`, `{"a":1e1000000}`, `{"a":` + strings.Repeat("9", 31) + `}`, `{"a":[` + strings.TrimSuffix(strings.Repeat("1,", 2000), ",") + `]}`,
		`{"a":"` + strings.Repeat("x", 33<<10) + `"}`, `{"a":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`, `{`, `{}{}`} {
		if a, err := ReadAnswers(text); !slices.Equal(pointersOf(err), []string{"/answers"}) {
			t.Errorf("%.40s: %v, %v", text, a, err)
		}
	}
	if a, err := ReadAnswers(""); err != nil || len(a) != 0 {
		t.Errorf("none: %v, %v", a, err)
	}
}

// TestManySheetsOfOneForm: what is kept of a schema serves many at once, more
// forms than are kept too, and one that is none is refused each time.
func TestManySheetsOfOneForm(t *testing.T) {
	var g sync.WaitGroup
	for i := range 3 * schemasKept {
		g.Go(func() {
			own := version("own", i, schemaOf("", `"n":`+q(fmt.Sprintf(`"type":"integer","minimum":%d`, i))))
			sheet, err := Merge([]*Form{elder, own})
			if err != nil {
				t.Error(err)
				return
			}
			for n, ok := range map[int]bool{i - 1: false, i: true} {
				answers, err := ReadAnswers(fmt.Sprintf(`{"health":"fair","n":%d}`, n))
				if err != nil {
					t.Error(err)
				}
				if _, err := sheet.Check(answers); (err == nil) != ok {
					t.Errorf("%d where %d is the least: %v", n, i, err)
				}
			}
			if _, err := Merge([]*Form{version("none", 1, `{"type":"object"}`)}); err == nil {
				t.Error("a schema without questions is read")
			}
		})
	}
	g.Wait()
}
