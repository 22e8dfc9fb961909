package gocron

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// The promise tested here: under WithLimitConcurrentJobs every one-time job runs
// exactly once, in its turn, and leaves, when WithLimitedRuns says so, after its
// run has finished and not before.
//
// The file uses the exported API alone, so it can be put into the package of
// any scheduler with that API. Tasks wait for the test to let them go, which
// makes every state on the way exact. Nothing depends on how long anything
// takes: the safety limits below only end a case that can not succeed.

const (
	oneTimeSafety    = 20 * time.Second // for a case that waits for something which never comes
	oneTimeImpatient = 2 * time.Second  // the same, after the first that took all of oneTimeSafety
	oneTimeHang      = 3 * time.Second  // on top of these, for a method that does not return
	oneTimePoll      = 200 * time.Microsecond
)

// oneTimePatience is the safety limit of the next case. A scheduler that has
// failed is not waited for at length again and again.
var oneTimePatience = oneTimeSafety

// A oneTimeTrial is one case. Its body runs on a goroutine of its own, so that
// a scheduler whose methods hang fails the case and not the test binary; it
// stands in for testing.T there.
type oneTimeTrial struct {
	ctx   context.Context // ends at the safety limit
	s     Scheduler
	clock *clockwork.FakeClock // nil: the scheduler is on the real one
	jobs  []Job                // a job's place is its number

	mu        sync.Mutex
	t         *testing.T // nil once the case is over
	leave     chan struct{}
	order     []int // the number of the job for each task that started
	running   int
	most      int // the greatest running has been
	finished  int
	cancelled int // tasks whose context ended before they were let go
}

func runOneTimeTrial(t *testing.T, name string, onFakeClock bool, limit uint, mode LimitMode, body func(*oneTimeTrial)) {
	t.Run(name, func(t *testing.T) {
		patience := oneTimePatience
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		options := []SchedulerOption{
			WithLimitConcurrentJobs(limit, mode),
			WithStopTimeout(oneTimeSafety),
		}
		c := &oneTimeTrial{ctx: ctx, t: t, leave: make(chan struct{})}
		if onFakeClock {
			c.clock = clockwork.NewFakeClockAt(time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC))
			options = append(options, WithClock(c.clock), WithLocation(time.UTC))
		}
		s, err := NewScheduler(options...)
		require.NoError(t, err)
		c.s = s

		done := make(chan struct{})
		go func() {
			defer close(done)
			body(c)
			c.shutdown()
			require.LessOrEqual(c, c.most, int(limit), "more tasks at a time than the limit allows")
		}()
		hung := time.NewTimer(patience + oneTimeHang)
		defer hung.Stop()
		select {
		case <-done:
		case <-hung.C:
			c.Errorf("a method of the scheduler does not return")
		}
		c.end(t)
	})
}

// end makes the trial over: what still goes on says nothing any more, and is
// let go. The scheduler of a case that failed is shut down, if it can be.
func (c *oneTimeTrial) end(t *testing.T) {
	c.mu.Lock()
	c.t = nil
	c.mu.Unlock()
	c.letAllGo()
	if !t.Failed() {
		return
	}
	if c.ctx.Err() != nil {
		oneTimePatience = oneTimeImpatient
	}
	down := make(chan struct{})
	go func() {
		defer close(down)
		_ = c.s.Shutdown()
	}()
	select {
	case <-down:
	case <-time.After(oneTimeHang):
	}
}

func (c *oneTimeTrial) Errorf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.t != nil {
		c.t.Errorf(format, args...)
	}
}

func (c *oneTimeTrial) FailNow() { runtime.Goexit() }

// add adds a job and returns its number. Its task waits to be let go.
func (c *oneTimeTrial) add(definition JobDefinition, options ...JobOption) int {
	number := len(c.jobs)
	j, err := c.s.NewJob(definition, c.task(number), options...)
	require.NoError(c, err)
	c.jobs = append(c.jobs, j)
	return number
}

func (c *oneTimeTrial) addImmediate(options ...JobOption) int {
	return c.add(OneTimeJob(OneTimeJobStartImmediately()), options...)
}

// inHours is a definition with the given times, in hours from the clock's
// beginning.
func (c *oneTimeTrial) inHours(hours ...int) JobDefinition {
	begin := time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)
	var times []time.Time
	for _, h := range hours {
		times = append(times, begin.Add(time.Duration(h)*time.Hour))
	}
	if len(times) == 1 {
		return OneTimeJob(OneTimeJobStartDateTime(times[0]))
	}
	return OneTimeJob(OneTimeJobStartDateTimes(times...))
}

func (c *oneTimeTrial) task(number int) Task {
	return NewTask(func(ctx context.Context) {
		leave := c.begin(number)
		select {
		case <-leave:
		case <-ctx.Done():
			c.mu.Lock()
			c.cancelled++
			c.mu.Unlock()
			<-leave
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running--
		c.finished++
	})
}

func (c *oneTimeTrial) begin(number int) (leave <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order = append(c.order, number)
	c.running++
	if c.running > c.most {
		c.most = c.running
	}
	return c.leave
}

// letGo lets some of the running tasks return.
func (c *oneTimeTrial) letGo(n int) {
	for i := 0; i < n; i++ {
		select {
		case c.leave <- struct{}{}:
		case <-c.ctx.Done():
			require.Fail(c, "no task is running")
		}
	}
}

// letAllGo lets every task return, also those that start later.
func (c *oneTimeTrial) letAllGo() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.leave:
	default:
		close(c.leave)
	}
}

// hold makes tasks that start from now on wait again.
func (c *oneTimeTrial) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave = make(chan struct{})
}

// advance moves the clock an hour on when it has that many waiters: one for each
// job that has a next time.
func (c *oneTimeTrial) advance(waiters int) {
	require.NoError(c, c.clock.BlockUntilContext(c.ctx, waiters), "jobs that have a next time")
	c.clock.Advance(time.Hour)
}

// reaches waits until a number is what it has to become.
func (c *oneTimeTrial) reaches(want int, what string, number func() int) {
	ticker := time.NewTicker(oneTimePoll)
	defer ticker.Stop()
	for number() != want {
		select {
		case <-ticker.C:
		case <-c.ctx.Done():
			require.Equal(c, want, number(), what)
			return
		}
	}
}

func (c *oneTimeTrial) reachesStarted(n int) {
	c.reaches(n, "tasks started", func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.order)
	})
}

func (c *oneTimeTrial) reachesFinished(n int) {
	c.reaches(n, "tasks finished", func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.finished
	})
}

func (c *oneTimeTrial) reachesCancelled(n int) {
	c.reaches(n, "tasks whose context ended", func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.cancelled
	})
}

func (c *oneTimeTrial) reachesWaiting(n int) {
	c.reaches(n, "JobsWaitingInQueue", c.s.JobsWaitingInQueue)
}

// nothingWaits does not end the case: what becomes of the runs says more.
func (c *oneTimeTrial) nothingWaits() {
	if n := c.s.JobsWaitingInQueue(); n != 0 {
		c.Errorf("%d runs wait in a scheduler that was stopped", n)
	}
}

func (c *oneTimeTrial) reachesListed(n int) {
	c.reaches(n, "len(Jobs)", func() int { return len(c.s.Jobs()) })
}

func (c *oneTimeTrial) noNextRun(number int) {
	next, err := c.jobs[number].NextRun()
	require.NoError(c, err)
	require.Zero(c, next, "NextRun of a one-time job that has had its times")
}

// flush runs one more job through the queue: whatever was handed over before it
// has started then.
func (c *oneTimeTrial) flush() {
	c.letAllGo()
	done := make(chan struct{})
	var once sync.Once
	task := NewTask(func() { once.Do(func() { close(done) }) })
	last, err := c.s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), task)
	require.NoError(c, err)
	select {
	case <-done:
	case <-c.ctx.Done():
		require.Fail(c, "a job added at the end does not run")
	}
	require.NoError(c, c.s.RemoveJob(last.ID()))
}

// shutdown shuts the scheduler down, which waits for what is running.
func (c *oneTimeTrial) shutdown() {
	c.letAllGo()
	require.NoError(c, c.s.Shutdown())
	require.Empty(c, c.s.Jobs())
	require.Zero(c, c.s.JobsWaitingInQueue())
}

// ran checks the end: how often each job ran, and how many are left.
func (c *oneTimeTrial) ran(listed int, want ...int) {
	c.flush()
	c.reachesWaiting(0)
	c.reachesListed(listed)
	c.shutdown()
	require.Equal(c, want, c.runs(), "runs of each job")
}

// runs is how often the task of each job was started.
func (c *oneTimeTrial) runs() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	runs := make([]int, len(c.jobs))
	for _, number := range c.order {
		runs[number]++
	}
	return runs
}

func (c *oneTimeTrial) started() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]int(nil), c.order...)
}

// upTo is 0, 1, … n-1.
func upTo(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

func repeated(value, n int) []int {
	values := make([]int, n)
	for i := range values {
		values[i] = value
	}
	return values
}

func limitedIf(limited bool, runs uint) []JobOption {
	if !limited {
		return nil
	}
	return []JobOption{WithLimitedRuns(runs)}
}

// oneTimeShape is a case of TestRegressionOneTime.
type oneTimeShape struct {
	limit, jobs int
	beforeStart bool
	hours       []int // when the jobs are due; none: immediately
	limited     bool  // WithLimitedRuns(1)
}

func (o oneTimeShape) name() string {
	when, due, left := "after Start", "immediately", "stay"
	if o.beforeStart {
		when = "before Start"
	}
	if len(o.hours) > 0 {
		due = fmt.Sprintf("at %d times", len(o.hours))
	}
	if o.limited {
		left = "WithLimitedRuns(1)"
	}
	return fmt.Sprintf("limit %d/%d jobs/%s/%s/%s", o.limit, o.jobs, when, due, left)
}

func TestRegressionOneTime(t *testing.T) {
	for _, limit := range []int{1, 4, 64} {
		for _, limited := range []bool{false, true} {
			for _, beforeStart := range []bool{true, false} {
				for _, jobs := range []int{1, 10} {
					for _, hours := range [][]int{nil, {1}, {1, 2, 3}} {
						testOneTimeShape(t, oneTimeShape{limit, jobs, beforeStart, hours, limited})
					}
				}
				testOneTimeShape(t, oneTimeShape{limit, 10_000, beforeStart, nil, limited})
			}
		}
	}
}

func testOneTimeShape(t *testing.T, o oneTimeShape) {
	runOneTimeTrial(t, o.name(), len(o.hours) > 0, uint(o.limit), LimitModeWait, func(c *oneTimeTrial) {
		if !o.beforeStart {
			c.s.Start()
		}
		for i := 0; i < o.jobs; i++ {
			definition := OneTimeJob(OneTimeJobStartImmediately())
			if len(o.hours) > 0 {
				definition = c.inHours(o.hours...)
			}
			c.add(definition, limitedIf(o.limited, 1)...)
		}
		if o.beforeStart {
			require.Zero(c, c.s.JobsWaitingInQueue(), "before Start")
			require.Empty(c, c.started(), "before Start")
			c.s.Start()
		}
		rounds := 1
		if !o.limited {
			rounds = max(1, len(o.hours))
		}
		for round := 0; round < rounds; round++ {
			o.round(c, round)
		}
		c.reachesFinished(rounds * o.jobs)
		listed := 0
		if !o.limited {
			listed = o.jobs
			c.noNextRun(0)
		}
		// The order is that of adding where that is the order of falling due.
		if o.limit == 1 && !o.beforeStart && len(o.hours) == 0 {
			require.Equal(c, upTo(o.jobs), c.started(), "not first in, first out")
		}
		c.ran(listed, repeated(rounds, o.jobs)...)
	})
}

// round lets all jobs fall due and takes them through the queue.
func (o oneTimeShape) round(c *oneTimeTrial, round int) {
	before := round * o.jobs
	if len(o.hours) > 0 {
		c.hold()
		c.advance(o.jobs)
	}
	c.reachesStarted(before + min(o.jobs, o.limit))
	c.reachesWaiting(max(0, o.jobs-o.limit))
	c.reachesListed(o.jobs)
	for gone := 1; gone <= min(3, o.jobs); gone++ {
		c.letGo(1)
		c.reachesFinished(before + gone)
		c.reachesStarted(before + min(o.jobs, o.limit+gone))
		c.reachesWaiting(max(0, o.jobs-o.limit-gone))
		if o.limited {
			c.reachesListed(o.jobs - gone)
		} else {
			c.reachesListed(o.jobs)
		}
	}
	c.letAllGo()
	c.reachesFinished(before + o.jobs)
	c.reachesWaiting(0)
}

func TestRegressionOneTimeInTurn(t *testing.T) {
	runOneTimeTrial(t, "distinct times", true, 1, LimitModeWait, func(c *oneTimeTrial) {
		hours := []int{4, 2, 5, 1, 3}
		for _, h := range hours {
			c.add(c.inHours(h), WithLimitedRuns(1))
		}
		c.s.Start()
		c.advance(5)
		c.reachesStarted(1)
		for waiting := 1; waiting < 5; waiting++ {
			c.advance(5 - waiting)
			c.reachesWaiting(waiting)
		}
		for gone := 1; gone < 5; gone++ {
			c.letGo(1)
			c.reachesStarted(gone + 1)
			c.reachesListed(5 - gone)
		}
		require.Equal(c, []int{3, 1, 4, 0, 2}, c.started())
		c.ran(0, repeated(1, 5)...)
	})
	for _, limit := range []uint{1, 4} {
		limit := limit
		for _, runs := range []int{2, 3} {
			runs := runs
			name := fmt.Sprintf("limit %d/times pass while the queue stands/WithLimitedRuns(%d)", limit, runs)
			runOneTimeTrial(t, name, true, limit, LimitModeWait, func(c *oneTimeTrial) {
				for i := 0; i < 10; i++ {
					c.add(c.inHours(1, 2, 3), WithLimitedRuns(uint(runs)))
				}
				c.s.Start()
				for due := 1; due <= runs; due++ {
					c.advance(10)
					c.reachesWaiting(10*due - int(limit))
				}
				c.clock.Advance(time.Hour)
				c.reachesListed(10)
				c.letAllGo()
				c.reachesFinished(10 * runs)
				c.ran(0, repeated(runs, 10)...)
			})
		}
	}
	runOneTimeTrial(t, "added by the task before it", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.letAllGo()
		const links = 10
		done := make(chan struct{}, 2*links)
		var link func(left int) error
		link = func(left int) error {
			defer func() { done <- struct{}{} }()
			if left == 1 {
				return nil
			}
			_, err := c.s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(link, left-1), WithLimitedRuns(1))
			return err
		}
		c.s.Start()
		_, err := c.s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(link, links), WithLimitedRuns(1))
		require.NoError(c, err)
		c.reaches(links, "links of the chain that ran", func() int { return len(done) })
		c.flush()
		c.reachesListed(0)
		require.Len(c, done, links)
	})
}

func TestRegressionOneTimeBesidePeriodic(t *testing.T) {
	runOneTimeTrial(t, "limit 1", true, 1, LimitModeWait, func(c *oneTimeTrial) {
		periodic := c.add(DurationJob(time.Hour))
		c.s.Start()
		c.advance(1)
		c.reachesStarted(1)
		c.advance(1)
		c.reachesWaiting(1) // it overruns
		a, b := c.addImmediate(WithLimitedRuns(1)), c.addImmediate(WithLimitedRuns(1))
		c.reachesWaiting(3)
		c.advance(1)
		c.reachesWaiting(4)
		for gone := 1; gone < 5; gone++ {
			c.letGo(1)
			c.reachesStarted(gone + 1)
			c.reachesWaiting(4 - gone)
		}
		require.Equal(c, []int{periodic, periodic, a, b, periodic}, c.started())
		c.reachesListed(1)
		c.ran(1, 3, 1, 1)
	})
	runOneTimeTrial(t, "limit 4", true, 4, LimitModeWait, func(c *oneTimeTrial) {
		const periodic, oneTime, times = 5, 10, 3
		for i := 0; i < periodic; i++ {
			c.add(DurationJob(time.Hour))
		}
		c.s.Start()
		for i := 0; i < oneTime; i++ {
			c.add(c.inHours(1), WithLimitedRuns(1))
		}
		c.advance(periodic + oneTime)
		c.reachesStarted(4)
		c.reachesWaiting(periodic + oneTime - 4)
		for i := 1; i < times; i++ {
			c.advance(periodic)
			c.reachesWaiting(periodic + oneTime - 4 + periodic*i)
		}
		c.reachesListed(periodic + oneTime)
		c.letAllGo()
		c.reachesFinished(periodic*times + oneTime)
		c.ran(periodic, append(repeated(times, periodic), repeated(1, oneTime)...)...)
	})
}

func TestRegressionOneTimeSingleton(t *testing.T) {
	for _, mode := range []LimitMode{LimitModeReschedule, LimitModeWait} {
		for _, singleton := range []LimitMode{LimitModeReschedule, LimitModeWait} {
			for _, limit := range []int{1, 4} {
				name := fmt.Sprintf("limit %d/limit mode %d/singleton mode %d/", limit, mode, singleton)
				testOneTimeOverlap(t, name+"times overlap", limit, mode, singleton)
				testOneTimeMany(t, name+"10 jobs", limit, mode, singleton)
			}
		}
	}
}

// testOneTimeOverlap lets a second and third time of a singleton job pass while
// the first run goes on, and the fourth when that is over.
func testOneTimeOverlap(t *testing.T, name string, limit int, mode, singleton LimitMode) {
	runOneTimeTrial(t, name, true, uint(limit), mode, func(c *oneTimeTrial) {
		runs, waiting := 2, 0 // the second and the third are skipped
		if singleton == LimitModeWait {
			runs = 4
			if mode == LimitModeWait {
				waiting = 2
			}
		}
		c.add(c.inHours(1, 2, 3, 4), WithSingletonMode(singleton), WithLimitedRuns(uint(runs)))
		c.s.Start()
		c.advance(1)
		c.reachesStarted(1)
		c.advance(1)
		c.advance(1)
		require.NoError(c, c.clock.BlockUntilContext(c.ctx, 1), "the job has a fourth time")
		c.reachesWaiting(waiting)
		c.reachesListed(1)
		require.Len(c, c.started(), 1, "a singleton job overlaps")
		c.letAllGo()
		c.reachesFinished(runs - 1)
		c.reachesWaiting(0)
		c.reachesListed(1)
		c.advance(1)
		c.reachesFinished(runs)
		c.ran(0, runs)
		require.Equal(c, 1, c.most, "a singleton job overlaps")
	})
}

// testOneTimeMany adds ten singleton jobs, which do not get in each other's way.
func testOneTimeMany(t *testing.T, name string, limit int, mode, singleton LimitMode) {
	runOneTimeTrial(t, name, false, uint(limit), mode, func(c *oneTimeTrial) {
		c.s.Start()
		for i := 0; i < 10; i++ {
			c.addImmediate(WithSingletonMode(singleton), WithLimitedRuns(1))
			c.reachesStarted(min(i+1, limit))
		}
		if mode == LimitModeWait {
			c.reachesListed(10)
			c.reachesWaiting(10 - limit)
			c.letAllGo()
			c.reachesFinished(10)
			c.ran(0, repeated(1, 10)...)
			return
		}
		require.Zero(c, c.s.JobsWaitingInQueue())
		c.letAllGo()
		c.reachesFinished(limit)
		c.ran(0, append(repeated(1, limit), repeated(0, 10-limit)...)...)
	})
}

// blocker starts the scheduler and a job that takes the only slot. It returns
// the number of the job.
func (c *oneTimeTrial) blocker() int {
	c.s.Start()
	number := c.addImmediate(WithLimitedRuns(1))
	c.reachesStarted(1)
	return number
}

func TestRegressionOneTimeRunNow(t *testing.T) {
	cases := []struct {
		limitedRuns uint // 0: no limit
		runNows     int
		runs        int
	}{
		{limitedRuns: 1, runNows: 1, runs: 1},
		{limitedRuns: 1, runNows: 3, runs: 1},
		{limitedRuns: 2, runNows: 1, runs: 2},
		{limitedRuns: 2, runNows: 3, runs: 2},
		{limitedRuns: 0, runNows: 3, runs: 4},
	}
	for _, tc := range cases {
		tc := tc
		name := fmt.Sprintf("while queued/%d calls/limited to %d", tc.runNows, tc.limitedRuns)
		runOneTimeTrial(t, name, false, 1, LimitModeWait, func(c *oneTimeTrial) {
			c.blocker()
			a := c.addImmediate(limitedIf(tc.limitedRuns > 0, tc.limitedRuns)...)
			c.reachesWaiting(1)
			for i := 0; i < tc.runNows; i++ {
				require.NoError(c, c.jobs[a].RunNow())
			}
			c.reachesWaiting(tc.runs)
			c.letAllGo()
			c.reachesFinished(1 + tc.runs)
			listed := 0
			if tc.limitedRuns == 0 {
				listed = 1
			}
			c.ran(listed, 1, tc.runs)
		})
	}
	runOneTimeTrial(t, "while running", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		a := c.blocker()
		require.NoError(c, c.jobs[a].RunNow())
		c.flush()
		c.ran(0, 1)
	})
	runOneTimeTrial(t, "before Start", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		a := c.addImmediate(WithLimitedRuns(1))
		require.ErrorIs(c, c.jobs[a].RunNow(), ErrJobRunNowFailed)
		c.s.Start()
		c.reachesStarted(1)
		c.ran(0, 1)
	})
}

func TestRegressionOneTimeRemoval(t *testing.T) {
	runOneTimeTrial(t, "of a queued job", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.blocker()
		a, _ := c.addImmediate(WithLimitedRuns(1)), c.addImmediate(WithLimitedRuns(1))
		c.reachesWaiting(2)
		require.NoError(c, c.s.RemoveJob(c.jobs[a].ID()))
		c.reachesWaiting(1)
		c.reachesListed(2)
		c.letAllGo()
		c.reachesFinished(2)
		c.ran(0, 1, 0, 1)
	})
	runOneTimeTrial(t, "of half the queue", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.blocker()
		for i := 0; i < 5; i++ {
			c.addImmediate(WithTags("keep"), WithLimitedRuns(1))
			c.addImmediate(WithTags("drop"), WithLimitedRuns(1))
		}
		c.reachesWaiting(10)
		c.s.RemoveByTags("drop")
		c.reachesWaiting(5)
		c.reachesListed(6)
		c.letAllGo()
		c.reachesFinished(6)
		require.Equal(c, []int{0, 1, 3, 5, 7, 9}, c.started())
		c.ran(0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0)
	})
	runOneTimeTrial(t, "of a running job", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		a := c.blocker()
		c.addImmediate(WithLimitedRuns(1))
		c.reachesWaiting(1)
		require.NoError(c, c.s.RemoveJob(c.jobs[a].ID()))
		c.reachesCancelled(1)
		c.reachesWaiting(1) // it keeps its slot
		c.reachesListed(1)
		c.letAllGo()
		c.reachesFinished(2)
		c.ran(0, 1, 1)
	})
}

// inBackground calls something that waits for tasks.
func (c *oneTimeTrial) inBackground(f func() error) <-chan error {
	result := make(chan error, 1)
	go func() { result <- f() }()
	return result
}

func (c *oneTimeTrial) succeeds(result <-chan error) {
	select {
	case err := <-result:
		require.NoError(c, err)
	case <-c.ctx.Done():
		require.Fail(c, "it waits for nothing")
	}
}

func TestRegressionOneTimeStopAndStart(t *testing.T) {
	for _, limit := range []int{1, 4} {
		for _, limited := range []bool{false, true} {
			name := fmt.Sprintf("limit %d/limited %t/", limit, limited)
			testOneTimeHalfDrained(t, name+"immediately", limit, limited, false)
			testOneTimeHalfDrained(t, name+"at a time", limit, limited, true)
			testOneTimeOutlivesStop(t, name+"tasks outlive the stop", limit, limited)
		}
	}
	runOneTimeTrial(t, "a time that passes during the stop", true, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.letAllGo()
		c.add(c.inHours(1))
		ahead := c.add(c.inHours(2), WithLimitedRuns(1))
		c.s.Start()
		require.NoError(c, c.s.StopJobs())
		c.clock.Advance(time.Hour + 1)
		c.s.Start()
		c.reachesListed(1) // Start found the other exhausted
		c.advance(1)
		c.reachesStarted(1)
		require.Equal(c, []int{ahead}, c.started())
		c.ran(0, 0, 1)
	})
	runOneTimeTrial(t, "a time that passes before Start", true, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.letAllGo()
		c.add(c.inHours(1))
		c.add(c.inHours(2), WithLimitedRuns(1))
		c.clock.Advance(time.Hour + 1)
		c.s.Start()
		c.reachesListed(1) // Start found the other exhausted
		c.advance(1)
		c.reachesStarted(1)
		c.ran(0, 0, 1)
	})
}

// halfDrained takes ten jobs through the queue until three have finished.
func (c *oneTimeTrial) halfDrained(limit int, limited, atTime bool) {
	for i := 0; i < 10; i++ {
		if atTime {
			c.add(c.inHours(1), limitedIf(limited, 1)...)
		} else {
			c.addImmediate(limitedIf(limited, 1)...)
		}
	}
	c.s.Start()
	if atTime {
		c.advance(10)
	}
	c.reachesStarted(limit)
	for gone := 1; gone <= 3; gone++ {
		c.letGo(1)
		c.reachesStarted(limit + gone)
		c.reachesFinished(gone)
	}
	c.reachesWaiting(7 - limit)
}

func testOneTimeHalfDrained(t *testing.T, name string, limit int, limited, atTime bool) {
	runOneTimeTrial(t, name, atTime, uint(limit), LimitModeWait, func(c *oneTimeTrial) {
		c.halfDrained(limit, limited, atTime)
		listed, left := 10, 7-limit
		if limited {
			listed, left = 7-limit, 0
		}
		stopped := c.inBackground(c.s.StopJobs)
		c.reachesCancelled(limit)
		c.letAllGo()
		c.succeeds(stopped)
		c.nothingWaits()
		require.Len(c, c.started(), 3+limit, "a task started after the stop")
		c.reachesListed(listed)

		c.hold()
		c.s.Start() // finds those exhausted that have run
		listed = 7 - limit
		c.reachesStarted(min(10, 3+2*limit))
		c.reachesWaiting(max(0, 7-2*limit))
		c.reachesListed(listed)
		c.letAllGo()
		c.reachesFinished(10)
		c.ran(left, repeated(1, 10)...)
	})
}

// testOneTimeOutlivesStop starts the scheduler again while tasks from before
// the stop still run: they keep their slots.
func testOneTimeOutlivesStop(t *testing.T, name string, limit int, limited bool) {
	runOneTimeTrial(t, name, false, uint(limit), LimitModeWait, func(c *oneTimeTrial) {
		c.halfDrained(limit, limited, false)
		ended, end := context.WithCancel(context.Background())
		end()
		require.ErrorIs(c, c.s.StopJobsWithContext(ended), context.Canceled)
		c.reachesCancelled(limit)
		c.nothingWaits()
		c.s.Start()
		c.reachesWaiting(7 - limit)
		require.Len(c, c.started(), 3+limit, "a task started though no slot is free")
		left := 7
		if limited {
			left = 0
		}
		c.reachesListed(7) // Start found those exhausted that have run
		c.letAllGo()
		c.reachesFinished(10)
		c.ran(left, repeated(1, 10)...)
	})
}

func TestRegressionOneTimeShutdown(t *testing.T) {
	for _, limit := range []int{1, 4, 64} {
		limit := limit
		for _, jobs := range []int{100, 2_000} {
			jobs := jobs
			name := fmt.Sprintf("limit %d/%d jobs", limit, jobs)
			runOneTimeTrial(t, name, false, uint(limit), LimitModeWait, func(c *oneTimeTrial) {
				c.s.Start()
				for i := 0; i < jobs; i++ {
					c.addImmediate(WithLimitedRuns(1))
				}
				c.reachesStarted(limit)
				c.reachesWaiting(jobs - limit)
				down := c.inBackground(c.s.Shutdown)
				c.reachesCancelled(limit)
				c.letAllGo()
				c.succeeds(down)
				c.nothingWaits()
				require.Empty(c, c.s.Jobs())
				require.Len(c, c.started(), limit, "only what was running at the shutdown has run")
				c.reachesFinished(limit)
			})
		}
	}
}

func TestRegressionOneTimeUpdate(t *testing.T) {
	for _, singleton := range []bool{false, true} {
		var options []JobOption
		if singleton {
			options = []JobOption{WithSingletonMode(LimitModeWait)}
		}
		testOneTimeUpdates(t, fmt.Sprintf("singleton %t/", singleton), append(options, WithLimitedRuns(1)))
	}
}

func testOneTimeUpdates(t *testing.T, name string, options []JobOption) {
	// update replaces a job and returns the number of its replacement.
	update := func(c *oneTimeTrial, old int) int {
		number := len(c.jobs)
		j, err := c.s.Update(c.jobs[old].ID(), OneTimeJob(OneTimeJobStartImmediately()), c.task(number), options...)
		require.NoError(c, err)
		require.Equal(c, c.jobs[old].ID(), j.ID())
		c.jobs = append(c.jobs, j)
		return number
	}
	runOneTimeTrial(t, name+"of a queued job", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.blocker()
		old, _ := c.addImmediate(options...), c.addImmediate(options...)
		c.reachesWaiting(2)
		update(c, old)
		c.reachesWaiting(2)
		c.reachesListed(3)
		c.letAllGo()
		c.reachesFinished(3)
		c.ran(0, 1, 0, 1, 1)
	})
	runOneTimeTrial(t, name+"of a running job", false, 2, LimitModeWait, func(c *oneTimeTrial) {
		c.s.Start()
		old := c.addImmediate(options...)
		c.reachesStarted(1)
		update(c, old)
		c.reachesListed(1)
		c.reachesCancelled(1)
		c.letAllGo()
		c.reachesFinished(2)
		c.ran(0, 1, 1)
	})
	runOneTimeTrial(t, name+"that is refused", false, 1, LimitModeWait, func(c *oneTimeTrial) {
		c.blocker()
		queued := c.addImmediate(options...)
		c.reachesWaiting(1)
		_, err := c.s.Update(c.jobs[queued].ID(), OneTimeJob(OneTimeJobStartImmediately()), nil)
		require.ErrorIs(c, err, ErrNewJobTaskNil)
		c.reachesWaiting(1)
		c.reachesListed(2)
		c.letAllGo()
		c.reachesFinished(2)
		c.ran(0, 1, 1)
	})
}
