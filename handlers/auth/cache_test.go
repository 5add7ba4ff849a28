package auth

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"
)

func issue(t testing.TB, k *KeySet, session string, at time.Time) string {
	t.Helper()
	token, _, err := k.Issue(Claims{Account: "a", Session: session}, at)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// cached says whether a token is answered without its key.
func cached(c *Cache[int], token string) bool {
	keys := c.verify
	c.verify = func(string, time.Time) (Claims, error) { return Claims{}, ErrToken }
	defer func() { c.verify = keys }()
	_, err := c.Verify([]byte(token), now)
	return err == nil
}

func TestCacheAnswersAsTheKeysDo(t *testing.T) {
	k := newKeys(t)
	c := NewCache[int](k.Verify)
	token := issue(t, k, "s", now)
	want, err := k.Verify(token, now)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := c.Verify([]byte(token), now); err != nil || got.Claims != want {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if !cached(c, token) {
		t.Error("a verified token is not remembered")
	}
	for _, at := range []time.Duration{0, time.Hour} {
		if _, err := c.Verify([]byte(token), want.ExpiresAt.Add(at)); !errors.Is(err, ErrExpired) {
			t.Errorf("expired: %v", err)
		}
	}
	for _, bad := range []string{"", token + "\n", token[:len(token)-1], string(make([]byte, tokenSize+1))} {
		for range 2 {
			if _, err := c.Verify([]byte(bad), now); !errors.Is(err, ErrToken) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	if len(c.verified) != 1 {
		t.Errorf("%d tokens remembered", len(c.verified))
	}
}

func TestForget(t *testing.T) {
	k := newKeys(t)
	c := NewCache[int](k.Verify)
	a1, a2, b := issue(t, k, "a", now), issue(t, k, "a", now.Add(-time.Minute)), issue(t, k, "b", now)
	for _, token := range []string{a1, a2, b} {
		if _, err := c.Verify([]byte(token), now); err != nil {
			t.Fatal(err)
		}
	}
	c.Forget("a")
	c.Forget("nobody's")
	if cached(c, a1) || cached(c, a2) || !cached(c, b) {
		t.Error("forgot the wrong session's tokens")
	}
	if _, err := c.Verify([]byte(a1), now); err != nil || !cached(c, a1) {
		t.Errorf("after being forgotten: %v", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	k := newKeys(t)
	c := newCache[int](k.Verify, 10)
	tokens := make([]string, 25)
	for i := range tokens {
		tokens[i] = issue(t, k, fmt.Sprint("s", i/3), now.Add(-time.Duration(i)*time.Second))
		if _, err := c.Verify([]byte(tokens[i]), now); err != nil {
			t.Fatal(err)
		}
		if i == 12 {
			c.Forget("s3")
		}
	}
	for i, token := range tokens {
		if cached(c, token) != (i >= 15) {
			t.Errorf("token %d of 25 cached: %v", i, cached(c, token))
		}
	}
	held := 0
	for session, tokens := range c.sessions {
		if held += len(tokens); len(tokens) == 0 {
			t.Errorf("session %s holds nothing", session)
		}
	}
	if len(c.verified) != 10 || held != 10 || len(c.order) != 10 {
		t.Errorf("%d tokens, %d by session, %d in order", len(c.verified), held, len(c.order))
	}
}

func TestCacheConcurrently(t *testing.T) {
	k := newKeys(t)
	c := newCache[int](k.Verify, 5)
	tokens := make([]string, 12)
	for i := range tokens {
		tokens[i] = issue(t, k, fmt.Sprint("s", i%4), now.Add(-time.Duration(i)*time.Second))
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				n := (i*7 + g*5) % len(tokens)
				if claims, err := c.Verify([]byte(tokens[n]), now); err != nil || claims.Session != fmt.Sprint("s", n%4) {
					t.Errorf("token %d: %+v, %v", n, claims, err)
				}
				if i%20 == 0 {
					c.Forget(fmt.Sprint("s", i%4))
				}
			}
		})
	}
	wg.Wait()
	if len(c.verified) > 5 {
		t.Errorf("%d tokens in a cache of 5", len(c.verified))
	}
}

func BenchmarkVerify(b *testing.B) {
	k := newKeys(b)
	token := issue(b, k, someone.Session, now)
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Verify(token, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	c := NewCache[int](k.Verify)
	for i := range cacheSize { // full, as on a busy node
		c.add(strconv.Itoa(i), Claims{Session: fmt.Sprint(i)})
	}
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Verify([]byte(token), now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached, many callers", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := c.Verify([]byte(token), now); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
