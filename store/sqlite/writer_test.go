package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// A slowWriter is a writer whose transactions the test lets end, one by one.
type slowWriter struct {
	writer
	begun chan []*request
	end   chan struct{}
}

func newSlowWriter() *slowWriter {
	w := &slowWriter{begun: make(chan []*request), end: make(chan struct{})}
	w.write = func(batch []*request) {
		w.begun <- batch
		<-w.end
	}
	return w
}

// goSubmit submits a request from a goroutine of its own.
func (w *slowWriter) goSubmit(ctx context.Context, r *request) <-chan error {
	answer := make(chan error, 1)
	go func() { answer <- w.submit(ctx, r) }()
	return answer
}

// queued waits until n requests are in the queue.
func (w *slowWriter) queued(n int) {
	for {
		w.mu.Lock()
		now := len(w.queue)
		w.mu.Unlock()
		if now == n {
			return
		}
		runtime.Gosched()
	}
}

// TestWhoComesFirstWritesForAll has what comes during a transaction share the next one.
func TestWhoComesFirstWritesForAll(t *testing.T) {
	w := newSlowWriter()
	first := &request{rows: 1}
	answers := []<-chan error{w.goSubmit(ctx(t), first)}
	if batch := <-w.begun; len(batch) != 1 || batch[0] != first {
		t.Fatalf("the first transaction has %d requests", len(batch))
	}
	for n := range 5 {
		answers = append(answers, w.goSubmit(ctx(t), &request{rows: 1}))
		w.queued(n + 1)
	}
	answers = append(answers, w.goSubmit(ctx(t), &request{rows: mostTogether}))
	w.queued(6)
	w.end <- struct{}{}
	if batch := <-w.begun; len(batch) != 5 {
		t.Errorf("the second transaction has %d requests, not 5", len(batch))
	}
	if err := <-answers[0]; err != nil {
		t.Error(err)
	}
	w.end <- struct{}{}
	if batch := <-w.begun; len(batch) != 1 {
		t.Errorf("the third transaction has %d requests, not the big one", len(batch))
	}
	w.end <- struct{}{}
	for _, answer := range answers[1:] {
		if err := <-answer; err != nil {
			t.Error(err)
		}
	}
	if w.busy || len(w.queue) > 0 {
		t.Error("the writer is not idle")
	}
}

// TestUrgentGoesFirst has urgent requests go before others, which are not passed for ever and stay in
// their order.
func TestUrgentGoesFirst(t *testing.T) {
	w := newSlowWriter()
	answers := []<-chan error{w.goSubmit(ctx(t), &request{})}
	<-w.begun
	slow := []*request{{rows: 2}, {rows: 3}}
	for i, r := range slow {
		answers = append(answers, w.goSubmit(ctx(t), r))
		w.queued(i + 1)
	}
	for n := range mostPassed {
		answers = append(answers, w.goSubmit(ctx(t), &request{urgent: true}))
		w.queued(3)
		answers = append(answers, w.goSubmit(ctx(t), &request{urgent: true}))
		w.queued(4)
		w.end <- struct{}{}
		if batch := <-w.begun; len(batch) != 2 || !batch[0].urgent || !batch[1].urgent {
			t.Fatalf("transaction %d has %d requests, the first %+v", n, len(batch), batch[0])
		}
	}
	answers = append(answers, w.goSubmit(ctx(t), &request{urgent: true}))
	w.queued(3)
	w.end <- struct{}{}
	if batch := <-w.begun; len(batch) != 2 || batch[0] != slow[0] || batch[1] != slow[1] {
		t.Errorf("after %d transactions it is still not the turn of what came first: %d requests, the first %+v", mostPassed, len(batch), batch[0])
	}
	w.end <- struct{}{}
	if batch := <-w.begun; len(batch) != 1 || !batch[0].urgent {
		t.Errorf("the last transaction has %d requests, the first %+v", len(batch), batch[0])
	}
	w.end <- struct{}{}
	for _, answer := range answers {
		if err := <-answer; err != nil {
			t.Error(err)
		}
	}
}

// TestSubmitGivesUp has contexts end: what waits is not written, what is being written has an answer.
func TestSubmitGivesUp(t *testing.T) {
	w := newSlowWriter()
	first, cancelFirst := context.WithCancel(ctx(t))
	waiting, cancelWaiting := context.WithCancel(ctx(t))
	begun := w.goSubmit(first, &request{})
	<-w.begun
	waits := w.goSubmit(waiting, &request{})
	w.queued(1)
	other := w.goSubmit(ctx(t), &request{})
	w.queued(2)
	cancelFirst()
	cancelWaiting()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("what waited: %v", err)
	}
	w.queued(1)
	w.end <- struct{}{}
	if err := <-begun; err != nil {
		t.Errorf("what was being written: %v", err)
	}
	if batch := <-w.begun; len(batch) != 1 {
		t.Errorf("the transaction has %d requests, not 1", len(batch))
	}
	w.end <- struct{}{}
	if err := <-other; err != nil {
		t.Error(err)
	}
	if err := w.submit(first, &request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

// TestGivingUpAtTheLastMoment has contexts end while their requests are told to write. Nobody may be
// left waiting for one that has gone.
func TestGivingUpAtTheLastMoment(t *testing.T) {
	w := &writer{write: func([]*request) { runtime.Gosched() }}
	var all sync.WaitGroup
	for i := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := range 500 {
				within, cancel := context.WithCancel(context.Background())
				if (i+n)%2 == 0 {
					go cancel()
				}
				_ = w.submit(within, &request{rows: 1})
				cancel()
			}
		}()
	}
	all.Wait()
	if w.busy || len(w.queue) > 0 {
		t.Error("the writer is not idle")
	}
}

// TestCloseWaits has Close wait for what came before it.
func TestCloseWaits(t *testing.T) {
	w := newSlowWriter()
	first := w.goSubmit(ctx(t), &request{})
	<-w.begun
	second := w.goSubmit(ctx(t), &request{})
	w.queued(1)
	closed := make(chan struct{})
	go func() {
		w.close()
		close(closed)
	}()
	w.queued(2)
	if err := w.submit(ctx(t), &request{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	w.end <- struct{}{}
	<-w.begun
	select {
	case <-closed:
		t.Error("Close has not waited")
	default:
	}
	w.end <- struct{}{}
	<-closed
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
}

// TestOneBadRow has rows that cannot be written share a transaction with others.
func TestOneBadRow(t *testing.T) {
	s := open(t, tempFile(t))
	say(t, s.conn, "CREATE TRIGGER bad BEFORE INSERT ON live_rows WHEN new.zone = 'bad' BEGIN SELECT RAISE(ABORT, 'a bad zone'); END")
	var requests []*request
	results := make([]bool, 9)
	for i := range results {
		r := occurrence("a", i)
		r.Attempt = 1 + i%2 // a later attempt makes two statements
		if i%3 == 1 {
			r.Zone = "bad"
		}
		requests = append(requests, s.beginRequest(&r, new(int64), &results[i]))
	}
	s.write(requests)
	for i, r := range requests {
		if bad := i%3 == 1; results[i] == bad || (r.err != nil) != bad {
			t.Errorf("request %d: %v, %v", i, results[i], r.err)
		}
	}
	if got := loaded(t, s); len(got) != 6 {
		t.Errorf("there are %d rows, not 6", len(got))
	}
	bad := occurrence("a", 99)
	bad.Zone = "bad"
	good := occurrence("a", 100)
	if _, err := s.Write(ctx(t), []Run{bad, good}, nil); err == nil {
		t.Error("Write of a bad row returns no error")
	}
	if got := loaded(t, s); len(got) != 7 {
		t.Errorf("there are %d rows, not 7", len(got))
	}
}

// TestNamesAfterARollback has a new name's transaction fail: its id is not used afterwards.
func TestNamesAfterARollback(t *testing.T) {
	s := open(t, tempFile(t))
	begin(t, s, occurrence("a", 1))
	other := raw(t, s.path)
	fail := &request{do: func(b *batch) error {
		if _, err := b.names.job(b, "new"); err != nil {
			return err
		}
		b.err = fmt.Errorf("the disk has failed")
		return b.err
	}}
	s.write([]*request{fail, {do: func(*batch) error { return nil }}})
	if fail.err == nil {
		t.Fatal("the transaction has not failed")
	}
	say(t, other, "INSERT INTO job_names (name) VALUES ('between')") // takes the id
	begin(t, s, occurrence("new", 1))
	if got := loaded(t, s); got["new-1"].Job != "new" {
		t.Errorf("the row is of the job %q", got["new-1"].Job)
	}
}

// TestBeginEndsTheRetry clears RetryAt of the attempt before with the Begin of the next.
func TestBeginEndsTheRetry(t *testing.T) {
	s := open(t, tempFile(t))
	first := ended(occurrence("a", 1))
	first.RetryAt = noon
	if _, err := s.Write(ctx(t), []Run{first}, []Job{{Job: "a", Version: 1, Mark: first.ScheduledAt}}); err != nil {
		t.Fatal(err)
	}
	second := occurrence("a", 1)
	second.Attempt = 2
	begin(t, s, second)
	if got := loaded(t, s); len(got) != 1 || got["a-1"].Attempt != 2 {
		t.Errorf("Load hands out %v, want the second attempt alone", got)
	}
}
