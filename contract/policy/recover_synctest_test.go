//go:build go1.25

package policy_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// panicTakers are the ways to have panics of tasks recovered.
func panicTakers() map[string][]gocron.JobOption {
	listener := gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	return map[string][]gocron.JobOption{
		"WithRecover": {gocron.WithRecover()}, "listener": {listener}, "both": {gocron.WithRecover(), listener},
	}
}

func TestSynctestPolicyRecoverGivesTheErrorAPanicIs(t *testing.T) {
	wrapped := fmt.Errorf("wrapped: %w", rig.ErrTest)
	for name, options := range panicTakers() {
		for _, c := range []struct {
			value any
			text  string
			is    error
		}{
			{"ouch", "gocron: panic recovered from ouch", nil},
			{42, "gocron: panic recovered from 42", nil},
			{rig.ErrTest, "gocron: panic recovered from the test's own error", rig.ErrTest},
			{wrapped, "gocron: panic recovered from wrapped: the test's own error", rig.ErrTest},
			{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, "gocron: panic recovered from open x: file does not exist", fs.ErrNotExist},
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := rig.NewStarted(t)
					j := rig.MustJob(t, s, rig.Ages(), func() { panicsHere(c.value) }, options...)
					require.NoError(t, j.RunNow())
					require.Equal(t, []string{"panicked 1"}, b.Outcomes())
					err := b.Runs()[0].Err
					require.EqualError(t, err, c.text)
					require.ErrorIs(t, err, gocron.ErrPanicRecovered)
					if c.is != nil {
						require.ErrorIs(t, err, c.is)
					}
					var panicked *gocron.PanicError
					require.ErrorAs(t, fmt.Errorf("outside: %w", err), &panicked)
					require.Equal(t, c.value, panicked.Value)
					require.Contains(t, string(panicked.Stack), "panicsHere", "where it was")
				})
			})
		}
	}
}

//go:noinline
func panicsHere(value any) { panic(value) }

// The error of a panic that was none of these is not taken for another.
func TestSynctestPolicyRecoverGivesNoOtherError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() { panic("the test's own error") }, gocron.WithRecover()).RunNow())
		err := b.Runs()[0].Err
		require.NotErrorIs(t, err, rig.ErrTest)
		var pathError *fs.PathError
		require.False(t, errors.As(err, &pathError))
	})
}

func TestSynctestPolicyRecoverOfARuntimePanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		var none []int
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() int { return none[len(b.Finished)] }, gocron.WithRecover()).RunNow())
		require.Equal(t, []string{"panicked 1"}, b.Outcomes())
		var runtimeError runtime.Error
		require.ErrorAs(t, b.Runs()[0].Err, &runtimeError)
		require.EqualError(t, b.Runs()[0].Err, "gocron: panic recovered from runtime error: index out of range [0] with length 0")
	})
}

func TestSynctestPolicyRecoverOfAPanicWithNil(t *testing.T) {
	for name, options := range panicTakers() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() { panic(any(nil)) }, options...).RunNow())
				require.Equal(t, []string{"panicked 1"}, b.Outcomes())
				var panicked *gocron.PanicError
				require.ErrorAs(t, b.Runs()[0].Err, &panicked)
				var nilError *runtime.PanicNilError
				require.ErrorAs(t, b.Runs()[0].Err, &nilError)
			})
		})
	}
}

// With the runtime of old, a panic with nil looks like no panic at all.
func TestSynctestPolicyRecoverOfAPanicWithNilAsOfOld(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	for name, options := range panicTakers() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() { panic(any(nil)) }, options...).RunNow())
				require.Equal(t, []string{"panicked 1"}, b.Outcomes())
				require.EqualError(t, b.Runs()[0].Err, "gocron: panic recovered from <nil>")
			})
		})
	}
}

// Listeners and monitors are told as ever, whoever has the panic recovered.
func TestSynctestPolicyRecoverTellsListenersAndMonitors(t *testing.T) {
	for name, takes := range map[string]bool{"WithRecover": false, "both": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &rig.Recorder{T: t}
				s := rig.NewScheduler(t, gocron.WithMonitor(h), gocron.WithDistributedLocker(h))
				listeners := h.QuietListeners()
				if takes {
					listeners = append(listeners, gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, name string, value any) { h.Note("AfterPanic %s %v", name, value) }))
				}
				j := rig.MustJob(t, s, rig.Ages(), func() { panic("ouch") }, gocron.WithName("j"), gocron.WithRecover(), gocron.WithEventListeners(listeners...))
				s.Start()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				panicked := ""
				if takes {
					panicked = "AfterPanic j ouch,"
				}
				h.Expect("Lock j, Before j, BeforeSkip j, Timing j," + panicked +
					"AfterError j gocron: panic recovered from ouch, Increment j fail, Unlock <nil>")
			})
		})
	}
}

// The run is one that was made: it frees what it held and counts.
func TestSynctestPolicyRecoverMakesAFailureLikeOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		j := rig.MustJob(t, s, rig.Ages(), func() { panic("ouch") }, gocron.WithRecover(), gocron.WithLimitedRuns(3), gocron.WithSingletonMode(gocron.LimitModeWait))
		for i := 0; i < 4; i++ {
			require.NoError(t, j.RunNow())
		}
		require.Equal(t, []string{"panicked 1", "panicked 1", "panicked 1"}, b.Outcomes())
		require.Empty(t, s.Jobs())
		rig.RequireRetrying(t, s, 0)
		b.RequireAtRest(t)
	})
}

// runtime.Goexit is no panic.
func TestSynctestPolicyRecoverOfGoexit(t *testing.T) {
	for name, options := range panicTakers() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				require.NoError(t, rig.MustJob(t, s, rig.Ages(), runtime.Goexit, options...).RunNow())
				require.Equal(t, []string{"failed 1"}, b.Outcomes())
				require.True(t, b.Runs()[0].Err == gocron.ErrTaskGoexit)
			})
		})
	}
}

// An error that the task made of a panic of its own is its error.
func TestSynctestPolicyRecoverIsNotNeededByATaskThatDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() (err error) {
			defer func() { err = fmt.Errorf("mine: %v", recover()) }()
			panic("ouch")
		}).RunNow())
		require.Equal(t, []string{"failed 1"}, b.Outcomes())
		require.EqualError(t, b.Runs()[0].Err, "mine: ouch")
	})
}

func TestSynctestPolicyRecoverOfAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithGlobalJobOptions(gocron.WithRecover()))
		ouch := func() { panic("ouch") }
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), ouch).RunNow())
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), ouch, gocron.WithEventListeners(gocron.AfterJobRuns(func(uuid.UUID, string) {}))).RunNow())
		require.Equal(t, []string{"panicked 1", "panicked 1"}, b.Outcomes())
	})
}

// WithRecover is about tasks. A panic elsewhere, or without it, ends the program,
// so it happens in another one: this test binary, told so by an environment variable.
func TestSynctestPolicyRecoverIsOfTasksOnly(t *testing.T) {
	const variable = "GOCRON_TEST_POLICY_PANIC"
	ouch := func() { panic("ouch of the test") }
	goAway := func() { os.Exit(0) } // for what must not be reached
	options := map[string][]gocron.JobOption{
		"no recovery": {gocron.WithTimeout(rig.MaxDuration), gocron.WithMiddleware(func(next gocron.RunFunc) gocron.RunFunc { return next }),
			gocron.WithEventListeners(gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { goAway() }))},
		"nil":      {gocron.WithMiddleware(func(next gocron.RunFunc) gocron.RunFunc { return next })},
		"retry":    {gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, If: func(error) bool { goAway(); return true }})},
		"listener": {gocron.WithRecover(), gocron.WithEventListeners(gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { ouch() }))},
		"policy":   {gocron.WithRecover(), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, If: func(error) bool { ouch(); return true }})},
		"backoff":  {gocron.WithRecover(), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration { ouch(); return 0 }})},
	}
	godebug := map[string]string{"nil": "panicnil=1"}
	name := os.Getenv(variable)
	if o := options[name]; o != nil {
		s := rig.NewScheduler(t)
		task := ouch
		if godebug[name] != "" {
			task = func() { panic(any(nil)) }
		}
		j := rig.MustJob(t, s, rig.Ages(), task, o...)
		s.Start()
		_, _ = gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		return
	}
	for name := range options {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		c.Env = append(os.Environ(), variable+"="+name, "GODEBUG="+godebug[name])
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, name)
		require.Equal(t, 2, exit.ExitCode(), "%s: %s", name, out)
		if godebug[name] == "" {
			require.Contains(t, string(out), "panic: ouch of the test", name)
		}
	}
}
