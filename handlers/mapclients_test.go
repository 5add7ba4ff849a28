package handlers

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"wangge/handlers/ogc"
)

// mapClients is where scripts/get-map-clients.sh puts what npm brings.
const mapClients = "../.cache/map-clients"

// listen serves the harness on a free port of this machine until the test
// ends, and returns its address, which links in answers then lead to.
func (h *harness) listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	h.OGC = ogc.New(h.Areas, h.Tickets, address)
	served := make(chan error, 1)
	go func() { served <- h.App().Listener(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		_ = l.Close() // a test may end before it is served
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return address
}

// mapClient runs a program that reads maps and returns what it prints. Without
// it the test is skipped, and in CI it fails.
func mapClient(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		missingClient(t, name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	cmd.Env = append(os.Environ(), "GDAL_HTTP_TIMEOUT=300", "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "no_proxy=127.0.0.1", "NO_PROXY=127.0.0.1")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out.String(), complaints.String())
	}
	return out.String()
}

// vectorTileReader makes sure that @mapbox/vector-tile is there for scripts
// run with node, and returns the folder that they must lie in or below.
func vectorTileReader(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(mapClients, "node_modules", "@mapbox", "vector-tile")); err != nil {
		missingClient(t, "@mapbox/vector-tile")
	}
	dir, err := filepath.Abs(mapClients)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// owslib returns a Python that has OWSLib: the first on the path or, where
// that is another than Debian's, Debian's.
func owslib(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import owslib.ogcapi.features").Run() == nil {
			return python
		}
	}
	missingClient(t, "OWSLib")
	return ""
}

func missingClient(t *testing.T, name string) {
	t.Helper()
	const how = "%s is not on this machine: run scripts/get-map-clients.sh"
	if os.Getenv("CI") == "true" {
		t.Fatalf(how, name)
	}
	t.Skipf(how, name)
}
