package etcd

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A relay passes on what a client and the server send each other, until it is cut: then
// it holds everything back, as a network does that has lost its way, and neither end is
// told. When it is mended what was held back goes on.
type relay struct {
	at       string
	server   string
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	open  chan struct{} // closed while it is not cut
	over  bool
	conns []net.Conn
}

func newRelay(t *testing.T, server string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{at: listener.Addr().String(), server: strings.TrimPrefix(server, "http://"), listener: listener, open: make(chan struct{})}
	close(r.open)
	r.wg.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, client, server)
		over := r.over
		r.mu.Unlock()
		if over {
			_, _ = client.Close(), server.Close()
			return
		}
		r.wg.Go(func() { r.pass(client, server) })
		r.wg.Go(func() { r.pass(server, client) })
	}
}

func (r *relay) pass(to io.WriteCloser, from io.ReadCloser) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		r.mu.Lock()
		open := r.open
		r.mu.Unlock()
		<-open
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = make(chan struct{})
}

func (r *relay) mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !isClosed(r.open) {
		close(r.open)
	}
}

func (r *relay) close() {
	_ = r.listener.Close()
	r.mend()
	r.mu.Lock()
	r.over = true
	for _, conn := range r.conns {
		_ = conn.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}
