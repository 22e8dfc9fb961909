package gocron

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
)

// Stats counts the runs of a scheduler at one moment. Made is always the sum of all Outcomes,
// Running, Waiting and Retrying.
type Stats struct {
	// Made counts the runs that were ever made: occurrences that fell due, and runs
	// that were asked for.
	Made uint64
	// Outcomes counts the finished runs by outcome. It has no entry for an outcome that no run had.
	Outcomes map[Outcome]uint64
	// Running is how many runs hold a slot. Waiting is how many wait for a slot or for another run
	// of their job. Retrying is how many wait for the time of their next attempt,
	// with WithStore also those that go on after the next Start.
	Running, Waiting, Retrying int
	// OldestWaiting is how long the oldest waiting run has waited, by the scheduler's clock, over
	// all limits and pools. It is zero when no run waits.
	OldestWaiting time.Duration
}

// Stats returns counts of all runs of the scheduler. While runs wait, the time that it takes grows
// with the number of jobs.
func (c *Controller) Stats() (Stats, error) {
	if err := c.lock(); err != nil {
		return Stats{}, err
	}
	stats, now := c.s.statsLocked(), c.s.now()
	c.s.unlock()
	if stats.Waiting == 0 {
		return stats, nil
	}
	err := c.s.eachOf(context.Background(), c.s.jobList(), func(j *internalJob) { // also of a Shutdown that drains
		if r := j.gate.oldest(); r != nil {
			stats.OldestWaiting = max(stats.OldestWaiting, now.Sub(r.waitsSince()))
		}
	})
	return stats, err
}

func (s *scheduler) statsLocked() Stats {
	stats := Stats{Made: s.runSeq, Outcomes: outcomeCounts(&s.outcomes), Retrying: s.retries.len()}
	if s.store != nil {
		stats.Retrying += len(s.store.suspended)
	}
	s.eachLimiterLocked(func(l *limiter) {
		stats.Running += int(l.taken)
		stats.Waiting += l.waiting
	})
	return stats
}

func (s *scheduler) eachLimiterLocked(do func(*limiter)) {
	do(&s.limiter)
	for _, pool := range s.pools {
		do(pool)
	}
}

// outcomeCounts are the counts that are not zero.
func outcomeCounts(counts *[outcomeCount]uint64) map[Outcome]uint64 {
	outcomes := make(map[Outcome]uint64)
	for o, n := range counts {
		if n > 0 {
			outcomes[Outcome(o)] = n
		}
	}
	return outcomes
}

// LogValue is a group of the counts.
func (s Stats) LogValue() slog.Value {
	return slog.GroupValue(slog.Uint64("made", s.Made), outcomesAttr(s.Outcomes),
		slog.Int("running", s.Running), slog.Int("waiting", s.Waiting), slog.Int("retrying", s.Retrying),
		slog.Duration("oldestWaiting", s.OldestWaiting))
}

// outcomesAttr is a group of counts, in the order of the outcomes.
func outcomesAttr(counts map[Outcome]uint64) slog.Attr {
	var outcomes logGroup
	for o := Outcome(0); o < outcomeCount; o++ {
		if n := counts[o]; n > 0 {
			outcomes.add(slog.Uint64(o.String(), n))
		}
	}
	return slog.Attr{Key: "outcomes", Value: slog.GroupValue(outcomes...)}
}

// JobStats counts the runs of one job since it was added. StopJobs, and a replacement by Update or
// by NewJob under the same id, do not set the counts back. What the job is doing now is in
// Explanation.
type JobStats struct {
	// Outcomes counts the finished runs by outcome, and the gaps under OutcomeMissed. It has no
	// entry for an outcome that no run had.
	Outcomes map[Outcome]uint64
	// LastRun is the run that finished last, among the runs whose task was called. Its ID is 0 if
	// there was no such run.
	LastRun RunInfo
	// LastSuccess is the run that finished last with OutcomeSucceeded. Its ID is 0 if there was
	// none.
	LastSuccess RunInfo
	// LastFailure is the run that finished last with OutcomeFailed, OutcomePanicked or
	// OutcomeTimedOut. Its Err is the job's last error. Its ID is 0 if there was no such run.
	LastFailure RunInfo
}

// JobStats returns the counts of one job, and its last run, success and failure. It returns
// ErrNoJobStats without the option WithJobStats.
func (c *Controller) JobStats(id uuid.UUID) (JobStats, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return JobStats{}, err
	}
	defer c.s.unlock()
	if !c.s.keepsJobStats {
		return JobStats{}, ErrNoJobStats
	}
	return j.rareState().stats.public(), nil
}

// jobStats are the stats of one job. The RunInfos are shared among the three, and never change.
type jobStats struct {
	outcomes    [outcomeCount]uint64
	last        *RunInfo
	lastSuccess *RunInfo
	lastFailure *RunInfo
}

// countRun counts a run that has its outcome.
func (x *rareState) countRun(r *run) {
	if x.stats == nil {
		x.stats = &jobStats{}
	}
	x.stats.add(r)
}

func (s *jobStats) add(r *run) {
	s.outcomes[r.outcome]++
	if !r.hasBegun() {
		return
	}
	info := r.info()
	s.last = &info
	switch {
	case info.Outcome == OutcomeSucceeded:
		s.lastSuccess = &info
	case info.hasFailed():
		s.lastFailure = &info
	}
}

// public is a copy. A job that has had no run has no jobStats: s is nil.
func (s *jobStats) public() JobStats {
	if s == nil {
		s = &jobStats{}
	}
	return JobStats{
		Outcomes:    outcomeCounts(&s.outcomes),
		LastRun:     s.last.copied(),
		LastSuccess: s.lastSuccess.copied(),
		LastFailure: s.lastFailure.copied(),
	}
}

// copied is a copy whose slices belong to the caller; zero for nil.
func (i *RunInfo) copied() RunInfo {
	if i == nil {
		return RunInfo{}
	}
	info := *i
	info.Tags = append([]string(nil), i.Tags...)
	return info
}

// LogValue returns a group with the counts and the last runs. A last run that there was not is left
// out.
func (s JobStats) LogValue() slog.Value {
	g := logGroup{outcomesAttr(s.Outcomes)}
	g.addRun("lastRun", s.LastRun)
	g.addRun("lastSuccess", s.LastSuccess)
	g.addRun("lastFailure", s.LastFailure)
	return slog.GroupValue(g...)
}

// History returns the job's latest finished runs, the oldest first, as many as
// WithHistory keeps, or ErrNoHistory without that option.
func (c *Controller) History(id uuid.UUID) ([]RunInfo, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return nil, err
	}
	defer c.s.unlock()
	if c.s.historySize == 0 {
		return nil, ErrNoHistory
	}
	return j.rareState().history.list(), nil
}

// A history holds the latest finished runs of one job: a ring.
type history struct {
	runs  []RunInfo
	start int // of the oldest, once the ring is full
}

// keepInHistory adds a finished run.
func (x *rareState) keepInHistory(info *RunInfo, size int) {
	if x.history == nil {
		x.history = &history{}
	}
	x.history.add(info, size)
}

func (h *history) add(info *RunInfo, size int) {
	if len(h.runs) < size {
		h.runs = append(h.runs, *info)
		return
	}
	h.runs[h.start] = *info
	h.start = (h.start + 1) % size
}

func (h *history) len() int {
	if h == nil {
		return 0
	}
	return len(h.runs)
}

// back is the run that finished as many runs before the last one.
func (h *history) back(n int) *RunInfo {
	return &h.runs[(h.start+len(h.runs)-1-n)%len(h.runs)]
}

// latest are the last runs, up to n, the oldest first. Their tags are not to be changed.
func (h *history) latest(n int) []RunInfo {
	n = min(n, h.len())
	if n == 0 {
		return nil
	}
	list := make([]RunInfo, n)
	for i := range list {
		list[n-1-i] = *h.back(i)
	}
	return list
}

// list is a copy of all runs, the oldest first.
func (h *history) list() []RunInfo {
	list := h.latest(h.len())
	for i := range list {
		list[i] = list[i].copied()
	}
	return list
}
