//go:build go1.25

package messages_test

import (
	"context"
	"errors"
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

func TestSynctestMessagesOptionsWithoutEffectAreWarnedOf(t *testing.T) {
	ended, end := context.WithCancel(context.Background())
	end()
	ten := gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))
	takes := func(context.Context) error { return nil }
	retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 2})
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		function   any
		option     gocron.JobOption
		warned     string // "" for not
	}{
		"timeout":               {rig.Ages(), rig.Noop, gocron.WithTimeout(1), "WithTimeout"},
		"timeout, own context":  {rig.Ages(), takes, gocron.WithTimeout(1), ""},
		"retry":                 {rig.Ages(), rig.Noop, retry, "WithRetry"},
		"retry, one result":     {rig.Ages(), func() int { return 1 }, retry, "WithRetry"},
		"retry, error":          {rig.Ages(), takes, retry, ""},
		"retry, any":            {rig.Ages(), func() any { return nil }, retry, ""},
		"from completion":       {gocron.DailyJob(1, ten), rig.Noop, gocron.WithIntervalFromCompletion(), "WithIntervalFromCompletion"},
		"from completion, yes":  {rig.Ages(), rig.Noop, gocron.WithIntervalFromCompletion(), ""},
		"gaps of intervals":     {rig.Ages(), rig.Noop, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip), "WithDaylightSavingsTimePolicy"},
		"overlaps of a length":  {rig.Ages(), rig.Noop, gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapBoth), "WithDaylightSavingsTimeOverlap"},
		"overlaps of each hour": {gocron.CronJob("5 * * * *", false), rig.Noop, gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapSecond), "WithDaylightSavingsTimeOverlap"},
		"overlaps of some hour": {gocron.CronJob("5 1 * * *", false), rig.Noop, gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapSecond), ""},
		"overlaps of days":      {gocron.DailyJob(1, ten), rig.Noop, gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapSecond), ""},
		"weeks of days":         {gocron.DailyJob(1, ten), rig.Noop, gocron.WithWeeksFromMonday(), "WithWeeksFromMonday"},
		"weeks of weeks":        {gocron.WeeklyJob(2, gocron.NewWeekdays(1), ten), rig.Noop, gocron.WithWeeksFromMonday(), ""},
		"gaps of days":          {gocron.DailyJob(1, ten), rig.Noop, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip), ""},
		"cron":                  {rig.Ages(), rig.Noop, gocron.WithCronImplementation(gocron.NewDefaultCron(false)), "WithCronImplementation"},
		"cron of a cron job":    {gocron.CronJob("* * * * *", false), rig.Noop, gocron.WithCronImplementation(gocron.NewDefaultCron(false)), ""},
		"location":              {gocron.DailyJob(1, ten), rig.Noop, gocron.WithJobLocation(time.UTC), ""},
		"location, instants":    {gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Noop, gocron.WithJobLocation(time.UTC), "WithJobLocation"},
		"leaves":                {rig.Ages(), rig.Noop, gocron.WithRemoveWhenFinished(), "WithRemoveWhenFinished"},
		"ended context":         {rig.Ages(), rig.Noop, gocron.WithContext(ended), "WithContext"},
	} {
		for _, global := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				l := &lineLogger{}
				own := []gocron.JobOption{c.option}
				options := []gocron.SchedulerOption{gocron.WithLogger(l)}
				if global {
					own, options = nil, append(options, gocron.WithGlobalJobOptions(c.option))
				}
				_, err := rig.NewScheduler(t, options...).NewJob(c.definition, gocron.NewTask(c.function), append(own, gocron.WithName("report"))...)
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
		s := rig.NewScheduler(t, gocron.WithLogger(l), gocron.WithDistributedLocker(&freeLocker{}))
		one := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("one"))
		_, err := s.Update(one.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("one"))
		require.NoError(t, err)
		rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("two"))
		rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("one"), gocron.WithDistributedJobLocker(&freeLocker{1}))
		rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("one"), gocron.WithDisabledDistributedJobLocker(true))
		require.Empty(t, l.at("WARN"))
		rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("one"))
		require.Len(t, l.at("WARN"), 1)
		require.Contains(t, l.at("WARN")[0], one.ID().String())
		require.NoError(t, s.RemoveJob(one.ID()))
		rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("three"))
		require.Len(t, l.at("WARN"), 1)
	})
}

type freeLocker struct{ number int }

func (*freeLocker) Lock(context.Context, string) (gocron.Lock, error) {
	return nil, errors.New("never asked")
}

func TestSynctestMessagesARunThatDidNotSucceedGetsOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		function any
		options  []gocron.JobOption
		parts    []string
	}{
		"failed":   {func() error { return rig.ErrTest }, nil, []string{"outcome=failed", "reason=" + rig.ErrTest.Error()}},
		"panicked": {func() { panic("oops") }, []gocron.JobOption{gocron.WithRecover()}, []string{"outcome=panicked", "oops"}},
		"refused": {rig.Noop, []gocron.JobOption{gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(
			func(uuid.UUID, string) error { return rig.ErrTest }))}, []string{"outcome=refused", "reason=" + rig.ErrTest.Error()}},
		"retried":   {func() error { return rig.ErrTest }, []gocron.JobOption{gocron.WithRetry(gocron.RetryPolicy{Attempts: 3})}, []string{"outcome=failed", "attempts=3"}},
		"succeeded": {rig.Noop, nil, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &lineLogger{}
			s := rig.NewScheduler(t, gocron.WithLogger(l))
			j := rig.MustJob(t, s, rig.Ages(), c.function, append(c.options, gocron.WithName("report"))...)
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
		s := rig.NewScheduler(t, gocron.WithLogger(l), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
		slow := func(ctx context.Context) { <-ctx.Done() }
		one := rig.MustJob(t, s, rig.Ages(), slow, gocron.WithName("one"), gocron.WithSingletonMode(gocron.LimitModeReschedule))
		two := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("two"))
		three := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("three"))
		require.NoError(t, gocron.NewController(s).Pause(three.ID()))
		s.Start()
		for _, j := range []gocron.Job{one, one, two} {
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
		s := rig.NewScheduler(t, gocron.WithLogger(l), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		one := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) { <-ctx.Done() }, gocron.WithName("one"))
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
		s := rig.NewScheduler(t, gocron.WithLogger(l))
		ctx, end := context.WithCancel(context.Background())
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		withContext := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithContext(ctx))
		check := func(j gocron.Job, reason string) {
			t.Helper()
			require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
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
		s := rig.NewScheduler(t)
		release := make(chan struct{})
		j := rig.MustJob(t, s, gocron.DurationJob(40*time.Minute), func() { <-release }, gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Hour))))
		s.Start()
		time.Sleep(2 * time.Hour)
		require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
		e, err := gocron.NewController(s).Explain(j.ID())
		require.NoError(t, err)
		require.Contains(t, e.RunNowFails, "stop time has passed")
		require.Contains(t, e.String(), "RunNow fails: the job's stop time has passed")
		close(release)
	})
}

// A goexitLogger ends the goroutine that tells it of a run.
type goexitLogger struct{ rig.QuietLogger }

func (goexitLogger) Debug(string, ...any) { runtime.Goexit() }

func TestSynctestMessagesLoggerThatEndsTheGoroutineKeepsNoHookFromTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var finished []gocron.Outcome
		s := rig.NewScheduler(t, gocron.WithLogger(goexitLogger{}), gocron.WithHooks(gocron.Hooks{
			RunFinished: func(info gocron.RunInfo) { finished = append(finished, info.Outcome) },
		}))
		s.Start()
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() error { return errors.New("task") })
		time.Sleep(150 * time.Second)
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeFailed, gocron.OutcomeFailed}, finished)
	})
}
