//go:build go1.25

package lifecycle_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractNewJobBeforeStartRegistersOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
		var ran atomic.Int64
		var jobs []gocron.Job
		for name, d := range rig.DueEachDay() {
			jobs = append(jobs, rig.MustJob(t, s, d, func() { ran.Add(1) }, gocron.WithName(name)))
		}
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran.Add(1) }, gocron.WithStartAt(gocron.WithStartImmediately()))
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran.Add(1) })
		time.Sleep(40 * 24 * time.Hour)
		synctest.Wait()
		require.Zero(t, ran.Load())
		require.Len(t, s.Jobs(), len(jobs)+2)
		for _, j := range jobs {
			rig.NoNextRun(t, j)
		}
	})
}

func TestSynctestContractNoNextRunWhileNotRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
		var jobs []gocron.Job
		for name, d := range rig.DueEachDay() {
			jobs = append(jobs, rig.MustJob(t, s, d, rig.Noop, gocron.WithName(name)))
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
				rig.NoNextRun(t, j)
			}
			rig.NoNextRun(t, rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop))
		}
	})
}

func TestSynctestContractStartDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		for i := 0; i < 20; i++ {
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
		}
		began := time.Now()
		s.Start()
		require.Zero(t, time.Since(began))
		synctest.Wait()
		require.Equal(t, 1, h.Running())
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 20, h.Ended.Load())
	})
}

func TestSynctestContractStartIsIdempotentWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
		var ran atomic.Int64
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran.Add(1) }, gocron.WithStartAt(gocron.WithStartImmediately()))
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
		require.Equal(t, 1, m.Count("scheduler-started"))
		time.Sleep(40 * time.Minute)
		synctest.Wait()
		require.EqualValues(t, 2, ran.Load())
	})
}

func TestSynctestContractConcurrentStartsStartOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
		var ran atomic.Int64
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { ran.Add(1) })
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran.Add(1000) })
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
			require.EqualValues(t, round, m.Count("scheduler-started"))
			require.NoError(t, s.StopJobs())
		}
	})
}

func TestSynctestContractNewJobOnARunningSchedulerSchedulesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
		s.Start()
		time.Sleep(7 * time.Second)
		var ran atomic.Int64
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran.Add(1) })
		next, err := j.NextRun()
		require.NoError(t, err)
		require.True(t, next.Equal(time.Now().Add(time.Hour)))
		for _, e := range rig.Entrances() {
			_, err := e.Add(s, uuid.New(), gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), gocron.NewTask(func() { ran.Add(10) }))
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
		s := rig.NewScheduler(t)
		var ran atomic.Int64
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran.Add(1) }, gocron.WithLimitedRuns(2), gocron.WithSingletonMode(gocron.LimitModeReschedule))
		refused := func() {
			t.Helper()
			before := time.Now()
			for i := 0; i < 10; i++ {
				require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
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
		s := rig.NewScheduler(t)
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithStartAt(gocron.WithStartImmediately()))
		s.Start()
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- s.StopJobs() }()
		synctest.Wait()
		require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
		require.True(t, <-stopped == gocron.ErrStopJobsTimedOut)
		require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
		require.Equal(t, 1, h.Running())
	})
}
