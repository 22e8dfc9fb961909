//go:build go1.25

package model_test

import (
	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

func (w *modelWorld) extraOptions(setup *modelSetup) (options []gocron.SchedulerOption) {
	if setup.hooks {
		options = append(options, gocron.WithHooks(w.hooks()))
	}
	if setup.history > 0 {
		options = append(options, gocron.WithHistory(setup.history))
	}
	if setup.stats {
		options = append(options, gocron.WithJobStats())
	}
	if setup.drain {
		options = append(options, gocron.WithDrain())
	}
	for i, pool := range setup.pools {
		options = append(options, gocron.WithPool(poolName(i+1), uint(pool.slots), pool.mode))
		if pool.queueLimit > 0 {
			options = append(options, gocron.WithQueueLimit(uint(pool.queueLimit), poolName(i+1)))
		}
	}
	if setup.queueLimit > 0 {
		options = append(options, gocron.WithQueueLimit(uint(setup.queueLimit)))
	}
	return options
}

func (w *modelWorld) extraJobOptions(spec *modelSpec) (options []gocron.JobOption) {
	if spec.pool > 0 {
		options = append(options, gocron.InPool(poolName(spec.pool)))
	}
	if spec.attempts > 0 {
		options = append(options, gocron.WithRetry(w.retryPolicy(spec)))
	}
	if spec.timeout > 0 {
		options = append(options, gocron.WithTimeout(spec.timeout))
	}
	if spec.recovers {
		options = append(options, gocron.WithRecover())
	}
	if spec.leaves {
		options = append(options, gocron.WithRemoveWhenFinished())
	}
	return options
}

// steer does what a step wants of the Controller, if it returns at once.
func (w *modelWorld) steer(st *modelStep, id uuid.UUID) error {
	switch {
	case st.action == actPauseAll, st.action == actResumeAll, st.action == actRemoveByKey:
		return w.byHand(st)
	case st.action == actPause && st.tag != "":
		return w.control.PauseByTags(st.tag)
	case st.action == actPause:
		return w.control.Pause(id)
	case st.action == actResume && st.tag != "":
		return w.control.ResumeByTags(st.tag)
	case st.action == actResume:
		return w.control.Resume(id)
	case st.action == actCancelRuns:
		return w.control.Cancel(id)
	case st.pool > 0:
		return w.control.SetLimit(uint(st.limit), poolName(st.pool))
	default:
		return w.control.SetLimit(uint(st.limit))
	}
}

// A modelTrack is what the hooks have told of one run.
type modelTrack struct {
	last     string
	attempts int // that were started
	info     gocron.RunInfo
	wrongs   []string
}

// hooks tells of what they are called for, and of calls in an order that is none.
func (w *modelWorld) hooks() gocron.Hooks {
	return gocron.Hooks{
		RunDue: func(info gocron.RunInfo) {
			w.track(info, "due")
			w.tellName(info.JobName, "hook due: "+runText(int(info.ID), info.Attempt), w.instant(info.ScheduledAt), 0)
		},
		RunQueued: func(info gocron.RunInfo) {
			w.track(info, "queued")
			w.tellName(info.JobName, "hook queued: "+runText(int(info.ID), info.Attempt), w.instant(info.QueuedAt), 0)
		},
		RunStarted: func(info gocron.RunInfo) {
			w.track(info, "started")
			w.tellName(info.JobName, "hook started: "+runText(int(info.ID), info.Attempt), w.instant(info.StartedAt), 0)
		},
		RunFinished: func(info gocron.RunInfo) {
			if info.Outcome == gocron.OutcomeMissed {
				w.track(info, "missed")
			} else {
				w.track(info, "finished")
			}
			w.tellName(info.JobName, "hook finished: "+w.infoText(info), 0, 0)
		},
	}
}

// follows says what may be told of a run after what.
var follows = map[string][]string{
	"":         {"due", "missed"},
	"due":      {"queued", "started", "finished"},
	"queued":   {"started", "finished", "queued"},
	"started":  {"queued", "finished"},
	"finished": {},
}

// track notes what a hook has told, and what cannot be.
func (w *modelWorld) track(info gocron.RunInfo, what string) {
	if w.onHook != nil {
		w.onHook(info, what)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tracks[info.ID]
	if t == nil {
		t = &modelTrack{}
		w.tracks[info.ID] = t
	}
	after := t.last
	t.last, t.info = what, info
	if what == "started" {
		t.attempts++
	}
	for _, next := range follows[after] {
		if next == what {
			return
		}
	}
	t.wrongs = append(t.wrongs, what+" after "+after)
}
