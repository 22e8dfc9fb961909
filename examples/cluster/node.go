package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// The kinds of events.
const (
	nodeReady   = "ready"
	nodeLeads   = "leads"
	nodeFollows = "follows" // leads no longer
	nodeEnded   = "ended"
	runBegan    = "began"
	runFinished = "finished"
)

// An event is a line that a node writes.
type event struct {
	Kind, Node string
	Job        string         `json:",omitzero"`
	Scheduled  time.Time      `json:",omitzero"`
	Outcome    gocron.Outcome `json:",omitzero"`
	Err        string         `json:",omitzero"`
}

// node runs the jobs and writes what happens.
type node struct {
	spec   childSpec
	member *member

	mu  sync.Mutex
	out *json.Encoder
}

// serveNode is the child that is a node, until ctx ends.
func serveNode(ctx context.Context, spec childSpec, out io.Writer) error {
	m, err := engines[spec.Engine].join(ctx, spec.Address)
	if err != nil {
		return err
	}
	n := &node{spec: spec, member: m, out: json.NewEncoder(out)}
	schedulers, err := n.schedulers()
	if err == nil {
		for _, s := range schedulers {
			s.Start()
		}
		n.emit(event{Kind: nodeReady})
		n.watchTerm(ctx)
	}
	for _, s := range schedulers {
		err = errors.Join(err, s.Shutdown())
	}
	closing, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return errors.Join(err, m.close(closing))
}

func (n *node) emit(e event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e.Node = n.spec.Node
	if n.out.Encode(e) != nil {
		os.Exit(1) // nobody reads it any more
	}
}

// schedulers are the node's: an elector is asked before every run of a scheduler, so what
// only the leader does has a scheduler of its own.
func (n *node) schedulers() ([]gocron.Scheduler, error) {
	all, err := n.scheduler()
	if err != nil {
		return nil, err
	}
	list, leading := []gocron.Scheduler{all}, all
	if n.member.elector != nil {
		if leading, err = n.scheduler(gocron.WithDistributedElector(n.member.elector)); err != nil {
			return list, err
		}
		list = append(list, leading)
	}
	for _, j := range jobsWith(n.member.elector != nil) {
		s := all
		if j.leaderOnly {
			s = leading
		}
		if err := n.add(s, j); err != nil {
			return list, err
		}
	}
	return list, nil
}

func (n *node) scheduler(more ...gocron.SchedulerOption) (gocron.Scheduler, error) {
	return gocron.NewScheduler(append(more,
		gocron.WithClock(newShiftedClock(n.spec.Offset)),
		gocron.WithDistributedLocker(n.member.claims),
		// One run at a time: while a node is busy with a long one the others claim what
		// is due, although their clocks are behind.
		gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
		gocron.WithHooks(gocron.Hooks{
			RunStarted:  func(run gocron.RunInfo) { n.emit(eventOf(runBegan, run)) },
			RunFinished: func(run gocron.RunInfo) { n.emit(eventOf(runFinished, run)) },
		}),
	)...)
}

func eventOf(kind string, run gocron.RunInfo) event {
	e := event{Kind: kind, Job: run.JobName, Scheduled: run.ScheduledAt, Outcome: run.Outcome}
	if run.Err != nil {
		e.Err = run.Err.Error()
	}
	return e
}

// add adds the job. Its name is what it is known by on all nodes.
func (n *node) add(s gocron.Scheduler, j job) error {
	options := []gocron.JobOption{gocron.WithName(j.name)}
	if j.runLock {
		options = append(options, gocron.WithDistributedJobLocker(n.member.runLock))
	}
	_, err := s.NewJob(j.definition(), gocron.NewTask(work, j.takes), options...)
	return err
}

// work is the task of all jobs. Its context ends when the run lock is lost, and with the
// leader's term.
func work(ctx context.Context, takes time.Duration) error {
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// watchTerm tells when the node begins and ceases to lead, until ctx ends. Asking an
// elector costs next to nothing.
func (n *node) watchTerm(ctx context.Context) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for led := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		leads := n.member.elector != nil && n.member.elector.IsLeader(ctx) == nil
		switch {
		case leads && !led:
			n.emit(event{Kind: nodeLeads})
		case led && !leads:
			n.emit(event{Kind: nodeFollows})
		}
		led = leads
	}
}
