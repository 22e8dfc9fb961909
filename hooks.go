package gocron

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
	// back. It is also called for a gap, with OutcomeMissed.
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
