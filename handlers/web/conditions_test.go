package web

import (
	"strings"
	"testing"
)

func TestNamesTag(t *testing.T) {
	const tag = `"tile"`
	for header, want := range map[string]bool{
		tag: true, "W/" + tag: true, `"a", ` + tag: true, "*": true, "": false, `"a"`: false, "tile": false, strings.Replace(tag, `"`, `"W/`, 1): false,
		`"tile-gzip"`: false,
	} {
		if NamesTag(header, tag) != want {
			t.Errorf("%s: %v", header, !want)
		}
	}
}

func TestTakesGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false, "*": true, "*;q=0": false,
		"br, *": true, "gzip;q=0, *": false, "*, gzip;q=0": false, "deflate": false, "gzip;q=x": false, "x-gzip": false,
	} {
		if TakesGzip(header) != want {
			t.Errorf("%s: %v", header, !want)
		}
	}
}
