package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// contender does one request of a kind; do blocks until it is answered.
type contender struct {
	name string
	do   func(client int) error
	cpu  func() time.Duration // that its process has used; nil where it is not one of its own

	before func() error // its turn; may be nil
}

// errNoMore: a contender has used up what there was to ask for.
var errNoMore = errors.New("nothing is left to ask for")

// turn is what one contender did in one turn.
type turn struct {
	rate  float64 // a second
	times []time.Duration
	cpu   time.Duration // of the contender's process; 0: not known
}

// take lets as many clients as said ask one thing after the other until the time is over.
func take(ctx context.Context, c contender, clients int, length time.Duration) (turn, error) {
	times, errs := make([][]time.Duration, clients), make([]error, clients)
	var spent time.Duration
	if c.cpu != nil {
		spent = c.cpu()
	}
	began := time.Now()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for now := time.Now(); now.Sub(began) < length && ctx.Err() == nil; {
				if errs[i] = c.do(i); errs[i] != nil {
					return
				}
				then := time.Now()
				times[i] = append(times[i], then.Sub(now))
				now = then
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	for _, err := range append(errs, ctx.Err()) {
		if err != nil && !errors.Is(err, errNoMore) {
			return turn{}, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	t := turn{times: slices.Concat(times...)}
	if c.cpu != nil {
		t.cpu = c.cpu() - spent
	}
	t.rate = float64(len(t.times)) / took.Seconds()
	return t, nil
}

// result is what one contender did of one kind of request.
type result struct {
	engine, request, contender string
	clients                    int
	rate                       float64 // a second, the median of the turns
	p50, p99                   time.Duration
	cpu                        time.Duration // of its process for a request, background and all; 0: not known
	ratio                      float64       // of our rate to this peer's, the median over the turns; 0 for ourselves
}

// turns lets contenders take turns; the first is the program.
func turns(ctx context.Context, o settings, engine, request string, clients int, who []contender) ([]result, error) {
	taken := make([][]turn, len(who))
	for r := -1; r < o.rounds; r++ {
		length := o.round
		if r < 0 { // opens connections and fills caches
			length /= 5
		}
		for i, c := range who {
			if c.before != nil {
				if err := c.before(); err != nil {
					return nil, err
				}
			}
			t, err := take(ctx, c, clients, length)
			if err != nil {
				return nil, err
			}
			if r >= 0 && len(t.times) > 0 {
				taken[i] = append(taken[i], t)
			}
		}
	}
	var out []result
	for i, c := range who {
		n := len(taken[i])
		if n == 0 {
			return nil, fmt.Errorf("%s did nothing of %s", c.name, request)
		}
		var rates, ratios []float64
		var times []time.Duration
		var cpu time.Duration
		for r, t := range taken[i] {
			cpu += t.cpu
			rates, times = append(rates, t.rate), append(times, t.times...)
			if r < len(taken[0]) {
				ratios = append(ratios, taken[0][r].rate/t.rate)
			}
		}
		slices.Sort(times)
		res := result{engine, request, c.name, clients, median(rates), times[len(times)/2], times[len(times)*99/100], cpu / time.Duration(len(times)), 0}
		if i > 0 {
			res.ratio = median(ratios)
		}
		out = append(out, res)
	}
	return out, nil
}

func median(of []float64) float64 {
	slices.Sort(of)
	n := len(of)
	return (of[(n-1)/2] + of[n/2]) / 2
}
