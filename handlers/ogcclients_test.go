package handlers

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// GDAL lists both collections with as many features as there are, pages
// through them, and brings the cells out in a form that goes in again.
func TestGDALReadsOGC(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	base := h.listen(t)
	for range 7 {
		h.report(t, "resident", inside(niujia, 1), "parking")
		h.report(t, "resident", inside(jinshi, 2), "property_fee") // not for the public
	}
	list := mapClient(t, "ogrinfo", "-ro", "-al", "-so", "OAPIF:"+base+"/ogc")
	for layer, want := range map[string]int{"cells": len(h.Areas.Map().Cells()), "tickets": 7} {
		found := regexp.MustCompile(`(?s)Layer name: ` + layer + `\n.*?Feature Count: (\d+)\n`).FindStringSubmatch(list)
		if found == nil || found[1] != strconv.Itoa(want) {
			t.Errorf("%s: %q, want %d in\n%s", layer, found, want, list)
		}
	}
	token := "GDAL_HTTP_HEADERS=Authorization: Bearer " + h.token(t, "street_manager")
	if list := mapClient(t, "ogrinfo", "-ro", "-al", "-so", "--config", "GDAL_HTTP_HEADERS", token[len("GDAL_HTTP_HEADERS="):], "OAPIF:"+base+"/ogc"); !regexp.MustCompile(`(?s)Layer name: tickets\n.*?Feature Count: 7\n.*?number: String`).MatchString(list) {
		t.Errorf("signed in: %s", list)
	}

	out := filepath.Join(t.TempDir(), "cells.geojson")
	mapClient(t, "ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=9", out, "OAPIF:"+base+"/ogc", "cells", "-oo", "PAGE_SIZE=3")
	file := must(os.ReadFile(out))(t)
	report := h.must(t, 200, call{method: "POST", url: "/v1/cells/import?dryRun=true", as: "admin", body: file, header: map[string]string{"Content-Type": web.GeoJSON}})
	if want := fmt.Sprint(len(h.Areas.Map().Cells())); fmt.Sprint(report.at("/cells/unchanged")) != want || fmt.Sprint(report.at("/cells/added")) != "0" || fmt.Sprint(report.at("/cells/redrawn")) != "0" {
		t.Errorf("brought in again: %s", report.body)
	}
}

// OWSLib reads the landing page, both collections, the API document, pages and single features.
func TestOWSLibReadsOGC(t *testing.T) {
	python := owslib(t)
	h := copyHarness(t, enginetest.SQLite(t))
	base := h.listen(t)
	h.report(t, "resident", inside(niujia, 1), "parking")
	script := filepath.Join(t.TempDir(), "read.py")
	if err := os.WriteFile(script, []byte(`
import json, sys
from owslib.ogcapi.features import Features
api = Features(sys.argv[1])
cells = api.collection_items("cells", limit=3)
code = cells["features"][0]["id"]
ticket = api.collection_items("tickets")["features"][0]
print(json.dumps({
    "conformance": len(api.conformance()["conformsTo"]),
    "openapi": api.api()["openapi"],
    "collections": api.feature_collections(),
    "crs": api.collection("cells")["crs"],
    "page": cells["numberReturned"],
    "matched": cells["numberMatched"],
    "cell": api.collection_item("cells", code)["properties"]["code"] == code,
    "ticket": api.collection_item("tickets", ticket["id"])["properties"] == ticket["properties"],
    "nowhere": api.collection_items("tickets", bbox=[10, 10, 11, 11])["numberReturned"],
}))
`), 0o600); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(mapClient(t, python, script, base+"/ogc")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"conformance": 3, "openapi": "3.0.3", "collections": []string{"cells", "tickets"}, "crs": []string{"http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
		"page": 3, "matched": len(h.Areas.Map().Cells()), "cell": true, "ticket": true, "nowhere": 0}
	if a, b := must(json.Marshal(got))(t), must(json.Marshal(want))(t); string(a) != string(b) {
		t.Errorf("read %s, want %s", a, b)
	}
}
