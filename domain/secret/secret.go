// Package secret makes and checks what opens something for who has it: a
// refresh token, a link. The store keeps hashes only.
package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
)

// Length is how many letters a secret has.
const Length = 43

// New returns 256 random bits as letters of base64url. It panics when random fails.
func New(random io.Reader) string {
	bits := make([]byte, 32)
	if _, err := io.ReadFull(random, bits); err != nil {
		panic("secret: no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(bits)
}

// Hash returns what is stored of a secret, and what it is found by. A secret
// cannot be guessed, so a plain SHA-256 keeps it.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Matches reports whether a hash is that of the secret.
func Matches(hash, secret string) bool { return Equal(hash, Hash(secret)) }

// Equal compares in a time that does not tell how much is alike.
func Equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
