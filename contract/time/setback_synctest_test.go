//go:build walltime && go1.25

package time_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// check has the job of c run until 14:30:30 and sets the clock back. The job then does what
// it announces at once, up to 15:30:30.
func (c setBackCase) check(t *testing.T, back time.Duration, restarts bool) {
	t.Run(c.name, func(t *testing.T) {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			j, log := r.Logged(c.definition)
			r.Start()
			r.Pass(setBackAt)
			end, before := r.Now().Add(time.Hour), log.Len()
			if restarts {
				r.Stop()
			}
			r.Step(-back)
			if restarts {
				r.Start()
			}
			announced := rig.NextsOf(t, j, len(c.want)+1)
			require.Equal(t, rig.NextOf(t, j), append(announced, time.Time{})[0])
			r.PassTo(end)
			require.Equal(t, c.want, clockTimes(log, before))
			for i, at := range log.All()[before:] {
				require.Equal(t, at, announced[i].UTC().Round(0), "announced %v", announced)
			}
			require.Len(t, r.Warned.Lines, 1, "one warning, whatever jobs there are")
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
			rig.OnMovableClock(t, func(r *rig.Wall) {
				j, log := r.Logged(gocron.DailyJob(1, rig.AtTimes(gocron.NewAtTime(14, 0, 0))))
				r.Start()
				r.Pass(setBackAt)
				for _, d := range tt.steps {
					if restarts {
						r.Stop()
					}
					r.Step(-d)
					if restarts {
						r.Start()
					}
					r.Pass(2 * time.Minute)
				}
				if !tt.again {
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(26 * time.Hour)}, rig.NextsOf(t, j, 1), "%v", tt.steps)
					return
				}
				now := r.Now()
				next := time.Date(now.Year(), now.Month(), now.Day(), 14, 0, 0, 0, time.UTC)
				if !next.After(now) {
					next = next.AddDate(0, 0, 1)
				}
				rig.RequireInstants(t, []time.Time{next}, rig.NextsOf(t, j, 1), "%v", tt.steps)
				r.PassTo(next)
				require.Equal(t, 2, log.Len())
			})
		}
	}
}

// The last step of a correction may be one of those that nobody minds. After that the next such step
// changes nothing, until the clock has caught up.
func TestClockOverlaySynctestAFewSecondsCompleteACorrection(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			daily, log := r.Logged(gocron.DailyJob(1, rig.AtTimes(gocron.NewAtTime(14, 0, 0))))
			_, each := r.Logged(gocron.CronJob("* * * * * *", true))
			r.Start()
			r.PassTo(rig.WallStart.Add(150 * time.Minute))
			step := func(d time.Duration) {
				if restarts {
					r.Stop()
				}
				r.Step(-d)
				if restarts {
					r.Start()
				}
				rig.NextOf(t, daily) // it looks at the clock
				synctest.Wait()      // for the warning
			}
			step(3*time.Hour - 5*time.Second) // 11:30:05
			r.Pass(2500 * time.Millisecond)
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(26 * time.Hour)}, rig.NextsOf(t, daily, 1))
			step(8 * time.Second) // 11:29:59.5
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(2 * time.Hour)}, rig.NextsOf(t, daily, 1))
			require.Len(t, r.Warned.Lines, 2)
			r.Pass(3 * time.Second)
			step(4 * time.Second) // from 11:30:02.5, once more
			n := each.Len()
			r.Pass(3 * time.Second)
			require.Equal(t, n, each.Len(), "they wait")
			require.Len(t, r.Warned.Lines, 2)
			r.PassTo(rig.WallStart.Add(150 * time.Minute))
			require.Equal(t, 2, log.Len())
			step(9 * time.Second)
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(26 * time.Hour)}, rig.NextsOf(t, daily, 1))
		})
	}
}

func TestClockOverlaySynctestAYearBackStopsNoMinutelyCrontab(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			_, log := r.Logged(gocron.CronJob("* * * * *", false))
			r.Start()
			r.Pass(10 * time.Minute)
			r.Step(-365 * 24 * time.Hour)
			if restarts {
				r.Stop()
				r.Start()
			}
			r.Pass(2 * time.Hour)
			require.Equal(t, 130, log.Len())
		})
	}
}

func TestClockOverlaySynctestAFewSecondsBackChangeNothing(t *testing.T) {
	definitions := map[string]gocron.JobDefinition{
		"each second":  gocron.CronJob("* * * * * *", true),
		"@every":       gocron.CronJob("@every 1s", false),
		"some seconds": gocron.CronJob("*/7 * * * * *", true),
		"minute":       gocron.CronJob("* * * * *", false),
	}
	for name, definition := range definitions {
		for _, restarts := range []bool{false, true} {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				_, log := r.Logged(definition)
				r.Start()
				r.Pass(time.Minute)
				for i := 0; i < 10; i++ { // far apart: the clock has caught up each time
					r.Pass(time.Minute + time.Millisecond)
					if restarts {
						r.Stop()
					}
					r.Step(-9 * time.Second)
					if restarts {
						r.Start()
					}
				}
				r.Pass(time.Minute)
				seen := map[time.Time]bool{}
				for _, at := range log.All() {
					at = at.Truncate(time.Second)
					require.False(t, seen[at], "%s at %s twice", name, at)
					seen[at] = true
				}
				if name == "each second" {
					require.Len(t, seen, int(r.Now().Sub(rig.WallStart)/time.Second), "and none is lost")
				}
				require.Empty(t, r.Warned.Lines)
			})
		}
	}
}

func TestClockOverlaySynctestIntervalsGoOnWhenTheClockIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{5 * time.Second, time.Hour, 12 * time.Hour, 365 * 24 * time.Hour} {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			j, log := r.Logged(gocron.DurationJob(20 * time.Minute))
			started, late := r.Logged(gocron.DurationJob(20*time.Minute), gocron.WithStartAt(gocron.WithStartDateTime(time.Now().Add(time.Hour))))
			r.Start()
			r.Pass(70 * time.Minute)
			require.Equal(t, 3, log.Len())
			require.Equal(t, 1, late.Len())
			r.Step(-back)
			want := []time.Time{r.Now().Add(10 * time.Minute), r.Now().Add(30 * time.Minute)}
			for _, job := range []gocron.Job{j, started} {
				rig.RequireInstants(t, want, rig.NextsOf(t, job, 2), "back by %s", back)
				rig.RequireInstants(t, want[:1], []time.Time{rig.NextOf(t, job)}, "back by %s", back)
			}
			r.Pass(10 * time.Minute)
			rig.RequireInstants(t, want[:1], log.All()[3:], "back by %s", back)
			rig.RequireInstants(t, want[:1], late.All()[1:], "back by %s", back)
			r.Pass(20 * time.Minute)
			for _, job := range []gocron.Job{j, started} {
				infos := r.Finished(job)
				last := infos[len(infos)-1]
				rig.RequireInstants(t, want[1:], []time.Time{last.ScheduledAt}, "back by %s", back)
				rig.RequireInstants(t, []time.Time{r.Now().Add(20 * time.Minute)}, rig.NextsOf(t, job, 1), "back by %s", back)
			}
		})
	}
}

// An occurrence that comes again between the step and the look at the clock that follows
// it is not lost.
func TestClockOverlaySynctestTimesRightAfterTheClockWasSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 12 * time.Hour} {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			j, log := r.Logged(gocron.CronJob("0 * * * *", false))
			r.Start()
			r.Pass(2*time.Hour + 10*time.Second)
			r.Step(-back - 15*time.Second) // five seconds to the full hour
			require.Equal(t, 2, log.Len())
			r.Pass(2 * time.Minute)
			infos := r.Finished(j)
			require.Len(t, infos, 3)
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(2*time.Hour - back)}, []time.Time{infos[2].ScheduledAt})
		})
	}
}

func TestClockOverlaySynctestAOneTimeInstantThatRanNeverRunsAgain(t *testing.T) {
	for _, back := range []time.Duration{30 * time.Minute, 24 * time.Hour} {
		for _, when := range []string{"running", "stopped", "before the stop", "behind the start"} {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.WallStart.Add(10*time.Minute), rig.WallStart.Add(2*time.Hour))))
				r.Start()
				r.Pass(11 * time.Minute)
				require.Equal(t, 1, log.Len())
				switch when {
				case "running":
					r.Step(-back)
				case "stopped":
					r.Stop()
					r.Step(-back)
					r.Start()
				case "before the stop":
					r.Step(-back)
					r.Stop()
					r.Start()
				case "behind the start":
					r.Stop()
					r.Start()
					r.Step(-back)
				}
				r.PassTo(rig.WallStart.Add(time.Hour))
				require.Equal(t, 1, log.Len(), "%s, back by %s", when, back)
				r.PassTo(rig.WallStart.Add(3 * time.Hour))
				rig.RequireInstants(t, []time.Time{rig.WallStart.Add(10 * time.Minute), rig.WallStart.Add(2 * time.Hour)}, log.All(), "%s, back by %s", when, back)
			})
		}
	}
}

// A start that has passed stays passed in a correction, and so does the first Start.
func TestClockOverlaySynctestPhasesCountBackwards(t *testing.T) {
	two := gocron.DailyJob(2, rig.AtTimes(gocron.NewAtTime(14, 0, 0)))
	day := func(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, time.UTC) }
	for name, tt := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       []time.Time
	}{
		"daily":                   {two, nil, []time.Time{day(6, 14), day(8, 14), day(10, 14), day(12, 14)}},
		"daily, started":          {two, []gocron.JobOption{startAt(day(10, 13))}, []time.Time{day(6, 14), day(8, 14), day(10, 14), day(12, 14)}},
		"daily, start in a past":  {two, []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(day(9, 13)))}, []time.Time{day(5, 14), day(7, 14), day(9, 14), day(11, 14)}},
		"daily, start to come":    {two, []gocron.JobOption{startAt(day(10, 18))}, []time.Time{day(10, 18), day(12, 14)}},
		"crontab, started":        {gocron.CronJob("0 13 * * *", false), []gocron.JobOption{startAt(day(10, 13))}, []time.Time{day(5, 13), day(6, 13)}},
		"crontab, start to come":  {gocron.CronJob("0 13 * * *", false), []gocron.JobOption{startAt(day(10, 18))}, []time.Time{day(10, 18), day(11, 13)}},
		"@every, started":         {gocron.CronJob("@every 24h", false), []gocron.JobOption{startAt(day(10, 13))}, []time.Time{day(5, 13), day(6, 13)}},
		"weekly":                  {gocron.WeeklyJob(2, gocron.NewWeekdays(time.Tuesday), rig.AtTimes(gocron.NewAtTime(14, 0, 0))), nil, []time.Time{day(10, 14), day(24, 14)}},
		"monthly":                 {gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(10), rig.AtTimes(gocron.NewAtTime(14, 0, 0))), nil, []time.Time{day(10, 14), time.Date(2026, 5, 10, 14, 0, 0, 0, time.UTC)}},
		"interval, start to come": {gocron.DurationJob(time.Hour), []gocron.JobOption{startAt(day(10, 18))}, []time.Time{day(10, 18), day(10, 19)}},
	} {
		for _, restarts := range []bool{false, true} {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				j, log := r.Logged(tt.definition, tt.options...)
				r.Start()
				r.Pass(setBackAt)
				if restarts {
					r.Stop()
				}
				r.Set(day(5, 12).Add(30 * time.Second))
				if restarts {
					r.Start()
				}
				rig.RequireInstants(t, tt.want, rig.NextsOf(t, j, len(tt.want)), name)
				before := log.Len()
				r.PassTo(tt.want[1])
				rig.RequireInstants(t, tt.want[:2], log.All()[before:], name)
			})
		}
	}
}

func TestClockOverlaySynctestNextRunsEndAtTheStopTimeAfterAStep(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		stop := time.Now().Add(3 * time.Hour) // with a monotonic reading
		until := gocron.WithStopAt(gocron.WithStopDateTime(stop))
		daily, ran := r.Logged(gocron.CronJob("0 * * * *", false), until)
		interval, log := r.Logged(gocron.DurationJob(time.Hour), until)
		r.Start()
		r.Pass(90 * time.Minute)
		r.Step(-5 * time.Hour) // 08:30; the stop time is 15:00
		require.Len(t, rig.NextsOf(t, daily, 20), 7, "09:00 to 15:00")
		rig.RequireInstants(t, []time.Time{rig.WallStart.Add(-3 * time.Hour)}, rig.NextsOf(t, interval, 20)[:1])
		require.Len(t, rig.NextsOf(t, interval, 20), 7)
		r.Pass(10 * time.Hour)
		require.Equal(t, 1+7, ran.Len())
		require.Equal(t, 1+7, log.Len())
		require.Empty(t, r.Scheduler.Jobs())
	})
}

func TestClockOverlaySynctestLastRunsFollowAClockThatIsSetBack(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		j, _ := r.Logged(gocron.DurationJob(time.Hour))
		r.Start()
		r.Pass(time.Hour)
		r.Step(-5 * time.Hour)
		r.Pass(time.Hour)
		for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
			at, err := get()
			require.NoError(t, err)
			rig.RequireInstants(t, []time.Time{r.Now()}, []time.Time{at})
		}
	})
}
