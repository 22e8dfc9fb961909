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

// A time as programs make it, by adding to the present one, has a monotonic reading. Start
// and stop times go by the wall clock all the same.
func TestClockOverlaySynctestAStartTimeIsAWallTime(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		if name == "one-time" {
			continue
		}
		for _, step := range []time.Duration{-6 * time.Hour, -30 * time.Minute, 30 * time.Minute, 6 * time.Hour} {
			t.Run(name+" "+step.String(), func(t *testing.T) {
				rig.OnMovableClock(t, func(r *rig.Wall) {
					start := time.Now().Add(8 * time.Hour)
					j, log := r.Logged(definition, startAt(start))
					r.Start()
					require.Equal(t, start, rig.NextOf(t, j), "as it was given")
					r.Pass(time.Hour)
					r.Step(step)
					rig.RequireInstants(t, []time.Time{start}, []time.Time{rig.NextOf(t, j)})
					r.PassTo(rig.WallStart.Add(8 * time.Hour))
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(8 * time.Hour)}, log.All())
					require.True(t, rig.NextOf(t, j).Round(0).After(r.Now()))
					if name == "duration" || name == "every" {
						rig.RequireInstants(t, []time.Time{rig.WallStart.Add(9 * time.Hour)}, rig.NextsOf(t, j, 1))
						r.Pass(time.Hour)
						require.Equal(t, 2, log.Len())
					}
				})
			})
		}
	}
}

// The machine sleeps over the start time, or the clock is set past it.
func TestClockOverlaySynctestAStartTimeThatPassesInASleepIsOneRun(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		if name == "one-time" {
			continue
		}
		for _, sleep := range []time.Duration{9 * time.Hour, 8 * 24 * time.Hour} {
			t.Run(name+" "+sleep.String(), func(t *testing.T) {
				rig.OnMovableClock(t, func(r *rig.Wall) {
					start := time.Now().Add(8 * time.Hour)
					j, log := r.Logged(definition, startAt(start))
					r.Start()
					r.Pass(30 * time.Minute)
					r.FallsAsleep(sleep)
					made, _ := r.Split(j)
					rig.RequireInstants(t, []time.Time{rig.WallStart.Add(8 * time.Hour)}, rig.ScheduledTimes(made))
					require.Equal(t, 1, log.Len())
					require.True(t, rig.NextOf(t, j).Round(0).After(r.Now()))
				})
			})
		}
	}
}

func TestClockOverlaySynctestAStartTimeIsCheckedByTheWallClock(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		past, future := time.Now().Add(time.Hour), time.Now().Add(9*time.Hour)
		r.Step(8 * time.Hour) // 20:00; by the monotonic clock both are ahead
		_, err := r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), startAt(past))
		require.ErrorIs(t, err, gocron.ErrWithStartDateTimePast)
		_, err = r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithStopAt(gocron.WithStopDateTime(past)))
		require.ErrorIs(t, err, gocron.ErrWithStopDateTimePast)
		_, err = r.Scheduler.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(past)), gocron.NewTask(rig.Noop))
		require.ErrorIs(t, err, gocron.ErrOneTimeJobStartDateTimePast)
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), rig.Noop, startAt(future))

		r.Step(-16 * time.Hour) // 04:00
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), rig.Noop, startAt(past))
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithStopAt(gocron.WithStopDateTime(past)))
		rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(past)), rig.Noop)
		now := time.Now()
		r.Step(-time.Hour) // 03:00
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), rig.Noop, startAt(now))
		rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(now)), rig.Noop)
	})
}

func TestClockOverlaySynctestStartAndStopAreComparedByTheWallClock(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		early := time.Now().Add(2 * time.Hour) // 14:00
		r.Step(-2 * time.Hour)
		late := time.Now().Add(3 * time.Hour) // 13:00, and later than early by the monotonic clock
		_, err := r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), startAt(early), gocron.WithStopAt(gocron.WithStopDateTime(late)))
		require.ErrorIs(t, err, gocron.ErrStopTimeEarlierThanStartTime)
		_, err = r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithStopAt(gocron.WithStopDateTime(late)), startAt(early))
		require.ErrorIs(t, err, gocron.ErrStartTimeLaterThanEndTime)
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), rig.Noop, startAt(late), gocron.WithStopAt(gocron.WithStopDateTime(early)))
	})
}

func stoppingKinds() map[string]gocron.JobDefinition {
	return map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"@every":   gocron.CronJob("@every 1h", false),
		"cron":     gocron.CronJob("0 * * * *", false),
	}
}

func TestClockOverlaySynctestNothingRunsAfterAStopTimeThatPassesInASleep(t *testing.T) {
	for name, definition := range stoppingKinds() {
		t.Run(name, func(t *testing.T) {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				j, log := r.UntilEight(definition)
				r.Start()
				r.Pass(30 * time.Minute)
				r.FallsAsleep(9 * time.Hour) // 21:30
				require.Zero(t, log.Len())
				require.Empty(t, r.Scheduler.Jobs())
				made, missed := r.Split(j)
				require.Len(t, made, 1)
				require.Equal(t, gocron.OutcomeCancelled, made[0].Outcome, "due at 13:00, and the stop time is long over")
				rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour)}, rig.ScheduledTimes(made))
				rig.RequireInstants(t, []time.Time{rig.WallStart.Add(2 * time.Hour)}, rig.ScheduledTimes(missed))
				r.Pass(10 * time.Hour)
				require.Zero(t, log.Len())
			})
		})
	}
}

func TestClockOverlaySynctestAJobStaysUntilItsStopTimeAfterASleep(t *testing.T) {
	for name, definition := range stoppingKinds() {
		t.Run(name, func(t *testing.T) {
			rig.OnMovableClock(t, func(r *rig.Wall) {
				j, log := r.UntilEight(definition)
				r.Start()
				r.Pass(30 * time.Minute)
				r.FallsAsleep(4 * time.Hour) // 16:31
				require.Equal(t, 1, log.Len())
				rig.RequireInstants(t, hoursOf(17, 18, 19, 20), rig.NextsOf(t, j, 10))
				r.PassTo(rig.WallStart.Add(8*time.Hour + time.Minute))
				require.Equal(t, 5, log.Len())
				require.Empty(t, r.Scheduler.Jobs())
			})
		})
	}
}

func hoursOf(hours ...int) (times []time.Time) {
	for _, h := range hours {
		times = append(times, rig.WallStart.Add(time.Duration(h-12)*time.Hour))
	}
	return times
}

func TestClockOverlaySynctestAJobStaysUntilItsStopTimeAfterTheClockWasSetBack(t *testing.T) {
	for name, definition := range stoppingKinds() {
		for _, back := range []time.Duration{2 * time.Hour, 7 * time.Hour} {
			t.Run(name+" "+back.String(), func(t *testing.T) {
				rig.OnMovableClock(t, func(r *rig.Wall) {
					j, log := r.UntilEight(definition)
					r.Start()
					r.Pass(7*time.Hour + 30*time.Minute)
					require.Equal(t, 7, log.Len())
					r.Step(-back)
					left := int(back/time.Hour) + 1
					require.Len(t, rig.NextsOf(t, j, 20), left)
					r.Pass(back + 31*time.Minute)
					require.Equal(t, 7+left, log.Len())
					require.Empty(t, r.Scheduler.Jobs())
				})
			})
		}
	}
}

func TestClockOverlaySynctestNothingStartsAfterTheStopTimeByTheWallClock(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		j, log := r.UntilEight(gocron.DurationJob(100 * time.Hour))
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(100*time.Hour), rig.Noop)
		r.Start()
		r.Pass(30 * time.Minute)
		r.Step(9 * time.Hour)
		_ = j.RunNow()
		synctest.Wait()
		require.Zero(t, log.Len())
		r.Pass(time.Minute)
		require.Len(t, r.Scheduler.Jobs(), 1)
	})
}

// A run waits for its slot; its stop time comes by the wall clock alone.
func TestClockOverlaySynctestAWaitingRunIsDroppedAfterASleepOverItsStopTime(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, r.Scheduler, gocron.DurationJob(1000*time.Hour), h.Task)
		j, log := r.UntilEight(gocron.DurationJob(time.Hour))
		r.Start()
		require.NoError(t, blocker.RunNow())
		r.Pass(61 * time.Minute)
		require.Equal(t, 1, r.Scheduler.JobsWaitingInQueue())
		r.FallsAsleep(9 * time.Hour)
		h.Open()
		synctest.Wait()
		require.Zero(t, log.Len())
		require.Len(t, r.Scheduler.Jobs(), 1)
		made, _ := r.Split(j)
		require.Len(t, made, 2, "those of 13:00 and 14:00")
		for _, info := range made {
			require.Equal(t, gocron.OutcomeCancelled, info.Outcome)
		}
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

func TestClockOverlaySynctestTimesCarryNoMonotonicReadingThatSaysOtherwise(t *testing.T) {
	for name, job := range hourlyKinds() {
		for _, step := range []time.Duration{8 * time.Hour, 9 * 24 * time.Hour, -time.Hour, -12 * time.Hour} {
			t.Run(name+" "+step.String(), func(t *testing.T) {
				rig.OnMovableClock(t, func(r *rig.Wall) {
					definition, options := job()
					j, _ := r.Logged(definition, options...)
					r.Start()
					r.Pass(90 * time.Minute)
					r.Step(step)
					for range 2 {
						for _, next := range append(rig.NextsOf(t, j, 3), rig.NextOf(t, j)) {
							if !next.IsZero() {
								require.Equal(t, next.Round(0).Sub(r.Now()), time.Until(next), "%s", next)
							}
						}
						r.Pass(time.Minute)
					}
				})
			})
		}
	}
}
