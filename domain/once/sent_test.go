package once

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/personal"
)

type parcel struct {
	Name  string
	Tags  []string
	Of    *string
	Count int
	Since time.Time
	Share float64
	Said  map[string]any
	Inner []parcel
	From  string `once:"-"`
}

// parcelBefore is a parcel as a program knows it that has no such fields yet.
type parcelBefore struct{ Name string }

func TestSent(t *testing.T) {
	keys, err := personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), "")
	if err != nil {
		t.Fatal(err)
	}
	empty, b := "", "b"
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	seen := map[string]int{}
	for i, p := range []any{
		parcel{}, parcel{Name: "a"}, parcel{Name: "a b"}, parcel{Tags: []string{"a", "b"}}, parcel{Tags: []string{"a b"}}, parcel{Tags: []string{`a" "b`}},
		parcel{Of: &empty}, parcel{Of: &b}, parcel{Count: 1}, parcel{Count: -1}, parcel{Share: 1.5}, parcel{Share: math.NaN()}, parcel{Since: at}, parcel{Since: at.Add(1)},
		parcel{Said: map[string]any{"a": "1", "b": nil}}, parcel{Said: map[string]any{"a": 1, "b": nil}}, parcel{Said: map[string]any{"a": []any{true}}},
		parcel{Inner: []parcel{{Name: "a"}, {}}}, parcel{Inner: []parcel{{}, {Name: "a"}}}, []any{"a", parcel{}}, []any{"b", parcel{}},
	} {
		sent := Sent(keys, "parcel", p)
		if other, ok := seen[sent]; ok {
			t.Errorf("%d is sent like %d", i, other)
		}
		seen[sent] = i
		for range 5 { // maps have no order
			if again := Sent(keys, "parcel", p); again != sent || !Same(sent, again) {
				t.Errorf("%d is not sent like itself", i)
			}
		}
	}
	a := Sent(keys, "parcel", parcel{Name: "a"})
	for name, like := range map[string]any{
		"what is left out": parcel{Name: "a", From: "b"}, "what is empty": parcel{Name: "a", Tags: []string{}, Said: map[string]any{}},
		"a pointer": &parcel{Name: "a"}, "no such fields": parcelBefore{"a"},
	} {
		if Sent(keys, "parcel", like) != a {
			t.Errorf("%s tells", name)
		}
	}
	if Sent(keys, "letter", parcel{Name: "a"}) == a {
		t.Error("the kind does not tell")
	}
	if !Alike(parcel{Name: "a", From: "x"}, &parcel{Name: "a"}) || Alike(parcel{Name: "a"}, parcel{Name: "b"}) {
		t.Error("what is alike is not told")
	}
	if before := keys.Index("parcel", "a"); !Same(before, a) || Same("", a) || Same(a, Sent(keys, "parcel", parcel{})) {
		t.Error("what is remembered is not told")
	}
}
