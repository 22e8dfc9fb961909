package etcd

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
// term. It is renewed every third of that time. For its holder it is over when its
// time has passed since the last request that succeeded was sent, whatever the engine
// would say: the engine began to count later, so nobody else has it before.
type lease struct {
	ttl    time.Duration
	over   chan struct{} // closed when it has ended
	kept   chan struct{} // closed when nothing renews it any more
	stop   context.CancelFunc
	expiry *time.Timer

	mu    sync.Mutex
	asked time.Time // when the last successful request was sent
	ended bool
}

// keepLease returns the lease that a request sent at asked has got, and renews it until
// it ends. renew returns errGone when there is nothing to be renewed; any other error
// is told to failed, and renew is soon called again. Its context ends when a third of
// the lease's time has passed.
func keepLease(asked time.Time, ttl time.Duration, renew func(context.Context) error, failed func(error)) *lease {
	ctx, stop := context.WithCancel(context.Background())
	l := &lease{ttl: ttl, over: make(chan struct{}), kept: make(chan struct{}), stop: stop, asked: asked}
	l.mu.Lock() // it may expire at once
	l.expiry = time.AfterFunc(ttl-time.Since(asked), func() { l.held() })
	l.mu.Unlock()
	go l.keep(ctx, renew, failed)
	return l
}

// held reports whether the lease has not ended.
func (l *lease) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended && expired(l.asked, time.Now(), l.ttl) {
		l.endLocked()
	}
	return !l.ended
}

// expired reports whether ttl has passed since asked: by the monotonic clock, or by the
// wall clock, which goes on while the machine is suspended.
func expired(asked, now time.Time, ttl time.Duration) bool {
	return now.Sub(asked) >= ttl || now.Round(0).Sub(asked.Round(0)) >= ttl
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
	next := time.NewTimer(l.ttl/3 - time.Since(l.asked))
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
		one, cancel := context.WithTimeoutCause(ctx, l.ttl/3, noAnswer(l.ttl/3))
		err := renew(one)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if !l.renewed(sent) {
				return
			}
			next.Reset(l.ttl/3 - time.Since(sent))
		case errors.Is(err, errGone):
			l.mu.Lock()
			l.endLocked()
			l.mu.Unlock()
			failed(err)
			return
		default:
			failed(err)
			next.Reset(l.ttl / 10)
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
	l.expiry.Reset(l.ttl - time.Since(sent))
	return true
}
