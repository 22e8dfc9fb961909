package etcd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const secret = "s3cret"

// unreachable is a client of a server that is not there.
func unreachable(t *testing.T, at string) *clientv3.Client {
	t.Helper()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{at}, Logger: zap.NewNop()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestAServerThatIsNotThere(t *testing.T) {
	for _, at := range []string{
		freeAddress(t),
		"http://" + secret + ":" + secret + "@" + freeAddress(t),
		secret + ":" + secret + "@" + freeAddress(t),
	} {
		log := &recorder{}
		client := unreachable(t, at)
		timeout := WithRequestTimeout(50 * time.Millisecond)
		l := newLocker(t, client, timeout, WithLogger(log))
		_, claimed := l.Claim(context.Background(), "report", time.Now())
		_, locked := l.Lock(context.Background(), "report")
		for _, err := range []error{claimed, locked} {
			require.Error(t, err)
			require.True(t, engineDown(err))
			require.Contains(t, err.Error(), "gocron/etcd: ")
			require.Contains(t, err.Error(), `"report"`)
			require.NotContains(t, err.Error(), secret)
		}

		e := newElector(t, client, "report", timeout, WithLogger(log), WithTTL(testTTL))
		soon(t, "the elector notices", func() bool { return engineDown(e.IsLeader(context.Background())) })
		require.ErrorContains(t, e.IsLeader(context.Background()), `gocron/etcd: lead "report": `)
		require.NotContains(t, e.IsLeader(context.Background()).Error(), secret)
		require.NoError(t, e.Close(context.Background()), "there is nothing to resign from")
		require.NotEmpty(t, log.all())
		require.NotContains(t, log.all(), secret)
	}
}

func TestTheCallersOwnContext(t *testing.T) {
	client := unreachable(t, freeAddress(t))
	l := newLocker(t, client)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	for _, ctx := range []context.Context{ended, late} {
		_, err := l.Claim(ctx, "job", time.Now())
		require.ErrorIs(t, err, ctx.Err())
		require.False(t, engineDown(err))
		_, err = l.Lock(ctx, "job")
		require.ErrorIs(t, err, ctx.Err())
		require.False(t, engineDown(err))
	}
}

func TestAClientThatWasClosed(t *testing.T) {
	t.Parallel()
	client := unreachable(t, freeAddress(t))
	l := newLocker(t, client)
	lock := &Lock{locker: l, key: "job"}
	lock.lease = keepLease(time.Now(), time.Now(), time.Hour, lock.renew, lock.failed)
	require.NoError(t, client.Close())
	client.KV, client.Lease, client.Watcher = nil, nil, nil // whoever asks panics
	e := newElector(t, client, "name", WithTTL(testTTL))
	_, err := l.Claim(context.Background(), "job", time.Now())
	require.True(t, engineDown(err), "%v", err)
	require.ErrorContains(t, err, ": the client is closed")
	require.ErrorIs(t, lock.renew(context.Background()), errClientClosed)
	require.EqualError(t, lock.Unlock(context.Background()), `gocron/etcd: unlock "job": the client is closed`)
	soon(t, "the elector notices", func() bool { return engineDown(e.IsLeader(context.Background())) })
	require.EqualError(t, e.IsLeader(context.Background()), `gocron/etcd: lead "name": the client is closed`)
	require.NoError(t, e.Close(context.Background()))
	require.EqualError(t, e.IsLeader(context.Background()), `gocron/etcd: lead "name": it was closed`)
}

func TestWhatErrorsSay(t *testing.T) {
	at := time.Date(2026, 11, 22, 21, 0, 0, 5, time.FixedZone("", 3600))
	for _, c := range []struct {
		err  error
		want string
		down bool
	}{
		{ErrTaken, "taken by another node", false},
		{ErrTooLate, ErrTooLate.Error(), false},
		{ErrTooEarly, ErrTooEarly.Error(), false},
		{ErrNotLeader, "this node does not lead", false},
		{fmt.Errorf("%s: %w", secret, ErrTaken), "taken by another node", false},
		{rpctypes.ErrAuthFailed, "etcdserver: authentication failed, invalid user ID or password", true},
		{rpctypes.ErrPermissionDenied, "etcdserver: permission denied", true},
		{context.DeadlineExceeded, "the time for it has passed", true},
		{context.Canceled, "the context was canceled", true},
		{noAnswer(5 * time.Second), "no answer within 5s", true},
		{errRunning, "another run of the job is in progress", false},
		{errClosed, "it was closed", false},
		{status.Error(codes.Canceled, secret), "the client is closed", true},
		{status.Error(codes.Unavailable, secret), "the server cannot be reached (Unavailable)", true},
		{errors.New(secret), "the server cannot be reached (Unknown)", true},
		{errGone, "it is no longer held", true},
	} {
		err := newError(context.Background(), Error{Op: "claim", Key: "a \"b\"", Scheduled: at}, c.err)
		require.EqualError(t, err, `gocron/etcd: claim "a \"b\"" at 2026-11-22T20:00:00.000000005Z: `+c.want)
		require.Equal(t, c.down, err.EngineDown(), c.want)
		require.ErrorIs(t, err, c.err)
	}
	require.EqualError(t, &Error{Op: "lock", Key: "a"}, `gocron/etcd: lock "a": no reason is known`)
}

// A recorder is a Logger that keeps what it is told.
type recorder struct {
	mu   sync.Mutex
	text string
}

func (r *recorder) add(level, msg string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text += fmt.Sprintln(append([]any{level, msg}, args...)...)
}

func (r *recorder) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text
}

func (r *recorder) Debug(msg string, args ...any) { r.add("debug", msg, args...) }
func (r *recorder) Info(msg string, args ...any)  { r.add("info", msg, args...) }
func (r *recorder) Warn(msg string, args ...any)  { r.add("warn", msg, args...) }
func (r *recorder) Error(msg string, args ...any) { r.add("error", msg, args...) }
