package redis

import (
	"net"
	"os/exec"
	"testing"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// A server is a Redis server of the test's own.
type server struct {
	t       testing.TB
	args    []string
	address string
	command *exec.Cmd
}

// startServer starts a server on a free loopback port, which keeps nothing on disk
// unless the arguments say so.
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	serverAddress(t) // they skip together
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server here: the Debian package redis-server has it")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	args = append(args, "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir())
	s := &server{t: t, args: args, address: address}
	s.start()
	t.Cleanup(s.stop)
	return s
}

// start starts the server and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	s.command = exec.Command("redis-server", s.args...)
	require.NoError(s.t, s.command.Start())
	client := goredis.NewClient(&goredis.Options{Addr: s.address})
	defer client.Close()
	require.Eventually(s.t, func() bool {
		err := client.Ping(background).Err()
		return err == nil || goredis.IsAuthError(err)
	}, soon, tick)
}

// stop kills the server, if it runs.
func (s *server) stop() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
	s.command = nil
}
