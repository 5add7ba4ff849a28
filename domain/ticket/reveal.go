package ticket

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/store"
)

// Revealed is personal data of whom a ticket belongs to, in clear.
type Revealed struct{ Name, Phone string }

// Reveal shows the reporter's name or phone, with a reason; each time is on
// the journal. An anonymous reporter is not revealed.
// Errors: ErrNotFound, ErrForbidden, InvalidError.
func (s *Tickets) Reveal(ctx context.Context, actor access.Actor, now time.Time, id string, fields []string, reason string) (Revealed, error) {
	var out Revealed
	fields = slices.Clone(fields)
	bad := &domain.InvalidError{}
	if n := len([]rune(strings.TrimSpace(reason))); n < 2 || n > 200 {
		bad.Add("/reason", domain.T("请说明查看原因（2 到 200 字）", "say why, in 2 to 200 characters"))
	}
	for _, f := range fields {
		if f != "name" && f != "phone" {
			bad.Add("/fields", FieldWords.Fault())
		}
	}
	if len(fields) == 0 {
		bad.Add("/fields", domain.T("请选择要查看的内容", "name at least one field"))
	}
	if err := bad.Err(); err != nil {
		return out, err
	}
	slices.Sort(fields)
	fields = slices.Compact(fields)
	err := s.change(ctx, actor, id, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
		if t.Anonymous || !access.MayReveal(actor, t.Facts()) {
			return domain.ErrForbidden
		}
		clear, err := s.open(ctx, tx, t)
		if err != nil {
			return err
		}
		out = clear
		t.Steps = append(t.Steps, Step{Version: t.Version + 1, Note: strings.TrimSpace(reason)})
		entry := t.entry(actor, now, "reveal", t.facts())
		entry.Dims = map[string]string{"fields": strings.Join(fields, ","), "internal": "true"}
		return put(tx, t, entry)
	})
	if err != nil {
		return Revealed{}, err // nothing is shown that is not on the journal
	}
	if !slices.Contains(fields, "name") {
		out.Name = ""
	}
	if !slices.Contains(fields, "phone") {
		out.Phone = ""
	}
	return out, nil
}

func (s *Tickets) open(ctx context.Context, tx *store.Tx, t *Ticket) (out Revealed, err error) {
	if t.Contact != nil {
		if out.Name, err = s.keys.Open(t.Contact.Name, sealedAt(t.ID, "name")); err != nil {
			return out, err
		}
		out.Phone, err = s.keys.Open(t.Contact.Phone, sealedAt(t.ID, "phone"))
		return out, err
	}
	a, err := account.All.Get(ctx, tx, t.Reporter)
	if err != nil {
		return out, err
	}
	out.Name, out.Phone, err = s.accounts.Open(a)
	return out, err
}
