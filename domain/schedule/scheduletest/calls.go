package scheduletest

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"time"

	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/photo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// AtDoor is a check-in at the door of a household, or so many metres north of it.
func AtDoor(h *household.Household, metres float64) visit.Arrival {
	p, accuracy := h.Position.At(), 10.0
	p[1] += metres / 111_195
	return visit.Arrival{ID: ids.New(), Household: h.ID, Channel: visit.Home, Position: &p, Datum: geo.WGS84, AccuracyM: &accuracy}
}

func (w *World) CheckIn(who string, now time.Time, in visit.Arrival) *visit.Stop {
	w.T.Helper()
	return worldtest.Must(w.Stops.CheckIn(w.T.Context(), w.AsAt(who, now), now, in))(w.T)
}

func (w *World) Complete(who string, now time.Time, stop *visit.Stop, in visit.Completion) *visit.Stop {
	w.T.Helper()
	return worldtest.Must(w.Stops.Complete(w.T.Context(), w.AsAt(who, now), now, stop.ID, 0, in, nil))(w.T)
}

// Called is a stop with an outcome, ten minutes long.
func (w *World) Called(who string, now time.Time, h *household.Household, r visit.Result) *visit.Stop {
	w.T.Helper()
	in := AtDoor(h, 10)
	in.OnTheSpot = true
	return w.Complete(who, now.Add(10*time.Minute), w.CheckIn(who, now, in), visit.Completion{Result: r})
}

// Upload stores a picture of somebody's; another colour is another picture.
func (w *World) Upload(who string, shade uint8) string {
	w.T.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		w.T.Fatal(err)
	}
	return worldtest.Must(photo.New(w.Store).Add(w.T.Context(), w.As(who), Noon, ids.New(), [2]string{ids.New(), ids.New()}, b.Bytes()))(w.T).ID
}

// Pointers are the fields that an InvalidError names, in order.
func Pointers(err error) string {
	fields := worldtest.Pointers(err)
	slices.Sort(fields)
	return strings.Join(fields, " ")
}
