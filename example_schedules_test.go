package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

// evenDays is a Schedule: noon of each day with an even number.
type evenDays struct{}

func (evenDays) Next(after time.Time) time.Time {
	year, month, day := after.Date()
	for ; ; day++ {
		noon := time.Date(year, month, day, 12, 0, 0, 0, after.Location())
		if noon.Day()%2 == 0 && noon.After(after) {
			return noon
		}
	}
}

func ExampleScheduleJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 28, 18, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	j, _ := s.NewJob(ScheduleJob(evenDays{}), NewTask(func() {}))
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("2006-01-02 15:04"))
	}
	// Output:
	// 2026-03-30 12:00
	// 2026-04-02 12:00
	// 2026-04-04 12:00
}

// At nine on working days, at eleven on weekends, and once more on May 2, a Saturday.
func ExampleAnyOf() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.May, 1, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	j, _ := s.NewJob(AnyOf(
		CronJob("0 9 * * mon-fri", false),
		CronJob("0 11 * * sat,sun", false),
		OneTimeJob(OneTimeJobStartDateTime(time.Date(2026, time.May, 2, 18, 0, 0, 0, time.UTC))),
	), NewTask(func() {}))
	next, _ := j.NextRuns(5)
	for _, t := range next {
		fmt.Println(t.Format("Mon 2006-01-02 15:04"))
	}
	// Output:
	// Fri 2026-05-01 09:00
	// Sat 2026-05-02 11:00
	// Sat 2026-05-02 18:00
	// Sun 2026-05-03 11:00
	// Mon 2026-05-04 09:00
}

// A function is enough. Its times end with the zero time.
func ExampleScheduleFunc_Next() {
	halvings := ScheduleFunc(func(after time.Time) time.Time {
		deadline := time.Date(2026, time.March, 2, 16, 0, 0, 0, time.UTC)
		if left := deadline.Sub(after); left > time.Hour {
			return after.Add(left / 2)
		}
		return time.Time{}
	})
	morning := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	fmt.Println(halvings.Next(morning).Format("15:04"))
	times, _ := Preview(ScheduleJob(halvings), morning, 10)
	for _, t := range times {
		fmt.Println(t.Format("15:04"))
	}
	// Output:
	// 12:00
	// 12:00
	// 14:00
	// 15:00
}

// The last days of the quarters of 2028, a leap year.
func ExamplePreview() {
	newYear := time.Date(2028, time.January, 1, 0, 0, 0, 0, time.UTC)
	quarterly := MonthlyJob(3, NewDaysOfTheMonth(-1), NewAtTimes(NewAtTime(18, 0, 0)))
	march := WithStartAt(WithStartDateTime(time.Date(2028, time.March, 31, 18, 0, 0, 0, time.UTC)))
	times, err := Preview(quarterly, newYear, 4, march)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range times {
		fmt.Println(t.Format("2006-01-02 15:04"))
	}
	// Output:
	// 2028-03-31 18:00
	// 2028-06-30 18:00
	// 2028-09-30 18:00
	// 2028-12-31 18:00
}

// A crontab of a user is checked before it is stored.
func ExampleValidate() {
	for _, crontab := range []string{"0 9 * * mon-fri", "0 25 * * *"} {
		err := Validate(CronJob(crontab, false))
		fmt.Println(err == nil, errors.Is(err, ErrCronJobParse))
	}
	// Output:
	// true false
	// false true
}

// How often crontabs of users are due.
func ExampleShortestGap() {
	newYear := time.Date(2028, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, crontab := range []string{"*/5 * * * *", "0 9,21 * * *", "0 0 1 1 *"} {
		gap, err := ShortestGap(CronJob(crontab, false), newYear, 1500)
		fmt.Println(gap, err)
	}
	// Output:
	// 5m0s <nil>
	// 12h0m0s <nil>
	// 8760h0m0s <nil>
}

// What is due in the year 2030.
func ExampleController_NextRunsAfter() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(CronJob("0 9 1 */6 *", false), NewTask(func() {}))
	s.Start()
	newYear := time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)
	times, err := NewController(s).NextRunsAfter(j.ID(), newYear, 2)
	for _, t := range times {
		fmt.Println(t.Format("2006-01-02 15:04"))
	}
	fmt.Println(err)
	// Output:
	// 2030-01-01 09:00
	// 2030-07-01 09:00
	// <nil>
}

// monthEnd is a Cron with a language of one word.
type monthEnd struct{}

var _ Cron = monthEnd{}

func (monthEnd) IsValid(crontab string, _ *time.Location, _ time.Time) error {
	if crontab != "month end" {
		return fmt.Errorf("not understood: %q", crontab)
	}
	return nil
}

func (monthEnd) Next(lastRun time.Time) time.Time {
	year, month, _ := lastRun.Date()
	next := time.Date(year, month+1, 0, 18, 0, 0, 0, lastRun.Location())
	if !next.After(lastRun) {
		next = time.Date(year, month+2, 0, 18, 0, 0, 0, lastRun.Location())
	}
	return next
}

func ExampleWithCronImplementation() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.February, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	nothing, understanding := NewTask(func() {}), WithCronImplementation(monthEnd{})
	j, _ := s.NewJob(CronJob("month end", false), nothing, understanding)
	_, err := s.NewJob(CronJob("0 12 * * *", false), nothing, understanding)
	fmt.Println(err)
	s.Start()
	next, _ := j.NextRuns(2)
	for _, t := range next {
		fmt.Println(t)
	}
	// Output:
	// not understood: "0 12 * * *"
	// 2026-02-28 18:00:00 +0000 UTC
	// 2026-03-31 18:00:00 +0000 UTC
}

// At nine on the second Friday of the month, and on its last day that is not in a weekend.
func ExampleCronJob_days() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.May, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(CronJob("0 9 LW * 5#2", false), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon 2006-01-02 15:04"))
	}
	// Output:
	// Fri 2026-05-08 09:00
	// Fri 2026-05-29 09:00
	// Fri 2026-06-12 09:00
}

// Each job runs at a minute of its own, which stays the same as long as its name does.
func ExampleCronJob_spread() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.May, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	for _, name := range []string{"orders", "invoices", "reminders"} {
		j, _ := s.NewJob(CronJob("H H(0-5) * * *", false), NewTask(func() {}), WithName(name))
		next, _ := j.NextRun()
		fmt.Println(name, next.Format("15:04"))
	}
	_, err := s.NewJob(CronJob("H H(0-5) * * *", false), NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrCronJobParse))
	// Output:
	// orders 04:20
	// invoices 03:03
	// reminders 00:04
	// true
}

// A type switch tells the kinds apart and gives their values.
func ExampleJobSchedule() {
	describe := func(schedule JobSchedule) string {
		switch schedule := schedule.(type) {
		case CronJobSchedule:
			return "crontab " + schedule.Crontab
		case DurationJobSchedule:
			return "every " + schedule.Duration.String()
		default:
			return fmt.Sprintf("%T", schedule)
		}
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	for _, definition := range []JobDefinition{
		CronJob("@daily", false),
		DurationJob(time.Minute),
		OneTimeJob(OneTimeJobStartImmediately()),
	} {
		j, _ := s.NewJob(definition, NewTask(func() {}))
		fmt.Println(describe(j.Schedule()))
	}
	// Output:
	// crontab @daily
	// every 1m0s
	// gocron.OneTimeJobSchedule
}

func ExampleCronJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(CronJob("0 12 * * *", false), NewTask(func() {}))
	schedule := j.Schedule().(CronJobSchedule)
	fmt.Println(schedule.JobType() == CronJobType)
	fmt.Println(schedule.Crontab)
	// Output:
	// true
	// 0 12 * * *
}

// The definitions are described in the order in which they were given.
func ExampleAnyOfJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(AnyOf(CronJob("0 9 * * 1-5", false), DailyJob(2, NewAtTimes(NewAtTime(20, 0, 0)))), NewTask(func() {}))
	schedule := j.Schedule().(AnyOfJobSchedule)
	fmt.Println(schedule.JobType() == AnyOfJobType)
	for _, part := range schedule.Schedules {
		fmt.Printf("%T\n", part)
	}
	// Output:
	// true
	// gocron.CronJobSchedule
	// gocron.DailyJobSchedule
}

// The Schedule is that which was given.
func ExampleScheduleJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(ScheduleJob(evenDays{}), NewTask(func() {}))
	schedule := j.Schedule().(ScheduleJobSchedule)
	fmt.Println(schedule.JobType() == ScheduleJobType)
	fmt.Println(schedule.Schedule == evenDays{})
	// Output:
	// true
	// true
}

func ExampleDurationJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(90*time.Second), NewTask(func() {}))
	schedule := j.Schedule().(DurationJobSchedule)
	fmt.Println(schedule.JobType() == DurationJobType)
	fmt.Println(schedule.Duration)
	// Output:
	// true
	// 1m30s
}

func ExampleDurationRandomJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationRandomJob(time.Second, time.Minute), NewTask(func() {}))
	schedule := j.Schedule().(DurationRandomJobSchedule)
	fmt.Println(schedule.JobType() == DurationRandomJobType)
	fmt.Println(schedule.Min, schedule.Max)
	// Output:
	// true
	// 1s 1m0s
}

// The times are sorted. Their date means nothing.
func ExampleDailyJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	times := NewAtTimes(NewAtTime(19, 30, 0), NewAtTime(7, 0, 0))
	j, _ := s.NewJob(DailyJob(2, times), NewTask(func() {}))
	schedule := j.Schedule().(DailyJobSchedule)
	fmt.Println(schedule.JobType() == DailyJobType)
	fmt.Println("every", schedule.Interval, "days")
	for _, at := range schedule.AtTimes {
		fmt.Println(at.Format("15:04"))
	}
	// Output:
	// true
	// every 2 days
	// 07:00
	// 19:30
}

func ExampleWeeklyJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	days := NewWeekdays(time.Friday, time.Monday)
	j, _ := s.NewJob(WeeklyJob(1, days, NewAtTimes(NewAtTime(8, 0, 0))), NewTask(func() {}))
	schedule := j.Schedule().(WeeklyJobSchedule)
	fmt.Println(schedule.JobType() == WeeklyJobType)
	fmt.Println("every", schedule.Interval, "week on", schedule.DaysOfWeek)
	for _, at := range schedule.AtTimes {
		fmt.Println(at.Format("15:04"))
	}
	// Output:
	// true
	// every 1 week on [Monday Friday]
	// 08:00
}

// Days from the end of the month have a list of their own.
func ExampleMonthlyJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	days := NewDaysOfTheMonth(15, 1, -1)
	j, _ := s.NewJob(MonthlyJob(1, days, NewAtTimes(NewAtTime(8, 0, 0))), NewTask(func() {}))
	schedule := j.Schedule().(MonthlyJobSchedule)
	fmt.Println(schedule.JobType() == MonthlyJobType)
	fmt.Println("every", schedule.Interval, "month")
	fmt.Println(schedule.Days, schedule.DaysFromEnd)
	for _, at := range schedule.AtTimes {
		fmt.Println(at.Format("15:04"))
	}
	// Output:
	// true
	// every 1 month
	// [1 15] [-1]
	// 08:00
}

func ExampleOneTimeJobSchedule_JobType() {
	now := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	s, _ := NewScheduler(WithClock(clockwork.NewFakeClockAt(now)))
	defer s.Shutdown()
	j, _ := s.NewJob(OneTimeJob(OneTimeJobStartDateTime(now.Add(time.Hour))), NewTask(func() {}))
	schedule := j.Schedule().(OneTimeJobSchedule)
	fmt.Println(schedule.JobType() == OneTimeJobType)
	fmt.Println(schedule.StartAt)
	// Output:
	// true
	// [2026-03-02 09:00:00 +0000 UTC]
}

// Three jobs of one crontab start at different moments, each at its own every day.
func ExampleWithJitter() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	for _, name := range []string{"accounts", "orders", "stock"} {
		j, _ := s.NewJob(CronJob("0 3 * * *", false), NewTask(func() {}), WithName(name), WithJitter(15*time.Minute))
		next, _ := j.NextRun()
		fmt.Println(name, next.Format(time.TimeOnly))
	}
	// Output:
	// accounts 03:14:22
	// orders 03:14:19
	// stock 03:03:13
}

// A report on working days, but not on holidays.
func ExampleWithCalendar() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.December, 23, 12, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	christmas := time.Date(2026, time.December, 25, 0, 0, 0, 0, time.UTC)
	j, _ := s.NewJob(DailyJob(1, NewAtTimes(NewAtTime(8, 0, 0))), NewTask(func() {}),
		WithCalendar(OnWeekdays()), WithCalendar(NotOnDates(christmas)))
	next, _ := j.NextRuns(3)
	for _, at := range next {
		fmt.Println(at.Format("Mon 2 Jan 15:04"))
	}
	// Output:
	// Thu 24 Dec 08:00
	// Mon 28 Dec 08:00
	// Tue 29 Dec 08:00
}

func ExampleOnWeekdays() {
	workday := OnWeekdays()
	fmt.Println(workday(time.Date(2026, time.December, 24, 8, 0, 0, 0, time.UTC)))
	fmt.Println(workday(time.Date(2026, time.December, 26, 8, 0, 0, 0, time.UTC)))
	// Output:
	// true
	// false
}

func ExampleNotOnDates() {
	open := NotOnDates(time.Date(2026, time.December, 25, 0, 0, 0, 0, time.UTC))
	fmt.Println(open(time.Date(2026, time.December, 25, 8, 0, 0, 0, time.UTC)))
	// Output: false
}

func ExampleBetweenHours() {
	night := BetweenHours(22, 6)
	fmt.Println(night(time.Date(2026, time.December, 24, 23, 30, 0, 0, time.UTC)))
	fmt.Println(night(time.Date(2026, time.December, 24, 6, 0, 0, 0, time.UTC)))
	// Output:
	// true
	// false
}

func ExampleManualJob() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(ManualJob(), NewTask(func() { fmt.Println("exporting") }), WithName("export"))
	s.Start()
	control := NewController(s)
	next, _ := j.NextRun()
	fmt.Println("no next run:", next.IsZero())
	explained, _ := control.Explain(j.ID())
	fmt.Println(explained)
	run, err := control.RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, err)
	// Output:
	// no next run: true
	// export: it runs only when asked to
	// exporting
	// succeeded <nil>
}

// Whatever asks for it during a run, one more run follows and sees all of it.
func ExampleManualJob_debounce() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	j, _ := s.NewJob(
		ManualJob(),
		NewTask(func() {
			fmt.Println("reloading")
			started <- struct{}{}
			<-finish
		}),
		WithSingletonMode(LimitModeQueueOne),
	)
	s.Start()
	j.RunNow()
	<-started
	for change := 0; change < 1000; change++ {
		j.RunNow()
	}
	close(finish)
	<-started
	NewController(s).Wait(context.Background(), j.ID())
	// Output:
	// reloading
	// reloading
}

func ExampleManualJobSchedule() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	s.NewJob(ManualJob(), NewTask(func() {}), WithName("export"))
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	for _, j := range s.Jobs() {
		if _, manual := j.Schedule().(ManualJobSchedule); manual {
			fmt.Println(j.Name(), "runs only when asked to")
		}
	}
	// Output: export runs only when asked to
}

func ExampleManualJobSchedule_JobType() {
	fmt.Println(ManualJobSchedule{}.JobType() == ManualJobType)
	// Output: true
}

// A reminder was stored for 07:00, and the program starts at 08:00: it runs at once, late.
func ExampleOneTimeJobStartDateTimesOrNow() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	reminded := make(chan struct{})
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	stored := []time.Time{
		time.Date(2026, time.March, 2, 7, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC),
	}
	j, _ := s.NewJob(
		OneTimeJob(OneTimeJobStartDateTimesOrNow(stored...)),
		NewTask(func() { reminded <- struct{}{} }),
	)
	s.Start()
	<-reminded
	fmt.Println("reminded at", clock.Now().Format(time.TimeOnly))
	fmt.Println(j.NextRun())
	// Output:
	// reminded at 08:00:00
	// 2026-03-02 09:00:00 +0000 UTC <nil>
}

// Patch day is the second Tuesday of the month.
func ExampleMonthlyWeekdayJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(
		MonthlyWeekdayJob(1, NewNthWeekdays(2, time.Tuesday), NewAtTimes(NewAtTime(22, 0, 0))),
		NewTask(func() {}),
	)
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon Jan 2 15:04"))
	}
	// Output:
	// Tue Mar 10 22:00
	// Tue Apr 14 22:00
	// Tue May 12 22:00
}

// The last Thursday and Friday, and a list that NewNthWeekdays cannot make.
func ExampleNewNthWeekdays() {
	last := NewNthWeekdays(-1, time.Thursday, time.Friday)
	payday := NthWeekdays(func() []NthWeekday {
		return []NthWeekday{{N: 1, Weekday: time.Monday}, {N: 3, Weekday: time.Monday}}
	})
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	for _, days := range []NthWeekdays{last, payday} {
		j, _ := s.NewJob(MonthlyWeekdayJob(1, days, NewAtTimes(NewAtTime(9, 0, 0))), NewTask(func() {}))
		next, _ := j.NextRuns(3)
		for _, t := range next {
			fmt.Println(t.Format("Mon Jan 2 15:04"))
		}
	}
	// Output:
	// Thu Mar 26 09:00
	// Fri Mar 27 09:00
	// Fri Apr 24 09:00
	// Mon Mar 2 09:00
	// Mon Mar 16 09:00
	// Mon Apr 6 09:00
}

func ExampleNthWeekday_String() {
	fmt.Println(NthWeekday{N: 2, Weekday: time.Tuesday})
	fmt.Println(NthWeekday{N: -1, Weekday: time.Friday})
	// Output:
	// 2nd Tuesday
	// last Friday
}

func ExampleMonthlyWeekdayJobSchedule_JobType() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	days := NewNthWeekdays(1, time.Monday, time.Friday)
	j, _ := s.NewJob(MonthlyWeekdayJob(3, days, NewAtTimes(NewAtTime(8, 0, 0))), NewTask(func() {}))
	schedule := j.Schedule().(MonthlyWeekdayJobSchedule)
	fmt.Println(schedule.JobType() == MonthlyWeekdayJobType)
	fmt.Println("every", schedule.Interval, "months on the", schedule.NthWeekdays)
	// Output:
	// true
	// every 3 months on the [1st Monday 1st Friday]
}

// On October 25 the clocks of Berlin go from 03:00 back to 02:00: there are two 02:30.
func ExampleWithDaylightSavingsTimeOverlap() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.October, 24, 12, 0, 0, 0, berlin))
	s, _ := NewScheduler(WithClock(clock), WithLocation(berlin))
	defer s.Shutdown()
	s.Start()
	daily, nothing := DailyJob(1, NewAtTimes(NewAtTime(2, 30, 0))), NewTask(func() {})
	first, _ := s.NewJob(daily, nothing) // the default
	second, _ := s.NewJob(daily, nothing, WithDaylightSavingsTimeOverlap(DaylightSavingsTimeOverlapSecond))
	both, _ := s.NewJob(daily, nothing, WithDaylightSavingsTimeOverlap(DaylightSavingsTimeOverlapBoth))
	fmt.Println(first.NextRun())
	fmt.Println(second.NextRun())
	fmt.Println(both.NextRuns(2))
	// Output:
	// 2026-10-25 02:30:00 +0200 CEST <nil>
	// 2026-10-25 02:30:00 +0100 CET <nil>
	// [2026-10-25 02:30:00 +0200 CEST 2026-10-25 02:30:00 +0100 CET] <nil>
}

// Sprints begin every second Monday and end on Sunday: January 5, 2026 began one.
func ExampleWithWeeksFromMonday() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 10, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(
		WeeklyJob(2, NewWeekdays(time.Monday, time.Sunday), NewAtTimes(NewAtTime(9, 0, 0))),
		NewTask(func() {}),
		WithWeeksFromMonday(),
		WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC))),
	)
	s.Start()
	next, _ := j.NextRuns(4)
	for _, t := range next {
		fmt.Println(t.Format("Mon Jan 2 15:04"))
	}
	// Output:
	// Mon Mar 16 09:00
	// Sun Mar 22 09:00
	// Mon Mar 30 09:00
	// Sun Apr 5 09:00
}

// Every third day, counted from January 1, 2026, whenever the program is started.
func ExampleDailyJob_phase() {
	epoch := WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)))
	for day := 9; day <= 10; day++ {
		clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, day, 12, 0, 0, 0, time.UTC))
		s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
		j, _ := s.NewJob(DailyJob(3, NewAtTimes(NewAtTime(9, 0, 0))), NewTask(func() {}), epoch)
		s.Start()
		next, _ := j.NextRun()
		fmt.Println(next.Format("Jan 2 15:04"))
		s.Shutdown()
	}
	// Output:
	// Mar 11 09:00
	// Mar 11 09:00
}

// Every second week, counted from that of January 5, 2026, whenever the program is
// started.
func ExampleWeeklyJob_phase() {
	epoch := WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)))
	for _, day := range []int{3, 10} {
		clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, day, 12, 0, 0, 0, time.UTC))
		s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
		j, _ := s.NewJob(WeeklyJob(2, NewWeekdays(time.Wednesday), NewAtTimes(NewAtTime(9, 0, 0))), NewTask(func() {}), epoch)
		s.Start()
		next, _ := j.NextRun()
		fmt.Println(next.Format("Mon Jan 2 15:04"))
		s.Shutdown()
	}
	// Output:
	// Wed Mar 4 09:00
	// Wed Mar 18 09:00
}

// In January, April, July and October, whenever the program is started.
func ExampleMonthlyJob_phase() {
	epoch := WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)))
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.February, 20, 12, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(MonthlyJob(3, NewDaysOfTheMonth(1), NewAtTimes(NewAtTime(9, 0, 0))), NewTask(func() {}), epoch)
	s.Start()
	next, _ := j.NextRuns(2)
	for _, t := range next {
		fmt.Println(t.Format("Jan 2 15:04"))
	}
	// Output:
	// Apr 1 09:00
	// Jul 1 09:00
}

func ExampleDescribe() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	for _, definition := range []JobDefinition{
		DurationJob(90 * time.Minute),
		WeeklyJob(2, NewWeekdays(time.Monday), NewAtTimes(NewAtTime(9, 0, 0))),
		MonthlyWeekdayJob(1, NewNthWeekdays(-1, time.Friday), NewAtTimes(NewAtTime(17, 0, 0))),
		CronJob("30 2 L * *", false),
		CronJob("*/15 9-17 * * mon-fri", false),
	} {
		j, _ := s.NewJob(definition, NewTask(func() {}))
		fmt.Println(Describe(j.Schedule()))
	}
	// Output:
	// every 1 hour and 30 minutes
	// every 2 weeks on Monday at 09:00
	// every month on the last Friday at 17:00
	// at 02:30 on the last day of the month
	// every 15 minutes from 09:00 to 17:45, Monday to Friday
}
