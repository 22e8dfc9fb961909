//go:build go1.25

package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Which parameters are accepted is for task_test.go to say; here it is that a
// job made by either entrance is called with just those.
func TestSynctestContractTheTaskIsCalledWithTheParametersGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		s.Start()
		var got []any
		note := func(v ...any) { got = append([]any{}, v...) }
		own := context.WithValue(context.Background(), rig.ContextKey{}, "own")
		given := context.WithValue(context.Background(), rig.ContextKey{}, "given")
		number := 5
		pointed := func(i int) { note("pointed", i) }
		for name, c := range map[string]struct {
			task gocron.Task
			want []any
		}{
			"none":           {gocron.NewTask(func() { note() }), []any{}},
			"int":            {gocron.NewTask(func(i int) { note(i) }, 1), []any{1}},
			"pointer":        {gocron.NewTask(func(p *int) { note(*p) }, &number), []any{5}},
			"any":            {gocron.NewTask(func(v any) { note(v) }, "x"), []any{"x"}},
			"nil for any":    {gocron.NewTask(func(v any) { note(v) }, nil), []any{nil}},
			"interface":      {gocron.NewTask(func(v fmt.Stringer) { note(v.String()) }, time.Second), []any{"1s"}},
			"no variadic":    {gocron.NewTask(func(v ...int) { note(len(v)) }), []any{0}},
			"one variadic":   {gocron.NewTask(func(v ...int) { note(v[0]) }, 1), []any{1}},
			"many variadic":  {gocron.NewTask(func(w string, v ...int) { note(w, v[0], v[2]) }, "w", 1, 2, 3), []any{"w", 1, 3}},
			"pointer func":   {gocron.NewTask(&pointed, 2), []any{"pointed", 2}},
			"job's context":  {gocron.NewTask(func(ctx context.Context) { note(ctx.Value(rig.ContextKey{})) }), []any{"own"}},
			"context, more":  {gocron.NewTask(func(ctx context.Context, i int) { note(ctx.Value(rig.ContextKey{}), i) }, 3), []any{"own", 3}},
			"context, many":  {gocron.NewTask(func(ctx context.Context, v ...int) { note(ctx.Value(rig.ContextKey{}), len(v)) }, 3, 4), []any{"own", 2}},
			"given context":  {gocron.NewTask(func(ctx context.Context) { note(ctx.Value(rig.ContextKey{})) }, given), []any{"given"}},
			"context second": {gocron.NewTask(func(i int, ctx context.Context) { note(i, ctx.Value(rig.ContextKey{})) }, 1, given), []any{1, "given"}},
			"two contexts":   {gocron.NewTask(func(a, b context.Context) { note(a.Value(rig.ContextKey{}), b.Value(rig.ContextKey{})) }, given, own), []any{"given", "own"}},
		} {
			for _, e := range rig.Entrances() {
				got = nil
				_, err := e.Add(s, uuid.New(), gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), c.task, gocron.WithContext(own))
				require.NoError(t, err, name)
				synctest.Wait()
				require.Equal(t, c.want, got, name)
			}
		}
	})
}

// errorFirst makes a task whose error is not the last result.
func errorFirst(err error) any {
	//lint:ignore ST1008 a user's function may be like that
	return func() (error, int) { return err, 1 }
}

type contractError struct{ text string }

func (e *contractError) Error() string { return e.text }

func TestSynctestContractTheFirstNonNilErrorMakesTheRunAFailure(t *testing.T) {
	first, second := &contractError{"first"}, errors.New("second")
	for name, c := range map[string]struct {
		task any
		want error
	}{
		"none":         {func() {}, nil},
		"nil":          {func() error { return nil }, nil},
		"no error":     {func() (int, string, []byte) { return 1, "x", nil }, nil},
		"error":        {func() error { return first }, first},
		"last":         {func() (int, error) { return 1, first }, first},
		"not last":     {errorFirst(first), first},
		"first of two": {func() (error, error) { return first, second }, first},
		"second":       {func() (error, error) { return nil, second }, second},
		"wrapped":      {func() error { return fmt.Errorf("more: %w", first) }, nil},
		"with context": {func(context.Context) error { return second }, second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithSchedulerMonitor(m))
				var heard []error
				var succeeded int
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), c.task, gocron.WithName("it"), gocron.WithEventListeners(
					gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { heard = append(heard, err) }),
					gocron.AfterJobRuns(func(uuid.UUID, string) { succeeded++ })))
				s.Start()
				synctest.Wait()
				if name == "wrapped" {
					require.EqualError(t, heard[0], "more: first")
					return
				}
				if c.want == nil {
					require.Equal(t, 1, succeeded)
					require.Empty(t, heard)
					require.Equal(t, [3]int{1, 0, 1}, [3]int{m.Count("success it"), m.Count("fail it"), m.Count("completed it")})
					return
				}
				require.Zero(t, succeeded)
				require.Len(t, heard, 1)
				for _, err := range append(m.Failed(), heard...) {
					require.True(t, err == c.want, "unwrapped: %v", err)
				}
				require.Len(t, m.Failed(), 2)
				require.Equal(t, [3]int{0, 1, 1}, [3]int{m.Count("success it"), m.Count("fail it"), m.Count("failed it")})
			})
		})
	}
}

func TestSynctestContractAPanicIsRecoveredForAListener(t *testing.T) {
	for name, value := range map[string]any{"string": "ouch", "error": rig.ErrTest, "number": 5, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				var order []any
				j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { panic(value) }, gocron.WithSingletonMode(gocron.LimitModeWait),
					gocron.WithEventListeners(
						gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { order = append(order, err) }),
						gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, _ string, v any) { order = append(order, v) }),
						gocron.AfterJobRuns(func(uuid.UUID, string) { order = append(order, "success") })))
				s.Start()
				synctest.Wait()
				require.Len(t, order, 2)
				if value != nil {
					require.Equal(t, value, order[0])
					require.EqualError(t, order[1].(error), fmt.Sprintf("gocron: panic recovered from %v", value))
				} else {
					var nilPanic *runtime.PanicNilError
					require.ErrorAs(t, order[0].(error), &nilPanic)
				}
				require.ErrorIs(t, order[1].(error), gocron.ErrPanicRecovered)
				require.Equal(t, []error{order[1].(error)}, m.Failed())
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Len(t, order, 4, "gate and slot are free again")
			})
		})
	}
}

func TestSynctestContractGoexitIsAFailureAndFreesWhatTheRunHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		var locked, unlocked atomic.Int64
		s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithSchedulerMonitor(m), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
			gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
				locked.Add(1)
				return rig.UnlockFunc(func(context.Context) error { unlocked.Add(1); return nil }), nil
			})))
		var heard []error
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { runtime.Goexit() }, gocron.WithName("it"), gocron.WithSingletonMode(gocron.LimitModeWait),
			gocron.WithLimitedRuns(5), gocron.WithEventListeners(
				gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { heard = append(heard, err) })))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, []error{gocron.ErrTaskGoexit, gocron.ErrTaskGoexit, gocron.ErrTaskGoexit, gocron.ErrTaskGoexit, gocron.ErrTaskGoexit}, heard)
		require.Equal(t, 5, m.Count("fail it"))
		require.Equal(t, 5, m.Count("failed it"))
		require.EqualValues(t, 5, locked.Load())
		require.EqualValues(t, 5, unlocked.Load())
		require.Empty(t, s.Jobs(), "such runs count")
		var ran atomic.Int64
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran.Add(1) })
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load(), "the slot is free")
	})
}

// runtime.Goexit in a hook ends that run, and nothing else.
func TestSynctestContractGoexitInAHookFreesWhatTheRunHeld(t *testing.T) {
	gone := func(uuid.UUID, string) { runtime.Goexit() }
	for name, option := range map[string]gocron.JobOption{
		"before":  gocron.WithEventListeners(gocron.BeforeJobRuns(gone)),
		"after":   gocron.WithEventListeners(gocron.AfterJobRuns(gone)),
		"refusal": gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { runtime.Goexit(); return nil })),
		"lock":    gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { runtime.Goexit(); return nil, nil })),
		"unlock": gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			return rig.UnlockFunc(func(context.Context) error { runtime.Goexit(); return nil }), nil
		})),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, option, gocron.WithSingletonMode(gocron.LimitModeWait))
				s.Start()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Zero(t, s.JobsWaitingInQueue())
				running, err := j.IsRunning()
				require.NoError(t, err)
				require.False(t, running)
				require.NoError(t, s.StopJobs())
			})
		})
	}
}
