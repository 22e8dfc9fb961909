package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// A Locker claims occurrences and takes run locks on a Redis server. Its methods may be
// called from anywhere, also concurrently. It has nothing to be closed.
type Locker struct {
	*config
	client goredis.UniversalClient
	node   string
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
		return nil, errors.New("gocron/redis: NewLocker: the client is nil")
	}
	if _, ring := client.(*goredis.Ring); ring {
		return nil, errors.New("gocron/redis: NewLocker: the client is a Ring, which moves keys between servers")
	}
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	return &Locker{config: config, client: client, node: nodeName()}, nil
}

func isNil(client goredis.UniversalClient) bool {
	if client == nil {
		return true
	}
	v := reflect.ValueOf(client)
	return v.Kind() == reflect.Pointer && v.IsNil()
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
// Every error is an *Error. An empty key, a zero time and years beyond 9999 are refused.
// When Redis does not answer, EngineDown is true. Then, or when ctx ends while it is asked,
// the claim may or may not have been made: if it was, nobody gets it any more, so the
// occurrence may be run by no node, never by two.
//
// The claim is not given back. With WithRunLock the Lock holds the run lock of the job.
// As a gocron.Locker: gocron.ClaimerFrom(locker.Claim).
func (l *Locker) Claim(ctx context.Context, key string, scheduled time.Time) (*Lock, error) {
	if err := l.claim(ctx, key, scheduled); err != nil {
		return nil, l.failure(ctx, opClaim, key, scheduled, err)
	}
	if !l.runLock {
		return &Lock{}, nil
	}
	return l.Lock(ctx, key)
}

func (l *Locker) claim(ctx context.Context, key string, scheduled time.Time) error {
	switch {
	case key == "":
		return errNoKey
	case scheduled.IsZero():
		return errNoTime
	case scheduled.UTC().Year() < 1 || scheduled.UTC().Year() > 9999:
		return errYear
	}
	answer, err := l.ask(ctx, claimScript, l.claimKey(key, scheduled), l.newHolder(),
		scheduled.Add(-l.keep).UnixMilli(), scheduled.Add(l.keep).UnixMilli())
	if err != nil {
		return err
	}
	switch answer {
	case answerYes:
		return nil
	case answerLate:
		return ErrTooLate
	case answerEarly:
		return ErrTooEarly
	default:
		return ErrTaken
	}
}

// Lock takes the run lock of the job called key, without waiting for it: if another run
// has it, on any node, the error is ErrTaken. The lock is renewed until Unlock, and until
// then the job does not run anywhere else: when it cannot be renewed in time, Lost tells
// so before another run can get it. Every error is an *Error; an empty key is refused.
// When Redis does not answer, EngineDown is true. Then, or when ctx ends while it is asked,
// the lock may have been taken: it is free again after the TTL.
//
// As a gocron.Locker: gocron.LockerFrom(locker.Lock). Without claims it does not keep
// nodes from running an occurrence one after the other.
func (l *Locker) Lock(ctx context.Context, key string) (*Lock, error) {
	if key == "" {
		return nil, l.failure(ctx, opLock, key, time.Time{}, errNoKey)
	}
	lock := &Lock{locker: l, key: key, holder: l.newHolder()}
	asked := time.Now()
	answer, err := l.ask(ctx, lockScript, l.lockKey(key), lock.holder, milliseconds(l.ttl))
	if err == nil && answer != answerYes {
		err = ErrTaken
	}
	if err != nil {
		return nil, l.failure(ctx, opLock, key, time.Time{}, err)
	}
	lock.lease = keepLease(asked, l.ttl, lock.renew, lock.notRenewed)
	return lock, nil
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
