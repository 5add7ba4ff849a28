package account

import (
	"crypto/subtle"
	"strings"
	"time"

	"wangge/store"
)

const (
	// idle is how long a session lasts without being refreshed.
	idle = 30 * 24 * time.Hour
	// longest is how long it lasts at all: after a season everyone signs in again.
	longest = 90 * 24 * time.Hour
)

// Session is one sign-in, on one device, until it is signed out or runs out.
// Its refresh tokens are a family: each is good once and brings the next. When
// one comes a second time, somebody else has it, and the family ends, on the
// thief's device as on the owner's. That is strict: a client that lost the
// answer to a refresh has to sign in again.
//
// A refresh token is "<session id>.<family secret>.<secret>". The family
// secret is the same in all of them and proves that a used token was one once,
// so that nobody can end a session by its id alone.
type Session struct {
	store.Meta `store:",inline"`
	Account    string    `store:"account"`
	Epoch      int64     `store:"epoch"`   // the account's, when it began
	Family     string    `store:"family"`  // hash of the family secret
	Token      string    `store:"token"`   // hash of the secret that is good now
	Address    string    `store:"address"` // blind index of the network it began from
	Started    time.Time `store:"started"`
	Used       time.Time `store:"used"` // last refreshed
	Expires    time.Time `store:"expires"`
	End        string    `store:"end,omitempty"` // why, of a deleted one: "signed_out" or "reuse"
}

// Sessions is every session; those that ended stay as tombstones until they would have run out.
var Sessions = store.Declare[Session](store.Declaration{
	Name: "sessions", Schema: 1, Unjournaled: true,
	Indexes: []string{"account: account, started", "from: account, address", "expires: expires"},
})

// Alive reports whether the session still stands for the account.
func (se *Session) Alive(a *Account, now time.Time) bool {
	return se.Account == a.ID && se.Epoch == a.Epoch && !a.Disabled && now.Before(se.Expires)
}

func (se *Session) touch(now time.Time) {
	se.Used, se.Expires = now, now.Add(idle)
	if end := se.Started.Add(longest); end.Before(se.Expires) {
		se.Expires = end
	}
}

// refreshToken is a refresh token taken apart.
type refreshToken struct{ session, family, secret string }

func (t refreshToken) String() string { return t.session + "." + t.family + "." + t.secret }

func parseRefreshToken(text string) (t refreshToken, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || parts[0] == "" {
		return t, false
	}
	return refreshToken{parts[0], parts[1], parts[2]}, true
}

func fits(hash, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(HashSecret(secret))) == 1
}
