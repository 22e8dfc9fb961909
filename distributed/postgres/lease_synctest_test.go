package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const testTTL = 30 * time.Second

var errUnreachable = errors.New("unreachable")

// since returns what tells how much time has passed since now.
func since() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

func quiet(error) {}

func TestLeaseIsRenewedEveryThird(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		clock := since()
		l := keepLease(time.Now(), testTTL, func(context.Context) error {
			at = append(at, clock())
			return nil
		}, quiet)
		time.Sleep(3*testTTL + time.Second)
		require.True(t, l.held())
		l.end()
		require.Len(t, at, 9)
		for i, d := range at {
			require.Equal(t, time.Duration(i+1)*testTTL/3, d)
		}
		require.False(t, l.held())
		require.True(t, isOver(l.over))
		time.Sleep(testTTL)
		require.Len(t, at, 9, "renewed after its end")
	})
}

func TestLeaseEndsWhenItCannotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		var tries, told int
		l := keepLease(time.Now(), testTTL, func(context.Context) error {
			if tries++; tries == 1 {
				return nil
			}
			return errUnreachable
		}, func(err error) {
			require.ErrorIs(t, err, errUnreachable)
			told++
		})
		<-l.over
		require.Equal(t, testTTL/3+testTTL, clock(), "the last success was sent at a third")
		require.False(t, l.held())
		<-l.kept
		require.Equal(t, tries-1, told)
		require.Greater(t, tries, 3, "a failure is followed by another try")
	})
}

// TestLeaseEndsThoughRenewalHangs has a request that never comes back by itself.
func TestLeaseEndsThoughRenewalHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		l := keepLease(time.Now(), testTTL, func(ctx context.Context) error {
			sent := since()
			<-ctx.Done()
			require.LessOrEqual(t, sent(), testTTL/3)
			return ctx.Err()
		}, quiet)
		<-l.over
		require.Equal(t, testTTL, clock())
		<-l.kept
	})
}

// TestLeaseEndsThoughRenewalIsDeaf has a request that does not heed its context and
// comes back with success when the lease has ended: it stays so.
func TestLeaseEndsThoughRenewalIsDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		l := keepLease(time.Now(), testTTL, func(context.Context) error {
			time.Sleep(2 * testTTL)
			return nil
		}, quiet)
		<-l.over
		require.Equal(t, testTTL, clock())
		<-l.kept
		require.False(t, l.held())
	})
}

func TestLeaseEndsAtOnceWhenGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		var told error
		l := keepLease(time.Now(), testTTL, func(context.Context) error { return errGone }, func(err error) { told = err })
		<-l.over
		<-l.kept
		require.Equal(t, testTTL/3, clock())
		require.ErrorIs(t, told, errGone)
		require.False(t, l.held())
	})
}

// TestLeaseCountsFromTheRequest has answers that take long: the time of a lease runs
// from when the request was sent.
func TestLeaseCountsFromTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, clock := time.Now(), since()
		time.Sleep(testTTL / 2)
		tries := 0
		l := keepLease(asked, testTTL, func(ctx context.Context) error {
			if tries++; tries == 1 {
				time.Sleep(testTTL / 4)
				return nil
			}
			return errUnreachable
		}, quiet)
		<-l.over
		require.Equal(t, testTTL/2+testTTL, clock(), "renewed at once, as a third has passed")
		<-l.kept
	})
}

// TestLeaseThatComesTooLate has an answer that took as long as the lease lives.
func TestLeaseThatComesTooLate(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			asked := time.Now()
			time.Sleep(testTTL)
			l := keepLease(asked, testTTL, func(context.Context) error { return nil }, quiet)
			require.False(t, l.held())
			<-l.over
			<-l.kept
		})
	}
}

// TestLeaseIsReadyForItsNextRenewal has a slow first answer, later than two thirds: it
// is renewed before it ends.
func TestLeaseIsReadyForItsNextRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := time.Now()
		time.Sleep(testTTL * 3 / 4)
		l := keepLease(asked, testTTL, func(context.Context) error { return nil }, quiet)
		time.Sleep(5 * testTTL)
		require.True(t, l.held())
		l.end()
	})
}

func TestLeaseEndsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var renewing atomic.Bool
		l := keepLease(time.Now(), testTTL, func(ctx context.Context) error {
			renewing.Store(true)
			defer renewing.Store(false)
			<-ctx.Done()
			return ctx.Err()
		}, func(err error) { t.Errorf("told of %v", err) })
		time.Sleep(testTTL/3 + 1)
		require.True(t, renewing.Load())
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				l.end()
				if renewing.Load() {
					t.Error("end returned while it is renewed")
				}
			})
		}
		all.Wait()
		require.True(t, isOver(l.over))
	})
}
