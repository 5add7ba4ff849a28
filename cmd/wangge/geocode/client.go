// Package geocode asks services elsewhere where an address lies: AMap and
// Tianditu. It bounds what they may take, keeps their quotas, and tells of an
// address nothing in its logs. Who asks, and what of an address may leave the
// program, is for package address.
package geocode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"wangge/domain/civil"
)

const (
	patience   = 3 * time.Second // for an answer
	bodyMost   = 64 << 10
	configOff  = time.Hour        // after an answer that says the key is wrong
	outOfOrder = 30 * time.Second // after none at all
)

// errPaused: the service is not asked for now.
var errPaused = errors.New("geocode: paused")

// client asks one service.
type client struct {
	name     string
	base     string // URL without a slash at its end
	key      string
	log      *slog.Logger
	now      func() time.Time
	patience time.Duration

	mu     sync.Mutex
	paused time.Time // until then it is not asked
}

func newClient(name, base, key string, log *slog.Logger) client {
	return client{name: name, base: strings.TrimRight(base, "/"), key: key, log: log, now: time.Now, patience: patience}
}

func (c *client) Name() string { return c.name }

var transport = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// get reads what the service answers at a path into a value.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) error {
	c.mu.Lock()
	paused := c.now().Before(c.paused)
	c.mu.Unlock()
	if paused {
		return errPaused
	}
	limited, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, c.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return c.failed(errors.New("no address of a service"))
	}
	resp, err := transport.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which holds the key
		}
		if ctx.Err() == nil { // it was not the caller who gave up
			c.rest()
		}
		return c.failed(err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTeapot:
		return c.misconfigured(resp.Status)
	case http.StatusTooManyRequests:
		return c.pause(c.nextMinute(), resp.Status)
	default:
		c.rest()
		return c.failed(errors.New(resp.Status))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyMost+1))
	if err != nil && ctx.Err() == nil {
		c.rest()
	}
	if err == nil && len(body) > bodyMost {
		err = errors.New("too long an answer")
	}
	if err == nil && json.Unmarshal(body, into) != nil {
		err = errors.New("no answer that can be read")
	}
	if err != nil {
		return c.failed(err)
	}
	return nil
}

func (c *client) failed(err error) error {
	c.log.Warn("a geocoder has no answer", "geocoder", c.name, "error", err)
	return fmt.Errorf("geocode: %s: %w", c.name, err)
}

// rest leaves a service alone that is out of order, so that not every report waits for it.
func (c *client) rest() {
	c.mu.Lock()
	c.paused = c.now().Add(outOfOrder)
	c.mu.Unlock()
}

// pause keeps the service from being asked until a time.
func (c *client) pause(until time.Time, why string) error {
	c.mu.Lock()
	c.paused = until
	c.mu.Unlock()
	c.log.Warn("a geocoder is not asked for a while", "geocoder", c.name, "until", until, "why", why)
	return errPaused
}

func (c *client) misconfigured(why string) error {
	c.log.Error("a geocoder refuses its key: look at its settings", "geocoder", c.name, "why", why)
	return c.pause(c.now().Add(configOff), why)
}

func (c *client) nextMinute() time.Time { return c.now().Truncate(time.Minute).Add(time.Minute) }

// tomorrow is the next midnight in China, when quotas begin anew.
func (c *client) tomorrow() time.Time {
	return civil.DateOf(c.now()).Add(1).Start()
}

// levels are how sure the levels of an answer are; what is not here is a street or wider.
var levels = map[string]float64{"门牌号": 0.85, "门址": 0.85, "单元号": 0.85, "住宅区": 0.6, "兴趣点": 0.6}

// text is a JSON text, or anything else for an empty one: services answer [] for it.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
	}
	return nil
}

// number is a JSON number, or a text that is one.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number(f)
	return err
}
