package visit

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/photo"
	"wangge/geo"
)

// arrival is a check-in at the door of a household, or so many metres north of it.
func arrival(h *household.Household, metres float64) Arrival {
	p, accuracy := h.Position.At(), 10.0
	p[1] += metres / 111_195
	return Arrival{ID: ids.New(), Household: h.ID, Channel: Home, Position: &p, Datum: geo.WGS84, AccuracyM: &accuracy}
}

func (w *world) checkIn(who string, now time.Time, in Arrival) *Stop {
	w.t.Helper()
	return must(w.Stops.CheckIn(w.t.Context(), w.asAt(who, now), now, in))(w.t)
}

func (w *world) complete(who string, now time.Time, stop *Stop, in Completion) *Stop {
	w.t.Helper()
	return must(w.Stops.Complete(w.t.Context(), w.asAt(who, now), now, stop.ID, 0, in, nil))(w.t)
}

// called is a stop with an outcome, ten minutes long.
func (w *world) called(who string, now time.Time, h *household.Household, r Result) *Stop {
	w.t.Helper()
	in := arrival(h, 10)
	in.OnTheSpot = true
	return w.complete(who, now.Add(10*time.Minute), w.checkIn(who, now, in), Completion{Result: r})
}

// upload stores a picture of somebody's; another colour is another picture.
func (w *world) upload(who string, shade uint8) string {
	w.t.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = color.Gray{shade}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		w.t.Fatal(err)
	}
	return must(photo.New(w.st).Add(w.t.Context(), w.as(who), noon, ids.New(), [2]string{ids.New(), ids.New()}, b.Bytes()))(w.t).ID
}

// pointers are the fields that an InvalidError names.
func pointers(err error) string {
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		return ""
	}
	var out []string
	for _, f := range bad.Fields {
		out = append(out, f.Pointer)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// code is what a ConflictError says.
func code(err error) string {
	var conflict *domain.ConflictError
	if errors.As(err, &conflict) {
		return conflict.Code
	}
	return ""
}
