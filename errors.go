package gocron

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NewJob and Update return these errors when they refuse a task.
var (
	ErrNewJobTaskNil                 = errors.New("gocron: NewJob: Task must not be nil")
	ErrNewJobTaskNotFunc             = errors.New("gocron: NewJob: Task.Function must be of kind reflect.Func")
	ErrNewJobWrongNumberOfParameters = errors.New("gocron: NewJob: Number of provided parameters does not match expected")
	ErrNewJobWrongTypeOfParameters   = errors.New("gocron: NewJob: Type of provided parameters does not match expected")
)

// NewJob and Update return these errors when they refuse a CronJob.
var (
	ErrCronJobInvalid = errors.New("gocron: CronJob: invalid crontab")
	ErrCronJobParse   = errors.New("gocron: CronJob: crontab parse failure")
)

// NewJob and Update return these errors when they refuse a DailyJob.
var (
	ErrDailyJobAtTimeNil      = errors.New("gocron: DailyJob: atTime within atTimes must not be nil")
	ErrDailyJobAtTimesNil     = errors.New("gocron: DailyJob: atTimes must not be nil")
	ErrDailyJobHours          = errors.New("gocron: DailyJob: atTimes hours must be between 0 and 23 inclusive")
	ErrDailyJobZeroInterval   = errors.New("gocron: DailyJob: interval must be greater than 0")
	ErrDailyJobMinutesSeconds = errors.New("gocron: DailyJob: atTimes minutes and seconds must be between 0 and 59 inclusive")
)

// NewJob and Update return these errors when they refuse a DurationJob.
var (
	ErrDurationJobIntervalZero     = errors.New("gocron: DurationJob: time interval is 0")
	ErrDurationJobIntervalNegative = errors.New("gocron: DurationJob: time interval must be greater than 0")
)

// NewJob and Update return these errors when they refuse a DurationRandomJob.
var (
	ErrDurationRandomJobPositive = errors.New("gocron: DurationRandomJob: minimum and maximum durations must be greater than 0")
	ErrDurationRandomJobMinMax   = errors.New("gocron: DurationRandomJob: minimum duration must be less than maximum duration")
)

// NewJob and Update return these errors when they refuse a MonthlyJob.
var (
	ErrMonthlyJobDays           = errors.New("gocron: MonthlyJob: daysOfTheMonth must be between 31 and -31 inclusive, and not 0")
	ErrMonthlyJobAtTimeNil      = errors.New("gocron: MonthlyJob: atTime within atTimes must not be nil")
	ErrMonthlyJobAtTimesNil     = errors.New("gocron: MonthlyJob: atTimes must not be nil")
	ErrMonthlyJobDaysNil        = errors.New("gocron: MonthlyJob: daysOfTheMonth must not be nil")
	ErrMonthlyJobHours          = errors.New("gocron: MonthlyJob: atTimes hours must be between 0 and 23 inclusive")
	ErrMonthlyJobZeroInterval   = errors.New("gocron: MonthlyJob: interval must be greater than 0")
	ErrMonthlyJobMinutesSeconds = errors.New("gocron: MonthlyJob: atTimes minutes and seconds must be between 0 and 59 inclusive")
)

// NewJob and Update return this error for a OneTimeJob whose times are all past.
var (
	ErrOneTimeJobStartDateTimePast = errors.New("gocron: OneTimeJob: start must not be in the past")
)

// NewJob and Update return these errors when they refuse a WeeklyJob.
var (
	ErrWeeklyJobAtTimeNil        = errors.New("gocron: WeeklyJob: atTime within atTimes must not be nil")
	ErrWeeklyJobAtTimesNil       = errors.New("gocron: WeeklyJob: atTimes must not be nil")
	ErrWeeklyJobDaysOfTheWeekNil = errors.New("gocron: WeeklyJob: daysOfTheWeek must not be nil")
	ErrWeeklyJobHours            = errors.New("gocron: WeeklyJob: atTimes hours must be between 0 and 23 inclusive")
	ErrWeeklyJobZeroInterval     = errors.New("gocron: WeeklyJob: interval must be greater than 0")
	ErrWeeklyJobMinutesSeconds   = errors.New("gocron: WeeklyJob: atTimes minutes and seconds must be between 0 and 59 inclusive")
)

// NewScheduler, NewJob and Update return these errors when they refuse an option.
var (
	ErrEventListenerFuncNil          = errors.New("gocron: eventListenerFunc must not be nil")
	ErrWithClockNil                  = errors.New("gocron: WithClock: clock must not be nil")
	ErrWithContextNil                = errors.New("gocron: WithContext: context must not be nil")
	ErrWithDistributedElectorNil     = errors.New("gocron: WithDistributedElector: elector must not be nil")
	ErrWithDistributedLockerNil      = errors.New("gocron: WithDistributedLocker: locker must not be nil")
	ErrWithDistributedJobLockerNil   = errors.New("gocron: WithDistributedJobLocker: locker must not be nil")
	ErrWithDistributedJobElectorNil  = errors.New("gocron: WithDistributedJobElector: elector must not be nil")
	ErrWithIdentifierNil             = errors.New("gocron: WithIdentifier: identifier must not be nil")
	ErrSchedulerMonitorNil           = errors.New("gocron: WithSchedulerMonitor: monitor must not be nil")
	ErrWithLimitConcurrentJobsZero   = errors.New("gocron: WithLimitConcurrentJobs: limit must be greater than 0")
	ErrWithLocationNil               = errors.New("gocron: WithLocation: location must not be nil")
	ErrWithLoggerNil                 = errors.New("gocron: WithLogger: logger must not be nil")
	ErrWithMonitorNil                = errors.New("gocron: WithMonitor: monitor must not be nil")
	ErrWithNameEmpty                 = errors.New("gocron: WithName: name must not be empty")
	ErrWithStartDateTimePast         = errors.New("gocron: WithStartDateTime: start must not be in the past")
	ErrWithStartDateTimePastZero     = errors.New("gocron: WithStartDateTime: start must not be zero")
	ErrWithStopDateTimePast          = errors.New("gocron: WithStopDateTime: end must not be in the past")
	ErrStartTimeLaterThanEndTime     = errors.New("gocron: WithStartDateTime: start must not be later than end")
	ErrStopTimeEarlierThanStartTime  = errors.New("gocron: WithStopDateTime: end must not be earlier than start")
	ErrWithStopTimeoutZeroOrNegative = errors.New("gocron: WithStopTimeout: timeout must be greater than 0")
	ErrWithLimitedRunsZero           = errors.New("gocron: WithLimitedRuns: limit must be greater than 0")
)

// StopJobs and Shutdown return this error when runs take longer than the stop timeout.
var (
	ErrStopJobsTimedOut = errors.New("gocron: timed out waiting for jobs to finish")
)

// Methods of Scheduler, Job and Controller return these errors. ErrPanicRecovered is what the error
// of a run Is whose task panicked.
var (
	ErrJobNotFound = errors.New("gocron: job not found")
	// ErrSchedulerBusy is one of the errors that the getters of a Job return after Shutdown. Do not
	// retry an error that also Is ErrSchedulerShutdown: it will not change.
	ErrSchedulerBusy   = errors.New("gocron: scheduler did not respond in time")
	ErrJobRunNowFailed = errors.New("gocron: Job: RunNow: scheduler unreachable")
	ErrPanicRecovered  = errors.New("gocron: panic recovered")
)

// Nothing returns these errors. They exist because programs may name them.
var (
	ErrStopExecutorTimedOut    = errors.New("gocron: timed out waiting for executor to stop")
	ErrStopSchedulerTimedOut   = errors.New("gocron: timed out waiting for scheduler to stop")
	ErrWithSchedulerMonitorNil = errors.New("gocron: WithSchedulerMonitor: scheduler monitor cannot be nil")
	ErrJobParameterMismatch    = errors.New("gocron: job function called with wrong number of parameters")
)

// NewScheduler and methods of Scheduler return these errors, except ErrTaskGoexit, which a run ends
// with.
var (
	// ErrSchedulerShutdown is returned by NewJob and Update after Shutdown.
	ErrSchedulerShutdown = errors.New("gocron: scheduler has been shut down")
	// ErrJobNeverRuns is returned by NewJob and Update for a job that can never be due, such as on
	// the 31st every 12 months from April.
	ErrJobNeverRuns = errors.New("gocron: NewJob: the definition has no occurrence")
	// ErrTaskGoexit is the error of a run whose task, listener, locker or elector called
	// runtime.Goexit, as testing.T.FailNow does.
	ErrTaskGoexit = errors.New("gocron: task called runtime.Goexit")
	// ErrOneTimeJobStartAtNil is returned for a OneTimeJob without a start option.
	ErrOneTimeJobStartAtNil = errors.New("gocron: OneTimeJob: startAt must not be nil")
	// ErrJobDefinitionNil is returned by NewJob and Update for a nil definition.
	ErrJobDefinitionNil = errors.New("gocron: NewJob: JobDefinition must not be nil")
	// ErrOptionNil is returned for a nil option.
	ErrOptionNil = errors.New("gocron: option must not be nil")
	// ErrOptionValue is returned for a value that an option or a definition does not take. The
	// error says which values are allowed.
	ErrOptionValue = errors.New("gocron: option value out of range")
)

// Runs and their contexts end with the first four of these errors. Methods of Controller return the
// others.
var (
	// ErrRunTimeout is the error of a run that took longer than WithTimeout allows, and the cause
	// with which its context ended.
	ErrRunTimeout = errors.New("gocron: run exceeded its timeout")
	// ErrRunCancelled is the cause of a context that Controller.Cancel has ended.
	ErrRunCancelled = errors.New("gocron: run cancelled")
	// ErrRunReplaced is the cause of a context that LimitModeReplace has ended, and the error of a
	// waiting run that it has ended.
	ErrRunReplaced = errors.New("gocron: run replaced by a newer one")
	// ErrQueueFull is the error of a run that would have to wait when WithQueueLimit has no room.
	// RunNow returns it, too.
	ErrQueueFull = errors.New("gocron: the queue is full")
	// ErrNoLimit is returned by Controller.SetLimit for a scheduler without
	// WithLimitConcurrentJobs.
	ErrNoLimit = errors.New("gocron: the scheduler has no limit")
	// ErrNoHistory is returned by Controller.History for a scheduler without
	// WithHistory.
	ErrNoHistory = errors.New("gocron: the scheduler keeps no history")
	// ErrNoJobStats is returned by Controller.JobStats for a scheduler without
	// WithJobStats.
	ErrNoJobStats = errors.New("gocron: the scheduler keeps no stats of single jobs")
)

// These errors have to do with electors, lockers and claims.
var (
	// ErrLockLost is the cause of a context that has ended because the run's
	// LeasedLock was lost.
	ErrLockLost = errors.New("gocron: the lock was lost")
	// ErrTermEnded is the cause of a context that has ended because the term of the TermElector was
	// over.
	ErrTermEnded = errors.New("gocron: the leader's term has ended")
	// ErrEngineDown says that a Locker or Elector could not ask its engine, such as a database. A
	// Locker or Elector wraps it in its error, and it is what the error of the run Is.
	// WithEngineDown says what the scheduler does with the run. An adapter need not import this
	// package: any error with a method EngineDown() bool that returns true means the same.
	ErrEngineDown error = engineDown{}
	// ErrStoreDown says that the store of WithStore could not record that a run begins. The error of
	// a run with OutcomeStoreDown Is it.
	ErrStoreDown = errors.New("gocron: the store could not record that the run begins")
	// ErrRunInterrupted is the error of a run with OutcomeInterrupted.
	ErrRunInterrupted = errors.New("gocron: the process ended while the run was in progress")
	// ErrClaimNoName is returned by NewJob and Update for a job under a Claimer or a store
	// without WithName.
	ErrClaimNoName = errors.New("gocron: NewJob: a job under a Claimer or a store needs WithName")
	// ErrClaimNameTaken is returned by NewJob and Update for a job under a Claimer or a store
	// if another such job has the same name.
	ErrClaimNameTaken = errors.New("gocron: NewJob: another job under a Claimer or a store has this name")
	// ErrClaimSchedule is returned by NewJob and Update for a job under a Claimer whose times would
	// not be the same on every scheduler.
	ErrClaimSchedule = errors.New("gocron: NewJob: under a Claimer a job needs times that are the same on every scheduler")
)

type engineDown struct{}

func (engineDown) Error() string    { return "gocron: engine down" }
func (engineDown) EngineDown() bool { return true }

// A StopError is what StopJobs and Shutdown return with WithDrain when they ran out of time.
type StopError struct {
	// Err is ErrStopJobsTimedOut, or the error of the context given to the stop.
	Err error
	// Unfinished are the runs that were in progress when the stop returned. Dropped are the runs
	// that still waited and did not start. A dropped run of a one-time job runs after the next
	// Start, as a new run.
	Unfinished, Dropped []RunInfo
}

// Error returns Err's text and how many runs were cut off.
func (e *StopError) Error() string {
	return fmt.Sprintf("%v: %d in progress, %d dropped", e.Err, len(e.Unfinished), len(e.Dropped))
}

// Unwrap returns Err.
func (e *StopError) Unwrap() error { return e.Err }

// errJobAfterShutdown is what the getters of a Job return after Shutdown.
var errJobAfterShutdown = fmt.Errorf("%w: %w (%w)", ErrJobNotFound, ErrSchedulerShutdown, ErrSchedulerBusy)

// nilOptionError says which of the options given to a function is nil.
func nilOptionError(function string, index int) error {
	return fmt.Errorf("%w: %s: option %d", ErrOptionNil, function, index+1)
}

// optionValueError says which value an option was given, and what it may be.
func optionValueError(option string, value any, allowed string) error {
	return fmt.Errorf("%w: %s(%v), allowed: %s", ErrOptionValue, option, value, allowed)
}

// limitModeError refuses the mode of a limit that several jobs share.
func limitModeError(option string, mode LimitMode) error {
	return optionValueError(option+" mode", int(mode), "LimitModeReschedule or LimitModeWait")
}

// noSuchPool says which call named a pool that is not there, and which pools are.
func (s *scheduler) noSuchPool(call string) error {
	names := make([]string, 0, len(s.pools))
	for pool := range s.pools {
		names = append(names, strconv.Quote(pool))
	}
	slices.Sort(names)
	has := "none, WithPool makes one"
	if len(names) > 0 {
		has = strings.Join(names, ", ")
	}
	return fmt.Errorf("%w: %s: the scheduler has no such pool, it has %s", ErrOptionValue, call, has)
}

// timeText is a time as error texts show it.
func timeText(t time.Time) string { return t.Format(time.RFC3339Nano) }

// isNil reports whether v is nil, or an interface around a nil pointer or func, which
// would panic when it is used.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Pointer, reflect.Func:
		return value.IsNil()
	}
	return false
}

// bareErrors are refusals of a job that programs compare with ==, so they are returned
// as they are. The logger gets their detail.
var bareErrors = []error{
	ErrCronJobInvalid, ErrOneTimeJobStartDateTimePast, ErrEventListenerFuncNil, ErrWithContextNil,
	ErrWithDistributedJobLockerNil, ErrWithDistributedJobElectorNil, ErrWithIdentifierNil, ErrClaimNoName,
}

// refused is the error with which a job is refused: err and the job's name, or err
// itself if programs compare that. Nothing is locked.
func (s *scheduler) refused(err error, definition JobDefinition, task Task, options []JobOption, now time.Time) error {
	name := s.wouldBeNamed(task, options, now)
	if slices.Contains(bareErrors, err) {
		s.logger.Warn("gocron: job refused", append([]any{"job", name, "error", err}, details(definition)...)...)
		return err
	}
	if name == "" || !strings.HasPrefix(err.Error(), "gocron: ") { // or what a user's Cron has said
		return err
	}
	return fmt.Errorf("%w (job %q)", err, name)
}

// wouldBeNamed is the name of a job that could not be made: by WithName, else its function's, "" if
// there is neither.
func (s *scheduler) wouldBeNamed(task Task, options []JobOption, now time.Time) string {
	j := &internalJob{s: s}
	for _, list := range [...][]JobOption{s.globalOptions, options} {
		for _, option := range list {
			if option != nil {
				_ = option(j, now) // the name is wanted, whatever is wrong with others
			}
		}
	}
	if name := j.settings().name; name != "" || task == nil {
		return name
	}
	if fn, ok := funcOf(task().function); ok {
		return runtime.FuncForPC(fn.Pointer()).Name()
	}
	return ""
}

// details are arguments for the logger: what of the definition was refused with an
// error that does not say it.
func details(definition JobDefinition) []any {
	switch d := definition.(type) {
	case *cronDefinition:
		return []any{"crontab", d.crontab}
	case *oneTimeDefinition:
		if d.startAt == nil {
			return nil
		}
		given := d.ask(nil).times
		const shown = 3
		if len(given) > shown {
			return []any{"times", len(given), "last", timeText(slices.MaxFunc(given, time.Time.Compare))}
		}
		texts := make([]string, len(given))
		for i, t := range given {
			texts[i] = timeText(t)
		}
		return []any{"times", strings.Join(texts, ", ")}
	}
	return nil
}
