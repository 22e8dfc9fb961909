//go:build walltime && go1.25

package gocron

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fallsAsleep has the machine sleep for d and looks at what came of it a minute later.
func (r *wallRig) fallsAsleep(d time.Duration) {
	r.step(d)
	r.pass(time.Minute)
}

// split tells the runs of a job that were made from the records of missed ones.
func (r *wallRig) split(j Job) (made, missed []RunInfo) {
	for _, info := range r.finished(j) {
		if info.Outcome.String() == "missed" {
			missed = append(missed, info)
		} else {
			made = append(made, info)
		}
	}
	return made, missed
}

// hourlyKinds are jobs of all kinds, each due at every full hour from 13:00 on.
func hourlyKinds() map[string]func() (JobDefinition, []JobOption) {
	var hours []AtTime
	var instants []time.Time
	for h := range uint(24) {
		hours = append(hours, NewAtTime(h, 0, 0))
		instants = append(instants, wallStart.Add(time.Duration(h+1)*time.Hour))
	}
	of := func(definition JobDefinition, options ...JobOption) func() (JobDefinition, []JobOption) {
		return func() (JobDefinition, []JobOption) { return definition, options }
	}
	all := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	return map[string]func() (JobDefinition, []JobOption){
		"duration":   of(DurationJob(time.Hour)),
		"started":    of(DurationJob(time.Hour), startAt(wallStart.Add(time.Hour))),
		"past start": of(DurationJob(time.Hour), WithStartAt(WithStartDateTimePast(wallStart.Add(-5*time.Hour)))),
		"monotonic start": func() (JobDefinition, []JobOption) {
			return DurationJob(time.Hour), []JobOption{startAt(time.Now().Add(time.Hour))}
		},
		"from now":   of(DurationJob(time.Hour), WithStartAt(WithStartImmediately())),
		"random":     of(DurationRandomJob(time.Hour, time.Hour+1)),
		"completion": of(DurationJob(time.Hour), WithIntervalFromCompletion()),
		"@every":     of(CronJob("@every 1h", false)),
		"cron":       of(CronJob("0 * * * *", false)),
		"fixed cron": of(CronJob("0 0-23 * * *", false), WithStopAt(WithStopDateTime(wallStart.Add(1000*time.Hour)))),
		"monotonic cron": func() (JobDefinition, []JobOption) {
			return CronJob("0 * * * *", false), []JobOption{startAt(time.Now().Add(time.Hour))}
		},
		"daily":    of(DailyJob(1, atTimes(hours...))),
		"weekly":   of(WeeklyJob(1, NewWeekdays(0, all[1:]...), atTimes(hours...))),
		"monthly":  of(MonthlyJob(1, NewDaysOfTheMonth(10, 11, 12), atTimes(hours...))),
		"one-time": of(OneTimeJob(OneTimeJobStartDateTimes(instants...))),
	}
}

func TestClockOverlaySynctestASleepIsOneRunThenThePhaseGoesOn(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			onMovableClock(t, func(r *wallRig) {
				definition, options := job()
				j, log := r.logged(definition, options...)
				r.start()
				r.pass(30 * time.Minute)
				before := log.len()
				r.fallsAsleep(8 * time.Hour) // from 12:30 to 20:30
				counts := name == "random" || name == "completion"
				switch {
				case name == "one-time": // all of them are owed
					require.Equal(t, 8, log.len()-before)
				default:
					require.Equal(t, 1, log.len()-before)
					made, _ := r.split(j)
					requireInstants(t, []time.Time{wallStart.Add(time.Hour)}, scheduledTimes(made[before:]))
				}
				next := nextOf(t, j)
				require.True(t, next.After(r.now()))
				if !counts {
					requireInstants(t, []time.Time{wallStart.Add(9 * time.Hour)}, []time.Time{next})
				}
				require.Equal(t, next, nextsOf(t, j, 1)[0])
				n := log.len()
				r.passTo(next)
				requireInstants(t, []time.Time{next}, log.all()[n:])
				made, _ := r.split(j)
				requireInstants(t, []time.Time{next}, scheduledTimes(made[n:]))
				r.pass(3 * time.Hour)
				made, _ = r.split(j)
				for _, at := range scheduledTimes(made) {
					require.True(t, counts || at.Equal(at.Truncate(time.Hour)), "due at %s", at)
				}
			})
		})
	}
}

func TestClockOverlaySynctestASleepIsOneRecordOfWhatWasMissed(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			onMovableClock(t, func(r *wallRig) {
				definition, options := job()
				j, _ := r.logged(definition, options...)
				r.start()
				r.pass(30 * time.Minute)
				for i, sleep := range []time.Duration{8 * time.Hour, 20 * time.Minute, time.Hour} { // 20:31, 20:52, 21:53
					r.fallsAsleep(sleep)
					_, missed := r.split(j)
					want := 1
					if name == "random" || name == "completion" || name == "one-time" {
						want = 0
					}
					require.Len(t, missed, want, "after sleep %d", i)
					if want == 0 {
						continue
					}
					require.NotZero(t, missed[0].ID)
					requireInstants(t, []time.Time{wallStart.Add(2 * time.Hour)}, scheduledTimes(missed), "13:00 ran")
				}
			})
		})
	}
}

// The machine sleeps from 00:30 to 08:30.
func TestClockOverlaySynctestARunThatWasDueInASleepComesWhenItEnds(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		midnight := wallStart.Add(12 * time.Hour)
		r.set(midnight)
		j, log := r.logged(DurationJob(time.Hour))
		r.start()
		r.pass(30*time.Minute + 20*time.Second)
		r.fallsAsleep(8 * time.Hour)
		require.Equal(t, 1, log.len())
		require.False(t, log.all()[0].After(midnight.Add(8*time.Hour+31*time.Minute+20*time.Second)))
		requireInstants(t, []time.Time{midnight.Add(time.Hour)}, scheduledTimes(r.finished(j)[:1]))
		for range 8 {
			r.pass(time.Hour)
		}
		made, _ := r.split(j)
		require.Len(t, made, 9)
		for i, info := range made[1:] {
			requireInstants(t, []time.Time{midnight.Add(time.Duration(9+i) * time.Hour)}, []time.Time{info.ScheduledAt})
			require.Equal(t, info.ScheduledAt, info.StartedAt)
		}
	})
}

func TestClockOverlaySynctestASleepEveryNight(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		j, log := r.logged(DurationJob(time.Hour))
		r.start()
		for range 20 {
			r.pass(16 * time.Hour)
			n := log.len()
			r.fallsAsleep(8*time.Hour - time.Minute)
			require.LessOrEqual(t, log.len()-n, 2, "one when it wakes up and maybe one at noon")
			require.Zero(t, nextOf(t, j).Sub(wallStart)%time.Hour)
		}
	})
}

func TestClockOverlaySynctestAFewSecondsAheadAreNoSleep(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		j, log := r.logged(DurationJob(time.Hour))
		daily, ran := r.logged(CronJob("0 * * * *", false))
		r.start()
		r.pass(30 * time.Minute)
		for range 6 {
			r.fallsAsleep(5 * time.Second)
		}
		due := wallStart.Add(time.Hour + 30*time.Second)
		requireInstants(t, []time.Time{due, due.Add(time.Hour)}, nextsOf(t, j, 2))
		requireInstants(t, []time.Time{wallStart.Add(time.Hour)}, nextsOf(t, daily, 1))
		r.pass(24 * time.Minute)
		requireInstants(t, []time.Time{due}, log.all())
		requireInstants(t, []time.Time{wallStart.Add(time.Hour)}, ran.all())
		require.Len(t, append(r.finished(j), r.finished(daily)...), 2)
	})
}

func TestClockOverlaySynctestMoreThanAWeekMovesCalendarJobsAlone(t *testing.T) {
	for _, days := range []time.Duration{8, 26 * 365} { // the clock of a machine without a battery
		onMovableClock(t, func(r *wallRig) {
			set := days * 24 * time.Hour
			j, log := r.logged(DurationJob(time.Hour))
			cron, ran := r.logged(CronJob("0 * * * *", false))
			every, rounds := r.logged(CronJob("@every 1h", false))
			r.start()
			r.pass(30 * time.Minute)
			r.step(set)
			due := wallStart.Add(set + time.Hour)
			requireInstants(t, []time.Time{due, due.Add(time.Hour)}, nextsOf(t, j, 2))
			r.pass(time.Minute)
			require.Zero(t, log.len())
			requireInstants(t, []time.Time{due, due.Add(time.Hour)}, nextsOf(t, j, 2))
			for _, calendar := range []Job{cron, every} {
				made, missed := r.split(calendar)
				requireInstants(t, []time.Time{wallStart.Add(time.Hour)}, scheduledTimes(made))
				requireInstants(t, []time.Time{wallStart.Add(2 * time.Hour)}, scheduledTimes(missed))
				requireInstants(t, []time.Time{due}, nextsOf(t, calendar, 1))
			}
			r.pass(29 * time.Minute)
			requireInstants(t, []time.Time{due}, log.all())
			require.Equal(t, 2, ran.len())
			require.Equal(t, 2, rounds.len())
			infos := r.finished(j)
			require.Len(t, infos, 1, "nothing of the interval job was missed")
			requireInstants(t, []time.Time{due}, scheduledTimes(infos))
		})
	}
}

func TestClockOverlaySynctestSixDaysAreASleep(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		j, log := r.logged(DurationJob(time.Hour))
		r.start()
		r.pass(30 * time.Minute)
		r.fallsAsleep(6 * 24 * time.Hour)
		require.Equal(t, 1, log.len())
		requireInstants(t, []time.Time{wallStart.Add(6*24*time.Hour + time.Hour)}, nextsOf(t, j, 1))
	})
}

func TestClockOverlaySynctestARetryIsDueAfterASleep(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		var attempts rigLog
		j := mustJob(t, r.s, OneTimeJob(OneTimeJobStartDateTime(wallStart.Add(time.Minute))), func() error {
			attempts.add(r.now())
			return errors.New("not yet")
		}, WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Hour)}))
		r.start()
		r.pass(30 * time.Minute)
		require.Equal(t, 1, attempts.len())
		r.fallsAsleep(8 * time.Hour)
		require.Equal(t, 2, attempts.len())
		e, err := r.c.Explain(j.ID())
		require.NoError(t, err)
		requireInstants(t, []time.Time{attempts.all()[1].Add(time.Hour)}, []time.Time{e.NextAttempt})
		r.step(5 * time.Second)
		e, err = r.c.Explain(j.ID())
		require.NoError(t, err)
		requireInstants(t, []time.Time{attempts.all()[1].Add(time.Hour + 5*time.Second)}, []time.Time{e.NextAttempt})
		r.passTo(e.NextAttempt)
		require.Equal(t, 3, attempts.len())
	})
}

func TestClockOverlaySynctestARetryGoesOnWhenTheClockIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 12 * time.Hour} {
		onMovableClock(t, func(r *wallRig) {
			var attempts rigLog
			j := mustJob(t, r.s, OneTimeJob(OneTimeJobStartDateTime(wallStart.Add(time.Minute))), func() error {
				attempts.add(r.now())
				return errors.New("not yet")
			}, WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Hour)}))
			r.start()
			r.pass(31 * time.Minute)
			r.step(-back)
			e, err := r.c.Explain(j.ID())
			require.NoError(t, err)
			requireInstants(t, []time.Time{r.now().Add(30 * time.Minute)}, []time.Time{e.NextAttempt})
			r.pass(30 * time.Minute)
			require.Equal(t, 2, attempts.len())
		})
	}
}

// NextRun asked before the scheduler has looked at the clock.
func TestClockOverlaySynctestNextRunRightAfterASleepIsNotInThePast(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			onMovableClock(t, func(r *wallRig) {
				definition, options := job()
				j, _ := r.logged(definition, options...)
				r.start()
				r.pass(30 * time.Minute)
				r.step(8 * time.Hour)
				for _, at := range append(nextsOf(t, j, 3), nextOf(t, j)) {
					require.True(t, at.IsZero() || !at.Before(r.now()), "%s", at)
				}
			})
		})
	}
}

func TestClockOverlaySynctestASleepWhileStopped(t *testing.T) {
	for name, job := range hourlyKinds() {
		t.Run(name, func(t *testing.T) {
			onMovableClock(t, func(r *wallRig) {
				definition, options := job()
				j, log := r.logged(definition, options...)
				r.start()
				r.pass(30 * time.Minute)
				before := log.len()
				r.stop()
				r.step(8 * time.Hour)
				r.start() // 20:30
				switch name {
				case "from now":
					requireInstants(t, []time.Time{r.now()}, log.all()[before:])
					requireInstants(t, []time.Time{r.now().Add(time.Hour)}, nextsOf(t, j, 1))
				case "random", "completion":
					require.Equal(t, before, log.len())
				default:
					require.Equal(t, before, log.len())
					requireInstants(t, []time.Time{wallStart.Add(9 * time.Hour)}, nextsOf(t, j, 1))
					_, missed := r.split(j)
					requireInstants(t, []time.Time{wallStart.Add(time.Hour)}, scheduledTimes(missed))
				}
			})
		})
	}
}
