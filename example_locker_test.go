package gocron

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
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
