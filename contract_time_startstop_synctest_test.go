//go:build walltime && go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A time as programs make it, by adding to the present one, has a monotonic reading. Start
// and stop times go by the wall clock all the same.
func TestClockOverlaySynctestAStartTimeIsAWallTime(t *testing.T) {
	for name, definition := range everyKind() {
		if name == "one-time" {
			continue
		}
		for _, step := range []time.Duration{-6 * time.Hour, -30 * time.Minute, 30 * time.Minute, 6 * time.Hour} {
			t.Run(name+" "+step.String(), func(t *testing.T) {
				onMovableClock(t, func(r *wallRig) {
					start := time.Now().Add(8 * time.Hour)
					j, log := r.logged(definition, startAt(start))
					r.start()
					require.Equal(t, start, nextOf(t, j), "as it was given")
					r.pass(time.Hour)
					r.step(step)
					requireInstants(t, []time.Time{start}, []time.Time{nextOf(t, j)})
					r.passTo(wallStart.Add(8 * time.Hour))
					requireInstants(t, []time.Time{wallStart.Add(8 * time.Hour)}, log.all())
					require.True(t, nextOf(t, j).Round(0).After(r.now()))
					if name == "duration" || name == "every" {
						requireInstants(t, []time.Time{wallStart.Add(9 * time.Hour)}, nextsOf(t, j, 1))
						r.pass(time.Hour)
						require.Equal(t, 2, log.len())
					}
				})
			})
		}
	}
}

// The machine sleeps over the start time, or the clock is set past it.
func TestClockOverlaySynctestAStartTimeThatPassesInASleepIsOneRun(t *testing.T) {
	for name, definition := range everyKind() {
		if name == "one-time" {
			continue
		}
		for _, sleep := range []time.Duration{9 * time.Hour, 8 * 24 * time.Hour} {
			t.Run(name+" "+sleep.String(), func(t *testing.T) {
				onMovableClock(t, func(r *wallRig) {
					start := time.Now().Add(8 * time.Hour)
					j, log := r.logged(definition, startAt(start))
					r.start()
					r.pass(30 * time.Minute)
					r.fallsAsleep(sleep)
					made, _ := r.split(j)
					requireInstants(t, []time.Time{wallStart.Add(8 * time.Hour)}, scheduledTimes(made))
					require.Equal(t, 1, log.len())
					require.True(t, nextOf(t, j).Round(0).After(r.now()))
				})
			})
		}
	}
}

func TestClockOverlaySynctestAStartTimeIsCheckedByTheWallClock(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		past, future := time.Now().Add(time.Hour), time.Now().Add(9*time.Hour)
		r.step(8 * time.Hour) // 20:00; by the monotonic clock both are ahead
		_, err := r.s.NewJob(DurationJob(time.Hour), NewTask(noop), startAt(past))
		require.ErrorIs(t, err, ErrWithStartDateTimePast)
		_, err = r.s.NewJob(DurationJob(time.Hour), NewTask(noop), WithStopAt(WithStopDateTime(past)))
		require.ErrorIs(t, err, ErrWithStopDateTimePast)
		_, err = r.s.NewJob(OneTimeJob(OneTimeJobStartDateTime(past)), NewTask(noop))
		require.ErrorIs(t, err, ErrOneTimeJobStartDateTimePast)
		mustJob(t, r.s, DurationJob(time.Hour), noop, startAt(future))

		r.step(-16 * time.Hour) // 04:00
		mustJob(t, r.s, DurationJob(time.Hour), noop, startAt(past))
		mustJob(t, r.s, DurationJob(time.Hour), noop, WithStopAt(WithStopDateTime(past)))
		mustJob(t, r.s, OneTimeJob(OneTimeJobStartDateTime(past)), noop)
		now := time.Now()
		r.step(-time.Hour) // 03:00
		mustJob(t, r.s, DurationJob(time.Hour), noop, startAt(now))
		mustJob(t, r.s, OneTimeJob(OneTimeJobStartDateTime(now)), noop)
	})
}

func TestClockOverlaySynctestStartAndStopAreComparedByTheWallClock(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		early := time.Now().Add(2 * time.Hour) // 14:00
		r.step(-2 * time.Hour)
		late := time.Now().Add(3 * time.Hour) // 13:00, and later than early by the monotonic clock
		_, err := r.s.NewJob(DurationJob(time.Hour), NewTask(noop), startAt(early), WithStopAt(WithStopDateTime(late)))
		require.ErrorIs(t, err, ErrStopTimeEarlierThanStartTime)
		_, err = r.s.NewJob(DurationJob(time.Hour), NewTask(noop), WithStopAt(WithStopDateTime(late)), startAt(early))
		require.ErrorIs(t, err, ErrStartTimeLaterThanEndTime)
		mustJob(t, r.s, DurationJob(time.Hour), noop, startAt(late), WithStopAt(WithStopDateTime(early)))
	})
}

func stopAtTime(at time.Time) JobOption { return WithStopAt(WithStopDateTime(at)) }

// untilEight is a job that is due at every full hour until 20:00.
func (r *wallRig) untilEight(definition JobDefinition) (Job, *rigLog) {
	r.t.Helper()
	return r.logged(definition, stopAtTime(time.Now().Add(8*time.Hour)))
}

func stoppingKinds() map[string]JobDefinition {
	return map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"@every":   CronJob("@every 1h", false),
		"cron":     CronJob("0 * * * *", false),
	}
}

func TestClockOverlaySynctestNothingRunsAfterAStopTimeThatPassesInASleep(t *testing.T) {
	for name, definition := range stoppingKinds() {
		t.Run(name, func(t *testing.T) {
			onMovableClock(t, func(r *wallRig) {
				j, log := r.untilEight(definition)
				r.start()
				r.pass(30 * time.Minute)
				r.fallsAsleep(9 * time.Hour) // 21:30
				require.Zero(t, log.len())
				require.Empty(t, r.s.Jobs())
				made, missed := r.split(j)
				require.Len(t, made, 1)
				require.Equal(t, OutcomeCancelled, made[0].Outcome, "due at 13:00, and the stop time is long over")
				requireInstants(t, []time.Time{wallStart.Add(time.Hour)}, scheduledTimes(made))
				requireInstants(t, []time.Time{wallStart.Add(2 * time.Hour)}, scheduledTimes(missed))
				r.pass(10 * time.Hour)
				require.Zero(t, log.len())
			})
		})
	}
}

func TestClockOverlaySynctestAJobStaysUntilItsStopTimeAfterASleep(t *testing.T) {
	for name, definition := range stoppingKinds() {
		t.Run(name, func(t *testing.T) {
			onMovableClock(t, func(r *wallRig) {
				j, log := r.untilEight(definition)
				r.start()
				r.pass(30 * time.Minute)
				r.fallsAsleep(4 * time.Hour) // 16:31
				require.Equal(t, 1, log.len())
				requireInstants(t, hoursOf(17, 18, 19, 20), nextsOf(t, j, 10))
				r.passTo(wallStart.Add(8*time.Hour + time.Minute))
				require.Equal(t, 5, log.len())
				require.Empty(t, r.s.Jobs())
			})
		})
	}
}

func hoursOf(hours ...int) (times []time.Time) {
	for _, h := range hours {
		times = append(times, wallStart.Add(time.Duration(h-12)*time.Hour))
	}
	return times
}

func TestClockOverlaySynctestAJobStaysUntilItsStopTimeAfterTheClockWasSetBack(t *testing.T) {
	for name, definition := range stoppingKinds() {
		for _, back := range []time.Duration{2 * time.Hour, 7 * time.Hour} {
			t.Run(name+" "+back.String(), func(t *testing.T) {
				onMovableClock(t, func(r *wallRig) {
					j, log := r.untilEight(definition)
					r.start()
					r.pass(7*time.Hour + 30*time.Minute)
					require.Equal(t, 7, log.len())
					r.step(-back)
					left := int(back/time.Hour) + 1
					require.Len(t, nextsOf(t, j, 20), left)
					r.pass(back + 31*time.Minute)
					require.Equal(t, 7+left, log.len())
					require.Empty(t, r.s.Jobs())
				})
			})
		}
	}
}

func TestClockOverlaySynctestNothingStartsAfterTheStopTimeByTheWallClock(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		j, log := r.untilEight(DurationJob(100 * time.Hour))
		mustJob(t, r.s, DurationJob(100*time.Hour), noop)
		r.start()
		r.pass(30 * time.Minute)
		r.step(9 * time.Hour)
		_ = j.RunNow()
		synctest.Wait()
		require.Zero(t, log.len())
		r.pass(time.Minute)
		require.Len(t, r.s.Jobs(), 1)
	})
}

// A run waits for its slot; its stop time comes by the wall clock alone.
func TestClockOverlaySynctestAWaitingRunIsDroppedAfterASleepOverItsStopTime(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		h := newHoldup(t)
		blocker := mustJob(t, r.s, DurationJob(1000*time.Hour), h.task)
		j, log := r.untilEight(DurationJob(time.Hour))
		r.start()
		require.NoError(t, blocker.RunNow())
		r.pass(61 * time.Minute)
		require.Equal(t, 1, r.s.JobsWaitingInQueue())
		r.fallsAsleep(9 * time.Hour)
		h.open()
		synctest.Wait()
		require.Zero(t, log.len())
		require.Len(t, r.s.Jobs(), 1)
		made, _ := r.split(j)
		require.Len(t, made, 2, "those of 13:00 and 14:00")
		for _, info := range made {
			require.Equal(t, OutcomeCancelled, info.Outcome)
		}
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}

func TestClockOverlaySynctestTimesCarryNoMonotonicReadingThatSaysOtherwise(t *testing.T) {
	for name, job := range hourlyKinds() {
		for _, step := range []time.Duration{8 * time.Hour, 9 * 24 * time.Hour, -time.Hour, -12 * time.Hour} {
			t.Run(name+" "+step.String(), func(t *testing.T) {
				onMovableClock(t, func(r *wallRig) {
					definition, options := job()
					j, _ := r.logged(definition, options...)
					r.start()
					r.pass(90 * time.Minute)
					r.step(step)
					for range 2 {
						for _, next := range append(nextsOf(t, j, 3), nextOf(t, j)) {
							if !next.IsZero() {
								require.Equal(t, next.Round(0).Sub(r.now()), time.Until(next), "%s", next)
							}
						}
						r.pass(time.Minute)
					}
				})
			})
		}
	}
}
