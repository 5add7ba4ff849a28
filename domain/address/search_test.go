package address

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/domain/worldtest"
)

// fill brings in an estate of 40 buildings of 10 doors, a road, and its like in another street.
func (w *world) fill() {
	var rows []string
	for b := 1; b <= 40; b++ {
		for d := range 10 {
			rows = append(rows, line(fmt.Sprintf("F%d-%d", b, d), "枫津新村", fmt.Sprint(b), fmt.Sprint(d/4+1), fmt.Sprint(401+d), beside(at[east], float64(b*50-1000))))
		}
	}
	rows = append(rows, line("D8", "大儒巷", "8号", "", "", at[west]), line("D18", "大儒巷", "18号", "", "", beside(at[west], 200)),
		line("N1", "人民路", "1号", "", "", at[west]), line("N2", "人民路", "1号", "", "", at[other]),
		line("S1", "水·岸新村", "1", "", "", at[west]))
	for n := 112; n <= 113; n++ {
		rows = append(rows, line(fmt.Sprint("W", n), "枫津新村", fmt.Sprint(n), "3", "401", at[east]))
	}
	report := w.take("admin", rows...)
	if report.Added != len(rows) || report.Failed() {
		w.t.Fatalf("%+v", report)
	}
}

// An address is found by its parts, however they are written, and numbers are wholes.
func TestSearch(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.fill()
		for text, want := range map[string]struct {
			code  string
			level string
			sure  bool
		}{
			"枫津新村12幢3单元409室":   {"F12-8", Door, true},
			"枫津新村12-3-409":     {"F12-8", Door, true},
			"楓津新村１２幢３單元４０９室":   {"F12-8", Door, true},
			"枫津新村十二幢三单元409":    {"F12-8", Door, true},
			"枫津新村12-409":       {"F12-8", Door, true},
			"苏州市甲街道枫津新村12幢409": {"F12-8", Door, true},
			"枫津新村112幢3单元401":   {"W112", Door, true},
			"枫津新村12幢":          {"F12-0", Building, true},
			"枫津新村12幢9单元999室":   {"F12-0", Building, true}, // the list has not the door, but its building
			"大儒巷8号":            {"D8", Building, true},
			"大儒巷8":             {"D8", Building, true},
			"大儒巷8号301室":        {"D8", Building, true},
			"乙街道人民路1号":         {"N2", Building, true},
			"大儒巷8号对面的井盖":       {"D8", Building, false},
			"儒巷8号":             {"D8", Building, false},
			"人民路1号":            {"", Building, false}, // of which there are two
			"枫津新村999幢1单元101":   {"", Building, false},
			"枫津新村":             {"", Building, false},
			"水·岸新村":            {"S1", Building, false},
			"水岸新村":             {"S1", Building, false},
			"水·岸新村1幢":          {"S1", Building, true},
		} {
			got := w.search("resident", text)
			if len(got.Matches) == 0 {
				t.Errorf("%s: nothing is found", text)
				continue
			}
			m := got.Matches[0]
			if want.code != "" && m.Code != want.code || m.Level != want.level || (m.Confidence >= Sure) != want.sure || m.Source != place.FromStandard {
				t.Errorf("%s: %+v", text, m)
			}
		}
		if got := w.search("resident", "平泷路77号"); len(got.Matches) > 0 {
			t.Errorf("of a road that is nowhere: %+v", got.Matches)
		}
		many := w.search("resident", "枫津新村")
		if !many.More || len(many.Matches) != 42 || many.Matches[0].Doors != 10 || many.Matches[0].Text != "枫津新村1幢" {
			t.Errorf("400 doors: %v, %d matches, the first %+v", many.More, len(many.Matches), many.Matches[0])
		}
		if _, err := w.addresses.Search(t.Context(), w.people["resident"], noon, Query{Text: "枫津新村", Area: "320599"}); !slices.Equal(worldtest.Pointers(err), []string{"?area"}) {
			t.Errorf("in an area that is none: %v", err)
		}
		if _, err := w.addresses.Search(t.Context(), w.people["resident"], noon, Query{Text: "（）"}); !slices.Equal(worldtest.Pointers(err), []string{"?q"}) {
			t.Errorf("of nothing: %v", err)
		}
		narrow := must(w.addresses.Search(t.Context(), w.people["resident"], noon, Query{Text: "人民路1号", Area: yi}))(t)
		if len(narrow.Matches) != 1 || narrow.Matches[0].Code != "N2" || narrow.Matches[0].Confidence < Sure {
			t.Errorf("in Yi: %+v", narrow.Matches)
		}
	})
}

// Where people live is told to who reads their households, and to nobody else.
func TestHouseholdsAreForTheirReaders(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		h := w.live(at[east], household.Address{Estate: "狮林寺巷", Building: "3", Unit: "2", Room: "502"})
		for who, want := range map[string]int{"admin": 1, "manager": 1, "dispatcher": 1, "community": 1, "resident": 0, "handler": 0, "counter": 0, "other manager": 0} {
			got := w.search(who, "狮林寺巷3幢2单元502室")
			if len(got.Matches) != want {
				t.Errorf("%s has %d", who, len(got.Matches))
			}
			for _, m := range got.Matches {
				if m.ID != h.ID || m.Household != h.ID || m.Source != place.FromHouseholds || m.Confidence < Sure || strings.Contains(fmt.Sprint(m), "王") {
					t.Errorf("%s: %+v", who, m)
				}
			}
		}
		if got := w.search("admin", "王秀英"); len(got.Matches) > 0 {
			t.Errorf("by a name: %+v", got.Matches)
		}
		// A door of both lists is one match, of the standard list.
		w.take("admin", line("S1", "狮林寺巷", "3", "2", "502", at[east]))
		if got := w.search("admin", "狮林寺巷3-2-502"); len(got.Matches) != 1 || got.Matches[0].Code != "S1" || got.Matches[0].Household != h.ID {
			t.Errorf("%+v", got.Matches)
		}
	})
}

// Where something lies follows from the surest address, or the street from what else is known.
func TestLocate(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.fill()
		h := w.live(at[east], household.Address{Estate: "狮林寺巷", Building: "3", Unit: "2", Room: "502"})
		street := func(code string) string { return worldtest.ID(t, w.areas, code) }
		for name, c := range map[string]struct {
			who    string
			asked  place.Asked
			street string
			placed bool
			fault  string
		}{
			"a position":                     {"resident", place.Asked{Position: new(at[other]), Datum: "wgs84", Address: "枫津新村"}, yi, true, ""},
			"a position at sea":              {"resident", place.Asked{Position: new(at["at sea"])}, "", false, "/position"},
			"a sure address":                 {"resident", place.Asked{Address: "枫津新村12-3-409"}, jia, true, ""},
			"one that is not sure":           {"resident", place.Asked{Address: "枫津新村"}, jia, false, ""},
			"one of two streets":             {"resident", place.Asked{Address: "人民路1号"}, "", false, ""},
			"one of two streets, which":      {"resident", place.Asked{Address: "人民路1号", Area: yi}, yi, true, ""},
			"nowhere, with an area":          {"resident", place.Asked{Address: "平泷路77号", Area: yi}, yi, false, ""},
			"nowhere, with a community":      {"resident", place.Asked{Address: "平泷路77号", Area: worldtest.YiOne}, yi, false, ""},
			"nowhere, with a county":         {"resident", place.Asked{Address: "平泷路77号", Area: worldtest.County}, "", false, "/area"},
			"nowhere, with a street's name":  {"resident", place.Asked{Address: "乙街道平泷路77号"}, yi, false, ""},
			"nowhere":                        {"resident", place.Asked{Address: "平泷路77号"}, "", false, "/area"},
			"nowhere, granted one street":    {"manager", place.Asked{Address: "平泷路77号"}, jia, false, ""},
			"nowhere, granted a community":   {"counter", place.Asked{Address: "平泷路77号"}, jia, false, ""},
			"nowhere, granted a county":      {"county admin", place.Asked{Address: "平泷路77号"}, "", false, "/area"},
			"nowhere, granted everything":    {"admin", place.Asked{Address: "平泷路77号"}, "", false, "/area"},
			"an area that is none":           {"admin", place.Asked{Address: "枫津新村12-3-409", Area: "999999"}, "", false, "/area"},
			"no letter":                      {"admin", place.Asked{Address: "——"}, "", false, "/address"},
			"a household":                    {"manager", place.Asked{Household: h.ID, Address: "平泷路77号"}, jia, true, ""},
			"a household out of reach":       {"other manager", place.Asked{Household: h.ID}, "", false, "/household"},
			"a household, to a resident":     {"resident", place.Asked{Household: h.ID}, "", false, "/household"},
			"a household that there is not":  {"admin", place.Asked{Household: "01931f0a-7c1e-7b3a-9a55-1f2e3d4c5f01"}, "", false, "/household"},
			"the address of a household":     {"manager", place.Asked{Address: "狮林寺巷3-2-502"}, jia, true, ""},
			"the same, to a resident of Jia": {"resident", place.Asked{Address: "狮林寺巷3-2-502", Area: jia}, jia, false, ""},
		} {
			got, err := w.addresses.Locate(t.Context(), w.people[c.who], noon, c.asked)
			if c.fault != "" {
				if !slices.Equal(worldtest.Pointers(err), []string{c.fault}) {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if c.street != "" && got.Street != street(c.street) || (got.Position != nil) != c.placed || c.placed && len(got.Candidates) > 0 {
				t.Errorf("%s: %+v", name, got)
			}
		}
		unsure := must(w.addresses.Locate(t.Context(), w.people["resident"], noon, place.Asked{Address: "人民路1号"}))(t)
		if len(unsure.Candidates) != 2 || unsure.Candidates[0].ID != "suzhou:N1" || unsure.Candidates[1].Place.Street != street(yi) || unsure.Candidates[0].Place.Cell == "" {
			t.Errorf("%+v", unsure)
		}
	})
}
