package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// environment is what the environment says of names that begin with WANGGE_.
func environment(environ []string) map[string]string {
	out := map[string]string{}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, "WANGGE_") {
			out[name] = value
		}
	}
	return out
}

// warnUnknown tells of names in the environment that are no setting: they are
// not refused, for some platforms make names of their own.
func warnUnknown(environ []string, errout io.Writer) {
	known := []string{"WANGGE_TEST_MONGODB"} // of the tests
	for _, s := range settings {
		known = append(known, s.env)
	}
	env := environment(environ)
	names := make([]string, 0, len(env))
	for name := range env {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		hint := "see: wangge help"
		if near := nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		fmt.Fprintf(errout, "wangge: %s in the environment is no setting and is ignored; %s\n", name, hint)
	}
}

// nearest is the known word that a misspelt one was meant to be, or "".
func nearest(word string, known []string) string {
	best, least := "", 4 // more mistakes are another word
	for _, k := range known {
		if d := distance(word, k); d < least && d < (len(k)+1)/2 {
			best, least = k, d
		}
	}
	return best
}

// distance is how many letters have to be put in, left out or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
