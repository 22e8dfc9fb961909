package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const testLimit = 5 * time.Second

var errPassing = errors.New("connection refused")

// An oracle is an engine that answers each ask with twice its number, after a time.
type oracle struct {
	mu      sync.Mutex
	takes   time.Duration
	batches [][]int
	fails   func(batch int, what int) error
}

func (o *oracle) sender(context.Context) sender[int, int] { return o.send }

func (o *oracle) send(ctx context.Context, asks []int) []answer[int] {
	o.mu.Lock()
	n := len(o.batches)
	o.batches = append(o.batches, slices.Clone(asks))
	o.mu.Unlock()
	select {
	case <-time.After(o.takes):
	case <-ctx.Done():
		return allFailed[int](len(asks), ctx.Err())
	}
	answers := make([]answer[int], len(asks))
	for i, what := range asks {
		answers[i].value = 2 * what
		if o.fails != nil {
			answers[i].err = o.fails(n, what)
		}
	}
	return answers
}

func (o *oracle) sizes() (sizes []int) {
	for _, b := range o.batches {
		sizes = append(sizes, len(b))
	}
	return sizes
}

func (o *oracle) batcher() *batcher[int, int] {
	return newBatcher(testLimit, func(err error) bool { return errors.Is(err, errPassing) }, o.sender)
}

// askAll asks for the numbers from 0 to n and returns the errors.
func askAll(ctx context.Context, b *batcher[int, int], n int) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			var got int
			if got, errs[i] = b.ask(ctx, i, 0); errs[i] == nil && got != 2*i {
				errs[i] = fmt.Errorf("%d for %d", got, i)
			}
		})
	}
	all.Wait()
	return errs
}

func requireAll(t *testing.T, errs []error, want error) {
	t.Helper()
	for i, err := range errs {
		require.ErrorIs(t, err, want, "%d", i)
	}
}

func TestSynctestAnAskAloneGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b, clock := o.batcher(), since()
		for range 3 {
			_, err := b.ask(t.Context(), 7, 0)
			require.NoError(t, err)
		}
		require.Equal(t, 3*time.Second, clock())
		require.Equal(t, []int{1, 1, 1}, o.sizes())
	})
}

func TestSynctestWhatIsAskedMeanwhileIsTheNextBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b, clock := o.batcher(), since()
		go func() { _, _ = b.ask(t.Context(), -1, 0) }()
		synctest.Wait()
		requireAll(t, askAll(t.Context(), b, 2500), nil)
		require.Equal(t, []int{1, 1000, 1000, 500}, o.sizes())
		require.Equal(t, 4*time.Second, clock())
		synctest.Wait()
		require.False(t, b.busy)
	})
}

// TestSynctestWaitingIsNotTheEnginesTime has a queue that takes ten times the limit.
func TestSynctestWaitingIsNotTheEnginesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: testLimit - 1}
		requireAll(t, askAll(t.Context(), o.batcher(), 10_000), nil)
	})
}

func TestSynctestNodesAskInOrdersOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other := &oracle{takes: time.Second}, &oracle{takes: time.Second}
		requireAll(t, askAll(t.Context(), one.batcher(), 5000), nil)
		requireAll(t, askAll(t.Context(), other.batcher(), 5000), nil)
		both := 0
		for _, what := range one.batches[1] {
			if slices.Contains(other.batches[1], what) {
				both++
			}
		}
		require.Less(t, both, 400, "of 1000, where chance makes 200")
	})
}

func TestSynctestWhoHasWaitedForLongGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b := o.batcher()
		ctx, stop := context.WithCancel(t.Context())
		for worker := range 3 * mostPerBatch { // three times what a batch has room for
			go func() {
				for i := worker; ctx.Err() == nil; i += 3 * mostPerBatch {
					asked := since()
					_, err := b.ask(ctx, i, 0)
					if err == nil && asked() > 2*passedOver*time.Second {
						t.Error("one waited for", asked())
					}
				}
			}()
		}
		time.Sleep(300 * time.Second)
		stop()
	})
}

func TestSynctestWhatIsAskedForTwiceIsInTwoBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b := o.batcher()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _, _ = b.ask(t.Context(), 7, 0) })
			all.Go(func() { _, _ = b.ask(t.Context(), 8, 0) })
		}
		all.Wait()
		for _, batch := range o.batches {
			slices.Sort(batch)
			require.Equal(t, slices.Compact(slices.Clone(batch)), batch)
		}
	})
}

// TestSynctestARepetition has some of a batch fail in passing: only those are asked again.
func TestSynctestARepetition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Millisecond}
		o.fails = func(batch, what int) error {
			switch {
			case what == 3:
				return errUnreachable // for good
			case what%2 == 0 && batch < 5:
				return errPassing
			}
			return nil
		}
		b := o.batcher()
		b.gather = time.Millisecond
		errs := askAll(t.Context(), b, 10)
		require.Equal(t, errUnreachable, errs[3])
		errs[3] = nil
		requireAll(t, errs, nil)
		require.Equal(t, []int{10, 5, 5, 5, 5, 5}, o.sizes())
	})
}

func TestSynctestABlipLosesNothing(t *testing.T) {
	for _, away := range []time.Duration{100 * time.Millisecond, time.Second, testLimit - lastPause} {
		synctest.Test(t, func(t *testing.T) {
			clock := since()
			o := &oracle{takes: time.Millisecond}
			o.fails = func(int, int) error {
				if clock() < away {
					return errPassing
				}
				return nil
			}
			requireAll(t, askAll(t.Context(), o.batcher(), 3000), nil)
		})
	}
}

func TestSynctestWhenTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		o := &oracle{takes: time.Millisecond, fails: func(int, int) error { return errPassing }}
		b := o.batcher()
		_, err := b.ask(t.Context(), 1, 0)
		require.EqualError(t, err, "no answer within 5s: connection refused")
		require.ErrorIs(t, err, errPassing)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, testLimit, clock())
		o.takes = time.Hour
		_, err = b.ask(t.Context(), 1, 0)
		require.EqualError(t, err, "no answer within 5s")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// TestSynctestWhoWasNotAskedForIsNotDown has one batch hang, and the engine well.
func TestSynctestWhoWasNotAskedForIsNotDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Hour}
		b := o.batcher()
		hung := make(chan error, 1)
		go func() {
			_, err := b.ask(t.Context(), -1, 0)
			hung <- err
		}()
		synctest.Wait()
		o.takes = time.Millisecond
		requireAll(t, askAll(t.Context(), b, 3000), nil)
		require.ErrorIs(t, <-hung, context.DeadlineExceeded)
	})
}

// TestSynctestASilentEngine has many wait: all are told when it was silent twice.
func TestSynctestASilentEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		o := &oracle{takes: time.Hour}
		requireAll(t, askAll(t.Context(), o.batcher(), 20_000), context.DeadlineExceeded)
		require.LessOrEqual(t, clock(), 3*testLimit)
	})
}

func TestSynctestAContextThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b := o.batcher()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := b.ask(ended, 1, 0)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, o.batches, "asked for nobody")

		clock := since()
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		go func() { _, _ = b.ask(t.Context(), 2, 0) }()
		synctest.Wait()
		_, err = b.ask(short, 3, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Millisecond, clock())
		synctest.Wait()
		time.Sleep(2 * time.Second)
		require.Equal(t, [][]int{{2}}, o.batches, "who left before its turn is not asked for")

		short, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		clock = since()
		_, err = b.ask(short, 4, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		require.False(t, b.busy, "nobody waits for the batch, and it goes on")
		require.Equal(t, time.Millisecond, clock())
		require.Zero(t, b.silent, "the engine had no time")
	})
}

func TestSynctestATurnThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b := o.batcher()
		go func() { _, _ = b.ask(t.Context(), 1, 0) }()
		synctest.Wait()
		_, err := b.ask(t.Context(), 2, time.Second/2)
		require.ErrorIs(t, err, errNoTurn)
		_, err = b.ask(t.Context(), 3, 2*time.Second)
		require.NoError(t, err)
	})
}

// TestSynctestOpeningIsNotTheEnginesTime has batches wait for a connection.
func TestSynctestOpeningIsNotTheEnginesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b := newBatcher(testLimit, func(error) bool { return false }, func(context.Context) sender[int, int] {
			time.Sleep(10 * testLimit)
			return o.send
		})
		_, err := b.ask(t.Context(), 1, 0)
		require.NoError(t, err)
	})
}

// TestSynctestWhoHasGotManyRests has others ask in the meantime, though not when nobody
// waits here.
func TestSynctestWhoHasGotManyRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		b, clock := o.batcher(), since()
		b.gather, b.rest = time.Second, time.Millisecond
		o.fails = func(batch, what int) error {
			if what%2 == 0 {
				return errUnreachable // another has it
			}
			return nil
		}
		askAll(t.Context(), b, 2*mostPerBatch)
		rested := clock() - 3*time.Second
		require.InDelta(t, mostPerBatch/2, rested.Milliseconds(), mostPerBatch/10)

		alone := (&oracle{takes: time.Second}).batcher()
		alone.rest = time.Microsecond
		askAll(t.Context(), alone, unrivalled)
		alone.gather, alone.rest = time.Second, time.Hour
		clock = since()
		askAll(t.Context(), alone, 2*mostPerBatch)
		require.Equal(t, 3*time.Second, clock(), "there are no others to rest for")
	})
}
