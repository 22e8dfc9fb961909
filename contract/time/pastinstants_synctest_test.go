//go:build go1.25

package time_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// A reminderLog notes for which times its task ran, and when.
type reminderLog struct {
	began    time.Time
	mu       sync.Mutex
	due, ran []time.Duration // since the bubble began
}

func (l *reminderLog) task(ctx context.Context) error {
	run, _ := gocron.RunFromContext(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = append(l.due, run.ScheduledAt.Sub(l.began))
	l.ran = append(l.ran, time.Since(l.began))
	return nil
}

// inReminderBubble runs f in a bubble, 24 hours after it began, with a scheduler that was not
// started.
func inReminderBubble(t *testing.T, f func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog), options ...gocron.SchedulerOption) {
	synctest.Test(t, func(t *testing.T) {
		l := &reminderLog{began: time.Now()}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		s, err := gocron.NewScheduler(options...)
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Shutdown()) }()
		f(t, s, gocron.NewController(s), l)
	})
}

// remind adds a job for the hours since the bubble began.
func (l *reminderLog) remind(t *testing.T, s gocron.Scheduler, hours []int, options ...gocron.JobOption) gocron.Job {
	t.Helper()
	var times []time.Time
	for _, h := range hours {
		times = append(times, l.began.Add(time.Duration(h)*time.Hour))
	}
	options = append([]gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}, options...) // so that they are noted in order
	j, err := s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(times...)), gocron.NewTask(l.task), options...)
	require.NoError(t, err)
	return j
}

func (l *reminderLog) requireRan(t *testing.T, due, ran []int) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	inHours := func(hours []int) (all []time.Duration) {
		for _, h := range hours {
			all = append(all, time.Duration(h)*time.Hour)
		}
		return all
	}
	require.Equal(t, inHours(due), l.due)
	require.Equal(t, inHours(ran), l.ran)
}

func TestSynctestContractPastInstantsRunWhenTheJobIsAdded(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		j := l.remind(t, s, []int{30, 7, 5, 7, 24})
		l.requireRan(t, []int{5, 7, 24}, []int{24, 24, 24})
		next, err := j.NextRun()
		require.NoError(t, err)
		require.True(t, next.Equal(l.began.Add(30*time.Hour)))
		require.Len(t, j.Schedule().(gocron.OneTimeJobSchedule).StartAt, 4)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		l.requireRan(t, []int{5, 7, 24, 30}, []int{24, 24, 24, 30})
	})
}

func TestSynctestContractPastInstantsRunWhenTheSchedulerStarts(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		j := l.remind(t, s, []int{5, 26, 40})
		time.Sleep(4 * time.Hour) // hour 28
		synctest.Wait()
		l.requireRan(t, nil, nil)
		s.Start()
		l.requireRan(t, []int{5, 26}, []int{28, 28})
		next, err := j.NextRun()
		require.NoError(t, err)
		require.True(t, next.Equal(l.began.Add(40*time.Hour)))
	})
}

// What passed while the scheduler was stopped runs at Start, and nothing runs twice.
func TestSynctestContractPastInstantsRunAfterARestart(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		l.remind(t, s, []int{5, 26, 27, 40})
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		s.Start()
		l.requireRan(t, []int{5}, []int{24})
		require.NoError(t, s.StopJobs())
		time.Sleep(4 * time.Hour) // hour 28
		synctest.Wait()
		s.Start()
		l.requireRan(t, []int{5, 26, 27}, []int{24, 28, 28})
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		l.requireRan(t, []int{5, 26, 27, 40}, []int{24, 28, 28, 40})
		require.NoError(t, s.StopJobs())
		s.Start()
		require.Empty(t, s.Jobs(), "nothing is left to do")
		stats, err := c.Stats()
		require.NoError(t, err)
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 4}, stats.Outcomes, "nothing is missed")
	})
}

// An askedAtStart asks for the next time of the jobs when the scheduler has started and entered
// none.
type askedAtStart struct {
	gocron.SchedulerMonitor
	ask func()
}

// SchedulerStarted asks.
func (a *askedAtStart) SchedulerStarted()                                        { a.ask() }
func (a *askedAtStart) SchedulerStopped()                                        {}
func (a *askedAtStart) SchedulerShutdown()                                       {}
func (a *askedAtStart) JobRegistered(gocron.Job)                                 {}
func (a *askedAtStart) JobUnregistered(gocron.Job)                               {}
func (a *askedAtStart) JobStarted(gocron.Job)                                    {}
func (a *askedAtStart) JobRunning(gocron.Job)                                    {}
func (a *askedAtStart) JobCompleted(gocron.Job)                                  {}
func (a *askedAtStart) JobFailed(gocron.Job, error)                              {}
func (a *askedAtStart) JobExecutionTime(gocron.Job, time.Duration)               {}
func (a *askedAtStart) JobSchedulingDelay(gocron.Job, time.Time, time.Time)      {}
func (a *askedAtStart) ConcurrencyLimitReached(limitType string, job gocron.Job) {}

func TestSynctestContractNextRunIsNoPastInstant(t *testing.T) {
	monitor := &askedAtStart{}
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		j := l.remind(t, s, []int{5, 26, 30})
		var asked []time.Time
		monitor.ask = func() {
			all, err := j.NextRuns(5)
			require.NoError(t, err)
			asked = append(asked, all...)
		}
		s.Start()
		require.Len(t, asked, 2)
		require.True(t, asked[0].Equal(l.began.Add(26*time.Hour)))
		asked = nil
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		time.Sleep(4 * time.Hour) // hour 28
		synctest.Wait()
		s.Start()
		require.Len(t, asked, 1)
		require.True(t, asked[0].Equal(l.began.Add(30*time.Hour)))
		l.requireRan(t, []int{5, 26}, []int{24, 28})
		asked = nil
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		s.Start()
		require.Empty(t, asked)
	}, gocron.WithSchedulerMonitor(monitor))
}

func TestSynctestContractPastInstantsOnAFakeClock(t *testing.T) {
	began := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	clock := clockwork.NewFakeClockAt(began)
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		runs := 0
		_, err := s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(began.Add(-time.Hour), began, began.Add(time.Hour))),
			gocron.NewTask(func() { runs++ }), gocron.WithSingletonMode(gocron.LimitModeWait))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 2, runs)
		clock.Advance(time.Hour)
		synctest.Wait()
		require.Equal(t, 3, runs)
	}, gocron.WithClock(clock))
}

func TestSynctestContractPastInstantsOfAPausedJobRunOnResume(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		j := l.remind(t, s, []int{5})
		require.NoError(t, c.Pause(j.ID()))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		l.requireRan(t, nil, nil)
		require.NoError(t, c.Resume(j.ID()))
		l.requireRan(t, []int{5}, []int{25})
	})
}

func TestSynctestContractPastInstantsTakeLimitedRuns(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		l.remind(t, s, []int{5, 6, 7}, gocron.WithLimitedRuns(2))
		l.requireRan(t, []int{5, 6}, []int{24, 24})
		require.Empty(t, s.Jobs())
		l.remind(t, s, []int{8}, gocron.WithRemoveWhenFinished())
		l.requireRan(t, []int{5, 6, 8}, []int{24, 24, 24})
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestContractPastInstantsBeforeTheStartTimeDoNotRun(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		l.remind(t, s, []int{5, 6, 7}, gocron.WithStartAt(gocron.WithStartDateTimePast(l.began.Add(6*time.Hour))))
		l.requireRan(t, []int{6, 7}, []int{24, 24})
	})
}

// A start time that passes while the scheduler is stopped is missed, and no time before it runs.
func TestSynctestContractPastInstantsAndAStartTimeThatPassed(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		start := gocron.WithStartAt(gocron.WithStartDateTime(l.began.Add(28 * time.Hour)))
		j := l.remind(t, s, []int{26, 29, 40}, start)
		l.remind(t, s, []int{27, 28}, start)
		require.NoError(t, s.StopJobs())
		time.Sleep(6 * time.Hour) // hour 30
		synctest.Wait()
		s.Start()
		synctest.Wait()
		l.mu.Lock()
		slices.Sort(l.due) // two jobs, whose runs start side by side
		l.mu.Unlock()
		l.requireRan(t, []int{28, 29}, []int{30, 30})
		runs, err := c.History(j.ID())
		require.NoError(t, err)
		require.Len(t, runs, 2)
		require.Equal(t, gocron.OutcomeMissed, runs[0].Outcome)
		require.Equal(t, 28*time.Hour, runs[0].ScheduledAt.Sub(l.began))
		stats, err := c.Stats()
		require.NoError(t, err)
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeMissed: 1, gocron.OutcomeSucceeded: 2}, stats.Outcomes)
	}, gocron.WithHistory(5))
}

func TestSynctestContractPastInstantsWithAStopTime(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		stop := gocron.WithStopAt(gocron.WithStopDateTime(l.began.Add(30 * time.Hour)))
		l.remind(t, s, []int{5, 40}, stop)
		l.requireRan(t, []int{5}, []int{24})
		require.Empty(t, s.Jobs(), "the other time is after the stop time")
		require.NoError(t, s.StopJobs())
		l.remind(t, s, []int{6}, stop)
		time.Sleep(10 * time.Hour) // hour 34
		synctest.Wait()
		s.Start()
		l.requireRan(t, []int{5}, []int{24})
		require.Empty(t, s.Jobs())
	})
}

// Update makes a new definition of the job: all of its past times run.
func TestSynctestContractPastInstantsRunAgainAfterUpdate(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		j := l.remind(t, s, []int{5})
		l.requireRan(t, []int{5}, []int{24})
		_, err := s.Update(j.ID(), gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(l.began.Add(6*time.Hour))), gocron.NewTask(l.task))
		require.NoError(t, err)
		l.requireRan(t, []int{5, 6}, []int{24, 24})
	})
}

func TestSynctestContractPreviewNamesNoPastInstant(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		definition := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(l.began.Add(time.Hour), l.began.Add(30*time.Hour)))
		times, err := gocron.Preview(definition, time.Now(), 5)
		require.NoError(t, err)
		require.Len(t, times, 1)
		require.True(t, times[0].Equal(l.began.Add(30*time.Hour)))
		times, err = gocron.Preview(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(l.began)), time.Now(), 5)
		require.NoError(t, err)
		require.Empty(t, times)
	})
}

// A calendar is asked for past times as for others.
func TestSynctestContractPastInstantsWithACalendar(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		l.remind(t, s, []int{5, 6, 7}, gocron.WithCalendar(func(at time.Time) bool { return !at.Equal(l.began.Add(6 * time.Hour)) }))
		l.requireRan(t, []int{5, 7}, []int{24, 24})
	})
}

func TestSynctestContractPastInstantsThatAreRefused(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		add := func(options []gocron.JobOption, times ...time.Time) error {
			_, err := s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(times...)), gocron.NewTask(l.task),
				append(options, gocron.WithName("reminder"))...)
			return err
		}
		require.Equal(t, gocron.ErrOneTimeJobStartDateTimePast, add(nil))
		err := add(nil, time.Now(), time.Time{})
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.Contains(t, err.Error(), `OneTimeJobStartDateTimesOrNow: time 2 is the zero time (job "reminder")`)
		claimer := gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) { return nil, errors.New("taken") })
		err = add([]gocron.JobOption{gocron.WithDistributedJobLocker(claimer)}, time.Now())
		require.ErrorIs(t, err, gocron.ErrClaimSchedule)
		require.Contains(t, err.Error(), "not with OneTimeJobStartDateTimesOrNow")
		err = gocron.Validate(gocron.AnyOf(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(time.Now()))))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.Contains(t, err.Error(), "AnyOf(OneTimeJobStartDateTimesOrNow), allowed:")
		require.Empty(t, s.Jobs())
	})
}

// once adds a one-time job for the hours since the bubble began, whose start time is at hour 28.
func (l *reminderLog) once(t *testing.T, s gocron.Scheduler, hours []int, options ...gocron.JobOption) gocron.Job {
	t.Helper()
	var times []time.Time
	for _, h := range hours {
		times = append(times, l.began.Add(time.Duration(h)*time.Hour))
	}
	options = append(options, gocron.WithStartAt(gocron.WithStartDateTime(l.began.Add(28*time.Hour))))
	j, err := s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)), gocron.NewTask(l.task), options...)
	require.NoError(t, err)
	return j
}

// The start time of a one-time job is a time of it, and no instant before it is.
func TestSynctestContractStartTimeOfAOneTimeJobPassesWhileStopped(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		j := l.once(t, s, []int{26, 40})
		require.NoError(t, s.StopJobs())
		neverStarted := l.once(t, s, []int{26, 40})
		time.Sleep(6 * time.Hour) // hour 30
		synctest.Wait()
		s.Start()
		l.requireRan(t, nil, nil)
		runs, err := c.History(j.ID())
		require.NoError(t, err)
		require.Len(t, runs, 1)
		require.Equal(t, gocron.OutcomeMissed, runs[0].Outcome)
		require.Equal(t, 28*time.Hour, runs[0].ScheduledAt.Sub(l.began))
		runs, err = c.History(neverStarted.ID())
		require.NoError(t, err)
		require.Empty(t, runs)
	}, gocron.WithHistory(5))
}

// A start time that a calendar excludes is no run of a one-time job either, and no instant before it is.
func TestSynctestContractExcludedStartTimeOfAOneTimeJob(t *testing.T) {
	inReminderBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, l *reminderLog) {
		s.Start()
		excluded := l.began.Add(28 * time.Hour)
		j := l.once(t, s, []int{26, 29}, gocron.WithCalendar(func(at time.Time) bool { return !at.Equal(excluded) }))
		next, err := j.NextRun()
		require.NoError(t, err)
		require.True(t, next.Equal(l.began.Add(29*time.Hour)))
		time.Sleep(24 * time.Hour)
		l.requireRan(t, []int{29}, []int{29})
	})
}
