package account

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"wangge/domain"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/store"
)

const (
	codeLasts = 5 * time.Minute
	codeTries = 5
)

// CodeSender takes a one-time code to a normalised mobile phone, or puts it in
// line: it does not wait for a service elsewhere.
type CodeSender interface {
	SendCode(ctx context.Context, phone, code string) error
}

// ErrNoSender: codes cannot be sent from here.
var ErrNoSender = &domain.ConflictError{Code: "no_sms_sender", Detail: domain.T("未配置短信发送服务", "no SMS sender is configured")}

// LogSender writes codes to a log instead of sending them: for demonstrations only.
type LogSender struct{ Log *slog.Logger }

// SendCode writes the code, and the phone masked.
func (l LogSender) SendCode(_ context.Context, phone, code string) error {
	l.Log.Info("one-time code", "phone", personal.MaskPhone(phone), "code", code)
	return nil
}

// code is the last code sent to a phone; its id is the phone's blind index.
type code struct {
	store.Meta `store:",inline"`
	Hash       string    `store:"hash,omitempty"` // none once used
	Sent       time.Time `store:"sent"`
	Tries      int       `store:"tries"`
	Expires    time.Time `store:"expires"`
}

var codes = store.Declare[code](store.Declaration{
	Name: "codes", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"},
})

// RequestCode sends a code to a mobile phone. The answer is the same whether
// or not the phone has an account, which is not looked at. A LimitError says
// when to ask again; one phone gets a code a minute, five an hour and ten a day,
// which is what the services that send them allow.
func (s *Accounts) RequestCode(ctx context.Context, now time.Time, phone, address string) error {
	plain, err := mobilePhone(phone)
	if err != nil {
		return err
	}
	if s.opts.Sender == nil {
		return ErrNoSender
	}
	phoneLimits := []limit.Limit{s.limits.Of(pauseRule, plain), s.limits.Of(hourRule, plain), s.limits.Of(dayRule, plain)}
	if err := s.limits.Take(ctx, now, append(phoneLimits, s.limits.Of(requestRule, limit.Network(address)))...); err != nil {
		return err
	}
	id, fresh := s.phoneIndex(plain), NewCode(rand.Reader)
	err = s.st.Update(ctx, nil, func(tx *store.Tx) error {
		c, err := codes.Get(ctx, tx, id)
		missing := errors.Is(err, store.ErrNotFound)
		if err != nil && !missing {
			return err
		}
		if missing {
			c = &code{Meta: store.Meta{ID: id}}
		}
		c.Hash, c.Sent, c.Tries, c.Expires = HashCode(s.keys, plain, fresh), now, 0, now.Add(codeLasts)
		if missing {
			return codes.Insert(tx, c)
		}
		return codes.Put(tx, c)
	})
	if err != nil {
		return err
	}
	return s.opts.Sender.SendCode(ctx, plain, fresh)
}

// redeem uses up the code that was sent to the phone: ErrUnauthenticated when
// it is not this one, too old, used, or was guessed at too often.
func (s *Accounts) redeem(ctx context.Context, now time.Time, phone, text string) error {
	if s.opts.DemoCode != "" && text == s.opts.DemoCode {
		return nil
	}
	id, right := s.phoneIndex(phone), false
	err := s.st.Update(ctx, nil, func(tx *store.Tx) error {
		right = false
		c, err := codes.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) {
			return domain.ErrUnauthenticated
		}
		if err != nil {
			return err
		}
		if c.Hash == "" || c.Tries >= codeTries || now.Sub(c.Sent) >= codeLasts {
			return domain.ErrUnauthenticated
		}
		c.Tries++
		if right = CheckCode(s.keys, c.Hash, phone, text); right {
			c.Hash = ""
		}
		return codes.Put(tx, c)
	})
	if err == nil && !right {
		return domain.ErrUnauthenticated
	}
	return err
}

// mobilePhone normalises a phone that can get a code.
func mobilePhone(text string) (string, error) {
	plain, err := personal.NormalisePhone(text)
	if err != nil || !personal.IsMobile(plain) {
		return "", domain.Invalid("/phone", domain.T("不是有效的手机号码", "not a mainland mobile number"))
	}
	return plain, nil
}
