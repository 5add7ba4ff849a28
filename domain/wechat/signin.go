package wechat

import (
	"context"
	"errors"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/delivery"
	"wangge/domain/device"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/store"
)

// Credentials are what a mini-program has of who signs in: the code of wx.login;
// where that is bound to no account, the code of the button that asks for the
// phone; and of staff, once, the password.
type Credentials struct{ LoginCode, PhoneCode, Password string }

const codeLongest = 128

var city = []string{area.CityPartition} // where bindings are journaled

func (in Credentials) check() error {
	bad := &domain.InvalidError{}
	if in.LoginCode == "" {
		bad.Add("/wechat/loginCode", domain.Missing)
	}
	for _, code := range []struct{ pointer, text string }{{"/wechat/loginCode", in.LoginCode}, {"/wechat/phoneCode", in.PhoneCode}} {
		if len(code.text) > codeLongest || strings.ContainsFunc(code.text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			bad.Add(code.pointer, domain.Textf("最多 %d 个可见的 ASCII 字符", "%d visible ASCII characters at most", codeLongest))
		}
	}
	return bad.Err()
}

// attempt is one sign-in under way.
type attempt struct {
	Credentials
	now     time.Time
	address string
	openID  string
	id      string           // see idOf
	account *account.Account // whom it is bound to, or is to be
	bind    bool             // it is to be
	proved  bool             // the account's phone was, just now
}

// SignIn begins a session. Each code is good once: the same codes again, within
// a minute and before the session's token was used, bring the same session.
// Errors: InvalidError, LimitError, ErrOff, those of Service; ErrPhoneNeeded,
// ErrPasswordNeeded, after which WeChat is asked for a new login code;
// ErrBoundElsewhere; ErrUnauthenticated for a wrong password and for a disabled account.
func (s *WeChat) SignIn(ctx context.Context, now time.Time, in Credentials, address string) (*account.SignedIn, error) {
	if s.Service == nil {
		return nil, ErrOff
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := s.accounts.Attempt(ctx, now, address); err != nil {
		return nil, err
	}
	out, err := s.signIn(ctx, &attempt{Credentials: in, now: now, address: address})
	if !guessed(err) {
		err = errors.Join(err, s.accounts.TakeBack(ctx, address))
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// guessed reports whether an attempt failed by what who makes it has sent.
func guessed(err error) bool {
	for _, of := range []error{ErrLoginCode, ErrPhoneCode, ErrRisky, domain.ErrUnauthenticated} {
		if errors.Is(err, of) {
			return true
		}
	}
	return false
}

func (s *WeChat) signIn(ctx context.Context, a *attempt) (*account.SignedIn, error) {
	if again, err := s.again(ctx, a); again != nil || err != nil {
		return again, err
	}
	var err error
	if a.openID, err = s.Service.OpenID(ctx, a.LoginCode); err != nil {
		return nil, err
	}
	a.id = s.idOf(a.openID)
	if err := s.bound(ctx, a); err != nil {
		return nil, err
	}
	if err := s.byPhone(ctx, a); err != nil {
		return nil, err
	}
	if a.bind && a.account.Public() {
		if a.account, err = s.byPassword(ctx, a); err != nil {
			return nil, err
		}
	}
	return s.begin(ctx, a)
}

// again is the session that the same codes have begun.
func (s *WeChat) again(ctx context.Context, a *attempt) (*account.SignedIn, error) {
	u, err := codes.Get(ctx, s.store, s.codeID(a.LoginCode))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if u.Phone != s.codeID(a.PhoneCode) || a.now.Sub(u.At) >= sameFor {
		return nil, ErrLoginCode
	}
	out, err := s.accounts.SameVouched(ctx, a.now, u.Session, s.family(u.Session, a.LoginCode))
	if errors.Is(err, domain.ErrUnauthenticated) {
		err = ErrLoginCode
	}
	return out, err
}

func (s *WeChat) codeID(code string) string { return s.keys.Index("wechat code", code) }

// family is the secret of a session's tokens: who has the code and the keys finds it again.
func (s *WeChat) family(session, code string) string {
	return s.keys.Index("wechat session", session+" "+code)
}

// bound finds the account that the openid signs in, if the binding still holds.
func (s *WeChat) bound(ctx context.Context, a *attempt) error {
	b, err := bindings.Get(ctx, s.store, a.id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	of, err := account.Load(ctx, s.store, b.Account)
	switch {
	case err != nil:
		return err
	case of.Disabled:
		return domain.ErrUnauthenticated
	case of.Epoch == b.Epoch:
		a.account = of
	}
	return nil
}

// byPhone finds the account by a phone that WeChat vouches for: one that was
// shared now, or of an attempt before that lacked the password.
func (s *WeChat) byPhone(ctx context.Context, a *attempt) error {
	if a.PhoneCode != "" {
		return s.bySharedPhone(ctx, a)
	}
	if a.account != nil {
		return nil
	}
	p, err := proofs.Get(ctx, s.store, a.id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !a.now.Before(p.Expires) {
		return ErrPhoneNeeded
	}
	if err != nil {
		return err
	}
	of, err := account.Load(ctx, s.store, p.Account)
	switch {
	case err != nil:
		return err
	case of.Disabled:
		return domain.ErrUnauthenticated
	case of.PhoneIndex != p.Phone:
		return ErrPhoneNeeded
	}
	a.account, a.bind = of, true
	return nil
}

func (s *WeChat) bySharedPhone(ctx context.Context, a *attempt) error {
	shared, err := s.Service.Phone(ctx, a.PhoneCode)
	if err != nil {
		return err
	}
	phone, err := personal.NormalisePhone(shared.Number)
	if err != nil || shared.Country != "86" || !personal.IsMobile(phone) {
		return domain.Invalid("/wechat/phoneCode", domain.T("该微信的手机号码不是大陆手机号码", "the phone of this WeChat is not a mainland mobile number"))
	}
	if a.account != nil { // and no account is made for a phone that leads nowhere
		of, err := s.accounts.ByPhone(ctx, phone)
		if errors.Is(err, store.ErrNotFound) || err == nil && of.ID != a.account.ID {
			return ErrBoundElsewhere
		}
		if err != nil {
			return err
		}
	}
	of, err := s.accounts.OfProvedPhone(ctx, a.now, phone)
	if err != nil {
		return err
	}
	a.bind = a.account == nil
	a.account, a.proved = of, !of.Public() // of staff nothing is known by the phone alone
	return nil
}

// byPassword has staff give their password before their WeChat is bound. The
// phone stays proved meanwhile.
func (s *WeChat) byPassword(ctx context.Context, a *attempt) (*account.Account, error) {
	if a.PhoneCode != "" {
		if err := s.keepProof(ctx, a); err != nil {
			return nil, err
		}
	}
	if a.Password == "" {
		return nil, ErrPasswordNeeded
	}
	return s.accounts.OwnPassword(ctx, a.now, a.account, a.Password, a.address)
}

func (s *WeChat) keepProof(ctx context.Context, a *attempt) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		ever, err := proofs.GetManyEver(ctx, tx, []string{a.id})
		if err != nil {
			return err
		}
		p := ever[a.id]
		if p == nil {
			p = &proof{Meta: store.Meta{ID: a.id}}
		}
		p.Deleted = false
		p.Account, p.Phone, p.At, p.Expires = a.account.ID, a.account.PhoneIndex, a.now, a.now.Add(proofLasts)
		if p.Version == 0 {
			return proofs.Insert(tx, p)
		}
		return proofs.Put(tx, p)
	})
}

// begin binds, where that is to be done, and begins the session: it ends what
// was bound before in updates of their own, each of which holds by itself.
func (s *WeChat) begin(ctx context.Context, a *attempt) (out *account.SignedIn, err error) {
	if a.bind {
		if err := s.release(ctx, a); err != nil {
			return nil, err
		}
		if err := s.keepBinding(ctx, a); err != nil {
			return nil, err
		}
	}
	session := ids.New()
	sealed, err := s.devices.Seal(device.Registration{ID: a.id, Way: delivery.WeChat, Address: a.openID, Platform: device.MiniProgram, Language: a.account.Language, At: a.now})
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		b, err := bindings.Get(ctx, tx, a.id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (b.Account != a.account.ID || b.Epoch != a.account.Epoch) {
			return domain.ErrUnauthenticated // unbound meanwhile
		}
		if err != nil {
			return err
		}
		if err := keepGrants(ctx, tx, a); err != nil {
			return err
		}
		if err := s.use(tx, a, session); err != nil {
			return err
		}
		v := account.Vouched{Account: a.account, Phone: a.proved, Way: a.id, Session: session, Family: s.family(session, a.LoginCode), Address: a.address}
		if out, err = s.accounts.OpenVouched(ctx, tx, a.now, v); err != nil || len(s.Templates) == 0 {
			return err
		}
		_, err = s.devices.Bind(ctx, tx, a.now, a.account.ID, session, sealed)
		return err
	})
	return out, busy(err)
}

// busy is the error of who used the code, or bound the account, as somebody else did.
func busy(err error) error {
	var twice *store.DuplicateError
	if errors.As(err, &twice) {
		return domain.ErrBusy
	}
	return err
}

// use notes that the login code began a session.
func (s *WeChat) use(tx *store.Tx, a *attempt, session string) error {
	u := &used{Meta: store.Meta{ID: s.codeID(a.LoginCode)}, Session: session, Phone: s.codeID(a.PhoneCode), At: a.now, Expires: a.now.Add(codesKept)}
	return codes.Insert(tx, u)
}

// release takes the openid from another account.
func (s *WeChat) release(ctx context.Context, a *attempt) error {
	return s.store.Update(ctx, city, func(tx *store.Tx) error {
		b, err := bindings.Get(ctx, tx, a.id)
		if errors.Is(err, store.ErrNotFound) || err == nil && b.Account == a.account.ID {
			return nil
		}
		if err != nil {
			return err
		}
		return s.drop(ctx, tx, access.Actor{Account: b.Account}, a.now, b, "")
	})
}

// keepBinding binds the openid to the account, in place of another that the account has.
func (s *WeChat) keepBinding(ctx context.Context, a *attempt) error {
	return busy(s.store.Update(ctx, city, func(tx *store.Tx) error {
		ever, err := bindings.GetManyEver(ctx, tx, []string{a.id})
		if err != nil {
			return err
		}
		other, err := s.ofAccount(ctx, tx, a.account.ID)
		if err != nil {
			return err
		}
		if other != nil && other.ID != a.id {
			if err := s.drop(ctx, tx, access.Actor{Account: a.account.ID}, a.now, other, ""); err != nil {
				return err
			}
		}
		b := ever[a.id]
		if b == nil {
			b = &Binding{Meta: store.Meta{ID: a.id, Partition: area.CityPartition}}
		}
		if err := forgetProof(ctx, tx, a.id); err != nil {
			return err
		}
		b.Account, b.Epoch, b.Since, b.Deleted = a.account.ID, a.account.Epoch, a.now, false
		by := store.Entry{At: a.now, Actor: access.Actor{Account: a.account.ID}.Name(), Action: "wechat.bind"}
		if b.Version == 0 {
			return bindings.Insert(tx, b, by)
		}
		return bindings.Put(tx, b, by)
	}))
}

// forgetProof: a phone that was proved binds once.
func forgetProof(ctx context.Context, tx *store.Tx, id string) error {
	p, err := proofs.Get(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return proofs.Delete(tx, p)
}
