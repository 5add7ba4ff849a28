package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"strings"
	"testing"
	"testing/synctest"

	"wangge/domain"
)

// An account that sends many pictures has one of them in work, and takes no
// place from a colleague's; who gives up while waiting leaves nothing behind.
func TestOnePictureOfEachAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLimiter()
		flooded, stop := context.WithCancel(t.Context())
		begun := make(chan func(), 12)
		for range 12 {
			go func() {
				leave, err := w.acquire(flooded, "flood")
				if err == nil {
					begun <- leave
				} else if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if len(begun) != 1 {
			t.Fatalf("%d pictures of one account are in work", len(begun))
		}
		leave, err := w.acquire(t.Context(), "colleague")
		if err != nil {
			t.Fatal(err)
		}
		go func() { // a third account: both places are taken
			leave, err := w.acquire(t.Context(), "other")
			if err != nil {
				t.Error(err)
			}
			begun <- leave
		}()
		synctest.Wait()
		if len(begun) != 1 {
			t.Fatal("three pictures are in work")
		}
		leave()
		synctest.Wait()
		if len(begun) != 2 {
			t.Fatal("a place that was left is not taken")
		}
		(<-begun)()
		synctest.Wait() // the flood's next one begins
		if len(begun) != 2 {
			t.Fatalf("%d pictures are in work", len(begun))
		}
		stop()
		synctest.Wait()
		(<-begun)()
		(<-begun)()
		if len(w.queues) != 0 || len(w.places) != 0 {
			t.Errorf("%d accounts and %d places are still taken", len(w.queues), len(w.places))
		}
	})
}

// sizedJPEG claims a size and the kind of its scans.
func sizedJPEG(t *testing.T, w, h int, frame byte) []byte {
	t.Helper()
	content := asTaken(t, corner(40, 20), 6)
	at := bytes.Index(content, []byte{0xFF, 0xC0})
	if at < 0 {
		t.Fatal("no frame in the JPEG")
	}
	content[at+1] = frame
	binary.BigEndian.PutUint16(content[at+5:], uint16(h))
	binary.BigEndian.PutUint16(content[at+7:], uint16(w))
	return content
}

// What phones take passes; what would take too much memory is refused by its
// head alone, before anything is decoded, and the limit is named.
func TestMegapixels(t *testing.T) {
	deep := asPNG(t, image.NewNRGBA64(image.Rect(0, 0, 4, 4)))
	for _, c := range []struct {
		name    string
		content []byte
		refused string // contained in what is said
	}{
		{"12 megapixels", sizedJPEG(t, 4032, 3024, 0xC0), ""},
		{"50 megapixels", sizedJPEG(t, 8192, 6144, 0xC0), ""},
		{"64 megapixels", sizedJPEG(t, 9248, 6936, 0xC0), ""},
		{"108 megapixels", sizedJPEG(t, 12000, 9000, 0xC0), "108.0 megapixels; a JPEG may have 65"},
		{"progressive", sizedJPEG(t, 4608, 3456, 0xC2), ""},
		{"large progressive", sizedJPEG(t, 8000, 6000, 0xC2), "48.0 megapixels; a progressive JPEG may have 16"},
		{"a long screenshot", pngHeader(1080, 19000), ""},
		{"a PNG of 65 megapixels", pngHeader(10000, 6500), "65.0 megapixels; a PNG may have 21"},
		{"16 bits a channel", deep, ""},
		{"too many bytes", make([]byte, BytesMost+1), "may have 20 MB"},
	} {
		_, err := inspect(c.content)
		var invalid *domain.InvalidError
		if refused := errors.As(err, &invalid); refused != (c.refused != "") || refused && !strings.Contains(invalid.Fields[0].Detail.EN, c.refused) {
			t.Errorf("%s: %v, want %q", c.name, err, c.refused)
		}
	}
}
