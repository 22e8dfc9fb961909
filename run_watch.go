package gocron

import (
	"context"
	"slices"
	"sync/atomic"
)

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
// The error is that of ctx if it has ended, and one that Is ErrOptionValue for a nil f. After
// Shutdown there is nothing to tell but the ends of runs that go on.
func (c *Controller) Watch(ctx context.Context, f func(stage string, run RunInfo)) error {
	if err := c.lock(); err != nil {
		return err
	}
	c.s.unlock()
	if ctx == nil {
		ctx = context.Background()
	}
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

// watchers are those of a scheduler. A context that outlives the scheduler keeps no more of it
// alive than this.
type watchers struct {
	list atomic.Pointer[[]*watcher] // nil while there are none; a slice is never changed
}

func (w *watchers) any() bool { return w.list.Load() != nil }

// hear reports whether somebody is to be told of the notice.
func (w *watchers) hear(n notice) bool { return w.any() && watchStage(n) != "" }

// watchStage is the stage that a notice tells of, "" for none.
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

// recordForWatchers makes the record in which it is noted when r has finished, if it has none
// because it was made before anybody watched.
func (s *scheduler) recordForWatchers(r *run) {
	if r.record == nil && s.watchers.any() {
		r.record = &runRecord{run: r}
	}
}
