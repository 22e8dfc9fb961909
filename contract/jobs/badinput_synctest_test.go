//go:build go1.25

package jobs_test

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// What is neither refused nor sensible has a defined result all the same.
func TestSynctestContractExtremeDefinitionsDoNoHarm(t *testing.T) {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
	}{
		"longest duration":     {gocron.DurationJob(math.MaxInt64), nil},
		"longest random":       {gocron.DurationRandomJob(math.MaxInt64-1, math.MaxInt64), nil},
		"widest random":        {gocron.DurationRandomJob(1, math.MaxInt64), nil},
		"most days":            {gocron.DailyJob(math.MaxUint, noon), nil},
		"int days":             {gocron.DailyJob(math.MaxInt, noon), nil},
		"uint32 days":          {gocron.DailyJob(math.MaxUint32, noon), nil},
		"most weeks":           {gocron.WeeklyJob(math.MaxUint, gocron.NewWeekdays(1), noon), nil},
		"most months":          {gocron.MonthlyJob(math.MaxUint, gocron.NewDaysOfTheMonth(1), noon), nil},
		"weekday 9":            {gocron.WeeklyJob(1, gocron.NewWeekdays(9), noon), nil},
		"year 10000":           {gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(year(10000))), nil},
		"end of time":          {gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Unix(1<<62, 0))), nil},
		"start 9999":           {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(year(9999)))}},
		"start 10000":          {gocron.DailyJob(1, noon), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(year(10000)))}},
		"start at end of time": {gocron.DurationJob(math.MaxInt64), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(time.Unix(1<<62, 0)))}},
		"start long ago":       {gocron.DurationJob(1), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(year(-4000))), gocron.WithLimitedRuns(1)}},
		"start at begin":       {gocron.DurationJob(math.MaxInt64), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(time.Unix(-1<<62, 0)))}},
		"cron start at begin":  {gocron.CronJob("* * * * *", false), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(time.Unix(-1<<62, 0)))}},
		"daily start at begin": {gocron.DailyJob(math.MaxUint, noon), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(time.Unix(-1<<62, 0)))}},
		"random long ago":      {gocron.DurationRandomJob(1, 2*time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(year(1)))}},
		"stop at end of time":  {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStopAt(gocron.WithStopDateTime(time.Unix(1<<62, 0)))}},
		"completion":           {gocron.DurationJob(math.MaxInt64), []gocron.JobOption{gocron.WithIntervalFromCompletion()}},
		"unlimited runs":       {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithLimitedRuns(math.MaxUint)}},
		"nil cron":             {gocron.CronJob("0 * * * *", false), []gocron.JobOption{gocron.WithCronImplementation(nil)}},
		"no tags":              {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithTags()}},
		"empty tag":            {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithTags("", "")}},
		"no listeners":         {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithEventListeners()}},
		"at most once a day":   {gocron.CronJob("@every 2540400h", false), nil},
	} {
		t.Run(name, func(t *testing.T) {
			hung := time.AfterFunc(time.Minute, func() { panic(name + " hangs") })
			defer hung.Stop()
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
				var ran atomic.Int64
				j, err := s.NewJob(c.definition, gocron.NewTask(func() { ran.Add(1) }), c.options...)
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
					next := rig.NextOf(t, j)
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
		s := rig.NewScheduler(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(10*time.Hour))))
		once := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.FarFuture)), rig.Noop)
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
		s := rig.NewScheduler(t)
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithTags("a"))
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		for _, id := range []uuid.UUID{uuid.Nil, uuid.New(), uuid.Max} {
			require.True(t, s.RemoveJob(id) == gocron.ErrJobNotFound)
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
	var at gocron.AtTime = panics
	var days gocron.DaysOfTheMonth = panics
	var start gocron.OneTimeJobStartAtOption = panicsOf
	for name, d := range map[string]gocron.JobDefinition{
		"at times": gocron.DailyJob(1, func() []gocron.AtTime { panic("x") }),
		"at time":  gocron.DailyJob(1, gocron.NewAtTimes(at)),
		"weekdays": gocron.WeeklyJob(1, func() []time.Weekday { panic("x") }, gocron.NewAtTimes(gocron.NewAtTime(1, 1, 1))),
		"days":     gocron.MonthlyJob(1, days, gocron.NewAtTimes(gocron.NewAtTime(1, 1, 1))),
		"start":    gocron.OneTimeJob(start),
		"cron":     gocron.CronJob("x", false),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				s.Start()
				cron := &rig.Cron{Valid: func(string) error { panic("x") }}
				id := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop).ID()
				for _, e := range rig.Entrances() {
					require.PanicsWithValue(t, "x", func() { _, _ = e.Add(s, id, d, gocron.NewTask(rig.Noop), gocron.WithCronImplementation(cron)) })
				}
				cron.Valid, cron.After = nil, func(at time.Time) time.Time { return at.Add(time.Hour) }
				require.Len(t, s.Jobs(), 1)
				rig.MustJob(t, s, gocron.CronJob("x", false), rig.Noop, gocron.WithCronImplementation(cron))
				require.NoError(t, s.StopJobsWithContext(context.Background()))
			})
		})
	}
}
