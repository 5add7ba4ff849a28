package account

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"wangge/domain"
	"wangge/domain/personal"
	"wangge/store/mongodb/mongotest"
)

// real are the costs of hashes outside of these tests, which for the most part do with cheap ones.
var real = current

func TestMain(m *testing.M) {
	current = argon{memory: 16, time: 1, threads: 1}
	os.Exit(mongotest.Main(m))
}

// atRealCosts has hashes cost in a test what they cost outside.
func atRealCosts(t *testing.T) {
	cheap := current
	current = real
	t.Cleanup(func() { current = cheap })
}

func TestPasswordHash(t *testing.T) {
	atRealCosts(t)
	const password = "Suzhou 园区 2026"
	hash, err := HashPassword(rand.Reader, password)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
		t.Errorf("form %s", hash)
	}
	if again, _ := HashPassword(rand.Reader, password); again == hash {
		t.Error("the same salt twice")
	}
	if ok, outdated := CheckPassword(hash, password); !ok || outdated {
		t.Errorf("the right password: %v, %v", ok, outdated)
	}
	for _, wrong := range []string{"", password + " ", strings.ToLower(password), password[:len(password)-1]} {
		if ok, _ := CheckPassword(hash, wrong); ok {
			t.Errorf("%q fits", wrong)
		}
	}
	if _, err := HashPassword(bytes.NewReader([]byte("short")), password); err == nil {
		t.Error("hashed without a whole salt")
	}
}

func TestPasswordComposition(t *testing.T) {
	hash, err := HashPassword(rand.Reader, "caf\u00e9 caf\u00e9")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := CheckPassword(hash, "cafe\u0301 cafe\u0301"); !ok {
		t.Error("another keyboard's é does not fit")
	}
}

func TestOutdatedHash(t *testing.T) {
	atRealCosts(t)
	salt := []byte("0123456789abcdef")
	for _, c := range []struct {
		costs    argon
		outdated bool
	}{{current, false}, {argon{64, 1, 1}, true}, {argon{19456, 1, 1}, true}, {argon{19456, 2, 2}, true}} {
		hash := argon2.IDKey([]byte("correct horse"), salt, c.costs.time, c.costs.memory, c.costs.threads, 32)
		stored := phc(c.costs, salt, hash)
		if ok, outdated := CheckPassword(stored, "correct horse"); !ok || outdated != c.outdated {
			t.Errorf("%s: %v, %v", stored, ok, outdated)
		}
	}
}

func TestUnreadableHashNeverFits(t *testing.T) {
	salt, zero := base64.RawStdEncoding.EncodeToString(make([]byte, 16)), base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	for _, stored := range []string{
		"", "password", DummyHash, "$", "$$$$$",
		"$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + zero,
		"$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + zero,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + zero,
		"$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + zero,
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + zero,
		"$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + zero,
		"$argon2id$v=19$m=64,t=1,p=1x$" + salt + "$" + zero,
		"$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + zero,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=64,t=1,p=1$$" + zero,
	} {
		if ok, _ := CheckPassword(stored, "password"); ok {
			t.Errorf("%q fits", stored)
		}
		if _, _, _, readable := parsePHC(stored); readable != (stored == DummyHash) {
			t.Errorf("%q readable: %v", stored, readable)
		}
	}
	if costs, _, _, _ := parsePHC(DummyHash); costs != real {
		t.Error("the dummy hash does not cost what a password costs")
	}
}

func FuzzPHC(f *testing.F) {
	f.Add(DummyHash)
	f.Add("$argon2id$v=19$m=+8,t=1,p=1$c2FsdA$aGFzaA")
	f.Fuzz(func(t *testing.T, s string) {
		if a, salt, hash, ok := parsePHC(s); ok && phc(a, salt, hash) != s {
			t.Fatalf("%q is read, but not what would be written", s)
		}
	})
}

func TestHashingIsBounded(t *testing.T) {
	atRealCosts(t)
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			CheckPassword(DummyHash, "x")
			done <- struct{}{}
		})
	}
	select {
	case <-done:
		t.Error("hashed while every place was taken")
	case <-time.After(500 * time.Millisecond): // of which one hash takes a twentieth
	}
	for range cap(hashing) {
		<-hashing
	}
	for range 4 {
		<-done
	}
	wg.Wait()
	if len(hashing) != 0 {
		t.Error("a place was not given back")
	}
}

func TestPasswordFault(t *testing.T) {
	for _, c := range []struct {
		username, password string
		fine               bool
	}{
		{"street_manager", "wangge-demo", true},
		{"a", strings.Repeat("长", 8), true},
		{"a", strings.Repeat("长", 128), true},
		{"a", strings.Repeat("长", 129), false},
		{"a", strings.Repeat("长", 7), false},
		{"a", "", false},
		{"street_manager", "Street_Manager", false},
		{"a", "Password", false},
		{"a", "12345678", false},
	} {
		if got := PasswordFault(c.username, c.password); (got == domain.Text{}) != c.fine {
			t.Errorf("%q for %q: %+v", c.password, c.username, got)
		}
	}
	for _, w := range worst {
		if len(w) < 8 || w != strings.ToLower(w) {
			t.Errorf("%q in the list never matters", w)
		}
	}
}

func TestCodes(t *testing.T) {
	var digits [6][10]int
	const n = 20_000
	for range n {
		code := NewCode(rand.Reader)
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("code %q", code)
		}
		for i := range 6 {
			digits[i][code[i]-'0']++
		}
	}
	for i := range 6 {
		for d, count := range digits[i] {
			if count < n/10-300 || count > n/10+300 { // seven standard deviations
				t.Errorf("digit %d at place %d: %d of %d", d, i, count, n)
			}
		}
	}
	keys, err := personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), "")
	if err != nil {
		t.Fatal(err)
	}
	hash := HashCode(keys, "13800000001", "123456")
	if strings.Contains(hash, "123456") || !CheckCode(keys, hash, "13800000001", "123456") {
		t.Error("the right code does not fit")
	}
	if CheckCode(keys, hash, "13800000001", "123457") || CheckCode(keys, hash, "13800000002", "123456") || CheckCode(keys, "", "13800000001", "") {
		t.Error("a wrong code fits")
	}
}

func TestNoRandomnessNoCode(t *testing.T) {
	for name, f := range map[string]func(){
		"code": func() { NewCode(strings.NewReader("")) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s made without randomness", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	for b.Loop() {
		CheckPassword(DummyHash, "wangge-demo")
	}
}
