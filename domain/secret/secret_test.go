package secret

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	a, b := New(rand.Reader), New(rand.Reader)
	if len(a) != Length || a == b || Hash(a) == Hash(b) {
		t.Errorf("secrets %q, %q", a, b)
	}
	if got, want := Hash("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"; got != want {
		t.Errorf("Hash(abc) = %s, want %s", got, want)
	}
	if !Matches(Hash(a), a) || Matches(Hash(a), b) || Matches("", "") {
		t.Error("not the one that fits")
	}
	defer func() {
		if recover() == nil {
			t.Error("made without randomness")
		}
	}()
	New(strings.NewReader("half of a secret"))
}
