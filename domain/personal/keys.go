// Package personal keeps what identifies a person: phones, ID numbers, names.
// They are normalised, sealed for the store, found again by a blind index, and
// masked on their way out. It does not know who may see them revealed.
package personal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"wangge/domain/personal/keyfile"
)

const keySize = 32 // bytes, of AES-256 and of the blind index

// ErrSealed: a sealed value cannot be opened. Its key is unknown, it was
// changed, or it was sealed for another place.
var ErrSealed = errors.New("sealed value cannot be opened")

// Sealed is a personal value as the store keeps it: the id of its key, and a
// 12-byte nonce followed by the AES-256-GCM ciphertext. Zero is an absent value.
type Sealed struct {
	Key  string `store:"key"`
	Data []byte `store:"data"`
}

// IsZero says whether no value is there.
func (s Sealed) IsZero() bool { return s.Key == "" && len(s.Data) == 0 }

// Keys seals, opens and indexes. It may be used by many goroutines at once. The
// zero Keys, of before there are any, opens nothing.
type Keys struct{ ring *keyfile.Ring[ring] }

// ring is what the key file holds, as JSON, keys in standard base64:
//
//	{"current": "3f9c02d1", "seal": {"3f9c02d1": "…", "81b7aa40": "…"}, "index": "…"}
//
// Every sealing key opens what it sealed; current seals. The index key cannot
// be changed without indexing every document anew.
type ring struct {
	Current string            `json:"current"`
	Seal    map[string][]byte `json:"seal"`
	Index   []byte            `json:"index"`

	ciphers map[string]cipher.AEAD // they put a random nonce before what they seal
}

// LoadKeys reads the keyring from env, the content of an environment variable,
// or, where that is empty, from the file at path, which it makes on first
// start with fresh keys and mode 0600. A file that others may read is refused.
// Whoever loses the keys loses every value sealed with them.
func LoadKeys(path, env string) (*Keys, error) {
	r, err := keyfile.OpenRing(path, env, newRing, parseRing)
	return &Keys{r}, err
}

// OpenKeys reads the keyring as LoadKeys does, but never makes a file:
// keyfile.ErrMissing where there is none.
func OpenKeys(path, env string) (*Keys, error) {
	r, err := keyfile.OpenRing(path, env, nil, parseRing)
	return &Keys{r}, err
}

// Rotate adds a new sealing key to the file and makes it the current one. The
// older keys stay for opening. Other processes see it when they load the file
// again. Keys from the environment have to be changed there.
func (k *Keys) Rotate() error { return k.ring.Rotate((*ring).withNewKey) }

// Seal encrypts plain for one place, such as "accounts/<id>/phone", named by
// aad: only there can it be opened. An empty text becomes the zero Sealed; a
// text that is not UTF-8 is an error.
func (k *Keys) Seal(plain, aad string) (Sealed, error) {
	if plain == "" {
		return Sealed{}, nil
	}
	if !utf8.ValidString(plain) {
		return Sealed{}, errors.New("text to seal is not valid UTF-8")
	}
	r := k.ring.Load()
	return Sealed{r.Current, r.ciphers[r.Current].Seal(nil, nil, []byte(plain), []byte(aad))}, nil
}

// Open returns what Seal was given with the same aad, or ErrSealed. The zero
// Sealed opens to an empty text.
func (k *Keys) Open(s Sealed, aad string) (string, error) {
	if s.IsZero() {
		return "", nil
	}
	if k.ring == nil {
		return "", fmt.Errorf("%w: no keys", ErrSealed)
	}
	box := k.ring.Load().ciphers[s.Key]
	if box == nil {
		return "", fmt.Errorf("%w: no key %q", ErrSealed, s.Key)
	}
	plain, err := box.Open(nil, nil, s.Data, []byte(aad))
	if err != nil {
		return "", fmt.Errorf("%w: changed, or sealed for another place", ErrSealed)
	}
	return string(plain), nil
}

// NeedsReseal says whether s was sealed with another key than the current one.
func (k *Keys) NeedsReseal(s Sealed) bool {
	return !s.IsZero() && s.Key != k.ring.Load().Current
}

// Index returns the blind index of a normalised value: equal for equal values
// of one kind, such as "phone", and telling nothing without the key. It is 43
// letters of base64url, or empty for an empty value.
func (k *Keys) Index(kind, normalised string) string {
	if normalised == "" {
		return ""
	}
	mac := hmac.New(sha256.New, k.ring.Load().Index)
	mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(kind)))) // keeps ("ab", "c") from ("a", "bc")
	mac.Write([]byte(kind))
	mac.Write([]byte(normalised))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func newRing() ([]byte, error) {
	return (&ring{Seal: map[string][]byte{}, Index: randomBytes(keySize)}).withNewKey()
}

// withNewKey returns the file's content with one more key, the current one.
// Ids are random, so that a lost and newly made file is not taken for the old one.
func (r *ring) withNewKey() ([]byte, error) {
	r.Current = hex.EncodeToString(randomBytes(4))
	if r.Seal[r.Current] != nil {
		return nil, errors.New("a new key got the id of an older one; try again")
	}
	r.Seal[r.Current] = randomBytes(keySize)
	content, err := json.MarshalIndent(r, "", "  ")
	return append(content, '\n'), err
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: the program ends when the system has no randomness
	return b
}

// parseRing checks what a person may have edited. Its errors name no key.
func parseRing(content []byte) (*ring, error) {
	r := &ring{ciphers: map[string]cipher.AEAD{}}
	if err := keyfile.Decode(content, r); err != nil {
		return nil, err
	}
	if len(r.Index) != keySize {
		return nil, fmt.Errorf("\"index\" has %d bytes instead of %d", len(r.Index), keySize)
	}
	for id, key := range r.Seal {
		if id == "" || len(key) != keySize {
			return nil, fmt.Errorf("sealing key %q has %d bytes instead of %d, or no id", id, len(key), keySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if r.ciphers[id], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, err
		}
	}
	if r.ciphers[r.Current] == nil {
		return nil, fmt.Errorf("current key %q is not among the sealing keys", r.Current)
	}
	return r, nil
}
