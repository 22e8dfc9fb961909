package gocron

import (
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

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
