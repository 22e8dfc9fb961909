//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestMessagesOptionsWithoutEffectAreWarnedOf(t *testing.T) {
	ended, end := context.WithCancel(context.Background())
	end()
	ten := NewAtTimes(NewAtTime(10, 0, 0))
	takes := func(context.Context) error { return nil }
	retry := WithRetry(RetryPolicy{Attempts: 2})
	for name, c := range map[string]struct {
		definition JobDefinition
		function   any
		option     JobOption
		warned     string // "" for not
	}{
		"timeout":              {ages(), noop, WithTimeout(1), "WithTimeout"},
		"timeout, own context": {ages(), takes, WithTimeout(1), ""},
		"retry":                {ages(), noop, retry, "WithRetry"},
		"retry, one result":    {ages(), func() int { return 1 }, retry, "WithRetry"},
		"retry, error":         {ages(), takes, retry, ""},
		"retry, any":           {ages(), func() any { return nil }, retry, ""},
		"from completion":      {DailyJob(1, ten), noop, WithIntervalFromCompletion(), "WithIntervalFromCompletion"},
		"from completion, yes": {ages(), noop, WithIntervalFromCompletion(), ""},
		"gaps of intervals":    {ages(), noop, WithDaylightSavingsTimePolicy(DaylightSavingsTimeSkip), "WithDaylightSavingsTimePolicy"},
		"gaps of days":         {DailyJob(1, ten), noop, WithDaylightSavingsTimePolicy(DaylightSavingsTimeSkip), ""},
		"cron":                 {ages(), noop, WithCronImplementation(NewDefaultCron(false)), "WithCronImplementation"},
		"cron of a cron job":   {CronJob("* * * * *", false), noop, WithCronImplementation(NewDefaultCron(false)), ""},
		"location":             {DailyJob(1, ten), noop, WithJobLocation(time.UTC), ""},
		"location, instants":   {OneTimeJob(OneTimeJobStartImmediately()), noop, WithJobLocation(time.UTC), "WithJobLocation"},
		"leaves":               {ages(), noop, WithRemoveWhenFinished(), "WithRemoveWhenFinished"},
		"ended context":        {ages(), noop, WithContext(ended), "WithContext"},
	} {
		for _, global := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				l := &lineLogger{}
				own := []JobOption{c.option}
				options := []SchedulerOption{WithLogger(l)}
				if global {
					own, options = nil, append(options, WithGlobalJobOptions(c.option))
				}
				_, err := newScheduler(t, options...).NewJob(c.definition, NewTask(c.function), append(own, WithName("report"))...)
				require.NoError(t, err)
				if global || c.warned == "" {
					require.Empty(t, l.at("WARN"), name)
					return
				}
				require.Len(t, l.at("WARN"), 1, name)
				require.Contains(t, l.at("WARN")[0], "job=report")
				require.Contains(t, l.at("WARN")[0], "reason="+c.warned)
			})
		}
	}
}

func TestSynctestMessagesASharedLockIsWarnedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lineLogger{}
		s := newScheduler(t, WithLogger(l), WithDistributedLocker(&freeLocker{}))
		one := mustJob(t, s, ages(), noop, WithName("one"))
		_, err := s.Update(one.ID(), ages(), NewTask(noop), WithName("one"))
		require.NoError(t, err)
		mustJob(t, s, ages(), noop, WithName("two"))
		mustJob(t, s, ages(), noop, WithName("one"), WithDistributedJobLocker(&freeLocker{1}))
		mustJob(t, s, ages(), noop, WithName("one"), WithDisabledDistributedJobLocker(true))
		require.Empty(t, l.at("WARN"))
		mustJob(t, s, ages(), noop, WithName("one"))
		require.Len(t, l.at("WARN"), 1)
		require.Contains(t, l.at("WARN")[0], one.ID().String())
		require.NoError(t, s.RemoveJob(one.ID()))
		mustJob(t, s, ages(), noop, WithName("three"))
		require.Len(t, l.at("WARN"), 1)
	})
}

type freeLocker struct{ number int }

func (*freeLocker) Lock(context.Context, string) (Lock, error) { return nil, errors.New("never asked") }

func TestSynctestMessagesARunThatDidNotSucceedGetsOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		function any
		options  []JobOption
		parts    []string
	}{
		"failed":   {func() error { return errContract }, nil, []string{"outcome=failed", "reason=" + errContract.Error()}},
		"panicked": {func() { panic("oops") }, []JobOption{WithRecover()}, []string{"outcome=panicked", "oops"}},
		"refused": {noop, []JobOption{WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(
			func(uuid.UUID, string) error { return errContract }))}, []string{"outcome=refused", "reason=" + errContract.Error()}},
		"retried":   {func() error { return errContract }, []JobOption{WithRetry(RetryPolicy{Attempts: 3})}, []string{"outcome=failed", "attempts=3"}},
		"succeeded": {noop, nil, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &lineLogger{}
			s := newScheduler(t, WithLogger(l))
			j := mustJob(t, s, ages(), c.function, append(c.options, WithName("report"))...)
			s.Start()
			require.NoError(t, j.RunNow())
			synctest.Wait()
			if c.parts == nil {
				require.Empty(t, l.at("DEBUG"), name)
				return
			}
			require.Len(t, l.at("DEBUG"), 1, name)
			for _, part := range append(c.parts, "job=report", "id="+j.ID().String()) {
				require.Contains(t, l.at("DEBUG")[0], part, name)
			}
		})
	}
}

func TestSynctestMessagesARunThatDidNotStartGetsOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lineLogger{}
		s := newScheduler(t, WithLogger(l), WithLimitConcurrentJobs(1, LimitModeReschedule))
		slow := func(ctx context.Context) { <-ctx.Done() }
		one := mustJob(t, s, ages(), slow, WithName("one"), WithSingletonMode(LimitModeReschedule))
		two := mustJob(t, s, ages(), noop, WithName("two"))
		three := mustJob(t, s, DurationJob(time.Hour), noop, WithName("three"))
		require.NoError(t, NewController(s).Pause(three.ID()))
		s.Start()
		for _, j := range []Job{one, one, two} {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		lines := l.at("DEBUG")
		require.Len(t, lines, 3)
		for i, part := range []string{"outcome=skipped-singleton", "outcome=skipped-limit", "outcome=paused"} {
			require.Contains(t, lines[i], part)
			require.NotContains(t, lines[i], "reason=<nil>")
			require.False(t, strings.HasSuffix(lines[i], "reason="))
		}
	})
}

func TestSynctestMessagesARunThatAStopDroppedGetsOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lineLogger{}
		s := newScheduler(t, WithLogger(l), WithLimitConcurrentJobs(1, LimitModeWait))
		one := mustJob(t, s, ages(), func(ctx context.Context) { <-ctx.Done() }, WithName("one"))
		s.Start()
		require.NoError(t, one.RunNow())
		require.NoError(t, one.RunNow())
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		require.Len(t, l.at("DEBUG"), 1)
		require.Contains(t, l.at("DEBUG")[0], "outcome=cancelled")
		require.Contains(t, l.at("DEBUG")[0], "the scheduler was stopped")
	})
}

func TestSynctestMessagesTheLoggerSaysWhyRunNowFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lineLogger{}
		s := newScheduler(t, WithLogger(l))
		ctx, end := context.WithCancel(context.Background())
		j := mustJob(t, s, ages(), noop)
		withContext := mustJob(t, s, ages(), noop, WithContext(ctx))
		check := func(j Job, reason string) {
			t.Helper()
			require.True(t, j.RunNow() == ErrJobRunNowFailed)
			lines := l.at("DEBUG")
			require.Contains(t, lines[len(lines)-1], reason)
		}
		check(j, "the scheduler is not running")
		s.Start()
		end()
		check(withContext, "the context given by WithContext has ended")
		require.NoError(t, s.Shutdown())
		check(j, "the scheduler has been shut down")
	})
}

func TestSynctestMessagesExplainSaysWhyRunNowWouldFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		release := make(chan struct{})
		j := mustJob(t, s, DurationJob(40*time.Minute), func() { <-release }, WithSingletonMode(LimitModeReschedule), WithStopAt(WithStopDateTime(time.Now().Add(time.Hour))))
		s.Start()
		time.Sleep(2 * time.Hour)
		require.True(t, j.RunNow() == ErrJobRunNowFailed)
		e, err := NewController(s).Explain(j.ID())
		require.NoError(t, err)
		require.Contains(t, e.RunNowFails, "stop time has passed")
		require.Contains(t, e.String(), "RunNow fails: the job's stop time has passed")
		close(release)
	})
}

// A goexitLogger ends the goroutine that tells it of a run.
type goexitLogger struct{ noOpLogger }

func (goexitLogger) Debug(string, ...any) { runtime.Goexit() }

func TestSynctestMessagesLoggerThatEndsTheGoroutineKeepsNoHookFromTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var finished []Outcome
		s := newScheduler(t, WithLogger(goexitLogger{}), WithHooks(Hooks{
			RunFinished: func(info RunInfo) { finished = append(finished, info.Outcome) },
		}))
		s.Start()
		mustJob(t, s, DurationJob(time.Minute), func() error { return errors.New("task") })
		time.Sleep(150 * time.Second)
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeFailed, OutcomeFailed}, finished)
	})
}
