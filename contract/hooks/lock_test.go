package hooks_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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

func (c *countingLocker) Lock(ctx context.Context, key string) (gocron.Lock, error) {
	require.NoError(c.t, ctx.Err())
	c.keys = append(c.keys, key)
	c.obtained++
	return rig.UnlockFunc(func(ctx context.Context) error {
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
	remove := func(r *rig.Rig, j gocron.Job) { require.NoError(t, r.Scheduler.RemoveJob(j.ID())) }
	for name, tt := range map[string]struct {
		task    func() error
		during  func(r *rig.Rig, j gocron.Job)
		options []gocron.JobOption
	}{
		"ok":        {func() error { return nil }, nil, nil},
		"error":     {func() error { return rig.ErrHook }, nil, nil},
		"panic":     {func() error { panic(1) }, nil, []gocron.JobOption{gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))}},
		"Goexit":    {func() error { runtime.Goexit(); return nil }, nil, nil},
		"refused":   {func() error { return nil }, nil, []gocron.JobOption{gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrHook }))}},
		"last run":  {func() error { return nil }, nil, []gocron.JobOption{gocron.WithLimitedRuns(1)}},
		"stop time": {func() error { return nil }, nil, []gocron.JobOption{rig.StopAfter(time.Hour)}},
		"removed":   {func() error { return nil }, remove, nil},
		"replaced": {func() error { return nil }, func(r *rig.Rig, j gocron.Job) {
			_, err := r.Scheduler.Update(j.ID(), gocron.DurationJob(1000*time.Hour), gocron.NewTask(func() {}))
			require.NoError(t, err)
		}, nil},
		"stopped":  {func() error { return nil }, func(r *rig.Rig, j gocron.Job) { _ = r.Scheduler.StopJobsWithContext(rig.EndedContext()) }, nil},
		"shutdown": {func() error { return nil }, func(r *rig.Rig, j gocron.Job) { _ = r.Scheduler.ShutdownWithContext(rig.EndedContext()) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			locker := &countingLocker{t: t}
			r := rig.New(t, gocron.WithDistributedLocker(locker))
			j := r.Job(gocron.DurationJob(time.Hour), func(context.Context) error {
				if tt.during != nil {
					r.Hold()
				}
				return tt.task()
			}, append(tt.options, gocron.WithName("the name"))...)
			r.Start()
			r.Advance(time.Hour)
			if tt.during != nil {
				require.Zero(t, locker.release)
				tt.during(r, j)
				r.LetGo(1)
			}
			require.Equal(t, 1, locker.obtained)
			require.Equal(t, 1, locker.release)
			require.Equal(t, []string{"the name"}, locker.keys)
		})
	}
}

// The run becomes stale while it waits for the lock.
func TestHooksLockObtainedTooLateIsReleased(t *testing.T) {
	for name, end := range map[string]func(r *rig.Rig, j gocron.Job){
		"removed":  func(r *rig.Rig, j gocron.Job) { require.NoError(t, r.Scheduler.RemoveJob(j.ID())) },
		"stopped":  func(r *rig.Rig, j gocron.Job) { _ = r.Scheduler.StopJobsWithContext(rig.EndedContext()) },
		"shutdown": func(r *rig.Rig, j gocron.Job) { _ = r.Scheduler.ShutdownWithContext(rig.EndedContext()) },
	} {
		t.Run(name, func(t *testing.T) {
			h := &rig.Recorder{T: t}
			r := rig.New(t, gocron.WithDistributedLocker(h))
			h.During = func(call string) {
				if call == "Lock j" {
					r.Hold()
				}
			}
			j := h.HourlyJob(r, func() { h.Note("task") })
			r.Start()
			r.Advance(time.Hour)
			end(r, j)
			r.LetGo(1)
			h.Expect("Lock j, Unlock <nil>")
		})
	}
}

func TestHooksUnlockComesBeforeAStopReturns(t *testing.T) {
	h := &rig.Recorder{T: t}
	r := rig.New(t, gocron.WithDistributedLocker(h))
	h.HourlyJob(r, func(ctx context.Context) { h.Note("task"); <-ctx.Done() })
	r.Start()
	r.Advance(time.Hour)
	require.NoError(t, r.Scheduler.StopJobs())
	h.Expect("Lock j, Before j, BeforeSkip j, task, After j, Unlock <nil>")
}

func TestHooksJobLockerStandsInForTheSchedulers(t *testing.T) {
	scheduler, own := &rig.Recorder{T: t}, &rig.Recorder{T: t}
	r := rig.New(t, gocron.WithDistributedLocker(scheduler))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("own"), gocron.WithDistributedJobLocker(own))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("none"), gocron.WithDisabledDistributedJobLocker(true))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("none"), gocron.WithDistributedJobLocker(own), gocron.WithDisabledDistributedJobLocker(true))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("all"))
	r.Start()
	r.Advance(time.Hour)
	own.Expect("Lock own, Unlock <nil>")
	scheduler.Expect("Lock all, Unlock <nil>")
}

func TestHooksElectorIsAskedInPlaceOfAJobsLocker(t *testing.T) {
	h := &rig.Recorder{T: t}
	r := rig.New(t, gocron.WithDistributedElector(h))
	_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithDistributedJobLocker(h))
	r.Start()
	r.Advance(time.Hour)
	h.Expect("IsLeader")
	require.Equal(t, 1, log.Len())
}

func TestHooksElectorAndLockerGetTheJobsContext(t *testing.T) {
	type key struct{}
	own := context.WithValue(context.Background(), key{}, "own")
	var seen []any
	elector := rig.ElectorFunc(func(ctx context.Context) error { seen = append(seen, ctx.Value(key{}), ctx.Err()); return nil })
	r := rig.New(t, gocron.WithDistributedElector(elector))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithContext(own))
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, []any{"own", nil}, seen)
}

func TestHooksUnlockErrorIsLoggedAndHarmsNothing(t *testing.T) {
	locker := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { return rig.ErrHook }), nil
	})
	r := rig.New(t, gocron.WithDistributedLocker(locker))
	j, log := r.Logged(gocron.DurationJob(time.Hour))
	r.Start()
	r.Walk(2 * time.Hour)
	require.Equal(t, 2, log.Len())
	require.Equal(t, rig.Now.Add(3*time.Hour), rig.NextOf(t, j))
}

// foreignLock is a lock of another package's own type.
type foreignLock struct{ released *int }

func (f *foreignLock) Unlock(context.Context) error { *f.released++; return nil }

func TestHooksLockerFromTakesAnyLockType(t *testing.T) {
	released := 0
	var fail error
	locker := gocron.LockerFrom(func(_ context.Context, key string) (*foreignLock, error) {
		require.Equal(t, "j", key)
		if fail != nil {
			return nil, fail
		}
		return &foreignLock{&released}, nil
	})
	r := rig.New(t, gocron.WithDistributedLocker(locker))
	_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithName("j"))
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, 1, released)
	fail = rig.ErrHook
	r.Advance(time.Hour)
	require.Equal(t, 1, released, "a lock that was not obtained is not released")
	require.Equal(t, 1, log.Len())

	lock, err := locker.Lock(context.Background(), "j")
	require.True(t, lock == nil, "no typed nil")
	require.Equal(t, rig.ErrHook, err)
	_, err = gocron.NewScheduler(gocron.WithDistributedLocker(gocron.LockerFrom[*foreignLock](nil)))
	require.Equal(t, gocron.ErrWithDistributedLockerNil, err)
}

func TestHooksLockerWithoutALock(t *testing.T) {
	for name, lock := range map[string]gocron.Lock{"nil": nil} {
		r := rig.New(t, gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return lock, nil })))
		_, log := r.Logged(gocron.DurationJob(time.Hour))
		r.Start()
		r.Advance(time.Hour)
		require.Equal(t, 1, log.Len(), name)
	}
}
