package hooks_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
	j := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"), gocron.WithTags("t"))
	hookAtOnce(r.Scheduler.Start)
	require.Equal(t, 1, countCalls(h.Take(), "Started"))
	hookAtOnce(func() { _ = r.Scheduler.StopJobs() })
	h.Expect("Stopped")
	hookAtOnce(func() { _ = r.Scheduler.RemoveJob(j.ID()); r.Scheduler.RemoveByTags("t") })
	h.Expect("Unregistered j")
	r.Scheduler.Start()
	h.Take()
	hookAtOnce(func() { _ = r.Scheduler.Shutdown() })
	h.Expect("Stopped, Shutdown")
}

func TestHooksConcurrentReplacementsAnnounceEachJobBothWays(t *testing.T) {
	r, h := hookRig(t)
	r.Start()
	id := uuid.New()
	hookAtOnce(func() {
		_, _ = r.Scheduler.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), gocron.NewTask(func() {}), gocron.WithName("j"), gocron.WithIdentifier(id))
	})
	r.Settle()
	require.NoError(t, r.Scheduler.RemoveJob(id))
	listed := 0
	for _, call := range h.Take() {
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
	for name, end := range map[string]func(s gocron.Scheduler){
		"removed": func(s gocron.Scheduler) { s.RemoveByTags("t") },
		"by id":   func(s gocron.Scheduler) { _ = s.RemoveJob(s.Jobs()[0].ID()) },
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t)
			r.Start()
			h.Take()
			h.During = func(call string) {
				if call == "Registered j" {
					end(r.Scheduler)
				}
			}
			r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { h.Note("task") }, gocron.WithName("j"), gocron.WithTags("t"))
			h.Expect("Registered j, Unregistered j")
			require.Empty(t, r.Scheduler.Jobs())
		})
	}
}

func TestHooksJobReplacedWhileItIsAnnounced(t *testing.T) {
	r, h := hookRig(t)
	r.Start()
	h.Take()
	h.During = func(call string) {
		if call == "Registered a" {
			_, err := r.Scheduler.Update(r.Scheduler.Jobs()[0].ID(), gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithName("b"))
			require.NoError(t, err)
		}
	}
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { h.Note("task") }, gocron.WithName("a"))
	calls := h.Take()
	require.Equal(t, "Registered a", calls[0])
	require.ElementsMatch(t, []string{"Registered a", "Unregistered a", "Registered b"}, calls)
	require.Len(t, r.Scheduler.Jobs(), 1)
}

func TestHooksSchedulerStoppedWhileAJobIsAnnounced(t *testing.T) {
	r, h := hookRig(t)
	r.Start()
	h.During = func(call string) {
		if call == "Registered j" {
			_ = r.Scheduler.StopJobsWithContext(context.Background())
		}
	}
	j := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"), gocron.WithStartAt(gocron.WithStartImmediately()))
	rig.NoNextRun(t, j)
	require.NotContains(t, h.Take(), "JobStarted j")
	r.Start()
	require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
	require.Contains(t, h.Take(), "JobStarted j")
}

func TestHooksSchedulerStoppedInsideSchedulerStarted(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(s gocron.Scheduler) error
		want string
	}{
		"stop":     {func(s gocron.Scheduler) error { return s.StopJobs() }, "Started, Stopped"},
		"shutdown": {func(s gocron.Scheduler) error { return s.Shutdown() }, "Started, Stopped, Shutdown"},
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t)
			r.Job(gocron.DurationJob(time.Hour), func() { h.Note("task") }, gocron.WithName("j"), gocron.WithStartAt(gocron.WithStartImmediately()))
			h.Take()
			h.During = func(call string) {
				if call == "Started" {
					require.NoError(t, tt.end(r.Scheduler))
				}
			}
			r.Start()
			r.Waiters(0)
			h.Expect(tt.want)
		})
	}
}

func TestHooksManyRunsAnnounceEachOnceAndInOrder(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(3, gocron.LimitModeWait))
	for i := 0; i < 50; i++ {
		r.Job(gocron.DurationJob(time.Hour), func() { h.Note("task") }, gocron.WithName("j"))
	}
	r.Start()
	h.Take()
	r.Walk(2 * time.Hour)
	calls := h.Take()
	for _, call := range []string{"JobStarted j", "JobRunning j", "task", "Timing j", "Increment j success", "TimingStatus j success <nil>", "JobCompleted j", "ExecutionTime j 0s"} {
		require.Equal(t, 100, countCalls(calls, call), call)
	}
	require.Equal(t, 2*47, countCalls(calls, "LimitReached j limit"))
	require.Equal(t, 50, countCalls(calls, "Delay j 1h0m0s 1h0m0s"))
	require.Equal(t, 50, countCalls(calls, "Delay j 2h0m0s 2h0m0s"))
}
