// Elector runs three schedulers in one process, as three nodes of a service
// would, and lets only the leader's jobs run.
//
//	go run ./examples/elector
//
// Each node has the same job, due ten times a second. Before every run its
// scheduler asks the node's elector whether the node leads. You see each change
// of the leader and each run, and at the end who asked, ran and skipped:
//
//	north leads
//	  north ran
//	  ...
//	NODE   ASKED  RAN  SKIPPED
//	north  30     10   20
//	south  30     10   20
//	east   30     10   20
//
// The election here is a name behind a mutex. A real one is held in etcd, a
// database or the like; what matters to a scheduler is only that IsLeader
// answers from what the node already knows, without asking over the network,
// and says no when in doubt. The exit status is 1 if a node ran that did not
// lead.
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

const interval = 100 * time.Millisecond

func main() {
	if err := run(os.Stdout, []string{"north", "south", "east"}, time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "elector:", err)
		os.Exit(1)
	}
}

// run lets each node lead for one term, in turn.
func run(out io.Writer, names []string, term time.Duration) error {
	vote := &election{}
	say := printer(out)
	var nodes []*node
	for _, name := range names {
		n, err := newNode(name, vote, say)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
		n.scheduler.Start()
	}
	time.Sleep(interval / 2) // so that the leader changes between two runs
	for _, n := range nodes {
		say("%s leads", n.name)
		vote.elect(n.name)
		time.Sleep(term)
	}
	vote.elect("") // nobody: what is due from here on is skipped

	var errs []error
	for _, n := range nodes {
		errs = append(errs, n.scheduler.Shutdown())
		if ran, led := n.ran.Load(), n.led.Load(); ran != led {
			errs = append(errs, fmt.Errorf("%s led %d times and ran %d times", n.name, led, ran))
		}
	}
	return errors.Join(append(errs, printTable(out, nodes))...)
}

// errNotLeader is what IsLeader returns on a follower. Any error will do.
var errNotLeader = errors.New("not the leader")

// election knows who leads.
type election struct {
	mu     sync.Mutex
	leader string
}

func (e *election) elect(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.leader = name
}

func (e *election) leads(name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.leader == name
}

// node is one process of the service. It is the gocron.Elector of its own
// scheduler, and a gocron.Monitor, which is told of each run that was skipped.
type node struct {
	name      string
	vote      *election
	scheduler gocron.Scheduler

	asked, led, ran, skipped atomic.Int64
}

func newNode(name string, vote *election, say func(format string, args ...any)) (*node, error) {
	n := &node{name: name, vote: vote}
	var err error
	n.scheduler, err = gocron.NewScheduler(
		gocron.WithDistributedElector(n),
		gocron.WithMonitor(n),
	)
	if err != nil {
		return nil, err
	}
	_, err = n.scheduler.NewJob(
		gocron.DurationJob(interval),
		gocron.NewTask(func() {
			n.ran.Add(1)
			say("  %s ran", n.name)
		}),
		gocron.WithName("report"),
	)
	return n, err
}

// IsLeader is asked before each run. Any error means that the run is skipped,
// and the job waits for its next time.
func (n *node) IsLeader(context.Context) error {
	n.asked.Add(1)
	if !n.vote.leads(n.name) {
		return errNotLeader
	}
	n.led.Add(1)
	return nil
}

// IncrementJob is told of each run's outcome; Skip is that of a follower.
func (n *node) IncrementJob(_ uuid.UUID, _ string, _ []string, status gocron.JobStatus) {
	if status == gocron.Skip {
		n.skipped.Add(1)
	}
}

// RecordJobTiming is the other half of gocron.Monitor.
func (n *node) RecordJobTiming(_, _ time.Time, _ uuid.UUID, _ string, _ []string) {}

// printer returns a Printf that many goroutines may call, a line each.
func printer(out io.Writer) func(format string, args ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, format+"\n", args...)
	}
}

func printTable(out io.Writer, nodes []*node) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tASKED\tRAN\tSKIPPED")
	for _, n := range nodes {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", n.name, n.asked.Load(), n.ran.Load(), n.skipped.Load())
	}
	return table.Flush()
}
