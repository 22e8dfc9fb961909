package redis

import (
	"container/heap"
	"context"
	"errors"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// mostPerBatch bounds how much one request asks for, so that it is soon answered, and
	// so that no node gets everything.
	mostPerBatch = 1000
	// A batch that is not answered is sent again after a pause, which grows from the first
	// to the last.
	firstPause, lastPause = 10 * time.Millisecond, 250 * time.Millisecond
	// restPerClaim is how long a node that has got many lets the others ask, for each. It
	// has work to do, and they may only be about to begin. After so many claims of which
	// none was refused there are no others.
	restPerClaim = 25 * time.Microsecond
	unrivalled   = 20_000
	// passedOver is for how many batches one that came later may be asked first.
	passedOver = 32
)

// errNoTurn is the answer to who has waited for as long as it may and was not asked for.
var errNoTurn = errors.New("its turn has not come in time")

// A batcher asks the engine for many things in one request. One request is under way at a
// time. What is asked in the meantime waits, and goes with the next; what is asked alone
// goes at once.
//
// The engine has the time limit to answer a batch, from when it was first sent, and the
// batch is sent again until then. Who waits for a turn has no time limit but its own.
type batcher[A comparable, R any] struct {
	// open is called for each batch and returns what sends it, once or several times. It
	// may wait for a connection that others of this process use: the time limit begins
	// when it has returned.
	open func(context.Context) sender[A, R]
	// passing reports whether another try may have an answer in the place of that error.
	passing func(error) bool
	within  time.Duration
	gather  time.Duration // how long the first waits for others
	most    int           // in one batch
	rest    time.Duration // after a batch, for each that was granted
	seed    maphash.Seed

	mu      sync.Mutex
	busy    bool // whether a goroutine serves those that wait
	waiting asks[A, R]
	sent    int // batches, up to now
	granted int // since something was refused
	silent  int // batches in a row to which no answer came
}

// A sender sends one batch and returns an answer for each of the asks.
type sender[A comparable, R any] func(ctx context.Context, asks []A) []answer[R]

type answer[R any] struct {
	value R
	err   error
}

// An ask is what one caller waits for.
type ask[A comparable, R any] struct {
	what     A
	answered chan answer[R]
	came     int    // how many batches had been sent
	rank     uint64 // another one on each node
	at       int    // where it is among those that wait, less than 0 if it is not
	with     *sending
}

// A sending is a batch that is under way for as long as somebody waits for it.
type sending struct {
	callers int
	cancel  context.CancelFunc
}

func newBatcher[A comparable, R any](within time.Duration, passing func(error) bool, open func(context.Context) sender[A, R]) *batcher[A, R] {
	return &batcher[A, R]{open: open, passing: passing, within: within, most: mostPerBatch, seed: maphash.MakeSeed()}
}

// ask returns the answer to what is asked, or the error of ctx when that ends, or
// errNoTurn when the caller has waited atMost; 0 is no limit. The engine may have been
// asked all the same.
func (b *batcher[A, R]) ask(ctx context.Context, what A, atMost time.Duration) (R, error) {
	var none R
	if err := ctx.Err(); err != nil {
		return none, err
	}
	w := &ask[A, R]{what: what, answered: make(chan answer[R], 1), rank: maphash.Comparable(b.seed, what)}
	b.add(w)
	var late <-chan time.Time
	if atMost > 0 {
		timer := time.NewTimer(atMost)
		defer timer.Stop()
		late = timer.C
	}
	err := errNoTurn
	select {
	case got := <-w.answered:
		return got.value, got.err
	case <-ctx.Done():
		err = ctx.Err()
	case <-late:
	}
	b.leave(w)
	select {
	case got := <-w.answered: // it came at the same time, and is not to be lost
		return got.value, got.err
	default:
		return none, err
	}
}

func (b *batcher[A, R]) add(w *ask[A, R]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.came = b.sent
	heap.Push(&b.waiting, w)
	if !b.busy {
		b.busy = true
		go b.serve()
	}
}

// leave takes back what nobody waits for any more.
func (b *batcher[A, R]) leave(w *ask[A, R]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.at >= 0 {
		heap.Remove(&b.waiting, w.at)
	} else if w.with != nil {
		if w.with.callers--; w.with.callers == 0 {
			w.with.cancel()
		}
	}
}

// serve sends batch after batch until nobody waits.
func (b *batcher[A, R]) serve() {
	if b.gather > 0 {
		time.Sleep(b.gather)
	}
	for {
		ctx, cancel := context.WithCancel(context.Background())
		asks := b.next(cancel)
		if asks == nil {
			cancel()
			return
		}
		granted := b.send(ctx, asks)
		cancel()
		if b.isToRest(granted) {
			time.Sleep(time.Duration(granted) * b.rest)
		}
	}
}

// isToRest reports whether to let others ask, after so many were granted here.
func (b *batcher[A, R]) isToRest(granted int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return granted > mostPerBatch/10 && len(b.waiting) > 0 && b.granted < unrivalled
}

// next takes the next batch from those that wait, or ends the service. What is asked for
// twice is in two batches, so that one of the two finds it taken.
func (b *batcher[A, R]) next(cancel context.CancelFunc) []*ask[A, R] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		b.busy = false
		return nil
	}
	b.sent++
	group := &sending{cancel: cancel}
	within := make(map[A]bool)
	var chosen, twice []*ask[A, R]
	for len(b.waiting) > 0 && len(chosen) < b.most {
		w := heap.Pop(&b.waiting).(*ask[A, R])
		if within[w.what] {
			twice = append(twice, w)
			continue
		}
		within[w.what] = true
		w.with = group
		chosen = append(chosen, w)
	}
	group.callers = len(chosen)
	for _, w := range twice {
		heap.Push(&b.waiting, w)
	}
	return chosen
}

// send sends a batch until all of it is answered, its time is over, or all callers have
// left. It returns how many were granted what they asked for.
func (b *batcher[A, R]) send(wanted context.Context, asks []*ask[A, R]) (granted int) {
	send := b.open(wanted)
	ctx, cancel := context.WithTimeout(wanted, b.within)
	defer cancel()
	last := noAnswer(b.within)
	for try := 0; ; try++ {
		answers := send(ctx, whatOf(asks))
		got := 0
		for _, a := range answers {
			if a.err == nil {
				got++
			}
		}
		granted += got
		open, err := b.tell(asks, answers)
		if len(open) < len(asks) {
			b.heard(got, len(asks)-len(open)-got)
		}
		if len(open) == 0 || wanted.Err() != nil {
			return granted
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			last = err
		}
		if asks = open; !pause(ctx, try) {
			break
		}
	}
	for _, w := range asks {
		w.answered <- answer[R]{err: unanswered{b.within, last}}
	}
	if wanted.Err() == nil {
		b.unheard()
	}
	return granted
}

// tell gives the callers their answers. It returns those to which none came, and why.
func (b *batcher[A, R]) tell(asks []*ask[A, R], answers []answer[R]) (open []*ask[A, R], why error) {
	for i, w := range asks {
		err := answers[i].err
		if err != nil && (b.passing(err) || errors.Is(err, context.DeadlineExceeded)) {
			open, why = append(open, w), err
			continue
		}
		w.answered <- answers[i]
	}
	return open, why
}

// heard notes what the engine has answered.
func (b *batcher[A, R]) heard(granted, refused int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.silent = 0
	if b.granted = min(b.granted+granted, unrivalled); refused > 0 {
		b.granted = 0
	}
}

// unheard notes that the time of a batch has passed without an answer. Who has not been
// asked for is not told of that. Only when the engine is silent for a second time,
// who has waited all that time is told the same: else they would be ever more, for as
// long as the engine is down.
func (b *batcher[A, R]) unheard() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent++; b.silent < 2 {
		return
	}
	var later asks[A, R]
	for _, w := range b.waiting {
		if w.came < b.sent {
			w.at = -1
			w.answered <- answer[R]{err: noAnswer(2 * b.within)}
			continue
		}
		w.at = len(later)
		later = append(later, w)
	}
	b.waiting = later
	heap.Init(&b.waiting)
}

func whatOf[A comparable, R any](asks []*ask[A, R]) []A {
	what := make([]A, len(asks))
	for i, w := range asks {
		what[i] = w.what
	}
	return what
}

// pause waits before another try, and reports false if ctx ends first. What is left to
// chance keeps nodes from asking in step.
func pause(ctx context.Context, try int) bool {
	d := lastPause
	if try < 10 {
		d = min(firstPause<<try, lastPause)
	}
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// unanswered is the error of what the engine was asked for in vain until its time was
// over. Last is what the last try failed with.
type unanswered struct {
	within time.Duration
	last   error
}

func (u unanswered) Error() string { return u.text(u.last.Error()) }

// text has the last error in words that may be shown.
func (u unanswered) text(last string) string {
	limit := noAnswer(u.within).Error()
	if last == limit {
		return limit
	}
	return limit + ": " + last
}

func (u unanswered) Unwrap() []error { return []error{context.DeadlineExceeded, u.last} }

// asks is a heap: first who has waited for long, then in an order that is another one on
// each node, so that nodes that ask for the same things get a share each.
type asks[A comparable, R any] []*ask[A, R]

func (q asks[A, R]) Len() int { return len(q) }

func (q asks[A, R]) Less(i, j int) bool {
	a, b := q[i].came/passedOver, q[j].came/passedOver
	return a < b || a == b && q[i].rank < q[j].rank
}

func (q asks[A, R]) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}

func (q *asks[A, R]) Push(x any) {
	w := x.(*ask[A, R])
	w.at = len(*q)
	*q = append(*q, w)
}

func (q *asks[A, R]) Pop() any {
	old := *q
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	w.at = -1
	return w
}
