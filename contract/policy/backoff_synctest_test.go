//go:build go1.25

package policy_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// inBackoffBubble runs f in a bubble, with a started scheduler and its Controller.
func inBackoffBubble(t *testing.T, f func(t *testing.T, s gocron.Scheduler, c *gocron.Controller)) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler()
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Shutdown()) }()
		s.Start()
		f(t, s, gocron.NewController(s))
	})
}

type tooMany struct{ after time.Duration }

func (e tooMany) Error() string { return fmt.Sprintf("too many requests, come back in %v", e.after) }

func TestSynctestPolicyBackoffForSeesTheError(t *testing.T) {
	inBackoffBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		broken := errors.New("broken connection")
		results := []error{tooMany{time.Hour}, broken, tooMany{time.Minute}, broken, nil}
		var at []time.Duration
		began := time.Now()
		var seen []error
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() error {
			at = append(at, time.Since(began))
			return results[len(at)-1]
		}), gocron.WithRetry(gocron.RetryPolicy{
			Attempts: 10,
			If:       func(err error) bool { seen = append(seen, err); return true },
			BackoffFor: func(failed int, err error) time.Duration {
				require.Equal(t, len(at), failed)
				require.Equal(t, seen[failed-1], err)
				var wait tooMany
				if errors.As(err, &wait) {
					return wait.after
				}
				return time.Duration(failed) * time.Second
			},
		}))
		require.NoError(t, err)
		run, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeSucceeded, run.Outcome)
		require.Equal(t, []time.Duration{
			0, time.Hour, time.Hour + 2*time.Second, time.Hour + time.Minute + 2*time.Second, time.Hour + time.Minute + 6*time.Second,
		}, at)
		require.Len(t, seen, 4)
	})
}

// Its error is the run's: that of a timeout, of a panic.
func TestSynctestPolicyBackoffForSeesPanicsAndTimeouts(t *testing.T) {
	for _, test := range []struct {
		task func(ctx context.Context) error
		is   error
	}{
		{func(ctx context.Context) error { <-ctx.Done(); return nil }, gocron.ErrRunTimeout},
		{func(context.Context) error { panic("disk") }, gocron.ErrPanicRecovered},
	} {
		inBackoffBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
			var seen error
			j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(test.task), gocron.WithRecover(), gocron.WithTimeout(time.Second),
				gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, BackoffFor: func(_ int, err error) time.Duration { seen = err; return 0 }}))
			require.NoError(t, err)
			_, err = c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			require.ErrorIs(t, seen, test.is)
		})
	}
}

// Less than nothing is nothing, and no attempt is left after the last.
func TestSynctestPolicyBackoffForIsAskedBetweenAttempts(t *testing.T) {
	inBackoffBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		began, asked := time.Now(), 0
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() error { return errors.New("no") }),
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, BackoffFor: func(int, error) time.Duration { asked++; return -time.Hour }}))
		require.NoError(t, err)
		run, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, 3, run.Attempt)
		require.Equal(t, 2, asked)
		require.Zero(t, time.Since(began))
	})
}

func TestPolicyBackoffAndBackoffForAreRefusedTogether(t *testing.T) {
	s, err := gocron.NewScheduler()
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Shutdown()) }()
	_, err = s.NewJob(gocron.ManualJob(), gocron.NewTask(func() error { return nil }), gocron.WithName("fetch"), gocron.WithRetry(gocron.RetryPolicy{
		Attempts: 2, Backoff: gocron.ConstantBackoff(0), BackoffFor: func(int, error) time.Duration { return 0 },
	}))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	require.EqualError(t, err, gocron.ErrOptionValue.Error()+`: WithRetry: Backoff and BackoffFor are both given, allowed: one of them (job "fetch")`)
}
