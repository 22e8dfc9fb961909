package gocron

import (
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestContractAnIDIsARandomUUIDUnlessGiven(t *testing.T) {
	s := newScheduler(t)
	seen := map[uuid.UUID]bool{}
	for i := 0; i < 100; i++ {
		id := mustJob(t, s, DurationJob(time.Hour), noop).ID()
		require.Equal(t, uuid.Version(4), id.Version())
		require.False(t, seen[id])
		seen[id] = true
	}
	given := uuid.MustParse("00000000-0000-0000-0000-000000000001")
	require.Equal(t, given, mustJob(t, s, DurationJob(time.Hour), noop, WithIdentifier(uuid.New()), WithIdentifier(given)).ID())
	require.Len(t, s.Jobs(), 101)
}

type withMethods struct{}

func (withMethods) value()    {}
func (*withMethods) pointer() {}

func generic[T any](T) {}

func TestContractANameDefaultsToTheFunctionsOfTheTask(t *testing.T) {
	s := newScheduler(t)
	literal := func() {}
	var v withMethods
	for suffix, f := range map[string]any{
		".noop": noop, ".func1": literal, ".withMethods.value-fm": v.value, ".(*withMethods).pointer-fm": v.pointer,
		".TestContractANameDefaultsToTheFunctionsOfTheTask.func1": &literal,
	} {
		name := mustJob(t, s, DurationJob(time.Hour), f).Name()
		require.True(t, strings.HasSuffix(name, suffix), "%s: %s", suffix, name)
		fn := reflect.Indirect(reflect.ValueOf(f))
		require.Equal(t, runtime.FuncForPC(fn.Pointer()).Name(), name)
	}
	j, err := s.NewJob(DurationJob(time.Hour), NewTask(withMethods.value, v))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(j.Name(), ".withMethods.value"), j.Name())
	j, err = s.NewJob(DurationJob(time.Hour), NewTask(generic[int], 1))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(j.Name(), ".generic[...]"), j.Name())
	require.Equal(t, "own", mustJob(t, s, DurationJob(time.Hour), noop, WithName("own")).Name())
}

func TestContractJobsIsSortedByID(t *testing.T) {
	s := newScheduler(t)
	require.Equal(t, []Job{}, s.Jobs())
	text := func() []string {
		var all []string
		for _, id := range ids(s) {
			all = append(all, id.String())
		}
		return all
	}
	for i := 0; i < 200; i++ {
		id := mustJob(t, s, DurationJob(time.Hour), noop).ID()
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
	s := newScheduler(t, WithLocation(time.UTC))
	tags := []string{"b", "a"}
	at := []AtTime{NewAtTime(9, 0, 0), NewAtTime(8, 0, 0)}
	weekdays := []time.Weekday{time.Friday, time.Monday}
	monthDays := []int{20, -3, 3, 3}
	times := []time.Time{farFuture.Add(time.Hour), farFuture}
	listeners := []EventListener{AfterJobRuns(func(uuid.UUID, string) {})}
	results := make(chan string, 1)
	parameters := []any{results, "given"}

	definitions := []JobDefinition{
		DailyJob(1, NewAtTimes(NewAtTime(10, 0, 0), at...)),
		WeeklyJob(1, NewWeekdays(time.Sunday, weekdays...), NewAtTimes(NewAtTime(10, 0, 0))),
		MonthlyJob(1, NewDaysOfTheMonth(1, monthDays...), NewAtTimes(NewAtTime(10, 0, 0))),
		OneTimeJob(OneTimeJobStartDateTimes(times...)),
	}
	task := NewTask(func(c chan string, word string) { c <- word }, parameters...)
	options := []JobOption{WithTags(tags...), WithEventListeners(listeners...)}
	require.Equal(t, []time.Time{farFuture.Add(time.Hour), farFuture}, times)

	at[0], weekdays[0], monthDays[0], times[0] = NewAtTime(23, 0, 0), time.Saturday, 31, farFuture.Add(99*time.Hour)
	tags[0], parameters[1], listeners[0] = "x", "changed", nil
	clock := func(hour int) time.Time { return time.Date(0, 0, 0, hour, 0, 0, 0, time.UTC) }
	want := []JobSchedule{
		DailyJobSchedule{1, []time.Time{clock(8), clock(9), clock(10)}},
		WeeklyJobSchedule{1, []time.Weekday{0, 1, 5}, []time.Time{clock(10)}},
		MonthlyJobSchedule{1, []int{1, 3, 20}, []int{-3}, []time.Time{clock(10)}},
		OneTimeJobSchedule{[]time.Time{farFuture, farFuture.Add(time.Hour)}},
	}
	for i, d := range definitions {
		j, err := s.NewJob(d, task, options...)
		require.NoError(t, err)
		require.Equal(t, want[i], j.Schedule())
		require.Equal(t, []string{"b", "a"}, j.Tags())
		s.Start()
		require.NoError(t, j.RunNow())
		require.Equal(t, "given", receive(t, results))
	}
}

// handsOut makes a function whose type may have no name here.
func handsOut[T any](v T) func() T { return func() T { return v } }

// handedOut is the slice that handOut keeps.
var handedOut []time.Time

func handOut[T any](T) []time.Time { return handedOut }

// A function of the user's may hand out the very slice it keeps.
func TestContractSlicesOfUserFunctionsAreNeverReordered(t *testing.T) {
	s := newScheduler(t)
	at := []AtTime{NewAtTime(9, 0, 0), NewAtTime(8, 0, 0), NewAtTime(9, 0, 0)}
	weekdays := []time.Weekday{time.Friday, time.Monday}
	monthDays := NewDaysOfTheMonth(20, -3, 3, 3)()
	times := []time.Time{farFuture.Add(time.Hour), farFuture, farFuture}
	handedOut = times
	keepAt := func() []AtTime { return at }
	var start OneTimeJobStartAtOption = handOut
	jobs := []Job{
		mustJob(t, s, DailyJob(1, keepAt), noop),
		mustJob(t, s, WeeklyJob(1, func() []time.Weekday { return weekdays }, keepAt), noop),
		mustJob(t, s, MonthlyJob(1, handsOut(monthDays), keepAt), noop),
		mustJob(t, s, OneTimeJob(start), noop),
	}
	require.Equal(t, []any{NewAtTime(9, 0, 0)(), NewAtTime(8, 0, 0)(), NewAtTime(9, 0, 0)()}, []any{at[0](), at[1](), at[2]()})
	require.Equal(t, []time.Weekday{time.Friday, time.Monday}, weekdays)
	require.EqualValues(t, []int{20, -3, 3, 3}, monthDays)
	require.Equal(t, []time.Time{farFuture.Add(time.Hour), farFuture, farFuture}, times)
	before := schedules(jobs)
	at[0], weekdays[0], monthDays[0], times[0] = NewAtTime(1, 0, 0), 0, 9, farFuture.Add(time.Minute)
	require.Equal(t, before, schedules(jobs), "and are not read again")
}

// schedules are in writing, as slices in them may be the job's very own.
func schedules(jobs []Job) (all []string) {
	for _, j := range jobs {
		all = append(all, fmt.Sprint(j.Schedule()))
	}
	return all
}

func TestContractSlicesHandedOutAreCopies(t *testing.T) {
	s := newScheduler(t, WithLocation(time.UTC))
	noon := NewAtTimes(NewAtTime(12, 0, 0), NewAtTime(13, 0, 0))
	tagged := WithTags("a", "b")
	daily := mustJob(t, s, DailyJob(2, noon), noop, tagged)
	weekly := mustJob(t, s, WeeklyJob(2, NewWeekdays(1, 2), noon), noop, tagged)
	monthly := mustJob(t, s, MonthlyJob(2, NewDaysOfTheMonth(1, 2, -1), noon), noop, tagged)
	once := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(farFuture, farFuture.Add(1))), noop, tagged)
	jobs := []Job{daily, weekly, monthly, once}
	s.Start()
	before := schedules(jobs)
	for _, j := range jobs {
		runs, err := j.NextRuns(2)
		require.NoError(t, err)
		first := runs[0]
		runs[0] = longPast
		runs, err = j.NextRuns(2)
		require.NoError(t, err)
		require.Equal(t, first, runs[0])
		j.Tags()[0] = "changed"
		require.Equal(t, []string{"a", "b"}, j.Tags())
	}
	daily.Schedule().(DailyJobSchedule).AtTimes[0] = longPast
	weekly.Schedule().(WeeklyJobSchedule).DaysOfWeek[0] = 6
	weekly.Schedule().(WeeklyJobSchedule).AtTimes[0] = longPast
	monthly.Schedule().(MonthlyJobSchedule).Days[0] = 9
	monthly.Schedule().(MonthlyJobSchedule).DaysFromEnd[0] = -9
	once.Schedule().(OneTimeJobSchedule).StartAt[0] = longPast
	require.Equal(t, before, schedules(jobs))
	s.Jobs()[0] = nil
	require.NotNil(t, s.Jobs()[0])
}

func TestContractScheduleReturnsTheKindsOwnValue(t *testing.T) {
	s := newScheduler(t, WithLocation(time.FixedZone("there", 3600)))
	clock := func(h, m, sec int) time.Time { return time.Date(0, 0, 0, h, m, sec, 0, time.FixedZone("there", 3600)) }
	at := NewAtTimes(NewAtTime(23, 59, 59), NewAtTime(0, 0, 0), NewAtTime(0, 0, 0))
	wantAt := []time.Time{clock(0, 0, 0), clock(0, 0, 0), clock(23, 59, 59)}
	for _, c := range []struct {
		definition JobDefinition
		want       JobSchedule
		kind       JobType
	}{
		{CronJob("  1 2 * * *", false), CronJobSchedule{"  1 2 * * *"}, CronJobType},
		{DurationJob(5), DurationJobSchedule{5}, DurationJobType},
		{DurationRandomJob(5, 7), DurationRandomJobSchedule{5, 7}, DurationRandomJobType},
		{DailyJob(4, at), DailyJobSchedule{4, wantAt}, DailyJobType},
		{WeeklyJob(3, NewWeekdays(6, 0, 6), at), WeeklyJobSchedule{3, []time.Weekday{0, 6, 6}, wantAt}, WeeklyJobType},
		{MonthlyJob(2, NewDaysOfTheMonth(3, -1, 1, 3, -4, -1), at), MonthlyJobSchedule{2, []int{1, 3}, []int{-4, -1}, wantAt}, MonthlyJobType},
		{OneTimeJob(OneTimeJobStartDateTimes(farFuture.Add(1), longPast, farFuture, farFuture)),
			OneTimeJobSchedule{[]time.Time{farFuture, farFuture.Add(1)}}, OneTimeJobType},
	} {
		j := mustJob(t, s, c.definition, noop)
		require.Equal(t, c.want, j.Schedule())
		require.Equal(t, c.kind, j.Schedule().JobType())
	}
	j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), noop)
	require.Empty(t, j.Schedule().(OneTimeJobSchedule).StartAt)
	require.Equal(t, clock(7, 8, 9), TimeFromAtTime(NewAtTime(7, 8, 9), time.FixedZone("there", 3600)))
}
