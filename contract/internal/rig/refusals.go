package rig

import (
	"context"
	"math"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// nothing and noTimes are functions of definitions, of whose types some have no name here.
func nothing[T any]() (none T)     { return none }
func noTimes[T any](T) []time.Time { return nil }

// DefinitionRefusals are all reasons to refuse a job for its definition.
func DefinitionRefusals() []Refusal {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	monday, first := gocron.NewWeekdays(time.Monday), gocron.NewDaysOfTheMonth(1)
	var noneOf gocron.DaysOfTheMonth = nothing
	noneAt := gocron.AtTimes(func() []gocron.AtTime { return nil })
	emptyAt := gocron.AtTimes(func() []gocron.AtTime { return []gocron.AtTime{} })
	var all []Refusal
	add := func(name string, d gocron.JobDefinition, err error, options ...gocron.JobOption) {
		all = append(all, Refusal{name, d, gocron.NewTask(Noop), options, err})
	}
	add("nil definition", nil, gocron.ErrJobDefinitionNil)
	add("zero duration", gocron.DurationJob(0), gocron.ErrDurationJobIntervalZero)
	add("negative duration", gocron.DurationJob(-1), gocron.ErrDurationJobIntervalNegative)
	add("most negative duration", gocron.DurationJob(math.MinInt64), gocron.ErrDurationJobIntervalNegative)
	add("random min not below max", gocron.DurationRandomJob(5, 5), gocron.ErrDurationRandomJobMinMax)
	add("random nothing", gocron.DurationRandomJob(0, 0), gocron.ErrDurationRandomJobMinMax)
	add("random not positive", gocron.DurationRandomJob(0, 5), gocron.ErrDurationRandomJobPositive)
	add("random negative", gocron.DurationRandomJob(math.MinInt64, math.MaxInt64), gocron.ErrDurationRandomJobPositive)

	add("daily interval zero", gocron.DailyJob(0, noon), gocron.ErrDailyJobZeroInterval)
	add("daily nil times", gocron.DailyJob(1, nil), gocron.ErrDailyJobAtTimesNil)
	add("daily nil time", gocron.DailyJob(1, gocron.NewAtTimes(nil)), gocron.ErrDailyJobAtTimeNil)
	add("daily times of none", gocron.DailyJob(1, noneAt), nil)
	add("daily empty times", gocron.DailyJob(1, emptyAt), nil)
	add("weekly interval zero", gocron.WeeklyJob(0, monday, noon), gocron.ErrWeeklyJobZeroInterval)
	add("weekly nil days", gocron.WeeklyJob(1, nil, noon), gocron.ErrWeeklyJobDaysOfTheWeekNil)
	add("weekly days of none", gocron.WeeklyJob(1, func() []time.Weekday { return nil }, noon), nil)
	add("weekly nil times", gocron.WeeklyJob(1, monday, nil), gocron.ErrWeeklyJobAtTimesNil)
	add("weekly nil time", gocron.WeeklyJob(1, monday, gocron.NewAtTimes(nil)), gocron.ErrWeeklyJobAtTimeNil)
	add("weekly times of none", gocron.WeeklyJob(1, monday, noneAt), nil)
	add("monthly interval zero", gocron.MonthlyJob(0, first, noon), gocron.ErrMonthlyJobZeroInterval)
	add("monthly nil days", gocron.MonthlyJob(1, nil, noon), gocron.ErrMonthlyJobDaysNil)
	add("monthly days of none", gocron.MonthlyJob(1, noneOf, noon), nil)
	for _, day := range []int{0, 32, -32, math.MaxInt, math.MinInt} {
		add("monthly day out of range", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1, day), noon), gocron.ErrMonthlyJobDays)
	}
	add("monthly nil times", gocron.MonthlyJob(1, first, nil), gocron.ErrMonthlyJobAtTimesNil)
	add("monthly nil time", gocron.MonthlyJob(1, first, gocron.NewAtTimes(nil)), gocron.ErrMonthlyJobAtTimeNil)
	add("monthly times of none", gocron.MonthlyJob(1, first, noneAt), nil)
	for _, at := range []gocron.AtTime{gocron.NewAtTime(24, 0, 0), gocron.NewAtTime(math.MaxUint, 0, 0)} {
		add("daily hour", gocron.DailyJob(1, gocron.NewAtTimes(at)), gocron.ErrDailyJobHours)
		add("weekly hour", gocron.WeeklyJob(1, monday, gocron.NewAtTimes(at)), gocron.ErrWeeklyJobHours)
		add("monthly hour", gocron.MonthlyJob(1, first, gocron.NewAtTimes(at)), gocron.ErrMonthlyJobHours)
	}
	for _, at := range []gocron.AtTime{gocron.NewAtTime(0, 60, 0), gocron.NewAtTime(0, 0, 60), gocron.NewAtTime(0, math.MaxUint, math.MaxUint)} {
		add("daily minute or second", gocron.DailyJob(1, gocron.NewAtTimes(at)), gocron.ErrDailyJobMinutesSeconds)
		add("weekly minute or second", gocron.WeeklyJob(1, monday, gocron.NewAtTimes(at)), gocron.ErrWeeklyJobMinutesSeconds)
		add("monthly minute or second", gocron.MonthlyJob(1, first, gocron.NewAtTimes(at)), gocron.ErrMonthlyJobMinutesSeconds)
	}

	for _, crontab := range []string{"", " ", "* * * *", "* * * * * * *", "61 * * * *", "CRON_TZ=Nowhere/Town 0 0 * * *", "@never", "\x00"} {
		add("crontab "+crontab, gocron.CronJob(crontab, false), gocron.ErrCronJobParse)
	}
	add("crontab without occurrence", gocron.CronJob("0 0 30 2 *", false), gocron.ErrCronJobInvalid)
	add("refused by the Cron", gocron.CronJob("x", false), ErrTest,
		gocron.WithCronImplementation(&Cron{Valid: func(string) error { return ErrTest }}))

	var none gocron.OneTimeJobStartAtOption = noTimes
	add("one-time nil", gocron.OneTimeJob(nil), gocron.ErrOneTimeJobStartAtNil)
	add("one-time none", gocron.OneTimeJob(none), gocron.ErrOneTimeJobStartDateTimePast)
	add("one-time no times", gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes()), gocron.ErrOneTimeJobStartDateTimePast)
	add("one-time zero", gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Time{})), gocron.ErrOneTimeJobStartDateTimePast)
	add("one-time past", gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(LongPast, LongPast.Add(1))), gocron.ErrOneTimeJobStartDateTimePast)

	april := gocron.WithStartAt(gocron.WithStartDateTime(time.Date(2101, 4, 1, 0, 0, 0, 0, time.UTC)))
	add("a day April never has", gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), noon), gocron.ErrJobNeverRuns, april)
	return all
}

// A Refusal is a job that no scheduler takes.
type Refusal struct {
	Name       string
	Definition gocron.JobDefinition
	Task       gocron.Task
	Options    []gocron.JobOption
	Err        error
}

// Refusals are all reasons to refuse a job.
func Refusals() []Refusal {
	all := append(taskRefusals(), DefinitionRefusals()...)
	for _, o := range OptionRefusals() {
		o.Definition, o.Task = gocron.DurationJob(time.Hour), gocron.NewTask(Noop)
		all = append(all, o)
	}
	return all
}

func taskRefusals() []Refusal {
	var nilFunc func()
	hourly := gocron.DurationJob(time.Hour)
	return []Refusal{
		{"nil task", hourly, nil, nil, gocron.ErrNewJobTaskNil},
		{"nil function", hourly, gocron.NewTask(nil), nil, gocron.ErrNewJobTaskNotFunc},
		{"typed nil function", hourly, gocron.NewTask(nilFunc), nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to nil function", hourly, gocron.NewTask(&nilFunc), nil, gocron.ErrNewJobTaskNotFunc},
		{"nil pointer to function", hourly, gocron.NewTask((*func())(nil)), nil, gocron.ErrNewJobTaskNotFunc},
		{"no function", hourly, gocron.NewTask(5), nil, gocron.ErrNewJobTaskNotFunc},
		{"too many parameters", hourly, gocron.NewTask(Noop, 1), nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"too few parameters", hourly, gocron.NewTask(func(int) {}), nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"too few variadic", hourly, gocron.NewTask(func(int, ...int) {}), nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"wrong type", hourly, gocron.NewTask(func(int) {}, "1"), nil, gocron.ErrNewJobWrongTypeOfParameters},
		{"wrong nil", hourly, gocron.NewTask(func(int) {}, nil), nil, gocron.ErrNewJobWrongTypeOfParameters},
		{"wrong variadic type", hourly, gocron.NewTask(func(...int) {}, 1, "2"), nil, gocron.ErrNewJobWrongTypeOfParameters},
		{"spread slice", hourly, gocron.NewTask(func(...int) {}, []int{1}), nil, gocron.ErrNewJobWrongTypeOfParameters},
		{"int64 for Duration", hourly, gocron.NewTask(func(time.Duration) {}, int64(1)), nil, gocron.ErrNewJobWrongTypeOfParameters},
	}
}

// OptionRefusals are reasons to refuse a job for its options. They leave definition and task open.
func OptionRefusals() []Refusal {
	var noContext context.Context
	start := func(o gocron.StartAtOption) gocron.JobOption { return gocron.WithStartAt(o) }
	stop := func(o gocron.StopAtOption) gocron.JobOption { return gocron.WithStopAt(o) }
	one := func(o ...gocron.JobOption) []gocron.JobOption { return o }
	return []Refusal{
		{Name: "nil option", Options: one(nil), Err: gocron.ErrOptionNil},
		{Name: "nil context", Options: one(gocron.WithContext(noContext)), Err: gocron.ErrWithContextNil},
		{Name: "nil locker", Options: one(gocron.WithDistributedJobLocker(nil)), Err: gocron.ErrWithDistributedJobLockerNil},
		{Name: "nil listener", Options: one(gocron.WithEventListeners(nil)), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil BeforeJobRuns", Options: one(gocron.WithEventListeners(gocron.BeforeJobRuns(nil))), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil refuser", Options: one(gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(nil))), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil AfterJobRuns", Options: one(gocron.WithEventListeners(gocron.AfterJobRuns(nil))), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil after error", Options: one(gocron.WithEventListeners(gocron.AfterJobRunsWithError(nil))), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil after panic", Options: one(gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(nil))), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil after lock error", Options: one(gocron.WithEventListeners(gocron.AfterLockError(nil))), Err: gocron.ErrEventListenerFuncNil},
		{Name: "nil id", Options: one(gocron.WithIdentifier(uuid.Nil)), Err: gocron.ErrWithIdentifierNil},
		{Name: "no limited runs", Options: one(gocron.WithLimitedRuns(0)), Err: gocron.ErrWithLimitedRunsZero},
		{Name: "empty name", Options: one(gocron.WithName("")), Err: gocron.ErrWithNameEmpty},
		{Name: "nil start", Options: one(start(nil)), Err: gocron.ErrOptionNil},
		{Name: "nil stop", Options: one(stop(nil)), Err: gocron.ErrOptionNil},
		{Name: "past start", Options: one(start(gocron.WithStartDateTime(LongPast))), Err: gocron.ErrWithStartDateTimePast},
		{Name: "zero start", Options: one(start(gocron.WithStartDateTime(time.Time{}))), Err: gocron.ErrWithStartDateTimePast},
		{Name: "zero past start", Options: one(start(gocron.WithStartDateTimePast(time.Time{}))), Err: gocron.ErrWithStartDateTimePastZero},
		{Name: "past stop", Options: one(stop(gocron.WithStopDateTime(LongPast))), Err: gocron.ErrWithStopDateTimePast},
		{Name: "zero stop", Options: one(stop(gocron.WithStopDateTime(time.Time{}))), Err: gocron.ErrWithStopDateTimePast},
		{Name: "start after stop", Err: gocron.ErrStartTimeLaterThanEndTime, Options: one(
			stop(gocron.WithStopDateTime(FarFuture)), start(gocron.WithStartDateTime(FarFuture.Add(1))))},
		{Name: "stop before start", Err: gocron.ErrStopTimeEarlierThanStartTime, Options: one(
			start(gocron.WithStartDateTime(FarFuture)), stop(gocron.WithStopDateTime(FarFuture.Add(-1))))},
		{Name: "negative timeout", Options: one(gocron.WithTimeout(-1)), Err: gocron.ErrOptionValue},
		{Name: "no timeout", Options: one(gocron.WithTimeout(0)), Err: gocron.ErrOptionValue},
		{Name: "one attempt", Options: one(gocron.WithRetry(gocron.RetryPolicy{Attempts: 1})), Err: gocron.ErrOptionValue},
		{Name: "negative jitter", Options: one(gocron.WithJitter(-1)), Err: gocron.ErrOptionValue},
		{Name: "unknown singleton mode", Options: one(gocron.WithSingletonMode(99)), Err: gocron.ErrOptionValue},
		{Name: "unknown policy of clock changes", Options: one(gocron.WithDaylightSavingsTimePolicy(99)), Err: gocron.ErrOptionValue},
		{Name: "unknown overlap of clock changes", Options: one(gocron.WithDaylightSavingsTimeOverlap(99)), Err: gocron.ErrOptionValue},
		{Name: "unknown policy of an engine", Options: one(gocron.WithEngineDown(99)), Err: gocron.ErrOptionValue},
		{Name: "nil location", Options: one(gocron.WithJobLocation(nil)), Err: gocron.ErrOptionValue},
		{Name: "nil elector", Options: one(gocron.WithDistributedJobElector(nil)), Err: gocron.ErrWithDistributedJobElectorNil},
		{Name: "nil middleware", Options: one(gocron.WithMiddleware(nil)), Err: gocron.ErrOptionNil},
		{Name: "nil calendar", Options: one(gocron.WithCalendar(nil)), Err: gocron.ErrOptionValue},
		{Name: "empty key", Options: one(gocron.WithKey("")), Err: gocron.ErrOptionValue},
		{Name: "unknown pool", Options: one(gocron.InPool("none")), Err: gocron.ErrOptionValue},
		{Name: "unknown policy of missed runs", Options: one(gocron.WithMissed(99, 0)), Err: gocron.ErrOptionValue},
		{Name: "negative bound of missed runs", Options: one(gocron.WithMissed(gocron.MissedSkip, -1)), Err: gocron.ErrOptionValue},
		{Name: "last run in the future", Options: one(gocron.WithLastRun(FarFuture)), Err: gocron.ErrOptionValue},
		{Name: "empty former name", Options: one(gocron.WithFormerName("")), Err: gocron.ErrWithNameEmpty},
	}
}
