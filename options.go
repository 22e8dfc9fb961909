package gocron

import (
	"fmt"
	"math"
	"time"

	"github.com/jonboulle/clockwork"
)

// SchedulerOption is an option of NewScheduler.
type SchedulerOption func(*scheduler) error

// WithClock sets the clock of the scheduler, for instance a fake one in tests. Nil is refused with
// ErrWithClockNil.
//
// A clock other than clockwork's real one has one waiter for each scheduled job, so that a test can
// wait for that number with BlockUntilContext. The scheduler calls the clock with its lock held:
// the clock must not call the scheduler. While the scheduler is stopped the jobs have no waiters. A
// stop that waits for runs has a waiter of its own, see WithStopTimeout.
func WithClock(clock clockwork.Clock) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(clock) {
			return ErrWithClockNil
		}
		s.clock = clock
		return nil
	}
}

// WithDistributedElector makes every run ask the elector whether this scheduler is the leader. The
// scheduler then asks a Locker only if it is a Claimer. WithDistributedJobElector sets the elector
// of one job. Nil is refused with ErrWithDistributedElectorNil.
func WithDistributedElector(elector Elector) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(elector) {
			return ErrWithDistributedElectorNil
		}
		s.elector = elector
		return nil
	}
}

// WithDistributedLocker makes every run obtain the job's lock first or, if the locker is a Claimer,
// claim its occurrence. WithDistributedJobLocker sets another locker for one job, and
// WithDisabledDistributedJobLocker none. Nil is refused with ErrWithDistributedLockerNil.
func WithDistributedLocker(locker Locker) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(locker) {
			return ErrWithDistributedLockerNil
		}
		s.locker = locker
		return nil
	}
}

// WithGlobalJobOptions sets options for all jobs. They are applied before the options of the job,
// which win. If you give it several times, all options apply, in order. NewJob reports an option
// that is refused.
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

// WithLimitConcurrentJobs limits how many runs are in progress at once, over all jobs. With
// LimitModeReschedule a run that finds no slot is skipped. With LimitModeWait it waits, first in,
// first out; Scheduler.JobsWaitingInQueue says how many runs wait. A limit of 0 is refused with
// ErrWithLimitConcurrentJobsZero. Any other mode is refused.
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

// WithLocation sets the time zone of the jobs and of all times that the scheduler reports. The
// default is time.Local. WithJobLocation sets the zone of one job, and CRON_TZ that of one crontab.
// A daily, weekly or monthly job with a start time and no WithJobLocation uses the zone of its
// start time. Nil is refused with ErrWithLocationNil.
func WithLocation(location *time.Location) SchedulerOption {
	return func(s *scheduler) error {
		if location == nil {
			return ErrWithLocationNil
		}
		s.location = location
		return nil
	}
}

// WithLogger sets the logger, such as a *slog.Logger. By default nothing is logged. Nil is refused
// with ErrWithLoggerNil.
func WithLogger(logger Logger) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(logger) {
			return ErrWithLoggerNil
		}
		s.logger = logger
		return nil
	}
}

// WithMonitor sets a monitor of runs. Nil is refused with ErrWithMonitorNil.
func WithMonitor(monitor Monitor) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(monitor) {
			return ErrWithMonitorNil
		}
		s.monitors.counter = monitor
		return nil
	}
}

// WithMonitorStatus sets a monitor that hears of each task that has ended, with its times and its
// error. The scheduler calls RecordJobTimingWithStatus and no other method: see MonitorStatus. Nil
// is refused with ErrWithMonitorNil.
func WithMonitorStatus(monitor MonitorStatus) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(monitor) {
			return ErrWithMonitorNil
		}
		s.monitors.status = monitor
		return nil
	}
}

// WithSchedulerMonitor sets a monitor of the scheduler. Nil is refused with ErrSchedulerMonitorNil.
func WithSchedulerMonitor(monitor SchedulerMonitor) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(monitor) {
			return ErrSchedulerMonitorNil
		}
		s.monitors.scheduler = monitor
		return nil
	}
}

// WithStopTimeout sets how long StopJobs and Shutdown wait for runs in progress. The default is ten
// seconds. With WithClock the timeout is over when it has passed on that clock or in real time,
// whichever comes first. Zero or less is refused with ErrWithStopTimeoutZeroOrNegative.
func WithStopTimeout(timeout time.Duration) SchedulerOption {
	return func(s *scheduler) error {
		if timeout <= 0 {
			return fmt.Errorf("%w: it is %v", ErrWithStopTimeoutZeroOrNegative, timeout)
		}
		s.stopTimeout = timeout
		return nil
	}
}

// WithDrain makes StopJobs and Shutdown finish the runs that wait, also for another attempt, before
// anything is dropped or a context ends. They may take as long as the stop timeout and the given
// context allow. Meanwhile no job is due, RunNow returns ErrJobRunNowFailed, and Start does
// nothing. A stop that had to cut off runs returns a *StopError that lists them.
func WithDrain() SchedulerOption {
	return func(s *scheduler) error {
		s.drain = true
		return nil
	}
}

// WithHistory keeps the last n finished runs of each job, for Controller.History. Update keeps
// them. They are gone when the job leaves. An n of less than 1 is refused.
func WithHistory(n int) SchedulerOption {
	return func(s *scheduler) error {
		if n < 1 {
			return optionValueError("WithHistory", n, "1 or more")
		}
		s.historySize = n
		return nil
	}
}

// WithJobStats keeps for each job what Controller.JobStats returns: about 450 bytes from its first
// run on, and up to three RunInfos of 304 bytes. Update keeps the counts. They are gone when the
// job leaves.
func WithJobStats() SchedulerOption {
	return func(s *scheduler) error {
		s.keepsJobStats = true
		return nil
	}
}

// WithHooks sets functions of yours that the scheduler calls at points of every run. If you give
// the option twice, the later Hooks replace the earlier.
func WithHooks(hooks Hooks) SchedulerOption {
	return func(s *scheduler) error {
		s.hooks = hooks
		return nil
	}
}

// WithPool makes a pool with its own limit. InPool puts a job in it. Such a job takes slots of the
// pool only, and the limit of WithLimitConcurrentJobs is for the jobs in no pool. An empty name, a
// name given twice, a limit of 0, and a mode other than LimitModeReschedule and LimitModeWait are
// refused.
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

// WithQueueLimit limits how many runs may wait for a slot or for another run of their job, in the
// named pools or, without a name, among the jobs in no pool. WithPool must have made the pools
// before. A run that would have to wait in a full queue is dropped with OutcomeDroppedQueueFull,
// and RunNow returns ErrQueueFull. Runs that wait for another attempt do not count, and are never
// dropped. An n of 0 and an unknown pool are refused.
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
