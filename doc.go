// Package gocron runs jobs in a Go program: at intervals, by crontab, daily, weekly, monthly, at
// given times, when a schedule of yours says, or when you ask. It has the API of
// github.com/go-co-op/gocron/v2, at the level of v2.22.0, and can replace it.
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
// Every job runs when it is due, exactly once, and you can see what happened to every run. An
// occurrence of a job that is due, and every RunNow, is one run. The scheduler runs it, or skips or
// drops it by a rule named below. It loses no run, makes none twice, and counts a run when it has
// finished. Waiting costs no CPU and no goroutine.
//
// # Jobs and runs
//
// NewJob adds a job, before or after Start. The job stays in the scheduler until it is removed,
// until the last of its WithLimitedRuns has finished, or until no run is left before its stop time
// (WithStopAt). A one-time job stays, without a next run, until one of these ends it or a later
// Start finds nothing left for it to do. With WithRemoveWhenFinished it leaves at once.
//
// A run goes through these steps, on its own goroutine and with no lock held:
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
// The scheduler checks a run before each of the first three steps, and when it begins. The run does
// not start if the scheduler was stopped, if the job was removed, cancelled or paused, or if its
// stop time passed more than a second ago. Once the run has begun, these only end its context. If
// the job is replaced, the run goes on with the old task.
//
// A panic in a task ends the program, unless the job has WithRecover or an AfterJobRunsWithPanic
// listener. A task that calls runtime.Goexit has failed.
//
// # Run outcomes
//
// A run has exactly one Outcome. If its task was called it has succeeded, failed, panicked, timed
// out, was cancelled or interrupted. Otherwise the outcome is the reason for which it did not
// start. RunInfo is what is known of a run. WithHooks passes it to functions of yours when the run
// is due, queued, started and finished; LogRuns makes hooks that log. WithHistory keeps the last
// runs of each job. In a task, RunFromContext returns it, and JobFromContext returns the job.
//
// A Controller (NewController) observes and steers a scheduler. Stats counts the outcomes, Watch
// calls a function as hooks do, Snapshot has what a page about the scheduler shows, Explain says
// why a job is not running now, and Pause, Resume, RunAndWait, Wait, Cancel and SetLimit do
// what their names say. A program that uses none of this pays nothing for it.
//
// # Policies for a run
//
// These are options of a job, or of all jobs with WithGlobalJobOptions. WithTimeout ends the
// context of a task that takes too long. WithRetry tries a failed run again; while it waits it uses
// no slot. WithRecover turns a panic into a *PanicError. WithMiddleware puts functions around the
// task.
//
// # Limits
//
// WithLimitConcurrentJobs limits how many runs are in progress at once over all jobs,
// WithSingletonMode allows one for the job. With LimitModeReschedule the scheduler skips a run that
// cannot start, and the job waits for its next time. With LimitModeWait the run waits, first in,
// first out. A run that waits for an earlier run of its job takes no slot.
//
// WithLimitedRuns(n) lets at most n tasks of a job start. A run that is due or asked for takes one
// of the n at once, and gives it back if it is skipped or dropped. RunNow respects all limits.
//
// WithPool makes a pool with its own limit, for the jobs that InPool puts in it. Jobs in a pool do
// not wait for other jobs. WithQueueLimit limits how many runs may wait; a run that finds no room
// is dropped. WithSingletonMode has two more modes: LimitModeQueueOne lets a single run wait, and
// LimitModeReplace cancels the run in progress in favour of the new one.
//
// # Time
//
// A job uses the scheduler's time zone (WithLocation) or its own (WithJobLocation). A daily, weekly
// or monthly job with a start time and without WithJobLocation uses the zone of its start time. A
// start time is itself a run. Intervals are kept: the k-th run is due k intervals after the start,
// however long runs take, unless the job has WithIntervalFromCompletion.
//
// Daily, weekly and monthly jobs with an interval above one count what is left of the current day,
// week (from Sunday, or WithWeeksFromMonday) or month first, then every n-th. WithStartDateTimePast
// chooses which days, weeks or months count. Months that do not have the day are skipped.
//
// When clocks go forward, daily, weekly and monthly jobs in the missing hour run at the shifted
// time (02:30 runs at 03:30), and cron jobs in that hour do not run. WithDaylightSavingsTimePolicy
// changes that. When clocks go back, a job due in the repeated hour runs once, the first time,
// unless WithDaylightSavingsTimeOverlap says the second time or both. "@every", crontabs that match
// every hour, and crontabs whose minute field is * or */n go on in real time.
//
// # Missed runs
//
// If a job was due while the machine slept, or at a time that a clock step passed over, it runs
// once, late, and then goes on with its first future time. What was due while the scheduler was
// stopped does not run, except for the times of OneTimeJobStartDateTimesOrNow. A one-time job runs
// for each of its times that pass while the scheduler runs. A gap in which times of a job passed is
// one record with OutcomeMissed.
//
// Calendar times, one-time instants, start and stop times are due when the wall clock shows them.
// Intervals and retries go by the monotonic clock, to which the time that a machine slept is added.
// After a sleep or a clock step it takes up to a minute until the scheduler looks at the clock.
//
// # Stopping
//
// StopJobs lets no further run start, ends the contexts of all jobs, drops the runs that wait, and
// waits for the runs in progress up to the stop timeout. Runs that take longer go on, and still
// count for the limits. Start resumes: jobs keep their phase, except that a job with
// WithStartImmediately runs at once and begins a new one. A one-time run that was dropped from the
// queue then runs. A one-time run whose time passed meanwhile does not.
//
// With WithDrain a stop first lets the waiting runs finish, as far as its timeout allows, and
// returns a *StopError that lists the runs that it had to cut off.
//
// Shutdown is StopJobs for good. If a task calls a stop, that waits for the task's own run and
// times out.
//
// # Several nodes
//
// With a Locker that is a Claimer each occurrence runs on one node: the first that claims the job's
// name and the time at which it was due, when its run is about to start. The other nodes skip it.
// Jobs then need WithName, and intervals count from a start time or the Unix epoch. ClaimerFrom
// makes a Claimer of an adapter's method. The adapters for PostgreSQL, Redis and etcd are separate
// modules in distributed/.
//
// With any other Locker the nodes obtain the job's lock for each run and release it afterwards.
// This keeps runs of a job from overlapping. A node whose clock is behind may run the same
// occurrence again after the first node has released the lock. LockerFrom makes a Locker of any
// method that obtains a lock.
//
// With an Elector only the leader runs jobs; with WithDistributedJobElector this holds for one job.
// The scheduler then asks a Claimer as well, but no other Locker. When the engine behind them
// cannot be asked the scheduler skips the run, unless WithEngineDown says otherwise. A run's
// context ends when its lock is lost (LeasedLock) or its leader's term is over (TermElector), and
// RunInfo has its fencing token.
//
// # Testing
//
// WithClock takes a fake clock of github.com/jonboulle/clockwork. Each scheduled job then has one
// waiter on it. Under testing/synctest the scheduler works as it does in real time. If the go line
// of your go.mod is below 1.23, synctest needs //go:debug asynctimerchan=0 in the test's package.
package gocron
