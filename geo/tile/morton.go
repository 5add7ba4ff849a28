package tile

// morton interleaves the bits of a position, neither coordinate negative. In
// the order of these numbers every square of the pyramid is one run, and
// dropping the last two bits gives the position one zoom up.
func morton(p point) uint64 { return spread(uint32(p.x)) | spread(uint32(p.y))<<1 }

// place is the position of a number of morton.
func place(code uint64) point { return point{int64(gather(code)), int64(gather(code >> 1))} }

// spread puts bit i of v at bit 2i.
func spread(v uint32) uint64 {
	w := uint64(v)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f0f0f0f0f
	w = (w | w<<2) & 0x3333333333333333
	return (w | w<<1) & 0x5555555555555555
}

// gather takes bit 2i of w to bit i.
func gather(w uint64) uint32 {
	w &= 0x5555555555555555
	w = (w | w>>1) & 0x3333333333333333
	w = (w | w>>2) & 0x0f0f0f0f0f0f0f0f
	w = (w | w>>4) & 0x00ff00ff00ff00ff
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint32(w | w>>16)
}
