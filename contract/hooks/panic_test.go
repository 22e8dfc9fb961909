package hooks_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hookCrashes are programs that a panic of user code ends. Each gets a
// scheduler's options and a job's from its name.
func hookCrashes() map[string]func() (task any, scheduler []gocron.SchedulerOption, job []gocron.JobOption) {
	taken := gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {})
	listener := func(l ...gocron.EventListener) []gocron.JobOption {
		return []gocron.JobOption{gocron.WithEventListeners(l...)}
	}
	ouch := func() { panicOuch() }
	type parts = func() (any, []gocron.SchedulerOption, []gocron.JobOption)
	return map[string]parts{
		"task": func() (any, []gocron.SchedulerOption, []gocron.JobOption) { return ouch, nil, nil },
		"task with other listeners": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return ouch, nil, listener(
				gocron.AfterJobRuns(func(uuid.UUID, string) { println("after") }),
				gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { println("after") }))
		},
		"task with a lock": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return ouch, []gocron.SchedulerOption{gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
				return rig.UnlockFunc(func(context.Context) error { println("unlocked"); return nil }), nil
			}))}, nil
		},
		"Before": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, nil, listener(gocron.BeforeJobRuns(func(uuid.UUID, string) { ouch() }), taken)
		},
		"BeforeSkip": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, nil, listener(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { ouch(); return nil }), taken)
		},
		"After": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, nil, listener(gocron.AfterJobRuns(func(uuid.UUID, string) { ouch() }), taken)
		},
		"AfterError": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() error { return rig.ErrHook }, nil, listener(gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { ouch() }), taken)
		},
		"AfterPanic": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() { panic("first") }, nil, listener(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) { ouch() }))
		},
		"AfterLockError": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, []gocron.SchedulerOption{gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrHook }))},
				listener(gocron.AfterLockError(func(uuid.UUID, string, error) { ouch() }), taken)
		},
		"elector": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, []gocron.SchedulerOption{gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { ouch(); return nil }))}, listener(taken)
		},
		"locker": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, []gocron.SchedulerOption{gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { ouch(); return nil, nil }))}, listener(taken)
		},
		"unlock": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, []gocron.SchedulerOption{gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
				return rig.UnlockFunc(func(context.Context) error { ouch(); return nil }), nil
			}))}, listener(taken)
		},
		"monitor": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, []gocron.SchedulerOption{gocron.WithMonitor(ouchMonitor{})}, listener(taken)
		},
		"scheduler monitor": func() (any, []gocron.SchedulerOption, []gocron.JobOption) {
			return func() {}, []gocron.SchedulerOption{gocron.WithSchedulerMonitor(ouchMonitor{})}, listener(taken)
		},
	}
}

func panicOuch() { panic("ouch") }

type ouchMonitor struct{ rig.NoMonitor }

func (ouchMonitor) IncrementJob(uuid.UUID, string, []string, gocron.JobStatus) { panicOuch() }
func (ouchMonitor) JobRunning(gocron.Job)                                      { panicOuch() }

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
			require.Contains(t, string(output), "contract/hooks_test.panicOuch", "the trace tells where")
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
	s, err := gocron.NewScheduler(scheduler...)
	if err != nil {
		os.Exit(3)
	}
	if _, err := s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), gocron.NewTask(task), job...); err != nil {
		os.Exit(4)
	}
	s.Start()
	time.Sleep(rig.Patience)
	os.Exit(5)
}
