package tile

import "slices"

// chains say which vertices are to be put into which edges.
type chains struct {
	network *network
	spans   []span // of inner, by the place of the edge in network.others, from the lesser vertex
	inner   []int32
}

type span struct{ from, to int32 }

// chains asks find once for every edge, from the lesser vertex to the greater;
// find appends what is to come in between, in that order.
func (g *graph) chains(find func(a, b int32, into []int32) []int32) *chains {
	c := &chains{network: g.network()}
	c.spans = make([]span, len(c.network.others))
	for a := range int32(len(g.points)) {
		first := c.network.first[a]
		for i, b := range c.network.of(a) {
			if a < b {
				from := int32(len(c.inner))
				c.inner = find(a, b, c.inner)
				c.spans[first+int32(i)] = span{from, int32(len(c.inner))}
			}
		}
	}
	return c
}

// append adds what comes between a and b, on the way from a.
func (c *chains) append(to []int32, a, b int32) []int32 {
	i, _ := slices.BinarySearch(c.network.of(min(a, b)), max(a, b))
	s := c.spans[c.network.first[min(a, b)]+int32(i)]
	start := len(to)
	to = append(to, c.inner[s.from:s.to]...)
	if a > b {
		slices.Reverse(to[start:])
	}
	return to
}

// rethread gives every vertex the number in renumbered and puts what chains
// say into the edges. Steps that stay where they are vanish.
func (g *graph) rethread(c *chains, renumbered []int32) {
	walks, rings := make([]int32, 0, len(g.walks)+len(c.inner)), make([]ring, 0, len(g.rings))
	for shape, walk := range g.walk() {
		start := len(walks)
		a := walk[len(walk)-1]
		for _, b := range walk {
			if a != b {
				walks = c.append(walks, a, b)
				walks = append(walks, renumbered[b])
			}
			a = b
		}
		kept := slices.Compact(walks[start:])
		for len(kept) > 1 && kept[0] == kept[len(kept)-1] {
			kept = kept[1:]
		}
		walks = append(walks[:start], kept...)
		if len(kept) > 0 {
			rings = append(rings, ring{shape, int32(len(walks))})
		}
	}
	g.walks, g.rings = walks, rings
}
