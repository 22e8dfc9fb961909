package gocron

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// Hooks are functions of yours that the scheduler calls at points of every run, see WithHooks. Any
// of them may be nil.
//
// For one run they are called in the order given here, one after the other, on the goroutine of the
// run. No lock is held, so they may call any method of the scheduler and its jobs. A slow hook
// delays its own run only. A panic in a hook is not recovered.
type Hooks struct {
	// RunDue is called once for every run, when it is due or RunNow has asked for it. If the run is
	// skipped at once, it has its Outcome already.
	RunDue func(RunInfo)
	// RunQueued is called when the run does not start at once but waits: for a slot, for another
	// run of its job, or for its next attempt. In the last case RunInfo.Err is the error of the
	// attempt before.
	RunQueued func(RunInfo)
	// RunStarted is called right before the task, for each attempt.
	RunStarted func(RunInfo)
	// RunFinished is called once for every run, when it has its outcome and has given its slot
	// back. It is also called for a gap, with OutcomeMissed. With WithStore, a run that waits for its
	// next attempt when the scheduler stops has no outcome yet: it goes on after the next Start, or in
	// the next process.
	RunFinished func(RunInfo)
}

func (h *Hooks) any() bool {
	return h.RunDue != nil || h.RunQueued != nil || h.RunStarted != nil || h.RunFinished != nil
}

// of is the hook that is called for n, nil for none.
func (h *Hooks) of(n notice) func(RunInfo) {
	switch n {
	case noticeDue:
		return h.RunDue
	case noticeQueued:
		return h.RunQueued
	case noticeFinished:
		return h.RunFinished
	}
	return nil
}

// The stages that Watch tells of.
const (
	watchDue      = "due"
	watchQueued   = "queued"
	watchStarted  = "started"
	watchFinished = "finished"
)

// Watch calls f for every run from now on, as Hooks are called, with the stage that the run has
// come to:
//
//	"due"       once, as RunDue
//	"queued"    when it does not start at once but waits, as RunQueued
//	"started"   right before the task, for each attempt, as RunStarted
//	"finished"  once, as RunFinished
//
// It returns at once. When ctx ends, f is not called any more; a call that is under way goes on. A
// nil ctx never ends. Unlike Hooks, Watch works on a scheduler that runs, and any number of
// watchers may be there. Where nobody watches nothing is paid.
//
// f is called on the goroutine of the run, after the hook if there is one, with nothing locked, and
// for several runs at once. It may call any method, and must not change Tags. It must not block: it
// holds up its run, but no other. A panic in it is not recovered.
//
// A run that has fallen due before Watch was called is told of from its next stage on, with its
// QueuedAt zero if it began to wait before. The records of OutcomeMissed have the last stage only.
//
// Watch returns the error of ctx if that has ended, and one that Is ErrOptionValue for a nil f. After
// Shutdown there is nothing to tell but the ends of runs that go on.
func (c *Controller) Watch(ctx context.Context, f func(stage string, run RunInfo)) error {
	if err := c.check(); err != nil {
		return err
	}
	ctx = orBackground(ctx)
	switch {
	case f == nil:
		return optionValueError("Watch", "nil", "a func that is not nil")
	case ctx.Err() != nil:
		return ctx.Err()
	}
	c.s.watchers.add(&watcher{ctx, f})
	return nil
}

// A watcher is one call of Watch.
type watcher struct {
	ctx context.Context
	f   func(stage string, run RunInfo)
}

// watchers has the watchers of a scheduler. A context that outlives the scheduler keeps no more of it
// alive than this.
type watchers struct {
	list atomic.Pointer[[]*watcher] // nil while there are none; a slice is never changed
}

func (w *watchers) any() bool { return w.list.Load() != nil }

// hear reports whether somebody is to be told of the notice.
func (w *watchers) hear(n notice) bool { return w.any() && watchStage(n) != "" }

// watchStage is the stage that a notice tells the watchers of, "" for none.
func watchStage(n notice) string {
	switch n {
	case noticeDue:
		return watchDue
	case noticeQueued:
		return watchQueued
	case noticeFinished:
		return watchFinished
	}
	return ""
}

// tell tells all of them of a run. Nothing is locked.
func (w *watchers) tell(stage string, info RunInfo) {
	list := w.list.Load()
	if list == nil {
		return
	}
	for _, watcher := range *list {
		if watcher.ctx.Err() == nil {
			watcher.f(stage, info)
		}
	}
}

func (w *watchers) add(added *watcher) {
	w.change(func(list []*watcher) []*watcher { return append(list, added) })
	context.AfterFunc(added.ctx, func() { w.remove(added) })
}

func (w *watchers) remove(left *watcher) {
	w.change(func(list []*watcher) []*watcher {
		return slices.DeleteFunc(list, func(other *watcher) bool { return other == left })
	})
}

// change puts what to makes of a copy of the list in its place. To is called again if another has
// changed it meanwhile.
func (w *watchers) change(to func([]*watcher) []*watcher) {
	for {
		old := w.list.Load()
		var list []*watcher
		if old != nil {
			list = slices.Clone(*old)
		}
		list = to(list)
		next := &list
		if len(list) == 0 {
			next = nil
		}
		if w.list.CompareAndSwap(old, next) {
			return
		}
	}
}

// recordForWatchersLocked makes the record in which it is noted when r has finished, if it has none
// because it was made before anybody watched.
func (s *scheduler) recordForWatchersLocked(r *run) {
	if r.record == nil && s.watchers.any() {
		r.record = &runRecord{run: r}
	}
}

// tellLocked has a worker tell hooks and monitors of r, before anything else happens to it.
func (s *scheduler) tellLocked(r *run, n notice) {
	if s.hooks.of(n) != nil || s.monitors.hear(n) || s.watchers.hear(n) || s.wantsLogLocked(r, n) {
		r.addNotice(n)
		s.enqueueLocked(r)
	}
}

// wantsLogLocked reports whether the logger gets a line about r with the notice n.
func (s *scheduler) wantsLogLocked(r *run, n notice) bool {
	return s.logsRuns && n == noticeFinished && r.outcome != OutcomeSucceeded
}

// tellNoticesLocked tells what there is to tell of r.
func (s *scheduler) tellNoticesLocked(r *run) {
	for r.hasNotices() {
		n := r.notices.first()
		r.notices &^= n
		if n == noticeCalls {
			calls := r.record.pending.calls
			r.record.pending.calls = deferredCalls{}
			s.unlocked(calls.run)
			continue
		}
		var info RunInfo
		reason, logs := "", s.wantsLogLocked(r, n)
		if s.hooks.of(n) != nil || s.watchers.hear(n) || logs {
			info = r.info()
		}
		if n == noticeQueued {
			r.tellEarlierWait(&info)
		}
		if logs {
			reason = r.reason(info)
		}
		s.unlocked(func() {
			defer s.tellNotice(r.job, n, &info) // however the logger's call ends
			if logs {
				s.logEnd(info, reason)
			}
		})
	}
}

// tellNotice tells of what has happened to a run other than its task.
func (s *scheduler) tellNotice(j *internalJob, n notice, info *RunInfo) {
	switch n {
	case noticeDue, noticeQueued, noticeFinished:
		if s.watchers.any() && info.ID != 0 { // else the first watcher has come meanwhile
			defer s.watchers.tell(watchStage(n), *info)
		}
		if hook := s.hooks.of(n); hook != nil {
			hook(*info)
		}
	case noticeSingletonSkip:
		s.monitors.increment(j, SingletonRescheduled)
		s.monitors.limitReached("singleton", j)
	case noticeSingletonWait:
		s.monitors.limitReached("singleton", j)
	case noticeLimit:
		s.monitors.limitReached("limit", j)
	}
}

// addNotice adds n to what is to be told of r. A run that waits for one thing after another may be
// told to wait again before its first wait was told: then there is a second set.
func (r *run) addNotice(n notice) {
	set := &r.notices
	if more := r.laterNotices(); len(more) > 0 {
		set = &more[len(more)-1]
	}
	if *set&n != 0 {
		p := r.makePending()
		p.later = append(p.later, n)
		return
	}
	*set |= n
}

// keepUntoldWait keeps when r began to wait, if that is still to be told when it begins to wait
// again.
func (r *run) keepUntoldWait() {
	if r.notices&noticeQueued != 0 {
		p := r.makePending()
		p.queuedAt = append(p.queuedAt, r.record.queuedAt)
	}
}

// tellEarlierWait puts into info, which is to be told of a wait, when that began.
func (r *run) tellEarlierWait(info *RunInfo) {
	if p := r.record.pending; p != nil && len(p.queuedAt) > 0 {
		info.QueuedAt, p.queuedAt = r.job.s.inZone(p.queuedAt[0]), p.queuedAt[1:]
	}
}

func (r *run) laterNotices() []notice {
	if r.record == nil || r.record.pending == nil {
		return nil
	}
	return r.record.pending.later
}

// hasNotices reports whether there is something to tell of r, which is in r.notices then.
func (r *run) hasNotices() bool {
	if later := r.laterNotices(); r.notices == 0 && len(later) > 0 {
		r.notices, r.record.pending.later = later[0], later[1:]
	}
	return r.notices != 0
}

// pending is what few runs have for a worker to see to: calls before anything else happens to them,
// and more sets of notices after their own were told.
type pending struct {
	calls    deferredCalls
	later    []notice
	queuedAt []time.Time // when the waits began that are over and still to be told
}

func (r *run) makePending() *pending {
	if r.record.pending == nil {
		r.record.pending = &pending{}
	}
	return r.record.pending
}

// callsBeforeLocked are calls that a worker makes before anything else happens to r. It returns
// them for the caller to add to.
func (s *scheduler) callsBeforeLocked(r *run) *deferredCalls {
	r.notices |= noticeCalls
	s.enqueueLocked(r)
	return &r.makePending().calls
}
