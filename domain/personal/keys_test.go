package personal

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const place = "accounts/0190a2b4/phone"

func newKeys(t *testing.T) *Keys {
	t.Helper()
	k, err := LoadKeys(filepath.Join(t.TempDir(), "personal.json"), "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t *testing.T, k *Keys, plain string) Sealed {
	t.Helper()
	s, err := k.Seal(plain, place)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealAndOpen(t *testing.T) {
	k := newKeys(t)
	for _, plain := range []string{"13800000001", "王小明", strings.Repeat("长", 5000)} {
		s := seal(t, k, plain)
		if len(s.Data) != 12+len(plain)+16 || strings.Contains(string(s.Data), plain) {
			t.Errorf("sealed form of %d bytes has %d", len(plain), len(s.Data))
		}
		if got, err := k.Open(s, place); err != nil || got != plain {
			t.Errorf("Open = %q, %v", got, err)
		}
		if again := seal(t, k, plain); string(again.Data) == string(s.Data) {
			t.Error("the same value was sealed to the same bytes")
		}
	}
}

func TestAbsentValue(t *testing.T) {
	k := newKeys(t)
	s := seal(t, k, "")
	if !s.IsZero() || k.NeedsReseal(s) || k.Index("phone", "") != "" {
		t.Error("an absent value left a trace")
	}
	if got, err := k.Open(s, place); err != nil || got != "" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := k.Seal("\xff", place); err == nil {
		t.Error("sealed what is not UTF-8")
	}
}

func TestOpenRefuses(t *testing.T) {
	k := newKeys(t)
	s := seal(t, k, "13800000001")
	for i := range s.Data {
		changed := Sealed{s.Key, append([]byte(nil), s.Data...)}
		changed.Data[i] ^= 1
		if _, err := k.Open(changed, place); !errors.Is(err, ErrSealed) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	for n := range s.Data {
		if _, err := k.Open(Sealed{s.Key, s.Data[:n]}, place); !errors.Is(err, ErrSealed) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := k.Open(s, "accounts/other/phone"); !errors.Is(err, ErrSealed) {
		t.Errorf("opened in another place: %v", err)
	}
	if _, err := k.Open(Sealed{"", s.Data}, place); !errors.Is(err, ErrSealed) {
		t.Errorf("opened without a key id: %v", err)
	}
	if _, err := newKeys(t).Open(s, place); !errors.Is(err, ErrSealed) {
		t.Errorf("opened with another keyring: %v", err)
	}
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "personal.json")
	k, err := LoadKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := LoadKeys(path, "") // another process, started before the rotations
	if err != nil {
		t.Fatal(err)
	}
	old, index := seal(t, k, "old"), k.Index("phone", "13800000001")
	if k.NeedsReseal(old) {
		t.Error("needs resealing before any rotation")
	}
	if err := k.Rotate(); err != nil {
		t.Fatal(err)
	}
	young := seal(t, k, "young")
	if young.Key == old.Key || !k.NeedsReseal(old) || k.NeedsReseal(young) {
		t.Error("the new key does not seal")
	}
	if err := other.Rotate(); err != nil {
		t.Fatal(err)
	}
	reloaded, err := LoadKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*Keys{other, reloaded} {
		for want, s := range map[string]Sealed{"old": old, "young": young} {
			if got, err := ring.Open(s, place); err != nil || got != want {
				t.Errorf("after two rotations, Open = %q, %v", got, err)
			}
			if !ring.NeedsReseal(s) {
				t.Errorf("%s does not need resealing", want)
			}
		}
		if ring.Index("phone", "13800000001") != index {
			t.Error("rotation changed the blind index")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestIndexKeepsKindsApart(t *testing.T) {
	k := newKeys(t)
	seen := map[string]string{}
	for _, in := range [][2]string{{"phone", "1"}, {"phone", "2"}, {"id", "1"}, {"phon", "e1"}, {"", "phone1"}} {
		x := k.Index(in[0], in[1])
		if len(x) != 43 || x != k.Index(in[0], in[1]) {
			t.Errorf("index %q", x)
		}
		if was, ok := seen[x]; ok {
			t.Errorf("%v has the index of %s", in, was)
		}
		seen[x] = in[0] + "/" + in[1]
	}
	if _, ok := seen[newKeys(t).Index("phone", "1")]; ok {
		t.Error("the index does not depend on the key")
	}
}

func TestEnvironmentWinsOverFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "personal.json")
	k, err := LoadKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "none", "personal.json")
	env, err := LoadKeys(missing, string(content))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := env.Open(seal(t, k, "x"), place); err != nil || got != "x" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if err := env.Rotate(); err == nil || !strings.Contains(err.Error(), "environment") {
		t.Errorf("Rotate: %v", err)
	}
	if _, err := LoadKeys(path, "{}"); err == nil || !strings.HasPrefix(err.Error(), "keys in the environment: ") {
		t.Errorf("a broken environment fell back to the file: %v", err)
	}
}

func TestKeyFileRefused(t *testing.T) {
	good, err := newRing()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseRing(good); err != nil {
		t.Fatal(err)
	}
	change := func(f func(r *ring)) string {
		var r ring
		if err := json.Unmarshal(good, &r); err != nil {
			t.Fatal(err)
		}
		f(&r)
		out, _ := json.Marshal(r)
		return string(out)
	}
	for name, content := range map[string]string{
		"empty":            "",
		"not JSON":         "current=k1",
		"null":             "null",
		"twice":            string(good) + string(good),
		"unknown member":   strings.Replace(string(good), `"index"`, `"extra": 1, "index"`, 1),
		"no current":       change(func(r *ring) { r.Current = "" }),
		"unknown current":  change(func(r *ring) { r.Current = "k9" }),
		"short index":      change(func(r *ring) { r.Index = r.Index[:31] }),
		"short key":        change(func(r *ring) { r.Seal["k2"] = make([]byte, 16) }),
		"key without id":   change(func(r *ring) { r.Seal[""] = make([]byte, 32) }),
		"not base64":       strings.Replace(string(good), `"index": "`, `"index": "!`, 1),
		"no sealing keys":  change(func(r *ring) { r.Seal = nil }),
		"null sealing key": change(func(r *ring) { r.Seal[r.Current] = nil }),
	} {
		if _, err := LoadKeys(filepath.Join(t.TempDir(), "unused"), content+" "); err == nil && content != "" {
			t.Errorf("%s: accepted from the environment", name)
		}
		path := filepath.Join(t.TempDir(), "personal.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKeys(path, ""); err == nil || !strings.HasPrefix(err.Error(), "key file "+path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
