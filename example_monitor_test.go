package gocron

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// A tally is a Monitor that counts runs and adds up the time they take. Its
// methods are called concurrently.
type tally struct {
	mu    sync.Mutex
	runs  map[JobStatus]int
	spent time.Duration
}

var _ Monitor = (*tally)(nil)

func (t *tally) IncrementJob(_ uuid.UUID, _ string, _ []string, status JobStatus) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[status]++
}

func (t *tally) RecordJobTiming(startTime, endTime time.Time, _ uuid.UUID, _ string, _ []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spent += endTime.Sub(startTime)
}

func ExampleWithMonitor() {
	clock := clockwork.NewFakeClock()
	monitor := &tally{runs: map[JobStatus]int{}}
	s, _ := NewScheduler(WithMonitor(monitor), WithClock(clock), WithLimitConcurrentJobs(1, LimitModeWait))
	ran := make(chan struct{})
	for _, result := range []error{nil, errors.New("disk is full"), nil} {
		s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func(result error) error {
			clock.Advance(time.Minute) // what the task takes
			ran <- struct{}{}
			return result
		}, result))
	}
	s.Start()
	for i := 0; i < 3; i++ {
		<-ran
	}
	s.Shutdown() // waits for the monitor, too
	fmt.Println(monitor.runs[Success], "done,", monitor.runs[Fail], "failed,", monitor.spent)
	// Output: 2 done, 1 failed, 3m0s
}
