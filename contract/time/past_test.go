package time_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestTimeJumpByExactMultiplesIsOneRunAndTheNextTime(t *testing.T) {
	for _, monotonic := range []bool{false, true} {
		now := rig.Now
		if monotonic {
			now = time.Now()
		}
		for _, times := range []time.Duration{1, 2, 3, 10, 1000} {
			r := rig.NewAt(t, now)
			j, log := r.Logged(gocron.DurationJob(time.Minute))
			every, ran := r.Logged(gocron.CronJob("@every 1m", false))
			r.Start()
			r.Advance(times * time.Minute)
			require.Equal(t, 1, log.Len(), "%d", times)
			require.True(t, rig.NextOf(t, j).Equal(now.Add((times+1)*time.Minute)))
			require.Equal(t, 1, ran.Len())
			require.True(t, rig.NextOf(t, every).After(r.Clock.Now()))
			r.Advance(time.Minute)
			require.Equal(t, 2, log.Len())
		}
	}
}

func TestTimeJumpOfManyYearsCostsNothing(t *testing.T) {
	const century = 100 * 365 * 24 * time.Hour
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(10 * time.Millisecond))
	tiny, ticks := r.Logged(gocron.DurationJob(1))
	random := r.Job(gocron.DurationRandomJob(1, 3), func() {})
	for _, definition := range rig.EveryKind() {
		r.Job(definition, func() {})
	}
	r.Start()
	r.Advance(century + 3*time.Millisecond)
	require.Equal(t, 1, log.Len())
	require.Equal(t, 1, ticks.Len())
	now := r.Clock.Now()
	require.Equal(t, now.Add(7*time.Millisecond), rig.NextOf(t, j))
	require.Equal(t, now.Add(1), rig.NextOf(t, tiny))
	require.True(t, rig.NextOf(t, random).After(now))
}

func TestTimeStartCenturiesAgoCostsNothing(t *testing.T) {
	for _, start := range []time.Time{
		rig.Now.Add(-20*365*24*time.Hour + 1),
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC),
		time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC),
	} {
		r := rig.NewAt(t, rig.Now.Add(2))
		for name, definition := range rig.EveryKind() {
			j := r.Job(definition, func() {}, gocron.WithStartAt(gocron.WithStartDateTimePast(start)))
			r.Start()
			require.True(t, rig.NextOf(t, j).After(r.Clock.Now()), "%s from %s", name, start)
		}
		j := r.Job(gocron.DurationJob(20*time.Millisecond), func() {}, gocron.WithStartAt(gocron.WithStartDateTimePast(start)))
		left := rig.NextOf(t, j).Sub(r.Clock.Now())
		require.True(t, 0 < left && left <= 20*time.Millisecond, left)
	}
}

func TestTimeStartInThePastIsNoRun(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		r := rig.NewAt(t, rig.Now.Add(1))
		_, log := r.Logged(definition, gocron.WithStartAt(gocron.WithStartDateTimePast(rig.Now.Add(-time.Minute))))
		r.Start()
		require.Zero(t, log.Len(), name)
	}
}

// Only a start time is due when it is equal to now, not the schedule's own times.
func TestTimePastStartWhosePhaseHitsNowIsNotDueAtOnce(t *testing.T) {
	for _, running := range []bool{false, true} {
		r := rig.New(t)
		if running {
			r.Start()
		}
		j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartDateTimePast(rig.Now.Add(-3*time.Hour))))
		r.Start()
		require.Zero(t, log.Len())
		rig.RequireInstants(t, rig.At(time.Hour), rig.NextsOf(t, j, 1))
	}
}

func TestTimeWithoutAStartTimeNowIsOver(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		if name == "weekly" || name == "monthly" || name == "one-time" {
			continue
		}
		for _, running := range []bool{false, true} {
			r := rig.New(t)
			if running {
				r.Start()
			}
			j, log := r.Logged(definition)
			r.Start()
			require.Zero(t, log.Len(), name)
			require.True(t, rig.NextOf(t, j).After(rig.Now), name)
		}
	}
}

func TestTimeStartThatPassedBeforeTheSchedulerStartedIsNoRun(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Minute))))
	r.Advance(90 * time.Minute)
	r.Start()
	require.Zero(t, log.Len())
	rig.RequireInstants(t, rig.At(121*time.Minute), rig.NextsOf(t, j, 1))
}

func TestTimeClockSetForwardIsOneRunThenTheFirstFutureTime(t *testing.T) {
	r, clock := rig.NewSteppedRig(t)
	var n atomic.Int64
	j := r.Job(gocron.DurationJob(time.Hour), func() { n.Add(1) })
	daily := r.Job(gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(13, 0, 0))), func() { n.Add(100) })
	r.Start()
	r.Advance(time.Hour - time.Millisecond)
	clock.Offset.Store(int64(240*time.Hour + 30*time.Minute))
	require.True(t, rig.NextOf(t, j).After(clock.Now()), "not in the past before anything looked")
	require.True(t, rig.NextOf(t, daily).After(clock.Now()))
	r.Advance(time.Millisecond)
	require.EqualValues(t, 101, n.Load())
	rig.RequireInstants(t, rig.At(242*time.Hour), rig.NextsOf(t, j, 1))
	rig.RequireInstants(t, rig.At(265*time.Hour), rig.NextsOf(t, daily, 1))
	r.Advance(30 * time.Minute)
	require.EqualValues(t, 102, n.Load())
}

func TestTimeClockSetBackLosesNoJob(t *testing.T) {
	r, clock := rig.NewSteppedRig(t)
	var log rig.Log
	j := r.Job(gocron.CronJob("0 * * * *", false), func() { log.Add(clock.Now()) })
	r.Start()
	r.Clock.Advance(time.Minute)
	clock.Offset.Store(int64(-30 * time.Minute))
	require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
	for i := 0; i < 9; i++ {
		r.Clock.Advance(10 * time.Minute)
		r.Rearmed(1)
	}
	r.Settle()
	rig.RequireInstants(t, rig.At(61*time.Minute), log.All())
	rig.RequireInstants(t, rig.At(2*time.Hour), rig.NextsOf(t, j, 1))
	for i := 0; i < 6; i++ {
		r.Clock.Advance(10 * time.Minute)
		r.Rearmed(1)
	}
	r.Settle()
	rig.RequireInstants(t, rig.At(61*time.Minute, 2*time.Hour+time.Minute), log.All())
}

func TestTimeClockSetBackLosesNoneOfManyJobs(t *testing.T) {
	r, clock := rig.NewSteppedRig(t)
	var n atomic.Int64
	first := r.Job(gocron.CronJob("0 13 * * *", false), func() {})
	r.Job(gocron.CronJob("10 13 * * *", false), func() { n.Add(1) })
	r.Job(gocron.DurationJob(70*time.Minute), func() { n.Add(100) })
	r.Start()
	clock.Offset.Store(int64(-2 * time.Hour))
	r.Clock.Advance(70 * time.Minute)
	r.Rearmed(3)
	require.Zero(t, n.Load())
	require.NoError(t, r.Scheduler.RemoveJob(first.ID()))
	for i := 0; i < 12; i++ {
		r.Clock.Advance(10 * time.Minute)
		r.Rearmed(2)
	}
	r.Settle()
	require.EqualValues(t, 101, n.Load())
}

func TestTimeClockSetBackRunsNoInstantTwice(t *testing.T) {
	r, clock := rig.NewSteppedRig(t)
	var n atomic.Int64
	j := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Minute))), func() { n.Add(1) })
	r.Start()
	r.Clock.Advance(time.Minute)
	r.Settle()
	require.EqualValues(t, 1, n.Load())
	clock.Offset.Store(int64(-time.Hour))
	rig.NoNextRun(t, j)
	r.Clock.Advance(10 * time.Hour)
	r.Settle()
	require.EqualValues(t, 1, n.Load())
}

func TestTimeDefinitionThatNeverFiresIsRefused(t *testing.T) {
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	none := func() []gocron.AtTime { return nil }
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	for name, tt := range map[string]struct {
		now        time.Time
		definition gocron.JobDefinition
		options    []gocron.JobOption
	}{
		"daily without at-times":       {rig.Now, gocron.DailyJob(1, none), nil},
		"weekly without at-times":      {rig.Now, gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday), none), nil},
		"monthly without at-times":     {rig.Now, gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), none), nil},
		"weekly without weekdays":      {rig.Now, gocron.WeeklyJob(1, func() []time.Weekday { return nil }, noon), nil},
		"the 31st, yearly from April":  {april, gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), noon), nil},
		"the same by its start time":   {rig.Now, gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), noon), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(april))}},
		"the same by a past start":     {rig.Now, gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), noon), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(april.AddDate(-1, 0, 0)))}},
		"the 30th, yearly in February": {april.AddDate(0, -2, 0), gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(30), noon), nil},
		"a crontab for February 30":    {rig.Now, gocron.CronJob("0 0 30 2 *", false), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.NewAt(t, tt.now)
			for _, running := range []bool{false, true} {
				if running {
					r.Start()
				}
				j, err := r.Scheduler.NewJob(tt.definition, gocron.NewTask(func() {}), tt.options...)
				require.Error(t, err)
				require.Nil(t, j)
				require.Empty(t, r.Scheduler.Jobs())
			}
		})
	}
}

func TestTimeDefinitionThatFiresSeldomIsNotRefused(t *testing.T) {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	r := rig.New(t)
	start := gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)))
	yearly := r.Job(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), noon), func() {}, start)
	leap := r.Job(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(29), noon), func() {}, gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC))))
	cron := r.Job(gocron.CronJob("0 0 29 2 *", false), func() {})
	r.Start()
	rig.RequireInstants(t, []time.Time{calendarDay(3, 31, 12)}, rig.NextsOf(t, yearly, 1))
	rig.RequireInstants(t, []time.Time{time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)}, rig.NextsOf(t, leap, 1))
	rig.RequireInstants(t, []time.Time{time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)}, rig.NextsOf(t, cron, 1))
}

// The phase of a job without a start time is that of Start, so that the month
// of Start decides.
func TestTimeDefinitionFoundOnlyAtStartToNeverFireLeaves(t *testing.T) {
	var log rig.Warnings
	r := rig.New(t, gocron.WithLogger(&log))
	r.Job(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))), func() {}, gocron.WithName("late"))
	other, _ := r.Logged(gocron.DurationJob(time.Hour))
	r.Advance(22 * 24 * time.Hour) // April
	r.Start()
	require.Equal(t, []gocron.Job{other}, r.Scheduler.Jobs())
	require.Equal(t, 1, log.About("late"))
	require.Equal(t, 0, log.About(other.Name()))
	r.Waiters(1)
}
