package gocron

import (
	"context"
	"fmt"
	"time"
)

// An election is an Elector that hears from a channel who the leader is. A real
// one asks a service that all nodes share.
type election struct {
	node    string
	leaders <-chan string
}

var _ Elector = election{}

func (e election) IsLeader(context.Context) error {
	if leader := <-e.leaders; leader != e.node {
		return fmt.Errorf("the leader is %s", leader)
	}
	return nil
}

// A run is skipped on a node that is not the leader.
func ExampleWithDistributedElector() {
	leaders := make(chan string)
	s, _ := NewScheduler(WithDistributedElector(election{node: "a", leaders: leaders}))
	defer s.Shutdown()
	ran := make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {
		fmt.Println("runs on a")
		close(ran)
	}))
	s.Start()
	j.RunNow()
	leaders <- "b"
	j.RunNow()
	leaders <- "a"
	<-ran
	// Output: runs on a
}

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
