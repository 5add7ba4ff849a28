package auth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wangge/domain"
)

// Errors of Verify; both are domain.ErrUnauthenticated too.
var (
	// ErrExpired: the token was good and its time is over; refresh it.
	ErrExpired = fmt.Errorf("%w: access token expired", domain.ErrUnauthenticated)
	// ErrToken: not a token of ours, or not one yet.
	ErrToken = fmt.Errorf("%w: not a valid access token", domain.ErrUnauthenticated)
)

const (
	lifetime = 15 * time.Minute
	// leeway is how far ahead another node's clock may be when it issues.
	leeway    = 30 * time.Second
	tokenSize = 4 << 10  // bytes, the longest token looked at
	party     = "wangge" // issuer and audience
)

// Claims are what an access token says.
type Claims struct {
	Account   string
	Session   string
	IssuedAt  time.Time // whole seconds
	ExpiresAt time.Time
}

type wire struct {
	jwt.RegisteredClaims
	Session string `json:"sid"`
}

// Claims are checked here, not by the parser: it would give exp a leeway too.
var parser = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
	jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())

// Issue returns a token for the account and session of the claims, good from
// now for 15 minutes, and when it expires. Times in the claims are not read.
func (k *KeySet) Issue(claims Claims, now time.Time) (token string, expires time.Time, err error) {
	issued := now.UTC().Truncate(time.Second)
	expires = issued.Add(lifetime)
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, wire{jwt.RegisteredClaims{
		Issuer: party, Audience: jwt.ClaimStrings{party}, Subject: claims.Account,
		IssuedAt: jwt.NewNumericDate(issued), NotBefore: jwt.NewNumericDate(issued), ExpiresAt: jwt.NewNumericDate(expires),
	}, claims.Session})
	r := k.ring.Load()
	t.Header["kid"] = r.Current
	token, err = t.SignedString(r.private)
	return token, expires, err
}

// Verify returns what a token says that one of these keys signed and whose
// time is now. Its errors are ErrExpired, for a token that is otherwise good,
// and ErrToken.
func (k *KeySet) Verify(token string, now time.Time) (Claims, error) {
	// Base64 decoding skips line breaks, which would make many tokens of one.
	if len(token) > tokenSize || strings.ContainsAny(token, "\r\n") {
		return Claims{}, ErrToken
	}
	var w wire
	parsed, err := parser.ParseWithClaims(token, &w, k.publicKey)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	for _, segment := range strings.Split(token, ".")[:2] {
		if err := unambiguous(segment); err != nil {
			return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
		}
	}
	for name := range parsed.Header {
		if name != "alg" && name != "kid" && name != "typ" { // "crit" asks for what we do not do
			return Claims{}, fmt.Errorf("%w: header %q", ErrToken, name)
		}
	}
	if w.Issuer != party || !slices.Equal(w.Audience, jwt.ClaimStrings{party}) || w.Subject == "" || w.Session == "" {
		return Claims{}, fmt.Errorf("%w: other issuer, audience or subject", ErrToken)
	}
	if w.IssuedAt == nil || w.NotBefore == nil || w.ExpiresAt == nil ||
		w.IssuedAt.After(now.Add(leeway)) || w.NotBefore.After(now.Add(leeway)) {
		return Claims{}, fmt.Errorf("%w: not good yet", ErrToken)
	}
	if !now.Before(w.ExpiresAt.Time) {
		return Claims{}, ErrExpired
	}
	return Claims{w.Subject, w.Session, w.IssuedAt.UTC(), w.ExpiresAt.UTC()}, nil
}

func (k *KeySet) publicKey(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	if key := k.ring.Load().public[kid]; key != nil {
		return key, nil
	}
	return nil, fmt.Errorf("no key %q", kid)
}

// unambiguous refuses a segment whose JSON object names a member twice, be it
// in another case: two readers could read two things out of it.
func unambiguous(segment string) error {
	text, err := parser.DecodeSegment(segment)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return err
	}
	seen := map[string]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		folded := strings.ToLower(fmt.Sprint(name))
		if seen[folded] {
			return fmt.Errorf("%q twice", name)
		}
		seen[folded] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}
