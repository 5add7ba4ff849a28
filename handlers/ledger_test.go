package handlers

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"wangge/domain/civil"
)

// ledgerOf is a day's ledger as CSV: of each row, by its number, the cells by their headings.
func (h *harness) ledgerOf(t *testing.T, who string, on civil.Date) map[string]map[string]string {
	t.Helper()
	a := h.must(t, 200, call{method: "GET", url: "/v1/ledgers/tickets?format=csv&date=" + string(on), as: who})
	text, marked := bytes.CutPrefix(a.body, []byte("\ufeff"))
	if !marked || a.header.Get("Content-Disposition") != `attachment; filename="tickets-`+string(on)+`.csv"` {
		t.Errorf("no mark, or no name: %v %.40s", a.header, a.body)
	}
	lines := must(csv.NewReader(bytes.NewReader(text)).ReadAll())(t)
	out := map[string]map[string]string{}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		if out[line[0]] != nil {
			t.Errorf("%s is there twice", line[0])
		}
		out[line[0]] = row
	}
	return out
}

func TestLedgerOfADay(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		made := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "outreach_worker",
			body: draft(inside(niujia, 1), object{"title": "=HYPERLINK(\"http://x\")", "onBehalfOf": object{"name": "王小明", "phone": "13900001111"}})})
		id, number := made.text("/id"), made.text("/number")
		due := must(time.Parse(time.RFC3339, made.text("/dueAt")))(t)
		foreign := h.report(t, "resident", inside(jinshi, 1), "noise")
		first := civil.DateOf(h.clock.read())
		ledger := h.ledgerOf(t, "grid_lead", first)
		row := ledger[number]
		if len(ledger) != 1 || ledger[foreign.Number] != nil {
			t.Errorf("the lead's ledger: %v", ledger)
		}
		for heading, want := range map[string]string{"标题": "'=HYPERLINK(\"http://x\")", "当日受理": "1", "当日到期": "0", "超期": "0", "超期小时": "", "上报人": "王*明", "电话": "139****1111", "上报时间": "2026-11-23 09:00", "网格编码": cellCode(niujia, 1), "状态": "已上报"} {
			if row[heading] != want {
				t.Errorf("%s: %q, want %q", heading, row[heading], want)
			}
		}
		if len(h.ledgerOf(t, "admin", first)) != 2 || len(h.ledgerOf(t, "dispatcher", first)) != 1 {
			t.Error("the ledgers of others")
		}

		h.clock.move(due.Add(-time.Hour).Sub(h.clock.read()))
		h.move(t, 200, id, "grid_lead", object{"action": "accept", "condition": "blocked_exit"})
		due = must(time.Parse(time.RFC3339, h.see(t, id, "grid_lead").text("/dueAt")))(t)
		if due.After(h.clock.read()) {
			h.clock.move(due.Add(-time.Hour).Sub(h.clock.read()))
		}
		dueOn := civil.DateOf(due)
		if row := h.ledgerOf(t, "grid_lead", dueOn)[number]; row["当日受理"] != "0" || row["当日到期"] != "1" {
			t.Errorf("on the day that it is due: %v", row)
		}
		h.clock.move(30 * time.Hour)
		late := dueOn.Add(1)
		if row := h.ledgerOf(t, "grid_lead", late)[number]; row["超期"] != "1" || row["超期小时"] == "" {
			t.Errorf("overdue: %v", row)
		}

		book := must(excelize.OpenReader(bytes.NewReader(h.must(t, 200, call{method: "GET", url: "/v1/ledgers/tickets", as: "grid_lead"}).body)))(t)
		defer func() { _ = book.Close() }()
		if cells := must(book.GetRows("汇总"))(t); fmt.Sprint(cells[0]) != "[统计口径 名称 编码 当日受理 当日到期 超期]" || cells[2][0] != "网格" || cells[2][2] != cellCode(niujia, 1) || cells[2][5] != "1" {
			t.Errorf("by unit: %v", cells)
		}
		if cells := must(book.GetRows("台账"))(t); cells[1][0] != number || !strings.HasPrefix(cells[1][7], "=HYPERLINK") {
			t.Errorf("rows: %v", cells)
		}

		h.clock.move(24 * time.Hour)
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		h.move(t, 200, id, "outreach_worker", object{"action": "start"})
		h.move(t, 200, id, "outreach_worker", object{"action": "resolve", "outcome": "not_fixed", "reason": "待协调"})
		today := civil.DateOf(h.clock.read())
		if h.ledgerOf(t, "grid_lead", late)[number]["超期"] != "1" || h.ledgerOf(t, "grid_lead", today)[number] != nil {
			t.Error("a day that is over does not say what it was, or today what is over")
		}

		for _, url := range []string{"date=2027-01-01", "date=x", "format=pdf", "area=999999999"} {
			if a := h.must(t, 400, call{method: "GET", url: "/v1/ledgers/tickets?" + url, as: "grid_lead"}); a.header.Get("Content-Disposition") != "" {
				t.Errorf("%s: %v", url, a.header)
			}
		}
	})
}
