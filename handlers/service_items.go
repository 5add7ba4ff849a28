package handlers

import (
	"cmp"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/service"
	"wangge/domain/table"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// serviceItemOut is a version of a service item.
type serviceItemOut struct {
	Code          string        `json:"code"`
	Number        int64         `json:"number"`
	From          *civil.Date   `json:"from"` // null: always
	Category      string        `json:"category"`
	Name          string        `json:"name"`
	Department    departmentOut `json:"department"`
	Materials     []materialOut `json:"materials"`
	Steps         []string      `json:"steps"`
	WorkingDays   int           `json:"workingDays"`
	Qualification *kindRefOut   `json:"qualification"`
	Sensitive     bool          `json:"sensitive"`
	HomeCall      bool          `json:"homeCall"`
	Retired       bool          `json:"retired"`
	DecidedAt     *wire.Time    `json:"decidedAt"` // null: built in
}

// heldItemOut is an item as it is in force, with what is decided for later.
type heldItemOut struct {
	serviceItemOut
	Ahead []serviceItemOut `json:"ahead"`
}

type departmentOut struct {
	Name         string  `json:"name"`
	Organisation *string `json:"organisation"`
}

type materialOut struct {
	Code   string       `json:"code" need:"true"`
	Name   string       `json:"name" need:"true"`
	Form   service.Form `json:"form" need:"true"`
	Needed bool         `json:"needed" need:"true"`
}

// kindRefOut is a kind of qualification by its code and name.
type kindRefOut struct {
	Code string   `json:"code"`
	Name textsOut `json:"name"`
}

func (s *Server) kindRef(code string) *kindRefOut {
	if code == "" {
		return nil
	}
	name := s.Items.KindName(code)
	return &kindRefOut{code, textsOut{name.ZH, name.EN}}
}

func (s *Server) serviceItemOut(it *service.Item) serviceItemOut {
	out := serviceItemOut{
		Code: it.Code, Number: it.Number, From: optional(it.From), Category: it.Category, Name: it.Name, Department: departmentOut{it.Department, optional(it.Organisation)},
		Materials: make([]materialOut, len(it.Materials)), Steps: append([]string{}, it.Steps...), WorkingDays: it.WorkingDays, Qualification: s.kindRef(it.Qualification),
		Sensitive: it.Sensitive, HomeCall: it.HomeCall, Retired: it.Retired, DecidedAt: (*wire.Time)(optional(it.At)),
	}
	for i, m := range it.Materials {
		out.Materials[i] = materialOut(m)
	}
	return out
}

func (s *Server) serviceItemsOut(found []*service.Item) []serviceItemOut {
	out := make([]serviceItemOut, len(found))
	for i, it := range found {
		out[i] = s.serviceItemOut(it)
	}
	return out
}

// moment reads at; now where it is absent.
func (r *apiRequest) moment() (time.Time, error) {
	at, err := r.Instant("at")
	if at.IsZero() {
		at = r.Now
	}
	return at, err
}

func listServiceItems(r *apiRequest) (*web.Reply, error) {
	f := service.ItemFilter{Category: r.Query.Get("category"), Department: r.Query.Get("department"), Text: r.Query.Get("q")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if r.Query.Get("homeCall") != "" {
		homeCall, err := r.Flag("homeCall")
		if err != nil {
			return nil, err
		}
		f.HomeCall = &homeCall
	}
	if f.Retired, err = r.Flag("retired"); err != nil {
		return nil, err
	}
	at, err := r.moment()
	if err != nil {
		return nil, err
	}
	page, next, err := r.Items.List(at, f)
	if err != nil {
		return nil, err
	}
	return web.Listed(r.serviceItemsOut(page), next), nil
}

// getServiceItem: one that is not there has the entity tag of what is not there yet.
func getServiceItem(r *apiRequest) (*web.Reply, error) {
	at, err := r.moment()
	if err != nil {
		return nil, err
	}
	held, err := r.Items.Read(r.Param("code"), at)
	if err != nil {
		r.SetHeader("ETag", r.ETag(cmp.Or(held.Latest, web.NotYet)))
		return nil, err
	}
	return web.Versioned(heldItemOut{r.serviceItemOut(held.Item), r.serviceItemsOut(held.Ahead)}, held.Latest), nil
}

func listServiceItemVersions(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	page, next, err := r.Items.Versions(r.Param("code"), limit, cursor)
	if err != nil {
		return nil, err
	}
	return web.Listed(r.serviceItemsOut(page), next), nil
}

type serviceItemIn struct {
	From          civil.Date    `json:"from"`
	Category      string        `json:"category" need:"true"`
	Name          string        `json:"name" need:"true"`
	Department    departmentIn  `json:"department" need:"true"`
	Materials     []materialOut `json:"materials"`
	Steps         []string      `json:"steps"`
	WorkingDays   int           `json:"workingDays" need:"true"`
	Qualification string        `json:"qualification"`
	Sensitive     bool          `json:"sensitive"`
	HomeCall      bool          `json:"homeCall"`
	Retired       bool          `json:"retired"`
}

type departmentIn struct {
	Name         string `json:"name" need:"true"`
	Organisation string `json:"organisation"`
}

func putServiceItem(r *apiRequest) (*web.Reply, error) {
	var in serviceItemIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	d := service.Decision{From: in.From, Content: service.Content{
		Category: in.Category, Name: in.Name, Department: in.Department.Name, Organisation: in.Department.Organisation, Steps: in.Steps, WorkingDays: in.WorkingDays,
		Qualification: in.Qualification, Sensitive: in.Sensitive, HomeCall: in.HomeCall, Retired: in.Retired,
	}}
	for _, m := range in.Materials {
		d.Materials = append(d.Materials, service.Material(m))
	}
	it, err := r.Items.Put(r.Ctx, r.Actor, r.Now, r.Param("code"), version, d)
	if err != nil {
		return nil, onWire(onWire(err, "/department", "/department/name"), "/organisation", "/department/organisation")
	}
	return r.serviceItemMade(it), nil
}

func (r *apiRequest) serviceItemMade(it *service.Item) *web.Reply {
	reply := web.Versioned(r.serviceItemOut(it), it.Number)
	reply.Made = web.Resource{Kind: "service-item", ID: it.ID}
	return reply
}

// serviceItemByID answers for the version that a request which was done before made.
func serviceItemByID(r *apiRequest, id string) (*web.Reply, error) {
	it, err := r.Items.VersionByID(r.Ctx, id)
	if err != nil {
		return nil, err
	}
	return r.serviceItemMade(it), nil
}

// serviceImportOut is the report of an import of items.
type serviceImportOut struct {
	tableOut
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

func importServiceItems(r *apiRequest) (*web.Reply, error) {
	file, dry, opts, err := r.table(&service.ItemTable)
	if err != nil {
		return nil, err
	}
	in := service.ItemImport{Options: opts, DryRun: dry, From: civil.Date(r.Query.Get("from"))}
	if in.Full, err = r.Flag("full"); err != nil {
		return nil, err
	}
	report, err := r.Items.Import(r.Ctx, r.Actor, r.Now, file, in)
	if err != nil && report != nil {
		err = refusedFor(err, report.Findings, r.Lang())
	}
	if err != nil {
		return nil, err
	}
	return rowsImported(r, *report), nil
}

func rowsImported(r *apiRequest, report table.Report) *web.Reply {
	out := serviceImportOut{tableReport(report, r.Lang()), report.Added, report.Changed, report.Unchanged}
	return &web.Reply{Status: 200, Body: out, Report: report}
}

// qualificationKindOut is a kind of qualification.
type qualificationKindOut struct {
	Code    string   `json:"code"`
	Name    textsOut `json:"name"`
	Retired bool     `json:"retired"`
	Version int64    `json:"version"` // 0 of built-in ones
}

func qualificationKindTo(k *service.Kind) qualificationKindOut {
	return qualificationKindOut{k.Code, textsOut{k.Name.ZH, k.Name.EN}, k.Retired, k.Version}
}

func listQualificationKinds(r *apiRequest) (*web.Reply, error) {
	items := []qualificationKindOut{}
	for _, k := range r.Items.Kinds() {
		items = append(items, qualificationKindTo(k))
	}
	return web.Listed(items, ""), nil
}

type qualificationKindIn struct {
	Name    textsOut `json:"name" need:"true"`
	Retired bool     `json:"retired"`
}

func putQualificationKind(r *apiRequest) (*web.Reply, error) {
	var in qualificationKindIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	k, err := r.Items.SetKind(r.Ctx, r.Actor, r.Now, r.Param("code"), version, domain.T(in.Name.ZH, in.Name.EN), in.Retired)
	if err != nil {
		return nil, err
	}
	return qualificationKindMade(k), nil
}

func qualificationKindMade(k *service.Kind) *web.Reply {
	reply := web.Versioned(qualificationKindTo(k), k.Version)
	reply.Made = web.Resource{Kind: "qualification-kind", ID: k.ID}
	return reply
}

func qualificationKindByID(r *apiRequest, id string) (*web.Reply, error) {
	k, err := r.Items.KindByID(r.Ctx, id)
	if err != nil {
		return nil, err
	}
	return qualificationKindMade(k), nil
}
