//go:build go1.25

package gocron

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// kinds are jobs of every kind with a next time in the present day.
func kinds() map[string]JobDefinition {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	today := time.Now().Day()
	return map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"random":   DurationRandomJob(time.Hour, 2*time.Hour),
		"cron":     CronJob("0 12 * * *", false),
		"daily":    DailyJob(1, noon),
		"weekly":   WeeklyJob(1, NewWeekdays(time.Now().Weekday()), noon),
		"monthly":  MonthlyJob(1, NewDaysOfTheMonth(today), noon),
		"one-time": OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(12 * time.Hour))),
	}
}

func requireNoNextRun(t *testing.T, j Job) {
	t.Helper()
	next, err := j.NextRun()
	require.NoError(t, err)
	require.True(t, next == time.Time{}, "%s: %v", j.Name(), next)
	runs, err := j.NextRuns(3)
	require.NoError(t, err)
	require.Nil(t, runs, j.Name())
}

func TestSynctestContractNewJobBeforeStartRegistersOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLocation(time.UTC))
		var ran atomic.Int64
		var jobs []Job
		for name, d := range kinds() {
			jobs = append(jobs, mustJob(t, s, d, func() { ran.Add(1) }, WithName(name)))
		}
		mustJob(t, s, DurationJob(time.Hour), func() { ran.Add(1) }, WithStartAt(WithStartImmediately()))
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran.Add(1) })
		time.Sleep(40 * 24 * time.Hour)
		synctest.Wait()
		require.Zero(t, ran.Load())
		require.Len(t, s.Jobs(), len(jobs)+2)
		for _, j := range jobs {
			requireNoNextRun(t, j)
		}
	})
}

func TestSynctestContractNoNextRunWhileNotRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLocation(time.UTC))
		var jobs []Job
		for name, d := range kinds() {
			jobs = append(jobs, mustJob(t, s, d, noop, WithName(name)))
		}
		for round := 0; round < 3; round++ {
			s.Start()
			for _, j := range jobs {
				next, err := j.NextRun()
				require.NoError(t, err)
				require.True(t, next.After(time.Now()), j.Name())
			}
			require.NoError(t, s.StopJobs())
			for _, j := range jobs {
				requireNoNextRun(t, j)
			}
			requireNoNextRun(t, mustJob(t, s, DurationJob(time.Hour), noop))
		}
	})
}

func TestSynctestContractStartDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		h := newHoldup(t)
		for i := 0; i < 20; i++ {
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task)
		}
		began := time.Now()
		s.Start()
		require.Zero(t, time.Since(began))
		synctest.Wait()
		require.Equal(t, 1, h.running())
		h.open()
		synctest.Wait()
		require.EqualValues(t, 20, h.ended.Load())
	})
}

func TestSynctestContractStartIsIdempotentWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithSchedulerMonitor(m))
		var ran atomic.Int64
		j := mustJob(t, s, DurationJob(time.Hour), func() { ran.Add(1) }, WithStartAt(WithStartImmediately()))
		s.Start()
		first, err := j.NextRun()
		require.NoError(t, err)
		time.Sleep(20 * time.Minute)
		s.Start()
		synctest.Wait()
		again, err := j.NextRun()
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.EqualValues(t, 1, ran.Load())
		require.Equal(t, 1, m.count("scheduler-started"))
		time.Sleep(40 * time.Minute)
		synctest.Wait()
		require.EqualValues(t, 2, ran.Load())
	})
}

func TestSynctestContractConcurrentStartsStartOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithSchedulerMonitor(m))
		var ran atomic.Int64
		mustJob(t, s, DurationJob(time.Minute), func() { ran.Add(1) })
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran.Add(1000) })
		for round := int64(1); round <= 3; round++ {
			var all sync.WaitGroup
			for i := 0; i < 50; i++ {
				all.Add(1)
				go func() { defer all.Done(); s.Start() }()
			}
			all.Wait()
			time.Sleep(10*time.Minute + time.Second)
			synctest.Wait()
			require.EqualValues(t, 1000+10*round, ran.Load())
			require.EqualValues(t, round, m.count("scheduler-started"))
			require.NoError(t, s.StopJobs())
		}
	})
}

func TestSynctestContractNewJobOnARunningSchedulerSchedulesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLocation(time.UTC))
		s.Start()
		time.Sleep(7 * time.Second)
		var ran atomic.Int64
		j := mustJob(t, s, DurationJob(time.Hour), func() { ran.Add(1) })
		next, err := j.NextRun()
		require.NoError(t, err)
		require.True(t, next.Equal(time.Now().Add(time.Hour)))
		for _, e := range entrances() {
			_, err := e.add(s, uuid.New(), OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() { ran.Add(10) }))
			require.NoError(t, err)
		}
		synctest.Wait()
		require.EqualValues(t, 20, ran.Load())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 21, ran.Load())
	})
}

func TestSynctestContractRunNowWhileNotRunningFailsAtOnceAndHarmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		var ran atomic.Int64
		j := mustJob(t, s, DurationJob(time.Hour), func() { ran.Add(1) }, WithLimitedRuns(2), WithSingletonMode(LimitModeReschedule))
		refused := func() {
			t.Helper()
			before := time.Now()
			for i := 0; i < 10; i++ {
				require.True(t, j.RunNow() == ErrJobRunNowFailed)
			}
			require.Zero(t, time.Since(before))
		}
		refused()
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
		require.NoError(t, s.StopJobs())
		refused()
		s.Start()
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 2, ran.Load())
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestContractRunNowFailsWhileAStopWaitsAndAfterItTimedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		h := newHoldup(t)
		j := mustJob(t, s, DurationJob(time.Hour), h.task, WithStartAt(WithStartImmediately()))
		s.Start()
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- s.StopJobs() }()
		synctest.Wait()
		require.True(t, j.RunNow() == ErrJobRunNowFailed)
		require.True(t, <-stopped == ErrStopJobsTimedOut)
		require.True(t, j.RunNow() == ErrJobRunNowFailed)
		require.Equal(t, 1, h.running())
	})
}
