//go:build walltime && go1.25

package time_test

import (
	"testing"
	"testing/synctest"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// setWallOffset is in the package time of scripts/walltime only.
//
//go:linkname setWallOffset time.setWallOffset
func setWallOffset(time.Duration)

// On a real clock that is moved, in steps of many sizes, jobs with jitter and calendars have each
// of their occurrences once, and each at the time that NextRun has named.
func TestSynctestClockOverlayJitterAndCalendar(t *testing.T) {
	included := gocron.WithCalendar(gocron.BetweenHours(0, 0))
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		byWall     bool
	}{
		"jitter":            {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithJitter(50 * time.Minute)}, false},
		"jitter and start":  {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithJitter(50 * time.Minute), gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(1999, 12, 31, 23, 30, 0, 0, time.UTC)))}, false},
		"calendar":          {gocron.DurationJob(time.Hour), []gocron.JobOption{included}, true},
		"calendar and both": {gocron.DurationJob(time.Hour), []gocron.JobOption{included, gocron.WithJitter(50 * time.Minute)}, true},
		"@every":            {gocron.CronJob("@every 1h", false), []gocron.JobOption{included}, true},
	} {
		for _, step := range []time.Duration{2 * time.Second, 20 * time.Minute, 2 * time.Hour, 200 * time.Hour, -2 * time.Second, -20 * time.Minute, -2 * time.Hour, -200 * time.Hour} {
			for _, after := range []time.Duration{0, 13 * time.Minute, 31 * time.Minute, 47 * time.Minute} {
				t.Run(name+" "+step.String()+" after "+after.String(), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						defer setWallOffset(0)
						d := newDelays(t)
						j := d.job(c.definition, append(c.options, gocron.WithName("late"))...)
						d.s.Start()
						time.Sleep(5*time.Hour + after)
						before := d.take()
						setWallOffset(step)
						time.Sleep(2 * time.Minute) // the scheduler has looked at the clock
						runs := d.take()
						require.LessOrEqual(t, len(runs), 3, "the one that was due, what was passed over, and perhaps the next")
						if next, err := j.NextRun(); step > 0 || !c.byWall || step < -3*time.Hour {
							require.NoError(t, err)
							require.WithinRange(t, next, time.Now(), time.Now().Add(2*time.Hour))
						}
						said := nextRuns(t, j, 10)
						time.Sleep(time.Until(said[9]))
						later := d.take()
						require.Len(t, later, 10)
						for i, run := range later {
							require.WithinDuration(t, said[i], run.StartedAt, time.Millisecond)
						}
						if step < 0 && c.byWall {
							return // occurrences come again
						}
						all := append(append(before, runs...), later...)
						for i := 1; i < len(all); i++ {
							if all[i].Outcome == gocron.OutcomeMissed {
								continue
							}
							require.NotEqual(t, all[i-1].ScheduledAt, all[i].ScheduledAt, "twice")
							if !c.byWall && step != 20*time.Minute && step != 2*time.Hour { // which is a sleep
								require.NotEmpty(t, all[i].StartedAt)
							}
						}
						if !c.byWall {
							require.InDelta(t, 5+11, len(all), 2)
						}
					})
				})
			}
		}
	}
}
