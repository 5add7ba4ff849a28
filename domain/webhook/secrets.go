package webhook

import (
	"context"
	"encoding/base64"
	"io"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// NewSecret is a secret to be made.
type NewSecret struct {
	ID    string
	Clear string // see MakeSecret
}

// secretBytes is how long secrets are.
const secretBytes = 32

// MakeSecret returns a secret in the form of Standard Webhooks. It panics when random fails.
func MakeSecret(random io.Reader) string {
	bits := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, bits); err != nil {
		panic("webhook: no randomness: " + err.Error())
	}
	return "whsec_" + base64.StdEncoding.EncodeToString(bits)
}

func (s *Targets) seal(target string, in NewSecret, now time.Time) (Secret, error) {
	sealed, err := s.keys.Seal(in.Clear, secretAt(target, in.ID))
	return Secret{ID: in.ID, Sealed: sealed, CreatedAt: now}, err
}

const (
	secretsKept = 5                // those that ended too
	shownFor    = 10 * time.Minute // to who sends the request that made it again
	// Overlap is how long the secret before stays good unless the end is stated.
	Overlap     = 24 * time.Hour
	overlapMost = 30 * 24 * time.Hour
)

// Shown is a secret of the target in clear, in the answer to the request that made
// it; "" later on.
func (s *Targets) Shown(t *Target, id string, now time.Time) (string, error) {
	i := slices.IndexFunc(t.Secrets, func(x Secret) bool { return x.ID == id })
	if i < 0 || now.Sub(t.Secrets[i].CreatedAt).Abs() > shownFor {
		return "", nil
	}
	return s.keys.Open(t.Secrets[i].Sealed, secretAt(t.ID, id))
}

// Rotate gives the target a new secret; the one before is good until the time
// stated, which is Overlap from now where that is zero. The same again is the
// secret there is.
// Errors: ErrNotFound, InvalidError, ConflictError "rotating" while two are good.
func (s *Targets) Rotate(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in NewSecret, until time.Time) (*Target, error) {
	bad := &domain.InvalidError{}
	switch {
	case until.IsZero():
		until = now.Add(Overlap)
	case until.After(now.Add(overlapMost)):
		bad.Add("/until", domain.Textf("最多 %d 天后", "in %d days at most", int(overlapMost.Hours())/24))
	case until.Before(now):
		until = now
	}
	fresh, err := s.seal(id, in, now)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, actor, id, false, func(tx *store.Tx, t *Target) error {
		if slices.ContainsFunc(t.Secrets, func(x Secret) bool { return x.ID == in.ID }) {
			return nil
		}
		if err := stated(ctx, tx, id, version); err != nil {
			return err
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if good := t.good(now); good > 1 {
			return &domain.ConflictError{Code: "rotating", Detail: domain.T("两个密钥同时有效，请先结束旧的", "two secrets are good: end the older one first")}
		}
		t.Secrets[len(t.Secrets)-1].Until = until
		t.Secrets = append(t.Secrets, fresh)
		t.Secrets = t.Secrets[max(0, len(t.Secrets)-secretsKept):]
		t.forget(now)
		t.UpdatedAt = now
		return targets.Put(tx, t, t.entry(actor, now, "rotate", t.State))
	})
}

// EndSecret ends the older of two secrets before its time. Sent again, it has ended still.
// Errors: ErrNotFound, ConflictError "wrong_state" of the only one.
func (s *Targets) EndSecret(ctx context.Context, actor access.Actor, now time.Time, id, secret string) (*Target, error) {
	return s.change(ctx, actor, id, false, func(tx *store.Tx, t *Target) error {
		i := slices.IndexFunc(t.Secrets, func(x Secret) bool { return x.ID == secret })
		switch {
		case i < 0:
			return domain.ErrNotFound
		case i == len(t.Secrets)-1:
			return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("最新的密钥不能结束，请先更换", "the newest secret does not end: rotate it first")}
		case !t.Secrets[i].Good(now):
			return nil
		}
		t.Secrets[i].Until = now
		t.forget(now)
		t.UpdatedAt = now
		return targets.Put(tx, t, t.entry(actor, now, "end_secret", t.State))
	})
}

// Secret is one of the target's by its id; ErrNotFound.
func (t *Target) Secret(id string) (Secret, error) {
	i := slices.IndexFunc(t.Secrets, func(x Secret) bool { return x.ID == id })
	if i < 0 {
		return Secret{}, domain.ErrNotFound
	}
	return t.Secrets[i], nil
}

// good is how many secrets messages are signed with.
func (t *Target) good(now time.Time) (n int) {
	for _, s := range t.Secrets {
		if s.Good(now) {
			n++
		}
	}
	return n
}

// forget leaves nothing of secrets that ended but that they were there.
func (t *Target) forget(now time.Time) {
	for i := range t.Secrets {
		if !t.Secrets[i].Good(now) {
			t.Secrets[i].Sealed.Key, t.Secrets[i].Sealed.Data = "", nil
		}
	}
}
