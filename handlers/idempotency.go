package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"wangge/domain"
	"wangge/store"
)

// idempotent remembers that a caller's POST with a key was done, and what it
// made; never the answer itself, which is rendered anew under today's access.
type idempotent struct {
	store.Meta  `store:",inline"`
	Fingerprint string    `store:"fingerprint"` // of the body: a key is for one request
	Done        bool      `store:"done"`
	Began       time.Time `store:"began"` // the first attempt; the ids it makes are derived from this
	Since       time.Time `store:"since"` // the running attempt
	Expires     time.Time `store:"expires"`
	Status      int       `store:"status"`
	Kind        string    `store:"kind,omitempty"` // of the resource it made
	Resource    string    `store:"resource,omitempty"`
	Report      string    `store:"report,omitempty"` // an import's report, which names no person
}

var idempotents = store.Declare[idempotent](store.Declaration{
	Name: "idempotency", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{idempotents} }

const (
	keyKept    = domain.Offline
	keyRunning = 2 * requestPatience // an attempt older than this has died
	keyLongest = 200
)

// resource is what a POST made or changed, so that its answer can be rendered again.
type resource struct{ kind, id string }

// idSource gives new ids. Under an Idempotency-Key they are derived from it,
// so that an attempt repeated after a crash makes the same things again,
// which the store refuses as duplicates, instead of new ones.
type idSource struct {
	seed string
	n    int
}

func (s *idSource) next() string {
	if s.seed == "" {
		return uuid.Must(uuid.NewV7()).String()
	}
	s.n++
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(s.seed+"#"+string(rune('0'+s.n)))).String()
}

// once runs the handler, or, for a POST whose key was seen, answers what it answered then.
func (s *Server) once(r *request, handle func(*request) (*reply, error)) (*reply, error) {
	if r.route.method != fiber.MethodPost || r.route.plain || !r.actor.SignedIn() {
		return handle(r)
	}
	key := strings.Trim(r.c.Get("Idempotency-Key"), `"`)
	if key == "" {
		return handle(r)
	}
	if len(key) > keyLongest {
		return nil, malformed("Idempotency-Key 过长", "the Idempotency-Key is too long")
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.actor.Account, r.route.path, r.c.Path(), key}, "\x00")))
	id := hex.EncodeToString(sum[:])
	rec, err := s.claim(r, id, r.fingerprint())
	if err != nil {
		return nil, err
	}
	if rec.Done {
		return s.again(r, rec)
	}
	r.ids.seed = id + strconv.FormatInt(rec.Began.UnixMilli(), 10)
	out, err := handle(r)
	if err != nil {
		return nil, errors.Join(err, s.forget(r, id))
	}
	return out, s.keep(r, id, out)
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

// claim reserves the key for this attempt; it returns the record, Done when there is nothing left to do.
func (s *Server) claim(r *request, id, fingerprint string) (rec *idempotent, err error) {
	err = s.Store.Update(r.ctx, nil, func(tx *store.Tx) error {
		rec, err = idempotents.Get(r.ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) {
			rec = &idempotent{Meta: store.Meta{ID: id}, Fingerprint: fingerprint, Began: r.now, Since: r.now, Expires: r.now.Add(keyKept)}
			return idempotents.Insert(tx, rec)
		}
		switch {
		case err != nil:
			return err
		case rec.Expires.Before(r.now):
			rec.Done, rec.Began = false, r.now
		case rec.Fingerprint != fingerprint:
			return refuse(422, "key_reused", "该 Idempotency-Key 已用于其他内容", "this Idempotency-Key was used with another body")
		case rec.Done:
			return nil
		case r.now.Sub(rec.Since) < keyRunning:
			return &domain.ConflictError{Code: "in_progress", Detail: domain.T("同一请求正在处理", "the same request is being worked on")}
		}
		rec.Fingerprint, rec.Since, rec.Expires = fingerprint, r.now, r.now.Add(keyKept)
		return idempotents.Put(tx, rec)
	})
	var twice *store.DuplicateError
	if errors.As(err, &twice) {
		return nil, &domain.ConflictError{Code: "in_progress", Detail: domain.T("同一请求正在处理", "the same request is being worked on")}
	}
	return rec, err
}

func (s *Server) keep(r *request, id string, out *reply) error {
	return s.Store.Update(r.ctx, nil, func(tx *store.Tx) error {
		rec, err := idempotents.Get(r.ctx, tx, id)
		if err != nil {
			return err
		}
		rec.Done, rec.Status, rec.Kind, rec.Resource = true, out.status, out.made.kind, out.made.id
		if out.made.kind == "" && out.body != nil {
			report, err := json.Marshal(out.body)
			if err != nil {
				return err
			}
			rec.Report = string(report)
		}
		return idempotents.Put(tx, rec)
	})
}

// forget frees the key of an attempt that was refused, so that the client may try again.
func (s *Server) forget(r *request, id string) error {
	return s.Store.Update(r.ctx, nil, func(tx *store.Tx) error {
		rec, err := idempotents.Get(r.ctx, tx, id)
		if err != nil {
			return err
		}
		rec.Expires = r.now.Add(-time.Second)
		return idempotents.Put(tx, rec)
	})
}

// again answers a POST that was done before.
func (s *Server) again(r *request, rec *idempotent) (*reply, error) {
	if rec.Kind == "" {
		out := &reply{status: rec.Status, replayed: true}
		if rec.Report != "" {
			out.body = json.RawMessage(rec.Report)
		}
		return out, nil
	}
	out, err := s.renderers()[rec.Kind](r, rec.Resource)
	if err != nil {
		return nil, err
	}
	out.status, out.made, out.replayed = rec.Status, resource{rec.Kind, rec.Resource}, true
	return out, nil
}

// Sweep forgets the keys of requests that have run out.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := idempotents.Expire(ctx, st, "expires", now)
	return err
}
