//go:build go1.25

package model_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A pause takes away the run that waits for a slot, and with it what kept a RunNow of
// the same job at its gate.
func TestSynctestModelPauseOpensTheGateForARunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		blocker := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Minute) })
		ran := 0
		j := mustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), func() { ran++ },
			gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		require.NoError(t, blocker.RunNow())
		time.Sleep(2 * time.Second)
		require.NoError(t, j.RunNow())
		require.NoError(t, gocron.NewController(s).Pause(j.ID()))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, ran)
	})
}

// A stop that drains returns when the last run has ended, although another stop gave
// up before.
func TestSynctestModelDrainOfAStopBesideOneThatGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, gocron.WithDrain(), gocron.WithStopTimeout(time.Minute))
		j := mustJob(t, s, gocron.DurationJob(time.Hour), func() { time.Sleep(20 * time.Second) })
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		begin := time.Now()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_ = s.StopJobsWithContext(ctx)
		}()
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		require.Equal(t, 20*time.Second, time.Since(begin))
	})
}

// A run that finds no room in the queue replaces nobody.
func TestSynctestModelDroppedRunReplacesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, gocron.WithQueueLimit(1))
		var cause error
		j := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func(ctx context.Context) {
			time.Sleep(time.Minute)
			cause = context.Cause(ctx)
		}, gocron.WithSingletonMode(gocron.LimitModeReplace))
		other := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Hour) }, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		for _, job := range []gocron.Job{j, other, other} {
			require.NoError(t, job.RunNow())
		}
		synctest.Wait()
		require.ErrorIs(t, j.RunNow(), gocron.ErrQueueFull)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		require.NoError(t, cause)
	})
}

// A newer run has the turn of the one it has replaced, also before older runs that
// were kept at their gate, so that a job which is due often is performed at all.
func TestSynctestModelReplacingRunTakesTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		order := ""
		add := func(name string, mode gocron.LimitMode) gocron.Job {
			return mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Minute); order += name }, gocron.WithSingletonMode(mode))
		}
		a, b := add("a", gocron.LimitModeWait), add("b", gocron.LimitModeReplace)
		s.Start()
		for _, job := range []gocron.Job{a, b, a, a, b} { // the first of a runs, two are at their gate
			require.NoError(t, job.RunNow())
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, "abaa", order)
	})
}

// A retry that waits at its gate and then for a slot has begun to wait once.
func TestSynctestModelRetryIsQueuedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var queued []time.Duration
		begin := time.Now()
		s := newScheduler(t, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithHooks(gocron.Hooks{RunQueued: func(info gocron.RunInfo) {
			queued = append(queued, time.Since(begin))
		}}))
		attempts := 0
		j := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() error {
			if attempts++; attempts == 1 {
				return errModelTask
			}
			time.Sleep(time.Minute)
			return nil
		}, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(10 * time.Second)}))
		other := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Hour) })
		s.Start()
		for _, job := range []gocron.Job{j, j, other} { // the second run of j is in the way of the first one's retry
			require.NoError(t, job.RunNow())
			synctest.Wait()
		}
		require.NoError(t, gocron.NewController(s).SetLimit(1)) // and then the other job is
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		require.Equal(t, 3, attempts)
		require.Equal(t, []time.Duration{0, 10 * time.Second}, queued)
	})
}

// A run that is skipped because another one has ended finishes then, not when the
// other one's task returned.
func TestSynctestModelSkippedRunFinishesAfterItWasDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule), gocron.WithHistory(2))
		slow := gocron.AfterJobRuns(func(uuid.UUID, string) { time.Sleep(3 * time.Second) })
		j := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() {}, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithEventListeners(slow))
		other := mustJob(t, s, gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Hour) })
		s.Start()
		c := gocron.NewController(s)
		begin := time.Now()
		require.NoError(t, j.RunNow())
		require.NoError(t, other.RunNow())
		require.NoError(t, c.SetLimit(1))
		time.Sleep(time.Second)
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		runs, err := c.History(j.ID())
		require.NoError(t, err)
		require.Len(t, runs, 2)
		require.Equal(t, gocron.OutcomeSkippedLimit, runs[1].Outcome)
		require.Equal(t, 3*time.Second, runs[1].FinishedAt.Sub(begin))
		time.Sleep(time.Hour)
	})
}

// A limitMonitor hears of limits alone.
type limitMonitor struct {
	rig.NoMonitor
	reached func(limit string, j gocron.Job)
}

func (m limitMonitor) ConcurrencyLimitReached(limit string, j gocron.Job) { m.reached(limit, j) }

// The locks of two runs are released when their next attempts are due already. Each run frees its
// slot and at once wants one again, so each is told that it finds none: the first that is released
// leaves its slot to the run that has waited, the second to the first.
func TestSynctestModelRetriesThatAreDueAtTheUnlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var lines []string
		tell := func(line string) {
			mu.Lock()
			defer mu.Unlock()
			lines = append(lines, line)
		}
		told := func() (all []string) {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			all, lines = lines, nil
			return all
		}
		s := newScheduler(t, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithSchedulerMonitor(limitMonitor{
			reached: func(limit string, j gocron.Job) { tell(limit + " " + j.Name()) },
		}))
		released := make(map[uint64]chan struct{}) // by run
		unlock := rig.UnlockFunc(func(ctx context.Context) error {
			run, _ := gocron.RunFromContext(ctx)
			if run.Attempt == 1 {
				<-released[run.ID]
			}
			return nil
		})
		task := func(ctx context.Context) error {
			run, _ := gocron.RunFromContext(ctx)
			tell(fmt.Sprintf("run %d of %s, attempt %d", run.ID, run.JobName, run.Attempt))
			time.Sleep(time.Minute)
			return errModelTask
		}
		j := mustJob(t, s, gocron.DurationJob(1000*time.Hour), task, gocron.WithName("tried again"),
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Second)}),
			gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return unlock, nil })))
		other := mustJob(t, s, gocron.DurationJob(1000*time.Hour), task, gocron.WithName("other"))
		s.Start()
		for run := uint64(1); run <= 3; run++ {
			released[run] = make(chan struct{})
			require.NoError(t, []gocron.Job{j, j, other}[run-1].RunNow())
			synctest.Wait()
		}
		time.Sleep(70 * time.Second)
		require.Equal(t, []string{"run 1 of tried again, attempt 1", "run 2 of tried again, attempt 1", "limit other"}, told())
		for _, run := range []uint64{2, 1} { // in whatever order
			close(released[run])
			begins := map[uint64]string{2: "run 3 of other, attempt 1", 1: "run 2 of tried again, attempt 2"}[run]
			require.ElementsMatch(t, []string{begins, "limit tried again"}, told())
		}
		time.Sleep(time.Hour)
	})
}
