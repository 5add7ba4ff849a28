package handlers

import (
	"wangge/domain"
	"wangge/domain/household"
	"wangge/domain/table"
	"wangge/handlers/web"
)

// householdImportOut is the report of an import.
type householdImportOut struct {
	tableOut
	Households householdCount `json:"households"`
}

type householdCount struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

func importHouseholds(r *apiRequest) (*web.Reply, error) {
	in := household.Import{Street: r.Query.Get("street")}
	file, dry, opts, err := r.table(&household.Table)
	if err != nil {
		return nil, err
	}
	in.DryRun, in.Options = dry, opts
	if r.Query.Get("datum") != "" {
		if in.Datum, err = r.Datum(); err != nil {
			return nil, err
		}
	}
	report, err := r.Households.Import(r.Ctx, r.Actor, r.Now, file, in)
	if err != nil {
		return nil, err
	}
	return householdsImported(r, *report), nil
}

func householdsImported(r *apiRequest, report table.Report) *web.Reply {
	out := householdImportOut{tableReport(report, r.Lang()), householdCount(report.Counts)}
	return &web.Reply{Status: 200, Body: out, Report: report}
}

// tagDefinitionOut is a tag that may be put on people.
type tagDefinitionOut struct {
	Code      string   `json:"code"`
	Name      textsOut `json:"name"`
	BuiltIn   bool     `json:"builtIn"`
	Sensitive bool     `json:"sensitive"`
	Retired   bool     `json:"retired"`
	Version   int64    `json:"version"` // 0 of built-in ones
}

func tagDefinitionTo(d household.TagDefinition) tagDefinitionOut {
	return tagDefinitionOut{d.Code, textsOut{d.Name.ZH, d.Name.EN}, d.BuiltIn, d.Sensitive, d.Retired, d.Version}
}

// tagsOf are the tags of the street that the query names.
func (r *apiRequest) tagsOf() ([]household.TagDefinition, error) {
	if r.Query.Get("street") == "" {
		return nil, web.BadQuery("street", "请指定街道", "a street is required")
	}
	return r.Households.TagDefinitions(r.Ctx, r.Actor, r.Query.Get("street"))
}

// getTag: one that is not defined has the entity tag of what is not there yet, and a built-in one none.
func getTag(r *apiRequest) (*web.Reply, error) {
	found, err := r.tagsOf()
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		if d.Code == r.Param("code") {
			return &web.Reply{Status: 200, Body: tagDefinitionTo(d), Version: d.Version}, nil
		}
	}
	r.SetHeader("ETag", r.ETag(web.NotYet))
	return nil, domain.ErrNotFound
}

func listTags(r *apiRequest) (*web.Reply, error) {
	found, err := r.tagsOf()
	if err != nil {
		return nil, err
	}
	items := make([]tagDefinitionOut, len(found))
	for i, d := range found {
		items[i] = tagDefinitionTo(d)
	}
	return web.Listed(items, ""), nil
}

type tagDefinitionIn struct {
	Street    string   `json:"street" need:"true"`
	Name      textsOut `json:"name" need:"true"`
	Sensitive bool     `json:"sensitive"`
	Retired   bool     `json:"retired"`
}

func putTag(r *apiRequest) (*web.Reply, error) {
	var in tagDefinitionIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	d, err := r.Households.DefineTag(r.Ctx, r.Actor, r.Now, in.Street, version, household.TagDefinition{
		Code: r.Param("code"), Name: domain.T(in.Name.ZH, in.Name.EN), Sensitive: in.Sensitive, Retired: in.Retired})
	if err != nil {
		return nil, err
	}
	return web.Versioned(tagDefinitionTo(*d), d.Version), nil
}

// tagByID answers for the tag that a request which was done before defined.
func tagByID(r *apiRequest, id string) (*web.Reply, error) {
	d, err := r.Households.TagDefinition(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return web.Versioned(tagDefinitionTo(*d), d.Version), nil
}
