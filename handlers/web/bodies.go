package web

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"wangge/domain"
)

// Bytes of large bodies that are read or worked on at once. An account may
// always send one body, and several while they are small.
const (
	bodiesMost = 256 << 20 // of everybody
	bodiesEach = 32 << 20  // of one account
	bookLeast  = 20 << 20  // as which a workbook counts: an account has one under way, and small things beside it
	bodyWait   = 5 * time.Second
)

// bodies counts the bytes that large bodies are allowed to take, before any of
// them is read, so that no account can take the memory of all.
type bodies struct {
	mu    sync.Mutex
	total int64
	by    map[string]int64 // bytes by account
}

// admit counts n bytes for the account until leave is called.
// Errors: LimitError when the account has to wait for its own, errCrowded when all have.
func (b *bodies) admit(account string, n int64) (leave func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.by[account]
	if own > 0 && own+n > bodiesEach {
		return nil, &domain.LimitError{RetryAfter: bodyWait}
	}
	if b.total+n > bodiesMost {
		return nil, errCrowded
	}
	b.total += n
	b.by[account] = own + n
	return func() { b.release(account, n) }, nil
}

func (b *bodies) release(account string, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total -= n
	if b.by[account] -= n; b.by[account] == 0 {
		delete(b.by, account)
	}
}

var errCrowded = Refuse(503, "crowded", "同时上传的内容过多，请稍后重试", "too much is being uploaded at once; try again")

// reserveBody makes sure of the memory that the request's body may take. Only bodies above those of forms count.
func (r *Request) reserveBody() (leave func(), err error) {
	if r.route.Limit <= Sheet {
		return func() {}, nil
	}
	return r.server.bodies.admit(r.Actor.Account, r.size())
}

// size is that of the body; what has no length may be as long as the route's limit.
func (r *Request) size() int64 {
	n := int64(r.c.Request.Header.ContentLength())
	if n < 0 || n > r.route.Limit {
		n = r.route.Limit
	}
	return n
}

// archive begins a workbook, whatever it is sent as.
var archive = []byte("PK\x03\x04")

// unpacking makes sure of the memory that a workbook may take, which may be
// packed to next to nothing.
func (r *Request) unpacking() (leave func(), err error) {
	if !slices.Contains(r.route.Takes, XLSX) || !bytes.HasPrefix(r.Body, archive) {
		return func() {}, nil
	}
	return r.server.bodies.admit(r.Actor.Account, max(bookLeast-r.size(), 0))
}
