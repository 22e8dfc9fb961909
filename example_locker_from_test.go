package gocron

import (
	"context"
	"fmt"
)

// What follows stands for a package that knows nothing of this one: its locks
// have an Unlock method, and a type of their own.
type (
	leaseClient struct{}
	lease       struct{ name string }
)

func (leaseClient) Obtain(_ context.Context, name string) (*lease, error) {
	fmt.Println("obtained", name)
	return &lease{name: name}, nil
}

func (l *lease) Unlock(context.Context) error {
	fmt.Println("released", l.name)
	return nil
}

func ExampleLockerFrom() {
	client := leaseClient{}
	s, _ := NewScheduler(WithDistributedLocker(LockerFrom(client.Obtain)))
	done := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { fmt.Println("the task"); close(done) }),
		WithName("report"),
	)
	s.Start()
	<-done
	s.Shutdown()
	// Output:
	// obtained report
	// the task
	// released report
}
