package handlers

import (
	"slices"
	"strings"
	"testing"

	"wangge/handlers/web"
)

// A year of two holidays, and the same as a file.
var (
	mayDay = object{"source": "通知", "days": []object{
		{"date": "2027-05-01", "name": "劳动节", "kind": "off"}, {"date": "2027-05-03", "name": "劳动节", "kind": "off"}, {"date": "2027-05-08", "name": "劳动节", "kind": "make_up"}}}
	mayDays = "日期,节日,类型\n2027-05-01,劳动节,放假\n2027-05-03,劳动节,放假\n2027-05-08,劳动节,上班\n"
)

func (h *harness) holidaysFile(t *testing.T, want int, query, file string) *answer {
	t.Helper()
	return h.must(t, want, call{method: "POST", url: "/v1/holidays/import?source=x" + query, as: "admin", body: file, header: map[string]string{"Content-Type": web.CSV}})
}

// The city decides a year that nothing was known of; each version is stated, the same again changes nothing.
func TestHolidaysOfTheCity(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		year := func(year string) *answer {
			return h.must(t, 200, call{method: "GET", url: "/v1/holidays" + year, as: "resident"})
		}
		if a := year(""); a.at("/year") != 2026.0 || a.at("/builtIn") != true || a.at("/provisional") != false || len(a.items("/days")) != 39 {
			t.Errorf("this year: %s", a.body)
		}
		if a := year("?year=2027"); a.at("/provisional") != true || len(a.items("/days")) != 0 || a.header.Get("ETag") != `"0"` {
			t.Errorf("next year: %s", a.body)
		}
		for _, bad := range []string{"?year=1999", "?year=x", "?year="} {
			h.must(t, 400, call{method: "GET", url: "/v1/holidays" + bad, as: "resident"})
		}
		put := func(want int, match string, body object) *answer {
			return h.must(t, want, call{method: "PUT", url: "/v1/holidays/2027", as: "admin", body: body, header: map[string]string{"If-Match": match}})
		}
		first := put(200, `"0"`, mayDay)
		if got := year("?year=2027"); string(got.body) != string(first.body) || got.at("/provisional") != false || got.at("/days/2/for") != "2027-05-03" || got.at("/version") != 1.0 {
			t.Errorf("%s, then %s", first.body, got.body)
		}
		put(412, `"0"`, mayDay)
		put(428, "", mayDay)
		if again := put(200, `"1"`, mayDay); string(again.body) != string(first.body) {
			t.Errorf("again: %s", again.body)
		}
		if a := h.holidaysFile(t, 200, "", strings.Replace(mayDays, "节日", "名称", 1)); a.at("/changed") != 1.0 { // by another source
			t.Errorf("imported: %s", a.body)
		}
		if a := h.holidaysFile(t, 200, "", mayDays); a.at("/unchanged") != 1.0 {
			t.Errorf("imported again: %s", a.body)
		}
		h.must(t, 404, call{method: "PUT", url: "/v1/holidays/1999", as: "admin", body: mayDay, header: map[string]string{"If-Match": "*"}})
		h.must(t, 400, call{method: "POST", url: "/v1/holidays/import", as: "admin", body: mayDays, header: map[string]string{"Content-Type": web.CSV}})
	})
}

// Every wrong field of a year is named, in a body and in a file, and nothing of it is written.
func TestHolidaysAsAsked(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		day := func(date, kind, of string) object {
			d := object{"date": date, "name": "节", "kind": kind}
			if of != "" {
				d["for"] = of
			}
			return d
		}
		bad := object{"source": "x", "days": []object{
			day("2026-12-24", "off", ""), day("2027-02-30", "off", ""), day("2027-05-03", "off", ""), day("2027-05-03", "off", ""), day("2027-05-04", "make_up", "2027-05-03"),
			day("2027-05-08", "make_up", "2027-05-05"), day("2027-05-09", "make_up", "2027-05-03"), day("2027-12-31", "off", "2027-05-03")}}
		a := h.must(t, 422, call{method: "PUT", url: "/v1/holidays/2027", as: "admin", body: bad, header: map[string]string{"If-Match": "*"}})
		want := []string{"/days/0/date", "/days/1/date", "/days/3/date", "/days/4/date", "/days/5/for", "/days/6/for", "/days/7/for"}
		if got := a.pointers(); !slices.Equal(got, want) {
			t.Errorf("refused for %v, want %v", got, want)
		}
		file := "date,name,kind,for,year\n2026-12-31,元旦,放假,,2027\n2027-01-01,元旦,放假,,\n2026-12-31,元旦,放假,,\n2028-01-01,元旦,放假,,2027\nsoon,元旦,放假,,\n"
		if a := h.holidaysFile(t, 200, "&dryRun=true", file); a.at("/refused") != 2.0 || a.at("/added") != 0.0 {
			t.Errorf("dry: %s", a.body)
		}
		if got := h.holidaysFile(t, 422, "", file).pointers(); !slices.Equal(got, []string{"/5/date", "/6/date"}) {
			t.Errorf("refused for %v", got)
		}
		good := strings.Join(strings.Split(file, "\n")[:4], "\n")
		dry := h.holidaysFile(t, 200, "&dryRun=true", good)
		if a := h.holidaysFile(t, 200, "", good); a.at("/added") != 1.0 || a.at("/changed") != 1.0 || dry.at("/added") != 1.0 || dry.at("/changed") != 1.0 {
			t.Errorf("%s, dry %s", a.body, dry.body)
		}
	})
}
