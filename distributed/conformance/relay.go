package conformance

import (
	"net"
	"sync"
)

// A relay stands between a node and the server. While it is cut nothing gets through in
// either direction, and nobody is told: what was sent in the meantime arrives when it is
// healed, as after a real partition.
type relay struct {
	target   string
	listener net.Listener
	wg       sync.WaitGroup

	mu     sync.Mutex
	open   chan struct{} // closed while the relay is not cut
	closed chan struct{}
	conns  map[net.Conn]bool
}

func newRelay(target string) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{target: target, listener: listener, open: make(chan struct{}), closed: make(chan struct{}),
		conns: make(map[net.Conn]bool)}
	close(r.open)
	r.wg.Add(1)
	go r.accept()
	return r, nil
}

func (r *relay) addr() string { return r.listener.Addr().String() }

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = make(chan struct{})
}

func (r *relay) heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.open)
}

// pass returns when the relay is not cut, and false when it is closed.
func (r *relay) pass() bool {
	r.mu.Lock()
	open := r.open
	r.mu.Unlock()
	select {
	case <-r.closed:
		return false
	case <-open:
		return true
	}
}

func (r *relay) accept() {
	defer r.wg.Done()
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		if r.keep(conn) {
			r.wg.Add(1)
			go r.serve(conn)
		}
	}
}

// keep notes a connection that close is to close.
func (r *relay) keep(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.closed:
		conn.Close()
		return false
	default:
		r.conns[conn] = true
		return true
	}
}

func (r *relay) serve(client net.Conn) {
	defer r.wg.Done()
	defer r.drop(client)
	if !r.pass() {
		return
	}
	server, err := net.Dial("tcp", r.target)
	if err != nil || !r.keep(server) {
		return
	}
	defer r.drop(server)
	back := make(chan struct{})
	go func() {
		defer close(back)
		r.copy(client, server)
	}()
	r.copy(server, client)
	<-back
}

// copy hands on what it reads until either side is closed, and then closes both: also
// that a side has hung up is not told while the relay is cut.
func (r *relay) copy(to, from net.Conn) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if !r.pass() {
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	to.Close()
	from.Close()
}

func (r *relay) drop(conn net.Conn) {
	conn.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, conn)
}

func (r *relay) close() {
	r.mu.Lock()
	close(r.closed)
	for conn := range r.conns {
		conn.Close()
	}
	r.mu.Unlock()
	r.listener.Close()
	r.wg.Wait()
}
