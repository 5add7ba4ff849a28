package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/visit"
	"wangge/domain/visit/recurrence"
	"wangge/handlers/calendar"
	"wangge/handlers/wire"
)

// feedOut says that there is a calendar feed; its address only as it is made.
type feedOut struct {
	URL       *string   `json:"url"`
	CreatedAt wire.Time `json:"createdAt"`
}

func makeFeed(r *request) (*reply, error) {
	secret := account.NewSecret(rand.Reader)
	f, err := r.Accounts.OpenFeed(r.ctx, r.actor, r.now, secret)
	if err != nil {
		return nil, err
	}
	url := r.PublicURL + "/calendars/" + secret + ".ics"
	return &reply{status: 201, body: feedOut{&url, wire.Time(f.CreatedAt)}}, nil
}

func getFeed(r *request) (*reply, error) {
	f, err := r.Accounts.MyFeed(r.ctx, r.actor)
	if err != nil {
		return nil, err
	}
	return ok(feedOut{nil, wire.Time(f.CreatedAt)}), nil
}

func endFeed(r *request) (*reply, error) {
	if err := r.Accounts.CloseFeed(r.ctx, r.actor); err != nil {
		return nil, err
	}
	return empty(), nil
}

// eventsMost is how many visits a calendar shows.
const eventsMost = 2000

// readFeed answers with the visits of who the secret stands for. Its entries
// say where, and not who lives there or why: the address may get around.
func readFeed(r *request) (*reply, error) {
	secret := strings.TrimSuffix(r.c.Params("secret"), ".ics")
	if len(secret) != 43 {
		return nil, domain.ErrNotFound
	}
	var err error
	if r.actor, err = r.Accounts.FeedActor(r.ctx, secret, r.now); err != nil {
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
	there, err := r.Visits.SeenHouseholds(r.ctx, r.actor, keys(homes))
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
			UID: v.ID + "@wangge", Changed: later(v.UpdatedAt, h.UpdatedAt), Sequence: v.Version - 1, First: string(recurrence.DateOf(v.Opens)),
			Last: string(recurrence.DateOf(v.Closes.Add(-time.Second))), Summary: r.lang().text(domain.T("走访 ", "Visit ")) + h.Address.String(), Location: h.Address.String(), At: h.Position.At(),
		})
	}
	body := calendar.Write(r.lang().text(domain.T("走访", "Visits")), events)
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	r.c.Set(fiber.HeaderETag, tag)
	if r.held(tag) != "" {
		return &reply{status: 304, cache: "private, no-cache"}, nil
	}
	return &reply{status: 200, raw: body, contentType: calendar.ContentType, cache: "private, no-cache"}, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// comingVisits are those planned for the caller as far ahead as visits are made, by when they open.
func (r *request) comingVisits() ([]*visit.Visit, error) {
	f := visit.Filter{States: []visit.State{visit.Planned}, Mine: true, Limit: limitMost}
	var out []*visit.Visit
	for len(out) < eventsMost {
		page, next, err := r.Visits.List(r.ctx, r.actor, r.now, f)
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
