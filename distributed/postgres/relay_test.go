package postgres

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// A relay carries connections to the server. When it is cut nothing comes through any
// more and nothing fails: requests hang, as they do when a network is parted.
type relay struct {
	to       string
	listener net.Listener
	all      sync.WaitGroup

	mu    sync.Mutex
	open  map[net.Conn]bool
	whole chan struct{} // closed unless it is cut

	slow atomic.Int64 // how long the server's answers take longer
}

// throughRelay returns a pool whose connections go through a relay of their own.
func throughRelay(t *testing.T) (*pgxpool.Pool, *relay) {
	t.Helper()
	c, err := pgxpool.ParseConfig(dsn(t, "GOCRON_TEST_POSTGRES"))
	require.NoError(t, err)
	r := newRelay(t, net.JoinHostPort(c.ConnConfig.Host, strconv.Itoa(int(c.ConnConfig.Port))))
	address := r.listener.Addr().(*net.TCPAddr)
	c.ConnConfig.Host, c.ConnConfig.Port = address.IP.String(), uint16(address.Port)
	c.ConnConfig.Fallbacks = nil
	p, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() {
		r.heal()
		p.Close()
	})
	return p, r
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{to: to, listener: listener, open: map[net.Conn]bool{}, whole: make(chan struct{})}
	close(r.whole)
	r.all.Go(r.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		r.heal()
		r.all.Wait()
	})
	return r
}

func (r *relay) accept() {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		r.mu.Lock()
		r.open[from], r.open[to] = true, true
		r.mu.Unlock()
		r.all.Go(func() { r.carry(from, to, nil) })
		r.all.Go(func() { r.carry(to, from, &r.slow) })
	}
}

func (r *relay) carry(from, to net.Conn, slow *atomic.Int64) {
	defer func() {
		_, _ = from.Close(), to.Close()
		r.mu.Lock()
		delete(r.open, from)
		delete(r.open, to)
		r.mu.Unlock()
	}()
	buffer := make([]byte, 1<<14)
	for {
		n, err := from.Read(buffer)
		r.mu.Lock()
		whole := r.whole
		r.mu.Unlock()
		<-whole
		if slow != nil {
			time.Sleep(time.Duration(slow.Load()))
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}

// cut stops all that goes through, in both directions.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole = make(chan struct{})
}

// heal closes the connections that were cut, so that what was on its way does not
// arrive, and lets new ones through.
func (r *relay) heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		_ = c.Close()
	}
	if !isOver(r.whole) {
		close(r.whole)
	}
}

// terminate has the server close the pool's connections, as its restart does.
func terminate(t *testing.T, on, of *pgxpool.Pool) {
	t.Helper()
	for _, c := range of.AcquireAllIdle(t.Context()) {
		pid := c.Conn().PgConn().PID()
		c.Release()
		_, err := on.Exec(context.Background(), `SELECT pg_terminate_backend($1)`, int32(pid))
		require.NoError(t, err)
	}
}

// A forgetful pool loses the next answer that the server gives.
type forgetful struct {
	*pgxpool.Pool
	next atomic.Bool
}

func (f *forgetful) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	row := f.Pool.QueryRow(ctx, sql, args...)
	if f.next.CompareAndSwap(true, false) {
		return lost{row}
	}
	return row
}

type lost struct{ pgx.Row }

func (r lost) Scan(into ...any) error {
	_ = r.Row.Scan(into...)
	return io.ErrUnexpectedEOF
}
