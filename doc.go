// Package gocron runs jobs in a Go program: at intervals, by crontab, daily, weekly, monthly, at
// given times, when a schedule of yours says, or when asked to. It has the API of
// github.com/go-co-op/gocron/v2, at the level of v2.22.0, and can take its place.
//
//	s, err := gocron.NewScheduler()
//	if err != nil {
//		return err
//	}
//	defer s.Shutdown()
//	_, err = s.NewJob(
//		gocron.DurationJob(10*time.Second),
//		gocron.NewTask(func(ctx context.Context) error { return check(ctx) }),
//	)
//	if err != nil {
//		return err
//	}
//	s.Start()
//
// # What is promised
//
// Every occurrence of a job that falls due, and every RunNow, becomes one run. A run is performed,
// or skipped or dropped by a rule named below; it is never lost, never doubled, and never counted
// before it has happened. Waiting costs no CPU and no goroutine.
//
// # Jobs and runs
//
// A job is added by NewJob, before or after Start. It stays in the scheduler until it is removed,
// until the last of its WithLimitedRuns has finished, or until no run is left before its stop time
// (WithStopAt). A one-time job stays, without a next run, until one of these ends it or a later
// Start finds nothing left for it to do; WithRemoveWhenFinished makes it leave at once.
//
// A run goes through these steps, on a goroutine of its own and with nothing locked:
//
//  1. the Elector or the Locker is asked;
//  2. BeforeJobRuns, then SchedulerMonitor.JobStarted and JobSchedulingDelay;
//  3. BeforeJobRunsSkipIfBeforeFuncErrors, which may refuse the run;
//  4. the run has begun, IsRunning is true: SchedulerMonitor.JobRunning, then the
//     task;
//  5. AfterJobRuns, or AfterJobRunsWithPanic and AfterJobRunsWithError;
//  6. Monitor and MonitorStatus, then JobCompleted or JobFailed, and
//     JobExecutionTime;
//  7. the lock is released, the run is counted, and what waited for it starts.
//
// Before each of the first three steps, and when it begins, a run is checked: it does not start if
// the scheduler was stopped, the job was removed, cancelled or paused, or its stop time has passed
// more than a second ago. After that its context ends, and nothing else. A job that is replaced is
// no reason: the run goes on with its task.
//
// A panic in a task ends the program, unless the job has WithRecover or an AfterJobRunsWithPanic
// listener. A task that calls runtime.Goexit has failed.
//
// # What became of every run
//
// A run ends in exactly one Outcome: it has succeeded, failed, panicked, timed out or was
// cancelled; or it was not performed, for one of eight reasons. RunInfo is what is known of a run:
// WithHooks hands it to functions of yours when the run is due, queued, started and finished, and
// LogRuns makes such that log it; WithHistory keeps those of the last runs of each job;
// RunFromContext finds it inside a task, and JobFromContext the job.
//
// A Controller (NewController) says more of a scheduler than its interface can, and steers it:
// Watch calls a function of yours as hooks do, Snapshot has what a page about it shows, Stats
// counts the outcomes, Explain tells why a job is not running now, Pause and Resume, RunAndWait,
// Wait, Cancel and SetLimit do what their names say. A program that uses none of this pays nothing
// for it.
//
// # Policies for a run
//
// These job options may be given for all jobs by WithGlobalJobOptions. WithTimeout bounds a task by
// its context, WithRetry tries again a run that has failed and waits for that without holding
// anything, WithRecover turns a panic into a *PanicError, and WithMiddleware puts functions around
// the task.
//
// # Limits
//
// WithLimitConcurrentJobs limits the runs in progress over all jobs, WithSingletonMode those of one
// job to one. In LimitModeReschedule a run that cannot start is skipped, and the job waits for its
// next time. In LimitModeWait it waits, first in, first out among the runs that their own job lets
// start; a run that waits for an earlier one of its job takes no slot.
//
// WithLimitedRuns(n) lets at most n tasks of a job start. A run that is due or asked for takes one
// of the n at once, and gives it back if it is skipped or dropped. RunNow respects all limits.
//
// WithPool makes a pool with a limit of its own, for the jobs that InPool puts in it: they do not
// wait for others, nor others for them. WithQueueLimit bounds how many runs may wait; what finds no
// room is dropped. WithSingletonMode has two more modes: LimitModeQueueOne lets a single run wait,
// LimitModeReplace cancels the one in progress in favour of the new one.
//
// # Time
//
// Jobs live in the scheduler's location (WithLocation) or in their own (WithJobLocation); a daily,
// weekly or monthly job without one that has a start time lives in the location of that. A start
// time is itself a run. Intervals are kept: the k-th run is due k intervals after the start,
// however long the runs take, unless WithIntervalFromCompletion is given.
//
// Daily, weekly and monthly jobs with an interval above one count what is left of the current day,
// week (from Sunday, or WithWeeksFromMonday) or month first, then every n-th. Which days, weeks or
// months count is chosen with WithStartDateTimePast. Months that do not have a day are skipped.
//
// When clocks go forward, a wall time that does not exist is an hour later for daily, weekly and
// monthly jobs (02:30 runs at 03:30), and is skipped by cron jobs; WithDaylightSavingsTimePolicy
// changes that. When clocks go back, a wall time that comes twice runs the first time, unless
// WithDaylightSavingsTimeOverlap says the second or both; "@every", crontabs that match every hour,
// and those whose minute field is * or */n go on in real time.
//
// # Missed runs
//
// A run that was due while the machine slept, or over which the clock was set, is performed once,
// late; then the job goes on with its first future time. What was due while the scheduler was
// stopped does not run, except for the times of OneTimeJobStartDateTimesOrNow. All instants of a
// one-time job that pass while the scheduler runs are performed. A gap in which times of a job
// passed is one record with OutcomeMissed.
//
// Calendar times, one-time instants, start and stop times are due when the wall clock shows them,
// intervals and retries by the monotonic clock, to which the time that a machine slept is added.
// After a sleep or a clock step it takes up to a minute until the scheduler looks at the clock.
//
// # Stopping
//
// StopJobs lets no further run start, ends the contexts of all jobs, drops what waits, and waits
// for the runs in progress up to the stop timeout. Runs that take longer go on, and keep their
// place in the limits. Start resumes: jobs keep their phase, except that a job with
// WithStartImmediately runs at once and begins a new one. A one-time run that was dropped from the
// queue runs then; one whose time passed meanwhile does not.
//
// With WithDrain a stop lets waiting runs finish first, as far as its timeout allows, and returns a
// *StopError that lists what it had to cut off.
//
// Shutdown is StopJobs for good. A stop may be called from inside a task: it then times out on that
// run.
//
// # Distribution
//
// With a Locker that is a Claimer each occurrence is run by one node of a cluster: the first that
// claims the job's name and the time at which it was due, when its run is about to start. The
// others skip it. WithName is then needed, and intervals count from a start time or the Unix epoch.
// ClaimerFrom makes one of an adapter's method; those for PostgreSQL, Redis and etcd are modules of
// their own, in distributed/.
//
// With any other Locker the nodes obtain the job's lock for each run and release it afterwards.
// This keeps runs of a job from overlapping. It does not keep a node whose clock is behind from
// running the same occurrence again after the first has released the lock. LockerFrom makes one of
// any method that obtains a lock.
//
// With an Elector only the leader runs jobs, or with WithDistributedJobElector only that job.
// Beside it a plain locker is not asked, a Claimer is. When the engine behind them cannot be asked
// a run is skipped, unless WithEngineDown says otherwise. A run's context ends when its lock is
// lost (LeasedLock) or its leader's term is over (TermElector), and RunInfo has its fencing token.
//
// # Testing
//
// WithClock takes a fake clock of github.com/jonboulle/clockwork. Each scheduled job then has one
// waiter on it. Under testing/synctest the scheduler works as it does in real time; in Go modules
// with a go line before 1.23 synctest needs //go:debug asynctimerchan=0 in the test's package.
package gocron
