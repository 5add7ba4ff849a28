package keyfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func fixed(s string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(s), nil }
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestLoadMakesOnceForTheOwnerAlone(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.json")
	for _, offered := range []string{"first", "second"} {
		got, err := Load(path, fixed(offered))
		if err != nil || string(got) != "first" {
			t.Fatalf("Load offering %q = %q, %v", offered, got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if got := names(t, folder); len(got) != 1 {
		t.Fatalf("left behind: %v", got)
	}
}

func TestLoadRefusesLooseModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if _, err := Load(path, fixed("x")); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644, 0o620, 0o602, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, fixed("y")); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got, err := Load(path, fixed("y")); err != nil || string(got) != "x" {
			t.Errorf("mode %o: %q, %v", mode, got, err)
		}
	}
}

func TestLoadFailures(t *testing.T) {
	folder := t.TempDir()
	if _, err := Load(filepath.Join(folder, "missing", "keys.json"), fixed("x")); err == nil {
		t.Error("a missing folder was not reported")
	}
	if _, err := Load(folder, fixed("x")); err == nil {
		t.Error("a folder was read as a file")
	}
	boom := errors.New("boom")
	if _, err := Load(filepath.Join(folder, "keys.json"), func() ([]byte, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if got := names(t, folder); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestRacingStartsAgree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	got := make([]string, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			content, err := Load(path, fixed(fmt.Sprint("content ", i)))
			if err != nil {
				t.Error(err)
			}
			got[i] = string(content)
		})
	}
	wg.Wait()
	for _, g := range got {
		if g != got[0] || g == "" {
			t.Fatalf("starts disagree: %q", got)
		}
	}
}

func TestUpdate(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.json")
	if _, err := Load(path, fixed("a")); err != nil {
		t.Fatal(err)
	}
	got, err := Update(path, func(old []byte) ([]byte, error) { return append(old, 'b'), nil })
	if err != nil || string(got) != "ab" {
		t.Fatalf("%q, %v", got, err)
	}
	boom := errors.New("boom")
	if _, err := Update(path, func([]byte) ([]byte, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	_, err = Update(path, func(old []byte) ([]byte, error) {
		_, err := Update(path, func(old []byte) ([]byte, error) { return old, nil })
		return old, err
	})
	if err == nil || !strings.Contains(err.Error(), "remove "+path+".new") {
		t.Fatalf("two updates at once: %v", err)
	}
	if got, err := Load(path, fixed("c")); err != nil || string(got) != "ab" {
		t.Fatalf("%q, %v", got, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v", info.Mode())
	}
	if got := names(t, folder); len(got) != 1 {
		t.Fatalf("left behind: %v", got)
	}
	if _, err := Update(filepath.Join(folder, "none"), func(old []byte) ([]byte, error) { return old, nil }); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("update of a missing file: %v", err)
	}
}
