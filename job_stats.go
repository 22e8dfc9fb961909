package gocron

import "github.com/google/uuid"

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

// WithJobStats keeps for each job what Controller.JobStats returns: about 450 bytes from its first
// run on, and up to three RunInfos of 304 bytes. Update keeps the counts. They are gone when the
// job leaves.
func WithJobStats() SchedulerOption {
	return func(s *scheduler) error {
		s.keepsJobStats = true
		return nil
	}
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
	switch r.outcome {
	case OutcomeSucceeded:
		s.lastSuccess = &info
	case OutcomeFailed, OutcomePanicked, OutcomeTimedOut:
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
	return &h.runs[(h.start+2*len(h.runs)-1-n)%len(h.runs)]
}

// latest are the last runs, up to n, the oldest first. Their tags are not to be changed.
func (h *history) latest(n int) []RunInfo {
	n = min(n, h.len())
	list := make([]RunInfo, n)
	for i := range list {
		list[n-1-i] = *h.back(i)
	}
	return list
}

// list is a copy, the oldest first.
func (h *history) list() []RunInfo {
	if h == nil {
		return nil
	}
	list := append([]RunInfo(nil), h.runs[h.start:]...)
	list = append(list, h.runs[:h.start]...)
	for i := range list {
		list[i] = list[i].copied()
	}
	return list
}
