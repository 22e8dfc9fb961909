package redis

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A relay passes what clients and a server say to each other, until it is told not to.
type relay struct {
	address string
	server  string

	mu      sync.Mutex
	cut     bool // nothing passes in either direction
	swallow bool // the next answer is not passed, and its connection is closed
	eaten   int  // how many answers were swallowed
	conns   map[net.Conn]struct{}
	ended   bool
	wait    sync.WaitGroup
}

func newRelay(t testing.TB, server string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{address: listener.Addr().String(), server: server, conns: map[net.Conn]struct{}{}}
	r.wait.Add(1)
	go func() {
		defer r.wait.Done()
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			r.connect(client)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		r.mu.Lock()
		r.ended = true
		for conn := range r.conns {
			conn.Close()
		}
		r.mu.Unlock()
		r.wait.Wait()
	})
	return r
}

func (r *relay) connect(client net.Conn) {
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		client.Close()
		return
	}
	if !r.add(client, server) {
		return
	}
	r.wait.Add(2)
	go r.pass(client, server, false)
	go r.pass(server, client, true)
}

func (r *relay) add(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range conns {
		r.conns[conn] = struct{}{}
		if r.ended {
			conn.Close()
		}
	}
	return !r.ended
}

func (r *relay) pass(from, to net.Conn, answers bool) {
	defer r.wait.Done()
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		r.mu.Lock()
		cut, swallow := r.cut, r.swallow && answers
		if swallow {
			r.swallow = false
			r.eaten++
		}
		r.mu.Unlock()
		switch {
		case swallow:
			return
		case cut: // as if the packet were lost
		default:
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}

// setCut makes the relay lose everything, also what new connections say, or heals it.
// Connections stay open.
func (r *relay) setCut(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = cut
}

// swallowNext makes the relay lose the next answer of the server, with the connection.
func (r *relay) swallowNext() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.swallow = true
}

func (r *relay) swallowed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.eaten
}
