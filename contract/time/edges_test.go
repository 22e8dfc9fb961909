package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A time that a user's Cron has named, and that is the moment of a later Start, is due then.
func TestTimeAUsersCronThatIsDueAtTheMomentOfALaterStart(t *testing.T) {
	for _, before := range []int{0, 1} { // how often it has run before the stop
		r := rig.New(t)
		j, log := r.Logged(gocron.CronJob("x", false), gocron.WithCronImplementation(rig.HourlyCron(rig.Noop)))
		r.Start()
		r.Walk(time.Duration(before)*time.Hour + 30*time.Minute)
		for range 2 {
			r.Stop()
			r.Start()
			require.Equal(t, before, log.Len())
		}
		r.Stop()
		r.Clock.Advance(30 * time.Minute)
		for range 2 { // the second at the same moment once more
			r.Start()
			require.Equal(t, before+1, log.Len())
			rig.RequireInstants(t, []time.Time{r.Clock.Now().Add(time.Hour)}, rig.NextsOf(t, j, 1))
			r.Stop()
		}
	}
}

// A fake clock may have monotonic readings, as one made with time.Now has.
func TestTimeCenturiesOnAnInjectedClockWithMonotonicReadings(t *testing.T) {
	const decade = 3652 * 24 * time.Hour
	r := rig.NewAt(t, time.Now())
	j, log := r.Logged(gocron.DurationJob(time.Hour))
	r.Start()
	for i := range 35 {
		r.Advance(decade)
		require.Equal(t, 2*i+1, log.Len(), "after %d decades", i+1)
		left := rig.NextOf(t, j).Sub(r.Clock.Now())
		require.True(t, 0 < left && left <= time.Hour, "after %d decades: %s", i+1, left)
		r.Waiters(1)
		r.Advance(left)
		require.Equal(t, 2*i+2, log.Len(), "after %d decades", i+1)
	}
}

// A run at once is due at the moment of Start. After the stop time there is none, not even within
// the second in which one that was due before may still start.
func TestTimeARunAtOnceIsNotDueAfterTheStopTime(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"cron":     gocron.CronJob("0 * * * *", false),
		"one-time": gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()),
	} {
		for _, tt := range []struct {
			after time.Duration
			runs  int
		}{{0, 1}, {1, 0}, {time.Second, 0}, {time.Minute, 0}} {
			t.Run(name+" "+tt.after.String(), func(t *testing.T) {
				m := newMissedRig(t)
				j, log := m.Logged(definition, gocron.WithStartAt(gocron.WithStartImmediately()), rig.StopAfter(30*time.Minute))
				m.Clock.Advance(30*time.Minute + tt.after)
				m.Start()
				require.Equal(t, tt.runs, log.Len())
				require.Empty(t, m.Scheduler.Jobs())
				made, _ := m.outcomes(j)
				require.Len(t, made, 1)
				require.Equal(t, tt.runs == 1, made[0].Outcome == gocron.OutcomeSucceeded)
			})
		}
	}
}

// The job's own start takes the place of one that was given before.
func TestTimeTheLaterOfTwoStartsWins(t *testing.T) {
	immediate, later := gocron.WithStartAt(gocron.WithStartImmediately()), startAt(rig.Now.Add(3*time.Hour))
	for name, definition := range rig.EveryKind() {
		if name == "one-time" {
			continue // its instants go on
		}
		for _, global := range []bool{false, true} {
			for _, first := range []gocron.JobOption{immediate, later} {
				var options []gocron.SchedulerOption
				own := []gocron.JobOption{first}
				if global {
					options, own = []gocron.SchedulerOption{gocron.WithGlobalJobOptions(first)}, nil
				}
				r := rig.New(t, options...)
				at, log := r.Logged(definition, append(own, later)...)
				_, now := r.Logged(definition, append(own, immediate)...)
				r.Start()
				require.Equal(t, []int{0, 1}, []int{log.Len(), now.Len()}, name)
				rig.RequireInstants(t, rig.At(3*time.Hour), rig.NextsOf(t, at, 1), name)
			}
		}
	}
}

// A job that was paused before the clock was set back is paused for the whole of a later gap,
// although the clock shows an earlier time.
func TestTimeAPausedJobHasNoMissedOnesAfterTheClockWasSetBack(t *testing.T) {
	m := newMissedRig(t)
	j, _ := m.Logged(gocron.CronJob("0 * * * *", false))
	m.Start()
	m.Walk(90 * time.Minute)
	require.NoError(t, m.c.Pause(j.ID()))
	m.SetBack(12 * time.Hour)
	m.Advance(11 * time.Hour)
	m.Advance(5 * time.Hour)
	m.Stop()
	m.Clock.Advance(5 * time.Hour)
	m.Start()
	m.requireMissed(j)
}

// A one-time job with a start time does not run before that: such an instant is not missed.
func TestTimeInstantsBeforeTheStartTimeAreNotMissed(t *testing.T) {
	for _, first := range []bool{true, false} {
		m := newMissedRig(t)
		instants := gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 4*time.Hour)...)
		j, log := m.Logged(gocron.OneTimeJob(instants), startAt(rig.Now.Add(3*time.Hour)))
		if !first {
			m.Start()
			m.Stop()
		}
		m.Clock.Advance(2 * time.Hour)
		m.Start()
		m.requireMissed(j)
		m.Walk(3 * time.Hour)
		rig.RequireInstants(t, rig.At(3*time.Hour, 4*time.Hour), log.All())
	}
}
