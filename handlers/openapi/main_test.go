package main

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// openapi.yaml is what its parts say.
func TestBundle(t *testing.T) {
	want, err := bundle(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("../../openapi.yaml"); err != nil || string(got) != want {
		t.Error("openapi.yaml is not the bundle of its parts: make contract", err)
	}
}

func TestPartsThatDoNotFit(t *testing.T) {
	const api = "openapi: 3.1.1\ntags:\n  - {name: cells, description: grid cells}\ncomponents:\n  schemas:\n    Cell:\n      type: object\n"
	for want, cells := range map[string]string{
		"Cell is in api.yaml already": "components:\n  schemas:\n    Cell:\n      type: object\n",
		"has the tags [areas]":        "paths:\n  /v1/cells:\n    get:\n      tags: [areas]\n",
		"no kind of component":        "components:\n  schema:\n    Other: {}\n",
		"only paths, webhooks and":    "info: {}\npaths:\n",
		"which kind of component":     "components:\n    Other: {}\n",
		"belongs to nothing":          "paths:\n    get:\n",
		"cells.yaml:2: only paths,":   "paths:\nservers: []\n",
		"drawn has the tags [areas]":  "webhooks:\n  cells.drawn:\n    post:\n      tags: [areas]\n",
	} {
		_, err := bundle(fstest.MapFS{"api.yaml": {Data: []byte(api)}, "cells.yaml": {Data: []byte(cells)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", cells, err, want)
		}
	}
	if _, err := bundle(fstest.MapFS{"api.yaml": {Data: []byte(api)}, "cells.yaml": {}, "visits.yaml": {}}); err == nil || !strings.Contains(err.Error(), "visits.yaml") {
		t.Errorf("a part without a tag: %v", err)
	}
	if _, err := bundle(fstest.MapFS{"api.yaml": {Data: []byte(api)}}); err == nil {
		t.Error("a tag without a part")
	}
}
