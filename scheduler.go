package gocron

import (
	"context"
	"fmt"
	"sort"
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
	jobs        map[idKey]*internalJob
	claiming    map[string]*internalJob // by name, those under a Claimer
	announcers  map[idKey]*announcer
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
		jobs:        make(map[idKey]*internalJob),
		claiming:    make(map[string]*internalJob),
		announcers:  make(map[idKey]*announcer),
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

func (s *scheduler) Start() {
	moment := s.now()
	s.noteEndedContexts()
	sess := s.openSession(moment)
	if sess == nil {
		s.logger.Warn("gocron: scheduler already started or shut down")
		return
	}
	s.beginSession(sess)
	sess.awaitAnswers()
	s.logger.Info("gocron: scheduler started")
}

// openSession makes the scheduler a started one, unless it is.
func (s *scheduler) openSession(moment time.Time) *session {
	s.lock()
	defer s.unlock()
	for s.dropping > 0 { // soon over: what a stop drops is not to be in the way of new runs
		s.yieldLocked()
	}
	if s.closed || s.session != nil || s.draining != nil {
		return nil
	}
	s.session = newSession()
	s.session.startedAt = moment
	s.everStarted = true
	s.lookAtClockLocked()
	intervals := 0
	for _, j := range s.list {
		if j.intervals {
			intervals++
		}
	}
	s.timetable.reserve(intervals, len(s.list)-intervals)
	return s.session
}

// beginSession tells the monitor, starts the scheduler goroutine and enters all
// jobs. It does so however the monitor's call ends.
func (s *scheduler) beginSession(sess *session) {
	defer s.enterAll(sess)
	if m := s.monitors.scheduler; m != nil {
		m.SchedulerStarted()
	}
}

// enterAll enters all jobs when a session begins, and says of those that leave
// why they do.
func (s *scheduler) enterAll(sess *session) {
	s.lock()
	var calls deferredCalls
	if !sess.stopped {
		s.startDispatchingLocked(sess)
	}
	sess.starting, sess.questions = true, 1 // so that an answer does not end the wait before all are asked
	if s.session == sess {
		calls = s.enterListLocked()
	}
	sess.starting = false
	sess.questionAnswered()
	s.unlock()
	calls.run()
}

// startDispatchingLocked starts the session's scheduler goroutine.
func (s *scheduler) startDispatchingLocked(sess *session) {
	if !sess.dispatching {
		sess.dispatching, sess.looking = true, true
		sess.busy++
		go s.dispatch(sess)
	}
}

// enterListLocked is enterAll's part under the lock. Jobs that have nothing left to do leave.
func (s *scheduler) enterListLocked() (calls deferredCalls) {
	now, moment := s.lookAtClockLocked(), s.session.startedAt
	var atOnce, idle []*internalJob
	enter := func(j *internalJob) {
		missed := s.outcomes[OutcomeMissed]
		s.scheduleLocked(j, moment, now)
		if j.oneTime() && s.outcomes[OutcomeMissed] > missed {
			calls.addThen(func() {
				s.logger.Warn("gocron: times of a one-time job have passed while the scheduler was not running",
					"job", j.Name(), "id", j.id)
			})
		}
	}
	for _, j := range s.list {
		switch {
		case !j.announced || j.entered:
			continue
		case j.runsAtStart():
			atOnce = append(atOnce, j)
			continue
		}
		enter(j)
		if j.next.IsZero() {
			idle = append(idle, j)
		}
	}
	s.fireUndeliveredLocked(now, atOnce...)
	sort.Slice(atOnce, func(a, b int) bool { return atOnce[a].seq < atOnce[b].seq })
	for _, j := range atOnce {
		enter(j)
	}
	s.settleLocked()
	for _, j := range append(idle, atOnce...) {
		calls.add(s.removeIfExhaustedLocked(j))
	}
	return calls
}

// removeIfExhaustedLocked lets a job leave that Start finds with nothing left to do.
func (s *scheduler) removeIfExhaustedLocked(j *internalJob) (calls deferredCalls) {
	if !j.listed { // its run has ended already
		return calls
	}
	if s.exhaustedLocked(j) || s.isUselessLocked(j, s.session.startedAt) {
		log := s.logger.Debug
		if j.last == nil {
			log = s.logger.Warn
		}
		calls = s.removeLocked(j)
		calls.addThen(func() { log("gocron: job has nothing left to do and leaves", "job", j.Name(), "id", j.id) })
	}
	return calls
}

// isUselessLocked reports whether j, which was entered for the moment, has nothing left to do. A job
// whose context has ended stays until its stop time has passed.
func (s *scheduler) isUselessLocked(j *internalJob, moment time.Time) bool {
	return s.hasNothingLeftLocked(j) && j.isIdle() && (!j.ended || j.window().isOver(moment))
}

// runsAtStart reports whether entering j makes a run.
func (j *internalJob) runsAtStart() bool {
	return j.startImmediately || j.rareState().runNows > 0 || len(j.rareState().undelivered) > 0
}

// A session is the time from one Start to the stop that ends it. Every run
// belongs to one.
type session struct {
	startedAt time.Time     // when Start was called
	nudges    chan struct{} // capacity 1: nudges coalesce
	stopping  chan struct{} // closed by the stop
	idle      chan struct{} // closed when stopped and not busy
	answered  chan struct{} // closed when the Crons that Start has asked have answered

	drained chan struct{} // closed when it drains and no run is left; with WithDrain

	// The scheduler's mu guards the rest.
	inProgress  runList // all with WithDrain, else those that began while they were watched
	drains      bool    // only waits for the runs it has
	stopped     bool
	dispatching bool // there is a scheduler goroutine
	looking     bool // it is at the timetable now
	busy        int  // goroutines at work, or about to be, that a stop waits for
	live        int  // runs without an outcome
	starting    bool // Start is entering the jobs
	questions   int  // to Crons, which Start waits for
}

func newSession() *session {
	return &session{
		drained:  make(chan struct{}),
		nudges:   make(chan struct{}, 1),
		stopping: make(chan struct{}),
		idle:     make(chan struct{}),
		answered: make(chan struct{}),
	}
}

// nudge makes the scheduler goroutine look at the timetable. It never blocks
// and takes no lock.
func (s *session) nudge() {
	select {
	case s.nudges <- struct{}{}:
	default:
	}
}

// closeIfDrained closes drained when the last run of a session that drains has finished: no more
// are made.
func (s *session) closeIfDrained() {
	if s.drains && s.live == 0 {
		close(s.drained)
	}
}

// lessBusyLocked is called when one of the goroutines counted in busy is done. What follows from its
// changes is settled first: that may keep the session busy.
func (s *scheduler) lessBusyLocked(sess *session) {
	s.settleLocked()
	s.noteLessBusyLocked(sess)
}

func (s *scheduler) noteLessBusyLocked(sess *session) {
	sess.busy--
	if sess.busy > 0 || !sess.stopped {
		return
	}
	close(sess.idle)
	for i, other := range s.unsettled {
		if other == sess {
			s.unsettled = append(s.unsettled[:i], s.unsettled[i+1:]...)
			return
		}
	}
}
