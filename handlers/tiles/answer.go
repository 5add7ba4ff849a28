package tiles

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"wangge/domain/access"
	"wangge/handlers/web"
)

// Request is all that a tile depends on.
type Request struct {
	Actor          access.Actor
	Layer, Z, X, Y string // of the path
	Filter         Filter // of the layer of tickets
	AcceptEncoding string // headers, "" for none
	IfNoneMatch    string
	Now            time.Time
	At             time.Time // of the layer of cells: as they were then; zero: as they are
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

// tag is the entity tag: half of the hash is plenty.
// The compressed form is another representation and has another tag.
func (k key) tag() string {
	tag := hex.EncodeToString(k.of[:sha256.Size/2])
	if k.gzip {
		tag += web.Zipped
	}
	return `"` + tag + `"`
}

// answer puts the headers to a body. Only the caller's own cache may keep it,
// and must ask again each time: that costs no drawing when it is unchanged.
func (k key) answer(status int, body []byte) *Answer {
	a := &Answer{status, map[string]string{"ETag": k.tag(), "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}, body}
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
func (k key) encode(body []byte) []byte {
	if !k.gzip || body == nil {
		return body
	}
	return web.Gzip(body)
}
