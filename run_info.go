package gocron

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// RunInfo is what is known of one run of a job: an occurrence that fell due, or
// a RunNow. It is a snapshot. Times are in the scheduler's location, and zero
// for what has not happened.
type RunInfo struct {
	// ID is unique among the runs of a scheduler. Runs that were dispatched
	// later have higher ones. It is never 0.
	ID      uint64
	JobID   uuid.UUID
	JobName string
	Tags    []string
	// Pool is that of InPool, "" for none.
	Pool    string `json:",omitempty"`
	Trigger Trigger
	// Transient says that the job is a one-time job which has no name of its own or leaves by
	// WithRemoveWhenFinished. There may be any number of them: what counts by job names does better
	// to count them as one.
	Transient bool `json:",omitempty"`
	// ScheduledAt is when the run was due; for a RunNow, when it was asked for.
	ScheduledAt time.Time
	// QueuedAt is when the run last began to wait for a slot or for another run
	// of its job, StartedAt when its task was last called, and FinishedAt when
	// it had its outcome.
	QueuedAt   time.Time
	StartedAt  time.Time
	FinishedAt time.Time
	// Attempt is how often the task was called: 0 for a run that was not performed yet,
	// 1, or more under WithRetry.
	Attempt int
	// FencingToken is that of the run's FencedLock or, if it has none, of the term of
	// the TermElector; 0 for none.
	FencingToken int64
	Outcome      Outcome
	// MissedFrom and MissedTo are the ends of the gap that a record with OutcomeMissed tells of:
	// when the scheduler stopped, or when the occurrence was due that ran late, and when the
	// scheduler went on. ScheduledAt is the first time that was passed over.
	MissedFrom time.Time
	MissedTo   time.Time
	// Err is why the run has its outcome: the task's error, that of the Elector,
	// the Locker or the listener that refused it, ErrQueueFull, ErrRunReplaced or
	// ErrRunCancelled. It is nil for a run that succeeded, was skipped or paused, or
	// went with its job; but not for one that was stopped after a SchedulerMonitor is
	// told JobStarted: that has the error which JobFailed is told. While a run waits for
	// another attempt it is the error of the one before.
	Err error
}

// Trigger is what made a run.
type Trigger uint8

const (
	// TriggerSchedule: an occurrence of the job's definition fell due.
	TriggerSchedule Trigger = iota
	// TriggerStartImmediately: WithStartImmediately, or
	// OneTimeJobStartImmediately.
	TriggerStartImmediately
	// TriggerRunNow: Job.RunNow or Controller.RunAndWait.
	TriggerRunNow
	// TriggerRetry: an attempt after the first, whatever made the run.
	TriggerRetry
)

var triggerNames = [...]string{"schedule", "start-immediately", "run-now", "retry"}

// String returns "schedule", "start-immediately", "run-now" or "retry".
func (t Trigger) String() string {
	if int(t) < len(triggerNames) {
		return triggerNames[t]
	}
	return "unknown"
}

// MarshalText returns what String does, so that a Trigger is a word in JSON.
func (t Trigger) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText returns. Any other text is refused.
func (t *Trigger) UnmarshalText(text []byte) error {
	for i, name := range triggerNames {
		if name == string(text) {
			*t = Trigger(i)
			return nil
		}
	}
	return fmt.Errorf("%w: Trigger(%s)", ErrOptionValue, text)
}

// Outcome is how a run ended. Every run has exactly one.
//
// Runs whose task was called have succeeded, failed, panicked, timed out, or were
// cancelled; for one that was tried several times the last attempt counts, also
// when a further one was planned and never came. The others were not performed:
// they use up no run of WithLimitedRuns.
type Outcome uint8

const (
	// OutcomePending: the run waits or is in progress.
	OutcomePending Outcome = iota
	// OutcomeSucceeded: the task returned without an error.
	OutcomeSucceeded
	// OutcomeFailed: the task returned an error, or called runtime.Goexit.
	OutcomeFailed
	// OutcomePanicked: a panic in the task was recovered.
	OutcomePanicked
	// OutcomeTimedOut: the task took longer than WithTimeout allows.
	OutcomeTimedOut
	// OutcomeSkippedSingleton: another run of the job was in progress or waited,
	// and WithSingletonMode lets no more of them wait.
	OutcomeSkippedSingleton
	// OutcomeSkippedLimit: there was no slot under LimitModeReschedule.
	OutcomeSkippedLimit
	// OutcomeDroppedQueueFull: the run had to wait and WithQueueLimit had no
	// room for it.
	OutcomeDroppedQueueFull
	// OutcomeNotLeader: the Elector returned an error other than ErrEngineDown.
	OutcomeNotLeader
	// OutcomeLockedElsewhere: the Locker returned an error other than ErrEngineDown.
	OutcomeLockedElsewhere
	// OutcomeRefused: a listener of BeforeJobRunsSkipIfBeforeFuncErrors returned
	// an error.
	OutcomeRefused
	// OutcomeCancelled: before the task was called, the job was removed, replaced or
	// stopped, its context or its time ended, a newer run has replaced this one, or a
	// listener, the Elector or the Locker called runtime.Goexit; or the task returned
	// its context's error, which was ended by one of these, by Controller.Cancel, or
	// with the run's lock or its leader's term.
	OutcomeCancelled
	// OutcomePaused: the job was paused by a Controller.
	OutcomePaused
	// OutcomeEngineDown: the Elector or the Locker could not ask its engine, and
	// WithEngineDown does not say to run.
	OutcomeEngineDown
	// OutcomeMissed: at least one occurrence of the job passed while the scheduler was stopped, the
	// machine slept or the clock was set forward. This is a record of the gap, not a run: there is
	// one for each job and gap, in the History, the RunFinished hook and Stats.
	OutcomeMissed

	outcomeCount
)

var outcomeNames = [outcomeCount]string{
	"pending", "succeeded", "failed", "panicked", "timed-out", "skipped-singleton", "skipped-limit",
	"dropped-queue-full", "not-leader", "locked-elsewhere", "refused", "cancelled", "paused", "engine-down", "missed",
}

// String returns the outcome's name in lower case, its words joined by dashes,
// such as "timed-out".
func (o Outcome) String() string {
	if o < outcomeCount {
		return outcomeNames[o]
	}
	return "unknown"
}

// MarshalText returns what String does, so that an Outcome is a word in JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText returns. Any other text is refused.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("%w: Outcome(%s)", ErrOptionValue, text)
}

// RunFromContext returns what is known at the moment of the run that ctx belongs
// to, and false if ctx is not that of a run. It serves in the task and in
// everything that gets its context or that of the Elector or Locker, for as long
// as one likes.
func RunFromContext(ctx context.Context) (RunInfo, bool) {
	rec := recordFrom(ctx)
	if rec == nil {
		return RunInfo{}, false
	}
	s := rec.run.job.s
	s.lock()
	defer s.unlock()
	if latest := rec.run.record; latest != nil { // rec may be of an attempt before
		rec = latest
	}
	return rec.info(), true
}

// JobFromContext returns a handle of the job whose run ctx belongs to, and false
// if ctx is not that of a run.
func JobFromContext(ctx context.Context) (Job, bool) {
	rec := recordFrom(ctx)
	if rec == nil {
		return nil, false
	}
	return rec.run.job, true
}

func recordFrom(ctx context.Context) *runRecord {
	if ctx == nil {
		return nil
	}
	rec, _ := ctx.Value(recordKey{}).(*runRecord)
	return rec
}

type recordKey struct{}

// A runRecord is what is known of one attempt of a run beyond what performing it
// takes. It is the attempt's context as well. The scheduler's mu guards all but
// that.
type runRecord struct {
	context.Context // the job's; set before anybody else sees the record as a context

	run        *run
	queuedAt   time.Time
	startedAt  time.Time
	finishedAt time.Time
	err        error
	awaited    *awaited      // by a RunAndWait; nil if it is not
	lease      *runLease     // nil for none
	pending    *pending      // nil for nothing
	waiter     *waiter       // for the next attempt, on an injected clock
	missed     *gap          // what the record tells of, if it is not a run
	place      int           // in the job's attempts
	delay      time.Duration // by WithJitter
}

func (rec *runRecord) heapPlace() int         { return rec.place }
func (rec *runRecord) setHeapPlace(place int) { rec.place = place }

// Value finds the record itself, and values of the caller of RunAndWait.
func (rec *runRecord) Value(key any) any {
	if key == (recordKey{}) {
		return rec
	}
	value := rec.Context.Value(key)
	if value == nil && rec.awaited != nil {
		value = rec.awaited.caller.Value(key)
	}
	return value
}

// An awaited is what a RunAndWait has to do with its run.
type awaited struct {
	done   chan struct{}   // closed when the run has finished
	caller context.Context // whose values the run has beside its own
}

// info is what is known of the run.
func (rec *runRecord) info() RunInfo {
	r := rec.run
	s := r.job.s
	info := RunInfo{
		ID:          r.id,
		JobID:       r.job.id,
		JobName:     r.job.Name(),
		Tags:        r.job.Tags(),
		Pool:        r.job.limiter().pool,
		Trigger:     r.trigger,
		Transient:   r.job.transient(),
		ScheduledAt: s.inZone(r.scheduledAt),
		QueuedAt:    s.inZone(rec.queuedAt),
		StartedAt:   s.inZone(rec.startedAt),
		FinishedAt:  s.inZone(rec.finishedAt),
		Attempt:     int(r.attempts),
		Err:         rec.err,
	}
	if rec.missed != nil {
		info.MissedFrom, info.MissedTo = s.inZone(rec.missed.from), s.inZone(rec.missed.to)
	}
	if rec.lease != nil {
		info.FencingToken = rec.lease.token
	}
	if r.attempts > 1 {
		info.Trigger = TriggerRetry
	}
	if r.stage == stageFinished {
		info.Outcome = r.outcome
	}
	return info
}

// String and GoString are what a context prints as. Reflection would read fields that
// change.
func (rec *runRecord) String() string   { return fmt.Sprint(rec.Context) + ".WithValue(gocron.run)" }
func (rec *runRecord) GoString() string { return rec.String() }

// info is what is known of the run, which may have no record.
func (r *run) info() RunInfo {
	if r.record == nil {
		return (&runRecord{run: r}).info()
	}
	return r.record.info()
}
