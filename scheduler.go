package gocron

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// Scheduler holds jobs and runs them when they are due. Its methods may be
// called from any goroutine, also from inside a task, listener, monitor,
// logger, locker, elector or custom Cron of its own jobs.
type Scheduler interface {
	// Jobs returns a handle of every job, sorted by id. It is nil after
	// Shutdown.
	Jobs() []Job
	// NewJob adds a job. A scheduler that runs schedules it at once, otherwise Start does. If
	// anything about the job is refused, NewJob returns the error and changes nothing; the
	// functions that make definitions and options say which errors they cause. A nil task is
	// refused with ErrNewJobTaskNil. After Shutdown NewJob returns ErrSchedulerShutdown.
	//
	// If the first parameter of the task is a context.Context and you give no value for it, the
	// task gets the job's context. That ends when the job is removed or replaced, and when the
	// scheduler stops.
	//
	// If the scheduler has a job with the id (WithIdentifier, WithKey), NewJob replaces it, as
	// Update does.
	NewJob(JobDefinition, Task, ...JobOption) (Job, error)
	// RemoveByTags removes all jobs that have at least one of the tags.
	RemoveByTags(...string)
	// RemoveJob removes a job and its waiting runs. Its runs in progress go on, but their context
	// ends. It returns ErrJobNotFound for an unknown id.
	RemoveJob(uuid.UUID) error
	// Shutdown stops the scheduler for good, as StopJobs does, and forgets all jobs. You may call
	// it more than once; when all runs have ended it returns nil.
	Shutdown() error
	// ShutdownWithContext is Shutdown, but returns the context's error if the context ends first.
	// The scheduler is shut down in any case.
	ShutdownWithContext(context.Context) error
	// Start starts the scheduler, or starts it again after StopJobs. It does not wait for any run.
	// It does nothing if the scheduler runs, or was shut down.
	Start()
	// StopJobs stops all jobs. No further run starts, the jobs' contexts end, waiting runs are
	// dropped, and StopJobs waits for the runs in progress. It returns ErrStopJobsTimedOut when
	// they take longer than the stop timeout. They then go on, and still count for the limits if
	// you start the scheduler again.
	StopJobs() error
	// StopJobsWithContext is StopJobs, but returns the context's error if the context ends first.
	// The jobs are stopped in any case.
	StopJobsWithContext(context.Context) error
	// Update replaces the job with the given id. The old job's context ends and its waiting runs
	// are dropped. Its runs in progress go on, and count for the new job's limits. If anything is
	// refused, the old job goes on as it was. If the scheduler has no job with the id, Update adds
	// one.
	Update(uuid.UUID, JobDefinition, Task, ...JobOption) (Job, error)
	// JobsWaitingInQueue returns how many runs wait, under WithLimitConcurrentJobs or WithPool with
	// LimitModeWait, for a slot or for an earlier run of their job. It is 0 without such a limit.
	JobsWaitingInQueue() int
}

// scheduler is what NewScheduler returns.
type scheduler struct {
	workFunc func() // s.work, made once. Functions are never equal: reflect.DeepEqual reads no further

	// Set by NewScheduler, immutable afterwards.
	clock         clockwork.Clock
	onRealClock   bool
	location      *time.Location
	madeAt        time.Time
	logger        Logger
	stopTimeout   time.Duration
	globalOptions []JobOption
	elector       Elector
	locker        Locker
	previews      bool // it is one of Preview: there is nothing but options
	quiet         bool // the logger writes no warnings
	logsRuns      bool // the logger wants a line for each run that did not succeed
	monitors      monitors
	hooks         Hooks
	historySize   int  // 0: no history
	keepsJobStats bool // for each job
	drain         bool // stops let waiting runs finish
	recordsRuns   bool // every run has a runRecord, watched or not
	watchers      *watchers
	store         *storage            // nil: no store
	pools         map[string]*limiter // the map is immutable, mu guards the limiters

	outagesNow atomic.Int32 // how many outages there are

	zoneWarned atomic.Bool // that jobs are claimed by the local zone was logged

	indexes indexes // has a lock of its own

	wakeups atomic.Int32 // waiters on an injected clock that rang and were not stopped since

	// mu guards what follows, every job record, and every run, with the
	// exceptions named there. It is taken by lock and let go of by unlock, and held for
	// microseconds. User code is never called under it; the clock is the one thing of others that is.
	mu          sync.Mutex
	session     *session   // nil unless started
	draining    *session   // nil unless a stop lets its waiting runs finish
	unsettled   []*session // stopped, with runs still in progress
	dropping    int        // stops that drop a great many runs, in batches
	closed      bool       // by Shutdown
	everStarted bool
	jobs        map[uuid.UUID]*internalJob
	claiming    map[string]*internalJob // by name, those under a Claimer
	announcers  map[uuid.UUID]*announcer
	locking     map[string]*internalJob // by name, those that ask a plain Locker, unless quiet
	list        []*internalJob          // the same jobs, in no order, each at its index
	cronTurns   cronTurns               // has a lock of its own
	watch       clockWatch
	stoppedAt   time.Time    // by the last stop
	replacing   *internalJob // dispatches what is due before it is replaced; does not leave meanwhile
	timetable   timetable
	limiter     limiter    // of the jobs in no pool
	retries     heap[*run] // that wait for their next attempt, by elapsedKey
	outages     map[any]*outage
	freed       []*run // to be settled
	changed     []jobChange
	ready       readyQueue
	calls       []workerCalls
	workerComes bool                 // a worker was started and has not looked at ready yet
	jobSeq      uint64               // of the newest job
	runSeq      uint64               // of the newest run
	outcomes    [outcomeCount]uint64 // how many runs have each
}

// String and GoString are what a scheduler prints as. Reflection would read fields that change.
func (s *scheduler) String() string   { return fmt.Sprintf("scheduler %p", s) }
func (s *scheduler) GoString() string { return s.String() }

// NewScheduler makes a scheduler. It does nothing before Start. Options are applied in order, and
// the first error is returned. By default the time zone is time.Local, the clock is the real one, a
// stop waits for ten seconds, and nothing is logged.
func NewScheduler(options ...SchedulerOption) (Scheduler, error) {
	s := &scheduler{
		clock:       clockwork.NewRealClock(),
		location:    time.Local,
		logger:      noOpLogger{},
		stopTimeout: 10 * time.Second,
		watchers:    &watchers{},
		indexes:     indexes{turn: make(chan struct{}, 1)},
		jobs:        make(map[uuid.UUID]*internalJob),
		claiming:    make(map[string]*internalJob),
		announcers:  make(map[uuid.UUID]*announcer),
		locking:     make(map[string]*internalJob),
	}
	for i, option := range options {
		if option == nil {
			return nil, nilOptionError("NewScheduler", i)
		}
		if err := option(s); err != nil {
			return nil, err
		}
	}
	s.onRealClock = isRealClock(s.clock)
	s.recordsRuns = s.hooks.any() || s.historySize > 0 || s.keepsJobStats || s.drain
	s.madeAt = s.clock.Now()
	s.timetable.elapsedBase = s.madeAt
	s.timetable.wallBase = s.timetable.elapsedBase.Round(0)
	s.quiet, s.logsRuns = isQuiet(s.logger), loggerWantsRuns(s.logger)
	s.workFunc = s.work
	if err := s.openStore(); err != nil {
		return nil, err
	}
	s.logger.Info("gocron: new scheduler created")
	return s, nil
}
