//go:build go1.25

package lifecycle_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractContextsAreFreshAfterStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		contexts := make(chan context.Context, 1)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) { contexts <- ctx })
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
		s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
		var ran atomic.Int64
		immediately := gocron.WithStartAt(gocron.WithStartImmediately())
		hourly := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran.Add(1) }, immediately)
		daily := rig.MustJob(t, s, gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))), func() { ran.Add(100) }, immediately)
		for round := int64(1); round <= 3; round++ {
			s.Start()
			require.Equal(t, now().Add(time.Hour), rig.NextOf(t, hourly))
			require.Equal(t, 12, rig.NextOf(t, daily).Hour())
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
	midnight := gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0))
	synctest.Test(t, func(t *testing.T) {
		definitions := []gocron.JobDefinition{
			gocron.DurationJob(7 * time.Hour), gocron.DailyJob(3, midnight), gocron.WeeklyJob(3, gocron.NewWeekdays(time.Friday), midnight),
			gocron.MonthlyJob(5, gocron.NewDaysOfTheMonth(1, 20), midnight), gocron.CronJob("7 */5 * * *", false), gocron.CronJob("@every 11h", false),
		}
		s, undisturbed := rig.NewScheduler(t, gocron.WithLocation(time.UTC)), rig.NewScheduler(t, gocron.WithLocation(time.UTC))
		var jobs, models []gocron.Job
		for _, d := range definitions {
			jobs = append(jobs, rig.MustJob(t, s, d, rig.Noop))
			models = append(models, rig.MustJob(t, undisturbed, d, rig.Noop))
		}
		start := time.Now().Add(90 * time.Minute)
		for _, options := range [][]gocron.JobOption{{gocron.WithStartAt(gocron.WithStartDateTime(start))}, {gocron.WithStartAt(gocron.WithStartDateTimePast(rig.LongPast))}} {
			jobs = append(jobs, rig.MustJob(t, s, gocron.DurationJob(7*time.Hour), rig.Noop, options...))
			models = append(models, rig.MustJob(t, undisturbed, gocron.DurationJob(7*time.Hour), rig.Noop, options...))
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
				require.Equal(t, rig.NextOf(t, models[i]), rig.NextOf(t, j), "%#v after %s", j.Schedule(), pause)
			}
		}
	})
}

func TestSynctestContractRandomJobsDrawAnewAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		j := rig.MustJob(t, s, gocron.DurationRandomJob(time.Hour, 2*time.Hour), rig.Noop)
		draws := map[time.Duration]bool{}
		for i := 0; i < 5; i++ {
			s.Start()
			rest := time.Until(rig.NextOf(t, j))
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
	in := func(d time.Duration) gocron.JobDefinition {
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(d)))
	}
	for _, limited := range [][]gocron.JobOption{nil, {gocron.WithLimitedRuns(1)}, {gocron.WithLimitedRuns(5)}} {
		for _, timesOut := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				h := rig.NewHoldup(t)
				var ran atomic.Int64
				rig.MustJob(t, s, in(time.Minute), func() { ran.Add(1) }, limited...)
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran.Add(1) }, limited...)
				rig.MustJob(t, s, in(time.Minute), h.Task, limited...)
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task, limited...)
				s.Start()
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, 2, h.Running(), "these are running at the stop")
				if timesOut {
					require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
				} else {
					time.AfterFunc(time.Second, h.Open)
					require.NoError(t, s.StopJobs())
				}
				for i := 0; i < 3; i++ {
					s.Start()
					time.Sleep(time.Hour)
					h.Open()
					synctest.Wait()
					require.NoError(t, s.StopJobs())
				}
				require.EqualValues(t, 2, ran.Load())
				require.EqualValues(t, 2, h.Started.Load())
				require.Empty(t, s.Jobs(), "a later Start finds them exhausted")
			})
		}
	}
}

func TestSynctestContractAOneTimeInstantDroppedFromTheQueueRunsAfterStart(t *testing.T) {
	for _, limited := range [][]gocron.JobOption{nil, {gocron.WithLimitedRuns(1)}} {
		for _, definition := range []func() gocron.JobDefinition{
			func() gocron.JobDefinition { return gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()) },
			func() gocron.JobDefinition {
				return gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second)))
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				h := rig.NewHoldup(t)
				first := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task)
				s.Start()
				require.NoError(t, first.RunNow())
				var ran atomic.Int64
				for i := 0; i < 10; i++ {
					rig.MustJob(t, s, definition(), func() { ran.Add(1) }, limited...)
				}
				for i := 0; i < 3; i++ { // stopped more than once before its turn comes
					time.Sleep(2 * time.Second)
					synctest.Wait()
					require.Equal(t, 10, s.JobsWaitingInQueue())
					require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
					require.Zero(t, s.JobsWaitingInQueue())
					time.Sleep(time.Minute)
					s.Start()
				}
				synctest.Wait()
				require.Zero(t, ran.Load(), "the slot is still taken by the run that outlived the stop")
				h.Open()
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
	for _, singleton := range []gocron.JobOption{gocron.WithTags(), gocron.WithSingletonMode(gocron.LimitModeWait)} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithLocation(time.UTC))
			blocker := rig.NewHoldup(t)
			s.Start()
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
			var ran atomic.Int64
			task := func() { ran.Add(1) }
			now := []gocron.Job{
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.FarFuture)), task, singleton),
				rig.MustJob(t, s, rig.Ages(), task, singleton),
			}
			rig.MustJob(t, s, gocron.DurationJob(time.Hour), task, singleton)
			rig.MustJob(t, s, gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(0, 30, 0))), task, singleton)
			rig.MustJob(t, s, gocron.DurationJob(time.Hour), task, singleton, gocron.WithIntervalFromCompletion())
			rig.MustJob(t, s, gocron.DurationJob(time.Hour), task, singleton, gocron.WithStartAt(gocron.WithStartDateTime(time.Now().Add(time.Minute))))
			for _, j := range now {
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
			}
			time.Sleep(time.Hour + time.Second)
			synctest.Wait()
			require.Equal(t, 8, s.JobsWaitingInQueue())
			require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
			s.Start()
			blocker.Open()
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
			s := rig.NewScheduler(t, gocron.WithClock(clock))
			var ran atomic.Int64
			j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(clock.Now().Add(time.Minute), clock.Now().Add(2*time.Minute))),
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
			goroutines := rig.Goroutines()
			clock.Advance(100 * time.Hour)
			synctest.Wait()
			require.Equal(t, goroutines, rig.Goroutines())
			require.Zero(t, ran.Load())
			require.Equal(t, gocron.ErrJobNotFound, j.RunNow())
		})
	}
}

func TestSynctestContractOnlyTheInstantsThatPassedWhileStoppedAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		began := time.Now()
		var ran []time.Duration
		var times []time.Time
		for i := 1; i <= 5; i++ {
			times = append(times, began.Add(time.Duration(i)*time.Hour))
		}
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)), func() { ran = append(ran, time.Since(began)/time.Hour) })
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
	for _, mode := range []gocron.LimitMode{gocron.LimitModeWait, gocron.LimitModeReschedule} {
		for name, all := range map[string]struct {
			scheduler []gocron.SchedulerOption
			job       []gocron.JobOption
			most      int
		}{
			"slots": {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(3, mode)}, nil, 3},
			"gate":  {nil, []gocron.JobOption{gocron.WithSingletonMode(mode)}, 1},
			"both":  {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(3, mode)}, []gocron.JobOption{gocron.WithSingletonMode(mode)}, 1},
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := rig.NewScheduler(t, all.scheduler...)
					h := rig.NewHoldup(t)
					j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, append(all.job, gocron.WithStartAt(gocron.WithStartImmediately()))...)
					s.Start()
					for round := 0; round < 4; round++ {
						time.Sleep(5 * time.Minute)
						synctest.Wait()
						require.Equal(t, all.most, h.Running(), "round %d", round)
						require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
						s.Start()
						require.NoError(t, j.RunNow())
					}
					h.LetGo()
					time.Sleep(2 * time.Minute)
					synctest.Wait()
					require.Equal(t, all.most, h.Running(), "what one gave back another took")
					require.EqualValues(t, all.most, h.Most.Load())
				})
			})
		}
	}
}

// A stop that timed out, a start, and another stop: the second waits for the
// runs of both sessions.
func TestSynctestContractAStopWaitsForRunsOfEarlierSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		first, second := rig.NewHoldup(t), rig.NewHoldup(t)
		a := rig.MustJob(t, s, gocron.DurationJob(time.Hour), first.Task)
		s.Start()
		require.NoError(t, a.RunNow())
		synctest.Wait()
		require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
		s.Start()
		require.NoError(t, rig.MustJob(t, s, gocron.DurationJob(time.Hour), second.Task).RunNow())
		synctest.Wait()
		time.AfterFunc(2*time.Second, second.Open)
		time.AfterFunc(5*time.Second, first.Open)
		began := time.Now()
		require.NoError(t, s.StopJobs())
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}
