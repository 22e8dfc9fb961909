//go:build go1.25

package claims_test

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// An occurrence is what a claim is for.
type occurrence struct {
	key string
	at  time.Time
}

var errTaken = fmt.Errorf("taken by another node")

// A claimStore stands for an engine that several schedulers ask: it grants each
// occurrence once. Its locks are of a type of its own.
type claimStore struct {
	t        testing.TB
	mu       sync.Mutex
	granted  map[occurrence]bool
	asked    []occurrence
	locks    []*claimLock
	claiming func(ctx context.Context, o occurrence) error // called first; an error refuses
	locking  func(l *claimLock)                            // changes what is granted
}

func newClaimStore(t testing.TB) *claimStore {
	return &claimStore{t: t, granted: map[occurrence]bool{}}
}

// locker is a new Locker that asks the store.
func (c *claimStore) locker() gocron.Locker { return gocron.ClaimerFrom(c.Claim) }

func (c *claimStore) Claim(ctx context.Context, key string, scheduled time.Time) (*claimLock, error) {
	o := occurrence{key, scheduled}
	c.mu.Lock()
	c.asked = append(c.asked, o)
	claiming := c.claiming
	c.mu.Unlock()
	if claiming != nil {
		if err := claiming(ctx, o); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.granted[o] {
		return nil, errTaken
	}
	c.granted[o] = true
	l := &claimLock{store: c, key: key, at: scheduled, lost: make(chan struct{})}
	if c.locking != nil {
		c.locking(l)
	}
	c.locks = append(c.locks, l)
	return l, nil
}

// questions are the occurrences that were asked for, in order.
func (c *claimStore) questions() []occurrence {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]occurrence{}, c.asked...)
}

// times are those that were granted of a key, in order of time.
func (c *claimStore) times(key string) (times []time.Time) {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for o := range c.granted {
		if o.key == key {
			times = append(times, o.at)
		}
	}
	sort.Slice(times, func(i, j int) bool { return times[i].Before(times[j]) })
	return times
}

// latest is the lock that was given last.
func (c *claimStore) latest() *claimLock {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.locks[len(c.locks)-1]
}

// requireReleased asserts that every lock was released as often, and how many there were.
func (c *claimStore) requireReleased(locks, times int) {
	c.t.Helper()
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Len(c.t, c.locks, locks)
	for _, l := range c.locks {
		require.Equal(c.t, times, l.released, "releases of %v", l.at)
	}
}

// A claimLock can be lost, and has a token.
type claimLock struct {
	store    *claimStore
	key      string
	at       time.Time
	lost     chan struct{} // nil for a lock that cannot be lost
	token    int64
	released int
}

func (l *claimLock) Unlock(ctx context.Context) error {
	deadline, bounded := ctx.Deadline()
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	l.released++
	if ctx.Err() != nil || !bounded || !deadline.After(time.Now()) {
		l.store.t.Errorf("released with a context that has ended or has no end: %v, %v", ctx.Err(), deadline)
	}
	return nil
}

func (l *claimLock) Lost() <-chan struct{} { return l.lost }
func (l *claimLock) FencingToken() int64   { return l.token }

// A termElector leads when it has no error.
type termElector struct {
	mu    sync.Mutex
	ended chan struct{}
	token int64
	err   error
	asked []string
}

func (e *termElector) IsLeader(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, "IsLeader")
	return e.err
}

func (e *termElector) Term(context.Context) (<-chan struct{}, int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, "Term")
	return e.ended, e.token, e.err
}

// A claimLog keeps the errors that were logged.
type claimLog struct {
	rig.QuietLogger
	mu     sync.Mutex
	errors []string
}

func (l *claimLog) Error(msg string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errors = append(l.errors, fmt.Sprint(append([]any{msg}, args...)...))
}

func (l *claimLog) all() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.errors...)
}

// everyMinute is a job that is due at full minutes under a Claimer.
func everyMinute(t testing.TB, s gocron.Scheduler, task any, options ...gocron.JobOption) gocron.Job {
	t.Helper()
	return rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, append([]gocron.JobOption{gocron.WithName("j")}, options...)...)
}
