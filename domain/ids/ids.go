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
	space := uuid.MustParse(string(s))
	name := append(make([]byte, 0, 200), space[:]...)
	for i, part := range parts {
		if i > 0 {
			name = append(name, '/')
		}
		name = append(name, part...)
	}
	sum := sha1.Sum(name)
	var u uuid.UUID
	copy(u[6:], sum[6:])
	ms := uint64(at.UnixMilli())
	binary.BigEndian.PutUint32(u[:], uint32(ms>>16))
	binary.BigEndian.PutUint16(u[4:], uint16(ms))
	u[6] = u[6]&0x0f | ordered<<4
	u[8] = u[8]&0x3f | 0x80 // the variant of RFC 9562
	return u.String()
}

// ordered is the version of the UUIDs that At makes, which RFC 9562 leaves to who makes them.
const ordered = 8

// Ordered reports whether At may have made the id.
func Ordered(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.Version() == ordered
}
