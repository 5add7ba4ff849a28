package intake

import (
	"context"

	"wangge/domain/access"
	"wangge/store"
)

// Formerly is the dimension of an entry that names the community, by id, to
// which a case belonged until then.
const Formerly = "formerly"

// RecordLinked puts on the case's journal that something was linked to it, or is not any more.
func (c *Case) RecordLinked(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "case."+e.Action, c.facts(), c.facts()
	return collection.Record(tx, c, e)
}

// Named tells of which of these cases, each linked to something of which the
// actor sees all, they are told what it is about.
func (s *Cases) Named(ctx context.Context, actor access.Actor, ids []string) (map[string]bool, error) {
	found, err := LoadMany(ctx, s.store, ids)
	out := make(map[string]bool, len(found))
	for id, c := range found {
		shown := access.LinkedCaseView(actor, c.Facts())
		out[id] = shown == access.CaseWhole || shown == access.CaseLinked && !c.Item.Sensitive
	}
	return out, err
}

// Caller is the applicant in clear, for the update of something that is made of the case.
func (s *Cases) Caller(c *Case) (ApplicantInput, error) { return c.Applicant.open(s.keys) }

// Community is the place of a community by its code.
func (s *Cases) Community(code string) (access.Place, bool) { return communityOf(s.areas.Tree(), code) }

// Code is that of the community of a place, or of its street; "" for none.
func (s *Cases) Code(p access.Place) string {
	for _, id := range []string{p.Community, p.Street} {
		if a, ok := s.areas.Tree().ByID(id); ok {
			return a.Code
		}
	}
	return ""
}

// NumberTaken reports whether another case has the number, which is passed over.
func NumberTaken(err error) bool { return taken(err) }
