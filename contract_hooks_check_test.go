package gocron

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A checkEnd is a reason for a run not to start that comes up while it is on its way.
type checkEnd struct {
	end     func(r *rig, j Job, endUser func())
	outcome Outcome
	is      error // what the error is that JobFailed is told; nil for one that says "paused"
}

func checkEnds() map[string]checkEnd {
	return map[string]checkEnd{
		"stop":     {func(r *rig, _ Job, _ func()) { _ = r.s.StopJobsWithContext(endedContext()) }, OutcomeCancelled, ErrRunCancelled},
		"restart":  {func(r *rig, _ Job, _ func()) { _ = r.s.StopJobsWithContext(endedContext()); r.s.Start() }, OutcomeCancelled, ErrRunCancelled},
		"shutdown": {func(r *rig, _ Job, _ func()) { _ = r.s.ShutdownWithContext(endedContext()) }, OutcomeCancelled, ErrRunCancelled},
		"removal":  {func(r *rig, j Job, _ func()) { _ = r.s.RemoveJob(j.ID()) }, OutcomeCancelled, ErrRunCancelled},
		"cancel":   {func(r *rig, j Job, _ func()) { _ = NewController(r.s).Cancel(j.ID()) }, OutcomeCancelled, ErrRunCancelled},
		"removal of a successor": {func(r *rig, j Job, _ func()) {
			_, _ = r.s.Update(j.ID(), ages(), NewTask(noop))
			_ = r.s.RemoveJob(j.ID())
		}, OutcomeCancelled, ErrRunCancelled},
		"cancel of a successor": {func(r *rig, j Job, _ func()) {
			_, _ = r.s.Update(j.ID(), ages(), NewTask(noop))
			_ = NewController(r.s).Cancel(j.ID())
		}, OutcomeCancelled, ErrRunCancelled},
		"pause of a successor": {func(r *rig, j Job, _ func()) {
			_, _ = r.s.Update(j.ID(), ages(), NewTask(noop))
			_ = NewController(r.s).Pause(j.ID())
		}, OutcomePaused, nil},
		"pause":        {func(r *rig, j Job, _ func()) { _ = NewController(r.s).Pause(j.ID()) }, OutcomePaused, nil},
		"stop time":    {func(r *rig, _ Job, _ func()) { r.clock.Advance(time.Second + 1) }, OutcomeCancelled, ErrRunCancelled},
		"user context": {func(_ *rig, _ Job, endUser func()) { endUser() }, OutcomeCancelled, ErrRunCancelled},
	}
}

// A checkRig is a job whose run, due after an hour, comes by every hook.
type checkRig struct {
	*rig
	h    *hookRecorder
	j    Job
	runs []RunInfo
}

// newCheckRig has do called in the run's first call that begins with place.
func newCheckRig(t *testing.T, place string, do func(c *checkRig, endUser func()), options ...JobOption) *checkRig {
	h := &hookRecorder{t: t}
	c := &checkRig{h: h}
	all := []SchedulerOption{WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h),
		WithHooks(Hooks{
			RunStarted:  func(RunInfo) { h.note("hook started") },
			RunFinished: func(info RunInfo) { c.runs = append(c.runs, info) }, // one run at a time
		})}
	if place == "IsLeader" {
		all = append(all, WithDistributedElector(h))
	} else {
		all = append(all, WithDistributedLocker(h))
	}
	c.rig = newRig(t, all...)
	user, endUser := context.WithCancel(context.Background())
	t.Cleanup(endUser)
	options = append([]JobOption{WithContext(user), stopAfter(time.Hour), WithName("j"), h.listeners()}, options...)
	c.j = c.job(DurationJob(time.Hour), func(ctx context.Context) { h.note("task %v", ctx.Err()) }, options...)
	c.start()
	h.take()
	done := false
	h.during = func(call string) {
		if !done && strings.HasPrefix(call, place) {
			done = true
			do(c, endUser)
		}
	}
	return c
}

// checkPlaces are the calls before a run's last check, in order.
func checkPlaces() []string {
	return []string{"IsLeader", "Lock j", "Before j", "JobStarted j", "Delay j", "BeforeSkip j"}
}

// ofRun are the calls about the run itself.
func (c *checkRig) ofRun() (calls []string) {
	for _, call := range c.h.take() {
		switch strings.Split(call, " ")[0] {
		case "Registered", "Unregistered", "Started", "Stopped", "Shutdown":
		default:
			calls = append(calls, call)
		}
	}
	return calls
}

func TestHooksARunThatMayNotStartAnyMore(t *testing.T) {
	for i, place := range checkPlaces() {
		for name, e := range checkEnds() {
			t.Run(place+"/"+name, func(t *testing.T) {
				c := newCheckRig(t, place, func(c *checkRig, endUser func()) { e.end(c.rig, c.j, endUser) })
				c.advance(time.Hour)
				c.settle()
				require.Len(t, c.runs, 1)
				info := c.runs[0]
				require.Equal(t, e.outcome, info.Outcome)
				require.Zero(t, info.StartedAt)
				require.Zero(t, info.Attempt)
				var want []string
				if place != "IsLeader" {
					want = append(want, "Lock j")
				}
				if i < 2 {
					want = append(want, strings.Fields("IsLeader")[:1-i]...)
				} else {
					if e.is != nil {
						require.ErrorIs(t, info.Err, e.is)
					} else {
						require.ErrorContains(t, info.Err, "paused")
					}
					want = append(want, "Before j", "JobStarted j", "Delay j 1h0m0s 1h0m0s", "BeforeSkip j", "JobFailed j "+info.Err.Error())
				}
				if place != "IsLeader" {
					want = append(want, "Unlock <nil>")
				}
				calls := c.ofRun()
				for i, call := range calls {
					if strings.HasPrefix(call, "Delay j") { // the clock may have moved
						calls[i] = "Delay j 1h0m0s 1h0m0s"
					}
				}
				require.Equal(t, want, calls)
			})
		}
	}
}

// JobRunning is told of a run that has begun: whatever happens then ends its context only.
func TestHooksARunThatIsEndedInJobRunning(t *testing.T) {
	for name, e := range checkEnds() {
		t.Run(name, func(t *testing.T) {
			c := newCheckRig(t, "JobRunning j", func(c *checkRig, endUser func()) {
				require.True(t, reportOf(t, c.j).running)
				e.end(c.rig, c.j, endUser)
			})
			c.advance(time.Hour)
			c.settle()
			require.Len(t, c.runs, 1)
			require.Equal(t, OutcomeSucceeded, c.runs[0].Outcome)
			ended := "task <nil>"
			if name != "pause" && name != "stop time" {
				ended = "task context canceled"
			}
			require.Contains(t, c.ofRun(), ended)
		})
	}
}

// A replaced job's run that has its slot is performed, with the old task and a context of its
// own.
func TestHooksAReplacementIsNoReasonForARunNotToStart(t *testing.T) {
	for _, place := range checkPlaces() {
		t.Run(place, func(t *testing.T) {
			c := newCheckRig(t, place, func(c *checkRig, _ func()) {
				for i := 0; i < 2; i++ {
					_, err := c.s.Update(c.j.ID(), ages(), NewTask(noop))
					require.NoError(t, err)
				}
			})
			c.advance(time.Hour)
			require.Contains(t, c.ofRun(), "task <nil>")
			require.Equal(t, OutcomeSucceeded, c.runs[0].Outcome)
			require.False(t, reportOf(t, c.j).running)
			stats, err := NewController(c.s).Stats()
			require.NoError(t, err)
			require.Zero(t, stats.Running+stats.Waiting)
		})
	}
}

// The context that a run gets which outlives its definition ends as any other.
func TestHooksTheContextOfARunThatOutlivesItsDefinition(t *testing.T) {
	ends := checkEnds()
	ends["replacement"] = checkEnd{end: func(r *rig, j Job, _ func()) { _, _ = r.s.Update(j.ID(), ages(), NewTask(noop)) }}
	for _, place := range checkPlaces() {
		for name, e := range ends {
			if name == "pause" || name == "stop time" || strings.HasSuffix(name, "of a successor") {
				continue
			}
			t.Run(place+"/"+name, func(t *testing.T) {
				var endUser func()
				c := newCheckRig(t, place, func(c *checkRig, end func()) {
					endUser = end
					_, err := c.s.Update(c.j.ID(), ages(), NewTask(noop), WithName("new"))
					require.NoError(t, err)
				})
				c.h.mu.Lock()
				replace := c.h.during
				c.h.during = func(call string) {
					replace(call)
					if call == "JobRunning j" {
						c.hold()
					}
				}
				c.h.mu.Unlock()
				c.advance(time.Hour)
				e.end(c.rig, c.j, endUser)
				c.letGo(1)
				require.Contains(t, c.ofRun(), "task context canceled")
			})
		}
	}
}

// A pause does not keep what RunNow has asked for, nor a later attempt, from starting.
func TestHooksAPauseLetsRunNowStart(t *testing.T) {
	for _, place := range []string{"Lock j", "Before j", "BeforeSkip j"} {
		c := newCheckRig(t, place, func(c *checkRig, _ func()) { require.NoError(t, NewController(c.s).Pause(c.j.ID())) })
		require.NoError(t, c.j.RunNow())
		c.settle()
		require.Contains(t, c.ofRun(), "task <nil>")
	}
}

// Nobody is asked for a run of which it is known that it will not start.
func TestHooksNobodyIsAskedForARunThatWillNotStart(t *testing.T) {
	for name, e := range checkEnds() {
		t.Run(name, func(t *testing.T) {
			var c *checkRig
			claimed := 0
			locker := ClaimerFrom(func(context.Context, string, time.Time) (Lock, error) { claimed++; return nil, nil })
			c = newCheckRig(t, "IsLeader", func(c *checkRig, endUser func()) { e.end(c.rig, c.j, endUser) },
				WithDistributedJobLocker(locker))
			c.advance(time.Hour)
			c.settle()
			require.Zero(t, claimed)
			require.Equal(t, []string{"IsLeader"}, c.ofRun())
		})
	}
}
