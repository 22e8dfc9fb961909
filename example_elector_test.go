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
