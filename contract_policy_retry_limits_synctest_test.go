//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyRetryCountsOccurrencesNotAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract)
		mustJob(t, s, DurationJob(time.Minute), p.task, retries(3, 10*time.Second), WithLimitedRuns(2))
		time.Sleep(time.Hour)
		second := time.Second
		require.Equal(t, []time.Duration{60 * second, 70 * second, 80 * second, 120 * second, 130 * second, 140 * second}, p.calls())
		require.Equal(t, []string{"failed 3", "failed 3"}, b.outcomes())
		require.Empty(t, s.Jobs())
	})
}

// The last limited run is not done before its last attempt is.
func TestSynctestPolicyRetryKeepsALimitedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract)
		j := mustJob(t, s, DurationJob(time.Minute), p.task, retries(2, time.Hour), WithLimitedRuns(1))
		time.Sleep(time.Minute)
		for i := 0; i < 3; i++ {
			requireRetrying(t, s, 1)
			require.Equal(t, []Job{j}, s.Jobs())
			requireNoNextRun(t, j)
			require.NoError(t, j.RunNow(), "of no effect: no run is left")
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		require.Equal(t, []string{"failed 2"}, b.outcomes())
		require.Empty(t, s.Jobs())
		require.EqualValues(t, 1, policyStats(t, s).Made)
	})
}

func TestSynctestPolicyRetryFromCompletionOfTheLastAttempt(t *testing.T) {
	for name, mode := range map[string]JobOption{
		"overlapping": WithTags(), "skip": WithSingletonMode(LimitModeReschedule), "wait": WithSingletonMode(LimitModeWait),
		"one": WithSingletonMode(LimitModeQueueOne), "replace": WithSingletonMode(LimitModeReplace),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(errContract, errContract, nil, errContract, nil)
				task := func() error { defer time.Sleep(5 * time.Second); return p.task() }
				j := mustJob(t, s, DurationJob(time.Minute), task, WithIntervalFromCompletion(), retries(3, 10*time.Second), mode)
				time.Sleep(65 * time.Second)
				requireRetrying(t, s, 1)
				requireNoNextRun(t, j)
				time.Sleep(30 * time.Second) // the third attempt ends
				synctest.Wait()
				require.True(t, nextOf(t, j).Equal(time.Now().Add(time.Minute)))
				time.Sleep(time.Minute + 20*time.Second)
				synctest.Wait()
				require.True(t, nextOf(t, j).Equal(time.Now().Add(time.Minute)))
				second := time.Second
				require.Equal(t, []time.Duration{60 * second, 75 * second, 90 * second, 155 * second, 170 * second}, p.calls())
				require.Equal(t, []string{"succeeded 3", "succeeded 2"}, b.outcomes())
			})
		})
	}
}

// The run was due first: it goes before all that were due later and wait.
func TestSynctestPolicyRetryGoesBeforeRunsThatWereDueLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		r := newRoll(t)
		failOnce := func(name string) any {
			p, task := answering(errContract, nil), r.taskOf(name)
			return func() error {
				if err := p.task(); err != nil {
					return err
				}
				task()
				return nil
			}
		}
		for _, name := range []string{"first", "second"} {
			require.NoError(t, mustJob(t, s, ages(), failOnce(name), retries(2, time.Minute)).RunNow())
			synctest.Wait()
		}
		for _, name := range []string{"blocker", "third", "fourth"} {
			require.NoError(t, mustJob(t, s, ages(), r.taskOf(name)).RunNow())
		}
		time.Sleep(time.Minute)
		require.Equal(t, 4, policyStats(t, s).Waiting)
		r.open()
		synctest.Wait()
		require.Equal(t, []string{"blocker", "first", "second", "third", "fourth"}, r.signed())
	})
}

func TestSynctestPolicyRetryGoesBeforeLaterRunsOfItsJob(t *testing.T) {
	for name, limit := range map[string]SchedulerOption{
		"no limit": WithLocation(time.UTC), "limit": WithLimitConcurrentJobs(1, LimitModeWait),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, limit)
				p, h := answering(errContract, nil), newHoldup(t)
				j := mustJob(t, s, ages(), func() error {
					if err := p.task(); err != nil {
						return err
					}
					h.task()
					return nil
				}, retries(2, time.Minute), WithSingletonMode(LimitModeWait))
				for i := 0; i < 4; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
				}
				time.Sleep(time.Minute)
				require.Equal(t, 3, policyStats(t, s).Waiting)
				for i := 0; i < 4; i++ {
					h.letGo()
					synctest.Wait()
				}
				var order []uint64
				synctest.Wait()
				for _, info := range b.finished {
					order = append(order, info.ID)
				}
				require.Equal(t, []uint64{2, 1, 3, 4}, order)
				require.EqualValues(t, 1, h.most.Load())
			})
		})
	}
}

// Whatever a limit does with runs that find no slot, it keeps those that were let
// start once.
func TestSynctestPolicyRetryWaitsUnderAnyLimit(t *testing.T) {
	for name, limits := range map[string][]SchedulerOption{
		"wait":              {WithLimitConcurrentJobs(1, LimitModeWait)},
		"skip":              {WithLimitConcurrentJobs(1, LimitModeReschedule)},
		"wait, short queue": {WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1)},
		"pool":              {WithPool("pool", 1, LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, limits...)
				pool := WithTags()
				if name == "pool" {
					pool = InPool("pool")
				}
				p, h := answering(errContract, errContract, nil), newHoldup(t)
				j := mustJob(t, s, ages(), p.task, retries(2, time.Minute), pool)
				for i := 0; i < 2; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
				}
				require.NoError(t, mustJob(t, s, ages(), h.task, pool).RunNow())
				time.Sleep(time.Minute)
				require.Equal(t, 2, policyStats(t, s).Waiting, "more than a queue limit has room for")
				h.open()
				require.Len(t, p.calls(), 4)
				require.Equal(t, []string{"succeeded 2", "succeeded 2", "succeeded 1"}, b.outcomes())
				requireRetrying(t, s, 0)
			})
		})
	}
}

func TestSynctestPolicyRetryWaitsAtItsGate(t *testing.T) {
	for name, mode := range map[string]LimitMode{"skip": LimitModeReschedule, "wait": LimitModeWait, "one": LimitModeQueueOne} {
		for _, limit := range []SchedulerOption{WithLocation(time.UTC), WithLimitConcurrentJobs(2, LimitModeReschedule)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newPolicyScheduler(t, limit)
					p, h := answering(errContract, errContract, nil), newHoldup(t)
					j := mustJob(t, s, ages(), func() error {
						err := p.task()
						if err == nil {
							h.task()
						}
						return err
					}, retries(2, time.Minute), WithSingletonMode(mode))
					for i := 0; i < 3; i++ {
						require.NoError(t, j.RunNow())
						synctest.Wait()
					}
					time.Sleep(time.Minute)
					require.Equal(t, []int{1, 2}, []int{policyStats(t, s).Running, policyStats(t, s).Waiting})
					for i := 1; i < 3; i++ {
						h.letGo()
						require.Len(t, p.calls(), 3+i)
						require.Equal(t, 1, h.running())
					}
					h.letGo()
					require.Equal(t, []string{"succeeded 2", "succeeded 2", "succeeded 1"}, b.outcomes())
					requireRetrying(t, s, 0)
				})
			})
		}
	}
}

// One that has waited at its gate and finds an older one waiting for the slot waits
// behind it, also where new runs are skipped.
func TestSynctestPolicyRetryWaitsAtItsGateAndThenForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule))
		older, p, h := answering(errContract, nil), answering(errContract, nil), newHoldup(t)
		require.NoError(t, mustJob(t, s, ages(), older.task, retries(2, time.Minute)).RunNow())
		requireRetrying(t, s, 1)
		j := mustJob(t, s, ages(), func() error {
			err := p.task()
			if err == nil {
				h.task()
			}
			return err
		}, retries(2, time.Minute), WithSingletonMode(LimitModeWait))
		require.NoError(t, j.RunNow())
		requireRetrying(t, s, 2)
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		require.Equal(t, 2, policyStats(t, s).Waiting)
		h.open()
		require.Equal(t, []string{"succeeded 2", "succeeded 2", "succeeded 1"}, b.outcomes())
		require.Len(t, p.calls(), 3)
	})
}

// A newer run takes the place of one that is to be tried again.
func TestSynctestPolicyRetryIsReplacedByANewerRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract, nil)
		j := mustJob(t, s, ages(), p.task, retries(3, time.Minute), WithSingletonMode(LimitModeReplace))
		require.NoError(t, j.RunNow())
		requireRetrying(t, s, 1)
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"failed", "succeeded"}, b.results())
		require.True(t, b.runs()[0].Err == errContract)
		time.Sleep(time.Hour)
		require.Len(t, p.calls(), 2)
	})
}

// A run that is replaced while in progress has ended when its task returns.
func TestSynctestPolicyRetryOfAReplacedRunIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		calls := 0
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			if calls++; calls > 1 {
				return nil
			}
			<-ctx.Done()
			return errContract
		}, retries(3, 0), WithSingletonMode(LimitModeReplace))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"failed 1", "succeeded 1"}, b.outcomes())
		require.Equal(t, 2, calls)
	})
}

// The last time of a job may replace what is all that keeps the job.
func TestSynctestPolicyRetryIsReplacedByTheLastRun(t *testing.T) {
	minutes := func(n int) time.Time { return time.Now().Add(time.Duration(n) * time.Minute) }
	for name, add := range map[string]func(*testing.T, Scheduler, any, ...JobOption){
		"stop time": func(t *testing.T, s Scheduler, task any, options ...JobOption) {
			mustJob(t, s, DurationJob(time.Minute), task, append(options, WithStopAt(WithStopDateTime(minutes(2).Add(30*time.Second))))...)
		},
		"one-time": func(t *testing.T, s Scheduler, task any, options ...JobOption) {
			mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(minutes(1), minutes(2))), task, append(options, WithRemoveWhenFinished())...)
		},
		"limited runs": func(t *testing.T, s Scheduler, task any, options ...JobOption) {
			mustJob(t, s, DurationJob(time.Minute), task, append(options, WithLimitedRuns(2))...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(errContract, nil)
				add(t, s, p.task, retries(2, 70*time.Second), WithSingletonMode(LimitModeReplace))
				time.Sleep(time.Hour)
				require.Equal(t, []time.Duration{time.Minute, 2 * time.Minute}, p.calls())
				require.Equal(t, []string{"failed", "succeeded"}, b.results())
				require.Empty(t, s.Jobs())
			})
		})
	}
}

// While a job is paused, runs that were let start go on, with all their attempts.
func TestSynctestPolicyRetryGoesOnWhileItsJobIsPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		p := answering(errContract, nil)
		j := mustJob(t, s, DurationJob(time.Hour), p.task, retries(2, time.Minute))
		time.Sleep(time.Hour)
		requireRetrying(t, s, 1)
		require.NoError(t, NewController(s).Pause(j.ID()))
		h := newHoldup(t)
		require.NoError(t, mustJob(t, s, ages(), h.task).RunNow())
		time.Sleep(time.Minute)
		require.Equal(t, 1, policyStats(t, s).Waiting)
		require.NoError(t, NewController(s).Pause(j.ID()))
		h.open()
		require.Len(t, p.calls(), 2)
		require.Equal(t, []string{"succeeded 2", "succeeded 1"}, b.outcomes())
	})
}

// Wait and RunAndWait are about runs, however many attempts they take.
func TestSynctestPolicyRetryIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newPolicyScheduler(t)
		c, began := NewController(s), time.Now()
		j := mustJob(t, s, ages(), answering(errContract).task, retries(3, time.Minute))
		require.NoError(t, j.RunNow())
		requireRetrying(t, s, 1)
		require.NoError(t, c.Wait(context.Background(), j.ID()))
		require.Equal(t, 2*time.Minute, time.Since(began))
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, 3, info.Attempt)
		require.Equal(t, 4*time.Minute, time.Since(began))
	})
}
