// Package auth issues and verifies access tokens: JWTs of 15 minutes, signed
// with Ed25519, and the keys that open photos without a header. It says which account and session a token names, and does not
// know whether that session still lasts or what the account may do.
package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"wangge/domain/personal/keyfile"
)

// KeySet signs with its current key and verifies with all. It may be used by
// many goroutines at once.
type KeySet struct{ ring *keyfile.Ring[ring] }

// ring is what the key file holds: a JWK set (RFC 7517, RFC 8037) with private
// keys, and which of them signs:
//
//	{"current": "<kid>", "keys": [{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"…","x":"…","d":"…"}]}
type ring struct {
	Current string `json:"current"`
	Keys    []jwk  `json:"keys"`

	private ed25519.PrivateKey           // the current one
	public  map[string]ed25519.PublicKey // by kid
	jwks    []byte

	photoSecrets map[string][]byte // by kid
}

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Alg string `json:"alg"`
	Use string `json:"use"`
	Kid string `json:"kid"`
	X   string `json:"x"`
	D   string `json:"d,omitempty"`
}

// LoadKeys reads the keys from env, the content of an environment variable, or,
// where that is empty, from the file at path, which it makes on first start
// with a fresh key and mode 0600. A file that others may read is refused.
func LoadKeys(path, env string) (*KeySet, error) {
	r, err := keyfile.OpenRing(path, env, (&ring{}).withNewKey, parseRing)
	return &KeySet{r}, err
}

// OpenKeys reads the keys as LoadKeys does, but never makes a file:
// keyfile.ErrMissing where there is none.
func OpenKeys(path, env string) (*KeySet, error) {
	r, err := keyfile.OpenRing(path, env, nil, parseRing)
	return &KeySet{r}, err
}

// Rotate makes a new key the current one and writes the file. The key before it
// stays, so that its tokens last out their time; older ones go. Rotating twice
// therefore ends the tokens of a key that leaked, but for those a Cache holds.
// Other processes see the change when they load the file again; keys from the
// environment have to be changed there.
func (k *KeySet) Rotate() error { return k.ring.Rotate((*ring).withNewKey) }

// JWKS returns the public keys as a JWK set, the body of /.well-known/jwks.json.
// It is not to be changed.
func (k *KeySet) JWKS() []byte { return k.ring.Load().jwks }

// withNewKey returns the file's content with a new current key and the one before.
func (r *ring) withNewKey() ([]byte, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	added := publicJWK(public)
	added.D = base64.RawURLEncoding.EncodeToString(private.Seed())
	next := ring{Current: added.Kid, Keys: []jwk{added}}
	for _, key := range r.Keys {
		if key.Kid == r.Current {
			next.Keys = append(next.Keys, key)
		}
	}
	content, err := json.MarshalIndent(next, "", "  ")
	return append(content, '\n'), err
}

func publicJWK(key ed25519.PublicKey) jwk {
	x := base64.RawURLEncoding.EncodeToString(key)
	return jwk{Kty: "OKP", Crv: "Ed25519", Alg: "EdDSA", Use: "sig", Kid: thumbprint(x), X: x}
}

// thumbprint is RFC 7638's, with the members that RFC 8037 requires for this kind of key.
func thumbprint(x string) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// parseRing checks what a person may have edited. Its errors show no private key.
func parseRing(content []byte) (*ring, error) {
	r := &ring{public: map[string]ed25519.PublicKey{}, photoSecrets: map[string][]byte{}}
	if err := keyfile.Decode(content, r); err != nil {
		return nil, err
	}
	set := struct {
		Keys []jwk `json:"keys"`
	}{}
	for i, key := range r.Keys {
		seed, err := base64.RawURLEncoding.DecodeString(key.D)
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("\"d\" of key %d is not 32 bytes of base64url", i+1)
		}
		private := ed25519.NewKeyFromSeed(seed)
		public := private.Public().(ed25519.PublicKey)
		shown := publicJWK(public)
		if key.D = ""; key != shown {
			return nil, fmt.Errorf("key %d does not agree with its \"d\": its public part should be %+v", i+1, shown)
		}
		if r.public[shown.Kid] != nil {
			return nil, fmt.Errorf("key %d is there twice", i+1)
		}
		r.public[shown.Kid] = public
		if r.photoSecrets[shown.Kid], err = photoSecret(seed); err != nil {
			return nil, err
		}
		if shown.Kid == r.Current {
			r.private = private
		}
		set.Keys = append(set.Keys, shown)
	}
	if r.private == nil {
		return nil, fmt.Errorf("current key %q is not among the keys", r.Current)
	}
	var err error
	r.jwks, err = json.Marshal(set)
	return r, err
}
