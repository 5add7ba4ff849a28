package address

import (
	"testing"

	"wangge/domain/household"
)

var areasNamed = []named{{"钮家巷社区居委会", "320508018020"}, {"钮家巷社区", "320508018020"}, {"平江街道", "320508018"}, {"姑苏区", "320508"}, {"江苏省", ""}, {"苏州市", "3205"}}

// What people write is read by its parts, numbers as wholes.
func TestParse(t *testing.T) {
	type address = household.Address
	for text, want := range map[string]address{
		"枫津新村12幢3单元401室":        {Estate: "枫津新村", Building: "12", Unit: "3", Room: "401"},
		"枫津新村12-3-401":          {Estate: "枫津新村", Building: "12", Unit: "3", Room: "401"},
		"楓津新村１２幢３單元４０１室":        {Estate: "枫津新村", Building: "12", Unit: "3", Room: "401"},
		" 枫津新村 12 — 3 — 401 室 ": {Estate: "枫津新村", Building: "12", Unit: "3", Room: "401"},
		"12-3-401":              {Building: "12", Unit: "3", Room: "401"},
		"枫津新村12-401":            {Estate: "枫津新村", Building: "12", Room: "401"},
		"枫津新村12幢401":            {Estate: "枫津新村", Building: "12", Room: "401"},
		"枫津新村十二栋三单元四室":          {Estate: "枫津新村", Building: "12", Unit: "3", Room: "4"},
		"枫津新村A座1203":            {Estate: "枫津新村", Building: "a", Room: "1203"},
		"枫津新村8号楼2门":             {Estate: "枫津新村", Building: "8", Unit: "2"},
		"大儒巷8号":                 {Estate: "大儒巷", Building: "8"},
		"大儒巷8":                  {Estate: "大儒巷", Building: "8"},
		"大儒巷 8 号（老张家隔壁）":        {Estate: "大儒巷", Building: "8"},
		"大儒巷8号对面的井盖":            {Estate: "大儒巷", Building: "8"},
		"十全街12号":                {Estate: "十全街", Building: "12"},
		"桃花坞大街158-3号":           {Estate: "桃花坞大街", Building: "158-3"},
		"三香路100号5幢301":          {Estate: "三香路100号", Building: "5", Room: "301"},
		"江苏省苏州市姑苏区平江街道钮家巷社区大儒巷8号": {Estate: "大儒巷", Building: "8"},
		"平江街道":       {Estate: "平江街道"},
		"新庄一村3幢102室": {Estate: "新庄一村", Building: "3", Room: "102"},
		"观前街":        {Estate: "观前街"},
		"枫津新村5幢3层":   {Estate: "枫津新村", Building: "5", Floor: "3"},
	} {
		got := parse(text, areasNamed)
		if len(got) == 0 || got[0].Plain() != want {
			t.Errorf("%s is read as %+v", text, got)
		}
	}
	for _, text := range []string{"", "  ", "（）", "——", "!!!"} {
		if got := parse(text, areasNamed); len(got) > 0 {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
	if r := parse("平江街道大儒巷8号301室", areasNamed)[0]; r.area != "320508018" || r.names != "平江街道" || r.outside != "大儒巷8号" {
		t.Errorf("%+v", r)
	}
	if r := parse("大儒巷8号对面", areasNamed)[0]; r.rest != "对面" {
		t.Errorf("%+v", r)
	}
}

// Whatever a text is, reading it ends, and what is sent outside never has more than its estate and building.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"枫津新村12幢3单元401室", "12-3-401", "大儒巷8号（老张家）", "平江街道", "\xff", "一二三四五-6"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		readings := parse(text, areasNamed)
		if len(readings) > 5 {
			t.Errorf("%d readings", len(readings))
		}
		for _, r := range readings {
			r.Plain()
			if r.Building == "" && r.outside != "" {
				t.Errorf("%q goes outside without a building", r.outside)
			}
		}
	})
}
