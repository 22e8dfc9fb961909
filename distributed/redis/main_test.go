package redis

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goredis.SetLogger(quiet{}) // it reports every connection that the tests break
	// A client whose server is away looks for it once a second, and so ends that late.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// soon is a deadline that a test which passes is far from.
const (
	soon = 30 * time.Second
	tick = 5 * time.Millisecond
)

var background = context.Background()

// serverAddress is the address of the server that the tests share.
func serverAddress(t testing.TB) string {
	t.Helper()
	address := os.Getenv("GOCRON_TEST_REDIS")
	if address == "" {
		t.Skip("no Redis here: `scripts/engines run go test ./...` starts one")
	}
	return address
}

// newClient is a client of the server at address.
func newClient(t testing.TB, address string, change ...func(*goredis.Options)) *goredis.Client {
	t.Helper()
	options := &goredis.Options{Addr: address, DialerRetries: 1}
	for _, f := range change {
		f(options)
	}
	client := goredis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

// newNode is a locker of its own, in the namespace of the test. Unless the test says
// otherwise, Redis has as long to answer as a slow machine may need.
func newNode(t testing.TB, client goredis.UniversalClient, options ...Option) *Locker {
	t.Helper()
	locker, err := NewLocker(client, append([]Option{WithNamespace(t.Name()), WithRequestTimeout(soon)}, options...)...)
	require.NoError(t, err)
	return locker
}

// shared is a client of the shared server, whose keys in the namespace of the test are
// deleted before and after it.
func shared(t testing.TB) *goredis.Client {
	t.Helper()
	client := newClient(t, serverAddress(t))
	clean := func() {
		if keys := keysOf(t, client); len(keys) > 0 {
			require.NoError(t, client.Del(background, keys...).Err())
		}
	}
	clean()
	t.Cleanup(clean)
	return client
}

// keysOf are the keys in Redis in the namespace of the test.
func keysOf(t testing.TB, client goredis.Cmdable) []string {
	t.Helper()
	var ours []string
	keys, err := client.Keys(background, "*").Result()
	require.NoError(t, err)
	for _, key := range keys {
		if strings.HasPrefix(key, t.Name()) {
			ours = append(ours, key)
		}
	}
	return ours
}

// serverTime is the time by the server's clock.
func serverTime(t testing.TB, client goredis.Cmdable) time.Time {
	t.Helper()
	now, err := client.Time(background).Result()
	require.NoError(t, err)
	return now
}

// isDown reports what EngineDown says of err, which must be an *Error.
func isDown(t testing.TB, err error) bool {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return e.EngineDown()
}

// taken requires that err says that another has it.
func taken(t testing.TB, err error) {
	t.Helper()
	require.ErrorIs(t, err, ErrTaken)
	require.False(t, isDown(t, err))
}

// waitFor waits until the channel is closed.
func waitFor(t testing.TB, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(soon):
		require.FailNow(t, "it was not closed")
	}
}

// atAnySpeed is for what can be seen only if the machine is fast enough. It calls try with
// a time, twice as long each time, until try reports that it has seen it. Code that is
// broken never shows it.
func atAnySpeed(t testing.TB, first time.Duration, try func(unit time.Duration) bool) {
	t.Helper()
	for unit := first; !try(unit); unit *= 2 {
		require.Less(t, unit, 10*time.Second, "it was not seen, even with that much time")
	}
}

// obtain takes a run lock. On a slow machine a short TTL may have passed when the answer
// comes: then it asks again.
func obtain(t testing.TB, node *Locker, key string) (lock *Lock) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		lock, err = node.Lock(background, key)
		return err == nil
	}, soon, tick)
	return lock
}

// open requires that the channel is not closed.
func open(t testing.TB, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
		require.FailNow(t, "it is closed")
	default:
	}
}
