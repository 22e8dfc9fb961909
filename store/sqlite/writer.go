package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

const (
	// mostTogether bounds how many rows one transaction has that was made of several requests.
	mostTogether = 1000
	// mostPassed bounds how many transactions of urgent requests go before one that came earlier.
	mostPassed = 8
)

// A writer carries out requests, one transaction after another. No goroutine belongs to it: whoever
// comes first writes his own request and all that have come by then, and then lets one of those that
// came later do so. What is asked alone is written at once, by who asks. Tasks wait for urgent
// requests: these go before others, but not for ever.
type writer struct {
	write func([]*request) // carries them out, and sets their errors

	mu     sync.Mutex // protects the following
	queue  []*request // have come, and nobody writes them yet
	busy   bool       // somebody writes, or is told to
	closed bool
}

// A request is a few rows that are to be written in one transaction.
type request struct {
	rows   int                // how many, roughly
	urgent bool               // a task waits for it
	do     func(*batch) error // carries it out, in a transaction
	err    error              // what came of it, readable once turn has answered
	turn   chan bool          // true: write the queue yourself; false: it was done
	passed int                // how many transactions went before it that came later
}

// submit has r carried out, and returns what came of it. If ctx ends before that has begun, it is
// not carried out; afterwards submit waits for the end, which is near.
func (w *writer) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	if !w.busy {
		w.busy = true
		w.mu.Unlock()
		w.lead([]*request{r})
		return r.err
	}
	r.turn = make(chan bool, 1)
	w.queue = append(w.queue, r)
	w.mu.Unlock()

	select {
	case lead := <-r.turn:
		return w.answer(r, lead)
	case <-ctx.Done():
		if w.withdraw(r) {
			return ctx.Err()
		}
		return w.answer(r, <-r.turn)
	}
}

// answer is what came of r, which is written first if that is up to its caller.
func (w *writer) answer(r *request, lead bool) error {
	if lead {
		w.mu.Lock()
		batch := w.take()
		w.mu.Unlock()
		w.lead(batch)
	}
	return r.err
}

// withdraw takes r out of the queue, and reports whether it was there and nobody was told to write.
// The first in the queue may have been told.
func (w *writer) withdraw(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(r.turn) > 0 {
		return false
	}
	for i, other := range w.queue {
		if other == r {
			w.queue = append(w.queue[:i], w.queue[i+1:]...)
			return true
		}
	}
	return false
}

// sort has urgent requests go before the first in the queue, if it is none. It expects the lock.
func (w *writer) sort() {
	first := w.queue[0]
	if first.urgent || first.passed == mostPassed {
		return
	}
	var urgent, others []*request
	for _, r := range w.queue {
		if r.urgent {
			urgent = append(urgent, r)
		} else {
			others = append(others, r)
		}
	}
	if len(urgent) > 0 {
		first.passed++
		w.queue = append(urgent, others...)
	}
}

// take returns the first in the queue, and those after it that fit into one transaction and are as
// urgent. It expects the lock.
func (w *writer) take() []*request {
	rows, n := 0, 0
	for n < len(w.queue) && (n == 0 || rows+w.queue[n].rows <= mostTogether && w.queue[n].urgent == w.queue[0].urgent) {
		rows += w.queue[n].rows
		n++
	}
	batch := append([]*request(nil), w.queue[:n]...)
	w.queue = append(w.queue[:0], w.queue[n:]...)
	return batch
}

// lead writes a batch, whose first request is the caller's own, and has another write what has come
// meanwhile.
func (w *writer) lead(batch []*request) {
	w.write(batch)
	for _, r := range batch[1:] {
		r.turn <- false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) > 0 {
		w.sort()
		w.queue[0].turn <- true
		return
	}
	w.busy = false
}

// close refuses what comes from now on, and waits until all that came before is written.
func (w *writer) close() {
	last := &request{do: func(*batch) error { return nil }, turn: make(chan bool, 1)}
	w.mu.Lock()
	w.closed = true
	if !w.busy {
		w.mu.Unlock()
		return
	}
	w.queue = append(w.queue, last)
	w.mu.Unlock()
	_ = w.answer(last, <-last.turn)
}

// A batch is the transaction that requests are carried out in. Nothing else uses the connection
// meanwhile.
type batch struct {
	conn  *sql.Conn
	names *names
	open  bool  // BEGIN was said
	err   error // which failed all of it
}

// exec carries out one statement. One that spoils the transaction has all of it fail.
func (b *batch) exec(text string, values ...any) (int64, error) {
	if b.err != nil {
		return 0, b.err
	}
	result, err := b.conn.ExecContext(context.Background(), text, values...)
	if err != nil {
		if !spoilsRow(err) {
			b.err = err
		}
		return 0, err
	}
	return result.RowsAffected()
}

// ask asks for one value. If that fails, all of the transaction does.
func (b *batch) ask(text string, answer any, values ...any) error {
	if b.err == nil {
		b.err = b.conn.QueryRowContext(context.Background(), text, values...).Scan(answer)
	}
	return b.err
}

// begin begins a transaction, unless one is open.
func (b *batch) begin() error {
	if b.open {
		return nil
	}
	_, err := b.exec("BEGIN IMMEDIATE")
	b.open = err == nil
	return err
}

// end commits what was begun, or undoes it if it was spoiled.
func (b *batch) end() error {
	if b.open && b.err == nil {
		_, err := b.exec("COMMIT")
		if b.err == nil {
			b.err = err
		}
	}
	if b.err != nil {
		b.names.clear()
		if b.open {
			_, _ = b.conn.ExecContext(context.Background(), "ROLLBACK") // which SQLite may have done itself
		}
	}
	b.open = false
	return b.err
}

// aside carries out do so that all of it is undone if it fails, and nothing else.
func (b *batch) aside(do func() error) error {
	if err := b.begin(); err != nil {
		return err
	}
	if _, err := b.exec("SAVEPOINT row"); err != nil {
		return err
	}
	err := do()
	if err != nil {
		if _, undone := b.exec("ROLLBACK TO row"); undone != nil {
			return undone
		}
		b.names.clear()
	}
	if _, released := b.exec("RELEASE row"); released != nil {
		return released
	}
	return err
}
