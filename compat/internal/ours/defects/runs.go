package defects

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

var runs = []Repro{
	{"8a", "WithLimitedRuns(2), runs that overlap", limitedOverlap},
	{"8b", "WithLimitedRuns(1), five RunNow calls", limitedRunNow},
	{"8c", "WithLimitedRuns(2), runs that queue up under a limit", limitedQueue},
	{"8d", "WithLimitedRuns(2), a singleton's runs that wait", limitedSingleton},
	{"9", "singleton in wait mode under a limit of 2, asked to run five times", singletonUnderLimit},
	{"10a", "finished immediate one-time job, then StopJobs and Start", finishedThenRestart},
	{"10b", "WithLimitedRuns(1) job that was running at StopJobs, then Start", runningThenRestart},
	{"11", "task `func(...int)` given three values", variadic},
	{"12", "the first runs of a singleton, three RunNow calls each", singletonFirstRuns},
	{"13", "jobs left after an Update that is refused", refusedUpdate},
	{"14", "second, hourly job with the id of a 50 ms job", sameIdentifier},
	{"15", "immediate job, Start called by eight goroutines at once", concurrentStart},
	{"16a", "WithLimitedRuns(2), first run skipped by the before-listener", skipUsesLimit},
	{"16b", "LastRunStartedAt after a run that the before-listener skipped", skipSetsLastRun},
}

// WithLimitedRuns(n): at most n tasks start, whatever overlaps.
func limitedOverlap() (string, bool) {
	var n counter
	s := started()
	must(s.NewJob(gocron.DurationJob(20*ms), lasting(&n, 200*ms), gocron.WithLimitedRuns(2)))
	time.Sleep(600 * ms)
	return runsOf(&n, 2)
}

// WithLimitedRuns(n): at most n tasks start, RunNow included.
func limitedRunNow() (string, bool) {
	var n counter
	s := started()
	j := must(s.NewJob(far, lasting(&n, 100*ms), gocron.WithLimitedRuns(1)))
	for i := 0; i < 5; i++ {
		_ = j.RunNow()
	}
	time.Sleep(400 * ms)
	return runsOf(&n, 1)
}

// WithLimitedRuns(n): at most n tasks start, whatever queues up.
func limitedQueue() (string, bool) {
	var n counter
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	must(s.NewJob(gocron.DurationJob(20*ms), lasting(&n, 100*ms), gocron.WithLimitedRuns(2)))
	time.Sleep(800 * ms)
	return runsOf(&n, 2)
}

// WithLimitedRuns(n): at most n tasks start, whatever queues up.
func limitedSingleton() (string, bool) {
	var n counter
	s := started()
	must(s.NewJob(gocron.DurationJob(20*ms), lasting(&n, 100*ms),
		gocron.WithLimitedRuns(2), gocron.WithSingletonMode(gocron.LimitModeWait)))
	time.Sleep(800 * ms)
	return runsOf(&n, 2)
}

// A singleton in wait mode loses no run, under any limit.
func singletonUnderLimit() (string, bool) {
	var n counter
	s := started(gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
	j := must(s.NewJob(far, lasting(&n, 50*ms), gocron.WithSingletonMode(gocron.LimitModeWait)))
	for i := 0; i < 5; i++ {
		check(j.RunNow())
	}
	time.Sleep(600 * ms)
	return runsOf(&n, 5)
}

// A one-time instant that ran never runs again.
func finishedThenRestart() (string, bool) {
	var n counter
	s := started()
	must(s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), counting(&n)))
	time.Sleep(100 * ms)
	check(s.StopJobs())
	s.Start()
	time.Sleep(100 * ms)
	return runsOf(&n, 1)
}

// A one-time instant that was running at the stop never runs again.
func runningThenRestart() (string, bool) {
	const tries = 20
	again := 0
	for i := 0; i < tries; i++ {
		n := new(counter)
		s := started()
		must(s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), lasting(n, 50*ms), gocron.WithLimitedRuns(1)))
		time.Sleep(25 * ms)
		check(s.StopJobs())
		s.Start()
		time.Sleep(50 * ms)
		if n.Load() > 1 {
			again++
		}
	}
	return fmt.Sprintf("runs again in %d of %d", again, tries), again == 0
}

// Nothing that NewJob accepts can be silently not called.
func variadic() (string, bool) {
	var n counter
	s := started()
	j := must(s.NewJob(far, gocron.NewTask(func(numbers ...int) { n.Add(int32(len(numbers))) }, 1, 2, 3)))
	check(j.RunNow())
	time.Sleep(100 * ms)
	if n.Load() == 0 {
		return "accepted, never called", false
	}
	return fmt.Sprintf("called with %d values", n.Load()), n.Load() == 3
}

// Runs of a singleton never overlap, the first ones included.
func singletonFirstRuns() (string, bool) {
	const jobs = 5000
	var overlaps counter
	s := started()
	for i := 0; i < jobs; i++ {
		var running counter
		task := gocron.NewTask(func() {
			if running.Add(1) == 2 {
				overlaps.Add(1)
			}
			time.Sleep(2 * ms)
			running.Add(-1)
		})
		j := must(s.NewJob(far, task, gocron.WithSingletonMode(gocron.LimitModeReschedule)))
		go j.RunNow()
		go j.RunNow()
		check(j.RunNow())
	}
	time.Sleep(100 * ms)
	return fmt.Sprintf("%s in %d jobs", plural(int(overlaps.Load()), "overlap"), jobs), overlaps.Load() == 0
}

// If anything about an Update is refused, the old job goes on untouched.
func refusedUpdate() (string, bool) {
	s := started()
	j := must(s.NewJob(far, nop))
	_, err := s.Update(j.ID(), gocron.DurationJob(0), nop)
	n := len(s.Jobs())
	return plural(n, "job") + " left", n == 1 && errors.Is(err, gocron.ErrDurationJobIntervalZero)
}

// A second job with an id in use replaces the first, its schedule included.
func sameIdentifier() (string, bool) {
	var n counter
	s := started()
	id := uuid.New()
	must(s.NewJob(gocron.DurationJob(50*ms), nop, gocron.WithIdentifier(id)))
	must(s.NewJob(far, counting(&n), gocron.WithIdentifier(id)))
	time.Sleep(300 * ms)
	return plural(int(n.Load()), "run") + " in 300 ms", n.Load() == 0
}

// slow is a logger that takes its time.
type slow struct{}

func (slow) Debug(string, ...any) { time.Sleep(ms) }
func (slow) Info(string, ...any)  { time.Sleep(ms) }
func (slow) Warn(string, ...any)  { time.Sleep(ms) }
func (slow) Error(string, ...any) { time.Sleep(ms) }

// Concurrent Starts start once.
func concurrentStart() (string, bool) {
	const tries = 20
	doubled := 0
	for i := 0; i < tries; i++ {
		n := new(counter)
		s := must(gocron.NewScheduler(gocron.WithLogger(slow{})))
		must(s.NewJob(far, counting(n), gocron.WithStartAt(gocron.WithStartImmediately())))
		for i := 0; i < 8; i++ {
			go s.Start()
		}
		time.Sleep(100 * ms)
		if n.Load() != 1 {
			doubled++
		}
	}
	return fmt.Sprintf("not one run in %d of %d", doubled, tries), doubled == 0
}

// A skipped attempt does not use up a limited run.
func skipUsesLimit() (string, bool) {
	var n, asked counter
	s := started()
	must(s.NewJob(gocron.DurationJob(50*ms), counting(&n), gocron.WithLimitedRuns(2), skipping(&asked, 1)))
	time.Sleep(400 * ms)
	return runsOf(&n, 2)
}

// A skipped attempt is no last run.
func skipSetsLastRun() (string, bool) {
	var asked counter
	s := started()
	j := must(s.NewJob(far, nop, skipping(&asked, 1)))
	check(j.RunNow())
	time.Sleep(100 * ms)
	last := must(j.LastRunStartedAt())
	if last.IsZero() {
		return "zero", true
	}
	return "the time of the skip", false
}

// skipping skips a job's first n runs.
func skipping(asked *counter, n int32) gocron.JobOption {
	return gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error {
		if asked.Add(1) <= n {
			return errors.New("not now")
		}
		return nil
	}))
}
