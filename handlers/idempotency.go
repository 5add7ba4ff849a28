package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/domain/once"
)

const (
	keyLongest  = 200
	keyPatience = 5 * time.Second // for a last word on a key, when the request's own time is over
)

// resource is what a request made or changed, so that its answer can be rendered again.
type resource struct{ kind, id string }

// outcome is what a route answers when it has done its work.
type outcome struct {
	kind   string // of the resource, or of the report; "" for nothing
	status int
}

func made(kind string) outcome    { return outcome{kind, 201} }
func changed(kind string) outcome { return outcome{kind, 200} }

// keyed reports whether the route takes an Idempotency-Key.
func (rt *route) keyed() bool { return rt.done != outcome{} }

// once runs the handler, or, for a request whose key was seen, answers what it answered then.
func (s *Server) once(r *request, handle func(*request) (*reply, error)) (*reply, error) {
	if !r.route.keyed() {
		return handle(r)
	}
	key := strings.Trim(r.c.Get("Idempotency-Key"), `"`)
	if key == "" {
		return handle(r)
	}
	if len(key) > keyLongest {
		return nil, malformed("Idempotency-Key 过长", "the Idempotency-Key is too long")
	}
	attempt, done, err := once.Claim(r.ctx, s.Store, r.now, r.asked(key))
	if errors.Is(err, once.ErrKeyReused) {
		return nil, refuse(422, "key_reused", "该 Idempotency-Key 已用于其他内容", "this Idempotency-Key was used with another body")
	}
	if err != nil {
		return nil, err
	}
	if done != nil {
		return s.again(r, done)
	}
	defer attempt.Over()
	r.attempt, r.ctx = attempt, attempt.Under(r.ctx)
	out, err := handle(r)
	last, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), keyPatience)
	defer cancel()
	if err != nil {
		return nil, attempt.Free(last, r.now, err)
	}
	answer := once.Answer{Status: out.status, Resource: out.made.id}
	if out.report != nil {
		report, err := json.Marshal(out.report)
		if err != nil {
			return nil, err
		}
		answer.Report = string(report)
	}
	return out, attempt.Keep(last, answer)
}

// asked is the request as its key remembers it. Methods of one path are told apart, and callers.
func (r *request) asked(key string) once.Request {
	parts := []string{r.actor.Account, r.route.path, r.c.Path(), key}
	if r.route.method != fiber.MethodPost {
		parts = append(parts, r.route.method)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return once.Request{
		Key: hex.EncodeToString(sum[:]), Fingerprint: r.fingerprint(), Keep: domain.Offline, Collection: collections[r.route.done.kind], New: r.route.done.status == 201, Brief: r.route.limit <= small,
		Answer: once.Answer{Status: r.route.done.status, Kind: r.route.done.kind, Resource: r.c.Params("id")},
	}
}

// toward says which resource the answer is about, where the address does not.
func (r *request) toward(id string) {
	if r.attempt != nil {
		r.attempt.Resource = id
	}
}

// fingerprint tells two requests under one key apart. A multipart body has
// another boundary each time it is sent, which is left out.
func (r *request) fingerprint() string {
	body := r.body
	if media, params, err := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType)); err == nil && media == asMultipart && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte(params["boundary"]), nil)
	}
	sum := sha256.Sum256(append([]byte(r.c.Request().URI().QueryString()), body...))
	return hex.EncodeToString(sum[:])
}

// again answers a request that was done before, under the caller's access of now.
func (s *Server) again(r *request, done *once.Answer) (*reply, error) {
	out := &reply{}
	if render := s.renderers()[done.Kind]; render != nil {
		of := done.Resource
		if done.Report != "" {
			of = done.Report
		}
		var err error
		if out, err = render(r, of); err != nil {
			return nil, err
		}
	}
	out.status, out.made, out.replayed = done.Status, resource{done.Kind, done.Resource}, true
	return out, nil
}

// reported renders the report of a kind that a key remembers.
func reported[T any](render func(*request, T) *reply) func(*request, string) (*reply, error) {
	return func(r *request, text string) (*reply, error) {
		var report T
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			return nil, err
		}
		return render(r, report), nil
	}
}
