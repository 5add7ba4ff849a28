package photo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // a format that is taken

	"golang.org/x/image/draw"

	"wangge/domain"
)

const (
	fullEdge   = 1920 // pixels of the longer side
	thumbEdge  = 320
	quality    = 82
	weightMost = 256 << 20 // bytes that one picture takes while it is worked on
)

var (
	unreadable = domain.T("不是可读取的 JPEG 或 PNG 图片", "not a readable JPEG or PNG picture")
	tooLarge   = domain.T("图片像素过大", "the picture has too many pixels")
)

// workbench is how many pictures are worked on at once.
var workbench = make(chan struct{}, 2)

type sized struct {
	jpeg []byte
	size image.Point
}

// prepare decodes, turns upright, scales and encodes a picture.
// Errors: InvalidError at /file, ctx's while it waits for its turn.
func prepare(ctx context.Context, content []byte) (full, thumb sized, err error) {
	select {
	case workbench <- struct{}{}:
		defer func() { <-workbench }()
	case <-ctx.Done():
		return full, thumb, ctx.Err()
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || (format != "jpeg" && format != "png") {
		return full, thumb, domain.Invalid("/file", unreadable)
	}
	if cfg.Width < 1 || cfg.Height < 1 || int64(cfg.Width)*int64(cfg.Height) > weightMost/weight(content, cfg, format) {
		return full, thumb, domain.Invalid("/file", tooLarge)
	}
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

// weight is how many bytes a pixel takes at most while it is decoded. A
// progressive JPEG is held as coefficients of 32 bits until its last scan.
func weight(content []byte, cfg image.Config, format string) int64 {
	if format == "jpeg" {
		if progressive(content) {
			return 16
		}
		return 4
	}
	switch cfg.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return 8
	}
	return 4
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
