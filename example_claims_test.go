package gocron

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// A claimsLedger stands for an engine that all nodes share. Its method has what
// ClaimerFrom wants, with a lock of its own type, so that it need not know of this package.
type claimsLedger struct{ taken sync.Map }

type claimEntry struct{}

func (l *claimsLedger) Claim(_ context.Context, key string, scheduled time.Time) (*claimEntry, error) {
	entry := key + scheduled.Format(time.RFC3339Nano)
	if _, taken := l.taken.LoadOrStore(entry, true); taken {
		return nil, errors.New("taken by another node")
	}
	return &claimEntry{}, nil
}

// Unlock leaves the claim as it is: an occurrence is run once.
func (*claimEntry) Unlock(context.Context) error { return nil }

// Three nodes have the same job, and each of its occurrences is run by one of them.
func ExampleClaimerFrom() {
	ledger := &claimsLedger{}
	locker := ClaimerFrom(ledger.Claim)
	_, claims := locker.(Claimer)
	fmt.Println("claims occurrences:", claims)
	clock := clockwork.NewFakeClock()
	finished := make(chan RunInfo)
	for node := 0; node < 3; node++ {
		s, _ := NewScheduler(
			WithDistributedLocker(locker),
			WithClock(clock),
			WithHooks(Hooks{RunFinished: func(run RunInfo) { finished <- run }}),
		)
		defer s.Shutdown()
		s.NewJob(
			DurationJob(time.Hour), // at full hours, whenever a node was started
			NewTask(func() { fmt.Println("the task") }),
			WithName("report"), // the same on every node
		)
		s.Start()
	}
	clock.Advance(time.Hour)
	outcomes := map[Outcome]int{}
	for node := 0; node < 3; node++ {
		run := <-finished
		outcomes[run.Outcome]++
	}
	fmt.Println(outcomes[OutcomeSucceeded], OutcomeSucceeded)
	fmt.Println(outcomes[OutcomeLockedElsewhere], OutcomeLockedElsewhere)
	// Output:
	// claims occurrences: true
	// the task
	// 1 succeeded
	// 2 locked-elsewhere
}

// A job that does no harm when it runs on several nodes may run when nobody can be asked.
func ExampleWithEngineDown() {
	unreachable := LockerFrom(func(context.Context, string) (Lock, error) {
		return nil, fmt.Errorf("%w: connection refused", ErrEngineDown)
	})
	s, _ := NewScheduler(WithDistributedLocker(unreachable))
	defer s.Shutdown()
	task := NewTask(func() { fmt.Println("the task") })
	refresh, _ := s.NewJob(DurationJob(time.Hour), task, WithName("refresh"), WithEngineDown(EngineDownRun))
	bill, _ := s.NewJob(DurationJob(time.Hour), task, WithName("bill")) // EngineDownSkip
	s.Start()
	for _, j := range []Job{refresh, bill} {
		run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
		fmt.Println(run.JobName, run.Outcome, run.Err)
	}
	// Output:
	// the task
	// refresh succeeded <nil>
	// bill engine-down gocron: engine down: connection refused
}
