//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// A policyTask is a task that returns one error after another, the last one for
// ever, and notes when it was called.
type policyTask struct {
	mu      sync.Mutex
	now     func() time.Time
	made    time.Time
	answers []error
	called  []time.Duration
}

func answering(answers ...error) *policyTask { return answeringBy(time.Now, answers...) }

// answeringBy makes a task that takes its times from a clock.
func answeringBy(now func() time.Time, answers ...error) *policyTask {
	return &policyTask{now: now, made: now(), answers: answers}
}

func (p *policyTask) task() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.called = append(p.called, p.now().Sub(p.made))
	answer := p.answers[0]
	if len(p.answers) > 1 {
		p.answers = p.answers[1:]
	}
	return answer
}

// calls is when the task was called, since it was made.
func (p *policyTask) calls() []time.Duration {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Duration{}, p.called...)
}

// A policyBook is what became of all runs of a scheduler.
type policyBook struct {
	mu       sync.Mutex
	finished []RunInfo
	atRest   int // goroutines of the bubble when the scheduler had nothing to do
}

// requireAtRest asserts that there is no goroutine for any run.
func (b *policyBook) requireAtRest(t *testing.T) {
	t.Helper()
	require.Equal(t, b.atRest, bubbleGoroutines(), "goroutines")
}

func (b *policyBook) option() SchedulerOption {
	return WithHooks(Hooks{RunFinished: func(info RunInfo) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.finished = append(b.finished, info)
	}})
}

// runs are the finished runs in the order in which they were made.
func (b *policyBook) runs() []RunInfo {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	runs := append([]RunInfo{}, b.finished...)
	sort.Slice(runs, func(i, j int) bool { return runs[i].ID < runs[j].ID })
	return runs
}

// outcomes are the finished runs as "outcome attempts".
func (b *policyBook) outcomes() []string {
	outcomes := []string{}
	for _, info := range b.runs() {
		outcomes = append(outcomes, fmt.Sprint(info.Outcome, " ", info.Attempt))
	}
	return outcomes
}

// results are the outcomes alone.
func (b *policyBook) results() []string {
	results := []string{}
	for _, info := range b.runs() {
		results = append(results, info.Outcome.String())
	}
	return results
}

// newPolicyScheduler makes a scheduler that was started, with a book.
func newPolicyScheduler(t *testing.T, options ...SchedulerOption) (Scheduler, *policyBook) {
	t.Helper()
	b := &policyBook{}
	s := newScheduler(t, append(options, b.option())...)
	s.Start()
	b.atRest = bubbleGoroutines()
	return s, b
}

// retries is WithRetry with a constant wait.
func retries(attempts int, wait time.Duration) JobOption {
	return WithRetry(RetryPolicy{Attempts: attempts, Backoff: ConstantBackoff(wait)})
}

func policyStats(t *testing.T, s Scheduler) Stats {
	t.Helper()
	synctest.Wait()
	stats, err := NewController(s).Stats()
	require.NoError(t, err)
	finished := uint64(0)
	for _, n := range stats.Outcomes {
		finished += n
	}
	require.Equal(t, stats.Made, finished+uint64(stats.Running+stats.Waiting+stats.Retrying))
	return stats
}

// requireRetrying asserts how many runs are between two attempts, and that nothing
// else is going on.
func requireRetrying(t *testing.T, s Scheduler, n int) {
	t.Helper()
	stats := policyStats(t, s)
	require.Equal(t, []int{0, 0, n}, []int{stats.Running, stats.Waiting, stats.Retrying}, "running, waiting, retrying")
	require.Zero(t, s.JobsWaitingInQueue())
}

func TestSynctestPolicyRetryUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract, errContract, nil)
		j := mustJob(t, s, ages(), p.task, retries(5, 10*time.Second))
		require.NoError(t, j.RunNow())
		require.Equal(t, []time.Duration{0}, p.calls())
		require.Empty(t, b.runs(), "it has no outcome yet")
		time.Sleep(time.Hour)
		require.Equal(t, []time.Duration{0, 10 * time.Second, 20 * time.Second}, p.calls())
		require.Equal(t, []string{"succeeded 3"}, b.outcomes())
		require.NoError(t, b.runs()[0].Err)
		require.EqualValues(t, 1, policyStats(t, s).Made)
	})
}

func TestSynctestPolicyRetryGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		last := errors.New("the last")
		p := answering(errContract, errContract, last)
		j := mustJob(t, s, ages(), p.task, retries(3, time.Second))
		info, err := NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeFailed, info.Outcome)
		require.True(t, info.Err == last)
		require.Equal(t, 3, info.Attempt)
		require.Equal(t, TriggerRetry, info.Trigger)
		require.Equal(t, 2*time.Second, info.FinishedAt.Sub(info.ScheduledAt))
		time.Sleep(time.Hour)
		require.Len(t, p.calls(), 3)
		require.Equal(t, []string{"failed 3"}, b.outcomes())
	})
}

func TestSynctestPolicyRetryOfASuccessIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p, asked := answering(nil), 0
		j := mustJob(t, s, ages(), p.task, WithRetry(RetryPolicy{Attempts: 9, If: func(error) bool { asked++; return true }}))
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"succeeded 1"}, b.outcomes())
		require.Zero(t, asked)
	})
}

func TestSynctestPolicyRetryAsksBackoffHowLong(t *testing.T) {
	for name, c := range map[string]struct {
		backoff Backoff
		want    []time.Duration
	}{
		"growing":  {func(failed int) time.Duration { return time.Duration(failed) * time.Second }, []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second}},
		"none":     {nil, []time.Duration{0, 0, 0, 0}},
		"zero":     {ConstantBackoff(0), []time.Duration{0, 0, 0, 0}},
		"negative": {ConstantBackoff(-time.Hour), []time.Duration{0, 0, 0, 0}},
		"constant": {ConstantBackoff(1), []time.Duration{0, 1, 2, 3}},
	} {
		for _, clock := range []SchedulerOption{WithLocation(time.UTC), WithClock(foreignClock{clockwork.NewRealClock()})} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newPolicyScheduler(t, clock)
					p := answering(errContract)
					j := mustJob(t, s, ages(), p.task, WithRetry(RetryPolicy{Attempts: 4, Backoff: c.backoff}))
					require.NoError(t, j.RunNow())
					time.Sleep(time.Minute)
					require.Equal(t, c.want, p.calls())
					require.Equal(t, []string{"failed 4"}, b.outcomes())
				})
			})
		}
	}
}

// foreignClock is a clock of a kind that the scheduler does not know.
type foreignClock struct{ clockwork.Clock }

// A wait of centuries is one that goes on: nothing overflows.
func TestSynctestPolicyRetryMayWaitForCenturies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract)
		j := mustJob(t, s, ages(), p.task, retries(2, never))
		other := mustJob(t, s, DurationJob(time.Hour), noop)
		require.NoError(t, j.RunNow())
		time.Sleep(24 * time.Hour)
		require.Len(t, p.calls(), 1)
		requireRetrying(t, s, 1)
		require.Len(t, b.runs(), 24, "other jobs are due as ever")
		require.NoError(t, s.RemoveJob(other.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		requireRetrying(t, s, 0)
	})
}

func TestSynctestPolicyRetryWhenThePolicySaysSo(t *testing.T) {
	other := errors.New("other")
	wrapped := fmt.Errorf("wrapped: %w", errContract)
	yes, no := func(error) bool { return true }, func(error) bool { return false }
	isIt := func(err error) bool { return err == errContract }
	for name, c := range map[string]struct {
		policy  RetryPolicy
		answer  error
		retried bool
	}{
		"any error":                {RetryPolicy{}, other, true},
		"empty On":                 {RetryPolicy{On: []error{}}, other, true},
		"If yes":                   {RetryPolicy{If: yes}, other, true},
		"If no":                    {RetryPolicy{If: no}, other, false},
		"If gets the very error":   {RetryPolicy{If: isIt}, errContract, true},
		"If of another":            {RetryPolicy{If: isIt}, wrapped, false},
		"On":                       {RetryPolicy{On: []error{other, errContract}}, errContract, true},
		"On, wrapped":              {RetryPolicy{On: []error{errContract}}, wrapped, true},
		"On, not the wrapper":      {RetryPolicy{On: []error{wrapped}}, errContract, false},
		"On another":               {RetryPolicy{On: []error{errContract}}, other, false},
		"On and If":                {RetryPolicy{On: []error{errContract}, If: yes}, errContract, true},
		"On but not If":            {RetryPolicy{On: []error{errContract}, If: no}, errContract, false},
		"If but not On":            {RetryPolicy{On: []error{errContract}, If: yes}, other, false},
		"permanent":                {RetryPolicy{}, Permanent(other), false},
		"permanent inside":         {RetryPolicy{}, fmt.Errorf("again: %w", Permanent(other)), false},
		"permanent among others":   {RetryPolicy{}, errors.Join(other, Permanent(errContract)), false},
		"permanent, whatever If":   {RetryPolicy{If: yes, On: []error{errContract}}, Permanent(errContract), false},
		"On a kind gocron made":    {RetryPolicy{On: []error{ErrPanicRecovered}}, &PanicError{Value: 1}, true},
		"not On a kind it made":    {RetryPolicy{On: []error{ErrRunTimeout}}, ErrTaskGoexit, false},
		"an error that is no type": {RetryPolicy{On: []error{policyUncomparable{}}}, policyUncomparable{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(c.answer)
				c.policy.Attempts = 2
				j := mustJob(t, s, ages(), p.task, WithRetry(c.policy))
				require.NoError(t, j.RunNow())
				require.Equal(t, c.retried, len(p.calls()) == 2)
				require.Len(t, b.runs(), 1)
				require.Equal(t, c.answer, b.runs()[0].Err)
			})
		})
	}
}

// policyUncomparable is an error that == panics on.
type policyUncomparable []int

func (policyUncomparable) Error() string { return "uncomparable" }

// The function is asked after each attempt but the last, whose error it could
// change nothing about.
func TestSynctestPolicyRetryAsksIfOfEachErrorButTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newPolicyScheduler(t)
		answers := []error{errors.New("1"), errors.New("2"), errors.New("3")}
		var asked []error
		on := []error{answers[0], answers[1]}
		p := answering(answers...)
		j := mustJob(t, s, ages(), p.task, WithRetry(RetryPolicy{
			Attempts: 3, On: on, If: func(err error) bool { asked = append(asked, err); return true },
		}))
		on[1] = answers[2] // was copied
		require.NoError(t, j.RunNow())
		require.Len(t, p.calls(), 3)
		require.Equal(t, answers[:2], asked)
	})
}

func TestSynctestPolicyRetryAfterWhateverEndsAnAttempt(t *testing.T) {
	listener := WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	for name, c := range map[string]struct {
		fail   func(context.Context) error
		option JobOption
		want   string
	}{
		"error":                {func(context.Context) error { return errContract }, WithTags(), "failed 3"},
		"panic":                {func(context.Context) error { panic("ouch") }, WithRecover(), "panicked 3"},
		"panic, listener":      {func(context.Context) error { panic("ouch") }, listener, "panicked 3"},
		"Goexit":               {func(context.Context) error { runtime.Goexit(); return nil }, WithTags(), "failed 3"},
		"Goexit, recover":      {func(context.Context) error { runtime.Goexit(); return nil }, WithRecover(), "failed 3"},
		"timeout":              {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, WithTimeout(time.Second), "timed-out 3"},
		"timeout without much": {func(ctx context.Context) error { <-ctx.Done(); return nil }, WithTimeout(time.Second), "timed-out 3"},
	} {
		for _, wait := range []time.Duration{0, time.Second} {
			for _, limit := range []SchedulerOption{WithLocation(time.UTC), WithLimitConcurrentJobs(1, LimitModeWait)} {
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s, b := newPolicyScheduler(t, limit)
						calls := 0
						task := func(ctx context.Context) error { calls++; return c.fail(ctx) }
						j := mustJob(t, s, ages(), task, retries(3, wait), c.option)
						for i := 1; i <= 3; i++ {
							require.NoError(t, j.RunNow())
							time.Sleep(time.Minute)
							synctest.Wait()
							require.Equal(t, 3*i, calls)
						}
						require.Equal(t, []string{c.want, c.want, c.want}, b.outcomes())
						requireRetrying(t, s, 0)
						b.requireAtRest(t)
					})
				})
			}
		}
	}
}

// Whoever ends the goroutine when asked whether to try again has said no.
func TestSynctestPolicyRetryIsNoneWhenThePolicyEndsTheGoroutine(t *testing.T) {
	for name, policy := range map[string]RetryPolicy{
		"If":      {Attempts: 3, If: func(error) bool { runtime.Goexit(); return true }},
		"Backoff": {Attempts: 3, Backoff: func(int) time.Duration { runtime.Goexit(); return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
				j := mustJob(t, s, ages(), answering(errContract).task, WithRetry(policy))
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"failed 1", "failed 1"}, b.outcomes())
				requireRetrying(t, s, 0)
			})
		})
	}
}

// The functions of a policy are called with nothing locked, and may end the job.
func TestSynctestPolicyRetryMayBeEndedByItsPolicy(t *testing.T) {
	for name, makePolicy := range map[string]func(call func()) RetryPolicy{
		"If": func(call func()) RetryPolicy { return RetryPolicy{If: func(error) bool { call(); return true }} },
		"Backoff": func(call func()) RetryPolicy {
			return RetryPolicy{Backoff: func(int) time.Duration { call(); return 0 }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(errContract)
				var j Job
				policy := makePolicy(func() { _ = s.RemoveJob(j.ID()) })
				policy.Attempts = 3
				j = mustJob(t, s, ages(), p.task, WithRetry(policy))
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"failed 1"}, b.outcomes())
				require.Len(t, p.calls(), 1)
			})
		})
	}
}

// The wait counts from when the task returned, as all else that does.
func TestSynctestPolicyRetryWaitsFromTheEndOfTheTask(t *testing.T) {
	for _, clock := range []SchedulerOption{WithLocation(time.UTC), WithClock(foreignClock{clockwork.NewRealClock()})} {
		synctest.Test(t, func(t *testing.T) {
			s, b := newPolicyScheduler(t, clock)
			p := answering(errContract)
			slow := AfterJobRunsWithError(func(uuid.UUID, string, error) { time.Sleep(10 * time.Second) })
			task := func() error { defer time.Sleep(time.Second); return p.task() }
			require.NoError(t, mustJob(t, s, ages(), task, retries(2, 15*time.Second), WithEventListeners(slow)).RunNow())
			time.Sleep(time.Minute)
			require.Equal(t, []time.Duration{0, 16 * time.Second}, p.calls())
			p = answering(errContract)
			require.NoError(t, mustJob(t, s, ages(), task, retries(2, 5*time.Second), WithEventListeners(slow)).RunNow())
			time.Sleep(time.Minute)
			require.Equal(t, []time.Duration{0, 11 * time.Second}, p.calls(), "but it ends before the next attempt begins")
			require.Equal(t, []string{"failed 2", "failed 2"}, b.outcomes())
		})
	}
}

// One that is tried again for ever, without a wait, leaves time for all others and
// for a stop.
func TestSynctestPolicyRetryForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		var calls atomic.Int64
		j := mustJob(t, s, ages(), func() error { calls.Add(1); return errContract }, WithRetry(RetryPolicy{Attempts: math.MaxInt}))
		require.NoError(t, j.RunNow())
		for calls.Load() < 1000 {
			runtime.Gosched()
		}
		other := make(chan bool, 1)
		require.NoError(t, mustJob(t, s, ages(), func() { other <- true }).RunNow())
		require.True(t, <-other)
		require.NoError(t, s.StopJobs())
		require.Equal(t, []string{"failed", "succeeded"}, b.results())
	})
}

func TestSynctestPolicyRetryHoldsNothingWhileItWaits(t *testing.T) {
	for name, clock := range map[string]SchedulerOption{
		"real": WithLocation(time.UTC), "foreign": WithClock(foreignClock{clockwork.NewRealClock()}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule), clock)
				p := answering(errContract, nil)
				j := mustJob(t, s, ages(), p.task, retries(2, time.Minute), WithSingletonMode(LimitModeReschedule))
				other := answering(nil)
				require.NoError(t, j.RunNow())
				requireRetrying(t, s, 1)
				b.requireAtRest(t)
				running, err := j.IsRunning()
				require.NoError(t, err)
				require.False(t, running)

				require.NoError(t, mustJob(t, s, ages(), other.task).RunNow())
				require.Len(t, other.calls(), 1, "it holds no slot")
				require.NoError(t, j.RunNow())
				require.Len(t, p.calls(), 2, "it keeps no other run of its job away")
				require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.outcomes())
				time.Sleep(time.Minute)
				require.Equal(t, []string{"succeeded 2", "succeeded 1", "succeeded 1"}, b.outcomes())
				requireRetrying(t, s, 0)
			})
		})
	}
}

func TestSynctestPolicyRetryOfAThousandRunsAtOnce(t *testing.T) {
	const n = 1000
	for name, wait := range map[string]Backoff{
		"at once":    nil,
		"constant":   ConstantBackoff(time.Minute),
		"one by one": ExponentialBackoff(time.Minute, 0),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(3, LimitModeWait))
				var calls atomic.Int64
				task := func() error { calls.Add(1); return errContract }
				one := mustJob(t, s, ages(), task, WithRetry(RetryPolicy{Attempts: 3, Backoff: wait}))
				for i := 0; i < n/2; i++ {
					require.NoError(t, one.RunNow())
					require.NoError(t, mustJob(t, s, ages(), task, WithRetry(RetryPolicy{Attempts: 3, Backoff: wait})).RunNow())
				}
				if wait != nil {
					requireRetrying(t, s, n)
					require.EqualValues(t, n, calls.Load())
					b.requireAtRest(t)
				}
				time.Sleep(time.Hour)
				requireRetrying(t, s, 0)
				require.EqualValues(t, 3*n, calls.Load())
				require.EqualValues(t, n, policyStats(t, s).Outcomes[OutcomeFailed])
				b.requireAtRest(t)
			})
		})
	}
}

// All that is asked and told for one attempt is so for each.
func TestSynctestPolicyRetryAsksAndTellsForEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hookRecorder{t: t}
		s := newScheduler(t, WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h), WithDistributedLocker(h),
			WithClock(clockwork.NewFakeClockAt(rigNow)))
		j := mustJob(t, s, ages(), answering(errHook, nil).task, WithName("j"), h.listeners(), retries(2, 0))
		s.Start()
		h.take()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		h.expect(`Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j,
			AfterError j hook, Increment j fail, Timing j, TimingStatus j fail hook, JobFailed j hook, ExecutionTime j 0s, Unlock <nil>,
			Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j,
			After j, Increment j success, Timing j, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unlock <nil>`)
	})
}

// The delay of a later attempt is how late it is for the occurrence.
func TestSynctestPolicyRetryIsDelayedMoreEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &clockMonitor{}
		s, _ := newPolicyScheduler(t, WithSchedulerMonitor(m))
		j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Minute))), answering(errContract).task, retries(3, 10*time.Second))
		for i := 0; i < 3; i++ {
			time.Sleep(time.Minute / 2)
			synctest.Wait()
		}
		require.Equal(t, 20*time.Second, m.began.Sub(m.due))
		last, err := j.LastRunStartedAt()
		require.NoError(t, err)
		require.True(t, last.Equal(m.began), "the last attempt is the last start")
	})
}

func TestSynctestPolicyRetryMayBeRefused(t *testing.T) {
	second := func(refuse error) func() error {
		asked := 0
		return func() error {
			if asked++; asked < 2 {
				return nil
			}
			return refuse
		}
	}
	refusal := errors.New("not now")
	elector, locker, listener := second(refusal), second(refusal), second(refusal)
	for name, c := range map[string]struct {
		scheduler SchedulerOption
		job       JobOption
	}{
		"elector": {WithDistributedElector(electorFunc(func(context.Context) error { return elector() })), WithTags()},
		"locker": {WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
			return unlockFunc(func(context.Context) error { return nil }), locker()
		})), WithTags()},
		"listener": {WithLocation(time.UTC), WithEventListeners(
			BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return listener() }))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, c.scheduler, WithLimitConcurrentJobs(1, LimitModeWait))
				p := answering(errContract)
				j := mustJob(t, s, ages(), p.task, retries(5, time.Second), c.job, WithLimitedRuns(1))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Minute)
				require.Equal(t, []time.Duration{0}, p.calls())
				require.Equal(t, []string{"failed"}, b.results(), "what the first attempt came to")
				require.True(t, b.runs()[0].Err == errContract)
				require.Empty(t, s.Jobs(), "its limited run is used up")
				requireRetrying(t, s, 0)
			})
		})
	}
}

// What refuses a first attempt is no failure of the task.
func TestSynctestPolicyRetryOfARefusalIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s, b := newPolicyScheduler(t, WithDistributedElector(electorFunc(func(context.Context) error { asked++; return errContract })))
		p := answering(nil)
		j := mustJob(t, s, ages(), p.task, retries(5, 0))
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"not-leader 0"}, b.outcomes())
		require.Empty(t, p.calls())
		require.Equal(t, 1, asked)
	})
}

// A lock is held for an attempt, not for the time between two.
func TestSynctestPolicyRetryHoldsNoLockWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held, obtained atomic.Int64
		s, _ := newPolicyScheduler(t, WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
			held.Add(1)
			obtained.Add(1)
			return unlockFunc(func(context.Context) error { held.Add(-1); return nil }), nil
		})))
		j := mustJob(t, s, ages(), answering(errContract).task, retries(3, time.Second))
		require.NoError(t, j.RunNow())
		for i := int64(1); i <= 3; i++ {
			synctest.Wait()
			require.Equal(t, []int64{i, 0}, []int64{obtained.Load(), held.Load()})
			time.Sleep(time.Second)
		}
		synctest.Wait()
		require.Equal(t, []int64{3, 0}, []int64{obtained.Load(), held.Load()})
	})
}

// On an injected clock the wait is a waiter of it, and counts by it alone.
func TestSynctestPolicyRetryOnAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rigNow)
		s, b := newPolicyScheduler(t, WithClock(clock))
		waiters := func(n int) {
			t.Helper()
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(rigEnded, n), "fewer waiters than %d", n)
			require.Error(t, clock.BlockUntilContext(rigEnded, n+1), "more waiters than %d", n)
		}
		p := answeringBy(clock.Now, errContract)
		j := mustJob(t, s, ages(), p.task, retries(3, 10*time.Minute))
		waiters(1)
		require.NoError(t, j.RunNow())
		waiters(2)
		time.Sleep(time.Hour) // of no account
		clock.Advance(10*time.Minute - 1)
		waiters(2)
		require.Len(t, p.calls(), 1)
		clock.Advance(1)
		waiters(2)
		require.NoError(t, j.RunNow())
		waiters(3)
		clock.Advance(24 * time.Hour)
		synctest.Wait()
		clock.Advance(time.Hour)
		waiters(1)
		day := 24*time.Hour + 10*time.Minute
		require.Equal(t, []time.Duration{0, 10 * time.Minute, 10 * time.Minute, day, day, day + time.Hour}, p.calls())
		require.Equal(t, []string{"failed 3", "failed 3"}, b.outcomes())
		b.requireAtRest(t)
	})
}

func TestSynctestPolicyRetryLeavesNoWaiterOfAClock(t *testing.T) {
	for name, end := range policyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClockAt(rigNow)
				s, _ := newPolicyScheduler(t, WithClock(clock))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), answering(errContract).task, retries(3, time.Minute),
					WithContext(user), WithTags("tag"))
				synctest.Wait()
				require.NoError(t, clock.BlockUntilContext(rigEnded, 1))
				end(s, j, cancel)
				synctest.Wait()
				require.Error(t, clock.BlockUntilContext(rigEnded, 1))
			})
		})
	}
}

// A clock that is set keeps its timers: one that rings too early is set anew.
func TestSynctestPolicyRetryOnAClockThatIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &steppedClock{FakeClock: clockwork.NewFakeClockAt(rigNow)}
		s, b := newPolicyScheduler(t, WithClock(clock))
		p := answeringBy(clock.Now, errContract)
		j := mustJob(t, s, ages(), p.task, retries(2, 10*time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		clock.offset.Store(int64(-time.Hour))
		for i := 0; i < 6; i++ {
			clock.Advance(10 * time.Minute)
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(rigEnded, 2), "it has a waiter again")
			requireRetrying(t, s, 1)
		}
		clock.Advance(10 * time.Minute)
		require.Equal(t, []time.Duration{0, 10 * time.Minute}, p.calls())
		require.Equal(t, []string{"failed 2"}, b.outcomes())
	})
}

func TestSynctestPolicyRetryOnAClockThatIsSetForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &steppedClock{FakeClock: clockwork.NewFakeClockAt(rigNow)}
		s, b := newPolicyScheduler(t, WithClock(clock))
		p := answeringBy(clock.Now, errContract)
		j := mustJob(t, s, ages(), p.task, retries(2, 10*time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		clock.offset.Store(int64(time.Hour))
		clock.Advance(10 * time.Minute)
		require.Equal(t, []time.Duration{0, 70 * time.Minute}, p.calls())
		require.Equal(t, []string{"failed 2"}, b.outcomes())
	})
}

// The context of a later attempt is that of the job as much as the first's.
func TestSynctestPolicyRetryHasALivingContextEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newPolicyScheduler(t)
		user := context.WithValue(context.Background(), contextKey{}, "v")
		var contexts []context.Context
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			require.Equal(t, "v", ctx.Value(contextKey{}))
			info, ok := RunFromContext(ctx)
			require.True(t, ok)
			contexts = append(contexts, ctx)
			require.Equal(t, len(contexts), info.Attempt)
			return errContract
		}, WithContext(user), retries(3, time.Second))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, contexts, 3)
		for _, ctx := range contexts {
			require.NoError(t, ctx.Err(), "the job is still wanted")
		}
		require.NoError(t, s.RemoveJob(j.ID()))
		for _, ctx := range contexts {
			require.ErrorIs(t, ctx.Err(), context.Canceled)
		}
	})
}

func TestSynctestPolicyRetryOfAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithGlobalJobOptions(retries(2, 0)))
		require.NoError(t, mustJob(t, s, ages(), answering(errContract).task).RunNow())
		require.Equal(t, []string{"failed 2"}, b.outcomes())
		require.NoError(t, mustJob(t, s, ages(), answering(errContract).task, retries(3, 0)).RunNow())
		require.Equal(t, []string{"failed 2", "failed 3"}, b.outcomes(), "the job's own wins")
	})
}

func TestSynctestPolicyRetryOfTooFewAttemptsIsRefused(t *testing.T) {
	s := newScheduler(t)
	for _, attempts := range []int{1, 0, -1, -1 << 63} {
		for _, e := range entrances() {
			_, err := e.add(s, uuid.New(), ages(), NewTask(noop), WithRetry(RetryPolicy{Attempts: attempts, Backoff: ConstantBackoff(1)}))
			require.ErrorIs(t, err, ErrOptionValue)
			require.EqualError(t, err, fmt.Sprintf("gocron: option value out of range: WithRetry Attempts(%d)", attempts))
		}
	}
	require.Empty(t, s.Jobs())
}
