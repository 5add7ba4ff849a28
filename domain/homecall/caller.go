package homecall

import (
	"context"
	"errors"
	"strings"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/personal"
)

// contactAt is the place that the phone of a request is sealed for.
func contactAt(id string) string { return "homeCalls/" + id + "/contact" }

// caller is whose matter it is.
type caller struct {
	intake.ApplicantInput
	account string // "" where somebody else books for them
	index   string // of the phone by which it is theirs
	contact string // phone to call before coming
}

func (s *Calls) callerOf(ctx context.Context, actor access.Actor, in *Booking, bad *domain.InvalidError) (out caller, err error) {
	out.contact = in.Phone
	if in.Phone != "" {
		plain, err := personal.NormalisePhone(in.Phone)
		if form := (*personal.FormatError)(nil); errors.As(err, &form) {
			bad.Add("/phone", form.Detail)
		}
		out.contact = plain
	}
	domain.CheckText(bad, "/name", in.Name, 64, false)
	out.Name = strings.TrimSpace(in.Name)
	if in.For != "" {
		if in.Phone == "" {
			bad.Add("/phone", domain.Missing)
		}
		out.Phone, out.index = out.contact, s.Keys.Index("phone", out.contact)
		return out, nil
	}
	me, err := s.Accounts.Me(ctx, actor)
	if err != nil {
		return out, err
	}
	out.Phone, out.index, out.account = me.FullPhone, actor.Phone, actor.Account
	if out.contact == "" {
		out.contact = me.FullPhone
	}
	if out.Name == "" {
		out.Name = me.FullName
	}
	return out, nil
}
