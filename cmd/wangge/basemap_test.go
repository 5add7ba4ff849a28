package main

import (
	"io"
	"strings"
	"testing"
)

func TestBaseMapSettings(t *testing.T) {
	for _, row := range []struct{ tiles, wrong string }{
		{"https://tiles.example.org/{z}/{x}/{y}.png", ""},
		{"http://10.0.0.5:8080/vec?x={x}&y={y}&l={z}&tk=0123", ""},
		{"https://tiles.example.org/{z}/{x}.png", "once each"},
		{"https://tiles.example.org/{z}/{x}/{y}/{y}.png", "once each"},
		{"https://{s}.example.org/{z}/{x}/{y}.png", "is not an http"},
		{"https://a.example.org;script-src *//{z}/{x}/{y}.png", "is not an http"},
		{"https://*.example.org/{z}/{x}/{y}.png", "is not an http"},
		{"/tiles/{z}/{x}/{y}.png", "is not an http"},
		{"ftp://tiles.example.org/{z}/{x}/{y}.png", "is not an http"},
	} {
		c, _, err := configure("serve", []string{"--base-map", row.tiles, "--base-map-datum", "gcj02"}, []string{"WANGGE_BASE_MAP_ATTRIBUTION=© 高德"}, io.Discard)
		if row.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%s: %v, want %q", row.tiles, err, row.wrong)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := c.configuredBaseMap(); got == nil || got.Tiles != row.tiles || got.Datum != "gcj02" || got.Attribution != "© 高德" {
			t.Errorf("%s: %+v", row.tiles, got)
		}
	}
	c, _, err := configure("serve", nil, nil, io.Discard)
	if err != nil || c.configuredBaseMap() != nil {
		t.Errorf("nobody configured %+v, %v", c, err)
	}
	if _, _, err := configure("serve", []string{"--base-map-datum", "bd09"}, nil, io.Discard); err == nil {
		t.Error("a datum that no map program draws is taken")
	}
}
