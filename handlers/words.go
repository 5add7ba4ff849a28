package handlers

import (
	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/device"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/table"
	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// Words of bodies whose domain types are plain text, or that only the wire has.
type (
	postRole      string
	assigneeKind  string
	needKind      string
	photoTime     string
	planAction    string
	promiseEnd    string
	ladderStep    string
	personField   string
	reporterField string
	pushWay       string
)

func (postRole) Enum() domain.Enum { return postRoleWords }

func (pushWay) Enum() domain.Enum { return device.WayWords }

func (assigneeKind) Enum() domain.Enum { return access.AssigneeKindWords }

func (needKind) Enum() domain.Enum { return visit.NeedWords }

func (photoTime) Enum() domain.Enum { return ticket.PhotoTimeWords }

func (planAction) Enum() domain.Enum { return plan.ActionWords }

func (promiseEnd) Enum() domain.Enum { return visit.PromiseEndWords }

func (ladderStep) Enum() domain.Enum { return plan.RungWords }

func (personField) Enum() domain.Enum { return household.FieldWords }

func (reporterField) Enum() domain.Enum { return ticket.FieldWords }

// Words that only the wire has.
var (
	postRoleWords  = domain.NewEnum("PostRole", domain.W("lead", "网格长", "grid lead"), domain.W("worker", "网格员", "outreach worker"))
	neighbourWords = domain.NewEnum("Neighbours", domain.W("refuse", "不得侵占相邻网格", "refuse to take ground of neighbours"), domain.W("trim", "从相邻网格中扣除", "take it from the neighbours"))
	sizeWords      = domain.NewEnum("PhotoSize", domain.W("full", "原图", "full size"), domain.W("thumb", "缩略图", "thumbnail"))
	layerWords     = domain.NewEnum("Layer", domain.W("cells", "网格", "grid cells"), domain.W("communities", "社区", "communities"), domain.W("streets", "街道", "streets"), domain.W("counties", "区县", "counties"),
		domain.W("tickets", "诉求", "tickets"), domain.W("buildings", "建筑", "buildings"))
	severityWords = domain.NewEnum("Severity", domain.W("error", "错误", "error"), domain.W("warning", "提醒", "warning"))
	dueWords      = domain.NewEnum("DueKind", domain.W("visit", "走访", "visit"), domain.W("home_call", "上门", "home call"), domain.W("promise", "承诺", "promise"), domain.W("ticket", "诉求", "ticket"), domain.W("todo", "待办", "asked or told"))
	encodingWords = domain.NewEnum("Encoding", domain.W(table.UTF8, "UTF-8", "UTF-8"),
		domain.W(table.UTF16, "UTF-16", "UTF-16"), domain.W(table.GB18030, "GB18030", "GB18030"), domain.W(table.XLSX, "Excel 工作簿", "Excel workbook"))
	statusWords = domain.NewEnum("SystemStatus", domain.W("ok", "运行中", "running"), domain.W("ready", "就绪", "ready"))
)

// codes are words as the domain takes them.
func codes[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, w := range in {
		out[i] = string(w)
	}
	return out
}

// word is a code with its texts.
type word struct {
	Code string   `json:"code"`
	Text textsOut `json:"text"`
}

// textsOut is a text in both languages.
type textsOut struct {
	ZH string `json:"zh-CN" need:"true"`
	EN string `json:"en" need:"true"`
}
