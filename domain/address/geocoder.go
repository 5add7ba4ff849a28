package address

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/limit"
	"wangge/domain/place"
	"wangge/geo"
)

// Geocoder is a service elsewhere that finds addresses. It bounds its own time
// and logs by itself what goes wrong: an error says only that it has no answer.
type Geocoder interface {
	Name() string // one of place.SourceWords
	Geocode(ctx context.Context, text, city string) ([]Answer, error)
}

// Answer is where a geocoder finds an address.
type Answer struct {
	Text       string
	At         orb.Point // WGS-84
	Datum      geo.Datum // it came in
	Confidence float64
}

const (
	cacheFor      = time.Hour
	cacheMost     = 10_000
	geocodesQuota = 120 // of an account, in an hour
	textAnswered  = 200 // runes of an answer's text
)

// cache keeps what geocoders answered, by what they were asked: an estate and a
// building, and nothing of who asked or of the door.
type cache struct {
	sync.Mutex
	known map[string]answered
}

type answered struct {
	by      string
	answers []Answer
	until   time.Time
}

func (c *cache) get(key string, now time.Time) (answered, bool) {
	c.Lock()
	defer c.Unlock()
	a, ok := c.known[key]
	return a, ok && now.Before(a.until) && a.until.Sub(now) <= cacheFor
}

func (c *cache) put(key string, a answered) {
	c.Lock()
	defer c.Unlock()
	if len(c.known) >= cacheMost {
		clear(c.known)
	}
	c.known[key] = a
}

// geocoded is where the geocoders find the building of a reading; nothing where
// there is none, none is set up, or the actor has asked often enough.
func (s *Addresses) geocoded(ctx context.Context, actor access.Actor, now time.Time, r reading, area string) []Match {
	if len(s.geocoders) == 0 || r.outside == "" {
		return nil
	}
	city, within := s.around(area)
	key := city + "|" + r.names + r.outside
	known, ok := s.cache.get(key, now)
	if !ok {
		rule := limit.Rule{Name: "geocodes", Quota: geocodesQuota, Window: time.Hour, Silent: true}
		if actor.Account != "" && s.limits.Take(ctx, now, s.limits.Of(rule, actor.Account)) != nil {
			return nil
		}
		if known, ok = s.ask(ctx, r.names+r.outside, city); !ok {
			return nil
		}
		known.until = now.Add(cacheFor)
		s.cache.put(key, known)
	}
	var out []Match
	for _, a := range known.answers {
		spot, ok := place.Spot(s.areas.Map(), a.At)
		if level, id := place.Finest(within); !ok || id != "" && spot.Place.At(level) != id {
			continue
		}
		m := Match{Candidate: place.Candidate{Source: known.by, Text: a.Text, Position: place.PositionAt(a.At, a.Datum, nil), Place: spot.Place, Confidence: a.Confidence},
			Level: Building, Doors: 1, Address: household.Address{Estate: r.Estate, Building: r.Building}}
		m.ID = fmt.Sprintf("%s:%d", known.by, m.Position.Key)
		out = append(out, m)
	}
	return out
}

// ask asks one geocoder after the other until one has an answer; false where none could be asked.
func (s *Addresses) ask(ctx context.Context, text, city string) (out answered, asked bool) {
	for _, g := range s.geocoders {
		answers, err := g.Geocode(ctx, text, city)
		if err != nil {
			continue
		}
		out, asked = answered{by: g.Name()}, true
		for _, a := range answers {
			if a.Text = strings.TrimSpace(a.Text); a.Text == "" || domain.TextFault(a.Text, false) != (domain.Text{}) || utf8.RuneCountInString(a.Text) > textAnswered || !geo.ValidPoint(a.At) {
				continue
			}
			out.answers = append(out.answers, a)
		}
		if len(out.answers) > 0 {
			return out, true
		}
	}
	return out, asked
}

// around is the city of an area, by name, and where an answer for it lies.
func (s *Addresses) around(code string) (city string, within access.Place) {
	tree := s.areas.Tree()
	if a, ok := tree.ByCode(code); ok {
		within = a.Place
	}
	for _, c := range tree.Roots() {
		if within.City == "" || c.ID == within.City {
			return c.Name, within
		}
	}
	return "", within
}
