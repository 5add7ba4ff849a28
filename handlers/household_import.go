package handlers

import (
	"bytes"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/domain/household"
)

// householdImportOut is the report of an import.
type householdImportOut struct {
	DryRun     bool           `json:"dryRun"`
	Encoding   string         `json:"encoding"`
	Rows       int            `json:"rows"`
	Refused    int            `json:"refused"`
	Households householdCount `json:"households"`
	Findings   []rowFinding   `json:"findings"`
}

type householdCount struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// rowFinding is what an import has to say about a line of its file.
type rowFinding struct {
	Line     int     `json:"line"`
	Column   *string `json:"column"`
	Kind     string  `json:"kind"`
	Severity string  `json:"severity"`
	Detail   string  `json:"detail"`
}

func importHouseholds(r *request) (*reply, error) {
	in := household.Import{Street: r.query.get("street")}
	var err error
	if in.DryRun, err = r.flag("dryRun"); err != nil {
		return nil, err
	}
	if r.query.get("datum") != "" {
		if in.Datum, err = r.datum(); err != nil {
			return nil, err
		}
	}
	report, err := r.Households.Import(r.ctx, r.actor, r.now, bytes.NewReader(r.body), in)
	if err != nil {
		return nil, err
	}
	return householdsImported(r, *report), nil
}

func householdsImported(r *request, report household.Report) *reply {
	out := householdImportOut{DryRun: report.DryRun, Encoding: report.Encoding, Rows: report.Rows, Refused: report.Refused,
		Households: householdCount{report.Added, report.Changed, report.Unchanged}, Findings: []rowFinding{}}
	for _, f := range report.Findings {
		finding := rowFinding{f.Line, optional(f.Column), f.Kind, "error", r.lang().text(f.Detail)}
		if f.Warning {
			finding.Severity = "warning"
		}
		out.Findings = append(out.Findings, finding)
	}
	return &reply{status: 200, body: out, report: report}
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

// textsOut is a text in both languages.
type textsOut struct {
	ZH string `json:"zh-CN" need:"true"`
	EN string `json:"en" need:"true"`
}

func tagDefinitionTo(d household.TagDefinition) tagDefinitionOut {
	return tagDefinitionOut{d.Code, textsOut{d.Name.ZH, d.Name.EN}, d.ID == "", d.Sensitive, d.Retired, d.Version}
}

// tagsOf are the tags of the street that the query names.
func (r *request) tagsOf() ([]household.TagDefinition, error) {
	if r.query.get("street") == "" {
		return nil, badQuery("street", "请指定街道", "a street is required")
	}
	return r.Households.TagDefinitions(r.ctx, r.actor, r.query.get("street"))
}

// getTag: one that is not defined has the entity tag of what is not there yet, and a built-in one none.
func getTag(r *request) (*reply, error) {
	found, err := r.tagsOf()
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		if d.Code == r.c.Params("code") {
			return &reply{status: 200, body: tagDefinitionTo(d), etag: d.Version}, nil
		}
	}
	r.c.Set(fiber.HeaderETag, r.etag(notYet))
	return nil, domain.ErrNotFound
}

func listTags(r *request) (*reply, error) {
	found, err := r.tagsOf()
	if err != nil {
		return nil, err
	}
	items := make([]tagDefinitionOut, len(found))
	for i, d := range found {
		items[i] = tagDefinitionTo(d)
	}
	return listed(items, ""), nil
}

type tagDefinitionIn struct {
	Street    string   `json:"street" need:"true"`
	Name      textsOut `json:"name" need:"true"`
	Sensitive bool     `json:"sensitive"`
	Retired   bool     `json:"retired"`
}

func putTag(r *request) (*reply, error) {
	var in tagDefinitionIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	d, err := r.Households.DefineTag(r.ctx, r.actor, r.now, in.Street, version, household.TagDefinition{
		Code: r.c.Params("code"), Name: domain.T(in.Name.ZH, in.Name.EN), Sensitive: in.Sensitive, Retired: in.Retired})
	if err != nil {
		return nil, err
	}
	return versioned(tagDefinitionTo(*d), d.Version), nil
}

// tagByID answers for the tag that a request which was done before defined.
func tagByID(r *request, id string) (*reply, error) {
	d, err := r.Households.TagDefinition(r.ctx, r.actor, id)
	if err != nil {
		return nil, err
	}
	return versioned(tagDefinitionTo(*d), d.Version), nil
}
