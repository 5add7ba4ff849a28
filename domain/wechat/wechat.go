// Package wechat lets people sign in by WeChat's mini-program, and keeps how many
// messages they have accepted there. Whom WeChat knows somebody as (the openid)
// is bound to one account, and an account to one openid; the store has it blind.
// The package knows WeChat by a port: neither its wire nor its keys.
package wechat

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/device"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/store"
)

// Service is WeChat. Its errors are those below.
type Service interface {
	// OpenID is who made the code, by wx.login; ErrLoginCode, ErrRisky.
	OpenID(ctx context.Context, code string) (string, error)
	// Phone is the number that who made the code shares; ErrPhoneCode.
	Phone(ctx context.Context, code string) (Phone, error)
}

// Phone is a number as WeChat has it.
type Phone struct{ Country, Number string }

// What WeChat says no with.
var (
	ErrLoginCode = errors.New("wechat: the login code is none, used or too old")
	ErrPhoneCode = errors.New("wechat: the phone code is none, used or too old")
	ErrRisky     = errors.New("wechat: a user that WeChat holds to be a risk")
	ErrBusy      = errors.New("wechat: too much was asked in this minute")
	ErrDown      = errors.New("wechat: no answer")
)

// What a sign-in still needs.
var (
	ErrPhoneNeeded    = errors.New("wechat: bound to no account; a phone code is needed")
	ErrPasswordNeeded = errors.New("wechat: the phone is of staff; the password is needed once")
)

var (
	// ErrOff: nobody signs in by WeChat here.
	ErrOff = &domain.ConflictError{Code: "wechat_off", Detail: domain.T("本平台未启用微信登录", "nobody signs in by WeChat here")}
	// ErrBoundElsewhere: the phone is not that of the account that the WeChat is bound to.
	ErrBoundElsewhere = &domain.ConflictError{Code: "wechat_bound", Detail: domain.T("该微信已绑定另一个账号：请不带手机号登录后解除绑定，再重新绑定", "this WeChat is bound to another account: sign in without a phone and unbind it first")}
)

// Template is a kind of messages that people are asked to accept, by the id
// that WeChat gave it, and the kinds of notices that go by it; none: all that no other has.
type Template struct {
	ID    string
	Kinds []notice.Kind
}

// WeChat is the use cases.
type WeChat struct {
	store    *store.Store
	accounts *account.Accounts
	devices  *device.Devices
	keys     *personal.Keys

	// Service is WeChat; nil where nobody signs in by it. Templates are those
	// that messages go by; none: none go. Both to be set before use.
	Service   Service
	Templates []Template
}

// New returns the use cases on a store that has Collections.
func New(st *store.Store, accounts *account.Accounts, devices *device.Devices, keys *personal.Keys) *WeChat {
	return &WeChat{store: st, accounts: accounts, devices: devices, keys: keys}
}

// Binding says whose account an openid signs in. It holds until what ends all
// sessions of the account: a new password or phone, disabling.
type Binding struct {
	store.Meta `store:",inline"`
	Account    string    `store:"account"`
	Epoch      int64     `store:"epoch"` // the account's, when it was bound
	Since      time.Time `store:"since"`
}

var bindings = store.Declare[Binding](store.Declaration{Name: "wechatBindings", Schema: 1, Indexes: []string{"account!: account"}})

// proof is of an openid whose owner has proved a phone of staff, and owes the password.
type proof struct {
	store.Meta `store:",inline"`
	Account    string    `store:"account"`
	Phone      string    `store:"phone"` // blind
	At         time.Time `store:"at"`
	Expires    time.Time `store:"expires"`
}

var proofs = store.Declare[proof](store.Declaration{Name: "wechatProofs", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"}})

// used is a login code that began a session. Its id is the code, blind.
type used struct {
	store.Meta `store:",inline"`
	Session    string    `store:"session"`
	Phone      string    `store:"phone,omitempty"` // the phone's code, blind
	At         time.Time `store:"at"`
	Expires    time.Time `store:"expires"`
}

var codes = store.Declare[used](store.Declaration{Name: "wechatCodes", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"}})

const (
	proofLasts = 10 * time.Minute // to type a password in
	codesKept  = time.Hour        // WeChat's last five minutes
	sameFor    = time.Minute      // the same request brings the same answer, as that for a refresh does
)

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{bindings, proofs, codes, grants} }

// Sweep deletes for good what has run out.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := proofs.Expire(ctx, st, "expires", now)
	if err == nil {
		_, err = codes.Expire(ctx, st, "expires", now)
	}
	return err
}

const space ids.Space = "5f2b6d0e-8c1a-4d53-9e77-2b9f64c1a3d8"

// idOf is what an openid is known by here: its binding, device and grants.
func (s *WeChat) idOf(openID string) string { return space.Of(s.keys.Index("wechat openid", openID)) }
