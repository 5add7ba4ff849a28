package tiles

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/stats"
	"wangge/domain/ticket"
	"wangge/geo/tile"
)

// public are the layers that anybody reads: what somebody sees who has not
// signed in, and tickets as the public knows them, whoever asks.
var public = map[string]layer{
	"cells": layers["cells"], "communities": layers["communities"], "streets": layers["streets"], "counties": layers["counties"], "buildings": layers["buildings"],
	"tickets": {picture: (*Tiles).picturePublic, description: (*Tiles).describePublic, beyond: layers["tickets"].beyond},
}

// PublicFor is how long anybody's cache may show a public tile before it asks
// again: what happens meanwhile is seen a little later, and a popular place is drawn for many at once.
const PublicFor = time.Minute

// PublicTile is Tile for whoever has not signed in; the actor does not matter.
func (s *Tiles) PublicTile(ctx context.Context, q Request) (*Answer, error) {
	l, ok := public[q.Layer]
	if !ok {
		return nil, domain.ErrNotFound
	}
	q.Actor = access.Actor{}
	a, err := s.tile(ctx, q, l)
	if err == nil {
		a.Header["Cache-Control"] = fmt.Sprintf("public, max-age=%d", int(PublicFor.Seconds()))
	}
	return a, err
}

// DescribePublic is Describe for whoever has not signed in; ErrNotFound.
func (s *Tiles) DescribePublic(layer string, text func(domain.Text) string) (*TileJSON, error) {
	l, ok := public[layer]
	if !ok {
		return nil, domain.ErrNotFound
	}
	return s.describe(access.Actor{}, layer, l, "/public/map/"+layer+eachTile, s.areas.Map().Cells(), text), nil
}

// publicPins are the tickets of a snapshot that the public sees, by where it sees them. They never change.
type publicPins struct {
	sync.Mutex
	of      *stats.Snapshot
	tickets []*ticket.Public
	pins    *tile.Pins
}

// current sorts the tickets of a snapshot the first time they are asked for.
func (p *publicPins) current(now *stats.Snapshot) ([]*ticket.Public, *tile.Pins) {
	p.Lock()
	defer p.Unlock()
	if p.of != now {
		p.of, p.tickets = now, nil
		var at []orb.Point
		for _, street := range now.Streets() {
			for _, b := range street.Tickets {
				if b.Shown != nil {
					p.tickets = append(p.tickets, b.Shown)
				}
			}
			p.tickets = append(p.tickets, street.Settled...)
		}
		slices.SortFunc(p.tickets, func(a, b *ticket.Public) int { return cmp.Compare(a.ID, b.ID) }) // the order of their own ids tells when each was reported
		for _, t := range p.tickets {
			at = append(at, t.At)
		}
		p.pins = tile.NewPins(at)
	}
	return p.tickets, p.pins
}

// picturePublic: what the public knows of tickets, those that would lie on one
// another as one point with how many they are, and of these, of each state and category.
func (s *Tiles) picturePublic(ctx context.Context, q Request, id tile.ID) (picture, error) {
	now, err := s.figures.Snapshot(ctx)
	if err != nil {
		return picture{}, err
	}
	tickets, pins := s.shown.current(now)
	clusters := pins.Clusters(id, func(int) bool { return true })
	content := stamp(nil, "public "+q.Layer, id)
	for _, c := range clusters {
		for _, m := range c.Members {
			t := tickets[m]
			content = text(content, t.ID, t.Category, string(t.State))
			content = binary.BigEndian.AppendUint64(content, math.Float64bits(t.At[0]))
			content = binary.BigEndian.AppendUint64(content, math.Float64bits(t.At[1]))
		}
		content = append(content, 0) // no text begins so
	}
	var properties []tile.Property // of one point after the other
	return picture{sha256.Sum256(content), func(to *tile.Builder) {
		kinds := kinds{map[ticket.State]int64{}, map[string]int64{}}
		to.Points("tickets", clusters, func(i int) (uint64, []tile.Property) {
			c := clusters[i]
			properties = append(properties[:0], tile.Property{Key: "count", Value: int64(len(c.Members))})
			if len(c.Members) > 1 {
				properties = kinds.append(properties, c.Members, func(m int) (ticket.State, string) { return tickets[m].State, tickets[m].Category })
				return c.Square, properties
			}
			t := tickets[c.Members[0]]
			properties = append(properties, tile.Property{Key: "id", Value: t.ID}, tile.Property{Key: "category", Value: t.Category},
				tile.Property{Key: "state", Value: string(t.State)}, tile.Property{Key: "reportedOn", Value: string(t.Day)})
			return featureID(t.ID), properties
		})
	}}, nil
}

func (*Tiles) describePublic() description {
	return description{
		name: domain.T("公开诉求", "Public tickets"), about: domain.Textf("公开的在办诉求，及近 %d 天上报后办结的，位置约至 50 米；重叠的聚合为一点",
			"open tickets that the public sees, and settled ones reported in the last %d days, by squares of about 50 m; those that would lie on one another as one point", stats.RecentDays),
		fields: map[string]domain.Text{
			"count": domain.T("Number: 此点的诉求数", "Number: tickets at this point"), "state_…": domain.T("Number: 其中各状态的", "Number: those of them in each state"),
			"category_…": domain.T("Number: 其中各类别的", "Number: those of each category"),
			"id":         domain.T("String: 公开编号（仅单件，下同）", "String: public id of a single ticket, as all below"), "category": domain.T("String: 类别", "String: category"),
			"state": domain.T("String: 状态", "String: state"), "reportedOn": domain.T("String: 上报日期", "String: day of the report"),
		},
	}
}
