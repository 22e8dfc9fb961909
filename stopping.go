package gocron

import (
	"context"
	"time"

	"github.com/jonboulle/clockwork"
)

// A patience is how long a stop waits: for the stop timeout, on real time or on an injected clock,
// whichever ends it first, or until the context of its caller ends.
type patience struct {
	ctx     context.Context
	real    *time.Timer
	clock   clockwork.Clock // nil for the real one
	timeout time.Duration
	ending  time.Time // on the clock
}

func (s *scheduler) newPatience(ctx context.Context) patience {
	p := patience{ctx: ctx, real: newRealTimer(s.stopTimeout), timeout: s.stopTimeout}
	if !s.onRealClock {
		p.clock, p.ending = s.clock, s.now().Add(s.stopTimeout)
	}
	return p
}

func (p patience) end() { p.real.Stop() }

// wait returns when done is closed, nil at once for a nil one, and otherwise why it
// has waited no longer, or would not wait at all. An injected clock has a waiter only while it really waits.
func (p patience) wait(done <-chan struct{}) error {
	if done == nil {
		return nil
	}
	if err := p.ctx.Err(); err != nil { // it has ended first, however soon the rest is done
		return err
	}
	if isClosed(done) {
		return nil
	}
	var injected <-chan time.Time
	if p.clock != nil {
		timer := p.clock.NewTimer(p.ending.Sub(p.clock.Now()))
		defer timer.Stop()
		injected = timer.Chan()
	}
	err := ErrStopJobsTimedOut
	select {
	case <-done:
	case <-p.ctx.Done():
		err = p.ctx.Err()
	case <-p.real.C:
		p.real.Reset(0) // done may be closed as well: the next wait is to find that no time is left
	case <-injected:
	}
	if isClosed(done) {
		return nil
	}
	return err
}

// waitingRuns are the runs of j that wait, for their turn or for another attempt. The
// caller holds mu.
func (j *internalJob) waitingRuns() (waiting []*run) {
	add := func(r *run) { waiting = append(waiting, r) }
	j.gate.waiting.each(add)
	j.state().retrying.each(add)
	return waiting
}

// stopError is the error of a stop, which with WithDrain says what was cut off.
func (s *scheduler) stopError(stop stop) error {
	if stop.err == nil || !s.drain {
		return stop.err
	}
	var unfinished []*run
	s.mu.Lock()
	for _, sess := range stop.unsettled {
		sess.inProgress.each(func(r *run) { unfinished = append(unfinished, r) })
	}
	s.mu.Unlock()
	return &StopError{Err: stop.err, Unfinished: s.infos(unfinished), Dropped: s.infos(stop.dropped)}
}

// infos is what is known of the runs, which may be a great many.
func (s *scheduler) infos(runs []*run) (infos []RunInfo) {
	for len(runs) > 0 {
		s.mu.Lock()
		for n := 0; n < lookBatch && len(runs) > 0; n++ {
			infos = append(infos, runs[0].info())
			runs = runs[1:]
		}
		s.mu.Unlock()
	}
	return infos
}
