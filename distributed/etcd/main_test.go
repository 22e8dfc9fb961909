package etcd

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"
	"go.uber.org/zap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// endpoint is the server that the tests share.
func endpoint(t *testing.T) string {
	t.Helper()
	at := os.Getenv("GOCRON_TEST_ETCD")
	if at == "" {
		t.Skip("no etcd here: `scripts/engines run go test ./...` starts one")
	}
	return at
}

// connect returns a client that is closed at the end of the test.
func connect(t *testing.T, at string) *clientv3.Client {
	t.Helper()
	client, err := clientv3.New(clientv3.Config{
		Endpoints:            []string{at},
		DialTimeout:          time.Second,
		DialKeepAliveTime:    time.Second,
		DialKeepAliveTimeout: time.Second,
		Logger:               zap.NewNop(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

var namespaces atomic.Int64

// namespace is one that no other test uses. What is in it is deleted at the end.
func namespace(t *testing.T, client *clientv3.Client) string {
	t.Helper()
	ns := "test/" + t.Name() + "/" + time.Now().Format("150405.000000") + "/" + string(rune('a'+namespaces.Add(1)%26))
	t.Cleanup(func() {
		_, err := client.Delete(context.Background(), ns+":", clientv3.WithPrefix())
		require.NoError(t, err)
	})
	return ns
}

func newLocker(t *testing.T, client *clientv3.Client, options ...Option) *Locker {
	t.Helper()
	l, err := NewLocker(client, append([]Option{WithRequestTimeout(time.Minute)}, options...)...)
	require.NoError(t, err)
	return l
}

// newElector returns one that is closed at the end of the test.
func newElector(t *testing.T, client *clientv3.Client, name string, options ...Option) *Elector {
	t.Helper()
	e, err := NewElector(client, name, append([]Option{WithRequestTimeout(time.Minute)}, options...)...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	return e
}

// soon polls until something is so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	require.Eventually(t, so, time.Minute, 5*time.Millisecond, what)
}

// atAnySpeed is for what can be seen only if the machine is fast enough. It calls try with
// a time, twice as long each time, until try reports that it has seen it. Code that is
// broken never shows it.
func atAnySpeed(t *testing.T, first time.Duration, try func(unit time.Duration) bool) {
	t.Helper()
	for unit := first; !try(unit); unit *= 2 {
		require.Less(t, unit, 10*time.Second, "it was not seen, even with that much time")
	}
}

// obtain takes a run lock. On a slow machine one of a short TTL may have expired when the
// answer comes: then it asks again.
func obtain(t *testing.T, l *Locker, key string) (lock *Lock) {
	t.Helper()
	soon(t, "it gets the lock", func() bool {
		var err error
		lock, err = l.Lock(context.Background(), key)
		return err == nil
	})
	return lock
}

// term waits until the elector leads, and returns its term.
func term(t *testing.T, e *Elector) (ended <-chan struct{}, token int64) {
	t.Helper()
	soon(t, "it leads", func() bool {
		var err error
		ended, token, err = e.Term(context.Background())
		return err == nil
	})
	return ended, token
}

// await waits for a channel to be closed.
func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Fatal("waited in vain for: " + what)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func keys(t *testing.T, client *clientv3.Client, prefix string) []string {
	t.Helper()
	answer, err := client.Get(context.Background(), prefix, clientv3.WithPrefix())
	require.NoError(t, err)
	var all []string
	for _, kv := range answer.Kvs {
		require.NotZero(t, kv.Lease, "the key %q has no lease", kv.Key)
		all = append(all, string(kv.Key))
	}
	return all
}

func engineDown(err error) bool {
	down, ok := err.(interface{ EngineDown() bool })
	return ok && down.EngineDown()
}

// An ownServer is a server of one test, which may kill it.
type ownServer struct {
	t       *testing.T
	at      string
	dir     string
	peer    string
	process *exec.Cmd
	flags   []string
}

func startServer(t *testing.T, flags ...string) *ownServer {
	t.Helper()
	endpoint(t) // skips
	if _, err := exec.LookPath("etcd"); err != nil {
		t.Skip("no etcd in the path, so none can be restarted")
	}
	s := &ownServer{t: t, at: "http://" + freeAddress(t), peer: "http://" + freeAddress(t), dir: filepath.Join(t.TempDir(), "data"), flags: flags}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *ownServer) start() {
	s.t.Helper()
	s.process = exec.Command("etcd", append(s.flags, "--name", "test", "--data-dir", s.dir, "--logger", "zap", "--log-level", "panic",
		"--listen-client-urls", s.at, "--advertise-client-urls", s.at, "--listen-peer-urls", s.peer,
		"--initial-advertise-peer-urls", s.peer, "--initial-cluster", "test="+s.peer)...)
	require.NoError(s.t, s.process.Start())
	client := connect(s.t, s.at)
	soon(s.t, "the server answers", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := client.Get(ctx, "anything")
		return err == nil
	})
}

func (s *ownServer) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
