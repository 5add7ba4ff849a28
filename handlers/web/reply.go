package web

import (
	"cmp"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"wangge/geo"
)

// Reply is what a handler answers.
type Reply struct {
	Status      int
	Body        any      // JSON; nil for none
	Version     int64    // of what is answered, for its entity tag; 0 for none
	Changing    bool     // more of it changes than its version tells: it is answered whole, whoever has the version
	Tag         string   // its entity tag without quotes, of what has no version
	Next        string   // cursor of a list's next page
	Made        Resource // what a POST made or changed
	Report      any      // of the domain, where the body is made of one
	Stream      Stream   // instead of Body
	Takes       Taker    // instead of Body: takes the connection over
	Raw         []byte   // instead of Body, with ContentType; with Gzipped a Reply may be given many times
	Gzipped     []byte   // Raw, compressed, where that is at hand
	ContentType string   // when not JSON
	Cache       string   // Cache-Control, when not no-store

	replayed bool // it was done before, under the same Idempotency-Key
}

// Resource is what a request made or changed, so that its answer can be rendered again.
type Resource struct{ Kind, ID string }

// OK answers with a body.
func OK(body any) *Reply { return &Reply{Status: 200, Body: body} }

// Versioned answers with a body and the entity tag of its version; NotYet for 0.
func Versioned(body any, version int64) *Reply {
	return &Reply{Status: 200, Body: body, Version: cmp.Or(version, NotYet)}
}

// Empty answers that it is done.
func Empty() *Reply { return &Reply{Status: 204} }

// List is the wire form of every list.
type List[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// Listed answers with a page of a list; next is the cursor of the one after it, "" for none.
func Listed[T any](items []T, next string) *Reply {
	if items == nil {
		items = []T{}
	}
	out := List[T]{Items: items}
	if next != "" {
		out.Next = &next
	}
	return &Reply{Status: 200, Body: out, Next: next}
}

// tagOf is the entity tag of an answer; "" for none.
func (r *Request) tagOf(out *Reply) string {
	switch {
	case out.Version != 0:
		return r.ETag(out.Version)
	case out.Tag != "":
		return `"` + out.Tag + `"`
	}
	return ""
}

func (r *Request) send(out *Reply) error {
	var body *streamed
	if out.Stream != nil {
		var err error
		if body, err = r.begin(out); err != nil {
			return err
		}
	}
	if r.datumAsked {
		r.Vary(AcceptDatum)
	}
	if out.Cache != "" {
		r.SetHeader(fiber.HeaderCacheControl, out.Cache)
	}
	if tag := r.tagOf(out); tag != "" {
		r.SetHeader(fiber.HeaderETag, tag)
		if held := r.heldTag(tag); isRead(&r.c.Request.Header) && held != "" && !out.Changing {
			if body != nil {
				_ = body.Close() // which cannot fail
			}
			r.SetHeader(fiber.HeaderETag, held)
			r.Vary(fiber.HeaderAcceptEncoding)
			r.c.SetStatusCode(fiber.StatusNotModified)
			return nil
		}
	}
	if r.datumAsked {
		r.c.Response.Header.SetCanonical([]byte(contentDatum), []byte(cmp.Or(r.Query.Get("datum"), string(geo.WGS84))))
	}
	if base := r.server.options.Kinds[out.Made.Kind].Location; base != "" && out.Status == fiber.StatusCreated {
		r.SetHeader(fiber.HeaderLocation, base+out.Made.ID)
	}
	if out.replayed {
		r.SetHeader("Idempotent-Replayed", "true")
	}
	if out.Next != "" {
		r.SetHeader(fiber.HeaderLink, r.nextLink(out.Next))
	}
	r.c.SetStatusCode(out.Status)
	switch {
	case out.Takes != nil:
		r.handOver(out)
		return nil
	case body != nil:
		r.c.Response.Header.SetContentType(cmp.Or(out.ContentType, JSON))
		body.zip = r.takesCompressed()
		r.c.Response.SetBodyStream(body, -1)
		return nil
	case out.Raw != nil:
		r.c.Response.Header.SetContentType(out.ContentType)
		r.c.Response.SetBodyRaw(out.Raw)
		return nil
	case out.Body == nil:
		return nil
	}
	text, err := json.Marshal(out.Body)
	if err != nil {
		return err
	}
	r.c.Response.Header.SetContentType(cmp.Or(out.ContentType, JSON))
	r.c.Response.SetBodyRaw(text)
	return nil
}
