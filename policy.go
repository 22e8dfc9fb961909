package gocron

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"runtime/debug"
	"time"
)

// RunFunc is the task of one run, as middleware sees it. Its error is the run's.
type RunFunc func(ctx context.Context) error

// WithMiddleware puts functions around the task, the first outermost, for instance for tracing or
// to give the context a value. The scheduler calls each function once, when the job is made, with
// the next RunFunc in the chain. The RunFunc that it returns is called in its place for every run:
// its error is the task's error, and a panic in it is a panic of the task. Functions of
// WithGlobalJobOptions are outside the job's own. If you give the option several times, all
// functions apply. A nil function, or a function that returns nil, is refused.
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

// wrapped is a task inside middleware.
type wrapped struct {
	boundFunc
	chain RunFunc
}

func (w wrapped) call(ctx context.Context) error { return w.chain(ctx) }
func (w wrapped) wantsContext() bool             { return true }

// wrap puts the middleware around the call, the first outermost.
func (c *call) wrap(middleware []func(RunFunc) RunFunc) error {
	if len(middleware) == 0 {
		return nil
	}
	chain := RunFunc(c.fn.call)
	for i := len(middleware) - 1; i >= 0; i-- {
		if chain = middleware[i](chain); chain == nil {
			return fmt.Errorf("%w: WithMiddleware: function %d returned nil", ErrOptionValue, i+1)
		}
	}
	c.fn = wrapped{c.fn, chain}
	return nil
}

// WithRecover recovers a panic in the task. The run then has the outcome OutcomePanicked, and its
// error is a *PanicError. An AfterJobRunsWithPanic listener recovers panics as well, with or
// without this option.
func WithRecover() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().recoverPanics = true
		return nil
	}
}

// A PanicError is the error of a run whose task panicked, when the panic was
// recovered because of WithRecover or AfterJobRunsWithPanic. It Is
// ErrPanicRecovered, and the value if that is an error.
type PanicError struct {
	Value any    // what the task panicked with
	Stack []byte // of the goroutine, as by debug.Stack
}

func newPanicError(value any) *PanicError {
	return &PanicError{Value: value, Stack: debug.Stack()}
}

// Error returns "gocron: panic recovered from" and the value.
func (e *PanicError) Error() string { return fmt.Sprintf("%v from %v", ErrPanicRecovered, e.Value) }

// Unwrap returns ErrPanicRecovered.
func (e *PanicError) Unwrap() error { return ErrPanicRecovered }

// Is reports whether the value is an error that Is target.
func (e *PanicError) Is(target error) bool {
	err, is := e.Value.(error)
	return is && errors.Is(err, target)
}

// As finds target in the value, if that is an error.
func (e *PanicError) As(target any) bool {
	err, is := e.Value.(error)
	return is && errors.As(err, target)
}

// errRunPaused is the error of a run whose job was paused right before the task.
var errRunPaused = errors.New("gocron: run paused before its task was called")

// notCalledError is the error of a run that has begun and did not get to its task, if there
// is no other.
func notCalledError(o Outcome) error {
	if o == OutcomePaused {
		return errRunPaused
	}
	return fmt.Errorf("%w before its task was called: %w", ErrRunCancelled, context.Canceled)
}

// WithTimeout limits how long the task may take. When the time is over, the context that the
// scheduler passes to the task ends, with the cause ErrRunTimeout. The run goes on until the task
// returns; no goroutine is abandoned. Its outcome is then OutcomeTimedOut with an error that Is
// ErrRunTimeout, whatever the task has returned. With WithRetry the limit is for each attempt. It
// counts real time, also with a fake clock. A timeout of zero or less is refused.
func WithTimeout(timeout time.Duration) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if timeout <= 0 {
			return optionValueError("WithTimeout", timeout, "more than 0")
		}
		j.makeSettings().timeout = timeout
		return nil
	}
}

// timeoutError is the error of a run that took longer than limit, and whose task returned err.
func timeoutError(limit time.Duration, err error) error {
	if err == nil {
		return fmt.Errorf("%w of %v", ErrRunTimeout, limit)
	}
	return fmt.Errorf("%w of %v: %w", ErrRunTimeout, limit, err)
}

// WithRetry tries a run again whose task has failed. While the run waits for its next attempt it
// uses no slot and no goroutine, does not block other runs of the job, and Job.IsRunning is false.
// Only the lock of a Claimer is kept. When the time for the next attempt has come, the run starts
// as soon as the limits let it, before runs that were due later. It is not skipped, whatever the
// mode.
//
// For each attempt the scheduler asks the Elector or Locker and calls listeners and monitors. It
// asks a Claimer once, for the first attempt. All attempts are one run: they count once for
// WithLimitedRuns, and the run has the outcome of the last attempt. There is no further attempt
// when the job is removed, replaced, stopped or cancelled.
//
// A policy with fewer than two attempts, with a nil error in On, or with both Backoff and
// BackoffFor is refused.
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

// RetryPolicy says whether and when a run whose task has failed is tried again. It is tried again as
// long as attempts are left, If and On both allow it, and the error is not Permanent.
type RetryPolicy struct {
	// Attempts is how often the task is called at most, the first time included.
	// It must be at least 2.
	Attempts int
	// Backoff is how long the run waits for its next attempt. With nil it does not wait.
	Backoff Backoff
	// If reports whether to try again after the error. Nil stands for any error.
	If func(error) bool
	// On lists errors to try again after, compared by errors.Is. Empty stands for any error.
	On []error
	// BackoffFor is a Backoff that sees the error of the attempt, for instance to wait as long as a
	// server has asked for. WithRetry refuses a policy that has both Backoff and BackoffFor.
	BackoffFor func(failed int, err error) time.Duration
}

// Backoff says how long a run waits after the given number of failed attempts, which is at least 1.
// Zero or less means that it does not wait. It is called from several goroutines, and with no lock
// held.
type Backoff func(failed int) time.Duration

// ConstantBackoff waits for d after every attempt.
func ConstantBackoff(d time.Duration) Backoff {
	return func(int) time.Duration { return d }
}

// ExponentialBackoff waits for a random time: of up to base after the first attempt, of up to twice
// base after the second, and so on, and never longer than limit (full jitter). A limit of zero or
// less means no limit.
func ExponentialBackoff(base, limit time.Duration) Backoff {
	return func(failed int) time.Duration {
		longest := longestBackoff(base, limit, failed)
		if longest <= 0 {
			return 0
		}
		if longest == math.MaxInt64 {
			return time.Duration(rand.Int63())
		}
		return time.Duration(rand.Int63n(int64(longest) + 1))
	}
}

func longestBackoff(base, limit time.Duration, failed int) time.Duration {
	longest := base
	for ; failed > 1 && longest > 0; failed-- {
		if longest > math.MaxInt64/2 {
			longest = math.MaxInt64
			break
		}
		longest *= 2
	}
	if limit > 0 && longest > limit {
		return limit
	}
	return longest
}

// Permanent makes an error after which a run is not tried again, whatever its
// RetryPolicy says. It reads as err and unwraps to it. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// again reports whether to try again after the attempt with the given number, which returned err.
func (p *RetryPolicy) again(err error, attempt int) bool {
	var permanent *permanentError
	if err == nil || attempt >= p.Attempts || errors.As(err, &permanent) {
		return false
	}
	if p.If != nil && !p.If(err) {
		return false
	}
	for _, target := range p.On {
		if errors.Is(err, target) {
			return true
		}
	}
	return len(p.On) == 0
}

// wait is how long to wait for the next attempt after err.
func (p *RetryPolicy) wait(failed int, err error) time.Duration {
	switch {
	case p.BackoffFor != nil:
		return max(p.BackoffFor(failed, err), 0)
	case p.Backoff != nil:
		return max(p.Backoff(failed), 0)
	default:
		return 0
	}
}
