package handlers

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/store"
	"wangge/store/sqlite"
)

// A photo that cannot be written is 503, to be sent again; a store that is
// damaged is not ready, which the log explains and a stranger does not hear.
func TestStoreOutOfOrder(t *testing.T) {
	dir := t.TempDir()
	h := newHarness(t, must(sqlite.Open(dir))(t))
	body, media := upload(t, "file", jpegFile())
	photo := call{method: "POST", url: "/v1/photos", as: "resident", body: body, header: map[string]string{"Content-Type": media}}
	blobs := filepath.Join(dir, "blobs")
	for _, step := range []func() error{
		func() error { return os.Rename(blobs, blobs+".away") }, func() error { return os.WriteFile(blobs, nil, 0o600) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	a := h.must(t, 503, photo)
	if a.text("/code") != "unavailable" || a.header.Get("Retry-After") == "" || !strings.Contains(h.logs.String(), blobs) {
		t.Errorf("a photo that cannot be written: %s\n%s", a.body, h.logs)
	}
	if err := errors.Join(os.Remove(blobs), os.Rename(blobs+".away", blobs)); err != nil {
		t.Fatal(err)
	}
	h.must(t, 201, photo)
	h.must(t, 200, call{method: "GET", url: "/readyz"})

	db := must(sql.Open("sqlite", filepath.Join(dir, "wangge.db")))(t)
	defer db.Close()
	if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	file := must(os.OpenFile(filepath.Join(dir, "wangge.db"), os.O_RDWR, 0))(t)
	defer file.Close()
	size := must(file.Stat())(t).Size()
	h.token(t, "admin") // a session, before nothing can be written
	if _, err := file.WriteAt(make([]byte, size-4096*4), 4096*4); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"/v1/tickets", "/v1/accounts", "/v1/organisations?area=" + pingjiang, "/v1/households?area=" + niujia} {
		if a := h.do(t, call{method: "GET", url: url, as: "admin"}); a.status >= 500 && a.status != 503 {
			t.Errorf("%s: %d", url, a.status)
		}
	}
	a = h.must(t, 503, call{method: "GET", url: "/readyz"})
	if strings.Contains(string(a.body), "wangge.db") || !strings.Contains(h.logs.String(), "wangge.db is damaged: stop wangge") {
		t.Errorf("not ready: %s\n%s", a.body, h.logs)
	}
	if err := h.Store.Ping(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("ready: %v", err)
	}
}
