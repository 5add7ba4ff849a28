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
	var records []string
	for _, e := range entries {
		if record := e.Dims["record"]; record != "" {
			records = append(records, record)
		}
	}
	why, err := reveal.Reasons(ctx, s.store, records)
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
		}
	}
	return out, next, nil
}

// Reveal shows an applicant's name, phone or ID number, with a purpose; each
// time is on the journal, and counted with all other reveals of the account.
// Errors: ErrNotFound, ErrForbidden, InvalidError, LimitError.
func (s *Cases) Reveal(ctx context.Context, actor access.Actor, now time.Time, id, record string, fields []string, reason string) (out ApplicantInput, err error) {
	fields, reason, err = reveal.Check(fields, FieldWords, reason)
	if err != nil {
		return out, err
	}
	if err := s.Reveals.Count(ctx, actor, now); err != nil {
		return out, err
	}
	_, err = s.updateSeen(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if !access.MayRevealCase(actor, c.Facts()) {
			return domain.ErrForbidden
		}
		clear, err := c.Applicant.open(s.keys)
		if err != nil {
			return err
		}
		out = clear.only(fields)
		entry := c.entry(actor, now, "reveal", c.facts())
		entry.Dims = map[string]string{"fields": strings.Join(fields, ","), "record": record}
		if err := collection.Record(tx, c, entry); err != nil {
			return err
		}
		return reveal.Record(tx, &reveal.Revealing{Meta: store.Meta{ID: record, Partition: c.Partition}, Case: c.ID, Fields: fields, Reason: reason, By: actor.Account, At: now}, entry)
	})
	if err != nil {
		return ApplicantInput{}, err // nothing is shown that is not on the journal
	}
	return out, nil
}
