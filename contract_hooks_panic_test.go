package gocron

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hookCrashes are programs that a panic of user code ends. Each gets a
// scheduler's options and a job's from its name.
func hookCrashes() map[string]func() (task any, scheduler []SchedulerOption, job []JobOption) {
	taken := AfterJobRunsWithPanic(func(uuid.UUID, string, any) {})
	listener := func(l ...EventListener) []JobOption { return []JobOption{WithEventListeners(l...)} }
	ouch := func() { panicOuch() }
	type parts = func() (any, []SchedulerOption, []JobOption)
	return map[string]parts{
		"task": func() (any, []SchedulerOption, []JobOption) { return ouch, nil, nil },
		"task with other listeners": func() (any, []SchedulerOption, []JobOption) {
			return ouch, nil, listener(
				AfterJobRuns(func(uuid.UUID, string) { println("after") }),
				AfterJobRunsWithError(func(uuid.UUID, string, error) { println("after") }))
		},
		"task with a lock": func() (any, []SchedulerOption, []JobOption) {
			return ouch, []SchedulerOption{WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
				return unlockFunc(func(context.Context) error { println("unlocked"); return nil }), nil
			}))}, nil
		},
		"Before": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, nil, listener(BeforeJobRuns(func(uuid.UUID, string) { ouch() }), taken)
		},
		"BeforeSkip": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, nil, listener(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { ouch(); return nil }), taken)
		},
		"After": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, nil, listener(AfterJobRuns(func(uuid.UUID, string) { ouch() }), taken)
		},
		"AfterError": func() (any, []SchedulerOption, []JobOption) {
			return func() error { return errHook }, nil, listener(AfterJobRunsWithError(func(uuid.UUID, string, error) { ouch() }), taken)
		},
		"AfterPanic": func() (any, []SchedulerOption, []JobOption) {
			return func() { panic("first") }, nil, listener(AfterJobRunsWithPanic(func(uuid.UUID, string, any) { ouch() }))
		},
		"AfterLockError": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, []SchedulerOption{WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) { return nil, errHook }))},
				listener(AfterLockError(func(uuid.UUID, string, error) { ouch() }), taken)
		},
		"elector": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, []SchedulerOption{WithDistributedElector(electorFunc(func(context.Context) error { ouch(); return nil }))}, listener(taken)
		},
		"locker": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, []SchedulerOption{WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) { ouch(); return nil, nil }))}, listener(taken)
		},
		"unlock": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, []SchedulerOption{WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
				return unlockFunc(func(context.Context) error { ouch(); return nil }), nil
			}))}, listener(taken)
		},
		"monitor": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, []SchedulerOption{WithMonitor(ouchMonitor{})}, listener(taken)
		},
		"scheduler monitor": func() (any, []SchedulerOption, []JobOption) {
			return func() {}, []SchedulerOption{WithSchedulerMonitor(ouchMonitor{})}, listener(taken)
		},
	}
}

func panicOuch() { panic("ouch") }

type ouchMonitor struct{ hookNop }

func (ouchMonitor) IncrementJob(uuid.UUID, string, []string, JobStatus) { panicOuch() }
func (ouchMonitor) JobRunning(Job)                                      { panicOuch() }

const hookCrashEnv = "GOCRON_TEST_CRASH"

func TestHooksPanicPropagates(t *testing.T) {
	if name := os.Getenv(hookCrashEnv); name != "" {
		crash(name)
	}
	for name := range hookCrashes() {
		name := name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^TestHooksPanicPropagates$")
			child.Env = append(os.Environ(), hookCrashEnv+"="+name)
			output, err := child.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, string(output))
			require.Equal(t, 2, exit.ExitCode(), string(output))
			require.Contains(t, string(output), "panic: ")
			require.Contains(t, string(output), "ouch")
			require.Contains(t, string(output), "gocron/v2.panicOuch", "the trace tells where")
			require.NotContains(t, string(output), "after\n", "listeners hear of no run that a panic ended")
			if name == "task with a lock" {
				require.Contains(t, string(output), "unlocked\n", "the lock is released first")
			}
		})
	}
}

// crash runs a job that ends this program.
func crash(name string) {
	task, scheduler, job := hookCrashes()[name]()
	s, err := NewScheduler(scheduler...)
	if err != nil {
		os.Exit(3)
	}
	if _, err := s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(task), job...); err != nil {
		os.Exit(4)
	}
	s.Start()
	time.Sleep(rigPatience)
	os.Exit(5)
}
