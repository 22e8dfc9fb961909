//go:build go1.25

package claims_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// claimKinds are definitions of each kind that has instants in common.
func claimKinds() map[string]gocron.JobDefinition {
	at := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	return map[string]gocron.JobDefinition{
		"DurationJob":       gocron.DurationJob(time.Hour),
		"every":             gocron.CronJob("@every 1h", false),
		"CronJob":           gocron.CronJob("0 * * * *", false),
		"DailyJob":          gocron.DailyJob(1, at),
		"WeeklyJob":         gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday), at),
		"MonthlyJob":        gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), at),
		"MonthlyWeekdayJob": gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(2, time.Friday), at),
		"OneTimeJob":        gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(bubbleStart.Add(1000 * time.Hour))),
	}
}

type refusedKind struct {
	definition gocron.JobDefinition
	options    []gocron.JobOption
	text       string
}

// refusedKinds have times that are each scheduler's own.
func refusedKinds() map[string]refusedKind {
	now := gocron.WithStartAt(gocron.WithStartImmediately())
	all := map[string]refusedKind{
		"one time now":          {gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), nil, "OneTimeJobStartImmediately"},
		"random":                {gocron.DurationRandomJob(time.Hour, 2*time.Hour), nil, "DurationRandomJob"},
		"random from a start":   {gocron.DurationRandomJob(time.Hour, 2*time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart))}, "DurationRandomJob"},
		"random, completion":    {gocron.DurationRandomJob(time.Hour, 2*time.Hour), []gocron.JobOption{gocron.WithIntervalFromCompletion()}, "DurationRandomJob"},
		"completion":            {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithIntervalFromCompletion()}, "WithIntervalFromCompletion"},
		"completion of a start": {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithIntervalFromCompletion(), gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart))}, "WithIntervalFromCompletion"},
		"now after a start":     {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart)), now}, "WithStartImmediately"},
	}
	for name, definition := range claimKinds() {
		text := "WithStartImmediately"
		if name == "OneTimeJob" {
			text = "StartImmediately"
		}
		all[name+" now"] = refusedKind{definition, []gocron.JobOption{now}, text}
	}
	return all
}

func TestSynctestClaimsRefuseTimesOfOneSchedulerOnly(t *testing.T) {
	for name, r := range refusedKinds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()))
				s.Start()
				old := everyMinute(t, s, rig.Noop)
				options := append(r.options, gocron.WithName("new"))
				_, err := s.NewJob(r.definition, gocron.NewTask(rig.Noop), options...)
				require.ErrorIs(t, err, gocron.ErrClaimSchedule)
				require.ErrorContains(t, err, r.text)
				_, err = s.Update(old.ID(), r.definition, gocron.NewTask(rig.Noop), options...)
				require.ErrorIs(t, err, gocron.ErrClaimSchedule)
				require.Len(t, s.Jobs(), 1)
				require.Equal(t, "j", s.Jobs()[0].Name(), "the old job goes on untouched")
				requireFree(t, s, "new")
				require.Empty(t, c.questions(), "nothing ran")

				byGlobal := rig.NewScheduler(t, gocron.WithGlobalJobOptions(options...), gocron.WithDistributedLocker(c.locker()))
				_, err = byGlobal.NewJob(r.definition, gocron.NewTask(rig.Noop))
				require.ErrorIs(t, err, gocron.ErrClaimSchedule)
				ownClaimer := rig.NewScheduler(t)
				_, err = ownClaimer.NewJob(r.definition, gocron.NewTask(rig.Noop), append(options, gocron.WithDistributedJobLocker(c.locker()))...)
				require.ErrorIs(t, err, gocron.ErrClaimSchedule)
				require.Empty(t, append(byGlobal.Jobs(), ownClaimer.Jobs()...))
			})
		})
	}
}

// All kinds are as they were where nothing is claimed.
func TestSynctestClaimsRefuseNothingWithoutAClaimer(t *testing.T) {
	plain := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, nil })
	for name, r := range refusedKinds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				rig.MustJob(t, rig.NewScheduler(t), r.definition, rig.Noop, r.options...)
				rig.MustJob(t, rig.NewScheduler(t, gocron.WithDistributedLocker(plain)), r.definition, rig.Noop, r.options...)
				s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()))
				rig.MustJob(t, s, r.definition, rig.Noop, append(r.options, gocron.WithDisabledDistributedJobLocker(true))...)
				rig.MustJob(t, s, r.definition, rig.Noop, append(r.options, gocron.WithDistributedJobLocker(plain))...)
				s.Start()
				require.Empty(t, c.questions())
			})
		})
	}
}

func TestSynctestClaimsAllowTimesInCommon(t *testing.T) {
	later := bubbleStart.Add(30 * time.Minute)
	for option, options := range map[string][]gocron.JobOption{
		"plain":        nil,
		"start":        {gocron.WithStartAt(gocron.WithStartDateTime(later))},
		"past start":   {gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart.Add(-50 * time.Minute)))},
		"stop":         {gocron.WithStopAt(gocron.WithStopDateTime(bubbleStart.Add(2000 * time.Hour)))},
		"limited runs": {gocron.WithLimitedRuns(1)},
		"singleton":    {gocron.WithSingletonMode(gocron.LimitModeReplace)},
		"retry":        {rig.Retries(2, time.Second)},
	} {
		for kind, definition := range claimKinds() {
			t.Run(kind+" "+option, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClaimStore(t)
					s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()))
					j := rig.MustJob(t, s, definition, rig.Noop, append(options, gocron.WithName("j"))...)
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
			s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()), gocron.WithGlobalJobOptions(gocron.WithIntervalFromCompletion()))
			rig.MustJob(t, s, definition, rig.Noop, gocron.WithName("j"))
		})
	}
}

// A Cron of the user's own says when, and that is claimed.
func TestSynctestClaimsOfAUsersCron(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		own := gocron.NewDefaultCron(true)
		rig.MustJob(t, s, gocron.CronJob("*/20 * * * * *", true), rig.Noop, gocron.WithName("j"), gocron.WithCronImplementation(struct{ gocron.Cron }{own}))
		time.Sleep(61 * time.Second)
		synctest.Wait()
		require.Equal(t, []time.Time{bubbleStart.Add(20 * time.Second), bubbleStart.Add(40 * time.Second), bubbleStart.Add(time.Minute)}, c.times("j"))
		require.Len(t, b.Runs(), 3)
	})
}

// What is wrong with a definition is said first.
func TestSynctestClaimsLeaveOtherRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
		for _, r := range rig.DefinitionRefusals() {
			_, err := s.NewJob(r.Definition, r.Task, r.Options...)
			require.Error(t, err, r.Name)
			require.NotErrorIs(t, err, gocron.ErrClaimNoName, r.Name)
		}
		require.Empty(t, s.Jobs())
	})
}
