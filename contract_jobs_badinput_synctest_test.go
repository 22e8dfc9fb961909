//go:build go1.25

package gocron

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// What is neither refused nor sensible has a defined result all the same.
func TestSynctestContractExtremeDefinitionsDoNoHarm(t *testing.T) {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		definition JobDefinition
		options    []JobOption
	}{
		"longest duration":     {DurationJob(math.MaxInt64), nil},
		"longest random":       {DurationRandomJob(math.MaxInt64-1, math.MaxInt64), nil},
		"widest random":        {DurationRandomJob(1, math.MaxInt64), nil},
		"most days":            {DailyJob(math.MaxUint, noon), nil},
		"int days":             {DailyJob(math.MaxInt, noon), nil},
		"uint32 days":          {DailyJob(math.MaxUint32, noon), nil},
		"most weeks":           {WeeklyJob(math.MaxUint, NewWeekdays(1), noon), nil},
		"most months":          {MonthlyJob(math.MaxUint, NewDaysOfTheMonth(1), noon), nil},
		"weekday 9":            {WeeklyJob(1, NewWeekdays(9), noon), nil},
		"year 10000":           {OneTimeJob(OneTimeJobStartDateTime(year(10000))), nil},
		"end of time":          {OneTimeJob(OneTimeJobStartDateTime(time.Unix(1<<62, 0))), nil},
		"start 9999":           {DurationJob(time.Hour), []JobOption{WithStartAt(WithStartDateTime(year(9999)))}},
		"start 10000":          {DailyJob(1, noon), []JobOption{WithStartAt(WithStartDateTime(year(10000)))}},
		"start at end of time": {DurationJob(math.MaxInt64), []JobOption{WithStartAt(WithStartDateTime(time.Unix(1<<62, 0)))}},
		"start long ago":       {DurationJob(1), []JobOption{WithStartAt(WithStartDateTimePast(year(-4000))), WithLimitedRuns(1)}},
		"start at begin":       {DurationJob(math.MaxInt64), []JobOption{WithStartAt(WithStartDateTimePast(time.Unix(-1<<62, 0)))}},
		"cron start at begin":  {CronJob("* * * * *", false), []JobOption{WithStartAt(WithStartDateTimePast(time.Unix(-1<<62, 0)))}},
		"daily start at begin": {DailyJob(math.MaxUint, noon), []JobOption{WithStartAt(WithStartDateTimePast(time.Unix(-1<<62, 0)))}},
		"random long ago":      {DurationRandomJob(1, 2*time.Hour), []JobOption{WithStartAt(WithStartDateTimePast(year(1)))}},
		"stop at end of time":  {DurationJob(time.Hour), []JobOption{WithStopAt(WithStopDateTime(time.Unix(1<<62, 0)))}},
		"completion":           {DurationJob(math.MaxInt64), []JobOption{WithIntervalFromCompletion()}},
		"unlimited runs":       {DurationJob(time.Hour), []JobOption{WithLimitedRuns(math.MaxUint)}},
		"nil cron":             {CronJob("0 * * * *", false), []JobOption{WithCronImplementation(nil)}},
		"no tags":              {DurationJob(time.Hour), []JobOption{WithTags()}},
		"empty tag":            {DurationJob(time.Hour), []JobOption{WithTags("", "")}},
		"no listeners":         {DurationJob(time.Hour), []JobOption{WithEventListeners()}},
		"at most once a day":   {CronJob("@every 2540400h", false), nil},
	} {
		t.Run(name, func(t *testing.T) {
			hung := time.AfterFunc(time.Minute, func() { panic(name + " hangs") })
			defer hung.Stop()
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLocation(time.UTC))
				var ran atomic.Int64
				j, err := s.NewJob(c.definition, NewTask(func() { ran.Add(1) }), c.options...)
				if err != nil {
					require.Nil(t, j)
					require.Empty(t, s.Jobs())
					return
				}
				for i := 0; i < 2; i++ {
					s.Start()
					synctest.Wait() // the job may have had its last run
					if len(s.Jobs()) == 0 {
						break
					}
					next := nextOf(t, j)
					require.True(t, next.IsZero() || !next.Before(time.Now()), "%v", next)
					runs, err := j.NextRuns(5)
					require.NoError(t, err)
					for k := range runs {
						require.True(t, k == 0 || runs[k].After(runs[k-1]), "%v", runs)
					}
					require.NoError(t, s.StopJobs())
				}
			})
		})
	}
}

func TestSynctestContractStrangeNumbersOfNextRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		j := mustJob(t, s, DurationJob(time.Hour), noop, WithStopAt(WithStopDateTime(time.Now().Add(10*time.Hour))))
		once := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(farFuture)), noop)
		s.Start()
		for _, n := range []int{0, -1, math.MinInt} {
			runs, err := j.NextRuns(n)
			require.NoError(t, err)
			require.Empty(t, runs)
		}
		runs, err := j.NextRuns(math.MaxInt)
		require.NoError(t, err)
		require.Len(t, runs, 10)
		runs, err = once.NextRuns(math.MaxInt)
		require.NoError(t, err)
		require.Len(t, runs, 1)
	})
}

func TestSynctestContractUnknownIDsAndTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		mustJob(t, s, DurationJob(time.Hour), noop, WithTags("a"))
		mustJob(t, s, DurationJob(time.Hour), noop)
		for _, id := range []uuid.UUID{uuid.Nil, uuid.New(), uuid.Max} {
			require.True(t, s.RemoveJob(id) == ErrJobNotFound)
		}
		s.RemoveByTags()
		s.RemoveByTags("b", "", "a ", "A")
		require.Len(t, s.Jobs(), 2)
		s.RemoveByTags("b", "a", "a")
		require.Len(t, s.Jobs(), 1)
	})
}

// panics and panicsOf are functions of definitions, of whose types some have no name here.
func panics[T any]() T              { panic("x") }
func panicsOf[T, U any](T) (none U) { panic("x") }

func TestSynctestContractAPanickingUserFunctionLeavesTheSchedulerUsable(t *testing.T) {
	var at AtTime = panics
	var days DaysOfTheMonth = panics
	var start OneTimeJobStartAtOption = panicsOf
	for name, d := range map[string]JobDefinition{
		"at times": DailyJob(1, func() []AtTime { panic("x") }),
		"at time":  DailyJob(1, NewAtTimes(at)),
		"weekdays": WeeklyJob(1, func() []time.Weekday { panic("x") }, NewAtTimes(NewAtTime(1, 1, 1))),
		"days":     MonthlyJob(1, days, NewAtTimes(NewAtTime(1, 1, 1))),
		"start":    OneTimeJob(start),
		"cron":     CronJob("x", false),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t)
				s.Start()
				cron := &contractCron{isValid: func(string) error { panic("x") }}
				id := mustJob(t, s, DurationJob(time.Hour), noop).ID()
				for _, e := range entrances() {
					require.PanicsWithValue(t, "x", func() { _, _ = e.add(s, id, d, NewTask(noop), WithCronImplementation(cron)) })
				}
				cron.isValid, cron.next = nil, func(at time.Time) time.Time { return at.Add(time.Hour) }
				require.Len(t, s.Jobs(), 1)
				mustJob(t, s, CronJob("x", false), noop, WithCronImplementation(cron))
				require.NoError(t, s.StopJobsWithContext(context.Background()))
			})
		})
	}
}
