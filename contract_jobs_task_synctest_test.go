//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

type contextKey struct{}

// Which parameters are accepted is for task_test.go to say; here it is that a
// job made by either entrance is called with just those.
func TestSynctestContractTheTaskIsCalledWithTheParametersGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		s.Start()
		var got []any
		note := func(v ...any) { got = append([]any{}, v...) }
		own := context.WithValue(context.Background(), contextKey{}, "own")
		given := context.WithValue(context.Background(), contextKey{}, "given")
		number := 5
		pointed := func(i int) { note("pointed", i) }
		for name, c := range map[string]struct {
			task Task
			want []any
		}{
			"none":           {NewTask(func() { note() }), []any{}},
			"int":            {NewTask(func(i int) { note(i) }, 1), []any{1}},
			"pointer":        {NewTask(func(p *int) { note(*p) }, &number), []any{5}},
			"any":            {NewTask(func(v any) { note(v) }, "x"), []any{"x"}},
			"nil for any":    {NewTask(func(v any) { note(v) }, nil), []any{nil}},
			"interface":      {NewTask(func(v fmt.Stringer) { note(v.String()) }, time.Second), []any{"1s"}},
			"no variadic":    {NewTask(func(v ...int) { note(len(v)) }), []any{0}},
			"one variadic":   {NewTask(func(v ...int) { note(v[0]) }, 1), []any{1}},
			"many variadic":  {NewTask(func(w string, v ...int) { note(w, v[0], v[2]) }, "w", 1, 2, 3), []any{"w", 1, 3}},
			"pointer func":   {NewTask(&pointed, 2), []any{"pointed", 2}},
			"job's context":  {NewTask(func(ctx context.Context) { note(ctx.Value(contextKey{})) }), []any{"own"}},
			"context, more":  {NewTask(func(ctx context.Context, i int) { note(ctx.Value(contextKey{}), i) }, 3), []any{"own", 3}},
			"context, many":  {NewTask(func(ctx context.Context, v ...int) { note(ctx.Value(contextKey{}), len(v)) }, 3, 4), []any{"own", 2}},
			"given context":  {NewTask(func(ctx context.Context) { note(ctx.Value(contextKey{})) }, given), []any{"given"}},
			"context second": {NewTask(func(i int, ctx context.Context) { note(i, ctx.Value(contextKey{})) }, 1, given), []any{1, "given"}},
			"two contexts":   {NewTask(func(a, b context.Context) { note(a.Value(contextKey{}), b.Value(contextKey{})) }, given, own), []any{"given", "own"}},
		} {
			for _, e := range entrances() {
				got = nil
				_, err := e.add(s, uuid.New(), OneTimeJob(OneTimeJobStartImmediately()), c.task, WithContext(own))
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
				m := &contractMonitor{}
				s := newScheduler(t, WithMonitor(m), WithMonitorStatus(m), WithSchedulerMonitor(m))
				var heard []error
				var succeeded int
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), c.task, WithName("it"), WithEventListeners(
					AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { heard = append(heard, err) }),
					AfterJobRuns(func(uuid.UUID, string) { succeeded++ })))
				s.Start()
				synctest.Wait()
				if name == "wrapped" {
					require.EqualError(t, heard[0], "more: first")
					return
				}
				if c.want == nil {
					require.Equal(t, 1, succeeded)
					require.Empty(t, heard)
					require.Equal(t, [3]int{1, 0, 1}, [3]int{m.count("success it"), m.count("fail it"), m.count("completed it")})
					return
				}
				require.Zero(t, succeeded)
				require.Len(t, heard, 1)
				for _, err := range append(m.failed(), heard...) {
					require.True(t, err == c.want, "unwrapped: %v", err)
				}
				require.Len(t, m.failed(), 2)
				require.Equal(t, [3]int{0, 1, 1}, [3]int{m.count("success it"), m.count("fail it"), m.count("failed it")})
			})
		})
	}
}

func TestSynctestContractAPanicIsRecoveredForAListener(t *testing.T) {
	for name, value := range map[string]any{"string": "ouch", "error": errContract, "number": 5, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &contractMonitor{}
				s := newScheduler(t, WithMonitor(m), WithMonitorStatus(m), WithLimitConcurrentJobs(1, LimitModeWait))
				var order []any
				j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { panic(value) }, WithSingletonMode(LimitModeWait),
					WithEventListeners(
						AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { order = append(order, err) }),
						AfterJobRunsWithPanic(func(_ uuid.UUID, _ string, v any) { order = append(order, v) }),
						AfterJobRuns(func(uuid.UUID, string) { order = append(order, "success") })))
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
				require.ErrorIs(t, order[1].(error), ErrPanicRecovered)
				require.Equal(t, []error{order[1].(error)}, m.failed())
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Len(t, order, 4, "gate and slot are free again")
			})
		})
	}
}

func TestSynctestContractGoexitIsAFailureAndFreesWhatTheRunHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		var locked, unlocked atomic.Int64
		s := newScheduler(t, WithMonitor(m), WithMonitorStatus(m), WithSchedulerMonitor(m), WithLimitConcurrentJobs(1, LimitModeWait),
			WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
				locked.Add(1)
				return unlockFunc(func(context.Context) error { unlocked.Add(1); return nil }), nil
			})))
		var heard []error
		j := mustJob(t, s, DurationJob(time.Minute), func() { runtime.Goexit() }, WithName("it"), WithSingletonMode(LimitModeWait),
			WithLimitedRuns(5), WithEventListeners(
				AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { heard = append(heard, err) })))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, []error{ErrTaskGoexit, ErrTaskGoexit, ErrTaskGoexit, ErrTaskGoexit, ErrTaskGoexit}, heard)
		require.Equal(t, 5, m.count("fail it"))
		require.Equal(t, 5, m.count("failed it"))
		require.EqualValues(t, 5, locked.Load())
		require.EqualValues(t, 5, unlocked.Load())
		require.Empty(t, s.Jobs(), "such runs count")
		var ran atomic.Int64
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran.Add(1) })
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load(), "the slot is free")
	})
}

// runtime.Goexit in a hook ends that run, and nothing else.
func TestSynctestContractGoexitInAHookFreesWhatTheRunHeld(t *testing.T) {
	gone := func(uuid.UUID, string) { runtime.Goexit() }
	for name, option := range map[string]JobOption{
		"before":  WithEventListeners(BeforeJobRuns(gone)),
		"after":   WithEventListeners(AfterJobRuns(gone)),
		"refusal": WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { runtime.Goexit(); return nil })),
		"lock":    WithDistributedJobLocker(lockFunc(func(context.Context, string) (Lock, error) { runtime.Goexit(); return nil, nil })),
		"unlock": WithDistributedJobLocker(lockFunc(func(context.Context, string) (Lock, error) {
			return unlockFunc(func(context.Context) error { runtime.Goexit(); return nil }), nil
		})),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
				j := mustJob(t, s, DurationJob(time.Minute), noop, option, WithSingletonMode(LimitModeWait))
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
