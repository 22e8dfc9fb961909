package gocron

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// Job is a handle of one job in a Scheduler. Its methods may be called from any
// goroutine, also from inside the job's own task or listeners.
//
// A handle stays usable when the job is replaced by Update: it then reads and
// runs the new definition, while Name, Tags and Schedule are as they were when
// the handle was taken. The methods that return an error return ErrJobNotFound
// when the scheduler does not have the job, or has been shut down.
type Job interface {
	// ID returns the job's unique identifier.
	ID() uuid.UUID
	// IsRunning reports whether any run of the job is being performed. It is
	// true inside the task.
	IsRunning() (bool, error)
	// LastRun returns when the latest run started, the zero time before the
	// first.
	//
	// Deprecated: use LastRunStartedAt, which is the same.
	LastRun() (time.Time, error)
	// LastRunCompletedAt returns when a run last completed, the zero time
	// before the first.
	LastRunCompletedAt() (time.Time, error)
	// LastRunStartedAt returns when the latest run started, also while it is
	// the first. Runs that were skipped do not count.
	LastRunStartedAt() (time.Time, error)
	// Name returns the name given by WithName, by default that of the task's
	// function.
	Name() string
	// NextRun returns when the job is due next. It is the zero time while the
	// scheduler is not running and when the job has no next time.
	NextRun() (time.Time, error)
	// NextRuns returns the next times at which the job is due, ascending, as
	// many as asked for or as there are. It is nil for a number below one,
	// while the scheduler is not running, and when there is no next time. The
	// number is not bounded by WithLimitedRuns.
	NextRuns(int) ([]time.Time, error)
	// RunNow makes one run of the job at once. It does not change the job's
	// schedule, and respects its limits and those of the scheduler: it returns
	// nil when the run was started, waits its turn, or was skipped by a limit,
	// and when no run is left of WithLimitedRuns.
	//
	// It returns ErrJobRunNowFailed when the scheduler is not running, when it
	// does not have the job, and when the context given by WithContext has
	// ended or the job's stop time has passed.
	RunNow() error
	// Schedule returns the definition's values: a CronJobSchedule,
	// DailyJobSchedule, and so on.
	Schedule() JobSchedule
	// Tags returns the job's tags.
	Tags() []string
}

// internalJob is the record of one job definition in a scheduler, and the
// handle that users hold of it. Update lists a new record in the place of the
// old one, which then points to it.
type internalJob struct {
	// Set before the job is listed, immutable afterwards.
	s                *scheduler
	id               uuid.UUID
	name             string
	tags             []string
	call             call
	plan             schedule
	extras           *jobExtras // nil when no option needs it
	limitedRuns      uint64     // 0: no limit
	startImmediately bool
	fromCompletion   bool
	intervals        bool // plan counts from the start, not by the calendar
	hooked           bool // a run takes steps before its task
	followed         bool // a run takes steps after its task

	// The scheduler's mu guards what follows.
	listed      bool
	announced   bool // the monitor knows the job: it may run
	entered     bool // since Start
	dueByWall   bool // place is in the timetable's wall heap
	immediacy   bool // the start-immediately run of a one-time job was handed over
	startPassed bool // the start time was handed over
	ended       bool // the context given by WithContext has ended
	completing  bool // the next time will be counted from the end of a run on its way
	place       int32
	index       int32  // in the scheduler's list
	running     int32  // tasks being performed
	runNows     int32  // RunNow calls made before the job was announced
	seq         uint64 // order of creation
	reserved    uint64 // limited runs that are taken: waiting, running or done
	done        uint64 // limited runs that are done

	anchor      time.Time // what intervals count from
	next        time.Time // zero: none
	startedAt   time.Time
	completedAt time.Time

	gate       gate
	ctx        context.Context // nil until a run needs it
	cancel     context.CancelFunc
	waiter     clockwork.Timer // on an injected clock
	replacedBy *internalJob
}

// jobExtras holds what few jobs have.
type jobExtras struct {
	// Set before the job is listed, immutable afterwards.
	startAt        time.Time
	stopAt         time.Time
	ctx            context.Context
	cron           Cron
	dst            DaylightSavingsTimePolicy
	locker         Locker
	lockerDisabled bool
	listeners      listeners
	unwatch        func() bool // ends the watch on ctx

	// The scheduler's mu guards the rest.
	cronNext time.Time // what a userCron answered last
	asking   int       // calls of the userCron in progress
	// owed are the occurrences of a one-time job that a stop dropped.
	owed []time.Time
}

// noExtras is what a job without extras has. It is never written to.
var noExtras jobExtras

func (j *internalJob) ext() *jobExtras {
	if j.extras == nil {
		return &noExtras
	}
	return j.extras
}

// setExt is ext for those who write.
func (j *internalJob) setExt() *jobExtras {
	if j.extras == nil {
		j.extras = &jobExtras{}
	}
	return j.extras
}

// ctxEnded reports whether the context given by WithContext has ended. That
// context may be user code: no lock is held.
func (x *jobExtras) ctxEnded() bool { return x.ctx != nil && x.ctx.Err() != nil }

func (j *internalJob) heapPlace() int         { return int(j.place) }
func (j *internalJob) setHeapPlace(place int) { j.place = int32(place) }

// current is the record that has taken over j's gate and times: j itself, or
// the newest that replaced it. The caller holds mu.
func (j *internalJob) current() *internalJob {
	if j.replacedBy == nil {
		return j
	}
	cur := j.replacedBy
	for cur.replacedBy != nil {
		cur = cur.replacedBy
	}
	for j != cur {
		j, j.replacedBy = j.replacedBy, cur
	}
	return cur
}

// location is where the job lives.
func (j *internalJob) location() *time.Location {
	if start := j.ext().startAt; !start.IsZero() {
		return start.Location()
	}
	return j.s.location
}

func (j *internalJob) ID() uuid.UUID         { return j.id }
func (j *internalJob) Name() string          { return j.name }
func (j *internalJob) Schedule() JobSchedule { return j.plan.public() }

func (j *internalJob) Tags() []string {
	return append([]string(nil), j.tags...)
}

func (j *internalJob) IsRunning() (bool, error) {
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	cur, err := j.s.lookup(j.id)
	if err != nil {
		return false, err
	}
	return cur.running > 0, nil
}

func (j *internalJob) LastRun() (time.Time, error) { return j.LastRunStartedAt() }

func (j *internalJob) LastRunStartedAt() (time.Time, error) {
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	cur, err := j.s.lookup(j.id)
	if err != nil {
		return time.Time{}, err
	}
	return cur.startedAt, nil
}

func (j *internalJob) LastRunCompletedAt() (time.Time, error) {
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	cur, err := j.s.lookup(j.id)
	if err != nil {
		return time.Time{}, err
	}
	return cur.completedAt, nil
}

func (j *internalJob) NextRun() (time.Time, error) {
	o, err := j.s.outlook(j.id)
	return o.next, err
}

func (j *internalJob) NextRuns(n int) ([]time.Time, error) {
	o, err := j.s.outlook(j.id)
	if err != nil || o.next.IsZero() {
		return nil, err
	}
	return occurrences(o.plan, o.anchor, o.next, n, o.stopAt), nil
}

func (j *internalJob) RunNow() error { return j.s.runNow(j.id) }
