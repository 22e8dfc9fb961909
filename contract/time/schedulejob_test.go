package time_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// ownNoon is where the clocks of these tests stand at first: a Tuesday.
var ownNoon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// asked is a Schedule that notes what it is asked for. It answers the full hour after that.
type asked struct {
	mu    sync.Mutex
	times []time.Time
	say   func(after time.Time) time.Time // nil: the next full hour
}

func (a *asked) Next(after time.Time) time.Time {
	a.mu.Lock()
	a.times = append(a.times, after)
	say := a.say
	a.mu.Unlock()
	if say == nil {
		say = nextHour
	}
	return say(after)
}

func (a *asked) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return shown(a.times)
}

func nextHour(after time.Time) time.Time { return after.Truncate(time.Hour).Add(time.Hour) }

// A schedule of another package fits, and is what NextRuns, Preview and the runs go by.
func TestScheduleJobOfAnotherPackage(t *testing.T) {
	for _, line := range []string{"*/20 8-10 * * *", "0 9 1 * mon", "30 2 * * *", "@every 90m"} {
		theirs, err := cron.ParseStandard(line)
		require.NoError(t, err)
		from := time.Date(2026, 10, 24, 12, 0, 0, 0, zone(t, "Europe/Berlin"))
		var want []time.Time
		for at := from; len(want) < 12; {
			at = theirs.Next(at)
			want = append(want, at)
		}
		definition := gocron.ScheduleJob(theirs)
		times, err := gocron.Preview(definition, from, len(want))
		require.NoError(t, err)
		require.Equal(t, shown(want), shown(times), line)
		x := newStage(t, from)
		j, ran := x.logged(definition)
		x.s.Start()
		x.requireWalked(j, ran, shown(want))
	}
}

// It is asked for the time after the present one, then for the one after the last due time, in the
// location of the job.
func TestScheduleJobIsAskedForTheTimeAfterTheLast(t *testing.T) {
	a := &asked{}
	x := newStage(t, ownNoon.Add(time.Minute))
	x.s.Start()
	j, ran := x.logged(gocron.ScheduleJob(a), gocron.WithJobLocation(zone(t, "Asia/Tokyo")))
	x.walk(j, ran, 2)
	x.comes(j)
	require.Equal(t, []string{"Tue 2026-03-10 21:01:00 +0900", "Tue 2026-03-10 22:00:00 +0900", "Tue 2026-03-10 23:00:00 +0900"}, a.all())
	schedule := j.Schedule().(gocron.ScheduleJobSchedule)
	require.Equal(t, gocron.ScheduleJobType, schedule.JobType())
	require.Same(t, a, schedule.Schedule)
}

// Before Start it is not asked. A stop does not move its phase.
func TestScheduleJobKeepsItsPhaseOverAStop(t *testing.T) {
	a := &asked{say: func(after time.Time) time.Time { return after.Add(40 * time.Minute) }}
	x := newStage(t, ownNoon)
	j, ran := x.logged(gocron.ScheduleJob(a))
	require.Empty(t, a.all())
	x.s.Start()
	x.walk(j, ran, 1)
	require.NoError(t, x.s.StopJobs())
	x.clock.Advance(10 * time.Minute)
	x.s.Start()
	x.requireWalked(j, ran, []string{"Tue 2026-03-10 13:20:00 +0000", "Tue 2026-03-10 14:00:00 +0000"})
	require.NoError(t, x.s.StopJobs())
	x.clock.Advance(time.Hour)
	x.s.Start()
	x.requireWalked(j, ran, []string{"Tue 2026-03-10 15:40:00 +0000"})
}

// The zero time ends the job's times, and so does one that does not advance, which is logged once.
func TestScheduleJobThatDoesNotAdvance(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(after time.Time) time.Time
		warned int
	}{
		"zero":    {func(time.Time) time.Time { return time.Time{} }, 0},
		"stays":   {func(after time.Time) time.Time { return after }, 1},
		"back":    {func(after time.Time) time.Time { return after.Add(-time.Hour) }, 1},
		"too far": {func(time.Time) time.Time { return time.Date(10000, 1, 2, 0, 0, 0, 0, time.UTC) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := &asked{say: func(after time.Time) time.Time {
				if after.Before(ownNoon.Add(time.Hour)) {
					return ownNoon.Add(time.Hour)
				}
				return c.end(after)
			}}
			x := newStage(t, ownNoon)
			x.s.Start()
			j, ran := x.logged(gocron.ScheduleJob(a), gocron.WithName("report"))
			require.Len(t, x.nexts(j, 5), 1)
			x.walk(j, ran, 1)
			require.Empty(t, x.nexts(j, 5))
			require.Len(t, x.s.Jobs(), 1)
			require.NoError(t, x.s.StopJobs())
			x.s.Start()
			require.Empty(t, x.s.Jobs(), "nothing is left of it")
			warnings := x.log.with("a Schedule does not advance")
			require.Len(t, warnings, c.warned)
			for _, w := range warnings {
				require.Contains(t, w, "WARN")
				require.Contains(t, w, "report")
				require.Contains(t, w, "2026-03-10T13:00:00Z")
			}
			_, err := x.s.NewJob(gocron.ScheduleJob(gocron.ScheduleFunc(c.end)), gocron.NewTask(nothing), gocron.WithName("report"))
			require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
			require.ErrorContains(t, err, "its Schedule names no time after 2026-03-10T13:00:00Z")
			require.Len(t, x.log.with("a Schedule does not advance"), 2*c.warned)
		})
	}
}

func TestScheduleJobRefusesNil(t *testing.T) {
	for _, schedule := range []gocron.Schedule{nil, (*asked)(nil), gocron.ScheduleFunc(nil)} {
		err := gocron.Validate(gocron.ScheduleJob(schedule), gocron.WithName("report"))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.EqualError(t, err, "gocron: option value out of range: ScheduleJob(nil), allowed: a Schedule that is not nil (job \"report\")")
	}
}

// A Schedule that blocks delays its own job only, and no call of the scheduler.
func TestScheduleJobThatBlocksHoldsUpItsOwnJobOnly(t *testing.T) {
	goOn := make(chan struct{})
	a := &asked{say: func(after time.Time) time.Time {
		if !after.Before(ownNoon.Add(time.Hour)) {
			<-goOn
		}
		return nextHour(after)
	}}
	x := newStage(t, ownNoon)
	slow, slowRan := x.logged(gocron.ScheduleJob(a))
	other, otherRan := x.logged(gocron.DurationJob(time.Hour))
	x.s.Start()
	x.walk(other, otherRan, 1)
	x.receive(slowRan)
	x.walk(other, otherRan, 1)
	next, err := slow.NextRun()
	require.NoError(t, err)
	require.Zero(t, next, "it has not answered")
	require.Len(t, x.s.Jobs(), 2)
	close(goOn)
	x.receive(slowRan) // due while it was being asked
	require.Equal(t, ownNoon.Add(3*time.Hour), x.comes(slow))
}

// Calls of one value, and of one definition made of a function, do not overlap.
func TestScheduleJobCallsDoNotOverlap(t *testing.T) {
	var inside, most, calls atomic.Int32
	say := func(after time.Time) time.Time {
		most.Store(max(most.Load(), inside.Add(1)))
		calls.Add(1)
		defer inside.Add(-1)
		time.Sleep(time.Microsecond) // lets another in, if it may
		return after.Add(time.Second)
	}
	ofFunc := gocron.ScheduleJob(gocron.ScheduleFunc(say))
	a := &asked{say: say}
	for name, definition := range map[string]func() gocron.JobDefinition{
		"a value":      func() gocron.JobDefinition { return gocron.ScheduleJob(a) },
		"a definition": func() gocron.JobDefinition { return ofFunc },
	} {
		t.Run(name, func(t *testing.T) {
			most.Store(0)
			calls.Store(0)
			x := newStage(t, ownNoon)
			var all sync.WaitGroup
			for range 8 {
				j, _ := x.logged(definition())
				all.Add(1)
				go func() {
					defer all.Done()
					for range 20 {
						_, _ = j.NextRuns(10)
					}
				}()
			}
			x.s.Start()
			all.Wait()
			require.EqualValues(t, 1, most.Load())
			require.Positive(t, calls.Load())
		})
	}
}

// It may call any method of the scheduler, as nothing is locked, and a panic in it leaves nothing
// locked.
func TestScheduleJobIsCalledWithNothingLocked(t *testing.T) {
	x := newStage(t, ownNoon)
	x.s.Start()
	c := gocron.NewController(x.s)
	other, _ := x.logged(gocron.DurationJob(time.Hour))
	a := &asked{say: func(after time.Time) time.Time {
		x.s.Jobs()
		_, _ = other.NextRuns(3)
		_, _ = c.NextRunsAfter(other.ID(), after, 3)
		_, _ = c.Explain(other.ID())
		return nextHour(after)
	}}
	j, ran := x.logged(gocron.ScheduleJob(a))
	x.walk(j, ran, 2)
	x.comes(j)

	a.mu.Lock()
	a.say = func(time.Time) time.Time { panic("oops") }
	a.mu.Unlock()
	require.PanicsWithValue(t, "oops", func() { _, _ = j.NextRuns(2) })
	a.mu.Lock()
	a.say = nil
	a.mu.Unlock()
	require.Len(t, x.nexts(j, 2), 2)
}

// Start and stop times, limited runs and Update go with it as with every other kind.
func TestScheduleJobWithStartStopLimitAndUpdate(t *testing.T) {
	x := newStage(t, ownNoon)
	x.s.Start()
	start := gocron.WithStartAt(gocron.WithStartDateTime(ownNoon.Add(90 * time.Minute)))
	stop := gocron.WithStopAt(gocron.WithStopDateTime(ownNoon.Add(3 * time.Hour)))
	j, ran := x.logged(gocron.ScheduleJob(&asked{}), start, stop)
	require.Equal(t, []string{"Tue 2026-03-10 13:30:00 +0000", "Tue 2026-03-10 14:00:00 +0000", "Tue 2026-03-10 15:00:00 +0000"}, shown(x.nexts(j, 9)))
	x.walk(j, ran, 3)
	x.empty()

	limited, ran := x.logged(gocron.ScheduleJob(&asked{}), gocron.WithLimitedRuns(2), gocron.WithStartAt(gocron.WithStartImmediately()))
	x.receive(ran)
	x.walk(limited, ran, 1)
	x.empty()

	_, err := x.s.NewJob(gocron.ScheduleJob(&asked{}), gocron.NewTask(nothing), gocron.WithStopAt(gocron.WithStopDateTime(x.clock.Now().Add(time.Minute))))
	require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
	require.ErrorContains(t, err, "its Schedule's first time, 2026-03-10T17:00:00Z, is after its stop time, 2026-03-10T16:01:00Z")

	j, ran = x.logged(gocron.DurationJob(time.Minute))
	_, err = x.s.Update(j.ID(), gocron.ScheduleJob(gocron.ScheduleFunc(func(time.Time) time.Time { return time.Time{} })), gocron.NewTask(nothing))
	require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
	x.walk(j, ran, 1)
	_, err = x.s.Update(j.ID(), gocron.ScheduleJob(&asked{}), gocron.NewTask(nothing))
	require.NoError(t, err)
	require.Equal(t, []string{"Tue 2026-03-10 17:00:00 +0000"}, shown(x.nexts(j, 1)))
}

// When the clock is set back by three hours or more it is asked for the time after the new one.
func TestScheduleJobWhenTheClockIsSetBack(t *testing.T) {
	for back, want := range map[time.Duration]string{
		2 * time.Hour: "Tue 2026-03-10 15:00:00 +0000",
		4 * time.Hour: "Tue 2026-03-10 11:00:00 +0000",
	} {
		x := newStage(t, ownNoon)
		j, ran := x.logged(gocron.ScheduleJob(&asked{}))
		x.s.Start()
		x.walk(j, ran, 2)
		x.comes(j)
		x.clock.Advance(-back)
		x.logged(gocron.DurationJob(time.Hour)) // books, so the clock is looked at
		require.Equal(t, want, x.comes(j).Format(layout))
	}
}

// Under a Claimer its times are claimed.
func TestScheduleJobIsClaimed(t *testing.T) {
	claimed := make(chan time.Time, 10)
	claimer := gocron.ClaimerFrom(func(_ context.Context, _ string, at time.Time) (gocron.Lock, error) {
		claimed <- at
		return nil, errors.New("elsewhere")
	})
	x := newStage(t, ownNoon, gocron.WithDistributedLocker(claimer))
	j, _ := x.logged(gocron.ScheduleJob(&asked{}), gocron.WithName("report"))
	x.s.Start()
	x.clock.Advance(x.comes(j).Sub(x.clock.Now()))
	require.Equal(t, ownNoon.Add(time.Hour), x.receive(claimed))
}
