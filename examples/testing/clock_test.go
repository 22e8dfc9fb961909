package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gocron-fixed/gocron/v2"
)

// patience bounds a wait for something that happens at once unless the test
// has failed.
const patience = 10 * time.Second

// bench is the program on a fake clock. Its channels tell what the jobs did.
type bench struct {
	t         *testing.T
	clock     *clockwork.FakeClock
	scheduler gocron.Scheduler
	backups   chan time.Time
	beats     chan time.Time
	failures  chan error
}

// newBench starts the program at the given time. backupError is what each
// backup returns.
func newBench(t *testing.T, now time.Time, backupError error) *bench {
	t.Helper()
	b := &bench{
		t:        t,
		clock:    clockwork.NewFakeClockAt(now),
		backups:  make(chan time.Time, 100),
		beats:    make(chan time.Time, 100),
		failures: make(chan error, 100),
	}
	var err error
	b.scheduler, err = newScheduler(program{
		backup: func(context.Context) error {
			b.backups <- b.clock.Now()
			return backupError
		},
		beat:    func() { b.beats <- b.clock.Now() },
		onError: func(_ string, err error) { b.failures <- err },
	}, gocron.WithClock(b.clock), gocron.WithLocation(time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	b.scheduler.Start()
	t.Cleanup(func() {
		if err := b.scheduler.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// advance moves the clock. Each of the two jobs has one timer on the clock: to
// wait for both first makes sure that neither is still being booked.
func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.clock.BlockUntilContext(ctx, 2); err != nil {
		b.t.Fatal("the jobs are not booked:", err)
	}
	b.clock.Advance(d)
}

// receive waits for what a job sends. The job runs in a goroutine of its own,
// so after an advance a test waits for it and does not just look.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("the job did not run")
		panic("unreachable")
	}
}

func TestHeartbeatEachMinute(t *testing.T) {
	start := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	b := newBench(t, start, nil)
	for minute := 1; minute <= 3; minute++ {
		b.advance(time.Minute)
		want := start.Add(time.Duration(minute) * time.Minute)
		if got := receive(t, b.beats); !got.Equal(want) {
			t.Errorf("heartbeat at %v, want %v", got, want)
		}
	}
}

func TestBackupAtThree(t *testing.T) {
	b := newBench(t, time.Date(2026, time.March, 1, 2, 59, 0, 0, time.UTC), nil)

	b.advance(59 * time.Second)
	if n := len(b.backups); n != 0 {
		t.Fatalf("%d backups before 03:00", n)
	}
	b.advance(time.Second)
	want := time.Date(2026, time.March, 1, 3, 0, 0, 0, time.UTC)
	if got := receive(t, b.backups); !got.Equal(want) {
		t.Errorf("backup at %v, want %v", got, want)
	}
}

func TestFailedBackupIsReported(t *testing.T) {
	diskFull := errors.New("disk full")
	b := newBench(t, time.Date(2026, time.March, 1, 2, 59, 0, 0, time.UTC), diskFull)
	b.advance(time.Minute)
	if got := receive(t, b.failures); !errors.Is(got, diskFull) {
		t.Errorf("reported %v, want %v", got, diskFull)
	}
}

// Not every test needs time to pass: RunNow runs a job and leaves its schedule
// as it is, and NextRun tells when it is due.
func TestRunNow(t *testing.T) {
	b := newBench(t, time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC), nil)
	for _, job := range b.scheduler.Jobs() {
		if job.Name() != "backup" {
			continue
		}
		if err := job.RunNow(); err != nil {
			t.Fatal(err)
		}
		receive(t, b.backups)
		next, err := job.NextRun()
		if err != nil {
			t.Fatal(err)
		}
		if want := time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC); !next.Equal(want) {
			t.Errorf("next backup at %v, want %v", next, want)
		}
	}
}
