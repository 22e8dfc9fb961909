package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A server says how long to wait; any other failure is tried again soon.
func ExampleRetryPolicy_backoffFor() {
	busy := errors.New("too many requests")
	backoff := func(failed int, err error) time.Duration {
		if errors.Is(err, busy) {
			return 20 * time.Millisecond
		}
		return time.Duration(failed) * time.Millisecond
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	answers := []error{errors.New("connection lost"), busy, nil}
	j, _ := s.NewJob(ManualJob(), NewTask(func(ctx context.Context) error {
		run, _ := RunFromContext(ctx)
		err := answers[run.Attempt-1]
		fmt.Println("attempt", run.Attempt, err)
		return err
	}), WithRetry(RetryPolicy{Attempts: 5, BackoffFor: backoff}))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome)
	// Output:
	// attempt 1 connection lost
	// attempt 2 too many requests
	// attempt 3 <nil>
	// succeeded
}
