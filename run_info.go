package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
)

// RunInfo is what is known of one run of a job. It is a copy: it does not change when the run goes
// on. Times are in the scheduler's time zone, and zero for what has not happened.
type RunInfo struct {
	// ID is unique among the runs of a scheduler. A run that was due later has a higher one. It is
	// 0 only for a run of a process before, which History has from a store.
	ID      uint64
	JobID   uuid.UUID
	JobName string
	Tags    []string
	// Pool is the pool set by InPool, "" for none.
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
	// Attempt is how often the task was called: 0 if it was not called, more than 1 only with
	// WithRetry.
	Attempt int
	// FencingToken is the number of the run's FencedLock or, if it has none, of the leader's term
	// (TermElector). It is 0 for none.
	FencingToken int64
	Outcome      Outcome
	// MissedFrom and MissedTo are the ends of the gap in a record with OutcomeMissed. The gap
	// begins when the scheduler stopped, or when the occurrence was due that ran late; with WithMissed
	// or a store it begins with the first time that was missed. It ends when the scheduler went on.
	// ScheduledAt is the first time that passed in it.
	MissedFrom time.Time
	MissedTo   time.Time
	// MissedCount is how many occurrences were passed over, if that is known, and MissedLast the
	// last of them: under WithMissed or a store. A record with OutcomePaused that stands for several
	// occurrences has these as well.
	MissedCount int `json:",omitempty"`
	MissedLast  time.Time
	// Err is the reason for the outcome: the error of the task, the Elector, the Locker or the
	// listener that refused the run, ErrQueueFull, ErrRunReplaced or ErrRunCancelled. It is nil for
	// a run that succeeded, was skipped or paused, or ended because its job left. If the run had
	// already been announced to a SchedulerMonitor by JobStarted, it is then the error that
	// JobFailed was given. While a run waits for another attempt, Err is the error of the attempt
	// before.
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
	// TriggerCatchUp: an occurrence was missed, and WithMissed says to run it.
	TriggerCatchUp
)

var triggerNames = [...]string{"schedule", "start-immediately", "run-now", "retry", "catch-up"}

// String returns "schedule", "start-immediately", "run-now", "retry" or "catch-up".
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
	i := slices.Index(triggerNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%w: Trigger(%s)", ErrOptionValue, text)
	}
	*t = Trigger(i)
	return nil
}

// Outcome is how a run ended. Every run has exactly one.
//
// If the task was called, the run has succeeded, failed, panicked, timed out, or was cancelled.
// With WithRetry the last attempt counts, also if a further attempt was planned and did not come.
// All other outcomes mean that the task was not called; such a run does not count for
// WithLimitedRuns.
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
	// OutcomeSkippedSingleton: another run of the job was in progress or waited, and
	// WithSingletonMode lets no more runs wait.
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
	// OutcomeCancelled: the run was ended before its task was called, or the task returned the
	// error of its context after that had ended. Possible reasons: the job was removed or replaced,
	// the scheduler was stopped, the context of WithContext ended, the stop time passed,
	// LimitModeReplace or Controller.Cancel ended the run, its lock was lost, the leader's term was
	// over, or a listener, the Elector or the Locker called runtime.Goexit.
	OutcomeCancelled
	// OutcomePaused: the job was paused by a Controller.
	OutcomePaused
	// OutcomeEngineDown: the Elector or the Locker could not ask its engine, and
	// WithEngineDown does not say to run.
	OutcomeEngineDown
	// OutcomeMissed: at least one occurrence of the job passed while the scheduler was stopped, the
	// machine slept or the clock was set forward. It is not a run but a record of the gap, one for
	// each job and gap, in History, Stats and the RunFinished hook.
	// With WithMissed or WithStore it says how many occurrences there are, and other causes count.
	OutcomeMissed
	// OutcomeInterrupted: the process ended while the task was in progress. It is found when the
	// next process starts: see WithStore.
	OutcomeInterrupted
	// OutcomeStoreDown: the store of WithStore could not record that the run begins, and
	// WithStoreDown does not say to run.
	OutcomeStoreDown

	outcomeCount
)

var outcomeNames = [outcomeCount]string{
	"pending", "succeeded", "failed", "panicked", "timed-out", "skipped-singleton", "skipped-limit",
	"dropped-queue-full", "not-leader", "locked-elsewhere", "refused", "cancelled", "paused", "engine-down", "missed",
	"interrupted", "store-down",
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
	i := slices.Index(outcomeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%w: Outcome(%s)", ErrOptionValue, text)
	}
	*o = Outcome(i)
	return nil
}

// plainRunInfo is RunInfo without its methods.
type plainRunInfo RunInfo

// jsonRunInfo is a RunInfo as it is in JSON: all of its fields, and its own Err in the place of the
// error.
type jsonRunInfo struct {
	plainRunInfo
	Err *string
}

// MarshalJSON writes the fields under their names, Err as the error's text, or null.
func (i RunInfo) MarshalJSON() ([]byte, error) {
	out := jsonRunInfo{plainRunInfo: plainRunInfo(i)}
	if i.Err != nil {
		text := i.Err.Error()
		out.Err = &text
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. Err is then the package's own error that
// has the text, such as ErrQueueFull, or else one that has no more than the text.
func (i *RunInfo) UnmarshalJSON(data []byte) error {
	in := jsonRunInfo{plainRunInfo: plainRunInfo(*i)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	in.plainRunInfo.Err = nil
	if in.Err != nil {
		in.plainRunInfo.Err = errorOfText(*in.Err)
	}
	*i = RunInfo(in.plainRunInfo)
	return nil
}

// errorOfText is the error of a run that has the text.
func errorOfText(text string) error {
	for _, own := range [...]error{ErrQueueFull, ErrRunReplaced, ErrRunCancelled, ErrRunTimeout, ErrTaskGoexit,
		ErrLockLost, ErrTermEnded, ErrEngineDown, ErrStoreDown, ErrRunInterrupted} {
		if own.Error() == text {
			return own
		}
	}
	return errors.New(text)
}

// LogValue returns a group with what is known of the run.
func (i RunInfo) LogValue() slog.Value {
	var g logGroup
	g.add(slog.Uint64("id", i.ID), slog.String("job", i.JobName), slog.String("jobID", i.JobID.String()),
		slog.String("trigger", i.Trigger.String()), slog.String("outcome", i.Outcome.String()))
	if len(i.Tags) > 0 {
		g.add(slog.Any("tags", i.Tags))
	}
	g.addText("pool", i.Pool)
	g.addTime("scheduledAt", i.ScheduledAt)
	g.addTime("queuedAt", i.QueuedAt)
	g.addTime("startedAt", i.StartedAt)
	g.addTime("finishedAt", i.FinishedAt)
	g.addTime("missedFrom", i.MissedFrom)
	g.addTime("missedTo", i.MissedTo)
	g.addCount("missedCount", i.MissedCount)
	g.addTime("missedLast", i.MissedLast)
	g.addCount("attempt", i.Attempt)
	if i.FencingToken != 0 {
		g.add(slog.Int64("fencingToken", i.FencingToken))
	}
	if i.Err != nil {
		g.add(slog.String("error", i.Err.Error()))
	}
	return slog.GroupValue(g...)
}

// RunFromContext returns what is known of the run that ctx belongs to, and false if ctx does not
// belong to a run. Call it in the task, or with any context made from the task's context or from
// the context of the Elector or Locker, at any time.
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

// JobFromContext returns a handle of the job whose run ctx belongs to, and false if ctx does not
// belong to a run.
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
	stored     *storedRun    // under a store
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
		info.MissedLast, info.MissedCount = s.inZone(rec.missed.last), rec.missed.count
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
