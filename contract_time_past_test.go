package gocron

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestTimeJumpByExactMultiplesIsOneRunAndTheNextTime(t *testing.T) {
	for _, monotonic := range []bool{false, true} {
		now := rigNow
		if monotonic {
			now = time.Now()
		}
		for _, times := range []time.Duration{1, 2, 3, 10, 1000} {
			r := newRigAt(t, now)
			j, log := r.logged(DurationJob(time.Minute))
			every, ran := r.logged(CronJob("@every 1m", false))
			r.start()
			r.advance(times * time.Minute)
			require.Equal(t, 1, log.len(), "%d", times)
			require.True(t, nextOf(t, j).Equal(now.Add((times+1)*time.Minute)))
			require.Equal(t, 1, ran.len())
			require.True(t, nextOf(t, every).After(r.clock.Now()))
			r.advance(time.Minute)
			require.Equal(t, 2, log.len())
		}
	}
}

func TestTimeJumpOfManyYearsCostsNothing(t *testing.T) {
	const century = 100 * 365 * 24 * time.Hour
	r := newRig(t)
	j, log := r.logged(DurationJob(10 * time.Millisecond))
	tiny, ticks := r.logged(DurationJob(1))
	random := r.job(DurationRandomJob(1, 3), func() {})
	for _, definition := range everyKind() {
		r.job(definition, func() {})
	}
	r.start()
	r.advance(century + 3*time.Millisecond)
	require.Equal(t, 1, log.len())
	require.Equal(t, 1, ticks.len())
	now := r.clock.Now()
	require.Equal(t, now.Add(7*time.Millisecond), nextOf(t, j))
	require.Equal(t, now.Add(1), nextOf(t, tiny))
	require.True(t, nextOf(t, random).After(now))
}

func TestTimeStartCenturiesAgoCostsNothing(t *testing.T) {
	for _, start := range []time.Time{
		rigNow.Add(-20*365*24*time.Hour + 1),
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC),
		time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC),
	} {
		r := newRigAt(t, rigNow.Add(2))
		for name, definition := range everyKind() {
			j := r.job(definition, func() {}, WithStartAt(WithStartDateTimePast(start)))
			r.start()
			require.True(t, nextOf(t, j).After(r.clock.Now()), "%s from %s", name, start)
		}
		j := r.job(DurationJob(20*time.Millisecond), func() {}, WithStartAt(WithStartDateTimePast(start)))
		left := nextOf(t, j).Sub(r.clock.Now())
		require.True(t, 0 < left && left <= 20*time.Millisecond, left)
	}
}

func TestTimeStartInThePastIsNoRun(t *testing.T) {
	for name, definition := range everyKind() {
		r := newRigAt(t, rigNow.Add(1))
		_, log := r.logged(definition, WithStartAt(WithStartDateTimePast(rigNow.Add(-time.Minute))))
		r.start()
		require.Zero(t, log.len(), name)
	}
}

// Only a start time is due when it is equal to now, not the schedule's own times.
func TestTimePastStartWhosePhaseHitsNowIsNotDueAtOnce(t *testing.T) {
	for _, running := range []bool{false, true} {
		r := newRig(t)
		if running {
			r.start()
		}
		j, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartDateTimePast(rigNow.Add(-3*time.Hour))))
		r.start()
		require.Zero(t, log.len())
		requireInstants(t, rigAt(time.Hour), nextsOf(t, j, 1))
	}
}

func TestTimeWithoutAStartTimeNowIsOver(t *testing.T) {
	for name, definition := range everyKind() {
		if name == "weekly" || name == "monthly" || name == "one-time" {
			continue
		}
		for _, running := range []bool{false, true} {
			r := newRig(t)
			if running {
				r.start()
			}
			j, log := r.logged(definition)
			r.start()
			require.Zero(t, log.len(), name)
			require.True(t, nextOf(t, j).After(rigNow), name)
		}
	}
}

func TestTimeStartThatPassedBeforeTheSchedulerStartedIsNoRun(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartDateTime(rigNow.Add(time.Minute))))
	r.advance(90 * time.Minute)
	r.start()
	require.Zero(t, log.len())
	requireInstants(t, rigAt(121*time.Minute), nextsOf(t, j, 1))
}

// A steppedClock can be set, as a machine's clock can: its timers count on.
type steppedClock struct {
	*clockwork.FakeClock
	offset atomic.Int64
}

func (c *steppedClock) Now() time.Time {
	return c.FakeClock.Now().Add(time.Duration(c.offset.Load()))
}

func newSteppedRig(t *testing.T, options ...SchedulerOption) (*rig, *steppedClock) {
	clock := &steppedClock{FakeClock: clockwork.NewFakeClockAt(rigNow)}
	r := newRig(t, append(options, WithClock(clock))...)
	r.clock = clock.FakeClock
	return r, clock
}

func TestTimeClockSetForwardIsOneRunThenTheFirstFutureTime(t *testing.T) {
	r, clock := newSteppedRig(t)
	var n atomic.Int64
	j := r.job(DurationJob(time.Hour), func() { n.Add(1) })
	daily := r.job(DailyJob(1, NewAtTimes(NewAtTime(13, 0, 0))), func() { n.Add(100) })
	r.start()
	r.advance(time.Hour - time.Millisecond)
	clock.offset.Store(int64(240*time.Hour + 30*time.Minute))
	require.True(t, nextOf(t, j).After(clock.Now()), "not in the past before anything looked")
	require.True(t, nextOf(t, daily).After(clock.Now()))
	r.advance(time.Millisecond)
	require.EqualValues(t, 101, n.Load())
	requireInstants(t, rigAt(242*time.Hour), nextsOf(t, j, 1))
	requireInstants(t, rigAt(265*time.Hour), nextsOf(t, daily, 1))
	r.advance(30 * time.Minute)
	require.EqualValues(t, 102, n.Load())
}

func TestTimeClockSetBackLosesNoJob(t *testing.T) {
	r, clock := newSteppedRig(t)
	var log rigLog
	j := r.job(CronJob("0 * * * *", false), func() { log.add(clock.Now()) })
	r.start()
	r.clock.Advance(time.Minute)
	clock.offset.Store(int64(-30 * time.Minute))
	require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
	for i := 0; i < 9; i++ {
		r.clock.Advance(10 * time.Minute)
		r.rearmed(1)
	}
	r.settle()
	requireInstants(t, rigAt(61*time.Minute), log.all())
	requireInstants(t, rigAt(2*time.Hour), nextsOf(t, j, 1))
	for i := 0; i < 6; i++ {
		r.clock.Advance(10 * time.Minute)
		r.rearmed(1)
	}
	r.settle()
	requireInstants(t, rigAt(61*time.Minute, 2*time.Hour+time.Minute), log.all())
}

func TestTimeClockSetBackLosesNoneOfManyJobs(t *testing.T) {
	r, clock := newSteppedRig(t)
	var n atomic.Int64
	first := r.job(CronJob("0 13 * * *", false), func() {})
	r.job(CronJob("10 13 * * *", false), func() { n.Add(1) })
	r.job(DurationJob(70*time.Minute), func() { n.Add(100) })
	r.start()
	clock.offset.Store(int64(-2 * time.Hour))
	r.clock.Advance(70 * time.Minute)
	r.rearmed(3)
	require.Zero(t, n.Load())
	require.NoError(t, r.s.RemoveJob(first.ID()))
	for i := 0; i < 12; i++ {
		r.clock.Advance(10 * time.Minute)
		r.rearmed(2)
	}
	r.settle()
	require.EqualValues(t, 101, n.Load())
}

func TestTimeClockSetBackRunsNoInstantTwice(t *testing.T) {
	r, clock := newSteppedRig(t)
	var n atomic.Int64
	j := r.job(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Minute))), func() { n.Add(1) })
	r.start()
	r.clock.Advance(time.Minute)
	r.settle()
	require.EqualValues(t, 1, n.Load())
	clock.offset.Store(int64(-time.Hour))
	noNextRun(t, j)
	r.clock.Advance(10 * time.Hour)
	r.settle()
	require.EqualValues(t, 1, n.Load())
}

func TestTimeDefinitionThatNeverFiresIsRefused(t *testing.T) {
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	none := func() []AtTime { return nil }
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	for name, tt := range map[string]struct {
		now        time.Time
		definition JobDefinition
		options    []JobOption
	}{
		"daily without at-times":       {rigNow, DailyJob(1, none), nil},
		"weekly without at-times":      {rigNow, WeeklyJob(1, NewWeekdays(time.Monday), none), nil},
		"monthly without at-times":     {rigNow, MonthlyJob(1, NewDaysOfTheMonth(1), none), nil},
		"weekly without weekdays":      {rigNow, WeeklyJob(1, func() []time.Weekday { return nil }, noon), nil},
		"the 31st, yearly from April":  {april, MonthlyJob(12, NewDaysOfTheMonth(31), noon), nil},
		"the same by its start time":   {rigNow, MonthlyJob(12, NewDaysOfTheMonth(31), noon), []JobOption{WithStartAt(WithStartDateTime(april))}},
		"the same by a past start":     {rigNow, MonthlyJob(12, NewDaysOfTheMonth(31), noon), []JobOption{WithStartAt(WithStartDateTimePast(april.AddDate(-1, 0, 0)))}},
		"the 30th, yearly in February": {april.AddDate(0, -2, 0), MonthlyJob(12, NewDaysOfTheMonth(30), noon), nil},
		"a crontab for February 30":    {rigNow, CronJob("0 0 30 2 *", false), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRigAt(t, tt.now)
			for _, running := range []bool{false, true} {
				if running {
					r.start()
				}
				j, err := r.s.NewJob(tt.definition, NewTask(func() {}), tt.options...)
				require.Error(t, err)
				require.Nil(t, j)
				require.Empty(t, r.s.Jobs())
			}
		})
	}
}

func TestTimeDefinitionThatFiresSeldomIsNotRefused(t *testing.T) {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	r := newRig(t)
	start := WithStartAt(WithStartDateTimePast(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)))
	yearly := r.job(MonthlyJob(12, NewDaysOfTheMonth(31), noon), func() {}, start)
	leap := r.job(MonthlyJob(12, NewDaysOfTheMonth(29), noon), func() {}, WithStartAt(WithStartDateTimePast(time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC))))
	cron := r.job(CronJob("0 0 29 2 *", false), func() {})
	r.start()
	requireInstants(t, []time.Time{calendarDay(3, 31, 12)}, nextsOf(t, yearly, 1))
	requireInstants(t, []time.Time{time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)}, nextsOf(t, leap, 1))
	requireInstants(t, []time.Time{time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)}, nextsOf(t, cron, 1))
}

// The phase of a job without a start time is that of Start, so that the month
// of Start decides.
func TestTimeDefinitionFoundOnlyAtStartToNeverFireLeaves(t *testing.T) {
	var log warnings
	r := newRig(t, WithLogger(&log))
	r.job(MonthlyJob(12, NewDaysOfTheMonth(31), NewAtTimes(NewAtTime(12, 0, 0))), func() {}, WithName("late"))
	other, _ := r.logged(DurationJob(time.Hour))
	r.advance(22 * 24 * time.Hour) // April
	r.start()
	require.Equal(t, []Job{other}, r.s.Jobs())
	require.Equal(t, 1, log.about("late"))
	require.Equal(t, 0, log.about(other.Name()))
	r.waiters(1)
}

// warnings is a Logger that keeps them.
type warnings struct {
	mu    sync.Mutex
	lines []string
}

func (w *warnings) Debug(string, ...any) {}
func (w *warnings) Info(string, ...any)  {}
func (w *warnings) Error(string, ...any) {}
func (w *warnings) Warn(msg string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, fmt.Sprint(msg, args))
}

// about counts the warnings that name a job.
func (w *warnings) about(name string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.lines {
		if strings.Contains(line, name) {
			n++
		}
	}
	return n
}
