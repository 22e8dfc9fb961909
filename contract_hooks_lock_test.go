package gocron

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A countingLocker knows how often its locks were obtained and released, and
// in what state the contexts were.
type countingLocker struct {
	t                 *testing.T
	keys              []string
	obtained, release int
	unlocking         func(ctx context.Context)
}

func (c *countingLocker) Lock(ctx context.Context, key string) (Lock, error) {
	require.NoError(c.t, ctx.Err())
	c.keys = append(c.keys, key)
	c.obtained++
	return unlockFunc(func(ctx context.Context) error {
		c.release++
		require.NoError(c.t, ctx.Err(), "the context is alive")
		deadline, bounded := ctx.Deadline()
		require.True(c.t, bounded, "and bounded")
		require.Greater(c.t, time.Until(deadline), time.Duration(0), "on real time")
		if c.unlocking != nil {
			c.unlocking(ctx)
		}
		return nil
	}), nil
}

func TestHooksLockIsReleasedOnceInEveryEnding(t *testing.T) {
	remove := func(r *rig, j Job) { require.NoError(t, r.s.RemoveJob(j.ID())) }
	for name, tt := range map[string]struct {
		task    func() error
		during  func(r *rig, j Job)
		options []JobOption
	}{
		"ok":        {func() error { return nil }, nil, nil},
		"error":     {func() error { return errHook }, nil, nil},
		"panic":     {func() error { panic(1) }, nil, []JobOption{WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))}},
		"Goexit":    {func() error { runtime.Goexit(); return nil }, nil, nil},
		"refused":   {func() error { return nil }, nil, []JobOption{WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errHook }))}},
		"last run":  {func() error { return nil }, nil, []JobOption{WithLimitedRuns(1)}},
		"stop time": {func() error { return nil }, nil, []JobOption{stopAfter(time.Hour)}},
		"removed":   {func() error { return nil }, remove, nil},
		"replaced": {func() error { return nil }, func(r *rig, j Job) {
			_, err := r.s.Update(j.ID(), DurationJob(1000*time.Hour), NewTask(func() {}))
			require.NoError(t, err)
		}, nil},
		"stopped":  {func() error { return nil }, func(r *rig, j Job) { _ = r.s.StopJobsWithContext(endedContext()) }, nil},
		"shutdown": {func() error { return nil }, func(r *rig, j Job) { _ = r.s.ShutdownWithContext(endedContext()) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			locker := &countingLocker{t: t}
			r := newRig(t, WithDistributedLocker(locker))
			j := r.job(DurationJob(time.Hour), func(context.Context) error {
				if tt.during != nil {
					r.hold()
				}
				return tt.task()
			}, append(tt.options, WithName("the name"))...)
			r.start()
			r.advance(time.Hour)
			if tt.during != nil {
				require.Zero(t, locker.release)
				tt.during(r, j)
				r.letGo(1)
			}
			require.Equal(t, 1, locker.obtained)
			require.Equal(t, 1, locker.release)
			require.Equal(t, []string{"the name"}, locker.keys)
		})
	}
}

// The run becomes stale while it waits for the lock.
func TestHooksLockObtainedTooLateIsReleased(t *testing.T) {
	for name, end := range map[string]func(r *rig, j Job){
		"removed":  func(r *rig, j Job) { require.NoError(t, r.s.RemoveJob(j.ID())) },
		"stopped":  func(r *rig, j Job) { _ = r.s.StopJobsWithContext(endedContext()) },
		"shutdown": func(r *rig, j Job) { _ = r.s.ShutdownWithContext(endedContext()) },
	} {
		t.Run(name, func(t *testing.T) {
			h := &hookRecorder{t: t}
			r := newRig(t, WithDistributedLocker(h))
			h.during = func(call string) {
				if call == "Lock j" {
					r.hold()
				}
			}
			j := h.hourlyJob(r, func() { h.note("task") })
			r.start()
			r.advance(time.Hour)
			end(r, j)
			r.letGo(1)
			h.expect("Lock j, Unlock <nil>")
		})
	}
}

func TestHooksUnlockComesBeforeAStopReturns(t *testing.T) {
	h := &hookRecorder{t: t}
	r := newRig(t, WithDistributedLocker(h))
	h.hourlyJob(r, func(ctx context.Context) { h.note("task"); <-ctx.Done() })
	r.start()
	r.advance(time.Hour)
	require.NoError(t, r.s.StopJobs())
	h.expect("Lock j, Before j, BeforeSkip j, task, After j, Unlock <nil>")
}

func TestHooksJobLockerStandsInForTheSchedulers(t *testing.T) {
	scheduler, own := &hookRecorder{t: t}, &hookRecorder{t: t}
	r := newRig(t, WithDistributedLocker(scheduler))
	r.job(DurationJob(time.Hour), func() {}, WithName("own"), WithDistributedJobLocker(own))
	r.job(DurationJob(time.Hour), func() {}, WithName("none"), WithDisabledDistributedJobLocker(true))
	r.job(DurationJob(time.Hour), func() {}, WithName("none"), WithDistributedJobLocker(own), WithDisabledDistributedJobLocker(true))
	r.job(DurationJob(time.Hour), func() {}, WithName("all"))
	r.start()
	r.advance(time.Hour)
	own.expect("Lock own, Unlock <nil>")
	scheduler.expect("Lock all, Unlock <nil>")
}

func TestHooksElectorIsAskedInPlaceOfAJobsLocker(t *testing.T) {
	h := &hookRecorder{t: t}
	r := newRig(t, WithDistributedElector(h))
	_, log := r.logged(DurationJob(time.Hour), WithDistributedJobLocker(h))
	r.start()
	r.advance(time.Hour)
	h.expect("IsLeader")
	require.Equal(t, 1, log.len())
}

func TestHooksElectorAndLockerGetTheJobsContext(t *testing.T) {
	type key struct{}
	own := context.WithValue(context.Background(), key{}, "own")
	var seen []any
	elector := electorFunc(func(ctx context.Context) error { seen = append(seen, ctx.Value(key{}), ctx.Err()); return nil })
	r := newRig(t, WithDistributedElector(elector))
	r.job(DurationJob(time.Hour), func() {}, WithContext(own))
	r.start()
	r.advance(time.Hour)
	require.Equal(t, []any{"own", nil}, seen)
}

func TestHooksUnlockErrorIsLoggedAndHarmsNothing(t *testing.T) {
	locker := lockFunc(func(context.Context, string) (Lock, error) {
		return unlockFunc(func(context.Context) error { return errHook }), nil
	})
	r := newRig(t, WithDistributedLocker(locker))
	j, log := r.logged(DurationJob(time.Hour))
	r.start()
	r.walk(2 * time.Hour)
	require.Equal(t, 2, log.len())
	require.Equal(t, rigNow.Add(3*time.Hour), nextOf(t, j))
}

// foreignLock is a lock of another package's own type.
type foreignLock struct{ released *int }

func (f *foreignLock) Unlock(context.Context) error { *f.released++; return nil }

func TestHooksLockerFromTakesAnyLockType(t *testing.T) {
	released := 0
	var fail error
	locker := LockerFrom(func(_ context.Context, key string) (*foreignLock, error) {
		require.Equal(t, "j", key)
		if fail != nil {
			return nil, fail
		}
		return &foreignLock{&released}, nil
	})
	r := newRig(t, WithDistributedLocker(locker))
	_, log := r.logged(DurationJob(time.Hour), WithName("j"))
	r.start()
	r.advance(time.Hour)
	require.Equal(t, 1, released)
	fail = errHook
	r.advance(time.Hour)
	require.Equal(t, 1, released, "a lock that was not obtained is not released")
	require.Equal(t, 1, log.len())

	lock, err := locker.Lock(context.Background(), "j")
	require.True(t, lock == nil, "no typed nil")
	require.Equal(t, errHook, err)
	_, err = NewScheduler(WithDistributedLocker(LockerFrom[*foreignLock](nil)))
	require.Equal(t, ErrWithDistributedLockerNil, err)
}

func TestHooksLockerWithoutALock(t *testing.T) {
	for name, lock := range map[string]Lock{"nil": nil} {
		r := newRig(t, WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) { return lock, nil })))
		_, log := r.logged(DurationJob(time.Hour))
		r.start()
		r.advance(time.Hour)
		require.Equal(t, 1, log.len(), name)
	}
}
