package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"wangge/domain"
)

// corner is a picture of w by h whose top left quarter is red, the rest blue.
func corner(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// asTaken lays a picture as a sensor would for an orientation, and says so in EXIF.
func asTaken(t *testing.T, upright image.Image, orientation int) []byte {
	t.Helper()
	w, h := upright.Bounds().Dx(), upright.Bounds().Dy()
	sw, sh := w, h
	if orientation >= 5 {
		sw, sh = h, w
	}
	stored := image.NewRGBA(image.Rect(0, 0, sw, sh))
	for y := range h {
		for x := range w {
			sx, sy := source(orientation, x, y, w, h)
			stored.Set(sx, sy, upright.At(x, y))
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, stored, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = append(tiff, 0, byte(orientation), 0, 0, 0, 0, 0, 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	head := []byte{0xFF, 0xD8, 0xFF, 0xE1}
	head = binary.BigEndian.AppendUint16(head, uint16(len(segment)+2))
	return append(append(head, segment...), buf.Bytes()[2:]...)
}

func TestEveryOrientationIsTurnedUpright(t *testing.T) {
	for o := 1; o <= 8; o++ {
		full, thumb, err := prepare(t.Context(), "resident", asTaken(t, corner(400, 200), o))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []sized{full, thumb} {
			if bytes.Contains(s.jpeg, []byte("Exif")) {
				t.Errorf("orientation %d: EXIF was kept", o)
			}
			img, err := jpeg.Decode(bytes.NewReader(s.jpeg))
			if err != nil {
				t.Fatal(err)
			}
			w, h := img.Bounds().Dx(), img.Bounds().Dy()
			if w != 2*h {
				t.Errorf("orientation %d: %d by %d, want twice as wide as high", o, w, h)
			}
			for _, at := range []struct {
				x, y int
				red  bool
			}{{w / 4, h / 4, true}, {3 * w / 4, h / 4, false}, {w / 4, 3 * h / 4, false}, {3 * w / 4, 3 * h / 4, false}} {
				r, _, b, _ := img.At(at.x, at.y).RGBA()
				if (r > b) != at.red {
					t.Errorf("orientation %d: at %d,%d red is %v", o, at.x, at.y, !at.red)
				}
			}
		}
	}
}

func TestPictureIsScaledDownNeverUp(t *testing.T) {
	var big, tiny bytes.Buffer
	if err := png.Encode(&big, corner(4000, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&tiny, corner(10, 30)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		content     []byte
		full, thumb image.Point
	}{
		{"large", big.Bytes(), image.Pt(1920, 480), image.Pt(320, 80)},
		{"tiny", tiny.Bytes(), image.Pt(10, 30), image.Pt(10, 30)},
	} {
		full, thumb, err := prepare(t.Context(), "resident", c.content)
		if err != nil || full.size != c.full || thumb.size != c.thumb {
			t.Errorf("%s: %v and %v (%v), want %v and %v", c.name, full.size, thumb.size, err, c.full, c.thumb)
		}
	}
}

func TestOtherContentIsRefused(t *testing.T) {
	var anim bytes.Buffer
	if err := gif.Encode(&anim, corner(10, 10), nil); err != nil {
		t.Fatal(err)
	}
	bomb := pngHeader(40_000, 40_000)
	whole := asTaken(t, corner(40, 20), 1)
	for name, content := range map[string][]byte{
		"empty": nil, "text": []byte("<svg/>"), "gif": anim.Bytes(), "bomb": bomb, "cut off": whole[:len(whole)/3],
	} {
		_, _, err := prepare(t.Context(), "resident", content)
		var invalid *domain.InvalidError
		if !errors.As(err, &invalid) || invalid.Fields[0].Pointer != "/file" {
			t.Errorf("%s: %v, want an InvalidError at /file", name, err)
		}
	}
}

// pngHeader is the beginning of a PNG that claims a size.
func pngHeader(w, h uint32) []byte {
	var buf bytes.Buffer
	_ = png.Encode(&buf, image.NewGray(image.Rect(0, 0, 1, 1)))
	b := buf.Bytes()
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	crc := crc32.ChecksumIEEE(b[12:29])
	binary.BigEndian.PutUint32(b[29:], crc)
	return b
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte{0xFF, 0xD8, 0xFF, 0xE1, 0, 20, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if o := orientation(b); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
