//go:build go1.25

package time_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A delays is a scheduler whose runs are written down: when each was scheduled, and when it
// started.
type delays struct {
	t    *testing.T
	s    gocron.Scheduler
	mu   sync.Mutex
	runs []gocron.RunInfo
}

func newDelays(t *testing.T, options ...gocron.SchedulerOption) *delays {
	d := &delays{t: t}
	note := gocron.Hooks{RunFinished: func(info gocron.RunInfo) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.runs = append(d.runs, info)
	}}
	s, err := gocron.NewScheduler(append(options, gocron.WithHooks(note), gocron.WithLocation(time.UTC))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Shutdown() })
	d.s = s
	return d
}

func (d *delays) job(definition gocron.JobDefinition, options ...gocron.JobOption) gocron.Job {
	j, err := d.s.NewJob(definition, gocron.NewTask(func() {}), options...)
	require.NoError(d.t, err)
	return j
}

// take is what has run since it was called last.
func (d *delays) take() []gocron.RunInfo {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	runs := d.runs
	d.runs = nil
	return runs
}

// delayOf is the delay of an occurrence as WithJitter's doc says it.
func delayOf(name string, nominal time.Time, max time.Duration) time.Duration {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%d", name, nominal.UnixNano())
	return time.Duration(h.Sum64() % uint64(max))
}

func nextRuns(t *testing.T, j gocron.Job, n int) []time.Time {
	next, err := j.NextRuns(n)
	require.NoError(t, err)
	return next
}

// Jobs of all kinds that take it run when NextRuns has said that they will, each occurrence once,
// late by its own delay, and over a stop as well.
func TestSynctestJitterDelaysEachOccurrence(t *testing.T) {
	const max = 10 * time.Minute
	for name, definition := range map[string]gocron.JobDefinition{
		"hourly":  gocron.DurationJob(time.Hour),
		"daily":   gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(9, 0, 0), gocron.NewAtTime(17, 0, 0))),
		"crontab": gocron.CronJob("*/20 8-18 * * *", false),
		"weekly":  gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday, time.Thursday), gocron.NewAtTimes(gocron.NewAtTime(3, 0, 0))),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDelays(t)
				j := d.job(definition, gocron.WithName(name), gocron.WithJitter(max))
				d.s.Start()
				for _, ends := range []func(){func() {}, func() {
					synctest.Wait()
					require.NoError(t, d.s.StopJobs())
					time.Sleep(time.Second)
					d.s.Start()
				}} {
					ends()
					said := nextRuns(t, j, 12)
					require.Len(t, said, 12)
					time.Sleep(time.Until(said[11]))
					runs := d.take()
					require.Len(t, runs, 12)
					for i, run := range runs {
						require.True(t, run.StartedAt.Equal(said[i]), "%v, said %v", run.StartedAt, said[i])
						require.Equal(t, delayOf(name, run.ScheduledAt, max), run.StartedAt.Sub(run.ScheduledAt))
					}
				}
			})
		})
	}
}

// A delay never reaches the next occurrence, however great it may be.
func TestSynctestJitterEndsBeforeTheNextOccurrence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		d.job(gocron.DurationJob(time.Minute), gocron.WithName("often"), gocron.WithJitter(1000*time.Hour))
		d.s.Start()
		begin := time.Now()
		time.Sleep(100 * time.Minute)
		runs := d.take()
		require.GreaterOrEqual(t, len(runs), 99)
		for i, run := range runs {
			require.True(t, run.ScheduledAt.Equal(begin.Add(time.Duration(i+1)*time.Minute)))
			require.Less(t, run.StartedAt.Sub(run.ScheduledAt), time.Minute)
		}
	})
}

// While an occurrence is delayed it is still ahead: for NextRun, a job that is added then, and
// Start.
func TestSynctestJitterOccurrenceIsAheadUntilItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const max = time.Hour
		tomorrow := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		due := tomorrow.Add(delayOf("nightly", tomorrow, max))
		time.Sleep(time.Until(tomorrow) + due.Sub(tomorrow)/2) // between the two
		d := newDelays(t)
		nightly := gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0)))
		d.s.Start()
		j := d.job(nightly, gocron.WithName("nightly"), gocron.WithJitter(max))
		require.True(t, nextRuns(t, j, 1)[0].Equal(due))
		require.NoError(t, d.s.StopJobs())
		d.s.Start()
		require.True(t, nextRuns(t, j, 1)[0].Equal(due))
		time.Sleep(time.Until(due))
		runs := d.take()
		require.Len(t, runs, 1)
		require.True(t, runs[0].ScheduledAt.Equal(tomorrow))
	})
}

// The stop time goes by the time without the delay: an occurrence before it runs after it.
func TestSynctestJitterStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const max = 50 * time.Minute
		d := newDelays(t)
		stop := time.Now().UTC().Truncate(time.Hour).Add(5 * time.Hour)
		j := d.job(gocron.CronJob("0 * * * *", false), gocron.WithName("hourly"), gocron.WithJitter(max),
			gocron.WithStopAt(gocron.WithStopDateTime(stop)))
		d.s.Start()
		require.NotZero(t, delayOf("hourly", stop, max))
		said := nextRuns(t, j, 100)
		require.True(t, said[len(said)-1].Equal(stop.Add(delayOf("hourly", stop, max))))
		time.Sleep(10 * time.Hour)
		runs := d.take()
		require.Len(t, runs, len(said))
		last := runs[len(runs)-1]
		require.True(t, last.ScheduledAt.Equal(stop))
		require.Equal(t, gocron.OutcomeSucceeded, last.Outcome)
		require.Empty(t, d.s.Jobs(), "it has left")
	})
}

// A start time, an immediate start and RunNow are not delayed.
func TestSynctestJitterStartsAreNotDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		start := time.Now().Add(time.Hour)
		late := d.job(gocron.DurationJob(time.Hour), gocron.WithName("a"), gocron.WithJitter(time.Minute), gocron.WithStartAt(gocron.WithStartDateTime(start)))
		d.job(gocron.DurationJob(24*time.Hour), gocron.WithName("b"), gocron.WithJitter(time.Minute), gocron.WithStartAt(gocron.WithStartImmediately()))
		now := time.Now()
		d.s.Start()
		require.NoError(t, late.RunNow())
		runs := d.take()
		require.Len(t, runs, 2)
		for _, run := range runs {
			require.True(t, run.StartedAt.Equal(now) && run.ScheduledAt.Equal(now))
		}
		require.True(t, nextRuns(t, late, 1)[0].Equal(start))
		time.Sleep(time.Hour)
		runs = d.take()
		require.Len(t, runs, 1)
		require.True(t, runs[0].StartedAt.Equal(start) && runs[0].ScheduledAt.Equal(start))
	})
}

// claimed notes what is claimed, and by when.
type claimed struct {
	mu    sync.Mutex
	times map[time.Time][]time.Time
}

func (c *claimed) Claim(_ context.Context, _ string, scheduled time.Time) (noLock, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times[scheduled] = append(c.times[scheduled], time.Now())
	if len(c.times[scheduled]) > 1 {
		return noLock{}, fmt.Errorf("it was claimed")
	}
	return noLock{}, nil
}

type noLock struct{}

func (noLock) Unlock(context.Context) error { return nil }

// Two nodes claim one occurrence by its time without the delay, at the same delayed moment.
func TestSynctestJitterClaimsTheNominalTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &claimed{times: map[time.Time][]time.Time{}}
		for range 2 {
			d := newDelays(t, gocron.WithDistributedLocker(gocron.ClaimerFrom(c.Claim)))
			d.job(gocron.CronJob("*/30 * * * *", false), gocron.WithName("report"), gocron.WithJitter(20*time.Minute))
			d.s.Start()
		}
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		require.Len(t, c.times, 20)
		for nominal, at := range c.times {
			require.Zero(t, nominal.Minute()%30+nominal.Second())
			require.Len(t, at, 2)
			for _, when := range at {
				require.Equal(t, delayOf("report", nominal, 20*time.Minute), when.Sub(nominal))
			}
		}
	})
}

// Occurrences that pass in a stop are missed by their times without delay.
func TestSynctestJitterMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		d.job(gocron.CronJob("0 * * * *", false), gocron.WithName("hourly"), gocron.WithJitter(30*time.Minute))
		d.s.Start()
		time.Sleep(time.Until(time.Now().UTC().Truncate(time.Hour).Add(50 * time.Minute)))
		d.take()
		require.NoError(t, d.s.StopJobs())
		time.Sleep(5 * time.Hour)
		d.s.Start()
		runs := d.take()
		require.Len(t, runs, 1)
		require.Equal(t, gocron.OutcomeMissed, runs[0].Outcome)
		require.Zero(t, runs[0].ScheduledAt.Minute()+runs[0].ScheduledAt.Nanosecond())
	})
}

func TestJitterRefusals(t *testing.T) {
	s, err := gocron.NewScheduler()
	require.NoError(t, err)
	for _, max := range []time.Duration{0, -1} {
		_, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithName("a"), gocron.WithJitter(max))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.ErrorContains(t, err, fmt.Sprintf("WithJitter(%v)", max))
	}
	_, err = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithJitter(time.Second))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	require.ErrorContains(t, err, "WithName")
	require.Empty(t, s.Jobs())
	require.NoError(t, s.Shutdown())
}
