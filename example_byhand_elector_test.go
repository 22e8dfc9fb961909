package gocron

import (
	"fmt"
	"time"
)

// The report is made on one node, the others look after their own disks.
func ExampleWithDistributedJobElector() {
	leaders := make(chan string, 1)
	s, _ := NewScheduler()
	defer s.Shutdown()
	ran := make(chan string)
	report, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { ran <- "report" }),
		WithDistributedJobElector(election{node: "a", leaders: leaders}))
	disk, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { ran <- "disk" }))
	s.Start()

	leaders <- "b"
	report.RunNow() // is not run here
	disk.RunNow()
	fmt.Println(<-ran)

	leaders <- "a"
	report.RunNow()
	fmt.Println(<-ran)
	// Output:
	// disk
	// report
}
