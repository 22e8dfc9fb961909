package gocron

import (
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

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
