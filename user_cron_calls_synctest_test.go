//go:build go1.25

package gocron

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// cronByValue is a Cron whose copies are equal.
type cronByValue struct{ *cronFuncs }

// fullHour is the first one after at.
func fullHour(at time.Time) time.Time { return at.Truncate(time.Hour).Add(time.Hour) }

// cronJob adds a job with the Cron, and with a task that counts its runs.
func cronJob(t *testing.T, s Scheduler, c Cron) (j Job, runs *int) {
	t.Helper()
	runs = new(int)
	return mustJob(t, s, CronJob("x", false), func() { *runs++ }, WithCronImplementation(c)), runs
}

// In one bubble a job waits for the Cron of another, while outside of the bubble
// calls of other Crons begin and end.
func TestSynctestUserCronBubblesShareNothing(t *testing.T) {
	for name, crons := range map[string]func(here, outside *cronFuncs) (Cron, Cron){
		"each its own": func(here, outside *cronFuncs) (Cron, Cron) { return &cronPointer{*here}, &cronPointer{*outside} },
		"equal values": func(here, _ *cronFuncs) (Cron, Cron) { return cronByValue{here}, cronByValue{here} },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble := false // whether calls are to be slow
			slowly := func(at time.Time) time.Time {
				if inBubble {
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
				inBubble = true
				go cronJob(t, s, here)
				go cronJob(t, s, here)
				synctest.Wait()
				inBubble = false // one call sleeps, and one waits for it
				close(waits)
				require.NoError(t, <-left)
				time.Sleep(time.Second)
				synctest.Wait()
				for _, j := range s.Jobs() {
					require.Equal(t, fullHour(time.Now()), upcoming(t, j))
				}
			})
		})
	}
}

// Each Cron, when asked, adds a job with the next Cron, which is being asked
// likewise; the last one's next is the first.
func TestSynctestUserCronsThatAddJobsWithEachOther(t *testing.T) {
	for _, n := range []int{2, 3} {
		synctest.Test(t, func(t *testing.T) {
			s := newScheduler(t)
			s.Start()
			var allAsked sync.WaitGroup
			allAsked.Add(n)
			crons := make([]*cronPointer, n)
			for i := range crons {
				crons[i] = cronThatFirst(func(self *cronPointer) {
					allAsked.Done()
					allAsked.Wait()
					cronJob(t, s, crons[(slices.Index(crons, self)+1)%n])
				})
			}
			for _, c := range crons {
				go cronJob(t, s, c)
			}
			synctest.Wait()
			require.Len(t, s.Jobs(), 2*n)
			for _, j := range s.Jobs() {
				require.Equal(t, fullHour(time.Now()), upcoming(t, j))
			}
		})
	}
}

// cronThatFirst does something when it is first asked.
func cronThatFirst(do func(self *cronPointer)) *cronPointer {
	c, first := &cronPointer{}, true
	c.next = func(at time.Time) time.Time {
		if first {
			first = false
			do(c)
		}
		return fullHour(at)
	}
	return c
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
		require.Zero(t, upcoming(t, j), "the Cron has not answered")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 2, *runs)

		close(answer)
		synctest.Wait()
		require.Equal(t, time.Now().Round(0).Add(time.Hour), upcoming(t, j))
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
		require.Zero(t, upcoming(t, j), "there was no answer")
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
		require.Zero(t, upcoming(t, j))
		s.Start()
		require.Equal(t, fullHour(time.Now()), upcoming(t, j))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, *runs)
	})
}
