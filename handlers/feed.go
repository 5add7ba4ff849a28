package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/secret"
	"wangge/domain/visit"
	"wangge/handlers/calendar"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// feedOut says that there is a calendar feed; its address only as it is made.
type feedOut struct {
	URL       *string   `json:"url"`
	CreatedAt wire.Time `json:"createdAt"`
}

func makeFeed(r *apiRequest) (*web.Reply, error) {
	address := secret.New(rand.Reader)
	f, err := r.Accounts.OpenFeed(r.Ctx, r.Actor, r.Now, address)
	if err != nil {
		return nil, err
	}
	url := r.PublicURL + "/calendars/" + address + ".ics"
	return &web.Reply{Status: 201, Body: feedOut{&url, wire.Time(f.CreatedAt)}}, nil
}

func getFeed(r *apiRequest) (*web.Reply, error) {
	f, err := r.Accounts.MyFeed(r.Ctx, r.Actor, r.Now)
	if err != nil {
		return nil, err
	}
	return web.OK(feedOut{nil, wire.Time(f.CreatedAt)}), nil
}

func endFeed(r *apiRequest) (*web.Reply, error) {
	if err := r.Accounts.CloseFeed(r.Ctx, r.Actor); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}

// eventsMost is how many visits a calendar shows.
const eventsMost = 2000

// readFeed answers with the visits of who the secret stands for. Its entries
// say where, and not who lives there or why: the address may get around.
func readFeed(r *apiRequest) (*web.Reply, error) {
	var err error
	if r.Actor, err = r.Accounts.FeedActor(r.Ctx, strings.TrimSuffix(r.Param("secret"), ".ics"), r.Now); err != nil {
		return nil, err
	}
	due, err := r.comingVisits()
	if err != nil {
		return nil, err
	}
	homes := map[string]bool{}
	for _, v := range due {
		homes[v.Household] = true
	}
	there, err := r.Visits.SeenHouseholds(r.Ctx, r.Actor, keys(homes))
	if err != nil {
		return nil, err
	}
	calls, err := r.HomeCalls.OfVisits(r.Ctx, due)
	if err != nil {
		return nil, err
	}
	var events []calendar.Event
	for _, v := range due {
		h := there[v.Household]
		if h == nil {
			continue
		}
		events = append(events, calendar.Event{
			UID: v.ID + "@wangge", Changed: later(v.UpdatedAt, h.UpdatedAt), Sequence: v.Version - 1, First: string(civil.DateOf(v.Opens)),
			Last: string(civil.DateOf(v.Closes.Add(-time.Second))), Summary: r.Text(domain.T("走访 ", "Visit ")) + clockOf(calls[v.ID]) + h.Address.String(), Location: h.Address.String(), At: h.Position.At(),
		})
	}
	body := calendar.Write(r.Text(domain.T("走访", "Visits")), events)
	sum := sha256.Sum256(body)
	return &web.Reply{Status: 200, Raw: body, Tag: hex.EncodeToString(sum[:16]), ContentType: calendar.ContentType, Cache: "private, no-cache"}, nil
}

// clockOf is when somebody is expected, who asked for it; "" for a visit at any time of its days.
func clockOf(q *homecall.Request) string {
	if q == nil {
		return ""
	}
	return q.Slot.From.In(civil.Zone).Format("15:04") + "–" + q.Slot.To.In(civil.Zone).Format("15:04") + " "
}

// comingVisits are those planned for the caller as far ahead as visits are made, by when they open.
func (r *apiRequest) comingVisits() ([]*visit.Visit, error) {
	f := visit.Filter{States: []visit.State{visit.Planned}, Mine: true, Limit: web.PageMost}
	var out []*visit.Visit
	for len(out) < eventsMost {
		page, next, err := r.Visits.List(r.Ctx, r.Actor, r.Now, f)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if f.Cursor = next; next == "" {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b *visit.Visit) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}
