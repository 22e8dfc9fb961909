//go:build go1.25

package gocron

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A task ends its goroutine, and its run waits for another attempt, then at once for another run of its
// job. Each wait is told, however much there is to tell of other runs before.
func TestSynctestEachWaitOfARunIsTold(t *testing.T) {
	const backoff = time.Nanosecond
	synctest.Test(t, func(t *testing.T) {
		var queued []int // attempts made before
		var since []time.Duration
		began := time.Now()
		s := newScheduler(t, WithHooks(Hooks{
			RunQueued: func(info RunInfo) {
				if info.JobName == "retried" {
					queued, since = append(queued, info.Attempt), append(since, info.QueuedAt.Sub(began))
				}
			},
			RunFinished: func(RunInfo) {},
		}))
		busy := mustJob(t, s, DurationJob(1000*time.Hour), func() { time.Sleep(time.Hour) }, WithSingletonMode(LimitModeWait))
		attempts := 0
		retried := mustJob(t, s, DurationJob(1000*time.Hour), func() {
			time.Sleep(time.Minute)
			if attempts++; attempts == 1 {
				require.NoError(t, s.RemoveJob(busy.ID())) // its runs are told to have finished
				runtime.Goexit()
			}
		}, WithName("retried"), WithSingletonMode(LimitModeWait), WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(backoff)}))
		s.Start()
		for range 2000 {
			require.NoError(t, busy.RunNow())
		}
		require.NoError(t, retried.RunNow())
		synctest.Wait()
		require.NoError(t, retried.RunNow()) // waits for the first
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Equal(t, 3, attempts)
		require.Equal(t, []time.Duration{0, time.Minute, time.Minute + backoff}, since)
		require.Equal(t, []int{0, 1, 1}, queued, "the second run, then the first for its next attempt, and for the second")
	})
}
