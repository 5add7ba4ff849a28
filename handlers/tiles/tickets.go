package tiles

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/stats"
	"wangge/domain/ticket"
	"wangge/geo/tile"
	"wangge/handlers/wire"
)

// pinned is the open tickets of a snapshot, sorted by where they are. It never changes.
type pinned struct {
	of      *stats.Snapshot
	tickets []*ticket.Brief
	pins    *tile.Pins
}

// pinned sorts the tickets of a snapshot the first time they are asked for.
func (s *Tiles) pinned(ctx context.Context) (*pinned, error) {
	now, err := s.figures.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	s.tickets.Lock()
	defer s.tickets.Unlock()
	if s.tickets.pinned == nil || s.tickets.of != now {
		p := &pinned{of: now}
		var at []orb.Point
		for _, street := range slices.Sorted(maps.Keys(now.Streets())) { // the same on every node
			for _, b := range now.Street(street).Tickets {
				if b.At != nil {
					p.tickets, at = append(p.tickets, b), append(at, *b.At)
				}
			}
		}
		p.pins = tile.NewPins(at)
		s.tickets.pinned = p
	}
	return s.tickets.pinned, nil
}

// Filter says which tickets are shown; empty fields show all.
type Filter struct {
	States     []ticket.State
	Categories []string
	Urgencies  []ticket.Urgency
	Overdue    bool
}

func (f Filter) holds(b *ticket.Brief, now time.Time) bool {
	return (f.States == nil || slices.Contains(f.States, b.State)) && (f.Categories == nil || slices.Contains(f.Categories, b.Category)) &&
		(f.Urgencies == nil || slices.Contains(f.Urgencies, b.Urgency)) && (!f.Overdue || b.Overdue(now))
}

// pictureTickets: the open tickets that the actor has on the map and asks for,
// those that would lie on one another as one point with how many they are, in all and of each state and category.
func (s *Tiles) pictureTickets(ctx context.Context, q Request, id tile.ID) (picture, error) {
	p, err := s.pinned(ctx)
	if err != nil {
		return picture{}, err
	}
	onMap := access.OnMap(q.Actor)
	clusters := p.pins.Clusters(id, func(i int) bool { return q.Filter.holds(p.tickets[i], q.Now) && onMap(p.tickets[i].Facts) })
	content := stamp(nil, q.Layer, id)
	overdue := make([]int64, len(clusters))
	for i, c := range clusters {
		for _, m := range c.Members {
			b := p.tickets[m]
			content = text(content, b.ID, b.Category, string(b.State))
			content = binary.BigEndian.AppendUint64(content, math.Float64bits(b.At[0]))
			content = binary.BigEndian.AppendUint64(content, math.Float64bits(b.At[1]))
			if b.Overdue(q.Now) {
				overdue[i]++
			}
		}
		content = binary.AppendUvarint(append(content, 0), uint64(overdue[i])) // 0: no text begins so
		if len(c.Members) == 1 {
			b := p.tickets[c.Members[0]]
			content = text(content, b.Number, string(b.Urgency), due(b))
		}
	}
	var properties []tile.Property // of one point after the other
	return picture{sha256.Sum256(content), func(to *tile.Builder) {
		kinds := kinds{map[ticket.State]int64{}, map[string]int64{}}
		to.Points("tickets", clusters, func(i int) (uint64, []tile.Property) {
			c := clusters[i]
			properties = append(properties[:0], tile.Property{Key: "count", Value: int64(len(c.Members))}, tile.Property{Key: "overdue", Value: overdue[i]})
			if len(c.Members) > 1 {
				properties = kinds.append(properties, c.Members, func(m int) (ticket.State, string) { return p.tickets[m].State, p.tickets[m].Category })
				return c.Square, properties
			}
			b := p.tickets[c.Members[0]]
			properties = append(properties, tile.Property{Key: "id", Value: b.ID}, tile.Property{Key: "number", Value: b.Number},
				tile.Property{Key: "category", Value: b.Category}, tile.Property{Key: "state", Value: string(b.State)}, tile.Property{Key: "urgency", Value: string(b.Urgency)})
			if t := due(b); t != "" {
				properties = append(properties, tile.Property{Key: "dueAt", Value: t})
			}
			return featureID(b.ID), properties
		})
	}}, nil
}

// kinds counts the tickets of a point by state and category.
type kinds struct {
	states     map[ticket.State]int64
	categories map[string]int64
}

// append adds how many there are of each state and category that there is.
func (k *kinds) append(to []tile.Property, members []int, of func(int) (ticket.State, string)) []tile.Property {
	clear(k.states)
	clear(k.categories)
	for _, m := range members {
		state, category := of(m)
		k.states[state]++
		k.categories[category]++
	}
	for _, state := range slices.Sorted(maps.Keys(k.states)) {
		to = append(to, tile.Property{Key: "state_" + string(state), Value: k.states[state]})
	}
	for _, category := range slices.Sorted(maps.Keys(k.categories)) {
		to = append(to, tile.Property{Key: "category_" + category, Value: k.categories[category]})
	}
	return to
}

// due is the deadline on the wire, "" for none.
func due(b *ticket.Brief) string {
	if b.DueAt.IsZero() {
		return ""
	}
	return wire.Time(b.DueAt).String()
}
