package auth

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

// cacheSize is how many verified tokens a Cache holds: about 40 MB.
const cacheSize = 100_000

// Cache remembers verified tokens until they expire, because verifying costs a
// hundred times what looking up does. It holds their hashes, not the tokens.
// It may be used by many goroutines at once.
type Cache struct {
	keys *KeySet

	mu       sync.RWMutex
	verified map[hash]Claims
	sessions map[string][]hash // the verified tokens of each session
	order    []hash            // as they came; the oldest goes first, at next
	next     int
}

type hash [sha256.Size]byte

// NewCache returns an empty cache in front of the keys.
func NewCache(keys *KeySet) *Cache { return newCache(keys, cacheSize) }

func newCache(keys *KeySet, size int) *Cache {
	return &Cache{keys: keys, verified: map[hash]Claims{}, sessions: map[string][]hash{}, order: make([]hash, 0, size)}
}

// Verify answers as KeySet.Verify does.
func (c *Cache) Verify(token string, now time.Time) (Claims, error) {
	if len(token) > tokenSize {
		return Claims{}, ErrToken
	}
	h := hash(sha256.Sum256([]byte(token)))
	c.mu.RLock()
	claims, known := c.verified[h]
	c.mu.RUnlock()
	if known {
		if !now.Before(claims.ExpiresAt) {
			return Claims{}, ErrExpired
		}
		return claims, nil
	}
	claims, err := c.keys.Verify(token, now)
	if err == nil {
		c.add(h, claims)
	}
	return claims, err
}

// Forget drops what is known of a session's tokens. They verify anew when they
// come again: whether the session lasts is for the caller to ask.
func (c *Cache) Forget(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.sessions[session] {
		delete(c.verified, h)
	}
	delete(c.sessions, session)
}

func (c *Cache) add(h hash, claims Claims) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.verified[h]; known {
		return
	}
	if len(c.order) < cap(c.order) {
		c.order = append(c.order, h)
	} else {
		c.drop(c.order[c.next])
		c.order[c.next] = h
		c.next = (c.next + 1) % len(c.order)
	}
	c.verified[h] = claims
	c.sessions[claims.Session] = append(c.sessions[claims.Session], h)
}

// drop takes one token out; a forgotten one is out already.
func (c *Cache) drop(h hash) {
	claims, known := c.verified[h]
	if !known {
		return
	}
	delete(c.verified, h)
	rest := slices.DeleteFunc(c.sessions[claims.Session], func(other hash) bool { return other == h })
	if len(rest) == 0 {
		delete(c.sessions, claims.Session)
		return
	}
	c.sessions[claims.Session] = rest
}
