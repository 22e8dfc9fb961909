package gocron

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// restoreLocked gives j, which is entered for the first time, its ledger, by what the store has of
// it. It reports whether the store knows the job's schedule, or WithLastRun says when it ran.
func (s *scheduler) restoreLocked(j *internalJob, moment, now time.Time) (known bool) {
	delete(s.store.forgotten, j.settings().name)
	n := s.store.ofName(j.settings().name)
	sane := moment.Add(storeTolerance)
	row, latest := n.rows[j.settings().fingerprint], n.latestRow(sane)
	l := &ledger{row: row, reached: moment.Add(-1).Round(0)}
	j.makeRareState().ledger = l
	if latest != nil {
		j.restorePause(stateOf(latest))
		l.begun = n.begun(stateOf(latest))
		if n.left != nil {
			l.begun = n.left.begun
		}
		j.reserved = l.begun
	}
	if row == nil {
		s.addRowLocked(j, n, now)
		return false
	}
	s.noteDirtyLocked(j)
	state := stateOf(row)
	if latest != nil {
		l.reached = latest.Mark
	}
	if row.Mark.After(sane) {
		s.warnAheadLocked(j, row.Mark)
	}
	j.restorePhase(state, moment, now)
	for _, run := range n.runs {
		if run.Occurrence && run.Fingerprint == row.Fingerprint {
			l.restoreRun(run)
		}
	}
	if left := n.left; left != nil && left.row == row {
		l.inherit(left)
	}
	n.left = nil
	l.trim()
	s.readHistoryLocked(j)
	return true
}

// addRowLocked gives j, whose schedule counts from now, a row.
func (s *scheduler) addRowLocked(j *internalJob, n *storedName, now time.Time) {
	x, l := j.settings(), j.ledger()
	l.row = &StoredJob{Job: x.name, Fingerprint: x.fingerprint, Schedule: j.describePure(), FirstSeen: now.UTC().Round(0)}
	l.safe = make(chan struct{})
	n.rows[x.fingerprint] = l.row
	s.storeJobLocked(j) // once it is entered
}

// keepRowLocked brings the row of j, which leaves, up to date, and keeps its ledger: another job may
// get its name before it is written.
func (s *scheduler) keepRowLocked(j *internalJob) {
	if l := j.ledger(); l != nil && l.row != nil {
		l.row.Mark, l.row.State = l.mark().UTC(), s.rowStateLocked(j)
		s.store.ofName(j.settings().name).left = l
		s.storeJobLocked(j)
	}
}

// heirLocked is the job that goes on where j, which has left, was; nil if there is none.
func (s *scheduler) heirLocked(j *internalJob) *internalJob {
	l := j.ledger()
	if l == nil || l.row == nil {
		return nil
	}
	heir := s.claiming[j.settings().name]
	if heir == nil || heir.ledger() == nil || heir.ledger() == l || heir.ledger().row == nil {
		return nil
	}
	return heir
}

// begun is how many runs of the job have begun, whatever schedule it had. Of some that have, the
// process ended before the row of the job said so.
func (n *storedName) begun(latest jobState) uint32 {
	begun := latest.Begun
	for _, run := range n.runs {
		begun = max(begun, extraOf(run).Begun)
	}
	return begun
}

// describePure is the schedule in words, for the store. It calls no user code.
func (j *internalJob) describePure() string {
	if asksUserCode(j.plan) {
		return j.settings().fingerprint
	}
	return j.describe()
}

func extraOf(row StoredRun) (extra runExtra) {
	_ = json.Unmarshal(row.Extra, &extra) // nil for most
	return extra
}

func stateOf(row *StoredJob) (state jobState) {
	_ = json.Unmarshal(row.State, &state) // what cannot be read is zero: the job counts from its mark
	return state
}

func (j *internalJob) restorePause(state jobState) {
	if x := j.makeRareState(); !state.PausedAt.IsZero() && !x.paused {
		x.paused, x.pause = true, pause{since: state.PausedAt, who: state.PausedBy, note: state.PauseNote}
	}
}

// restorePhase sets what j counts from, and its next time if the schedule alone does not tell it.
func (j *internalJob) restorePhase(state jobState, moment, now time.Time) {
	l := j.ledger()
	if !state.LastStarted.IsZero() && j.last == nil {
		j.last = &lastRun{state.LastStarted, state.LastCompleted}
	}
	j.startPassed = state.StartPassed || j.window().startExcluded
	if w := j.window(); w.hasStart() && !wallBefore(l.reached, w.start) {
		j.startPassed = true
	}
	switch {
	case j.oneTime():
		j.anchor = l.reached
	case state.Anchor.IsZero(), state.Anchor.After(moment.Add(storeTolerance)), j.settings().claims, j.window().hasStart():
		j.anchor = j.anchorAt(moment, now)
	case j.countsElapsed():
		j.anchor = pinToWall(state.Anchor, now)
	default:
		j.anchor = state.Anchor.In(j.location())
	}
	if j.userCron() {
		x := j.makeRareState()
		x.cronLast, x.cronAnswer = l.reached.In(j.location()), time.Time{} // which counts from NewJob
	}
	if !state.Next.IsZero() && !state.Next.After(moment.Add(100*365*24*time.Hour)) {
		j.next = state.Next.In(j.location())
		if j.countsElapsed() {
			j.next = pinToWall(j.next, now)
		}
	}
}

// restoreRun notes what is known of an occurrence after the mark.
func (l *ledger) restoreRun(run StoredRun) {
	switch {
	case run.Count > 1:
		l.pass(run.ScheduledAt, run.Until)
	default:
		l.settle(run.ScheduledAt)
		if run.ScheduledAt.After(l.mark()) {
			return
		}
	}
}

func (s *scheduler) warnAheadLocked(j *internalJob, mark time.Time) {
	var calls deferredCalls
	calls.addThen(func() {
		s.logger.Warn("gocron: what the store has of a job is ahead of the clock, so the job counts from now", "job", j.Name(), "stored", timeText(mark))
	})
	s.callLaterLocked(s.anySessionLocked(), calls)
}

// resumeStoredLocked sees to the runs of j that a process before, or a session before, did not end.
func (s *scheduler) resumeStoredLocked(j *internalJob, now time.Time) {
	if !j.settings().stored {
		return
	}
	n := s.store.ofName(j.settings().name)
	runs := n.runs
	n.runs = nil
	slices.SortStableFunc(runs, func(a, b StoredRun) int {
		return cmp.Or(a.ScheduledAt.Compare(b.ScheduledAt), cmp.Compare(a.Run, b.Run), cmp.Compare(a.Attempt, b.Attempt))
	})
	runs = slices.DeleteFunc(runs, func(row StoredRun) bool { // an attempt that came to nothing
		return row.Attempt > 1 && row.BegunAt.IsZero()
	})
	for i, row := range runs {
		latest := i+1 == len(runs) || runs[i+1].Run != row.Run
		switch {
		case !latest:
			s.endEarlierLocked(row, now)
		case row.Outcome == "" && !row.BegunAt.IsZero():
			s.seeToInterruptedLocked(j, row, now)
		case !row.RetryAt.IsZero():
			s.goOnLocked(j, row, row.RetryAt, now)
		}
	}
}

// endEarlierLocked has it written of an attempt that another one has followed that nothing waits for it
// and that it has ended, if the process ended before that was written.
func (s *scheduler) endEarlierLocked(row StoredRun, now time.Time) {
	if row.Outcome != "" && row.RetryAt.IsZero() {
		return
	}
	if row.Outcome == "" {
		row.Outcome, row.EndedAt = OutcomeInterrupted.String(), now.UTC().Round(0)
	}
	row.RetryAt = time.Time{}
	s.writeLocked(row, s.session)
}

// seeToInterruptedLocked has a run that the process did not end run again, or ends it.
func (s *scheduler) seeToInterruptedLocked(j *internalJob, row StoredRun, now time.Time) {
	extra := extraOf(row)
	again := row.Occurrence && extra.Interrupted < j.settings().rerun && !j.ended && !j.window().isTooLate(now)
	r := s.restoredRunLocked(j, row)
	x := r.record.stored
	r.record.err = ErrRunInterrupted
	x.error = ErrRunInterrupted.Error()
	if !again {
		s.endRestoredLocked(r, OutcomeInterrupted, now)
		return
	}
	x.interrupted++
	x.retryAt = now.UTC().Round(0)
	s.storeRunLocked(r, OutcomeInterrupted, now)
	s.awaitRestoredLocked(r, OutcomeInterrupted, now, now)
}

// endRestoredLocked gives a restored run its outcome.
func (s *scheduler) endRestoredLocked(r *run, o Outcome, now time.Time) {
	r.outcome, r.stage = o, stageFinished
	s.recordLocked(r, now)
	s.changedLocked(r.job, r.session)
}

// awaitRestoredLocked has a restored run wait for its next attempt.
func (s *scheduler) awaitRestoredLocked(r *run, o Outcome, at, now time.Time) {
	if r.job.countsFromEnd(r) {
		r.job.completing++
	}
	if l := r.job.ledger(); l != nil && r.trigger == TriggerCatchUp {
		l.catchUp = r // others wait for it
	}
	s.awaitRetryLocked(r, o, at, now)
}

// goOnLocked has a run go on that waited for its next attempt, which is due at the given time.
func (s *scheduler) goOnLocked(j *internalJob, row StoredRun, at, now time.Time) {
	r := s.restoredRunLocked(j, row)
	r.record.err = errors.New(row.Error)
	outcome := OutcomeFailed
	_ = outcome.UnmarshalText([]byte(row.Outcome)) // what cannot be read has failed
	if allowed := j.settings().retry != nil || outcome == OutcomeInterrupted && j.settings().rerun > 0; !allowed || j.ended {
		s.endRestoredLocked(r, outcome, now)
		return
	}
	if wallBefore(at, now) || at.After(now.Add(storeTolerance)) && at.Sub(row.EndedAt) < storeTolerance {
		at = now
	}
	r.record.stored.retryAt, r.record.stored.waiting = row.RetryAt, row
	s.awaitRestoredLocked(r, outcome, pinToWall(at, now), now)
}

// restoredRunLocked is the run of a row: it has begun, and its task is not in progress.
func (s *scheduler) restoredRunLocked(j *internalJob, row StoredRun) *run {
	trigger := TriggerSchedule
	_ = trigger.UnmarshalText([]byte(row.Trigger)) // what cannot be read is of the schedule
	r := s.newRunLocked(j, row.ScheduledAt.In(j.location()), trigger)
	if j.limitedRuns > 0 {
		j.reserved-- // it was counted when it began
	}
	r.scheduledAt = row.ScheduledAt.In(j.location())
	if l := j.ledger(); l != nil && r.isOccurrence() {
		l.settle(r.scheduledAt)
	}
	r.attempts, r.cancels = uint32(max(row.Attempt, 1)), j.rareState().cancels
	extra := extraOf(row)
	r.record.startedAt = row.BegunAt
	*r.makeStored() = storedRun{id: row.Run, fingerprint: row.Fingerprint, begins: row.Attempt, begunAt: row.BegunAt, interrupted: extra.Interrupted, number: extra.Begun, error: row.Error}
	s.tellLocked(r, noticeDue)
	return r
}

// endWaitingStoredLocked has it written that runs of a job that leaves, which a stop has cut off between
// two attempts, are not tried again.
func (s *scheduler) endWaitingStoredLocked(j *internalJob) {
	if !j.settings().stored || j.ledger() == nil {
		return
	}
	n := s.store.ofName(j.settings().name)
	for _, row := range n.runs {
		if !row.RetryAt.IsZero() {
			row.RetryAt = time.Time{}
			s.writeLocked(row, s.anySessionLocked())
		}
	}
	n.runs = nil
}
