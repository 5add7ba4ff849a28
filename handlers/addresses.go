package handlers

import (
	"strconv"
	"unicode/utf8"

	"wangge/domain/address"
	"wangge/domain/place"
	"wangge/domain/table"
	"wangge/geo"
	"wangge/handlers/web"
)

// candidateOut is a place that an address may mean.
type candidateOut struct {
	ID         string           `json:"id"`
	Source     string           `json:"source"`
	Text       string           `json:"text"`
	Position   *web.PositionOut `json:"position"`
	Place      placeOut         `json:"place"`
	Confidence float64          `json:"confidence"`
}

func (r *apiRequest) candidateOut(c place.Candidate, d geo.Datum) candidateOut {
	return candidateOut{c.ID, c.Source, c.Text, web.PositionTo(c.Position.At(), d, nil), r.placeOut(c.Place), c.Confidence}
}

// addressMatchOut is a candidate with what a search tells of it.
type addressMatchOut struct {
	candidateOut
	Level     string     `json:"level"`
	Address   addressOut `json:"address"`
	Scheme    *string    `json:"scheme"`
	Code      *string    `json:"code"`
	Doors     int        `json:"doors"`
	Household *string    `json:"household"`
}

type addressesOut struct {
	Items []addressMatchOut `json:"items"`
	More  bool              `json:"more"`
}

func findAddresses(r *apiRequest) (*web.Reply, error) {
	limit := address.Default
	if text, given := r.Query.Find("limit"); given {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > address.Most {
			return nil, web.BadQuery("limit", "应为 1 到 50 的整数", "must be a whole number from 1 to 50")
		}
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	q := address.Query{Text: r.Query.Get("q"), Area: r.Query.Get("area"), Limit: limit}
	if utf8.RuneCountInString(q.Text) > address.TextLongest {
		return nil, web.BadQuery("q", "最多 100 字", "100 characters at most")
	}
	found, err := r.Addresses.Search(r.Ctx, r.Actor, r.Now, q)
	if err != nil {
		return nil, err
	}
	out := addressesOut{Items: []addressMatchOut{}, More: found.More}
	for _, m := range found.Matches {
		out.Items = append(out.Items, addressMatchOut{r.candidateOut(m.Candidate, d), m.Level, addressTo(m.Address), optional(m.Scheme), optional(m.Code), m.Doors, optional(m.Household)})
	}
	return web.OK(out), nil
}

// addressImportOut is the report of an import.
type addressImportOut struct {
	tableOut
	Addresses householdCount `json:"addresses"`
}

func importAddresses(r *apiRequest) (*web.Reply, error) {
	in := address.Import{Table: &address.Table, Scheme: r.Query.Get("scheme")}
	file, dry, opts, err := r.table(in.Table)
	if err != nil {
		return nil, err
	}
	in.DryRun, in.Options = dry, opts
	if r.Query.Get("datum") != "" {
		if in.Datum, err = r.Datum(); err != nil {
			return nil, err
		}
	}
	report, err := r.Addresses.Import(r.Ctx, r.Actor, r.Now, file, in)
	if err != nil {
		return nil, err
	}
	return addressesImported(r, *report), nil
}

func addressesImported(r *apiRequest, report table.Report) *web.Reply {
	return &web.Reply{Status: 200, Body: addressImportOut{tableReport(report, r.Lang()), householdCount(report.Counts)}, Report: report}
}
