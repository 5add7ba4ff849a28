package push

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"wangge/domain/delivery"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"网格", 6, "网格"}, {"网格", 5, "网"}, {"网格", 2, ""}, {"abc", 2, "ab"}, {"", 3, ""}, {"a\U0001F600", 4, "a"}} {
		if got := Cut(c.text, c.most); got != c.want {
			t.Errorf("%q of %d: %q", c.text, c.most, got)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("网格员有新的待办", 7)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 0 || !utf8.ValidString(text) {
			return
		}
		if got := Cut(text, most); len(got) > most || !utf8.ValidString(got) || text[:len(got)] != got {
			t.Errorf("%q of %d: %q", text, most, got)
		}
	})
}

// A code is for people to read: an address that a service sends back is none.
func TestWord(t *testing.T) {
	for body, want := range map[string]string{`"ok"`: "ok", `1003`: "1003", `null`: "", `[]`: "", `{"a":1}`: "", `"a b"`: "garbage", `"1234567890123456789012345678901234567890x"`: "long"} {
		var w Word
		if err := json.Unmarshal([]byte(body), &w); err != nil || w.Code() != want {
			t.Errorf("%s: %q, %v", body, w.Code(), err)
		}
	}
}

// An address is forgotten only where the service knows others.
func TestRefusals(t *testing.T) {
	r := &Refusals{}
	refused := func(address string) delivery.State { return r.Refused(address, "x").State }
	if a, b, c, d := refused("a"), refused("a"), refused("b"), refused("c"); a != delivery.Later || b != delivery.Later || c != delivery.Later || d != delivery.Broken {
		t.Error(a, b, c, d)
	}
	r.Known()
	for i := range streakFor - 1 {
		if got := refused(string(rune('a' + i))); got != delivery.Gone {
			t.Errorf("%d: %s", i, got)
		}
	}
	if got := refused("z"); got != delivery.Broken {
		t.Errorf("all are refused: %s", got)
	}
}
