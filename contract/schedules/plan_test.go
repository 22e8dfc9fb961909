package schedules_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
)

// A plan is what a scheduler says of a job that was added at the anchor.
type plan struct {
	t   testing.TB
	c   *gocron.Controller
	job gocron.Job
}

func planFrom(t testing.TB, anchor time.Time, definition gocron.JobDefinition, options ...gocron.JobOption) (*plan, error) {
	t.Helper()
	return planOn(t, schedulerAt(t, anchor), definition, options...)
}

// schedulerAt is a scheduler that runs, and on whose clock it stays anchor.
func schedulerAt(t testing.TB, anchor time.Time) gocron.Scheduler {
	t.Helper()
	s := rig.NewScheduler(t, gocron.WithClock(clockwork.NewFakeClockAt(anchor)), gocron.WithLocation(anchor.Location()))
	s.Start()
	return s
}

func planOn(t testing.TB, s gocron.Scheduler, definition gocron.JobDefinition, options ...gocron.JobOption) (*plan, error) {
	job, err := s.NewJob(definition, gocron.NewTask(rig.Noop), options...)
	return &plan{t, gocron.NewController(s), job}, err
}

// next is the first time after at, and zero if there is none.
func (p *plan) next(at time.Time) time.Time {
	p.t.Helper()
	times, err := p.c.NextRunsAfter(p.job.ID(), at, 1)
	require.NoError(p.t, err)
	if len(times) == 0 {
		return time.Time{}
	}
	return times[0]
}

// requireNames requires that these are the times that a definition names from the anchor on, and that
// there are no more if the last is "".
func requireNames(t *testing.T, about string, definition gocron.JobDefinition, anchor time.Time, expected []string, options ...gocron.JobOption) {
	t.Helper()
	var want []time.Time
	for _, e := range expected {
		if e != "" {
			want = append(want, instant(t, e))
		}
	}
	times, err := gocron.Preview(definition, anchor, len(expected), options...)
	if len(want) == 0 {
		require.ErrorIs(t, err, gocron.ErrJobNeverRuns, about)
		return
	}
	require.NoError(t, err, about)
	require.Equal(t, want, times, about)
}

// instant reads a time of day of 2026-03-02, a Monday, or a whole RFC 3339 time.
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	if len(s) <= len("15:04:05") {
		s = "2026-03-02T" + s + "Z"
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at.UTC()
}

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

// nth is one of the days of a MonthlyWeekdayJob.
func nth(n int, weekday time.Weekday) gocron.NthWeekday {
	return gocron.NthWeekday{N: n, Weekday: weekday}
}

// at lists times of day given as hours, minutes, seconds, hours, …
func at(numbers ...uint) gocron.AtTimes {
	var list []gocron.AtTime
	for i := 0; i < len(numbers); i += 3 {
		list = append(list, gocron.NewAtTime(numbers[i], numbers[i+1], numbers[i+2]))
	}
	return rig.AtTimes(list...)
}
