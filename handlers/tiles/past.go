package tiles

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"wangge/domain"
	"wangge/domain/access"
)

// pastKept is how many drawings of the past are kept: those looked at last.
const pastKept = 4

// past is the cells as they were, drawn when somebody looks. What was, stays
// so: a drawing is good for ever, and for every time until the next redraw.
type past struct {
	mu       sync.Mutex
	drawings []aged // the one looked at last goes first
	drawn    singleflight.Group
}

type aged struct {
	since time.Time // of the redraw
	*drawing
}

// drawingAt is the drawing that the request is about: today's, or as the cells
// were. It costs much, so only who works may look back. ErrForbidden.
func (s *Tiles) drawingAt(ctx context.Context, q Request) (*drawing, error) {
	if q.At.IsZero() || !q.At.Before(q.Now) {
		return s.cells.get(ctx)
	}
	if !access.MapsTickets(q.Actor) {
		return nil, domain.ErrForbidden
	}
	since, err := s.areas.LatestRedraw(ctx, q.At)
	if err != nil {
		return nil, err
	}
	if d := s.past.kept(since); d != nil {
		return d, nil
	}
	made, err, _ := s.past.drawn.Do(since.Format(time.RFC3339Nano), func() (any, error) {
		cells, err := s.areas.AllAt(context.WithoutCancel(ctx), since) // others may wait for it too
		if err != nil {
			return nil, err
		}
		d, err := draw(cells, nil)
		if err != nil {
			return nil, err
		}
		s.past.keep(aged{since, d})
		return d, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*drawing), nil
}

// kept is the drawing of a redraw, nil when it is not kept.
func (p *past) kept(since time.Time) *drawing {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, d := range p.drawings {
		if d.since.Equal(since) {
			copy(p.drawings[1:i+1], p.drawings[:i])
			p.drawings[0] = d
			return d.drawing
		}
	}
	return nil
}

func (p *past) keep(d aged) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawings = append([]aged{d}, p.drawings[:min(len(p.drawings), pastKept-1)]...)
}
