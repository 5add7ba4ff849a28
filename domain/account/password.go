package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"wangge/domain"
	"wangge/domain/personal"
	"wangge/domain/secret"
)

// DummyHash is the hash of no known password. Checking against it makes an
// unknown username cost what a wrong password costs.
const DummyHash = "$argon2id$v=19$m=19456,t=2,p=1$YcT0GrleC+PeDRt3w//IQg$WyE7GiTQN43PeKl5WmaH9KRvRxL6RdIlA0mwLhvUGEw"

// argon are the costs of one hash; those of the current hashes are the first
// choice of OWASP's Password Storage Cheat Sheet.
type argon struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

var (
	current = argon{memory: 19 * 1024, time: 2, threads: 1}
	// dearest bounds what a stored hash may ask for.
	dearest = argon{memory: 256 * 1024, time: 10, threads: 8}
)

const (
	saltSize = 16 // bytes
	hashSize = 32
)

// hashing has room for as many hashes at a time as there are processors, so
// that a burst of sign-ins queues up and does not eat the memory.
var hashing = make(chan struct{}, runtime.NumCPU())

func (a argon) hash(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	// Keyboards differ in how they compose é or が.
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, a.time, a.memory, a.threads, hashSize)
}

// HashPassword returns the PHC string of the password under argon2id and a
// fresh salt. It fails only when random does.
func HashPassword(random io.Reader, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", err
	}
	return phc(current, salt, current.hash(password, salt)), nil
}

// CheckPassword says whether phc is the hash of password, and whether it was
// made at other costs than today's, so that it should be made anew now that
// the password is known. What is not a hash of HashPassword, as the empty one
// of an account without a password, costs the same and never fits.
func CheckPassword(phc, password string) (ok, outdated bool) {
	costs, salt, want, readable := parsePHC(phc)
	if !readable {
		_, salt, want, _ = parsePHC(DummyHash)
		costs = current
	}
	fits := subtle.ConstantTimeCompare(costs.hash(password, salt), want) == 1
	return fits && readable, costs != current
}

func phc(a argon, salt, hash []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.time, a.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash))
}

// parsePHC takes exactly what phc writes, at costs up to the dearest.
func parsePHC(s string) (a argon, salt, hash []byte, ok bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 {
		return argon{}, nil, nil, false
	}
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.time, &a.threads)
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	hash, hashErr := base64.RawStdEncoding.DecodeString(parts[5])
	ok = err == nil && saltErr == nil && hashErr == nil &&
		len(salt) == saltSize && len(hash) == hashSize &&
		a.time >= 1 && a.time <= dearest.time && a.threads >= 1 && a.threads <= dearest.threads &&
		a.memory >= 8*uint32(a.threads) && a.memory <= dearest.memory &&
		phc(a, salt, hash) == s
	return a, salt, hash, ok
}

// worst are the passwords of at least eight characters that are tried first.
var worst = []string{
	"12345678", "123456789", "1234567890", "0123456789", "87654321", "11111111", "00000000", "88888888",
	"66666666", "12341234", "11223344", "123123123", "147258369", "5201314520", "1314520520",
	"password", "password1", "passw0rd", "p@ssw0rd", "qwertyui", "qwertyuiop", "qwerty123", "asdfghjkl",
	"1q2w3e4r", "1qaz2wsx", "q1w2e3r4", "abcd1234", "abc12345", "a1234567", "a12345678", "a123456789",
	"aa123456", "admin123", "iloveyou", "woaini1314", "woaini520",
}

// PasswordFault says why a password will not do for this username; a zero Text
// means that it will.
func PasswordFault(username, password string) domain.Text {
	length := utf8.RuneCountInString(password)
	switch lower := strings.ToLower(password); {
	case length < 8:
		return domain.T("密码至少需要8个字符", "a password has at least 8 characters")
	case length > 128:
		return domain.T("密码不能超过128个字符", "a password has at most 128 characters")
	case lower == strings.ToLower(username):
		return domain.T("密码不能与用户名相同", "the password must differ from the username")
	case slices.Contains(worst, lower):
		return domain.T("该密码过于常见，请换一个", "this password is among the most common ones")
	}
	return domain.Text{}
}

// NewCode returns a one-time code of six digits, each code as likely as any
// other. It panics when random fails: there is no safe code then.
func NewCode(random io.Reader) string {
	n, err := rand.Int(random, big.NewInt(1_000_000))
	if err != nil {
		panic("account: no randomness for a code: " + err.Error())
	}
	return fmt.Sprintf("%06d", n)
}

// HashCode returns what is stored of a code sent to a normalised phone. There
// are so few codes that only the secret of the keys keeps them from being
// guessed out of a stolen store.
func HashCode(keys *personal.Keys, phone, code string) string {
	return keys.Index("code", phone+"/"+code)
}

// CheckCode says whether hash is the stored form of this code to this phone,
// in a time that does not tell how much of it fits.
func CheckCode(keys *personal.Keys, hash, phone, code string) bool {
	return secret.Equal(HashCode(keys, phone, code), hash)
}
