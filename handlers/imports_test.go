package handlers

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/service"
	"wangge/domain/table"
	"wangge/domain/table/xlsx/xlsxtest"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// What an import takes is in the contract, route by route.
func TestLimitsOfImportsAreThoseOfTheContract(t *testing.T) {
	declared := map[string]*table.Declaration{"/v1/areas/import": &area.AreaTable, "/v1/households/import": &household.Table,
		"/v1/holidays/import": &calendar.Table, "/v1/intake-cases/import": &intake.Table, "/v1/addresses/import": &address.Table,
		"/v1/service-items/import": &service.ItemTable, "/v1/training-batches/:id/import": &service.ParticipantTable, "/v1/postings/import": &posting.Table, "/v1/policies/:area/draft/import": &policy.Table}
	h, ops, seen := copyHarness(t, enginetest.SQLite(t)), operations(), 0
	for _, rt := range h.routes() {
		if !strings.HasSuffix(rt.Path, "/import") {
			continue
		}
		seen++
		var said struct {
			Bytes    int64
			Rows     int
			Features int
		}
		limits := ops[rt.Method+" "+rt.Path].Object["x-limits"]
		if err := json.Unmarshal(must(json.Marshal(limits))(t), &said); limits == nil || err != nil {
			t.Errorf("%s has no x-limits: %v", rt.Path, err)
		}
		rows, features := 0, 0
		if rt.Path == "/v1/cells/import" {
			features = geo.MaxFeatures
		}
		if d := declared[rt.Path]; d != nil {
			rows = d.Rows
			if rt.Limit != int64(d.Bytes) {
				t.Errorf("%s takes %d bytes, its table has %d", rt.Path, rt.Limit, d.Bytes)
			}
		}
		if said.Bytes != rt.Limit || said.Rows != rows || said.Features != features {
			t.Errorf("%s: %+v in the contract, %d bytes, %d rows and %d features are taken", rt.Path, said, rt.Limit, rows, features)
		}
	}
	if seen != 10 {
		t.Errorf("%d imports", seen)
	}
}

// A workbook of another system comes in by a mapping of its headings; numbers
// that were typed as such are what they were typed as.
func TestImportOfAWorkbook(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		book := xlsxtest.Book{Rows: xlsxtest.Header("房屋坐落", "幢", "室", "经度", "纬度", "坐标系", "姓名", "电话") + fmt.Sprintf(
			`<row r="3"><c r="A3" t="str"><v>大儒巷</v></c><c r="B3"><v>8</v></c><c r="C3"><v>301</v></c><c r="D3"><v>%v</v></c><c r="E3"><v>%v</v></c>`+
				`<c r="F3" t="str"><v>wgs84</v></c><c r="G3" t="str"><v>王秀英</v></c><c r="H3"><v>1.3900000001E10</v></c></row>`, at[0], at[1])}
		send := func(status int, query string, body []byte) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/households/import?street=" + pingjiang + query, as: "community_manager", body: body, header: map[string]string{"Content-Type": web.XLSX}})
		}
		columns := "&columns=" + url.QueryEscape("房屋坐落=estate")
		a := send(200, columns, book.File(t))
		if a.text("/encoding") != "XLSX" || a.at("/rows") != 1.0 || a.at("/households/added") != 1.0 || a.text("/findings/0/kind") != "number" || a.at("/findings/0/line") != 3.0 {
			t.Errorf("%s", a.body)
		}
		if a := send(422, "", book.File(t)); a.text("/errors/0/pointer") != "/1/estate" {
			t.Errorf("without the mapping: %s", a.body)
		}
		if a := send(400, "&columns="+url.QueryEscape("房屋坐落=house"), book.File(t)); a.text("/errors/0/pointer") != "?columns" {
			t.Errorf("no such column: %s", a.body)
		}
		if a := send(400, columns+"&sheet=other", book.File(t)); a.text("/errors/0/pointer") != "?sheet" {
			t.Errorf("no such sheet: %s", a.body)
		}
		book.Parts = map[string]string{"xl/vbaProject.bin": "x"}
		send(422, columns, book.File(t))
		if list := h.must(t, 200, call{method: "GET", url: "/v1/households?cell=" + cellCode(niujia, 1), as: "grid_lead"}); list.text("/items/0/members/0/phone") != "139****0001" {
			t.Errorf("%s", list.body)
		}
	})
}

// A refused import of areas tells its findings in the form of all imports.
func TestFindingsHaveOneForm(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	a := h.must(t, 422, call{method: "POST", url: "/v1/areas/import", as: "admin", body: "级别,代码,名称,上级代码\nstreet,32050,短,320508\n", header: map[string]string{"Content-Type": web.CSV, "Accept-Language": "en"}})
	want := `{"line":2,"column":"code","pointer":"/2/code","kind":"code","severity":"error","detail":"9 digits are needed","feature":null,"neighbour":null,"areaM2":null}`
	if !strings.Contains(string(a.body), want) {
		t.Errorf("%s", a.body)
	}
}
