//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// cronByValue is a Cron whose copies are equal.
type cronByValue struct{ *cronFuncs }

// fullHour is the first one after at.
func fullHour(at time.Time) time.Time { return at.Truncate(time.Hour).Add(time.Hour) }

// cronJob adds a job with the Cron, and with a task that counts its runs, of which there is one at a
// time.
func cronJob(t *testing.T, s Scheduler, c Cron) (j Job, runs *int) {
	t.Helper()
	runs = new(int)
	return mustJob(t, s, CronJob("x", false), func() { *runs++ }, WithCronImplementation(c),
		WithSingletonMode(LimitModeWait)), runs
}

// In one bubble a job waits for the Cron of another, while outside of the bubble
// calls of other Crons begin and end.
func TestSynctestUserCronBubblesShareNothing(t *testing.T) {
	for name, crons := range map[string]func(here, outside *cronFuncs) (Cron, Cron){
		"each its own": func(here, outside *cronFuncs) (Cron, Cron) { return &cronPointer{*here}, &cronPointer{*outside} },
		"equal values": func(here, _ *cronFuncs) (Cron, Cron) { return cronByValue{here}, cronByValue{here} },
	} {
		t.Run(name, func(t *testing.T) {
			var inBubble atomic.Bool // whether calls are to be slow
			slowly := func(at time.Time) time.Time {
				if inBubble.Load() {
					time.Sleep(time.Second)
				}
				return fullHour(at)
			}
			here, outside := crons(&cronFuncs{next: slowly}, &cronFuncs{next: fullHour})
			far := newScheduler(t)
			far.Start()
			waits, left := make(chan struct{}), make(chan error, 2)
			tooLong := time.AfterFunc(rigPatience, func() { left <- errors.New("held up by the bubble") })
			defer tooLong.Stop()
			go func() {
				<-waits
				_, err := far.NewJob(CronJob("x", false), NewTask(noop), WithCronImplementation(outside))
				left <- err
			}()
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t)
				s.Start()
				inBubble.Store(true)
				go cronJob(t, s, here)
				go cronJob(t, s, here)
				synctest.Wait()
				inBubble.Store(false) // one call sleeps, and one waits for it
				close(waits)
				require.NoError(t, <-left)
				time.Sleep(time.Second)
				synctest.Wait()
				for _, j := range s.Jobs() {
					require.Equal(t, fullHour(time.Now()), nextOf(t, j))
				}
			})
		})
	}
}

// sulkyCron answers the next full hour; from the second time on it does
// something else before.
func sulkyCron(before func()) *cronPointer {
	asked := 0
	return &cronPointer{cronFuncs{next: func(at time.Time) time.Time {
		if asked++; asked > 1 {
			before()
		}
		return fullHour(at)
	}}}
}

func TestSynctestUserCronThatBlocksHoldsUpNoDueRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		answer := make(chan struct{})
		j, runs := cronJob(t, s, sulkyCron(func() { <-answer }))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, *runs)
		require.Zero(t, nextOf(t, j), "the Cron has not answered")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 2, *runs)

		close(answer)
		synctest.Wait()
		require.Equal(t, time.Now().Round(0).Add(time.Hour), nextOf(t, j))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 3, *runs)
	})
}

func TestSynctestUserCronThatCallsGoexitLosesNoDueRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		j, runs := cronJob(t, s, sulkyCron(runtime.Goexit))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, *runs)
		require.Zero(t, nextOf(t, j), "there was no answer")
		require.Len(t, s.Jobs(), 1)
	})
}

func TestSynctestUserCronThatIsStoppedWhileItBlocksLosesNoDueRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		answer := make(chan struct{})
		j, runs := cronJob(t, s, sulkyCron(func() { <-answer }))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, ErrStopJobsTimedOut, s.StopJobs(), "the call goes on")
		require.Equal(t, 1, *runs)

		close(answer)
		require.NoError(t, s.StopJobs())
		require.Zero(t, nextOf(t, j))
		s.Start()
		require.Equal(t, fullHour(time.Now()), nextOf(t, j))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, *runs)
	})
}

// A Cron that takes a while to answer does not move the phase of its job.
func TestSynctestUserCronKeepsItsPhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		began := time.Now()
		var ran, announced []time.Duration
		var j Job
		c := &cronPointer{cronFuncs{next: func(at time.Time) time.Time {
			time.Sleep(time.Millisecond)
			return at.Add(20 * time.Millisecond)
		}}}
		j = mustJob(t, s, CronJob("x", false), func() { ran = append(ran, time.Since(began)) }, WithCronImplementation(c))
		s.Start()
		next, err := j.NextRuns(100)
		require.NoError(t, err)
		for _, at := range next {
			announced = append(announced, at.Sub(began))
		}
		time.Sleep(2*time.Second + time.Millisecond - time.Since(began))
		synctest.Wait()
		require.Len(t, ran, 100)
		for i, at := range announced {
			require.Equal(t, time.Duration(i+1)*20*time.Millisecond, at)
			require.GreaterOrEqual(t, ran[i], at)
			require.Less(t, ran[i], at+20*time.Millisecond)
		}
	})
}

// Start asks Crons side by side, and waits for them for a tenth of a second at most.
func TestSynctestUserCronsThatAreSlowAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		for _, slow := range []time.Duration{0, 50 * time.Millisecond, 3 * time.Second, 5 * time.Second} {
			asked := false
			c := &cronPointer{cronFuncs{next: func(at time.Time) time.Time {
				if !asked {
					asked = true
					time.Sleep(slow)
				}
				return at.Add(time.Hour)
			}}}
			mustJob(t, s, CronJob("x", false), noop, WithCronImplementation(c), WithName(slow.String()))
		}
		ran := 0
		mustJob(t, s, DurationJob(time.Second), func() { ran++ })
		began := time.Now()
		s.Start()
		require.Equal(t, 100*time.Millisecond, time.Since(began))
		booked := func(name string) bool {
			for _, j := range s.Jobs() {
				if j.Name() == name {
					return !nextOf(t, j).IsZero()
				}
			}
			return false
		}
		require.Equal(t, []bool{true, true, false, false}, []bool{booked("0s"), booked("50ms"), booked("3s"), booked("5s")})
		time.Sleep(3*time.Second + time.Second/2)
		require.Equal(t, []bool{true, false}, []bool{booked("3s"), booked("5s")})
		require.Equal(t, 3, ran)
	})
}

// A Cron that is slow when its job is added, or at Start, does not make the job miss its time.
func TestSynctestUserCronThatIsSlowLosesNoRun(t *testing.T) {
	for _, running := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newScheduler(t)
			if running {
				s.Start()
			}
			due, asked := time.Now().Add(time.Second), false
			c := &cronPointer{cronFuncs{next: func(at time.Time) time.Time {
				if !asked {
					asked = true
					time.Sleep(2 * time.Second)
				}
				if at.Before(due) {
					return due
				}
				return at.Add(time.Hour)
			}}}
			_, runs := cronJob(t, s, c)
			s.Start()
			time.Sleep(3 * time.Second)
			synctest.Wait()
			require.Equal(t, 1, *runs)
		})
	}
}

// A Cron that names no time is refused by a running scheduler before anything has changed, and its job
// leaves at Start.
func TestSynctestUserCronThatNamesNoTime(t *testing.T) {
	none := &cronPointer{cronFuncs{next: func(time.Time) time.Time { return time.Time{} }}}
	late := &cronPointer{cronFuncs{next: func(at time.Time) time.Time { return at.Add(time.Hour) }}}
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithSchedulerMonitor(m))
		s.Start()
		old, runs := cronJob(t, s, hourlyCron(func() {}))
		told := len(m.events())
		for _, refuse := range []func() error{
			func() error {
				_, err := s.NewJob(CronJob("x", false), NewTask(noop), WithCronImplementation(none))
				return err
			},
			func() error {
				_, err := s.Update(old.ID(), CronJob("x", false), NewTask(noop), WithCronImplementation(none))
				return err
			},
			func() error {
				_, err := s.Update(old.ID(), CronJob("x", false), NewTask(noop), WithCronImplementation(late),
					WithStopAt(WithStopDateTime(time.Now().Add(time.Minute))))
				return err
			},
		} {
			require.ErrorIs(t, refuse(), ErrJobNeverRuns)
		}
		require.Len(t, m.events(), told, "nothing was announced")
		once := 0
		for _, start := range []StartAtOption{WithStartImmediately(), WithStartDateTime(time.Now().Add(time.Minute))} {
			mustJob(t, s, CronJob("x", false), func() { once++ }, WithCronImplementation(none), WithStartAt(start))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, once, "a start gives the job a run")
		require.Equal(t, 1, *runs, "the old job goes on")
	})
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		cronJob(t, s, none)
		require.Len(t, s.Jobs(), 1, "before Start it is not asked")
		s.Start()
		require.Empty(t, s.Jobs())
	})
}

// A run that its own Cron asks for and waits for comes.
func TestSynctestUserCronThatRunsItsOwnJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		var j Job
		var outcomes []Outcome
		asked := 0
		c := &cronPointer{}
		c.next = func(at time.Time) time.Time {
			if asked++; asked == 2 {
				info, err := NewController(s).RunAndWait(context.Background(), j.ID())
				require.NoError(t, err)
				outcomes = append(outcomes, info.Outcome)
			}
			return at.Add(time.Hour)
		}
		var runs *int
		j, runs = cronJob(t, s, c)
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeSucceeded}, outcomes)
		require.Equal(t, 2, *runs)
		require.False(t, nextOf(t, j).IsZero())
	})
}
