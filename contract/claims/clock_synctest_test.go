//go:build go1.25

package claims_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// A skewedClock is off by something, which may change, as a machine's wall clock is. Its
// timers count on.
type skewedClock struct {
	clockwork.Clock
	off atomic.Int64
}

func newSkewedClock(off time.Duration) *skewedClock {
	c := &skewedClock{Clock: clockwork.NewRealClock()}
	c.off.Store(int64(off))
	return c
}

func (c *skewedClock) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.off.Load())) }

// claimJobs are jobs with occurrences within minutes, at times that are no full minutes.
func claimJobs() map[string]struct {
	definition gocron.JobDefinition
	options    []gocron.JobOption
} {
	start := bubbleStart.Add(-1234567 * time.Microsecond)
	at := gocron.NewAtTimes(gocron.NewAtTime(0, 0, 50), gocron.NewAtTime(0, 2, 10), gocron.NewAtTime(0, 5, 0))
	type job = struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
	}
	return map[string]job{
		"duration":            {gocron.DurationJob(7 * time.Second), nil},
		"odd duration":        {gocron.DurationJob(11*time.Second + 7*time.Nanosecond), nil},
		"duration from start": {gocron.DurationJob(7 * time.Second), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(start))}},
		"duration from later": {gocron.DurationJob(9 * time.Second), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart.Add(100 * time.Second)))}},
		"every":               {gocron.CronJob("@every 13s", false), nil},
		"every from start":    {gocron.CronJob("@every 13s", false), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(start))}},
		"cron":                {gocron.CronJob("*/17 * * * * *", true), nil},
		"daily":               {gocron.DailyJob(1, at), nil},
		"daily from start":    {gocron.DailyJob(2, at), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(start))}},
	}
}

// Whenever a node started, or stopped and started again, it has the times of all others.
func TestSynctestClaimsTimesDoNotDependOnStarts(t *testing.T) {
	for name, job := range claimJobs() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				node := func() (gocron.Scheduler, gocron.Job) {
					s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLocation(time.UTC))
					return s, rig.MustJob(t, s, job.definition, rig.Noop, append(job.options, gocron.WithName("j"))...)
				}
				first, j := node()
				second, k := node()
				first.Start()
				time.Sleep(600 * time.Millisecond)
				second.Start()
				time.Sleep(31 * time.Second)
				synctest.Wait()
				require.NoError(t, first.StopJobs())
				time.Sleep(17 * time.Millisecond)
				first.Start()
				third, l := node()
				third.Start()
				time.Sleep(40 * time.Second)
				synctest.Wait()
				require.NoError(t, second.StopJobs())
				time.Sleep(time.Minute)
				second.Start()
				expected := nextTimes(t, j, 4)
				requireTimesAt(t, expected, nextTimes(t, k, 4))
				requireTimesAt(t, expected, nextTimes(t, l, 4))

				_, err := third.Update(l.ID(), job.definition, gocron.NewTask(rig.Noop), append(job.options, gocron.WithName("j"))...)
				require.NoError(t, err)
				requireTimesAt(t, expected, nextTimes(t, l, 4), "replaced")
			})
		})
	}
}

// Whatever happens to the clock of a node, it asks for occurrences that others have, too,
// and for none twice that was its own.
func TestSynctestClaimsStayInPhaseWhenAClockIsSet(t *testing.T) {
	steps := map[string]time.Duration{
		"forward a little": 3 * time.Second, "forward": 10*time.Minute + 1500*time.Millisecond,
		"back a little": -3 * time.Second, "back": -10*time.Minute - 1500*time.Millisecond,
	}
	for step, by := range steps {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const d = 7*time.Second + 13*time.Millisecond
				c := newClaimStore(t)
				clock := newSkewedClock(0)
				ran := map[string]int{}
				node := func(options ...gocron.SchedulerOption) gocron.Job {
					s := rig.NewScheduler(t, append(options, gocron.WithDistributedLocker(c.locker()))...)
					s.Start()
					return rig.MustJob(t, s, gocron.DurationJob(d), func(ctx context.Context) {
						info, _ := gocron.RunFromContext(ctx)
						c.mu.Lock()
						defer c.mu.Unlock()
						ran[info.ScheduledAt.UTC().Format(time.RFC3339Nano)]++
					}, gocron.WithName("j"))
				}
				set, steady := node(gocron.WithClock(clock)), node()
				time.Sleep(time.Minute)
				clock.off.Store(int64(by))
				time.Sleep(15 * time.Minute)
				requireTimesAt(t, multiples(time.Unix(0, 0), d, clock.Now(), 3), nextTimes(t, set, 3))
				requireTimesAt(t, multiples(time.Unix(0, 0), d, time.Now(), 3), nextTimes(t, steady, 3))
				clock.off.Store(0)
				time.Sleep(15 * time.Minute)
				requireTimesAt(t, nextTimes(t, steady, 3), nextTimes(t, set, 3))

				for _, o := range c.questions() {
					require.Zero(t, o.at.UnixNano()%int64(d), o.at)
				}
				for at, n := range ran {
					require.Equal(t, 1, n, at)
				}
				require.Len(t, ran, len(c.times("j")))
			})
		})
	}
}

// A fake clock that is moved on by any steps shows times of the same grid.
func TestSynctestClaimsOnAFakeClock(t *testing.T) {
	for _, name := range []string{"duration", "every", "duration from start"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				job := claimJobs()[name]
				c := newClaimStore(t)
				clock := clockwork.NewFakeClockAt(bubbleStart.Add(1234 * time.Millisecond))
				node := func() (gocron.Scheduler, gocron.Job) {
					s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()), gocron.WithClock(clock), gocron.WithLocation(time.UTC))
					s.Start()
					return s, rig.MustJob(t, s, job.definition, rig.Noop, append(job.options, gocron.WithName("j"))...)
				}
				_, j := node()
				for _, step := range []time.Duration{1, 20 * time.Second, 0, 3*time.Second + 5, 10 * time.Minute, 7 * time.Second} {
					clock.Advance(step)
					synctest.Wait()
				}
				s, late := node()
				requireTimesAt(t, nextTimes(t, late, 5), nextTimes(t, j, 5))
				require.NoError(t, s.StopJobs())
				clock.Advance(time.Minute + time.Nanosecond)
				s.Start()
				synctest.Wait()
				requireTimesAt(t, nextTimes(t, late, 5), nextTimes(t, j, 5), fmt.Sprint(clock.Now()))
			})
		})
	}
}
