package gocron

import (
	"context"
	"fmt"
	"math/rand"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// update replaces j by an hourly job.
func update(t testing.TB, j Job, task any, options ...JobOption) Job {
	t.Helper()
	updated, err := j.(*internalJob).s.Update(j.ID(), DurationJob(time.Hour), NewTask(task), options...)
	require.NoError(t, err)
	return updated
}

// The settings of a listed job are read with no lock, by its handles and by its
// runs. Each case calls read when the job is about to get state of its own.
func TestReplaceAndOtherChangesLeaveSettingsAlone(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, read func(Job)){
		"Update": func(t *testing.T, read func(Job)) {
			j := mustJob(t, newScheduler(t), DurationJob(time.Hour), noop)
			read(j)
			update(t, j, noop)
		},
		"NewJob with the id": func(t *testing.T, read func(Job)) {
			s := newScheduler(t)
			j := mustJob(t, s, DurationJob(time.Hour), noop)
			read(j)
			mustJob(t, s, DurationJob(time.Hour), noop, WithIdentifier(j.ID()))
		},
		"Update during a run": func(t *testing.T, read func(Job)) {
			s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{}))
			s.Start()
			running := make(chan struct{})
			j := mustJob(t, s, DurationJob(time.Hour), func() { close(running) })
			read(j)
			require.NoError(t, j.RunNow())
			receive(t, running)
			update(t, j, noop)
		},
		"RunNow before it is announced": func(t *testing.T, read func(Job)) {
			ran := make(chan struct{})
			s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{registered: func(j Job) {
				read(j)
				require.NoError(t, j.RunNow())
			}}))
			s.Start()
			mustJob(t, s, DurationJob(time.Hour), func() { close(ran) })
			receive(t, ran)
		},
		"a waiter on the clock": func(t *testing.T, read func(Job)) {
			s := newScheduler(t, WithClock(clockwork.NewFakeClock()))
			read(mustJob(t, s, DurationJob(time.Hour), noop))
			s.Start()
		},
		"a stop that owes it a run": func(t *testing.T, read func(Job)) {
			s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
			s.Start()
			running := make(chan struct{})
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func(ctx context.Context) {
				close(running)
				<-ctx.Done()
			})
			receive(t, running)
			read(mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), noop))
			require.NoError(t, s.StopJobs())
		},
	} {
		t.Run(name, func(t *testing.T) {
			var job *internalJob
			var settings *jobSettings
			done := make(chan struct{})
			change(t, func(j Job) {
				job, settings = j.(*internalJob), j.(*internalJob).custom
				go func() {
					defer close(done)
					for i := 0; i < 100; i++ {
						j.Name()
						j.Tags()
						j.Schedule()
						runtime.Gosched()
					}
				}()
			})
			receive(t, done)
			require.True(t, settings == job.custom)
		})
	}
}

// A monitor that keeps a set by id ends right, however many replace the id at once. A record
// that has left before its announcement is not announced at all.
func TestAnnouncementsOfAnIDComeInTheOrderOfTheChanges(t *testing.T) {
	const replacements = 50
	var mu sync.Mutex
	var known, told []string
	s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{
		registered: func(j Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Empty(t, known, "the one before has left")
			known, told = append(known, j.Name()), append(told, j.Name())
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
		},
		unregistered: func(j Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, []string{j.Name()}, known)
			known = nil
		},
	}))
	s.Start()
	id := uuid.New()
	for round := 0; round < 20; round++ {
		var all sync.WaitGroup
		for i := 0; i < replacements; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				_, _ = s.Update(id, DurationJob(time.Hour), NewTask(noop), WithName(fmt.Sprint(round, i)))
				if i%5 == 0 {
					_ = s.RemoveJob(id)
				}
			}()
		}
		all.Wait()
		var listed []string
		for _, j := range s.Jobs() {
			listed = append(listed, j.Name())
		}
		require.Equal(t, listed, known)
	}
	_ = s.RemoveJob(id)
	require.Empty(t, known)
	slices.Sort(told)
	require.Equal(t, told, slices.Compact(slices.Clone(told)), "each is announced once")
	require.Empty(t, s.(*scheduler).announcers)
}

func TestTimeIntervalsAreDueByTheMonotonicClock(t *testing.T) {
	s := newScheduler(t).(*scheduler)
	byWall := map[Job]bool{}
	add := func(wall bool, definition JobDefinition, options ...JobOption) {
		byWall[mustJob(t, s, definition, noop, options...)] = wall
	}
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	add(false, DurationJob(time.Hour))
	add(false, DurationRandomJob(time.Hour, 2*time.Hour))
	add(true, DurationJob(time.Hour), WithStartAt(WithStartDateTime(time.Now().Add(time.Hour)))) // a start time is a wall time
	add(true, CronJob("0 12 * * *", false))
	add(true, CronJob("@every 1h", false))
	add(true, DailyJob(1, noon))
	add(true, WeeklyJob(1, NewWeekdays(time.Monday), noon))
	add(true, MonthlyJob(1, NewDaysOfTheMonth(1), noon))
	add(true, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(1000*time.Hour))))
	s.Start()
	s.mu.Lock()
	defer s.mu.Unlock()
	for j, wall := range byWall {
		require.Equal(t, wall, j.(*internalJob).dueByWall, "%T", j.(*internalJob).plan)
	}
}

// An occurrence that has come, and is not dispatched when its job is removed, was missed.
func TestAnOccurrenceThatIsDueWhenItsJobIsRemoved(t *testing.T) {
	clock, finished := clockwork.NewFakeClock(), make(chan RunInfo, 2)
	s := newScheduler(t, WithClock(clock), WithHooks(Hooks{RunFinished: func(info RunInfo) { finished <- info }}))
	j := mustJob(t, s, DurationJob(time.Minute), noop, WithMissed(MissedRunAll, 0))
	s.Start()
	due, err := j.NextRun()
	require.NoError(t, err)
	inner := s.(*scheduler)
	inner.lock()
	clock.Advance(time.Minute)
	calls := inner.removeLocked(inner.jobs[idKey{j.ID()}])
	inner.unlock()
	calls.run()
	info := receive(t, finished)
	require.Equal(t, OutcomeMissed, info.Outcome)
	require.True(t, due.Equal(info.ScheduledAt))
	require.Equal(t, 1, info.MissedCount)
}

// A decision is about what was due when it began. Who finds a time of it later goes on after that, and
// not after now.
func TestWhatIsDueAfterADecisionBeganIsBooked(t *testing.T) {
	clock := clockwork.NewFakeClock()
	s := newScheduler(t, WithClock(clock))
	j := mustJob(t, s, DurationJob(time.Minute), noop, WithMissed(MissedRunAll, 0))
	s.Start()
	due, err := j.NextRun()
	require.NoError(t, err)
	inner := s.(*scheduler)
	inner.lock()
	defer inner.unlock()
	clock.Advance(3 * time.Minute)
	of := inner.jobs[idKey{j.ID()}]
	of.ledger().seen = due.Add(time.Second)
	require.True(t, inner.leaveToCatchUpLocked(of, of.next, clock.Now()))
	require.True(t, due.Add(time.Minute).Equal(of.next), "%v", of.next.Sub(due))
}

func TestALedgerKnowsUpToWhenItsGapWasDue(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	l := &ledger{}
	require.Equal(t, at(45), l.latestDue(at(45)))
	l.miss(at(40), at(40))
	l.owe(at(53))
	require.Equal(t, at(53), l.latestDue(at(45)), "the clock was set back")
	require.Equal(t, at(60), l.latestDue(at(60)))
	l.miss(at(30), at(30))
	require.Equal(t, at(40), l.gap, "it comes again")
	l.deciding, l.seen = true, at(53)
	l.decided(at(53), time.Time{})
	require.Equal(t, at(45), l.latestDue(at(45)), "nothing is left of it")
}

// The clock is set back by seconds, which changes nothing, between the look of a dispatch and the
// decision about what it has left to that.
func TestADecisionIsAboutWhatTheDispatchSaw(t *testing.T) {
	clock := clockwork.NewFakeClock()
	s := newScheduler(t, WithClock(clock))
	j := mustJob(t, s, DurationJob(time.Second), noop, WithMissed(MissedRunOnce, 0))
	s.Start()
	inner := s.(*scheduler)
	inner.lock()
	defer inner.unlock()
	of, now := inner.jobs[idKey{j.ID()}], clock.Now()
	require.True(t, inner.leaveToCatchUpLocked(of, of.next, now.Add(10*time.Second)))
	require.True(t, now.Add(11*time.Second).Equal(of.next))
	require.True(t, now.Add(10*time.Second).Equal(of.ledger().seen))
}

// missedAt are times so many seconds after the epoch.
func missedAt(seconds ...int) (times []time.Time) {
	for _, s := range seconds {
		times = append(times, time.Unix(int64(s), 0).UTC())
	}
	return times
}

// firstAfterOf is the function after of a missedView over the times.
func firstAfterOf(times []time.Time) func(time.Time) time.Time {
	return func(t time.Time) time.Time {
		for _, at := range times {
			if at.After(t) {
				return at
			}
		}
		return time.Time{}
	}
}

func TestDecideMissed(t *testing.T) {
	all := missedAt(10, 20, 30, 40, 50, 60)
	none := func(time.Time) bool { return false }
	has := func(seconds ...int) func(time.Time) bool {
		return func(at time.Time) bool { return slices.Contains(missedAt(seconds...), at) }
	}
	r := func(first, last, count int) missedRange {
		return missedRange{missedAt(first)[0], missedAt(last)[0], count}
	}
	for name, c := range map[string]struct {
		policy missedPolicy
		has    func(time.Time) bool
		paused time.Time
		want   missedDecision
	}{
		"nothing is run":   {missedPolicy{MissedSkip, 0, 1}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 50, 5)}}},
		"the newest":       {missedPolicy{MissedRunOnce, 0, 1}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 40, 4)}, run: missedAt(50)}},
		"all":              {missedPolicy{MissedRunAll, 0, 100}, none, time.Time{}, missedDecision{run: missedAt(10, 20, 30, 40, 50)}},
		"the newest two":   {missedPolicy{MissedRunAll, 0, 2}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 30, 3)}, run: missedAt(40, 50)}},
		"of use":           {missedPolicy{MissedRunAll, 20 * time.Second, 100}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 30, 3)}, run: missedAt(40, 50)}},
		"of use, just":     {missedPolicy{MissedRunAll, 25 * time.Second, 100}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 20, 2)}, run: missedAt(30, 40, 50)}},
		"too late":         {missedPolicy{MissedRunOnce, time.Second, 1}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 50, 5)}}},
		"some are settled": {missedPolicy{MissedSkip, 0, 1}, has(20, 50), time.Time{}, missedDecision{missed: []missedRange{r(10, 10, 1), r(30, 40, 2)}}},
		"others between":   {missedPolicy{MissedRunAll, 0, 1}, has(20, 40), time.Time{}, missedDecision{missed: []missedRange{r(10, 10, 1), r(30, 30, 1)}, run: missedAt(50)}},
		"paused":           {missedPolicy{MissedRunAll, 0, 100}, none, missedAt(30)[0], missedDecision{run: missedAt(10, 20), paused: []missedRange{r(30, 50, 3)}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := decideMissed(missedView{first: all[0], after: firstAfterOf(all), now: missedAt(55)[0], has: c.has, policy: c.policy, paused: c.paused})
			require.Equal(t, c.want, d)
		})
	}
}

// Whatever is decided, each occurrence is in one place, and the newest are run.
func TestDecideMissedAgreesWithCounting(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 500 {
		var seconds []int
		for s := 0; s < 300; s += 1 + random.Intn(20) {
			seconds = append(seconds, s)
		}
		all := missedAt(seconds...)
		v := missedView{first: all[0], after: firstAfterOf(all), now: missedAt(100 + random.Intn(250))[0],
			policy: missedPolicy{MissedPolicy(random.Intn(3)), time.Duration(random.Intn(200)) * time.Second, 1}}
		if v.policy.kind == MissedRunAll {
			v.policy.most = 1 + random.Intn(10)
		}
		settled := make(map[time.Time]bool)
		for _, at := range all {
			settled[at] = random.Intn(5) == 0
		}
		v.has = func(at time.Time) bool { return settled[at] }
		d := decideMissed(v)
		due := slices.DeleteFunc(slices.Clone(all), func(at time.Time) bool { return at.After(v.now) || settled[at] })
		counted := len(d.run)
		for _, m := range d.missed {
			counted += m.count
			require.False(t, len(d.run) > 0 && !m.last.Before(d.run[0]))
			inside := slices.DeleteFunc(slices.Clone(all), func(at time.Time) bool { return at.Before(m.first) || at.After(m.last) })
			require.Len(t, inside, m.count, "none of them has an outcome of its own")
		}
		require.Equal(t, len(due), counted)
		require.Equal(t, due[len(due)-len(d.run):], append([]time.Time{}, d.run...))
		require.LessOrEqual(t, len(d.run), v.policy.most)
	}
}

// Of a great many occurrences the newest are found and the count is an estimate.
func TestDecideMissedOfAGreatMany(t *testing.T) {
	plan, start := &durationSchedule{duration: time.Second}, missedAt(0)[0]
	years := 10 * 365 * 24 * time.Hour
	d := decideMissed(missedView{first: start.Add(time.Second), after: func(t time.Time) time.Time { return plan.next(start, t) },
		now: start.Add(years), has: func(time.Time) bool { return false }, policy: missedPolicy{MissedRunAll, 0, 3}})
	require.Equal(t, []time.Time{start.Add(years - 2*time.Second), start.Add(years - time.Second), start.Add(years)}, d.run)
	require.Len(t, d.missed, 1)
	require.InDelta(t, int(years/time.Second), d.missed[0].count, 10_000)
	require.Equal(t, start.Add(time.Second), d.missed[0].first)
	require.Equal(t, d.run[0].Add(-time.Second), d.missed[0].last)
}

func TestLedgerMark(t *testing.T) {
	at := func(s int) time.Time { return missedAt(s)[0] }
	l := &ledger{reached: at(0)}
	require.Equal(t, at(0), l.mark())
	l.dispatched(at(10))
	l.dispatched(at(20))
	l.dispatched(at(30))
	require.Equal(t, at(10).Add(-1), l.mark(), "nothing at or before the mark is unsettled")
	l.settle(at(20))
	require.Equal(t, at(10).Add(-1), l.mark())
	require.True(t, l.has(at(20)))
	require.True(t, l.has(at(30)), "it is on its way")
	require.False(t, l.has(at(25)))
	l.settle(at(10))
	require.Equal(t, at(30).Add(-1), l.mark())
	require.Empty(t, l.settled, "what the mark has passed is forgotten")
	l.lose(at(30))
	require.Equal(t, at(30).Add(-1), l.mark(), "it is still to be run")
	require.False(t, l.has(at(30)))
	l.miss(at(40), at(40))
	require.Equal(t, at(30), l.gap)
	l.pass(at(30), at(40))
	l.decided(at(45), time.Time{})
	require.Equal(t, at(45), l.mark())
	require.Empty(t, l.passed)
}
