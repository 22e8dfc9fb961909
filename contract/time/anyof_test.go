package time_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// unionMembers are one of each kind that can be in an AnyOf.
func unionMembers(now time.Time) map[string]gocron.JobDefinition {
	own, err := cron.ParseStandard("5 */7 * * *")
	if err != nil {
		panic(err)
	}
	return map[string]gocron.JobDefinition{
		"crontab":  gocron.CronJob("30 2,9 * * mon-thu", false),
		"its zone": gocron.CronJob("CRON_TZ=Asia/Tokyo 0 9 * * *", false),
		"daily":    gocron.DailyJob(2, gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0), gocron.NewAtTime(9, 30, 0))),
		"weekly":   gocron.WeeklyJob(3, gocron.NewWeekdays(time.Sunday, time.Tuesday), nineOfDay()),
		"monthly":  gocron.MonthlyJob(5, gocron.NewDaysOfTheMonth(-1, 29, 11), nineOfDay()),
		"instants": gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(now.Add(time.Hour).UTC(), now.Add(50*time.Hour), now.Add(1000*time.Hour))),
		"own":      gocron.ScheduleJob(own),
	}
}

// The times of an AnyOf are those of jobs of its definitions, side by side, each once and in the
// scheduler's location: from NewJob, from a start time, under a Claimer, up to a stop time, under
// each policy for clock changes, after a stop, and after the clock was set back by hours and days.
func TestAnyOfIsTheUnionOfItsJobs(t *testing.T) {
	claimer := gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) { return nil, errors.New("elsewhere") })
	now := time.Date(2026, 3, 23, 12, 0, 0, 0, zone(t, "Europe/Berlin"))
	for name, options := range map[string][]gocron.JobOption{
		"plain":      nil,
		"past start": {gocron.WithStartAt(gocron.WithStartDateTimePast(now.AddDate(0, 0, -3)))},
		"start":      {gocron.WithStartAt(gocron.WithStartDateTime(now.Add(time.Hour)))},
		"stop":       {gocron.WithStopAt(gocron.WithStopDateTime(now.AddDate(0, 2, 0)))},
		"skip":       {gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip)},
		"shift":      {gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeRunAfterTransition)},
		"location":   {gocron.WithJobLocation(zone(t, "America/New_York"))},
		"claims":     {gocron.WithDistributedJobLocker(claimer)},
	} {
		for _, own := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", asks user code ", own), func(t *testing.T) {
				x := newStage(t, now)
				x.s.Start()
				members := unionMembers(now)
				if !own {
					delete(members, "own")
				}
				var list []gocron.JobDefinition
				var apart []gocron.Job
				for name, member := range members {
					list = append(list, member)
					j, _ := x.logged(member, append([]gocron.JobOption{gocron.WithName(name)}, options...)...)
					apart = append(apart, j)
				}
				union, _ := x.logged(gocron.AnyOf(list...), append([]gocron.JobOption{gocron.WithName("union")}, options...)...)
				agree := func(when string) {
					t.Helper()
					for _, j := range append(apart, union) {
						x.known(j)
					}
					require.Equal(t, x.merged(apart, 60), x.nexts(union, 60), when)
				}
				agree("at first")
				x.clock.Advance(20*time.Hour + time.Minute)
				agree("the next day")
				require.NoError(t, x.s.StopJobs())
				x.clock.Advance(30 * time.Hour)
				x.s.Start()
				agree("after a stop")
				for _, back := range []time.Duration{time.Minute, 4 * time.Hour, 20 * 24 * time.Hour} {
					x.clock.Advance(-back)
					looks, _ := x.logged(gocron.DurationJob(time.Hour), gocron.WithName("looks"))
					require.NoError(t, x.s.RemoveJob(looks.ID()))
					agree(fmt.Sprint("set back by ", back))
				}
				x.clock.Advance(40 * 24 * time.Hour)
				agree("long after")
			})
		}
	}
}

// known waits until the job's next time is known, or the job has none or has left.
func (x *stage) known(j gocron.Job) {
	x.t.Helper()
	for since := time.Now(); ; runtime.Gosched() {
		require.Less(x.t, time.Since(since), patience, "%s has no next time", j.Name())
		next, err := j.NextRun()
		if err == nil && next.IsZero() && j.Schedule().JobType() == gocron.OneTimeJobType || errors.Is(err, gocron.ErrJobNotFound) {
			return
		}
		require.NoError(x.t, err)
		if next.After(x.clock.Now()) {
			return
		}
	}
}

// merged are the first n times of the jobs together, in the location of the latest job.
func (x *stage) merged(jobs []gocron.Job, n int) (all []time.Time) {
	x.t.Helper()
	var location *time.Location
	for _, j := range jobs {
		times, err := j.NextRuns(n)
		if errors.Is(err, gocron.ErrJobNotFound) {
			continue
		}
		require.NoError(x.t, err)
		all = append(all, times...)
		if j.Name() != "instants" && len(times) > 1 {
			location = times[1].Location()
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	all = slices.CompactFunc(all, time.Time.Equal)
	for i := range all {
		all[i] = all[i].In(location)
	}
	return all[:min(n, len(all))]
}

// It runs at each of its times, once where several definitions name the same, also in the hours
// that clocks are changed in.
func TestAnyOfRunsAtEachTimeOnce(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	half := gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0))
	for name, c := range map[string]struct {
		from time.Time
		want []string
	}{
		"forward": {time.Date(2026, 3, 28, 1, 0, 0, 0, berlin), []string{"Sat 2026-03-28 02:30:00 +0100", "Sat 2026-03-28 09:00:00 +0100",
			"Sun 2026-03-29 03:30:00 +0200", "Sun 2026-03-29 09:00:00 +0200", "Mon 2026-03-30 02:30:00 +0200"}},
		"back": {time.Date(2026, 10, 24, 1, 0, 0, 0, berlin), []string{"Sat 2026-10-24 02:30:00 +0200", "Sat 2026-10-24 09:00:00 +0200",
			"Sun 2026-10-25 02:30:00 +0200", "Sun 2026-10-25 09:00:00 +0100", "Mon 2026-10-26 02:30:00 +0100"}},
	} {
		t.Run(name, func(t *testing.T) {
			definition := gocron.AnyOf(
				gocron.DailyJob(1, half),
				gocron.CronJob("30 2 * * *", false),
				gocron.CronJob("0 9 * * *", false),
				gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(time.Date(c.from.Year(), c.from.Month(), c.from.Day(), 9, 0, 0, 0, berlin).UTC())),
			)
			times, err := gocron.Preview(definition, c.from, len(c.want))
			require.NoError(t, err)
			require.Equal(t, c.want, shown(times))
			x := newStage(t, c.from)
			j, ran := x.logged(definition)
			x.s.Start()
			x.requireWalked(j, ran, c.want)
		})
	}
}

// It lives in the scheduler's location, wherever its start time is.
func TestAnyOfLivesInTheLocationOfTheScheduler(t *testing.T) {
	x := newStage(t, ownNoon)
	x.s.Start()
	start := time.Date(2026, 3, 11, 3, 0, 0, 0, zone(t, "Asia/Tokyo"))
	j, ran := x.logged(gocron.AnyOf(gocron.DailyJob(1, nineOfDay())), gocron.WithStartAt(gocron.WithStartDateTime(start)))
	x.requireWalked(j, ran, []string{"Wed 2026-03-11 03:00:00 +0900", "Wed 2026-03-11 09:00:00 +0000"})
	schedule := j.Schedule().(gocron.AnyOfJobSchedule)
	require.Equal(t, gocron.AnyOfJobType, schedule.JobType())
	require.Equal(t, time.UTC, schedule.Schedules[0].(gocron.DailyJobSchedule).AtTimes[0].Location())
}

// Limited runs, a stop time, Update, a pause and a stop treat it as they do every calendar job.
func TestAnyOfWithLimitStopUpdateAndPause(t *testing.T) {
	definition := gocron.AnyOf(gocron.CronJob("0 * * * *", false), gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(ownNoon.Add(90*time.Minute))))
	x := newStage(t, ownNoon, gocron.WithHistory(10))
	x.s.Start()
	c := gocron.NewController(x.s)
	j, ran := x.logged(definition, gocron.WithLimitedRuns(2))
	x.walk(j, ran, 2)
	x.empty()
	require.Equal(t, ownNoon.Add(90*time.Minute), x.clock.Now())

	j, ran = x.logged(gocron.AnyOf(gocron.CronJob("0 * * * *", false), gocron.CronJob("30 * * * *", false)),
		gocron.WithStopAt(gocron.WithStopDateTime(ownNoon.Add(150*time.Minute))))
	x.requireWalked(j, ran, []string{"Tue 2026-03-10 14:00:00 +0000", "Tue 2026-03-10 14:30:00 +0000"})
	x.empty()

	j, ran = x.logged(gocron.DurationJob(time.Hour))
	_, err := x.s.Update(j.ID(), gocron.AnyOf(gocron.DurationJob(1)), gocron.NewTask(nothing))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	x.requireWalked(j, ran, []string{"Tue 2026-03-10 15:30:00 +0000"})
	require.NoError(t, c.Wait(context.Background(), j.ID()))
	j, err = x.s.Update(j.ID(), gocron.AnyOf(gocron.CronJob("0 * * * *", false), gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(ownNoon.Add(5*time.Hour+1)))), gocron.NewTask(nothing))
	require.NoError(t, err)
	require.NoError(t, c.Pause(j.ID()))
	x.clock.Advance(x.comes(j).Sub(x.clock.Now())) // 16:00
	x.comes(j)
	require.NoError(t, c.Resume(j.ID()))
	require.NoError(t, x.s.StopJobs())
	x.clock.Advance(3 * time.Hour) // over the instant at 17:00:00.000000001 and three hours
	x.s.Start()
	require.Equal(t, "Tue 2026-03-10 20:00:00 +0000", x.comes(j).Format(layout))
	require.NoError(t, c.Wait(context.Background(), j.ID()))
	history, err := c.History(j.ID())
	require.NoError(t, err)
	var outcomes []gocron.Outcome
	for _, info := range history {
		outcomes = append(outcomes, info.Outcome)
	}
	require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomePaused, gocron.OutcomeMissed, gocron.OutcomeSucceeded}, outcomes,
		"19:00 is due at the very moment of the start")
}

// A one-time instant that has run does not run again when the clock is set back over it, and one
// that has not comes again with the rest.
func TestAnyOfInstantsNeverRunAgain(t *testing.T) {
	x := newStage(t, ownNoon)
	instants := gocron.OneTimeJobStartDateTimes(ownNoon.Add(time.Minute), ownNoon.Add(20*time.Hour))
	j, ran := x.logged(gocron.AnyOf(gocron.CronJob("30 * * * *", false), gocron.OneTimeJob(instants)))
	x.s.Start()
	x.requireWalked(j, ran, []string{"Tue 2026-03-10 12:01:00 +0000", "Tue 2026-03-10 12:30:00 +0000"})
	x.clock.Advance(-5*time.Hour - 30*time.Minute)
	x.logged(gocron.DurationJob(24 * time.Hour)) // books, so the clock is looked at
	require.Equal(t, "Tue 2026-03-10 07:30:00 +0000", x.comes(j).Format(layout))
	x.walk(j, ran, 24)
	require.Equal(t, ownNoon.Add(18*time.Hour+30*time.Minute), x.clock.Now())
	x.requireWalked(j, ran, []string{"Wed 2026-03-11 07:30:00 +0000", "Wed 2026-03-11 08:00:00 +0000", "Wed 2026-03-11 08:30:00 +0000"})
}

func TestAnyOfRefuses(t *testing.T) {
	now := time.Now()
	daily := gocron.DailyJob(1, nineOfDay())
	takes := ", allowed: CronJob without @every, DailyJob, WeeklyJob, MonthlyJob, MonthlyWeekdayJob, OneTimeJob with times, ScheduleJob"
	for _, c := range []struct {
		members []gocron.JobDefinition
		option  gocron.JobOption
		want    error
		text    string
	}{
		{nil, nil, gocron.ErrJobNeverRuns, "AnyOf: names no definition"},
		{[]gocron.JobDefinition{daily, nil}, nil, gocron.ErrJobDefinitionNil, "(AnyOf: definition 2)"},
		{[]gocron.JobDefinition{daily, gocron.DurationJob(0)}, nil, gocron.ErrOptionValue, "AnyOf(DurationJob)" + takes + " (AnyOf: definition 2)"},
		{[]gocron.JobDefinition{gocron.DurationRandomJob(1, 2)}, nil, gocron.ErrOptionValue, "AnyOf(DurationRandomJob)" + takes},
		{[]gocron.JobDefinition{gocron.AnyOf(daily)}, nil, gocron.ErrOptionValue, "AnyOf(AnyOf)" + takes},
		{[]gocron.JobDefinition{daily, gocron.CronJob("@every 1h", false)}, nil, gocron.ErrOptionValue, "AnyOf(CronJob with @every)" + takes},
		{[]gocron.JobDefinition{gocron.CronJob("", false)}, gocron.WithCronImplementation(refusing{}), gocron.ErrOptionValue,
			"AnyOf(CronJob with a Cron of WithCronImplementation)" + takes},
		{[]gocron.JobDefinition{gocron.OneTimeJob(gocron.OneTimeJobStartImmediately())}, nil, gocron.ErrOptionValue, "AnyOf(OneTimeJobStartImmediately)"},
		{[]gocron.JobDefinition{gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(now.Add(-1)))}, nil, gocron.ErrOneTimeJobStartDateTimePast, "definition 1"},
		{[]gocron.JobDefinition{daily, gocron.OneTimeJob(nil)}, nil, gocron.ErrOneTimeJobStartAtNil, "definition 2"},
		{[]gocron.JobDefinition{daily, gocron.ScheduleJob(nil)}, nil, gocron.ErrOptionValue, "definition 2"},
		{[]gocron.JobDefinition{daily, gocron.CronJob("0 25 * * *", false)}, nil, gocron.ErrCronJobParse, "definition 2"},
		{[]gocron.JobDefinition{daily, gocron.CronJob("0 0 30 2 *", false)}, nil, gocron.ErrCronJobInvalid, "definition 2"},
		{[]gocron.JobDefinition{daily, gocron.DailyJob(1, func() []gocron.AtTime { return nil })}, nil, gocron.ErrJobNeverRuns,
			"DailyJob: atTimes names no time (AnyOf: definition 2)"},
		{[]gocron.JobDefinition{gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), nineOfDay())},
			gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))), gocron.ErrJobNeverRuns, "every 12 months from April 2026"},
	} {
		options := []gocron.JobOption{gocron.WithName("report")}
		if c.option != nil {
			options = append(options, c.option)
		}
		err := gocron.Validate(gocron.AnyOf(c.members...), options...)
		require.ErrorIs(t, err, c.want)
		require.ErrorContains(t, err, c.text)
		require.ErrorContains(t, err, `(job "report")`)
		require.NotContains(t, err.Error(), "\n")
	}
	require.NoError(t, gocron.Validate(gocron.AnyOf(gocron.CronJob("0 0 9 * * *", false)), gocron.WithCronImplementation(gocron.NewDefaultCron(true))),
		"a default Cron is none of the user's")
}

// What is wrong with its options and instants is logged as for each of its definitions.
func TestAnyOfLogsWhatItsDefinitionsWould(t *testing.T) {
	x := newStage(t, ownNoon)
	crontab := gocron.CronJob("0 9 * * *", false)
	instants := gocron.OneTimeJobStartDateTimes(ownNoon.Add(-2), ownNoon.Add(-1), ownNoon.Add(1))
	x.logged(gocron.AnyOf(crontab, gocron.OneTimeJob(instants)), gocron.WithName("report"))
	require.Len(t, x.log.with("past and left out"), 1)
	require.Contains(t, x.log.with("past and left out")[0], "left out 2")
	require.Len(t, x.log.with("WARN"), 1)
	skip := gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip)
	own := gocron.ScheduleJob(&asked{})
	x.logged(gocron.AnyOf(crontab, own), gocron.WithCronImplementation(gocron.NewDefaultCron(false)), skip, gocron.WithJobLocation(time.UTC))
	require.Len(t, x.log.with("WARN"), 1, "they have an effect")
	x.logged(gocron.AnyOf(own, gocron.DailyJob(1, nineOfDay())), gocron.WithCronImplementation(gocron.NewDefaultCron(false)))
	require.Len(t, x.log.with("WithCronImplementation"), 1)
	x.logged(own, skip)
	require.Len(t, x.log.with("WithDaylightSavingsTimePolicy"), 1)
}

// The list that is given may be changed afterwards, and one definition serves for two jobs.
func TestAnyOfCopiesItsDefinitions(t *testing.T) {
	members := []gocron.JobDefinition{gocron.DailyJob(1, nineOfDay()), gocron.CronJob("0 10 * * *", false)}
	definition := gocron.AnyOf(members...)
	members[0] = nil
	x := newStage(t, ownNoon)
	one, _ := x.logged(definition)
	two, _ := x.logged(definition)
	x.s.Start()
	require.Equal(t, x.nexts(one, 4), x.nexts(two, 4))
	shown := one.Schedule().(gocron.AnyOfJobSchedule)
	shown.Schedules[0] = nil
	require.NotNil(t, one.Schedule().(gocron.AnyOfJobSchedule).Schedules[0])
}

// WithJitter delays its times, and leaves those by which runs are known and claimed as they are.
func TestAnyOfWithJitter(t *testing.T) {
	definition := gocron.AnyOf(gocron.CronJob("*/20 * * * *", false), gocron.CronJob("50 * * * *", false))
	options := []gocron.JobOption{gocron.WithName("report"), gocron.WithJitter(time.Hour)}
	plain, err := gocron.Preview(definition, ownNoon, 6)
	require.NoError(t, err)
	delayed, err := gocron.Preview(definition, ownNoon, 5, options...)
	require.NoError(t, err)
	x := newStage(t, ownNoon, gocron.WithHistory(10))
	x.s.Start()
	j, ran := x.logged(definition, options...)
	if delayed[0].Before(plain[0]) { // the time of 12:00, delayed
		plain = append([]time.Time{ownNoon}, plain...)
	}
	x.requireWalked(j, ran, shown(delayed))
	c := gocron.NewController(x.s)
	require.NoError(t, c.Wait(context.Background(), j.ID()))
	history, err := c.History(j.ID())
	require.NoError(t, err)
	slices.SortFunc(history, func(a, b gocron.RunInfo) int { return a.ScheduledAt.Compare(b.ScheduledAt) }) // they may end in any order
	for i, info := range history {
		require.Equal(t, plain[i], info.ScheduledAt)
		require.False(t, delayed[i].Before(plain[i]))
		require.True(t, delayed[i].Before(plain[i+1]))
	}
	require.Len(t, history, len(delayed))
}
