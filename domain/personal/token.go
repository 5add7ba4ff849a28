package personal

import "encoding/base64"

// Token is the sealed value as a client carries it and gives it back.
func (s Sealed) Token() string {
	head := append([]byte{byte(len(s.Key))}, s.Key...)
	return base64.RawURLEncoding.EncodeToString(append(head, s.Data...))
}

// ParseToken reads a Token; false for what is none. Whether it opens, Open tells.
func ParseToken(text string) (Sealed, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || len(raw) <= 1+int(raw[0]) {
		return Sealed{}, false
	}
	return Sealed{Key: string(raw[1 : 1+raw[0]]), Data: raw[1+raw[0]:]}, true
}
