package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/geo"
)

// aYear is how long the history of the demonstration is.
const aYear = 365

// happened is how many tickets the year has beside those that are shown, and recent how many of a
// hundred came in its last month, where no hot spot is near: people have taken to reporting.
const (
	happened = 2300
	recent   = 30
)

// hotSpot is where more of something happens than elsewhere.
type hotSpot struct {
	category string
	at       orb.Point
	metres   float64 // where it is a third as bad
	times    float64 // so much more, in its middle
}

// hotSpots are made up, at places where one would not be surprised by them.
var hotSpots = []hotSpot{
	{"pipe_dispute", orb.Point{120.6310, 31.3155}, 260, 10}, // the lanes west of Pingjiang Road, with pipes of long ago
	{"pipe_dispute", orb.Point{120.6128, 31.3262}, 240, 8},  // Taohuawu
	{"safety_hazard", orb.Point{120.6352, 31.3118}, 240, 7}, // wooden houses
	{"parking", orb.Point{120.6222, 31.3115}, 260, 9},       // Guanqian, with its department stores
	{"parking", orb.Point{120.6070, 31.3385}, 280, 7},       // the railway station
	{"garage_rental", orb.Point{120.6430, 31.3210}, 300, 9}, // estates of the 1990s along the moat
	{"parking", orb.Point{120.7160, 31.3225}, 700, 8},       // malls at Jinji Lake
	{"noise", orb.Point{120.6290, 31.3015}, 260, 8},         // bars of Shiquan Street
	{"noise", orb.Point{120.6960, 31.3010}, 600, 8},         // and of Ligong Dyke
	{"property_fee", orb.Point{120.7420, 31.2780}, 900, 8},  // new estates in the south-east of the Park
	{"property_fee", orb.Point{120.7700, 31.3350}, 900, 7},  // and in its north-east
	{"garden_dispute", orb.Point{120.7950, 31.3000}, 900, 9},
	{"sanitation", orb.Point{120.6500, 31.3040}, 260, 7}, // a market
}

// usual is how often something happens, in the old town and in the Park: old houses have pipes, new estates fees.
var usual = map[string][2]float64{
	"property_fee": {3, 14}, "garage_rental": {5, 2}, "parking": {11, 12}, "garden_dispute": {4, 6}, "pipe_dispute": {14, 3},
	"noise": {9, 11}, "sanitation": {9, 6}, "safety_hazard": {8, 6}, "other": {6, 6},
}

// seasons are how much more or less there is of something in each month: pipes
// burst in January, fees are asked for at the turn of the year, windows are
// open in summer.
var seasons = map[string][12]float64{
	"pipe_dispute":   {3, 2, 1, .8, .8, 1.2, 1, .8, .7, .7, .8, 1.6},
	"noise":          {.5, .5, .7, .9, 1.2, 2, 2.4, 2.2, 1.4, .9, .6, .5},
	"property_fee":   {2, 1.4, .9, .7, .7, .7, .7, .7, .8, .8, 1, 2.2},
	"garden_dispute": {.3, .5, 1.4, 2, 2, 1.5, 1, .8, 1, .8, .5, .3},
	"sanitation":     {.8, .9, .9, 1, 1.1, 1.4, 1.8, 1.8, 1.2, .9, .8, .8},
	"safety_hazard":  {1.1, 1, .8, .8, .9, 1.6, 1.6, 1.4, 1, .8, .9, 1.2},
	"parking":        {1.2, 1.6, 1, 1, 1, .9, .9, .9, 1, 1.3, 1, 1},
}

// strongest of the seasons.
const strongest = 3

// worse is how many times as much of a category there is at a point.
func worse(category string, at orb.Point) float64 {
	times := 1.0
	for _, h := range hotSpots {
		if h.category == category {
			times += h.times * math.Exp(-math.Pow(geo.Distance(h.at, at)/h.metres, 2))
		}
	}
	return times
}

// likely is how often something happens in a cell, by category, and how many times as much as where no hot spot is near.
func likely(c *area.Cell, categories []policy.Category) (by []float64, heat float64) {
	place := 0
	if !strings.HasPrefix(c.Code, town) {
		place = 1
	}
	all, as := 0.0, 0.0
	for _, category := range categories {
		n := usual[category.Code][place]
		m := n * worse(category.Code, c.Centre)
		by, all, as = append(by, m), all+m, as+n
	}
	return by, all / as
}

// most is how many times as much as in the average one happens in a cell.
const most = 18

// shares divides tickets among cells by how much happens there: each has at least one, and all together so many.
func shares(weights []float64, total int) []int {
	sum, order, rest := 0.0, make([]int, len(weights)), total-len(weights)
	for _, n := range weights {
		sum += n
	}
	highest := most * sum / float64(len(weights))
	weights, sum = slices.Clone(weights), 0
	for i := range weights {
		weights[i] = min(weights[i], highest)
		sum, order[i] = sum+weights[i], i
	}
	out, over := make([]int, len(weights)), make([]float64, len(weights))
	given := 0
	for i, n := range weights {
		exact := n / sum * float64(rest)
		out[i] = 1 + int(exact)
		over[i] = exact - math.Floor(exact)
		given += out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(over[b], over[a]) })
	for _, i := range order[:total-given] {
		out[i]++
	}
	return out
}

// history is what happened in a year where people live.
func (w *filling) history(r *roll) (plots []plot) {
	rng := rand.New(rand.NewPCG(365, 17))
	categories := policy.Default().Categories
	var cells []*area.Cell
	var weights []float64
	for _, c := range w.Areas.Map().Cells() {
		if living := r.living[c.Code]; living > 0 {
			_, heat := likely(c, categories)
			much := heat * heat * heat * float64(living) * (0.2 + rng.ExpFloat64())
			switch {
			case strings.HasPrefix(c.Code, homeCommunity): // which has those that are shown
				much /= 2
			case strings.HasPrefix(c.Code, Home): // where the street manager looks first
				much *= 2
			}
			cells, weights = append(cells, c), append(weights, much)
		}
	}
	total := happened
	if w.size == Small {
		total = 5 * len(cells)
	}
	for i, n := range shares(weights, total) {
		by, heat := likely(cells[i], categories)
		late := min(recent*heat, 65)
		for range n {
			plots = append(plots, w.happening(rng, cells[i], r.homes[cells[i].Code], categories[pick(rng, by)], late))
		}
	}
	slices.SortStableFunc(plots, func(a, b plot) int { return a.start.Compare(b.start) })
	for i := range plots {
		plots[i].n = firstOfHistory + i
	}
	return plots
}

// firstOfHistory is the number of the first ticket of the year.
const firstOfHistory = 300_000

// pick is one of them, by its weight.
func pick(rng *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, n := range weights {
		sum += n
	}
	at := rng.Float64() * sum
	for i, n := range weights {
		if at -= n; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// happening is one ticket of the year, near a home of the cell; late of a hundred are of the last month.
func (w *filling) happening(rng *rand.Rand, c *area.Cell, homes []orb.Point, category policy.Category, late float64) plot {
	ago := time.Hour + time.Duration(rng.Int64N(int64(30*24*time.Hour)))
	if rng.Float64()*100 >= late {
		ago = w.season(rng, category.Code)
	}
	at := homes[rng.IntN(len(homes))]
	choice := titles[category.Code]
	p := plot{cell: c, at: at, category: category, title: choice[rng.IntN(len(choice))], pace: 1 + rng.IntN(20), start: w.now.Add(-ago).Truncate(time.Second)}
	p.until, p.answered = fate(rng, ago, category.AfterPhoto)
	at = orb.Point{at[0] + (rng.Float64()-0.5)*0.0002, at[1] + (rng.Float64()-0.5)*0.0002}
	if spot, ok := w.Areas.Map().Locate(at); ok && spot.Cell.ID == c.ID {
		p.at = at
	}
	neighbour := resident(w.record.Residents[residents+rng.IntN(len(w.record.Residents)-residents)])
	if p.reporter = w.staff.worker[c.ID]; p.answered || rng.IntN(2) == 0 {
		p.reporter = neighbour
	}
	return p
}

// season is how long ago something happened before the last month.
func (w *filling) season(rng *rand.Rand, category string) time.Duration {
	for {
		ago := 30*24*time.Hour + time.Duration(rng.Int64N(int64((aYear-30)*24*time.Hour)))
		all, known := seasons[category]
		if !known || rng.Float64()*strongest < all[w.now.Add(-ago).In(civil.Zone).Month()-1] {
			return ago
		}
	}
}

// fates are how many of a hundred tickets are open that are younger than so many days, and how far these are.
var fates = []struct {
	days, open int
	states     []ticket.State
}{
	{1, 96, []ticket.State{ticket.Reported, ticket.Reported, ticket.Accepted}},
	{4, 80, []ticket.State{ticket.Reported, ticket.Accepted, ticket.AwaitingReporter, ticket.Dispatched, ticket.InProgress}},
	{9, 50, []ticket.State{ticket.Accepted, ticket.Dispatched, ticket.InProgress, ticket.InProgress, ticket.Resolved}},
	{20, 26, []ticket.State{ticket.Dispatched, ticket.InProgress, ticket.InProgress, ticket.Suspended, ticket.Resolved}},
	{45, 12, []ticket.State{ticket.Dispatched, ticket.InProgress, ticket.InProgress}},
	{aYear + 1, 1, []ticket.State{ticket.InProgress}},
}

// fate is how far a ticket came in its time: of what is old nearly all is over,
// and the more so the older it is. What needs a photo to be resolved was long
// ago mostly answered: pictures of a year are much to keep.
func fate(rng *rand.Rand, ago time.Duration, photo bool) (until ticket.State, answered bool) {
	for _, f := range fates {
		if ago >= time.Duration(f.days)*24*time.Hour {
			continue
		}
		if rng.IntN(100) < f.open {
			return f.states[rng.IntN(len(f.states))], false
		}
		break
	}
	handled := 50
	if photo && ago > 60*24*time.Hour {
		handled = 8
	}
	switch n := rng.IntN(100); {
	case n < handled:
		return ticket.Closed, false
	case n < 84:
		return ticket.Closed, true
	case n < 91:
		return ticket.Rejected, false
	}
	return ticket.Withdrawn, false
}
