package tiles

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"wangge/domain/access"
)

// Request is all that a tile depends on.
type Request struct {
	Actor          access.Actor
	Layer, Z, X, Y string // of the path
	AcceptEncoding string // headers, "" for none
	IfNoneMatch    string
	Now            time.Time
}

// Answer is the HTTP answer.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}

// ContentType of a tile.
const ContentType = "application/vnd.mapbox-vector-tile"

// key names one form of a tile's content.
type key struct {
	of   [sha256.Size]byte
	gzip bool
}

// String is the opaque part of the entity tag: half of the hash is plenty.
// The compressed form is another representation and has another tag.
func (k key) String() string {
	tag := hex.EncodeToString(k.of[:sha256.Size/2])
	if k.gzip {
		tag += "-gzip"
	}
	return tag
}

// matches reports whether an If-None-Match header names this form (RFC 9110, 13.1.2).
func (k key) matches(header string) bool {
	for _, tag := range strings.Split(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == `"`+k.String()+`"` {
			return true
		}
	}
	return false
}

// answer puts the headers to a body. Only the caller's own cache may keep it,
// and must ask again each time: that costs no drawing when it is unchanged.
func (k key) answer(status int, body []byte) *Answer {
	a := &Answer{status, map[string]string{"ETag": `"` + k.String() + `"`, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}, body}
	if body != nil {
		a.Header["Content-Type"] = ContentType
		if k.gzip {
			a.Header["Content-Encoding"] = "gzip"
		}
	}
	return a
}

// encode compresses a body where the key says so; nothing stays nothing. The
// fastest level makes a tile of 1,700 cells 5% larger than the usual one does,
// in less than half the time, and tiles with figures are drawn often.
func (k key) encode(body []byte) ([]byte, error) {
	if !k.gzip || body == nil {
		return body, nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// takesGzip reads an Accept-Encoding header: gzip by name, or by "*" where it
// is not named, unless its weight is 0.
func takesGzip(header string) bool {
	other := false
	for _, part := range strings.Split(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		q := 1.0
		if _, text, ok := strings.Cut(weight, "="); ok {
			var err error
			if q, err = strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil {
				continue
			}
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return q > 0
		case "*":
			other = q > 0
		}
	}
	return other
}
