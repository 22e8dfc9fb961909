package gocron

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Job is a handle of one job in a Scheduler. Its methods may be called from any
// goroutine, also from inside the job's own task or listeners.
//
// A handle stays usable when the job is replaced by Update: it then reads and
// runs the new definition, while Name, Tags and Schedule are as they were when
// the handle was taken. The methods that return an error return ErrJobNotFound
// when the scheduler does not have the job. After Shutdown the getters return an error
// that Is ErrJobNotFound, ErrSchedulerBusy and ErrSchedulerShutdown.
type Job interface {
	// ID returns the job's unique identifier.
	ID() uuid.UUID
	// IsRunning reports whether a run of the job is in progress. It is true inside the task.
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
	// Name returns the name given by WithName, by default the name of the task's
	// function.
	Name() string
	// NextRun returns when the job is due next. It is the zero time while the scheduler is not
	// running, and when the job has no next time.
	//
	// During the listeners BeforeJobRuns and BeforeJobRunsSkipIfBeforeFuncErrors of a run, NextRun
	// is the time at which that run was due, the earliest if there are several such runs. A run of
	// RunNow does not change it.
	NextRun() (time.Time, error)
	// NextRuns returns the next times at which the job is due, the earliest first. It returns as
	// many as you ask for, or as there are. It returns nil for a number below one, while the
	// scheduler is not running, and when the job has no next time. WithLimitedRuns does not limit
	// the number. During the listeners that NextRun mentions, the runs that are about to start come
	// first.
	NextRuns(int) ([]time.Time, error)
	// RunNow makes one run of the job at once. It does not change the schedule, and respects the
	// limits of the job and of the scheduler. It returns nil when the run has started, waits, or
	// was skipped by a limit. It also returns nil, and makes no run, when WithLimitedRuns has no
	// run left.
	//
	// RunNow returns ErrJobNotFound when the scheduler does not have the job. It returns
	// ErrJobRunNowFailed when the scheduler is not running, when the context of WithContext has
	// ended, and when the job's stop time has passed. It returns ErrQueueFull when the run would
	// have to wait and WithQueueLimit has no room.
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
//
// The first 64 bytes, a line of the processor's cache, are all that NextRun needs.
type internalJob struct {
	// Set before the job is listed, immutable afterwards: these, and those below. The first two differ
	// in any two records, so reflect.DeepEqual reads no field that changes when it compares handles.
	seq              uint64 // order of creation
	s                *scheduler
	custom           *jobSettings // nil when nothing needs it
	startImmediately bool
	intervals        bool  // plan counts from the start, not by the calendar
	hasPreSteps      bool  // a run takes steps before its task
	hasPostSteps     bool  // a run takes steps after its task
	tagBits          uint8 // of the tags: see tagBits

	// The scheduler's mu guards these, and those at the end.
	listed      bool
	announced   bool      // the monitor knows the job: it may run
	entered     bool      // since Start
	dueByWall   bool      // place is in the timetable's wall heap
	immediacy   bool      // the start-immediately run of a one-time job was dispatched
	startPassed bool      // the start time was dispatched
	ended       bool      // the context given by WithContext has ended
	place       int32     // in a heap of the timetable
	next        time.Time // zero: none

	// Immutable.
	id          uuid.UUID
	call        call
	plan        schedule
	limitedRuns uint32 // 0: no limit

	// Guarded.
	reserved   uint32 // limited runs that are taken: waiting, running or done
	index      int32  // in the scheduler's list
	completing int32  // runs on their way from whose end the next time will be counted
	gate       gate
	anchor     time.Time // what the definition counts from
	last       *lastRun  // nil until the first run
	rare       *rareState
}

// lastRun is when the latest run of a job started, and when one last completed.
type lastRun struct {
	startedAt   time.Time
	completedAt time.Time
}

// jobSettings holds the settings that few jobs have. It is made before the job is
// listed and immutable afterwards.
type jobSettings struct {
	name        string // by WithName
	key         string // by WithKey
	tags        []string
	window      window
	jitter      time.Duration // 0: none
	calendars   []func(time.Time) bool
	ctx         context.Context
	unwatch     func() bool // ends the watch on ctx
	cron        Cron
	location    *time.Location // by WithJobLocation
	dst         DaylightSavingsTimePolicy
	overlap     DaylightSavingsTimeOverlap
	elector     Elector
	locker      Locker
	listeners   listeners
	pool        *limiter // nil: the scheduler's own
	timeout     time.Duration
	retry       *RetryPolicy
	missed      *missedPolicy // nil: nothing is run of what a stop passed over
	lastRun     time.Time     // by WithLastRun
	rerun       int           // how often an interrupted run is run again
	formerName  string        // by WithFormerName
	fingerprint string        // under a store: the fingerprint of the schedule
	middleware  []func(RunFunc) RunFunc

	weeksFromMonday    bool
	fromCompletion     bool // the interval counts from the end of a run
	lockerDisabled     bool
	claims             bool // its locker is a Claimer
	runWhenEngineDown  bool // also when the engine of the elector or the locker is down
	recorded           bool // every run has a runRecord
	recoverPanics      bool // panics of the task
	removeWhenFinished bool // as a one-time job that has finished
	stored             bool // under the scheduler's store
	withoutStore       bool
	runsPast           bool // set by OneTimeJobStartDateTimesOrNow: times that have passed run
}

// noSettings is what a job without extras has. It is never written to.
var noSettings jobSettings

func (j *internalJob) settings() *jobSettings {
	if j.custom == nil {
		return &noSettings
	}
	return j.custom
}

// makeSettings is settings, for writing.
func (j *internalJob) makeSettings() *jobSettings {
	if j.custom == nil {
		j.custom = &jobSettings{}
	}
	return j.custom
}

// rareState is the state that few jobs have. The scheduler's mu guards it, and
// the pointer to it.
type rareState struct {
	ctx         *jobContext       // nil until a run needs one
	waiter      *waiter           // on an injected clock
	succession  *succession       // of the records under one id, once there are several
	undelivered []undeliveredTime // occurrences of a one-time job that are still to be run
	ledger      *ledger           // with WithMissed, and under a store
	runNows     int               // how many runs RunNow is to make as soon as the job is announced
	askedIn     *session          // in which they were asked for
	cronLast    time.Time         // of a userCron: when it was due last, at first when it was asked
	cronAnswer  time.Time         // what it said before the job was added
	asked       *cronQuestion     // to the userCron, nil for none
	beginning   []*run            // whose listeners are being called before the task
	retrying    runList           // runs that wait for their next attempt
	attempts    heap[*runRecord]  // of the same runs, by the time of the attempt
	paused      bool
	pause       pause           // while it is paused
	repeatKnown bool            // that the clock was set back and the engine does not let it run again was logged
	ranLast     bool            // of a one-time job with several limited runs: its latest occurrence was run
	latest      uint64          // that occurrence's run
	cancels     uint32          // how often the runs in progress were cancelled
	cancelCause error           // of the last time
	history     *history        // with WithHistory
	stats       *jobStats       // with WithJobStats, from the first run on
	idle        []chan struct{} // to be closed when nothing of the job runs or waits
}

// A succession is what all records that had one id in turn share. Only the newest
// of them is kept alive by it.
type succession struct {
	newest *internalJob
}

// succeededBy makes newest the record that has j's id now.
func (j *internalJob) succeededBy(newest *internalJob) {
	shared := j.makeRareState().succession
	if shared == nil {
		shared = &succession{}
		j.rare.succession = shared
	}
	shared.newest = newest
	newest.makeRareState().succession = shared
}

// nothingRare is what a job without rare state has. It is never written to.
var nothingRare rareState

// rareState is the job's rare state, to be read.
func (j *internalJob) rareState() *rareState {
	if j.rare == nil {
		return &nothingRare
	}
	return j.rare
}

// makeRareState is rareState, for writing.
func (j *internalJob) makeRareState() *rareState {
	if j.rare == nil {
		j.rare = &rareState{}
	}
	return j.rare
}

func (j *internalJob) heapPlace() int         { return int(j.place) }
func (j *internalJob) setHeapPlace(place int) { j.place = int32(place) }

// current is the record that has taken over j's gate and times: j itself, or the newest that
// replaced it.
func (j *internalJob) current() *internalJob {
	if succession := j.rareState().succession; succession != nil {
		return succession.newest
	}
	return j
}

// lastSoFar is j.last for those who write.
func (j *internalJob) lastSoFar() *lastRun {
	if j.last == nil {
		j.last = &lastRun{}
	}
	return j.last
}

// location is where the job lives.
func (j *internalJob) location() *time.Location {
	switch plainSchedule(j.plan).(type) {
	case *cronSchedule, *userCron, *anyOfSchedule:
		return j.locationBut(false)
	}
	return j.locationBut(true)
}

// locationBut is the zone set by WithJobLocation, else the start time's if byStart is set, as it counts
// for jobs of j's kind, else the scheduler's.
func (j *internalJob) locationBut(byStart bool) *time.Location {
	switch x := j.settings(); {
	case x.location != nil:
		return x.location
	case byStart && x.window.hasStart():
		return x.window.start.Location()
	default:
		return j.s.location
	}
}

func (j *internalJob) ID() uuid.UUID { return j.id }

// String and GoString are what a handle prints as. Reflection would read fields that change.
func (j *internalJob) String() string   { return fmt.Sprintf("job %q (%v)", j.Name(), j.id) }
func (j *internalJob) GoString() string { return j.String() }

func (j *internalJob) Name() string {
	if name := j.settings().name; name != "" {
		return name
	}
	return j.call.name()
}

func (j *internalJob) Schedule() JobSchedule { return j.plan.public() }

func (j *internalJob) Tags() []string {
	return append([]string(nil), j.settings().tags...)
}

func (j *internalJob) IsRunning() (bool, error) {
	j.s.lock()
	defer j.s.unlock()
	cur, err := j.s.jobOfLocked(j)
	if err != nil {
		return false, err
	}
	return cur.gate.running > 0, nil
}

func (j *internalJob) LastRun() (time.Time, error) { return j.LastRunStartedAt() }

func (j *internalJob) LastRunStartedAt() (time.Time, error) {
	last, err := j.s.lastRun(j)
	return last.startedAt, err
}

func (j *internalJob) LastRunCompletedAt() (time.Time, error) {
	last, err := j.s.lastRun(j)
	return last.completedAt, err
}

// inZone puts a time at which something happened in the scheduler's location.
func (s *scheduler) inZone(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(s.location)
}

func (s *scheduler) lastRun(handle *internalJob) (lastRun, error) {
	s.lock()
	defer s.unlock()
	j, err := s.jobOfLocked(handle)
	if err != nil || j.last == nil {
		return lastRun{}, err
	}
	return lastRun{s.inZone(j.last.startedAt), s.inZone(j.last.completedAt)}, nil
}

func (j *internalJob) NextRun() (time.Time, error) {
	o, err := j.s.nextRunView(j)
	return o.nextRun(), err
}

func (j *internalJob) NextRuns(n int) ([]time.Time, error) {
	o, err := j.s.nextRunView(j)
	return o.nextRuns(n), err
}

func (j *internalJob) RunNow() error { return j.s.runNow(j, nil) }

// isIdle reports whether no run of j is in progress or waits.
func (j *internalJob) isIdle() bool {
	return !j.gate.isClosed() && j.rareState().retrying.empty()
}
