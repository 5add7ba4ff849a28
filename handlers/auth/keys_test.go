package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newKeys(t testing.TB) *KeySet {
	t.Helper()
	k, err := LoadKeys(filepath.Join(t.TempDir(), "tokens.json"), "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The example of RFC 8037, appendix A.3.
func TestThumbprint(t *testing.T) {
	x, want := "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	if got := thumbprint(x); got != want {
		t.Errorf("got %s", got)
	}
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	k, err := LoadKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := k.Issue(someone, now)
	check := func(k *KeySet, token string, want error) {
		t.Helper()
		if _, err := k.Verify(token, now); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if err := k.Rotate(); err != nil {
		t.Fatal(err)
	}
	second, _, _ := k.Issue(someone, now)
	if strings.Split(first, ".")[0] == strings.Split(second, ".")[0] {
		t.Error("the new key does not sign")
	}
	reloaded, err := LoadKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*KeySet{k, reloaded} {
		check(k, first, nil)
		check(k, second, nil)
	}
	if err := reloaded.Rotate(); err != nil {
		t.Fatal(err)
	}
	check(reloaded, first, ErrToken)
	check(reloaded, second, nil)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestJWKSVerifiesAndKeepsSecrets(t *testing.T) {
	k := newKeys(t)
	if err := k.Rotate(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(k.JWKS()), `"d"`) || strings.Contains(string(k.JWKS()), "current") {
		t.Fatalf("shows too much: %s", k.JWKS())
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(k.JWKS(), &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("%s: %v", k.JWKS(), err)
	}
	token, _, err := k.Issue(someone, now)
	if err != nil {
		t.Fatal(err)
	}
	dot := strings.LastIndex(token, ".")
	signature, _ := base64.RawURLEncoding.DecodeString(token[dot+1:])
	header, _ := base64.RawURLEncoding.DecodeString(token[:strings.Index(token, ".")])
	for _, key := range set.Keys {
		x, _ := base64.RawURLEncoding.DecodeString(key["x"])
		if strings.Contains(string(header), key["kid"]) != ed25519.Verify(x, []byte(token[:dot]), signature) {
			t.Errorf("key %v, header %s", key, header)
		}
	}
}

func TestEnvironmentWinsOverFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	k, err := LoadKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	env, err := LoadKeys(filepath.Join(t.TempDir(), "none", "tokens.json"), string(content))
	if err != nil {
		t.Fatal(err)
	}
	token, _, _ := k.Issue(someone, now)
	if _, err := env.Verify(token, now); err != nil {
		t.Error(err)
	}
	if err := env.Rotate(); err == nil || !strings.Contains(err.Error(), "environment") {
		t.Errorf("Rotate: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(path, ""); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
		t.Errorf("a file open to others: %v", err)
	}
}

func TestKeyFileRefused(t *testing.T) {
	content, err := (&ring{}).withNewKey()
	if err != nil {
		t.Fatal(err)
	}
	good := string(content)
	var r ring
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatal(err)
	}
	other, _ := (&ring{}).withNewKey()
	var o ring
	if err := json.Unmarshal(other, &o); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"not JSON":        "ssh-ed25519 AAAA",
		"null":            "null",
		"no keys":         `{"current":"","keys":[]}`,
		"unknown current": strings.Replace(good, `"current": "`, `"current": "x`, 1),
		"unknown member":  strings.Replace(good, `"kty"`, `"extra": 1, "kty"`, 1),
		"other type":      strings.Replace(good, `"OKP"`, `"RSA"`, 1),
		"other algorithm": strings.Replace(good, `"EdDSA"`, `"none"`, 1),
		"chosen kid":      strings.ReplaceAll(good, r.Current, "k1"),
		"no private part": strings.Replace(good, r.Keys[0].D, "", 1),
		"half of it":      strings.Replace(good, r.Keys[0].D, r.Keys[0].D[:20], 1),
		"another's half":  strings.Replace(good, r.Keys[0].D, o.Keys[0].D, 1),
		"more after it":   good + "{}",
	} {
		_, err := LoadKeys(filepath.Join(t.TempDir(), "unused"), bad)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), r.Keys[0].D) || strings.Contains(err.Error(), o.Keys[0].D) {
			t.Errorf("%s: the error shows a private key: %v", name, err)
		}
	}
	r.Keys = append(r.Keys, r.Keys[0])
	if twice, _ := json.Marshal(r); len(twice) > 0 {
		if _, err := LoadKeys(filepath.Join(t.TempDir(), "unused"), string(twice)); err == nil {
			t.Error("the same key twice: accepted")
		}
	}
}
