package postgres

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errGone is what a renewal returns when the engine has said that the lease is not,
// or no longer, this holder's.
var errGone = errors.New("it is no longer held")

// A lease is what an engine lends to one holder for a time: a run lock, or a leader's
// term. It is renewed every third of that time. For its holder it is over when three
// quarters of it have passed since the last request that succeeded was sent, whatever the
// engine would say. The engine began to count later, so nobody else has it for another
// quarter: that is for a process that is late to notice.
type lease struct {
	ttl    time.Duration
	life   time.Duration // how much of it is the holder's
	beat   time.Time     // from when the thirds are counted
	over   chan struct{} // closed when it has ended
	kept   chan struct{} // closed when nothing renews it any more
	stop   context.CancelFunc
	expiry *time.Timer

	mu    sync.Mutex
	asked time.Time // when the last successful request was sent
	ended bool
}

// lifeOf is the share of a lease's time that its holder takes to be its own.
func lifeOf(ttl time.Duration) time.Duration { return ttl - ttl/4 }

// renewalLimit is how long a renewal may take: after one that hangs there is time for
// another.
func renewalLimit(ttl time.Duration) time.Duration { return ttl / 4 }

// keepLease returns the lease that a request sent at asked has got, and renews it until
// it ends, at every third of its time since beat: leases of one beat are renewed together.
// renew returns errGone when there is nothing to be renewed; any other error is told to
// failed, and renew is soon called again. Its context ends after the renewalLimit.
func keepLease(asked, beat time.Time, ttl time.Duration, renew func(context.Context) error, failed func(error)) *lease {
	ctx, stop := context.WithCancel(context.Background())
	l := &lease{ttl: ttl, life: lifeOf(ttl), beat: beat, over: make(chan struct{}), kept: make(chan struct{}), stop: stop, asked: asked}
	l.mu.Lock() // it may expire at once
	l.expiry = time.AfterFunc(l.life-time.Since(asked), func() { l.held() })
	l.mu.Unlock()
	go l.keep(ctx, renew, failed)
	return l
}

// untilNext is how long it is until the third after the one in which asked is.
func (l *lease) untilNext(asked time.Time) time.Duration {
	third := l.ttl / 3
	next := l.beat.Add((asked.Sub(l.beat)/third + 1) * third)
	return time.Until(next)
}

// held reports whether the lease has not ended.
func (l *lease) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended && expired(l.asked, time.Now(), l.life) {
		l.endLocked()
	}
	return !l.ended
}

// expired reports whether life has passed since asked: by the monotonic clock, or by the
// wall clock, which goes on while the machine is suspended.
func expired(asked, now time.Time, life time.Duration) bool {
	return now.Sub(asked) >= life || now.Round(0).Sub(asked.Round(0)) >= life
}

// end ends the lease, if it has not ended, and returns when nothing renews it any more.
// The engine is not told.
func (l *lease) end() {
	l.mu.Lock()
	l.endLocked()
	l.mu.Unlock()
	<-l.kept
}

func (l *lease) endLocked() {
	if l.ended {
		return
	}
	l.ended = true
	close(l.over)
	l.stop()
	l.expiry.Stop()
}

// keep renews the lease until it ends.
func (l *lease) keep(ctx context.Context, renew func(context.Context) error, failed func(error)) {
	defer close(l.kept)
	next := time.NewTimer(l.untilNext(l.asked))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		if !l.held() {
			return
		}
		sent := time.Now()
		one, cancel := context.WithTimeoutCause(ctx, renewalLimit(l.ttl), noAnswer(renewalLimit(l.ttl)))
		err := renew(one)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if !l.renewed(sent) {
				return
			}
			next.Reset(l.untilNext(sent))
		case errors.Is(err, errGone):
			l.mu.Lock()
			l.endLocked()
			l.mu.Unlock()
			failed(err)
			return
		default:
			failed(err)
			next.Reset(l.ttl / 20)
		}
	}
}

// renewed notes that a request sent then has renewed the lease. It reports false if the
// lease has ended in the meantime: what has ended does not come back.
func (l *lease) renewed(sent time.Time) bool {
	if !l.held() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.asked = sent
	l.expiry.Reset(l.life - time.Since(sent))
	return true
}
