package household

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wangge/domain/fold"
	"wangge/domain/personal"
)

func testKeys(t testing.TB) *personal.Keys {
	return must(personal.LoadKeys(t.TempDir()+"/keys", ""))(t)
}

func TestSameDwelling(t *testing.T) {
	for _, c := range []struct {
		a, b Address
		same bool
	}{
		{Address{"大儒巷小区", "8", "2", "3", "301"}, Address{"大儒巷 小区", "08幢", "二单元", "", "301室"}, true},
		{Address{"A区", "12", "", "", "1201"}, Address{"ａ区", "十二号楼", "", "12F", "１２０１"}, true},
		{Address{"大儒巷", "8号", "", "二楼", ""}, Address{"大儒巷", "8", "", "2", ""}, true},
		{Address{"大儒巷", "8号", "", "二楼", ""}, Address{"大儒巷", "8号", "", "", "2"}, false},
		{Address{"大儒巷", "8", "", "", "1"}, Address{"大儒巷", "8", "1", "", "1"}, false},
		{Address{"大儒巷", "18", "", "", "1"}, Address{"大儒巷1", "8", "", "", "1"}, false},
		{Address{"大儒巷", "8-1", "", "", ""}, Address{"大儒巷", "8", "1", "", ""}, false},
		{Address{"大儒巷", "甲", "", "", "1"}, Address{"大儒巷", "乙", "", "", "1"}, false},
		{Address{"觀前街", "8號樓", "", "", "301"}, Address{"观前\u200b街", "8号楼", "", "", "301"}, true},
		{Address{"观前·一號", "８", "", "", "３０１\u00a0室"}, Address{"观前一号", "8幢", "", "", "301"}, true},
		{Address{"山塘", "3·2", "", "", ""}, Address{"山塘", "32", "", "", ""}, false},
		{Address{"大儒巷", "号", "", "", "1"}, Address{"大儒巷", "号", "", "", "1"}, true},
		{Address{"大儒巷", "8", "", "", "301"}, Address{"大儒巷", "8", "", "", "302"}, false},
	} {
		if got := c.a.key() == c.b.key(); got != c.same {
			t.Errorf("%v and %v: same %v (%s, %s)", c.a, c.b, got, c.a.key(), c.b.key())
		}
	}
}

func TestCore(t *testing.T) {
	for part, want := range map[string]string{"8幢": "8", "008": "8", "十": "10", "十二号楼": "12", "二十": "20", "九十九": "99", "一百": "一百", "零": "零", "Ａ座": "a",
		"3-2室": "3-2", "3－2 室": "3-2", "室": "室", "": "", "99999999999": "99999999999", "二二": "二二"} {
		if got := core(part); got != want {
			t.Errorf("core(%q) = %q, want %q", part, got, want)
		}
	}
}

func TestAddressesInOrder(t *testing.T) {
	in := []Address{{"甲", "2幢", "", "", "301"}, {"甲", "10幢", "", "", "101"}, {"甲", "10幢", "", "", "1001"}, {"甲", "10幢", "1", "", "101"}, {"甲", "10幢", "2", "", "1"}, {"甲10", "1", "", "", "1"}}
	var sorted []string
	for _, a := range in {
		sorted = append(sorted, a.sort())
	}
	if !slices.IsSorted(sorted) {
		t.Errorf("%q", sorted)
	}
	if got := (Address{"大儒巷小区", "8", "2", "3", "301"}).String(); got != "大儒巷小区8幢2单元3层301室" {
		t.Error(got)
	}
	if got := (Address{"大儒巷", "8号", "", "", "东间"}).String(); got != "大儒巷8号东间" {
		t.Error(got)
	}
}

func TestAsked(t *testing.T) {
	keys := testKeys(t)
	h := Household{Address: Address{"大儒巷小区", "8", "2", "", "301"}}
	for _, name := range []string{"王小明", "阿依古丽·买买提", "John Smith"} {
		h.Members = append(h.Members, Member{Person: Person{ID: name, Name: must(keys.Seal(name, sealedAt(name, "name")))(t)}})
	}
	all := must(h.terms(keys))(t)
	for q, want := range map[string]bool{
		"大儒": true, "儒巷小区": true, "301": true, "8幢": true, "301室": true, "大儒巷小区8幢2单元": true, "大儒 8": true, "大儒巷 2": true, "３０１": true, "8幢301室": true, "八幢": false,
		"小明": true, "王小明": true, "依古丽": true, "买买提": true, "SMITH": true, "smi": true, "大儒 小明": true, "301 王小 8": true, "王　小明": true, "阿依古丽买买提": true, "買買提": true,
		"儒小": false, "王明": false, "302": false, "30": false, "01": false, "大儒 小红": false, "3": false, "明": false, "王": false, "joh smith x": false, "室": false, "大": false,
	} {
		sets, err := searchGrams(keys, q)
		found := err == nil && slices.ContainsFunc(sets, func(set []string) bool {
			return !slices.ContainsFunc(set, func(g string) bool { return !slices.Contains(all, g) })
		})
		if found != want {
			t.Errorf("%q: found %v", q, found)
		}
	}
	if sets, err := searchGrams(keys, "大儒 小明 301"); err != nil || len(sets) != 8 {
		t.Errorf("%d sets for three words, %v", len(sets), err)
	}
	for q, want := range map[string]error{"王": fold.ErrTooShort, "室": fold.ErrTooShort, "3": fold.ErrTooShort, "！": errWords, "大儒 巷小 小区 小明": errWords} {
		if _, err := searchGrams(keys, q); err != want {
			t.Errorf("%q: %v", q, err)
		}
	}
	for _, g := range all {
		if strings.ContainsAny(g, "王明阿") || strings.HasPrefix(g, "sm") {
			t.Errorf("%q of a name is in clear", g)
		}
	}
	if slices.Equal(nameGrams(keys, "王小明"), nameGrams(testKeys(t), "王小明")) {
		t.Error("the grams of names do not depend on the key")
	}
}

// An address is found as it is read in one line, by each of its parts as they
// are written, and by what tells them apart.
func TestAddressFoundAsWritten(t *testing.T) {
	keys := testKeys(t)
	for _, c := range []struct {
		of    Address
		finds []string
	}{
		{Address{"平江新村", "A座", "乙单元", "", "0301"}, []string{"A座", "平江新村a座", "平江新村 A座", "平江新村 A", "新村A座乙单元", "乙单元", "0301", "0301室", "301"}},
		{Address{"平江新村", "八幢", "二单元", "", "东室"}, []string{"八幢", "平江新村八幢", "平江新村8", "平江新村8号楼", "二单元", "2单元", "东室", "二单元东室"}},
		{Address{"平江新村", "十二號樓", "", "三层", "３０２室"}, []string{"十二号楼", "新村十二号楼", "12幢", "三层302", "3层", "平江新村12号楼302"}},
		{Address{"大儒巷", "8", "", "", ""}, []string{"大儒巷8幢", "大儒巷 8", "大儒巷8号"}},
	} {
		all := addressGrams(c.of)
		for _, q := range append(c.finds, c.of.String()) {
			sets, err := searchGrams(keys, q)
			if err != nil || !slices.ContainsFunc(sets, func(set []string) bool {
				return !slices.ContainsFunc(set, func(g string) bool { return !slices.Contains(all, g) })
			}) {
				t.Errorf("%v is not found by %q: %q, %v", c.of, q, all, err)
			}
		}
	}
}

// However a text is written, its address has the same key, and is found by itself.
func FuzzAddress(f *testing.F) {
	f.Add("楼上漏水 Ａ12号")
	f.Add("Straße İstanbul e\u0301")
	f.Add("\xff漏\x00水")
	keys := testKeys(f)
	f.Fuzz(func(t *testing.T, text string) {
		a := Address{Estate: text, Building: text, Room: text}
		if a.key() != a.trimmed().key() || strings.Count(a.key(), "|") != 3 {
			t.Fatalf("key %q", a.key())
		}
		if again := core(core(text)); core(text) != "" && again == "" {
			t.Fatalf("core %q of %q vanishes", core(text), text)
		}
		all := addressGrams(Address{Estate: text})
		sets, err := searchGrams(keys, text)
		if err == nil && !slices.ContainsFunc(sets, func(set []string) bool {
			return !slices.ContainsFunc(set, func(g string) bool { return !slices.Contains(all, g) })
		}) && utf8.RuneCountInString(text) < 50 {
			t.Fatalf("%q is not found by itself", text)
		}
	})
}
