package gocron

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// at lists times of day given as hours, minutes, seconds, hours, …
func at(numbers ...uint) AtTimes {
	var list []AtTime
	for i := 0; i < len(numbers); i += 3 {
		list = append(list, NewAtTime(numbers[i], numbers[i+1], numbers[i+2]))
	}
	return NewAtTimes(list[0], list[1:]...)
}

func TestDefinitions_refused(t *testing.T) {
	past := instant(t, "00:00:00")
	monday, first := NewWeekdays(time.Monday), NewDaysOfTheMonth(1)
	listOf := func(list ...AtTime) AtTimes { return func() []AtTime { return list } }
	for _, x := range []struct {
		name       string
		definition JobDefinition
		err        error
	}{
		{"daily, no times", DailyJob(1, nil), ErrDailyJobAtTimesNil},
		{"daily, no times before no interval", DailyJob(0, nil), ErrDailyJobAtTimesNil},
		{"daily, nil time", DailyJob(1, NewAtTimes(nil)), ErrDailyJobAtTimeNil},
		{"daily, nil time later", DailyJob(1, NewAtTimes(NewAtTime(1, 0, 0), nil)), ErrDailyJobAtTimeNil},
		{"daily, nil time of a user's list", DailyJob(1, listOf(nil)), ErrDailyJobAtTimeNil},
		{"daily, hours", DailyJob(1, at(24, 0, 0)), ErrDailyJobHours},
		{"daily, huge hours", DailyJob(1, at(math.MaxUint, 0, 0)), ErrDailyJobHours},
		{"daily, hours before interval", DailyJob(0, at(24, 0, 0)), ErrDailyJobHours},
		{"daily, hours before minutes", DailyJob(1, at(24, 60, 60)), ErrDailyJobHours},
		{"daily, first wrong time", DailyJob(1, at(0, 60, 0, 24, 0, 0)), ErrDailyJobMinutesSeconds},
		{"daily, minutes", DailyJob(1, at(0, 60, 0)), ErrDailyJobMinutesSeconds},
		{"daily, seconds", DailyJob(1, at(0, 0, 60)), ErrDailyJobMinutesSeconds},
		{"daily, interval", DailyJob(0, at(0, 0, 0)), ErrDailyJobZeroInterval},

		{"weekly, interval first", WeeklyJob(0, nil, nil), ErrWeeklyJobZeroInterval},
		{"weekly, days second", WeeklyJob(1, nil, nil), ErrWeeklyJobDaysOfTheWeekNil},
		{"weekly, days before times", WeeklyJob(1, nil, at(24, 0, 0)), ErrWeeklyJobDaysOfTheWeekNil},
		{"weekly, no times", WeeklyJob(1, monday, nil), ErrWeeklyJobAtTimesNil},
		{"weekly, nil time", WeeklyJob(1, monday, NewAtTimes(nil)), ErrWeeklyJobAtTimeNil},
		{"weekly, hours", WeeklyJob(1, monday, at(24, 0, 0)), ErrWeeklyJobHours},
		{"weekly, minutes", WeeklyJob(1, monday, at(0, 60, 0)), ErrWeeklyJobMinutesSeconds},
		{"weekly, seconds", WeeklyJob(1, monday, at(0, 0, 60)), ErrWeeklyJobMinutesSeconds},

		{"monthly, interval first", MonthlyJob(0, NewDaysOfTheMonth(32), nil), ErrMonthlyJobZeroInterval},
		{"monthly, days second", MonthlyJob(1, nil, at(24, 0, 0)), ErrMonthlyJobDaysNil},
		{"monthly, wrong days third", MonthlyJob(1, NewDaysOfTheMonth(32), nil), ErrMonthlyJobDays},
		{"monthly, day 0", MonthlyJob(1, NewDaysOfTheMonth(1, 0), at(0, 0, 0)), ErrMonthlyJobDays},
		{"monthly, day -32", MonthlyJob(1, NewDaysOfTheMonth(-32), at(0, 0, 0)), ErrMonthlyJobDays},
		{"monthly, huge day", MonthlyJob(1, NewDaysOfTheMonth(math.MinInt), at(0, 0, 0)), ErrMonthlyJobDays},
		{"monthly, no times", MonthlyJob(1, first, nil), ErrMonthlyJobAtTimesNil},
		{"monthly, nil time", MonthlyJob(1, first, NewAtTimes(nil)), ErrMonthlyJobAtTimeNil},
		{"monthly, hours", MonthlyJob(1, first, at(24, 0, 0)), ErrMonthlyJobHours},
		{"monthly, minutes", MonthlyJob(1, first, at(0, 60, 0)), ErrMonthlyJobMinutesSeconds},
		{"monthly, seconds", MonthlyJob(1, first, at(0, 0, 60)), ErrMonthlyJobMinutesSeconds},

		{"duration, zero", DurationJob(0), ErrDurationJobIntervalZero},
		{"duration, negative", DurationJob(-1), ErrDurationJobIntervalNegative},
		{"random, equal", DurationRandomJob(5, 5), ErrDurationRandomJobMinMax},
		{"random, zero", DurationRandomJob(0, 0), ErrDurationRandomJobMinMax},
		{"random, wrong order", DurationRandomJob(5, -4), ErrDurationRandomJobMinMax},
		{"random, zero minimum", DurationRandomJob(0, 4), ErrDurationRandomJobPositive},
		{"random, negative minimum", DurationRandomJob(-5, 4), ErrDurationRandomJobPositive},

		{"one-time, no option", OneTimeJob(nil), ErrOneTimeJobStartAtNil},
		{"one-time, no times", OneTimeJob(OneTimeJobStartDateTimes()), ErrOneTimeJobStartDateTimePast},
		{"one-time, zero time", OneTimeJob(OneTimeJobStartDateTime(time.Time{})), ErrOneTimeJobStartDateTimePast},
		{"one-time, now", OneTimeJob(OneTimeJobStartDateTime(past)), ErrOneTimeJobStartDateTimePast},
		{"one-time, user's option without times",
			OneTimeJob(func(*internalJob) []time.Time { return nil }), ErrOneTimeJobStartDateTimePast},
	} {
		s, err := x.definition.schedule(scheduleConfig{location: time.UTC, now: past})
		require.ErrorIs(t, err, x.err, x.name)
		require.Nil(t, s, x.name)
	}
}

// Functions of the user's that return nothing make a schedule that never runs;
// whoever asks for it finds out by its first occurrence.
func TestDefinitions_neverRun(t *testing.T) {
	noTimes, noWeekdays := AtTimes(func() []AtTime { return nil }), Weekdays(func() []time.Weekday { return nil })
	noDays := DaysOfTheMonth(func() days { return nil })
	for _, d := range []JobDefinition{
		DailyJob(1, noTimes),
		WeeklyJob(1, noWeekdays, at(1, 0, 0)),
		WeeklyJob(1, NewWeekdays(time.Monday), noTimes),
		MonthlyJob(1, noDays, at(1, 0, 0)),
		MonthlyJob(1, NewDaysOfTheMonth(1), noTimes),
		MonthlyJob(12, NewDaysOfTheMonth(31), at(1, 0, 0)),
		MonthlyJob(48, NewDaysOfTheMonth(-31), at(1, 0, 0)),
		MonthlyWeekdayJob(1, func() []NthWeekday { return nil }, at(1, 0, 0)),
		MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Monday), noTimes),
		MonthlyWeekdayJob(4800, NewNthWeekdays(5, time.Monday), at(1, 0, 0)),
	} {
		april := instant(t, "2026-04-02T00:00:00Z")
		s := scheduleOf(t, d, scheduleConfig{now: april})
		require.Zero(t, s.next(april, april), "%#v", s.public())
	}
}

func TestDefinitions_callUserFunctionsOnce(t *testing.T) {
	calls := map[string]int{}
	oneTime := AtTime(func() atTime { calls["time"]++; return atTime{hours: 1} })
	times := AtTimes(func() []AtTime { calls["times"]++; return []AtTime{oneTime} })
	weekdays := Weekdays(func() []time.Weekday { calls["weekdays"]++; return []time.Weekday{1} })
	days := DaysOfTheMonth(func() days { calls["days"]++; return days{1} })
	for _, d := range []JobDefinition{DailyJob(1, times), WeeklyJob(1, weekdays, times), MonthlyJob(1, days, times)} {
		s := scheduleOf(t, d, scheduleConfig{})
		s.next(instant(t, "01:00:00"), instant(t, "02:00:00"))
		s.public()
	}
	require.Equal(t, map[string]int{"time": 3, "times": 3, "weekdays": 1, "days": 1}, calls)
}

func TestDefinitions_copyWhatTheyAreGiven(t *testing.T) {
	times := []AtTime{NewAtTime(2, 0, 0), NewAtTime(1, 0, 0)}
	weekdays := []time.Weekday{time.Friday, time.Monday}
	monthDays := []int{5, 3}
	starts := instants(t, "11:00:00", "10:00:00")
	definitions := []JobDefinition{
		DailyJob(1, NewAtTimes(NewAtTime(3, 0, 0), times...)),
		WeeklyJob(1, NewWeekdays(time.Sunday, weekdays...), at(1, 0, 0)),
		MonthlyJob(1, NewDaysOfTheMonth(9, monthDays...), at(1, 0, 0)),
		OneTimeJob(OneTimeJobStartDateTimes(starts...)),
	}
	var before []JobSchedule
	for _, d := range definitions {
		before = append(before, scheduleOf(t, d, scheduleConfig{}).public())
	}
	require.Equal(t, []time.Weekday{time.Friday, time.Monday}, weekdays)
	require.Equal(t, []int{5, 3}, monthDays)
	require.Equal(t, instants(t, "11:00:00", "10:00:00"), starts)

	times[0], weekdays[0], monthDays[0], starts[0] = nil, 0, 0, time.Time{}
	for i, d := range definitions {
		require.Equal(t, before[i], scheduleOf(t, d, scheduleConfig{}).public())
	}
}

func TestDefinitions_leaveAUsersSlicesAlone(t *testing.T) {
	weekdays := []time.Weekday{time.Friday, time.Monday}
	starts := instants(t, "11:00:00", "10:00:00", "10:00:00")
	scheduleOf(t, WeeklyJob(1, func() []time.Weekday { return weekdays }, at(1, 0, 0)), scheduleConfig{})
	scheduleOf(t, OneTimeJob(func(*internalJob) []time.Time { return starts }), scheduleConfig{})
	require.Equal(t, []time.Weekday{time.Friday, time.Monday}, weekdays)
	require.Equal(t, instants(t, "11:00:00", "10:00:00", "10:00:00"), starts)
}

func TestPublicSchedules(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	clock := func(h, m, s int) time.Time { return time.Date(0, 0, 0, h, m, s, 0, zone) }
	now := instant(t, "09:00:00")
	for _, x := range []struct {
		definition JobDefinition
		expected   JobSchedule
		kind       JobType
	}{
		{CronJob("  0 9 * * *", false), CronJobSchedule{Crontab: "  0 9 * * *"}, CronJobType},
		{DurationJob(time.Hour), DurationJobSchedule{Duration: time.Hour}, DurationJobType},
		{DurationRandomJob(1, 2), DurationRandomJobSchedule{Min: 1, Max: 2}, DurationRandomJobType},
		{DailyJob(3, at(10, 1, 2, 9, 0, 0, 10, 1, 2)),
			DailyJobSchedule{Interval: 3, AtTimes: []time.Time{clock(9, 0, 0), clock(10, 1, 2), clock(10, 1, 2)}}, DailyJobType},
		{WeeklyJob(2, NewWeekdays(5, 1, 5, 7), at(1, 0, 0)),
			WeeklyJobSchedule{Interval: 2, DaysOfWeek: []time.Weekday{1, 5, 5, 7}, AtTimes: []time.Time{clock(1, 0, 0)}}, WeeklyJobType},
		{MonthlyJob(2, NewDaysOfTheMonth(31, 1, -1, 1, -31, -2, -1), at(1, 0, 0)),
			MonthlyJobSchedule{Interval: 2, Days: []int{1, 31}, DaysFromEnd: []int{-31, -2, -1}, AtTimes: []time.Time{clock(1, 0, 0)}}, MonthlyJobType},
		{MonthlyWeekdayJob(2, func() []NthWeekday { return []NthWeekday{{-1, 5}, {3, 1}, {1, 6}, {-5, 0}, {3, 1}, {-1, 1}} }, at(1, 0, 0)),
			MonthlyWeekdayJobSchedule{Interval: 2, NthWeekdays: []NthWeekday{{1, 6}, {3, 1}, {-5, 0}, {-1, 1}, {-1, 5}}, AtTimes: []time.Time{clock(1, 0, 0)}},
			MonthlyWeekdayJobType},
		{OneTimeJob(OneTimeJobStartDateTimes(instants(t, "10:00:00", "08:00:00", "09:30:00", "10:00:00")...)),
			OneTimeJobSchedule{StartAt: instants(t, "09:30:00", "10:00:00")}, OneTimeJobType},
		{OneTimeJob(OneTimeJobStartImmediately()), OneTimeJobSchedule{StartAt: []time.Time{}}, OneTimeJobType},
		{ScheduleJob(monthEnd{}), ScheduleJobSchedule{Schedule: monthEnd{}}, ScheduleJobType},
		{AnyOf(CronJob("0 9 * * *", false), DailyJob(2, at(1, 0, 0))), AnyOfJobSchedule{Schedules: []JobSchedule{
			CronJobSchedule{Crontab: "0 9 * * *"}, DailyJobSchedule{Interval: 2, AtTimes: []time.Time{clock(1, 0, 0)}}}}, AnyOfJobType},
	} {
		s := scheduleOf(t, x.definition, scheduleConfig{location: zone, now: now})
		require.Equal(t, x.expected, s.public())
		require.Equal(t, x.kind, s.public().JobType())
	}
}

func TestPublicSchedules_areCopies(t *testing.T) {
	weekly := scheduleOf(t, WeeklyJob(1, NewWeekdays(1, 2), at(1, 0, 0, 2, 0, 0)), scheduleConfig{})
	before := weekly.public()
	spoilt := weekly.public().(WeeklyJobSchedule)
	spoilt.DaysOfWeek[0], spoilt.AtTimes[0] = 6, time.Time{}
	require.Equal(t, before, weekly.public())

	once := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTime(instant(t, "10:00:00"))), scheduleConfig{})
	once.public().(OneTimeJobSchedule).StartAt[0] = time.Time{}
	require.Equal(t, instants(t, "10:00:00"), once.public().(OneTimeJobSchedule).StartAt)
}

func TestTimeFromAtTime(t *testing.T) {
	zone := time.FixedZone("here", 3600)
	require.Equal(t, time.Date(0, 0, 0, 1, 2, 3, 0, zone), TimeFromAtTime(NewAtTime(1, 2, 3), zone))
	require.Equal(t, time.Date(0, 0, 0, 1, 2, 3, 0, time.UTC), TimeFromAtTime(NewAtTime(1, 2, 3), nil))
	require.Equal(t, time.Date(0, 0, 1, 1, 1, 0, 0, zone), TimeFromAtTime(NewAtTime(24, 60, 60), zone))
	require.Zero(t, TimeFromAtTime(nil, zone))
}
