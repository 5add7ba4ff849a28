package web

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
	"wangge/store"
)

const (
	keyLongest  = 200
	keyPatience = 5 * time.Second // for a last word on a key, when the request's own time is over
)

// handleOnce runs the handler, or, for a request whose key was seen, answers what it answered then.
func (r *Request) handleOnce(handle Handler) (*Reply, error) {
	if !r.route.Keyed() {
		return handle(r)
	}
	key := strings.Trim(r.Header("Idempotency-Key"), `"`)
	if key == "" {
		return handle(r)
	}
	if len(key) > keyLongest {
		return nil, Malformed("Idempotency-Key 过长", "the Idempotency-Key is too long")
	}
	attempt, done, err := r.server.options.Requests.Claim(r.Ctx, r.Now, r.onceRequest(key))
	if errors.Is(err, once.ErrKeyReused) {
		return nil, Refuse(422, "key_reused", "该 Idempotency-Key 已用于其他内容", "this Idempotency-Key was used with another body")
	}
	if err != nil {
		return nil, err
	}
	if done != nil {
		return r.replay(done)
	}
	defer attempt.End()
	r.attempt, r.Ctx = attempt, attempt.WithFinish(r.Ctx)
	out, err := handle(r)
	last, cancel := context.WithTimeout(context.WithoutCancel(r.Ctx), keyPatience)
	defer cancel()
	if err != nil {
		return nil, attempt.Free(last, r.Now, err)
	}
	answer := once.Answer{Status: out.Status, Resource: out.Made.ID}
	if out.Report != nil {
		report, err := json.Marshal(out.Report)
		if err != nil {
			return nil, err
		}
		answer.Report = string(report)
	}
	return out, attempt.Keep(last, answer)
}

// onceRequest is the request as its key remembers it. Methods of one path are told apart, and callers.
func (r *Request) onceRequest(key string) once.Request {
	parts := []string{r.Actor.Account, r.route.Path, r.path(), key}
	if r.route.Method != fiber.MethodPost {
		parts = append(parts, r.route.Method)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return once.Request{
		Key: hex.EncodeToString(sum[:]), Fingerprint: r.fingerprint(), Keep: domain.Offline, Collection: r.server.options.Kinds[r.route.Done.Kind].Collection, New: r.route.Done.Status == 201, Brief: r.route.Limit <= Small,
		Answer: once.Answer{Status: r.route.Done.Status, Kind: r.route.Done.Kind, Resource: r.sent("id")},
	}
}

// KeyName tells the request's Idempotency-Key from those of other callers and routes, so that ids can be made of it; "" for none.
func (r *Request) KeyName() string {
	if r.attempt == nil {
		return ""
	}
	return r.attempt.Key
}

// About says which resource the answer is about, where the address does not.
func (r *Request) About(id string) {
	if r.attempt != nil {
		r.attempt.Resource = id
	}
}

// fingerprint tells two requests under one key apart. A multipart body has
// another boundary each time it is sent, which is left out.
func (r *Request) fingerprint() string {
	body := r.Body
	if media, params, err := mime.ParseMediaType(r.Header(fiber.HeaderContentType)); err == nil && media == Multipart && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte(params["boundary"]), nil)
	}
	sum := sha256.Sum256(append([]byte(r.c.Request.URI().QueryString()), body...))
	return hex.EncodeToString(sum[:])
}

// replay answers a request that was done before, under the caller's access of now.
func (r *Request) replay(done *once.Answer) (*Reply, error) {
	r.Ctx = store.WithReadCache(r.Ctx) // another may have done it meanwhile
	out := &Reply{}
	if render := r.server.options.Kinds[done.Kind].Render; render != nil {
		of := done.Resource
		if done.Report != "" {
			of = done.Report
		}
		var err error
		if out, err = render(r, of); err != nil {
			return nil, err
		}
	}
	out.Status, out.Made, out.replayed = done.Status, Resource{done.Kind, done.Resource}, true
	return out, nil
}
