//go:build go1.25

package claims_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A fleet is several schedulers that ask one store. Each has a clock of its own, which is
// late, and starts when the one before it has run for a while.
type fleet struct {
	t     *testing.T
	store *claimStore
	nodes []gocron.Scheduler
	mu    sync.Mutex
	ran   map[occurrence][]int // on which nodes
}

func newFleet(t *testing.T, skew time.Duration, options ...gocron.SchedulerOption) *fleet {
	f := &fleet{t: t, store: newClaimStore(t), ran: map[occurrence][]int{}}
	zones := claimZones(t)
	for i := 0; i < 3; i++ {
		own := []gocron.SchedulerOption{gocron.WithDistributedLocker(f.store.locker()), gocron.WithLocation(zones[i]), gocron.WithStopTimeout(time.Hour)}
		if i > 0 {
			own = append(own, gocron.WithClock(newSkewedClock(-time.Duration(i)*skew)))
		}
		f.nodes = append(f.nodes, rig.NewScheduler(t, append(own, options...)...))
	}
	return f
}

// job adds a job to all nodes, whose runs take so long.
func (f *fleet) job(name string, definition gocron.JobDefinition, takes time.Duration, options ...gocron.JobOption) {
	for i, s := range f.nodes {
		rig.MustJob(f.t, s, definition, func(ctx context.Context) {
			info, _ := gocron.RunFromContext(ctx)
			o := occurrence{name, info.ScheduledAt.UTC()}
			f.mu.Lock()
			f.ran[o] = append(f.ran[o], i)
			f.mu.Unlock()
			time.Sleep(takes)
		}, append(options, gocron.WithName(name))...)
	}
}

// run starts the nodes one after another, lets them run, and shuts them down. That is at a
// time when nothing is due: a stop just after a claim would forfeit the occurrence.
func (f *fleet) run(apart, takes time.Duration) {
	for _, s := range f.nodes {
		s.Start()
		time.Sleep(apart)
	}
	time.Sleep(takes + 37*time.Millisecond)
	for _, s := range f.nodes {
		require.NoError(f.t, s.Shutdown())
	}
	synctest.Wait()
}

// requireEachOnce asserts that all occurrences that were claimed ran, each on one node, and that
// there are at least so many of a job.
func (f *fleet) requireEachOnce(name string, atLeast int) []time.Time {
	f.t.Helper()
	times := f.store.times(name)
	require.GreaterOrEqual(f.t, len(times), atLeast, name)
	ran := 0
	for o, nodes := range f.ran {
		if o.key == name {
			ran++
			require.Len(f.t, nodes, 1, "%s at %v", name, o.at)
		}
	}
	require.Equal(f.t, len(times), ran, name)
	return times
}

// requireNoGap asserts that times are neighbours.
func requireNoGap(t *testing.T, times []time.Time, d time.Duration) {
	t.Helper()
	for i := 1; i < len(times); i++ {
		require.Equal(t, d, times[i].Sub(times[i-1]), "from %v to %v", times[i-1], times[i])
	}
}

// The clocks are 80 ms apart, the starts 600 ms, and a run takes less than either.
func TestSynctestClaimsRunEachOccurrenceOnce(t *testing.T) {
	for _, takes := range []time.Duration{0, 5 * time.Millisecond, 90 * time.Millisecond, 3500 * time.Millisecond} {
		t.Run(takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 80*time.Millisecond)
				f.job("cron", gocron.CronJob("* * * * * *", true), takes)
				f.job("every", gocron.CronJob("@every 2s", false), takes)
				f.job("interval", gocron.DurationJob(1700*time.Millisecond), takes)
				f.job("short", gocron.DurationJob(100*time.Millisecond), takes)
				f.job("started", gocron.DurationJob(time.Second), takes, gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart.Add(333*time.Millisecond))))
				f.job("alone", gocron.DurationJob(time.Second), takes, gocron.WithSingletonMode(gocron.LimitModeReschedule))
				f.job("daily", gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(0, 0, 10), gocron.NewAtTime(0, 0, 20))), takes, inUTC())
				f.run(600*time.Millisecond, 30*time.Second)
				requireNoGap(t, f.requireEachOnce("cron", 30), time.Second)
				requireNoGap(t, f.requireEachOnce("every", 15), 2*time.Second)
				requireNoGap(t, f.requireEachOnce("interval", 17), 1700*time.Millisecond)
				requireNoGap(t, f.requireEachOnce("short", 300), 100*time.Millisecond)
				requireNoGap(t, f.requireEachOnce("started", 30), time.Second)
				f.requireEachOnce("alone", 10)
				require.Len(t, f.requireEachOnce("daily", 2), 2)
			})
		})
	}
}

// inUTC makes the job live in UTC on all nodes.
func inUTC() gocron.JobOption {
	return gocron.WithStartAt(gocron.WithStartDateTimePast(bubbleStart.Add(-time.Hour)))
}

// Runs wait for minutes on each node, and all of them ask in the end: nothing runs twice, and
// nothing is lost.
func TestSynctestClaimsOfLongQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 80*time.Millisecond, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithDrain())
		for i := 0; i < 6; i++ {
			f.job(fmt.Sprint("j", i), gocron.DurationJob(time.Second), 900*time.Millisecond)
		}
		f.run(600*time.Millisecond, 30*time.Second)
		for i := 0; i < 6; i++ {
			requireNoGap(t, f.requireEachOnce(fmt.Sprint("j", i), 30), time.Second)
		}
		for i, s := range f.nodes {
			require.Nil(t, s.Jobs(), i)
		}
	})
}

// A node that goes leaves all to the others, and what it has claimed is not done again.
func TestSynctestClaimsWhenNodesComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 80*time.Millisecond)
		f.job("j", gocron.DurationJob(time.Second), 10*time.Millisecond)
		for _, s := range f.nodes {
			s.Start()
		}
		for round := 0; round < 9; round++ {
			time.Sleep(1300 * time.Millisecond)
			require.NoError(t, f.nodes[round%3].StopJobs())
			time.Sleep(1700 * time.Millisecond)
			f.nodes[round%3].Start()
		}
		requireNoGap(t, f.requireEachOnce("j", 26), time.Second)
		f.run(0, 0)
	})
}

// Two jobs of two names are not each other's.
func TestSynctestClaimsOfOneInstantAndTwoNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 0)
		f.job("a", gocron.DurationJob(time.Second), 0)
		f.job("b", gocron.CronJob("* * * * * *", true), 0)
		f.run(0, 10*time.Second)
		require.Equal(t, f.requireEachOnce("a", 9), f.requireEachOnce("b", 9))
	})
}

// One node's clock is an hour off: it asks for what was, or what will be.
func TestSynctestClaimsOfANodeThatIsAnHourOff(t *testing.T) {
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, skew)
			f.job("j", gocron.DurationJob(time.Minute), time.Second)
			f.run(600*time.Millisecond, 3*time.Hour)
			f.requireEachOnce("j", 180)
		})
	}
}
