package webhook

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/store"
	"wangge/store/jobs"
)

// Targets are the use cases on targets. Every node has them all in memory.
type Targets struct {
	store    *store.Store
	accounts *account.Accounts
	keys     *personal.Keys

	// Allowed reports whether messages may be sent to a URL, by its scheme and
	// host, as the program is configured. To be set before use.
	Allowed func(*url.URL) bool
	known   atomic.Pointer[snapshot]
}

// snapshot is the targets as of a number of the city's journal.
type snapshot struct {
	head int64
	all  []*Target
}

// NewTargets returns the use cases on a store that has Collections.
func NewTargets(st *store.Store, accounts *account.Accounts, keys *personal.Keys) *Targets {
	s := &Targets{store: st, accounts: accounts, keys: keys}
	s.known.Store(&snapshot{head: -1})
	return s
}

// All are the targets there are, as this node knows them; not to be changed.
func (s *Targets) All() []*Target { return s.known.Load().all }

// most is how many targets there may be.
const most = 200

// Refresh brings what this node knows up to what is committed.
func (s *Targets) Refresh(ctx context.Context) error {
	head := s.store.Head(area.CityPartition) // before they are read: what is known is never less than it says
	if s.known.Load().head >= head {
		return nil
	}
	all, err := every(ctx, s.store)
	if err != nil {
		return err
	}
	fresh := &snapshot{head, all}
	for {
		known := s.known.Load()
		if known.head >= head || s.known.CompareAndSwap(known, fresh) {
			return nil
		}
	}
}

// Follow keeps what this node knows fresh, whoever changed it, until ctx ends; it returns ctx's error.
func (s *Targets) Follow(ctx context.Context, n jobs.Node) error {
	return jobs.Watch(ctx, n, "webhook-targets", func(ctx context.Context, _ map[string]int64) error { return s.Refresh(ctx) })
}

// Secrets are what messages to the target are signed with now, the newest first.
func (s *Targets) Secrets(t *Target, now time.Time) ([]string, error) {
	var out []string
	for i := len(t.Secrets) - 1; i >= 0; i-- {
		if !t.Secrets[i].Good(now) {
			continue
		}
		clear, err := s.keys.Open(t.Secrets[i].Sealed, secretAt(t.ID, t.Secrets[i].ID))
		if err != nil {
			return nil, err
		}
		out = append(out, clear)
	}
	return out, nil
}

func secretAt(target, id string) string { return "webhooks/" + target + "/" + id }

const actionDelete = "webhook.delete"

func (t *Target) entry(actor access.Actor, now time.Time, what string, before State) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "webhook." + what, Before: store.Facts{State: string(before)}, After: store.Facts{State: string(t.State)}}
}
