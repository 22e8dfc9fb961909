package dashboard

import (
	"fmt"
	"time"
)

// The plot of durations, in units of the drawing.
const (
	plotWidth  = 600
	plotHeight = 120
	plotRuns   = 50 // of which each has room for its mark
)

// plot is the durations of a job's last runs, as bars from the left to the right. The tallest is as
// high as the drawing.
type plot struct {
	Bars    []bar
	Longest string
	Summary string // for those who do not see it
}

// bar is one run. A run that was not performed has the least height, and its mark.
type bar struct {
	X, Y, Width, Height string
	MarkX               string
	Look                look
	Text                string
}

func plotOf(runs []runFacts) (p plot) {
	runs = runs[max(0, len(runs)-plotRuns):]
	longest, performed := time.Duration(0), 0
	for _, run := range runs {
		longest = max(longest, run.took())
		if !run.StartedAt.IsZero() {
			performed++
		}
	}
	if performed == 0 {
		return p
	}
	p.Longest = duration(longest)
	p.Summary = fmt.Sprintf("Durations of the last %d runs, of which the longest took %s. The table has each of them.", len(runs), p.Longest)
	step := min(plotWidth/float64(len(runs)), 24)
	for i, run := range runs {
		height := 2.0
		if longest > 0 {
			height = max(height, plotHeight*float64(run.took())/float64(longest))
		}
		text := run.dated()
		if !run.StartedAt.IsZero() {
			text += "; took " + duration(run.took())
		}
		p.Bars = append(p.Bars, bar{
			X: units(float64(i) * step), Width: units(step * 0.8), MarkX: units((float64(i) + 0.4) * step),
			Y: units(plotHeight - height), Height: units(height), Look: lookOf(run.word()), Text: text,
		})
	}
	return p
}

func units(x float64) string { return fmt.Sprintf("%.1f", x) }
