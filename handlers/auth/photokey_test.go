package auth

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// now is at the beginning of an hour: the key lasts until the end of the next.
func TestPhotoKey(t *testing.T) {
	k := newKeys(t)
	hour := now.Truncate(time.Hour)
	key, expires := k.PhotoKey(someone, now)
	if same, until := k.PhotoKey(someone, hour.Add(time.Hour-1)); same != key || !until.Equal(expires) || !expires.Equal(hour.Add(2*time.Hour)) {
		t.Errorf("in the same hour %q until %v, then %q until %v", key, expires, same, until)
	}
	if next, _ := k.PhotoKey(someone, hour.Add(time.Hour)); next == key {
		t.Error("the next hour has the same key")
	}
	for _, c := range []struct {
		at   time.Time
		want error
	}{
		{now, nil}, {expires.Add(-1), nil}, {expires, ErrExpired}, {hour.Add(-leeway), nil}, {hour.Add(-leeway - 1), ErrToken},
	} {
		got, err := k.VerifyPhotoKey(key, c.at)
		if !errors.Is(err, c.want) || err == nil && (got.Account != someone.Account || got.Session != someone.Session) {
			t.Errorf("at %v: %+v, %v; want %v", c.at, got, err, c.want)
		}
	}
	parts := strings.Split(key, ".")
	other, _ := newKeys(t).PhotoKey(someone, now)
	token, _, err := k.Issue(someone, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty": "", "another store's": other, "an access token": token, "cut": key[:len(key)-1], "longer": key + "A", "huge": key + strings.Repeat("A", tokenSize),
		"another session": strings.Join([]string{parts[0], parts[0], parts[2], parts[3]}, "."),
		"a later hour":    strings.Join([]string{parts[0], parts[1], "999999", parts[3]}, "."),
		"hour with zeros": strings.Join([]string{parts[0], parts[1], "0" + parts[2], parts[3]}, "."),
		"no hour":         strings.Join([]string{parts[0], parts[1], "", parts[3]}, "."),
		"five parts":      key + ".",
	} {
		if got, err := k.VerifyPhotoKey(bad, now); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := k.Verify(key, now); !errors.Is(err, ErrToken) {
		t.Errorf("as an access token: %v", err)
	}
	// It lasts out its time when the keys are rotated once, and not twice.
	for i, want := range []error{nil, ErrToken} {
		if err := k.Rotate(); err != nil {
			t.Fatal(err)
		}
		if _, err := k.VerifyPhotoKey(key, now); !errors.Is(err, want) {
			t.Errorf("after %d rotations: %v, want %v", i+1, err, want)
		}
	}
}
