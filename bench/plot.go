package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

const (
	barHeight  = 14
	labelWidth = 330
	barsWidth  = 560
)

// plot draws the rates as bars, on a logarithmic scale: one for each line of the table.
func plot(all []result) string {
	var b strings.Builder
	most := 10.0
	for _, r := range all {
		most = max(most, r.rate)
	}
	decades := math.Ceil(math.Log10(most))
	x := func(rate float64) float64 { return math.Log10(max(rate, 1)) / decades * barsWidth }
	height := barHeight*len(all) + 40
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n", labelWidth+barsWidth+80, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/><text x="%d" y="14">requests a second</text>`+"\n", labelWidth)
	for d := 0.0; d <= decades; d++ {
		at := labelWidth + x(math.Pow(10, d))
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="30" y2="%d" stroke="#ccc"/><text x="%.1f" y="27" text-anchor="middle">%.0f</text>`+"\n", at, at, height, at, math.Pow(10, d))
	}
	for i, r := range all {
		y, colour := 32+i*barHeight, "#b9c4cf"
		if r.contender == "wangge" {
			colour = "#1f77b4"
		}
		label := fmt.Sprintf("%s, %s, %d: %s", r.engine, r.request, r.clients, r.contender)
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%.0f</text>`+"\n",
			labelWidth-6, y+barHeight-4, html.EscapeString(label), labelWidth, y+1, x(r.rate), barHeight-2, colour, labelWidth+x(r.rate)+4, y+barHeight-4, r.rate)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
