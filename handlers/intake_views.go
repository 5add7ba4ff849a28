package handlers

import (
	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/visit"
	"wangge/handlers/wire"
)

// caseOut is an intake case as one actor is shown it. Whole is null where they
// are shown that it is there and how it stands, and, unless it is sensitive, what it is about.
type caseOut struct {
	ID          string        `json:"id"`
	State       intake.State  `json:"state"`
	UpdatedAt   wire.Time     `json:"updatedAt"`
	Sensitive   bool          `json:"sensitive"`
	System      *string       `json:"system"`
	Number      *string       `json:"number"`
	Item        *caseItemOut  `json:"item"`
	PromisedOn  *civil.Date   `json:"promisedOn"`
	Provisional bool          `json:"provisional"`
	StandsStill bool          `json:"standsStill"`
	Version     int64         `json:"version"`
	Whole       *caseWholeOut `json:"whole"`
}

type caseItemOut struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Version  int64  `json:"version"`
}

// caseWholeOut is what is shown to who may see all of a case, but for personal data in clear.
type caseWholeOut struct {
	LocalNumber   *string           `json:"localNumber"`
	SourceState   *string           `json:"sourceState"`
	SourceVersion *int64            `json:"sourceVersion"`
	ChangedAt     *wire.Time        `json:"changedAt"`
	Allowed       []string          `json:"allowed"`
	Place         placeOut          `json:"place"`
	Address       *string           `json:"address"`
	Station       *string           `json:"station"`
	Household     *string           `json:"household"`
	Applicant     caseApplicantOut  `json:"applicant"`
	Reason        *string           `json:"reason"`
	Missing       []string          `json:"missing"`
	Pauses        []casePauseOut    `json:"pauses"`
	Trips         []caseTripOut     `json:"trips"`
	Materials     []caseMaterialOut `json:"materials"`
	HomeCall      *homeCallOut      `json:"homeCall"`
	Worker        *personOut        `json:"worker"`
	StandIn       *personOut        `json:"standIn"`
	OpenedBy      *personOut        `json:"openedBy"`
	OpenedAt      wire.Time         `json:"openedAt"`
	AcceptedAt    *wire.Time        `json:"acceptedAt"`
	ClosedAt      *wire.Time        `json:"closedAt"`
	Overdue       bool              `json:"overdue"`
}

// caseApplicantOut is whose matter it is, masked.
type caseApplicantOut struct {
	Name     *string `json:"name"`
	Phone    *string `json:"phone"`
	IDNumber *string `json:"idNumber"`
}

type casePauseOut struct {
	From  wire.Time  `json:"from"`
	Until *wire.Time `json:"until"`
}

type caseTripOut struct {
	On     civil.Date `json:"on"`
	InVain bool       `json:"inVain"`
	Reason *string    `json:"reason"`
	Source string     `json:"source"` // who says so: the platform, or staff
}

type caseMaterialOut struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Photos []string  `json:"photos"`
	At     wire.Time `json:"at"`

	FromResident bool `json:"fromResident"` // whose case it is attached it
}

type homeCallOut struct {
	On   *civil.Date `json:"on"`
	Note *string     `json:"note"`
	By   *personOut  `json:"by"`
	At   wire.Time   `json:"at"`
	Call *callOfOut  `json:"call"` // the last one that was booked
}

// callOfOut is a home call as its case has it.
type callOfOut struct {
	ID     string         `json:"id"`
	State  homecall.State `json:"state"`
	From   wire.Time      `json:"from"`
	To     wire.Time      `json:"to"`
	Result *visit.Result  `json:"result"`
}

// upsertedOut is what became of what a platform said.
type upsertedOut struct {
	Applied bool    `json:"applied"`
	Current caseOut `json:"current"`
}

type applicantRevealedOut struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	IDNumber string `json:"idNumber,omitempty"`
}

// matterRevealedOut is what a case is about and, masked, whose it is.
type matterRevealedOut struct {
	System      string           `json:"system"`
	Number      string           `json:"number"`
	Item        caseItemOut      `json:"item"`
	PromisedOn  *civil.Date      `json:"promisedOn"`
	Provisional bool             `json:"provisional"`
	StandsStill bool             `json:"standsStill"`
	Applicant   caseApplicantOut `json:"applicant"`
}

type applicantField string

func (applicantField) Enum() domain.Enum { return intake.FieldWords }

// caseBrief is what every reader is shown; with about, what the case is about too.
func caseBrief(c *intake.Case, about bool) caseOut {
	out := caseOut{ID: c.ID, State: c.State, UpdatedAt: wire.Time(c.UpdatedAt), Sensitive: c.Item.Sensitive, Version: c.Version}
	if about {
		key := c.Key()
		out.System, out.Number, out.PromisedOn, out.Provisional, out.StandsStill = &key.System, &key.Number, optional(c.Promised()), c.Provisional, c.StandsStill()
		out.Item = &caseItemOut{c.Item.Code, c.Item.Name, c.Item.Category, c.Item.Version}
	}
	return out
}

func maskedApplicant(c *intake.Case) caseApplicantOut {
	return caseApplicantOut{optional(c.Applicant.Name.Masked), optional(c.Applicant.Phone.Masked), optional(c.Applicant.IDNumber.Masked)}
}

func (r *apiRequest) caseWhole(c *intake.Case, n names, out *caseOut) {
	w := &caseWholeOut{
		LocalNumber: optional(c.Local), SourceState: optional(c.SourceState), SourceVersion: c.SourceVersion, ChangedAt: (*wire.Time)(optional(c.ChangedAt)), Allowed: intake.Allowed(r.Actor, c), Place: r.placeOut(c.Place),
		Address: optional(c.Address), Station: optional(c.Station), Household: optional(c.Household), Reason: optional(c.Reason), Missing: texts(c.Missing),
		Applicant: maskedApplicant(c),
		Worker:    n.person(c.Worker), StandIn: n.person(c.StandIn), OpenedBy: n.person(c.OpenedBy),
		OpenedAt: wire.Time(c.OpenedAt), AcceptedAt: (*wire.Time)(optional(c.AcceptedAt)), ClosedAt: (*wire.Time)(optional(c.ClosedAt)), Overdue: c.Overdue(r.Now),
		Pauses: each(c.Pauses, func(p intake.Pause) casePauseOut {
			return casePauseOut{wire.Time(p.From), (*wire.Time)(optional(p.Until))}
		}),
		Trips: each(c.Trips, func(t intake.Trip) caseTripOut {
			source := "staff"
			if t.By == "" {
				source = "platform"
			}
			return caseTripOut{t.On, t.InVain, optional(t.Reason), source}
		}),
		Materials: each(c.Materials, func(m intake.Material) caseMaterialOut {
			return caseMaterialOut{m.ID, m.Name, texts(m.Photos), wire.Time(m.At), m.Resident}
		}),
	}
	if h := c.HomeCall; h != nil {
		w.HomeCall = &homeCallOut{optional(h.On), optional(h.Note), n.person(h.By), wire.Time(h.At), nil}
		if x := h.Call; x != nil {
			w.HomeCall.Call = &callOfOut{x.Request, homecall.State(x.State), wire.Time(x.From), wire.Time(x.To), (*visit.Result)(optional(x.Result))}
		}
	}
	out.Whole = w
}
