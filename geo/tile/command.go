package tile

import "encoding/binary"

// Commands of a geometry, for as many points as the rest says: id | count<<3.
const (
	moveToOne = 1 | 1<<3
	lineTo    = 2
	closePath = 7 | 1<<3
)

// zigzag keeps numbers near zero small, whatever their sign.
func zigzag(v int64) uint64 { return uint64(v)<<1 ^ uint64(v>>63) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func appendPoint(to []byte, p point) []byte {
	to = binary.AppendUvarint(to, zigzag(p.x))
	return binary.AppendUvarint(to, zigzag(p.y))
}

// appendRings writes rings, each at least three points and without its first
// one again, as commands relative to a cursor.
func appendRings(to []byte, rings [][]point, cursor point) []byte {
	move := func(p point) {
		to = appendPoint(to, point{p.x - cursor.x, p.y - cursor.y})
		cursor = p
	}
	for _, ring := range rings {
		to = append(to, moveToOne)
		move(ring[0])
		to = binary.AppendUvarint(to, lineTo|uint64(len(ring)-1)<<3)
		for _, p := range ring[1:] {
			move(p)
		}
		to = append(to, closePath)
	}
	return to
}

// readRings reads what appendRings wrote, into the room of rings and points.
func readRings(from []byte, cursor point, rings [][]point, points []point) ([][]point, []point) {
	number := func() uint64 {
		v, n := binary.Uvarint(from)
		from = from[n:]
		return v
	}
	next := func() {
		cursor.x += unzigzag(number())
		cursor.y += unzigzag(number())
		points = append(points, cursor)
	}
	for len(from) > 0 {
		start := len(points)
		number() // MoveTo
		next()
		for range number() >> 3 {
			next()
		}
		number() // ClosePath
		rings = append(rings, points[start:len(points):len(points)])
	}
	return rings, points
}
