//go:build walltime && go1.25

package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// check has the job of c run until 14:30:30 and sets the clock back. The job then does what
// it announces at once, up to 15:30:30.
func (c setBackCase) check(t *testing.T, back time.Duration, restarts bool) {
	t.Run(c.name, func(t *testing.T) {
		onMovableClock(t, func(r *wallRig) {
			j, log := r.logged(c.definition)
			r.start()
			r.pass(setBackAt)
			end, before := r.now().Add(time.Hour), log.len()
			if restarts {
				r.stop()
			}
			r.step(-back)
			if restarts {
				r.start()
			}
			announced := nextsOf(t, j, len(c.want)+1)
			require.Equal(t, nextOf(t, j), append(announced, time.Time{})[0])
			r.passTo(end)
			require.Equal(t, c.want, clockTimes(log, before))
			for i, at := range log.all()[before:] {
				require.Equal(t, at, announced[i].UTC().Round(0), "announced %v", announced)
			}
			require.Len(t, r.warned.lines, 1, "one warning, whatever jobs there are")
		})
	})
}

func TestClockOverlaySynctestAnHourBackBringsRealTimesAgain(t *testing.T) {
	for _, c := range append(calendarCases(), realTimeCases()...) {
		c.check(t, time.Hour, false)
	}
}

func TestClockOverlaySynctestAnHourBackWhileStopped(t *testing.T) {
	for _, c := range append(calendarCases(), realTimeCases()...) {
		c.check(t, time.Hour, true)
	}
}

func TestClockOverlaySynctestHalfADayBackIsACorrection(t *testing.T) {
	for _, c := range correctionCases() {
		c.check(t, 12*time.Hour, false)
	}
}

func TestClockOverlaySynctestHalfADayBackWhileStopped(t *testing.T) {
	for _, c := range correctionCases() {
		c.check(t, 12*time.Hour, true)
	}
}

// How far the clock is behind tells what becomes of a daily job that ran at 14:00.
func TestClockOverlaySynctestThreeHoursBackAreACorrection(t *testing.T) {
	for _, tt := range []struct {
		steps []time.Duration
		again bool
	}{
		{[]time.Duration{3*time.Hour + time.Minute}, true},
		{[]time.Duration{3*time.Hour - 2*time.Minute}, false},
		{[]time.Duration{2 * time.Hour, 2 * time.Hour}, true},
		{[]time.Duration{time.Hour, time.Hour}, false},
		{[]time.Duration{365 * 24 * time.Hour}, true},
	} {
		for _, restarts := range []bool{false, true} {
			onMovableClock(t, func(r *wallRig) {
				j, log := r.logged(DailyJob(1, atTimes(NewAtTime(14, 0, 0))))
				r.start()
				r.pass(setBackAt)
				for _, d := range tt.steps {
					if restarts {
						r.stop()
					}
					r.step(-d)
					if restarts {
						r.start()
					}
					r.pass(2 * time.Minute)
				}
				if !tt.again {
					requireInstants(t, []time.Time{wallStart.Add(26 * time.Hour)}, nextsOf(t, j, 1), "%v", tt.steps)
					return
				}
				now := r.now()
				next := time.Date(now.Year(), now.Month(), now.Day(), 14, 0, 0, 0, time.UTC)
				if !next.After(now) {
					next = next.AddDate(0, 0, 1)
				}
				requireInstants(t, []time.Time{next}, nextsOf(t, j, 1), "%v", tt.steps)
				r.passTo(next)
				require.Equal(t, 2, log.len())
			})
		}
	}
}

func TestClockOverlaySynctestAYearBackStopsNoMinutelyCrontab(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		onMovableClock(t, func(r *wallRig) {
			_, log := r.logged(CronJob("* * * * *", false))
			r.start()
			r.pass(10 * time.Minute)
			r.step(-365 * 24 * time.Hour)
			if restarts {
				r.stop()
				r.start()
			}
			r.pass(2 * time.Hour)
			require.Equal(t, 130, log.len())
		})
	}
}

func TestClockOverlaySynctestAFewSecondsBackChangeNothing(t *testing.T) {
	definitions := map[string]JobDefinition{
		"each second":  CronJob("* * * * * *", true),
		"@every":       CronJob("@every 1s", false),
		"some seconds": CronJob("*/7 * * * * *", true),
		"minute":       CronJob("* * * * *", false),
	}
	for name, definition := range definitions {
		for _, restarts := range []bool{false, true} {
			onMovableClock(t, func(r *wallRig) {
				_, log := r.logged(definition)
				r.start()
				r.pass(time.Minute)
				for i := 0; i < 10; i++ { // far apart: the clock has caught up each time
					r.pass(time.Minute + time.Millisecond)
					if restarts {
						r.stop()
					}
					r.step(-9 * time.Second)
					if restarts {
						r.start()
					}
				}
				r.pass(time.Minute)
				seen := map[time.Time]bool{}
				for _, at := range log.all() {
					at = at.Truncate(time.Second)
					require.False(t, seen[at], "%s at %s twice", name, at)
					seen[at] = true
				}
				if name == "each second" {
					require.Len(t, seen, int(r.now().Sub(wallStart)/time.Second), "and none is lost")
				}
				require.Empty(t, r.warned.lines)
			})
		}
	}
}

func TestClockOverlaySynctestIntervalsGoOnWhenTheClockIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{5 * time.Second, time.Hour, 12 * time.Hour, 365 * 24 * time.Hour} {
		onMovableClock(t, func(r *wallRig) {
			j, log := r.logged(DurationJob(20 * time.Minute))
			started, late := r.logged(DurationJob(20*time.Minute), WithStartAt(WithStartDateTime(time.Now().Add(time.Hour))))
			r.start()
			r.pass(70 * time.Minute)
			require.Equal(t, 3, log.len())
			require.Equal(t, 1, late.len())
			r.step(-back)
			want := []time.Time{r.now().Add(10 * time.Minute), r.now().Add(30 * time.Minute)}
			for _, job := range []Job{j, started} {
				requireInstants(t, want, nextsOf(t, job, 2), "back by %s", back)
				requireInstants(t, want[:1], []time.Time{nextOf(t, job)}, "back by %s", back)
			}
			r.pass(10 * time.Minute)
			requireInstants(t, want[:1], log.all()[3:], "back by %s", back)
			requireInstants(t, want[:1], late.all()[1:], "back by %s", back)
			r.pass(20 * time.Minute)
			for _, job := range []Job{j, started} {
				infos := r.finished(job)
				last := infos[len(infos)-1]
				requireInstants(t, want[1:], []time.Time{last.ScheduledAt}, "back by %s", back)
				requireInstants(t, []time.Time{r.now().Add(20 * time.Minute)}, nextsOf(t, job, 1), "back by %s", back)
			}
		})
	}
}

// An occurrence that comes again between the step and the look at the clock that follows
// it is not lost.
func TestClockOverlaySynctestTimesRightAfterTheClockWasSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 12 * time.Hour} {
		onMovableClock(t, func(r *wallRig) {
			j, log := r.logged(CronJob("0 * * * *", false))
			r.start()
			r.pass(2*time.Hour + 10*time.Second)
			r.step(-back - 15*time.Second) // five seconds to the full hour
			require.Equal(t, 2, log.len())
			r.pass(2 * time.Minute)
			infos := r.finished(j)
			require.Len(t, infos, 3)
			requireInstants(t, []time.Time{wallStart.Add(2*time.Hour - back)}, []time.Time{infos[2].ScheduledAt})
		})
	}
}

func TestClockOverlaySynctestAOneTimeInstantThatRanNeverRunsAgain(t *testing.T) {
	for _, back := range []time.Duration{30 * time.Minute, 24 * time.Hour} {
		for _, when := range []string{"running", "stopped", "before the stop", "behind the start"} {
			onMovableClock(t, func(r *wallRig) {
				_, log := r.logged(OneTimeJob(OneTimeJobStartDateTimes(wallStart.Add(10*time.Minute), wallStart.Add(2*time.Hour))))
				r.start()
				r.pass(11 * time.Minute)
				require.Equal(t, 1, log.len())
				switch when {
				case "running":
					r.step(-back)
				case "stopped":
					r.stop()
					r.step(-back)
					r.start()
				case "before the stop":
					r.step(-back)
					r.stop()
					r.start()
				case "behind the start":
					r.stop()
					r.start()
					r.step(-back)
				}
				r.passTo(wallStart.Add(time.Hour))
				require.Equal(t, 1, log.len(), "%s, back by %s", when, back)
				r.passTo(wallStart.Add(3 * time.Hour))
				requireInstants(t, []time.Time{wallStart.Add(10 * time.Minute), wallStart.Add(2 * time.Hour)}, log.all(), "%s, back by %s", when, back)
			})
		}
	}
}

// A start that has passed stays passed in a correction, and so does the first Start.
func TestClockOverlaySynctestPhasesCountBackwards(t *testing.T) {
	two := DailyJob(2, atTimes(NewAtTime(14, 0, 0)))
	day := func(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, time.UTC) }
	for name, tt := range map[string]struct {
		definition JobDefinition
		options    []JobOption
		want       []time.Time
	}{
		"daily":                   {two, nil, []time.Time{day(6, 14), day(8, 14), day(10, 14), day(12, 14)}},
		"daily, started":          {two, []JobOption{startAt(day(10, 13))}, []time.Time{day(6, 14), day(8, 14), day(10, 14), day(12, 14)}},
		"daily, start in a past":  {two, []JobOption{WithStartAt(WithStartDateTimePast(day(9, 13)))}, []time.Time{day(5, 14), day(7, 14), day(9, 14), day(11, 14)}},
		"daily, start to come":    {two, []JobOption{startAt(day(10, 18))}, []time.Time{day(10, 18), day(12, 14)}},
		"crontab, started":        {CronJob("0 13 * * *", false), []JobOption{startAt(day(10, 13))}, []time.Time{day(5, 13), day(6, 13)}},
		"crontab, start to come":  {CronJob("0 13 * * *", false), []JobOption{startAt(day(10, 18))}, []time.Time{day(10, 18), day(11, 13)}},
		"@every, started":         {CronJob("@every 24h", false), []JobOption{startAt(day(10, 13))}, []time.Time{day(5, 13), day(6, 13)}},
		"weekly":                  {WeeklyJob(2, NewWeekdays(time.Tuesday), atTimes(NewAtTime(14, 0, 0))), nil, []time.Time{day(10, 14), day(24, 14)}},
		"monthly":                 {MonthlyJob(2, NewDaysOfTheMonth(10), atTimes(NewAtTime(14, 0, 0))), nil, []time.Time{day(10, 14), time.Date(2026, 5, 10, 14, 0, 0, 0, time.UTC)}},
		"interval, start to come": {DurationJob(time.Hour), []JobOption{startAt(day(10, 18))}, []time.Time{day(10, 18), day(10, 19)}},
	} {
		for _, restarts := range []bool{false, true} {
			onMovableClock(t, func(r *wallRig) {
				j, log := r.logged(tt.definition, tt.options...)
				r.start()
				r.pass(setBackAt)
				if restarts {
					r.stop()
				}
				r.set(day(5, 12).Add(30 * time.Second))
				if restarts {
					r.start()
				}
				requireInstants(t, tt.want, nextsOf(t, j, len(tt.want)), name)
				before := log.len()
				r.passTo(tt.want[1])
				requireInstants(t, tt.want[:2], log.all()[before:], name)
			})
		}
	}
}

func TestClockOverlaySynctestNextRunsEndAtTheStopTimeAfterAStep(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		stop := time.Now().Add(3 * time.Hour) // with a monotonic reading
		until := WithStopAt(WithStopDateTime(stop))
		daily, ran := r.logged(CronJob("0 * * * *", false), until)
		interval, log := r.logged(DurationJob(time.Hour), until)
		r.start()
		r.pass(90 * time.Minute)
		r.step(-5 * time.Hour) // 08:30; the stop time is 15:00
		require.Len(t, nextsOf(t, daily, 20), 7, "09:00 to 15:00")
		requireInstants(t, []time.Time{wallStart.Add(-3 * time.Hour)}, nextsOf(t, interval, 20)[:1])
		require.Len(t, nextsOf(t, interval, 20), 7)
		r.pass(10 * time.Hour)
		require.Equal(t, 1+7, ran.len())
		require.Equal(t, 1+7, log.len())
		require.Empty(t, r.s.Jobs())
	})
}

func TestClockOverlaySynctestLastRunsFollowAClockThatIsSetBack(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		j, _ := r.logged(DurationJob(time.Hour))
		r.start()
		r.pass(time.Hour)
		r.step(-5 * time.Hour)
		r.pass(time.Hour)
		for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
			at, err := get()
			require.NoError(t, err)
			requireInstants(t, []time.Time{r.now()}, []time.Time{at})
		}
	})
}
