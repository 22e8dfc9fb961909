package gocron

import (
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
