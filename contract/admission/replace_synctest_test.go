//go:build go1.25

package admission_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A run that has its slot and has not begun will not.
func TestSynctestContractARunIsReplacedBeforeItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, held := &ledger{}, make(chan struct{})
		s := rig.NewScheduler(t, gocron.WithHooks(gocron.Hooks{
			RunDue: func(info gocron.RunInfo) {
				if info.ID == 1 {
					<-held
				}
			},
			RunFinished: l.note,
		}))
		r := newRelay(t, true)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Zero(t, r.Running())
		close(held)
		synctest.Wait()
		require.Equal(t, 1, r.Running())
		r.Open()
		synctest.Wait()
		require.Len(t, r.ctxs, 1)
		require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled, gocron.OutcomeSucceeded}, l.outcomes("it"))
		require.True(t, l.of("it")[0].Err == gocron.ErrRunReplaced)
	})
}

// One that has begun but asks for leave to run is not given it.
func TestSynctestContractARunIsReplacedWhileItIsClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, asking := &ledger{}, make(chan struct{}, 1)
		var asked []context.Context
		s := rig.NewScheduler(t, l.option(), gocron.WithDistributedElector(rig.ElectorFunc(func(ctx context.Context) error {
			asked = append(asked, ctx)
			<-asking
			return nil
		})))
		r := newRelay(t, true)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.True(t, context.Cause(asked[0]) == gocron.ErrRunReplaced)
		close(asking)
		synctest.Wait()
		require.Len(t, r.ctxs, 1)
		require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled}, l.outcomes("it"))
	})
}

// A run that waits for its next attempt gives way as well, with the outcome of
// the one it has made.
func TestSynctestContractARunIsReplacedWhileItWaitsToBeTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, l.option())
		calls := 0
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			if calls++; calls == 1 {
				return rig.ErrTest
			}
			return nil
		}, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Hour)}), gocron.WithName("it"))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Equal(t, 2, calls)
		require.Equal(t, []gocron.Outcome{gocron.OutcomeFailed, gocron.OutcomeSucceeded}, l.outcomes("it"))
		require.True(t, l.of("it")[0].Err == rig.ErrTest)
		require.Zero(t, balance(t, s).Retrying)
	})
}

// A run that is skipped has replaced none.
func TestSynctestContractASkippedRunReplacesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, l.option(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
		blocker := rig.NewHoldup(t)
		calls := 0
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			if calls++; calls == 1 {
				return rig.ErrTest
			}
			return nil
		}, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}), gocron.WithName("it"))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
		require.NoError(t, j.RunNow())
		blocker.Open()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeSkippedLimit}, l.outcomes("it"))
	})
}

// Hooks apart, all that watch a job with LimitModeReplace see what they would with
// LimitModeWait.
func TestSynctestContractMonitorsAreToldOfAReplacementAsOfAWait(t *testing.T) {
	told := func(mode gocron.LimitMode) (events []string) {
		synctest.Test(t, func(t *testing.T) {
			m := &rig.Monitor{}
			s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithSchedulerMonitor(m))
			r := newRelay(t, false)
			listen := gocron.WithEventListeners(
				gocron.BeforeJobRuns(func(uuid.UUID, string) { m.Note("before") }),
				gocron.AfterJobRuns(func(uuid.UUID, string) { m.Note("after") }),
				gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { m.Note("after-error") }))
			s.Start()
			j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(mode), listen, gocron.WithName("it"))
			for i := 0; i < 2; i++ {
				require.NoError(t, j.RunNow())
				synctest.Wait()
			}
			r.LetGo()
			synctest.Wait()
			r.Open()
			synctest.Wait()
			events = m.Events()
		})
		return events
	}
	events := told(gocron.LimitModeReplace)
	require.Equal(t, told(gocron.LimitModeWait), events)
	require.Contains(t, events, "singleton-reached it")
}

// A task that fails because it was replaced has failed for those who watch.
func TestSynctestContractMonitorsAreToldThatAReplacedTaskFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m))
		r := newRelay(t, true)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		require.Equal(t, 2, m.Count("failed it"))
		require.Equal(t, 2, m.Count("fail it"))
		require.Equal(t, []error{gocron.ErrRunReplaced, gocron.ErrRunReplaced}, m.Failed())
		require.Equal(t, 2, m.Count("singleton-reached it"))
	})
}

// A new definition ends the runs of the old one as it always does, and its own
// runs wait for those that have not returned.
func TestSynctestContractAnUpdateWhileARunIsReplaced(t *testing.T) {
	for _, e := range rig.Entrances() {
		t.Run(e.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				s := rig.NewScheduler(t, l.option())
				before, after := newRelay(t, false), newRelay(t, true)
				s.Start()
				replace := gocron.WithSingletonMode(gocron.LimitModeReplace)
				j := rig.MustJob(t, s, rig.Ages(), before.run, replace, gocron.WithName("old"))
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				_, err := e.Add(s, j.ID(), rig.Ages(), gocron.NewTask(after.run), replace, gocron.WithName("new"))
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled}, l.outcomes("old"))
				for i := 0; i < 3; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Zero(t, after.Running())
				require.True(t, context.Cause(before.ctxs[0]) == gocron.ErrRunReplaced)
				before.Open()
				synctest.Wait()
				require.Equal(t, 1, after.Running())
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.True(t, context.Cause(after.ctxs[0]) == gocron.ErrRunReplaced)
				require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeCancelled}, l.outcomes("old"))
				require.NoError(t, l.of("old")[1].Err, "dropped, not replaced")
				require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled, gocron.OutcomeCancelled, gocron.OutcomeCancelled}, l.outcomes("new"))
			})
		})
	}
}

// A replaced run counts if its task was called, and else gives its run back.
func TestSynctestContractLimitedRunsAndReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, l.option())
		r := newRelay(t, false)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithLimitedRuns(3), gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		for i := 0; i < 4; i++ {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		for i := 0; i < 3; i++ {
			require.Contains(t, rig.IDs(s), j.ID())
			if i > 0 {
				_ = j.RunNow()
			}
			r.LetGo()
			synctest.Wait()
		}
		require.Len(t, r.ctxs, 3)
		require.NotContains(t, rig.IDs(s), j.ID())
		performed := 0
		for _, outcome := range l.outcomes("it") {
			if outcome == gocron.OutcomeSucceeded {
				performed++
			}
		}
		require.Equal(t, 3, performed)
	})
}

// The one that replaces is on its way: the job has not finished, and has not
// nothing to do.
func TestSynctestContractAJobDoesNotLeaveWhileItsRunIsReplaced(t *testing.T) {
	soon := func() gocron.JobDefinition {
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(time.Now().Add(time.Second), time.Now().Add(2*time.Second)))
	}
	for name, c := range map[string]struct {
		fails   bool // else it waits for a slot
		options func() []gocron.JobOption
	}{
		"one-time, for a slot": {false, func() []gocron.JobOption { return []gocron.JobOption{gocron.WithRemoveWhenFinished()} }},
		"one-time, to retry":   {true, func() []gocron.JobOption { return []gocron.JobOption{gocron.WithRemoveWhenFinished()} }},
		"stop time, for a slot": {false, func() []gocron.JobOption {
			return []gocron.JobOption{gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Minute)))}
		}},
		"stop time, to retry": {true, func() []gocron.JobOption {
			return []gocron.JobOption{gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Minute)))}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), l.option())
				blocker := rig.NewHoldup(t)
				s.Start()
				calls := 0
				j := rig.MustJob(t, s, soon(), func() error {
					if calls++; c.fails && calls == 1 {
						return rig.ErrTest
					}
					return nil
				}, append(c.options(), gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"),
					gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}))...)
				if !c.fails {
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
				}
				time.Sleep(time.Second)
				synctest.Wait()
				waited := make(chan error, 1)
				go func() { waited <- gocron.NewController(s).Wait(context.Background(), j.ID()) }()
				time.Sleep(time.Second)
				synctest.Wait()
				if !c.fails {
					require.Contains(t, rig.IDs(s), j.ID())
					require.Empty(t, waited, "a run waits")
				}
				blocker.Open()
				synctest.Wait()
				require.NoError(t, <-waited)
				first := map[bool]gocron.Outcome{true: gocron.OutcomeFailed, false: gocron.OutcomeCancelled}[c.fails]
				require.Equal(t, []gocron.Outcome{first, gocron.OutcomeSucceeded}, l.outcomes("it"))
				require.NotContains(t, rig.IDs(s), j.ID())
			})
		})
	}
}

// A task that has outlived a stop was told to end then; the new run waits for it.
func TestSynctestContractReplaceAcrossAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithStopTimeout(time.Second))
		r := newRelay(t, false)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, r.Running())
		require.True(t, context.Cause(r.ctxs[0]) == context.Canceled)
		r.LetGo()
		synctest.Wait()
		require.Equal(t, 1, r.Running())
		require.NoError(t, r.ctxs[1].Err())
	})
}
