package gocron

import (
	"testing"
	"time"

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

// monitorFuncs is a SchedulerMonitor of two functions, which may be nil.
type monitorFuncs struct{ registered, unregistered func(Job) }

func (m monitorFuncs) JobRegistered(j Job) {
	if m.registered != nil {
		m.registered(j)
	}
}

func (m monitorFuncs) JobUnregistered(j Job) {
	if m.unregistered != nil {
		m.unregistered(j)
	}
}

func (monitorFuncs) SchedulerStarted()                            {}
func (monitorFuncs) SchedulerStopped()                            {}
func (monitorFuncs) SchedulerShutdown()                           {}
func (monitorFuncs) JobStarted(Job)                               {}
func (monitorFuncs) JobRunning(Job)                               {}
func (monitorFuncs) JobFailed(Job, error)                         {}
func (monitorFuncs) JobCompleted(Job)                             {}
func (monitorFuncs) JobExecutionTime(Job, time.Duration)          {}
func (monitorFuncs) JobSchedulingDelay(Job, time.Time, time.Time) {}
func (monitorFuncs) ConcurrencyLimitReached(string, Job)          {}
