package jobs_test

import (
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestContractAnIDIsARandomUUIDUnlessGiven(t *testing.T) {
	s := rig.NewScheduler(t)
	seen := map[uuid.UUID]bool{}
	for i := 0; i < 100; i++ {
		id := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop).ID()
		require.Equal(t, uuid.Version(4), id.Version())
		require.False(t, seen[id])
		seen[id] = true
	}
	given := uuid.MustParse("00000000-0000-0000-0000-000000000001")
	require.Equal(t, given, rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithIdentifier(uuid.New()), gocron.WithIdentifier(given)).ID())
	require.Len(t, s.Jobs(), 101)
}

type withMethods struct{}

func (withMethods) value()    {}
func (*withMethods) pointer() {}

func generic[T any](T) {}

func TestContractANameDefaultsToTheFunctionsOfTheTask(t *testing.T) {
	s := rig.NewScheduler(t)
	literal := func() {}
	var v withMethods
	for suffix, f := range map[string]any{
		".Noop": rig.Noop, ".func1": literal, ".withMethods.value-fm": v.value, ".(*withMethods).pointer-fm": v.pointer,
		".TestContractANameDefaultsToTheFunctionsOfTheTask.func1": &literal,
	} {
		name := rig.MustJob(t, s, gocron.DurationJob(time.Hour), f).Name()
		require.True(t, strings.HasSuffix(name, suffix), "%s: %s", suffix, name)
		fn := reflect.Indirect(reflect.ValueOf(f))
		require.Equal(t, runtime.FuncForPC(fn.Pointer()).Name(), name)
	}
	j, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(withMethods.value, v))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(j.Name(), ".withMethods.value"), j.Name())
	j, err = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(generic[int], 1))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(j.Name(), ".generic[...]"), j.Name())
	require.Equal(t, "own", rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("own")).Name())
}

func TestContractJobsIsSortedByID(t *testing.T) {
	s := rig.NewScheduler(t)
	require.Equal(t, []gocron.Job{}, s.Jobs())
	text := func() []string {
		var all []string
		for _, id := range rig.IDs(s) {
			all = append(all, id.String())
		}
		return all
	}
	for i := 0; i < 200; i++ {
		id := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop).ID()
		if i%3 == 0 {
			require.NoError(t, s.RemoveJob(id))
		}
		if i%7 == 0 {
			s.Start()
		}
		require.True(t, sort.StringsAreSorted(text()))
	}
	require.Len(t, s.Jobs(), 133)
}

func TestContractSlicesHandedInAreCopied(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
	tags := []string{"b", "a"}
	at := []gocron.AtTime{gocron.NewAtTime(9, 0, 0), gocron.NewAtTime(8, 0, 0)}
	weekdays := []time.Weekday{time.Friday, time.Monday}
	monthDays := []int{20, -3, 3, 3}
	times := []time.Time{rig.FarFuture.Add(time.Hour), rig.FarFuture}
	listeners := []gocron.EventListener{gocron.AfterJobRuns(func(uuid.UUID, string) {})}
	results := make(chan string, 1)
	parameters := []any{results, "given"}

	definitions := []gocron.JobDefinition{
		gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0), at...)),
		gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday, weekdays...), gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))),
		gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1, monthDays...), gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))),
		gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)),
	}
	task := gocron.NewTask(func(c chan string, word string) { c <- word }, parameters...)
	options := []gocron.JobOption{gocron.WithTags(tags...), gocron.WithEventListeners(listeners...)}
	require.Equal(t, []time.Time{rig.FarFuture.Add(time.Hour), rig.FarFuture}, times)

	at[0], weekdays[0], monthDays[0], times[0] = gocron.NewAtTime(23, 0, 0), time.Saturday, 31, rig.FarFuture.Add(99*time.Hour)
	tags[0], parameters[1], listeners[0] = "x", "changed", nil
	clock := func(hour int) time.Time { return time.Date(0, 0, 0, hour, 0, 0, 0, time.UTC) }
	want := []gocron.JobSchedule{
		gocron.DailyJobSchedule{Interval: 1, AtTimes: []time.Time{clock(8), clock(9), clock(10)}},
		gocron.WeeklyJobSchedule{Interval: 1, DaysOfWeek: []time.Weekday{0, 1, 5}, AtTimes: []time.Time{clock(10)}},
		gocron.MonthlyJobSchedule{Interval: 1, Days: []int{1, 3, 20}, DaysFromEnd: []int{-3}, AtTimes: []time.Time{clock(10)}},
		gocron.OneTimeJobSchedule{StartAt: []time.Time{rig.FarFuture, rig.FarFuture.Add(time.Hour)}},
	}
	for i, d := range definitions {
		j, err := s.NewJob(d, task, options...)
		require.NoError(t, err)
		require.Equal(t, want[i], j.Schedule())
		require.Equal(t, []string{"b", "a"}, j.Tags())
		s.Start()
		require.NoError(t, j.RunNow())
		require.Equal(t, "given", rig.Receive(t, results))
	}
}

// handsOut makes a function whose type may have no name here.
func handsOut[T any](v T) func() T { return func() T { return v } }

// handedOut is the slice that handOut keeps.
var handedOut []time.Time

func handOut[T any](T) []time.Time { return handedOut }

// A function of the user's may hand out the very slice it keeps.
func TestContractSlicesOfUserFunctionsAreNeverReordered(t *testing.T) {
	s := rig.NewScheduler(t)
	at := []gocron.AtTime{gocron.NewAtTime(9, 0, 0), gocron.NewAtTime(8, 0, 0), gocron.NewAtTime(9, 0, 0)}
	weekdays := []time.Weekday{time.Friday, time.Monday}
	monthDays := gocron.NewDaysOfTheMonth(20, -3, 3, 3)()
	times := []time.Time{rig.FarFuture.Add(time.Hour), rig.FarFuture, rig.FarFuture}
	handedOut = times
	keepAt := func() []gocron.AtTime { return at }
	var start gocron.OneTimeJobStartAtOption = handOut
	jobs := []gocron.Job{
		rig.MustJob(t, s, gocron.DailyJob(1, keepAt), rig.Noop),
		rig.MustJob(t, s, gocron.WeeklyJob(1, func() []time.Weekday { return weekdays }, keepAt), rig.Noop),
		rig.MustJob(t, s, gocron.MonthlyJob(1, handsOut(monthDays), keepAt), rig.Noop),
		rig.MustJob(t, s, gocron.OneTimeJob(start), rig.Noop),
	}
	require.Equal(t, []any{gocron.NewAtTime(9, 0, 0)(), gocron.NewAtTime(8, 0, 0)(), gocron.NewAtTime(9, 0, 0)()}, []any{at[0](), at[1](), at[2]()})
	require.Equal(t, []time.Weekday{time.Friday, time.Monday}, weekdays)
	require.EqualValues(t, []int{20, -3, 3, 3}, monthDays)
	require.Equal(t, []time.Time{rig.FarFuture.Add(time.Hour), rig.FarFuture, rig.FarFuture}, times)
	before := schedules(jobs)
	at[0], weekdays[0], monthDays[0], times[0] = gocron.NewAtTime(1, 0, 0), 0, 9, rig.FarFuture.Add(time.Minute)
	require.Equal(t, before, schedules(jobs), "and are not read again")
}

// schedules are in writing, as slices in them may be the job's very own.
func schedules(jobs []gocron.Job) (all []string) {
	for _, j := range jobs {
		all = append(all, fmt.Sprint(j.Schedule()))
	}
	return all
}

func TestContractSlicesHandedOutAreCopies(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0), gocron.NewAtTime(13, 0, 0))
	tagged := gocron.WithTags("a", "b")
	daily := rig.MustJob(t, s, gocron.DailyJob(2, noon), rig.Noop, tagged)
	weekly := rig.MustJob(t, s, gocron.WeeklyJob(2, gocron.NewWeekdays(1, 2), noon), rig.Noop, tagged)
	monthly := rig.MustJob(t, s, gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(1, 2, -1), noon), rig.Noop, tagged)
	once := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.FarFuture, rig.FarFuture.Add(1))), rig.Noop, tagged)
	jobs := []gocron.Job{daily, weekly, monthly, once}
	s.Start()
	before := schedules(jobs)
	for _, j := range jobs {
		runs, err := j.NextRuns(2)
		require.NoError(t, err)
		first := runs[0]
		runs[0] = rig.LongPast
		runs, err = j.NextRuns(2)
		require.NoError(t, err)
		require.Equal(t, first, runs[0])
		j.Tags()[0] = "changed"
		require.Equal(t, []string{"a", "b"}, j.Tags())
	}
	daily.Schedule().(gocron.DailyJobSchedule).AtTimes[0] = rig.LongPast
	weekly.Schedule().(gocron.WeeklyJobSchedule).DaysOfWeek[0] = 6
	weekly.Schedule().(gocron.WeeklyJobSchedule).AtTimes[0] = rig.LongPast
	monthly.Schedule().(gocron.MonthlyJobSchedule).Days[0] = 9
	monthly.Schedule().(gocron.MonthlyJobSchedule).DaysFromEnd[0] = -9
	once.Schedule().(gocron.OneTimeJobSchedule).StartAt[0] = rig.LongPast
	require.Equal(t, before, schedules(jobs))
	s.Jobs()[0] = nil
	require.NotNil(t, s.Jobs()[0])
}

// monthEnd is a Schedule.
type monthEnd struct{}

func (monthEnd) Next(after time.Time) time.Time {
	return time.Date(after.Year(), after.Month()+2, 0, 0, 0, 0, 0, time.UTC)
}

// nthWeekdays are given as a number, a weekday, a number, …
func nthWeekdays(numbers ...int) (list []gocron.NthWeekday) {
	for i := 0; i < len(numbers); i += 2 {
		list = append(list, gocron.NthWeekday{N: numbers[i], Weekday: time.Weekday(numbers[i+1])})
	}
	return list
}

func TestContractScheduleReturnsTheKindsOwnValue(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithLocation(time.FixedZone("there", 3600)))
	clock := func(h, m, sec int) time.Time { return time.Date(0, 0, 0, h, m, sec, 0, time.FixedZone("there", 3600)) }
	at := gocron.NewAtTimes(gocron.NewAtTime(23, 59, 59), gocron.NewAtTime(0, 0, 0), gocron.NewAtTime(0, 0, 0))
	wantAt := []time.Time{clock(0, 0, 0), clock(0, 0, 0), clock(23, 59, 59)}
	for _, c := range []struct {
		definition gocron.JobDefinition
		want       gocron.JobSchedule
		kind       gocron.JobType
	}{
		{gocron.CronJob("  1 2 * * *", false), gocron.CronJobSchedule{Crontab: "  1 2 * * *"}, gocron.CronJobType},
		{gocron.DurationJob(5), gocron.DurationJobSchedule{Duration: 5}, gocron.DurationJobType},
		{gocron.DurationRandomJob(5, 7), gocron.DurationRandomJobSchedule{Min: 5, Max: 7}, gocron.DurationRandomJobType},
		{gocron.DailyJob(4, at), gocron.DailyJobSchedule{Interval: 4, AtTimes: wantAt}, gocron.DailyJobType},
		{gocron.WeeklyJob(3, gocron.NewWeekdays(6, 0, 6), at), gocron.WeeklyJobSchedule{Interval: 3, DaysOfWeek: []time.Weekday{0, 6, 6}, AtTimes: wantAt}, gocron.WeeklyJobType},
		{gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(3, -1, 1, 3, -4, -1), at), gocron.MonthlyJobSchedule{Interval: 2, Days: []int{1, 3}, DaysFromEnd: []int{-4, -1}, AtTimes: wantAt}, gocron.MonthlyJobType},
		{gocron.MonthlyWeekdayJob(2, func() []gocron.NthWeekday { return nthWeekdays(-1, 5, 3, 1, 1, 6, -5, 0, 3, 1, -1, 1) }, at),
			gocron.MonthlyWeekdayJobSchedule{Interval: 2, NthWeekdays: nthWeekdays(1, 6, 3, 1, -5, 0, -1, 1, -1, 5), AtTimes: wantAt}, gocron.MonthlyWeekdayJobType},
		{gocron.ScheduleJob(monthEnd{}), gocron.ScheduleJobSchedule{Schedule: monthEnd{}}, gocron.ScheduleJobType},
		{gocron.AnyOf(gocron.CronJob("0 9 * * *", false), gocron.DailyJob(2, at)), gocron.AnyOfJobSchedule{Schedules: []gocron.JobSchedule{
			gocron.CronJobSchedule{Crontab: "0 9 * * *"}, gocron.DailyJobSchedule{Interval: 2, AtTimes: wantAt}}}, gocron.AnyOfJobType},
		{gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.FarFuture.Add(1), rig.LongPast, rig.FarFuture, rig.FarFuture)),
			gocron.OneTimeJobSchedule{StartAt: []time.Time{rig.FarFuture, rig.FarFuture.Add(1)}}, gocron.OneTimeJobType},
	} {
		j := rig.MustJob(t, s, c.definition, rig.Noop)
		require.Equal(t, c.want, j.Schedule())
		require.Equal(t, c.kind, j.Schedule().JobType())
	}
	j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Noop)
	require.Empty(t, j.Schedule().(gocron.OneTimeJobSchedule).StartAt)
}

func TestContractTimeFromAtTime(t *testing.T) {
	zone := time.FixedZone("there", 3600)
	require.Equal(t, time.Date(0, 0, 0, 1, 2, 3, 0, zone), gocron.TimeFromAtTime(gocron.NewAtTime(1, 2, 3), zone))
	require.Equal(t, time.Date(0, 0, 0, 1, 2, 3, 0, time.UTC), gocron.TimeFromAtTime(gocron.NewAtTime(1, 2, 3), nil))
	require.Equal(t, time.Date(0, 0, 1, 1, 1, 0, 0, zone), gocron.TimeFromAtTime(gocron.NewAtTime(24, 60, 60), zone))
	require.Zero(t, gocron.TimeFromAtTime(nil, zone))
}
