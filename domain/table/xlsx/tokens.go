package xlsx

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"math"
)

// Bounds of the XML of a part, far above what a workbook has: parsed it takes
// many times its bytes, which may have been packed to next to nothing.
const (
	tokenMost    = 256 << 10 // bytes of a tag, of a text or of a comment
	depthMost    = 100       // elements within each other
	elementsMost = 500_000   // of a part that is taken as a whole
)

var errDeep = errors.New("xlsx: too many elements within each other")

// tokens reads XML within the bounds.
type tokens struct {
	*bufio.Reader
	raw      *xml.Decoder
	left     int // bytes that the token may still have
	depth    int
	elements int // that may still begin
}

// bounded reads XML of any number of elements.
func bounded(ctx context.Context, r io.Reader) *xml.Decoder { return few(ctx, r, math.MaxInt) }

func few(ctx context.Context, r io.Reader, elements int) *xml.Decoder {
	t := &tokens{Reader: bufio.NewReader(timely{ctx, r}), elements: elements}
	t.raw = xml.NewDecoder(t)
	return xml.NewTokenDecoder(t)
}

// ReadByte is what the decoder reads by.
func (t *tokens) ReadByte() (byte, error) {
	if t.left--; t.left < 0 {
		return 0, errTooLarge
	}
	return t.Reader.ReadByte()
}

// Token returns the next one as it stands: the decoder that asks for it matches its ends.
func (t *tokens) Token() (xml.Token, error) {
	t.left = tokenMost
	token, err := t.raw.RawToken()
	switch token.(type) {
	case xml.StartElement:
		if t.depth++; t.depth > depthMost {
			return nil, errDeep
		}
		if t.elements--; t.elements < 0 {
			return nil, errTooLarge
		}
	case xml.EndElement:
		t.depth--
	}
	return token, err
}

// timely is a reader that ends when its time is up, however much there is to read.
type timely struct {
	ctx context.Context
	io.Reader
}

func (t timely) Read(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	return t.Reader.Read(p)
}
