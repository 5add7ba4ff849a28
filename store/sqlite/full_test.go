package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"wangge/store"
)

// A process whose files may not grow stands for a full disk: what cannot be
// written is ErrUnavailable, documents and blobs, the store is not ready
// meanwhile, and all is well again when there is room.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("SQLITE_WITHOUT_ROOM"); dir != "" {
		withoutRoom(t, dir)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), "SQLITE_WITHOUT_ROOM="+t.TempDir(), "GOCOVERDIR="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func withoutRoom(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	st := openItems(t, dir, items)
	if err := insert(t.Context(), st, "before"); err != nil {
		t.Fatal(err)
	}
	if err := st.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	most := func(bytes uint64) {
		t.Helper()
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: 1 << 40}); err != nil {
			t.Fatal(err)
		}
	}
	most(256 << 10)
	var err error
	n := 0
	for ; err == nil; n++ {
		err = insert(t.Context(), st, fmt.Sprint("filler", n))
	}
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "wangge.db") {
		t.Errorf("a document without room: %v", err)
	}
	if _, err := st.PutBlob(t.Context(), "a-photo", bytes.NewReader(make([]byte, 1<<20))); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a blob without room: %v", err)
	}
	for deadline := time.Now().Add(time.Minute); st.Ping(t.Context()) == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("ready without room")
		}
	}
	if _, err := items.Get(t.Context(), st, "before"); err != nil {
		t.Errorf("reading without room: %v", err)
	}
	most(1 << 40)
	if err := st.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := insert(t.Context(), st, "after"); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if _, err := st.PutBlob(t.Context(), "a-photo", strings.NewReader("photo")); err != nil {
		t.Errorf("a blob with room again: %v", err)
	}
	for i := range n - 1 {
		if _, err := items.Get(t.Context(), st, fmt.Sprint("filler", i)); err != nil {
			t.Errorf("filler %d was acknowledged: %v", i, err)
		}
	}
	if err := st.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
