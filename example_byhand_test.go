package gocron

import (
	"fmt"
	"time"
)

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
