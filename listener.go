package gocron

import "github.com/google/uuid"

// EventListener is a function called at one point of every run of a job. It is
// made by AfterJobRuns and its siblings and set by WithEventListeners.
//
// Listeners are called on the goroutine of the run, with nothing locked: they
// may call any method of the scheduler and its jobs. A slow one delays its own
// run only. A panic in one is not recovered.
type EventListener func(*internalJob) error

// listeners are the listeners of a job, by kind. A kind's functions are called
// in order.
type listeners struct {
	before     []func(uuid.UUID, string)
	refuse     []func(uuid.UUID, string) error
	after      []func(uuid.UUID, string)
	afterError []func(uuid.UUID, string, error)
	afterPanic []func(uuid.UUID, string, any)
	lockError  []func(uuid.UUID, string, error)
}

// BeforeJobRuns calls the function when a run is about to start. During the call NextRun is the
// time at which this run was due. The run does not start if, during the call, the job is stopped,
// removed, cancelled or paused, or its stop time passes by more than a second.
func BeforeJobRuns(eventListenerFunc func(jobID uuid.UUID, jobName string)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.before, eventListenerFunc, eventListenerFunc == nil)
	}
}

// BeforeJobRunsSkipIfBeforeFuncErrors calls the function when a run is about to start, after
// BeforeJobRuns. If the function returns an error the scheduler skips the run and the job waits for
// its next time. A SchedulerMonitor is told JobFailed with the error. The run does not count for
// WithLimitedRuns, and does not change LastRun.
func BeforeJobRunsSkipIfBeforeFuncErrors(eventListenerFunc func(jobID uuid.UUID, jobName string) error) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.refuse, eventListenerFunc, eventListenerFunc == nil)
	}
}

// AfterJobRuns calls the function when the task has returned without an error.
func AfterJobRuns(eventListenerFunc func(jobID uuid.UUID, jobName string)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.after, eventListenerFunc, eventListenerFunc == nil)
	}
}

// AfterJobRunsWithError calls the function when the task has returned an error, with that error. It
// also calls it after AfterJobRunsWithPanic, with an error that Is ErrPanicRecovered, and for a
// task that called runtime.Goexit, with ErrTaskGoexit.
func AfterJobRunsWithError(eventListenerFunc func(jobID uuid.UUID, jobName string, err error)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.afterError, eventListenerFunc, eventListenerFunc == nil)
	}
}

// AfterJobRunsWithPanic recovers a panic in the task and calls the function
// with its value. Without such a listener a panic in a task ends the program,
// as any other does.
func AfterJobRunsWithPanic(eventListenerFunc func(jobID uuid.UUID, jobName string, recoverData any)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.afterPanic, eventListenerFunc, eventListenerFunc == nil)
	}
}

// AfterLockError calls the function when the Locker has returned an error, so
// that the run is skipped, unless WithEngineDown lets it go on.
func AfterLockError(eventListenerFunc func(jobID uuid.UUID, jobName string, err error)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.lockError, eventListenerFunc, eventListenerFunc == nil)
	}
}

func addListener[F any](kind *[]F, f F, isNil bool) error {
	if isNil {
		return ErrEventListenerFuncNil
	}
	*kind = append(*kind, f)
	return nil
}

// override replaces the kinds that the newer listeners name.
func (l *listeners) override(newer listeners) {
	overrideKind(&l.before, newer.before)
	overrideKind(&l.refuse, newer.refuse)
	overrideKind(&l.after, newer.after)
	overrideKind(&l.afterError, newer.afterError)
	overrideKind(&l.afterPanic, newer.afterPanic)
	overrideKind(&l.lockError, newer.lockError)
}

func overrideKind[F any](kind *[]F, newer []F) {
	if newer != nil {
		*kind = newer
	}
}

// hooks reports whether a listener wants to know before the task.
func (l *listeners) hooks() bool { return l.before != nil || l.refuse != nil }

// follows reports whether one wants to know after it.
func (l *listeners) follows() bool {
	return l.after != nil || l.afterError != nil || l.afterPanic != nil
}

func (l *listeners) takePanics() bool { return l.afterPanic != nil }

func (l *listeners) runBefore(j *internalJob) {
	for _, f := range l.before {
		f(j.id, j.Name())
	}
}

// refusal is the first error with which a listener refuses the run.
func (l *listeners) refusal(j *internalJob) error {
	for _, f := range l.refuse {
		if err := f(j.id, j.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (l *listeners) runAfter(j *internalJob, err error) {
	if err != nil {
		for _, f := range l.afterError {
			f(j.id, j.Name(), err)
		}
		return
	}
	for _, f := range l.after {
		f(j.id, j.Name())
	}
}

func (l *listeners) runAfterPanic(j *internalJob, value any) {
	for _, f := range l.afterPanic {
		f(j.id, j.Name(), value)
	}
}

func (l *listeners) runLockError(j *internalJob, err error) {
	for _, f := range l.lockError {
		f(j.id, j.Name(), err)
	}
}
