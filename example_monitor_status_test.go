package gocron

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// A protocol is a MonitorStatus that prints how each task ended. Its other two methods are
// for WithMonitor.
type protocol struct{}

var _ MonitorStatus = protocol{}

func (protocol) IncrementJob(uuid.UUID, string, []string, JobStatus) {}

func (protocol) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}

func (protocol) RecordJobTimingWithStatus(startTime, endTime time.Time, _ uuid.UUID, name string, _ []string, status JobStatus, err error) {
	fmt.Printf("%s: %s after %v: %v\n", name, status, endTime.Sub(startTime), err)
}

func ExampleWithMonitorStatus() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithMonitorStatus(protocol{}), WithClock(clock))
	ran := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() error {
			clock.Advance(90 * time.Second) // what the task takes
			close(ran)
			return errors.New("disk is full")
		}),
		WithName("backup"),
	)
	s.Start()
	<-ran
	s.Shutdown() // waits for the monitor, too
	// Output: backup: fail after 1m30s: disk is full
}
