package gocron

import (
	"errors"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

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
