package fold

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "zoe": "zoe", "Zoë": "zoe", "ZOE\u0308": "zoe", "Ａ座１２": "a座12", "Straße": "strasse", "İstanbul": "istanbul",
		"張偉": "张伟", "張\u200b偉": "张伟", "\ufeff张伟": "张伟", "张\u00ad伟": "张伟", "张\u2066伟": "张伟", "张\ufe00伟": "张伟", "张　伟": "张 伟", "张\u00a0伟": "张 伟",
		"大儒巷８號樓": "大儒巷8号楼", "裡": "里", "鍾": "钟", "乾隆": "乾隆", "著名": "著名", "後": "后", "⼤儒": "大儒",
		"か\u3099": "が", "ガ": "ガ", "ｶﾞ": "ガ", "は\u309a": "ぱ", "é́": "e", "Й": "и", "ДЁ": "де", "آب": "آب", "한글": "한글", "ไทย้": "ไทย้", "①": "1", "\xff": "\ufffd", "\t": " ",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"张伟": "张伟", "张　伟": "张伟", "张 伟": "张伟", " 张\u200b 伟 ": "张伟", "阿卜杜拉·买买提": "阿卜杜拉买买提", "阿卜杜拉 • 买买提": "阿卜杜拉买买提", "阿卜杜拉．买买提": "阿卜杜拉买买提", "阿卜杜拉・买买提": "阿卜杜拉买买提",
		"John Smith": "john|smith", "john.smith": "john|smith", "J·Smith": "jsmith", "Zoë 张": "zoe|张", "3·2": "3|2", "3.2": "3|2", "楼上 漏水，墙湿": "楼上漏水|墙湿", "8 幢": "8|幢", "二〇二室": "二〇二室",
		"": "", " ！": "", "·": "",
	} {
		if got := strings.Join(Words(in), "|"); got != want {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
	for _, same := range [][2]string{{"张　伟", "張偉"}, {"阿依古丽·买买提", "阿依古丽买买提"}, {"王\u200b芳", "王芳"}, {"john  SMITH", "John Smith"}, {"Jean-Luc", "jean luc"}} {
		if Name(same[0]) != Name(same[1]) {
			t.Errorf("%q and %q are not the same name", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"张伟", "张玮"}, {"张乾", "张干"}, {"Li Na", "Lina"}, {"3-2", "32"}, {"は", "ば"}} {
		if Name(other[0]) == Name(other[1]) {
			t.Errorf("%q and %q are the same name", other[0], other[1])
		}
	}
}

func TestSearch(t *testing.T) {
	for in, want := range map[string]string{
		"漏水": "漏水", "楼上漏水": "楼上 上漏 漏水", "大儒 小明": "大儒|小明", "大儒　小明": "大儒|小明", "张　伟": "张伟", "张 小 明": "张小 小明", "欧阳 伟": "欧阳 阳伟", "a 漏水": "=a|漏水", "301": "=301", "大儒 8": "大儒|=8",
		"A12": "=a =12", "8号漏水": "=8 号漏 漏水", "巷 8": "=巷|=8", "甲8": "=甲 =8", "": "", "！ ?": "",
	} {
		words, err := Search(in)
		var got []string
		for _, w := range words {
			got = append(got, strings.Join(w, " "))
		}
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("Search(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, short := range []string{"漏", " 漏 ", "a", "8", "Ａ", "漏\u200b", "é"} {
		if _, err := Search(short); !errors.Is(err, ErrTooShort) {
			t.Errorf("Search(%q): %v", short, err)
		}
	}
}

func TestGrams(t *testing.T) {
	got := Grams("楼上漏水！12号", "Ａ座 b", "漏水")
	if !slices.Equal(got, []string{"=12", "=b", "=号", "a座", "上漏", "楼上", "漏水"}) {
		t.Errorf("%q", got)
	}
	for text, finds := range map[string]map[string]bool{
		"张　伟请人": {"张伟": true, "張偉": true, "伟请": true}, "王\u200b芳": {"王芳": true}, "楼上漏水，301室": {"301": true, "30": false, "01": false, "301室": true, "上漏": true, "水墙": false},
		"漏水8号": {"水8": true, "漏水8": true, "8号": true, "漏8": false}, "Zoë Müller": {"zoe": true, "MULLER": true, "ü": false},
	} {
		all := Grams(text)
		for q, want := range finds {
			words, err := Search(q)
			found := err == nil
			for _, g := range slices.Concat(words...) {
				found = found && slices.Contains(all, g)
			}
			if found != want {
				t.Errorf("%q finds %q: %v", q, text, found)
			}
		}
	}
}

// Every traditional form of the table is folded to a form that stays.
func TestTable(t *testing.T) {
	all := []rune(pairs)
	if len(all)%2 != 0 || len(all) < 8000 {
		t.Fatalf("%d forms", len(all))
	}
	for i := 0; i < len(all); i += 2 {
		if got := Text(string(all[i])); got != Text(string(all[i+1])) || got == string(all[i]) {
			t.Errorf("%c is folded to %s, not %c", all[i], got, all[i+1])
		}
		if i > 0 && all[i] <= all[i-2] {
			t.Errorf("%c is out of order", all[i])
		}
	}
}

// What is said to be folded at a glance is what folding it makes.
func TestFoldedAtAGlance(t *testing.T) {
	for r := rune(' '); r < 0xa000; r++ {
		one := "a" + string(r) + "1"
		slow := norm.NFC.String(bare(norm.NFKD.String(strings.ToLower(cases.Fold().String(bare(norm.NFKD.String(one)))))))
		if common(r) && !unicode.Is(unicode.Han, r) {
			t.Errorf("%c is no Chinese character", r)
		}
		if folded(one) && slow != one || Text(one) != slow {
			t.Errorf("%q is folded: %v, to %q, not %q", one, folded(one), Text(one), slow)
		}
	}
}

// Of every character outside the large blocks of Chinese and Korean ones, and of random ones in a row, the laws hold.
func TestLaws(t *testing.T) {
	for r := rune(0); r < 0x1_0000*2; r++ {
		if unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf) && (r%64 == 0 || !unicode.In(r, unicode.Han, unicode.Hangul)) {
			laws(t, "a"+string(r)+"\u0301b")
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	pool := []rune("aéZ1２ 　\u200b\u00ad·•.-张張偉伟か\u3099\u309a\u0301\u0345\u034f\u05b0\u0591\u1160\u1161\u11a8가ﬁ㎏İßΣς\U0001d15e\ufdfa〇々")
	for range 20_000 {
		var text []rune
		for range rng.IntN(12) {
			text = append(text, pool[rng.IntN(len(pool))])
		}
		laws(t, string(text))
	}
}

func FuzzLaws(f *testing.F) {
	for _, s := range []string{"楼上漏水 Ａ12号", "Straße İstanbul e\u0301", "\xff漏\x00水", "阿卜杜拉·买买提", "か\u3099\u0301\u05b0"} {
		f.Add(s)
	}
	f.Fuzz(laws)
}

func laws(t *testing.T, s string) {
	once := Text(s)
	if !utf8.ValidString(once) || Text(once) != once {
		t.Fatalf("Text(%+q) = %+q, again %+q", s, once, Text(once))
	}
	if strings.ContainsRune(norm.NFD.String(s), '\u034f') != strings.ContainsRune(s, '\u034f') {
		return // more marks in a row than can be normalised at once
	}
	if c, d := Text(norm.NFC.String(s)), Text(norm.NFD.String(s)); c != once || d != once {
		t.Fatalf("Text of %+q is %+q, composed %+q, decomposed %+q", s, once, c, d)
	}
	if name := Name(s); Name(name) != name {
		t.Fatalf("Name(%+q) = %+q, again %+q", s, name, Name(name))
	}
	words, err := Search(s)
	if (err == nil && len(words) == 0) != (len(Words(s)) == 0) {
		t.Fatalf("Search(%+q) = %q, %v of the words %q", s, words, err, Words(s))
	}
}

// Whatever is a part of a text and cuts no number finds it.
func FuzzTextIsFoundByItsParts(f *testing.F) {
	f.Add("楼上漏水 Ａ12号", 2, 9)
	f.Add("Straße İstanbul e\u0301", 0, 20)
	f.Add("\xff漏\x00水", 1, 6)
	f.Add("张　伟·阿 b8", 0, 4)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		text = Text(text)
		letters := []rune(text)
		from, to = min(max(from, 0), len(letters)), min(max(to, 0), len(letters))
		digit := func(i int) bool { return i >= 0 && i < len(letters) && unicode.IsDigit(letters[i]) }
		if from >= to || digit(from-1) && digit(from) || digit(to-1) && digit(to) {
			return
		}
		part := string(letters[from:to])
		words, err := Search(part)
		if err != nil {
			return
		}
		all := Grams(text)
		for i, word := range words {
			for _, g := range word {
				if cut := utf8.RuneCountInString(g) == 2 && g[0] == '=' && len(word) == 1 && (i == 0 || i == len(words)-1); !slices.Contains(all, g) && !cut {
					t.Fatalf("%q, a part of %q, asks for %q, which is not among %q", part, text, g, all)
				}
			}
		}
	})
}

func BenchmarkGrams(b *testing.B) {
	for b.Loop() {
		Grams("楼上漏水，天花板滴水三天了", "大儒巷小区8幢2单元301室")
	}
}
