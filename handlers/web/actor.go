package web

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/handlers/auth"
)

// actorFresh is how long an actor is believed without asking the store: an
// ended session, a lost grant or post is refused everywhere within a second.
const actorFresh = 500 * time.Millisecond

// actorCache holds who stands behind a session.
type actorCache struct {
	mu    sync.RWMutex
	known map[string]knownActor
}

type knownActor struct {
	actor access.Actor
	until time.Time
}

const actorsMost = 50_000

func newActorCache() *actorCache { return &actorCache{known: map[string]knownActor{}} }

func (c *actorCache) get(session string, now time.Time) (access.Actor, bool) {
	c.mu.RLock()
	k, ok := c.known[session]
	c.mu.RUnlock()
	return k.actor, ok && now.Before(k.until)
}

func (c *actorCache) put(session string, a access.Actor, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= actorsMost {
		clear(c.known)
	}
	c.known[session] = knownActor{a, now.Add(actorFresh)}
}

func (c *actorCache) forget(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, session)
}

// authenticate says who calls: by the token in the header or, where the route
// takes one and there is no header, by the photo key in the address. Without a token it is nobody: ErrUnauthenticated with the zero actor.
func (r *Request) authenticate() (access.Actor, error) {
	header := r.c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(header) == 0 {
		if key := r.c.Query("key"); key != "" && r.route.ByPhotoKey {
			return r.byPhotoKey(key)
		}
		return access.Actor{}, domain.ErrUnauthenticated
	}
	scheme, token, ok := bytes.Cut(header, []byte(" "))
	if !ok || !strings.EqualFold(string(scheme), "Bearer") {
		return access.Actor{}, auth.ErrToken
	}
	claims, err := r.server.tokens.Verify(token, r.Now)
	if err != nil {
		return access.Actor{}, err
	}
	return r.actorOf(claims)
}

// byPhotoKey says who calls by the key in the address.
func (r *Request) byPhotoKey(key string) (access.Actor, error) {
	claims, err := r.server.options.Tokens.VerifyPhotoKey(key, r.Now)
	if err != nil {
		return access.Actor{}, err
	}
	return r.actorOf(claims)
}

// actorOf is who stands behind the session of the claims now.
func (r *Request) actorOf(claims auth.Claims) (access.Actor, error) {
	s := r.server
	if a, ok := s.actors.get(claims.Session, r.Now); ok {
		return a, nil
	}
	defer r.WithDeadline()()
	a, err := s.options.Actor(r.Ctx, claims.Account, claims.Session, r.Now)
	if errors.Is(err, domain.ErrUnauthenticated) {
		s.SignedOut(claims.Session)
	}
	if err != nil {
		return access.Actor{}, err
	}
	s.actors.put(claims.Session, a, r.Now)
	return a, nil
}
