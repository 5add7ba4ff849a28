package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain"
)

// Parameters are those of a request's query. They are so few that looking
// along them is quicker than a map is made.
type Parameters []parameter

type parameter struct {
	name, value string
	end         int // of the value among all that were sent
}

// Find returns the value of a parameter, and whether it was given.
func (p Parameters) Find(name string) (value string, given bool) {
	if i := p.index(name); i >= 0 {
		return p[i].value, true
	}
	return "", false
}

// Get is the value of a parameter; "" when it was not given.
func (p Parameters) Get(name string) string {
	value, _ := p.Find(name)
	return value
}

func (p *Parameters) set(name, value string) {
	if i := p.index(name); i >= 0 {
		(*p)[i].value = value
		return
	}
	*p = append(*p, parameter{name: name, value: value})
}

// All has every parameter by its name.
func (p Parameters) All() map[string]string {
	out := make(map[string]string, len(p))
	for _, one := range p {
		out[one.name] = one.value
	}
	return out
}

func (p Parameters) index(name string) int {
	return slices.IndexFunc(p, func(one parameter) bool { return one.name == name })
}

// readParameters refuses parameters the route does not have, by name, repeated
// ones, and texts that no parameter can have.
func (r *Request) readParameters() error {
	bad := r.badParts()
	for k, v := range r.c.QueryArgs().All() {
		if r.route.Page {
			break
		}
		known := slices.IndexFunc(r.route.Query, func(name string) bool { return name == string(k) })
		if known < 0 {
			bad = append(bad, domain.FieldError{Pointer: "?" + strings.ToValidUTF8(string(k), "\ufffd"), Detail: domain.T("未知的查询参数", "unknown query parameter")})
			continue
		}
		name := r.route.Query[known]
		if r.Query.index(name) >= 0 {
			bad = append(bad, domain.FieldError{Pointer: "?" + name, Detail: domain.T("参数重复", "given more than once")})
			continue
		}
		r.scratch = append(r.scratch, v...)
		r.Query = append(r.Query, parameter{name: name, end: len(r.scratch)})
	}
	all, from := string(r.scratch), 0
	for i := range r.Query {
		p := &r.Query[i]
		p.value, from = all[from:p.end], p.end
		if fault := domain.TextFault(p.value, false); fault != (domain.Text{}) {
			bad = append(bad, domain.FieldError{Pointer: "?" + p.name, Detail: fault})
		}
	}
	if bad != nil {
		return &queryError{&domain.InvalidError{Fields: bad}}
	}
	return r.readDatum()
}

// badParts are the parts of the path that no address of ours has.
func (r *Request) badParts() (bad []domain.FieldError) {
	if r.found == nil {
		return nil
	}
	for _, name := range r.found.Route().Params {
		value, err := url.PathUnescape(r.found.Params(name))
		fault := domain.TextFault(value, false)
		if err != nil {
			fault = domain.T("百分号编码有误", "is percent-encoded wrongly")
		}
		if fault != (domain.Text{}) {
			bad = append(bad, domain.FieldError{Pointer: "{" + name + "}", Detail: fault})
		}
	}
	return bad
}

// queryError is a 400 that lists parameters, as a body's mistakes are listed in a 422.
type queryError struct{ *domain.InvalidError }

func (e *queryError) Unwrap() error { return nil }

// BadQuery is a 400 for one query parameter.
func BadQuery(name, zh, en string) error {
	e := &domain.InvalidError{}
	e.Add("?"+name, domain.T(zh, en))
	return &queryError{e}
}

// BadPath is a 400 for one parameter of the path.
func BadPath(name, zh, en string) error {
	e := &domain.InvalidError{}
	e.Add("{"+name+"}", domain.T(zh, en))
	return &queryError{e}
}

// BadWord is a 400 for a parameter that is none of the words there are.
func BadWord(name string, of domain.Enum) error {
	return &queryError{&domain.InvalidError{Fields: []domain.FieldError{{Pointer: "?" + name, Detail: of.Fault()}}}}
}

const (
	PageDefault = 50
	PageMost    = 500
)

// Page reads limit and cursor.
func (r *Request) Page() (limit int, cursor string, err error) {
	limit = PageDefault
	if text, ok := r.Query.Find("limit"); ok {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > PageMost {
			return 0, "", BadQuery("limit", fmt.Sprintf("应为 1 到 %d 的整数", PageMost), fmt.Sprintf("must be a whole number from 1 to %d", PageMost))
		}
	}
	return limit, r.Query.Get("cursor"), nil
}

// nextLink is this request's address with the next cursor (RFC 8288), relative to the server.
func (r *Request) nextLink(cursor string) string {
	q := url.Values{}
	for _, p := range r.Query {
		q.Set(p.name, p.value)
	}
	q.Set("cursor", cursor)
	return fmt.Sprintf(`<%s?%s>; rel="next"`, r.path(), q.Encode())
}

// Instant reads an RFC 3339 parameter; the zero time when it is absent.
func (r *Request) Instant(name string) (time.Time, error) {
	text, ok := r.Query.Find(name)
	if !ok {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, BadQuery(name, "应为 RFC 3339 时间", "must be an RFC 3339 time")
	}
	return t.UTC(), nil
}

// OptionalFlag is Flag, or nil where it is not given.
func (r *Request) OptionalFlag(name string) (*bool, error) {
	if r.Query.Get(name) == "" {
		return nil, nil
	}
	is, err := r.Flag(name)
	return &is, err
}

func (r *Request) Flag(name string) (bool, error) {
	switch r.Query.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, BadQuery(name, "应为 true 或 false", "must be true or false")
}
