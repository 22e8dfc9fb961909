package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

const (
	pictureWidth = 760
	labelWidth   = 250
	barWidth     = 360
	barHeight    = 14
	lineHeight   = 28
	headHeight   = 44
)

// The colours have enough contrast on white and on dark grey.
const pictureStyle = `<style>
text { font: 14px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.note { fill: #59636e; font-size: 12px }
.track { fill: #d1d9e0 }
.bar { fill: #1f883d }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note { fill: #9198a1 }
  .track { fill: #3d444d }
  .bar { fill: #3fb950 }
}
</style>
`

// picture is a bar chart of the main ratios of ours to upstream, in SVG.
func (r *report) picture() string {
	var bars []string
	for _, row := range rows {
		if v, ok := row.quotient(r.results, upstream); ok && row.bar != "" {
			bars = append(bars, bar(headHeight+len(bars)*lineHeight, row.bar, v))
		}
	}
	height := headHeight + len(bars)*lineHeight + 8
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		pictureWidth, height, pictureWidth, height)
	s.WriteString("<title>What this scheduler takes, as a share of what gocron takes</title>\n")
	s.WriteString(pictureStyle)
	fmt.Fprintf(&s, `<text class="note" x="%d" y="24">grey: gocron %s; green: this scheduler; shorter is better</text>`+"\n",
		labelWidth, versionOfUpstream(r.machine.versions))
	s.WriteString(strings.Join(bars, ""))
	s.WriteString("</svg>\n")
	return s.String()
}

// bar is one line of the picture, at y.
func bar(y int, label string, ratio float64) string {
	width := math.Max(2, barWidth*math.Min(1, ratio))
	middle := y + barHeight - 2
	return fmt.Sprintf(`<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", labelWidth-12, middle, html.EscapeString(label)) +
		fmt.Sprintf(`<rect class="track" x="%d" y="%d" width="%d" height="%d" rx="3"/>`+"\n", labelWidth, y, barWidth, barHeight) +
		fmt.Sprintf(`<rect class="bar" x="%d" y="%d" width="%.1f" height="%d" rx="3"/>`+"\n", labelWidth, y, width, barHeight) +
		fmt.Sprintf(`<text x="%d" y="%d">%s</text>`+"\n", labelWidth+barWidth+12, middle, formatRatio(ratio))
}

// versionOfUpstream is the last word of the line about it.
func versionOfUpstream(versions []string) string {
	for _, line := range versions {
		if strings.Contains(line, "`"+upstream+"`") {
			return line[strings.LastIndex(line, " ")+1:]
		}
	}
	return ""
}
