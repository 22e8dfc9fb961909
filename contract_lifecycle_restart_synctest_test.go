//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractContextsAreFreshAfterStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		contexts := make(chan context.Context, 1)
		j := mustJob(t, s, DurationJob(time.Hour), func(ctx context.Context) { contexts <- ctx })
		for i := 0; i < 3; i++ {
			s.Start()
			require.NoError(t, j.RunNow())
			ctx := <-contexts
			require.NoError(t, ctx.Err())
			require.NoError(t, s.StopJobs())
			require.ErrorIs(t, ctx.Err(), context.Canceled)
		}
	})
}

func TestSynctestContractARestartedStartImmediatelyJobRunsAtOnceInANewPhase(t *testing.T) {
	now := func() time.Time { return time.Now().UTC() }
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLocation(time.UTC))
		var ran atomic.Int64
		immediately := WithStartAt(WithStartImmediately())
		hourly := mustJob(t, s, DurationJob(time.Hour), func() { ran.Add(1) }, immediately)
		daily := mustJob(t, s, DailyJob(1, NewAtTimes(NewAtTime(12, 0, 0))), func() { ran.Add(100) }, immediately)
		for round := int64(1); round <= 3; round++ {
			s.Start()
			require.Equal(t, now().Add(time.Hour), nextOf(t, hourly))
			require.Equal(t, 12, nextOf(t, daily).Hour())
			synctest.Wait()
			require.EqualValues(t, 101*round, ran.Load())
			time.Sleep(17 * time.Minute)
			require.NoError(t, s.StopJobs())
			time.Sleep(5 * time.Minute)
		}
	})
}

// Two weeks and more than one interval pass while the scheduler is stopped.
func TestSynctestContractOthersKeepTheirPhaseOverARestart(t *testing.T) {
	midnight := NewAtTimes(NewAtTime(0, 0, 0))
	synctest.Test(t, func(t *testing.T) {
		definitions := []JobDefinition{
			DurationJob(7 * time.Hour), DailyJob(3, midnight), WeeklyJob(3, NewWeekdays(time.Friday), midnight),
			MonthlyJob(5, NewDaysOfTheMonth(1, 20), midnight), CronJob("7 */5 * * *", false), CronJob("@every 11h", false),
		}
		s, undisturbed := newScheduler(t, WithLocation(time.UTC)), newScheduler(t, WithLocation(time.UTC))
		var jobs, models []Job
		for _, d := range definitions {
			jobs = append(jobs, mustJob(t, s, d, noop))
			models = append(models, mustJob(t, undisturbed, d, noop))
		}
		start := time.Now().Add(90 * time.Minute)
		for _, options := range [][]JobOption{{WithStartAt(WithStartDateTime(start))}, {WithStartAt(WithStartDateTimePast(longPast))}} {
			jobs = append(jobs, mustJob(t, s, DurationJob(7*time.Hour), noop, options...))
			models = append(models, mustJob(t, undisturbed, DurationJob(7*time.Hour), noop, options...))
		}
		undisturbed.Start()
		s.Start()
		for _, pause := range []time.Duration{0, 25 * time.Minute, 100 * time.Hour, 16 * 24 * time.Hour} {
			time.Sleep(61 * time.Minute)
			require.NoError(t, s.StopJobs())
			time.Sleep(pause)
			s.Start()
			synctest.Wait()
			for i, j := range jobs {
				require.Equal(t, nextOf(t, models[i]), nextOf(t, j), "%#v after %s", j.Schedule(), pause)
			}
		}
	})
}

func TestSynctestContractRandomJobsDrawAnewAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		j := mustJob(t, s, DurationRandomJob(time.Hour, 2*time.Hour), noop)
		draws := map[time.Duration]bool{}
		for i := 0; i < 5; i++ {
			s.Start()
			rest := time.Until(nextOf(t, j))
			require.True(t, rest >= time.Hour && rest < 2*time.Hour, "%s", rest)
			draws[rest] = true
			time.Sleep(10 * time.Minute)
			require.NoError(t, s.StopJobs())
			time.Sleep(10 * time.Minute)
		}
		require.Greater(t, len(draws), 1)
	})
}

func TestSynctestContractAOneTimeInstantThatRanNeverRunsAgain(t *testing.T) {
	in := func(d time.Duration) JobDefinition { return OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(d))) }
	for _, limited := range [][]JobOption{nil, {WithLimitedRuns(1)}, {WithLimitedRuns(5)}} {
		for _, timesOut := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t)
				h := newHoldup(t)
				var ran atomic.Int64
				mustJob(t, s, in(time.Minute), func() { ran.Add(1) }, limited...)
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran.Add(1) }, limited...)
				mustJob(t, s, in(time.Minute), h.task, limited...)
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task, limited...)
				s.Start()
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, 2, h.running(), "these are running at the stop")
				if timesOut {
					require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
				} else {
					time.AfterFunc(time.Second, h.open)
					require.NoError(t, s.StopJobs())
				}
				for i := 0; i < 3; i++ {
					s.Start()
					time.Sleep(time.Hour)
					h.open()
					synctest.Wait()
					require.NoError(t, s.StopJobs())
				}
				require.EqualValues(t, 2, ran.Load())
				require.EqualValues(t, 2, h.started.Load())
				require.Empty(t, s.Jobs(), "a later Start finds them exhausted")
			})
		}
	}
}

func TestSynctestContractAOneTimeInstantDroppedFromTheQueueRunsAfterStart(t *testing.T) {
	for _, limited := range [][]JobOption{nil, {WithLimitedRuns(1)}} {
		for _, definition := range []func() JobDefinition{
			func() JobDefinition { return OneTimeJob(OneTimeJobStartImmediately()) },
			func() JobDefinition { return OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))) },
		} {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
				h := newHoldup(t)
				first := mustJob(t, s, DurationJob(time.Hour), h.task)
				s.Start()
				require.NoError(t, first.RunNow())
				var ran atomic.Int64
				for i := 0; i < 10; i++ {
					mustJob(t, s, definition(), func() { ran.Add(1) }, limited...)
				}
				for i := 0; i < 3; i++ { // stopped more than once before its turn comes
					time.Sleep(2 * time.Second)
					synctest.Wait()
					require.Equal(t, 10, s.JobsWaitingInQueue())
					require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
					require.Zero(t, s.JobsWaitingInQueue())
					time.Sleep(time.Minute)
					s.Start()
				}
				synctest.Wait()
				require.Zero(t, ran.Load(), "the slot is still taken by the run that outlived the stop")
				h.open()
				synctest.Wait()
				require.EqualValues(t, 10, ran.Load())
				require.NoError(t, s.StopJobs())
				s.Start()
				time.Sleep(time.Minute)
				synctest.Wait()
				require.EqualValues(t, 10, ran.Load())
			})
		}
	}
}

// What a stop drops is gone, but for the instants of one-time jobs.
func TestSynctestContractOtherRunsDroppedFromTheQueueDoNotComeBack(t *testing.T) {
	for _, singleton := range []JobOption{WithTags(), WithSingletonMode(LimitModeWait)} {
		synctest.Test(t, func(t *testing.T) {
			s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithLocation(time.UTC))
			blocker := newHoldup(t)
			s.Start()
			require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
			var ran atomic.Int64
			task := func() { ran.Add(1) }
			now := []Job{
				mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(farFuture)), task, singleton),
				mustJob(t, s, ages(), task, singleton),
			}
			mustJob(t, s, DurationJob(time.Hour), task, singleton)
			mustJob(t, s, DailyJob(1, NewAtTimes(NewAtTime(0, 30, 0))), task, singleton)
			mustJob(t, s, DurationJob(time.Hour), task, singleton, WithIntervalFromCompletion())
			mustJob(t, s, DurationJob(time.Hour), task, singleton, WithStartAt(WithStartDateTime(time.Now().Add(time.Minute))))
			for _, j := range now {
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
			}
			time.Sleep(time.Hour + time.Second)
			synctest.Wait()
			require.Equal(t, 8, s.JobsWaitingInQueue())
			require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
			s.Start()
			blocker.open()
			time.Sleep(time.Minute / 2)
			synctest.Wait()
			require.Zero(t, ran.Load())
		})
	}
}

func TestSynctestContractAOneTimeInstantThatPassedWhileNotRunningNeverRuns(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			clock := clockwork.NewFakeClockAt(time.Now())
			s := newScheduler(t, WithClock(clock))
			var ran atomic.Int64
			j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(clock.Now().Add(time.Minute), clock.Now().Add(2*time.Minute))),
				func() { ran.Add(1) })
			if !before {
				s.Start()
				require.NoError(t, s.StopJobs())
			}
			clock.Advance(time.Hour)
			s.Start()
			synctest.Wait()
			require.Zero(t, ran.Load())
			require.Empty(t, s.Jobs(), "Start found it exhausted")
			ended, cancel := context.WithCancel(context.Background())
			cancel()
			require.Error(t, clock.BlockUntilContext(ended, 1), "it costs no waiter")
			goroutines := bubbleGoroutines()
			clock.Advance(100 * time.Hour)
			synctest.Wait()
			require.Equal(t, goroutines, bubbleGoroutines())
			require.Zero(t, ran.Load())
			require.Equal(t, ErrJobNotFound, j.RunNow())
		})
	}
}

func TestSynctestContractOnlyTheInstantsThatPassedWhileStoppedAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		began := time.Now()
		var ran []time.Duration
		var times []time.Time
		for i := 1; i <= 5; i++ {
			times = append(times, began.Add(time.Duration(i)*time.Hour))
		}
		mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(times...)), func() { ran = append(ran, time.Since(began)/time.Hour) })
		time.Sleep(90 * time.Minute)
		s.Start()
		time.Sleep(time.Hour)
		require.NoError(t, s.StopJobs())
		time.Sleep(time.Hour)
		s.Start()
		time.Sleep(10 * time.Hour)
		require.NoError(t, s.StopJobs())
		require.Equal(t, []time.Duration{2, 4, 5}, ran)
	})
}

func TestSynctestContractTasksThatOutliveAStopKeepSlotsAndGates(t *testing.T) {
	for _, mode := range []LimitMode{LimitModeWait, LimitModeReschedule} {
		for name, all := range map[string]struct {
			scheduler []SchedulerOption
			job       []JobOption
			most      int
		}{
			"slots": {[]SchedulerOption{WithLimitConcurrentJobs(3, mode)}, nil, 3},
			"gate":  {nil, []JobOption{WithSingletonMode(mode)}, 1},
			"both":  {[]SchedulerOption{WithLimitConcurrentJobs(3, mode)}, []JobOption{WithSingletonMode(mode)}, 1},
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScheduler(t, all.scheduler...)
					h := newHoldup(t)
					j := mustJob(t, s, DurationJob(time.Minute), h.task, append(all.job, WithStartAt(WithStartImmediately()))...)
					s.Start()
					for round := 0; round < 4; round++ {
						time.Sleep(5 * time.Minute)
						synctest.Wait()
						require.Equal(t, all.most, h.running(), "round %d", round)
						require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
						s.Start()
						require.NoError(t, j.RunNow())
					}
					h.letGo()
					time.Sleep(2 * time.Minute)
					synctest.Wait()
					require.Equal(t, all.most, h.running(), "what one gave back another took")
					require.EqualValues(t, all.most, h.most.Load())
				})
			})
		}
	}
}

// A stop that timed out, a start, and another stop: the second waits for the
// runs of both sessions.
func TestSynctestContractAStopWaitsForRunsOfEarlierSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		first, second := newHoldup(t), newHoldup(t)
		a := mustJob(t, s, DurationJob(time.Hour), first.task)
		s.Start()
		require.NoError(t, a.RunNow())
		synctest.Wait()
		require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
		s.Start()
		require.NoError(t, mustJob(t, s, DurationJob(time.Hour), second.task).RunNow())
		synctest.Wait()
		time.AfterFunc(2*time.Second, second.open)
		time.AfterFunc(5*time.Second, first.open)
		began := time.Now()
		require.NoError(t, s.StopJobs())
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}
