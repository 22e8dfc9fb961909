package conformance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// The ways in which the clients of a memoryServer can be wrong.
const (
	correct         = "memory"
	releasesClaims  = "memory, releases claims"
	forgetsClaims   = "memory, keeps claims for a second"
	ignoresTheClock = "memory, claims at any time"
	renewsNothing   = "memory, renews nothing"
	keepsLocks      = "memory, keeps run locks"
	trustsItself    = "memory, leads until it is told"
	isNeverDown     = "memory, is never down"
	claimsTwice     = "memory, claims twice"
)

var memoryKinds = []string{correct, releasesClaims, forgetsClaims, ignoresTheClock, renewsNothing, keepsLocks,
	trustsItself, isNeverDown, claimsTwice}

// memoryEngine is a kind of client, without a server as node processes need it.
func memoryEngine(kind string) Engine {
	return Engine{
		Name: kind, RunLock: true, Elector: true, OwnClock: true,
		NewNode: func(_ context.Context, c NodeConfig) (*Node, error) {
			client := &memoryClient{config: c, kind: kind, holder: rand.Text()}
			node := &Node{Locker: gocron.ClaimerFrom(client.claim)}
			if c.Elector {
				e := newMemoryElector(client)
				node.Elector, node.Close = e, e.close
			}
			return node, nil
		},
	}
}

// on adds the server.
func (s *memoryServer) on(e Engine) Engine {
	e.Addr = s.addr
	e.Stop = func(context.Context) error { s.stop(); return nil }
	e.Start = func(context.Context) error { return s.start() }
	e.Leftovers = func(_ context.Context, namespace string) (int, error) { return s.count(namespace), nil }
	return e
}

type memoryError struct {
	text string
	down bool
}

func (e *memoryError) Error() string    { return e.text }
func (e *memoryError) EngineDown() bool { return e.down }

type memoryClient struct {
	config NodeConfig
	kind   string
	holder string
}

func (c *memoryClient) ask(ctx context.Context, r memoryRequest) (memoryAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	r.Holder, r.Key, r.TTL = c.holder+r.Holder, c.config.Namespace+" "+r.Key, c.config.TTL
	var a memoryAnswer
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.config.Addr)
	if err == nil {
		defer conn.Close()
		deadline, _ := ctx.Deadline()
		conn.SetDeadline(deadline)
		err = errors.Join(json.NewEncoder(conn).Encode(r), json.NewDecoder(conn).Decode(&a))
	}
	switch {
	case err != nil:
		return a, &memoryError{err.Error(), c.kind != isNeverDown}
	case a.Refused != "":
		return a, &memoryError{a.Refused, false}
	}
	return a, nil
}

func (c *memoryClient) claim(ctx context.Context, key string, scheduled time.Time) (*memoryLock, error) {
	r := memoryRequest{Op: "claim", Key: "claim " + key + scheduled.Format(time.RFC3339Nano), Scheduled: scheduled,
		Keep: c.config.Keep, Unclocked: c.kind == ignoresTheClock}
	switch c.kind {
	case forgetsClaims:
		r.Keep, r.Unclocked = time.Second, true
	case claimsTwice:
		r.Key += string(c.holder[0] % 2)
	}
	if _, err := c.ask(ctx, r); err != nil {
		return nil, err
	}
	lock := &memoryLock{}
	if c.kind == releasesClaims {
		lock.claim, lock.client = r.Key, c
	}
	if !c.config.RunLock {
		return lock, nil
	}
	lease, err := c.lease(ctx, "lock "+key)
	lock.lease = lease
	return lock, err
}

type memoryLock struct {
	client *memoryClient
	claim  string // to be released
	lease  *memoryLease
}

func (l *memoryLock) Lost() <-chan struct{} {
	if l.lease == nil {
		return nil
	}
	return l.lease.ended
}

func (l *memoryLock) Unlock(ctx context.Context) error {
	if l.claim != "" {
		l.client.ask(ctx, memoryRequest{Op: "drop", Key: l.claim})
	}
	if l.lease == nil {
		return nil
	}
	return l.lease.release(ctx)
}

// A memoryLease is a run lock, or a leader's term.
type memoryLease struct {
	client *memoryClient
	r      memoryRequest
	token  int64
	ended  chan struct{}

	mu    sync.Mutex
	until time.Time
	over  bool
}

func (c *memoryClient) lease(ctx context.Context, key string) (*memoryLease, error) {
	l := &memoryLease{client: c, r: memoryRequest{Key: key, Holder: rand.Text()}, ended: make(chan struct{})}
	l.r.Op = "take"
	l.until = time.Now().Add(c.config.TTL)
	a, err := c.ask(ctx, l.r)
	if err != nil {
		return nil, err
	}
	l.token = a.Token
	l.r.Op = "renew"
	go l.keep()
	return l, nil
}

// held reports whether it has not ended.
func (l *memoryLease) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over && l.client.kind != trustsItself && !time.Now().Before(l.until) {
		l.endLocked()
	}
	return !l.over
}

func (l *memoryLease) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endLocked()
}

func (l *memoryLease) endLocked() {
	if !l.over {
		l.over = true
		close(l.ended)
	}
}

func (l *memoryLease) keep() {
	ttl := l.client.config.TTL
	for l.held() {
		select {
		case <-l.ended:
			return
		case <-time.After(ttl / 10):
		}
		if l.client.kind == renewsNothing {
			l.prolong(time.Now().Add(ttl))
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), ttl/10)
		until := time.Now().Add(ttl)
		a, err := l.client.ask(ctx, l.r)
		cancel()
		switch {
		case err == nil:
			l.prolong(until)
		case a.Refused != "":
			l.end()
		}
	}
}

func (l *memoryLease) prolong(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = until
}

func (l *memoryLease) release(ctx context.Context) error {
	l.end()
	if l.client.kind == keepsLocks {
		return nil
	}
	r := l.r
	r.Op = "drop"
	_, err := l.client.ask(ctx, r)
	return err
}

// A memoryElector campaigns until it is closed.
type memoryElector struct {
	client *memoryClient
	stop   context.CancelFunc
	done   chan struct{}

	mu   sync.Mutex
	term *memoryLease
	err  error
}

func newMemoryElector(c *memoryClient) *memoryElector {
	ctx, stop := context.WithCancel(context.Background())
	e := &memoryElector{client: c, stop: stop, done: make(chan struct{}), err: errors.New("not yet")}
	go e.campaign(ctx)
	return e
}

func (e *memoryElector) campaign(ctx context.Context) {
	defer close(e.done)
	for ctx.Err() == nil {
		term, err := e.client.lease(ctx, "leader")
		e.mu.Lock()
		e.term, e.err = term, err
		e.mu.Unlock()
		if err == nil {
			select {
			case <-term.ended:
			case <-ctx.Done():
				term.release(context.Background())
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (e *memoryElector) Term(context.Context) (<-chan struct{}, int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.err != nil:
		return nil, 0, e.err
	case !e.term.held():
		return nil, 0, &memoryError{"the term is over", true}
	}
	return e.term.ended, e.term.token, nil
}

func (e *memoryElector) IsLeader(ctx context.Context) error {
	_, _, err := e.Term(ctx)
	return err
}

func (e *memoryElector) close(context.Context) error {
	e.stop()
	<-e.done
	return nil
}
