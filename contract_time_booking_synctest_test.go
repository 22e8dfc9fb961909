//go:build go1.25

package gocron

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// tardyMonitor takes its time over what it is told.
type tardyMonitor struct {
	contractMonitor
	started, registered time.Duration
}

func (m *tardyMonitor) SchedulerStarted() { time.Sleep(m.started) }
func (m *tardyMonitor) JobRegistered(Job) { time.Sleep(m.registered) }

// soonDue are definitions that are due half a second after now, noon less half a second.
func soonDue() map[string]func() JobDefinition {
	return map[string]func() JobDefinition{
		"one-time": func() JobDefinition {
			return OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second / 2)))
		},
		"daily":    func() JobDefinition { return DailyJob(1, NewAtTimes(NewAtTime(12, 0, 0))) },
		"crontab":  func() JobDefinition { return CronJob("0 12 * * *", false) },
		"interval": func() JobDefinition { return DurationJob(time.Second / 2) },
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
		for entrance, add := range map[string]func(*testing.T, Scheduler, JobDefinition, any) Job{
			"NewJob": func(t *testing.T, s Scheduler, d JobDefinition, task any) Job {
				s.Start()
				return mustJob(t, s, d, task)
			},
			"Update": func(t *testing.T, s Scheduler, d JobDefinition, task any) Job {
				s.Start()
				j, err := s.Update(mustJob(t, s, ages(), noop).ID(), d, NewTask(task))
				require.NoError(t, err)
				return j
			},
			"Start": func(t *testing.T, s Scheduler, d JobDefinition, task any) Job {
				j := mustJob(t, s, d, task)
				s.Start()
				return j
			},
		} {
			t.Run(name+" by "+entrance, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := &tardyMonitor{}
					s := newScheduler(t, WithSchedulerMonitor(m), WithLocation(time.UTC))
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
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		clock := clockwork.NewFakeClock()
		s := newScheduler(t, WithClock(clock), WithHistory(10))
		s.Start()
		for i := 0; i < 100; i++ {
			var old, renewed atomic.Int64
			j := mustJob(t, s, DurationJob(time.Minute), func() { old.Add(1) })
			once := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(clock.Now().Add(time.Second), clock.Now().Add(time.Minute))),
				func() { old.Add(1) })
			clock.Advance(time.Minute) // nobody has looked at it yet
			replace(s, j, DurationJob(time.Minute), func() { renewed.Add(1) })
			replace(s, once, DurationJob(time.Hour), func() { renewed.Add(1) })
			synctest.Wait()
			require.EqualValues(t, 3, old.Load())
			require.Zero(t, renewed.Load())
			require.NoError(t, s.RemoveJob(j.ID()))
			require.NoError(t, s.RemoveJob(once.ID()))
		}
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 300}, soundOutcomes(t, NewController(s)))
	})
}

// A job that updates others, which are due at the same time, cancels none of their runs.
func TestSynctestContractAJobMayUpdateOthersThatAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		var ran atomic.Int64
		count := NewTask(func() { ran.Add(1) })
		var others []Job
		mustJob(t, s, CronJob("* * * * *", false), func() {
			for i, j := range others {
				updated, err := s.Update(j.ID(), CronJob("* * * * *", false), count)
				require.NoError(t, err)
				others[i] = updated
			}
		})
		for i := 0; i < 300; i++ {
			j, err := s.NewJob(CronJob("* * * * *", false), count)
			require.NoError(t, err)
			others = append(others, j)
		}
		s.Start()
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		require.EqualValues(t, 3000, ran.Load())
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 3010}, soundOutcomes(t, NewController(s)))
	})
}

// More than a second after a job's stop time no run of it starts, by whatever way it came.
func TestSynctestContractNothingStartsAfterTheStopTime(t *testing.T) {
	stop := func(d time.Duration) JobOption { return WithStopAt(WithStopDateTime(time.Now().Add(d))) }
	for name, make := range map[string]func(*testing.T, Scheduler, *tardyMonitor, any){
		"start-immediately at Start": func(t *testing.T, s Scheduler, m *tardyMonitor, task any) {
			mustJob(t, s, DurationJob(time.Hour), task, stop(time.Minute), WithStartAt(WithStartImmediately()))
			time.Sleep(2 * time.Minute)
			s.Start()
		},
		"start-immediately, one-time": func(t *testing.T, s Scheduler, m *tardyMonitor, task any) {
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), task, stop(time.Minute))
			time.Sleep(2 * time.Minute)
			s.Start()
		},
		"start-immediately after a slow announcement": func(t *testing.T, s Scheduler, m *tardyMonitor, task any) {
			s.Start()
			m.registered = 2 * time.Minute
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), task, stop(time.Minute))
		},
		"RunNow during the announcement": func(t *testing.T, s Scheduler, m *tardyMonitor, task any) {
			s.Start()
			m.registered = 2 * time.Minute
			go mustJob(t, s, DurationJob(30*time.Second), task, stop(30*time.Second))
			synctest.Wait()
			require.NoError(t, s.Jobs()[0].RunNow())
			time.Sleep(2 * time.Minute)
		},
		"due before it, handed over late": func(t *testing.T, s Scheduler, m *tardyMonitor, task any) {
			s.Start()
			m.registered = 2 * time.Minute
			mustJob(t, s, DurationJob(30*time.Second), task, stop(time.Minute))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &tardyMonitor{}
				s := newScheduler(t, WithSchedulerMonitor(m))
				var ran atomic.Int64
				make(t, s, m, func() { ran.Add(1) })
				synctest.Wait()
				require.Zero(t, ran.Load())
				require.NotZero(t, soundOutcomes(t, NewController(s))[OutcomeCancelled], "it has an outcome")
				require.Empty(t, s.Jobs())
			})
		})
	}
}

// What a stop has dropped is not run after the stop time.
func TestSynctestContractWhatAStopHasDroppedDoesNotRunAfterTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		h := newHoldup(t)
		blocker := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, blocker.RunNow())
		ran := 0
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran++ }, WithStopAt(WithStopDateTime(time.Now().Add(time.Minute))))
		synctest.Wait()
		require.Equal(t, ErrStopJobsTimedOut, s.StopJobs())
		h.open()
		time.Sleep(2 * time.Minute)
		s.Start()
		synctest.Wait()
		require.Zero(t, ran)
		require.Equal(t, []Job{blocker}, s.Jobs())
	})
}

// Start and stop are judged against each other once, when all options are known.
func TestContractAGlobalStopTimeMayBeOverridden(t *testing.T) {
	now := time.Now()
	global := WithGlobalJobOptions(WithStopAt(WithStopDateTime(now.Add(time.Hour))))
	s := newScheduler(t, global)
	_, err := s.NewJob(DurationJob(time.Hour), NewTask(noop),
		WithStartAt(WithStartDateTime(now.Add(2*time.Hour))), WithStopAt(WithStopDateTime(now.Add(3*time.Hour))))
	require.NoError(t, err)
	_, err = s.NewJob(DurationJob(time.Hour), NewTask(noop), WithStartAt(WithStartDateTime(now.Add(2*time.Hour))))
	require.ErrorIs(t, err, ErrStartTimeLaterThanEndTime)
	_, err = s.NewJob(DurationJob(time.Hour), NewTask(noop),
		WithStartAt(WithStartDateTime(now.Add(2*time.Hour))), WithStopAt(WithStopDateTime(now.Add(time.Hour))))
	require.ErrorIs(t, err, ErrStopTimeEarlierThanStartTime)
}

// NextRun of a list of times is never in the past, also before the scheduler has looked.
func TestContractNextRunOfAOneTimeListIsAhead(t *testing.T) {
	r := newRig(t)
	j := r.job(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour, 3*time.Hour)...)), r.hold)
	r.start()
	r.clock.Advance(90 * time.Minute)
	require.Equal(t, rigNow.Add(2*time.Hour), nextOf(t, j))
	requireInstants(t, rigAt(2*time.Hour, 3*time.Hour), nextsOf(t, j, 9))
	r.settle()
	r.letGo(1)
}

// A RunNow of a limited job moves no schedule, whatever its outcome.
func TestContractARefusedRunNowMovesNoSchedule(t *testing.T) {
	for name, definition := range map[string]JobDefinition{
		"interval": DurationJob(time.Hour), "random": DurationRandomJob(time.Hour, 2*time.Hour),
		"daily": DailyJob(1, NewAtTimes(NewAtTime(20, 0, 0))),
		"once":  OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))),
	} {
		for _, completion := range []bool{false, true} {
			for _, runs := range []uint{1, 2} {
				r := newRig(t)
				options := []JobOption{WithLimitedRuns(runs), WithEventListeners(
					BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errContract }))}
				if completion {
					options = append(options, WithIntervalFromCompletion())
				}
				j := r.job(definition, func() {}, options...)
				r.start()
				next := nextOf(t, j)
				r.advance(10 * time.Minute)
				require.NoError(t, j.RunNow())
				r.settle()
				require.Equal(t, next, nextOf(t, j), "%s, completion %t, %d runs", name, completion, runs)
			}
		}
	}
}
