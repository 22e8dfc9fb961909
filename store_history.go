package gocron

import (
	"context"
	"slices"
	"time"
)

// With WithHistory and a store that has a method History, the history of a job begins with the runs
// of the processes before. They are read behind Start, one job after another.

// readHistoryLocked has the history of j, which the store knows, read soon.
func (s *scheduler) readHistoryLocked(j *internalJob) {
	st := s.store
	if _, can := st.Store.(historyStore); !can || s.historySize == 0 || j.rareState().history.len() > 0 {
		return
	}
	st.toRead = append(st.toRead, j)
	if sess := s.session; !st.reading {
		st.reading = true
		sess.busy++
		go s.readHistories(sess)
	}
}

// readHistories reads what there is to read, until the session ends.
func (s *scheduler) readHistories(sess *session) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-sess.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		j, before := s.nextToRead(sess)
		if j == nil {
			break
		}
		s.readHistory(ctx, j, before)
	}
	cancel()
	<-ended
	s.lock()
	defer s.unlock()
	s.lessBusyLocked(sess)
}

// nextToRead is the next job whose history is to be read, and when it was entered; nil for none.
func (s *scheduler) nextToRead(sess *session) (*internalJob, time.Time) {
	s.lock()
	defer s.unlock()
	st := s.store
	if len(st.toRead) == 0 || sess.stopped {
		st.reading, st.toRead = false, nil
		return nil, time.Time{}
	}
	j := st.toRead[0]
	st.toRead = st.toRead[1:]
	return j.current(), sess.startedAt
}

// readHistory puts what the store has of one job before what this process has done.
func (s *scheduler) readHistory(ctx context.Context, j *internalJob, before time.Time) {
	rows, err := s.store.Store.(historyStore).History(ctx, j.Name(), time.Time{}, before, 2*s.historySize)
	if err != nil {
		s.logger.Warn("gocron: the history of a job could not be read from the store", "job", j.Name(), "error", err)
		return
	}
	slices.Reverse(rows) // the oldest first
	s.lock()
	defer s.unlock()
	own := j.rareState().history.list()
	known := make(map[time.Time]bool, len(own))
	for _, info := range own {
		known[info.ScheduledAt.Round(0).UTC()] = true
	}
	x := j.makeRareState()
	x.history = nil
	for i, row := range rows {
		final := row.Outcome != "" && row.RetryAt.IsZero() && (i+1 == len(rows) || rows[i+1].Run != row.Run)
		if final && row.Epoch != s.store.epoch && !known[row.ScheduledAt.UTC()] {
			info := j.infoOfRow(row)
			x.keepInHistory(&info, s.historySize)
		}
	}
	for i := range own {
		x.keepInHistory(&own[i], s.historySize)
	}
}

// infoOfRow is what is known of a run of a process before.
func (j *internalJob) infoOfRow(row StoredRun) RunInfo {
	s := j.s
	info := RunInfo{
		JobID: j.id, JobName: j.Name(), Tags: j.Tags(), Pool: j.limiter().pool, Transient: j.transient(),
		ScheduledAt: s.inZone(row.ScheduledAt), StartedAt: s.inZone(row.BegunAt), FinishedAt: s.inZone(row.EndedAt),
		Attempt: row.Attempt,
	}
	_ = info.Trigger.UnmarshalText([]byte(row.Trigger)) // what cannot be read is of the schedule
	_ = info.Outcome.UnmarshalText([]byte(row.Outcome)) // and pending
	if row.Attempt > 1 {
		info.Trigger = TriggerRetry
	}
	if row.Error != "" {
		info.Err = errorOfText(row.Error)
	}
	if row.Count > 1 || info.Outcome == OutcomeMissed {
		info.MissedFrom, info.MissedTo = info.ScheduledAt, info.FinishedAt
		info.MissedLast, info.MissedCount = s.inZone(row.Until), row.Count
	}
	return info
}
