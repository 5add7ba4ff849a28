package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// A photo key opens pictures for a session where no header can be sent, as in
// an <img>. It is the same for the whole of a clock hour, so that what it
// fetched stays in the phone's cache, and good until the end of the next one.
// It is derived, not stored, and no access token: who holds it cannot make one
// of it, nor of a token's public key a photo key.
const (
	photoKeyHour = time.Hour
	photoKeyLife = 2 * photoKeyHour // from the beginning of its hour
)

// PhotoKey returns the key of the claims' account and session in the hour of
// now, and when it expires.
func (k *KeySet) PhotoKey(claims Claims, now time.Time) (key string, expires time.Time) {
	r, hour := k.ring.Load(), now.UTC().Truncate(photoKeyHour)
	return photoKey(r.photoSecrets[r.Current], claims.Account, claims.Session, hour), hour.Add(photoKeyLife)
}

// VerifyPhotoKey returns whose key it is; ErrExpired and ErrToken as Verify.
func (k *KeySet) VerifyPhotoKey(key string, now time.Time) (Claims, error) {
	parts := strings.Split(key, ".")
	if len(parts) != 4 || len(key) > tokenSize {
		return Claims{}, ErrToken
	}
	n, err := strconv.ParseInt(parts[2], 10, 32)
	if err != nil {
		return Claims{}, ErrToken
	}
	hour := time.Unix(n*int64(photoKeyHour/time.Second), 0).UTC()
	for _, secret := range k.ring.Load().photoSecrets {
		if !hmac.Equal([]byte(key), []byte(photoKey(secret, parts[0], parts[1], hour))) {
			continue
		}
		if hour.After(now.Add(leeway)) {
			return Claims{}, ErrToken
		}
		expires := hour.Add(photoKeyLife)
		if !now.Before(expires) {
			return Claims{}, ErrExpired
		}
		return Claims{parts[0], parts[1], hour, expires}, nil
	}
	return Claims{}, ErrToken
}

func photoKey(secret []byte, account, session string, hour time.Time) string {
	text := account + "." + session + "." + strconv.FormatInt(hour.Unix()/int64(photoKeyHour/time.Second), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// photoSecret is the secret of photo keys that belongs to a signing key's seed.
func photoSecret(seed []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, seed, nil, "wangge photo key", sha256.Size)
}
