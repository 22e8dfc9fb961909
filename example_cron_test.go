package gocron

import (
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
