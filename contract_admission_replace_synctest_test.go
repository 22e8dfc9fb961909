//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A run that has its slot and has not begun will not.
func TestSynctestContractARunIsReplacedBeforeItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, held := &ledger{}, make(chan struct{})
		s := newScheduler(t, WithHooks(Hooks{
			RunDue: func(info RunInfo) {
				if info.ID == 1 {
					<-held
				}
			},
			RunFinished: l.note,
		}))
		r := newRelay(t, true)
		s.Start()
		j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace), WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Zero(t, r.running())
		close(held)
		synctest.Wait()
		require.Equal(t, 1, r.running())
		r.open()
		synctest.Wait()
		require.Len(t, r.ctxs, 1)
		require.Equal(t, []Outcome{OutcomeCancelled, OutcomeSucceeded}, l.outcomes("it"))
		require.True(t, l.of("it")[0].Err == ErrRunReplaced)
	})
}

// One that has begun but asks for leave to run is not given it.
func TestSynctestContractARunIsReplacedWhileItIsClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, asking := &ledger{}, make(chan struct{}, 1)
		var asked []context.Context
		s := newScheduler(t, l.option(), WithDistributedElector(electorFunc(func(ctx context.Context) error {
			asked = append(asked, ctx)
			<-asking
			return nil
		})))
		r := newRelay(t, true)
		s.Start()
		j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace), WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.True(t, context.Cause(asked[0]) == ErrRunReplaced)
		close(asking)
		synctest.Wait()
		require.Len(t, r.ctxs, 1)
		require.Equal(t, []Outcome{OutcomeCancelled}, l.outcomes("it"))
	})
}

// A run that waits for its next attempt gives way as well, with the outcome of
// the one it has made.
func TestSynctestContractARunIsReplacedWhileItWaitsToBeTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, l.option())
		calls := 0
		j := mustJob(t, s, ages(), func() error {
			if calls++; calls == 1 {
				return errContract
			}
			return nil
		}, WithSingletonMode(LimitModeReplace), WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Hour)}), WithName("it"))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Equal(t, 2, calls)
		require.Equal(t, []Outcome{OutcomeFailed, OutcomeSucceeded}, l.outcomes("it"))
		require.True(t, l.of("it")[0].Err == errContract)
		require.Zero(t, balance(t, s).Retrying)
	})
}

// A run that is skipped has replaced none.
func TestSynctestContractASkippedRunReplacesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, l.option(), WithLimitConcurrentJobs(1, LimitModeReschedule))
		blocker := newHoldup(t)
		calls := 0
		j := mustJob(t, s, ages(), func() error {
			if calls++; calls == 1 {
				return errContract
			}
			return nil
		}, WithSingletonMode(LimitModeReplace), WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Hour)}), WithName("it"))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
		require.NoError(t, j.RunNow())
		blocker.open()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeSkippedLimit}, l.outcomes("it"))
	})
}

// Hooks apart, all that watch a job with LimitModeReplace see what they would with
// LimitModeWait.
func TestSynctestContractMonitorsAreToldOfAReplacementAsOfAWait(t *testing.T) {
	told := func(mode LimitMode) (events []string) {
		synctest.Test(t, func(t *testing.T) {
			m := &contractMonitor{}
			s := newScheduler(t, WithMonitor(m), WithMonitorStatus(m), WithSchedulerMonitor(m))
			r := newRelay(t, false)
			listen := WithEventListeners(
				BeforeJobRuns(func(uuid.UUID, string) { m.note("before") }),
				AfterJobRuns(func(uuid.UUID, string) { m.note("after") }),
				AfterJobRunsWithError(func(uuid.UUID, string, error) { m.note("after-error") }))
			s.Start()
			j := mustJob(t, s, ages(), r.run, WithSingletonMode(mode), listen, WithName("it"))
			for i := 0; i < 2; i++ {
				require.NoError(t, j.RunNow())
				synctest.Wait()
			}
			r.letGo()
			synctest.Wait()
			r.open()
			synctest.Wait()
			events = m.events()
		})
		return events
	}
	events := told(LimitModeReplace)
	require.Equal(t, told(LimitModeWait), events)
	require.Contains(t, events, "singleton-reached it")
}

// A task that fails because it was replaced has failed for those who watch.
func TestSynctestContractMonitorsAreToldThatAReplacedTaskFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithMonitor(m), WithSchedulerMonitor(m))
		r := newRelay(t, true)
		s.Start()
		j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace), WithName("it"))
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		require.Equal(t, 2, m.count("failed it"))
		require.Equal(t, 2, m.count("fail it"))
		require.Equal(t, []error{ErrRunReplaced, ErrRunReplaced}, m.failed())
		require.Equal(t, 2, m.count("singleton-reached it"))
	})
}

// A new definition ends the runs of the old one as it always does, and its own
// runs wait for those that have not returned.
func TestSynctestContractAnUpdateWhileARunIsReplaced(t *testing.T) {
	for _, e := range entrances() {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				s := newScheduler(t, l.option())
				before, after := newRelay(t, false), newRelay(t, true)
				s.Start()
				replace := WithSingletonMode(LimitModeReplace)
				j := mustJob(t, s, ages(), before.run, replace, WithName("old"))
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				_, err := e.add(s, j.ID(), ages(), NewTask(after.run), replace, WithName("new"))
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, []Outcome{OutcomeCancelled}, l.outcomes("old"))
				for i := 0; i < 3; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Zero(t, after.running())
				require.True(t, context.Cause(before.ctxs[0]) == ErrRunReplaced)
				before.open()
				synctest.Wait()
				require.Equal(t, 1, after.running())
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.True(t, context.Cause(after.ctxs[0]) == ErrRunReplaced)
				require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeCancelled}, l.outcomes("old"))
				require.NoError(t, l.of("old")[1].Err, "dropped, not replaced")
				require.Equal(t, []Outcome{OutcomeCancelled, OutcomeCancelled, OutcomeCancelled}, l.outcomes("new"))
			})
		})
	}
}

// A replaced run counts if its task was called, and else gives its run back.
func TestSynctestContractLimitedRunsAndReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, l.option())
		r := newRelay(t, false)
		s.Start()
		j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace), WithLimitedRuns(3), WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		for i := 0; i < 4; i++ {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		for i := 0; i < 3; i++ {
			require.Contains(t, ids(s), j.ID())
			if i > 0 {
				_ = j.RunNow()
			}
			r.letGo()
			synctest.Wait()
		}
		require.Len(t, r.ctxs, 3)
		require.NotContains(t, ids(s), j.ID())
		performed := 0
		for _, outcome := range l.outcomes("it") {
			if outcome == OutcomeSucceeded {
				performed++
			}
		}
		require.Equal(t, 3, performed)
	})
}

// The one that replaces is on its way: the job has not finished, and has not
// nothing to do.
func TestSynctestContractAJobDoesNotLeaveWhileItsRunIsReplaced(t *testing.T) {
	soon := func() JobDefinition {
		return OneTimeJob(OneTimeJobStartDateTimes(time.Now().Add(time.Second), time.Now().Add(2*time.Second)))
	}
	for name, c := range map[string]struct {
		fails   bool // else it waits for a slot
		options func() []JobOption
	}{
		"one-time, for a slot": {false, func() []JobOption { return []JobOption{WithRemoveWhenFinished()} }},
		"one-time, to retry":   {true, func() []JobOption { return []JobOption{WithRemoveWhenFinished()} }},
		"stop time, for a slot": {false, func() []JobOption {
			return []JobOption{WithStopAt(WithStopDateTime(time.Now().Add(time.Minute)))}
		}},
		"stop time, to retry": {true, func() []JobOption {
			return []JobOption{WithStopAt(WithStopDateTime(time.Now().Add(time.Minute)))}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), l.option())
				blocker := newHoldup(t)
				s.Start()
				calls := 0
				j := mustJob(t, s, soon(), func() error {
					if calls++; c.fails && calls == 1 {
						return errContract
					}
					return nil
				}, append(c.options(), WithSingletonMode(LimitModeReplace), WithName("it"),
					WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Hour)}))...)
				if !c.fails {
					require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
				}
				time.Sleep(time.Second)
				synctest.Wait()
				waited := make(chan error, 1)
				go func() { waited <- NewController(s).Wait(context.Background(), j.ID()) }()
				time.Sleep(time.Second)
				synctest.Wait()
				if !c.fails {
					require.Contains(t, ids(s), j.ID())
					require.Empty(t, waited, "a run waits")
				}
				blocker.open()
				synctest.Wait()
				require.NoError(t, <-waited)
				first := map[bool]Outcome{true: OutcomeFailed, false: OutcomeCancelled}[c.fails]
				require.Equal(t, []Outcome{first, OutcomeSucceeded}, l.outcomes("it"))
				require.NotContains(t, ids(s), j.ID())
			})
		})
	}
}

// A task that has outlived a stop was told to end then; the new run waits for it.
func TestSynctestContractReplaceAcrossAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithStopTimeout(time.Second))
		r := newRelay(t, false)
		s.Start()
		j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, r.running())
		require.True(t, context.Cause(r.ctxs[0]) == context.Canceled)
		r.letGo()
		synctest.Wait()
		require.Equal(t, 1, r.running())
		require.NoError(t, r.ctxs[1].Err())
	})
}
