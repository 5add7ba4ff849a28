package ids

import (
	"testing"
	"time"

	"wangge/domain"
)

func TestGiven(t *testing.T) {
	const lower = "0190f5fe-7c00-7a00-8abc-0123456789ab"
	for chosen, want := range map[string]string{
		lower: lower, "0190F5FE-7C00-7A00-8ABC-0123456789AB": lower,
		"0190f5fe7c007a008abc0123456789ab": "", "{" + lower + "}": "", "urn:uuid:" + lower: "", "1": "",
	} {
		bad := &domain.InvalidError{}
		got := Given(chosen, "/id", bad)
		if want == "" && (len(bad.Fields) != 1 || bad.Fields[0].Pointer != "/id") || want != "" && (got != want || bad.Err() != nil) {
			t.Errorf("%q: %q, %v", chosen, got, bad.Err())
		}
	}
	bad := &domain.InvalidError{}
	if a, b := Given("", "/id", bad), New(); bad.Err() != nil || !Is(a) || a >= b {
		t.Errorf("%q is not before %q, %v", a, b, bad.Err())
	}
	if Is("system") {
		t.Error("a word is an id")
	}
}

// What is stored is known by ids that follow from names: they stay.
func TestSpace(t *testing.T) {
	if got := Space("6f0d7c52-3b0e-5d2c-9a41-8d5b1e7f2c60").Of("area", "3205"); got != "fe5022a8-7de7-5409-a377-713d25e400fb" {
		t.Error(got)
	}
}

func TestSpaceAt(t *testing.T) {
	const space = Space("6f0d7c52-3b0e-5d2c-9a41-8d5b1e7f2c60")
	at := time.Date(2026, 11, 23, 4, 0, 0, int(7*time.Millisecond), time.UTC)
	id := space.At(at, "area", "3205")
	if id != "01a2068f-8a07-8409-a377-713d25e400fb" {
		t.Error(id)
	}
	if id != space.At(at, "area", "3205") || id == space.At(at, "area", "3206") {
		t.Error("ids do not follow from names")
	}
	if !Ordered(id) || Ordered(space.Of("area", "3205")) || Ordered(New()) || Ordered("one") {
		t.Error("ids in order are not known from others")
	}
	for before, ms := id, 1; ms < 2_000_000_000; ms *= 3 {
		later := space.At(at.Add(time.Duration(ms)*time.Millisecond), "area", "3205")
		if later <= before {
			t.Errorf("%s, %d ms later, does not sort after %s", later, ms, before)
		}
		before = later
	}
}
