package time_test

import (
	"runtime"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// A diary is a scheduler on a fake clock with one job, whose task notes the time.
type diary struct {
	t     *testing.T
	clock *clockwork.FakeClock
	s     gocron.Scheduler
	job   gocron.Job
	ran   chan time.Time
}

func newDiary(t *testing.T, now time.Time, definition gocron.JobDefinition, options ...gocron.JobOption) *diary {
	t.Helper()
	d := &diary{t: t, clock: clockwork.NewFakeClockAt(now), ran: make(chan time.Time, 1000)}
	s, err := gocron.NewScheduler(gocron.WithClock(d.clock), gocron.WithLocation(now.Location()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown()) })
	d.s = s
	d.job, err = s.NewJob(definition, d.task(), options...)
	require.NoError(t, err)
	s.Start()
	return d
}

func (d *diary) task() gocron.Task {
	return gocron.NewTask(func() { d.ran <- d.clock.Now() })
}

// announced are the next n times of the job.
func (d *diary) announced(n int) []string {
	d.t.Helper()
	times, err := d.job.NextRuns(n)
	require.NoError(d.t, err)
	return inWords(times)
}

func inWords(times []time.Time) []string {
	words := []string{}
	for _, at := range times {
		words = append(words, at.Format("Mon 2006-01-02 15:04 -07:00"))
	}
	return words
}

// lives requires that NextRuns announces what is wanted, that NextRun agrees with it at every step,
// and that the job runs at each of these times, and at no other.
func (d *diary) lives(want ...string) {
	d.t.Helper()
	require.Equal(d.t, want, d.announced(len(want)))
	times, err := d.job.NextRuns(len(want))
	require.NoError(d.t, err)
	for _, at := range times {
		d.comesTo(at)
		d.clock.Advance(at.Sub(d.clock.Now()))
		select {
		case ran := <-d.ran:
			require.True(d.t, ran.Equal(at), "ran at %v, not at %v", ran, at)
		case <-time.After(10 * time.Second):
			require.FailNow(d.t, "no run", "at %v", at)
		}
	}
	require.Empty(d.t, d.ran)
}

// comesTo waits until the job's next time is at, which it is as soon as the run before is handed
// over.
func (d *diary) comesTo(at time.Time) {
	d.t.Helper()
	for since := time.Now(); ; runtime.Gosched() {
		next, err := d.job.NextRun()
		require.NoError(d.t, err)
		if next.Equal(at) {
			return
		}
		require.Less(d.t, time.Since(since), 10*time.Second, "the next time is %v, not %v", next, at)
	}
}

// leaves waits until the scheduler has no job.
func (d *diary) leaves() {
	d.t.Helper()
	for since := time.Now(); len(d.s.Jobs()) > 0; runtime.Gosched() {
		require.Less(d.t, time.Since(since), 10*time.Second, "the job does not leave")
	}
}

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	require.NoError(t, err)
	return location
}

func clockAt(hour, minute uint) gocron.AtTimes {
	return gocron.NewAtTimes(gocron.NewAtTime(hour, minute, 0))
}
