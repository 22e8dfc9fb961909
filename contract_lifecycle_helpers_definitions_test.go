package gocron

import (
	"math"
	"time"
)

// nothing and noTimes are functions of definitions, of whose types some have no name here.
func nothing[T any]() (none T)     { return none }
func noTimes[T any](T) []time.Time { return nil }

// definitionRefusals are all reasons to refuse a job for its definition.
func definitionRefusals() []refusal {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	monday, first := NewWeekdays(time.Monday), NewDaysOfTheMonth(1)
	var noneOf DaysOfTheMonth = nothing
	noneAt := AtTimes(func() []AtTime { return nil })
	emptyAt := AtTimes(func() []AtTime { return []AtTime{} })
	var all []refusal
	add := func(name string, d JobDefinition, err error, options ...JobOption) {
		all = append(all, refusal{name, d, NewTask(noop), options, err})
	}
	add("nil definition", nil, ErrJobDefinitionNil)
	add("zero duration", DurationJob(0), ErrDurationJobIntervalZero)
	add("negative duration", DurationJob(-1), ErrDurationJobIntervalNegative)
	add("most negative duration", DurationJob(math.MinInt64), ErrDurationJobIntervalNegative)
	add("random min not below max", DurationRandomJob(5, 5), ErrDurationRandomJobMinMax)
	add("random nothing", DurationRandomJob(0, 0), ErrDurationRandomJobMinMax)
	add("random not positive", DurationRandomJob(0, 5), ErrDurationRandomJobPositive)
	add("random negative", DurationRandomJob(math.MinInt64, math.MaxInt64), ErrDurationRandomJobPositive)

	add("daily interval zero", DailyJob(0, noon), ErrDailyJobZeroInterval)
	add("daily nil times", DailyJob(1, nil), ErrDailyJobAtTimesNil)
	add("daily nil time", DailyJob(1, NewAtTimes(nil)), ErrDailyJobAtTimeNil)
	add("daily times of none", DailyJob(1, noneAt), nil)
	add("daily empty times", DailyJob(1, emptyAt), nil)
	add("weekly interval zero", WeeklyJob(0, monday, noon), ErrWeeklyJobZeroInterval)
	add("weekly nil days", WeeklyJob(1, nil, noon), ErrWeeklyJobDaysOfTheWeekNil)
	add("weekly days of none", WeeklyJob(1, func() []time.Weekday { return nil }, noon), nil)
	add("weekly nil times", WeeklyJob(1, monday, nil), ErrWeeklyJobAtTimesNil)
	add("weekly nil time", WeeklyJob(1, monday, NewAtTimes(nil)), ErrWeeklyJobAtTimeNil)
	add("weekly times of none", WeeklyJob(1, monday, noneAt), nil)
	add("monthly interval zero", MonthlyJob(0, first, noon), ErrMonthlyJobZeroInterval)
	add("monthly nil days", MonthlyJob(1, nil, noon), ErrMonthlyJobDaysNil)
	add("monthly days of none", MonthlyJob(1, noneOf, noon), nil)
	for _, day := range []int{0, 32, -32, math.MaxInt, math.MinInt} {
		add("monthly day out of range", MonthlyJob(1, NewDaysOfTheMonth(1, day), noon), ErrMonthlyJobDays)
	}
	add("monthly nil times", MonthlyJob(1, first, nil), ErrMonthlyJobAtTimesNil)
	add("monthly nil time", MonthlyJob(1, first, NewAtTimes(nil)), ErrMonthlyJobAtTimeNil)
	add("monthly times of none", MonthlyJob(1, first, noneAt), nil)
	for _, at := range []AtTime{NewAtTime(24, 0, 0), NewAtTime(math.MaxUint, 0, 0)} {
		add("daily hour", DailyJob(1, NewAtTimes(at)), ErrDailyJobHours)
		add("weekly hour", WeeklyJob(1, monday, NewAtTimes(at)), ErrWeeklyJobHours)
		add("monthly hour", MonthlyJob(1, first, NewAtTimes(at)), ErrMonthlyJobHours)
	}
	for _, at := range []AtTime{NewAtTime(0, 60, 0), NewAtTime(0, 0, 60), NewAtTime(0, math.MaxUint, math.MaxUint)} {
		add("daily minute or second", DailyJob(1, NewAtTimes(at)), ErrDailyJobMinutesSeconds)
		add("weekly minute or second", WeeklyJob(1, monday, NewAtTimes(at)), ErrWeeklyJobMinutesSeconds)
		add("monthly minute or second", MonthlyJob(1, first, NewAtTimes(at)), ErrMonthlyJobMinutesSeconds)
	}

	for _, crontab := range []string{"", " ", "* * * *", "* * * * * * *", "61 * * * *", "CRON_TZ=Nowhere/Town 0 0 * * *", "@never", "\x00"} {
		add("crontab "+crontab, CronJob(crontab, false), ErrCronJobParse)
	}
	add("crontab without occurrence", CronJob("0 0 30 2 *", false), ErrCronJobInvalid)
	add("refused by the Cron", CronJob("x", false), errContract,
		WithCronImplementation(&contractCron{isValid: func(string) error { return errContract }}))

	var none OneTimeJobStartAtOption = noTimes
	add("one-time nil", OneTimeJob(nil), ErrOneTimeJobStartAtNil)
	add("one-time none", OneTimeJob(none), ErrOneTimeJobStartDateTimePast)
	add("one-time no times", OneTimeJob(OneTimeJobStartDateTimes()), ErrOneTimeJobStartDateTimePast)
	add("one-time zero", OneTimeJob(OneTimeJobStartDateTime(time.Time{})), ErrOneTimeJobStartDateTimePast)
	add("one-time past", OneTimeJob(OneTimeJobStartDateTimes(longPast, longPast.Add(1))), ErrOneTimeJobStartDateTimePast)

	april := WithStartAt(WithStartDateTime(time.Date(2101, 4, 1, 0, 0, 0, 0, time.UTC)))
	add("a day April never has", MonthlyJob(12, NewDaysOfTheMonth(31), noon), ErrJobNeverRuns, april)
	return all
}
