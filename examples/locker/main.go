// Locker runs three schedulers in one process, as three nodes of a service
// would, and lets only one of them do each run of a job.
//
//	go run ./examples/locker
//
// Each node has the same job, due at every full second. When it is due, each
// scheduler tries to lock the job's name, and the one that gets the lock runs
// the job. You see who ran and, at the end, who tried, ran and skipped:
//
//	10:07:31 south ran
//	10:07:32 south ran
//	10:07:33 north ran
//	NODE   TRIED  RAN  SKIPPED
//	north  3      1    2
//	south  3      2    1
//	east   3      0    3
//
// A gocron.Locker is an interface of one method. Clients of lock services have
// such a method too, but theirs returns a type of their own, so that they do
// not fit; gocron.LockerFrom makes a Locker of them. See leases.go for what a
// lock service has to promise. The exit status is 1 if a run was done twice or
// by no node, or if a lock was not given back.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2"
)

func main() {
	if err := run(os.Stdout, []string{"north", "south", "east"}, 3); err != nil {
		fmt.Fprintln(os.Stderr, "locker:", err)
		os.Exit(1)
	}
}

// run starts the nodes in the middle of a second, so that all are up before
// the job is due, and stops them in the middle of another.
func run(out io.Writer, names []string, seconds int) error {
	service := newLeases(500 * time.Millisecond)
	record := &record{out: out, runs: map[string]int{}}
	sleepUntilMidSecond()
	var nodes []*node
	for _, name := range names {
		n, err := newNode(name, service, record)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
		n.scheduler.Start()
	}
	time.Sleep(time.Duration(seconds) * time.Second)

	var errs []error
	for _, n := range nodes {
		errs = append(errs, n.scheduler.Shutdown())
	}
	errs = append(errs, record.check(seconds), printTable(out, nodes))
	if n := service.held(); n > 0 {
		errs = append(errs, fmt.Errorf("%d locks were not given back", n))
	}
	return errors.Join(errs...)
}

func sleepUntilMidSecond() {
	now := time.Now()
	middle := now.Truncate(time.Second).Add(500 * time.Millisecond)
	if middle.Before(now) {
		middle = middle.Add(time.Second)
	}
	time.Sleep(middle.Sub(now))
}

// node is one process of the service.
type node struct {
	name      string
	scheduler gocron.Scheduler

	tried, ran, skipped atomic.Int64
}

func newNode(name string, service *leases, record *record) (*node, error) {
	n := &node{name: name}
	// service.Lock returns a *lease, a Locker's Lock a gocron.Lock.
	locker := gocron.LockerFrom(service.Lock)
	var err error
	n.scheduler, err = gocron.NewScheduler(
		gocron.WithDistributedLocker(countingLocker{locker, &n.tried}),
	)
	if err != nil {
		return nil, err
	}
	_, err = n.scheduler.NewJob(
		// All nodes must agree on when the job is due. A crontab makes them;
		// an interval would count from the start of each process.
		gocron.CronJob("* * * * * *", true),
		gocron.NewTask(func() {
			n.ran.Add(1)
			record.ran(time.Now(), n.name)
		}),
		// The lock is taken under this name, so it must be the same on all
		// nodes and no other job's.
		gocron.WithName("report"),
		gocron.WithEventListeners(gocron.AfterLockError(
			func(uuid.UUID, string, error) { n.skipped.Add(1) },
		)),
	)
	return n, err
}

// countingLocker is a Locker written by hand: it counts, and hands on.
type countingLocker struct {
	gocron.Locker
	tried *atomic.Int64
}

func (c countingLocker) Lock(ctx context.Context, key string) (gocron.Lock, error) {
	c.tried.Add(1)
	return c.Locker.Lock(ctx, key)
}

// record is what ran at which second.
type record struct {
	mu   sync.Mutex
	out  io.Writer
	runs map[string]int
}

func (r *record) ran(at time.Time, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	second := at.Format(time.TimeOnly)
	r.runs[second]++
	fmt.Fprintln(r.out, second, name, "ran")
}

// check returns an error unless every second has exactly one run.
func (r *record) check(seconds int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.runs) != seconds {
		return fmt.Errorf("ran in %d seconds, want %d", len(r.runs), seconds)
	}
	for second, n := range r.runs {
		if n != 1 {
			return fmt.Errorf("ran %d times at %s", n, second)
		}
	}
	return nil
}

func printTable(out io.Writer, nodes []*node) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tTRIED\tRAN\tSKIPPED")
	for _, n := range nodes {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", n.name, n.tried.Load(), n.ran.Load(), n.skipped.Load())
	}
	return table.Flush()
}
