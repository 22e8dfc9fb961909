package conformance

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A relay stands between a node and the server. While it is cut nothing gets through in
// either direction, and nobody is told: what was sent in the meantime arrives when it is
// healed, as after a real partition. While it refuses there is nobody, as when the server
// is restarted.
type relay struct {
	target string
	at     string
	delay  atomic.Int64 // how much longer the server's answers take
	wg     sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	open     chan struct{} // closed while the relay is not cut
	closed   chan struct{}
	conns    map[net.Conn]bool
}

func newRelay(target string) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{target: target, at: listener.Addr().String(), listener: listener, open: make(chan struct{}),
		closed: make(chan struct{}), conns: make(map[net.Conn]bool)}
	close(r.open)
	r.wg.Add(1)
	go r.accept(listener)
	return r, nil
}

func (r *relay) addr() string { return r.at }

// refuse closes all connections and takes no more until listen.
func (r *relay) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listener.Close()
	for conn := range r.conns {
		conn.Close()
	}
}

func (r *relay) listen() error {
	listener, err := net.Listen("tcp", r.at)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listener = listener
	r.wg.Add(1)
	go r.accept(listener)
	return nil
}

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

func (r *relay) accept(listener net.Listener) {
	defer r.wg.Done()
	for {
		conn, err := listener.Accept()
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
		r.copy(client, r.later(server))
	}()
	r.copy(server, client)
	<-back
}

// later is what comes from the server, each piece after the delay.
func (r *relay) later(server net.Conn) source {
	delay := time.Duration(r.delay.Load())
	if delay == 0 {
		return server
	}
	d := &delayed{Conn: server, pieces: make(chan piece, 4096)}
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		d.fill(delay, r.closed)
	}()
	return d
}

type source interface {
	Read([]byte) (int, error)
	Close() error
}

// A delayed connection is read by a goroutine of its own, so that what comes close
// together is handed on close together.
type delayed struct {
	net.Conn
	pieces chan piece
}

type piece struct {
	data []byte
	err  error
	due  time.Time
}

func (d *delayed) fill(delay time.Duration, closed <-chan struct{}) {
	defer close(d.pieces)
	for {
		data := make([]byte, 16<<10)
		n, err := d.Conn.Read(data)
		select {
		case d.pieces <- piece{data[:n], err, time.Now().Add(delay)}:
		case <-closed:
			return
		}
		if err != nil {
			return
		}
	}
}

func (d *delayed) Read(into []byte) (int, error) {
	p, ok := <-d.pieces
	if !ok {
		return 0, net.ErrClosed
	}
	time.Sleep(time.Until(p.due))
	return copy(into, p.data), p.err
}

// copy hands on what it reads until either side is closed, and then closes both: also
// that a side has hung up is not told while the relay is cut.
func (r *relay) copy(to net.Conn, from source) {
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
	r.listener.Close()
	r.mu.Unlock()
	r.wg.Wait()
}
