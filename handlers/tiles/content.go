package tiles

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"

	"wangge/geo/tile"
)

// edition of how tiles are drawn; raised when the same content makes another
// tile, so that nobody goes on with the one they have.
const edition = 2

// stamp begins what is hashed of a tile.
func stamp(to []byte, layer string, id tile.ID) []byte {
	to = append(to, edition)
	for _, n := range []uint32{id.Z, id.X, id.Y} {
		to = binary.AppendUvarint(to, uint64(n))
	}
	return text(to, layer)
}

// text appends texts so that no two lists of them are alike.
func text(to []byte, all ...string) []byte {
	for _, s := range all {
		to = append(binary.AppendUvarint(to, uint64(len(s))), s...)
	}
	return to
}

// idBits: numbers up to 2^53 are whole in every client.
const idBits = 53

// featureID is the number of a feature: a code of at most 15 digits itself,
// else 53 bits of its hash. Clients tell features of different codes apart by
// it; what the code is, they read in the properties.
func featureID(code string) uint64 {
	if len(code) <= 15 && !strings.HasPrefix(code, "0") {
		if n, err := strconv.ParseUint(code, 10, idBits); err == nil {
			return n
		}
	}
	hash := sha256.Sum256([]byte(code))
	return binary.BigEndian.Uint64(hash[:]) >> (64 - idBits)
}
