package gocron

import (
	"errors"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

// monthEnd is a Cron with a language of one word.
type monthEnd struct{}

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
