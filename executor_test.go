package gocron

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// quiet waits until nothing happens any more but the given number of runs, which
// are held up by the test. The time limit is for a broken executor.
func quiet(t *testing.T, s Scheduler, heldUp int) {
	t.Helper()
	in := s.(*scheduler)
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		in.mu.Lock()
		is := in.ready.head == nil && !in.workerComes && in.session.busy == 1+heldUp
		in.mu.Unlock()
		if is {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("more or fewer than %d runs are at work", heldUp)
		}
	}
}

// slots is how many slots are taken, and how many runs wait.
func slots(s Scheduler) [2]int {
	in := s.(*scheduler)
	in.mu.Lock()
	defer in.mu.Unlock()
	return [2]int{int(in.limiter.taken), in.limiter.waiting}
}

// held is a task that the test lets go, one run at a time.
type held struct {
	began chan struct{}
	leave chan struct{}
}

func newHeld() held {
	return held{began: make(chan struct{}, 100), leave: make(chan struct{})}
}

func (h held) run() {
	h.began <- struct{}{}
	<-h.leave
}

func (h held) letGo(t *testing.T) {
	t.Helper()
	select {
	case h.leave <- struct{}{}:
	case <-time.After(time.Minute):
		t.Fatal("no run of the task is going on")
	}
}

// endings is a MonitorStatus and a Locker that write down what they are told.
type endings struct {
	mu      sync.Mutex
	list    []string
	lockErr error
	onTimed func()
	onFree  func()
}

func (e *endings) note(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, what)
}

func (e *endings) noted() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.list...)
}

func (e *endings) IncrementJob(_ uuid.UUID, _ string, _ []string, status JobStatus) {
	e.note("count " + string(status))
}

func (e *endings) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}

func (e *endings) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, _ string, _ []string, status JobStatus, err error) {
	e.note(fmt.Sprintf("time %s %v", status, err))
	if e.onTimed != nil {
		e.onTimed()
	}
}

func (e *endings) Lock(context.Context, string) (Lock, error) {
	if e.lockErr != nil {
		return nil, e.lockErr
	}
	e.note("lock")
	return e, nil
}

func (e *endings) Unlock(ctx context.Context) error {
	e.note(fmt.Sprintf("unlock %v", ctx.Err()))
	if e.onFree != nil {
		e.onFree()
	}
	return nil
}

// Whatever ends a run, it has one outcome, and what it held is free again: the
// slot, the gate, the lock, and, if its task did not start, one of the limited
// runs.
func TestExecutorEveryEnding(t *testing.T) {
	failure := errors.New("failure")
	cases := map[string]struct {
		task    func() error
		options []JobOption
		lockErr error
		want    []string
		skipped bool
	}{
		"success": {
			task: func() error { return nil },
			want: []string{"lock", "count success", "time success <nil>", "unlock <nil>"},
		},
		"an error": {
			task: func() error { return failure },
			want: []string{"lock", "count fail", "time fail failure", "unlock <nil>"},
		},
		"a panic that a listener takes": {
			task:    func() error { panic("oops") },
			options: []JobOption{WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))},
			want:    []string{"lock", "count fail", "time fail gocron: panic recovered from oops", "unlock <nil>"},
		},
		"Goexit": {
			task: func() error { runtime.Goexit(); return nil },
			want: []string{"lock", "count fail", "time fail " + ErrTaskGoexit.Error(), "unlock <nil>"},
		},
		"Goexit in a listener after the task": {
			task:    func() error { return nil },
			options: []JobOption{WithEventListeners(AfterJobRuns(func(uuid.UUID, string) { runtime.Goexit() }))},
			want:    []string{"lock", "unlock <nil>"},
		},
		"refused by a listener": {
			options: []JobOption{WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return failure }))},
			want:    []string{"lock", "unlock <nil>"},
			skipped: true,
		},
		"Goexit in a listener before the task": {
			options: []JobOption{WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { runtime.Goexit() }))},
			want:    []string{"lock", "unlock <nil>"},
			skipped: true,
		},
		"no lock": {
			lockErr: failure,
			want:    []string{"count skip"},
			skipped: true,
		},
	}
	for name, tc := range cases {
		tc := tc
		t.Run(name, func(t *testing.T) {
			e := &endings{lockErr: tc.lockErr}
			s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithMonitor(e), WithMonitorStatus(e), WithDistributedLocker(e))
			ran := 0
			task := func() error { ran++; return tc.task() }
			options := append([]JobOption{WithLimitedRuns(1), WithSingletonMode(LimitModeWait)}, tc.options...)
			j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), task, options...)
			s.Start()
			quiet(t, s, 0)
			require.Equal(t, tc.want, e.noted())
			require.Equal(t, [2]int{0, 0}, slots(s))
			record := j.(*internalJob)
			require.Zero(t, record.gate.passed)
			if tc.skipped {
				require.Zero(t, ran)
				require.Zero(t, record.reserved, "the reservation is given back")
			} else {
				require.Equal(t, 1, ran)
			}
			require.Empty(t, s.Jobs(), "it leaves after its last occurrence")
			next := make(chan struct{})
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { close(next) },
				WithDisabledDistributedJobLocker(true))
			receive(t, next)
			quiet(t, s, 0)
		})
	}
}

// A worker that a task or a hook ends leaves the runs behind it to another.
func TestExecutorGoexitKeepsTheQueueGoing(t *testing.T) {
	s := newScheduler(t, WithLimitConcurrentJobs(2, LimitModeWait))
	ran := make(chan int, 100)
	for i := 0; i < 100; i++ {
		task := func(n int) { ran <- n; runtime.Goexit() }
		_, err := s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(task, i), WithLimitedRuns(1))
		require.NoError(t, err)
	}
	s.Start()
	for i := 0; i < 100; i++ {
		receive(t, ran)
	}
	quiet(t, s, 0)
	require.Empty(t, s.Jobs())
	require.Equal(t, [2]int{0, 0}, slots(s))
}

func TestExecutorLimitedRunsAreNeverExceeded(t *testing.T) {
	cases := map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
		started   int // of the three, before any is let go
	}{
		"overlapping": {started: 3},
		"queued": {
			scheduler: []SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)},
			started:   1,
		},
		"at the gate": {
			job:     []JobOption{WithSingletonMode(LimitModeWait)},
			started: 1,
		},
	}
	for name, tc := range cases {
		tc := tc
		t.Run(name, func(t *testing.T) {
			clock := clockwork.NewFakeClock()
			s := newScheduler(t, append(tc.scheduler, WithClock(clock))...)
			h := newHeld()
			j := mustJob(t, s, DurationJob(time.Hour), h.run, append(tc.job, WithLimitedRuns(3))...)
			s.Start()
			clock.Advance(time.Hour)
			receive(t, h.began)
			require.NoError(t, clock.BlockUntilContext(context.Background(), 1))
			require.NoError(t, j.RunNow())
			clock.Advance(time.Hour)
			for i := 1; i < tc.started; i++ {
				receive(t, h.began)
			}
			for reserved(j) < 3 {
				runtime.Gosched()
			}
			for i := 0; i < 3; i++ {
				require.NoError(t, j.RunNow(), "no run is left")
			}
			quiet(t, s, tc.started)
			require.Equal(t, 3-tc.started, slots(s)[1])
			next, err := j.NextRun()
			require.NoError(t, err)
			require.Zero(t, next, "all of the runs are taken")
			clock.Advance(10 * time.Hour)
			for left := 3; left > 0; left-- {
				require.Len(t, s.Jobs(), 1, "it leaves when the last run has finished")
				h.letGo(t)
			}
			quiet(t, s, 0)
			require.Empty(t, s.Jobs())
			require.Len(t, h.began, 3-tc.started, "no more than three")
		})
	}
}

// reserved is how many limited runs of the job are taken.
func reserved(j Job) int {
	record := j.(*internalJob)
	record.s.mu.Lock()
	defer record.s.mu.Unlock()
	return int(record.current().reserved)
}

// refusing is an Elector that can be told what to answer.
type refusing struct {
	mu  sync.Mutex
	err error
}

func (r *refusing) say(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *refusing) answer() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *refusing) IsLeader(context.Context) error { return r.answer() }

func (r *refusing) Lock(context.Context, string) (Lock, error) {
	if err := r.answer(); err != nil {
		return nil, err
	}
	return &endings{}, nil
}

// A run that was skipped is none of the limited ones.
func TestExecutorSkipGivesTheReservationBack(t *testing.T) {
	no := errors.New("no")
	r := &refusing{}
	before := BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return r.answer() })
	cases := map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"by the elector":  {scheduler: []SchedulerOption{WithDistributedElector(r)}},
		"by the locker":   {scheduler: []SchedulerOption{WithDistributedLocker(r)}},
		"by a listener":   {job: []JobOption{WithEventListeners(before)}},
		"from completion": {job: []JobOption{WithEventListeners(before), WithIntervalFromCompletion()}},
	}
	for name, tc := range cases {
		tc := tc
		t.Run(name, func(t *testing.T) {
			clock := clockwork.NewFakeClock()
			s := newScheduler(t, append(tc.scheduler, WithClock(clock))...)
			r.say(no)
			ran := make(chan struct{}, 10)
			j := mustJob(t, s, DurationJob(time.Hour), func() { ran <- struct{}{} }, append(tc.job, WithLimitedRuns(1))...)
			s.Start()
			for i := 0; i < 3; i++ {
				clock.Advance(time.Hour)
				require.NoError(t, clock.BlockUntilContext(context.Background(), 1), "it waits for its next time")
				quiet(t, s, 0)
				require.Empty(t, ran)
				require.Zero(t, reserved(j))
				last, err := j.LastRun()
				require.NoError(t, err)
				require.Zero(t, last, "a skip is no last run")
			}
			r.say(nil)
			clock.Advance(time.Hour)
			receive(t, ran)
			quiet(t, s, 0)
			require.Empty(t, s.Jobs())
		})
	}
}

func TestExecutorSkipByLimitGivesTheReservationBack(t *testing.T) {
	for _, singleton := range []bool{false, true} {
		clock := clockwork.NewFakeClock()
		h, other := newHeld(), newHeld()
		limit := WithLimitConcurrentJobs(1, LimitModeReschedule)
		options := []JobOption{WithLimitedRuns(2)}
		if singleton {
			limit = WithLimitConcurrentJobs(2, LimitModeReschedule)
			options = append(options, WithSingletonMode(LimitModeReschedule))
		}
		s := newScheduler(t, WithClock(clock), limit)
		s.Start()
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), other.run, WithLimitedRuns(1))
		receive(t, other.began)
		j := mustJob(t, s, DurationJob(time.Hour), h.run, options...)
		heldUp := 1
		if singleton {
			clock.Advance(time.Hour)
			receive(t, h.began)
			heldUp = 2
		}
		for i := 0; i < 3; i++ {
			require.NoError(t, clock.BlockUntilContext(context.Background(), 1))
			clock.Advance(time.Hour)
			require.NoError(t, clock.BlockUntilContext(context.Background(), 1))
			require.NoError(t, j.RunNow())
			quiet(t, s, heldUp)
			require.Equal(t, heldUp-1, reserved(j))
			require.Equal(t, [2]int{heldUp, 0}, slots(s))
			next, err := j.NextRun()
			require.NoError(t, err)
			require.WithinDuration(t, clock.Now().Add(time.Hour), next, 0)
		}
		other.letGo(t)
		for i := 0; i < heldUp-1; i++ {
			h.letGo(t)
		}
		quiet(t, s, 0)
		for reserved(j) < 2 {
			require.NoError(t, j.RunNow())
			receive(t, h.began)
			h.letGo(t)
			quiet(t, s, 0)
		}
		require.Empty(t, s.Jobs(), "singleton %t", singleton)
	}
}

// StopJobs waits for whole runs, not only for their tasks.
func TestExecutorStopWaitsForWholeRuns(t *testing.T) {
	for _, part := range []string{"task", "listener", "monitor", "unlock"} {
		part := part
		t.Run(part, func(t *testing.T) {
			h := newHeld()
			at := func(here string) func() {
				return func() {
					if here == part {
						h.run()
					}
				}
			}
			e := &endings{onTimed: at("monitor"), onFree: at("unlock")}
			s := newScheduler(t, WithMonitor(e), WithMonitorStatus(e), WithDistributedLocker(e), WithStopTimeout(time.Minute))
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), at("task"),
				WithEventListeners(AfterJobRuns(func(uuid.UUID, string) { at("listener")() })))
			s.Start()
			receive(t, h.began)
			in := s.(*scheduler)
			in.mu.Lock()
			sess := in.session
			in.mu.Unlock()

			stopped := make(chan error, 1)
			go func() { stopped <- s.StopJobs() }()
			receive(t, sess.stopping)
			require.ErrorIs(t, s.StopJobsWithContext(endedContext()), context.Canceled, "it is not done")
			select {
			case <-sess.idle:
				t.Fatal("the run is taken for done")
			case <-stopped:
				t.Fatal("StopJobs has not waited")
			default:
			}
			h.letGo(t)
			require.NoError(t, receive(t, stopped))
			require.Equal(t, []string{"lock", "count success", "time success <nil>", "unlock <nil>"}, e.noted(), "all of the run is over")
			require.NoError(t, s.StopJobsWithContext(endedContext()), "there is nothing to wait for")
		})
	}
}

func endedContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// What is due at Start is handed over in order of creation, and what follows
// in order of asking.
func TestExecutorFirstInFirstOut(t *testing.T) {
	for _, mode := range []LimitMode{0, LimitModeReschedule, LimitModeWait} {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		h := newHeld()
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.run)
		order := make(chan int, 100)
		var want []int
		add := func(n int) Job {
			var options []JobOption
			if mode != 0 {
				options = append(options, WithSingletonMode(mode))
			}
			j, err := s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() { order <- n }), options...)
			require.NoError(t, err)
			want = append(want, n)
			return j
		}
		gone := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.run)
		var jobs []Job
		for n := 0; n < 20; n++ {
			jobs = append(jobs, add(n))
		}
		require.NoError(t, s.RemoveJob(gone.ID())) // it leaves a gap in the registry
		s.Start()
		receive(t, h.began)
		for n := 20; n < 40; n++ {
			jobs = append(jobs, add(n))
		}
		for n := 39; n >= 0; n -= 3 {
			require.NoError(t, jobs[n].RunNow())
			if mode != LimitModeReschedule { // one of the job waits already
				want = append(want, n)
			}
		}
		require.Equal(t, len(want), s.JobsWaitingInQueue())
		h.letGo(t)
		var got []int
		for range want {
			got = append(got, receive(t, order))
		}
		quiet(t, s, 0)
		require.Equal(t, want, got, "mode %d", mode)
		require.Empty(t, order)
	}
}

// goroutinesAtMost waits until those that have ended are gone.
func goroutinesAtMost(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > n; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, want at most %d: the scheduler's and one for each run", runtime.NumGoroutine(), n)
		}
	}
}

func TestExecutorWaitingCostsNoGoroutine(t *testing.T) {
	const runs, limit = 10_000, 4
	h := held{began: make(chan struct{}, runs), leave: make(chan struct{})}
	s := newScheduler(t, WithLimitConcurrentJobs(limit, LimitModeWait))
	before := runtime.NumGoroutine()
	s.Start()
	for i := 0; i < runs; i++ {
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.run, WithLimitedRuns(1))
	}
	for i := 0; i < limit; i++ {
		receive(t, h.began)
	}
	require.Equal(t, runs-limit, s.JobsWaitingInQueue())
	goroutinesAtMost(t, before+1+limit)
	close(h.leave)
	for i := limit; i < runs; i++ {
		receive(t, h.began)
	}
	quiet(t, s, 0)
	require.Empty(t, s.Jobs())
}

func TestExecutorOneGoroutineARun(t *testing.T) {
	const runs = 10_000
	h := held{began: make(chan struct{}, runs), leave: make(chan struct{})}
	s := newScheduler(t)
	var workers atomic.Int64
	in := s.(*scheduler)
	in.workFunc = func() {
		workers.Add(1)
		in.work()
	}
	before := runtime.NumGoroutine()
	for i := 0; i < runs; i++ {
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.run, WithLimitedRuns(1))
	}
	s.Start()
	for i := 0; i < runs; i++ {
		receive(t, h.began)
	}
	goroutinesAtMost(t, before+1+runs)
	require.LessOrEqual(t, workers.Load(), int64(runs+1), "one idle worker at most")
	require.Equal(t, runs, slots(s)[0])
	close(h.leave)
	quiet(t, s, 0)
	require.Empty(t, s.Jobs())
}

// A run counts when it has finished, and until then the job is there, running.
func TestExecutorCountsOnlyFinishedRuns(t *testing.T) {
	s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
	h := newHeld()
	var jobs []Job
	for i := 0; i < 3; i++ {
		jobs = append(jobs, mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.run, WithLimitedRuns(1)))
	}
	s.Start()
	for i, j := range jobs {
		receive(t, h.began)
		require.Len(t, s.Jobs(), 3-i)
		running, err := j.IsRunning()
		require.NoError(t, err)
		require.True(t, running)
		for _, later := range jobs[i+1:] {
			running, err := later.IsRunning()
			require.NoError(t, err)
			require.False(t, running, "it waits")
		}
		completed, err := j.LastRunCompletedAt()
		require.NoError(t, err)
		require.Zero(t, completed)
		h.letGo(t)
	}
	quiet(t, s, 0)
	for _, j := range jobs {
		_, err := j.IsRunning()
		require.ErrorIs(t, err, ErrJobNotFound)
	}
}

// The run of a definition that was replaced is one of the job: the replacement
// stays until that has finished, too, and not longer.
func TestExecutorReplacementOutlivesOldRuns(t *testing.T) {
	s := newScheduler(t)
	s.Start()
	h := newHeld()
	j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.run, WithLimitedRuns(1))
	receive(t, h.began)
	ran := make(chan struct{}, 1)
	task := NewTask(func() { ran <- struct{}{} })
	_, err := s.Update(j.ID(), OneTimeJob(OneTimeJobStartImmediately()), task, WithLimitedRuns(1))
	require.NoError(t, err)
	receive(t, ran)
	quiet(t, s, 1)
	running, err := j.IsRunning()
	require.NoError(t, err)
	require.True(t, running)
	h.letGo(t)
	quiet(t, s, 0)
	require.Empty(t, s.Jobs())
}

// A stop drops what waits. A one-time job is owed it, others are not.
func TestExecutorStopDropsTheQueue(t *testing.T) {
	clock := clockwork.NewFakeClock()
	s := newScheduler(t, WithClock(clock), WithLimitConcurrentJobs(1, LimitModeWait))
	periodic, once := newHeld(), newHeld()
	mustJob(t, s, DurationJob(time.Hour), periodic.run)
	mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(clock.Now().Add(time.Hour+time.Second))), once.run)
	s.Start()
	clock.Advance(time.Hour)
	receive(t, periodic.began)
	require.NoError(t, clock.BlockUntilContext(context.Background(), 2))
	clock.Advance(time.Hour)
	for s.JobsWaitingInQueue() < 2 {
		runtime.Gosched()
	}
	require.ErrorIs(t, s.StopJobsWithContext(endedContext()), context.Canceled)
	require.Zero(t, s.JobsWaitingInQueue())
	require.Equal(t, [2]int{1, 0}, slots(s), "the run in progress keeps its slot")
	s.Start()
	require.Equal(t, 1, s.JobsWaitingInQueue())
	periodic.letGo(t)
	receive(t, once.began)
	once.letGo(t)
	quiet(t, s, 0)
	require.Empty(t, periodic.began)
	require.Empty(t, once.began)
}
