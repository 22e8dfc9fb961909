//go:build walltime && go1.25

package time_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// hourlyKinds are jobs of all kinds, each due at every full hour from 13:00 on.
func hourlyKinds() map[string]func() (gocron.JobDefinition, []gocron.JobOption) {
	var hours []gocron.AtTime
	var instants []time.Time
	for h := range uint(24) {
		hours = append(hours, gocron.NewAtTime(h, 0, 0))
		instants = append(instants, rig.WallStart.Add(time.Duration(h+1)*time.Hour))
	}
	of := func(definition gocron.JobDefinition, options ...gocron.JobOption) func() (gocron.JobDefinition, []gocron.JobOption) {
		return func() (gocron.JobDefinition, []gocron.JobOption) { return definition, options }
	}
	all := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	return map[string]func() (gocron.JobDefinition, []gocron.JobOption){
		"duration":   of(gocron.DurationJob(time.Hour)),
		"started":    of(gocron.DurationJob(time.Hour), startAt(rig.WallStart.Add(time.Hour))),
		"past start": of(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartDateTimePast(rig.WallStart.Add(-5*time.Hour)))),
		"monotonic start": func() (gocron.JobDefinition, []gocron.JobOption) {
			return gocron.DurationJob(time.Hour), []gocron.JobOption{startAt(time.Now().Add(time.Hour))}
		},
		"from now":   of(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartImmediately())),
		"random":     of(gocron.DurationRandomJob(time.Hour, time.Hour+1)),
		"completion": of(gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion()),
		"@every":     of(gocron.CronJob("@every 1h", false)),
		"cron":       of(gocron.CronJob("0 * * * *", false)),
		"fixed cron": of(gocron.CronJob("0 0-23 * * *", false), gocron.WithStopAt(gocron.WithStopDateTime(rig.WallStart.Add(1000*time.Hour)))),
		"monotonic cron": func() (gocron.JobDefinition, []gocron.JobOption) {
			return gocron.CronJob("0 * * * *", false), []gocron.JobOption{startAt(time.Now().Add(time.Hour))}
		},
		"daily":    of(gocron.DailyJob(1, rig.AtTimes(hours...))),
		"weekly":   of(gocron.WeeklyJob(1, gocron.NewWeekdays(0, all[1:]...), rig.AtTimes(hours...))),
		"monthly":  of(gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(10, 11, 12), rig.AtTimes(hours...))),
		"one-time": of(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(instants...))),
	}
}

func TestClockOverlaySynctestASleepIsOneRunThenThePhaseGoesOn(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				definition, options := job()
				j, log := r.Logged(definition, options...)
				r.Start()
				r.Pass(30 * time.Minute)
				before := log.Len()
				r.FallsAsleep(8 * time.Hour) // from 12:30 to 20:30
				counts := name == "random" || name == "completion"
				switch {
				case name == "one-time": // all of them are owed
					require.Equal(t, 8, log.Len()-before)
				default:
					require.Equal(t, 1, log.Len()-before)
					made, _ := r.Split(j)
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour)}, rig.ScheduledTimes(made[before:]))
				}
				next := rig.NextOf(t, j)
				require.True(t, next.After(r.Now()))
				if !counts {
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(9 * time.Hour)}, []time.Time{next})
				}
				require.Equal(t, next, rig.NextsOf(t, j, 1)[0])
				n := log.Len()
				r.PassTo(next)
				rig.RequireInstants(t, []time.Time{next}, log.All()[n:])
				made, _ := r.Split(j)
				rig.RequireInstants(t, []time.Time{next}, rig.ScheduledTimes(made[n:]))
				r.Pass(3 * time.Hour)
				made, _ = r.Split(j)
				for _, at := range rig.ScheduledTimes(made) {
					require.True(t, counts || at.Equal(at.Truncate(time.Hour)), "due at %s", at)
				}
			})
		})
	}
}

func TestClockOverlaySynctestASleepIsOneRecordOfWhatWasMissed(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				definition, options := job()
				j, _ := r.Logged(definition, options...)
				r.Start()
				r.Pass(30 * time.Minute)
				for i, sleep := range []time.Duration{8 * time.Hour, 20 * time.Minute, time.Hour} { // 20:31, 20:52, 21:53
					r.FallsAsleep(sleep)
					_, missed := r.Split(j)
					want := 1
					if name == "random" || name == "completion" || name == "one-time" {
						want = 0
					}
					require.Len(t, missed, want, "after sleep %d", i)
					if want == 0 {
						continue
					}
					require.NotZero(t, missed[0].ID)
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(2 * time.Hour)}, rig.ScheduledTimes(missed), "13:00 ran")
				}
			})
		})
	}
}

// The machine sleeps from 00:30 to 08:30.
func TestClockOverlaySynctestARunThatWasDueInASleepComesWhenItEnds(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		midnight := rig.WallStart.Add(12 * time.Hour)
		r.Set(midnight)
		j, log := r.Logged(gocron.DurationJob(time.Hour))
		r.Start()
		r.Pass(30*time.Minute + 20*time.Second)
		r.FallsAsleep(8 * time.Hour)
		require.Equal(t, 1, log.Len())
		require.False(t, log.All()[0].After(midnight.Add(8*time.Hour+31*time.Minute+20*time.Second)))
		rig.RequireInstants(t, []time.Time{midnight.Add(time.Hour)}, rig.ScheduledTimes(r.Finished(j)[:1]))
		for range 8 {
			r.Pass(time.Hour)
		}
		made, _ := r.Split(j)
		require.Len(t, made, 9)
		for i, info := range made[1:] {
			rig.RequireInstants(t, []time.Time{midnight.Add(time.Duration(9+i) * time.Hour)}, []time.Time{info.ScheduledAt})
			require.Equal(t, info.ScheduledAt, info.StartedAt)
		}
	})
}

func TestClockOverlaySynctestASleepEveryNight(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		j, log := r.Logged(gocron.DurationJob(time.Hour))
		r.Start()
		for range 20 {
			r.Pass(16 * time.Hour)
			n := log.Len()
			r.FallsAsleep(8*time.Hour - time.Minute)
			require.LessOrEqual(t, log.Len()-n, 2, "one when it wakes up and maybe one at noon")
			require.Zero(t, rig.NextOf(t, j).Sub(rig.WallStart)%time.Hour)
		}
	})
}

func TestClockOverlaySynctestAFewSecondsAheadAreNoSleep(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		j, log := r.Logged(gocron.DurationJob(time.Hour))
		daily, ran := r.Logged(gocron.CronJob("0 * * * *", false))
		r.Start()
		r.Pass(30 * time.Minute)
		for range 6 {
			r.FallsAsleep(5 * time.Second)
		}
		due := rig.WallStart.Add(time.Hour + 30*time.Second)
		rig.RequireInstants(t, []time.Time{due, due.Add(time.Hour)}, rig.NextsOf(t, j, 2))
		rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour)}, rig.NextsOf(t, daily, 1))
		r.Pass(24 * time.Minute)
		rig.RequireInstants(t, []time.Time{due}, log.All())
		rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour)}, ran.All())
		require.Len(t, append(r.Finished(j), r.Finished(daily)...), 2)
	})
}

func TestClockOverlaySynctestMoreThanAWeekMovesCalendarJobsAlone(t *testing.T) {
	for _, days := range []time.Duration{8, 26 * 365} { // the clock of a machine without a battery
		rig.OnMovableClock(t, func(r *rig.Wall) {
			set := days * 24 * time.Hour
			j, log := r.Logged(gocron.DurationJob(time.Hour))
			cron, ran := r.Logged(gocron.CronJob("0 * * * *", false))
			every, rounds := r.Logged(gocron.CronJob("@every 1h", false))
			r.Start()
			r.Pass(30 * time.Minute)
			r.Step(set)
			due := rig.WallStart.Add(set + time.Hour)
			rig.RequireInstants(t, []time.Time{due, due.Add(time.Hour)}, rig.NextsOf(t, j, 2))
			r.Pass(time.Minute)
			require.Zero(t, log.Len())
			rig.RequireInstants(t, []time.Time{due, due.Add(time.Hour)}, rig.NextsOf(t, j, 2))
			for _, calendar := range []gocron.Job{cron, every} {
				made, missed := r.Split(calendar)
				rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour)}, rig.ScheduledTimes(made))
				rig.RequireInstants(t, []time.Time{rig.WallStart.Add(2 * time.Hour)}, rig.ScheduledTimes(missed))
				rig.RequireInstants(t, []time.Time{due}, rig.NextsOf(t, calendar, 1))
			}
			r.Pass(29 * time.Minute)
			rig.RequireInstants(t, []time.Time{due}, log.All())
			require.Equal(t, 2, ran.Len())
			require.Equal(t, 2, rounds.Len())
			infos := r.Finished(j)
			require.Len(t, infos, 1, "nothing of the interval job was missed")
			rig.RequireInstants(t, []time.Time{due}, rig.ScheduledTimes(infos))
		})
	}
}

func TestClockOverlaySynctestSixDaysAreASleep(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		j, log := r.Logged(gocron.DurationJob(time.Hour))
		r.Start()
		r.Pass(30 * time.Minute)
		r.FallsAsleep(6 * 24 * time.Hour)
		require.Equal(t, 1, log.Len())
		rig.RequireInstants(t, []time.Time{rig.WallStart.Add(6*24*time.Hour + time.Hour)}, rig.NextsOf(t, j, 1))
	})
}

func TestClockOverlaySynctestARetryIsDueAfterASleep(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		var attempts rig.Log
		j := rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.WallStart.Add(time.Minute))), func() error {
			attempts.Add(r.Now())
			return errors.New("not yet")
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Hour)}))
		r.Start()
		r.Pass(30 * time.Minute)
		require.Equal(t, 1, attempts.Len())
		r.FallsAsleep(8 * time.Hour)
		require.Equal(t, 2, attempts.Len())
		e, err := r.Controller.Explain(j.ID())
		require.NoError(t, err)
		rig.RequireInstants(t, []time.Time{attempts.All()[1].Add(time.Hour)}, []time.Time{e.NextAttempt})
		r.Step(5 * time.Second)
		e, err = r.Controller.Explain(j.ID())
		require.NoError(t, err)
		rig.RequireInstants(t, []time.Time{attempts.All()[1].Add(time.Hour + 5*time.Second)}, []time.Time{e.NextAttempt})
		r.PassTo(e.NextAttempt)
		require.Equal(t, 3, attempts.Len())
	})
}

func TestClockOverlaySynctestARetryGoesOnWhenTheClockIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 12 * time.Hour} {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			var attempts rig.Log
			j := rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.WallStart.Add(time.Minute))), func() error {
				attempts.Add(r.Now())
				return errors.New("not yet")
			}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Hour)}))
			r.Start()
			r.Pass(31 * time.Minute)
			r.Step(-back)
			e, err := r.Controller.Explain(j.ID())
			require.NoError(t, err)
			rig.RequireInstants(t, []time.Time{r.Now().Add(30 * time.Minute)}, []time.Time{e.NextAttempt})
			r.Pass(30 * time.Minute)
			require.Equal(t, 2, attempts.Len())
		})
	}
}

// NextRun asked before the scheduler has looked at the clock.
func TestClockOverlaySynctestNextRunRightAfterASleepIsNotInThePast(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				definition, options := job()
				j, _ := r.Logged(definition, options...)
				r.Start()
				r.Pass(30 * time.Minute)
				r.Step(8 * time.Hour)
				for _, at := range append(rig.NextsOf(t, j, 3), rig.NextOf(t, j)) {
					require.True(t, at.IsZero() || !at.Before(r.Now()), "%s", at)
				}
			})
		})
	}
}

func TestClockOverlaySynctestASleepWhileStopped(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				definition, options := job()
				j, log := r.Logged(definition, options...)
				r.Start()
				r.Pass(30 * time.Minute)
				before := log.Len()
				r.Stop()
				r.Step(8 * time.Hour)
				r.Start() // 20:30
				switch name {
				case "from now":
					rig.RequireInstants(t, []time.Time{r.Now()}, log.All()[before:])
					rig.RequireInstants(t, []time.Time{r.Now().Add(time.Hour)}, rig.NextsOf(t, j, 1))
				case "random", "completion":
					require.Equal(t, before, log.Len())
				default:
					require.Equal(t, before, log.Len())
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(9 * time.Hour)}, rig.NextsOf(t, j, 1))
					_, missed := r.Split(j)
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour)}, rig.ScheduledTimes(missed))
				}
			})
		})
	}
}

// The machine sleeps while the scheduler is stopped, and the job leaves before Start looks at the
// clock.
func TestClockOverlaySynctestAJobThatIsRemovedAfterASleepWhileStopped(t *testing.T) {
	for name, kind := range hourlyKinds() {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			if name == "random" || name == "completion" {
				return // nobody can name their times
			}
			definition, options := kind()
			j, _ := r.Logged(definition, options...)
			other, _ := r.Logged(gocron.DurationJob(time.Hour))
			r.Start()
			r.Pass(90 * time.Minute)
			r.Stop()
			r.Step(8 * time.Hour)
			require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
			synctest.Wait()
			_, missed := r.Split(j)
			require.Len(t, missed, 1, name)
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(90 * time.Minute), r.Now(), rig.WallStart.Add(2 * time.Hour)},
				[]time.Time{missed[0].MissedFrom, missed[0].MissedTo, missed[0].ScheduledAt}, name)
			r.Start()
			_, missed = r.Split(other)
			require.Len(t, missed, 1, "the others learn of it at Start")
		})
	}
}

// A scheduler that drains looks at its clock as one that runs does, as long as runs wait for another
// attempt.
func TestClockOverlaySynctestASleepInADrainHasPassedForRetries(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		var log rig.Log
		rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() error {
			log.Add(r.Now())
			return errors.New("not yet")
		}, rig.Retries(3, time.Hour))
		r.Start()
		stopped := rig.InBackground(r.Scheduler.StopJobs)
		r.Pass(10 * time.Minute)
		r.FallsAsleep(8 * time.Hour)
		require.Equal(t, 2, log.Len(), "it was due meanwhile")
		second := log.All()[1]
		r.PassTo(second.Add(time.Hour))
		rig.RequireInstants(t, []time.Time{second.Add(time.Hour)}, log.All()[2:])
		require.NoError(t, <-stopped)
		require.Empty(t, r.Warned.Lines)
	}, gocron.WithDrain(), gocron.WithStopTimeout(24*time.Hour))
}

// Nothing is booked, so nobody has looked at the clock when a task ends that the machine has slept
// in. The delay begins then.
func TestClockOverlaySynctestADelayThatBeginsAfterASleepIsWhole(t *testing.T) {
	for _, drains := range []bool{false, true} {
		rig.OnMovableClock(t, func(r *rig.Wall) {
			var log rig.Log
			rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() error {
				log.Add(r.Now())
				if log.Len() == 1 {
					time.Sleep(time.Minute)
				}
				return errors.New("not yet")
			}, rig.Retries(2, time.Hour))
			r.Start()
			if drains {
				rig.InBackground(r.Scheduler.StopJobs)
			}
			r.FallsAsleep(8 * time.Hour) // the task returns when it wakes
			r.Pass(time.Hour)
			rig.RequireInstants(t, []time.Time{rig.WallStart, rig.WallStart.Add(9*time.Hour + time.Minute)}, log.All())
		}, gocron.WithDrain(), gocron.WithStopTimeout(24*time.Hour))
	}
}
