package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
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
	mu    sync.Mutex
	known map[string]knownActor
}

type knownActor struct {
	actor access.Actor
	until time.Time
}

const actorsMost = 50_000

func newActorCache() *actorCache { return &actorCache{known: map[string]knownActor{}} }

func (c *actorCache) get(session string, now time.Time) (access.Actor, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.known[session]
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
func (s *Server) authenticate(r *request) (access.Actor, error) {
	header := r.c.Request().Header.Peek(fiber.HeaderAuthorization)
	if len(header) == 0 {
		if key := r.c.Query("key"); key != "" && r.route.byPhotoKey {
			return s.byPhotoKey(r, key)
		}
		return access.Actor{}, domain.ErrUnauthenticated
	}
	scheme, token, ok := bytes.Cut(header, []byte(" "))
	if !ok || !strings.EqualFold(string(scheme), "Bearer") {
		return access.Actor{}, auth.ErrToken
	}
	claims, err := s.tokens.Verify(token, r.now)
	if err != nil {
		return access.Actor{}, err
	}
	return s.actorOf(r, claims)
}

// byPhotoKey says who calls by the key in the address.
func (s *Server) byPhotoKey(r *request, key string) (access.Actor, error) {
	claims, err := s.Tokens.VerifyPhotoKey(key, r.now)
	if err != nil {
		return access.Actor{}, err
	}
	return s.actorOf(r, claims)
}

// actorOf is who stands behind the session of the claims now.
func (s *Server) actorOf(r *request, claims auth.Claims) (access.Actor, error) {
	if a, ok := s.actors.get(claims.Session, r.now); ok {
		return a, nil
	}
	defer r.hurry()()
	a, err := s.Accounts.Actor(r.ctx, claims.Account, claims.Session, r.now)
	if errors.Is(err, domain.ErrUnauthenticated) {
		s.tokens.Forget(claims.Session)
		s.actors.forget(claims.Session)
	}
	if err != nil {
		return access.Actor{}, err
	}
	s.actors.put(claims.Session, a, r.now)
	return a, nil
}

// proxies are the addresses whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func parseProxies(texts []string) (proxies, error) {
	var out proxies
	for _, t := range texts {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			a, aerr := netip.ParseAddr(t)
			if aerr != nil {
				return nil, fmt.Errorf("trusted proxy %q is neither an address nor a CIDR block", t)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

func (ps proxies) trust(a netip.Addr) bool {
	for _, p := range ps {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// client is the address a request comes from: the right-most hop that is not a trusted proxy.
func (ps proxies) client(peer string, forwarded string) string {
	addr, err := netip.ParseAddr(peer)
	if err != nil {
		return peer
	}
	addr = addr.Unmap()
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && ps.trust(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr.String()
}

// client: several X-Forwarded-For lines are one list (RFC 9110, 5.3); some proxies add a line of their own.
func (r *request) client() string {
	lines := r.c.Context().Request.Header.PeekAll(fiber.HeaderXForwardedFor)
	return r.proxies.client(r.c.Context().RemoteIP().String(), string(bytes.Join(lines, []byte(","))))
}
