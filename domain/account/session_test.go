package account

import (
	"crypto/rand"
	"testing"

	"wangge/domain/secret"
)

func TestSessionLasts(t *testing.T) {
	a := &Account{Epoch: 3}
	a.ID = "a"
	se := &Session{Account: "a", Epoch: 3, Started: morning}
	se.touch(morning)
	if !se.Alive(a, morning.Add(idle-1)) || se.Alive(a, morning.Add(idle)) {
		t.Error("not idle for 30 days exactly")
	}
	for day := 1; day <= 89; day++ {
		now := morning.AddDate(0, 0, day)
		if !se.Alive(a, now) {
			t.Fatalf("used every day, over on day %d", day)
		}
		se.touch(now)
	}
	if se.Alive(a, morning.Add(LongestSession)) {
		t.Error("lasts for more than 90 days")
	}
	se.touch(morning)
	for name, other := range map[string]*Account{
		"disabled": {Meta: a.Meta, Epoch: 3, Disabled: true}, "next epoch": {Meta: a.Meta, Epoch: 4}, "another account": {Epoch: 3},
	} {
		if se.Alive(other, morning) {
			t.Errorf("%s: session stands", name)
		}
	}
}

func FuzzRefreshToken(f *testing.F) {
	f.Add(refreshToken{"id", secret.New(rand.Reader), secret.New(rand.Reader)}.String())
	f.Add("..")
	f.Add("a.b.c.d")
	f.Fuzz(func(t *testing.T, s string) {
		if token, ok := parseRefreshToken(s); ok && (token.String() != s || token.session == "") {
			t.Fatalf("%q read as %+v", s, token)
		}
	})
}
