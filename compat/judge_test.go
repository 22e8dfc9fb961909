package compat

import (
	"fmt"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// judge compares two results. It names the row of the table that a difference
// belongs to, or says why the case fails.
func judge(c spec.Case, theirs, ours spec.Result) (row, why string) {
	if c.Kind == spec.Random && theirs.Err == "" && ours.Err == "" {
		return "", random(c, theirs, ours)
	}
	if why := disagrees(predict(c, c.Count+5), c, ours); why != "" {
		return "", "not what the model says: " + why
	}
	if text(theirs) == text(ours) {
		return "", ""
	}
	for _, d := range differences {
		if d.when != nil && d.when(c, theirs, ours) {
			return d.name, ""
		}
	}
	return "", "a difference that is in no row of the table"
}

// disagrees compares a result with the model.
func disagrees(m model, c spec.Case, r spec.Result) string {
	if r.Wedged || r.Died != "" || r.Panic != "" {
		return "no answer"
	}
	if never := c.Late && !m.ran && len(m.runs) == 0; never || r.Err != "" {
		if !never || !strings.Contains(r.Err, "has no occurrence") {
			return fmt.Sprintf("refused as it never runs: %v", never)
		}
		return ""
	}
	if r.Ran != m.ran {
		return fmt.Sprintf("ran at the start: %v", m.ran)
	}
	if gone := len(m.runs) == 0 && (c.Stop != nil || !m.ran); r.Gone != gone {
		return fmt.Sprintf("removed: %v", gone)
	}
	if next := m.at(0); r.Next != next {
		return "next run: " + next
	}
	for i := 0; i < c.Count; i++ {
		got := "zero"
		if i < len(r.Runs) {
			got = r.Runs[i]
		}
		if want := m.at(i); got != want {
			return fmt.Sprintf("run %d: %s", i, want)
		}
	}
	return disagreesFiring(m, r)
}

func disagreesFiring(m model, r spec.Result) string {
	for i, got := range r.Fired {
		if want := fmt.Sprintf("%s ran=true then %s", m.at(i), m.at(i+1)); got != want {
			return fmt.Sprintf("firing %d: %s", i, want)
		}
	}
	return ""
}

func (m model) at(i int) string {
	if i >= len(m.runs) {
		return "zero"
	}
	return spec.Show(m.runs[i])
}

// random checks both results of a random job against its bounds.
func random(c spec.Case, theirs, ours spec.Result) string {
	if why := outOfBounds(c, theirs); why != "" {
		return "theirs: " + why
	}
	if why := outOfBounds(c, ours); why != "" {
		return why
	}
	return ""
}

func outOfBounds(c spec.Case, r spec.Result) string {
	now := c.Now.Time()
	last, exact := now, time.Time{}
	if c.Start != nil && c.Start.How != spec.StartImmediately {
		if at := c.Start.At.Time(); at.After(now) {
			exact = at
		}
	}
	for i, s := range r.Runs {
		t := spec.Parse(s)
		low, high := last.Add(c.Min), last.Add(c.Max)
		switch {
		case i > 0:
		case !exact.IsZero():
			low, high = exact, exact
		case c.Start != nil && c.Start.How == spec.StartPast:
			low = now // the draws began in the past
		}
		if t.Before(low) || t.After(high) || c.Stop != nil && t.After(c.Stop.Time()) {
			return fmt.Sprintf("run %d of a random job is out of bounds", i)
		}
		last = t
	}
	return ""
}
