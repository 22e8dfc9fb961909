package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The instants that have come, and that the scheduler has not got to, take the limited runs.
func TestTimeNextRunOfALimitedOneTimeJobBeforeTheSchedulerGotToIt(t *testing.T) {
	for _, tt := range []struct {
		limit  uint
		passed time.Duration
		want   []time.Time
	}{
		{1, time.Hour + 1, nil},
		{2, time.Hour + 1, rigAt(2 * time.Hour)},
		{2, 2*time.Hour + 1, nil},
		{3, 2*time.Hour + 1, rigAt(3 * time.Hour)},
	} {
		for _, paused := range []bool{false, true} {
			r := newRig(t)
			j, _ := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour, 3*time.Hour)...)), WithLimitedRuns(tt.limit))
			r.start()
			if paused {
				require.NoError(t, NewController(r.s).Pause(j.ID()))
			}
			s := r.s.(*scheduler)
			s.mu.Lock()
			r.clock.Advance(tt.passed)
			seen := s.jobs[j.ID()].nextSeen(r.clock.Now())
			s.mu.Unlock()
			r.settle()
			next := time.Time{}
			if s.jobs[j.ID()] != nil {
				next = nextOf(t, j)
			}
			require.Equal(t, next, seen, "limit %d, paused %v", tt.limit, paused)
			if !paused {
				require.Equal(t, append(tt.want, time.Time{})[0], seen)
			}
		}
	}
}

// nextOf is the job's next time, which must not be an error.
func nextOf(t testing.TB, j Job) time.Time {
	t.Helper()
	next, err := j.NextRun()
	require.NoError(t, err)
	return next
}
