package gocron

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// A keyring is a Locker for the schedulers of one process. A real one asks a
// service that all nodes share.
type keyring struct{ taken sync.Map }

var _ Locker = (*keyring)(nil)

func (k *keyring) Lock(_ context.Context, key string) (Lock, error) {
	if _, taken := k.taken.LoadOrStore(key, true); taken {
		return nil, fmt.Errorf("%s is locked", key)
	}
	return &keyringLock{k, key}, nil
}

type keyringLock struct {
	ring *keyring
	key  string
}

func (l *keyringLock) Unlock(context.Context) error {
	l.ring.taken.Delete(l.key)
	return nil
}

// While one node runs the job, the others skip it.
func ExampleWithDistributedLocker() {
	ring := &keyring{}
	started, finish, skipped := make(chan string), make(chan struct{}), make(chan error)
	newNode := func(name string) (Scheduler, Job) {
		s, _ := NewScheduler(WithDistributedLocker(ring))
		j, _ := s.NewJob(
			DurationJob(time.Hour),
			NewTask(func() { started <- name; <-finish }),
			WithName("report"), // the key of the lock: the same on every node
			WithEventListeners(AfterLockError(func(_ uuid.UUID, _ string, err error) { skipped <- err })),
		)
		s.Start()
		return s, j
	}
	a, jobOfA := newNode("a")
	b, jobOfB := newNode("b")

	jobOfA.RunNow()
	fmt.Println(<-started, "runs")
	jobOfB.RunNow()
	fmt.Println("b skips:", <-skipped)
	close(finish)
	fmt.Println(a.Shutdown()) // waits until the lock is released
	jobOfB.RunNow()
	fmt.Println(<-started, "runs")
	fmt.Println(b.Shutdown())
	// Output:
	// a runs
	// b skips: report is locked
	// <nil>
	// b runs
	// <nil>
}

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

// A seat is a lock that an engine may take away, and that has a number.
type seat struct {
	number int64
	taken  chan struct{} // closed by the engine
}

var (
	_ LeasedLock = (*seat)(nil)
	_ FencedLock = (*seat)(nil)
)

func (s *seat) Unlock(context.Context) error { return nil }

func (s *seat) Lost() <-chan struct{} { return s.taken }

func (s *seat) FencingToken() int64 { return s.number }

// When the lock is lost, the context of the run ends.
func ExampleLeasedLock() {
	lock := &seat{taken: make(chan struct{})}
	s, _ := NewScheduler(WithDistributedLocker(LockerFrom(func(context.Context, string) (*seat, error) { return lock, nil })))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) error {
		close(lock.taken) // the engine takes the lock away
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Err, errors.Is(run.Err, ErrLockLost))
	// Output: gocron: the lock was lost true
}

// The task hands the lock's number to what it writes to, which refuses lower ones than it has seen.
func ExampleFencedLock() {
	s, _ := NewScheduler(WithDistributedLocker(LockerFrom(func(context.Context, string) (*seat, error) {
		return &seat{number: 7}, nil
	})))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) {
		run, _ := RunFromContext(ctx)
		fmt.Println("write with token", run.FencingToken)
	}))
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output: write with token 7
}

// A reign is an Elector that leads until its term is over.
type reign struct{ over chan struct{} }

var _ TermElector = reign{}

func (r reign) IsLeader(ctx context.Context) error {
	_, _, err := r.Term(ctx)
	return err
}

func (r reign) Term(context.Context) (ended <-chan struct{}, token int64, err error) {
	select {
	case <-r.over:
		return nil, 0, errors.New("another node leads")
	default:
		return r.over, 3, nil
	}
}

// When the term ends, so do the contexts of the runs that it let start.
func ExampleTermElector() {
	term := reign{over: make(chan struct{})}
	s, _ := NewScheduler(WithDistributedElector(term))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) error {
		close(term.over)
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	s.Start()
	control := NewController(s)
	for i := 0; i < 2; i++ {
		run, _ := control.RunAndWait(context.Background(), j.ID())
		fmt.Println(run.Outcome, run.Err)
	}
	// Output:
	// cancelled gocron: the leader's term has ended
	// not-leader another node leads
}
