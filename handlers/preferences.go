package handlers

import (
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/delivery"
	"wangge/handlers/web"
)

// preferencesOut are how the caller wants to be told, beside the inbox.
type preferencesOut struct {
	Quiet   *quietOut `json:"quiet"` // null: none
	Wanted  wantedOut `json:"wanted"`
	Usual   bool      `json:"usual"` // they never said anything
	Version int64     `json:"version"`
}

// quietOut are hours of each day, by the city's clock.
type quietOut struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// wantedOut are the groups, each with what is wanted by each medium.
type wantedOut struct {
	Tickets   mediaOut `json:"tickets"`
	Cases     mediaOut `json:"cases"`
	Visits    mediaOut `json:"visits"`
	Community mediaOut `json:"community"`
	Work      mediaOut `json:"work"`
}

type mediaOut struct {
	Push   bool `json:"push"`
	WeChat bool `json:"wechat"`
}

type preferencesPatch struct {
	Quiet  web.Nullable[quietPatch] `json:"quiet"`
	Wanted wantedPatch              `json:"wanted"`
}

type quietPatch struct {
	From *string `json:"from"`
	To   *string `json:"to"`
}

type wantedPatch struct {
	Tickets   mediaPatch `json:"tickets"`
	Cases     mediaPatch `json:"cases"`
	Visits    mediaPatch `json:"visits"`
	Community mediaPatch `json:"community"`
	Work      mediaPatch `json:"work"`
}

type mediaPatch struct {
	Push   *bool `json:"push"`
	WeChat *bool `json:"wechat"`
}

func getPreferences(r *apiRequest) (*web.Reply, error) {
	p, err := r.Delivering.Preferences(r.Ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	return web.Versioned(preferencesOutOf(p), p.Version), nil
}

func patchPreferences(r *apiRequest) (*web.Reply, error) {
	var in preferencesPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	p, err := r.Delivering.ChangePreferences(r.Ctx, r.Actor, version, in.change())
	if err != nil {
		return nil, err
	}
	return web.Versioned(preferencesOutOf(p), p.Version), nil
}

func preferencesOutOf(p *delivery.Preferences) preferencesOut {
	of := func(g delivery.Group) mediaOut {
		return mediaOut{p.Wants(g, delivery.Push), p.Wants(g, delivery.Program)}
	}
	out := preferencesOut{Usual: !p.Said(), Version: p.Version,
		Wanted: wantedOut{of(delivery.Tickets), of(delivery.Cases), of(delivery.Visits), of(delivery.Community), of(delivery.Work)}}
	if q := p.Quiet; q != nil {
		out.Quiet = &quietOut{timeOfDay(q.From), timeOfDay(q.To)}
	}
	return out
}

// timeOfDay is a time of day, of minutes from midnight.
func timeOfDay(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func (in preferencesPatch) change() (c delivery.PreferenceChange) {
	c.Switch = map[delivery.Choice]bool{}
	for g, m := range map[delivery.Group]mediaPatch{delivery.Tickets: in.Wanted.Tickets, delivery.Cases: in.Wanted.Cases, delivery.Visits: in.Wanted.Visits, delivery.Community: in.Wanted.Community, delivery.Work: in.Wanted.Work} {
		for medium, on := range map[delivery.Medium]*bool{delivery.Push: m.Push, delivery.Program: m.WeChat} {
			if on != nil {
				c.Switch[delivery.Choice{Group: g, Medium: medium}] = *on
			}
		}
	}
	c.Never = in.Quiet.Given && in.Quiet.Value == nil
	if q := in.Quiet.Value; q != nil {
		c.Quiet = &delivery.QuietChange{From: minutesOf(q.From, "/quiet/from", &c.Wrong), To: minutesOf(q.To, "/quiet/to", &c.Wrong)}
	}
	return c
}

// minutesOf are the minutes from midnight of a time of day; nil for none.
func minutesOf(clock *string, at string, bad *domain.InvalidError) *int {
	if clock == nil {
		return nil
	}
	t, err := time.Parse("15:04", *clock)
	if err != nil || t.Format("15:04") != *clock {
		bad.Add(at, domain.T("应为 HH:MM，如 22:00", "must be HH:MM, such as 22:00"))
	}
	minutes := t.Hour()*60 + t.Minute()
	return &minutes
}
