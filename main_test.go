package gocron

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noop() {}

// ages is a definition that is due in ages: its job runs by RunNow alone.
func ages() JobDefinition { return DurationJob(1000 * time.Hour) }

// newScheduler makes a scheduler that is shut down when the test ends.
func newScheduler(t testing.TB, options ...SchedulerOption) Scheduler {
	t.Helper()
	s, err := NewScheduler(options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown()) })
	return s
}

// mustJob adds a job that must not be refused.
func mustJob(t testing.TB, s Scheduler, definition JobDefinition, task any, options ...JobOption) Job {
	t.Helper()
	j, err := s.NewJob(definition, NewTask(task), options...)
	require.NoError(t, err)
	return j
}

// receive waits for something that must come. The time limit only keeps a
// broken program from hanging the tests.
func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// hookNop is every monitor, and does nothing.
type hookNop struct{}

func (hookNop) IncrementJob(uuid.UUID, string, []string, JobStatus)               {}
func (hookNop) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}
func (hookNop) SchedulerStarted()                                                 {}
func (hookNop) SchedulerStopped()                                                 {}
func (hookNop) SchedulerShutdown()                                                {}
func (hookNop) JobRegistered(Job)                                                 {}
func (hookNop) JobUnregistered(Job)                                               {}
func (hookNop) JobStarted(Job)                                                    {}
func (hookNop) JobRunning(Job)                                                    {}
func (hookNop) JobFailed(Job, error)                                              {}
func (hookNop) JobCompleted(Job)                                                  {}
func (hookNop) JobExecutionTime(Job, time.Duration)                               {}
func (hookNop) JobSchedulingDelay(Job, time.Time, time.Time)                      {}
func (hookNop) ConcurrencyLimitReached(string, Job)                               {}
func (hookNop) RecordJobTimingWithStatus(time.Time, time.Time, uuid.UUID, string, []string, JobStatus, error) {
}

// monitorFuncs is a SchedulerMonitor of some functions.
type monitorFuncs struct {
	hookNop
	started                           func()
	registered, unregistered, running func(Job)
}

func (m monitorFuncs) SchedulerStarted() {
	if m.started != nil {
		m.started()
	}
}

func (m monitorFuncs) JobRegistered(j Job) {
	if m.registered != nil {
		m.registered(j)
	}
}

func (m monitorFuncs) JobRunning(j Job) {
	if m.running != nil {
		m.running(j)
	}
}

func (m monitorFuncs) JobUnregistered(j Job) {
	if m.unregistered != nil {
		m.unregistered(j)
	}
}
