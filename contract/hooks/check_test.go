package hooks_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A checkEnd is a reason for a run not to start that comes up while it is on its way.
type checkEnd struct {
	end     func(r *rig.Rig, j gocron.Job, endUser func())
	outcome gocron.Outcome
	is      error // what the error is that JobFailed is told; nil for one that says "paused"
}

func checkEnds() map[string]checkEnd {
	return map[string]checkEnd{
		"stop": {func(r *rig.Rig, _ gocron.Job, _ func()) { _ = r.Scheduler.StopJobsWithContext(rig.EndedContext()) }, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"restart": {func(r *rig.Rig, _ gocron.Job, _ func()) {
			_ = r.Scheduler.StopJobsWithContext(rig.EndedContext())
			r.Scheduler.Start()
		}, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"shutdown": {func(r *rig.Rig, _ gocron.Job, _ func()) { _ = r.Scheduler.ShutdownWithContext(rig.EndedContext()) }, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"removal":  {func(r *rig.Rig, j gocron.Job, _ func()) { _ = r.Scheduler.RemoveJob(j.ID()) }, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"cancel":   {func(r *rig.Rig, j gocron.Job, _ func()) { _ = gocron.NewController(r.Scheduler).Cancel(j.ID()) }, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"removal of a successor": {func(r *rig.Rig, j gocron.Job, _ func()) {
			_, _ = r.Scheduler.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			_ = r.Scheduler.RemoveJob(j.ID())
		}, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"cancel of a successor": {func(r *rig.Rig, j gocron.Job, _ func()) {
			_, _ = r.Scheduler.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			_ = gocron.NewController(r.Scheduler).Cancel(j.ID())
		}, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"pause of a successor": {func(r *rig.Rig, j gocron.Job, _ func()) {
			_, _ = r.Scheduler.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			_ = gocron.NewController(r.Scheduler).Pause(j.ID())
		}, gocron.OutcomePaused, nil},
		"pause":        {func(r *rig.Rig, j gocron.Job, _ func()) { _ = gocron.NewController(r.Scheduler).Pause(j.ID()) }, gocron.OutcomePaused, nil},
		"stop time":    {func(r *rig.Rig, _ gocron.Job, _ func()) { r.Clock.Advance(time.Second + 1) }, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
		"user context": {func(_ *rig.Rig, _ gocron.Job, endUser func()) { endUser() }, gocron.OutcomeCancelled, gocron.ErrRunCancelled},
	}
}

// A checkRig is a job whose run, due after an hour, comes by every hook.
type checkRig struct {
	*rig.Rig
	h    *rig.Recorder
	j    gocron.Job
	runs []gocron.RunInfo
}

// newCheckRig has do called in the run's first call that begins with place.
func newCheckRig(t *testing.T, place string, do func(c *checkRig, endUser func()), options ...gocron.JobOption) *checkRig {
	h := &rig.Recorder{T: t}
	c := &checkRig{h: h}
	all := []gocron.SchedulerOption{gocron.WithMonitor(h), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}), gocron.WithSchedulerMonitor(h),
		gocron.WithHooks(gocron.Hooks{
			RunStarted:  func(gocron.RunInfo) { h.Note("hook started") },
			RunFinished: func(info gocron.RunInfo) { c.runs = append(c.runs, info) }, // one run at a time
		})}
	if place == "IsLeader" {
		all = append(all, gocron.WithDistributedElector(h))
	} else {
		all = append(all, gocron.WithDistributedLocker(h))
	}
	c.Rig = rig.New(t, all...)
	user, endUser := context.WithCancel(context.Background())
	t.Cleanup(endUser)
	options = append([]gocron.JobOption{gocron.WithContext(user), rig.StopAfter(time.Hour), gocron.WithName("j"), h.Listeners()}, options...)
	c.j = c.Job(gocron.DurationJob(time.Hour), func(ctx context.Context) { h.Note("task %v", ctx.Err()) }, options...)
	c.Start()
	h.Take()
	done := false
	h.During = func(call string) {
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
	for _, call := range c.h.Take() {
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
				c := newCheckRig(t, place, func(c *checkRig, endUser func()) { e.end(c.Rig, c.j, endUser) })
				c.Advance(time.Hour)
				c.Settle()
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
				require.True(t, rig.ReportOf(t, c.j).Running)
				e.end(c.Rig, c.j, endUser)
			})
			c.Advance(time.Hour)
			c.Settle()
			require.Len(t, c.runs, 1)
			require.Equal(t, gocron.OutcomeSucceeded, c.runs[0].Outcome)
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
					_, err := c.Scheduler.Update(c.j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
					require.NoError(t, err)
				}
			})
			c.Advance(time.Hour)
			require.Contains(t, c.ofRun(), "task <nil>")
			require.Equal(t, gocron.OutcomeSucceeded, c.runs[0].Outcome)
			require.False(t, rig.ReportOf(t, c.j).Running)
			stats, err := gocron.NewController(c.Scheduler).Stats()
			require.NoError(t, err)
			require.Zero(t, stats.Running+stats.Waiting)
		})
	}
}

// The context that a run gets which outlives its definition ends as any other.
func TestHooksTheContextOfARunThatOutlivesItsDefinition(t *testing.T) {
	ends := checkEnds()
	ends["replacement"] = checkEnd{end: func(r *rig.Rig, j gocron.Job, _ func()) {
		_, _ = r.Scheduler.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
	}}
	for _, place := range checkPlaces() {
		for name, e := range ends {
			if name == "pause" || name == "stop time" || strings.HasSuffix(name, "of a successor") {
				continue
			}
			t.Run(place+"/"+name, func(t *testing.T) {
				var endUser func()
				c := newCheckRig(t, place, func(c *checkRig, end func()) {
					endUser = end
					_, err := c.Scheduler.Update(c.j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("new"))
					require.NoError(t, err)
				})
				c.h.Mu.Lock()
				replace := c.h.During
				c.h.During = func(call string) {
					replace(call)
					if call == "JobRunning j" {
						c.Hold()
					}
				}
				c.h.Mu.Unlock()
				c.Advance(time.Hour)
				e.end(c.Rig, c.j, endUser)
				c.LetGo(1)
				require.Contains(t, c.ofRun(), "task context canceled")
			})
		}
	}
}

// A pause does not keep what RunNow has asked for, nor a later attempt, from starting.
func TestHooksAPauseLetsRunNowStart(t *testing.T) {
	for _, place := range []string{"Lock j", "Before j", "BeforeSkip j"} {
		c := newCheckRig(t, place, func(c *checkRig, _ func()) { require.NoError(t, gocron.NewController(c.Scheduler).Pause(c.j.ID())) })
		require.NoError(t, c.j.RunNow())
		c.Settle()
		require.Contains(t, c.ofRun(), "task <nil>")
	}
}

// Nobody is asked for a run of which it is known that it will not start.
func TestHooksNobodyIsAskedForARunThatWillNotStart(t *testing.T) {
	for name, e := range checkEnds() {
		t.Run(name, func(t *testing.T) {
			var c *checkRig
			claimed := 0
			locker := gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) { claimed++; return nil, nil })
			c = newCheckRig(t, "IsLeader", func(c *checkRig, endUser func()) { e.end(c.Rig, c.j, endUser) },
				gocron.WithDistributedJobLocker(locker))
			c.Advance(time.Hour)
			c.Settle()
			require.Zero(t, claimed)
			require.Equal(t, []string{"IsLeader"}, c.ofRun())
		})
	}
}
