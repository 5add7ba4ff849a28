package handlers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// Bodies of GeoJSON are held to what other bodies are, and foreign members are let be.
func TestDrawingsAreCheckedAsBodies(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	h.prepareDoors(t)
	const feature = `{"type":"Feature","properties":{"code":"x","name":"y"},"geometry":null}`
	code := cellCode(niujia, 1)
	imports, split, boundary := "POST /v1/cells/import", "POST /v1/cells/"+code+"/split", "PUT /v1/cells/"+code+"/boundary"
	for _, row := range []struct{ route, body, pointer, words string }{
		{imports, `{"features":[` + feature + `]}`, "/type", "缺少"},
		{imports, `{"type":"FeatureCollection"}`, "/features", "缺少"},
		{split, `{"features":[` + feature + `]}`, "/type", "缺少"},
		{split, `{"type":"FeatureCollection"}`, "/features", "缺少"},
		{boundary, `{"coordinates":[]}`, "/type", "缺少"},
		{boundary, `{"type":"Feature","properties":null}`, "/geometry", "缺少"},
		{imports, `{"type":"FeatureCollection","type":"FeatureCollection","features":[` + feature + `]}`, "/type", "重复"},
		{imports, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"x","a/b":1,"a/b":2},"geometry":null}]}`, "/features/0/properties/a~1b", "重复"},
		{split, `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"geometry":null}]}`, "/features/0/geometry", "重复"},
		{boundary, `{"type":"Polygon","coordinates":[],"coordinates":[]}`, "/coordinates", "重复"},
		{imports, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"x","name":"a\u0000b"},"geometry":null}]}`, "/features/0/properties/name", "控制字符"},
		{split, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"x","name":"\u3000"},"geometry":null}]}`, "/features/0/properties/name", "没有可见"},
		{imports, "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"code\":\"x\",\"name\":\"\xff\"},\"geometry\":null}]}", "/features/0/properties/name", "UTF-8"},
	} {
		method, url, _ := strings.Cut(row.route, " ")
		a := h.must(t, 422, call{method: method, url: url, as: "admin", body: row.body, header: map[string]string{"Content-Type": web.GeoJSON, "If-Match": "*"}})
		if i := slices.Index(a.pointers(), row.pointer); i < 0 || !strings.Contains(string(a.body), row.words) {
			t.Errorf("%s of %s: %s", row.route, row.body, a.body)
		}
	}
	// Of very much that is wrong, so much is told; nothing is looked for when the request's time is up.
	many := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1` + strings.Repeat(`,"a":1`, 3*drawingFaultsMost) + `},"geometry":null}]}`
	a := h.must(t, 422, call{method: "POST", url: "/v1/cells/import", as: "admin", body: many, header: map[string]string{"Content-Type": web.GeoJSON}})
	if n := len(a.pointers()); n != drawingFaultsMost {
		t.Errorf("%d faults are told", n)
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&apiRequest{Request: &web.Request{Ctx: late, Body: []byte(many)}}).checkDrawing("features"); !errors.Is(err, context.Canceled) {
		t.Errorf("after its time: %v", err)
	}
	foreign := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"x","name":"y","REMARK":"a\u0000 "},"geometry":null}]}`
	a = h.must(t, 422, call{method: "POST", url: "/v1/cells/import", as: "admin", body: foreign, header: map[string]string{"Content-Type": web.GeoJSON}})
	if strings.Contains(string(a.body), "REMARK") {
		t.Errorf("a foreign member is not let be: %s", a.body)
	}
}
