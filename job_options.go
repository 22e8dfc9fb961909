package gocron

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"
)

// JobOption is an option of NewJob, Update and WithGlobalJobOptions.
type JobOption func(*internalJob, time.Time) error

// WithContext sets the parent of the job's context. When it ends, the job stays in the scheduler
// but has no next run: its waiting runs are dropped, and RunNow returns ErrJobRunNowFailed. Nil is
// refused with ErrWithContextNil.
func WithContext(ctx context.Context) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(ctx) {
			return ErrWithContextNil
		}
		j.makeSettings().ctx = ctx
		return nil
	}
}

// WithCronImplementation makes a CronJob ask c for its times. Nil stands for the default. Other
// kinds of jobs ignore the option.
func WithCronImplementation(c Cron) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(c) {
			c = nil
		}
		j.makeSettings().cron = c
		return nil
	}
}

// WithDaylightSavingsTimePolicy says when a job runs that is due in the hour that clocks skip when
// they go forward: not that day, or as much later as clocks are put forward. Interval jobs ignore
// it. Any other value is refused.
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

// WithDaylightSavingsTimeOverlap says when a job runs that is due in the hour that clocks repeat
// when they go back: the first time, which is the default, the second time, or both. Interval jobs,
// and crontabs that run in both hours anyway, ignore it. Any other value is refused.
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

// WithDisabledDistributedJobLocker makes the job run without a lock if disabled is true, also when
// the scheduler has a locker.
func WithDisabledDistributedJobLocker(disabled bool) JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().lockerDisabled = disabled
		return nil
	}
}

// WithDistributedJobElector sets the elector of the job, instead of the scheduler's. Runs of this
// job then start on the leader only; other jobs do not change. As with WithDistributedElector, the
// job's Locker is then asked only if it is a Claimer. Nil is refused with
// ErrWithDistributedJobElectorNil.
func WithDistributedJobElector(elector Elector) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(elector) {
			return ErrWithDistributedJobElectorNil
		}
		j.makeSettings().elector = elector
		return nil
	}
}

// WithDistributedJobLocker sets the locker of the job, instead of the scheduler's. Nil is refused
// with ErrWithDistributedJobLockerNil.
func WithDistributedJobLocker(locker Locker) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if isNil(locker) {
			return ErrWithDistributedJobLockerNil
		}
		j.makeSettings().locker = locker
		return nil
	}
}

// WithEngineDown sets what the scheduler does with a run of the job when the engine behind the
// Elector or the Locker cannot be asked: it skips the run (EngineDownSkip, the default) or runs it
// (EngineDownRun). Any other value is refused.
func WithEngineDown(policy EngineDownPolicy) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if policy != EngineDownSkip && policy != EngineDownRun {
			return optionValueError("WithEngineDown", int(policy), "EngineDownSkip or EngineDownRun")
		}
		j.makeSettings().runWhenEngineDown = policy == EngineDownRun
		return nil
	}
}

// WithEventListeners sets functions that the scheduler calls at points of the job's runs. It calls
// all listeners of one WithEventListeners, in order. A second WithEventListeners replaces the kinds
// that it names, so a job's own listeners replace the global ones. A nil listener, or a listener
// with a nil function, is refused with ErrEventListenerFuncNil.
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

// WithIdentifier sets the job's id. By default it is a random one. If the scheduler has a job with
// this id, NewJob replaces that job. Update ignores the option. uuid.Nil is refused with
// ErrWithIdentifierNil, and so is WithIdentifier together with WithKey.
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

// WithKey gives the job an id that is made from a key of yours, such as the primary key of a row or
// the name of a tenant. NewJob then adds the job or, if the scheduler has a job with this key,
// replaces it. Controller.JobByKey finds the job and Controller.RemoveByKey removes it.
//
// The same key gives the same id in every program and after every restart: the UUID of version 5 of
// the key in the namespace 816d2b86-a0c7-469e-97fa-ff2b1a326a9f. Keys are compared byte by byte. If
// you give the option twice, the later key counts.
//
// An empty key is refused, and so is a key together with WithIdentifier. Update accepts the key
// that the job has, and refuses any other.
func WithKey(key string) JobOption {
	return func(j *internalJob, _ time.Time) error {
		x := j.makeSettings()
		switch {
		case key == "":
			return fmt.Errorf("%w: WithKey: the key is empty", ErrOptionValue)
		case x.key == "" && j.id != uuid.Nil:
			return errKeyAndIdentifier(key)
		}
		x.key, j.id = key, keyID(key)
		return nil
	}
}

// errKeyAndIdentifier refuses a job that was given two ids.
func errKeyAndIdentifier(key string) error {
	return fmt.Errorf("%w: WithKey(%q) together with WithIdentifier: a job has one id", ErrOptionValue, key)
}

// WithIntervalFromCompletion makes the interval of a DurationJob or DurationRandomJob count from
// the moment at which the task has returned. While a run waits or is in progress the job has no
// next run. Other kinds ignore the option.
func WithIntervalFromCompletion() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().fromCompletion = true
		return nil
	}
}

// WithJobLocation sets the time zone of the job. Its crontab and times of day are read in that
// zone, and NextRun and NextRuns show all its times there. It replaces the zone of the start time
// and of the scheduler. A CRON_TZ in a crontab replaces it. Start times and the instants of a
// OneTimeJob are shown as you gave them. Nil is refused.
func WithJobLocation(location *time.Location) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if location == nil {
			return optionValueError("WithJobLocation", "nil", "a *time.Location, such as time.UTC")
		}
		j.makeSettings().location = location
		return nil
	}
}

// WithLimitedRuns lets at most limit tasks of the job start, runs of RunNow included. When the last
// run has finished, the job leaves the scheduler. Skipped runs do not count. A limit of 0 is
// refused with ErrWithLimitedRunsZero.
func WithLimitedRuns(limit uint) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if limit == 0 {
			return ErrWithLimitedRunsZero
		}
		j.limitedRuns = uint32(min(limit, math.MaxUint32)) // which is as good as any larger number
		return nil
	}
}

// WithName sets the job's name. By default it is the name of the task's function. An empty name is
// refused with ErrWithNameEmpty.
func WithName(name string) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if name == "" {
			return ErrWithNameEmpty
		}
		j.makeSettings().name = name
		return nil
	}
}

// WithSingletonMode keeps runs of the job from overlapping. The mode says what happens to a run
// that is due while another run of the job is in progress. LimitModeReschedule skips it.
// LimitModeWait lets it wait. LimitModeQueueOne lets it wait if no other run waits.
// LimitModeReplace ends the run in progress and then starts it. Any other mode is refused.
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

// WithTags sets the job's tags. RemoveByTags and methods of Controller find the job by them. If you
// give the option twice, the later tags replace the earlier.
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

// InPool puts the job in a pool that WithPool has made: its runs take slots of that pool only. A
// pool that the scheduler does not have is refused. The empty name means no pool, as by default.
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

// WithRemoveWhenFinished makes a one-time job leave the scheduler when its last run has finished.
// It also leaves when none of its times is left, for instance because the context of WithContext
// has ended. By default the job stays without a next run. Other kinds ignore the option.
func WithRemoveWhenFinished() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().removeWhenFinished = true
		return nil
	}
}

// keyNamespace is where the ids of keys are. It is part of the API: ids may have been stored.
var keyNamespace = uuid.MustParse("816d2b86-a0c7-469e-97fa-ff2b1a326a9f")

// keyID is the id of the job with the key.
func keyID(key string) uuid.UUID { return uuid.NewSHA1(keyNamespace, []byte(key)) }

// setID gives a job the id under which Update was asked to list it.
func (j *internalJob) setID(id uuid.UUID) error {
	if key := j.settings().key; key != "" && j.id != id {
		return fmt.Errorf("%w: WithKey(%q): Update of the job with the id %s, which is not that of the key",
			ErrOptionValue, key, id)
	}
	j.id = id
	return nil
}

// randomIDs draws the ids of jobs that are given none.
var randomIDs idSource

// An idSource makes ids as uuid.NewRandom does. It reads random bytes for many ids at a time, as a
// read for one takes longer than all else that makes it.
type idSource struct {
	mu     sync.Mutex
	random [32 * len(uuid.UUID{})]byte
	left   int // how many of the bytes are not used yet
}

func (d *idSource) draw(id *uuid.UUID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left == 0 {
		if _, err := rand.Read(d.random[:]); err != nil {
			return err
		}
		d.left = len(d.random)
	}
	d.left -= len(id)
	copy(id[:], d.random[d.left:])
	id[6] = id[6]&0x0f | 0x40 // version 4: random
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return nil
}
