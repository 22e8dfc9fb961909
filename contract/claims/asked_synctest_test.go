//go:build go1.25

package claims_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// minutes are occurrences of j, at so many minutes after the start of the bubble.
func minutes(ns ...int) []occurrence {
	all := []occurrence{}
	for _, n := range ns {
		all = append(all, occurrence{"j", bubbleStart.Add(time.Duration(n) * time.Minute)})
	}
	return all
}

// bubbleStart is when time begins in synctest.
var bubbleStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestSynctestClaimsAreAskedOnceForEachOccurrence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := newClaimStore(t), rig.Answering(nil)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, p.Task)
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		require.Equal(t, minutes(1, 2, 3), c.questions())
		require.Equal(t, []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute}, p.Calls())
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "succeeded 1"}, b.Outcomes())
		c.requireReleased(3, 1)
	})
}

// Wherever scheduler and job live, a claim names the instant in UTC, and nothing but it.
func TestSynctestClaimsAreOfInstantsInUTC(t *testing.T) {
	at := gocron.NewAtTimes(gocron.NewAtTime(12, 30, 5))
	for name, definition := range map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(45 * time.Minute),
		"every":    gocron.CronJob("@every 2h", false),
		"cron":     gocron.CronJob("5 */3 * * *", false),
		"daily":    gocron.DailyJob(1, at),
		"weekly":   gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday), at),
		"monthly":  gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(2), at),
		"one time": gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(bubbleStart.Add(time.Hour).In(time.FixedZone("x", 3600)))),
	} {
		for _, start := range []time.Time{{}, bubbleStart.Add(-time.Hour).In(time.FixedZone("", -9*3600-1800))} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClaimStore(t)
					s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLocation(time.FixedZone("", 20700)))
					option := gocron.WithTags()
					if !start.IsZero() {
						option = gocron.WithStartAt(gocron.WithStartDateTimePast(start))
					}
					rig.MustJob(t, s, definition, rig.Noop, gocron.WithName("j"), option)
					time.Sleep(48 * time.Hour)
					asked, runs := c.questions(), b.Runs()
					require.NotEmpty(t, asked)
					require.Len(t, runs, len(asked))
					for i, o := range asked {
						require.True(t, o.at == runs[i].ScheduledAt.UTC(), "%v is %v", o.at, runs[i].ScheduledAt)
					}
				})
			})
		}
	}
}

// A run that has waited claims the occurrence that it was made for, when it is about to start.
func TestSynctestClaimsAreAskedAfterTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		var when []time.Duration
		c.claiming = func(ctx context.Context, o occurrence) error {
			info, ok := gocron.RunFromContext(ctx)
			require.True(t, ok)
			require.True(t, info.ScheduledAt.Equal(o.at))
			when = append(when, time.Since(bubbleStart))
			return ctx.Err()
		}
		s, _ := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		long := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(150 * time.Second) }, gocron.WithDisabledDistributedJobLocker(true))
		require.NoError(t, long.RunNow())
		everyMinute(t, s, func() { time.Sleep(time.Second) })
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Empty(t, c.questions(), "both wait")
		time.Sleep(time.Minute - time.Millisecond)
		synctest.Wait()
		require.Equal(t, minutes(1, 2), c.questions())
		require.Equal(t, []time.Duration{150 * time.Second, 151 * time.Second}, when)
	})
}

// What the scheduler itself keeps from running is left for others to claim.
func TestSynctestClaimsAreNotAskedForWhatLocalLimitsSkip(t *testing.T) {
	longs := func() { time.Sleep(150 * time.Second) }
	for name, tt := range map[string]struct {
		scheduler gocron.SchedulerOption
		job       gocron.JobOption
	}{
		"singleton": {gocron.WithLocation(time.UTC), gocron.WithSingletonMode(gocron.LimitModeReschedule)},
		"limit":     {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule), gocron.WithTags()},
		"pool":      {gocron.WithPool("p", 1, gocron.LimitModeReschedule), gocron.WithTags("p")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, _ := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), tt.scheduler)
				options := []gocron.JobOption{tt.job}
				if name == "pool" {
					options = append(options, gocron.InPool("p"))
				}
				everyMinute(t, s, longs, options...)
				time.Sleep(6*time.Minute + 45*time.Second)
				synctest.Wait()
				require.Equal(t, minutes(1, 4), c.questions())
			})
		})
	}
}

func TestSynctestClaimsAreNotAskedWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		j := everyMinute(t, s, rig.Noop)
		require.NoError(t, gocron.NewController(s).Pause(j.ID()))
		time.Sleep(90 * time.Second)
		synctest.Wait()
		require.NoError(t, gocron.NewController(s).Resume(j.ID()))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, minutes(2), c.questions())
		require.Equal(t, []string{"paused 0", "succeeded 1"}, b.Outcomes())
	})
}

// Who comes late is told so, quietly, and gives back all that the run was granted.
func TestSynctestClaimsThatAreLostFreeWhatTheRunHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := newClaimStore(t), &claimLog{}
		for _, o := range minutes(1, 2, 3) {
			c.granted[o] = true
		}
		var told []error
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithLogger(log))
		p, other := rig.Answering(nil), rig.Answering(nil)
		everyMinute(t, s, p.Task, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithLimitedRuns(2),
			gocron.WithEventListeners(gocron.AfterLockError(func(_ uuid.UUID, name string, err error) {
				require.Equal(t, "j", name)
				told = append(told, err)
			})))
		rig.MustJob(t, s, gocron.CronJob("* * * * *", false), other.Task, gocron.WithName("other"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []time.Duration{time.Minute}, other.Calls(), "the slot is free at once")
		require.Empty(t, p.Calls())
		info := b.Runs()[0]
		require.Equal(t, gocron.OutcomeLockedElsewhere, info.Outcome)
		require.True(t, info.Err == errTaken)
		require.True(t, info.StartedAt.IsZero())
		require.Equal(t, []error{errTaken}, told)

		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, []time.Duration{4 * time.Minute, 5 * time.Minute}, p.Calls(), "no limited run was used up")
		require.Len(t, s.Jobs(), 1)
		require.Empty(t, log.all())
		b.RequireAtRest(t)
	})
}

// While it is asked for, a claim has slot and gate, and nothing else is held up.
func TestSynctestClaimsThatTakeLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.claiming = func(_ context.Context, o occurrence) error {
			if o.key == "j" {
				time.Sleep(90 * time.Second)
			}
			return errTaken
		}
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, rig.Noop, gocron.WithSingletonMode(gocron.LimitModeReschedule))
		rig.MustJob(t, s, gocron.CronJob("* * * * *", false), rig.Noop, gocron.WithName("other"))
		time.Sleep(2*time.Minute + time.Second)
		count := map[string]int{}
		for _, o := range c.questions() {
			count[o.key]++
		}
		require.Equal(t, map[string]int{"j": 1, "other": 2}, count)
		outcomes := map[string]int{}
		for _, info := range b.Runs() {
			outcomes[info.JobName+" "+info.Outcome.String()]++
		}
		require.Equal(t, map[string]int{"j skipped-singleton": 1, "other locked-elsewhere": 2}, outcomes)
		time.Sleep(time.Minute / 2)
	})
}

// Claim is called with nothing locked.
func TestSynctestClaimsMayCallTheScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		var s gocron.Scheduler
		c.claiming = func(ctx context.Context, o occurrence) error {
			job, ok := gocron.JobFromContext(ctx)
			require.True(t, ok)
			require.Equal(t, s.Jobs()[0].ID(), job.ID())
			next, err := job.NextRun()
			require.NoError(t, err)
			require.True(t, next.Equal(o.at.Add(time.Minute)))
			require.Len(t, s.Jobs(), 1)
			_, err = s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"))
			require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
			_, err = s.Update(job.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(rig.Noop), gocron.WithName("j"))
			require.NoError(t, err)
			return nil
		}
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, rig.Noop)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1"}, b.Outcomes(), "a run that has its slot outlives its definition")
		c.requireReleased(1, 1)
	})
}

// RunNow asks for no occurrence, so nobody else can have it.
func TestSynctestClaimsAreNotMadeByRunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.claiming = func(context.Context, occurrence) error { return errors.New("never") }
		e := &termElector{token: 3}
		for _, options := range [][]gocron.SchedulerOption{nil, {gocron.WithDistributedElector(e)}} {
			s, b := rig.NewStarted(t, append(options, gocron.WithDistributedLocker(c.locker()))...)
			j := everyMinute(t, s, rig.Noop, gocron.WithSingletonMode(gocron.LimitModeWait))
			require.NoError(t, j.RunNow())
			info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
			require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes())
			require.Empty(t, c.questions())
		}
		require.Equal(t, []string{"Term", "Term"}, e.asked, "the leader is asked all the same")
	})
}
