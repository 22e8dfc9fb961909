package time_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A missedRig is a rig whose hooks are noted.
type missedRig struct {
	*rig.Rig
	c    *gocron.Controller
	book rig.RunBook
}

func newMissedRig(t *testing.T, options ...gocron.SchedulerOption) *missedRig {
	t.Helper()
	m := &missedRig{}
	m.Rig = rig.New(t, append([]gocron.SchedulerOption{gocron.WithHooks(m.book.Hooks()), gocron.WithHistory(100)}, options...)...)
	m.c = gocron.NewController(m.Scheduler)
	return m
}

// outcomes splits what the finished hook was told of a job.
func (m *missedRig) outcomes(j gocron.Job) (made, missed []gocron.RunInfo) {
	for _, info := range m.book.Told("finished") {
		switch {
		case info.JobID != j.ID():
		case info.Outcome == gocron.OutcomeMissed:
			missed = append(missed, info)
		default:
			made = append(made, info)
		}
	}
	return made, missed
}

// requireMissed asserts the records of missed occurrences that there are of j: from, to and
// the first time passed over of each. They are in its history as well.
func (m *missedRig) requireMissed(j gocron.Job, want ...time.Duration) {
	m.T.Helper()
	_, missed := m.outcomes(j)
	got := []time.Time{}
	for _, info := range missed {
		got = append(got, info.MissedFrom, info.MissedTo, info.ScheduledAt)
		require.NotZero(m.T, info.ID)
		require.Zero(m.T, info.Attempt)
		require.True(m.T, info.StartedAt.IsZero() && info.QueuedAt.IsZero())
		require.NoError(m.T, info.Err)
		for _, hook := range []string{"due", "queued", "started"} {
			require.Zero(m.T, m.book.ToldOf(info.ID, hook), hook)
		}
	}
	rig.RequireInstants(m.T, rig.At(want...), got)
	history, err := m.c.History(j.ID())
	require.NoError(m.T, err)
	var kept []gocron.RunInfo
	for _, info := range history {
		if info.Outcome == gocron.OutcomeMissed {
			kept = append(kept, info)
		}
	}
	require.Equal(m.T, missed, kept)
}

func TestTimeAStopInWhichOccurrencesPassIsOneRecord(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.Logged(job.definition, job.options...)
			m.Start()
			m.Walk(90 * time.Minute)
			m.Stop()
			m.Clock.Advance(8 * time.Hour)
			m.Start()
			require.Equal(t, 1, log.Len())
			m.requireMissed(j, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour)
			m.Walk(30 * time.Minute)
			require.Equal(t, 2, log.Len())
			m.Stop()
			m.Clock.Advance(10 * time.Minute)
			m.Start()
			m.requireMissed(j, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour)
			m.Stop()
			m.Clock.Advance(3 * time.Hour)
			m.Start()
			m.requireMissed(j, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour,
				10*time.Hour+10*time.Minute, 13*time.Hour+10*time.Minute, 11*time.Hour)
			stats, err := m.c.Stats()
			require.NoError(t, err)
			require.EqualValues(t, 2, stats.Outcomes[gocron.OutcomeMissed])
		})
	}
}

// What is due at the moment of Start runs; what came before it was missed.
func TestTimeAStopThatEndsWhenAJobIsDue(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.Logged(job.definition, job.options...)
			m.Start()
			m.Walk(90 * time.Minute)
			m.Stop()
			m.Clock.Advance(30 * time.Minute)
			m.Start()
			require.Equal(t, 2, log.Len())
			m.requireMissed(j)
			m.Stop()
			m.Clock.Advance(2 * time.Hour)
			m.Start()
			require.Equal(t, 3, log.Len())
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
			j, log := m.Logged(job.definition, job.options...)
			m.Start()
			m.Walk(90 * time.Minute)
			m.Advance(8 * time.Hour)
			require.Equal(t, 2, log.Len())
			made, missed := m.outcomes(j)
			rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), rig.ScheduledTimes(made))
			rig.RequireInstants(t, rig.At(3*time.Hour), rig.ScheduledTimes(missed))
			require.False(t, missed[0].MissedFrom.After(missed[0].ScheduledAt))
			rig.RequireInstants(t, rig.At(9*time.Hour+30*time.Minute), []time.Time{missed[0].MissedTo})
			m.Advance(45 * time.Minute)
			require.Equal(t, 3, log.Len())
			_, missed = m.outcomes(j)
			require.Len(t, missed, 1, "one occurrence was late, and none passed over")
			stats, err := m.c.Stats()
			require.NoError(t, err)
			require.EqualValues(t, 1, stats.Outcomes[gocron.OutcomeMissed])
			require.EqualValues(t, 3, stats.Outcomes[gocron.OutcomeSucceeded])
		})
	}
}

func TestTimeJobsWhoseTimesNobodyCanNameHaveNoMissedOnes(t *testing.T) {
	for name, job := range map[string]struct {
		definition gocron.JobDefinition
		option     gocron.JobOption
	}{
		"random":      {gocron.DurationRandomJob(time.Hour, 2*time.Hour), gocron.WithTags()},
		"completion":  {gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion()},
		"user's Cron": {gocron.CronJob("", false), gocron.WithCronImplementation(rig.HourlyCron(rig.Noop))},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, _ := m.Logged(job.definition, job.option)
			m.Start()
			m.Advance(10 * time.Hour)
			m.Stop()
			m.Clock.Advance(10 * time.Hour)
			m.Start()
			m.Advance(10 * time.Hour)
			m.requireMissed(j)
		})
	}
}

func TestTimeAJobThatIsPausedForTheWholeGapHasNoMissedOnes(t *testing.T) {
	m := newMissedRig(t)
	all, _ := m.Logged(gocron.DurationJob(time.Hour))
	part, _ := m.Logged(gocron.DurationJob(time.Hour))
	m.Start()
	m.Walk(90 * time.Minute)
	require.NoError(t, m.c.Pause(all.ID()))
	m.Stop()
	m.Clock.Advance(4 * time.Hour)
	require.NoError(t, m.c.Pause(part.ID()))
	m.Clock.Advance(4 * time.Hour)
	m.Start()
	m.requireMissed(all)
	m.requireMissed(part, 90*time.Minute, 9*time.Hour+30*time.Minute, 2*time.Hour)
}

func TestTimeMissedOnesEndAtTheStopTime(t *testing.T) {
	m := newMissedRig(t)
	over, log := m.Logged(gocron.DurationJob(time.Hour), rig.StopAfter(4*time.Hour))
	none, ran := m.Logged(gocron.DurationJob(5*time.Hour), rig.StopAfter(4*time.Hour+time.Minute), gocron.WithStartAt(gocron.WithStartImmediately()))
	m.Start()
	m.Walk(90 * time.Minute)
	m.Stop()
	m.Clock.Advance(8 * time.Hour)
	m.Start()
	require.Equal(t, 1, log.Len())
	require.Equal(t, 1, ran.Len())
	require.Empty(t, m.Scheduler.Jobs())
	_, missed := m.outcomes(over)
	rig.RequireInstants(t, rig.At(2*time.Hour), rig.ScheduledTimes(missed))
	_, missed = m.outcomes(none)
	require.Empty(t, missed)
}

func TestTimeMissedOneTimeInstants(t *testing.T) {
	for _, first := range []bool{true, false} {
		m := newMissedRig(t)
		j, log := m.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour, 3*time.Hour)...)))
		gone, ran := m.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))))
		if !first {
			m.Start()
			m.Advance(time.Minute)
			m.Stop()
		}
		m.Clock.Advance(2*time.Hour + 30*time.Minute)
		m.Start()
		for _, job := range []gocron.Job{j, gone} {
			_, missed := m.outcomes(job)
			rig.RequireInstants(t, rig.At(time.Hour), rig.ScheduledTimes(missed))
		}
		m.Walk(time.Hour)
		require.Equal(t, []int{1, 0}, []int{log.Len(), ran.Len()})
		require.Equal(t, []gocron.Job{j}, m.Scheduler.Jobs())
	}
}

// Pausing keeps the instants that come while the scheduler runs, and only those.
func TestTimeMissedOneTimeInstantsOfAPausedJob(t *testing.T) {
	m := newMissedRig(t)
	j, log := m.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour, 3*time.Hour)...)))
	m.Start()
	require.NoError(t, m.c.Pause(j.ID()))
	m.Walk(90 * time.Minute)
	m.Stop()
	m.Clock.Advance(time.Hour)
	m.Start()
	_, missed := m.outcomes(j)
	rig.RequireInstants(t, rig.At(2*time.Hour), rig.ScheduledTimes(missed))
	require.NoError(t, m.c.Resume(j.ID()))
	m.Settle()
	require.Equal(t, 1, log.Len())
	m.Walk(time.Hour)
	made, _ := m.outcomes(j)
	rig.RequireInstants(t, rig.At(time.Hour, 3*time.Hour), rig.ScheduledTimes(made))
}

func TestTimeMissedOnesAreToldToNoListenerAndNoMonitor(t *testing.T) {
	recorder := &rig.Recorder{T: t}
	m := newMissedRig(t, gocron.WithMonitor(recorder), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: recorder}), gocron.WithSchedulerMonitor(recorder))
	j := m.Job(gocron.DurationJob(time.Hour), rig.Noop, recorder.Listeners())
	m.Start()
	m.Walk(time.Hour)
	m.Stop()
	m.Clock.Advance(8*time.Hour + time.Minute)
	recorder.Take()
	m.Start()
	recorder.Expect("Started")
	_, missed := m.outcomes(j)
	require.Len(t, missed, 1)
}

func TestTimeAJobWhoseContextHasEndedMissesNothing(t *testing.T) {
	m := newMissedRig(t)
	ctx, cancel := context.WithCancel(context.Background())
	j, _ := m.Logged(gocron.DurationJob(time.Hour), gocron.WithContext(ctx))
	m.Start()
	m.Walk(90 * time.Minute)
	cancel()
	m.Settle()
	m.Stop()
	m.Clock.Advance(8 * time.Hour)
	m.Start()
	m.requireMissed(j)
}

func TestTimeMissedIsAnOutcomeWithAName(t *testing.T) {
	require.Equal(t, "missed", gocron.OutcomeMissed.String())
	text, err := gocron.OutcomeMissed.MarshalText()
	require.NoError(t, err)
	var o gocron.Outcome
	require.NoError(t, o.UnmarshalText(text))
	require.Equal(t, gocron.OutcomeMissed, o)
}

// A job that is replaced or removed while the scheduler is stopped has missed what came between.
func TestTimeWhatAJobHasMissedThatIsReplacedWhileStopped(t *testing.T) {
	for _, e := range rig.Entrances() {
		for name, job := range dueEveryHour() {
			t.Run(e.Name+" "+name, func(t *testing.T) {
				m := newMissedRig(t)
				old, _ := m.Logged(job.definition, append(job.options, gocron.WithName("old"))...)
				replace := func() gocron.Job {
					j, err := e.Add(m.Scheduler, old.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithName("new"))
					require.NoError(t, err)
					m.Settle()
					return j
				}
				m.Start()
				m.Walk(90 * time.Minute)
				m.Stop()
				m.Clock.Advance(8 * time.Hour)
				j := replace()
				want := []time.Duration{90 * time.Minute, 9*time.Hour + 30*time.Minute, 2 * time.Hour}
				m.requireMissed(j, want...)
				_, missed := m.outcomes(j)
				require.Equal(t, "old", missed[0].JobName)
				m.Clock.Advance(8 * time.Hour)
				replace() // one that was never booked misses nothing
				m.Clock.Advance(8 * time.Hour)
				m.Start()
				m.requireMissed(j, want...)
				m.Walk(90 * time.Minute)
				replace()
				m.requireMissed(j, want...)
				stats, err := m.c.Stats()
				require.NoError(t, err)
				require.EqualValues(t, 1, stats.Outcomes[gocron.OutcomeMissed])
			})
		}
	}
}

func TestTimeWhatAJobHasMissedThatIsRemovedWhileStopped(t *testing.T) {
	for name, job := range dueEveryHour() {
		for way, remove := range map[string]func(m *missedRig, j gocron.Job) error{
			"RemoveJob":    func(m *missedRig, j gocron.Job) error { return m.Scheduler.RemoveJob(j.ID()) },
			"RemoveByKey":  func(m *missedRig, _ gocron.Job) error { return m.c.RemoveByKey("key") },
			"RemoveByTags": func(m *missedRig, _ gocron.Job) error { m.Scheduler.RemoveByTags("tag"); return nil },
		} {
			t.Run(way+" "+name, func(t *testing.T) {
				m := newMissedRig(t)
				j, _ := m.Logged(job.definition, append(job.options, gocron.WithKey("key"), gocron.WithTags("tag"))...)
				m.Start()
				m.Walk(90 * time.Minute)
				m.Stop()
				m.Clock.Advance(30 * time.Minute) // at 14:00 sharp
				require.NoError(t, remove(m, j))
				m.Settle()
				_, missed := m.outcomes(j)
				require.Len(t, missed, 1)
				rig.RequireInstants(t, rig.At(90*time.Minute, 2*time.Hour, 2*time.Hour),
					[]time.Time{missed[0].MissedFrom, missed[0].MissedTo, missed[0].ScheduledAt})
				stats, err := m.c.Stats()
				require.NoError(t, err)
				require.EqualValues(t, 1, stats.Outcomes[gocron.OutcomeMissed])
			})
		}
	}
}

func TestTimeAJobThatLeavesBeforeItsTimeHasMissedNothing(t *testing.T) {
	m := newMissedRig(t)
	hourly := func() gocron.Job {
		j, _ := m.Logged(gocron.DurationJob(time.Hour))
		return j
	}
	early, paused, running := hourly(), hourly(), hourly()
	never, _ := m.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(rig.Now.Add(2 * time.Hour))))
	m.Start()
	m.Walk(90 * time.Minute)
	require.NoError(t, m.c.Pause(paused.ID()))
	require.NoError(t, m.Scheduler.RemoveJob(running.ID()))
	m.Stop()
	m.Clock.Advance(30*time.Minute - 1)
	require.NoError(t, m.Scheduler.RemoveJob(early.ID()))
	m.Clock.Advance(time.Hour)
	for _, j := range []gocron.Job{paused, never} {
		require.NoError(t, m.Scheduler.RemoveJob(j.ID()))
	}
	m.Settle()
	for i, j := range []gocron.Job{early, paused, running, never} {
		_, missed := m.outcomes(j)
		require.Empty(t, missed, i)
	}
}

// Instants that have passed before the first Start are missed by a job that leaves before it, too.
func TestTimeInstantsMissedByAJobThatLeavesBeforeStart(t *testing.T) {
	m := newMissedRig(t)
	j, _ := m.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour, 3*time.Hour)...)))
	recurring, _ := m.Logged(gocron.DurationJob(time.Hour))
	m.Clock.Advance(2 * time.Hour)
	require.NoError(t, m.Scheduler.RemoveJob(j.ID()))
	require.NoError(t, m.Scheduler.RemoveJob(recurring.ID()))
	m.Settle()
	_, missed := m.outcomes(j)
	require.Len(t, missed, 1)
	rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour, time.Hour), []time.Time{missed[0].MissedFrom, missed[0].MissedTo, missed[0].ScheduledAt})
	_, missed = m.outcomes(recurring)
	require.Empty(t, missed)
}

// While user code is asked what was missed, the clock is set back so far that everything goes by the new
// time. What it has not come to by that is due again, and is neither run nor recorded before; nothing at
// all, if the job has left.
func TestTimeTheClockIsCorrectedDuringADecisionAboutWhatWasMissed(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(*rig.Rig, gocron.Job)
		want  []string
	}{
		"stays": {func(*rig.Rig, gocron.Job) {}, []string{"succeeded 14", "succeeded 15", "succeeded 16"}},
		"removed": {func(r *rig.Rig, j gocron.Job) {
			require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
		}, nil},
		"replaced": {func(r *rig.Rig, j gocron.Job) {
			_, err := r.Scheduler.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			require.NoError(t, err)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var ends []string
			r := rig.New(t, gocron.WithHooks(gocron.Hooks{RunFinished: func(info gocron.RunInfo) {
				ends = append(ends, fmt.Sprint(info.Outcome, " ", info.ScheduledAt.Hour()))
			}}))
			var holds atomic.Pointer[chan struct{}]
			j := r.Job(gocron.CronJob("0 * * * *", false), rig.Noop, gocron.WithMissed(gocron.MissedRunAll, 0),
				gocron.WithCalendar(func(time.Time) bool {
					if answers := holds.Load(); answers != nil {
						<-*answers
					}
					return true
				}))
			r.Start()
			r.Walk(2 * time.Hour)
			r.Stop()
			r.Clock.Advance(8*time.Hour + 30*time.Minute)
			require.Equal(t, []string{"succeeded 13", "succeeded 14"}, ends)
			ends = nil
			answers := make(chan struct{})
			holds.Store(&answers)
			r.Start()
			r.SetBack(9 * time.Hour)
			c.leave(r, j)
			close(answers)
			r.Settle()
			require.Empty(t, ends)
			r.Walk(3 * time.Hour)
			require.Equal(t, c.want, ends)
		})
	}
}
