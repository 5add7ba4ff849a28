package account

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// quarantine is how long at least a phone's number stays out of use before it
// is given to somebody else. A session lasts no longer: the phone that was
// proved in it is its owner's until it ends.
const quarantine = 90 * 24 * time.Hour

// provedOften is how long a proof of the same phone is not noted again.
const provedOften = 24 * time.Hour

// prove notes that the account's phone answered to a code. Between two proofs
// that lie no further apart than the quarantine the number can have been nobody
// else's, and none of the quarantine before the first: what is known by the
// number from there on is theirs. What is older may be of who had it before.
func (a *Account) prove(now time.Time) {
	if a.PhoneProved.IsZero() || now.Sub(a.PhoneProved) > quarantine {
		a.PhoneSince = now.Add(-quarantine)
	}
	a.PhoneProved = now
}

// HoldsPhone reports whether the account's phone is known to be theirs still, and the account may be used.
func (a *Account) HoldsPhone(now time.Time) bool {
	return !a.Disabled && a.PhoneIndex != "" && !a.PhoneProved.IsZero() && now.Sub(a.PhoneProved) <= quarantine
}

// proved notes the proof of a phone that a resident signs in by. Who comes
// after longer than the quarantine may be another than who had the account.
func (s *Accounts) proved(ctx context.Context, now time.Time, a *Account) (*Account, error) {
	if now.Sub(a.PhoneProved) < provedOften {
		return a, nil
	}
	var fresh *Account
	err := s.st.Update(ctx, city, func(tx *store.Tx) (err error) {
		if fresh, err = collection.Get(ctx, tx, a.ID); err != nil {
			return err
		}
		if fresh.PhoneIndex != a.PhoneIndex {
			return domain.ErrUnauthenticated
		}
		before := fresh.PhoneProved
		if fresh.prove(now); !before.IsZero() && now.Sub(before) > quarantine {
			fresh.HeldSince = fresh.PhoneSince
		}
		return collection.Put(tx, fresh, fresh.recorded(access.Actor{Account: a.ID}, now, "account.phone_proved", fresh.state()))
	})
	return fresh, err
}
