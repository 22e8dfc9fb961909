//go:build go1.25

package controller_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// What a package that does not import this one spells.
type foreignRun interface {
	Facts() struct {
		RunID        uint64
		JobID        [16]byte
		JobName      string
		Pool         string
		Trigger      string
		Outcome      string
		Attempt      int
		FencingToken int64
		ScheduledAt  time.Time
		QueuedAt     time.Time
		StartedAt    time.Time
		FinishedAt   time.Time
		MissedFrom   time.Time
		MissedTo     time.Time
		MissedLast   time.Time
		MissedCount  int
		Err          error
		Tags         []string
		Transient    bool
	}
}

var _ foreignRun = gocron.RunInfo{}

func TestRunFactsAreThoseOfTheRun(t *testing.T) {
	at := func(n time.Duration) time.Time { return rig.Now.Add(n * time.Second) }
	run := gocron.RunInfo{
		ID: 1, JobID: [16]byte{2}, JobName: "job", Tags: []string{"tag"}, Pool: "pool", Trigger: gocron.TriggerRetry, Transient: true,
		ScheduledAt: at(1), QueuedAt: at(2), StartedAt: at(3), FinishedAt: at(4), Attempt: 2, FencingToken: 3,
		Outcome: gocron.OutcomeTimedOut, MissedFrom: at(5), MissedTo: at(6), Err: rig.ErrTest,
	}
	require.Equal(t, gocron.RunFacts{
		RunID: 1, JobID: [16]byte{2}, JobName: "job", Tags: []string{"tag"}, Pool: "pool", Trigger: "retry", Transient: true,
		ScheduledAt: at(1), QueuedAt: at(2), StartedAt: at(3), FinishedAt: at(4), Attempt: 2, FencingToken: 3,
		Outcome: "timed-out", MissedFrom: at(5), MissedTo: at(6), Err: rig.ErrTest,
	}, run.Facts())
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = run.Facts() }))
}

func factsOf(t *testing.T, c *gocron.Controller) map[string]gocron.JobFacts {
	t.Helper()
	synctest.Wait()
	all := make(map[string]gocron.JobFacts)
	require.NoError(t, c.EachJob(context.Background(), func(f gocron.JobFacts) bool {
		all[f.Name] = f
		return true
	}))
	return all
}

func TestSynctestEachJobTellsWhatIsKnown(t *testing.T) {
	zone := time.FixedZone("zone", 3600)
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		cron := rig.MustJob(t, s, gocron.CronJob("TZ=Asia/Tokyo 0 3 * * *", false), rig.Noop, gocron.WithName("cron"), gocron.WithTags("a"),
			gocron.WithKey("key"), gocron.InPool("pool"))
		rig.MustJob(t, s, gocron.DailyJob(1, rig.AtClock(1, 0)), rig.Noop, gocron.WithName("daily"), gocron.WithJobLocation(zone))
		s.Start()
		began := time.Now()
		rest(time.Second)
		_, err := c.RunAndWait(context.Background(), cron.ID())
		require.NoError(t, err)
		require.NoError(t, c.PauseWith(cron.ID(), "alice", "deploy"))
		facts := factsOf(t, c)["cron"]
		next, err := cron.NextRun()
		require.NoError(t, err)
		require.True(t, next.Equal(facts.Next))
		require.Equal(t, time.Second, facts.LastStarted.Sub(began))
		require.Equal(t, facts.LastStarted, facts.LastFinished)
		require.Equal(t, facts.LastStarted, facts.LastSuccess)
		require.Equal(t, facts.LastStarted, facts.PausedSince)
		facts.Next, facts.LastStarted, facts.LastFinished, facts.LastSuccess = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		facts.PausedSince = time.Time{}
		require.Equal(t, gocron.JobFacts{
			ID: cron.ID(), Name: "cron", Key: "key", Kind: "cron", Schedule: "every day at 03:00 (Asia/Tokyo)", Location: "Asia/Tokyo",
			Pool: "pool", State: "paused", Tags: []string{"a"}, LastOutcome: "succeeded", Paused: true, PausedBy: "alice", PauseNote: "deploy",
		}, facts)
		require.Equal(t, "zone", factsOf(t, c)["daily"].Location)
	}, gocron.WithJobStats(), gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

func TestSynctestEachJobKinds(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		kinds := rig.EveryKind()
		delete(kinds, "every")
		kinds["duration-random"] = kinds["random"]
		delete(kinds, "random")
		kinds["manual"] = gocron.ManualJob()
		for kind, d := range kinds {
			rig.MustJob(t, s, d, rig.Noop, gocron.WithName(kind))
		}
		for kind, facts := range factsOf(t, c) {
			require.Equal(t, kind, facts.Kind)
			require.NotEmpty(t, facts.Schedule)
			require.Equal(t, "stopped", facts.State)
			require.False(t, facts.Transient)
		}
		require.Len(t, factsOf(t, c), len(kinds))
	})
}

// One-time jobs without a name, and those that leave by themselves, may come in any number.
func TestSynctestEachJobTransient(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		once := gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.FarFuture))
		w := newWatch(t, c)
		for transient, options := range map[bool][][]gocron.JobOption{
			true:  {{}, {gocron.WithName("a"), gocron.WithRemoveWhenFinished()}},
			false: {{gocron.WithName("b")}},
		} {
			for _, o := range options {
				j := rig.MustJob(t, s, once, rig.Noop, o...)
				require.Equal(t, transient, factsOf(t, c)[j.Name()].Transient)
			}
		}
		repeated := rig.MustJob(t, s, gocron.ManualJob(), rig.Noop, gocron.WithName("c"))
		require.False(t, factsOf(t, c)[repeated.Name()].Transient)
		s.Start()
		for _, j := range s.Jobs() {
			want := factsOf(t, c)[j.Name()].Transient
			require.NoError(t, j.RunNow())
			w.told()
			require.Equal(t, want, w.infos[len(w.infos)-1].Transient)
		}
	})
}

// A job is overdue when its run has waited for its turn for more than a minute.
func TestSynctestEachJobOverdue(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		defer h.Open()
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("job"), gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		due := time.Now().Add(2 * time.Hour)
		rest(time.Hour)
		facts := factsOf(t, c)["job"]
		require.True(t, facts.DueSince.IsZero(), "its run is in progress")
		require.Equal(t, 1, facts.Running)
		rest(time.Hour + time.Minute)
		facts = factsOf(t, c)["job"]
		require.True(t, due.Equal(facts.DueSince), facts.DueSince)
		require.False(t, facts.Overdue)
		rest(1)
		facts = factsOf(t, c)["job"]
		require.True(t, facts.Overdue)
		require.Equal(t, 1, facts.Waiting)
		require.Equal(t, "running", facts.State)
	})
}

// A run that has begun is not overdue while it waits for another attempt.
func TestSynctestEachJobOverdueOfAttempts(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		defer h.Open()
		fails := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, gocron.WithName("fails"), gocron.InPool("pool"), rig.Retries(2, time.Second))
		holds := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool("pool"))
		s.Start()
		require.NoError(t, fails.RunNow())
		synctest.Wait()
		require.NoError(t, holds.RunNow())
		rest(time.Hour)
		facts := factsOf(t, c)["fails"]
		require.Equal(t, 1, facts.Waiting)
		require.True(t, facts.DueSince.IsZero())
		begun := time.Now()
		require.NoError(t, fails.RunNow())
		rest(time.Hour)
		facts = factsOf(t, c)["fails"]
		require.Equal(t, 2, facts.Waiting)
		require.True(t, begun.Equal(facts.DueSince), facts.DueSince)
	}, gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

// A lateClock is ahead of the one that rings.
type lateClock struct {
	*clockwork.FakeClock
	ahead atomic.Int64
}

func (c *lateClock) Now() time.Time { return c.FakeClock.Now().Add(time.Duration(c.ahead.Load())) }

// A job is overdue too when the scheduler does not come to it.
func TestSynctestEachJobOverdueByTheScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &lateClock{FakeClock: clockwork.NewFakeClockAt(rig.Now)}
		s := rig.NewScheduler(t, gocron.WithClock(clock))
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		s.Start()
		due, err := j.NextRun()
		require.NoError(t, err)
		synctest.Wait()
		clock.ahead.Store(int64(2 * time.Hour))
		facts := factsOf(t, gocron.NewController(s))[j.Name()]
		require.True(t, due.Equal(facts.DueSince), facts.DueSince)
		require.True(t, facts.Overdue)
		clock.ahead.Store(0)
		require.NoError(t, s.Shutdown())
	})
}

func TestSynctestEachJobMayBeEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		for range 600 {
			rig.MustJob(t, s, gocron.ManualJob(), rig.Noop)
		}
		calls := 0
		require.NoError(t, c.EachJob(context.Background(), func(f gocron.JobFacts) bool {
			require.NoError(t, s.RemoveJob(f.ID), "nothing is locked")
			calls++
			return calls < 300
		}))
		require.Equal(t, 300, calls)
		require.Len(t, s.Jobs(), 300)
		left := 0
		require.NoError(t, c.EachJob(context.Background(), func(gocron.JobFacts) bool {
			for _, j := range s.Jobs() {
				require.NoError(t, s.RemoveJob(j.ID()))
			}
			left++
			return true
		}))
		require.Less(t, left, 300, "those that have left meanwhile are left out")
		rig.MustJob(t, s, gocron.ManualJob(), rig.Noop)
		ctx, cancel := context.WithCancel(context.Background())
		require.ErrorIs(t, c.EachJob(ctx, func(gocron.JobFacts) bool { cancel(); return true }), context.Canceled)
		require.ErrorIs(t, c.EachJob(context.Background(), nil), gocron.ErrOptionValue)
		require.ErrorIs(t, gocron.NewController(nil).EachJob(context.Background(), func(gocron.JobFacts) bool { return true }), errors.ErrUnsupported)
		require.NoError(t, s.Shutdown())
		require.NoError(t, c.EachJob(forever, func(gocron.JobFacts) bool { calls++; return true }))
		require.Equal(t, 300, calls)
	})
}
