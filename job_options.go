package gocron

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
)

// JobOption is an option of NewJob, Update and WithGlobalJobOptions.
type JobOption func(*internalJob, time.Time) error

// WithContext sets a context that the job's own derives from. When it ends the
// job stays listed but has no next run: its waiting runs are dropped and RunNow
// returns ErrJobRunNowFailed. Nil is ErrWithContextNil.
func WithContext(ctx context.Context) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(ctx) {
			return ErrWithContextNil
		}
		j.makeSettings().ctx = ctx
		return nil
	}
}

// WithCronImplementation makes a CronJob ask c for its times. Nil stands for
// the default. Other kinds ignore it.
func WithCronImplementation(c Cron) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(c) {
			c = nil
		}
		j.makeSettings().cron = c
		return nil
	}
}

// WithDaylightSavingsTimePolicy says what becomes of an occurrence whose wall
// time does not exist because clocks went forward. Jobs that count durations
// ignore it. A value that is none of the constants is refused.
func WithDaylightSavingsTimePolicy(policy DaylightSavingsTimePolicy) JobOption {
	return func(j *internalJob, _ time.Time) error {
		switch policy {
		case DaylightSavingsTimeDefault, DaylightSavingsTimeSkip, DaylightSavingsTimeRunAfterTransition:
			j.makeSettings().dst = policy
			return nil
		}
		return optionValueError("WithDaylightSavingsTimePolicy", int(policy),
			"DaylightSavingsTimeDefault, DaylightSavingsTimeSkip or DaylightSavingsTimeRunAfterTransition")
	}
}

// WithDaylightSavingsTimeOverlap says which occurrences there are at a wall time that
// comes twice because clocks went back: the first, which is the default, the second, or
// both. Jobs that count durations, and crontabs that run both times anyway, ignore it. A
// value that is none of the constants is refused.
func WithDaylightSavingsTimeOverlap(overlap DaylightSavingsTimeOverlap) JobOption {
	return func(j *internalJob, _ time.Time) error {
		switch overlap {
		case DaylightSavingsTimeOverlapFirst, DaylightSavingsTimeOverlapSecond, DaylightSavingsTimeOverlapBoth:
			j.makeSettings().overlap = overlap
			return nil
		}
		return optionValueError("WithDaylightSavingsTimeOverlap", int(overlap),
			"DaylightSavingsTimeOverlapFirst, DaylightSavingsTimeOverlapSecond or DaylightSavingsTimeOverlapBoth")
	}
}

// WithDisabledDistributedJobLocker makes the job run without a lock, if
// disabled is true.
func WithDisabledDistributedJobLocker(disabled bool) JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().lockerDisabled = disabled
		return nil
	}
}

// WithDistributedJobElector sets the elector of the job, in the place of the scheduler's
// if that has one: this job's runs start on the leader alone, other jobs are as they were.
// As with WithDistributedElector the job's Locker is not asked then, unless it is a
// Claimer. Nil is ErrWithDistributedJobElectorNil.
func WithDistributedJobElector(elector Elector) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(elector) {
			return ErrWithDistributedJobElectorNil
		}
		j.makeSettings().elector = elector
		return nil
	}
}

// WithDistributedJobLocker sets the locker of the job, in the place of the
// scheduler's. Nil is ErrWithDistributedJobLockerNil.
func WithDistributedJobLocker(locker Locker) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(locker) {
			return ErrWithDistributedJobLockerNil
		}
		j.makeSettings().locker = locker
		return nil
	}
}

// WithEngineDown says what becomes of the job's runs when the engine behind the
// Elector or the Locker cannot be asked. The default is EngineDownSkip. A value that
// is none of the constants is refused.
func WithEngineDown(policy EngineDownPolicy) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if policy != EngineDownSkip && policy != EngineDownRun {
			return optionValueError("WithEngineDown", int(policy), "EngineDownSkip or EngineDownRun")
		}
		j.makeSettings().runWhenEngineDown = policy == EngineDownRun
		return nil
	}
}

// WithEventListeners sets functions to call at points of the job's runs. All
// listeners given in one call are called, in order; those of another call
// replace the kinds they name, so that a job's own replace the global ones. A nil
// listener, or one made of a nil function, is ErrEventListenerFuncNil.
func WithEventListeners(eventListeners ...EventListener) JobOption {
	eventListeners = append([]EventListener(nil), eventListeners...)
	return func(j *internalJob, _ time.Time) error {
		var named internalJob
		for _, listener := range eventListeners {
			if listener == nil {
				return ErrEventListenerFuncNil
			}
			if err := listener(&named); err != nil {
				return err
			}
		}
		j.makeSettings().listeners.override(named.settings().listeners)
		return nil
	}
}

// WithIdentifier sets the job's id, in place of a random one. If a job has it
// already, it is replaced. uuid.Nil is ErrWithIdentifierNil. Update ignores it. It is
// refused together with WithKey, which makes an id from a key.
func WithIdentifier(id uuid.UUID) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if id == uuid.Nil {
			return ErrWithIdentifierNil
		}
		if key := j.settings().key; key != "" {
			return errKeyAndIdentifier(key)
		}
		j.id = id
		return nil
	}
}

// WithIntervalFromCompletion makes the interval of a DurationJob or
// DurationRandomJob count from the moment the task returned, whatever the
// limits. While such a run waits or is in progress the job has no next run.
// Other kinds ignore it.
func WithIntervalFromCompletion() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().fromCompletion = true
		return nil
	}
}

// WithJobLocation sets the time zone that the job lives in: its wall times are read
// there, and NextRun and NextRuns show its times there, also those of intervals. It goes
// before the location of the start time and that of the scheduler; a CRON_TZ in a crontab
// goes before it. A start time, and the instants of a OneTimeJob, are shown as they were
// given. Nil is refused.
func WithJobLocation(location *time.Location) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if location == nil {
			return optionValueError("WithJobLocation", "nil", "a *time.Location, such as time.UTC")
		}
		j.makeSettings().location = location
		return nil
	}
}

// WithLimitedRuns lets at most limit tasks of the job start, those of RunNow
// included. When the last has finished, the job leaves the scheduler. Skipped
// runs do not count. A limit of 0 is ErrWithLimitedRunsZero.
func WithLimitedRuns(limit uint) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if limit == 0 {
			return ErrWithLimitedRunsZero
		}
		j.limitedRuns = math.MaxUint32 // as good as any larger number
		if limit < math.MaxUint32 {
			j.limitedRuns = uint32(limit)
		}
		return nil
	}
}

// WithName sets the job's name, by default that of the task's function. An
// empty name is ErrWithNameEmpty.
func WithName(name string) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if name == "" {
			return ErrWithNameEmpty
		}
		j.makeSettings().name = name
		return nil
	}
}

// WithSingletonMode keeps runs of the job from overlapping. While another run of
// the job is in progress or waits, a run is skipped with LimitModeReschedule and
// waits its turn with LimitModeWait; LimitModeQueueOne lets one run wait, and
// LimitModeReplace ends the one in progress. Any other mode is refused.
func WithSingletonMode(mode LimitMode) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if !mode.validForSingleton() {
			return optionValueError("WithSingletonMode", int(mode),
				"LimitModeReschedule, LimitModeWait, LimitModeQueueOne or LimitModeReplace")
		}
		j.gate.mode = uint8(mode)
		return nil
	}
}

// WithTags sets the job's tags, by which RemoveByTags finds it. Given twice,
// the later list replaces the earlier.
func WithTags(tags ...string) JobOption {
	tags = append([]string(nil), tags...)
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().tags, j.tagBits = tags, tagBits(tags)
		return nil
	}
}

// tagBits tells most lists of tags that have none in common apart: they have no bit in common.
func tagBits(tags []string) (bits uint8) {
	for _, tag := range tags {
		bits |= 1 << (fnv1a(fnvOffset, tag) % 8)
	}
	return bits
}

// WithWeeksFromMonday makes the weeks that WeeklyJob counts begin on Monday. By default
// they begin on Sunday. With an interval of 1 it changes nothing. Other kinds ignore it.
func WithWeeksFromMonday() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().weeksFromMonday = true
		return nil
	}
}

// InPool puts the job in a pool of the scheduler, made by WithPool: its runs take
// slots of that pool only. A pool that the scheduler does not have is refused.
// The empty name is that of the scheduler's own limit, where a job is by default.
func InPool(name string) JobOption {
	return func(j *internalJob, _ time.Time) error {
		pool := j.s.pools[name]
		if pool == nil && name != "" && !j.s.previews {
			return j.s.noSuchPool(fmt.Sprintf("InPool(%q)", name))
		}
		j.makeSettings().pool = pool
		return nil
	}
}

// WithMiddleware puts functions around the task, the first outermost, such as for
// tracing or to give the context a value. Each is called once, when the job is
// made, with the rest of the chain, and returns what is called in its place. What
// that returns is the result of the task; a panic in it is one of the task. Those
// of WithGlobalJobOptions are outside of the job's own; given several times, all
// apply. A nil function, or one that returns nil, is refused.
func WithMiddleware(middleware ...func(RunFunc) RunFunc) JobOption {
	middleware = append([]func(RunFunc) RunFunc(nil), middleware...)
	return func(j *internalJob, _ time.Time) error {
		for i, m := range middleware {
			if m == nil {
				return nilOptionError("WithMiddleware", i)
			}
		}
		j.makeSettings().middleware = append(j.settings().middleware, middleware...)
		return nil
	}
}

// WithRecover recovers a panic in the task: the run has failed with a
// *PanicError. It has no effect beside an AfterJobRunsWithPanic listener, which
// recovers panics as well.
func WithRecover() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().recoverPanics = true
		return nil
	}
}

// WithRemoveWhenFinished makes a one-time job leave the scheduler when its last
// run has finished, or when none of its times is left, as when the context given by
// WithContext has ended. By default it stays listed
// without a next run. Other kinds ignore it; WithLimitedRuns and WithStopAt make
// any job leave.
func WithRemoveWhenFinished() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().removeWhenFinished = true
		return nil
	}
}

// WithRetry makes a run whose task fails try again. While it waits for its next attempt it holds no
// slot and, but for the lock of a Claimer, does not keep other runs of its job from starting;
// Job.IsRunning is false. When the time has come it waits for whatever is in its way, under any
// mode, before runs that were due later.
//
// Every attempt is made as the first: the Elector or Locker is asked, and listeners and monitors
// are called. A Claimer is asked once: its lock is kept until the last attempt has ended. All
// attempts are one run: they count once for WithLimitedRuns, and the run has the outcome of the
// last one. When the job is removed, replaced, stopped or cancelled, there is no further attempt.
//
// A policy of fewer than two attempts, with a nil error, or with both Backoff and BackoffFor, is
// refused.
func WithRetry(policy RetryPolicy) JobOption {
	policy.On = append([]error(nil), policy.On...)
	return func(j *internalJob, _ time.Time) error {
		if policy.Attempts < 2 {
			return optionValueError("WithRetry Attempts", policy.Attempts, "2 or more")
		}
		for i, target := range policy.On {
			if target == nil {
				return nilOptionError("WithRetry On", i)
			}
		}
		if policy.Backoff != nil && policy.BackoffFor != nil {
			return fmt.Errorf("%w: WithRetry: Backoff and BackoffFor are both given, allowed: one of them", ErrOptionValue)
		}
		j.makeSettings().retry = &policy
		return nil
	}
}

// WithTimeout bounds how long the task may take, in real time whatever the clock:
// its context, that which the scheduler passes to it, then ends with the cause
// ErrRunTimeout. The run goes on until the
// task returns, and has then timed out, with an error that Is ErrRunTimeout,
// whatever the task returned. Under WithRetry it bounds each attempt. A timeout of
// zero or less is refused.
func WithTimeout(timeout time.Duration) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if timeout <= 0 {
			return optionValueError("WithTimeout", timeout, "more than 0")
		}
		j.makeSettings().timeout = timeout
		return nil
	}
}
