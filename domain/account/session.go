package account

import (
	"strconv"
	"strings"
	"time"

	"wangge/domain/personal"
	"wangge/domain/secret"
	"wangge/store"
)

const (
	// idle is how long a session lasts without being refreshed.
	idle = 30 * 24 * time.Hour
	// LongestSession is how long it lasts at all: after a season everyone signs in again.
	LongestSession = 90 * 24 * time.Hour
	// repeatFor is how long the token before the present one is answered after its first use.
	repeatFor = time.Minute
)

// Session is one sign-in, on one device, until it is signed out or runs out.
// Its refresh tokens are a family: each is good once and brings the next.
//
// A refresh token is "<session id>.<family secret>.<number>-<mac>". The family
// secret is the same in all of them, and the store has its hash only; the mac
// is made of session, family and number under a key that all nodes share and
// no rotation changes. So any node derives the next token, and any that was
// one before is known again:
//   - The present one brings the next.
//   - The one before it brings the present one again, for repeatFor after its
//     first use, to a client that lost the answer or asked twice at once. The
//     session lasts no longer for it.
//   - That one later, or an older one, is in two hands: the family ends, on the
//     thief's device as on the owner's.
//   - What was never a token of the family is refused and ends nothing.
//
// Sessions that began before tokens were derived have random secrets until
// they are refreshed; one that is neither of the last two ends them.
type Session struct {
	store.Meta `store:",inline"`
	Account    string    `store:"account"`
	Epoch      int64     `store:"epoch"`             // the account's, when it began
	Family     string    `store:"family"`            // hash of the family secret
	Token      string    `store:"token"`             // hash of the secret that is good now
	Before     string    `store:"before,omitempty"`  // hash of the secret that was good before
	Number     int       `store:"number,omitempty"`  // of the token that is good now; the first is 1, random ones have none
	Derived    bool      `store:"derived,omitempty"` // from the first token on
	Address    string    `store:"address"`           // blind index of the network it began from
	Phone      string    `store:"phone,omitempty"`   // blind index of the phone whose code was given in it; it ends before the phone can be another's
	Way        string    `store:"way,omitempty"`     // what a service elsewhere that vouched for it knows the person by, blind
	Started    time.Time `store:"started"`
	Used       time.Time `store:"used"` // last refreshed: the first use of the token before
	Expires    time.Time `store:"expires"`
	End        string    `store:"end,omitempty"` // why, of a deleted one: "signed_out" or "reuse"
}

// sessions is every session; those that ended stay as tombstones until they would have run out.
var sessions = store.Declare[Session](store.Declaration{
	Name: "sessions", Schema: 1, Unjournaled: true,
	Indexes: []string{"account: account, started", "from: account, address", "expires: expires"},
})

// Alive reports whether the session still stands for the account.
func (se *Session) Alive(a *Account, now time.Time) bool {
	return se.Account == a.ID && se.Epoch == a.Epoch && !a.Disabled && now.Before(se.Expires)
}

func (se *Session) touch(now time.Time) {
	se.Used, se.Expires = now, now.Add(idle)
	if end := se.Started.Add(LongestSession); end.Before(se.Expires) {
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

// numbered is the token of the family with this number.
func (t refreshToken) numbered(keys *personal.Keys, number int) refreshToken {
	n := strconv.Itoa(number)
	t.secret = n + "-" + keys.Index("refresh token", t.session+"."+t.family+"."+n)
	return t
}

// wasGood reports whether the token is one that the session had before its present one.
func (se *Session) wasGood(keys *personal.Keys, t refreshToken) bool {
	n, _, numbered := strings.Cut(t.secret, "-")
	number, err := strconv.Atoi(n)
	if !numbered || err != nil { // a random one, of before tokens were derived
		return secret.Matches(se.Before, t.secret) || !se.Derived
	}
	return number > 0 && number < se.Number && secret.Equal(t.numbered(keys, number).secret, t.secret)
}
