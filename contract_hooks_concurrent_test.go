package gocron

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hookAtOnce calls f from many goroutines and waits for all of them.
func hookAtOnce(f func()) {
	var all sync.WaitGroup
	for i := 0; i < 16; i++ {
		all.Add(1)
		go func() { defer all.Done(); f() }()
	}
	all.Wait()
}

func countCalls(calls []string, call string) (n int) {
	for _, c := range calls {
		if c == call {
			n++
		}
	}
	return n
}

func TestHooksConcurrentMethodsAnnounceOnce(t *testing.T) {
	r, h := hookRig(t)
	j := r.job(DurationJob(time.Hour), func() {}, WithName("j"), WithTags("t"))
	hookAtOnce(r.s.Start)
	require.Equal(t, 1, countCalls(h.take(), "Started"))
	hookAtOnce(func() { _ = r.s.StopJobs() })
	h.expect("Stopped")
	hookAtOnce(func() { _ = r.s.RemoveJob(j.ID()); r.s.RemoveByTags("t") })
	h.expect("Unregistered j")
	r.s.Start()
	h.take()
	hookAtOnce(func() { _ = r.s.Shutdown() })
	h.expect("Stopped, Shutdown")
}

func TestHooksConcurrentReplacementsAnnounceEachJobBothWays(t *testing.T) {
	r, h := hookRig(t)
	r.start()
	id := uuid.New()
	hookAtOnce(func() {
		_, _ = r.s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() {}), WithName("j"), WithIdentifier(id))
	})
	r.settle()
	require.NoError(t, r.s.RemoveJob(id))
	listed := 0
	for _, call := range h.take() {
		switch call {
		case "Registered j":
			listed++
		case "Unregistered j":
			listed--
		}
		require.Contains(t, []int{0, 1}, listed, "one after the other, each both ways or, if it left too early, not at all")
	}
	require.Zero(t, listed)
}

func TestHooksJobRemovedWhileItIsAnnounced(t *testing.T) {
	for name, end := range map[string]func(s Scheduler){
		"removed": func(s Scheduler) { s.RemoveByTags("t") },
		"by id":   func(s Scheduler) { _ = s.RemoveJob(s.Jobs()[0].ID()) },
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t)
			r.start()
			h.take()
			h.during = func(call string) {
				if call == "Registered j" {
					end(r.s)
				}
			}
			r.job(OneTimeJob(OneTimeJobStartImmediately()), func() { h.note("task") }, WithName("j"), WithTags("t"))
			h.expect("Registered j, Unregistered j")
			require.Empty(t, r.s.Jobs())
		})
	}
}

func TestHooksJobReplacedWhileItIsAnnounced(t *testing.T) {
	r, h := hookRig(t)
	r.start()
	h.take()
	h.during = func(call string) {
		if call == "Registered a" {
			_, err := r.s.Update(r.s.Jobs()[0].ID(), DurationJob(time.Hour), NewTask(func() {}), WithName("b"))
			require.NoError(t, err)
		}
	}
	r.job(OneTimeJob(OneTimeJobStartImmediately()), func() { h.note("task") }, WithName("a"))
	calls := h.take()
	require.Equal(t, "Registered a", calls[0])
	require.ElementsMatch(t, []string{"Registered a", "Unregistered a", "Registered b"}, calls)
	require.Len(t, r.s.Jobs(), 1)
}

func TestHooksSchedulerStoppedWhileAJobIsAnnounced(t *testing.T) {
	r, h := hookRig(t)
	r.start()
	h.during = func(call string) {
		if call == "Registered j" {
			_ = r.s.StopJobsWithContext(context.Background())
		}
	}
	j := r.job(DurationJob(time.Hour), func() {}, WithName("j"), WithStartAt(WithStartImmediately()))
	noNextRun(t, j)
	require.NotContains(t, h.take(), "JobStarted j")
	r.start()
	require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
	require.Contains(t, h.take(), "JobStarted j")
}

func TestHooksSchedulerStoppedInsideSchedulerStarted(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(s Scheduler) error
		want string
	}{
		"stop":     {func(s Scheduler) error { return s.StopJobs() }, "Started, Stopped"},
		"shutdown": {func(s Scheduler) error { return s.Shutdown() }, "Started, Stopped, Shutdown"},
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t)
			r.job(DurationJob(time.Hour), func() { h.note("task") }, WithName("j"), WithStartAt(WithStartImmediately()))
			h.take()
			h.during = func(call string) {
				if call == "Started" {
					require.NoError(t, tt.end(r.s))
				}
			}
			r.start()
			r.waiters(0)
			h.expect(tt.want)
		})
	}
}

func TestHooksManyRunsAnnounceEachOnceAndInOrder(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(3, LimitModeWait))
	for i := 0; i < 50; i++ {
		r.job(DurationJob(time.Hour), func() { h.note("task") }, WithName("j"))
	}
	r.start()
	h.take()
	r.walk(2 * time.Hour)
	calls := h.take()
	for _, call := range []string{"JobStarted j", "JobRunning j", "task", "Timing j", "Increment j success", "TimingStatus j success <nil>", "JobCompleted j", "ExecutionTime j 0s"} {
		require.Equal(t, 100, countCalls(calls, call), call)
	}
	require.Equal(t, 2*47, countCalls(calls, "LimitReached j limit"))
	require.Equal(t, 50, countCalls(calls, "Delay j 1h0m0s 1h0m0s"))
	require.Equal(t, 50, countCalls(calls, "Delay j 2h0m0s 2h0m0s"))
}
