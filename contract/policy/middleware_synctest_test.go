//go:build go1.25

package policy_test

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

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyMiddlewareOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &rig.Trace{}
		global := []func(gocron.RunFunc) gocron.RunFunc{p.Layer("g1"), p.Layer("g2")}
		own := []func(gocron.RunFunc) gocron.RunFunc{p.Layer("a"), p.Layer("b")}
		s, b := rig.NewStarted(t, gocron.WithGlobalJobOptions(gocron.WithMiddleware(global...), gocron.WithMiddleware(p.Layer("g3"))))
		option := gocron.WithMiddleware(own...)
		own[0], global[0] = nil, nil // were copied
		j := rig.MustJob(t, s, rig.Ages(), p.Task, option, gocron.WithMiddleware(), gocron.WithMiddleware(p.Layer("c")))
		require.Equal(t, "c b a g3 g2 g1", strings.Join(p.Made, " "), "each is made once, around the rest")
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
			require.Equal(t, "g1 g2 g3 a b c task /c /b /a /g3 /g2 /g1", p.Take())
		}
		require.Len(t, p.Made, 6)
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "succeeded 1"}, b.Outcomes())

		other := rig.MustJob(t, s, rig.Ages(), p.Task)
		require.NoError(t, other.RunNow())
		require.Equal(t, "g1 g2 g3 task /g3 /g2 /g1", p.Take(), "jobs do not share what they have of their own")
		updated, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(p.Task), option)
		require.NoError(t, err)
		require.Len(t, p.Made, 6+3+5, "a new definition has a chain of its own")
		require.NoError(t, updated.RunNow())
		require.Equal(t, "g1 g2 g3 a b task /b /a /g3 /g2 /g1", p.Take())
	})
}

// It is around the task alone: listeners and hooks are outside.
func TestSynctestPolicyMiddlewareIsAroundTheTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &rig.Trace{}
		note := func(what string) { p.Notes = append(p.Notes, what) }
		s := rig.NewScheduler(t, gocron.WithHooks(gocron.Hooks{RunStarted: func(gocron.RunInfo) { note("started") }}),
			gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
				note("lock")
				return rig.UnlockFunc(func(context.Context) error { note("unlock"); return nil }), nil
			})))
		s.Start()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithMiddleware(p.Layer("m")), gocron.WithEventListeners(
			gocron.BeforeJobRuns(func(uuid.UUID, string) { note("before") }), gocron.AfterJobRuns(func(uuid.UUID, string) { note("after") }))).RunNow())
		require.Equal(t, "lock before started m task /m after unlock", p.Take())
	})
}

func TestSynctestPolicyMiddlewareGivesTheContext(t *testing.T) {
	value := func(v any) func(gocron.RunFunc) gocron.RunFunc {
		return func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error {
				require.Equal(t, "user", ctx.Value(policyKey("user")))
				return next(context.WithValue(ctx, policyKey("m"), fmt.Sprint(ctx.Value(policyKey("m")), v)))
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithGlobalJobOptions(gocron.WithMiddleware(value(1))))
		user := context.WithValue(context.Background(), policyKey("user"), "user")
		var got []any
		see := func(ctx context.Context) {
			got = append(got, ctx.Value(policyKey("m")))
			info, ok := gocron.RunFromContext(ctx)
			require.True(t, ok)
			require.EqualValues(t, len(got), info.ID)
			own, ok := gocron.JobFromContext(ctx)
			require.True(t, ok)
			require.Equal(t, info.JobID, own.ID())
		}
		for _, task := range []gocron.Task{
			gocron.NewTask(see),
			gocron.NewTask(func(ctx context.Context) error { see(ctx); return nil }),
			gocron.NewTask(func(ctx context.Context, n int) { see(ctx) }, 5),
		} {
			j, err := s.NewJob(rig.Ages(), task, gocron.WithMiddleware(value(2), value(3)), gocron.WithContext(user))
			require.NoError(t, err)
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		require.Equal(t, []any{"<nil> 123", "<nil> 123", "<nil> 123"}, got)
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "succeeded 1"}, b.Outcomes())
	})
}

type policyKey string

// The chain has a context, whatever the task makes of it.
func TestSynctestPolicyMiddlewareOfATaskWithoutAContext(t *testing.T) {
	given := context.WithValue(context.Background(), policyKey("of"), "given")
	for name, c := range map[string]struct {
		task func(note func(any)) gocron.Task
		want any
	}{
		"plain":      {func(note func(any)) gocron.Task { return gocron.NewTask(func() { note("called") }) }, "called"},
		"error":      {func(note func(any)) gocron.Task { return gocron.NewTask(func() error { note("called"); return nil }) }, "called"},
		"parameters": {func(note func(any)) gocron.Task { return gocron.NewTask(func(v ...int) { note(len(v)) }, 1, 2) }, 2},
		"its context": {func(note func(any)) gocron.Task {
			return gocron.NewTask(func(ctx context.Context) { note(ctx.Value(policyKey("of"))) }, given)
		}, "given"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				var got []any
				var ctx context.Context
				j, err := s.NewJob(rig.Ages(), c.task(func(v any) { got = append(got, v) }), gocron.WithMiddleware(func(next gocron.RunFunc) gocron.RunFunc {
					return func(c context.Context) error {
						ctx = c
						_, ok := gocron.RunFromContext(c)
						require.True(t, ok)
						return next(context.WithValue(c, policyKey("of"), "middleware"))
					}
				}))
				require.NoError(t, err)
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
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
		layer  func(next gocron.RunFunc) gocron.RunFunc
		calls  int
		want   error
	}{
		"passes on": {rig.ErrTest, func(next gocron.RunFunc) gocron.RunFunc { return next }, 1, rig.ErrTest},
		"replaces": {rig.ErrTest, func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error { _ = next(ctx); return other }
		}, 1, other},
		"makes good": {rig.ErrTest, func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error { _ = next(ctx); return nil }
		}, 1, nil},
		"makes a fault": {nil, func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error { return errors.Join(next(ctx), other) }
		}, 1, errors.Join(other)},
		"does not call": {rig.ErrTest, func(next gocron.RunFunc) gocron.RunFunc { return func(ctx context.Context) error { return nil } }, 0, nil},
		"refuses":       {nil, func(next gocron.RunFunc) gocron.RunFunc { return func(ctx context.Context) error { return other } }, 0, other},
		"calls twice": {rig.ErrTest, func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error { _ = next(ctx); return next(ctx) }
		}, 2, rig.ErrTest},
		"needs no next": {nil, func(gocron.RunFunc) gocron.RunFunc { return func(context.Context) error { return nil } }, 0, nil},
		"gives no context": {rig.ErrTest, func(next gocron.RunFunc) gocron.RunFunc {
			return func(context.Context) error { return next(nil) } //nolint:staticcheck // what a user may do
		}, 1, rig.ErrTest},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				p := rig.Answering(c.answer)
				var told []error
				j := rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithMiddleware(c.layer), gocron.WithEventListeners(
					gocron.AfterJobRuns(func(uuid.UUID, string) { told = append(told, nil) }),
					gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { told = append(told, err) })))
				require.NoError(t, j.RunNow())
				require.Len(t, p.Calls(), c.calls)
				run := b.Runs()[0]
				require.Equal(t, c.want, run.Err)
				require.Equal(t, []error{c.want}, told)
				require.Equal(t, c.want == nil, run.Outcome == gocron.OutcomeSucceeded)
			})
		})
	}
}

// A panic in it is one of the task, and so is one of the task that comes through.
func TestSynctestPolicyMiddlewareMayPanic(t *testing.T) {
	ouch := func() { panic("ouch") }
	for name, c := range map[string]struct {
		layer func(next gocron.RunFunc) gocron.RunFunc
		task  func()
		want  string
	}{
		"before": {func(next gocron.RunFunc) gocron.RunFunc { return func(context.Context) error { panic("ouch") } }, rig.Noop, "panicked 1"},
		"after": {func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error { _ = next(ctx); panic("ouch") }
		}, rig.Noop, "panicked 1"},
		"task": {func(next gocron.RunFunc) gocron.RunFunc { return next }, ouch, "panicked 1"},
		"recovers": {func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) (err error) {
				defer func() { err = fmt.Errorf("%v", recover()) }()
				return next(ctx)
			}
		}, ouch, "failed 1"},
		"Goexit": {func(next gocron.RunFunc) gocron.RunFunc {
			return func(context.Context) error { runtime.Goexit(); return nil }
		}, rig.Noop, "failed 1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				j := rig.MustJob(t, s, rig.Ages(), c.task, gocron.WithMiddleware(c.layer), gocron.WithRecover())
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{c.want, c.want}, b.Outcomes())
				b.RequireAtRest(t)
			})
		})
	}
}

// It is called for each attempt, within the time of that attempt.
func TestSynctestPolicyMiddlewareOfEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		var attempts []int
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, rig.Retries(3, time.Second), gocron.WithTimeout(time.Minute), gocron.WithMiddleware(func(gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error {
				info, _ := gocron.RunFromContext(ctx)
				attempts = append(attempts, info.Attempt)
				<-ctx.Done()
				require.True(t, context.Cause(ctx) == gocron.ErrRunTimeout)
				return nil
			}
		}))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		require.Equal(t, []string{"timed-out 3"}, b.Outcomes())
		require.Equal(t, []int{1, 2, 3}, attempts)
	})
}

func TestSynctestPolicyMiddlewareLeavesTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		m := gocron.WithMiddleware((&rig.Trace{}).Layer("m"), (&rig.Trace{}).Layer("n"))
		for _, task := range []gocron.Task{gocron.NewTask(rig.Noop), gocron.NewTask(policyNamed, 5), gocron.NewTask(policyNamed2), gocron.NewTask(policyNamed2, context.Background())} {
			plain, err := s.NewJob(rig.Ages(), task)
			require.NoError(t, err)
			wrapped, err := s.NewJob(rig.Ages(), task, m)
			require.NoError(t, err)
			require.Equal(t, plain.Name(), wrapped.Name())
		}
		require.Equal(t, "mine", rig.MustJob(t, s, rig.Ages(), rig.Noop, m, gocron.WithName("mine")).Name())
	})
}

func policyNamed(int)                    {}
func policyNamed2(context.Context) error { return nil }

func TestSynctestPolicyMiddlewareIsNotAskedByARefusedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &rig.Trace{}
		s := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithMiddleware(p.Layer("g"))))
		old := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		p.Made = nil
		for _, r := range rig.Refusals() {
			_, err := s.NewJob(r.Definition, r.Task, append([]gocron.JobOption{gocron.WithMiddleware(p.Layer("own"))}, r.Options...)...)
			require.Error(t, err, r.Name)
			_, err = s.Update(old.ID(), r.Definition, r.Task, append(r.Options, gocron.WithMiddleware(p.Layer("own")))...)
			require.Error(t, err, r.Name)
		}
		require.Empty(t, p.Made)
	})
}

func TestSynctestPolicyMiddlewareThatIsNoneIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		fine := func(next gocron.RunFunc) gocron.RunFunc { return next }
		nothing := func(gocron.RunFunc) gocron.RunFunc { return nil }
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		for _, e := range rig.Entrances() {
			for _, c := range []struct {
				middleware []func(gocron.RunFunc) gocron.RunFunc
				err        error
				text       string
			}{
				{[]func(gocron.RunFunc) gocron.RunFunc{nil}, gocron.ErrOptionNil, "gocron: option must not be nil: WithMiddleware: option 1"},
				{[]func(gocron.RunFunc) gocron.RunFunc{fine, nil}, gocron.ErrOptionNil, "gocron: option must not be nil: WithMiddleware: option 2"},
				{[]func(gocron.RunFunc) gocron.RunFunc{nothing}, gocron.ErrOptionValue, "gocron: option value out of range: WithMiddleware: function 1 returned nil"},
				{[]func(gocron.RunFunc) gocron.RunFunc{fine, nothing, fine}, gocron.ErrOptionValue, "gocron: option value out of range: WithMiddleware: function 2 returned nil"},
			} {
				_, err := e.Add(s, j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithMiddleware(c.middleware...))
				require.ErrorIs(t, err, c.err)
				require.EqualError(t, err, c.text+` (job "`+runtime.FuncForPC(reflect.ValueOf(rig.Noop).Pointer()).Name()+`")`)
				require.Equal(t, []gocron.Job{j}, s.Jobs(), "the old one goes on")
			}
		}
		for _, m := range []func(gocron.RunFunc) gocron.RunFunc{nil, nothing} {
			global := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithMiddleware(m)))
			_, err := global.NewJob(rig.Ages(), gocron.NewTask(rig.Noop))
			require.Error(t, err)
			require.Empty(t, global.Jobs())
		}
	})
}

// Making it is a call of the user's: it may use the scheduler, and ends NewJob if
// it panics.
func TestSynctestPolicyMiddlewareIsMadeWithNothingLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		var inner gocron.Job
		outer := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithMiddleware(func(next gocron.RunFunc) gocron.RunFunc {
			inner = rig.MustJob(t, s, rig.Ages(), rig.Noop)
			return func(ctx context.Context) error { return errors.Join(inner.RunNow(), next(ctx)) }
		}))
		require.Len(t, s.Jobs(), 2)
		require.PanicsWithValue(t, "ouch", func() {
			_, _ = s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithMiddleware(func(gocron.RunFunc) gocron.RunFunc { panic("ouch") }))
		})
		require.Len(t, s.Jobs(), 2)
		require.NoError(t, outer.RunNow())
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes())
	})
}
