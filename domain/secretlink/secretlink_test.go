package secretlink

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/secret"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/storetest"
)

var (
	noon  = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	links = For("calendarFeeds")
)

func TestStoredForm(t *testing.T) {
	meta := store.Meta{ID: "0190a5b0-0000-7000-8000-000000000001", Partition: "city", Version: 3, Seq: 7, Schema: 1, Audience: []string{"key"}}
	storetest.Golden(t, links.all, &Link{Meta: meta, Secret: "hash of the secret", CreatedAt: noon, Until: noon.Add(time.Hour)},
		filepath.Join("testdata", "calendarFeeds.golden.json"))
}

// A subject has one link; it opens the subject until the next is made, until
// it is ended, or until its time. The secret is not stored.
func TestLinks(t *testing.T) {
	enginetest.One(t, func(t *testing.T, at enginetest.Place) {
		st := enginetest.Store(t, at.Open(t), store.Options{}, links.Declared())
		update := func(fn func(*store.Tx) error) {
			t.Helper()
			if err := st.Update(t.Context(), nil, fn); err != nil {
				t.Fatal(err)
			}
		}
		made := func(subject string, until time.Time) string {
			t.Helper()
			clear := secret.New(rand.Reader)
			update(func(tx *store.Tx) error {
				l, err := links.Make(t.Context(), tx, subject, clear, noon, until)
				if err == nil && (l.Secret == clear || !l.CreatedAt.Equal(noon)) {
					t.Errorf("made %+v", l)
				}
				return err
			})
			return clear
		}
		opens := func(clear string, now time.Time) string {
			t.Helper()
			subject, err := links.Subject(t.Context(), st, clear, now)
			if err != nil && !errors.Is(err, domain.ErrNotFound) {
				t.Fatal(err)
			}
			return subject
		}
		first, other := made("a", time.Time{}), made("b", noon.Add(time.Hour))
		if a, b := opens(first, noon.AddDate(9, 0, 0)), opens(other, noon.Add(time.Hour-1)); a != "a" || b != "b" {
			t.Errorf("opened %q and %q", a, b)
		}
		second := made("a", time.Time{})
		for what, got := range map[string]string{
			"the one before": opens(first, noon), "in its last moment": opens(other, noon.Add(time.Hour)), "a guess": opens(secret.New(rand.Reader), noon),
			"the hash": opens(secret.Hash(second), noon), "nothing": opens("", noon),
		} {
			if got != "" {
				t.Errorf("%s opens %q", what, got)
			}
		}
		if _, err := links.Of(t.Context(), st, "b", noon.Add(time.Hour)); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("one that is over: %v", err)
		}
		for range 2 {
			update(func(tx *store.Tx) error { return links.End(t.Context(), tx, "a") })
		}
		if got := opens(second, noon); got != "" {
			t.Errorf("an ended one opens %q", got)
		}
		if third := made("a", time.Time{}); opens(third, noon) != "a" || opens(second, noon) != "" {
			t.Error("after an ended one")
		}
	})
}
