//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
	definition JobDefinition
	options    []JobOption
} {
	start := bubbleStart.Add(-1234567 * time.Microsecond)
	at := NewAtTimes(NewAtTime(0, 0, 50), NewAtTime(0, 2, 10), NewAtTime(0, 5, 0))
	type job = struct {
		definition JobDefinition
		options    []JobOption
	}
	return map[string]job{
		"duration":            {DurationJob(7 * time.Second), nil},
		"odd duration":        {DurationJob(11*time.Second + 7*time.Nanosecond), nil},
		"duration from start": {DurationJob(7 * time.Second), []JobOption{WithStartAt(WithStartDateTimePast(start))}},
		"duration from later": {DurationJob(9 * time.Second), []JobOption{WithStartAt(WithStartDateTimePast(bubbleStart.Add(100 * time.Second)))}},
		"every":               {CronJob("@every 13s", false), nil},
		"every from start":    {CronJob("@every 13s", false), []JobOption{WithStartAt(WithStartDateTimePast(start))}},
		"cron":                {CronJob("*/17 * * * * *", true), nil},
		"daily":               {DailyJob(1, at), nil},
		"daily from start":    {DailyJob(2, at), []JobOption{WithStartAt(WithStartDateTimePast(start))}},
	}
}

// Whenever a node started, or stopped and started again, it has the times of all others.
func TestSynctestClaimsTimesDoNotDependOnStarts(t *testing.T) {
	for name, job := range claimJobs() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				node := func() (Scheduler, Job) {
					s := newScheduler(t, WithDistributedLocker(c.locker()), WithLocation(time.UTC))
					return s, mustJob(t, s, job.definition, noop, append(job.options, WithName("j"))...)
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

				_, err := third.Update(l.ID(), job.definition, NewTask(noop), append(job.options, WithName("j"))...)
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
				node := func(options ...SchedulerOption) Job {
					s := newScheduler(t, append(options, WithDistributedLocker(c.locker()))...)
					s.Start()
					return mustJob(t, s, DurationJob(d), func(ctx context.Context) {
						info, _ := RunFromContext(ctx)
						c.mu.Lock()
						defer c.mu.Unlock()
						ran[info.ScheduledAt.UTC().Format(time.RFC3339Nano)]++
					}, WithName("j"))
				}
				set, steady := node(WithClock(clock)), node()
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
				node := func() (Scheduler, Job) {
					s := newScheduler(t, WithDistributedLocker(c.locker()), WithClock(clock), WithLocation(time.UTC))
					s.Start()
					return s, mustJob(t, s, job.definition, noop, append(job.options, WithName("j"))...)
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

// Monotonic clocks of different machines have nothing in common, so no start keeps its
// reading. Times in a bubble have none, so this is on the real clock.
func TestSynctestClaimsAreDueByTheWallClock(t *testing.T) {
	taken := ClaimerFrom(func(context.Context, string, time.Time) (Lock, error) { return nil, errors.New("taken") })
	s := newScheduler(t, WithDistributedLocker(taken))
	s.Start()
	start := WithStartAt(WithStartDateTimePast(time.Now().Add(-90 * time.Second)))
	for _, j := range []Job{mustJob(t, s, DurationJob(time.Minute), func() {}, WithName("j")), mustJob(t, s, DurationJob(time.Minute), func() {}, WithName("k"), start)} {
		j := j.(*internalJob)
		j.s.mu.Lock()
		byWall, next := j.dueByWall, j.next
		j.s.mu.Unlock()
		require.True(t, byWall)
		require.False(t, hasMonotonic(next))
	}
}
