package gocron

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTimeIntervalsAreDueByTheMonotonicClock(t *testing.T) {
	s := newScheduler(t).(*scheduler)
	definitions := everyKind()
	definitions["one-time"] = OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(1000 * time.Hour)))
	jobs := map[string]Job{}
	for name, definition := range definitions {
		jobs[name] = mustJob(t, s, definition, func() {})
	}
	start := mustJob(t, s, DurationJob(time.Hour), func() {}, WithStartAt(WithStartDateTime(time.Now().Add(time.Hour))))
	s.Start()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, j := range jobs {
		require.Equal(t, name != "duration" && name != "random", j.(*internalJob).dueByWall, name)
	}
	require.True(t, start.(*internalJob).dueByWall, "a start time is a wall time")
}

func TestTimeWaitersAreOneForEachScheduledJob(t *testing.T) {
	r := newRig(t)
	jobs := map[string]Job{}
	for name, definition := range everyKind() {
		jobs[name] = r.job(definition, func() {})
	}
	r.job(OneTimeJob(OneTimeJobStartDateTimes(rigAt(900*time.Hour, 901*time.Hour, 902*time.Hour)...)), func() {})
	r.job(DurationJob(time.Hour), func() {}, WithStartAt(WithStartDateTime(rigNow.Add(time.Minute))), stopAfter(1000*time.Hour))
	r.job(DurationJob(time.Hour), func() {}, WithStartAt(WithStartImmediately()))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), func() {})
	const scheduled = 8 + 3
	r.waiters(0)
	r.start()
	r.waiters(scheduled)
	for i := 0; i < 5; i++ {
		r.advance(time.Hour)
		r.waiters(scheduled)
	}
	require.NoError(t, r.s.RemoveJob(jobs["duration"].ID()))
	r.waiters(scheduled - 1)
	r.job(DurationJob(time.Minute), func() {})
	r.waiters(scheduled)
	_, err := r.s.Update(jobs["daily"].ID(), DurationJob(time.Minute), NewTask(func() {}))
	require.NoError(t, err)
	r.waiters(scheduled)
	r.stop()
	r.waiters(0)
	r.start()
	r.waiters(scheduled)
	require.NoError(t, r.s.Shutdown())
	r.waiters(0)
}

func TestTimeWaitersWhileARunGoesOn(t *testing.T) {
	r := newRig(t)
	r.job(DurationJob(time.Hour), r.hold)
	r.start()
	r.advance(time.Hour)
	r.waiters(1)
	r.advance(time.Hour)
	r.waiters(1)
	require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()))
	r.waiters(0)
	r.letGo(2)
}

func TestTimeWaitersWithIntervalFromCompletion(t *testing.T) {
	r := newRig(t)
	r.job(DurationJob(time.Hour), r.hold, WithIntervalFromCompletion())
	r.start()
	r.waiters(1)
	r.advance(time.Hour)
	r.waiters(0)
	r.letGo(1)
	r.waiters(1)
}

func TestTimeWaitersOfJobsThatAreNotScheduled(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.job(DurationJob(time.Hour), func() {}, WithContext(endedContext()))
	r.job(DurationJob(time.Hour), func() {}, WithContext(ctx))
	r.job(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))), func() {})
	r.job(DurationJob(time.Hour), r.hold, WithLimitedRuns(1))
	r.job(DurationJob(time.Hour), func() {}, stopAfter(time.Hour))
	r.start()
	r.waiters(4)
	r.advance(time.Hour)
	r.waiters(1) // the one with a living context
	r.letGo(1)
	r.waiters(1)
}

func TestTimeReportedTimesComeFromTheInjectedClock(t *testing.T) {
	monitor := &clockMonitor{}
	r := newRig(t, WithMonitorStatus(monitor), WithSchedulerMonitor(monitor))
	j := r.job(DurationJob(time.Hour), r.hold, WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { r.hold() })))
	r.start()
	r.advance(time.Hour)
	r.advance(10 * time.Minute)
	r.letGo(1)
	r.advance(7 * time.Minute)
	r.letGo(1)
	require.Equal(t, 7*time.Minute, monitor.took)
	requireInstants(t, rigAt(time.Hour, 70*time.Minute), []time.Time{monitor.due, monitor.began})
	requireInstants(t, rigAt(70*time.Minute, 77*time.Minute), []time.Time{monitor.from, monitor.to})
	require.Equal(t, runReport{70 * time.Minute, 77 * time.Minute, false}, reportOf(t, j))
}

// clockMonitor keeps the latest times it was told.
type clockMonitor struct {
	hookNop
	due, began, from, to time.Time
	took                 time.Duration
}

func (m *clockMonitor) JobSchedulingDelay(_ Job, due, began time.Time) { m.due, m.began = due, began }
func (m *clockMonitor) JobExecutionTime(_ Job, took time.Duration)     { m.took = took }
func (m *clockMonitor) RecordJobTimingWithStatus(from, to time.Time, _ uuid.UUID, _ string, _ []string, _ JobStatus, _ error) {
	m.from, m.to = from, to
}

func TestTimeReportedTimesAreInTheSchedulersLocation(t *testing.T) {
	tokyo := loadZone(t, "Asia/Tokyo")
	r := newRig(t, WithLocation(tokyo))
	j := r.job(DurationJob(time.Hour), func() {})
	r.start()
	r.advance(time.Hour)
	for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt, j.NextRun} {
		at, err := get()
		require.NoError(t, err)
		require.Equal(t, "Asia/Tokyo", at.Location().String())
	}
}
