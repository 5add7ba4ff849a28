package wire

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

// A time is a string of the layout whatever the zone, and reads as it was to the millisecond.
func TestTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		at := time.Unix(rng.Int64N(250_000_000_000)-60_000_000_000, rng.Int64N(1e9)).In(time.FixedZone("", rng.IntN(50_000)-25_000))
		text, err := json.Marshal(map[string]any{"at": Time(at), "also": []*Time{new(Time(at))}})
		want := at.UTC().Format(layout)
		if err != nil || string(text) != `{"also":["`+want+`"],"at":"`+want+`"}` {
			t.Fatalf("%s, want %s: %v", text, want, err)
		}
		var back struct{ At Time }
		if err := json.Unmarshal(text, &back); err != nil || !time.Time(back.At).Equal(at.Truncate(time.Millisecond)) {
			t.Fatalf("%s read as %s: %v", text, back.At, err)
		}
	}
}
