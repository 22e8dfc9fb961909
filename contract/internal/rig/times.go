package rig

import (
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A Report is what a handle says about past and present runs.
type Report struct {
	Started, Completed time.Duration // since Now, -1 for never
	Running            bool
}

// ReportOf asks a handle for everything that it says of runs.
func ReportOf(t testing.TB, j gocron.Job) Report {
	t.Helper()
	since := func(get func() (time.Time, error)) time.Duration {
		at, err := get()
		require.NoError(t, err)
		if at.IsZero() {
			return -1
		}
		return at.Sub(Now)
	}
	running, err := j.IsRunning()
	require.NoError(t, err)
	require.Equal(t, since(j.LastRunStartedAt), since(j.LastRun))
	return Report{since(j.LastRunStartedAt), since(j.LastRunCompletedAt), running}
}

// NextOf is the job's next time, which must not be an error.
func NextOf(t testing.TB, j gocron.Job) time.Time {
	t.Helper()
	next, err := j.NextRun()
	require.NoError(t, err)
	return next
}

// NextsOf are the job's next n times.
func NextsOf(t testing.TB, j gocron.Job, n int) []time.Time {
	t.Helper()
	times, err := j.NextRuns(n)
	require.NoError(t, err)
	return times
}

// NoNextRun asserts that the job is listed and has no next run.
func NoNextRun(t testing.TB, j gocron.Job) {
	t.Helper()
	require.True(t, NextOf(t, j) == time.Time{}, j.Name())
	require.Nil(t, NextsOf(t, j, 3), j.Name())
}

// RequireInstants compares instants.
func RequireInstants(t testing.TB, want, got []time.Time, msg ...any) {
	t.Helper()
	require.Equal(t, stamps(want), stamps(got), msg...)
}

func stamps(times []time.Time) []string {
	s := []string{}
	for _, t := range times {
		s = append(s, t.UTC().Format("2006-01-02 15:04:05.999999999"))
	}
	return s
}

// At is Now plus each of ds.
func At(ds ...time.Duration) []time.Time {
	var times []time.Time
	for _, d := range ds {
		times = append(times, Now.Add(d))
	}
	return times
}

// A Log is what happened when.
type Log struct {
	mu    sync.Mutex
	times []time.Time
}

// Add notes a time.
func (l *Log) Add(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = append(l.times, t)
}

// All are the times in the order in which they were noted.
func (l *Log) All() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]time.Time(nil), l.times...)
}

// Len is how many times were noted.
func (l *Log) Len() int { return len(l.All()) }

// ScheduledTimes are the ScheduledAt of infos.
func ScheduledTimes(infos []gocron.RunInfo) (times []time.Time) {
	for _, info := range infos {
		times = append(times, info.ScheduledAt)
	}
	return times
}
