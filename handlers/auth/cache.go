package auth

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// cacheSize is how many verified tokens a Cache holds: about 80 MB, and what is kept with them.
const cacheSize = 100_000

// Cache remembers verified tokens until they expire, because verifying costs a
// thousand times what looking up does; hashing them would cost more than the
// look-up. With each a T may be kept. It may be used by many goroutines at once.
type Cache[T any] struct {
	verify func(token string, now time.Time) (Claims, error)

	mu       sync.RWMutex
	verified map[string]*Verified[T]
	sessions map[string][]string // the verified tokens of each session
	order    []string            // as they came; the oldest goes first, at next
	next     int
}

// Verified is what a verified token says, and what is kept with it until it is forgotten.
type Verified[T any] struct {
	Claims
	Kept atomic.Pointer[T]
}

// NewCache returns an empty cache in front of KeySet.Verify or KeySet.VerifyPhotoKey:
// one for each, since what is good as the one is not as the other.
func NewCache[T any](verify func(token string, now time.Time) (Claims, error)) *Cache[T] {
	return newCache[T](verify, cacheSize)
}

func newCache[T any](verify func(string, time.Time) (Claims, error), size int) *Cache[T] {
	return &Cache[T]{verify: verify, verified: map[string]*Verified[T]{}, sessions: map[string][]string{}, order: make([]string, 0, size)}
}

// Verify answers as what it is in front of. It does not keep the bytes it is given.
func (c *Cache[T]) Verify(sent []byte, now time.Time) (*Verified[T], error) {
	if len(sent) > tokenSize {
		return nil, ErrToken
	}
	c.mu.RLock()
	v := c.verified[string(sent)]
	c.mu.RUnlock()
	if v != nil {
		if !now.Before(v.ExpiresAt) {
			return nil, ErrExpired
		}
		return v, nil
	}
	token := string(sent)
	claims, err := c.verify(token, now)
	if err != nil {
		return nil, err
	}
	return c.add(token, claims), nil
}

// Forget drops what is known of a session's tokens. They verify anew when they
// come again: whether the session lasts is for the caller to ask.
func (c *Cache[T]) Forget(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, token := range c.sessions[session] {
		delete(c.verified, token)
	}
	delete(c.sessions, session)
}

func (c *Cache[T]) add(token string, claims Claims) *Verified[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v := c.verified[token]; v != nil { // by another call in the meantime
		return v
	}
	if len(c.order) < cap(c.order) {
		c.order = append(c.order, token)
	} else {
		c.drop(c.order[c.next])
		c.order[c.next] = token
		c.next = (c.next + 1) % len(c.order)
	}
	v := &Verified[T]{Claims: claims}
	c.verified[token] = v
	c.sessions[claims.Session] = append(c.sessions[claims.Session], token)
	return v
}

// drop takes one token out; a forgotten one is out already.
func (c *Cache[T]) drop(token string) {
	claims := c.verified[token]
	if claims == nil {
		return
	}
	delete(c.verified, token)
	rest := slices.DeleteFunc(c.sessions[claims.Session], func(other string) bool { return other == token })
	if len(rest) == 0 {
		delete(c.sessions, claims.Session)
		return
	}
	c.sessions[claims.Session] = rest
}
