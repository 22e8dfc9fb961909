package gocron

import (
	"fmt"
	"math"
	"time"

	"github.com/jonboulle/clockwork"
)

// SchedulerOption is an option of NewScheduler.
type SchedulerOption func(*scheduler) error

// WithClock sets the clock that times are taken from, such as a fake one in
// tests. A nil clock is ErrWithClockNil.
//
// A clock other than clockwork's real one has one waiter for each scheduled
// job, so that a program that drives a fake clock can wait for that number with
// BlockUntilContext. It is called with the scheduler's lock held: it must not
// call the scheduler. While the scheduler is stopped the jobs have no waiters; a stop
// that waits for runs has one of its own: see WithStopTimeout.
func WithClock(clock clockwork.Clock) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(clock) {
			return ErrWithClockNil
		}
		s.clock = clock
		return nil
	}
}

// WithDistributedElector makes every run ask the elector whether this scheduler
// is the leader. A nil elector is ErrWithDistributedElectorNil. With an elector
// lockers are not asked, unless they claim occurrences: see Claimer.
// WithDistributedJobElector sets the elector of one job.
func WithDistributedElector(elector Elector) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(elector) {
			return ErrWithDistributedElectorNil
		}
		s.elector = elector
		return nil
	}
}

// WithDistributedLocker makes every run obtain the job's lock first. A nil
// locker is ErrWithDistributedLockerNil. WithDistributedJobLocker sets another
// one for a job, WithDisabledDistributedJobLocker none. A locker that is a Claimer
// is given the occurrence instead of the job's name alone.
func WithDistributedLocker(locker Locker) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(locker) {
			return ErrWithDistributedLockerNil
		}
		s.locker = locker
		return nil
	}
}

// WithGlobalJobOptions sets options for all jobs. They are applied before the
// job's own, which win. Given several times they add up, in order. An option
// that is refused is reported by NewJob.
func WithGlobalJobOptions(jobOptions ...JobOption) SchedulerOption {
	jobOptions = append([]JobOption(nil), jobOptions...)
	return func(s *scheduler) error {
		for i, option := range jobOptions {
			if option == nil {
				return nilOptionError("WithGlobalJobOptions", i)
			}
		}
		s.globalOptions = append(s.globalOptions, jobOptions...)
		return nil
	}
}

// WithLimitConcurrentJobs limits how many runs are in progress at once, over
// all jobs. A limit of 0 is ErrWithLimitConcurrentJobsZero; a mode other than
// LimitModeReschedule and LimitModeWait is refused.
//
// With LimitModeReschedule a run that finds no slot is skipped. With
// LimitModeWait it waits, first in, first out; Scheduler.JobsWaitingInQueue
// tells how many do.
func WithLimitConcurrentJobs(limit uint, mode LimitMode) SchedulerOption {
	return func(s *scheduler) error {
		if limit == 0 {
			return ErrWithLimitConcurrentJobsZero
		}
		if !mode.validForPool() {
			return limitModeError("WithLimitConcurrentJobs", mode)
		}
		s.limiter.slots, s.limiter.mode = limit, mode
		return nil
	}
}

// WithLocation sets the time zone of the jobs and of all times that are
// reported. The default is time.Local; nil is ErrWithLocationNil. A daily, weekly or
// monthly job with a start time lives in the location of that instead, a job can have
// its own by WithJobLocation, and a crontab can name one with CRON_TZ.
func WithLocation(location *time.Location) SchedulerOption {
	return func(s *scheduler) error {
		if location == nil {
			return ErrWithLocationNil
		}
		s.location = location
		return nil
	}
}

// WithLogger sets the logger, such as a *slog.Logger. The default writes nothing; nil is
// ErrWithLoggerNil.
func WithLogger(logger Logger) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(logger) {
			return ErrWithLoggerNil
		}
		s.logger = logger
		return nil
	}
}

// WithMonitor sets a monitor of runs. Nil is ErrWithMonitorNil.
func WithMonitor(monitor Monitor) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(monitor) {
			return ErrWithMonitorNil
		}
		s.monitors.counter = monitor
		return nil
	}
}

// WithMonitorStatus sets a monitor of tasks that is told how each ended along with its
// timing, by RecordJobTimingWithStatus and no other method: see MonitorStatus. Nil is
// ErrWithMonitorNil.
func WithMonitorStatus(monitor MonitorStatus) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(monitor) {
			return ErrWithMonitorNil
		}
		s.monitors.status = monitor
		return nil
	}
}

// WithSchedulerMonitor sets a monitor of the scheduler. Nil is
// ErrSchedulerMonitorNil.
func WithSchedulerMonitor(monitor SchedulerMonitor) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(monitor) {
			return ErrSchedulerMonitorNil
		}
		s.monitors.scheduler = monitor
		return nil
	}
}

// WithStopTimeout sets how long StopJobs and Shutdown wait for runs in
// progress. On the clock of WithClock the timeout ends when it has passed on that
// clock or in real time, whichever is first. The default is ten seconds; zero and
// less is ErrWithStopTimeoutZeroOrNegative.
func WithStopTimeout(timeout time.Duration) SchedulerOption {
	return func(s *scheduler) error {
		if timeout <= 0 {
			return fmt.Errorf("%w: it is %v", ErrWithStopTimeoutZeroOrNegative, timeout)
		}
		s.stopTimeout = timeout
		return nil
	}
}

// WithDrain makes StopJobs and Shutdown let the runs that wait, for their turn or
// for another attempt, finish before anything is dropped or a context ends, for as
// long as the stop timeout and the given context allow. Meanwhile no job is due,
// RunNow returns ErrJobRunNowFailed, and Start does nothing. A stop that had to cut
// off runs returns a *StopError that lists them.
func WithDrain() SchedulerOption {
	return func(s *scheduler) error {
		s.drain = true
		return nil
	}
}

// WithHistory keeps the last n finished runs of each job, to be read by
// Controller.History. They leave with the job, but outlive its replacement by
// Update. An n of less than 1 is refused.
func WithHistory(n int) SchedulerOption {
	return func(s *scheduler) error {
		if n < 1 {
			return optionValueError("WithHistory", n, "1 or more")
		}
		s.historySize = n
		return nil
	}
}

// WithHooks sets functions to call at points of every run. Given twice, the later
// ones replace the earlier.
func WithHooks(hooks Hooks) SchedulerOption {
	return func(s *scheduler) error {
		s.hooks = hooks
		return nil
	}
}

// WithPool makes a pool of jobs with a limit of its own, as by
// WithLimitConcurrentJobs. A job is put in it by InPool and then takes slots of it
// only; the limit of WithLimitConcurrentJobs is that of the jobs in no pool. An
// empty name, one that is given twice, a limit of 0, and a mode other than
// LimitModeReschedule and LimitModeWait are refused.
func WithPool(name string, limit uint, mode LimitMode) SchedulerOption {
	return func(s *scheduler) error {
		switch {
		case name == "":
			return fmt.Errorf("%w: WithPool: the name is empty", ErrOptionValue)
		case s.pools[name] != nil:
			return fmt.Errorf("%w: WithPool(%q): given twice", ErrOptionValue, name)
		case limit == 0:
			return optionValueError("WithPool limit", limit, "1 or more")
		case !mode.validForPool():
			return limitModeError("WithPool", mode)
		}
		if s.pools == nil {
			s.pools = make(map[string]*limiter)
		}
		s.pools[name] = &limiter{pool: name, slots: limit, mode: mode}
		return nil
	}
}

// WithQueueLimit bounds how many runs may wait, for a slot or for another run of
// their job: in the named pools, which WithPool must have made before, or without a
// name among the jobs in no pool. A run that would have to wait in a full queue is
// dropped, with the outcome OutcomeDroppedQueueFull, and RunNow returns ErrQueueFull.
// Runs that wait for another attempt do not count, and are never dropped. An n of 0
// and an unknown pool are refused.
func WithQueueLimit(n uint, pools ...string) SchedulerOption {
	pools = append([]string(nil), pools...)
	return func(s *scheduler) error {
		if n == 0 || n > math.MaxInt {
			return optionValueError("WithQueueLimit", n, fmt.Sprintf("1 to %d", math.MaxInt))
		}
		if len(pools) == 0 {
			s.limiter.queueLimit = int(n)
		}
		for _, name := range pools {
			pool := s.pools[name]
			if pool == nil {
				return s.noSuchPool(fmt.Sprintf("WithQueueLimit(%d, %q)", n, name))
			}
			pool.queueLimit = int(n)
		}
		return nil
	}
}
