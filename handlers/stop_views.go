package handlers

import (
	"encoding/json"
	"slices"

	"wangge/domain/link"
	"wangge/domain/visit"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// stopOut is one check-in at a household, and what came of it.
type stopOut struct {
	ID        string           `json:"id"`
	Household *householdBrief  `json:"household"`
	Address   *addressOut      `json:"address"` // of then
	Place     placeOut         `json:"place"`
	By        *personOut       `json:"by"`
	Visits    []string         `json:"visits"`
	State     visit.StopState  `json:"state"`
	Allowed   []string         `json:"allowed"`
	Channel   visit.Channel    `json:"channel"`
	Result    *visit.Result    `json:"result"`
	At        wire.Time        `json:"at"`
	LeftAt    *wire.Time       `json:"leftAt"`
	Position  *web.PositionOut `json:"position"`
	Proof     proofOut         `json:"proof"`
	Alert     *visit.Alert     `json:"alert"`
	AlertNote string           `json:"alertNote"`
	Answers   json.RawMessage  `json:"answers"` // by code of the form; null in lists
	Note      string           `json:"note"`
	Photos    []string         `json:"photos"`
	Needs     []needOut        `json:"needs"`
	Promises  []promiseOut     `json:"promises"` // null in lists, as are aids
	Aids      []workOut        `json:"aids"`
	Version   int64            `json:"version"`
}

type proofOut struct {
	State    *visit.ProofState `json:"state"` // null while the stop is not over
	Score    int               `json:"score"`
	Flags    []flagOut         `json:"flags"`
	Evidence evidenceOut       `json:"evidence"`
	By       *personOut        `json:"by"`
	At       *wire.Time        `json:"at"`
	Note     string            `json:"note"`
}

type flagOut struct {
	Doubt    visit.Doubt `json:"doubt"`
	Measured float64     `json:"measured"`
	Limit    float64     `json:"limit"`
	Score    int         `json:"score"`
	Text     string      `json:"text"`
}

type evidenceOut struct {
	DistanceM    *float64 `json:"distanceM"`
	AccuracyM    *float64 `json:"accuracyM"`
	Mock         bool     `json:"mock"`
	SpeedKMH     *float64 `json:"speedKmh"`
	DwellS       *float64 `json:"dwellS"`
	ReusedPhotos int      `json:"reusedPhotos"`
	SkewS        float64  `json:"skewS"`
	DelayH       float64  `json:"delayH"`
}

type needOut struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind,omitempty"`
	Category string     `json:"category"`
	Item     string     `json:"item,omitempty"`
	Title    string     `json:"title"`
	Note     string     `json:"note"`
	Opened   *openedOut `json:"opened"`
}

// openedOut is what a need became: with number and state for who may read it.
type openedOut struct {
	Kind   string  `json:"kind"`
	ID     string  `json:"id"`
	Number *string `json:"number"`
	State  *string `json:"state"`
}

func (r *apiRequest) stopsOut(found []*visit.Stop) ([]stopOut, error) {
	people, homes := map[string]bool{}, map[string]bool{}
	for _, s := range found {
		people[s.Account], people[s.Proof.By], homes[s.Household] = true, true, true
	}
	a, err := r.loadReferences(people, homes, nil)
	if err != nil {
		return nil, err
	}
	named, err := r.needsNamed(found)
	if err != nil {
		return nil, err
	}
	out := make([]stopOut, len(found))
	for i, s := range found {
		out[i] = r.stopOut(s, a, named)
	}
	return out, nil
}

// needsNamed are the cases that needs became of which the reader is told what
// they are about: where an item is sensitive, a need says no more than its case.
func (r *apiRequest) needsNamed(found []*visit.Stop) (map[string]bool, error) {
	var cases []string
	for _, s := range found {
		for _, n := range s.Needs {
			if n.Opened != nil && n.Opened.Kind == "case" {
				cases = append(cases, n.Opened.ID)
			}
		}
	}
	if len(cases) == 0 {
		return nil, nil
	}
	return r.Cases.Named(r.Ctx, r.Actor, cases)
}

func (r *apiRequest) stopOut(s *visit.Stop, a references, named map[string]bool) stopOut {
	e := s.Proof.Evidence
	out := stopOut{
		ID: s.ID, Household: a.home(s.Household), Place: r.placeOut(s.Place), By: a.person(s.Account), Visits: s.Visits, State: s.State, Allowed: s.Allowed(r.Actor),
		Channel: s.Channel, Result: optional(s.Result), At: wire.Time(s.At), LeftAt: (*wire.Time)(optional(s.LeftAt)), Alert: optional(s.Alert), AlertNote: s.AlertNote, Note: s.Note,
		Photos: []string{}, Needs: []needOut{}, Version: s.Version,
		Proof: proofOut{optional(s.Proof.State), s.Proof.Score, []flagOut{}, evidenceOut{e.DistanceM, e.AccuracyM, e.Mock, e.SpeedKMH, e.DwellS, e.Reused, e.SkewS, e.DelayH},
			a.person(s.Proof.By), (*wire.Time)(optional(s.Proof.At)), s.Proof.Note},
	}
	if s.Address != nil {
		address := addressTo(*s.Address)
		out.Address = &address
	}
	if s.Position != nil {
		out.Position = web.PositionTo(s.Position.At(), a.datum, s.Position.AccuracyM)
	}
	for _, f := range s.Proof.Flags {
		out.Proof.Flags = append(out.Proof.Flags, flagOut{f.Doubt, f.Measured, f.Limit, f.Score, r.Text(f.Text())})
	}
	for _, p := range s.Photos {
		out.Photos = append(out.Photos, p.ID)
	}
	for _, n := range s.Needs {
		need := needOut{ID: n.ID, Kind: n.Kind, Category: n.Category, Item: n.Item, Title: n.Title, Note: n.Note}
		if n.Opened != nil {
			need.Opened = &openedOut{Kind: n.Opened.Kind, ID: n.Opened.ID}
			if n.Opened.Kind == "case" && !named[n.Opened.ID] {
				need.Item, need.Title, need.Note = "", "", ""
			}
		}
		out.Needs = append(out.Needs, need)
	}
	return out
}

// stopMade answers with one stop: with its answers, what it left behind, and
// what became of its needs.
func (r *apiRequest) stopMade(s *visit.Stop, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	found, err := r.stopsOut([]*visit.Stop{s})
	if err != nil {
		return nil, err
	}
	out := found[0]
	answers, err := r.Stops.Answers(r.Ctx, r.Actor, s)
	if err != nil {
		return nil, err
	}
	if out.Answers, err = json.Marshal(answers); err != nil {
		return nil, err
	}
	promises, aids, err := r.Stops.LeftBehind(r.Ctx, r.Actor, s)
	if err != nil {
		return nil, err
	}
	if out.Promises, err = r.promisesOut(promises); err != nil {
		return nil, err
	}
	if out.Aids, err = r.worksOut(aids); err != nil {
		return nil, err
	}
	if err := r.tellOpened(s, out.Needs); err != nil {
		return nil, err
	}
	answer := web.Versioned(out, s.Version)
	answer.Made = web.Resource{Kind: "stop", ID: s.ID}
	return answer, nil
}

// tellOpened says how what a stop's needs became stands, as far as the reader sees it.
func (r *apiRequest) tellOpened(s *visit.Stop, needs []needOut) error {
	if len(needs) == 0 {
		return nil
	}
	linked, err := r.Links.Of(r.Ctx, r.Actor, link.End{Thing: link.Stop, ID: s.ID}, true)
	if err != nil {
		return err
	}
	for _, n := range needs {
		i := slices.IndexFunc(linked, func(l link.Seen) bool { return n.Opened != nil && l.From.ID == n.Opened.ID })
		if i >= 0 {
			n.Opened.Number, n.Opened.State = optional(linked[i].Other.Number), &linked[i].Other.State
		}
	}
	return nil
}
