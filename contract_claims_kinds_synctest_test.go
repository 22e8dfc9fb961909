//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// claimKinds are definitions of each kind that has instants in common.
func claimKinds() map[string]JobDefinition {
	at := NewAtTimes(NewAtTime(12, 0, 0))
	return map[string]JobDefinition{
		"DurationJob":       DurationJob(time.Hour),
		"every":             CronJob("@every 1h", false),
		"CronJob":           CronJob("0 * * * *", false),
		"DailyJob":          DailyJob(1, at),
		"WeeklyJob":         WeeklyJob(1, NewWeekdays(time.Monday), at),
		"MonthlyJob":        MonthlyJob(1, NewDaysOfTheMonth(1), at),
		"MonthlyWeekdayJob": MonthlyWeekdayJob(1, NewNthWeekdays(2, time.Friday), at),
		"OneTimeJob":        OneTimeJob(OneTimeJobStartDateTime(bubbleStart.Add(1000 * time.Hour))),
	}
}

type refusedKind struct {
	definition JobDefinition
	options    []JobOption
	text       string
}

// refusedKinds have times that are each scheduler's own.
func refusedKinds() map[string]refusedKind {
	now := WithStartAt(WithStartImmediately())
	all := map[string]refusedKind{
		"one time now":          {OneTimeJob(OneTimeJobStartImmediately()), nil, "OneTimeJobStartImmediately"},
		"random":                {DurationRandomJob(time.Hour, 2*time.Hour), nil, "DurationRandomJob"},
		"random from a start":   {DurationRandomJob(time.Hour, 2*time.Hour), []JobOption{WithStartAt(WithStartDateTimePast(bubbleStart))}, "DurationRandomJob"},
		"random, completion":    {DurationRandomJob(time.Hour, 2*time.Hour), []JobOption{WithIntervalFromCompletion()}, "DurationRandomJob"},
		"completion":            {DurationJob(time.Hour), []JobOption{WithIntervalFromCompletion()}, "WithIntervalFromCompletion"},
		"completion of a start": {DurationJob(time.Hour), []JobOption{WithIntervalFromCompletion(), WithStartAt(WithStartDateTimePast(bubbleStart))}, "WithIntervalFromCompletion"},
		"now after a start":     {DurationJob(time.Hour), []JobOption{WithStartAt(WithStartDateTimePast(bubbleStart)), now}, "WithStartImmediately"},
	}
	for name, definition := range claimKinds() {
		text := "WithStartImmediately"
		if name == "OneTimeJob" {
			text = "StartImmediately"
		}
		all[name+" now"] = refusedKind{definition, []JobOption{now}, text}
	}
	return all
}

func TestSynctestClaimsRefuseTimesOfOneSchedulerOnly(t *testing.T) {
	for name, r := range refusedKinds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s := newScheduler(t, WithDistributedLocker(c.locker()))
				s.Start()
				old := everyMinute(t, s, noop)
				options := append(r.options, WithName("new"))
				_, err := s.NewJob(r.definition, NewTask(noop), options...)
				require.ErrorIs(t, err, ErrClaimSchedule)
				require.ErrorContains(t, err, r.text)
				_, err = s.Update(old.ID(), r.definition, NewTask(noop), options...)
				require.ErrorIs(t, err, ErrClaimSchedule)
				require.Len(t, s.Jobs(), 1)
				require.Equal(t, "j", s.Jobs()[0].Name(), "the old job goes on untouched")
				requireFree(t, s, "new")
				require.Empty(t, c.questions(), "nothing ran")

				byGlobal := newScheduler(t, WithGlobalJobOptions(options...), WithDistributedLocker(c.locker()))
				_, err = byGlobal.NewJob(r.definition, NewTask(noop))
				require.ErrorIs(t, err, ErrClaimSchedule)
				ownClaimer := newScheduler(t)
				_, err = ownClaimer.NewJob(r.definition, NewTask(noop), append(options, WithDistributedJobLocker(c.locker()))...)
				require.ErrorIs(t, err, ErrClaimSchedule)
				require.Empty(t, append(byGlobal.Jobs(), ownClaimer.Jobs()...))
			})
		})
	}
}

// All kinds are as they were where nothing is claimed.
func TestSynctestClaimsRefuseNothingWithoutAClaimer(t *testing.T) {
	plain := lockFunc(func(context.Context, string) (Lock, error) { return nil, nil })
	for name, r := range refusedKinds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				mustJob(t, newScheduler(t), r.definition, noop, r.options...)
				mustJob(t, newScheduler(t, WithDistributedLocker(plain)), r.definition, noop, r.options...)
				s := newScheduler(t, WithDistributedLocker(c.locker()))
				mustJob(t, s, r.definition, noop, append(r.options, WithDisabledDistributedJobLocker(true))...)
				mustJob(t, s, r.definition, noop, append(r.options, WithDistributedJobLocker(plain))...)
				s.Start()
				require.Empty(t, c.questions())
			})
		})
	}
}

func TestSynctestClaimsAllowTimesInCommon(t *testing.T) {
	later := bubbleStart.Add(30 * time.Minute)
	for option, options := range map[string][]JobOption{
		"plain":        nil,
		"start":        {WithStartAt(WithStartDateTime(later))},
		"past start":   {WithStartAt(WithStartDateTimePast(bubbleStart.Add(-50 * time.Minute)))},
		"stop":         {WithStopAt(WithStopDateTime(bubbleStart.Add(2000 * time.Hour)))},
		"limited runs": {WithLimitedRuns(1)},
		"singleton":    {WithSingletonMode(LimitModeReplace)},
		"retry":        {retries(2, time.Second)},
	} {
		for kind, definition := range claimKinds() {
			t.Run(kind+" "+option, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClaimStore(t)
					s := newScheduler(t, WithDistributedLocker(c.locker()))
					j := mustJob(t, s, definition, noop, append(options, WithName("j"))...)
					s.Start()
					next, err := j.NextRun()
					require.NoError(t, err)
					require.False(t, next.IsZero())
					time.Sleep(time.Until(next))
					synctest.Wait()
					require.Equal(t, []occurrence{{"j", next.UTC()}}, c.questions())
					c.requireReleased(1, 1)
				})
			})
		}
	}
}

// Kinds that ignore WithIntervalFromCompletion may have it.
func TestSynctestClaimsOfKindsThatIgnoreCompletion(t *testing.T) {
	for name, definition := range claimKinds() {
		if name == "DurationJob" {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			s := newScheduler(t, WithDistributedLocker(newClaimStore(t).locker()), WithGlobalJobOptions(WithIntervalFromCompletion()))
			mustJob(t, s, definition, noop, WithName("j"))
		})
	}
}

// A Cron of the user's own says when, and that is claimed.
func TestSynctestClaimsOfAUsersCron(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()))
		own := NewDefaultCron(true)
		mustJob(t, s, CronJob("*/20 * * * * *", true), noop, WithName("j"), WithCronImplementation(struct{ Cron }{own}))
		time.Sleep(61 * time.Second)
		synctest.Wait()
		require.Equal(t, []time.Time{bubbleStart.Add(20 * time.Second), bubbleStart.Add(40 * time.Second), bubbleStart.Add(time.Minute)}, c.times("j"))
		require.Len(t, b.runs(), 3)
	})
}

// What is wrong with a definition is said first.
func TestSynctestClaimsLeaveOtherRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDistributedLocker(newClaimStore(t).locker()))
		for _, r := range definitionRefusals() {
			_, err := s.NewJob(r.definition, r.task, r.options...)
			require.Error(t, err, r.name)
			require.NotErrorIs(t, err, ErrClaimNoName, r.name)
		}
		require.Empty(t, s.Jobs())
	})
}
