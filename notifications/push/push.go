// Package push is what the channels to push services share: what is cut, which
// refusals are an address's and which the service's own, and how a try that had
// no answer is told. Each channel is a package of its own.
package push

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
)

// Lengths of what a lock screen shows, in bytes.
const (
	TitleMost = 120
	TextMost  = 600
)

// Cut is a text of so many bytes at most, ended between two characters.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// Link is where a message leads, and what it is, for the app that it wakes.
func Link(m delivery.Message) map[string]string {
	return map[string]string{"id": m.ID, "kind": m.Kind, "link": m.Link}
}

// Unanswered is the outcome of a try to which there was no answer.
func Unanswered(err error) delivery.Outcome {
	return delivery.Outcome{State: delivery.Later, Code: outgoing.Code(err)}
}

// Failed is the outcome of an answer whose status says that the service could
// not; false where the body says more than the status does.
func Failed(a outgoing.Answer, now time.Time) (delivery.Outcome, bool) {
	switch {
	case a.Status == 429 || a.Status >= 500:
		return delivery.Outcome{State: delivery.Later, After: a.RetryAfter(now), Code: Status(a.Status)}, true
	case a.Status >= 300 && a.Status < 400:
		return delivery.Outcome{State: delivery.Broken, Code: Status(a.Status)}, true
	}
	return delivery.Outcome{}, false
}

// Status is the code of an answer that is known by its status only.
func Status(status int) string { return "http_" + strconv.Itoa(status) }

// Word is a JSON text or number as a text, and anything else as none: services
// send codes and ids as either.
type Word string

// UnmarshalJSON takes whatever there is.
func (w *Word) UnmarshalJSON(b []byte) error {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(b, &s) == nil:
		*w = Word(s)
	case json.Unmarshal(b, &n) == nil:
		*w = Word(n.String())
	default:
		*w = ""
	}
	return nil
}

// Code is the word as the code of an outcome: what is no code of a service's,
// and might be an address, is left out.
func (w Word) Code() string {
	if len(w) > 40 {
		return "long"
	}
	for _, r := range w {
		if !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return "garbage"
		}
	}
	return string(w)
}

const (
	sure      = 3  // addresses that were refused in a row, before any was taken, and the service is held to be wrong
	streakFor = 20 // the same, after some were taken
)

// Refusals tells an address that a service does not know from a service that
// knows none, since it is another project's: an address is forgotten only where
// others are known.
type Refusals struct {
	mu     sync.Mutex
	known  bool // an address was, since the start
	streak map[[sha256.Size]byte]bool
}

// Known notes that the service knew an address.
func (r *Refusals) Known() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.streak = true, nil
}

// Refused is the outcome of an address that the service says it does not know.
func (r *Refusals) Refused(address, code string) delivery.Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.streak == nil {
		r.streak = map[[sha256.Size]byte]bool{}
	}
	if len(r.streak) < streakFor {
		r.streak[sha256.Sum256([]byte(address))] = true
	}
	switch {
	case r.known && len(r.streak) < streakFor:
		return delivery.Outcome{State: delivery.Gone, Code: code}
	case r.known || len(r.streak) >= sure:
		return delivery.Outcome{State: delivery.Broken, After: time.Hour, Code: code}
	}
	return delivery.Outcome{State: delivery.Later, Alone: true, Code: code}
}
