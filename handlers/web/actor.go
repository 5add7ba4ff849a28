package web

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/handlers/auth"
)

// actorFresh is how long an actor is believed without asking the store: an
// ended session, a lost grant or post is refused everywhere within a second.
const actorFresh = 500 * time.Millisecond

// knownActor is who was found to stand behind a token.
type knownActor struct {
	actor access.Actor
	until time.Time // when to ask again
}

var authorization = []byte(fiber.HeaderAuthorization)

// authenticate says who calls: by the token in the header or, where the route
// takes one and there is no header, by the photo key in the address. Without a token it is nobody: ErrUnauthenticated with the zero actor.
func (r *Request) authenticate() (access.Actor, error) {
	header := r.c.Request.Header.PeekCanonical(authorization)
	if len(header) == 0 {
		if key := r.c.QueryArgs().Peek("key"); len(key) > 0 && r.route.ByPhotoKey {
			if _, err := r.server.options.Tokens.VerifyPhotoKey(string(key), r.Now); err != nil { // cheap, and ends with the secret it was made with
				return access.Actor{}, err
			}
			return r.actorOf(r.server.photoKeys.Verify(key, r.Now))
		}
		return access.Actor{}, domain.ErrUnauthenticated
	}
	scheme, token, ok := bytes.Cut(header, []byte(" "))
	if !ok || string(scheme) != "Bearer" && !strings.EqualFold(string(scheme), "Bearer") {
		return access.Actor{}, auth.ErrToken
	}
	return r.actorOf(r.server.tokens.Verify(token, r.Now))
}

// actorOf is who stands behind a token's session now.
func (r *Request) actorOf(token *auth.Verified[knownActor], err error) (access.Actor, error) {
	if err != nil {
		return access.Actor{}, err
	}
	r.Ends = token.ExpiresAt
	if known := token.Kept.Load(); known != nil && r.Now.Before(known.until) {
		return known.actor, nil
	}
	defer r.WithDeadline()()
	a, err := r.server.options.Actor(r.Ctx, token.Account, token.Session, r.Now)
	if errors.Is(err, domain.ErrUnauthenticated) {
		r.server.SignedOut(token.Session)
	}
	if err != nil {
		return access.Actor{}, err
	}
	token.Kept.Store(&knownActor{a, r.Now.Add(actorFresh)})
	return a, nil
}
