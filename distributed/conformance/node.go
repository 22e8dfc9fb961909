package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// nodeVariable holds, in the environment of a node process, its nodeSpec.
const nodeVariable = "GOCRON_CONFORMANCE_NODE"

// A nodeSpec says what a node process does.
type nodeSpec struct {
	Engine string
	Config NodeConfig
	Offset time.Duration // of its clock
	Elect  bool          // the scheduler asks the elector
	Limit  uint          // of concurrent runs, over which they wait
	Jobs   []jobSpec
	// HangAfterClaim makes the node hang when it has got its first claim.
	HangAfterClaim bool
	Drain          bool // a stop lets the runs that wait finish
	Before         bool // it is of the version before
}

// A jobSpec is a job: by Cron, or every Every.
type jobSpec struct {
	Name     string
	Cron     string
	Every    time.Duration
	Task     time.Duration // how long it takes; less than 0: until its context ends or the node is told to release
	Attempts int           // how many it takes to succeed
	Unlocked bool          // without the locker
	Single   bool          // one run at a time in this process
	Always   bool          // also when the engine is down
}

// ServeNode makes this process a node if the suite has started it as one, and then does
// not return. TestMain is to call it before anything else, with all engines that the
// tests give to Run:
//
//	func TestMain(m *testing.M) {
//		conformance.ServeNode(engines()...)
//		os.Exit(m.Run())
//	}
func ServeNode(engines ...Engine) {
	text, is := os.LookupEnv(nodeVariable)
	if !is {
		return
	}
	if err := serveNode(text, engines); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveNode(text string, engines []Engine) error {
	var spec nodeSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	for _, e := range engines {
		if e.Name == spec.Engine {
			n := &node{spec: spec, out: json.NewEncoder(os.Stdout), released: make(chan struct{}), stop: make(chan struct{})}
			return n.serve(e)
		}
	}
	return fmt.Errorf("ServeNode was not given the engine %q", spec.Engine)
}

// A node runs a scheduler, writes events to its standard output, and does what it is
// told on its standard input.
type node struct {
	spec       nodeSpec
	engine     *Node
	scheduler  gocron.Scheduler
	controller *gocron.Controller
	jobs       map[string]gocron.Job
	released   chan struct{}
	stop       chan struct{}
	samplers   sync.WaitGroup

	mu   sync.Mutex
	out  *json.Encoder
	herd *herd // the latest
}

func (n *node) emit(e event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e.Node = n.spec.Config.Name
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if n.out.Encode(e) != nil {
		os.Exit(1) // nobody reads it any more
	}
}

func (n *node) serve(e Engine) error {
	ctx := context.Background()
	var err error
	if n.engine, err = e.NewNode(ctx, n.spec.Config); err != nil {
		return err
	}
	if err := n.schedule(); err != nil {
		return err
	}
	if n.engine.Elector != nil {
		n.samplers.Add(1)
		go n.sample(n.engine.Elector)
	}
	n.scheduler.Start()
	n.emit(event{Kind: nodeReady})
	return n.obey(ctx, os.Stdin)
}

// obey does what it reads. When there is nothing more to read, whoever has started this
// process is gone.
func (n *node) obey(ctx context.Context, commands io.Reader) error {
	lines := bufio.NewScanner(commands)
	for lines.Scan() {
		verb, name, _ := strings.Cut(lines.Text(), " ")
		var err error
		switch verb {
		case "release":
			close(n.released)
		case "remove":
			err = n.scheduler.RemoveJob(n.jobs[name].ID())
		case "pause":
			err = n.controller.Pause(n.jobs[name].ID())
		case "resume":
			err = n.controller.Resume(n.jobs[name].ID())
		case "stop":
			err = n.scheduler.StopJobs()
		case "start":
			n.scheduler.Start()
		case "run":
			err = n.jobs[name].RunNow()
		case "herd":
			var spec herdSpec
			if spec, err = parseHerd(strings.Fields(name)); err == nil {
				err = n.startHerd(spec)
			}
		case "close":
			err = n.close(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		n.emit(event{Kind: nodeDid, Job: lines.Text()})
		if verb == "close" {
			return nil
		}
	}
	return errors.New("nobody is there any more")
}

func (n *node) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	err := n.scheduler.Shutdown()
	close(n.stop)
	n.samplers.Wait()
	return errors.Join(err, n.engine.close(ctx))
}

func (n *node) schedule() error {
	options := []gocron.SchedulerOption{
		gocron.WithDistributedLocker(n.watch(n.engine.Locker)),
		gocron.WithHooks(gocron.Hooks{RunFinished: func(info gocron.RunInfo) {
			if !n.noted(info) {
				n.emit(eventOf(runFinished, info))
			}
		}}),
	}
	if n.spec.Offset != 0 {
		options = append(options, gocron.WithClock(newShiftedClock(n.spec.Offset)))
	}
	if n.spec.Elect {
		options = append(options, gocron.WithDistributedElector(n.engine.Elector))
	}
	if n.spec.Drain {
		options = append(options, gocron.WithDrain())
	}
	if n.spec.Limit > 0 {
		options = append(options, gocron.WithLimitConcurrentJobs(n.spec.Limit, gocron.LimitModeWait))
	}
	var err error
	if n.scheduler, err = gocron.NewScheduler(options...); err != nil {
		return err
	}
	n.controller = gocron.NewController(n.scheduler)
	n.jobs = make(map[string]gocron.Job)
	for _, j := range n.spec.Jobs {
		if n.jobs[j.Name], err = n.scheduler.NewJob(j.definition(), gocron.NewTask(n.task(j)), j.options()...); err != nil {
			return err
		}
	}
	return nil
}

func (j jobSpec) definition() gocron.JobDefinition {
	if j.Cron != "" {
		return gocron.CronJob(j.Cron, true)
	}
	return gocron.DurationJob(j.Every)
}

func (j jobSpec) options() []gocron.JobOption {
	options := []gocron.JobOption{gocron.WithName(j.Name), gocron.WithDisabledDistributedJobLocker(j.Unlocked)}
	if j.Single {
		options = append(options, gocron.WithSingletonMode(gocron.LimitModeReschedule))
	}
	if j.Always {
		options = append(options, gocron.WithEngineDown(gocron.EngineDownRun))
	}
	if j.Attempts > 1 {
		options = append(options, gocron.WithRetry(gocron.RetryPolicy{
			Attempts: j.Attempts,
			Backoff:  func(int) time.Duration { return 50 * time.Millisecond },
		}))
	}
	return options
}

func eventOf(kind string, info gocron.RunInfo) event {
	e := event{Kind: kind, Job: info.JobName, Scheduled: info.ScheduledAt, Trigger: info.Trigger.String(),
		Attempt: info.Attempt, Token: info.FencingToken, Outcome: info.Outcome.String()}
	if info.Err != nil {
		e.Err = info.Err.Error()
	}
	return e
}

// task is what the job does: it takes its time, and fails until its last attempt.
func (n *node) task(j jobSpec) func(context.Context) error {
	return func(ctx context.Context) error {
		info, _ := gocron.RunFromContext(ctx)
		n.emit(eventOf(runBegan, info))
		err := n.work(ctx, j)
		ended := eventOf(runEnded, info)
		if err != nil {
			ended.Err = err.Error()
		}
		n.emit(ended)
		if err == nil && info.Attempt < j.Attempts {
			return errors.New("not this time")
		}
		return err
	}
}

func (n *node) work(ctx context.Context, j jobSpec) error {
	var enough <-chan time.Time
	if j.Task >= 0 {
		timer := time.NewTimer(j.Task)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-enough:
		return nil
	case <-n.released:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
