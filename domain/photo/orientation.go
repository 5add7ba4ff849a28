package photo

import (
	"encoding/binary"
	"image"
)

// segments calls visit with each marker segment of a JPEG before its first
// scan, until visit has seen enough.
func segments(jpeg []byte, visit func(marker byte, content []byte) (enough bool)) {
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xFF; {
		marker, size := jpeg[at+1], int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if marker == 0xDA || size < 2 || at+2+size > len(jpeg) || visit(marker, jpeg[at+4:at+2+size]) {
			return
		}
		at += 2 + size
	}
}

// progressive reports whether the picture comes in several scans (SOF2), or
// may: what is not read as baseline counts as the costlier kind.
func progressive(jpeg []byte) bool {
	out := true
	segments(jpeg, func(marker byte, _ []byte) bool {
		baseline := marker == 0xC0 || marker == 0xC1
		out = !baseline
		return baseline || marker == 0xC2
	})
	return out
}

// orientation reads the EXIF orientation (1–8) of a JPEG, 1 when there is
// none: a phone stores the picture as its sensor lies and says how to turn it
// (CIPA DC-008, tag 0x0112 of IFD0 in the APP1 segment).
func orientation(jpeg []byte) int {
	out := 1
	segments(jpeg, func(marker byte, segment []byte) bool {
		if marker != 0xE1 || len(segment) <= 14 || string(segment[:6]) != "Exif\x00\x00" {
			return false
		}
		out = orientationOf(segment[6:])
		return true
	})
	return out
}

func orientationOf(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	ifd := int(order.Uint32(tiff[4:]))
	if ifd < 8 || ifd+2 > len(tiff) {
		return 1
	}
	for i := range int(order.Uint16(tiff[ifd:])) {
		at := ifd + 2 + i*12
		if at+12 > len(tiff) {
			return 1
		}
		if order.Uint16(tiff[at:]) == 0x0112 {
			if o := int(order.Uint16(tiff[at+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}

// upright turns and mirrors the picture as the orientation says.
func upright(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := source(orientation, x, y, w, h)
			out.Set(x, y, img.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return out
}

// source is the pixel of the stored picture that belongs at x, y of the upright one, which is w by h.
func source(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return h - 1 - y, x
	}
	return x, y
}
