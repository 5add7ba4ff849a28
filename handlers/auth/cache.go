package auth

import (
	"slices"
	"sync"
	"time"
)

// cacheSize is how many verified tokens a Cache holds: about 80 MB.
const cacheSize = 100_000

// Cache remembers verified tokens until they expire, because verifying costs a
// thousand times what looking up does; hashing them would cost more than the
// look-up. It may be used by many goroutines at once.
type Cache struct {
	keys *KeySet

	mu       sync.RWMutex
	verified map[string]Claims
	sessions map[string][]string // the verified tokens of each session
	order    []string            // as they came; the oldest goes first, at next
	next     int
}

// NewCache returns an empty cache in front of the keys.
func NewCache(keys *KeySet) *Cache { return newCache(keys, cacheSize) }

func newCache(keys *KeySet, size int) *Cache {
	return &Cache{keys: keys, verified: map[string]Claims{}, sessions: map[string][]string{}, order: make([]string, 0, size)}
}

// Verify answers as KeySet.Verify does. It does not keep the bytes it is given.
func (c *Cache) Verify(sent []byte, now time.Time) (Claims, error) {
	if len(sent) > tokenSize {
		return Claims{}, ErrToken
	}
	c.mu.RLock()
	claims, known := c.verified[string(sent)]
	c.mu.RUnlock()
	if known {
		if !now.Before(claims.ExpiresAt) {
			return Claims{}, ErrExpired
		}
		return claims, nil
	}
	token := string(sent)
	claims, err := c.keys.Verify(token, now)
	if err == nil {
		c.add(token, claims)
	}
	return claims, err
}

// Forget drops what is known of a session's tokens. They verify anew when they
// come again: whether the session lasts is for the caller to ask.
func (c *Cache) Forget(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, token := range c.sessions[session] {
		delete(c.verified, token)
	}
	delete(c.sessions, session)
}

func (c *Cache) add(token string, claims Claims) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.verified[token]; known {
		return
	}
	if len(c.order) < cap(c.order) {
		c.order = append(c.order, token)
	} else {
		c.drop(c.order[c.next])
		c.order[c.next] = token
		c.next = (c.next + 1) % len(c.order)
	}
	c.verified[token] = claims
	c.sessions[claims.Session] = append(c.sessions[claims.Session], token)
}

// drop takes one token out; a forgotten one is out already.
func (c *Cache) drop(token string) {
	claims, known := c.verified[token]
	if !known {
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
