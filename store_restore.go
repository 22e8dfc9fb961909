package gocron

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// restoreLocked gives j, which is entered for the first time, its ledger, by what the store has of
// it. It reports whether the store knows the job's schedule.
func (s *scheduler) restoreLocked(j *internalJob, moment, now time.Time) (known bool) {
	n := s.store.ofName(j.settings().name)
	sane := moment.Add(storeTolerance)
	row, latest := n.rows[j.settings().fingerprint], n.latestRow(sane)
	l, left := &ledger{known: n, row: row, reached: moment.Add(-1).Round(0)}, n.left()
	takesOver := row != nil && left != nil && left.row == row && !row.Mark.After(sane)
	if takesOver { // runs of the job that has left may be in progress
		l = left
	}
	j.takeLedger(l)
	j.reserved = n.begun
	if latest != nil {
		j.restorePause(stateOf(latest), moment)
	}
	if row == nil {
		s.addRowLocked(j, n, now)
		return false
	}
	s.noteDirtyLocked(j)
	state := stateOf(row)
	if !takesOver && !latest.Mark.After(sane) {
		l.reached = latest.Mark
	}
	if row.Mark.After(sane) {
		state.Anchor, state.Next = time.Time{}, time.Time{}
		s.warnAheadLocked(j, row.Mark)
	}
	j.restorePhase(state, moment, now)
	for _, run := range n.runs { // a time that two schedules have is one occurrence
		switch {
		case !run.Occurrence:
		case run.Count <= 1:
			l.settle(run.ScheduledAt)
		case run.Fingerprint == row.Fingerprint:
			l.pass(run.ScheduledAt, run.Until)
		}
	}
	if left != nil && !takesOver && !left.reached.After(sane) {
		l.follow(left)
	}
	l.trim()
	if l.has(j.next) { // its run was cancelled when the job was removed
		j.next = time.Time{}
	}
	s.readHistoryLocked(j)
	return true
}

// addRowLocked gives j, whose schedule counts from now, a row.
func (s *scheduler) addRowLocked(j *internalJob, n *knownJob, now time.Time) {
	x, l := j.settings(), j.ledger()
	l.row = &StoredJob{Job: x.name, Fingerprint: x.fingerprint, Schedule: j.describePure(), FirstSeen: now.UTC().Round(0)}
	l.safe = make(chan struct{})
	n.rows[x.fingerprint] = l.row
	s.storeJobLocked(j) // as it is when the lock is let go: j is entered then
}

// keepRowLocked brings the row of j, which leaves, up to date: another job may get its name before that
// is written.
func (s *scheduler) keepRowLocked(j *internalJob) {
	if l := j.ledger(); l != nil && l.row != nil {
		s.refreshRowLocked(l)
		s.storeJobLocked(j)
		s.changedLocked(j, nil)
	}
}

// letGoOfTask is called when j has left and nothing of it is in progress. The name in the store still
// needs what j knows, but not its task, which may refer to a great deal: a copy without that takes j's
// place.
func (j *internalJob) letGoOfTask() {
	l := j.ledger()
	if l == nil || l.known == nil || l.known.job != j {
		return
	}
	rest, x := *j, *j.settings()
	x.listeners, x.middleware, x.retry, x.elector, x.locker, x.ctx, x.unwatch = listeners{}, nil, nil, nil, nil, nil, nil
	rest.call, rest.custom = call{}, &x
	rest.rare = &rareState{paused: j.rare.paused, pause: j.rare.pause}
	rest.takeLedger(l)
}

// left is the ledger of the job that had the name last and has left, nil for none.
func (n *knownJob) left() *ledger {
	if n.job == nil {
		return nil
	}
	return n.job.ledger()
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

func (j *internalJob) restorePause(state jobState, moment time.Time) {
	if x := j.makeRareState(); !state.PausedAt.IsZero() && !x.paused {
		x.paused, x.pause = true, pause{since: state.PausedAt, who: state.PausedBy, note: state.PauseNote}
		if state.PausedAt.After(moment.Add(storeTolerance)) {
			x.pause.since = moment.Round(0)
		}
	}
}

// restorePhase sets what j counts from, and its next time if the schedule alone does not tell it.
func (j *internalJob) restorePhase(state jobState, moment, now time.Time) {
	l, w := j.ledger(), j.window()
	if !state.LastStarted.IsZero() && j.last == nil {
		j.last = &lastRun{state.LastStarted, state.LastCompleted}
	}
	j.startPassed = state.StartPassed || w.startExcluded || w.hasStart() && !wallBefore(l.reached, w.start)
	if state.Anchor.After(moment.Add(storeTolerance)) {
		state.Anchor = time.Time{}
	}
	j.countFrom(state.Anchor, moment, now)
	if !state.Next.IsZero() && !state.Next.After(moment.Add(100*365*24*time.Hour)) {
		j.next = state.Next.In(j.location())
		if j.countsElapsed() {
			j.next = pinToWall(j.next, now)
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
	n := j.ledger().known
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
			s.endEarlierLocked(j, row, now)
		case row.Outcome == "" && !row.BegunAt.IsZero():
			s.seeToInterruptedLocked(j, row, now)
		case !row.RetryAt.IsZero():
			s.goOnLocked(j, row, now)
		}
	}
}

// endEarlierLocked has it written of an attempt that another one has followed that nothing waits for it
// and that it has ended, if the process ended before that was written.
func (s *scheduler) endEarlierLocked(j *internalJob, row StoredRun, now time.Time) {
	if row.Outcome != "" && row.RetryAt.IsZero() {
		return
	}
	if row.Outcome == "" {
		row.Outcome, row.EndedAt = OutcomeInterrupted.String(), now.UTC().Round(0)
	}
	row.RetryAt = time.Time{}
	s.writeLocked(j, row, s.session)
}

// seeToInterruptedLocked has a run that the process did not end run again, or ends it.
func (s *scheduler) seeToInterruptedLocked(j *internalJob, row StoredRun, now time.Time) {
	extra := extraOf(row)
	again := row.Occurrence && extra.Interrupted < j.settings().rerun && !j.ended && !j.window().isTooLate(now)
	r := s.restoredRunLocked(s.session, j, row)
	x := r.record.stored
	r.record.err = ErrRunInterrupted
	x.error = ErrRunInterrupted.Error()
	if !again {
		s.endRestoredLocked(r, OutcomeInterrupted, now)
		return
	}
	x.interrupted++
	s.storeAttemptLocked(r, OutcomeInterrupted, now.UTC().Round(0), now)
	s.awaitRestoredLocked(r, OutcomeInterrupted, now, now)
}

// endRestoredLocked gives a restored run its outcome. No attempt follows, if one was to.
func (s *scheduler) endRestoredLocked(r *run, o Outcome, now time.Time) {
	if before := r.record.stored.before; before != nil {
		before.RetryAt = time.Time{}
	}
	r.outcome, r.stage = o, stageFinished
	s.recordLocked(r, now)
	s.changedLocked(r.job, r.session)
}

// awaitRestoredLocked has a restored run wait for its next attempt.
func (s *scheduler) awaitRestoredLocked(r *run, o Outcome, at, now time.Time) {
	if r.job.countsFromEnd(r) {
		r.job.completing++
	}
	if r.trigger == TriggerCatchUp {
		r.job.ledger().catchUp = r // others wait for it
	}
	s.awaitRetryLocked(r, o, at, now)
}

// goOnLocked has a run go on that waited for its next attempt.
func (s *scheduler) goOnLocked(j *internalJob, row StoredRun, now time.Time) {
	r, outcome := s.waitingRunLocked(s.session, j, row)
	if allowed := j.settings().retry != nil || outcome == OutcomeInterrupted && j.settings().rerun > 0; !allowed || j.ended {
		s.endRestoredLocked(r, outcome, now)
		return
	}
	at := row.RetryAt
	if wallBefore(at, now) || at.After(now.Add(storeTolerance)) && at.Sub(row.EndedAt) < storeTolerance {
		at = now
	}
	s.awaitRestoredLocked(r, outcome, pinToWall(at, now), now)
}

// waitingRunLocked is the run of a row that waits for its next attempt, and the outcome of the latest.
func (s *scheduler) waitingRunLocked(sess *session, j *internalJob, row StoredRun) (*run, Outcome) {
	r := s.restoredRunLocked(sess, j, row)
	r.record.err, r.record.stored.before = errors.New(row.Error), &row
	outcome := OutcomeFailed
	_ = outcome.UnmarshalText([]byte(row.Outcome)) // what cannot be read has failed
	return r, outcome
}

// restoredRunLocked is the run of a row: it has begun, and its task is not in progress.
func (s *scheduler) restoredRunLocked(sess *session, j *internalJob, row StoredRun) *run {
	trigger := TriggerSchedule
	_ = trigger.UnmarshalText([]byte(row.Trigger)) // what cannot be read is of the schedule
	id, suspended := s.store.suspended[row.Run]
	if !suspended {
		s.runSeq++
		id = s.runSeq
	}
	sess.live++
	r := &run{job: j, session: sess, id: id, turn: id, scheduledAt: row.ScheduledAt.In(j.location()), trigger: trigger,
		attempts: uint32(max(row.Attempt, 1)), cancels: j.rareState().cancels}
	extra := extraOf(row)
	r.record = &runRecord{run: r, startedAt: row.BegunAt, stored: &storedRun{id: row.Run, fingerprint: row.Fingerprint, begins: row.Attempt,
		begunAt: row.BegunAt, interrupted: extra.Interrupted, number: extra.Begun, error: row.Error}}
	if r.isOccurrence() {
		j.ledger().settle(r.scheduledAt)
	}
	if suspended { // it is told of already
		delete(s.store.suspended, row.Run)
	} else {
		s.tellLocked(r, noticeDue)
	}
	return r
}

// endWaitingStoredLocked ends runs of a job that leaves, which a stop has cut off between two attempts.
func (s *scheduler) endWaitingStoredLocked(j *internalJob) {
	n := j.ledger().known
	if n == nil || len(n.runs) == 0 {
		return
	}
	sess := s.anySessionLocked()
	sess.busy++
	for _, row := range n.runs {
		r, outcome := s.waitingRunLocked(sess, j, row)
		s.endRestoredLocked(r, outcome, s.now())
	}
	n.runs = nil
	s.noteLessBusyLocked(sess)
}
