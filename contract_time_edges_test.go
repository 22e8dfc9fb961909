package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A time that a user's Cron has named, and that is the moment of a later Start, is due then.
func TestTimeAUsersCronThatIsDueAtTheMomentOfALaterStart(t *testing.T) {
	for _, before := range []int{0, 1} { // how often it has run before the stop
		r := newRig(t)
		j, log := r.logged(CronJob("x", false), WithCronImplementation(hourlyCron(noop)))
		r.start()
		r.walk(time.Duration(before)*time.Hour + 30*time.Minute)
		for range 2 {
			r.stop()
			r.start()
			require.Equal(t, before, log.len())
		}
		r.stop()
		r.clock.Advance(30 * time.Minute)
		for range 2 { // the second at the same moment once more
			r.start()
			require.Equal(t, before+1, log.len())
			requireInstants(t, []time.Time{r.clock.Now().Add(time.Hour)}, nextsOf(t, j, 1))
			r.stop()
		}
	}
}

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

// A fake clock may have monotonic readings, as one made with time.Now has.
func TestTimeCenturiesOnAnInjectedClockWithMonotonicReadings(t *testing.T) {
	const decade = 3652 * 24 * time.Hour
	r := newRigAt(t, time.Now())
	j, log := r.logged(DurationJob(time.Hour))
	r.start()
	for i := range 35 {
		r.advance(decade)
		require.Equal(t, 2*i+1, log.len(), "after %d decades", i+1)
		left := nextOf(t, j).Sub(r.clock.Now())
		require.True(t, 0 < left && left <= time.Hour, "after %d decades: %s", i+1, left)
		r.waiters(1)
		r.advance(left)
		require.Equal(t, 2*i+2, log.len(), "after %d decades", i+1)
	}
}

// A run at once is due at the moment of Start. After the stop time there is none, not even within the
// second in which one that was due before may still start.
func TestTimeARunAtOnceIsNotDueAfterTheStopTime(t *testing.T) {
	for name, definition := range map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"cron":     CronJob("0 * * * *", false),
		"one-time": OneTimeJob(OneTimeJobStartImmediately()),
	} {
		for _, tt := range []struct {
			after time.Duration
			runs  int
		}{{0, 1}, {1, 0}, {time.Second, 0}, {time.Minute, 0}} {
			t.Run(name+" "+tt.after.String(), func(t *testing.T) {
				m := newMissedRig(t)
				j, log := m.logged(definition, WithStartAt(WithStartImmediately()), stopAfter(30*time.Minute))
				m.clock.Advance(30*time.Minute + tt.after)
				m.start()
				require.Equal(t, tt.runs, log.len())
				require.Empty(t, m.s.Jobs())
				made, _ := m.outcomes(j)
				require.Len(t, made, 1)
				require.Equal(t, tt.runs == 1, made[0].Outcome == OutcomeSucceeded)
			})
		}
	}
}

// The job's own start takes the place of one that was given before.
func TestTimeTheLaterOfTwoStartsWins(t *testing.T) {
	immediate, later := WithStartAt(WithStartImmediately()), startAt(rigNow.Add(3*time.Hour))
	for name, definition := range everyKind() {
		if name == "one-time" {
			continue // its instants go on
		}
		for _, global := range []bool{false, true} {
			for _, first := range []JobOption{immediate, later} {
				var options []SchedulerOption
				own := []JobOption{first}
				if global {
					options, own = []SchedulerOption{WithGlobalJobOptions(first)}, nil
				}
				r := newRig(t, options...)
				at, log := r.logged(definition, append(own, later)...)
				_, now := r.logged(definition, append(own, immediate)...)
				r.start()
				require.Equal(t, []int{0, 1}, []int{log.len(), now.len()}, name)
				requireInstants(t, rigAt(3*time.Hour), nextsOf(t, at, 1), name)
			}
		}
	}
}

// A job that was paused before the clock was set back is paused for the whole of a later gap, although
// the clock shows an earlier time.
func TestTimeAPausedJobHasNoMissedOnesAfterTheClockWasSetBack(t *testing.T) {
	m := newMissedRig(t)
	j, _ := m.logged(CronJob("0 * * * *", false))
	m.start()
	m.walk(90 * time.Minute)
	require.NoError(t, m.c.Pause(j.ID()))
	m.setBack(12 * time.Hour)
	m.advance(11 * time.Hour)
	m.advance(5 * time.Hour)
	m.stop()
	m.clock.Advance(5 * time.Hour)
	m.start()
	m.requireMissed(j)
}

// A one-time job with a start time does not run before that: such an instant is not missed.
func TestTimeInstantsBeforeTheStartTimeAreNotMissed(t *testing.T) {
	for _, first := range []bool{true, false} {
		m := newMissedRig(t)
		instants := OneTimeJobStartDateTimes(rigAt(time.Hour, 4*time.Hour)...)
		j, log := m.logged(OneTimeJob(instants), startAt(rigNow.Add(3*time.Hour)))
		if !first {
			m.start()
			m.stop()
		}
		m.clock.Advance(2 * time.Hour)
		m.start()
		m.requireMissed(j)
		m.walk(3 * time.Hour)
		requireInstants(t, rigAt(3*time.Hour, 4*time.Hour), log.all())
	}
}
