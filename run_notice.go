package gocron

import "time"

// tellLocked has a worker tell hooks and monitors of r, before anything else happens to it.
func (s *scheduler) tellLocked(r *run, n notice) {
	if s.hooks.of(n) != nil || s.monitors.hear(n) || s.watchers.hear(n) || s.wantsLogLocked(r, n) {
		r.addNotice(n)
		s.enqueueLocked(r)
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
