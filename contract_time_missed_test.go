package gocron

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A missedRig is a rig whose hooks are noted.
type missedRig struct {
	*rig
	c    *Controller
	book runBook
}

func newMissedRig(t *testing.T, options ...SchedulerOption) *missedRig {
	t.Helper()
	m := &missedRig{}
	m.rig = newRig(t, append([]SchedulerOption{WithHooks(m.book.hooks()), WithHistory(100)}, options...)...)
	m.c = NewController(m.s)
	return m
}

// outcomes splits what the finished hook was told of a job.
func (m *missedRig) outcomes(j Job) (made, missed []RunInfo) {
	for _, info := range m.book.told("finished") {
		switch {
		case info.JobID != j.ID():
		case info.Outcome == OutcomeMissed:
			missed = append(missed, info)
		default:
			made = append(made, info)
		}
	}
	return made, missed
}

// requireMissed asserts the records of missed occurrences that there are of j: from, to and
// the first time passed over of each. They are in its history as well.
func (m *missedRig) requireMissed(j Job, want ...time.Duration) {
	m.t.Helper()
	_, missed := m.outcomes(j)
	got := []time.Time{}
	for _, info := range missed {
		got = append(got, info.MissedFrom, info.MissedTo, info.ScheduledAt)
		require.NotZero(m.t, info.ID)
		require.Zero(m.t, info.Attempt)
		require.True(m.t, info.StartedAt.IsZero() && info.QueuedAt.IsZero())
		require.NoError(m.t, info.Err)
		for _, hook := range []string{"due", "queued", "started"} {
			require.Zero(m.t, m.book.toldOf(info.ID, hook), hook)
		}
	}
	requireInstants(m.t, rigAt(want...), got)
	history, err := m.c.History(j.ID())
	require.NoError(m.t, err)
	var kept []RunInfo
	for _, info := range history {
		if info.Outcome == OutcomeMissed {
			kept = append(kept, info)
		}
	}
	require.Equal(m.t, missed, kept)
}

func TestTimeAStopInWhichOccurrencesPassIsOneRecord(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.logged(job.definition, job.options...)
			m.start()
			m.walk(90 * time.Minute)
			m.stop()
			m.clock.Advance(8 * time.Hour)
			m.start()
			require.Equal(t, 1, log.len())
			m.requireMissed(j, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour)
			m.walk(30 * time.Minute)
			require.Equal(t, 2, log.len())
			m.stop()
			m.clock.Advance(10 * time.Minute)
			m.start()
			m.requireMissed(j, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour)
			m.stop()
			m.clock.Advance(3 * time.Hour)
			m.start()
			m.requireMissed(j, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour,
				10*time.Hour+10*time.Minute, 13*time.Hour+10*time.Minute, 11*time.Hour)
			stats, err := m.c.Stats()
			require.NoError(t, err)
			require.EqualValues(t, 2, stats.Outcomes[OutcomeMissed])
		})
	}
}

// What is due at the moment of Start runs; what came before it was missed.
func TestTimeAStopThatEndsWhenAJobIsDue(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.logged(job.definition, job.options...)
			m.start()
			m.walk(90 * time.Minute)
			m.stop()
			m.clock.Advance(30 * time.Minute)
			m.start()
			require.Equal(t, 2, log.len())
			m.requireMissed(j)
			m.stop()
			m.clock.Advance(2 * time.Hour)
			m.start()
			require.Equal(t, 3, log.len())
			m.requireMissed(j, 2*time.Hour, 4*time.Hour, 3*time.Hour)
		})
	}
}

// An injected clock that jumps is a machine that has slept.
func TestTimeAJumpInWhichOccurrencesPassIsOneRunAndOneRecord(t *testing.T) {
	for name, job := range dueEveryHour() {
		if name == "one-time" {
			continue // each instant runs
		}
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.logged(job.definition, job.options...)
			m.start()
			m.walk(90 * time.Minute)
			m.advance(8 * time.Hour)
			require.Equal(t, 2, log.len())
			made, missed := m.outcomes(j)
			requireInstants(t, rigAt(time.Hour, 2*time.Hour), scheduledTimes(made))
			requireInstants(t, rigAt(3*time.Hour), scheduledTimes(missed))
			require.False(t, missed[0].MissedFrom.After(missed[0].ScheduledAt))
			requireInstants(t, rigAt(9*time.Hour+30*time.Minute), []time.Time{missed[0].MissedTo})
			m.advance(45 * time.Minute)
			require.Equal(t, 3, log.len())
			_, missed = m.outcomes(j)
			require.Len(t, missed, 1, "one occurrence was late, and none passed over")
			stats, err := m.c.Stats()
			require.NoError(t, err)
			require.EqualValues(t, 1, stats.Outcomes[OutcomeMissed])
			require.EqualValues(t, 3, stats.Outcomes[OutcomeSucceeded])
		})
	}
}

func TestTimeJobsWhoseTimesNobodyCanNameHaveNoMissedOnes(t *testing.T) {
	for name, job := range map[string]struct {
		definition JobDefinition
		option     JobOption
	}{
		"random":      {DurationRandomJob(time.Hour, 2*time.Hour), WithTags()},
		"completion":  {DurationJob(time.Hour), WithIntervalFromCompletion()},
		"user's Cron": {CronJob("", false), WithCronImplementation(hourlyCron(noop))},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, _ := m.logged(job.definition, job.option)
			m.start()
			m.advance(10 * time.Hour)
			m.stop()
			m.clock.Advance(10 * time.Hour)
			m.start()
			m.advance(10 * time.Hour)
			m.requireMissed(j)
		})
	}
}

func TestTimeAJobThatIsPausedForTheWholeGapHasNoMissedOnes(t *testing.T) {
	m := newMissedRig(t)
	all, _ := m.logged(DurationJob(time.Hour))
	part, _ := m.logged(DurationJob(time.Hour))
	m.start()
	m.walk(90 * time.Minute)
	require.NoError(t, m.c.Pause(all.ID()))
	m.stop()
	m.clock.Advance(4 * time.Hour)
	require.NoError(t, m.c.Pause(part.ID()))
	m.clock.Advance(4 * time.Hour)
	m.start()
	m.requireMissed(all)
	m.requireMissed(part, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour)
}

func TestTimeMissedOnesEndAtTheStopTime(t *testing.T) {
	m := newMissedRig(t)
	over, log := m.logged(DurationJob(time.Hour), stopAfter(4*time.Hour))
	none, ran := m.logged(DurationJob(5*time.Hour), stopAfter(4*time.Hour+time.Minute), WithStartAt(WithStartImmediately()))
	m.start()
	m.walk(90 * time.Minute)
	m.stop()
	m.clock.Advance(8 * time.Hour)
	m.start()
	require.Equal(t, 1, log.len())
	require.Equal(t, 1, ran.len())
	require.Empty(t, m.s.Jobs())
	_, missed := m.outcomes(over)
	requireInstants(t, rigAt(2*time.Hour), scheduledTimes(missed))
	_, missed = m.outcomes(none)
	require.Empty(t, missed)
}

func TestTimeMissedOneTimeInstants(t *testing.T) {
	for _, first := range []bool{true, false} {
		m := newMissedRig(t)
		j, log := m.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour, 3*time.Hour)...)))
		gone, ran := m.logged(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))))
		if !first {
			m.start()
			m.advance(time.Minute)
			m.stop()
		}
		m.clock.Advance(2*time.Hour + 30*time.Minute)
		m.start()
		for _, job := range []Job{j, gone} {
			_, missed := m.outcomes(job)
			requireInstants(t, rigAt(time.Hour), scheduledTimes(missed))
		}
		m.walk(time.Hour)
		require.Equal(t, []int{1, 0}, []int{log.len(), ran.len()})
		require.Equal(t, []Job{j}, m.s.Jobs())
	}
}

// Pausing keeps the instants that come while the scheduler runs, and only those.
func TestTimeMissedOneTimeInstantsOfAPausedJob(t *testing.T) {
	m := newMissedRig(t)
	j, log := m.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour, 3*time.Hour)...)))
	m.start()
	require.NoError(t, m.c.Pause(j.ID()))
	m.walk(90 * time.Minute)
	m.stop()
	m.clock.Advance(time.Hour)
	m.start()
	_, missed := m.outcomes(j)
	requireInstants(t, rigAt(2*time.Hour), scheduledTimes(missed))
	require.NoError(t, m.c.Resume(j.ID()))
	m.settle()
	require.Equal(t, 1, log.len())
	m.walk(time.Hour)
	made, _ := m.outcomes(j)
	requireInstants(t, rigAt(time.Hour, 3*time.Hour), scheduledTimes(made))
}

func TestTimeMissedOnesAreToldToNoListenerAndNoMonitor(t *testing.T) {
	recorder := &hookRecorder{t: t}
	m := newMissedRig(t, WithMonitor(recorder), WithMonitorStatus(hookStatus{recorder}), WithSchedulerMonitor(recorder))
	j := m.job(DurationJob(time.Hour), noop, recorder.listeners())
	m.start()
	m.walk(time.Hour)
	m.stop()
	m.clock.Advance(8*time.Hour + time.Minute)
	recorder.take()
	m.start()
	recorder.expect("Started")
	_, missed := m.outcomes(j)
	require.Len(t, missed, 1)
}

func TestTimeAJobWhoseContextHasEndedMissesNothing(t *testing.T) {
	m := newMissedRig(t)
	ctx, cancel := context.WithCancel(context.Background())
	j, _ := m.logged(DurationJob(time.Hour), WithContext(ctx))
	m.start()
	m.walk(90 * time.Minute)
	cancel()
	m.settle()
	m.stop()
	m.clock.Advance(8 * time.Hour)
	m.start()
	m.requireMissed(j)
}

func TestTimeMissedIsAnOutcomeWithAName(t *testing.T) {
	require.Equal(t, "missed", OutcomeMissed.String())
	text, err := OutcomeMissed.MarshalText()
	require.NoError(t, err)
	var o Outcome
	require.NoError(t, o.UnmarshalText(text))
	require.Equal(t, OutcomeMissed, o)
}
