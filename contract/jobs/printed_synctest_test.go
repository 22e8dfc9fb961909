//go:build go1.25

package jobs_test

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Programs log handles and schedulers, and hand them to mocks, which print and compare them. That reads
// nothing that a running scheduler changes: under the race detector these tests fail if it does.

// busyJobs are two jobs of one scheduler and one of another. Nothing but their ids tells them apart, and
// all are due every millisecond.
func busyJobs(t *testing.T) []gocron.Job {
	t.Helper()
	one, another := rig.NewScheduler(t), rig.NewScheduler(t)
	var jobs []gocron.Job
	for _, s := range []gocron.Scheduler{one, one, another} {
		j, err := s.NewJob(gocron.DurationJob(time.Millisecond), gocron.NewTask(func() {}))
		require.NoError(t, err)
		jobs = append(jobs, j)
	}
	one.Start()
	another.Start()
	return jobs
}

// often does something a few times while the jobs of a bubble run.
func often(do func()) {
	for range 20 {
		do()
		time.Sleep(300 * time.Microsecond)
	}
}

func TestAHandlePrintsAsNameAndIDSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := busyJobs(t)[0]
		want := fmt.Sprintf("job %q (%v)", j.Name(), j.ID())
		often(func() {
			require.Equal(t, strings.Repeat(want+" ", 4), fmt.Sprintf("%v %+v %s %#v ", j, j, j, j))
			require.Equal(t, "["+want+"]", fmt.Sprint([]gocron.Job{j}))
			var b strings.Builder
			slog.New(slog.NewTextHandler(&b, nil)).Info("made", "job", j)
			require.Contains(t, b.String(), j.ID().String())
		})
	})
}

func TestASchedulerIsPrintedAndComparedWhileItRunsSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := gocron.WithPool("pool", 3, gocron.LimitModeWait)
		s, another := rig.NewScheduler(t, pool), rig.NewScheduler(t, pool)
		for _, s := range []gocron.Scheduler{s, another} {
			_, err := s.NewJob(gocron.DurationJob(time.Millisecond), gocron.NewTask(func() {}), gocron.InPool("pool"))
			require.NoError(t, err)
			s.Start()
		}
		often(func() {
			require.NotEqual(t, fmt.Sprintf("%v %#v", s, s), fmt.Sprintf("%v %#v", another, another))
			require.True(t, reflect.DeepEqual(s, s))
			require.False(t, reflect.DeepEqual(s, another))
		})
	})
}

func TestHandlesCompareWhileTheirJobsRunSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := busyJobs(t)
		often(func() {
			for i, x := range jobs {
				for k, y := range jobs {
					require.Equal(t, i == k, reflect.DeepEqual(x, y))
				}
			}
		})
	})
}

// A test that compares two jobs and fails prints both.
func TestAFailingAssertionPrintsJobsSynctest(t *testing.T) {
	s := rig.NewScheduler(t)
	j, k := rig.MustJob(t, s, rig.Ages(), rig.Noop), rig.MustJob(t, s, rig.Ages(), rig.Noop)
	var said saying
	assert.Equal(&said, []gocron.Job{j}, []gocron.Job{k})
	require.Contains(t, string(said), "Not equal")
	require.Contains(t, string(said), j.ID().String())
}

// saying is a test that notes what is said of it.
type saying string

func (s *saying) Errorf(format string, args ...any) { *s += saying(fmt.Sprintf(format, args...)) }
