package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// A Locker claims occurrences and takes run locks on a Redis server. Its methods may be
// called from anywhere, also concurrently. It has nothing to be closed.
type Locker struct {
	*config
	client goredis.UniversalClient
	node   string
	begun  time.Time // all run locks are renewed at thirds of the TTL from then

	// One request of each kind is under way at a time, whatever runs.
	claims    *batcher[wish, struct{}]
	takings   *batcher[string, granted]
	renewals  *batcher[grip, struct{}]
	releasing *batcher[grip, struct{}]

	untimely atomic.Bool // whether the last claim was asked too early or too late
}

// NewLocker returns a Locker that uses the client, which stays the caller's to close. It
// may be one of a single server, of servers watched by sentinels or of a cluster. A nil
// client is refused, and so is a *redis.Ring: it moves keys to another server when one
// does not answer, and there they are granted again. Bad options are refused with an
// error that names the option and the value.
//
// Redis is not asked: a program can start without it. See Check.
func NewLocker(client goredis.UniversalClient, options ...Option) (*Locker, error) {
	if isNil(client) {
		return nil, errors.New("gocron/redis: NewLocker: client must not be nil")
	}
	if _, ring := client.(*goredis.Ring); ring {
		return nil, errors.New("gocron/redis: NewLocker: client must not be a Ring, which moves keys between servers")
	}
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	l := &Locker{config: config, client: limited(client, config.timeout), node: nodeName(), begun: time.Now()}
	l.makeBatchers()
	return l, nil
}

// limited is the client with a limit for what it reads and writes, on the same connections:
// one without would keep a goroutine for each request that hangs. A cluster client cannot
// be given one.
func limited(client goredis.UniversalClient, within time.Duration) goredis.UniversalClient {
	single, ok := client.(*goredis.Client)
	if !ok {
		return client
	}
	if o := single.Options(); o.ReadTimeout > 0 && o.ReadTimeout <= within && o.WriteTimeout > 0 && o.WriteTimeout <= within {
		return client
	}
	return single.WithTimeout(within)
}

// nodeName tells whoever looks into Redis where a holder is.
func nodeName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + ":" + strconv.Itoa(os.Getpid())
}

// newHolder returns what this node writes into an entry. It is another one for every
// call, so that of two calls on one node at most one is granted too.
func (l *Locker) newHolder() string {
	return l.node + "/" + rand.Text()
}

// Claim claims the occurrence of the job called key at the scheduled time, whatever its
// time zone. It is granted once, ever, whoever asks and whatever the nodes' clocks say:
// after that, and until the claim can no longer be made, Claim returns ErrTaken. It
// returns ErrTooLate or ErrTooEarly when the server's clock is further from the
// scheduled time than WithKeep says.
//
// Every error is an *Error. A nil context, an empty key, a zero time and years before 1 or
// beyond 9999 are refused. When Redis does not answer, EngineDown is true. Then, or when
// ctx ends while it is asked, the claim may or may not have been made: if it was, nobody
// gets it any more, so the occurrence may be run by no node, never by two.
//
// The claim is not given back. With WithRunLock the Lock holds the run lock of the job;
// ErrTaken is then also the answer when another run has that, and for the rest see Lock.
// As a gocron.Locker: gocron.ClaimerFrom(locker.Claim).
func (l *Locker) Claim(ctx context.Context, key string, scheduled time.Time) (*Lock, error) {
	if err := checkClaim(ctx, key, scheduled); err != nil {
		return nil, l.failure(context.Background(), opClaim, key, scheduled, err)
	}
	err := l.claim(ctx, key, scheduled)
	if err != nil {
		err = l.failure(ctx, opClaim, key, scheduled, err)
	}
	if l.noteTime(key, err); err != nil {
		return nil, err
	}
	if !l.runLock {
		return &Lock{}, nil
	}
	lock, err := l.take(ctx, key, l.waitAtMost(scheduled))
	if errors.Is(err, ErrTaken) {
		err = errRunning
	}
	if err != nil {
		return nil, l.failure(ctx, opClaim, key, scheduled, err)
	}
	return lock, nil
}

func (l *Locker) claim(ctx context.Context, key string, scheduled time.Time) error {
	w := wish{l.claimKey(key, scheduled), scheduled.Add(-l.keep).UnixMilli(), scheduled.Add(l.keep).UnixMilli()}
	_, err := l.claims.ask(ctx, w, l.waitAtMost(scheduled))
	if errors.Is(err, errNoTurn) {
		return errQueued
	}
	return err
}

// waitAtMost is how long a claim waits for its turn: for as long as it can be made. One
// that is asked later is for Redis to refuse.
func (l *Locker) waitAtMost(scheduled time.Time) time.Duration {
	return max(time.Until(scheduled)+l.keep, 2*l.timeout)
}

// noteTime reports a claim that was asked at the wrong time, if the one before was not:
// clocks that are too far apart keep jobs from running, and nobody else says so.
func (l *Locker) noteTime(key string, err error) {
	untimely := errors.Is(err, ErrTooEarly) || errors.Is(err, ErrTooLate)
	answered := err == nil || untimely || errors.Is(err, ErrTaken)
	if answered && l.untimely.Swap(untimely) != untimely && untimely {
		l.log.Warn("gocron/redis: a claim was asked at the wrong time: compare the clocks",
			"key", key, "error", err)
	}
}

// Lock takes the run lock of the job called key, without waiting for it: if another run
// has it, on any node, the error is ErrTaken. The lock is renewed until Unlock, and until
// then the job does not run anywhere else: when it cannot be renewed in time, Lost tells
// so before another run can get it. Every error is an *Error; a nil context and an empty
// key are refused. When Redis does not answer, EngineDown is true. Then, or when ctx ends
// while it is asked, the lock may have been taken: it is free again after the TTL.
//
// As a gocron.Locker: gocron.LockerFrom(locker.Lock). Without claims it does not keep
// nodes from running an occurrence one after the other.
func (l *Locker) Lock(ctx context.Context, key string) (*Lock, error) {
	if err := checkLock(ctx, key); err != nil {
		return nil, l.failure(context.Background(), opLock, key, time.Time{}, err)
	}
	lock, err := l.take(ctx, key, 0)
	if err != nil {
		return nil, l.failure(ctx, opLock, key, time.Time{}, err)
	}
	return lock, nil
}

func checkLock(ctx context.Context, key string) error {
	switch {
	case ctx == nil:
		return errNoContext
	case key == "":
		return errNoKey
	}
	return nil
}

func checkClaim(ctx context.Context, key string, scheduled time.Time) error {
	if err := checkLock(ctx, key); err != nil {
		return err
	}
	switch year := scheduled.UTC().Year(); {
	case scheduled.IsZero():
		return errNoTime
	case year < 1 || year > 9999:
		return errYear
	}
	return nil
}

// milliseconds is d in whole ones, rounded up: a lock lasts in Redis at least as long
// as its lease does here.
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

// stamp has the same width for every time that Claim takes. As it comes last in a key,
// any job name is told from any other.
const stamp = "20060102T150405.000000000Z"

func (l *Locker) claimKey(key string, scheduled time.Time) string {
	return l.prefix("claim") + key + ":" + scheduled.UTC().Format(stamp)
}

func (l *Locker) lockKey(key string) string {
	return l.prefix("lock") + key
}

// escapes leaves no colon in a namespace: the first one in a key ends it.
var escapes = strings.NewReplacer("%", "%25", ":", "%3A")

func (l *Locker) prefix(kind string) string {
	return escapes.Replace(l.namespace) + ":" + kind + ":"
}
