package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	testTTL  = 30 * time.Second
	testLife = testTTL * 3 / 4
)

var errUnreachable = errors.New("unreachable")

// since returns what tells how much time has passed since now.
func since() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

func quiet(error) {}

func TestSynctestLeaseIsRenewedEveryThird(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		clock := since()
		l := keepLease(time.Now(), time.Now(), testTTL, func(context.Context) error {
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

func TestSynctestLeaseEndsWhenItCannotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		var tries, told int
		l := keepLease(time.Now(), time.Now(), testTTL, func(context.Context) error {
			if tries++; tries == 1 {
				return nil
			}
			return errUnreachable
		}, func(err error) {
			require.ErrorIs(t, err, errUnreachable)
			told++
		})
		<-l.over
		require.Equal(t, testTTL/3+testLife, clock(), "the last success was sent at a third")
		require.False(t, l.held())
		<-l.kept
		require.Equal(t, tries-1, told)
		require.Greater(t, tries, 3, "a failure is followed by another try")
	})
}

// TestSynctestLeaseEndsThoughRenewalHangs has a request that never comes back by itself.
func TestSynctestLeaseEndsThoughRenewalHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock, tries := since(), 0
		l := keepLease(time.Now(), time.Now(), testTTL, func(ctx context.Context) error {
			sent := since()
			<-ctx.Done()
			require.LessOrEqual(t, sent(), testTTL/4)
			tries++
			return ctx.Err()
		}, quiet)
		<-l.over
		require.Equal(t, testLife, clock())
		<-l.kept
		require.GreaterOrEqual(t, tries, 2, "there is time for another try")
	})
}

// TestSynctestLeaseEndsThoughRenewalIsDeaf has a request that does not heed its context and
// comes back with success when the lease has ended: it stays so.
func TestSynctestLeaseEndsThoughRenewalIsDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		l := keepLease(time.Now(), time.Now(), testTTL, func(context.Context) error {
			time.Sleep(2 * testTTL)
			return nil
		}, quiet)
		<-l.over
		require.Equal(t, testLife, clock())
		<-l.kept
		require.False(t, l.held())
	})
}

func TestSynctestLeaseEndsAtOnceWhenGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := since()
		var told error
		l := keepLease(time.Now(), time.Now(), testTTL, func(context.Context) error { return errGone }, func(err error) { told = err })
		<-l.over
		<-l.kept
		require.Equal(t, testTTL/3, clock())
		require.ErrorIs(t, told, errGone)
		require.False(t, l.held())
	})
}

// TestSynctestLeaseCountsFromTheRequest has answers that take long: the time of a lease runs
// from when the request was sent.
func TestSynctestLeaseCountsFromTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, clock := time.Now(), since()
		time.Sleep(testTTL / 2)
		tries := 0
		l := keepLease(asked, asked, testTTL, func(ctx context.Context) error {
			if tries++; tries == 1 {
				time.Sleep(testTTL / 8)
				return nil
			}
			return errUnreachable
		}, quiet)
		<-l.over
		require.Equal(t, testTTL/2+testLife, clock(), "renewed at once, as a third has passed")
		<-l.kept
	})
}

// TestSynctestLeaseThatComesTooLate has an answer that took as long as the lease is the holder's.
func TestSynctestLeaseThatComesTooLate(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			asked := time.Now()
			time.Sleep(testLife)
			l := keepLease(asked, asked, testTTL, func(context.Context) error { return nil }, quiet)
			require.False(t, l.held())
			<-l.over
			<-l.kept
		})
	}
}

// TestSynctestLeaseIsReadyForItsNextRenewal has a slow first answer, at two thirds: it
// is renewed before it ends.
func TestSynctestLeaseIsReadyForItsNextRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := time.Now()
		time.Sleep(testTTL * 2 / 3)
		l := keepLease(asked, asked, testTTL, func(context.Context) error { return nil }, quiet)
		time.Sleep(5 * testTTL)
		require.True(t, l.held())
		l.end()
	})
}

func TestSynctestLeaseEndsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var renewing atomic.Bool
		l := keepLease(time.Now(), time.Now(), testTTL, func(ctx context.Context) error {
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

// TestSynctestLeasesOfOneBeatAreRenewedTogether has them taken at odd times.
func TestSynctestLeasesOfOneBeatAreRenewedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beat, clock := time.Now(), since()
		at := make(map[time.Duration]int)
		var mu sync.Mutex
		renew := func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			at[clock()]++
			return nil
		}
		var leases []*lease
		for range 10 {
			leases = append(leases, keepLease(time.Now(), beat, testTTL, renew, quiet))
			time.Sleep(time.Second / 10)
		}
		time.Sleep(3 * testTTL)
		for _, l := range leases {
			require.True(t, l.held())
			l.end()
		}
		require.Len(t, at, 9)
		for moment, n := range at {
			require.Zero(t, moment%(testTTL/3))
			require.Equal(t, 10, n)
		}
	})
}

// TestSynctestLeaseEndsLongBeforeTheEnginesDoes has an engine with an end of its own for
// the lease, and requests that come late, get lost, or whose answers do. When the engine
// would give the lease to another, its holder has known for a quarter of its time that it
// has it no more.
func TestSynctestLeaseEndsLongBeforeTheEnginesDoes(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }
			var mu sync.Mutex
			ends := time.Now().Add(testTTL)
			renew := func(ctx context.Context) error {
				mu.Lock()
				there, back, lost := upTo(testTTL/6), upTo(testTTL/6), random.IntN(3)
				mu.Unlock()
				if lost == 0 || !sleepIn(ctx, there) {
					<-ctx.Done()
					return ctx.Err()
				}
				mu.Lock()
				late := !time.Now().Before(ends)
				if !late {
					ends = time.Now().Add(testTTL)
				}
				mu.Unlock()
				if lost == 1 || !sleepIn(ctx, back) {
					return errUnreachable
				}
				if late {
					return errGone
				}
				return nil
			}
			l := keepLease(time.Now(), time.Now(), testTTL, renew, quiet)
			<-l.over
			noticed := time.Now()
			<-l.kept
			require.GreaterOrEqual(t, ends.Sub(noticed), testTTL/4, "seed %d", seed)
		})
	}
}

func sleepIn(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
