package photo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // a format that is taken

	"golang.org/x/image/draw"

	"wangge/domain"
)

const (
	fullEdge  = 1920 // pixels of the longer side
	thumbEdge = 320
	quality   = 82
)

// BytesMost is how large a picture's file may be: phones of 50 megapixels make up to this.
const BytesMost = 20 << 20

var unreadable = domain.T("不是可读取的 JPEG 或 PNG 图片", "not a readable JPEG or PNG picture")

// kind is a way of storing pictures and how many million pixels of it are
// decoded: at most 256 MB of memory for each. A progressive JPEG is held as
// coefficients, 16 bytes a pixel, until its last scan; a plain one takes 4,
// a PNG up to 12 (16 bits a channel, interlaced).
type kind struct {
	name       domain.Text
	megapixels int
}

var (
	plainJPEG       = kind{domain.T("JPEG", "a JPEG"), 65}
	progressiveJPEG = kind{domain.T("渐进式 JPEG", "a progressive JPEG"), 16}
	anyPNG          = kind{domain.T("PNG", "a PNG"), 21}
)

// Megapixels are what a plain JPEG, a progressive one and a PNG may have.
func Megapixels() (jpeg, progressive, png int) {
	return plainJPEG.megapixels, progressiveJPEG.megapixels, anyPNG.megapixels
}

var bench = newLimiter()

type sized struct {
	jpeg []byte
	size image.Point
}

// prepare decodes, turns upright, scales and encodes a picture of the account.
// Errors: InvalidError at /file, ctx's while it waits for its turn.
func prepare(ctx context.Context, account string, content []byte) (full, thumb sized, err error) {
	format, err := inspect(content)
	if err != nil {
		return full, thumb, err
	}
	leave, err := bench.acquire(ctx, account)
	if err != nil {
		return full, thumb, err
	}
	defer leave()
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return full, thumb, domain.Invalid("/file", unreadable)
	}
	img = scaled(img, fullEdge)
	if format == "jpeg" {
		img = upright(img, orientation(content))
	}
	if full, err = encode(img); err != nil {
		return full, thumb, err
	}
	thumb, err = encode(scaled(img, thumbEdge))
	return full, thumb, err
}

// inspect reads the head of a picture, which says how much work the rest
// would be, and returns its format. Errors: InvalidError at /file.
func inspect(content []byte) (format string, err error) {
	if len(content) > BytesMost {
		return "", domain.Invalid("/file", domain.T(fmt.Sprintf("照片不能超过 %d MB", BytesMost>>20), fmt.Sprintf("a picture may have %d MB", BytesMost>>20)))
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || (format != "jpeg" && format != "png") || cfg.Width < 1 || cfg.Height < 1 {
		return "", domain.Invalid("/file", unreadable)
	}
	k := anyPNG
	if format == "jpeg" {
		if k = plainJPEG; progressive(content) {
			k = progressiveJPEG
		}
	}
	if pixels := int64(cfg.Width) * int64(cfg.Height); pixels > int64(k.megapixels)*1_000_000 {
		has := float64(pixels) / 1e6
		return "", domain.Invalid("/file", domain.T(
			fmt.Sprintf("图片有 %.1f 百万像素，%s 最多 %d 百万像素", has, k.name.ZH, k.megapixels),
			fmt.Sprintf("the picture has %.1f megapixels; %s may have %d", has, k.name.EN, k.megapixels)))
	}
	return format, nil
}

// scaled is the picture on white, its longer side at most edge.
func scaled(img image.Image, edge int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if longer := max(w, h); longer > edge {
		w, h = max(1, w*edge/longer), max(1, h*edge/longer)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	return out
}

func encode(img image.Image) (sized, error) {
	var buf bytes.Buffer
	err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality})
	return sized{buf.Bytes(), img.Bounds().Size()}, err
}
