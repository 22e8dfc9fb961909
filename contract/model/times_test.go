//go:build go1.25

package model_test

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// noInstant stands for the zero time: never, not yet.
const noInstant modelInstant = math.MinInt64

const modelDay = 24 * time.Hour

// nominalAfter is the first occurrence after t, without its delay, of a job that counts from
// anchor. It tries one after the other where that takes few steps. Random jobs are not predicted.
func (s *modelSpec) nominalAfter(anchor, t modelInstant) modelInstant {
	switch s.kind {
	case kindDuration:
		steps := max(0, (t-anchor)/s.every)
		for anchor+steps*s.every <= t || steps == 0 {
			steps++
		}
		return anchor + steps*s.every
	case kindCron:
		return s.cron.after(max(anchor, t))
	case kindOwnCron:
		return t - (t%s.every+s.every)%s.every + s.every
	case kindDaily:
		return s.dailyAfter(anchor, t)
	case kindNthWeekday:
		return s.nthAfter(anchor, t)
	case kindManual:
		return noInstant
	case kindAnyOf:
		return s.anyAfter(anchor, t)
	default:
		panic("the caller knows better")
	}
}

// dailyAfter tries every at-time of every interval-th day from the anchor's.
func (s *modelSpec) dailyAfter(anchor, t modelInstant) modelInstant {
	day := dayOf(anchor)
	for ; ; day += time.Duration(s.interval) * modelDay {
		first := noInstant
		for _, at := range s.atTimes {
			if next := day + at; next > anchor && next > t && (first == noInstant || next < first) {
				first = next
			}
		}
		if first != noInstant {
			return first
		}
	}
}

// firstOf is the first of the instants that is after t.
func firstOf(instants []modelInstant, t modelInstant) modelInstant {
	first := noInstant
	for _, at := range instants {
		if at > t && (first == noInstant || at < first) {
			first = at
		}
	}
	return first
}

// A modelCron is the fields for seconds, minutes and hours of a crontab.
type modelCron [3]modelCronField

// A modelCronField is "*/every", or value if every is 0.
type modelCronField struct{ every, value int }

func (f modelCronField) matches(n int) bool {
	if f.every == 0 {
		return n == f.value
	}
	return n%f.every == 0
}

func (f modelCronField) String() string {
	switch f.every {
	case 0:
		return strconv.Itoa(f.value)
	case 1:
		return "*"
	default:
		return fmt.Sprintf("*/%d", f.every)
	}
}

func (c modelCron) String() string {
	return fmt.Sprintf("%s %s %s * * *", c[0], c[1], c[2])
}

// after tries every second.
func (c modelCron) after(t modelInstant) modelInstant {
	at := t.Truncate(time.Second)
	for {
		if at > t {
			second := int((at%modelDay + modelDay) % modelDay / time.Second)
			if c[0].matches(second%60) && c[1].matches(second/60%60) && c[2].matches(second/3600) {
				return at
			}
		}
		at += time.Second
	}
}
