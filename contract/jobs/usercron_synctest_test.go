//go:build go1.25

package jobs_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// cronByValue is a Cron whose copies are equal.
type cronByValue struct{ *cronFuncs }

// fullHour is the first one after at.
func fullHour(at time.Time) time.Time { return at.Truncate(time.Hour).Add(time.Hour) }

// cronJob adds a job with the Cron, and with a task that counts its runs, of which there is one at
// a time.
func cronJob(t *testing.T, s gocron.Scheduler, c gocron.Cron) (j gocron.Job, runs *int) {
	t.Helper()
	runs = new(int)
	return rig.MustJob(t, s, gocron.CronJob("x", false), func() { *runs++ }, gocron.WithCronImplementation(c),
		gocron.WithSingletonMode(gocron.LimitModeWait)), runs
}

// In one bubble a job waits for the Cron of another, while outside of the bubble
// calls of other Crons begin and end.
func TestSynctestUserCronBubblesShareNothing(t *testing.T) {
	for name, crons := range map[string]func(here, outside *cronFuncs) (gocron.Cron, gocron.Cron){
		"each its own": func(here, outside *cronFuncs) (gocron.Cron, gocron.Cron) {
			return &cronPointer{*here}, &cronPointer{*outside}
		},
		"equal values": func(here, _ *cronFuncs) (gocron.Cron, gocron.Cron) { return cronByValue{here}, cronByValue{here} },
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
			far := rig.NewScheduler(t)
			far.Start()
			waits, left := make(chan struct{}), make(chan error, 2)
			tooLong := time.AfterFunc(rig.Patience, func() { left <- errors.New("held up by the bubble") })
			defer tooLong.Stop()
			go func() {
				<-waits
				_, err := far.NewJob(gocron.CronJob("x", false), gocron.NewTask(rig.Noop), gocron.WithCronImplementation(outside))
				left <- err
			}()
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
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
					require.Equal(t, fullHour(time.Now()), rig.NextOf(t, j))
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
		s := rig.NewScheduler(t)
		answer := make(chan struct{})
		j, runs := cronJob(t, s, sulkyCron(func() { <-answer }))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, *runs)
		require.Zero(t, rig.NextOf(t, j), "the Cron has not answered")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 2, *runs)

		close(answer)
		synctest.Wait()
		require.Equal(t, time.Now().Round(0).Add(time.Hour), rig.NextOf(t, j))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 3, *runs)
	})
}

func TestSynctestUserCronThatCallsGoexitLosesNoDueRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		j, runs := cronJob(t, s, sulkyCron(runtime.Goexit))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, *runs)
		require.Zero(t, rig.NextOf(t, j), "there was no answer")
		require.Len(t, s.Jobs(), 1)
	})
}

func TestSynctestUserCronThatIsStoppedWhileItBlocksLosesNoDueRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		answer := make(chan struct{})
		j, runs := cronJob(t, s, sulkyCron(func() { <-answer }))
		s.Start()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, gocron.ErrStopJobsTimedOut, s.StopJobs(), "the call goes on")
		require.Equal(t, 1, *runs)

		close(answer)
		require.NoError(t, s.StopJobs())
		require.Zero(t, rig.NextOf(t, j))
		s.Start()
		require.Equal(t, fullHour(time.Now()), rig.NextOf(t, j))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, *runs)
	})
}

// A Cron that takes a while to answer does not move the phase of its job.
func TestSynctestUserCronKeepsItsPhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		began := time.Now()
		var ran, announced []time.Duration
		var j gocron.Job
		c := &cronPointer{cronFuncs{next: func(at time.Time) time.Time {
			time.Sleep(time.Millisecond)
			return at.Add(20 * time.Millisecond)
		}}}
		j = rig.MustJob(t, s, gocron.CronJob("x", false), func() { ran = append(ran, time.Since(began)) }, gocron.WithCronImplementation(c))
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
		s := rig.NewScheduler(t)
		for _, slow := range []time.Duration{0, 50 * time.Millisecond, 3 * time.Second, 5 * time.Second} {
			asked := false
			c := &cronPointer{cronFuncs{next: func(at time.Time) time.Time {
				if !asked {
					asked = true
					time.Sleep(slow)
				}
				return at.Add(time.Hour)
			}}}
			rig.MustJob(t, s, gocron.CronJob("x", false), rig.Noop, gocron.WithCronImplementation(c), gocron.WithName(slow.String()))
		}
		ran := 0
		rig.MustJob(t, s, gocron.DurationJob(time.Second), func() { ran++ })
		began := time.Now()
		s.Start()
		require.Equal(t, 100*time.Millisecond, time.Since(began))
		booked := func(name string) bool {
			for _, j := range s.Jobs() {
				if j.Name() == name {
					return !rig.NextOf(t, j).IsZero()
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
			s := rig.NewScheduler(t)
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

// A Cron that names no time is refused by a running scheduler before anything has changed, and its
// job leaves at Start.
func TestSynctestUserCronThatNamesNoTime(t *testing.T) {
	none := &cronPointer{cronFuncs{next: func(time.Time) time.Time { return time.Time{} }}}
	late := &cronPointer{cronFuncs{next: func(at time.Time) time.Time { return at.Add(time.Hour) }}}
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
		s.Start()
		old, runs := cronJob(t, s, rig.HourlyCron(func() {}))
		told := len(m.Events())
		for _, refuse := range []func() error{
			func() error {
				_, err := s.NewJob(gocron.CronJob("x", false), gocron.NewTask(rig.Noop), gocron.WithCronImplementation(none))
				return err
			},
			func() error {
				_, err := s.Update(old.ID(), gocron.CronJob("x", false), gocron.NewTask(rig.Noop), gocron.WithCronImplementation(none))
				return err
			},
			func() error {
				_, err := s.Update(old.ID(), gocron.CronJob("x", false), gocron.NewTask(rig.Noop), gocron.WithCronImplementation(late),
					gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Minute))))
				return err
			},
		} {
			require.ErrorIs(t, refuse(), gocron.ErrJobNeverRuns)
		}
		require.Len(t, m.Events(), told, "nothing was announced")
		once := 0
		for _, start := range []gocron.StartAtOption{gocron.WithStartImmediately(), gocron.WithStartDateTime(time.Now().Add(time.Minute))} {
			rig.MustJob(t, s, gocron.CronJob("x", false), func() { once++ }, gocron.WithCronImplementation(none), gocron.WithStartAt(start))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, once, "a start gives the job a run")
		require.Equal(t, 1, *runs, "the old job goes on")
	})
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		cronJob(t, s, none)
		require.Len(t, s.Jobs(), 1, "before Start it is not asked")
		s.Start()
		require.Empty(t, s.Jobs())
	})
}

// A run that its own Cron asks for and waits for comes.
func TestSynctestUserCronThatRunsItsOwnJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		var j gocron.Job
		var outcomes []gocron.Outcome
		asked := 0
		c := &cronPointer{}
		c.next = func(at time.Time) time.Time {
			if asked++; asked == 2 {
				info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
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
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded}, outcomes)
		require.Equal(t, 2, *runs)
		require.False(t, rig.NextOf(t, j).IsZero())
	})
}

// cronFuncs is a Cron that cannot be compared.
type cronFuncs struct {
	isValid func(string, *time.Location, time.Time) error
	next    func(time.Time) time.Time
}

func (c cronFuncs) IsValid(crontab string, location *time.Location, now time.Time) error {
	if c.isValid == nil {
		return nil
	}
	return c.isValid(crontab, location, now)
}

func (c cronFuncs) Next(lastRun time.Time) time.Time { return c.next(lastRun) }

// cronPointer is one that can.
type cronPointer struct{ cronFuncs }
