package gocron

import (
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
// call the scheduler. Stop timeouts are on real time whatever the clock.
func WithClock(clock clockwork.Clock) SchedulerOption {
	return func(s *scheduler) error {
		if clock == nil {
			return ErrWithClockNil
		}
		s.clock = clock
		return nil
	}
}

// WithDistributedElector makes every run ask the elector whether this scheduler
// is the leader. A nil elector is ErrWithDistributedElectorNil. With an elector
// lockers are not asked.
func WithDistributedElector(elector Elector) SchedulerOption {
	return func(s *scheduler) error {
		if elector == nil {
			return ErrWithDistributedElectorNil
		}
		s.elector = elector
		return nil
	}
}

// WithDistributedLocker makes every run obtain the job's lock first. A nil
// locker is ErrWithDistributedLockerNil. WithDistributedJobLocker sets another
// one for a job, WithDisabledDistributedJobLocker none.
func WithDistributedLocker(locker Locker) SchedulerOption {
	return func(s *scheduler) error {
		if locker == nil {
			return ErrWithDistributedLockerNil
		}
		s.locker = locker
		return nil
	}
}

// WithGlobalJobOptions sets options for all jobs. They are applied before the
// job's own, which win. Given twice, the later list replaces the earlier. An
// option that is refused is reported by NewJob.
func WithGlobalJobOptions(jobOptions ...JobOption) SchedulerOption {
	jobOptions = append([]JobOption(nil), jobOptions...)
	return func(s *scheduler) error {
		for i, option := range jobOptions {
			if option == nil {
				return nilOptionError("WithGlobalJobOptions", i)
			}
		}
		s.globalOptions = jobOptions
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
		if !mode.valid() {
			return optionValueError("WithLimitConcurrentJobs mode", int(mode))
		}
		s.limiter.slots, s.limiter.mode = limit, mode
		return nil
	}
}

// WithLocation sets the time zone of the jobs and of all times that are
// reported. The default is time.Local; nil is ErrWithLocationNil. A job with a
// start time lives in the zone of that instead.
func WithLocation(location *time.Location) SchedulerOption {
	return func(s *scheduler) error {
		if location == nil {
			return ErrWithLocationNil
		}
		s.location = location
		return nil
	}
}

// WithLogger sets the logger. The default writes nothing; nil is
// ErrWithLoggerNil.
func WithLogger(logger Logger) SchedulerOption {
	return func(s *scheduler) error {
		if logger == nil {
			return ErrWithLoggerNil
		}
		s.logger = logger
		return nil
	}
}

// WithMonitor sets a monitor of runs. Nil is ErrWithMonitorNil.
func WithMonitor(monitor Monitor) SchedulerOption {
	return func(s *scheduler) error {
		if monitor == nil {
			return ErrWithMonitorNil
		}
		s.monitors.timer = monitor
		return nil
	}
}

// WithMonitorStatus sets a monitor of runs that is told their status along with
// their timing. Nil is ErrWithMonitorNil. It may be set beside WithMonitor: see
// MonitorStatus.
func WithMonitorStatus(monitor MonitorStatus) SchedulerOption {
	return func(s *scheduler) error {
		if monitor == nil {
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
		if monitor == nil {
			return ErrSchedulerMonitorNil
		}
		s.monitors.scheduler = monitor
		return nil
	}
}

// WithStopTimeout sets how long StopJobs and Shutdown wait for runs in
// progress, in real time. The default is ten seconds; zero and less is
// ErrWithStopTimeoutZeroOrNegative.
func WithStopTimeout(timeout time.Duration) SchedulerOption {
	return func(s *scheduler) error {
		if timeout <= 0 {
			return ErrWithStopTimeoutZeroOrNegative
		}
		s.stopTimeout = timeout
		return nil
	}
}
