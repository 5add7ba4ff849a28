package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is printed into the README")

// The README has the lifecycle as the program prints it.
func TestReadmeHasTheLifecycle(t *testing.T) {
	const path, begins, ends = "../../README.md", "-run TestReadmeHasTheLifecycle -update -->\n", "<!-- end of lifecycle -->\n"
	var printed bytes.Buffer
	if err := run(t.Context(), []string{"lifecycle"}, nil, &printed, io.Discard); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(readme), begins)
	has, after, ended := strings.Cut(rest, ends)
	if !begun || !ended {
		t.Fatal("the README has no place for the lifecycle")
	}
	if has == printed.String() {
		return
	}
	if !*update {
		t.Fatal("the README has another lifecycle than wangge lifecycle prints: run this test with -update")
	}
	if err := os.WriteFile(path, []byte(before+begins+printed.String()+ends+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
