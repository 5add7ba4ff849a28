package geo

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// cut is a line between two vertices of a face. The piece along the ring from
// the first to the second takes the first so many parts.
type cut struct {
	from, to int
	parts    int
	cost     float64
}

// best looks for the cut of least cost among lines across the face in two
// directions, at about right angles as streets are.
func (c *cutter) best(f face, parts []int) (cut, error) {
	s := c.newSearch(f, parts)
	north := (5 + 4*c.rng.NormFloat64()) * math.Pi / 180 // a little off the meridian, as old towns lie
	for _, quarter := range []float64{0, 1, 0.1, 1.1, -0.1, 0.9} {
		s.across(north + quarter*math.Pi/2)
	}
	if s.found.parts == 0 { // an odd shape: whatever two vertices see each other
		for j := range f.ring {
			for i := range j {
				s.try(i, j)
			}
		}
	}
	if s.found.parts == 0 {
		return cut{}, errors.New("a piece cannot be cut further: its cells would be narrower than its edges are long")
	}
	return s.found, nil
}

// search compares the cuts of one face.
type search struct {
	*cutter
	face        face
	sample      []vertex     // some of its points
	sampleM2    float64      // the weight of each
	metric      [][2]float64 // the ring in metres
	shares      []float64    // of the first 1, 2, … parts, of all but the last
	area, total float64      // square metres, without and with points
	tried       map[[2]int]bool
	found       cut
}

func (c *cutter) newSearch(f face, parts []int) *search {
	s := &search{cutter: c, face: f, sample: f.points, sampleM2: c.pointM2, area: c.area(&f),
		tried: map[[2]int]bool{}, found: cut{cost: math.Inf(1)}}
	const enough = 500
	if every := len(f.points) / enough; every > 1 {
		s.sample = nil
		for i := 0; i < len(f.points); i += every {
			s.sample = append(s.sample, f.points[i])
		}
		s.sampleM2 *= float64(len(f.points)) / float64(len(s.sample))
	}
	s.total = s.area + float64(len(s.sample))*s.sampleM2
	for _, v := range f.ring {
		s.metric = append(s.metric, [2]float64{
			(float64(v.x) - float64(f.ring[0].x)) * c.east, (float64(v.y) - float64(f.ring[0].y)) * c.north})
	}
	all := float64(sumOf(parts))
	for k := 1; k < len(parts); k++ {
		s.shares = append(s.shares, float64(sumOf(parts[:k]))/all)
	}
	return s
}

func sumOf(parts []int) (n int) {
	for _, p := range parts {
		n += p
	}
	return n
}

// across tries the chords of parallel lines in a direction (radians), moved
// to the vertices near their ends.
func (s *search) across(direction float64) {
	sin, cos := math.Sincos(direction)
	low, high := math.Inf(1), math.Inf(-1)
	offset := make([]float64, len(s.metric))
	for i, m := range s.metric {
		offset[i] = m[1]*cos - m[0]*sin
		low, high = min(low, offset[i]), max(high, offset[i])
	}
	type crossing struct {
		along float64
		edge  int
	}
	const lines = 16
	for step := 1; step < lines; step++ {
		line := low + (high-low)*float64(step)/lines
		var crossings []crossing
		for i, a := range s.metric {
			j := (i + 1) % len(s.metric)
			if (offset[i] < line) != (offset[j] < line) {
				t := (line - offset[i]) / (offset[j] - offset[i])
				x, y := a[0]+t*(s.metric[j][0]-a[0]), a[1]+t*(s.metric[j][1]-a[1])
				crossings = append(crossings, crossing{x*cos + y*sin, i})
			}
		}
		slices.SortFunc(crossings, func(a, b crossing) int { return cmp.Compare(a.along, b.along) })
		for k := 0; k+1 < len(crossings); k += 2 {
			for end := range 4 {
				i := (crossings[k].edge + end&1) % len(s.metric)
				j := (crossings[k+1].edge + end>>1) % len(s.metric)
				s.try(min(i, j), max(i, j))
			}
		}
	}
}

// try costs the cut from vertex i to vertex j and keeps it if it is the best yet.
func (s *search) try(i, j int) {
	f := &s.face
	if s.tried[[2]int{i, j}] || j-i < 2 || j-i > len(f.ring)-2 {
		return
	}
	s.tried[[2]int{i, j}] = true
	if !f.opensTo(i, f.ring[j]) || !f.opensTo(j, f.ring[i]) || !f.clear(f.ring[i], f.ring[j], i, j) {
		return
	}
	left, right := f.piece(i, j, nil), f.piece(j, i, nil)
	weight := s.area - s.cutter.area(&right)
	side := left.chain()
	for _, p := range s.sample {
		if side.contains(int64(p.x), int64(p.y)) {
			weight += s.sampleM2
		}
	}
	share := weight / s.total
	shape := 0.35*(s.elongation(&left)+s.elongation(&right)) +
		0.8*s.length(f.ring[i], f.ring[j])/math.Sqrt(s.area) +
		0.7*(s.sharpness(i, j)+s.sharpness(j, i))
	for k, want := range s.shares {
		missed := math.Abs(share-want) / min(want, 1-want)
		if cost := shape + 3*missed + math.Abs(want-0.5); cost < s.found.cost {
			s.found = cut{i, j, k + 1, cost}
		}
	}
}

// sharpness is 0 for a cut that leaves the ring at vertex i at half a right
// angle or more, up to 1 for one along an edge.
func (s *search) sharpness(i, j int) float64 {
	n := len(s.metric)
	heading := func(k int) float64 {
		return math.Atan2(s.metric[k][1]-s.metric[i][1], s.metric[k][0]-s.metric[i][0])
	}
	worst := 0.0
	for _, k := range []int{(i + 1) % n, (i + n - 1) % n} {
		angle := math.Abs(math.Remainder(heading(j)-heading(k), 2*math.Pi))
		worst = max(worst, 1-angle/(math.Pi/4))
	}
	return worst
}

// elongation is 0 for a piece as wide as it is high, measured by its box.
func (c *cutter) elongation(f *face) float64 {
	box := f.chain()
	w, h := float64(box.maxX-box.minX)*c.east, float64(box.maxY-box.minY)*c.north
	return max(w, h)/max(min(w, h), 1) - 1
}

func (c *cutter) area(f *face) float64 { return float64(f.twiceArea()) / 2 * c.east * c.north }

func (c *cutter) length(a, b vertex) float64 {
	return math.Hypot((float64(a.x)-float64(b.x))*c.east, (float64(a.y)-float64(b.y))*c.north)
}

// street bends the straight cut: vertices at about a fifth of a cell's width,
// shifted sideways a little by a slow arc and a quick wobble. Bends that would
// leave the face are tried again, flatter each time.
func (c *cutter) street(f face, line cut, cells int) []vertex {
	a, b := f.ring[line.from], f.ring[line.to]
	length := c.length(a, b)
	step := math.Sqrt(c.area(&f)/float64(cells)) / 5
	pieces := max(2, int(math.Round(length/step)))
	arc := 0.04 * length * c.rng.NormFloat64()
	arc = min(max(arc, -1.5*step), 1.5*step)
	dx, dy := float64(b.x)-float64(a.x), float64(b.y)-float64(a.y)
	for wobble := 1.0; wobble > 0.05; wobble /= 2 {
		way := make([]vertex, 0, pieces-1)
		drift := 0.0
		for k := 1; k < pieces; k++ {
			if c.rng.IntN(3) == 0 { // a street runs straight for a while, then jogs
				drift = 0.22 * step * c.rng.NormFloat64()
			}
			t := (float64(k) + 0.3*(c.rng.Float64()-0.5)) / float64(pieces)
			aside := wobble * (arc*math.Sin(math.Pi*t) + drift) / length
			way = append(way, vertex{
				int32(math.Round(float64(a.x) + t*dx - aside*dy*c.north/c.east)),
				int32(math.Round(float64(a.y) + t*dy + aside*dx*c.east/c.north))})
		}
		if f.allows(way, line.from, line.to) {
			return way
		}
	}
	return nil
}

// allows reports whether the way from vertex i to vertex j stays inside and
// off the ring.
func (f *face) allows(way []vertex, i, j int) bool {
	if !f.opensTo(i, way[0]) || !f.opensTo(j, way[len(way)-1]) {
		return false
	}
	if !f.clear(f.ring[i], way[0], i, -1) || !f.clear(way[len(way)-1], f.ring[j], -1, j) {
		return false
	}
	for k := 1; k < len(way); k++ {
		if way[k] == way[k-1] || !f.clear(way[k-1], way[k], -1, -1) {
			return false
		}
	}
	return true
}

func reversed(way []vertex) []vertex {
	way = slices.Clone(way)
	slices.Reverse(way)
	return way
}
