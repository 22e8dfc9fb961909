package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

func ExampleJob_id() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	fmt.Println(j.ID() != uuid.Nil)
	fmt.Println(s.RemoveJob(j.ID()))
	// Output:
	// true
	// <nil>
}

func ExampleJob_isRunning() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	s.Start()
	fmt.Println(j.IsRunning())
	j.RunNow()
	<-started
	fmt.Println(j.IsRunning())
	close(finish)
	// Output:
	// false <nil>
	// true <nil>
}

func ExampleJob_lastRun() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ran := make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(ran) }))
	s.Start()
	last, _ := j.LastRun()
	fmt.Println("never:", last.IsZero())
	clock.Advance(time.Hour)
	<-ran
	last, _ = j.LastRun() // the same as LastRunStartedAt
	fmt.Println(last.Format("15:04"))
	// Output:
	// never: true
	// 09:00
}

// The start counts from the moment the task is called, also the first time.
func ExampleJob_lastRunStartedAt() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	s.Start()
	clock.Advance(time.Hour)
	<-started
	at, _ := j.LastRunStartedAt()
	fmt.Println("going on since", at.Format("15:04"))
	close(finish)
	// Output: going on since 09:00
}

func ExampleJob_lastRunCompletedAt() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	started := make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {
		clock.Advance(10 * time.Minute) // what the task takes
		close(started)
	}))
	s.Start()
	j.RunNow()
	<-started
	s.StopJobs() // waits until the run has finished
	at, _ := j.LastRunCompletedAt()
	fmt.Println(at.Format("15:04"))
	// Output: 08:10
}

func ExampleJob_name() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	named, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	unnamed, _ := s.NewJob(DurationJob(time.Hour), NewTask(fmt.Println, "a task"))
	fmt.Println(named.Name())
	fmt.Println(unnamed.Name())
	// Output:
	// report
	// fmt.Println
}

func ExampleJob_nextRun() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	next, _ := j.NextRun()
	fmt.Println("before Start:", next.IsZero())
	s.Start()
	fmt.Println(j.NextRun())
	// Output:
	// before Start: true
	// 2026-03-02 09:00:00 +0000 UTC <nil>
}

func ExampleJob_nextRuns() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(CronJob("0 */8 * * *", false), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon 15:04"))
	}
	// Output:
	// Mon 16:00
	// Tue 00:00
	// Tue 08:00
}

// RunNow does not change the schedule, and needs a scheduler that runs.
func ExampleJob_runNow() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ran := make(chan string)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { ran <- "ran" }))
	fmt.Println(j.RunNow() == ErrJobRunNowFailed)
	s.Start()
	fmt.Println(j.RunNow())
	fmt.Println(<-ran)
	fmt.Println(j.NextRun())
	// Output:
	// true
	// <nil>
	// ran
	// 2026-03-02 09:00:00 +0000 UTC <nil>
}

func ExampleJob_schedule() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	if schedule, ok := j.Schedule().(DurationJobSchedule); ok {
		fmt.Println("every", schedule.Duration)
	}
	// Output: every 1h0m0s
}

func ExampleJob_tags() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithTags("mail", "billing"))
	fmt.Println(j.Tags())
	// Output: [mail billing]
}

func ExampleCronJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	// Monday to Friday, at half past nine and half past five.
	j, _ := s.NewJob(CronJob("30 9,17 * * 1-5", false), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon 15:04:05"))
	}
	// Output:
	// Mon 09:30:00
	// Mon 17:30:00
	// Tue 09:30:00
}

func ExampleCronJob_withSeconds() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(CronJob("15,45 * * * * *", true), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon 15:04:05"))
	}
	// Output:
	// Mon 08:00:15
	// Mon 08:00:45
	// Mon 08:01:15
}

func ExampleDailyJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	// What is left of today, then every second day.
	j, _ := s.NewJob(
		DailyJob(2, NewAtTimes(NewAtTime(7, 0, 0), NewAtTime(19, 30, 0))),
		NewTask(func() {}),
	)
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon 15:04"))
	}
	// Output:
	// Mon 19:30
	// Wed 07:00
	// Wed 19:30
}

func ExampleDurationJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(90*time.Second), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(2)
	for _, t := range next {
		fmt.Println(t.Format("15:04:05"))
	}
	// Output:
	// 08:01:30
	// 08:03:00
}

func ExampleDurationRandomJob() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithClock(clock))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationRandomJob(time.Minute, 5*time.Minute), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRun()
	wait := next.Sub(clock.Now())
	fmt.Println(wait >= time.Minute && wait <= 5*time.Minute)
	// Output: true
}

func ExampleMonthlyJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.February, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	// On the 15th and on the last day.
	j, _ := s.NewJob(
		MonthlyJob(1, NewDaysOfTheMonth(15, -1), NewAtTimes(NewAtTime(6, 0, 0))),
		NewTask(func() {}),
	)
	s.Start()
	next, _ := j.NextRuns(4)
	for _, t := range next {
		fmt.Println(t.Format("Jan 2 15:04"))
	}
	// Output:
	// Feb 15 06:00
	// Feb 28 06:00
	// Mar 15 06:00
	// Mar 31 06:00
}

func ExampleWeeklyJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(
		WeeklyJob(1, NewWeekdays(time.Tuesday, time.Friday), NewAtTimes(NewAtTime(22, 0, 0))),
		NewTask(func() {}),
	)
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon Jan 2 15:04"))
	}
	// Output:
	// Tue Mar 3 22:00
	// Fri Mar 6 22:00
	// Tue Mar 10 22:00
}

func ExampleOneTimeJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock))
	defer s.Shutdown()
	ran := make(chan string)
	// Without WithLimitedRuns the job would stay listed, with no next run.
	s.NewJob(
		OneTimeJob(OneTimeJobStartDateTime(clock.Now().Add(time.Hour))),
		NewTask(func() { ran <- clock.Now().Format("15:04") }),
		WithLimitedRuns(1),
	)
	s.Start()
	clock.Advance(time.Hour)
	fmt.Println("ran at", <-ran)
	s.StopJobs() // waits until the run has finished
	fmt.Println("jobs left:", len(s.Jobs()))
	// Output:
	// ran at 09:00
	// jobs left: 0
}

func ExampleOneTimeJobStartImmediately() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	ran := make(chan string)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { ran <- "at once" }),
	)
	s.Start()
	fmt.Println(<-ran)
	// Output: at once
}

func ExampleOneTimeJobStartDateTime() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	launch := time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)
	j, _ := s.NewJob(OneTimeJob(OneTimeJobStartDateTime(launch)), NewTask(func() {}))
	s.Start()
	fmt.Println(j.NextRun())
	// Output: 2026-03-14 15:09:26 +0000 UTC <nil>
}

// The times need not be sorted. Those that are past are left out.
func ExampleOneTimeJobStartDateTimes() {
	now := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	s, _ := NewScheduler(WithClock(clockwork.NewFakeClockAt(now)), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(
		OneTimeJob(OneTimeJobStartDateTimes(
			now.Add(2*time.Hour),
			now.Add(time.Minute),
			now.Add(-time.Minute),
		)),
		NewTask(func() {}),
	)
	s.Start()
	next, _ := j.NextRuns(5)
	for _, t := range next {
		fmt.Println(t.Format("15:04"))
	}
	// Output:
	// 08:01
	// 10:00
}

func ExampleNewAtTime() {
	lunch := NewAtTime(12, 30, 0)
	fmt.Println(TimeFromAtTime(lunch, time.UTC).Format("15:04:05"))
	// Output: 12:30:00
}

// Numbers out of range are found when the job is made.
func ExampleNewAtTime_outOfRange() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(DailyJob(1, NewAtTimes(NewAtTime(24, 0, 0))), NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrDailyJobHours))
	// Output: true
}

func ExampleNewAtTimes() {
	meals := NewAtTimes(NewAtTime(7, 0, 0), NewAtTime(12, 30, 0), NewAtTime(19, 0, 0))
	for _, at := range meals() {
		fmt.Println(TimeFromAtTime(at, time.UTC).Format("15:04"))
	}
	// Output:
	// 07:00
	// 12:30
	// 19:00
}

// Only the clock of the result means something, the date does not.
func ExampleTimeFromAtTime() {
	t := TimeFromAtTime(NewAtTime(23, 59, 30), time.UTC)
	hours, minutes, seconds := t.Clock()
	fmt.Println(hours, minutes, seconds)
	// Output: 23 59 30
}

func ExampleNewDaysOfTheMonth() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	// February has no 30th: it is skipped. -1 would be the last day.
	days := NewDaysOfTheMonth(30)
	j, _ := s.NewJob(MonthlyJob(1, days, NewAtTimes(NewAtTime(0, 0, 0))), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(2)
	for _, t := range next {
		fmt.Println(t.Format("Jan 2"))
	}
	// Output:
	// Jan 30
	// Mar 30
}

func ExampleNewWeekdays() {
	weekend := NewWeekdays(time.Saturday, time.Sunday)
	for _, day := range weekend() {
		fmt.Println(day)
	}
	// Output:
	// Saturday
	// Sunday
}

func ExampleNewTask() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	done := make(chan struct{})
	greet := func(name string, times int) error {
		defer close(done)
		for i := 0; i < times; i++ {
			fmt.Println("hello,", name)
		}
		return nil // an error would make the run a failure
	}
	s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(greet, "gopher", 2))
	s.Start()
	<-done
	// Output:
	// hello, gopher
	// hello, gopher
}

// A first parameter of type context.Context gets the job's context, which ends
// when the job is removed or replaced and when the scheduler stops.
func ExampleNewTask_context() {
	s, _ := NewScheduler()
	started := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func(ctx context.Context, what string) {
			close(started)
			<-ctx.Done()
			fmt.Println(what, "ends:", ctx.Err())
		}, "backup"),
	)
	s.Start()
	<-started
	s.Shutdown()
	// Output: backup ends: context canceled
}

// Parameters are checked when the job is made.
func ExampleNewTask_wrongParameters() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	double := func(n int) int { return 2 * n }
	_, err := s.NewJob(DurationJob(time.Hour), NewTask(double))
	fmt.Println(errors.Is(err, ErrNewJobWrongNumberOfParameters))
	_, err = s.NewJob(DurationJob(time.Hour), NewTask(double, "two"))
	fmt.Println(errors.Is(err, ErrNewJobWrongTypeOfParameters))
	// Output:
	// true
	// true
}

// A crontab can be checked, and asked for its times, without a scheduler.
func ExampleNewDefaultCron() {
	now := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	c := NewDefaultCron(false)
	fmt.Println(c.IsValid("0 12 * * *", time.UTC, now))
	fmt.Println(c.Next(now))
	// Output:
	// <nil>
	// 2026-03-02 12:00:00 +0000 UTC
}

func ExampleWeeklyJobSchedule_String() {
	fmt.Println(WeeklyJobSchedule{Interval: 2, DaysOfWeek: []time.Weekday{time.Monday, 9}})
	// Output: {2 [Monday Tuesday] []}
}

// A report that is due early on working days, later on Saturdays, and not on holidays, and that does not
// start at the same moment as other jobs: without a second job, without a check in the task, and
// without a random sleep.
func Example_insteadOfWritingItByHand() {
	newYear := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	times, err := Preview(
		AnyOf(CronJob("0 6 * * 1-5", false), CronJob("0 9 * * 6", false)),
		time.Date(2026, time.December, 30, 12, 0, 0, 0, time.UTC), 4,
		WithName("report"),
		WithCalendar(NotOnDates(newYear)),
		WithJitter(10*time.Minute),
	)
	if err != nil {
		fmt.Println(err)
	}
	for _, at := range times {
		fmt.Println(at.Format("Mon 2 Jan 15:04:05"))
	}
	// Output:
	// Thu 31 Dec 06:02:47
	// Sat 2 Jan 09:01:16
	// Mon 4 Jan 06:01:54
	// Tue 5 Jan 06:04:36
}
