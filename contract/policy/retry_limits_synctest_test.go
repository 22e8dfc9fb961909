//go:build go1.25

package policy_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyRetryCountsOccurrencesNotAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest)
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), p.Task, rig.Retries(3, 10*time.Second), gocron.WithLimitedRuns(2))
		time.Sleep(time.Hour)
		second := time.Second
		require.Equal(t, []time.Duration{60 * second, 70 * second, 80 * second, 120 * second, 130 * second, 140 * second}, p.Calls())
		require.Equal(t, []string{"failed 3", "failed 3"}, b.Outcomes())
		require.Empty(t, s.Jobs())
	})
}

// The last limited run is not done before its last attempt is.
func TestSynctestPolicyRetryKeepsALimitedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), p.Task, rig.Retries(2, time.Hour), gocron.WithLimitedRuns(1))
		time.Sleep(time.Minute)
		for i := 0; i < 3; i++ {
			rig.RequireRetrying(t, s, 1)
			require.Equal(t, []gocron.Job{j}, s.Jobs())
			rig.NoNextRun(t, j)
			require.NoError(t, j.RunNow(), "of no effect: no run is left")
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		require.Equal(t, []string{"failed 2"}, b.Outcomes())
		require.Empty(t, s.Jobs())
		require.EqualValues(t, 1, rig.StatsAtRest(t, s).Made)
	})
}

func TestSynctestPolicyRetryFromCompletionOfTheLastAttempt(t *testing.T) {
	for name, mode := range map[string]gocron.JobOption{
		"overlapping": gocron.WithTags(), "skip": gocron.WithSingletonMode(gocron.LimitModeReschedule), "wait": gocron.WithSingletonMode(gocron.LimitModeWait),
		"one": gocron.WithSingletonMode(gocron.LimitModeQueueOne), "replace": gocron.WithSingletonMode(gocron.LimitModeReplace),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				p := rig.Answering(rig.ErrTest, rig.ErrTest, nil, rig.ErrTest, nil)
				task := func() error { defer time.Sleep(5 * time.Second); return p.Task() }
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, gocron.WithIntervalFromCompletion(), rig.Retries(3, 10*time.Second), mode)
				time.Sleep(65 * time.Second)
				rig.RequireRetrying(t, s, 1)
				rig.NoNextRun(t, j)
				time.Sleep(30 * time.Second) // the third attempt ends
				synctest.Wait()
				require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Minute)))
				time.Sleep(time.Minute + 20*time.Second)
				synctest.Wait()
				require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Minute)))
				second := time.Second
				require.Equal(t, []time.Duration{60 * second, 75 * second, 90 * second, 155 * second, 170 * second}, p.Calls())
				require.Equal(t, []string{"succeeded 3", "succeeded 2"}, b.Outcomes())
			})
		})
	}
}

// The run was due first: it goes before all that were due later and wait.
func TestSynctestPolicyRetryGoesBeforeRunsThatWereDueLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		r := rig.NewRoll(t)
		failOnce := func(name string) any {
			p, task := rig.Answering(rig.ErrTest, nil), r.TaskOf(name)
			return func() error {
				if err := p.Task(); err != nil {
					return err
				}
				task()
				return nil
			}
		}
		for _, name := range []string{"first", "second"} {
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), failOnce(name), rig.Retries(2, time.Minute)).RunNow())
			synctest.Wait()
		}
		for _, name := range []string{"blocker", "third", "fourth"} {
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), r.TaskOf(name)).RunNow())
		}
		time.Sleep(time.Minute)
		require.Equal(t, 4, rig.StatsAtRest(t, s).Waiting)
		r.Open()
		synctest.Wait()
		require.Equal(t, []string{"blocker", "first", "second", "third", "fourth"}, r.Signed())
	})
}

func TestSynctestPolicyRetryGoesBeforeLaterRunsOfItsJob(t *testing.T) {
	for name, limit := range map[string]gocron.SchedulerOption{
		"no limit": gocron.WithLocation(time.UTC), "limit": gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, limit)
				p, h := rig.Answering(rig.ErrTest, nil), rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), func() error {
					if err := p.Task(); err != nil {
						return err
					}
					h.Task()
					return nil
				}, rig.Retries(2, time.Minute), gocron.WithSingletonMode(gocron.LimitModeWait))
				for i := 0; i < 4; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
				}
				time.Sleep(time.Minute)
				require.Equal(t, 3, rig.StatsAtRest(t, s).Waiting)
				for i := 0; i < 4; i++ {
					h.LetGo()
					synctest.Wait()
				}
				var order []uint64
				synctest.Wait()
				for _, info := range b.Finished {
					order = append(order, info.ID)
				}
				require.Equal(t, []uint64{2, 1, 3, 4}, order)
				require.EqualValues(t, 1, h.Most.Load())
			})
		})
	}
}

// Whatever a limit does with runs that find no slot, it keeps those that were let
// start once.
func TestSynctestPolicyRetryWaitsUnderAnyLimit(t *testing.T) {
	for name, limits := range map[string][]gocron.SchedulerOption{
		"wait":              {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)},
		"skip":              {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)},
		"wait, short queue": {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1)},
		"pool":              {gocron.WithPool("pool", 1, gocron.LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, limits...)
				pool := gocron.WithTags()
				if name == "pool" {
					pool = gocron.InPool("pool")
				}
				p, h := rig.Answering(rig.ErrTest, rig.ErrTest, nil), rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(2, time.Minute), pool)
				for i := 0; i < 2; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
				}
				require.NoError(t, rig.MustJob(t, s, rig.Ages(), h.Task, pool).RunNow())
				time.Sleep(time.Minute)
				require.Equal(t, 2, rig.StatsAtRest(t, s).Waiting, "more than a queue limit has room for")
				h.Open()
				require.Len(t, p.Calls(), 4)
				require.Equal(t, []string{"succeeded 2", "succeeded 2", "succeeded 1"}, b.Outcomes())
				rig.RequireRetrying(t, s, 0)
			})
		})
	}
}

func TestSynctestPolicyRetryWaitsAtItsGate(t *testing.T) {
	for name, mode := range map[string]gocron.LimitMode{"skip": gocron.LimitModeReschedule, "wait": gocron.LimitModeWait, "one": gocron.LimitModeQueueOne} {
		for _, limit := range []gocron.SchedulerOption{gocron.WithLocation(time.UTC), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := rig.NewStarted(t, limit)
					p, h := rig.Answering(rig.ErrTest, rig.ErrTest, nil), rig.NewHoldup(t)
					j := rig.MustJob(t, s, rig.Ages(), func() error {
						err := p.Task()
						if err == nil {
							h.Task()
						}
						return err
					}, rig.Retries(2, time.Minute), gocron.WithSingletonMode(mode))
					for i := 0; i < 3; i++ {
						require.NoError(t, j.RunNow())
						synctest.Wait()
					}
					time.Sleep(time.Minute)
					require.Equal(t, []int{1, 2}, []int{rig.StatsAtRest(t, s).Running, rig.StatsAtRest(t, s).Waiting})
					for i := 1; i < 3; i++ {
						h.LetGo()
						require.Len(t, p.Calls(), 3+i)
						require.Equal(t, 1, h.Running())
					}
					h.LetGo()
					require.Equal(t, []string{"succeeded 2", "succeeded 2", "succeeded 1"}, b.Outcomes())
					rig.RequireRetrying(t, s, 0)
				})
			})
		}
	}
}

// One that has waited at its gate and finds an older one waiting for the slot waits
// behind it, also where new runs are skipped.
func TestSynctestPolicyRetryWaitsAtItsGateAndThenForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
		older, p, h := rig.Answering(rig.ErrTest, nil), rig.Answering(rig.ErrTest, nil), rig.NewHoldup(t)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), older.Task, rig.Retries(2, time.Minute)).RunNow())
		rig.RequireRetrying(t, s, 1)
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			err := p.Task()
			if err == nil {
				h.Task()
			}
			return err
		}, rig.Retries(2, time.Minute), gocron.WithSingletonMode(gocron.LimitModeWait))
		require.NoError(t, j.RunNow())
		rig.RequireRetrying(t, s, 2)
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		require.Equal(t, 2, rig.StatsAtRest(t, s).Waiting)
		h.Open()
		require.Equal(t, []string{"succeeded 2", "succeeded 2", "succeeded 1"}, b.Outcomes())
		require.Len(t, p.Calls(), 3)
	})
}

// A newer run takes the place of one that is to be tried again.
func TestSynctestPolicyRetryIsReplacedByANewerRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest, nil)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(3, time.Minute), gocron.WithSingletonMode(gocron.LimitModeReplace))
		require.NoError(t, j.RunNow())
		rig.RequireRetrying(t, s, 1)
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"failed", "succeeded"}, b.Results())
		require.True(t, b.Runs()[0].Err == rig.ErrTest)
		time.Sleep(time.Hour)
		require.Len(t, p.Calls(), 2)
	})
}

// A run that is replaced while in progress has ended when its task returns.
func TestSynctestPolicyRetryOfAReplacedRunIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		calls := 0
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			if calls++; calls > 1 {
				return nil
			}
			<-ctx.Done()
			return rig.ErrTest
		}, rig.Retries(3, 0), gocron.WithSingletonMode(gocron.LimitModeReplace))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"failed 1", "succeeded 1"}, b.Outcomes())
		require.Equal(t, 2, calls)
	})
}

// The last time of a job may replace what is all that keeps the job.
func TestSynctestPolicyRetryIsReplacedByTheLastRun(t *testing.T) {
	minutes := func(n int) time.Time { return time.Now().Add(time.Duration(n) * time.Minute) }
	for name, add := range map[string]func(*testing.T, gocron.Scheduler, any, ...gocron.JobOption){
		"stop time": func(t *testing.T, s gocron.Scheduler, task any, options ...gocron.JobOption) {
			rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, append(options, gocron.WithStopAt(gocron.WithStopDateTime(minutes(2).Add(30*time.Second))))...)
		},
		"one-time": func(t *testing.T, s gocron.Scheduler, task any, options ...gocron.JobOption) {
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(minutes(1), minutes(2))), task, append(options, gocron.WithRemoveWhenFinished())...)
		},
		"limited runs": func(t *testing.T, s gocron.Scheduler, task any, options ...gocron.JobOption) {
			rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, append(options, gocron.WithLimitedRuns(2))...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				p := rig.Answering(rig.ErrTest, nil)
				add(t, s, p.Task, rig.Retries(2, 70*time.Second), gocron.WithSingletonMode(gocron.LimitModeReplace))
				time.Sleep(time.Hour)
				require.Equal(t, []time.Duration{time.Minute, 2 * time.Minute}, p.Calls())
				require.Equal(t, []string{"failed", "succeeded"}, b.Results())
				require.Empty(t, s.Jobs())
			})
		})
	}
}

// While a job is paused, runs that were let start go on, with all their attempts.
func TestSynctestPolicyRetryGoesOnWhileItsJobIsPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		p := rig.Answering(rig.ErrTest, nil)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), p.Task, rig.Retries(2, time.Minute))
		time.Sleep(time.Hour)
		rig.RequireRetrying(t, s, 1)
		require.NoError(t, gocron.NewController(s).Pause(j.ID()))
		h := rig.NewHoldup(t)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), h.Task).RunNow())
		time.Sleep(time.Minute)
		require.Equal(t, 1, rig.StatsAtRest(t, s).Waiting)
		require.NoError(t, gocron.NewController(s).Pause(j.ID()))
		h.Open()
		require.Len(t, p.Calls(), 2)
		require.Equal(t, []string{"succeeded 2", "succeeded 1"}, b.Outcomes())
	})
}

// Wait and RunAndWait are about runs, however many attempts they take.
func TestSynctestPolicyRetryIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := rig.NewStarted(t)
		c, began := gocron.NewController(s), time.Now()
		j := rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrTest).Task, rig.Retries(3, time.Minute))
		require.NoError(t, j.RunNow())
		rig.RequireRetrying(t, s, 1)
		require.NoError(t, c.Wait(context.Background(), j.ID()))
		require.Equal(t, 2*time.Minute, time.Since(began))
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, 3, info.Attempt)
		require.Equal(t, 4*time.Minute, time.Since(began))
	})
}
