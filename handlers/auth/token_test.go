package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wangge/domain"
)

var (
	now     = time.Date(2026, 11, 20, 4, 0, 0, 600e6, time.UTC)
	someone = Claims{Account: "0190a2b4-0000-7000-8000-000000000001", Session: "0190a2b4-0000-7000-8000-000000000002"}
)

func segment(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// forge signs any header and payload, as text, with the current key.
func forge(k *KeySet, header, payload string) string {
	text := segment(header) + "." + segment(payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(k.ring.Load().private, []byte(text)))
}

func TestIssueAndVerify(t *testing.T) {
	k := newKeys(t)
	token, expires, err := k.Issue(someone, now)
	if err != nil {
		t.Fatal(err)
	}
	issued := now.Truncate(time.Second)
	want := Claims{someone.Account, someone.Session, issued, issued.Add(15 * time.Minute)}
	if !expires.Equal(want.ExpiresAt) || len(token) > 600 {
		t.Errorf("expires %v, %d bytes", expires, len(token))
	}
	for _, c := range []struct {
		at   time.Time
		want error
	}{
		{now, nil},
		{expires.Add(-time.Millisecond), nil},
		{expires, ErrExpired},
		{expires.Add(time.Hour), ErrExpired},
		{issued.Add(-30 * time.Second), nil},
		{issued.Add(-30*time.Second - time.Millisecond), ErrToken},
	} {
		got, err := k.Verify(token, c.at)
		if !errors.Is(err, c.want) || err == nil && got != want || err != nil && got != (Claims{}) {
			t.Errorf("at %v: %+v, %v; want %v", c.at, got, err, c.want)
		}
		if err != nil && !errors.Is(err, domain.ErrUnauthenticated) {
			t.Errorf("%v is not ErrUnauthenticated", err)
		}
	}
}

// payload is a good one; edits add, change or (with "") remove members, as raw JSON.
func payload(edits map[string]string) string {
	members := map[string]json.RawMessage{}
	for name, value := range map[string]string{
		"iss": `"wangge"`, "aud": `["wangge"]`, "sub": `"a"`, "sid": `"s"`,
		"iat": "1795147200", "nbf": "1795147200", "exp": "1795148100",
	} {
		members[name] = json.RawMessage(value)
	}
	for name, value := range edits {
		if members[name] = json.RawMessage(value); value == "" {
			delete(members, name)
		}
	}
	out, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(out)
}

// What the right key signed is still read strictly.
func TestVerifyReadsStrictly(t *testing.T) {
	k := newKeys(t)
	kid := k.ring.Load().Current
	header := `{"alg":"EdDSA","kid":"` + kid + `","typ":"JWT"}`
	good := payload(nil)
	for name, c := range map[string]struct {
		header, payload string
		want            error
	}{
		"as issued":              {header, good, nil},
		"aud as one text":        {header, payload(map[string]string{"aud": `"wangge"`}), nil},
		"a member of tomorrow's": {header, payload(map[string]string{"x": "1"}), nil},
		"no typ":                 {`{"alg":"EdDSA","kid":"` + kid + `"}`, good, nil},
		"other issuer":           {header, payload(map[string]string{"iss": `"other"`}), ErrToken},
		"no issuer":              {header, payload(map[string]string{"iss": ""}), ErrToken},
		"other audience":         {header, payload(map[string]string{"aud": `["other"]`}), ErrToken},
		"two audiences":          {header, payload(map[string]string{"aud": `["wangge","other"]`}), ErrToken},
		"no audience":            {header, payload(map[string]string{"aud": ""}), ErrToken},
		"no account":             {header, payload(map[string]string{"sub": ""}), ErrToken},
		"no session":             {header, payload(map[string]string{"sid": ""}), ErrToken},
		"no exp":                 {header, payload(map[string]string{"exp": ""}), ErrToken},
		"null exp":               {header, payload(map[string]string{"exp": "null"}), ErrToken},
		"no iat":                 {header, payload(map[string]string{"iat": ""}), ErrToken},
		"no nbf":                 {header, payload(map[string]string{"nbf": ""}), ErrToken},
		"iat in the future":      {header, payload(map[string]string{"iat": "1795147231"}), ErrToken},
		"nbf in the future":      {header, payload(map[string]string{"nbf": "1795147231"}), ErrToken},
		"a clock 30 s ahead":     {header, payload(map[string]string{"iat": "1795147230", "nbf": "1795147230"}), nil},
		"expired this second":    {header, payload(map[string]string{"exp": "1795147200"}), ErrExpired},
		"expired, other issuer":  {header, payload(map[string]string{"exp": "1", "iss": `"other"`}), ErrToken},
		"exp twice":              {header, `{"exp":1,` + good[1:], ErrToken},
		"exp in two cases":       {header, `{"EXP":1795148100,` + good[1:], ErrToken},
		"exp escaped":            {header, `{"\u0065xp":1,` + good[1:], ErrToken},
		"payload null":           {header, "null", ErrToken},
		"payload list":           {header, "[]", ErrToken},
		"payload text":           {header, `"x"`, ErrToken},
		"payload and more":       {header, good + "{}", ErrToken},
		"alg twice":              {`{"alg":"none",` + header[1:], good, ErrToken},
		"kid twice":              {`{"kid":"x",` + header[1:], good, ErrToken},
		"crit":                   {`{"crit":["b64"],` + header[1:], good, ErrToken},
		"own key":                {`{"jwk":{"kty":"OKP"},` + header[1:], good, ErrToken},
		"no kid":                 {`{"alg":"EdDSA","typ":"JWT"}`, good, ErrToken},
		"kid a path":             {`{"alg":"EdDSA","kid":"../../dev/null"}`, good, ErrToken},
		"kid a path to it":       {`{"alg":"EdDSA","kid":"./` + kid + `"}`, good, ErrToken},
		"kid with a zero":        {`{"alg":"EdDSA","kid":"` + kid + `\u0000"}`, good, ErrToken},
		"kid a list":             {`{"alg":"EdDSA","kid":["` + kid + `"]}`, good, ErrToken},
		"kid SQL":                {`{"alg":"EdDSA","kid":"' or 1=1 --"}`, good, ErrToken},
		"kid empty":              {`{"alg":"EdDSA","kid":""}`, good, ErrToken},
		"alg in lower case":      {`{"alg":"eddsa","kid":"` + kid + `"}`, good, ErrToken},
		"alg a list":             {`{"alg":["EdDSA"],"kid":"` + kid + `"}`, good, ErrToken},
		"no alg":                 {`{"kid":"` + kid + `"}`, good, ErrToken},
		"header null":            {"null", good, ErrToken},
		"too large":              {header, payload(map[string]string{"x": `"` + strings.Repeat("x", tokenSize) + `"`}), ErrToken},
	} {
		if _, err := k.Verify(forge(k, c.header, c.payload), now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestVerifyRefusesForgeries(t *testing.T) {
	k := newKeys(t)
	kid, public := k.ring.Load().Current, k.ring.Load().public[k.ring.Load().Current]
	good, _, err := k.Issue(someone, now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	stranger := newKeys(t)
	stranger.ring.Load().Current = kid // signs with its own key under our kid
	strange, _, _ := stranger.Issue(someone, now)
	bad := map[string]string{
		"empty":             "",
		"dots":              "..",
		"signature removed": parts[0] + "." + parts[1] + ".",
		"two segments":      parts[0] + "." + parts[1],
		"four segments":     good + ".x",
		"trailing garbage":  good + "AAAA",
		"trailing padding":  good + "==",
		"trailing newline":  good + "\n",
		"inner line break":  good[:10] + "\r\n" + good[10:],
		"leading space":     " " + good,
		"other alphabet":    parts[0] + "." + parts[1] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(parts[2]) + "=",
		"other last bits":   good[:len(good)-1] + string(good[len(good)-1]+1),
		"another's key":     strange,
		"a stranger's kid":  forge(newKeys(t), `{"alg":"EdDSA","kid":"`+kid+`","typ":"JWT"}`, payload(nil)),
		"payload exchanged": parts[0] + "." + segment(payload(nil)) + "." + parts[2],
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "none ", "", "null", "HS256", "ES256", "RS256", "Ed25519"} {
		header := segment(`{"alg":"` + alg + `","kid":"` + kid + `","typ":"JWT"}`)
		bad["alg "+alg+" unsigned"] = header + "." + parts[1] + "."
		bad["alg "+alg+" our signature"] = header + "." + parts[1] + "." + parts[2]
	}
	none := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"sub": "a"})
	bad["the library's none"], _ = none.SignedString(jwt.UnsafeAllowNoneSignatureType)
	x := base64.RawURLEncoding.EncodeToString(public)
	for name, secret := range map[string][]byte{"bytes": public, "x": []byte(x), "jwks": k.JWKS(), "nothing": {}} {
		for _, method := range []*jwt.SigningMethodHMAC{jwt.SigningMethodHS256, jwt.SigningMethodHS512} {
			forged := jwt.NewWithClaims(method, wire{jwt.RegisteredClaims{Issuer: party, Audience: jwt.ClaimStrings{party}, Subject: "a",
				IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime))}, "s"})
			forged.Header["kid"] = kid
			if bad[method.Alg()+" by the public key's "+name], err = forged.SignedString(secret); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, token := range bad {
		if _, err := k.Verify(token, now); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range len(good) {
		flipped := []byte(good)
		flipped[i] ^= 1
		if _, err := k.Verify(string(flipped), now); !errors.Is(err, ErrToken) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if _, err := k.Verify(good, now); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// Nothing but an issued token is ever accepted, to the byte.
func FuzzVerify(f *testing.F) {
	k := newKeys(f)
	good, expires, err := k.Issue(someone, now)
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for _, s := range []string{good, "", "..", parts[0] + "." + parts[1] + ".", parts[0] + "..", segment(`{"alg":"none"}`) + "." + parts[1] + ".",
		parts[0] + "." + segment("null") + "." + parts[2], good + "\n", forge(k, "{}", "{}"), segment("{") + "." + segment("[[[[") + ".x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, at := range []time.Time{now, expires} {
			claims, err := k.Verify(token, at)
			if token == good && at.Equal(now) != (err == nil) {
				t.Fatalf("the issued token at %v: %v", at, err)
			}
			if token != good && (!errors.Is(err, ErrToken) || claims != (Claims{})) {
				t.Fatalf("%q: %+v, %v", token, claims, err)
			}
		}
	})
}

func FuzzUnambiguous(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":1,"A":2}`, `[1,2]`, `{"a":{"b":1,"b":2}}`, `{"a"`, "null", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var object map[string]json.RawMessage
		if unambiguous(segment(text)) != nil || json.Unmarshal([]byte(text), &object) != nil {
			return
		}
		_, members, _ := strings.Cut(text, "{")
		for name := range object {
			again, err := json.Marshal(name)
			if err != nil {
				t.Fatal(err)
			}
			if twice := "{" + string(again) + ":0," + members; unambiguous(segment(twice)) == nil {
				t.Fatalf("%s passes", twice)
			}
		}
	})
}
