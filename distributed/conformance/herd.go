package conformance

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A herd counts, in its node, what comes of many jobs: to tell of each run would take
// longer than the runs do.
type herd struct {
	node *node
	jobs int

	mu     sync.Mutex
	rounds map[int64]*round // by the instant, in nanoseconds
}

// A round is one instant at which the herd falls due.
type round struct {
	ran      []int
	outcomes map[string]int
	finished int
	last     time.Time // when the last task was called
	err      string    // why the engine was down for one
}

const herdJob = "herd-"

// startHerd makes the jobs of a herd.
func (n *node) startHerd(spec herdSpec) error {
	h := &herd{node: n, jobs: spec.jobs, rounds: make(map[int64]*round)}
	for _, at := range spec.at {
		h.rounds[at.UnixNano()] = &round{outcomes: make(map[string]int)}
	}
	n.mu.Lock()
	n.herd = h
	n.mu.Unlock()
	definition := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(spec.at...))
	for i := range spec.jobs {
		options := []gocron.JobOption{gocron.WithName(herdJob + strconv.FormatInt(spec.at[0].Unix(), 36) + "-" + strconv.Itoa(i))}
		if spec.always {
			options = append(options, gocron.WithEngineDown(gocron.EngineDownRun))
		}
		if _, err := n.scheduler.NewJob(definition, gocron.NewTask(h.task(i)), options...); err != nil {
			return err
		}
	}
	return nil
}

func (h *herd) task(job int) func(context.Context) {
	return func(ctx context.Context) {
		info, _ := gocron.RunFromContext(ctx)
		h.mu.Lock()
		defer h.mu.Unlock()
		if r := h.rounds[info.ScheduledAt.UnixNano()]; r != nil {
			r.ran = append(r.ran, job)
			r.last = time.Now()
		}
	}
}

// noted counts a run that has finished, if it is of a herd, and reports whether it is.
func (n *node) noted(info gocron.RunInfo) bool {
	if !strings.HasPrefix(info.JobName, herdJob) {
		return false
	}
	n.mu.Lock()
	h := n.herd
	n.mu.Unlock()
	h.finished(info)
	return true
}

func (h *herd) finished(info gocron.RunInfo) {
	h.mu.Lock()
	r := h.rounds[info.ScheduledAt.UnixNano()]
	if r == nil {
		h.mu.Unlock()
		return
	}
	r.finished++
	r.outcomes[info.Outcome.String()]++
	over := r.finished == h.jobs
	if info.Outcome == gocron.OutcomeEngineDown {
		r.err = info.Err.Error()
	}
	e := event{Kind: herdDone, Scheduled: info.ScheduledAt, Until: r.last, Jobs: r.ran, Outcomes: r.outcomes, Err: r.err}
	h.mu.Unlock()
	if over {
		h.node.emit(e)
	}
}
