package defects

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

var states = []Repro{
	{"24a", "IsRunning, asked inside the task", isRunningInside},
	{"24b", "IsRunning, while an older run is still going", isRunningOlder},
	{"25", "LastRunStartedAt of a 300 ms task with WithIntervalFromCompletion", startedAt},
	{"26a", "NextRun while a singleton is busy", nextRunBusy},
	{"26b", "NextRun on an elector's follower", nextRunFollower},
	{"26c", "NextRun after StopJobs, a pause and Start", nextRunAfterPause},
	{"26d", "NextRun after the job's own context ended", nextRunCancelled},
	{"27a", "writing to the slice from NextRuns", nextRunsSlice},
	{"27b", "NextRuns(5) of a job with one instant left", nextRunsOneTime},
	{"28a", "LastRunCompletedAt under a fake clock", fakeCompletedAt},
	{"28b", "JobSchedulingDelay under a fake clock", fakeDelay},
	{"28c", "a fake clock put forward by ten intervals", fakeBurst},
	{"29a", "JobsWaitingInQueue with 1,399 runs waiting", queueLength},
	{"29b", "JobsWaitingInQueue after the waiting job was removed", queueOfRemoved},
}

// IsRunning is true inside the task.
func isRunningInside() (string, bool) {
	const tries = 40
	var wrong counter
	s := started()
	for i := 0; i < tries; i++ {
		made := make(chan gocron.Job, 1)
		done := make(chan struct{})
		j := must(s.NewJob(far, gocron.NewTask(func() {
			defer close(done)
			if !must((<-made).IsRunning()) {
				wrong.Add(1)
			}
		})))
		made <- j
		check(j.RunNow())
		<-done
	}
	return fmt.Sprintf("false in %d of %d", wrong.Load(), tries), wrong.Load() == 0
}

// IsRunning tells whether any run is being performed, overlapping ones included.
func isRunningOlder() (string, bool) {
	var n counter
	s := started()
	j := must(s.NewJob(far, gocron.NewTask(func() {
		if n.Add(1) == 1 {
			time.Sleep(300 * ms)
		}
	})))
	check(j.RunNow())
	time.Sleep(100 * ms)
	check(j.RunNow())
	time.Sleep(100 * ms)
	running := must(j.IsRunning())
	return fmt.Sprint(running), running
}

// LastRunStartedAt is when the latest run started.
func startedAt() (string, bool) {
	start := make(chan time.Time, 10)
	s := started()
	task := gocron.NewTask(func() { start <- time.Now(); time.Sleep(300 * ms) })
	j := must(s.NewJob(gocron.DurationJob(100*ms), task, gocron.WithIntervalFromCompletion(), gocron.WithLimitedRuns(2)))
	was := <-start
	time.Sleep(350 * ms)
	off := must(j.LastRunStartedAt()).Sub(was).Round(50 * ms)
	return fmt.Sprintf("%v off", off), off < 200*ms
}

// NextRun is never in the past while the scheduler runs: not after a skip.
func nextRunBusy() (string, bool) {
	s := started()
	j := must(s.NewJob(gocron.DurationJob(50*ms), lasting(new(counter), 500*ms), gocron.WithSingletonMode(gocron.LimitModeReschedule)))
	time.Sleep(380 * ms)
	return inFuture(j)
}

type follower struct{}

func (follower) IsLeader(context.Context) error { return errors.New("another one leads") }

// NextRun is never in the past while the scheduler runs: not on a follower.
func nextRunFollower() (string, bool) {
	s := started(gocron.WithDistributedElector(follower{}))
	j := must(s.NewJob(gocron.DurationJob(50*ms), nop))
	time.Sleep(380 * ms)
	return inFuture(j)
}

// NextRun is never in the past while the scheduler runs: not after a restart.
func nextRunAfterPause() (string, bool) {
	s := started()
	j := must(s.NewJob(gocron.DurationJob(200*ms), nop))
	time.Sleep(50 * ms)
	check(s.StopJobs())
	time.Sleep(500 * ms)
	s.Start()
	time.Sleep(20 * ms)
	return inFuture(j)
}

// A job whose own context has ended has no next run.
func nextRunCancelled() (string, bool) {
	s := started()
	ctx, cancel := context.WithCancel(context.Background())
	j := must(s.NewJob(gocron.DurationJob(50*ms), nop, gocron.WithContext(ctx)))
	time.Sleep(80 * ms)
	cancel()
	time.Sleep(300 * ms)
	next := must(j.NextRun())
	if next.IsZero() {
		return "zero", true
	}
	return inFuture(j)
}

func inFuture(j gocron.Job) (string, bool) {
	now := time.Now()
	next := must(j.NextRun())
	if next.Before(now) {
		return fmt.Sprintf("%v in the past", now.Sub(next).Round(10*ms)), false
	}
	return "in the future", true
}

// Slices handed out are copies.
func nextRunsSlice() (string, bool) {
	j := must(started().NewJob(far, nop))
	must(j.NextRuns(1))[0] = time.Unix(0, 0)
	next := must(j.NextRun())
	if next.Equal(time.Unix(0, 0)) {
		return "changes the job's next run", false
	}
	return "changes nothing", true
}

// NextRuns ends early at exhaustion.
func nextRunsOneTime() (string, bool) {
	next := must(must(started().NewJob(once(time.Hour), nop)).NextRuns(5))
	zero := 0
	for _, t := range next {
		if t.IsZero() {
			zero++
		}
	}
	return fmt.Sprintf("%s, %d zero", plural(len(next), "time"), zero), len(next) == 1
}

// An injected clock is the source of all reported times.
func fakeCompletedAt() (string, bool) {
	j := must(started(gocron.WithClock(clockAt("2001-02-03 04:05", time.UTC))).NewJob(far, nop))
	check(j.RunNow())
	time.Sleep(100 * ms)
	year := must(j.LastRunCompletedAt()).Year()
	return fmt.Sprintf("in the year %d for 2001", year), year == 2001
}

// An injected clock is the source of all reported delays.
func fakeDelay() (string, bool) {
	delay := make(chan time.Duration, 10)
	clock := clockAt("2001-02-03 04:05", time.UTC)
	s := started(gocron.WithClock(clock), gocron.WithSchedulerMonitor(monitor{delay: func(d time.Duration) { delay <- d }}))
	must(s.NewJob(far, nop))
	clock.Advance(time.Hour)
	d := <-delay
	return fmt.Sprintf("%.0f hours", d.Hours()), d < time.Hour
}

// A clock step costs one late run, then comes the first future time.
func fakeBurst() (string, bool) {
	const tries = 10
	var wrong, most int
	for i := 0; i < tries; i++ {
		n := new(counter)
		clock := clockwork.NewFakeClock()
		s := started(gocron.WithClock(clock))
		must(s.NewJob(gocron.DurationJob(time.Minute), counting(n)))
		clock.Advance(10 * time.Minute)
		time.Sleep(50 * ms)
		if n.Load() > 1 {
			wrong++
		}
		if int(n.Load()) > most {
			most = int(n.Load())
		}
	}
	return fmt.Sprintf("up to %s, more than 1 in %d of %d", plural(most, "run"), wrong, tries), wrong == 0
}

// The length of the queue is exact at any number.
func queueLength() (string, bool) {
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	j := must(s.NewJob(far, lasting(new(counter), time.Minute)))
	for i := 0; i < 1400; i++ {
		check(j.RunNow())
	}
	time.Sleep(100 * ms)
	n := s.JobsWaitingInQueue()
	return fmt.Sprint(n), n == 1399
}

// Removing a job removes its waiting runs.
func queueOfRemoved() (string, bool) {
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	check(must(s.NewJob(far, lasting(new(counter), time.Minute))).RunNow())
	time.Sleep(50 * ms)
	j := must(s.NewJob(far, nop))
	check(j.RunNow())
	time.Sleep(50 * ms)
	check(s.RemoveJob(j.ID()))
	n := s.JobsWaitingInQueue()
	return fmt.Sprint(n), n == 0
}
