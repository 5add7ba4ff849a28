// Package ids makes and checks the ids of things: UUIDs in their usual form.
package ids

import (
	"crypto/sha1"
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"wangge/domain"
)

// New is an id that nothing has; later ones sort after earlier ones.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Given is the id that a caller chose, or a new one for "". What is wrong with
// it is added to bad under pointer.
func Given(chosen, pointer string, bad *domain.InvalidError) string {
	if chosen == "" {
		return New()
	}
	u, err := uuid.Parse(chosen)
	if err != nil || u.String() != strings.ToLower(chosen) { // Parse takes other forms too
		bad.Add(pointer, domain.T("应为 UUID", "must be a UUID"))
	}
	return u.String()
}

// Is reports whether a text is an id.
func Is(text string) bool { return uuid.Validate(text) == nil }

// Space is a UUID under which ids follow from names: the same name is always the same id.
type Space string

// Of is the id of a name in parts.
func (s Space) Of(parts ...string) string {
	return uuid.NewSHA1(uuid.MustParse(string(s)), []byte(strings.Join(parts, "/"))).String()
}

// At is the id of a name that belongs to a moment. As those of New do, ids of
// later moments sort after earlier ones, so that what is written one after the
// other lies together, in every index that ends with them.
func (s Space) At(at time.Time, parts ...string) string {
	u := uuid.NewHash(sha1.New(), uuid.MustParse(string(s)), []byte(strings.Join(parts, "/")), ordered)
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(u[:6], ms[2:])
	return u.String()
}

// ordered is the version of the UUIDs that At makes, which RFC 9562 leaves to who makes them.
const ordered = 8

// Ordered reports whether At may have made the id.
func Ordered(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.Version() == ordered
}
