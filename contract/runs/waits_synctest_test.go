//go:build go1.25

package runs_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

type slowUnlock struct{ then func() }

func (u slowUnlock) Unlock(context.Context) error {
	time.Sleep(time.Minute)
	u.then()
	return nil
}

// A task ends its goroutine, and its run waits for another attempt, which is due when its lock is
// released, so that it waits for another run of its job at once. Each wait is told, with the time
// when it began, however much there is to tell of other runs before.
func TestSynctestEachWaitOfARunIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var queued []int // attempts made before
		var since []time.Duration
		began := time.Now()
		s := rig.NewScheduler(t, gocron.WithHooks(gocron.Hooks{
			RunQueued: func(info gocron.RunInfo) {
				if info.JobName == "retried" {
					queued, since = append(queued, info.Attempt), append(since, info.QueuedAt.Sub(began))
				}
			},
			RunFinished: func(gocron.RunInfo) {},
		}))
		busy := rig.MustJob(t, s, gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Hour) }, gocron.WithSingletonMode(gocron.LimitModeWait))
		attempts := 0
		retried := rig.MustJob(t, s, gocron.DurationJob(1000*time.Hour), func() {
			time.Sleep(time.Minute)
			if attempts++; attempts == 1 {
				runtime.Goexit()
			}
		}, gocron.WithName("retried"), gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Second)}),
			gocron.WithDistributedJobLocker(gocron.LockerFrom(func(context.Context, string) (slowUnlock, error) {
				return slowUnlock{func() { _ = s.RemoveJob(busy.ID()) }}, nil // its runs are told to have finished
			})))
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
		require.Equal(t, []time.Duration{0, time.Minute, 2 * time.Minute}, since)
		require.Equal(t, []int{0, 1, 1}, queued, "the second run, then the first for its next attempt, and for the second")
	})
}
