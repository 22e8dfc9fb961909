//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A policyTrace notes what a chain of middleware does, in order.
type policyTrace struct {
	made, notes []string
}

// layer is middleware that notes when it was made, and when it and what it is
// around were called.
func (p *policyTrace) layer(name string) func(RunFunc) RunFunc {
	return func(next RunFunc) RunFunc {
		p.made = append(p.made, name)
		return func(ctx context.Context) error {
			p.notes = append(p.notes, name)
			defer func() { p.notes = append(p.notes, "/"+name) }()
			return next(ctx)
		}
	}
}

func (p *policyTrace) task() { p.notes = append(p.notes, "task") }

func (p *policyTrace) take() string {
	synctest.Wait()
	notes := strings.Join(p.notes, " ")
	p.notes = nil
	return notes
}

func TestSynctestPolicyMiddlewareOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &policyTrace{}
		global := []func(RunFunc) RunFunc{p.layer("g1"), p.layer("g2")}
		own := []func(RunFunc) RunFunc{p.layer("a"), p.layer("b")}
		s, b := newPolicyScheduler(t, WithGlobalJobOptions(WithMiddleware(global...), WithMiddleware(p.layer("g3"))))
		option := WithMiddleware(own...)
		own[0], global[0] = nil, nil // were copied
		j := mustJob(t, s, ages(), p.task, option, WithMiddleware(), WithMiddleware(p.layer("c")))
		require.Equal(t, "c b a g3 g2 g1", strings.Join(p.made, " "), "each is made once, around the rest")
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
			require.Equal(t, "g1 g2 g3 a b c task /c /b /a /g3 /g2 /g1", p.take())
		}
		require.Len(t, p.made, 6)
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "succeeded 1"}, b.outcomes())

		other := mustJob(t, s, ages(), p.task)
		require.NoError(t, other.RunNow())
		require.Equal(t, "g1 g2 g3 task /g3 /g2 /g1", p.take(), "jobs do not share what they have of their own")
		updated, err := s.Update(j.ID(), ages(), NewTask(p.task), option)
		require.NoError(t, err)
		require.Len(t, p.made, 6+3+5, "a new definition has a chain of its own")
		require.NoError(t, updated.RunNow())
		require.Equal(t, "g1 g2 g3 a b task /b /a /g3 /g2 /g1", p.take())
	})
}

// It is around the task alone: listeners and hooks are outside.
func TestSynctestPolicyMiddlewareIsAroundTheTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &policyTrace{}
		note := func(what string) { p.notes = append(p.notes, what) }
		s := newScheduler(t, WithHooks(Hooks{RunStarted: func(RunInfo) { note("started") }}),
			WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
				note("lock")
				return unlockFunc(func(context.Context) error { note("unlock"); return nil }), nil
			})))
		s.Start()
		require.NoError(t, mustJob(t, s, ages(), p.task, WithMiddleware(p.layer("m")), WithEventListeners(
			BeforeJobRuns(func(uuid.UUID, string) { note("before") }), AfterJobRuns(func(uuid.UUID, string) { note("after") }))).RunNow())
		require.Equal(t, "lock before started m task /m after unlock", p.take())
	})
}

func TestSynctestPolicyMiddlewareGivesTheContext(t *testing.T) {
	value := func(v any) func(RunFunc) RunFunc {
		return func(next RunFunc) RunFunc {
			return func(ctx context.Context) error {
				require.Equal(t, "user", ctx.Value(policyKey("user")))
				return next(context.WithValue(ctx, policyKey("m"), fmt.Sprint(ctx.Value(policyKey("m")), v)))
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithGlobalJobOptions(WithMiddleware(value(1))))
		user := context.WithValue(context.Background(), policyKey("user"), "user")
		var got []any
		see := func(ctx context.Context) {
			got = append(got, ctx.Value(policyKey("m")))
			info, ok := RunFromContext(ctx)
			require.True(t, ok)
			require.EqualValues(t, len(got), info.ID)
			own, ok := JobFromContext(ctx)
			require.True(t, ok)
			require.Equal(t, info.JobID, own.ID())
		}
		for _, task := range []Task{
			NewTask(see),
			NewTask(func(ctx context.Context) error { see(ctx); return nil }),
			NewTask(func(ctx context.Context, n int) { see(ctx) }, 5),
		} {
			j, err := s.NewJob(ages(), task, WithMiddleware(value(2), value(3)), WithContext(user))
			require.NoError(t, err)
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		require.Equal(t, []any{"<nil> 123", "<nil> 123", "<nil> 123"}, got)
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "succeeded 1"}, b.outcomes())
	})
}

type policyKey string

// The chain has a context, whatever the task makes of it.
func TestSynctestPolicyMiddlewareOfATaskWithoutAContext(t *testing.T) {
	given := context.WithValue(context.Background(), policyKey("of"), "given")
	for name, c := range map[string]struct {
		task func(note func(any)) Task
		want any
	}{
		"plain":      {func(note func(any)) Task { return NewTask(func() { note("called") }) }, "called"},
		"error":      {func(note func(any)) Task { return NewTask(func() error { note("called"); return nil }) }, "called"},
		"parameters": {func(note func(any)) Task { return NewTask(func(v ...int) { note(len(v)) }, 1, 2) }, 2},
		"its context": {func(note func(any)) Task {
			return NewTask(func(ctx context.Context) { note(ctx.Value(policyKey("of"))) }, given)
		}, "given"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				var got []any
				var ctx context.Context
				j, err := s.NewJob(ages(), c.task(func(v any) { got = append(got, v) }), WithMiddleware(func(next RunFunc) RunFunc {
					return func(c context.Context) error {
						ctx = c
						_, ok := RunFromContext(c)
						require.True(t, ok)
						return next(context.WithValue(c, policyKey("of"), "middleware"))
					}
				}))
				require.NoError(t, err)
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"succeeded 1"}, b.outcomes())
				require.Equal(t, []any{c.want}, got)
				require.NoError(t, ctx.Err())
				require.NoError(t, s.RemoveJob(j.ID()))
				require.ErrorIs(t, ctx.Err(), context.Canceled, "it is the job's")
			})
		})
	}
}

func TestSynctestPolicyMiddlewareDecidesWhatTheTaskReturns(t *testing.T) {
	other := errors.New("other")
	for name, c := range map[string]struct {
		answer error
		layer  func(next RunFunc) RunFunc
		calls  int
		want   error
	}{
		"passes on":  {errContract, func(next RunFunc) RunFunc { return next }, 1, errContract},
		"replaces":   {errContract, func(next RunFunc) RunFunc { return func(ctx context.Context) error { _ = next(ctx); return other } }, 1, other},
		"makes good": {errContract, func(next RunFunc) RunFunc { return func(ctx context.Context) error { _ = next(ctx); return nil } }, 1, nil},
		"makes a fault": {nil, func(next RunFunc) RunFunc {
			return func(ctx context.Context) error { return errors.Join(next(ctx), other) }
		}, 1, errors.Join(other)},
		"does not call": {errContract, func(next RunFunc) RunFunc { return func(ctx context.Context) error { return nil } }, 0, nil},
		"refuses":       {nil, func(next RunFunc) RunFunc { return func(ctx context.Context) error { return other } }, 0, other},
		"calls twice":   {errContract, func(next RunFunc) RunFunc { return func(ctx context.Context) error { _ = next(ctx); return next(ctx) } }, 2, errContract},
		"needs no next": {nil, func(RunFunc) RunFunc { return func(context.Context) error { return nil } }, 0, nil},
		"gives no context": {errContract, func(next RunFunc) RunFunc {
			return func(context.Context) error { return next(nil) } //nolint:staticcheck // what a user may do
		}, 1, errContract},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(c.answer)
				var told []error
				j := mustJob(t, s, ages(), p.task, WithMiddleware(c.layer), WithEventListeners(
					AfterJobRuns(func(uuid.UUID, string) { told = append(told, nil) }),
					AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { told = append(told, err) })))
				require.NoError(t, j.RunNow())
				require.Len(t, p.calls(), c.calls)
				run := b.runs()[0]
				require.Equal(t, c.want, run.Err)
				require.Equal(t, []error{c.want}, told)
				require.Equal(t, c.want == nil, run.Outcome == OutcomeSucceeded)
			})
		})
	}
}

// A panic in it is one of the task, and so is one of the task that comes through.
func TestSynctestPolicyMiddlewareMayPanic(t *testing.T) {
	ouch := func() { panic("ouch") }
	for name, c := range map[string]struct {
		layer func(next RunFunc) RunFunc
		task  func()
		want  string
	}{
		"before": {func(next RunFunc) RunFunc { return func(context.Context) error { panic("ouch") } }, noop, "panicked 1"},
		"after":  {func(next RunFunc) RunFunc { return func(ctx context.Context) error { _ = next(ctx); panic("ouch") } }, noop, "panicked 1"},
		"task":   {func(next RunFunc) RunFunc { return next }, ouch, "panicked 1"},
		"recovers": {func(next RunFunc) RunFunc {
			return func(ctx context.Context) (err error) {
				defer func() { err = fmt.Errorf("%v", recover()) }()
				return next(ctx)
			}
		}, ouch, "failed 1"},
		"Goexit": {func(next RunFunc) RunFunc { return func(context.Context) error { runtime.Goexit(); return nil } }, noop, "failed 1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
				j := mustJob(t, s, ages(), c.task, WithMiddleware(c.layer), WithRecover())
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{c.want, c.want}, b.outcomes())
				b.requireAtRest(t)
			})
		})
	}
}

// It is called for each attempt, within the time of that attempt.
func TestSynctestPolicyMiddlewareOfEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		var attempts []int
		j := mustJob(t, s, ages(), noop, retries(3, time.Second), WithTimeout(time.Minute), WithMiddleware(func(RunFunc) RunFunc {
			return func(ctx context.Context) error {
				info, _ := RunFromContext(ctx)
				attempts = append(attempts, info.Attempt)
				<-ctx.Done()
				require.True(t, context.Cause(ctx) == ErrRunTimeout)
				return nil
			}
		}))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		require.Equal(t, []string{"timed-out 3"}, b.outcomes())
		require.Equal(t, []int{1, 2, 3}, attempts)
	})
}

func TestSynctestPolicyMiddlewareLeavesTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		m := WithMiddleware((&policyTrace{}).layer("m"), (&policyTrace{}).layer("n"))
		for _, task := range []Task{NewTask(noop), NewTask(policyNamed, 5), NewTask(policyNamed2), NewTask(policyNamed2, context.Background())} {
			plain, err := s.NewJob(ages(), task)
			require.NoError(t, err)
			wrapped, err := s.NewJob(ages(), task, m)
			require.NoError(t, err)
			require.Equal(t, plain.Name(), wrapped.Name())
		}
		require.Equal(t, "mine", mustJob(t, s, ages(), noop, m, WithName("mine")).Name())
	})
}

func policyNamed(int)                    {}
func policyNamed2(context.Context) error { return nil }

func TestSynctestPolicyMiddlewareIsNotAskedByARefusedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &policyTrace{}
		s := newScheduler(t, WithGlobalJobOptions(WithMiddleware(p.layer("g"))))
		old := mustJob(t, s, ages(), noop)
		p.made = nil
		for _, r := range refusals() {
			_, err := s.NewJob(r.definition, r.task, append([]JobOption{WithMiddleware(p.layer("own"))}, r.options...)...)
			require.Error(t, err, r.name)
			_, err = s.Update(old.ID(), r.definition, r.task, append(r.options, WithMiddleware(p.layer("own")))...)
			require.Error(t, err, r.name)
		}
		require.Empty(t, p.made)
	})
}

func TestSynctestPolicyMiddlewareThatIsNoneIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		fine := func(next RunFunc) RunFunc { return next }
		nothing := func(RunFunc) RunFunc { return nil }
		j := mustJob(t, s, ages(), noop)
		for _, e := range entrances() {
			for _, c := range []struct {
				middleware []func(RunFunc) RunFunc
				err        error
				text       string
			}{
				{[]func(RunFunc) RunFunc{nil}, ErrOptionNil, "gocron: option must not be nil: WithMiddleware: option 1"},
				{[]func(RunFunc) RunFunc{fine, nil}, ErrOptionNil, "gocron: option must not be nil: WithMiddleware: option 2"},
				{[]func(RunFunc) RunFunc{nothing}, ErrOptionValue, "gocron: option value out of range: WithMiddleware: function 1 returned nil"},
				{[]func(RunFunc) RunFunc{fine, nothing, fine}, ErrOptionValue, "gocron: option value out of range: WithMiddleware: function 2 returned nil"},
			} {
				_, err := e.add(s, j.ID(), ages(), NewTask(noop), WithMiddleware(c.middleware...))
				require.ErrorIs(t, err, c.err)
				require.EqualError(t, err, c.text+` (job "`+runtime.FuncForPC(reflect.ValueOf(noop).Pointer()).Name()+`")`)
				require.Equal(t, []Job{j}, s.Jobs(), "the old one goes on")
			}
		}
		for _, m := range []func(RunFunc) RunFunc{nil, nothing} {
			global := newScheduler(t, WithGlobalJobOptions(WithMiddleware(m)))
			_, err := global.NewJob(ages(), NewTask(noop))
			require.Error(t, err)
			require.Empty(t, global.Jobs())
		}
	})
}

// Making it is a call of the user's: it may use the scheduler, and ends NewJob if
// it panics.
func TestSynctestPolicyMiddlewareIsMadeWithNothingLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		var inner Job
		outer := mustJob(t, s, ages(), noop, WithMiddleware(func(next RunFunc) RunFunc {
			inner = mustJob(t, s, ages(), noop)
			return func(ctx context.Context) error { return errors.Join(inner.RunNow(), next(ctx)) }
		}))
		require.Len(t, s.Jobs(), 2)
		require.PanicsWithValue(t, "ouch", func() {
			_, _ = s.NewJob(ages(), NewTask(noop), WithMiddleware(func(RunFunc) RunFunc { panic("ouch") }))
		})
		require.Len(t, s.Jobs(), 2)
		require.NoError(t, outer.RunNow())
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.outcomes())
	})
}
