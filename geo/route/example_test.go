package route_test

import (
	"context"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo/route"
)

func ExampleFind() {
	metres, err := route.Metres([]orb.Point{
		{120.6200, 31.3100}, // the station, where the walker sets out
		{120.6260, 31.3120},
		{120.6210, 31.3110},
		{120.6240, 31.3150},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))
	r, err := route.Find(context.Background(), route.Problem{
		Metres: metres,
		End:    0, // and returns
		Depart: nine,
		Speed:  1.2,
		Windows: []route.Window{
			{},
			{Earliest: nine.Add(30 * time.Minute), Latest: nine.Add(time.Hour), Service: 10 * time.Minute},
			{Service: 5 * time.Minute},
			{Latest: nine.Add(15 * time.Minute), Service: 5 * time.Minute},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, leg := range r.Legs {
		fmt.Printf("to %d: %3.0f m, at %s, waits %v\n", leg.To, leg.Metres, leg.Arrive.Format("15:04"), leg.Wait.Round(time.Minute))
	}
	fmt.Printf("%.0f m, late by %v\n", r.Metres, r.Late)
	// Output:
	// to 2: 146 m, at 09:02, waits 0s
	// to 3: 528 m, at 09:14, waits 0s
	// to 1: 384 m, at 09:24, waits 5m0s
	// to 0: 612 m, at 09:48, waits 0s
	// 1670 m, late by 0s
}
