//go:build go1.25

package time_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// tardyMonitor takes its time over what it is told.
type tardyMonitor struct {
	rig.Monitor
	started, registered time.Duration
}

func (m *tardyMonitor) SchedulerStarted()        { time.Sleep(m.started) }
func (m *tardyMonitor) JobRegistered(gocron.Job) { time.Sleep(m.registered) }

// soonDue are definitions that are due half a second after now, noon less half a second.
func soonDue() map[string]func() gocron.JobDefinition {
	return map[string]func() gocron.JobDefinition{
		"one-time": func() gocron.JobDefinition {
			return gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second / 2)))
		},
		"daily":    func() gocron.JobDefinition { return gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))) },
		"crontab":  func() gocron.JobDefinition { return gocron.CronJob("0 12 * * *", false) },
		"interval": func() gocron.JobDefinition { return gocron.DurationJob(time.Second / 2) },
	}
}

// beforeNoon is a bubble's time, half a second before noon.
func beforeNoon() {
	noon := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	time.Sleep(time.Until(noon) - time.Second/2)
}

// What falls due while a slow monitor is told of a job or of the start is not lost.
func TestSynctestContractASlowMonitorLosesNoRun(t *testing.T) {
	for name, definition := range soonDue() {
		for entrance, add := range map[string]func(*testing.T, gocron.Scheduler, gocron.JobDefinition, any) gocron.Job{
			"NewJob": func(t *testing.T, s gocron.Scheduler, d gocron.JobDefinition, task any) gocron.Job {
				s.Start()
				return rig.MustJob(t, s, d, task)
			},
			"Update": func(t *testing.T, s gocron.Scheduler, d gocron.JobDefinition, task any) gocron.Job {
				s.Start()
				j, err := s.Update(rig.MustJob(t, s, rig.Ages(), rig.Noop).ID(), d, gocron.NewTask(task))
				require.NoError(t, err)
				return j
			},
			"Start": func(t *testing.T, s gocron.Scheduler, d gocron.JobDefinition, task any) gocron.Job {
				j := rig.MustJob(t, s, d, task)
				s.Start()
				return j
			},
		} {
			t.Run(name+" by "+entrance, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := &tardyMonitor{}
					s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m), gocron.WithLocation(time.UTC))
					beforeNoon()
					definition := definition()
					var ran atomic.Int64
					if entrance == "Start" {
						m.started = 700 * time.Millisecond
					} else {
						s.Start()
						m.registered = 700 * time.Millisecond
						if entrance == "Update" {
							m.registered /= 2 // it is told of two jobs
						}
					}
					add(t, s, definition, func() { ran.Add(1) })
					time.Sleep(200 * time.Millisecond)
					synctest.Wait()
					require.EqualValues(t, 1, ran.Load())
				})
			})
		}
	}
}

// An update hands over first what has fallen due of the old definition.
func TestSynctestContractUpdateHandsOverWhatIsDue(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		clock := clockwork.NewFakeClock()
		s := rig.NewScheduler(t, gocron.WithClock(clock), gocron.WithHistory(10))
		s.Start()
		for i := 0; i < 100; i++ {
			var old, renewed atomic.Int64
			j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { old.Add(1) })
			once := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(clock.Now().Add(time.Second), clock.Now().Add(time.Minute))),
				func() { old.Add(1) })
			clock.Advance(time.Minute) // nobody has looked at it yet
			replace(s, j, gocron.DurationJob(time.Minute), func() { renewed.Add(1) })
			replace(s, once, gocron.DurationJob(time.Hour), func() { renewed.Add(1) })
			synctest.Wait()
			require.EqualValues(t, 3, old.Load())
			require.Zero(t, renewed.Load())
			require.NoError(t, s.RemoveJob(j.ID()))
			require.NoError(t, s.RemoveJob(once.ID()))
		}
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 300}, rig.OutcomesOf(t, gocron.NewController(s)))
	})
}

// A job that updates others, which are due at the same time, cancels none of their runs.
func TestSynctestContractAJobMayUpdateOthersThatAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		var ran atomic.Int64
		count := gocron.NewTask(func() { ran.Add(1) })
		var others []gocron.Job
		rig.MustJob(t, s, gocron.CronJob("* * * * *", false), func() {
			for i, j := range others {
				updated, err := s.Update(j.ID(), gocron.CronJob("* * * * *", false), count)
				require.NoError(t, err)
				others[i] = updated
			}
		})
		for i := 0; i < 300; i++ {
			j, err := s.NewJob(gocron.CronJob("* * * * *", false), count)
			require.NoError(t, err)
			others = append(others, j)
		}
		s.Start()
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		require.EqualValues(t, 3000, ran.Load())
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 3010}, rig.OutcomesOf(t, gocron.NewController(s)))
	})
}

// More than a second after a job's stop time no run of it starts, by whatever way it came.
func TestSynctestContractNothingStartsAfterTheStopTime(t *testing.T) {
	stop := func(d time.Duration) gocron.JobOption {
		return gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(d)))
	}
	for name, make := range map[string]func(*testing.T, gocron.Scheduler, *tardyMonitor, any){
		"start-immediately at Start": func(t *testing.T, s gocron.Scheduler, m *tardyMonitor, task any) {
			rig.MustJob(t, s, gocron.DurationJob(time.Hour), task, stop(time.Minute), gocron.WithStartAt(gocron.WithStartImmediately()))
			time.Sleep(2 * time.Minute)
			s.Start()
		},
		"start-immediately, one-time": func(t *testing.T, s gocron.Scheduler, m *tardyMonitor, task any) {
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), task, stop(time.Minute))
			time.Sleep(2 * time.Minute)
			s.Start()
		},
		"start-immediately after a slow announcement": func(t *testing.T, s gocron.Scheduler, m *tardyMonitor, task any) {
			s.Start()
			m.registered = 2 * time.Minute
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), task, stop(time.Minute))
		},
		"RunNow during the announcement": func(t *testing.T, s gocron.Scheduler, m *tardyMonitor, task any) {
			s.Start()
			m.registered = 2 * time.Minute
			go rig.MustJob(t, s, gocron.DurationJob(30*time.Second), task, stop(30*time.Second))
			synctest.Wait()
			require.NoError(t, s.Jobs()[0].RunNow())
			time.Sleep(2 * time.Minute)
		},
		"due before it, handed over late": func(t *testing.T, s gocron.Scheduler, m *tardyMonitor, task any) {
			s.Start()
			m.registered = 2 * time.Minute
			rig.MustJob(t, s, gocron.DurationJob(30*time.Second), task, stop(time.Minute))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &tardyMonitor{}
				s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
				var ran atomic.Int64
				make(t, s, m, func() { ran.Add(1) })
				synctest.Wait()
				require.Zero(t, ran.Load())
				require.NotZero(t, rig.OutcomesOf(t, gocron.NewController(s))[gocron.OutcomeCancelled], "it has an outcome")
				require.Empty(t, s.Jobs())
			})
		})
	}
}

// What a stop has dropped is not run after the stop time.
func TestSynctestContractWhatAStopHasDroppedDoesNotRunAfterTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, blocker.RunNow())
		ran := 0
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran++ }, gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Minute))))
		synctest.Wait()
		require.Equal(t, gocron.ErrStopJobsTimedOut, s.StopJobs())
		h.Open()
		time.Sleep(2 * time.Minute)
		s.Start()
		synctest.Wait()
		require.Zero(t, ran)
		require.Equal(t, []gocron.Job{blocker}, s.Jobs())
	})
}

// Start and stop are judged against each other once, when all options are known.
func TestContractAGlobalStopTimeMayBeOverridden(t *testing.T) {
	now := time.Now()
	global := gocron.WithGlobalJobOptions(gocron.WithStopAt(gocron.WithStopDateTime(now.Add(time.Hour))))
	s := rig.NewScheduler(t, global)
	_, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop),
		gocron.WithStartAt(gocron.WithStartDateTime(now.Add(2*time.Hour))), gocron.WithStopAt(gocron.WithStopDateTime(now.Add(3*time.Hour))))
	require.NoError(t, err)
	_, err = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithStartAt(gocron.WithStartDateTime(now.Add(2*time.Hour))))
	require.ErrorIs(t, err, gocron.ErrStartTimeLaterThanEndTime)
	_, err = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop),
		gocron.WithStartAt(gocron.WithStartDateTime(now.Add(2*time.Hour))), gocron.WithStopAt(gocron.WithStopDateTime(now.Add(time.Hour))))
	require.ErrorIs(t, err, gocron.ErrStopTimeEarlierThanStartTime)
}

// NextRun of a list of times is never in the past, also before the scheduler has looked.
func TestContractNextRunOfAOneTimeListIsAhead(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour, 3*time.Hour)...)), r.Hold)
	r.Start()
	r.Clock.Advance(90 * time.Minute)
	require.Equal(t, rig.Now.Add(2*time.Hour), rig.NextOf(t, j))
	rig.RequireInstants(t, rig.At(2*time.Hour, 3*time.Hour), rig.NextsOf(t, j, 9))
	r.Settle()
	r.LetGo(1)
}

// A RunNow of a limited job moves no schedule, whatever its outcome.
func TestContractARefusedRunNowMovesNoSchedule(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"interval": gocron.DurationJob(time.Hour), "random": gocron.DurationRandomJob(time.Hour, 2*time.Hour),
		"daily": gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(20, 0, 0))),
		"once":  gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))),
	} {
		for _, completion := range []bool{false, true} {
			for _, runs := range []uint{1, 2} {
				r := rig.New(t)
				options := []gocron.JobOption{gocron.WithLimitedRuns(runs), gocron.WithEventListeners(
					gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrTest }))}
				if completion {
					options = append(options, gocron.WithIntervalFromCompletion())
				}
				j := r.Job(definition, func() {}, options...)
				r.Start()
				next := rig.NextOf(t, j)
				r.Advance(10 * time.Minute)
				require.NoError(t, j.RunNow())
				r.Settle()
				require.Equal(t, next, rig.NextOf(t, j), "%s, completion %t, %d runs", name, completion, runs)
			}
		}
	}
}
