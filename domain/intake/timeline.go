package intake

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/reveal"
	"wangge/store"
)

// Event is one line of a case's timeline: the journal's entry with what was said.
type Event struct {
	Number   int64 // in the street's journal
	At       time.Time
	Action   string
	From, To State
	Version  int64
	Actor    string // account id
	Step     Step
}

// Timeline returns a page of what happened to the case, oldest first, from the
// journal, to who is shown all of it; ErrNotFound.
func (s *Cases) Timeline(ctx context.Context, actor access.Actor, id string, limit int, cursor string) ([]Event, string, error) {
	c, shown, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, "", err
	}
	if shown != access.CaseWhole {
		return nil, "", domain.ErrForbidden
	}
	var links map[string]bool
	if s.LinksSeen != nil {
		if links, err = s.LinksSeen(ctx, actor, id); err != nil {
			return nil, "", err
		}
	}
	entries, next, err := collection.History(ctx, s.store, id, limit, cursor, func(e *store.Entry) bool { return e.Dims["link"] == "" || links[e.Dims["link"]] })
	if err != nil {
		return nil, "", err
	}
	said := make(map[int64]Step, len(c.Steps))
	for _, st := range c.Steps {
		said[st.Version] = st
	}
	why, err := reveal.Reasons(ctx, s.store, store.IDsIn(entries, "record"))
	if err != nil {
		return nil, "", err
	}
	out := make([]Event, len(entries))
	for i, e := range entries {
		out[i] = Event{e.Number, e.At, strings.TrimPrefix(e.Action, "case."), State(e.Before.State), State(e.After.State), e.DocVersion, e.Actor, said[e.DocVersion]}
		if record := e.Dims["record"]; record != "" {
			out[i].Step = Step{Reason: why[record]} // of the reveal, which is no step of the case's
		} else if e.Dims["link"] != "" { // nor is that
			out[i].Step = Step{}
		} else if e.Action == rated { // whose work it was is not told whose word it is
			out[i].Step, out[i].Actor = Step{}, ""
		}
	}
	return out, next, nil
}
